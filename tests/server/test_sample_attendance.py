"""The log of a real office, where it lies beside the project: every row imports once, and each day's recap is what a
computation of this test's own makes of the raw rows. None of the log is kept here."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from engines.places import Place
from house.tree import ROOT
from lontara_server.services.attendance_import import import_punches
from lontara_server.services.attendance_pins import import_pins
from lontara_server.services.calendars import CalendarDraft, set_calendar
from lontara_server.services.import_runs import SourceFile
from lontara_server.storage import attendance as store
from lontara_server.storage.attendance import DayRow
from lontara_server.storage.engine import transaction
from server.ready import NOW, ready_server

LOG = ROOT.parent / "shared" / "data" / "bps_ntb_attendance_log.csv"
ORG = 1
FIRST, LAST = date(2018, 5, 20), date(2018, 5, 26)
ENDS = date(2018, 5, 25)
START, END = 7 * 3600 + 30 * 60, 16 * 3600
HOUR = 3600

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the sample log is not beside the project")


@dataclass(frozen=True)
class RawPunch:
    """A row of the log: seconds since its person's first midnight, and the button."""

    day: int
    second: int
    button: int
    text: str


def raw_log(path: Path) -> dict[str, list[RawPunch]]:
    people: dict[str, list[RawPunch]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            hour, minute, second = map(int, row["time"].split(":"))
            day = date.fromisoformat(row["date"]).toordinal()
            punch = RawPunch(day, hour * HOUR + minute * 60 + second, int(row["button"]), f"{row['date']} {row['time']}")
            people.setdefault(row["person"], []).append(punch)
    return people


def nip_of(number: int) -> str:
    return f"19800101200501{1 + number % 2}{number:03}"


@pytest.fixture
def office(place: Place) -> Iterator[Engine]:
    """Invented people behind the log's pseudonyms, with their PINs and the hours of an office."""
    names = sorted(raw_log(LOG))
    rows = "".join(f"{nip_of(at)},Pegawai Contoh {at},KEC-01,Kantor,,\n" for at, _ in enumerate(names))
    engine = ready_server(place, "nip,full_name,unit_code,unit_name,supervisor_nip,position\n" + rows)
    pins = "pin,nip\n" + "".join(f"{name},{nip_of(at)}\n" for at, name in enumerate(names))
    with transaction(engine) as connection:
        hours = dict.fromkeys(range(1, 6), ("07:30", "16:00"))
        set_calendar(connection, ORG, CalendarDraft(date(2018, 1, 1), 5, hours), by="admin", now_ms=NOW)
        import_pins(connection, ORG, SourceFile(pins.encode(), "pin.csv"), by="admin", now_ms=NOW)
    yield engine
    engine.dispose()


def imported(connection: Connection) -> dict[str, int]:
    file = SourceFile(LOG.read_bytes(), LOG.name)
    done = import_punches(connection, ORG, file, "csv", by="admin", now_ms=NOW).document()
    return {name: done[name] for name in ("rows", "new", "unchanged", "refused")}


def computed(punches: list[RawPunch]) -> dict[int, tuple[str | None, str | None, int, int]]:
    """One person's days: first arrival, last leaving, minutes late and early; by the rules as the guide tells them."""
    by_day: dict[int, list[RawPunch]] = {}
    come: RawPunch | None = None
    for punch in sorted(punches, key=lambda each: (each.day, each.second, each.button)):
        day = punch.day
        if punch.button in (1, 5):
            is_next_morning = come is not None and come.day + 1 == punch.day and punch.second < 12 * HOUR
            if come is not None and is_next_morning and 24 * HOUR + punch.second - come.second <= 20 * HOUR:
                day = come.day
            come = None
        elif punch.button in (0, 4) and (come is None or come.day != punch.day):
            come = punch
        by_day.setdefault(day, []).append(punch)
    return {day: computed_day(day, theirs) for day, theirs in by_day.items()}


def computed_day(day: int, punches: list[RawPunch]) -> tuple[str | None, str | None, int, int]:
    middle = (START + END) // 2

    def clock(punch: RawPunch) -> int:
        return (punch.day - day) * 24 * HOUR + punch.second

    outs = [each for each in punches if each.button in (1, 5)]
    ins = [
        each
        for each in punches
        if each.button == 0
        and clock(each) < END
        and not (clock(each) >= middle and any(abs(clock(out) - clock(each)) <= 60 for out in outs))
    ] or [each for each in punches if each.button == 4 and clock(each) < middle]
    first = min(ins, key=clock, default=None)
    leaving = [
        each
        for each in outs
        if first is None
        or (clock(each) >= clock(first) and not (clock(each) < middle and clock(each) - clock(first) <= 60))
    ]
    last_times = [clock(each) for each in leaving if each.button == 1] or [
        clock(each) for each in leaving if each.button == 5 and clock(each) >= middle
    ]
    # Of a double press the first one counts.
    last = max(last_times, default=None)
    while last is not None and any(0 < last - each <= 60 for each in last_times):
        last = max(each for each in last_times if each < last)
    text = {clock(each): each.text for each in punches}
    return (
        None if first is None else first.text,
        None if last is None else text[last],
        0 if first is None else max(0, clock(first) - START) // 60,
        0 if last is None else max(0, END - last) // 60,
    )


def told(row: DayRow) -> tuple[str | None, str | None, int, int]:
    return row.first_in, row.last_out, row.late_minutes, row.early_leave_minutes


def test_every_row_of_the_log_is_taken_in_once(office: Engine) -> None:
    with transaction(office) as connection:
        first, second = imported(connection), imported(connection)

    assert first == {"rows": 973, "new": 973, "unchanged": 0, "refused": 0}
    assert second == {"rows": 973, "new": 0, "unchanged": 973, "refused": 0}


def test_each_day_of_the_log_is_what_its_rows_say(office: Engine) -> None:
    with transaction(office) as connection:
        imported(connection)

        owners = {employee: pin for pin, employee in store.pins_of(connection, ORG).items()}
        stored = store.days_of(connection, ORG, list(owners), FIRST, LAST)

    found = {(owners[employee], day.toordinal()): told(row) for (employee, day), row in stored.items()}
    wanted = {(person, day): each for person, raw in raw_log(LOG).items() for day, each in computed(raw).items()}
    assert len(wanted) > 340
    assert {key: (found.get(key), each) for key, each in wanted.items() if found.get(key) != each} == {}
    assert set(found) == set(wanted)
    assert {row.status for row in stored.values()} == {"present"}
    assert all(row.has_check_in == (row.first_in is not None) for row in stored.values())
    # The log ends while people are still at work: of its last day no check-out is known to be missing.
    assert all(row.has_check_out == (row.last_out is not None or row.day == ENDS) for row in stored.values())


def test_a_log_that_comes_in_late_batches_and_out_of_order_makes_the_same_days(office: Engine) -> None:
    header, *rows = LOG.read_text(encoding="utf-8").splitlines()
    batches = [rows[at::3] for at in (2, 0, 1)]
    with transaction(office) as connection:
        imported(connection)
        whole = store.days_of(connection, ORG, list(store.pins_of(connection, ORG).values()), FIRST, LAST)

    with transaction(office) as connection:
        connection.exec_driver_sql("DELETE FROM attendance_day WHERE org_id = 1")
        connection.exec_driver_sql("DELETE FROM attendance_punch WHERE org_id = 1")
        for at, batch in enumerate(batches):
            file = SourceFile("\n".join([header, *batch]).encode(), f"batch-{at}.csv")
            import_punches(connection, ORG, file, "csv", by="admin", now_ms=NOW + at)
        in_batches = store.days_of(connection, ORG, list(store.pins_of(connection, ORG).values()), FIRST, LAST)

    assert in_batches == whole

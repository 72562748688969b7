"""What people say of days, and closing a day: who may, what it makes of the recap, and that no feed is no absence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, select

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.services.assessors import Officer
from lontara_server.services.attendance import DayStatus, clear_day, close_day, set_days
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.people import Transfer as Told
from lontara_server.services.people import employee_named, transfer
from lontara_server.services.periods import lock_period
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import AttendanceGiven, Audit
from server.attendance_office import (
    ADMIN,
    MONDAY,
    NOW,
    ORG,
    PIN,
    attlog,
    days_in,
    dirty_months,
    open_office,
    pressed,
    set_hours,
    take_in,
    worker_of,
)
from server.ready import CHIEF, WORKER, ready_server

DAY = MONDAY.isoformat()
ABSENT = ("absent_unexcused", None, None, 0, 0)


def said(connection: Connection, status: str = "leave", officer: Officer = ADMIN, **changed: Any) -> int:
    told: dict[str, Any] = {"first": MONDAY, "last": MONDAY, "reason": "Surat 12/2026"} | changed
    return set_days(connection, ORG, worker_of(connection), DayStatus(status=status, **told), officer, NOW)


def status_on(connection: Connection, day: str = DAY) -> str | None:
    found = days_in(connection).get(day)
    return None if found is None else str(found[0])


def chief_pressed(connection: Connection, *lines: str) -> None:
    """The chief has PIN 5 on the same machine."""
    set_pin(connection, ORG, "5", employee_named(connection, ORG, CHIEF), by="tester", now_ms=NOW)
    take_in(connection, attlog(*lines))


def test_leave_that_is_given_makes_a_recap_and_marks_the_score(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        written = said(connection)

        assert (written, status_on(connection), dirty_months(connection)) == (1, "leave", ["2026-11"])
        assert list(connection.scalars(select(Audit.action)))[-1] == "attendance.set"


def test_the_same_said_again_changes_nothing(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        said(connection)

        assert said(connection) == 0


def test_of_several_days_only_workdays_are_written(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        written = said(connection, "official_travel", first=date(2026, 11, 5), last=date(2026, 11, 10))

        assert written == 4
        assert sorted(days_in(connection)) == ["2026-11-05", "2026-11-06", "2026-11-09", "2026-11-10"]


def test_what_is_given_stands_beside_the_punches_and_taking_it_back_brings_them_back(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:41:10 0", "16:02:00 1")))
        said(connection, "official_travel")
        given = days_in(connection)[DAY]

        cleared = clear_day(connection, ORG, worker_of(connection), MONDAY, "salah orang", ADMIN, NOW)

        assert given[:3] == ("official_travel", "07:41:10", "16:02:00")
        assert cleared
        assert days_in(connection)[DAY] == ("present", "07:41:10", "16:02:00", 11, 0, True, True)
        assert not clear_day(connection, ORG, worker_of(connection), MONDAY, "lagi", ADMIN, NOW)


def test_a_correction_takes_the_place_of_what_the_machine_says(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "09:00:00 0")))

        said(connection, "present", late_minutes=10)

        assert days_in(connection)[DAY] == ("present", "09:00:00", None, 10, 0, True, True)


def test_who_supervised_on_the_day_may_say_it_and_nobody_of_their_own(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        chief = employee_named(connection, ORG, CHIEF)
        said(connection, officer=Officer("chief", chief.id, is_admin=False))
        for officer in (
            Officer("worker", worker_of(connection).id, is_admin=False),
            Officer("worker", worker_of(connection).id, is_admin=True),
            Officer("other", None, is_admin=False),
        ):
            with pytest.raises(Problem) as refused:
                said(connection, "sick", officer)

            assert refused.value.code == "not_permitted"
        assert status_on(connection) == "leave"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"status": "closed"}, "status"),
        ({"status": "holiday"}, "status"),
        ({"last": date(2026, 11, 1)}, "date"),
        ({"last": date(2027, 3, 1)}, "date"),
        ({"first": date(2028, 1, 3), "last": date(2028, 1, 3)}, "date"),
        ({"status": "present", "first": date(2026, 11, 25), "last": date(2026, 11, 25)}, "date"),
        ({"status": "leave", "late_minutes": 5}, "late_minutes"),
        ({"status": "present", "late_minutes": -1}, "late_minutes"),
        ({"status": "present", "early_leave_minutes": 1440}, "late_minutes"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": " \n"}, "reason"),
    ],
)
def test_what_cannot_be_said_of_a_day_is_refused_and_names_the_field(
    place: Place, changed: dict[str, Any], field: str
) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            said(connection, **changed)

        assert refused.value.code in ("invalid_field", "missing_field")
        assert (refused.value.facts["field"], days_in(connection)) == (field, {})


def test_leave_may_be_given_ahead(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        assert said(connection, first=date(2026, 12, 7), last=date(2026, 12, 7)) == 1


def test_a_day_of_a_locked_month_is_not_changed_by_hand(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        lock_period(connection, ORG, "2026-10", by="tester", now_ms=NOW)

        with pytest.raises(Problem) as refused:
            said(connection, first=date(2026, 10, 5), last=date(2026, 10, 5))

        assert refused.value.code == "state_not_allowed"


def test_closing_a_day_makes_absent_who_was_not_at_a_machine_that_told_of_it(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed("2026-11-03", "07:20:00 0")))
        chief_pressed(connection, f"5 {DAY} 07:20:00 0")

        done = close_day(connection, ORG, MONDAY, by="tester", now_ms=NOW)

        assert (done.absent, done.present, done.without_feed) == ([WORKER], 1, [])
        with_worker = connection.execute(select(AttendanceGiven.status, AttendanceGiven.by)).all()
        assert [tuple(row) for row in with_worker] == [("closed", "tester")]
        assert close_day(connection, ORG, MONDAY, by="tester", now_ms=NOW).absent == []


def test_a_punch_that_comes_after_the_day_was_closed_takes_the_absence_s_place(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed("2026-11-03", "07:20:00 0")))
        chief_pressed(connection, f"5 {DAY} 07:20:00 0")
        close_day(connection, ORG, MONDAY, by="tester", now_ms=NOW)

        take_in(connection, attlog(*pressed(DAY, "07:20:00 0", "16:00:00 1")))

        assert days_in(connection)[DAY] == ("present", "07:20:00", "16:00:00", 0, 0, True, True)


def test_nobody_is_absent_of_whom_no_machine_tells(place: Place) -> None:
    """The worker's machine told nothing of the day: another machine did. The chief has no PIN."""
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed("2026-11-03", "07:20:00 0")))
        other = attlog(f"77 {DAY} 07:20:00 0")
        take_in(connection, type(other)(other.content.replace(b"\t1\t0\t", b"\t2\t0\t"), other.name))

        done = close_day(connection, ORG, MONDAY, by="tester", now_ms=NOW)

        assert (done.absent, done.without_feed, done.without_pin) == ([], [WORKER], [CHIEF])
        assert status_on(connection) is None


def test_a_dry_run_of_closing_names_who_would_be_absent_and_writes_nothing(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed("2026-11-03", "07:20:00 0")))
        chief_pressed(connection, f"5 {DAY} 07:20:00 0")

        done = close_day(connection, ORG, MONDAY, by="tester", now_ms=NOW, dry_run=True)

        assert done.absent == [WORKER]
        assert connection.execute(select(AttendanceGiven.status)).all() == []


def test_a_day_off_is_closed_without_anybody_absent(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        chief_pressed(connection, "5 2026-11-01 07:20:00 0")

        done = close_day(connection, ORG, date(2026, 11, 1), by="tester", now_ms=NOW)

        assert (done.absent, done.days_off) == ([], 2)


def test_today_is_not_closed_yet(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            close_day(connection, ORG, date(2026, 11, 24), by="tester", now_ms=NOW)

        assert refused.value.facts["field"] == "date"


def test_no_day_is_closed_while_no_calendar_says_who_should_be_there(place: Place) -> None:
    with transaction(ready_server(place)) as connection:
        with pytest.raises(Problem) as refused:
            close_day(connection, ORG, MONDAY, by="tester", now_ms=NOW)

        assert refused.value.code == "state_not_allowed"


def test_a_transfer_to_a_unit_with_other_hours_makes_the_days_since_anew(place: Place) -> None:
    people = f"nip,full_name,unit_code,unit_name\n{WORKER},Ambo Upe Lamaru,KEC-01,Umum\n{CHIEF},Andi,KEC-09,Jaga\n"
    with transaction(ready_server(place, people)) as connection:
        set_hours(connection)
        set_hours(connection, unit_code="KEC-09", hours=dict.fromkeys(range(1, 6), ("08:30", "16:00")))
        set_pin(connection, ORG, PIN, worker_of(connection), by="tester", now_ms=NOW)
        take_in(connection, attlog(*pressed(DAY, "08:00:00 0"), *pressed("2026-11-03", "08:00:00 0")))

        transfer(connection, ORG, WORKER, Told("KEC-09", valid_from=date(2026, 11, 3)), by="tester", now_ms=NOW)

        assert {day: row[3] for day, row in days_in(connection).items()} == {DAY: 30, "2026-11-03": 0}

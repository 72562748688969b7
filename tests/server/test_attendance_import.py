"""Punches taken in: each once, whatever came before; the recaps of their days; PINs that are nobody's."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import Connection, select

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.services.attendance_pins import import_pins, list_pins, set_pin
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.mappings import save_preset
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import AttendancePunch, ImportRun
from server.attendance_office import (
    NOW,
    ORG,
    PIN,
    attlog,
    days_in,
    dirty_months,
    open_office,
    pressed,
    punch_count,
    take_in,
    worker_of,
)
from server.ready import CHIEF, WORKER

DAY = "2026-11-02"
PRESENT = {DAY: ("present", "07:41:10", "16:02:00", 11, 0, True, True)}


def test_a_log_becomes_a_recap_and_a_second_time_nothing(place: Place) -> None:
    file = attlog(*pressed(DAY, "07:41:10 0", "16:02:00 1"))
    with transaction(open_office(place)) as connection:
        first = take_in(connection, file)

        second = take_in(connection, file)

        assert days_in(connection) == PRESENT
        assert (first.new, first.unchanged, first.days_changed) == (2, 0, 1)
        assert (second.new, second.unchanged, second.days_changed, second.same_file_before) == (0, 2, 0, True)
        assert len(connection.execute(select(ImportRun.id).where(ImportRun.kind == "attendance")).all()) == 1
        assert dirty_months(connection) == ["2026-11"]


def test_a_dry_run_says_the_same_and_writes_nothing(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        done = take_in(connection, attlog(*pressed(DAY, "07:41:10 0")), dry_run=True)

        assert done.new == 1
        assert (punch_count(connection), days_in(connection)) == (0, {})


def test_batches_that_come_late_and_in_any_order_make_the_same_recap(place: Place) -> None:
    presses = pressed(DAY, "07:41:10 0", "07:41:40 0", "12:05:00 2", "16:02:00 1")
    engine = open_office(place)
    seen = []
    for order in itertools.permutations(presses):
        with transaction(engine) as connection:
            for line in order:
                take_in(connection, attlog(line))
            seen.append(days_in(connection))
            connection.rollback()

    assert seen == [PRESENT] * len(seen)
    assert len(seen) == 24


def test_a_double_press_counts_once_in_the_recap_and_stays_in_the_log(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:41:10 0", "07:41:50 0", "16:02:00 1", "16:02:00 1")))

        assert days_in(connection) == PRESENT
        assert punch_count(connection) == 3


def test_a_check_out_that_is_missing_is_told_as_missing_once_the_machine_has_told_of_a_later_day(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:30:59 0")))
        at_noon = days_in(connection)

        take_in(connection, attlog("77 2026-11-03 07:10:00 0"))

        assert at_noon == {DAY: ("present", "07:30:59", None, 0, 0, True, True)}
        assert days_in(connection) == {DAY: ("present", "07:30:59", None, 0, 0, True, False)}


def test_another_machine_that_has_told_of_a_later_day_says_nothing_of_this_ones_check_outs(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:30:59 0")))

        take_in(connection, attlog("77 2026-11-03 07:10:00 0", machine=2))

        assert days_in(connection)[DAY][-1] is True


def test_days_that_come_out_of_order_are_told_by_what_is_known_in_the_end(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog("77 2026-11-03 07:10:00 0"))
        take_in(connection, attlog(*pressed(DAY, "07:30:59 0")))
        take_in(connection, attlog(*pressed("2026-11-04", "07:20:00 0")))

        found = days_in(connection)

    assert (found[DAY][-1], found["2026-11-04"][-1]) == (False, True)


def test_a_check_out_after_midnight_belongs_to_the_day_on_which_work_began(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:20:00 0"), f"{PIN} 2026-11-03 00:40:00 5"))

        assert days_in(connection) == {DAY: ("present", "07:20:00", "00:40:00", 0, 0, True, True)}


def test_a_day_without_punches_has_no_recap(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:20:00 0"), *pressed("2026-11-04", "07:20:00 0")))

        assert sorted(days_in(connection)) == [DAY, "2026-11-04"]


def test_a_pin_that_is_nobody_s_is_kept_and_told_and_counts_once_it_is_somebody_s(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        done = take_in(connection, attlog("88 2026-11-02 07:41:10 0", "88 2026-11-02 16:02:00 1"))
        before = (days_in(connection), list_pins(connection, ORG, unmapped_only=True))

        changed = set_pin(connection, ORG, "0088", worker_of(connection), by="tester", now_ms=NOW)

        assert done.unmapped_pins == {"88": 2}
        assert before == (
            {},
            [{"pin": "88", "nip": None, "full_name": None, "punches": 2, "last_punch_at": "2026-11-02 16:02:00"}],
        )
        assert (changed, days_in(connection)) == (1, PRESENT)
        assert list_pins(connection, ORG, unmapped_only=True) == []


def test_a_pin_that_becomes_another_person_s_takes_its_days_along(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:41:10 0", "16:02:00 1")))
        chief = employee_named(connection, ORG, CHIEF)

        changed = set_pin(connection, ORG, PIN, chief, by="tester", now_ms=NOW)

        assert (changed, days_in(connection), days_in(connection, CHIEF)) == (2, {}, PRESENT)


def test_pins_are_imported_twice_and_there_once(place: Place) -> None:
    file = SourceFile(f"No ID;NIP Baru\n88;{WORKER}\n0089;'{CHIEF}\n".encode(), "pin.csv")
    with transaction(open_office(place)) as connection:
        first = import_pins(connection, ORG, file, by="tester", now_ms=NOW)

        second = import_pins(connection, ORG, file, by="tester", now_ms=NOW)

        assert (first.added, second.added, second.unchanged) == (2, 0, 2)
        assert {row["pin"]: row["nip"] for row in list_pins(connection, ORG)} == {PIN: WORKER, "88": WORKER, "89": CHIEF}


@pytest.mark.parametrize(
    ("row", "column"), [(f",{WORKER}", "pin"), ("88,123", "nip"), ("88,190001011900010001", "nip"), (f"7,{CHIEF}", "pin")]
)
def test_a_file_of_pins_with_a_fault_is_refused_whole_and_names_the_cell(place: Place, row: str, column: str) -> None:
    file = SourceFile(f"pin,nip\n7,{WORKER}\n{row}\n".encode(), "pin.csv")
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            import_pins(connection, ORG, file, by="tester", now_ms=NOW)

        error = refused.value.facts["errors"][0]
        assert (refused.value.code, error["row"], error["column"]) == ("import_refused", 3, column)
        assert len(list_pins(connection, ORG)) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"PIN,Waktu,Status\n{PIN},2026-11-02 07:41:10,0\n{PIN},2026-11-02 16:02:00,1\n",
        f"person;date;time;button\n{PIN};2026-11-02;07:41:10;0\n{PIN};2026-11-02;16:02:00;1\n",
        f"No. ID;Tgl;Jam;State\n{PIN};02-11-2026;07.41.10;C/In\n{PIN};02-11-2026;16.02.00;C/Out\n",
        f"NIP,Nama,Tanggal,Jam Masuk,Jam Pulang\n{WORKER},Ambo,2026-11-02,07:41:10,16:02:00\n",
    ],
)
def test_a_csv_is_read_by_the_names_of_its_columns(place: Place, text: str) -> None:
    with transaction(open_office(place)) as connection:
        done = take_in(connection, SourceFile(text.encode(), "presensi.csv"), "csv")

        assert (done.new, done.errors, done.unmapped_pins) == (2, [], {})
        assert days_in(connection) == PRESENT


def test_a_nip_of_a_csv_that_is_nobody_s_is_told_by_its_row(place: Place) -> None:
    text = f"nip,waktu,status\n190001011900010001,2026-11-02 07:41:10,0\n{WORKER},2026-11-02 07:41:10,0\n"
    with transaction(open_office(place)) as connection:
        done = take_in(connection, SourceFile(text.encode(), "presensi.csv"), "csv")

        assert [(each.row, each.column) for each in done.errors] == [(2, "nip")]
        assert (done.rows, done.new, done.refused) == (2, 1, 1)


def test_a_saved_mapping_tells_the_order_of_columns(place: Place) -> None:
    file = SourceFile(f"0\t{PIN}\t2026-11-02 07:41:10\n1\t{PIN}\t2026-11-02 16:02:00\n".encode(), "attlog.dat")
    columns = {"status": "1", "pin": "2", "at": "3"}
    with transaction(open_office(place)) as connection:
        save_preset(connection, ORG, "attlog", "lobi", columns, by="tester", now_ms=NOW)

        take_in(connection, file, mapping="lobi")

        assert days_in(connection) == PRESENT


def test_a_file_without_a_single_punch_is_refused_and_names_the_order_of_columns(place: Place) -> None:
    file = SourceFile(f"0\t{PIN}\t2026-11-02 07:41:10\n".encode(), "attlog.dat")
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            take_in(connection, file)

        assert refused.value.code == "import_refused"
        assert "--columns" in refused.value.next_step


@pytest.mark.parametrize(("header", "missing"), [("pin,status", "at"), ("waktu,status", "pin"), ("pin,waktu", "status")])
def test_a_csv_that_lacks_a_column_is_refused_and_names_it(place: Place, header: str, missing: str) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            take_in(connection, SourceFile(f"{header}\n1,2\n".encode(), "presensi.csv"), "csv")

        assert refused.value.facts["missing_columns"] == [missing]


def test_a_punch_names_the_import_that_brought_it(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:41:10 0")))

        assert _runs_of_punches(connection) == {connection.scalar(select(ImportRun.id).where(ImportRun.kind == "attendance"))}


def _runs_of_punches(connection: Connection) -> set[Any]:
    return set(connection.scalars(select(AttendancePunch.import_run).where(AttendancePunch.org_id == ORG)))

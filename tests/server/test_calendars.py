"""Working calendars and holidays: from when they hold, of whom, and that recaps and scores follow."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.calendars import hours_typed, list_calendars
from lontara_server.services.holidays import import_holidays, list_holidays, remove_holiday
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.scores import compute_period
from lontara_server.storage.engine import Connection, transaction
from lontara_server.storage.scores import claim_dirty
from server.attendance_office import (
    HOURS,
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
from server.ready import ready_server

DAY = "2026-11-02"
RAMADAN = dict.fromkeys(range(1, 6), ("08:00", "15:00"))


def late_on(connection: Connection, day: str = DAY) -> tuple[int, int]:
    late, early = days_in(connection)[day][3:5]
    return late, early


def holidays(connection: Connection, text: str, **options: Any) -> Any:
    return import_holidays(connection, ORG, SourceFile(text.encode(), "libur.csv"), by="tester", now_ms=NOW, **options)


def test_a_calendar_that_is_set_later_makes_the_recaps_since_anew(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed("2026-10-01", "07:50:00 0", "15:10:00 1"), *pressed(DAY, "07:50:00 0", "15:10:00 1")))

        done = set_hours(connection, valid_from=date(2026, 11, 1), hours=RAMADAN)

        assert (late_on(connection, "2026-10-01"), late_on(connection)) == ((20, 50), (0, 0))
        assert done["days_changed"] == 1


def test_a_calendar_for_a_time_gives_way_to_the_one_before(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        set_hours(connection, valid_from=date(2026, 2, 18), valid_to=date(2026, 3, 19), hours=RAMADAN)

        told = list_calendars(connection, ORG, NOW)

        assert [(row["valid_from"], row["hours"]["1"][0], row["holds_now"]) for row in told] == [
            ("2026-01-01", "07:30", False), ("2026-02-18", "08:00", False), ("2026-03-20", "07:30", True),
        ]  # fmt: skip


def test_a_calendar_for_a_time_gives_way_to_one_that_begins_meanwhile(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        set_hours(connection, valid_from=date(2026, 3, 1), hours=dict.fromkeys(range(1, 6), ("07:00", "15:30")))

        set_hours(connection, valid_from=date(2026, 2, 18), valid_to=date(2026, 3, 19), hours=RAMADAN)

        assert [row["valid_from"] for row in list_calendars(connection, ORG, NOW)] == [
            "2026-01-01", "2026-02-18", "2026-03-01",
        ]  # fmt: skip


def test_a_unit_has_its_own_calendar_and_the_others_the_org_s(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:50:00 0", "15:10:00 1")))

        set_hours(connection, unit_code="KEC-01", hours=RAMADAN)

        assert late_on(connection) == (0, 0)
        assert [row["unit_code"] for row in list_calendars(connection, ORG, NOW)] == [None, "KEC-01"]


def test_who_comes_within_the_grace_is_in_time_and_who_comes_later_is_late_from_the_start(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "07:35:59 0", "16:00:00 1"), *pressed("2026-11-03", "07:36:00 0", "16:00:00 1")))

        assert (late_on(connection), late_on(connection, "2026-11-03")) == ((0, 0), (6, 0))


def test_without_a_calendar_nobody_is_late(place: Place) -> None:
    with transaction(ready_server(place)) as connection:
        set_pin(connection, ORG, PIN, worker_of(connection), by="tester", now_ms=NOW)
        take_in(connection, attlog(*pressed(DAY, "11:00:00 0", "12:00:00 1")))

        assert late_on(connection) == (0, 0)


def test_the_same_calendar_set_again_changes_nothing(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        compute_period(connection, ORG, "2026-11", NOW)

        assert set_hours(connection) == {"days_changed": 0, "scores_marked": 0}


def test_a_calendar_marks_every_stored_score_since_its_month(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        for period in ("2026-09", "2026-10", "2026-11"):
            compute_period(connection, ORG, period, NOW)
        claim_dirty(connection, ORG, 100)

        done = set_hours(connection, valid_from=date(2026, 10, 15), workdays_per_week=6, hours={})

        assert done["scores_marked"] == 4
        assert dirty_months(connection) == ["2026-10", "2026-10", "2026-11", "2026-11"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"workdays_per_week": 7}, "workdays"),
        ({"hours": dict.fromkeys(range(1, 7), ("07:30", "16:00"))}, "hours"),
        ({"hours": {1: ("07:30", "16:00")}}, "hours"),
        ({"grace_minutes": -1}, "grace"),
        ({"grace_minutes": 241}, "grace"),
        ({"valid_to": date(2025, 1, 1)}, "valid_to"),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2025, 2, 1)}, "valid_to"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_and_names_the_field(place: Place, changed: dict[str, Any], field: str) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            set_hours(connection, **changed)

        assert (refused.value.code, refused.value.facts["field"]) == ("invalid_field", field)


def test_a_unit_that_nobody_knows_gets_no_calendar(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            set_hours(connection, unit_code="KEC-77")

        assert refused.value.code == "not_found"


def test_hours_are_typed_by_weekday() -> None:
    hours = hours_typed(["1-4=07:30-16:00", "Jumat=7.30-16.30"])

    assert hours == {**dict.fromkeys(range(1, 5), ("07:30", "16:00")), 5: ("07:30", "16:30")}


@pytest.mark.parametrize("text", ["7.30-16", "1-9=7-16", "5-1=7-16", "1=07:30", "1=25:00-26:00", "senin"])
def test_what_says_no_hours_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        hours_typed([text])

    assert refused.value.facts["field"] == "hours"


def test_holidays_have_kinds_and_are_there_once(place: Place) -> None:
    text = (
        "Tanggal;Keterangan;Jenis\n25-12-2026;Hari Raya Natal;Libur Nasional\n24-12-2026;Cuti Bersama Natal;\n"
        "29-03-2026;Hari Jadi Wajo;daerah\n"
    )
    with transaction(open_office(place)) as connection:
        first = holidays(connection, text)

        second = holidays(connection, text)

        assert (first.added, second.added, second.unchanged) == (3, 0, 3)
        assert [(row["date"], row["kind"]) for row in list_holidays(connection, ORG, 2026)] == [
            ("2026-03-29", "local"), ("2026-12-24", "collective_leave"), ("2026-12-25", "national"),
        ]  # fmt: skip


def test_a_holiday_that_has_another_name_or_kind_is_changed(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        holidays(connection, "date,name\n2026-12-24,Libur\n")

        done = holidays(connection, "date,name,kind\n2026-12-24,Cuti bersama,collective_leave\n")

        assert (done.added, done.changed, done.scores_marked) == (0, 1, 0)
        assert list_holidays(connection, ORG) == [{"date": "2026-12-24", "name": "Cuti bersama", "kind": "collective_leave"}]


@pytest.mark.parametrize(("row", "column"), [("hari ini,Libur,", "date"), ("2026-12-24,Libur,besar", "kind")])
def test_a_file_of_holidays_with_a_fault_is_refused_whole_and_names_the_cell(place: Place, row: str, column: str) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            holidays(connection, f"date,name,kind\n2026-12-25,Natal,\n{row}\n")

        error = refused.value.facts["errors"][0]
        assert (error["row"], error["column"], list_holidays(connection, ORG)) == (3, column, [])


def test_a_dry_run_of_holidays_names_the_faults_and_writes_nothing(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        done = holidays(connection, "date,name\n2026-12-25,Natal\nbesok,Libur\n", dry_run=True)

        assert (done.added, len(done.errors), list_holidays(connection, ORG)) == (1, 1, [])


def test_on_a_holiday_nobody_is_late_and_without_it_again_they_are(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        take_in(connection, attlog(*pressed(DAY, "09:00:00 0", "16:00:00 1")))
        compute_period(connection, ORG, "2026-11", NOW)
        before = late_on(connection)

        done = holidays(connection, f"date,name\n{DAY},Hari libur\n")

        assert (before, late_on(connection)) == ((90, 0), (0, 0))
        assert (done.days_changed, done.scores_marked) == (1, 2)
        remove_holiday(connection, ORG, date.fromisoformat(DAY), by="tester", now_ms=NOW)
        assert late_on(connection) == (90, 0)


def test_a_day_that_is_no_holiday_is_not_taken_away(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            remove_holiday(connection, ORG, date(2026, 11, 3), by="tester", now_ms=NOW)

        assert refused.value.code == "not_found"


def test_an_office_keeps_hours_over_midnight(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        set_hours(connection, unit_code="KEC-01", hours=dict.fromkeys(HOURS, ("22:00", "06:00")))

        take_in(connection, attlog(*pressed(DAY, "22:20:00 0"), *pressed("2026-11-03", "05:30:00 1")))

        assert days_in(connection) == {DAY: ("present", "22:20:00", "05:30:00", 20, 30, True, True)}

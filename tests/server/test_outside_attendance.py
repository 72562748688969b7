"""Entries beside the hours that machines saw their authors: flagged for whoever reviews, and never refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine

from engines.places import Place
from lontara_server.services.assessors import Officer
from lontara_server.services.attendance import DayStatus, set_days
from lontara_server.services.attendance_import import import_punches
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.services.review_desk import document_of
from lontara_server.storage import attendance as store
from lontara_server.storage.attendance import GivenRow
from lontara_server.storage.engine import transaction
from server.logged_tablet import DAY, LoggedTablet, stored
from server.ready import NOW, WORKER, ready_server

FLAG = "outside_attendance"


@pytest.fixture
def tablet(place: Place) -> Iterator[LoggedTablet]:
    database = ready_server(place)
    with transaction(database) as connection:
        set_pin(connection, 1, "7", employee_named(connection, 1, WORKER), by="admin", now_ms=NOW)
    yield LoggedTablet(database).enrolled()
    database.dispose()


def punch(database: Engine, *told: str) -> None:
    lines = "".join(f"7\t{DAY} {each.split()[0]}:00\t1\t{each.split()[1]}\t1\t0\n" for each in told)
    with transaction(database) as connection:
        import_punches(connection, 1, SourceFile(lines.encode(), "attlog.dat"), "attlog", by="admin", now_ms=NOW)


def written(tablet: LoggedTablet, **fields: object) -> list[str]:
    entry = tablet.create(**fields)
    answer = tablet.sync()
    assert not answer.attention
    flags: list[str] = stored(tablet.database, entry).fields.get("flags", [])
    return [flag for flag in flags if flag == FLAG]


@pytest.mark.parametrize(
    ("punches", "start", "end", "flags"),
    [
        (["07:30 0", "16:00 1"], "08:00", "09:00", []),
        (["07:30 0", "16:00 1"], "06:00", "07:30", [FLAG]),
        (["07:30 0", "16:00 1"], "06:00", "07:31", []),
        (["07:30 0", "16:00 1"], "16:00", "18:00", []),
        (["07:30 0", "16:00 1"], "16:01", "18:00", [FLAG]),
        (["07:30 0", "16:00 1"], "22:00", "02:00", [FLAG]),
        (["07:30 0"], "19:00", "20:00", []),
        (["16:00 1"], "05:00", "06:00", []),
        ([], "08:00", "09:00", []),
    ],
)
def test_work_beside_the_hours_of_presence_is_flagged_and_taken(
    tablet: LoggedTablet, punches: list[str], start: str, end: str, flags: list[str]
) -> None:
    if punches:
        punch(tablet.database, *punches)

    found = written(tablet, start_time=start, end_time=end)

    assert found == flags


def test_work_without_times_cannot_lie_beside_anything(tablet: LoggedTablet) -> None:
    punch(tablet.database, "07:30 0", "16:00 1")

    found = written(tablet, start_time=None, end_time=None, duration_minutes=60)

    assert found == []


def test_an_edit_into_the_hours_of_presence_takes_the_flag_down(tablet: LoggedTablet) -> None:
    punch(tablet.database, "07:30 0", "16:00 1")
    entry = tablet.create(start_time="18:00", end_time="19:00")
    tablet.sync()

    before = {"work_date": DAY, "start_time": "18:00", "end_time": "19:00", "duration_minutes": 60}
    tablet.write("set", entry, fields={"start_time": "10:00", "end_time": "11:00"}, was=before)
    tablet.sync()

    assert stored(tablet.database, entry).fields.get("flags", []) == []


def test_a_day_of_travel_has_no_hours_that_work_could_lie_beside(tablet: LoggedTablet) -> None:
    with transaction(tablet.database) as connection:
        worker = employee_named(connection, 1, WORKER).id
        told = GivenRow(worker, date.fromisoformat(DAY), "official_travel", None, None, "ST 12", "admin", NOW)
        store.put_given(connection, 1, [told])
    punch(tablet.database, "07:30 0", "08:00 1")

    found = written(tablet, start_time="18:00", end_time="19:00")

    assert found == []


def test_punches_that_arrive_after_the_entry_warn_the_reviewer_too(tablet: LoggedTablet) -> None:
    entry = tablet.create(start_time="18:00", end_time="19:00")
    tablet.sync()

    punch(tablet.database, "07:30 0", "16:00 1")

    with transaction(tablet.database) as connection:
        shown = document_of(connection, 1, entry)
    assert shown["flags"] == [FLAG]


def test_a_day_that_turns_out_to_be_travel_takes_the_warning_from_the_reviewer(tablet: LoggedTablet) -> None:
    punch(tablet.database, "07:30 0", "16:00 1")
    entry = tablet.create(start_time="18:00", end_time="19:00")
    tablet.sync()

    with transaction(tablet.database) as connection:
        worker = employee_named(connection, 1, WORKER)
        day = date.fromisoformat(DAY)
        told = DayStatus(day, day, "official_travel", reason="ST 12")
        set_days(connection, 1, worker, told, Officer("admin", None, is_admin=True), NOW)

    with transaction(tablet.database) as connection:
        shown = document_of(connection, 1, entry)
    assert shown["flags"] == []

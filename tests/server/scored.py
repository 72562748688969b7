"""An office whose people are scored, written straight into its tables: entries, attendance, placements, marks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, insert

from engines.places import Place
from lontara_server.performance.behaviour import BERAKHLAK
from lontara_server.performance.calendar import workdays_of
from lontara_server.services.scores import compute_period, show
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import (
    ActivityEntry,
    AllowanceBase,
    Assignment,
    AttendanceDay,
    AttendanceRecap,
    BehaviourRating,
    BudgetAbsorption,
    Conflict,
    ConflictRecord,
    OrgUnit,
    PersonMark,
    WorkingCalendar,
)
from lontara_server.storage.people import employee_of_nip
from server.ready import WORKER, ready_server

ORG: Final = 1
PERIOD: Final = "2026-10"
NOW: Final = int(datetime(2026, 11, 5, tzinfo=UTC).timestamp() * 1000)
OTHER_UNIT: Final = str(UUID(int=0x01A2_0000_0000_8000_8000_0000_0000_0777))
WORKDAYS: Final = workdays_of(PERIOD, frozenset(), workdays_per_week=5)


def uid(number: int) -> str:
    return str(UUID(int=0x01A2_0000_0000_8000_8000_0000_0000_0000 | number))


def open_office(place: Place) -> Engine:
    """A server whose two people have been placed in one unit for ever."""
    return ready_server(place)


def worker_of(connection: Connection) -> str:
    found = employee_of_nip(connection, ORG, WORKER)
    assert found is not None
    return found.id


def shown(connection: Connection, period: str = PERIOD) -> dict[str, Any]:
    """The worker's score, computed now."""
    compute_period(connection, ORG, period, NOW, worker_of(connection))
    return show(connection, ORG, WORKER, period)


def stored(engine: Engine, period: str = PERIOD) -> dict[str, Any]:
    with transaction(engine) as connection:
        return show(connection, ORG, WORKER, period)


def add_entry(connection: Connection, number: int, **changed: Any) -> str:
    """An approved entry of two hours."""
    values: dict[str, Any] = {
        "org_id": ORG,
        "id": uid(number),
        "revision": 1,
        "owner": worker_of(connection),
        "work_date": WORKDAYS[0],
        "start_time": "08:00",
        "end_time": "10:00",
        "title": "Menyusun laporan",
        "review_state": "approved",
        "captured_at": NOW,
        "recorded_at": NOW,
        "writer_device": uid(9000),
        "writer_seq": number,
    }
    connection.execute(insert(ActivityEntry).values(**values | changed))
    return uid(number)


def add_conflict(connection: Connection, number: int, record: str, kind: str, clashes: str = "{}") -> None:
    values = {
        "org_id": ORG, "id": uid(number), "revision": 1, "kind": kind, "route": "admin", "state": "open",
        "owner": worker_of(connection), "records": "[]", "clashes": clashes, "opened_at": NOW, "answers": "[]",
    }  # fmt: skip
    connection.execute(insert(Conflict).values(**values))
    connection.execute(insert(ConflictRecord).values(org_id=ORG, record=record, conflict=uid(number)))


def add_day(connection: Connection, day: date, status: str = "present", late: int = 0, early: int = 0) -> None:
    connection.execute(
        insert(AttendanceDay).values(
            org_id=ORG, employee=worker_of(connection), day=day, status=status, late_minutes=late,
            early_leave_minutes=early, has_check_in=True, has_check_out=True, origin="punches",
        )
    )  # fmt: skip


def add_recap(connection: Connection, totals: str) -> None:
    connection.execute(
        insert(AttendanceRecap).values(
            org_id=ORG, employee=worker_of(connection), period=PERIOD, totals=totals, at=NOW, import_run=None
        )
    )  # fmt: skip


def add_present_month(connection: Connection) -> None:
    for day in WORKDAYS:
        add_day(connection, day)


def add_unit(connection: Connection, unit: str = OTHER_UNIT, parent: str | None = None) -> None:
    connection.execute(
        insert(OrgUnit).values(org_id=ORG, id=unit, revision=1, code=unit[-4:], name="Seksi Lapangan", parent=parent)
    )


def transfer(connection: Connection, number: int, day: date, unit: str = OTHER_UNIT) -> None:
    """Place the worker in another unit from a day on, beside the placement that is there."""
    connection.execute(
        insert(Assignment).values(
            org_id=ORG, id=uid(number), revision=1, employee=worker_of(connection), org_unit=unit, valid_from=day
        )
    )  # fmt: skip


def set_calendar(connection: Connection, scope: str, workdays: int, since: date = date(2020, 1, 1)) -> None:
    connection.execute(
        insert(WorkingCalendar).values(
            org_id=ORG, scope=scope, valid_from=since, workdays_per_week=workdays, hours="{}", grace_minutes=0
        )
    )


def set_base(connection: Connection, amount: int, since: date = date(2020, 1, 1)) -> None:
    connection.execute(
        insert(AllowanceBase).values(
            org_id=ORG, employee=worker_of(connection), valid_from=since, amount=amount, by="admin", at=NOW
        )
    )  # fmt: skip


def rate_behaviour(connection: Connection, rating: str, period: str = PERIOD) -> None:
    rows = [
        {"org_id": ORG, "employee": worker_of(connection), "period": period, "value": value, "rating": rating,
         "note": None, "by": "chief", "at": NOW}
        for value in BERAKHLAK
    ]  # fmt: skip
    connection.execute(insert(BehaviourRating), rows)


def set_mark(connection: Connection, kind: str, value: str, reason: str | None = None, period: str = PERIOD) -> None:
    connection.execute(
        insert(PersonMark).values(
            org_id=ORG, employee=worker_of(connection), period=period, kind=kind, value=value, reason=reason,
            by="admin", at=NOW,
        )
    )  # fmt: skip


def set_absorption(connection: Connection, unit: str, percent: str) -> None:
    connection.execute(
        insert(BudgetAbsorption).values(org_id=ORG, org_unit=unit, period=PERIOD, percent=percent, by="admin", at=NOW)
    )


def ms_of(day: date, hour: int = 12) -> int:
    """Noon of a day in Makassar, in ms since 1970 UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    return int((midnight + timedelta(hours=hour)).timestamp() * 1000)


def codes_in(node: dict[str, Any]) -> set[str]:
    """The codes of all rows of an explanation."""
    return {node["code"]}.union(*(codes_in(child) for child in node["children"]))


def row_of(node: dict[str, Any], code: str) -> dict[str, Any] | None:
    """The first row with this code."""
    if node["code"] == code:
        return node
    return next((found for child in node["children"] if (found := row_of(child, code))), None)

"""Statements for working calendars and holidays. No rule lives here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from lontara_server.storage.models import Holiday, WorkingCalendar

ORG_WIDE: Final = "org"


@dataclass(frozen=True)
class CalendarRow:
    """Working days and hours from a day on. `scope`: a unit's id, or ORG_WIDE; `hours`: JSON by weekday."""

    scope: str
    valid_from: date
    workdays_per_week: int
    hours: str
    grace_minutes: int


@dataclass(frozen=True)
class HolidayRow:
    """A day without expected work: `kind` national, collective_leave or local."""

    day: date
    name: str
    kind: str


def calendars_of(connection: Connection, org_id: int) -> list[CalendarRow]:
    """Return every calendar of the org and its units, by scope, in the order in which they begin."""
    rows = connection.execute(
        select(
            WorkingCalendar.scope, WorkingCalendar.valid_from, WorkingCalendar.workdays_per_week, WorkingCalendar.hours,
            WorkingCalendar.grace_minutes,
        )
        .where(WorkingCalendar.org_id == org_id)
        .order_by(WorkingCalendar.scope, WorkingCalendar.valid_from)
    )  # fmt: skip
    return [CalendarRow(*row) for row in rows]


def put_calendar(connection: Connection, org_id: int, row: CalendarRow) -> None:
    """Write a calendar over the one of this scope and day."""
    connection.execute(
        delete(WorkingCalendar).where(
            WorkingCalendar.org_id == org_id,
            WorkingCalendar.scope == row.scope,
            WorkingCalendar.valid_from == row.valid_from,
        )
    )
    connection.execute(insert(WorkingCalendar).values(org_id=org_id, **vars(row)))


def holidays_of(
    connection: Connection, org_id: int, first: date | None = None, last: date | None = None
) -> list[HolidayRow]:
    """Return the org's holidays, of these days or all, in order."""
    query = select(Holiday.day, Holiday.name, Holiday.kind).where(Holiday.org_id == org_id)
    if first is not None:
        query = query.where(Holiday.day >= first)
    if last is not None:
        query = query.where(Holiday.day <= last)
    return [HolidayRow(*row) for row in connection.execute(query.order_by(Holiday.day))]


def write_holidays(
    connection: Connection, org_id: int, added: Collection[HolidayRow], changed: Collection[HolidayRow]
) -> None:
    """Write holidays that are new, and names and kinds that are."""
    if added:
        connection.execute(insert(Holiday), [{"org_id": org_id, **vars(row)} for row in added])
    for row in changed:
        values: Mapping[str, str] = {"name": row.name, "kind": row.kind}
        connection.execute(update(Holiday).where(Holiday.org_id == org_id, Holiday.day == row.day).values(values))


def remove_holiday(connection: Connection, org_id: int, day: date) -> None:
    """Take a holiday away; what it was stands in the audit trail."""
    connection.execute(delete(Holiday).where(Holiday.org_id == org_id, Holiday.day == day))

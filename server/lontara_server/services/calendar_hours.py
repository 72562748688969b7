"""The hours of a day by the org's calendars and holidays, as they are looked up for many people and days."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import Final

from lontara_server.performance.attendance_recap import Hours
from lontara_server.storage import calendars as store
from lontara_server.storage.calendars import ORG_WIDE, CalendarRow
from lontara_server.storage.engine import Connection

__all__ = ["ORG_WIDE", "Calendars", "hours_of_row", "read_calendars"]

_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True)
class Calendars:
    """The org's calendars by scope, each with its hours by weekday (0 is Monday), and the holidays."""

    by_scope: Mapping[str, tuple[tuple[date, Mapping[int, Hours]], ...]]
    holidays: Set[date]

    def hours(self, unit: str | None, day: date) -> Hours | None:
        """The working hours of a day; None on a day off, and where no hours are known."""
        return None if day in self.holidays else self._of_weekday(unit, day)

    def _of_weekday(self, unit: str | None, day: date) -> Hours | None:
        for scope in (unit, ORG_WIDE):
            begun = [hours for valid_from, hours in self.by_scope.get(scope or "", ()) if valid_from <= day]
            if begun:
                return begun[-1].get(day.weekday())
        return None

    def are_known_on(self, unit: str | None, day: date) -> bool:
        """Whether any calendar holds for the unit on that day."""
        rows = [*self.by_scope.get(unit or "", ()), *self.by_scope.get(ORG_WIDE, ())]
        return any(valid_from <= day for valid_from, _ in rows)


def read_calendars(connection: Connection, org_id: int) -> Calendars:
    """Read every calendar and holiday of the org: there are few."""
    by_scope: dict[str, list[tuple[date, Mapping[int, Hours]]]] = {}
    for row in store.calendars_of(connection, org_id):
        by_scope.setdefault(row.scope, []).append((row.valid_from, hours_of_row(row)))
    holidays = frozenset(each.day for each in store.holidays_of(connection, org_id))
    return Calendars({scope: tuple(rows) for scope, rows in by_scope.items()}, holidays)


def hours_of_row(row: CalendarRow) -> dict[int, Hours]:
    """The hours by weekday that a row holds; 0 is Monday."""
    found = {}
    for weekday, (start, end) in json.loads(row.hours).items():
        begins, ends = _minute(start), _minute(end)
        found[int(weekday) - 1] = Hours(begins, ends if ends > begins else ends + _DAY_MINUTES, row.grace_minutes)
    return found


def _minute(wall_time: str) -> int:
    hour, minute = wall_time.split(":")
    return int(hour) * 60 + int(minute)

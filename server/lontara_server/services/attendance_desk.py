"""Attendance as one person at the console sees it: within their bounds, each day with its punches and what counted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_server.performance.attendance import STATUSES, AttendanceRecap, recap_from_document
from lontara_server.performance.attendance_recap import CLOSED, DayRecap
from lontara_server.performance.calendar import days_of
from lontara_server.services import attendance_machines, attendance_pins
from lontara_server.services.access import Viewer
from lontara_server.services.assessors import officer_behind
from lontara_server.services.attendance import may_set
from lontara_server.services.attendance_days import PersonDays, read_people
from lontara_server.services.calendar_hours import read_calendars
from lontara_server.services.paging import Paging, page_of
from lontara_server.services.plan_desk import employee_for
from lontara_server.services.score_inputs import edges_of
from lontara_server.storage import attendance as store
from lontara_server.storage import people
from lontara_server.storage.attendance import DayRow, GivenRow
from lontara_server.storage.calendars import holidays_of
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import EmployeeRow

__all__ = ["STATUSES", "list_for", "machines_for", "month_for"]

PUSHES_SHOWN: Final = 20
PUSH_KIND: Final = "attendance_push"


@dataclass(frozen=True)
class MonthOfPerson:
    """One person's month in the list. has_recap: only a month's totals are known."""

    employee: EmployeeRow
    days: int
    late_minutes: int
    early_leave_minutes: int
    missing_punches: int
    absent: int
    has_recap: bool


@dataclass(frozen=True)
class MonthsOfPeople:
    """The people whose month the viewer may see, by name: a page of them."""

    rows: tuple[MonthOfPerson, ...]
    paging: Paging


@dataclass(frozen=True)
class ShownDay:
    """One day: what is known of it, which punch counted as what, and what somebody said. row None: nothing is known."""

    day: date
    is_workday: bool
    holiday: str | None
    row: DayRecap | None
    given: GivenRow | None
    may_set: bool

    @property
    def is_closed(self) -> bool:
        """Whether somebody has closed the day for this person."""
        return self.given is not None and self.given.status == CLOSED


@dataclass(frozen=True)
class ShownMonth:
    """One person's month, every day of it; totals: what a recap of the month says, where one was imported."""

    employee: EmployeeRow
    period: str
    days: tuple[ShownDay, ...]
    totals: AttendanceRecap | None
    pins: tuple[str, ...]
    may_set: bool


@dataclass(frozen=True)
class Push:
    """What one machine has pushed at once: the faulty lines with their numbers."""

    at: int
    machine: str | None
    new: int
    errors: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Machines:
    """The machines, the PINs that are nobody's yet, and the latest pushes with faults."""

    machines: Sequence[Mapping[str, Any]]
    unmapped: Sequence[Mapping[str, Any]]
    faulty: Sequence[Push]


def list_for(
    connection: Connection, org_id: int, viewer: Viewer, period: str, *, number: int = 1
) -> MonthsOfPeople:
    """Everybody within the bounds, with what is known of their month. Raises Problem invalid_field."""
    first, last = edges_of(period)
    placed = people.latest_assignments(connection, org_id)
    seen = []
    for each in people.employees_of(connection, org_id):
        placement = placed.get(each.id)
        unit = None if placement is None else placement.org_unit
        if each.active and (viewer.is_own(each.id) or viewer.sees(each.id, unit)):
            seen.append(each)
    shown, paging = page_of(seen, number)
    rows: dict[str, list[DayRow]] = {}
    for (employee, _), row in store.days_of(connection, org_id, [each.id for each in shown], first, last).items():
        rows.setdefault(employee, []).append(row)
    recaps = store.month_recaps(connection, org_id, period)
    found = tuple(_month_of(each, rows.get(each.id, ()), has_recap=each.id in recaps) for each in shown)
    return MonthsOfPeople(found, paging)


def month_for(connection: Connection, org_id: int, viewer: Viewer, nip: str, period: str) -> ShownMonth:
    """One person's month. Raises Problem not_found (also for whom they may not see), invalid_field."""
    employee = employee_for(connection, org_id, viewer, nip)
    first, last = edges_of(period)
    calendars = read_calendars(connection, org_id)
    read = read_people(connection, org_id, [employee.id], first, last, calendars)[employee.id]
    given = {row.day: row for row in store.given_of(connection, org_id, [employee.id], first, last)}
    names = {row.day: row.name for row in holidays_of(connection, org_id, first, last)}
    recaps, officer = read.recaps(days_of(period)), officer_behind(viewer)
    days = tuple(
        ShownDay(
            day,
            _is_workday(read, day),
            names.get(day),
            recaps.get(day),
            given.get(day),
            may_set(connection, org_id, employee.id, day, officer),
        )
        for day in days_of(period)
    )
    recap = store.month_recaps(connection, org_id, period).get(employee.id)
    pins = tuple(sorted(store.pins_of_employees(connection, org_id, [employee.id])))
    totals = None if recap is None else recap_from_document(json.loads(recap.totals))
    return ShownMonth(employee, period, days, totals, pins, any(each.may_set for each in days))


def machines_for(connection: Connection, org_id: int, viewer: Viewer) -> Machines:
    """The machines and what is wrong with what they push. Raises Problem not_permitted for who is bound to a unit."""
    if viewer.units is not None or viewer.people is not None:
        raise Problem(
            "not_permitted",
            "Machines are looked after by an admin of the whole organisation. Nothing was changed.",
            {},
            "Ask an admin.",
        )
    faulty = []
    for at, machine, _, text in store.runs_of_kind(connection, org_id, PUSH_KIND, PUSHES_SHOWN):
        outcome = json.loads(text)
        if outcome.get("errors"):
            faulty.append(Push(at, machine, outcome.get("new", 0), outcome["errors"]))
    return Machines(
        attendance_machines.list_machines(connection, org_id),
        attendance_pins.list_pins(connection, org_id, unmapped_only=True),
        faulty,
    )


def _is_workday(read: PersonDays, day: date) -> bool:
    return read.hours(day) is not None


def _month_of(employee: EmployeeRow, rows: Sequence[DayRow], *, has_recap: bool) -> MonthOfPerson:
    present = [row for row in rows if row.status == "present"]
    return MonthOfPerson(
        employee,
        len(rows),
        sum(row.late_minutes for row in present),
        sum(row.early_leave_minutes for row in present),
        sum((not row.has_check_in) + (not row.has_check_out) for row in present),
        sum(row.status == "absent_unexcused" for row in rows),
        has_recap and not rows,
    )

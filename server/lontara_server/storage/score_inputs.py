"""Statements for what months are scored from, for many people in one go: entries, attendance, placements, marks.

Rows come by employee. No rule lives here: what counts, and how, is decided by `services.score_inputs` and
`performance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, select

from lontara_server.storage.engine import Connection
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
    Device,
    Holiday,
    OrgUnit,
    PersonMark,
    WorkingCalendar,
)
from lontara_server.storage.prepared import Among, Prepared, PreparedList

ORG_WIDE: Final = "org"
_ORG: Final[Any] = bindparam("org")
_FIRST: Final[Any] = bindparam("first")
_LAST: Final[Any] = bindparam("last")
_PERIOD: Final[Any] = bindparam("period")


class EntryRow(msgspec.Struct, frozen=True, gc=False):
    """An entry of the month, in any review state, voided ones too.

    captured_at: when it was written down, an imported one's as its source says; ms since 1970 UTC.
    """

    owner: str
    id: str
    work_date: date
    start_time: str | None
    end_time: str | None
    duration_minutes: int | None
    category: str | None
    revision: int
    review_state: str
    voided: bool
    captured_at: int


@dataclass(frozen=True)
class OpenConflictRow:
    """A conflict that is not resolved, about one entry."""

    record: str
    kind: str
    has_candidates: bool


@dataclass(frozen=True)
class DeviceRow:
    """What an active device last told: how much it still holds, and when (ms since 1970 UTC)."""

    unsent_reported: int
    last_seen_at: int | None


@dataclass(frozen=True)
class AttendanceRow:
    """One day of the recap."""

    day: date
    status: str
    late_minutes: int
    early_leave_minutes: int
    has_check_in: bool
    has_check_out: bool


@dataclass(frozen=True)
class AssignmentRow:
    """Where a person works, from the first to the last valid day."""

    id: str
    org_unit: str | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class UnitRow:
    """A unit's name, and the unit above it."""

    name: str
    parent: str | None


@dataclass(frozen=True)
class CalendarRow:
    """Workdays of a week from a day on. `scope`: a unit's id, or ORG_WIDE."""

    scope: str
    valid_from: date
    workdays_per_week: int


@dataclass(frozen=True)
class BaseRow:
    """The rupiah a month that an allowance is counted from, from a day on."""

    valid_from: date
    amount: int


@dataclass(frozen=True)
class MarkRow:
    """What a person has said of somebody's period."""

    kind: str
    value: str
    reason: str | None


def _entries(among: Among) -> Any:
    return select(
        ActivityEntry.owner,
        ActivityEntry.id,
        ActivityEntry.work_date,
        ActivityEntry.start_time,
        ActivityEntry.end_time,
        ActivityEntry.duration_minutes,
        ActivityEntry.category,
        ActivityEntry.revision,
        ActivityEntry.review_state,
        ActivityEntry.voided,
        func.coalesce(ActivityEntry.source_entered_at, ActivityEntry.captured_at),
    ).where(
        ActivityEntry.org_id == _ORG,
        among(ActivityEntry.owner),
        ActivityEntry.work_date >= _FIRST,
        ActivityEntry.work_date <= _LAST,
    )


def _open_conflicts(among: Among) -> Any:
    return (
        select(ActivityEntry.owner, ConflictRecord.record, Conflict.kind, Conflict.clashes)
        .join(Conflict, (Conflict.id == ConflictRecord.conflict) & (Conflict.org_id == _ORG))
        .join(ActivityEntry, (ActivityEntry.id == ConflictRecord.record) & (ActivityEntry.org_id == _ORG))
        .where(
            ConflictRecord.org_id == _ORG,
            Conflict.org_id == _ORG,
            Conflict.state != "resolved",
            Conflict.voided.is_(False),
            ActivityEntry.org_id == _ORG,
            among(ActivityEntry.owner),
            ActivityEntry.work_date >= _FIRST,
            ActivityEntry.work_date <= _LAST,
        )
    )


def _attendance(among: Among) -> Any:
    return select(
        AttendanceDay.employee,
        AttendanceDay.day,
        AttendanceDay.status,
        AttendanceDay.late_minutes,
        AttendanceDay.early_leave_minutes,
        AttendanceDay.has_check_in,
        AttendanceDay.has_check_out,
    ).where(
        AttendanceDay.org_id == _ORG, among(AttendanceDay.employee), AttendanceDay.day >= _FIRST, AttendanceDay.day <= _LAST
    )


_entries_of = PreparedList(_entries)
_open_conflicts_of = PreparedList(_open_conflicts)
_attendance_of = PreparedList(_attendance)
_recaps_of = PreparedList(
    lambda among: select(AttendanceRecap.employee, AttendanceRecap.totals).where(
        AttendanceRecap.org_id == _ORG, among(AttendanceRecap.employee), AttendanceRecap.period == _PERIOD
    )
)
_devices_of = PreparedList(
    lambda among: select(Device.employee_id, Device.unsent_reported, Device.last_seen_at).where(
        Device.org_id == _ORG, among(Device.employee_id), Device.state == "active"
    )
)
_assignments_of = PreparedList(
    lambda among: select(
        Assignment.employee, Assignment.id, Assignment.org_unit, Assignment.valid_from, Assignment.valid_to
    ).where(Assignment.org_id == _ORG, among(Assignment.employee), Assignment.voided.is_(False))
)
_ratings_of = PreparedList(
    lambda among: select(BehaviourRating.employee, BehaviourRating.value, BehaviourRating.rating).where(
        BehaviourRating.org_id == _ORG, among(BehaviourRating.employee), BehaviourRating.period == _PERIOD
    )
)
_marks_of = PreparedList(
    lambda among: select(PersonMark.employee, PersonMark.kind, PersonMark.value, PersonMark.reason).where(
        PersonMark.org_id == _ORG, among(PersonMark.employee), PersonMark.period == _PERIOD
    )
)
_bases_of = PreparedList(
    lambda among: select(AllowanceBase.employee, AllowanceBase.valid_from, AllowanceBase.amount).where(
        AllowanceBase.org_id == _ORG, among(AllowanceBase.employee)
    )
)
_holidays = Prepared(select(Holiday.day).where(Holiday.org_id == _ORG, Holiday.day >= _FIRST, Holiday.day <= _LAST))
_calendars = Prepared(
    select(WorkingCalendar.scope, WorkingCalendar.valid_from, WorkingCalendar.workdays_per_week).where(
        WorkingCalendar.org_id == _ORG
    )
)
_units = Prepared(select(OrgUnit.id, OrgUnit.name, OrgUnit.parent).where(OrgUnit.org_id == _ORG))
_absorption = Prepared(
    select(BudgetAbsorption.org_unit, BudgetAbsorption.percent).where(
        BudgetAbsorption.org_id == _ORG, BudgetAbsorption.period == _PERIOD
    )
)


def entries_of(
    connection: Connection, org_id: int, employees: Sequence[str], first: date, last: date
) -> dict[str, list[EntryRow]]:
    """Return the people's entries of these days, both included."""
    found: dict[str, list[EntryRow]] = {}
    for row in _entries_of.rows(connection, employees, org=org_id, first=first, last=last):
        found.setdefault(row[0], []).append(EntryRow(*row))
    return found


def open_conflicts_of(
    connection: Connection, org_id: int, employees: Sequence[str], first: date, last: date
) -> dict[str, list[OpenConflictRow]]:
    """Return each conflict about these entries that is not resolved."""
    rows = _open_conflicts_of.rows(connection, employees, org=org_id, first=first, last=last)
    return _by_employee(OpenConflictRow, ((owner, record, kind, held != "{}") for owner, record, kind, held in rows))


def attendance_of(
    connection: Connection, org_id: int, employees: Sequence[str], first: date, last: date
) -> dict[str, list[AttendanceRow]]:
    """Return the recap of these days."""
    return _by_employee(AttendanceRow, _attendance_of.rows(connection, employees, org=org_id, first=first, last=last))


def recaps_of(connection: Connection, org_id: int, employees: Sequence[str], period: str) -> dict[str, str]:
    """Return the month's totals, as JSON, of those of whom only totals are known."""
    return dict(_recaps_of.rows(connection, employees, org=org_id, period=period))


def devices_of(connection: Connection, org_id: int, employees: Sequence[str]) -> dict[str, list[DeviceRow]]:
    """Return the people's devices that are neither revoked nor replaced."""
    return _by_employee(DeviceRow, _devices_of.rows(connection, employees, org=org_id))


def assignments_of(connection: Connection, org_id: int, employees: Sequence[str]) -> dict[str, list[AssignmentRow]]:
    """Return every placement that the people have had."""
    return _by_employee(AssignmentRow, _assignments_of.rows(connection, employees, org=org_id))


def ratings_of(
    connection: Connection, org_id: int, employees: Sequence[str], period: str
) -> dict[str, dict[str, str]]:  # fmt: skip
    """Return the ratings of behaviour for a period ("YYYY" or "YYYY-MM"), by value."""
    found: dict[str, dict[str, str]] = {}
    for employee, value, rating in _ratings_of.rows(connection, employees, org=org_id, period=period):
        found.setdefault(employee, {})[value] = rating
    return found


def marks_of(connection: Connection, org_id: int, employees: Sequence[str], period: str) -> dict[str, dict[str, MarkRow]]:
    """Return what persons have said of the people's period ("YYYY" or "YYYY-MM"), by kind."""
    rows = _by_employee(MarkRow, _marks_of.rows(connection, employees, org=org_id, period=period))
    return {employee: {mark.kind: mark for mark in marks} for employee, marks in rows.items()}


def bases_of(connection: Connection, org_id: int, employees: Sequence[str]) -> dict[str, list[BaseRow]]:
    """Return the bases of the people's allowances, from each day on."""
    return _by_employee(BaseRow, _bases_of.rows(connection, employees, org=org_id))


def holidays_of(connection: Connection, org_id: int, first: date, last: date) -> frozenset[date]:
    """Return the org's holidays among these days."""
    return frozenset(day for (day,) in _holidays.rows(connection, org=org_id, first=first, last=last))


def calendars_of(connection: Connection, org_id: int) -> list[CalendarRow]:
    """Return the working calendars of the org and its units."""
    return [CalendarRow(*row) for row in _calendars.rows(connection, org=org_id)]


def units_of(connection: Connection, org_id: int) -> dict[str, UnitRow]:
    """Return the org's units by id."""
    return {unit: UnitRow(name, parent) for unit, name, parent in _units.rows(connection, org=org_id)}


def budget_absorption_of(connection: Connection, org_id: int, period: str) -> dict[str, str]:
    """Return how much of its budget each unit has spent by the month's end, in percent."""
    return dict(_absorption.rows(connection, org=org_id, period=period))


def _by_employee(kind: Any, rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for employee, *values in rows:
        found.setdefault(employee, []).append(kind(*values))
    return found

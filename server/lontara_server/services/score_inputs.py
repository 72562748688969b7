"""What months are scored from, read for many people at once and put into the shape that `performance` takes.

Which inputs hold in a locked month is decided in `scores`; here stands what is known now. The SQL lives in
`storage.score_inputs`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

from lontara_core.problems import Problem
from lontara_server.performance.attendance import AttendanceDay, recap_from_document
from lontara_server.performance.calendar import days_of
from lontara_server.performance.intervals import DAY_MINUTES
from lontara_server.performance.month import Correction, EntryForScore, MonthInput
from lontara_server.performance.placement import Placement
from lontara_server.services.orgs import org_named
from lontara_server.storage import score_inputs as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.periods import periods_of
from lontara_server.storage.score_inputs import (
    ORG_WIDE,
    AssignmentRow,
    AttendanceRow,
    BaseRow,
    CalendarRow,
    DeviceRow,
    EntryRow,
    MarkRow,
    OpenConflictRow,
    UnitRow,
)

APPROVED: Final = "approved"
SUBMITTED: Final = "submitted"
QUALITY: Final = "quality"
CORRECTION: Final = "correction"
# Offsets from UTC change on a quarter of an hour.
_QUARTER_MS: Final = 15 * 60 * 1000


@dataclass(frozen=True)
class OrgMonth:
    """What a month is for all of an org: its edges, calendars and holidays, and whether it is locked.

    heard_since: from when on a device counts as heard (ms since 1970 UTC).
    calendars: by scope, in the order in which they begin.
    """

    org_id: int
    period: str
    first: date
    last: date
    zone: ZoneInfo
    heard_since: int
    holidays: frozenset[date]
    calendars: Mapping[str, tuple[CalendarRow, ...]]
    units: Mapping[str, UnitRow]
    budget_absorption: Mapping[str, str]
    is_locked: bool


def edges_of(period: str) -> tuple[date, date]:
    """Return the first and last day of a month "YYYY-MM". Raises Problem invalid_field."""
    try:
        days = days_of(period)
    except ValueError:
        raise Problem(
            "invalid_field",
            f"{period!r} is not a period. Nothing was changed.",
            {"field": "period", "value": period},
            "Write the month as YYYY-MM, for example 2026-10.",
        ) from None
    return days[0], days[-1]


def org_month(connection: Connection, org_id: int, period: str, now_ms: int) -> OrgMonth:
    """Read what everybody's month has in common. Raises Problem invalid_field."""
    first, last = edges_of(period)
    zone = ZoneInfo(org_named(connection, org_id).time_zone)
    calendars: dict[str, list[CalendarRow]] = {}
    for row in sorted(store.calendars_of(connection, org_id), key=lambda each: each.valid_from):
        calendars.setdefault(row.scope, []).append(row)
    return OrgMonth(
        org_id=org_id,
        period=period,
        first=first,
        last=last,
        zone=zone,
        heard_since=heard_from(last, zone, now_ms),
        holidays=store.holidays_of(connection, org_id, first, last),
        calendars={scope: tuple(rows) for scope, rows in calendars.items()},
        units=store.units_of(connection, org_id),
        budget_absorption=store.budget_absorption_of(connection, org_id, period),
        is_locked=period in locked_months(connection, org_id),
    )


def locked_months(connection: Connection, org_id: int) -> frozenset[str]:
    """Return the months of the org that are locked now."""
    return frozenset(row.month for row in periods_of(connection, org_id) if row.state == "locked")


def inputs_of(connection: Connection, month: OrgMonth, employees: Sequence[str]) -> dict[str, MonthInput]:
    """Return each person's month as it is known now.

    An entry that came after a lock does not count while its conflict is open, and of one that somebody wished to
    change after the lock the server's value goes on counting.
    """
    org_id, first, last = month.org_id, month.first, month.last
    entries = store.entries_of(connection, org_id, employees, first, last)
    conflicts = store.open_conflicts_of(connection, org_id, employees, first, last)
    devices = store.devices_of(connection, org_id, employees)
    attendance = store.attendance_of(connection, org_id, employees, first, last)
    assignments = store.assignments_of(connection, org_id, employees)
    bases = store.bases_of(connection, org_id, employees)
    ratings = store.ratings_of(connection, org_id, employees, month.period)
    marks = store.marks_of(connection, org_id, employees, month.period)
    recaps = store.recaps_of(connection, org_id, employees, month.period)
    local_days = LocalDays(month.zone)
    found = {}
    for employee in employees:
        placements = _placements(month, assignments.get(employee, ()), bases.get(employee, ()))
        rows = entries.get(employee, ())
        mine = marks.get(employee, {})
        found[employee] = MonthInput(
            employee_id=employee,
            period=month.period,
            entries=_entries(rows, conflicts.get(employee, ()), local_days),
            holidays=month.holidays,
            **devices_told(devices.get(employee, ()), month.heard_since),
            entries_received=sum(not row.voided for row in rows),
            attendance=tuple(map(_attendance_day, attendance.get(employee, ()))),
            placements=placements,
            behaviour=_numbers(ratings.get(employee, {})),
            quality=number_of(mine.get(QUALITY)),
            budget_absorption=_absorption(month, placements),
            nothing_has_arrived=not rows,
            correction=_correction(mine.get(CORRECTION)),
            attendance_recap=recap_from_document(json.loads(recaps[employee])) if employee in recaps else None,
            waiting_review=_waiting_review(rows, conflicts.get(employee, ())),
        )
    return found


def number_of(mark: MarkRow | None) -> Decimal | None:
    """Return the number that a mark holds; None where there is none."""
    return None if mark is None else decimal_or_none(mark.value)


def decimal_or_none(text: str | None) -> Decimal | None:
    """Return the number that a text of our own store holds, or None: a score is never lost over one text."""
    try:
        number = None if text is None else Decimal(text)
    except InvalidOperation:
        return None
    return number if number is None or number.is_finite() else None


def _correction(mark: MarkRow | None) -> Correction | None:
    points = number_of(mark)
    return None if points is None or mark is None else Correction(points, mark.reason)


def _numbers(ratings: Mapping[str, str]) -> dict[str, Decimal]:
    numbers = {value: decimal_or_none(rating) for value, rating in ratings.items()}
    return {value: number for value, number in numbers.items() if number is not None}


def devices_told(devices: Sequence[DeviceRow], heard_since: int) -> dict[str, int]:
    """Return how much devices say that they still hold, and how many have not been heard since then."""
    return {
        "known_unsent": sum(device.unsent_reported for device in devices),
        "silent_devices": sum((device.last_seen_at or 0) < heard_since for device in devices),
    }


def _attendance_day(row: AttendanceRow) -> AttendanceDay:
    return AttendanceDay(
        row.day, row.status, row.late_minutes, row.early_leave_minutes, row.has_check_in, row.has_check_out
    )  # fmt: skip


def _entries(
    rows: Sequence[EntryRow], conflicts: Sequence[OpenConflictRow], local_days: LocalDays
) -> tuple[EntryForScore, ...]:
    in_conflict, after_lock = {each.record for each in conflicts}, _came_after_lock(conflicts)
    found = []
    for row in rows:
        key = row.id
        if row.review_state != APPROVED or row.voided or key in after_lock:
            continue
        # A month of a regency has a million of these: what follows from the times is found here, without a call.
        start = end = interval = None
        minutes = row.duration_minutes or 0
        if row.start_time is not None and row.end_time is not None:
            start, end = _MINUTES[row.start_time], _MINUTES[row.end_time]
            interval = (start, end if end > start else end + DAY_MINUTES)
            minutes = interval[1] - start
        captured_on, waits = local_days[row.captured_at // _QUARTER_MS], key in in_conflict
        entry = EntryForScore(
            key, row.work_date, start, end, row.duration_minutes, row.category, row.revision, waits, captured_on,
            interval, minutes,
        )  # fmt: skip
        found.append(entry)
    return tuple(found)


def _waiting_review(rows: Sequence[EntryRow], conflicts: Sequence[OpenConflictRow]) -> int:
    """How many entries a review may still make count; one that came after a lock waits for more than that."""
    after_lock = _came_after_lock(conflicts)
    return sum(row.review_state == SUBMITTED and not row.voided and row.id not in after_lock for row in rows)


def _came_after_lock(conflicts: Sequence[OpenConflictRow]) -> frozenset[str]:
    return frozenset(each.record for each in conflicts if each.kind == "after_lock" and not each.has_candidates)


class LocalDays(dict[int, date]):
    """The local date of each quarter of an hour since 1970 (UTC), looked up once: no zone's date changes within one."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, quarter: int) -> date:
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=quarter * _QUARTER_MS)
        day = self[quarter] = instant.astimezone(self._zone).date()
        return day


# Minutes from midnight by wall time.
_MINUTES: Final = {f"{minute // 60:02}:{minute % 60:02}": minute for minute in range(DAY_MINUTES + 1)}


def heard_from(last_day: date, zone: ZoneInfo, now_ms: int) -> int:
    """Return from when on a device counts as heard: since the month ended, or today in a month that goes on."""
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    day = min(last_day + timedelta(days=1), today)
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


# Where somebody works on a day, as far as a score looks at it: unit, workdays of a week, base of the allowance.
_Held = tuple[str | None, int | None, Decimal | None]


def _placements(
    month: OrgMonth, assignments: Sequence[AssignmentRow], bases: Sequence[BaseRow]
) -> tuple[Placement, ...]:
    """The month's placements; one ends where the unit, its calendar or the base of the allowance changes."""
    runs: list[tuple[date, date, _Held]] = []
    edges = _edges_within(month, assignments, bases)
    for first, last in zip(edges, [*(day - timedelta(days=1) for day in edges[1:]), month.last], strict=True):
        held = _held_on(first, month, assignments, bases)
        if held is None:
            continue
        if runs and runs[-1][2] == held and (first - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], last, held)
        else:
            runs.append((first, last, held))
    if not runs and assignments:
        # Known, and none of them holds in this month: no work is expected.
        other = assignments[0]
        return (Placement(other.valid_from, other.valid_to or other.valid_from, other.org_unit, None),)
    placements = tuple(
        Placement(first, last, unit, _name_of(unit, month), workdays, base) for first, last, (unit, workdays, base) in runs
    )
    if len(placements) == 1 and not assignments and runs[0][2] == (None, None, None):
        return ()
    return placements


def _name_of(unit: str | None, month: OrgMonth) -> str | None:
    known = None if unit is None else month.units.get(unit)
    return None if known is None else known.name


def _edges_within(month: OrgMonth, assignments: Sequence[AssignmentRow], bases: Sequence[BaseRow]) -> list[date]:
    """The days of the month on which anything may change, its first among them."""
    days = {month.first}
    days |= {each.valid_from for each in assignments}
    days |= {each.valid_to + timedelta(days=1) for each in assignments if each.valid_to and each.valid_to < month.last}
    days |= {each.valid_from for each in bases}
    days |= {row.valid_from for rows in month.calendars.values() for row in rows}
    return sorted(day for day in days if month.first <= day <= month.last)


def _held_on(
    day: date, month: OrgMonth, assignments: Sequence[AssignmentRow], bases: Sequence[BaseRow]
) -> _Held | None:  # fmt: skip
    holding = [each for each in assignments if each.valid_from <= day and (each.valid_to is None or day <= each.valid_to)]
    if assignments and not holding:
        return None
    # The one that began last; between two of one day its id decides, so that their order does not.
    unit = max(holding, key=lambda each: (each.valid_from, each.id)).org_unit if holding else None
    base = max((each for each in bases if each.valid_from <= day), key=lambda each: each.valid_from, default=None)
    return unit, _workdays(month, unit, day), None if base is None else Decimal(base.amount)


def _workdays(month: OrgMonth, unit: str | None, day: date) -> int | None:
    for scope in (unit, ORG_WIDE):
        rows = month.calendars.get(scope or "", ())
        begun = [row for row in rows if row.valid_from <= day]
        if begun:
            return begun[-1].workdays_per_week
    return None


def _absorption(month: OrgMonth, placements: Sequence[Placement]) -> Decimal | None:
    """That of the unit where the person works at the month's end, or of the nearest one above that has one."""
    last = max(placements, key=lambda each: each.valid_from, default=None)
    unit, seen = None if last is None else last.org_unit, set[str]()
    while unit is not None and unit not in seen:
        if unit in month.budget_absorption:
            return decimal_or_none(month.budget_absorption[unit])
        seen.add(unit)
        unit = month.units[unit].parent if unit in month.units else None
    return None

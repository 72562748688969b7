"""Working calendars: which weekdays are workdays, from when to when, and how late nobody is late; of the org or a unit.

A unit without a calendar of its own has the org's. Where there is none at all, no hours are known, and nobody is late.
Works in the transaction that it is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from lontara_core.canonical import encode
from lontara_core.problems import Problem
from lontara_core.typed_fields import time_typed
from lontara_server.services.access import local_date
from lontara_server.services.attendance_days import rebuild_from
from lontara_server.services.calendar_hours import ORG_WIDE, Calendars, read_calendars
from lontara_server.storage import calendars as store
from lontara_server.storage import people, scores
from lontara_server.storage.calendars import CalendarRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

__all__ = ["CalendarDraft", "Calendars", "hours_typed", "list_calendars", "read_calendars", "set_calendar"]

GRACE_MINUTES_MAX: Final = 240
_WEEKDAYS: Final[Mapping[str, int]] = {
    **{str(number): number for number in range(1, 8)},
    "senin": 1, "selasa": 2, "rabu": 3, "kamis": 4, "jumat": 5, "sabtu": 6, "minggu": 7,
    "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7,
}  # fmt: skip


@dataclass(frozen=True)
class CalendarDraft:
    """What somebody wants of a calendar. unit_code None: the org's.

    hours: by weekday, 1 is Monday; start and end as "HH:MM". An end at or before the start is on the next day.
    valid_to: the last day; then it goes on as before by itself. None: until another one begins.
    """

    valid_from: date
    workdays_per_week: int
    hours: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    grace_minutes: int = 0
    unit_code: str | None = None
    valid_to: date | None = None


def set_calendar(
    connection: Connection, org_id: int, draft: CalendarDraft, *, by: str, now_ms: int
) -> dict[str, int]:  # fmt: skip
    """Let a calendar hold from a day on. Recaps of the days since are made anew, and the scores of their months.

    Returns how many recaps changed, and how many scores are computed again.
    Raises Problem not_found, invalid_field.
    """
    _check(draft)
    scope = _scope(connection, org_id, draft.unit_code)
    known = [row for row in store.calendars_of(connection, org_id) if row.scope == scope]
    rows = [CalendarRow(scope, draft.valid_from, draft.workdays_per_week, _stored(draft.hours), draft.grace_minutes)]
    if draft.valid_to is not None:
        rows += _afterwards(connection, org_id, known, scope, draft)
    written = [row for row in rows if row not in known]
    for row in written:
        store.put_calendar(connection, org_id, row)
    if not written:
        return {"days_changed": 0, "scores_marked": 0}
    first = min(row.valid_from for row in written)
    marked = _mark_since(connection, org_id, first, now_ms)
    changed = rebuild_from(connection, org_id, first, now_ms)
    facts = {
        "unit": draft.unit_code, "valid_from": draft.valid_from.isoformat(),
        "valid_to": None if draft.valid_to is None else draft.valid_to.isoformat(),
        "workdays_per_week": draft.workdays_per_week, "hours": _stored(draft.hours),
        "grace_minutes": draft.grace_minutes, "days_changed": changed,
    }  # fmt: skip
    add_audit(connection, org_id, "calendar.set", by=by, now_ms=now_ms, subject=draft.unit_code, facts=facts)
    return {"days_changed": changed, "scores_marked": marked}


def list_calendars(connection: Connection, org_id: int, now_ms: int) -> list[dict[str, Any]]:
    """Every calendar in JSON types, the org's first; `holds_now` for the one of its scope that holds today."""
    today = local_date(connection, org_id, now_ms)
    units = {unit.id: unit for unit in people.units_of(connection, org_id)}
    rows = store.calendars_of(connection, org_id)
    newest = {row.scope: row.valid_from for row in rows if row.valid_from <= today}
    ordered = sorted(rows, key=lambda row: (row.scope != ORG_WIDE, _code(units, row.scope) or "", row.valid_from))
    return [
        {
            "unit_code": _code(units, row.scope),
            "unit_name": units[row.scope].name if row.scope in units else None,
            "valid_from": row.valid_from.isoformat(),
            "workdays_per_week": row.workdays_per_week,
            "hours": json.loads(row.hours),
            "grace_minutes": row.grace_minutes,
            "holds_now": newest.get(row.scope) == row.valid_from,
        }
        for row in ordered
    ]


def hours_typed(typed: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Hours by weekday of texts such as `1-4=07:30-16:00` and `jumat=7.30-16.30`. Raises Problem invalid_field."""
    hours: dict[int, tuple[str, str]] = {}
    for text in typed:
        days, _, times = text.partition("=")
        start, _, end = times.partition("-")
        first, _, last = days.partition("-")
        weekdays = [_WEEKDAYS.get(each.strip().lower(), 0) for each in (first, last or first)]
        if not all(weekdays) or weekdays[0] > weekdays[1] or not (start.strip() and end.strip()):
            raise Problem(
                "invalid_field",
                f"{text!r} says no hours of weekdays. Nothing was changed.",
                {"field": "hours", "value": text},
                "Write weekdays and times, for example 1-4=07:30-16:00 and 5=07:30-16:30.",
            )
        told = (time_typed(start.strip(), "hours"), time_typed(end.strip(), "hours"))
        hours |= dict.fromkeys(range(weekdays[0], weekdays[1] + 1), told)
    return hours


def _check(draft: CalendarDraft) -> None:
    if draft.workdays_per_week not in (5, 6):
        raise _invalid("workdays", "A week has 5 or 6 workdays.")
    wanted = set(range(1, draft.workdays_per_week + 1))
    if draft.hours and set(draft.hours) != wanted:
        raise _invalid("hours", "Hours are given for each workday and for no other day.")
    if not 0 <= draft.grace_minutes <= GRACE_MINUTES_MAX:
        raise _invalid("grace", f"The grace is 0 to {GRACE_MINUTES_MAX} minutes.")
    if draft.valid_to is not None and draft.valid_to < draft.valid_from:
        raise _invalid("valid_to", "The last day lies before the first.")


def _scope(connection: Connection, org_id: int, unit_code: str | None) -> str:
    if unit_code is None:
        return ORG_WIDE
    found = next((unit for unit in people.units_of(connection, org_id) if unit.code == unit_code), None)
    if found is None:
        raise Problem(
            "not_found",
            f"There is no unit {unit_code}. Nothing was changed.",
            {"unit": unit_code},
            "`lontara-server unit list` shows every unit.",
        )
    return found.id


def _afterwards(
    connection: Connection, org_id: int, known: Sequence[CalendarRow], scope: str, draft: CalendarDraft
) -> list[CalendarRow]:
    """The calendar that takes over after the last day: what held before, unless another one begins there anyway."""
    assert draft.valid_to is not None
    after = draft.valid_to + timedelta(days=1)
    if any(draft.valid_from < row.valid_from <= after for row in known):
        return []
    before = [row for row in known if row.valid_from < draft.valid_from]
    if not before and scope != ORG_WIDE:
        rows = store.calendars_of(connection, org_id)
        before = [row for row in rows if row.scope == ORG_WIDE and row.valid_from <= after]
    if not before:
        raise _invalid("valid_to", "No calendar held before, so none could take over afterwards.")
    held = before[-1]
    return [CalendarRow(scope, after, held.workdays_per_week, held.hours, held.grace_minutes)]


def _mark_since(connection: Connection, org_id: int, first: date, now_ms: int) -> int:
    """Mark every stored score since a day's month: its workdays may be others now."""
    periods = [each for each in scores.stored_periods(connection, org_id) if each >= f"{first:%Y-%m}"]
    months = scores.stored_months(connection, org_id, periods) if periods else []
    scores.mark_dirty(connection, org_id, months, now_ms)
    return len(months)


def _stored(hours: Mapping[int, tuple[str, str]]) -> str:
    return encode({str(weekday): list(times) for weekday, times in hours.items()}).decode()


def _code(units: Mapping[str, people.UnitRow], scope: str) -> str | None:
    return units[scope].code if scope in units else None


def _invalid(name: str, why: str) -> Problem:
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": name}, "Correct it and send it again.")

"""Marks: what a person has said of somebody's period for the score, and how much of a unit's budget is spent.

`quality` is the quality of a month's work in percent; `new_idea` says that an idea of the year is recognised, `survey`
that colleagues and subordinates were asked about the year's behaviour. Each is told in the audit trail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from lontara_core.problems import Problem
from lontara_core.typed_fields import figure_typed
from lontara_server.services.assessors import Officer
from lontara_server.services.behaviour import check_open, check_rater, days_of_period, marked_periods
from lontara_server.services.people import today_in
from lontara_server.storage import marks as store
from lontara_server.storage import people, scores
from lontara_server.storage.engine import Connection
from lontara_server.storage.marks import AbsorptionRow, MarkRow
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow, UnitRow

KINDS: Final = ("quality", "new_idea", "survey")
# Of which periods a mark is given.
PERIOD_OF: Final[Mapping[str, Literal["month", "year"]]] = {"quality": "month", "new_idea": "year", "survey": "year"}
REASON_MAX: Final = 2000
_YES_NO: Final[Mapping[str, str]] = {"yes": "yes", "no": "no", "ya": "yes", "tidak": "no"}
_PLACES_MAX: Final = 2


@dataclass(frozen=True)
class UnitAbsorption:
    """A unit and what it has spent by a month's end; None: nobody has said so."""

    unit: UnitRow
    held: AbsorptionRow | None


def set_mark(
    connection: Connection,
    org_id: int,
    employee: EmployeeRow,
    period: str,
    kind: str,
    typed: str,
    officer: Officer,
    now_ms: int,
    *,
    reason: str | None = None,
) -> None:
    """Give a mark, or with an empty text take it away. By who assesses the person's period, or an admin.

    Raises Problem not_permitted, invalid_field, state_not_allowed.
    """
    _check_period(connection, org_id, kind, period, now_ms)
    check_rater(connection, org_id, employee.id, period, officer, now_ms)
    check_open(connection, org_id, period)
    _check_reason(reason)
    value = _mark_value(kind, typed) if typed.strip() else None
    scores.mark_dirty(connection, org_id, marked_periods(employee.id, period), now_ms)
    known = store.marks_of(connection, org_id, employee.id, period).get(kind)
    if (None if known is None else (known.value, known.reason)) == (None if value is None else (value, reason)):
        return
    if value is None:
        store.remove_mark(connection, org_id, employee.id, period, kind)
    else:
        row = MarkRow(employee.id, period, kind, value, reason, officer.login, now_ms)
        store.put_mark(connection, org_id, row, is_known=known is not None)
    facts = {"period": period, "kind": kind, "was": None if known is None else known.value, "now": value}
    add_audit(
        connection, org_id, "mark.remove" if value is None else "mark.set", by=officer.login, now_ms=now_ms,
        subject=employee.id, facts=facts | ({"reason": reason} if reason else {}),
    )  # fmt: skip


def list_marks(connection: Connection, org_id: int, period: str | None = None) -> list[dict[str, Any]]:
    """Everybody's marks in JSON types, of one period or of all. Raises Problem invalid_field."""
    if period is not None:
        days_of_period(period)
    rows = store.marks_in(connection, org_id, period, KINDS)
    names = people.employees_by_id(connection, org_id, {row.employee for row in rows})
    return [
        {
            "nip": names[row.employee].nip, "full_name": names[row.employee].full_name, "period": row.period,
            "kind": row.kind, "value": row.value, "reason": row.reason, "by": row.by,
        }
        for row in rows
    ]  # fmt: skip


def set_absorption(
    connection: Connection, org_id: int, unit_code: str, period: str, typed: str, officer: Officer, now_ms: int
) -> None:
    """Tell how much of a unit's budget is spent by the month's end, in percent. By an admin.

    Every score of that month of the people placed there, or in a unit below, is computed anew.
    Raises Problem not_found, not_permitted, invalid_field, state_not_allowed.
    """
    if not officer.is_admin:
        raise Problem(
            "not_permitted", "An admin tells how much of a budget is spent. Nothing was changed.", {}, "Ask an admin."
        )
    unit = unit_named(connection, org_id, unit_code)
    first, last = _check_month(connection, org_id, period, now_ms)
    check_open(connection, org_id, period)
    percent = _percent(typed, "percent")
    units = frozenset({unit.id, *_below(connection, org_id, unit.id)})
    touched = store.people_placed_in(connection, org_id, units, first, last)
    months = [scores.PersonMonth(each, period) for each in sorted(touched)]
    scores.mark_dirty(connection, org_id, months, now_ms)
    known = store.absorption_in(connection, org_id, period).get(unit.id)
    if known is not None and known.percent == percent:
        return
    row = AbsorptionRow(unit.id, period, percent, officer.login, now_ms)
    store.put_absorption(connection, org_id, row, is_known=known is not None)
    facts = {"period": period, "was": None if known is None else known.percent, "now": percent}
    add_audit(
        connection, org_id, "absorption.set", by=officer.login, now_ms=now_ms, subject=unit.id, facts=facts
    )  # fmt: skip


def absorption_of(
    connection: Connection, org_id: int, period: str, units: frozenset[str] | None = None
) -> list[UnitAbsorption]:
    """Every unit (or of these), by code, with what it has spent by the month's end. Raises Problem invalid_field."""
    _month_days(period)
    held = store.absorption_in(connection, org_id, period)
    return [
        UnitAbsorption(unit, held.get(unit.id))
        for unit in people.units_of(connection, org_id)
        if units is None or unit.id in units
    ]


def absorption_document(row: UnitAbsorption, period: str) -> dict[str, Any]:
    """A unit's absorption in JSON types."""
    return {
        "unit_code": row.unit.code,
        "unit_name": row.unit.name,
        "period": period,
        "percent": None if row.held is None else row.held.percent,
    }


def unit_named(connection: Connection, org_id: int, code: str) -> UnitRow:
    """The unit with this code. Raises Problem not_found."""
    found = next((each for each in people.units_of(connection, org_id) if each.code == code), None)
    if found is None:
        raise Problem(
            "not_found",
            f"There is no unit {code}. Nothing was changed.",
            {"unit": code},
            "Import the employees first: their units come with them.",
        )
    return found


def _check_period(connection: Connection, org_id: int, kind: str, period: str, now_ms: int) -> None:
    if kind not in KINDS:
        raise _invalid("kind", f"There is no mark {kind}.")
    first, _ = days_of_period(period)
    is_month = len(period) > len("YYYY")
    if is_month != (PERIOD_OF[kind] == "month"):
        raise Problem(
            "invalid_field",
            f"{kind} is given for a {PERIOD_OF[kind]}. Nothing was changed.",
            {"field": "period", "value": period},
            "Write a month as YYYY-MM or a year as YYYY.",
        )
    if first > today_in(connection, org_id, now_ms):
        raise _invalid("period", "The period has not begun.")


def _check_month(connection: Connection, org_id: int, period: str, now_ms: int) -> tuple[date, date]:
    first, last = _month_days(period)
    if first > today_in(connection, org_id, now_ms):
        raise _invalid("period", "The period has not begun.")
    return first, last


def _month_days(period: str) -> tuple[date, date]:
    if len(period) == len("YYYY"):
        raise Problem(
            "invalid_field",
            f"{period!r} is not a period. Nothing was changed.",
            {"field": "period", "value": period},
            "Write the month as YYYY-MM, for example 2026-10.",
        )
    return days_of_period(period)


def _check_reason(reason: str | None) -> None:
    if reason is not None and len(reason) > REASON_MAX:
        raise _invalid("reason", f"A reason has at most {REASON_MAX} characters.")


def _mark_value(kind: str, typed: str) -> str:
    if kind == "quality":
        return _percent(typed, "quality")
    value = _YES_NO.get(typed.strip().lower())
    if value is None:
        raise _invalid(kind, "It is yes or no.")
    return value


def _percent(typed: str, name: str) -> str:
    percent = figure_typed(typed.strip().removesuffix("%").strip(), name)
    if Decimal(percent) > 100 or len(percent.partition(".")[2]) > _PLACES_MAX:
        raise _invalid(name, "It is a percentage from 0 to 100, with at most 2 places.")
    return percent


def _below(connection: Connection, org_id: int, unit: str) -> set[str]:
    below: dict[str | None, list[str]] = {}
    for each in people.units_of(connection, org_id):
        below.setdefault(each.parent, []).append(each.id)
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        for child in below.get(waiting.pop(), []):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def _invalid(name: str, why: str) -> Problem:
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": name}, "Correct it and save again.")

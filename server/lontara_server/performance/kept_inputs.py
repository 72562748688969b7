"""What a month was scored from beside its entries, as its document keeps it and as it is read back.

A locked month is computed from these and from its entries: what is learned of attendance, placements or ratings after
the lock changes no published score by itself. Entries, conflicts and corrections are not kept here: each of them
changes after a lock by a person's decision alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lontara_server.performance.attendance import AttendanceDay, recap_document, recap_from_document
from lontara_server.performance.explanation import Json, decimal_text
from lontara_server.performance.month import MonthInput
from lontara_server.performance.placement import Placement

KEPT: Final = "inputs"


def kept_document(month: MonthInput) -> dict[str, Json]:
    """Return the inputs in JSON types, in an order of their own: days and placements as short lists."""
    return {
        "attendance": [
            [day.day.isoformat(), day.status, day.late_minutes, day.early_leave_minutes, day.has_check_in, day.has_check_out]
            for day in sorted(month.attendance, key=lambda each: each.day)
        ],
        "behaviour": {value: decimal_text(rating) for value, rating in sorted(month.behaviour.items())},
        "budget_absorption": decimal_text(month.budget_absorption),
        "holidays": [day.isoformat() for day in sorted(month.holidays)],
        "placements": [_placement_document(each) for each in month.placements],
        "quality": decimal_text(month.quality),
        **_totals_document(month),
        **({"waiting_review": month.waiting_review} if month.waiting_review else {}),
    }  # fmt: skip


def _totals_document(month: MonthInput) -> dict[str, Json]:
    """The month's recap, of those that have one."""
    if month.attendance_recap is None:
        return {}
    held = recap_document(month.attendance_recap)
    return {"attendance_recap": {name: {**each} if isinstance(each, dict) else each for name, each in held.items()}}


def with_kept(month: MonthInput, kept: Mapping[str, Any] | None) -> MonthInput:
    """Return the month as it was scored, with its entries as they are now.

    kept: what `kept_document` made; None of a document that was written before anything but entries and holidays
    counted, which keeps the holidays of now.
    """
    if kept is None:
        return replace(
            month, attendance=(), attendance_recap=None, placements=(), behaviour={}, budget_absorption=None, quality=None,
            waiting_review=0,
        )  # fmt: skip
    recap = kept.get("attendance_recap")
    return replace(
        month,
        attendance=tuple(AttendanceDay(date.fromisoformat(day), *rest) for day, *rest in kept["attendance"]),
        attendance_recap=None if recap is None else recap_from_document(recap),
        behaviour={value: Decimal(rating) for value, rating in kept["behaviour"].items()},
        budget_absorption=_decimal(kept["budget_absorption"]),
        holidays=frozenset(map(date.fromisoformat, kept["holidays"])),
        placements=tuple(_placement(*each) for each in kept["placements"]),
        quality=_decimal(kept["quality"]),
        waiting_review=kept.get("waiting_review", 0),
    )


def _placement_document(placement: Placement) -> list[Json]:
    return [
        placement.valid_from.isoformat(),
        None if placement.valid_to is None else placement.valid_to.isoformat(),
        placement.org_unit,
        placement.unit_name,
        placement.workdays_per_week,
        decimal_text(placement.allowance_base),
    ]


def _placement(
    valid_from: str, valid_to: str | None, unit: str | None, name: str | None, workdays: int | None, base: str | None
) -> Placement:
    last = None if valid_to is None else date.fromisoformat(valid_to)
    return Placement(date.fromisoformat(valid_from), last, unit, name, workdays, _decimal(base))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

"""What is typed into the form of attendance: dates and minutes, or the Problem that names the field."""

from __future__ import annotations

from datetime import date

from lontara_core.problems import Problem
from lontara_core.typed_fields import date_typed


def day_typed(typed: str, field: str) -> date:
    """The day that was typed. Raises Problem invalid_field."""
    try:
        return date.fromisoformat(date_typed(typed.strip()))
    except (Problem, ValueError):
        raise _invalid(field, "That is no date.") from None


def minutes_typed(typed: str, field: str) -> int | None:
    """Whole minutes; None where nothing was typed. Raises Problem invalid_field."""
    text = typed.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= len("1440")):
        raise _invalid(field, "Minutes are a whole number.")
    return int(text)


def _invalid(field: str, why: str) -> Problem:
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": field}, "Correct it and send it again.")

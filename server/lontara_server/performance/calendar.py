"""The working calendar: which days of a month are workdays. Holidays are given."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Set
from datetime import date
from functools import cache

PERIOD_PATTERN = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@cache
def days_of(period: str) -> tuple[date, ...]:
    """Return every day of a period "YYYY-MM". Raises ValueError for another shape."""
    match = PERIOD_PATTERN.fullmatch(period)
    if match is None or match[1] == "0000":
        raise ValueError(f"{period!r} is not a period: YYYY-MM")
    year, month = int(match[1]), int(match[2])
    return tuple(date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))


def weekdays_of(period: str, workdays_per_week: int) -> tuple[date, ...]:
    """Return the days from Monday on, 5 or 6 of each week, holidays still among them."""
    return tuple(day for day in days_of(period) if day.weekday() < workdays_per_week)


def workdays_of(period: str, holidays: Set[date], *, workdays_per_week: int) -> tuple[date, ...]:
    """Return the days of a period on which work is expected."""
    return tuple(d for d in weekdays_of(period, workdays_per_week) if d not in holidays)

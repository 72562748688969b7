"""Deadlines of entries and reviews. An entry's are held against the day it was written down, never its arrival."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta
from typing import Literal

from lontara_server.performance.calendar import days_of
from lontara_server.performance.month_policy import EntryRules

Timing = Literal["in_time", "late", "after_close"]


def entry_timing(work_date: date, captured_on: date | None, rules: EntryRules) -> Timing:
    """Tell whether an entry was written in time, too many days after, or after its month was closed.

    captured_on: local date of capture; None is not known, and in time.
    """
    if captured_on is None:
        return "in_time"
    if captured_on > month_close(f"{work_date:%Y-%m}", rules):
        return "after_close"
    return "late" if (captured_on - work_date).days > rules.entry_days_back else "in_time"


def month_close(period: str, rules: EntryRules) -> date:
    """Return the last day on which an entry of the month can be written in time."""
    return days_of(period)[-1] + timedelta(days=rules.month_closes_on)


def review_due(submitted_on: date, holidays: Set[date], rules: EntryRules, *, workdays_per_week: int) -> date:
    """Return the last day for the review of what reached the server on a day."""
    return _workday_after(submitted_on, rules.review_workdays, holidays, workdays_per_week)


def review_reminders(
    submitted_on: date, holidays: Set[date], rules: EntryRules, *, workdays_per_week: int
) -> tuple[date, ...]:
    """Return the days on which the supervisor is reminded of what reached the server on a day."""
    return tuple(_workday_after(submitted_on, count, holidays, workdays_per_week) for count in rules.review_reminders)


def _workday_after(day: date, count: int, holidays: Set[date], workdays_per_week: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < workdays_per_week and day not in holidays
    return day

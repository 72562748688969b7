"""Workdays of a month, and intervals of minutes."""

from __future__ import annotations

from datetime import date

import pytest

from lontara_server.performance.calendar import days_of, workdays_of
from lontara_server.performance.intervals import (
    Interval,
    interval_of_day,
    overlapping_groups,
    shared_minutes,
    union,
)


@pytest.mark.parametrize(
    ("period", "workdays_per_week", "workdays"),
    [("2026-02", 5, 20), ("2026-02", 6, 24), ("2028-02", 5, 21), ("2026-12", 5, 23)],
)
def test_a_month_has_its_weekdays_as_workdays(period: str, workdays_per_week: int, workdays: int) -> None:
    days = workdays_of(period, frozenset(), workdays_per_week=workdays_per_week)

    assert len(days) == workdays


def test_a_holiday_takes_a_workday_only_where_there_is_one() -> None:
    holidays = frozenset({date(2026, 2, 17), date(2026, 2, 22), date(2026, 3, 19)})  # Tuesday, Sunday, March

    days = workdays_of("2026-02", holidays, workdays_per_week=5)

    assert len(days) == 19
    assert date(2026, 2, 17) not in days


def test_a_leap_february_ends_on_the_29th() -> None:
    assert (days_of("2028-02")[-1], days_of("2100-02")[-1]) == (date(2028, 2, 29), date(2100, 2, 28))


@pytest.mark.parametrize("period", ["2026-13", "2026-00", "0000-01", "2026-2", "2026-02-01", "２０２６-02", ""])
def test_a_text_that_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        days_of(period)


@pytest.mark.parametrize(
    ("start", "end", "interval"),
    [(480, 540, (480, 540)), (1320, 120, (1320, 1560)), (480, 480, (480, 1920)), (1320, 1440, (1320, 1440))],
)
def test_an_end_at_or_before_the_start_is_the_next_days(start: int, end: int, interval: Interval) -> None:
    assert interval_of_day(start, end) == interval


@pytest.mark.parametrize(
    ("intervals", "joined"),
    [
        ([], ()),
        ([(60, 120), (120, 180)], ((60, 180),)),
        ([(0, 300), (60, 120)], ((0, 300),)),
        ([(200, 260), (60, 120)], ((60, 120), (200, 260))),
        ([(60, 120), (60, 90), (100, 130)], ((60, 130),)),
    ],
)
def test_a_union_joins_what_touches_overlaps_or_lies_within(
    intervals: list[Interval], joined: tuple[Interval, ...]
) -> None:
    assert union(intervals) == joined


def test_shared_minutes_are_those_in_both_unions() -> None:
    assert shared_minutes([(0, 60), (120, 180)], [(30, 150), (180, 200)]) == 60


def test_a_group_holds_everyone_in_a_chain_of_overlaps_and_nobody_who_only_touches() -> None:
    intervals = [(300, 360), (0, 100), (50, 200), (150, 300), (400, 500)]

    assert overlapping_groups(intervals) == [[1, 2, 3]]

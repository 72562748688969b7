"""Intervals of minutes and their union. Knows nothing of entries, days or policies.

An interval is (start, end) in whole minutes, start included, end not: 08:00-09:00 and
09:00-10:00 touch and share nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter

DAY_MINUTES = 24 * 60

Interval = tuple[int, int]
_by_interval = itemgetter(1)


def interval_of_day(start_minute: int, end_minute: int) -> Interval:
    """Return the interval from a day's midnight; an end at or before the start is tomorrow's."""
    assert 0 <= start_minute < DAY_MINUTES
    assert 0 <= end_minute <= DAY_MINUTES
    ends_next_day = end_minute <= start_minute
    return start_minute, end_minute + (DAY_MINUTES if ends_next_day else 0)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same minutes as disjoint intervals in order; touching ones become one."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def minutes_in(intervals: Iterable[Interval]) -> int:
    """Return the sum of the lengths; of a union, each minute once."""
    return sum(end - start for start, end in intervals)


def shared_minutes(one: Sequence[Interval], other: Sequence[Interval]) -> int:
    """Return how many minutes two unions have in common."""
    return minutes_in(one) + minutes_in(other) - minutes_in(union([*one, *other]))


def overlapping_groups(intervals: Sequence[Interval]) -> list[list[int]]:
    """Return the groups of intervals that share minutes, as positions in the argument.

    Who overlaps anyone of a group is in the group; an interval alone is in none.
    """
    groups: list[list[int]] = []
    group_end = -1
    for position, (start, end) in sorted(enumerate(intervals), key=_by_interval):
        if groups and start < group_end:
            groups[-1].append(position)
            group_end = max(group_end, end)
        else:
            groups.append([position])
            group_end = end
    return [group for group in groups if len(group) > 1]

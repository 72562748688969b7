"""Counted minutes: what each day's entries are worth after overlaps and the caps of day, category and month.

A minute of a person counts once. A minute after midnight that two days claim, by an
entry that runs past midnight and by an entry of the next day, goes to the earlier day
as far as that day's cap leaves room, else to the later one: so an entry that is added
can never take minutes away. The day before the first of the month is not looked at.
A minute that entries of two categories share goes to the one that has room under its cap, for the same reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, groupby
from operator import attrgetter
from typing import Final

from lontara_server.performance.intervals import DAY_MINUTES, Interval, overlapping_groups, shared_minutes
from lontara_server.performance.month import EntryForScore

_ONE_DAY: Final = timedelta(days=1)
_work_date: Final = attrgetter("work_date")


@dataclass(frozen=True)
class DayCount:
    """One day: entered - overlap - over_cap = counted."""

    work_date: date
    entered_minutes: int
    overlap_minutes: int
    over_cap_minutes: int
    entry_ids: tuple[str, ...]
    overlapping_ids: tuple[str, ...]

    @property
    def counted_minutes(self) -> int:
        return self.entered_minutes - self.overlap_minutes - self.over_cap_minutes


@dataclass(frozen=True)
class CategoryExcess:
    """What categories bring beyond their caps: own_minutes, those that no other category has, and the caps' sum."""

    categories: tuple[str, ...]
    own_minutes: int
    cap_minutes: Decimal

    @property
    def excess_minutes(self) -> Decimal:
        return self.own_minutes - self.cap_minutes


def count_days(entries: Sequence[EntryForScore], *, day_cap: int | None) -> tuple[DayCount, ...]:
    """Count the minutes of each day that has entries, in order of the days.

    entries: in the order of `entries_in_order`.
    day_cap: the most minutes that one day can count; None: no such cap.
    """
    if day_cap is None:
        day_cap = sum(entry.minutes for entry in entries)
    days = _days_in_order(entries)
    overlapping = _overlapping_ids(days)

    counts: list[DayCount] = []
    taken_by_day_before = 0
    for place, day in enumerate(days):
        follows = place + 1 < len(days) and days[place + 1].work_date - day.work_date == _ONE_DAY
        claimed_by_next = _shared_with_next(day.intervals, days[place + 1].intervals) if follows else 0
        own = day.minutes_once - taken_by_day_before - claimed_by_next
        taken = min(claimed_by_next, max(0, day_cap - own))
        once = own + taken
        counts.append(
            DayCount(
                work_date=day.work_date,
                entered_minutes=day.entered_minutes,
                overlap_minutes=day.entered_minutes - once,
                over_cap_minutes=max(0, once - day_cap),
                entry_ids=tuple([entry.entry_id for entry in day.entries]),
                overlapping_ids=overlapping.get(day.work_date, ()),
            )
        )
        taken_by_day_before = taken
    return tuple(counts)


@dataclass(slots=True)
class _Day:
    """A day's entries added up. minutes_once: those of the union of its intervals, and of entries without times."""

    work_date: date
    entries: list[EntryForScore]
    intervals: list[Interval]
    entered_minutes: int = 0
    minutes_once: int = 0


def _days_in_order(entries: Sequence[EntryForScore]) -> list[_Day]:
    days: list[_Day] = []
    for work_date, of_day in groupby(entries, key=_work_date):
        day = _Day(work_date, list(of_day), [])
        for entry in day.entries:
            interval, minutes = entry.interval, entry.minutes
            day.entered_minutes += minutes
            day.minutes_once += minutes if interval is None else _added_to_union(day.intervals, interval)
        days.append(day)
    return days


def _added_to_union(union_so_far: list[Interval], interval: Interval) -> int:
    """Add an interval that starts no earlier than those in the union; returns the minutes that it adds."""
    start, end = interval
    if not union_so_far or start > union_so_far[-1][1]:
        union_so_far.append(interval)
        return end - start
    last_start, last_end = union_so_far[-1]
    if end <= last_end:
        return 0
    union_so_far[-1] = (last_start, end)
    return end - last_end


def category_excess(
    entries: Sequence[EntryForScore], caps: Mapping[str, Decimal], *, day_cap: int | None
) -> CategoryExcess | None:
    """Return what has to go so that no category counts more than its cap and everything else counts in full.

    Of all ways to give each minute to one of its categories this is the best one for the person: by the duality of
    flows and cuts, the most that can count is the least, over every group of capped categories, of the group's caps
    and of what the entries outside the group count by themselves.
    """
    whole = _counted(entries, day_cap)
    found: CategoryExcess | None = None
    present = sorted({entry.category for entry in entries if entry.category in caps}, key=str)
    for size in range(1, len(present) + 1):
        for group in combinations(present, size):
            others = [entry for entry in entries if entry.category not in group]
            excess = CategoryExcess(
                tuple(str(category) for category in group),
                whole - _counted(others, day_cap),
                sum((caps[str(category)] for category in group), Decimal(0)),
            )
            if excess.excess_minutes > (found.excess_minutes if found else 0):
                found = excess
    return found


def _counted(entries: Sequence[EntryForScore], day_cap: int | None) -> int:
    return sum(day.counted_minutes for day in count_days(entries, day_cap=day_cap))


def _shared_with_next(today: Sequence[Interval], tomorrow: Sequence[Interval]) -> int:
    """Minutes after midnight that today's entries, which all start before it, and tomorrow's both claim."""
    tail = [(0, end - DAY_MINUTES) for _, end in today if end > DAY_MINUTES]
    return shared_minutes(tail, tomorrow) if tail and tomorrow else 0


def _overlapping_ids(days: Sequence[_Day]) -> dict[date, tuple[str, ...]]:
    """For each day, the entries of every overlap in which the day has a part."""
    if any(day.intervals and day.intervals[-1][1] > DAY_MINUTES for day in days):
        return _overlapping_on([entry for day in days for entry in day.entries])
    # Without a night no overlap reaches into another day.
    ids: dict[date, tuple[str, ...]] = {}
    for day in days:
        if day.entered_minutes != day.minutes_once:
            ids |= _overlapping_on(day.entries)
    return ids


def _overlapping_on(entries: Sequence[EntryForScore]) -> dict[date, tuple[str, ...]]:
    timed = [entry for entry in entries if entry.interval is not None]
    on_one_line = [
        (midnight + start, midnight + end)
        for entry in timed
        for midnight, (start, end) in [(entry.work_date.toordinal() * DAY_MINUTES, entry.interval or (0, 0))]
    ]
    ids: dict[date, tuple[str, ...]] = {}
    for group in overlapping_groups(on_one_line):
        members = [timed[position] for position in group]
        for day in sorted({entry.work_date for entry in members}):
            ids[day] = ids.get(day, ()) + tuple(entry.entry_id for entry in members)
    return ids

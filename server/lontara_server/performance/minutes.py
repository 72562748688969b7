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
from datetime import date
from decimal import Decimal
from itertools import combinations

from lontara_server.performance.intervals import (
    DAY_MINUTES,
    Interval,
    minutes_in,
    overlapping_groups,
    shared_minutes,
    union,
)
from lontara_server.performance.month import EntryForScore


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
    by_day: dict[date, list[EntryForScore]] = {}
    for entry in entries:
        by_day.setdefault(entry.work_date, []).append(entry)
    unions = {day.toordinal(): _union_of(of_day) for day, of_day in by_day.items()}
    overlapping = _overlapping_ids(entries)

    counts: list[DayCount] = []
    taken_by_day_before = 0
    for day, of_day in by_day.items():
        entered = sum(entry.minutes for entry in of_day)
        without_times = sum(entry.minutes for entry in of_day if entry.interval is None)
        claimed_by_next = _shared_with_next(unions[day.toordinal()], unions.get(day.toordinal() + 1, ()))
        own = minutes_in(unions[day.toordinal()]) + without_times - taken_by_day_before - claimed_by_next
        taken = min(claimed_by_next, max(0, day_cap - own))
        once = own + taken
        counts.append(
            DayCount(
                work_date=day,
                entered_minutes=entered,
                overlap_minutes=entered - once,
                over_cap_minutes=max(0, once - day_cap),
                entry_ids=tuple(entry.entry_id for entry in of_day),
                overlapping_ids=overlapping.get(day, ()),
            )
        )
        taken_by_day_before = taken
    return tuple(counts)


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


def _union_of(entries: Sequence[EntryForScore]) -> tuple[Interval, ...]:
    return union(entry.interval for entry in entries if entry.interval is not None)


def _shared_with_next(today: Sequence[Interval], tomorrow: Sequence[Interval]) -> int:
    """Minutes after midnight that today's entries, which all start before it, and tomorrow's both claim."""
    tail = [(0, end - DAY_MINUTES) for _, end in today if end > DAY_MINUTES]
    return shared_minutes(tail, tomorrow)


def _overlapping_ids(entries: Sequence[EntryForScore]) -> dict[date, tuple[str, ...]]:
    """For each day, the entries of every overlap in which the day has a part."""
    timed = [(entry, entry.interval) for entry in entries if entry.interval is not None]
    on_one_line = [
        (midnight + start, midnight + end)
        for entry, (start, end) in timed
        for midnight in [entry.work_date.toordinal() * DAY_MINUTES]
    ]
    ids: dict[date, tuple[str, ...]] = {}
    for group in overlapping_groups(on_one_line):
        members = [timed[position][0] for position in group]
        for day in sorted({entry.work_date for entry in members}):
            ids[day] = ids.get(day, ()) + tuple(entry.entry_id for entry in members)
    return ids

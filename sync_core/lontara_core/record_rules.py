"""Rules across a person's entries: overlaps, near-duplicates, minutes, dates (sync_protocol.md §9). Pure.

They keep all data and only say what a person should look at. Opening conflicts belongs to the server's services.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Final

from lontara_core.operations import minute_of_day, minutes_between

MINUTES_PER_DAY_MAX: Final = 960
DAYS_BACK_MAX: Final = 7
DAYS_AHEAD_MAX: Final = 1
SIMILAR_TITLE_RATIO: Final = 0.85
_DAY_MINUTES: Final = 1440


class Work:
    """One entry as the rules see it; `device` is the one that wrote it last.

    `interval`: start and end in minutes since a fixed day, [start, end); an end past midnight lies on the next day.
    `minutes`: between the times, or the given duration where there are no times.
    """

    __slots__ = ("device", "id", "interval", "minutes", "title", "work_date")

    def __init__(
        self,
        id: str,
        work_date: date,
        title: str,
        start_time: str | None = None,
        end_time: str | None = None,
        duration_minutes: int | None = None,
        device: str | None = None,
    ) -> None:
        self.id = id
        self.work_date = work_date
        self.title = title
        self.device = device
        # Told once: an entry is held against each of its neighbours.
        self.interval: tuple[int, int] | None = None
        self.minutes = duration_minutes or 0
        if start_time is not None and end_time is not None:
            start = work_date.toordinal() * _DAY_MINUTES + minute_of_day(start_time)
            self.minutes = minutes_between(start_time, end_time)
            self.interval = (start, start + self.minutes)

    @property
    def passes_midnight(self) -> bool:
        """Whether it ends on the day after its own."""
        return self.interval is not None and self.interval[1] > (self.work_date.toordinal() + 1) * _DAY_MINUTES


def overlap(first: Work, second: Work) -> bool:
    """Whether two different entries share at least a minute; touching ends do not."""
    here, there = first.interval, second.interval
    return (
        first.id != second.id and here is not None and there is not None and here[0] < there[1] and there[0] < here[1]
    )


def near_duplicate(first: Work, second: Work) -> bool:
    """Whether two entries look like one piece of work that was written on two devices.

    Same date and similar title, and times that meet, or are missing in one of them.
    """
    if first.device == second.device or first.id == second.id or first.work_date != second.work_date:
        return False
    return _times_meet(first, second) and similar(first.title, second.title)


def _times_meet(first: Work, second: Work) -> bool:
    here, there = first.interval, second.interval
    return here is None or there is None or (here[0] <= there[1] and there[0] <= here[1])


def similar(first: str, second: str) -> bool:
    """Whether two titles say nearly the same, whatever their case and spacing; the same in either order."""
    low, high = sorted((" ".join(first.casefold().split()), " ".join(second.casefold().split())))
    return low == high or SequenceMatcher(None, low, high, autojunk=False).ratio() >= SIMILAR_TITLE_RATIO


def pair_kind(first: Work, second: Work) -> str | None:
    """What two entries of one person have with each other; the likelier explanation where both rules hold."""
    if near_duplicate(first, second):
        return "near_duplicate"
    return "overlap" if overlap(first, second) else None


def pairs_of(work: Work, others: Iterable[Work]) -> list[tuple[str, Work]]:
    """What an entry has with each other one of its person on its own day and the days beside it."""
    mine, found = work.interval, []
    for other in others:
        if other.device == work.device:
            # One device says the same thing twice only on purpose, so nothing but their times is compared.
            theirs = other.interval
            if mine and theirs and mine[0] < theirs[1] and theirs[0] < mine[1] and other.id != work.id:
                found.append(("overlap", other))
            continue
        kind = pair_kind(work, other)
        if kind is not None:
            found.append((kind, other))
    return found


def minutes_over(works: Iterable[Work], *, minutes_max: int = MINUTES_PER_DAY_MAX) -> frozenset[date]:
    """The days whose entries, all of one person, add up to more than a day can hold."""
    every = list(works)
    # Mostly the days would fit into one.
    if sum([work.minutes for work in every]) <= minutes_max:
        return frozenset()
    totals: dict[date, int] = {}
    for work in every:
        totals[work.work_date] = totals.get(work.work_date, 0) + work.minutes
    return frozenset([day for day, minutes in totals.items() if minutes > minutes_max])


def is_future(work_date: date, today: date) -> bool:
    """Whether the date lies beyond the day of grace; `today` is the org's local date when the server received it."""
    return work_date > today + timedelta(days=DAYS_AHEAD_MAX)


def is_late(work_date: date, written_on: date) -> bool:
    """Whether it was written more than the allowed days after; `written_on` is the local date of capture, or of
    the source's own entry time where it is imported, never of arrival."""
    return work_date.toordinal() < written_on.toordinal() - DAYS_BACK_MAX

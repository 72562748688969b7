"""Placements of a person, and the stretches that they cut a month into: a transfer in mid-month makes two.

Where nothing is known of a person's placements, the whole month is one stretch.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from lontara_server.performance.calendar import days_of
from lontara_server.performance.explanation import Param


@dataclass(frozen=True)
class Placement:
    """Where a person works, from the first to the last valid day; valid_to None: open.

    workdays_per_week: of the unit's calendar, 5 or 6; None: the policy's.
    allowance_base: rupiah a month of the position's allowance; None: not known.
    """

    valid_from: date
    valid_to: date | None
    org_unit: str | None
    unit_name: str | None
    workdays_per_week: int | None = None
    allowance_base: Decimal | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Stretch:
    """Days of a month, one after the other, under one placement. workdays: those on which work is expected."""

    first: date
    last: date
    placement: Placement | None
    workdays_per_week: int
    workdays: tuple[date, ...]
    holiday_count: int

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def stretch_params(stretch: Stretch) -> dict[str, Param]:
    """Return what the words of a stretch name."""
    placement = stretch.placement
    return {
        "first": stretch.first.isoformat(),
        "last": stretch.last.isoformat(),
        "org_unit": None if placement is None else placement.org_unit,
        "unit": None if placement is None else placement.unit_name,
    }


def stretches_of(
    period: str, placements: Sequence[Placement], holidays: Set[date], *, workdays_per_week: int
) -> tuple[Stretch, ...]:
    """Return the stretches of a month, in order of their days.

    A day belongs to the placement that began last of those that hold on it. A day on which none holds, before an
    appointment or after the last day of service, belongs to no stretch: no work is expected on it.
    workdays_per_week: where a placement's calendar does not say.
    """
    return _stretches_of(period, tuple(placements), frozenset(holidays), workdays_per_week)


# Most people of an office share a month's stretches.
@lru_cache(maxsize=2048)
def _stretches_of(
    period: str, placements: tuple[Placement, ...], holidays: frozenset[date], workdays_per_week: int
) -> tuple[Stretch, ...]:
    runs: list[tuple[list[date], Placement | None]] = []
    for day in days_of(period):
        placement = _placement_on(day, placements)
        if placements and placement is None:
            continue
        if runs and runs[-1][1] == placement and (day - runs[-1][0][-1]).days == 1:
            runs[-1][0].append(day)
        else:
            runs.append(([day], placement))
    return tuple(_stretch(days, placement, holidays, workdays_per_week) for days, placement in runs)


def _placement_on(day: date, placements: Sequence[Placement]) -> Placement | None:
    holding = [placement for placement in placements if placement.holds_on(day)]
    return max(holding, key=_order, default=None)


def _order(placement: Placement) -> tuple[date, str, str, date, int, Decimal]:
    """The first day decides, and between two that began on one day everything else, so that their order does not."""
    return (
        placement.valid_from,
        placement.org_unit or "",
        placement.unit_name or "",
        placement.valid_to or date.max,
        placement.workdays_per_week or 0,
        Decimal(-1) if placement.allowance_base is None else placement.allowance_base,
    )


def _stretch(days: Sequence[date], placement: Placement | None, holidays: Set[date], default: int) -> Stretch:
    per_week = default if placement is None else placement.workdays_per_week or default
    weekdays = [day for day in days if day.weekday() < per_week]
    workdays = tuple(day for day in weekdays if day not in holidays)
    return Stretch(days[0], days[-1], placement, per_week, workdays, len(weekdays) - len(workdays))

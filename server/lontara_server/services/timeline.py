"""A person's placements as stretches of days, and what has to change in them for a transfer or an acting supervisor.

Pure: rows in, steps out. Stretches of one person never overlap, so a period that ends has its successor already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

from lontara_server.storage.people import AssignmentRow

FIELDS: Final = ("org_unit", "position", "supervisor", "acting_supervisor")
_DAY: Final = timedelta(days=1)
# A stretch without an end.
OPEN: Final = date.max

Values: TypeAlias = Mapping[str, str | None]
NOTHING: Final[Values] = MappingProxyType({})


@dataclass(frozen=True)
class Stretch:
    """Days one after the other under the same placement; `last` is OPEN where no end is known."""

    first: date
    last: date
    org_unit: str | None = None
    position: str | None = None
    supervisor: str | None = None
    acting_supervisor: str | None = None

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def value(self, name: str) -> str | None:
        value: str | None = getattr(self, name)
        return value

    @property
    def values(self) -> dict[str, str | None]:
        return {name: self.value(name) for name in FIELDS}

    def given(self, told: Values) -> Stretch:
        """The same days with these values."""
        return Stretch(self.first, self.last, **{**self.values, **told})


@dataclass(frozen=True)
class Steps:
    """What turns the rows into the wanted stretches: rows that change in some fields, new ones, and superfluous ones."""

    changed: tuple[tuple[AssignmentRow, dict[str, str | None]], ...]
    created: tuple[Stretch, ...]
    voided: tuple[AssignmentRow, ...]


def stretches_of(rows: Sequence[AssignmentRow]) -> list[Stretch]:
    """The stretches in order. A day belongs to the row that begins last of those that hold on it."""
    edges = sorted({row.valid_from for row in rows} | {row.valid_to + _DAY for row in rows if row.valid_to})
    found: list[tuple[AssignmentRow, Stretch]] = []
    for place, first in enumerate(edges):
        last = edges[place + 1] - _DAY if place + 1 < len(edges) else OPEN
        holding = [row for row in rows if row.valid_from <= first and (row.valid_to is None or row.valid_to >= first)]
        if not holding:
            continue
        row = max(holding, key=lambda each: (each.valid_from, each.id))
        if found and found[-1][0] == row and found[-1][1].last + _DAY == first:
            found[-1] = (row, replace(found[-1][1], last=last))
        else:
            found.append((row, Stretch(first, last, row.org_unit, row.position, row.supervisor, row.acting_supervisor)))
    return [stretch for _, stretch in found]


def on_day(stretches: Sequence[Stretch], day: date) -> Stretch | None:
    """The stretch of this day."""
    return next((each for each in stretches if each.holds(day)), None)


def circle_day(placed: Mapping[str, Sequence[Stretch]], employee: str, first: date) -> date | None:
    """The first day from `first` on, on which the employee's supervisors lead back to the employee."""
    waiting, seen, found = [(employee, first, OPEN)], set(), []
    while waiting:
        span = waiting.pop()
        if span in seen:
            continue
        seen.add(span)
        person, begun, ended = span
        for each in placed.get(person, ()):
            start, end = max(begun, each.first), min(ended, each.last)
            if each.supervisor is None or start > end:
                continue
            if each.supervisor == employee:
                found.append(start)
            else:
                waiting.append((each.supervisor, start, end))
    return min(found, default=None)


def within(stretches: Sequence[Stretch], told: Values, first: date, last: date) -> list[Stretch]:
    """The stretches with these values on exactly these days, whatever was there; days without a stretch get one."""
    before = [replace(each, last=min(each.last, first - _DAY)) for each in stretches if each.first < first]
    after = [replace(each, first=max(each.first, _after(last))) for each in stretches if each.last > last]
    inside, cursor = [], first
    for each in stretches:
        if each.last < first or each.first > last:
            continue
        part = replace(each, first=max(each.first, first), last=min(each.last, last))
        if cursor < part.first:
            inside.append(Stretch(cursor, part.first - _DAY))
        inside.append(part)
        cursor = _after(part.last)
    if not inside or inside[-1].last < last:
        inside.append(Stretch(cursor, last))
    return _without_seams([*before, *(each.given(told) for each in inside), *after], stretches)


def onward(
    stretches: Sequence[Stretch], told: Values, first: date, *, along: Values = NOTHING, filling: bool = False
) -> list[Stretch]:
    """The stretches with these values from a day on, until one begins that was told something else before.

    So what is planned for a later day stays as it is.
    along: values that change on the same days where something changes, and do not say how far it goes.
    filling: where nothing of all this was known on that day, the values count from when on it was not known.
    """
    here = on_day(stretches, first)
    if here is None:
        return within(stretches, told, first, _before_next(stretches, first, OPEN))
    if all(here.value(name) == value for name, value in told.items()):
        return list(stretches)
    run = _run(stretches, here, tuple(told))
    start = first
    changed = [name for name, value in told.items() if here.value(name) != value]
    if filling and all(here.value(name) is None for name in changed):
        start = _run_before(stretches, here, changed)
    return within(stretches, {**told, **along}, start, run[-1].last)


def steps(rows: Sequence[AssignmentRow], wanted: Sequence[Stretch]) -> Steps:
    """What has to be written so that the rows become the wanted stretches. Rows are known by the day they begin."""
    by_first: dict[date, AssignmentRow] = {}
    for row in sorted(rows, key=lambda each: each.id):
        by_first[row.valid_from] = row
    changed, created, used = [], [], set()
    for stretch in wanted:
        known = by_first.get(stretch.first)
        if known is None:
            created.append(stretch)
            continue
        used.add(known.id)
        now: dict[str, str | None] = {**stretch.values, "valid_to": told_last(stretch)}
        was = values_of(known)
        different = {name: value for name, value in now.items() if value != was[name]}
        if different:
            changed.append((known, different))
    voided = tuple(row for row in rows if row.id not in used)
    return Steps(tuple(changed), tuple(created), voided)


def values_of(row: AssignmentRow) -> dict[str, str | None]:
    """What may change in a row, as it stands."""
    values: dict[str, str | None] = {name: getattr(row, name) for name in FIELDS}
    return {**values, "valid_to": row.valid_to.isoformat() if row.valid_to else None}


def told_last(stretch: Stretch) -> str | None:
    """The last day as a record holds it."""
    return None if stretch.last == OPEN else stretch.last.isoformat()


def _run(stretches: Sequence[Stretch], here: Stretch, names: Sequence[str]) -> list[Stretch]:
    """`here` and what follows without a gap, while all these values stay the same."""
    run = [here]
    for each in stretches:
        if each.first == _after(run[-1].last) and all(each.value(name) == here.value(name) for name in names):
            run.append(each)
    return run


def _run_before(stretches: Sequence[Stretch], here: Stretch, names: Sequence[str]) -> date:
    first = here.first
    for each in reversed(stretches):
        if _after(each.last) == first and all(each.value(name) is None for name in names):
            first = each.first
    return first


def _before_next(stretches: Sequence[Stretch], day: date, last: date) -> date:
    later = [each.first for each in stretches if each.first > day]
    return min([last, *(first - _DAY for first in later)])


def _after(day: date) -> date:
    return OPEN if day == OPEN else day + _DAY


def _without_seams(stretches: Sequence[Stretch], before: Sequence[Stretch]) -> list[Stretch]:
    """Two neighbours that say the same are one, unless they were two before."""
    known = {each.first for each in before}
    done: list[Stretch] = []
    for each in stretches:
        if done and each.first not in known and _after(done[-1].last) == each.first and done[-1].values == each.values:
            done[-1] = replace(done[-1], last=each.last)
        else:
            done.append(each)
    return done

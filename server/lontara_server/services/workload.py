"""Workload (ABK): what each unit's outputs take in a year, and how many posts that is.

Counted from approved entries: of each work result (or, where an entry names none, of each activity) the volume, the
minutes that one output took, and volume x minutes per output / the minutes of a post's year. The formula is
`performance.workload`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_server.performance.explanation import decimal_text
from lontara_server.performance.rounding import Rounding
from lontara_server.performance.workload import posts_needed
from lontara_server.storage import people
from lontara_server.storage import workload as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import UnitRow
from lontara_server.storage.workload import WorkRow

# What one post works in a year in most regions: 1,250 hours.
MINUTES_PER_YEAR: Final = 75_000
COLUMNS: Final = (
    "unit_code", "unit_name", "output", "output_unit", "from_work_result", "volume", "minutes_per_output", "minutes",
    "posts",
)  # fmt: skip
_TWO_PLACES: Final = Rounding("ROUND_HALF_UP", 2)


@dataclass(frozen=True)
class OutputLoad:
    """One output of one unit in a year. output_unit None: entries without a quantity, each counts as one output."""

    unit_code: str | None
    unit_name: str | None
    output: str
    output_unit: str | None
    from_work_result: bool
    volume: Decimal
    minutes: int
    posts: Decimal

    @property
    def minutes_per_output(self) -> Decimal | None:
        """None where the volume is 0: nothing came out of the minutes."""
        return _TWO_PLACES.apply(self.minutes / self.volume) if self.volume else None

    def document(self) -> dict[str, Any]:
        texts = {name: decimal_text(getattr(self, name)) for name in ("volume", "minutes_per_output", "posts")}
        return {name: texts[name] if name in texts else getattr(self, name) for name in COLUMNS}


@dataclass(frozen=True)
class UnitLoad:
    """A unit with its outputs, the most laborious first, and the posts of all of them."""

    code: str | None
    name: str | None
    outputs: tuple[OutputLoad, ...]

    @property
    def posts(self) -> Decimal:
        return sum((each.posts for each in self.outputs), Decimal(0))


def workload(
    connection: Connection,
    org_id: int,
    year: int,
    *,
    units: frozenset[str] | None = None,
    owners: frozenset[str] | None = None,
    minutes_per_year: int = MINUTES_PER_YEAR,
) -> list[UnitLoad]:
    """The units' outputs in a year, by unit code. units, owners: only what is theirs (ids); None: everybody's.

    Raises Problem invalid_field.
    """
    if minutes_per_year < 1:
        raise Problem(
            "invalid_field",
            "A post works at least one minute in a year. Nothing was changed.",
            {"field": "minutes_per_year"},
            "Correct it and save again.",
        )
    named = {each.id: each for each in people.units_of(connection, org_id)}
    work = store.approved_work(connection, org_id, year, owners)
    rows = [each for each in work if units is None or each.org_unit in units]
    grouped: dict[tuple[str | None, bool, str, str | None], list[WorkRow]] = {}
    for row in rows:
        grouped.setdefault(_key(row), []).append(row)
    found: dict[str | None, list[OutputLoad]] = {}
    for (unit, is_result, _, _), works in sorted(grouped.items(), key=lambda item: str(item[0])):
        held = named.get(unit or "")
        load = _load(held, works, minutes_per_year, from_work_result=is_result)
        found.setdefault(unit, []).append(load)
    loads = [
        UnitLoad(
            named[unit].code if unit in named else None,
            named[unit].name if unit in named else None,
            tuple(sorted(outputs, key=lambda each: (-each.minutes, each.output, each.output_unit or ""))),
        )
        for unit, outputs in found.items()
    ]
    return sorted(loads, key=lambda each: each.code or "~")


def _key(row: WorkRow) -> tuple[str | None, bool, str, str | None]:
    """What is one output: a work result or an activity, in one unit of measure, whatever the capitals."""
    named = row.work_result if row.work_result is not None else row.title
    measured = None if row.quantity is None else (row.output_unit or "").strip().casefold()
    return row.org_unit, row.work_result is not None, " ".join(named.split()).casefold(), measured


def _load(
    unit: UnitRow | None, works: Sequence[WorkRow], minutes_per_year: int, *, from_work_result: bool
) -> OutputLoad:
    # Of several ways to write the same output the first in order gives the name, whatever the database gave first.
    first = min(works, key=lambda each: (each.work_result or each.title, each.output_unit or ""))
    volume = sum((each.count * Decimal(each.quantity or 1) for each in works), Decimal(0))
    minutes = sum(each.minutes for each in works)
    return OutputLoad(
        None if unit is None else unit.code,
        None if unit is None else unit.name,
        first.work_result or first.title,
        None if first.quantity is None else first.output_unit or "",
        from_work_result,
        volume,
        minutes,
        # Volume x (minutes / volume): the minutes themselves, so that no quotient is rounded on the way.
        posts_needed(Decimal(minutes), Decimal(1), minutes_per_year=minutes_per_year),
    )

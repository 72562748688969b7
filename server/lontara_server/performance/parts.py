"""Parts of a score: from what a part measured to its percentage, and by its weight to its points.

What a part measures is made in its own module. A part that has no data has no points, and is never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from lontara_server.performance.explanation import Json, Node, combined, decimal_text, given
from lontara_server.performance.month_policy import MonthPolicy

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Measured:
    """What a part comes to: so much achieved of so much, or, where `full` is None, rows that add up to a percentage."""

    achieved: tuple[Node, ...]
    full: Node | None = None


@dataclass(frozen=True)
class PartScore:
    """A part of a score. percent: None where it has no data, or where the policy rounds its points alone."""

    part: str
    weight: Decimal
    percent: Node | None
    points: Node | None

    @property
    def is_known(self) -> bool:
        return self.points is not None and self.points.value is not None

    def document(self) -> dict[str, Json]:
        """Return the part in JSON types, to draw it beside the others."""
        return {
            "part": self.part,
            "weight": decimal_text(self.weight),
            "percent": None if self.percent is None else decimal_text(self.percent.value),
            "points": None if self.points is None else decimal_text(self.points.value),
        }


def part_score(part: str, measured: Measured | None, policy: MonthPolicy) -> PartScore:
    """Weigh a part as the policy rounds it: first to a percentage, or at once to points."""
    weight = policy.weight_of(part)
    if measured is None:
        return PartScore(part, weight, None, None)
    weight_row = given("weight", weight, "points", policy_path=("weights", part))
    if "percent" not in policy.rounding_at:
        return PartScore(part, weight, None, _points_at_once(part, measured, weight_row, policy))
    percent = _percent(part, measured, weight, policy)
    nested = replace(percent, code=f"{part}_percent")
    points = combined(f"{part}_points", "share", "points", (nested, weight_row), {"weight": int(weight)})
    if "points" in policy.rounding_at and points.value is not None:
        rows = (points, rounding_row(points.value, "points", policy))
        points = combined(f"{part}_points_rounded", "sum", "points", rows, points.params)
    return PartScore(part, weight, percent, points)


def _percent(part: str, measured: Measured, weight: Decimal, policy: MonthPolicy) -> Node:
    rows = measured.achieved
    if measured.full is not None:
        rows = (combined(f"{part}_ratio", "percent_of", "percent", (*rows, measured.full)),)
    raw = combined(part, "sum", "percent", rows, {"weight": int(weight)})
    if raw.value is None:
        return raw
    rows = (*rows, *_cap_row(raw.value, policy.score_max, "percent", policy))
    rows = (*rows, rounding_row(min(raw.value, policy.score_max), "percent", policy))
    percent = combined(part, "sum", "percent", rows, raw.params)
    # The sum is rounded already; this drops the zeros of the quotient's places, so that 76 is written 76.00.
    return replace(percent, value=None if percent.value is None else policy.rounded(percent.value))


def _points_at_once(part: str, measured: Measured, weight_row: Node, policy: MonthPolicy) -> Node:
    full = measured.full or given("whole", HUNDRED, "percent")
    achieved = measured.achieved
    if len(achieved) > 1:
        achieved = (combined(f"{part}_percent", "sum", "percent", achieved),)
    assert weight_row.value is not None
    params = {"weight": int(weight_row.value)}
    raw = combined(f"{part}_portion", "portion", "points", (*achieved, full, weight_row), params)
    if raw.value is None:
        return raw
    most = (weight_row.value * policy.score_max).scaleb(-2)
    rows = (raw, *_cap_row(raw.value, most, "points", policy))
    if "points" in policy.rounding_at:
        rows = (*rows, rounding_row(min(raw.value, most), "points", policy))
    points = combined(f"{part}_points_rounded", "sum", "points", rows, raw.params)
    if "points" not in policy.rounding_at or points.value is None:
        return points
    return replace(points, value=policy.rounded(points.value))


def _cap_row(value: Decimal, most: Decimal, unit: str, policy: MonthPolicy) -> tuple[Node, ...]:
    if value <= most:
        return ()
    assert unit in ("percent", "points")
    over = {"max": decimal_text(policy.score_max if unit == "percent" else most)}
    return (given("over_max", most - value, "percent" if unit == "percent" else "points", over),)


def rounding_row(value: Decimal, unit: str, policy: MonthPolicy) -> Node:
    """Return the row that says what rounding adds to a figure, or takes from it."""
    assert unit in ("percent", "points")
    return given(
        "rounding",
        policy.rounded(value) - value,
        "percent" if unit == "percent" else "points",
        {"mode": policy.rounding.mode, "places": policy.rounding.places},
        policy_path=("score", "rounding"),
    )

"""The allowance (TPP) that a month's score comes to: base x points of each part / 100, in rupiah.

A figure for people who decide. It pays nothing and cuts nothing by itself, and is as provisional as its score.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from lontara_server.performance.explanation import ARITHMETIC, Node, combined, given
from lontara_server.performance.month import MonthInput
from lontara_server.performance.month_policy import MonthPolicy
from lontara_server.performance.placement import Stretch, stretch_params, stretches_of
from lontara_server.performance.score import Score, stretches_for


@dataclass(frozen=True)
class Allowance:
    """amount: rupiah, rounded as the policy says; None where a base or the score is not known."""

    amount: Decimal | None
    provisional: bool
    explanation: Node


def allowance_of(month: MonthInput, score: Score, policy: MonthPolicy) -> Allowance:
    """Return what the score of the month comes to on the bases of the person's placements.

    score: of the same month by the same policy.
    """
    with localcontext(ARITHMETIC):
        base = _base(month, policy)
        amount = combined("allowance", "sum", "rupiah", _rows(base, score, policy))
        return Allowance(amount.value if _is_known(base, score) else None, score.provisional, amount)


def _is_known(base: Node, score: Score) -> bool:
    return base.value is not None and score.value is not None


def _rows(base: Node, score: Score, policy: MonthPolicy) -> tuple[Node, ...]:
    """A row for each part; one for the whole score where its parts alone do not make it."""
    if not _is_known(base, score):
        return (_unknown(base),)
    changed = any(row.code in ("everything_lost", "objection_correction") for row in score.explanation.children)
    if changed or not all(part.is_known for part in score.parts):
        return (_amount("allowance_of_score", base, given("score_value", score.value, "points"), policy),)
    return tuple(
        _amount(f"allowance_{part.part}", base, given("part_points", part.points.value, "points"), policy)
        for part in score.parts
        if part.points is not None
    )


def _unknown(base: Node) -> Node:
    """Return the base's rows under a row without a value: no amount can be told of them."""
    return Node("allowance_unknown", "cell", None, "rupiah", children=base.children)


def _amount(code: str, base: Node, points: Node, policy: MonthPolicy) -> Node:
    exact = combined("allowance_share", "share", "rupiah", (base, points))
    return _rounded(code, exact, policy)


def _rounded(code: str, exact: Node, policy: MonthPolicy) -> Node:
    assert exact.value is not None
    rounded = policy.allowance_rounding.apply(exact.value)
    step = given(
        "rounding_rupiah",
        rounded - exact.value,
        "rupiah",
        {"places": policy.allowance_rounding.places},
        policy_path=("allowance", "rounding"),
    )
    rows = (exact,) if rounded == exact.value else (exact, step)
    whole = combined(code, "sum", "rupiah", rows)
    return Node(code, "sum", rounded, "rupiah", children=whole.children)


def _base(month: MonthInput, policy: MonthPolicy) -> Node:
    """The month's base: of several placements each by its workdays among those of a whole month in its calendar."""
    stretches = stretches_for(month, policy)
    rows = tuple(_base_of(stretch, month, policy) for stretch in stretches)
    whole = combined("allowance_base", "sum", "rupiah", rows)
    if not rows or any(row.value is None for row in rows):
        return Node("allowance_base", "cell", None, "rupiah", children=rows)
    return whole


def _base_of(stretch: Stretch, month: MonthInput, policy: MonthPolicy) -> Node:
    base = stretch.placement.allowance_base if stretch.placement else None
    params = stretch_params(stretch)
    if base is None:
        return given("base_unknown", None, "rupiah", params)
    (whole,) = stretches_of(month.period, (), month.holidays, workdays_per_week=stretch.workdays_per_week)
    if stretch.workdays == whole.workdays:
        return given("base_of_month", base, "rupiah", params)
    exact = combined(
        "base_by_workdays",
        "portion",
        "rupiah",
        (
            given("workdays_of_stretch", len(stretch.workdays), "days"),
            given("workdays_of_month", len(whole.workdays), "days"),
            given("base_of_placement", base, "rupiah"),
        ),
        params,
    )
    return _rounded("base_of_stretch", exact, policy)

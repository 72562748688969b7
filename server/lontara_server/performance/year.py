"""The rating of one person's year: from plans and behaviour to a figure with its band, or to a cell of the matrix.

Unlike a month's score a rating is never made of one part alone: while one has no data there is none yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from msgspec.structs import replace

from lontara_server.performance.bands import Band, band_of
from lontara_server.performance.behaviour import is_complete, rated_sum
from lontara_server.performance.explanation import (
    ARITHMETIC,
    Json,
    Node,
    Param,
    combined,
    decimal_text,
    given,
    node_document,
)
from lontara_server.performance.plans import QuantityOfEntry, WorkResult, plan_achievement
from lontara_server.performance.policy_document import Title
from lontara_server.performance.year_policy import MatrixRating, WeightedRating, YearPolicy

# Why a rating is provisional, in the order in which they are told.
YEAR_REASONS = ("no_plan", "indicators_incomplete", "no_behaviour", "open_conflicts", "unsynced_devices")


@dataclass(frozen=True)
class YearInput:
    """One person's year.

    entries: quantities of approved entries that name a work result of the year, each once, any order.
    behaviour: ratings by value of BerAKHLAK; fewer than seven are no rating yet.
    has_new_idea: an idea that is recognised as the band `requires`; None: nobody has said so, and it does not count.
    has_survey: colleagues and subordinates were asked about the behaviour.
    open_conflicts: about entries of the year; known_unsent, silent_devices as of a month.
    """

    employee_id: str
    year: int
    results: tuple[WorkResult, ...] = ()
    entries: tuple[QuantityOfEntry, ...] = ()
    behaviour: Mapping[str, Decimal] = field(default_factory=dict)
    has_new_idea: bool | None = None
    has_survey: bool = False
    open_conflicts: int = 0
    known_unsent: int = 0
    silent_devices: int = 0


@dataclass(frozen=True)
class YearRating:
    """A year's rating. value: the figure, where the policy makes one; levels: where it makes those instead."""

    employee_id: str
    year: int
    value: Decimal | None
    rating: str | None
    work_result: Decimal | None
    behaviour: Decimal | None
    work_result_level: str | None
    behaviour_level: str | None
    provisional: bool
    reasons: tuple[str, ...]
    policy_id: str
    policy_version: int
    explanation: Node


@dataclass(frozen=True)
class _Outcome:
    """What a way of rating makes of work result and behaviour."""

    root: Node
    rating: str | None = None
    work_result_level: str | None = None
    behaviour_level: str | None = None


def rate_year(year: YearInput, policy: YearPolicy) -> YearRating:
    """Rate a year. The same plans and entries, in any order, give the same rating and the same explanation."""
    with localcontext(ARITHMETIC):
        plan = plan_achievement(year.results, year.entries, policy)
        behaviour = _behaviour(year, policy)
        if isinstance(policy.rating, WeightedRating):
            outcome = _by_weights(year, plan, behaviour, policy, policy.rating)
        else:
            outcome = _by_matrix(year, plan, behaviour, policy.rating)
        reasons = _reasons(year, plan, policy)
        return YearRating(
            employee_id=year.employee_id,
            year=year.year,
            value=outcome.root.value,
            rating=outcome.rating,
            work_result=plan.value,
            behaviour=behaviour.value,
            work_result_level=outcome.work_result_level,
            behaviour_level=outcome.behaviour_level,
            provisional=bool(reasons),
            reasons=reasons,
            policy_id=policy.policy_id,
            policy_version=policy.version,
            explanation=outcome.root,
        )


def year_document(rating: YearRating) -> dict[str, Json]:
    """Return the whole rating in JSON types: decimals as texts, keys and rows always in the same order."""
    return {**year_facts(rating), "explanation": node_document(rating.explanation)}


def year_facts(rating: YearRating) -> dict[str, Json]:
    """Return the same without the explanation."""
    return {
        "employee_id": rating.employee_id,
        "year": rating.year,
        "value": decimal_text(rating.value),
        "rating": rating.rating,
        "work_result": decimal_text(rating.work_result),
        "behaviour": decimal_text(rating.behaviour),
        "work_result_level": rating.work_result_level,
        "behaviour_level": rating.behaviour_level,
        "provisional": rating.provisional,
        "reasons": list(rating.reasons),
        "policy": {"policy_id": rating.policy_id, "version": rating.policy_version},
    }


def _behaviour(year: YearInput, policy: YearPolicy) -> Node:
    if not is_complete(year.behaviour, policy.behaviour.scale_max):
        return given("behaviour_not_rated", None, "points")
    achieved, most = rated_sum(year.behaviour, policy.behaviour.scale_max)
    worth = given("behaviour_worth", policy.behaviour.worth, "points", policy_path=("behaviour", "worth"))
    exact = combined("behaviour_portion", "portion", "points", (achieved, most, worth))
    return _rounded("behaviour_mark", (exact,), policy)


def _by_weights(year: YearInput, plan: Node, behaviour: Node, policy: YearPolicy, rating: WeightedRating) -> _Outcome:
    key = "with_survey" if year.has_survey else "without_survey"
    rows = []
    for part, node, weight in zip(
        ("work_result", "behaviour"), (plan, behaviour), rating.weights(has_survey=year.has_survey), strict=True
    ):
        weight_row = given("weight", weight, "points", policy_path=("weights", key, part))
        rows.append(combined(f"{part}_share", "share", "points", (node, weight_row), {"weight": weight}))
    if any(row.value is None for row in rows):
        return _Outcome(Node("rating_missing", "cell", None, "points", {"year": year.year}, tuple(rows)))
    root = _rounded("year_rating", tuple(rows), policy)
    assert root.value is not None
    band = band_of(rating.bands, root.value, frozenset({"new_idea"} if year.has_new_idea else ()))
    params = {
        "year": year.year,
        **_rating_params(band.code, band.title),
        "rating_from": decimal_text(band.edge),
        "new_idea": bool(year.has_new_idea),
    }
    position = rating.bands.index(band)
    return _Outcome(replace(root, params=params, policy_path=("bands", position)), band.code)


def _by_matrix(year: YearInput, plan: Node, behaviour: Node, rating: MatrixRating) -> _Outcome:
    levels = _level(plan, rating.work_result_levels), _level(behaviour, rating.behaviour_levels)
    rows = (
        _level_row("work_result_level", plan, levels[0], rating.work_result_levels),
        _level_row("behaviour_level", behaviour, levels[1], rating.behaviour_levels),
    )
    if levels[0] is None or levels[1] is None:
        return _Outcome(Node("rating_missing", "cell", None, "points", {"year": year.year}, rows))
    cell = rating.cell(levels[0].code, levels[1].code)
    root = Node(
        "matrix_cell",
        "cell",
        None,
        "points",
        {"year": year.year, **_rating_params(cell.code, cell.title)},
        rows,
        policy_path=("matrix", cell.work_result, cell.behaviour),
    )
    return _Outcome(root, cell.code, levels[0].code, levels[1].code)


def _level(node: Node, levels: tuple[Band, ...]) -> Band | None:
    return None if node.value is None else band_of(levels, node.value)


def _level_row(code: str, node: Node, level: Band | None, levels: tuple[Band, ...]) -> Node:
    if level is None:
        return combined(f"{code}_missing", "sum", node.unit, (node,))
    params = {
        "level": level.code,
        "level_id": level.title.id,
        "level_en": level.title.en,
        "edge": decimal_text(level.edge),
        "sign": "≥" if level.includes_edge else ">",
    }
    path = ("levels", code.removesuffix("_level"), levels.index(level))
    return combined(code, "sum", node.unit, (node,), params, policy_path=path)


def _rating_params(code: str, title: Title) -> dict[str, Param]:
    return {"rating": code, "rating_id": title.id, "rating_en": title.en}


def _rounded(code: str, rows: tuple[Node, ...], policy: YearPolicy) -> Node:
    whole = combined(code, "sum", "points", rows)
    assert whole.value is not None
    rounded = policy.rounding.apply(whole.value)
    if rounded != whole.value:
        params: dict[str, Param] = {"mode": policy.rounding.mode, "places": policy.rounding.places}
        step = given("rounding", rounded - whole.value, "points", params, policy_path=("rounding",))
        whole = combined(code, "sum", "points", (*rows, step))
    return replace(whole, value=rounded)


def _reasons(year: YearInput, plan: Node, policy: YearPolicy) -> tuple[str, ...]:
    holds = {
        "no_plan": plan.value is None,
        "indicators_incomplete": plan.value is not None and _has_gap(plan),
        "no_behaviour": not is_complete(year.behaviour, policy.behaviour.scale_max),
        "open_conflicts": year.open_conflicts > 0,
        "unsynced_devices": year.known_unsent > 0 or year.silent_devices > 0,
    }
    return tuple(code for code in YEAR_REASONS if holds[code])


def _has_gap(node: Node) -> bool:
    """Whether an indicator or a work result below has no value yet."""
    is_gap = node.value is None and node.code in ("indicator", "work_result")
    return is_gap or any(_has_gap(child) for child in node.children)

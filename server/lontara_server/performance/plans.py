"""Plans: how far a year's work results are realised, from indicators and from the quantities of approved entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from lontara_server.performance.explanation import Node, Param, combined, decimal_text, given
from lontara_server.performance.year_policy import AchievementRules, YearPolicy

ASPECTS: Final = ("quantity", "quality", "time", "cost")
DIRECTIONS: Final = ("higher", "lower")
TWO_HUNDRED: Final = Decimal(200)


@dataclass(frozen=True)
class QuantityOfEntry:
    """An approved entry's quantity, for the work result that it names. output_unit None: in the indicator's unit."""

    entry_id: str
    work_result_id: str
    quantity: Decimal
    output_unit: str | None


@dataclass(frozen=True)
class Indicator:
    """What a work result is measured by.

    aspect: one of ASPECTS; direction: which way is better, one of DIRECTIONS.
    realisation: None is not known; of a quantity the sum of the approved entries' quantities in its unit.
    cap: the most percent that it counts; None: the policy's.
    """

    indicator_id: str
    title: str
    aspect: str
    target: Decimal
    unit: str
    direction: str = "higher"
    realisation: Decimal | None = None
    cap: Decimal | None = None


@dataclass(frozen=True)
class WorkResult:
    """A work result plan (RHK) with its indicators (IKI)."""

    work_result_id: str
    title: str
    kind: str
    indicators: tuple[Indicator, ...]


def plan_achievement(results: Sequence[WorkResult], entries: Sequence[QuantityOfEntry], policy: YearPolicy) -> Node:
    """Return the achievement of all work results in percent: the mean of theirs, each the mean of its indicators.

    What has no realisation yet has a row without a value, and is no part of a mean: it is not 0.
    results, entries: in any order.
    """
    in_order = sorted(results, key=lambda result: (result.kind != "main", result.work_result_id))
    rows = tuple(_result_row(result, entries, policy) for result in in_order)
    mean = combined("plan_mean", "mean", "percent", rows)
    if mean.value is None:
        return combined("plan", "sum", "percent", (mean,))
    capped = min(mean.value, policy.achievement.plan_max)
    rounded = policy.rounding.apply(capped)
    terms = (mean, *_over(mean.value, policy.achievement.plan_max, ("achievement", "plan_max")))
    step = given("rounding", rounded - capped, "percent", _rounding(policy), policy_path=("rounding",))
    return replace(combined("plan", "sum", "percent", (*terms, step)), value=rounded)


def _result_row(result: WorkResult, entries: Sequence[QuantityOfEntry], policy: YearPolicy) -> Node:
    mine = sorted((e for e in entries if e.work_result_id == result.work_result_id), key=lambda e: e.entry_id)
    in_order = sorted(result.indicators, key=lambda indicator: indicator.indicator_id)
    rows = tuple(indicator_achievement(indicator, mine, policy.achievement) for indicator in in_order)
    params = {"title": result.title, "work_result": result.work_result_id}
    return combined("work_result", "mean", "percent", rows, params)


def indicator_achievement(indicator: Indicator, entries: Sequence[QuantityOfEntry], rules: AchievementRules) -> Node:
    """Return realisation / target x 100, turned round where lower is better, and capped.

    entries: of the indicator's work result.
    """
    params = {"title": indicator.title, "aspect": indicator.aspect, "indicator": indicator.indicator_id}
    raw = combined("indicator", "sum", "percent", _raw(indicator, realisation_of(indicator, entries), rules), params)
    if raw.value is None:
        return raw
    rows = raw.children
    if raw.value < 0:
        rows = (*rows, given("not_below_zero", -raw.value, "percent"))
    if indicator.cap is None:
        over = _over(raw.value, rules.indicator_max, ("achievement", "indicator_max"))
    else:
        over = _over(raw.value, indicator.cap, ())
    return combined("indicator", "sum", "percent", (*rows, *over), params)


def _raw(indicator: Indicator, realisation: Node, rules: AchievementRules) -> tuple[Node, ...]:
    target = given("target", indicator.target, "amount", {"unit": indicator.unit})
    if indicator.direction == "higher":
        return (combined("achieved", "percent_of", "percent", (realisation, target)),)
    path = ("achievement", "lower_is_better")
    if realisation.value is None:
        return (combined("achieved", "percent_of", "percent", (realisation, target), policy_path=path),)
    if indicator.target == 0:
        # Nothing was the target: it is met by nothing, and missed by anything.
        met = Decimal(100) if realisation.value == 0 else Decimal(0)
        return (given("target_of_nothing", met, "percent", {"amount": decimal_text(realisation.value)}),)
    if rules.lower_is_better == "mirrored":
        used = combined("used_of_target", "percent_of", "percent", (realisation, target))
        assert used.value is not None
        minus = Node("less_used", "product", -used.value, "percent", children=(used, given("minus", -1, "amount")))
        return given("mirrored_from", TWO_HUNDRED, "percent", policy_path=path), minus
    if realisation.value == 0:
        return (given("nothing_used", rules.indicator_max, "percent", policy_path=path),)
    return (combined("achieved", "percent_of", "percent", (target, realisation), policy_path=path),)


def realisation_of(indicator: Indicator, entries: Sequence[QuantityOfEntry]) -> Node:
    """Return how much is realised: what somebody has measured, else of a quantity the sum of the entries.

    entries: of the indicator's work result.
    """
    unit = {"unit": indicator.unit}
    if indicator.realisation is not None or indicator.aspect != "quantity":
        return given("realisation", indicator.realisation, "amount", unit)
    same = [entry for entry in entries if _is_in(entry.output_unit, indicator.unit)]
    rows = tuple(given("entry_quantity", entry.quantity, "amount", unit, (entry.entry_id,)) for entry in same)
    others = tuple(entry.entry_id for entry in entries if not _is_in(entry.output_unit, indicator.unit))
    if others:
        rows = (*rows, given("entries_in_other_units", 0, "amount", {**unit, "entries": len(others)}, others))
    return combined("realisation_from_entries", "sum", "amount", rows, {**unit, "entries": len(same)})


def _is_in(output_unit: str | None, unit: str) -> bool:
    return output_unit is None or output_unit.strip().casefold() == unit.strip().casefold()


def _over(value: Decimal, most: Decimal, path: tuple[str, ...]) -> tuple[Node, ...]:
    if value <= most:
        return ()
    return (given("over_max", most - value, "percent", {"max": decimal_text(most)}, policy_path=path),)


def _rounding(policy: YearPolicy) -> dict[str, Param]:
    return {"mode": policy.rounding.mode, "places": policy.rounding.places}

"""Explanations that between them have every row that has words. No tests here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from lontara_server.performance.allowance import allowance_of
from lontara_server.performance.explanation import Node
from lontara_server.performance.month import Correction
from lontara_server.performance.plans import Indicator, WorkResult
from lontara_server.performance.policy import MonthPolicy, YearPolicy
from lontara_server.performance.score import score_month
from lontara_server.performance.year import YearInput, rate_year
from server.performance.months import (
    all_seven,
    changed_policy,
    entry,
    month,
    month_of,
    present_days,
    shipped_policy,
    vector_cases,
    year_policy,
)
from server.performance.plan_cases import quantities_in_other_units, results, year_of

MONDAY = date(2026, 2, 2)
# A month with each way to write an entry, with overlaps and with days over their cap.
BUSY = month(
    [
        *(entry(f"long-{day}", date(2026, 2, day), "06:00-18:00") for day in range(2, 21)),
        entry("night", date(2026, 2, 21), "22:00-06:00"),
        entry("beside", MONDAY, "08:00-09:15", open_conflict=True, category=None),
        entry("untimed", MONDAY, minutes=45, category="visit"),
    ],
)
WITHOUT_WORKDAYS = month([], holidays=frozenset(date(2026, 2, day) for day in range(1, 29)))
WITHOUT_ENTRIES = month([], silent_devices=1, nothing_has_arrived=True)
ALL_KNOWN: dict[str, Any] = {
    "attendance": present_days(),
    "behaviour": all_seven("4"),
    "budget_absorption": Decimal(70),
}
ALL_PARTS = {"productivity": 50, "discipline": 20, "behaviour": 15, "budget_absorption": 10, "static": 5}


def weighing(weights: dict[str, int], rounding_at: list[str], base: str = "share") -> MonthPolicy:
    """The default policy with other parts."""
    every = dict.fromkeys(ALL_PARTS, 0) | weights
    changes: dict[tuple[str, ...], Any] = {
        ("weights",): every,
        ("behaviour",): {"scale_max": 5} if every["behaviour"] else None,
        ("score", "rounding", "at"): rounding_at,
    }
    changes[("discipline", "base") if every["discipline"] else ("discipline",)] = base if every["discipline"] else None
    return changed_policy(changes)


def all_trees() -> Iterator[Node]:
    """Every explanation of the vectors, and of months and years made for what those do not have."""
    for name in ("regions.yaml", "placements.yaml"):
        for case in vector_cases(name):
            work, policy = month_of(case), shipped_policy(case["policy"])
            score = score_month(work, policy)
            yield score.explanation
            yield allowance_of(work, score, policy).explanation
    yield from _of_attendance()
    yield from _of_parts()
    yield from _of_caps()
    for case in vector_cases("years.yaml"):
        yield rate_year(year_of(case), year_policy(case["policy"])).explanation
    yield from _of_years()


def _of_attendance() -> Iterator[Node]:
    for case in vector_cases("discipline.yaml"):
        work = month_of(case | {"period": "2026-02", "present": True})
        yield score_month(work, shipped_policy(case["policy"])).explanation
    for case in vector_cases("recaps.yaml"):
        yield score_month(month_of(case | {"period": "2026-02"}), shipped_policy(case["policy"])).explanation
    costly = changed_policy({("discipline", "status_percents", "permission"): 1})
    permission = (replace(present_days()[0], status="permission"), *present_days()[1:])
    yield score_month(month([], attendance=permission), costly).explanation


def _of_parts() -> Iterator[Node]:
    default = shipped_policy()
    without_entries_on_time = month([], nothing_has_arrived=True, silent_devices=1, attendance=present_days())
    for work in (BUSY, WITHOUT_WORKDAYS, WITHOUT_ENTRIES, without_entries_on_time):
        yield score_month(work, default).explanation
    for rounding_at in (["percent", "points", "score"], ["points", "score"], ["score"]):
        for base in ("share", "total"):
            policy = weighing(ALL_PARTS, rounding_at, base)
            work = month(BUSY.entries, **ALL_KNOWN)
            score = score_month(work, policy)
            yield score.explanation
            yield allowance_of(replace(work, placements=_placed()), score, policy).explanation
    nobody_logs = weighing({"productivity": 50, "behaviour": 25, "budget_absorption": 25}, ["percent", "score"])
    for known in ({"behaviour": all_seven("4")}, {"budget_absorption": Decimal(70)}):
        yield score_month(replace(WITHOUT_ENTRIES, **known), nobody_logs).explanation
    yield score_month(month([entry("a", MONDAY, minutes=60)]), weighing(ALL_PARTS, ["percent", "score"])).explanation
    yield score_month(replace(WITHOUT_ENTRIES, **ALL_KNOWN), weighing(ALL_PARTS, ["percent", "score"])).explanation
    corrected = replace(BUSY, correction=Correction(Decimal("-2.5"), "Jam apel dihitung dua kali"))
    yield score_month(corrected, default).explanation
    strict = changed_policy({("entries", "open_conflicts"): "leave_out", ("entries", "late_entries"): "leave_out"})
    late = entry("late", MONDAY, minutes=60, captured_on=date(2026, 5, 1))
    yield score_month(month([late, *BUSY.entries]), strict).explanation


def _placed() -> Any:
    return month_of({"period": "2026-02", "base": "4000000"}).placements


def _of_caps() -> Iterator[Node]:
    for case in vector_cases("caps.yaml"):
        caps = {"additional_duty": 20, "special_instruction": 10}
        policy = changed_policy(
            {
                ("working_time", "minutes_counted_per_month_max"): case.get("month_cap"),
                ("working_time", "minutes_counted_per_day_max"): case["day_cap"],
                ("working_time", "category_caps"): caps,
            }
        )
        entries = [
            entry(row["id"], row["date"], row.get("times"), minutes=row.get("minutes"), category=row["category"])
            for row in case["entries"]
        ]
        yield score_month(month(entries), policy).explanation


def _of_years() -> Iterator[Node]:
    matrix, weights = year_policy("permenpanrb-6-2022"), year_policy("pp30-2019")
    turned_round = replace(matrix, achievement=replace(matrix.achievement, lower_is_better="inverse"))
    for policy in (matrix, weights, turned_round):
        yield _rated(results(), policy)
        for target, realisation in (("0", "2"), ("5", "0"), ("5", "4"), ("5", None)):
            indicator = Indicator("i", "Keluhan", "cost", Decimal(target), "Keluhan", "lower", _decimal(realisation))
            yield _rated([WorkResult("r", "Layanan", "main", (indicator,))], policy)
    yield rate_year(YearInput("employee-1", 2026), matrix).explanation


def _rated(plans: list[WorkResult], policy: YearPolicy) -> Node:
    year = YearInput("employee-1", 2026, tuple(plans), tuple(quantities_in_other_units()), all_seven("4"))
    return rate_year(year, policy).explanation


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

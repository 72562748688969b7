"""The vectors: every worked example of a regulation and both sides of every edge, run against the engine."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lontara_server.performance.allowance import allowance_of
from lontara_server.performance.bands import band_of
from lontara_server.performance.deadlines import entry_timing, review_due, review_reminders
from lontara_server.performance.explanation import Node, decimal_text, rows_that_do_not_add_up
from lontara_server.performance.plans import Indicator, WorkResult
from lontara_server.performance.policy import MonthPolicy, YearPolicy, parse_policy
from lontara_server.performance.score import score_month
from lontara_server.performance.workload import posts_needed
from lontara_server.performance.year import YearInput, YearRating, rate_year
from lontara_server.performance.year_policy import WeightedRating
from server.performance.months import (
    all_seven,
    changed_policy,
    entry,
    month,
    month_of,
    policy_document,
    rows,
    shipped_policy,
    vector_cases,
    vectors,
    year_policy,
)
from server.performance.plan_cases import year_of

BANDS = [
    (case["policy"], frozenset(case.get("shown", ())), row["figure"], row["rating"])
    for case in vector_cases("bands.yaml")
    for row in case["figures"]
]


def of_name(case: dict[str, Any]) -> str:
    return str(case["name"])


def value_of(node: Node, code: str) -> Decimal | None:
    (row,) = rows(node, code)
    return row.value


def year_with(work_result: str, behaviour: str) -> YearInput:
    indicator = Indicator("i1", "Laporan", "quality", Decimal(100), "%", realisation=Decimal(work_result))
    return YearInput("employee-1", 2026, (WorkResult("r1", "Laporan", "main", (indicator,)),), (), all_seven(behaviour))


def levels_of(rating: YearRating) -> list[str | None]:
    return [rating.work_result_level, rating.behaviour_level]


@pytest.mark.parametrize("case", vector_cases("discipline.yaml"), ids=of_name)
def test_attendance_takes_off_what_the_ladder_says(case: dict[str, Any]) -> None:
    policy = shipped_policy(case["policy"])
    month_input = month_of(case | {"period": "2026-02", "present": True})

    score = score_month(month_input, policy)

    assert value_of(score.explanation, "deductions") == Decimal(case["deductions"])
    (part,) = [part for part in score.parts if part.part == "discipline"]
    assert part.document()["percent"] == case["discipline"]
    assert rows_that_do_not_add_up(score.explanation) == []


@pytest.mark.parametrize("case", vector_cases("recaps.yaml"), ids=of_name)
def test_a_recap_of_the_month_takes_off_the_least_that_it_can_mean(case: dict[str, Any]) -> None:
    policy = shipped_policy(case["policy"])

    score = score_month(month_of(case | {"period": "2026-02"}), policy)

    assert value_of(score.explanation, "deductions") == Decimal(case["deductions"])
    (part,) = [part for part in score.parts if part.part == "discipline"]
    assert part.document()["percent"] == case["discipline"]
    assert (score.provisional, "attendance_recap_only" in score.reasons) == (True, True)
    assert score.coverage["days_without_feed"] == []
    assert rows_that_do_not_add_up(score.explanation) == []


@pytest.mark.parametrize("case", vector_cases("regions.yaml"), ids=of_name)
def test_a_month_of_a_region_comes_to_what_its_formula_says(case: dict[str, Any]) -> None:
    policy, month_input, expect = shipped_policy(case["policy"]), month_of(case), case["expect"]

    score = score_month(month_input, policy)

    points = {part.part: part.points.value for part in score.parts if part.points is not None}
    assert (decimal_text(score.value), score.rating) == (expect["value"], expect["rating"])
    assert {part: points[part] for part in expect.get("points", ())} == {
        part: Decimal(value) for part, value in expect.get("points", {}).items()
    }
    for code, value in expect.get("rows", {}).items():
        assert value_of(score.explanation, code) == Decimal(value), code
    assert list(score.reasons) == expect.get("reasons", [])
    assert rows_that_do_not_add_up(score.explanation) == []


@pytest.mark.parametrize(
    "case",
    [
        case
        for name in ("regions.yaml", "placements.yaml")
        for case in vector_cases(name)
        if "allowance" in case["expect"]
    ],
    ids=of_name,
)
def test_a_score_comes_to_an_allowance_in_whole_rupiah(case: dict[str, Any]) -> None:
    policy, month_input = shipped_policy(case["policy"]), month_of(case)
    score = score_month(month_input, policy)

    allowance = allowance_of(month_input, score, policy)

    assert decimal_text(allowance.amount) == case["expect"]["allowance"]
    assert rows_that_do_not_add_up(allowance.explanation) == []


@pytest.mark.parametrize("case", vector_cases("placements.yaml"), ids=of_name)
def test_a_month_asks_for_what_its_placements_and_calendars_say(case: dict[str, Any]) -> None:
    expect = case["expect"]

    score = score_month(month_of(case), shipped_policy(case["policy"]))

    tree = score.explanation
    assert decimal_text(score.value) == expect["value"]
    assert [decimal_text(row.value) for row in rows(tree, "stretch_target")] == expect.get("stretch_targets", [])
    assert [decimal_text(row.value) for row in rows(tree, "stretch_minutes")] == expect.get("stretch_minutes", [])
    if "target" in expect:
        assert value_of(tree, "target_minutes") == Decimal(expect["target"])
    assert rows_that_do_not_add_up(tree) == []


@pytest.mark.parametrize("case", vector_cases("caps.yaml"), ids=of_name)
def test_categories_and_months_count_up_to_their_caps(case: dict[str, Any]) -> None:
    policy = changed_policy(
        {
            ("working_time", "minutes_counted_per_day_max"): case["day_cap"],
            ("working_time", "minutes_counted_per_month_max"): case.get("month_cap"),
            ("working_time", "category_caps"): {"additional_duty": 20, "special_instruction": 10},
        }
    )
    entries = [
        entry(row["id"], row["date"], row.get("times"), minutes=row.get("minutes"), category=row["category"])
        for row in case["entries"]
    ]

    score = score_month(month(entries), policy)

    assert value_of(score.explanation, "counted_minutes") == Decimal(case["counted"])
    codes = ("over_day_cap", "over_category_cap", "over_category_caps", "over_month_cap")
    over = {code: row.value for code in codes for row in rows(score.explanation, code)}
    assert over == {code: Decimal(value) for code, value in case.get("over", {}).items()}
    assert rows_that_do_not_add_up(score.explanation) == []


@pytest.mark.parametrize(("policy_id", "shown", "figure", "rating"), BANDS)
def test_a_rounded_figure_earns_the_band_whose_edge_it_reaches(
    policy_id: str, shown: frozenset[str], figure: str, rating: str
) -> None:
    policy = parse_policy(policy_document(policy_id), where=policy_id)
    bands = policy.bands if isinstance(policy, MonthPolicy) else ()
    if isinstance(policy, YearPolicy):
        assert isinstance(policy.rating, WeightedRating)
        bands = policy.rating.bands

    band = band_of(bands, policy.rounding.apply(Decimal(figure)), shown)

    assert band.code == rating


@pytest.mark.parametrize("case", vector_cases("years.yaml"), ids=of_name)
def test_a_year_is_rated_as_the_regulation_says(case: dict[str, Any]) -> None:
    expect, policy = case["expect"], year_policy(case["policy"])
    if "lower_is_better" in case:
        policy = replace(policy, achievement=replace(policy.achievement, lower_is_better=case["lower_is_better"]))

    rating = rate_year(year_of(case), policy)

    assert decimal_text(rating.work_result) == expect["work_result"]
    assert decimal_text(rating.behaviour) == expect["behaviour"]
    assert (decimal_text(rating.value), rating.rating) == (expect.get("value"), expect["rating"])
    assert levels_of(rating) == expect.get("levels", [None, None])
    assert list(rating.reasons) == expect.get("reasons", [])
    assert rows_that_do_not_add_up(rating.explanation) == []


@pytest.mark.parametrize("kind", ["cells", "edges"])
def test_each_cell_of_the_matrix_and_each_edge_of_its_levels_gives_its_rating(kind: str) -> None:
    cases = vectors("matrix.yaml")[kind]
    policy = year_policy("permenpanrb-6-2022")

    ratings = [rate_year(year_with(case["work_result"], case["behaviour"]), policy) for case in cases]

    assert [(levels_of(rating), rating.rating) for rating in ratings] == [
        (case["levels"], case["rating"]) for case in cases
    ]


@pytest.mark.parametrize("case", vectors("deadlines.yaml")["entries"], ids=str)
def test_a_deadline_is_held_against_the_day_of_capture(case: dict[str, Any]) -> None:
    rules = shipped_policy().entries

    timing = entry_timing(case["work_date"], case["captured_on"], rules)

    assert timing == case["timing"]


@pytest.mark.parametrize("case", vectors("deadlines.yaml")["reviews"], ids=str)
def test_a_review_is_due_after_workdays_and_not_after_days(case: dict[str, Any]) -> None:
    rules, holidays = shipped_policy().entries, vectors("deadlines.yaml")["holidays"]
    calendar = {"workdays_per_week": case["workdays_per_week"]}

    due = review_due(case["submitted_on"], frozenset(holidays), rules, **calendar)

    reminders = review_reminders(case["submitted_on"], frozenset(holidays), rules, **calendar)
    assert (due, list(reminders)) == (case["due"], case["reminders"])


@pytest.mark.parametrize("case", vector_cases("workload.yaml"), ids=lambda case: str(case["posts"]))
def test_a_volume_of_work_needs_so_many_posts(case: dict[str, Any]) -> None:
    posts = posts_needed(Decimal(case["volume"]), Decimal(case["minutes"]), minutes_per_year=case["year"])

    assert str(posts) == case["posts"]

"""A month of which only a recap is known: no reading of it is harder than any month that it may stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from lontara_server.performance.attendance import AttendanceDay, AttendanceRecap
from lontara_server.performance.discipline_totals import lightest
from lontara_server.performance.kept_inputs import kept_document, with_kept
from lontara_server.performance.month import MonthInput
from lontara_server.performance.month_policy import LadderStep
from lontara_server.performance.score import score_month
from server.performance.months import changed_policy, entry, month, present_days, rows, shipped_policy

MONDAY = date(2026, 2, 2)
STATUSES = ("present", "leave", "sick", "sick_with_letter", "permission", "half_day", "absent_unexcused", "study")


def recap_of(days: Sequence[AttendanceDay]) -> AttendanceRecap:
    present = [day for day in days if day.status == "present"]
    return AttendanceRecap(
        sum(day.late_minutes for day in present),
        sum(day.early_leave_minutes for day in present),
        sum(not day.has_check_in for day in present),
        sum(not day.has_check_out for day in present),
        {status: sum(day.status == status for day in days) for status in {day.status for day in days}},
    )


def told_both_ways(days: Sequence[AttendanceDay]) -> tuple[MonthInput, MonthInput]:
    entries = [entry(f"e{day.day}", day.day, minutes=240) for day in present_days()]
    return month(entries, attendance=tuple(days)), month(entries, attendance_recap=recap_of(days))


DAYS = st.lists(
    st.tuples(st.sampled_from(STATUSES), st.integers(0, 200), st.integers(0, 200), st.booleans(), st.booleans()),
    min_size=20,
    max_size=20,
).map(
    lambda told: [AttendanceDay(day.day, *each) for day, each in zip(present_days(), told, strict=True)]
)


@settings(max_examples=60)
@drawn(DAYS, st.sampled_from(["generic-60-40", "sumedang-2023", "jakarta-kecamatan"]))
def test_a_recap_never_scores_lower_than_the_days_that_it_sums_up(days: list[AttendanceDay], policy_id: str) -> None:
    by_days, by_recap = told_both_ways(days)

    scores = [score_month(each, shipped_policy(policy_id)).value for each in (by_days, by_recap)]

    assert scores[0] is None or scores[1] is None or scores[1] >= scores[0]


@settings(max_examples=30)
@drawn(DAYS, st.sampled_from(["sumedang-2023", "jakarta-kecamatan"]))
def test_where_a_policy_asks_for_sums_alone_a_recap_scores_like_its_days(
    days: list[AttendanceDay], policy_id: str
) -> None:
    by_days, by_recap = told_both_ways(days)

    scores = [score_month(each, shipped_policy(policy_id)).value for each in (by_days, by_recap)]

    assert scores[0] == scores[1]


STEPS = (LadderStep(11, Decimal("0.5")), LadderStep(31, Decimal(1)), LadderStep(61, Decimal(5)))


@pytest.mark.parametrize(
    ("total", "days", "percent"),
    [
        (0, 20, "0"),
        (10, 1, "0"),
        (20, 2, "0"),
        (21, 2, "0.5"),
        (200, 20, "0"),
        (61, 2, "1"),
        (61, 1, "5"),
        (90, 2, "1.5"),
        (1000, 2, "5"),
        (10_000, 31, "5"),
    ],
)
def test_a_sum_of_minutes_is_spread_over_the_days_where_it_costs_least(total: int, days: int, percent: str) -> None:
    assert lightest(total, days, STEPS) == Decimal(percent)


def test_days_go_before_a_recap() -> None:
    late = (replace(present_days()[0], late_minutes=45), *present_days()[1:])
    both = month([], attendance=late, attendance_recap=AttendanceRecap(days={"absent_unexcused": 20}))

    score = score_month(both, shipped_policy())

    assert [row.code for row in rows(score.explanation, "absent")] == []
    assert "attendance_recap_only" not in score.reasons


def test_the_count_of_absent_days_in_a_recap_may_take_the_whole_month() -> None:
    recap = AttendanceRecap(days={"absent_unexcused": 5})

    score = score_month(month([entry("a", MONDAY, minutes=60)], attendance_recap=recap), shipped_policy("sumedang-2023"))

    (lost,) = rows(score.explanation, "everything_lost")
    assert (score.value, lost.params["days"]) == (Decimal("0.00"), 5)


def test_leave_in_a_recap_asks_for_no_work() -> None:
    policy = changed_policy({("working_time", "statuses_without_target"): ["leave"]})
    recap = AttendanceRecap(days={"leave": 5})

    score = score_month(month([entry("a", MONDAY, minutes=60)], attendance_recap=recap), policy)

    (target,) = rows(score.explanation, "target_minutes")
    assert target.value == 15 * 300


def test_a_locked_month_keeps_the_recap_that_it_was_scored_from() -> None:
    scored = month([], attendance_recap=AttendanceRecap(45, 0, 1, 0, {"leave": 2}))

    again = with_kept(month([]), kept_document(scored))

    assert again == scored

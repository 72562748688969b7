"""A month's score: the vectors, what makes it provisional, and what its explanation holds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any

import pytest

from lontara_server.performance.attendance import AttendanceDay
from lontara_server.performance.explanation import Node, node_document, node_from_document, rows_that_do_not_add_up
from lontara_server.performance.placement import Placement
from lontara_server.performance.score import explanation_document, score_month
from server.performance.months import (
    all_seven,
    changed_policy,
    entry,
    minutes_of,
    month,
    month_of,
    policy_document,
    present_days,
    rows,
    shipped_policy,
    vector_cases,
)

POLICY = shipped_policy()
MONDAY = date(2026, 2, 2)
CASES = vector_cases("months.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_month_of_the_vectors_scores_as_written_and_every_level_adds_up(case: dict[str, Any]) -> None:
    month_input = month_of(case)

    score = score_month(month_input, POLICY)

    tree = score.explanation
    document = explanation_document(score)
    assert {
        "counted": minutes_of(tree, "counted_minutes"),
        "overlap": -minutes_of(tree, "overlap"),
        "over_cap": -minutes_of(tree, "over_day_cap"),
        "target": minutes_of(tree, "target_minutes"),
        "value": document["value"],
        "rating": document["rating"],
    } == case["expect"]
    assert rows_that_do_not_add_up(tree) == []


def test_without_attendance_the_score_is_productivity_alone_and_names_the_missing_part() -> None:
    score = score_month(month([entry("a", MONDAY, "08:00-13:00")]), POLICY)

    productivity, discipline = score.explanation.children
    assert (score.value, score.provisional, score.reasons) == (Decimal("5.00"), True, ("no_attendance",))
    assert (productivity.value, discipline.code, discipline.value) == (
        Decimal("5.00"),
        "discipline_missing",
        None,
    )
    assert score.coverage["parts_missing"] == ["discipline"]


def test_an_open_conflict_counts_its_server_value_and_makes_the_score_provisional() -> None:
    entries = [entry("a", MONDAY, "08:00-10:00", open_conflict=True), entry("b", MONDAY, "10:00-13:00")]

    score = score_month(month(entries), POLICY)

    assert score.value == Decimal("5.00")
    assert score.reasons == ("no_attendance", "open_conflicts")
    assert score.coverage["open_conflicts"] == 1


@pytest.mark.parametrize(("known_unsent", "silent_devices"), [(3, 0), (0, 1)])
def test_work_still_on_devices_makes_the_score_provisional_and_is_told(known_unsent: int, silent_devices: int) -> None:
    waiting = month([], known_unsent=known_unsent, silent_devices=silent_devices, entries_received=47)

    score = score_month(waiting, POLICY)

    assert "unsynced_devices" in score.reasons
    assert (score.coverage["known_unsent"], score.coverage["silent_devices"]) == (
        known_unsent,
        silent_devices,
    )
    assert score.coverage["percent"] == ("94.00" if known_unsent else "100.00")


def test_a_month_without_workdays_has_no_value_no_rating_and_says_why() -> None:
    every_day = frozenset(date(2026, 2, day) for day in range(1, 29))

    score = score_month(month([entry("a", MONDAY, "08:00-13:00")], holidays=every_day), POLICY)

    assert (score.value, score.rating, score.provisional) == (None, None, True)
    assert score.reasons == ("no_workdays", "no_attendance")
    assert score.explanation.code == "score_without_target"


def test_the_score_names_the_policy_version_and_the_days_without_attendance() -> None:
    score = score_month(month([]), POLICY)

    assert (score.policy_id, score.policy_version) == ("generic-60-40", 1)
    days = score.coverage["days_without_feed"]
    assert isinstance(days, list)
    assert (len(days), days[0]) == (20, "2026-02-02")


def test_the_overlap_row_names_the_entries_that_share_time_and_no_other() -> None:
    entries = [
        entry("morning", MONDAY, "08:00-10:00"),
        entry("visit", MONDAY, "09:30-11:00"),
        entry("touching", MONDAY, "11:00-12:00"),
        entry("elsewhere", date(2026, 2, 3), "09:30-11:00"),
    ]

    score = score_month(month(entries), POLICY)

    (overlap,) = rows(score.explanation, "overlap_day")
    assert (overlap.params["date"], overlap.value, overlap.entry_ids) == (
        "2026-02-02",
        Decimal(-30),
        ("morning", "visit"),
    )


def test_entries_stand_in_the_explanation_under_their_category_with_the_revision_judged() -> None:
    entries = [entry("b", MONDAY, minutes=20, category=None), entry("a", MONDAY, "22:00-01:00")]

    score = score_month(month(entries), POLICY)

    categories = rows(score.explanation, "category")
    assert [row.params["category"] for row in categories] == ["main_duty", None]
    (night,) = rows(score.explanation, "entry_past_midnight")
    assert night.entry_ids == ("a",)
    assert night.params == {
        "date": "2026-02-02",
        "start": "22:00",
        "end": "01:00",
        "revision": 1,
        "open_conflict": False,
    }


def test_an_entry_that_ends_at_midnight_is_not_called_past_it() -> None:
    score = score_month(month([entry("a", MONDAY, "22:00-00:00")]), POLICY)

    (row,) = rows(score.explanation, "entry_times")
    assert (row.params["start"], row.params["end"], row.value) == ("22:00", "00:00", Decimal(120))


def test_the_rounding_step_is_a_row_of_its_own() -> None:
    holidays = frozenset({date(2026, 2, 17)})

    score = score_month(month([entry("a", MONDAY, minutes=120)], holidays=holidays), POLICY)

    (ratio,) = rows(score.explanation, "productivity_ratio")
    (rounding,) = rows(score.explanation, "rounding")
    assert (ratio.value, rounding.value) == (Decimal("2.1052631579"), Decimal("0.0047368421"))
    assert score.value == Decimal("2.11")


def test_the_document_is_plain_json_and_gives_the_tree_back() -> None:
    score = score_month(month([entry("a", MONDAY, "08:00-08:07"), entry("b", MONDAY, minutes=5)]), POLICY)

    document = json.loads(json.dumps(explanation_document(score)))

    assert document["value"] == "0.20"
    assert document["policy"] == {"policy_id": "generic-60-40", "version": 1}
    assert node_from_document(document["explanation"]) == score.explanation


def test_a_changed_figure_in_a_kept_explanation_is_named() -> None:
    score = score_month(month([entry("a", MONDAY, "08:00-09:00")]), POLICY)
    document = json.loads(json.dumps(node_document(score.explanation)).replace('"60"', '"61"', 1))

    wrong = rows_that_do_not_add_up(node_from_document(document))

    assert wrong


def test_the_hosts_decimal_settings_never_change_a_score() -> None:
    work = month([entry("a", MONDAY, minutes=77)], holidays=frozenset({date(2026, 2, 17)}))
    expected = explanation_document(score_month(work, POLICY))

    with localcontext(prec=3, rounding=ROUND_DOWN):
        document = explanation_document(score_month(work, POLICY))

    assert document == expected


def test_with_every_day_reported_and_nothing_waiting_a_score_is_final() -> None:
    score = score_month(month([entry("a", MONDAY, "08:00-13:00")], attendance=present_days()), POLICY)

    assert (score.value, score.provisional, score.reasons) == (Decimal("43.00"), False, ())
    assert score.coverage["days_without_feed"] == []
    assert score.coverage["parts_missing"] == []


def test_days_without_a_feed_are_named_cost_nothing_and_leave_the_score_provisional() -> None:
    known = present_days()[:-2]

    score = score_month(month([entry("a", MONDAY, "08:00-13:00")], attendance=known), POLICY)

    assert (score.value, score.reasons) == (Decimal("43.00"), ("attendance_incomplete",))
    assert score.coverage["days_without_feed"] == ["2026-02-26", "2026-02-27"]


def test_attendance_of_days_off_alone_is_no_data_about_discipline() -> None:
    sunday = AttendanceDay(date(2026, 2, 1), "present", late_minutes=300)

    score = score_month(month([entry("a", MONDAY, "08:00-13:00")], attendance=(sunday,)), POLICY)

    assert (score.value, score.reasons) == (Decimal("5.00"), ("no_attendance",))


@pytest.mark.parametrize("waiting", [{"known_unsent": 3}, {"silent_devices": 1}])
def test_nothing_received_while_devices_hold_work_is_no_data_and_not_zero(waiting: dict[str, int]) -> None:
    score = score_month(replace(month([], attendance=present_days()), nothing_has_arrived=True, **waiting), POLICY)  # type: ignore[arg-type]

    assert score.value == Decimal("100.00")
    assert score.reasons == ("no_entries", "unsynced_devices")
    assert score.coverage["parts_missing"] == ["productivity"]


def test_without_any_data_there_is_no_score() -> None:
    score = score_month(month([], silent_devices=1, nothing_has_arrived=True), POLICY)

    assert (score.value, score.rating, score.explanation.code) == (None, None, "score_without_data")
    assert score.coverage["parts_missing"] == ["productivity", "discipline"]


def test_the_static_part_alone_is_no_score() -> None:
    score = score_month(month([], silent_devices=1, nothing_has_arrived=True), shipped_policy("sumedang-2023"))

    assert score.value is None


def test_a_month_of_leave_has_no_target_and_rests_on_discipline() -> None:
    leave = tuple(replace(day, status="leave") for day in present_days())

    score = score_month(month([], attendance=leave), POLICY)

    assert (score.value, score.reasons) == (Decimal("100.00"), ("no_target",))
    (row,) = rows(score.explanation, "workdays_without_excused")
    assert (row.value, len(row.attendance_days)) == (Decimal(0), 20)


def test_behaviour_with_one_value_unrated_is_no_rating_yet() -> None:
    policy = shipped_policy("jakarta-kecamatan")
    ratings = {value: rating for value, rating in all_seven("5").items() if value != "loyal"}

    score = score_month(month([], behaviour=ratings, attendance=present_days(), budget_absorption=Decimal(100)), policy)

    assert "no_behaviour" in score.reasons
    assert score.coverage["parts_missing"] == ["behaviour"]


@pytest.mark.parametrize(("choice", "value"), [("count_server_value", Decimal("5.00")), ("leave_out", Decimal("3.00"))])
def test_an_open_conflict_counts_or_waits_as_the_policy_says(choice: str, value: Decimal) -> None:
    policy = changed_policy({("entries", "open_conflicts"): choice})
    entries = [entry("a", MONDAY, "08:00-10:00", open_conflict=True), entry("b", MONDAY, "10:00-13:00")]

    score = score_month(month(entries), policy)

    left_out = [row.entry_ids for row in rows(score.explanation, "entry_left_out")]
    assert (score.value, "open_conflicts" in score.reasons) == (value, True)
    assert left_out == ([("a",)] if choice == "leave_out" else [])


@pytest.mark.parametrize(("choice", "value"), [("count", Decimal("5.00")), ("leave_out", Decimal("3.00"))])
def test_an_entry_written_too_late_counts_or_not_as_the_policy_says(choice: str, value: Decimal) -> None:
    policy = changed_policy({("entries", "late_entries"): choice})
    entries = [
        entry("late", MONDAY, "08:00-10:00", captured_on=date(2026, 2, 10)),
        entry("in-time", MONDAY, "10:00-13:00", captured_on=date(2026, 2, 9)),
    ]

    score = score_month(month(entries), policy)

    assert score.value == value
    assert [row.params["why"] for row in rows(score.explanation, "entry_left_out")] == ["late"] * (choice != "count")


def test_every_entry_left_out_is_work_of_zero_and_not_missing_work() -> None:
    policy = changed_policy({("entries", "open_conflicts"): "leave_out"})

    score = score_month(month([entry("a", MONDAY, "08:00-10:00", open_conflict=True)]), policy)

    assert score.value == Decimal("0.00")


def test_a_base_on_the_total_takes_points_of_the_whole_score() -> None:
    policy = changed_policy({("discipline", "base"): "total"})
    days = (replace(present_days()[0], late_minutes=31), *present_days()[1:])

    score = score_month(month([], attendance=days), policy)

    # 40 - 1 of the whole, and not 40 - 1 % of 40.
    assert score.value == Decimal("39.00")
    assert rows_that_do_not_add_up(score.explanation) == []


def test_the_explanation_names_the_days_and_the_policy_line_of_each_deduction() -> None:
    days = (replace(present_days()[0], late_minutes=31), *present_days()[1:])

    score = score_month(month([], attendance=days), POLICY)

    (step,) = rows(score.explanation, "late_step")
    (day,) = rows(score.explanation, "late_day")
    assert step.policy_path == ("discipline", "steps", 1)
    assert (day.attendance_days, day.params["minutes"]) == (("2026-02-02",), 31)


def test_every_policy_line_that_an_explanation_names_is_in_its_policy() -> None:
    for policy_id, case in [(case["policy"], case) for case in vector_cases("regions.yaml")]:
        score = score_month(month_of(case), shipped_policy(policy_id))

        for path in policy_paths(score.explanation):
            section: Any = policy_document(policy_id)
            for key in path:
                section = section[key]


def test_the_parts_of_a_score_are_told_beside_its_tree() -> None:
    score = score_month(month([entry("a", MONDAY, "08:00-13:00")], attendance=present_days()), POLICY)

    parts = explanation_document(score)["parts"]

    assert parts == [
        {"part": "productivity", "weight": "60", "percent": "5.00", "points": "3.0000"},
        {"part": "discipline", "weight": "40", "percent": "100.00", "points": "40.0000"},
    ]


def policy_paths(node: Node) -> list[tuple[str | int, ...]]:
    below = [path for child in node.children for path in policy_paths(child)]
    return [node.policy_path, *below] if node.policy_path else below


def test_of_two_placements_that_began_on_one_day_the_same_one_holds_in_either_order() -> None:
    began = date(2026, 2, 3)
    placed = [Placement(began, None, "unit-2", None, per_week) for per_week in (6, None)]

    documents = [explanation_document(score_month(month([], placements=tuple(order)), POLICY))
                 for order in (placed, placed[::-1])]  # fmt: skip

    assert documents[0] == documents[1]

"""A month's score: the vectors, what makes it provisional, and what its explanation holds."""

from __future__ import annotations

import json
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any

import pytest

from lontara_server.performance.explanation import node_from_document, rows_that_do_not_add_up
from lontara_server.performance.score import explanation_document, score_month
from server.performance.months import entry, minutes_of, month, month_of, rows, shipped_policy, vector_cases

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


@pytest.mark.parametrize("case", vector_cases("bands.yaml"), ids=lambda case: str(case["score"]))
def test_a_rounded_score_earns_the_band_whose_edge_it_reaches(case: dict[str, str]) -> None:
    rounded = POLICY.rounded(Decimal(case["score"]))

    band = POLICY.band_of(rounded)

    assert band.code == case["rating"]


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
    document = json.loads(json.dumps(explanation_document(score)).replace('"60"', '"61"', 1))

    wrong = rows_that_do_not_add_up(node_from_document(document["explanation"]))

    assert wrong


def test_the_hosts_decimal_settings_never_change_a_score() -> None:
    work = month([entry("a", MONDAY, minutes=77)], holidays=frozenset({date(2026, 2, 17)}))
    expected = explanation_document(score_month(work, POLICY))

    with localcontext(prec=3, rounding=ROUND_DOWN):
        document = explanation_document(score_month(work, POLICY))

    assert document == expected

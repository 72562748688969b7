"""The policy document: what ships, and what is refused with the key named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from lontara_server.performance.policy import MonthPolicy, PolicyMistake, parse_policy
from lontara_server.performance.rounding import Rounding
from server.performance.months import MONTH_POLICIES, YEAR_POLICIES, policy_document, shipped_policy

KeyPath = tuple[str | int, ...]
WEIGHTS = {"productivity": 0, "discipline": 0, "behaviour": 0, "budget_absorption": 0, "static": 0}


def key_paths(content: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield (*path, key)
            yield from key_paths(value, (*path, key))
    if isinstance(content, list):
        for index, value in enumerate(content):
            yield from key_paths(value, (*path, index))


def at(document: Any, path: KeyPath) -> Any:
    for key in path:
        document = document[key]
    return document


def parent_of(document: dict[str, Any], path: KeyPath) -> Any:
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    return parent


def test_the_default_policy_has_the_numbers_of_the_regulations_it_cites() -> None:
    policy = shipped_policy()

    assert (policy.policy_id, policy.version) == ("generic-60-40", 1)
    assert {weight.code: int(weight.amount) for weight in policy.weights} == {"productivity": 60, "discipline": 40}
    time = policy.working_time
    assert (time.workdays_per_week, time.effective_minutes(5), time.effective_minutes(6)) == (5, 300, 250)
    assert (time.minutes_counted_per_day_max, time.minutes_counted_per_month_max, time.category_caps) == (480, None, ())
    rules = policy.entries
    assert (rules.entry_days_back, rules.month_closes_on, rules.late_entries) == (7, 10, "count")
    assert (rules.conflict_minutes_per_day_max, rules.open_conflicts) == (960, "count_server_value")
    assert (policy.score_max, policy.rounding) == (Decimal(100), Rounding("ROUND_HALF_UP", 2))
    assert policy.allowance_rounding == Rounding("ROUND_HALF_UP", 0)
    assert [(band.code, int(band.edge), band.includes_edge) for band in policy.bands] == [
        ("very_good", 91, True),
        ("good", 76, True),
        ("fair", 61, True),
        ("poor", 51, True),
        ("very_poor", 0, True),
    ]
    assert policy.regulation
    assert (policy.title.id, policy.bands[0].title.id) == ("Produktivitas 60, disiplin 40", "Sangat Baik")


def test_the_default_ladder_is_that_of_the_ministry() -> None:
    rules = shipped_policy().discipline

    assert rules is not None
    assert (rules.base, rules.counting) == ("share", "each_day")
    assert [(step.starts_at, str(step.percent)) for step in rules.steps] == [
        (1, "0.5"),
        (31, "1"),
        (61, "1.25"),
        (91, "1.5"),
    ]
    assert (rules.missing_punch_percent, rules.everything_from_days) == (Decimal("1.5"), None)


ALL_POLICIES = [*MONTH_POLICIES, *YEAR_POLICIES]
OPTIONAL = {"requires", "over"}


@pytest.mark.parametrize("policy_id", ALL_POLICIES)
def test_every_policy_that_ships_can_be_read_and_names_itself_as_its_file(policy_id: str) -> None:
    policy = parse_policy(policy_document(policy_id), where=policy_id)

    assert policy.policy_id == policy_id


def test_the_policies_that_ship_are_these() -> None:
    files_in = files("lontara_schema").joinpath("policies").iterdir()

    assert {each.name.removesuffix(".yaml") for each in files_in} == set(ALL_POLICIES)


@pytest.mark.parametrize(
    ("policy_id", "path"),
    [
        (policy_id, path)
        for policy_id in ALL_POLICIES
        for path in key_paths(policy_document(policy_id))
        if path[-1] not in OPTIONAL
    ],
    ids=lambda value: value if isinstance(value, str) else ".".join(map(str, value)),
)
def test_a_key_that_is_missing_is_named_by_its_path(policy_id: str, path: KeyPath) -> None:
    document = policy_document(policy_id)
    del parent_of(document, path)[path[-1]]

    with pytest.raises(PolicyMistake, match=r"is missing$") as refusal:
        parse_policy(document, where="wajo.yaml")

    assert refusal.value.key_path == path
    assert str(refusal.value).startswith(f"wajo.yaml: {'.'.join(map(str, path))}: ")


@pytest.mark.parametrize(
    ("policy_id", "path"),
    [
        (policy_id, path)
        for policy_id in ALL_POLICIES
        for path in [(), *key_paths(policy_document(policy_id))]
        if isinstance(at(policy_document(policy_id), path), dict)
    ],
    ids=lambda value: value if isinstance(value, str) else ".".join(map(str, value)),
)
def test_a_key_that_no_policy_has_is_named_by_its_path(policy_id: str, path: KeyPath) -> None:
    document = policy_document(policy_id)
    at(document, path)["bonus"] = 1

    with pytest.raises(PolicyMistake, match="is not a key of a policy") as refusal:
        parse_policy(document, where="wajo.yaml")

    assert refusal.value.key_path == (*path, "bonus")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("policy_id",), " "),
        (("version",), 0),
        (("version",), True),
        (("rates",), "week"),
        (("title",), "Produktivitas"),
        (("regulation",), []),
        (("regulation",), [65]),
        (("valid_from",), "2026-02-30"),
        (("valid_to",), date(2000, 1, 1)),
        (("weights",), WEIGHTS | {"productivity": 60, "discipline": 60}),
        (("weights",), WEIGHTS | {"productivity": 0, "discipline": 100}),
        (("weights", "discipline"), "forty"),
        (("discipline",), None),
        (("behaviour",), {"scale_max": 5}),
        (("working_time", "workdays_per_week"), 7),
        (("working_time", "effective_minutes_per_day", "five_day_week"), 0),
        (("working_time", "effective_minutes_per_day", "six_day_week"), 300.0),
        (("working_time", "minutes_counted_per_day_max"), 1441),
        (("working_time", "minutes_counted_per_month_max"), 0),
        (("working_time", "category_caps"), "none"),
        (("working_time", "statuses_without_target"), ["holiday"]),
        (("working_time", "statuses_without_target"), ["leave", "leave"]),
        (("productivity", "measure"), "hours"),
        (("discipline", "base"), "half"),
        (("discipline", "counting"), "each_week"),
        (("discipline", "steps", 1, "from_minutes"), 1),
        (("discipline", "steps", 1, "percent"), "0.4"),
        (("discipline", "steps", 0, "percent"), 0.5),
        (("discipline", "absence", "everything_from_days"), 0),
        (("discipline", "missing_punch_percent"), -1),
        (("entries", "open_conflicts"), "forget"),
        (("entries", "late_entries"), "forget"),
        (("entries", "month_closes_on"), 31),
        (("entries", "review", "reminders_on_workdays"), [3, 2]),
        (("entries", "review", "reminders_on_workdays"), [4]),
        (("entries", "review", "reminders_on_workdays"), 2),
        (("score", "max"), 99.5),
        (("score", "max"), "NaN"),
        (("score", "rounding", "mode"), "ROUND_UP"),
        (("score", "rounding", "places"), 5),
        (("score", "rounding", "at"), ["percent"]),
        (("score", "rounding", "at"), ["day", "score"]),
        (("bands",), []),
        (("bands", 0, "from"), 101),
        (("bands", 1, "from"), 91),
        (("bands", 1, "from"), "seventy"),
        (("bands", 2, "code"), "good"),
        (("bands", 1, "over"), 76),
        (("bands", 1, "requires"), "a medal"),
    ],
)
def test_a_value_that_no_policy_can_have_is_named_by_its_path(path: KeyPath, value: object) -> None:
    document = policy_document()
    parent_of(document, path)[path[-1]] = value

    with pytest.raises(PolicyMistake) as refusal:
        parse_policy(document, where="wajo.yaml")

    assert refusal.value.key_path == path


def test_bands_that_leave_low_scores_without_a_rating_are_refused() -> None:
    document = policy_document()
    document["bands"].pop()

    with pytest.raises(PolicyMistake, match="must start from 0"):
        parse_policy(document, where="wajo.yaml")


def test_a_document_that_is_no_mapping_is_refused_by_its_name() -> None:
    with pytest.raises(PolicyMistake, match=r"^wajo\.yaml: document: must be a mapping"):
        parse_policy(["not", "a", "policy"], where="wajo.yaml")  # type: ignore[arg-type]


def test_a_band_edge_may_be_a_decimal_in_quotes() -> None:
    document = policy_document()
    document["bands"][0]["from"] = "90.5"

    policy = parse_policy(document, where="wajo.yaml")

    assert isinstance(policy, MonthPolicy)
    assert policy.bands[0].edge == Decimal("90.5")


def test_a_policy_is_valid_on_its_first_and_last_day_and_not_beside_them() -> None:
    document = policy_document() | {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    policy = parse_policy(document, where="wajo.yaml")

    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]

    assert [policy.is_valid_on(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("policy_id", "path", "value"),
    [
        ("jakarta-kecamatan", ("productivity", "deducted_minutes", "sick"), 1441),
        ("jakarta-kecamatan", ("behaviour", "scale_max"), 1),
        ("sumedang-2023", ("score", "rounding", "at"), ["points", "score"]),
        ("pp30-2019", ("rating_by",), "lot"),
        ("pp30-2019", ("weights", "with_survey", "behaviour"), 50),
        ("pp30-2019", ("achievement", "lower_is_better"), "worse"),
        ("permenpanrb-6-2022", ("matrix", "above", "meets"), "splendid"),
        ("permenpanrb-6-2022", ("levels", "behaviour", 0, "over"), 6),
        ("permenpanrb-6-2022", ("levels", "work_result", 0, "code"), "far_above"),
    ],
)
def test_a_value_that_no_policy_of_its_kind_can_have_is_named_by_its_path(
    policy_id: str, path: KeyPath, value: object
) -> None:
    document = policy_document(policy_id)
    parent_of(document, path)[path[-1]] = value

    with pytest.raises(PolicyMistake) as refusal:
        parse_policy(document, where="wajo.yaml")

    assert refusal.value.key_path in (path, path[:2])

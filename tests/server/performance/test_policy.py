"""The policy document: what ships, and what is refused with the key named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lontara_server.performance.policy import PolicyMistake, parse_policy
from server.performance.months import policy_document, shipped_policy

KeyPath = tuple[str | int, ...]


def key_paths(content: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield (*path, key)
            yield from key_paths(value, (*path, key))
    if isinstance(content, list):
        for index, value in enumerate(content):
            yield from key_paths(value, (*path, index))


def parent_of(document: dict[str, Any], path: KeyPath) -> Any:
    parent: Any = document
    for key in path[:-1]:
        parent = parent[key]
    return parent


def test_the_shipped_policy_has_the_numbers_of_the_regulation_it_cites() -> None:
    policy = shipped_policy()

    assert (policy.policy_id, policy.version) == ("generic-60-40", 1)
    assert (policy.productivity_weight, policy.discipline_weight) == (60, 40)
    assert (policy.workdays_per_week, policy.effective_minutes_per_day) == (5, 300)
    assert (policy.minutes_counted_per_day_max, policy.category_caps) == (480, "none")
    assert (policy.entry_days_back, policy.conflict_minutes_per_day_max) == (7, 960)
    assert policy.open_conflicts == "count_server_value"
    assert (policy.score_max, policy.rounding_mode, policy.rounding_places) == (
        Decimal(100),
        "ROUND_HALF_UP",
        2,
    )
    assert [(band.code, int(band.at_least)) for band in policy.bands] == [
        ("very_good", 91),
        ("good", 76),
        ("fair", 61),
        ("poor", 51),
        ("very_poor", 0),
    ]
    assert policy.regulation
    assert (policy.title.id, policy.bands[0].title.id) == ("Produktivitas 60, disiplin 40", "Sangat Baik")


@pytest.mark.parametrize("path", list(key_paths(policy_document())), ids=lambda path: ".".join(map(str, path)))
def test_a_key_that_is_missing_is_named_by_its_path(path: KeyPath) -> None:
    document = policy_document()
    del parent_of(document, path)[path[-1]]

    with pytest.raises(PolicyMistake, match=r"is missing$") as refusal:
        parse_policy(document, where="wajo.yaml")

    assert refusal.value.key_path == path
    assert str(refusal.value).startswith(f"wajo.yaml: {'.'.join(map(str, path))}: ")


@pytest.mark.parametrize(
    "path", [(), ("title",), ("weights",), ("working_time",), ("entries",), ("score",), ("bands", 0)]
)
def test_a_key_that_no_policy_has_is_named_by_its_path(path: KeyPath) -> None:
    document = policy_document()
    parent_of(document, (*path, "bonus"))["bonus"] = 1

    with pytest.raises(PolicyMistake, match="is not a key of a policy") as refusal:
        parse_policy(document, where="wajo.yaml")

    assert refusal.value.key_path == (*path, "bonus")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("policy_id",), " "),
        (("version",), 0),
        (("version",), True),
        (("title",), "Produktivitas"),
        (("regulation",), []),
        (("regulation",), [65]),
        (("valid_from",), "2026-02-30"),
        (("valid_to",), date(2000, 1, 1)),
        (("weights",), {"productivity": 60, "discipline": 60}),
        (("weights",), {"productivity": 0, "discipline": 100}),
        (("working_time", "workdays_per_week"), 7),
        (("working_time", "effective_minutes_per_day"), 0),
        (("working_time", "effective_minutes_per_day"), 300.0),
        (("working_time", "minutes_counted_per_day_max"), 1441),
        (("working_time", "category_caps"), {"additional_duty": 20}),
        (("entries", "open_conflicts"), "leave_out"),
        (("score", "max"), 99.5),
        (("score", "max"), "NaN"),
        (("score", "rounding", "mode"), "ROUND_UP"),
        (("score", "rounding", "places"), 5),
        (("bands",), []),
        (("bands", 0, "from"), 101),
        (("bands", 1, "from"), 91),
        (("bands", 1, "from"), "seventy"),
        (("bands", 2, "code"), "good"),
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

    assert policy.bands[0].at_least == Decimal("90.5")


def test_a_policy_is_valid_on_its_first_and_last_day_and_not_beside_them() -> None:
    document = policy_document() | {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    policy = parse_policy(document, where="wajo.yaml")

    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]

    assert [policy.is_valid_on(day) for day in days] == [False, True, True, False]

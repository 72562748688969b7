"""Policies as they are read from a text: a mistake is told with its line, and nothing but a Problem comes of it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from lontara_core.problems import Problem
from lontara_server.performance.policy import MonthPolicy
from lontara_server.services.policies import policy_for, read_policy, shipped_policies
from lontara_server.storage.engine import Engine, transaction

SHIPPED = sorted(
    each.name for each in files("lontara_schema").joinpath("policies").iterdir() if each.name.endswith(".yaml")
)


def text_of(name: str) -> str:
    return files("lontara_schema").joinpath("policies", name).read_text(encoding="utf-8")


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_policy_that_ships_is_read(name: str) -> None:
    policy = read_policy(text_of(name), where=name)

    assert f"{policy.policy_id}.yaml" == name


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("generic-60-40.yaml", "discipline: 40", "discipline: many"),
        ("generic-60-40.yaml", "from_minutes: 31", "from_minutes: 0"),
        ("generic-60-40.yaml", "valid_from: 2018-01-01", "valid_from: 2018-02-30"),
        ("generic-60-40.yaml", "from: 76", "from: 75.5"),
        ("jakarta-kecamatan.yaml", "scale_max: 5", "scale_max: five"),
        ("sumedang-2023.yaml", "measure: log_days", "measure: days"),
        ("pp30-2019.yaml", "requires: new_idea", "requires: medal"),
        ("permenpanrb-6-2022.yaml", "above: very_good", "above: splendid"),
    ],
)
def test_the_line_of_a_mistake_is_told(name: str, right: str, wrong: str) -> None:
    assert right in text_of(name)
    text = text_of(name).replace(right, wrong)

    with pytest.raises(Problem) as raised:
        read_policy(text, where=name)

    assert (raised.value.code, raised.value.facts["line"]) == ("policy_mistake", line_of(text, wrong))


def test_a_key_that_stands_twice_is_told_with_the_line_of_the_second() -> None:
    text = text_of("generic-60-40.yaml").replace("  discipline: 40\n", "  discipline: 40\n  discipline: 30\n")

    with pytest.raises(Problem, match="stands there twice") as raised:
        read_policy(text, where="x.yaml")

    assert raised.value.facts["line"] == line_of(text, "discipline: 30")


@pytest.mark.parametrize(
    "text", ["", "- a\n- b", "a: [", "? [a]\n: b", "a: &x [*x]", "a: !!python/name:os.system", "\x00", "version: 1\n---\nb: 2",
             "a: " + "[" * 5000, "9" * 5000, "a: {b: c}: d"],
    ids=lambda text: repr(text)[:20],
)  # fmt: skip
def test_a_text_that_is_no_policy_is_a_problem_and_nothing_worse(text: str) -> None:
    with pytest.raises(Problem) as raised:
        read_policy(text, where="x.yaml")

    assert raised.value.code == "policy_mistake"


def test_a_month_is_scored_by_a_policy_of_months(database: Engine) -> None:
    with transaction(database) as connection:
        policy = policy_for(connection, 1, "2026-02")

    assert isinstance(policy, MonthPolicy)
    assert len({(each.policy_id, each.version) for each in shipped_policies()}) == len(shipped_policies())

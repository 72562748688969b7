"""Seeded schedules of three devices, a bad network and crashes keep every invariant; and planted bugs are seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulation.planted import BUGS, Bug, first_violation
from simulation.template import Ground
from simulation.world import level_ground, run_schedule

# 4 has found a bug: edits of a void entry on one device took each other's place in the conflict, and no history had them.
SEEDS = range(1, 13)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with level_ground() as ground:
        yield ground


@pytest.mark.parametrize("seed", SEEDS)
def test_a_schedule_of_faults_comes_to_rest_with_nothing_lost_or_doubled(ground: Ground, seed: int) -> None:
    run = run_schedule(seed, ground)

    assert run.operations > 0


def test_the_same_seed_gives_the_same_trace(ground: Ground) -> None:
    first, second = run_schedule(5, ground), run_schedule(5, ground)

    assert first.trace == second.trace


def test_another_seed_gives_another_trace(ground: Ground) -> None:
    first, second = run_schedule(5, ground), run_schedule(6, ground)

    assert first.trace != second.trace


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_seen_by_its_invariant(ground: Ground, bug: Bug) -> None:
    violation = first_violation(bug, ground, range(1, 41))

    assert violation is not None
    assert violation.invariant in BUGS[bug]


def test_a_violation_names_its_seed(ground: Ground) -> None:
    bug = next(bug for bug in BUGS if bug.__name__ == "answered_before_commit")

    violation = first_violation(bug, ground, range(3, 4))

    assert violation is not None
    assert "--seed 3" in violation.__notes__[0]

"""Seeded schedules of devices, a bad network, crashes and disasters keep every invariant, and planted bugs are seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from simulation.mixes import MIXES
from simulation.planted import BUGS, Bug, first_violation, restore_keeps_the_epoch
from simulation.playing import found_in, smaller, story
from simulation.schedule import Planned, Schedule, read_steps
from simulation.shrink import shrink
from simulation.template import Ground
from simulation.world import level_ground, run_schedule, whole

SEEDS: Final = (1, 2)
SEEDS_PER_BUG: Final = range(1, 16)
STEPS_LEFT_MAX: Final = 6


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with level_ground() as ground:
        yield ground


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("mix", MIXES)
def test_a_schedule_of_faults_comes_to_rest_with_nothing_lost_or_doubled(ground: Ground, mix: str, seed: int) -> None:
    run = run_schedule(whole(mix, seed), ground)

    assert run.operations > 0


def test_the_same_schedule_gives_the_same_trace(ground: Ground) -> None:
    first, second = (run_schedule(whole("all", 3), ground) for _ in range(2))

    assert first.trace == second.trace


def test_another_seed_gives_another_trace(ground: Ground) -> None:
    first, second = (run_schedule(whole("network", seed), ground) for seed in (5, 6))

    assert first.trace != second.trace


def test_a_step_does_what_it_did_when_those_after_it_are_left_out(ground: Ground) -> None:
    schedule = whole("network", 5)

    cut = run_schedule(schedule.with_steps(schedule.steps[:8]), ground)

    before_rest = cut.trace[: cut.trace.index("step 7")]
    assert run_schedule(schedule, ground).trace[: len(before_rest)] == before_rest


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_seen_by_its_invariant(ground: Ground, bug: Bug) -> None:
    violation = first_violation(bug, ground, SEEDS_PER_BUG)

    assert violation is not None
    assert violation.invariant in BUGS[bug].invariants


def test_a_failing_schedule_is_told_with_few_steps_that_fail_alike(ground: Ground) -> None:
    schedule = whole("restores", 1)
    with restore_keeps_the_epoch():
        found = found_in(schedule, ground)
        assert found is not None

        small = smaller(schedule, found.invariant, ground)

        assert found.invariant in story(small, ground)
    assert len(small.steps) <= STEPS_LEFT_MAX
    assert f"--steps {','.join(map(str, small.steps))} --trace" in small.command(len(schedule.steps))


def test_shrinking_leaves_only_the_steps_that_the_failure_needs() -> None:
    schedule = Schedule.whole("network", 1, 40)

    small = shrink(schedule, lambda tried: {7, 23} <= {each.number for each in tried.steps})

    assert small.steps == (Planned(7, quiet=True), Planned(23, quiet=True))


def test_a_step_that_needs_its_storm_keeps_it() -> None:
    schedule = Schedule.whole("network", 1, 10)

    small = shrink(schedule, lambda tried: Planned(4) in tried.steps)

    assert small.steps == read_steps("4")


def test_a_violation_says_how_to_see_it_again(ground: Ground) -> None:
    with restore_keeps_the_epoch():
        violation = found_in(whole("restores", 1), ground)

    assert violation is not None
    assert "--mix restores --seed 1 --trace" in violation.__notes__[0]

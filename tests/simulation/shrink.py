"""Makes a failing schedule small: steps are left out, and those that stay are made quiet, as long as it still fails.

It fails in the same way where the same invariant does not hold; what is left is what a person reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from simulation.schedule import Planned, Schedule

RUNS_MAX: Final = 150

Fails = Callable[[Schedule], bool]


def shrink(schedule: Schedule, fails: Fails, *, runs_max: int = RUNS_MAX) -> Schedule:
    """A smaller schedule that still fails, found by playing at most `runs_max` schedules.

    fails: plays one and tells whether it fails in the way that is looked into.
    """
    left = runs_max

    def still_fails(steps: Sequence[Planned]) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and fails(schedule.with_steps(tuple(steps)))

    steps = _without(list(schedule.steps), still_fails)
    steps = _quietened(steps, still_fails)
    # What a storm had to cause may now be left out.
    return schedule.with_steps(tuple(_without(steps, still_fails)))


def _without(steps: list[Planned], still_fails: Callable[[Sequence[Planned]], bool]) -> list[Planned]:
    """Leave out runs of steps, long ones first, from the end: what comes after the failure is of no use."""
    size = max(1, len(steps) // 2)
    while True:
        start, found = len(steps) - size, False
        while start > -size:
            fewer = steps[: max(0, start)] + steps[max(0, start + size) :]
            if len(fewer) < len(steps) and still_fails(fewer):
                steps, found = fewer, True
            start -= size
        if size == 1 and not found:
            return steps
        size = max(1, size // 2)


def _quietened(steps: list[Planned], still_fails: Callable[[Sequence[Planned]], bool]) -> list[Planned]:
    """Let the link hold and nobody else act in each step that does not need it otherwise."""
    all_quiet = [replace(each, quiet=True) for each in steps]
    if still_fails(all_quiet):
        return all_quiet
    for place, each in enumerate(steps):
        calmer = [*steps[:place], replace(each, quiet=True), *steps[place + 1 :]]
        if still_fails(calmer):
            steps = calmer
    return steps

"""Schedules played one after the other: which of them fail, in which way, and the small ones that fail alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from simulation.faults import Violation
from simulation.mixes import MIXES
from simulation.schedule import Schedule
from simulation.shrink import shrink
from simulation.template import Ground
from simulation.world import Run, run_schedule

# Every so many schedules of a mix one is played a second time and has to give the same trace.
REPEAT_EVERY: Final = 10


@dataclass
class Played:
    """What some schedules did."""

    schedules: int = 0
    requests: int = 0
    faults: int = 0
    crashes: int = 0
    restores: int = 0
    operations: int = 0
    repeated: int = 0
    by_mix: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[Schedule, str, str]] = field(default_factory=list)

    def add(self, other: Played) -> None:
        """Count what another process has played."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def count(self, run: Run) -> None:
        """Count what one schedule did."""
        for name in ("requests", "faults", "crashes", "restores", "operations"):
            setattr(self, name, getattr(self, name) + getattr(run, name))


def play(schedules: Iterable[Schedule], ground: Ground) -> Played:
    """Play them; one whose second playing differs has failed as well."""
    played = Played()
    for schedule in schedules:
        played.schedules += 1
        played.by_mix[schedule.mix] += 1
        try:
            run = run_schedule(schedule, ground)
            again = run_schedule(schedule, ground).digest if schedule.seed % REPEAT_EVERY == 0 else run.digest
        except Violation as violation:
            played.failures.append((schedule, violation.invariant, "\n".join([str(violation), *violation.__notes__])))
            continue
        played.repeated += schedule.seed % REPEAT_EVERY == 0
        if again != run.digest:
            played.failures.append((schedule, "the same seed gives the same trace", schedule.name))
        played.count(run)
    return played


def found_in(schedule: Schedule, ground: Ground) -> Violation | None:
    """What fails in one schedule."""
    try:
        run_schedule(schedule, ground)
    except Violation as violation:
        return violation
    return None


def smaller(schedule: Schedule, invariant: str, ground: Ground) -> Schedule:
    """The schedule with what is not needed for it to fail in this way left out."""

    def fails(tried: Schedule) -> bool:
        found = found_in(tried, ground)
        return found is not None and found.invariant == invariant

    return shrink(schedule, fails)


def story(schedule: Schedule, ground: Ground) -> str:
    """One schedule line by line, with what fails in it at the end."""
    try:
        return "\n".join(run_schedule(schedule, ground).trace)
    except Violation as violation:
        return "\n".join([*violation.trace, str(violation), schedule.command(MIXES[schedule.mix].count)])

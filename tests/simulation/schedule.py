"""What a schedule is: a mix, a seed, and which of its steps are taken, each with a row of chances of its own.

A step's chances depend on its number alone, so the others may be left out and it still does what it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

QUIET: Final = "q"


@dataclass(frozen=True)
class Planned:
    """One step by its number. `quiet`: nobody acts meanwhile, the link holds and no process dies."""

    number: int
    quiet: bool = False

    def __str__(self) -> str:
        return f"{self.number}{QUIET if self.quiet else ''}"


@dataclass(frozen=True)
class Schedule:
    """One schedule of a mix; the same one gives the same trace, line by line."""

    mix: str
    seed: int
    steps: tuple[Planned, ...]

    @classmethod
    def whole(cls, mix: str, seed: int, count: int) -> Schedule:
        """All steps of a seed."""
        return cls(mix, seed, tuple(Planned(number) for number in range(count)))

    def with_steps(self, steps: tuple[Planned, ...]) -> Schedule:
        """The same seed with these steps only."""
        return Schedule(self.mix, self.seed, steps)

    def chance(self, of: str) -> Random:
        """The row of chances of one step, or of what is no step."""
        return Random(f"{self.mix} {self.seed} {of}")

    @property
    def name(self) -> str:
        return f"{self.mix} {self.seed}"

    def command(self, count: int) -> str:
        """How to see it again."""
        steps = "" if len(self.steps) == count and not any(each.quiet for each in self.steps) else (
            f" --steps {','.join(map(str, self.steps))}"
        )  # fmt: skip
        return f"PYTHONPATH=tests python tests/simulation/run.py --mix {self.mix} --seed {self.seed}{steps} --trace"


def read_steps(text: str) -> tuple[Planned, ...]:
    """The steps that `--steps` names: numbers with commas between, `q` behind those that are quiet."""
    return tuple(Planned(int(each.removesuffix(QUIET)), each.endswith(QUIET)) for each in text.split(",") if each)

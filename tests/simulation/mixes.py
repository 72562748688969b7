"""The mixes: which steps a schedule is drawn from, how often each, and which devices take part.

Every mix has all that a bad link and crashes do; each but the first adds one subject of its own, the last has all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from simulation import mishaps, office_steps, steps
from simulation.mishaps import MISHAPS
from simulation.office_steps import OFFICE
from simulation.steps import STEPS, Step

PLAIN: Final = (*("phone", "laptop"), "chief")
# What can go on in other hands while a request is away; two runs of one device may cross.
MEANWHILE: Final[Mapping[Step, int]] = {
    steps.record: 4, steps.edit: 8, steps.delete: 1, steps.review: 3, steps.sync: 9, office_steps.resolve: 2,
    mishaps.late_delivery: 2,
}  # fmt: skip
# How far off the devices' clocks may be when a schedule begins.
SKEWS_MS: Final = (0, 0, 40_000, -200_000, 26 * 3_600_000, -400 * 24 * 3_600_000)


@dataclass(frozen=True)
class Mix:
    """One kind of schedule. `disturbed`: what one device alone wrote may still meet itself, as after a restore."""

    name: str
    own: Mapping[Step, int]
    tablets: tuple[str, ...] = PLAIN
    own_meanwhile: Mapping[Step, int] | None = None
    count: int = 32
    meanwhile_chance: float = 0.12
    disturbed: bool = False

    @property
    def steps(self) -> dict[Step, int]:
        """Every step with how often it is drawn."""
        return {**STEPS, **OFFICE, **MISHAPS, **self.own}

    @property
    def meanwhile(self) -> dict[Step, int]:
        """The same for what happens while a request is away."""
        return {**MEANWHILE, **(self.own_meanwhile or {})}


_RESTORES: Final[dict[Step, int]] = {mishaps.back_up: 6, mishaps.restore_server: 3, mishaps.restore_twice: 2}
_OLD_BACKUPS: Final[dict[Step, int]] = {
    mishaps.back_up: 8, mishaps.quiet_weeks: 5, mishaps.wait_for_weeks: 2, mishaps.restore_server: 1,
    mishaps.restore_the_oldest: 4, steps.enrol_again: 6, steps.sync: 44,
}  # fmt: skip
_COPIES: Final[dict[Step, int]] = {
    mishaps.copy_store: 3, mishaps.take_image: 3, mishaps.put_image_back: 3, steps.enrol_again: 8,
    steps.enrol_for_no_reason: 1,
}  # fmt: skip
_ACCESS: Final[dict[Step, int]] = {
    office_steps.revoke: 9, office_steps.give_access_back: 8, office_steps.judge_quarantine: 14, steps.answer: 6,
    steps.enrol_for_no_reason: 2, mishaps.back_up: 4,
}  # fmt: skip
_MOVES: Final[dict[Step, int]] = {office_steps.move_worker: 8, steps.redate: 14, steps.review: 16, mishaps.wait: 8}
_SUPERVISORS: Final[dict[Step, int]] = {steps.review: 24, steps.edit: 24}
_REJECTIONS: Final[dict[Step, int]] = {steps.write_what_is_refused: 12, steps.correct: 20, steps.dismiss: 4, steps.sync: 40}
_LOCKS: Final[dict[Step, int]] = {office_steps.lock_month: 6, steps.review: 16, office_steps.scores: 4}
_DECIDERS: Final[dict[Step, int]] = {
    office_steps.look: 8, office_steps.both_decide: 8, office_steps.decide_what_was_seen: 18, office_steps.reopen: 6,
    steps.answer: 10,
}  # fmt: skip
_CLOCKS: Final[dict[Step, int]] = {mishaps.set_clock: 12, steps.edit: 22}
_RARE: Final[dict[Step, int]] = {
    mishaps.back_up: 5, mishaps.restore_server: 1, mishaps.restore_twice: 1, mishaps.restore_the_oldest: 1,
    mishaps.quiet_weeks: 1, mishaps.copy_store: 1, mishaps.take_image: 1, mishaps.put_image_back: 1,
    mishaps.set_clock: 2, steps.enrol_again: 5, steps.enrol_for_no_reason: 1, steps.write_what_is_refused: 2,
    steps.correct: 4, steps.dismiss: 1, steps.redate: 3, steps.review: 14, office_steps.revoke: 2,
    office_steps.give_access_back: 2, office_steps.judge_quarantine: 3, office_steps.move_worker: 2,
    office_steps.lock_month: 2, office_steps.look: 2, office_steps.both_decide: 2,
    office_steps.decide_what_was_seen: 3,
}  # fmt: skip

MIXES: Final[dict[str, Mix]] = {
    mix.name: mix
    for mix in (
        Mix("network", {}, meanwhile_chance=0.2),
        Mix("restores", _RESTORES, own_meanwhile={mishaps.restore_server: 1, mishaps.back_up: 1}, disturbed=True),
        Mix("old-backups", _OLD_BACKUPS, count=40, disturbed=True),
        Mix("copies", _COPIES, own_meanwhile={steps.enrol_for_no_reason: 1}, disturbed=True),
        Mix("access", _ACCESS, own_meanwhile={office_steps.judge_quarantine: 1}, disturbed=True),
        Mix("moves", _MOVES, (*PLAIN, "second")),
        Mix("supervisors", _SUPERVISORS, ("phone", "chief", "chief desk", "second")),
        Mix("rejections", _REJECTIONS, disturbed=True),
        Mix("locks", _LOCKS),
        Mix("deciders", _DECIDERS, own_meanwhile={office_steps.decide_what_was_seen: 2}),
        Mix("clocks", _CLOCKS),
        Mix("tenants", {}, (*PLAIN, "stranger")),
        Mix("all", _RARE, (*PLAIN, "chief desk", "second", "stranger"), count=44, disturbed=True),
    )
}

"""How a schedule ends: the link holds, what was held up arrives, everybody syncs, and who needs a code gets one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lontara_server.services.scores import check_stored, drain_dirty
from lontara_server.storage.engine import transaction
from simulation.at_rest import AtRest
from simulation.faults import Violation
from simulation.office_steps import give_access_back
from simulation.steps import NOTHING
from simulation.tablet import Tablet

if TYPE_CHECKING:
    from simulation.world import World

# With the link up, this many syncs of each must drain any queue.
ROUNDS_MAX: Final = 4
# A restore may make a device's last id unknown, and the next enrolment may find that a copy was there first.
ENROLMENTS_MAX: Final = 2
# How often those whose access was taken away get it back in the end.
FORGIVEN_CHANCE: Final = 0.6
# What a new enrolment ends.
NEEDS_CODE: Final = ("forked", "log_gap", "unknown_device", "bad_signature")


def come_to_rest(world: World) -> None:
    """Let everything arrive that is still on its way, and sync until nothing moves; raises Violation."""
    while world.network.deliver_late():
        world.checkers.after_step()
    world.network.calm = True
    if world.chance.random() < FORGIVEN_CHANCE:
        while (device := give_access_back(world, world.tablets[0])) != NOTHING:
            world.tell(f"access given back: {device}")
    rounds = enrolments = 0
    while True:
        moved, enrolled = _round(world)
        enrolments += enrolled
        if not moved and not enrolled:
            break
        rounds += not enrolled
        if rounds > ROUNDS_MAX or enrolments > ENROLMENTS_MAX * len(world.tablets):
            raise Violation("the queue drains", f"something still moves after {rounds} rounds with the link up")
    _compute_scores(world)
    undisturbed = not world.mix.disturbed
    AtRest(world.checkers, world.now, undisturbed=undisturbed).check()
    world.tell(f"at rest: {world.checkers.evidence.fingerprint()}")


def _round(world: World) -> tuple[int, int]:
    """Each device syncs once: how much moved, and how many had to be enrolled again."""
    moved = enrolled = 0
    for tablet in world.checkers.live:
        world.pass_ms(1_000)
        report = tablet.client.sync()
        moved += report.operations_up + report.operations_down
        enrolled += _follow(world, tablet, None if report.problem is None else report.problem.code)
        world.tell(f"{tablet.name} rests: {report.operations_up} {report.operations_down}")
        world.checkers.after_step()
    return moved, enrolled


def _follow(world: World, tablet: Tablet, code: str | None) -> bool:
    """Do what a person does who is told this; whether it was to enrol again."""
    if code in NEEDS_CODE:
        world.tell(f"{tablet.name} {code}: {world.enrol(tablet)}")
        return True
    if code not in (None, "quarantined", "quarantine_decided", "device_wiped"):
        raise Violation("the queue drains", f"{tablet.name} stops with the link up: {code}")
    return False


def _compute_scores(world: World) -> None:
    with transaction(world.office.engine) as connection:
        for org in sorted({tablet.org for tablet in world.tablets}):
            drain_dirty(connection, org, world.now, 1_000)
            differences = check_stored(connection, org, world.now).differences
            if differences:
                raise Violation("score = f(entries)", f"{len(differences)} stored scores differ from a fresh computation")

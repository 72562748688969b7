"""What befalls devices and the server in a schedule: time passes, clocks jump, requests come late, the server starts
anew, is backed up and restored, stores are copied and put back from old images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulation import steps
from simulation.steps import NOTHING, Step
from simulation.tablet import Tablet

if TYPE_CHECKING:
    from simulation.world import World

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
COPIES_MAX: Final = 2
SNAPSHOTS_MAX: Final = 4


def late_delivery(world: World, _tablet: Tablet) -> str:
    """A request that was held up somewhere arrives after all."""
    return "delivered" if world.network.deliver_late() else NOTHING


def wait(world: World, _tablet: Tablet) -> str:
    """Time passes: minutes, hours, or a night."""
    world.pass_ms(world.chance.choice([60_000, HOUR_MS, 12 * HOUR_MS]))
    return str(world.now)


def wait_for_weeks(world: World, _tablet: Tablet) -> str:
    """Longer than devices keep what a backup holds."""
    world.pass_ms(36 * DAY_MS)
    return str(world.now)


def quiet_weeks(world: World, tablet: Tablet) -> str:
    """A backup is made and told, five weeks go by, and devices may let go of what it holds."""
    if len(world.office.snapshots) > SNAPSHOTS_MAX:
        return NOTHING
    world.office.back_up(confirmed=True)
    world.checkers.backed_up()
    told = [steps.sync(world, each) for each in world.checkers.live]
    # From now on what was received counts as received: the weeks begin.
    world.checkers.after_step()
    told.append(wait_for_weeks(world, tablet))
    told += [steps.sync(world, each) for each in world.checkers.live]
    return ", ".join(told)


def set_clock(world: World, tablet: Tablet) -> str:
    """A device's clock is set: a day and an hour ahead, a year back, minutes off, or right; it may have started anew."""
    tablet.clock.skew_ms = world.chance.choice([25 * HOUR_MS, -365 * DAY_MS, 11 * 60_000, -40_000, 0])
    if world.chance.random() < 0.3:
        tablet.clock.start_again()
    return str(tablet.clock.skew_ms)


def restart_server(world: World, _tablet: Tablet) -> str:
    """The server stops and starts."""
    world.office.restart()
    return "restarted"


def back_up(world: World, _tablet: Tablet) -> str:
    """The server is backed up; now and then it stops before it has told anybody."""
    if len(world.office.snapshots) > SNAPSHOTS_MAX:
        return NOTHING
    snapshot = world.office.back_up(confirmed=world.chance.random() < 0.8)
    if snapshot.confirmed:
        world.checkers.backed_up()
    return f"{snapshot.number} {'confirmed' if snapshot.confirmed else 'untold'}"


def restore_server(world: World, _tablet: Tablet) -> str:
    """The server is restored from one of its backups, of this epoch or an earlier one."""
    snapshot = world.chance.choice(world.office.snapshots)
    world.restore(snapshot)
    return str(snapshot.number)


def restore_the_oldest(world: World, _tablet: Tablet) -> str:
    """Only a very old backup is left: older perhaps than what devices keep."""
    world.restore(world.office.snapshots[0])
    return str(world.office.snapshots[0].number)


def restore_twice(world: World, _tablet: Tablet) -> str:
    """The first restore did not help, so another follows at once."""
    chosen = world.chance.choices(world.office.snapshots, k=2)
    for snapshot in chosen:
        world.restore(snapshot)
    return " ".join(str(snapshot.number) for snapshot in chosen)


def copy_store(world: World, tablet: Tablet) -> str:
    """A device's files are copied to a second machine, and both go on."""
    copies = sum("copy" in each.name for each in world.tablets)
    return world.copy(tablet, f"{tablet.name} copy {copies + 1}") if copies < COPIES_MAX else NOTHING


def take_image(world: World, tablet: Tablet) -> str:
    """An image of a device's disk is taken."""
    world.take_image(tablet)
    return "taken"


def put_image_back(world: World, tablet: Tablet) -> str:
    """A device's disk is put back to what an image of it says."""
    return "put back" if world.put_image_back(tablet) else NOTHING


MISHAPS: Final[dict[Step, int]] = {late_delivery: 3, wait: 4, restart_server: 1}

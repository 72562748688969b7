"""What the office does in a schedule: decide conflicts, take decisions back, lock months, move people, take access away
and give it back, judge what lies in quarantine, compute scores.

The tablet that comes with a step is only a chance of whom it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lontara_server.services import conflicts as decide
from lontara_server.services import devices, periods, quarantine
from lontara_server.services.people import import_employees
from lontara_server.services.scores import drain_dirty
from lontara_server.storage.engine import Connection, transaction
from server.ready import WORKER
from simulation.faults import Violation
from simulation.steps import NOTHING, Step
from simulation.tablet import Tablet
from simulation.template import HEADINGS, ORG, PLACES

if TYPE_CHECKING:
    from simulation.world import World

MONTHS: Final = ("2026-10", "2026-11")
# What of a conflict a person judges: where any of it is another, their decision must not hold.
SEEN_OF_CONFLICT: Final = ("state", "records", "fields", "answers")


def resolve(world: World, _tablet: Tablet) -> str:
    """The office decides a conflict, in one of the ways that there are."""
    with transaction(world.office.engine) as connection:
        conflict = _any_conflict(world, connection)
        if conflict is None:
            return NOTHING
        wish = _decision(world, conflict)
        decide.resolve_conflict(
            connection, ORG, conflict["id"], reason="Diputuskan", by="admin", now_ms=world.now, **wish
        )  # fmt: skip
    return f"{conflict['id']} {conflict['kind']} {wish['choice']}"


def look(world: World, _tablet: Tablet) -> str:
    """A second admin opens a conflict, and decides later (`decide_what_was_seen`), the oldest first."""
    with transaction(world.office.engine) as connection:
        conflict = _any_conflict(world, connection)
    if conflict is None:
        return NOTHING
    world.looked_at.pop(conflict["id"], None)
    world.looked_at[conflict["id"]] = conflict
    return str(conflict["id"])


def decide_what_was_seen(world: World, _tablet: Tablet) -> str:
    """That admin decides by what was on the screen; it must not hold where the conflict is another by now."""
    if not world.looked_at:
        return NOTHING
    chosen = next(iter(world.looked_at))
    seen = world.looked_at.pop(chosen)
    wish = _decision(world, seen)
    with transaction(world.office.engine) as connection:
        now = decide.show_conflict(connection, ORG, chosen)
        decide.resolve_conflict(
            connection, ORG, chosen, reason="Dari layar", by="second admin", now_ms=world.now,
            judged_hash=seen["hash"], **wish,
        )  # fmt: skip
    if any(seen[name] != now[name] for name in SEEN_OF_CONFLICT):
        raise Violation("of two decisions one holds", f"{chosen} was decided by a screen that was out of date")
    return f"{chosen} {wish['choice']}"


def both_decide(world: World, tablet: Tablet) -> str:
    """Two admins have the same conflict before them, and both decide."""
    opened = look(world, tablet)
    if opened == NOTHING:
        return NOTHING
    with transaction(world.office.engine) as connection:
        wish = _decision(world, world.looked_at[opened])
        decide.resolve_conflict(
            connection, ORG, opened, reason="Yang pertama", by="admin", now_ms=world.now, **wish
        )  # fmt: skip
    return f"{opened} {wish['choice']}"


def reopen(world: World, _tablet: Tablet) -> str:
    """The office takes a decision back."""
    with transaction(world.office.engine) as connection:
        closed = [each for each in decide.list_conflicts(connection, ORG) if each["state"] == "resolved"]
        if not closed:
            return NOTHING
        conflict = world.chance.choice(sorted(closed, key=lambda each: str(each["id"])))
        decide.reopen_conflict(connection, ORG, conflict["id"], reason="Ditinjau lagi", by="admin", now_ms=world.now)
    return str(conflict["id"])


def scores(world: World, _tablet: Tablet) -> str:
    """The job that computes what is marked as dirty."""
    with transaction(world.office.engine) as connection:
        return str(drain_dirty(connection, ORG, world.now, 10))


def lock_month(world: World, _tablet: Tablet) -> str:
    """A month is closed, or opened again."""
    month = world.chance.choice(MONTHS)
    act = world.chance.choice([periods.lock_period, periods.lock_period, periods.unlock_period])
    with transaction(world.office.engine) as connection:
        return str(act(connection, ORG, month, by="admin", now_ms=world.now))


def move_worker(world: World, _tablet: Tablet) -> str:
    """The worker goes to the other unit, or back, while devices know nothing of it."""
    unit, name, supervisor = world.chance.choice(PLACES)
    line = f"{WORKER},Ambo Upe Lamaru,{unit},{name},{supervisor},Pengelola Layanan"
    with transaction(world.office.engine) as connection:
        done = import_employees(connection, ORG, f"{HEADINGS}{line}\n", by="admin", now_ms=world.now)
    return f"{unit} {done.assignments_created} {done.assignments_changed}"


def revoke(world: World, tablet: Tablet) -> str:
    """A device's access is taken away."""
    with transaction(world.office.engine) as connection:
        if not _is_known(connection, tablet):
            return NOTHING
        devices.revoke(connection, tablet.org, tablet.device, by="admin", now_ms=world.now)
    return tablet.device


def give_access_back(world: World, _tablet: Tablet) -> str:
    """A device gets its access back."""
    with transaction(world.office.engine) as connection:
        revoked = sorted(each["id"] for each in devices.list_devices(connection, ORG) if each["state"] == "revoked")
        if not revoked:
            return NOTHING
        device = str(world.chance.choice(revoked))
        devices.restore(connection, ORG, device, by="admin", now_ms=world.now)
    return device


def judge_quarantine(world: World, _tablet: Tablet) -> str:
    """Work that was set aside is accepted, or left without effect, which may still be thought over."""
    with transaction(world.office.engine) as connection:
        kept = [each for each in quarantine.list_quarantine(connection, ORG) if each["state"] in ("waiting", "dropped")]
        if not kept:
            return NOTHING
        chosen = world.chance.choice(sorted(kept, key=lambda each: str(each["id"])))
        act = world.chance.choice([quarantine.accept, quarantine.accept, quarantine.drop])
        done = act(connection, ORG, str(chosen["id"]), reason="Diperiksa", by="admin", now_ms=world.now)
    return f"{chosen['id']} {done['state']} {chosen['operation_count']}"


def _is_known(connection: Connection, tablet: Tablet) -> bool:
    return any(each["id"] == tablet.device for each in devices.list_devices(connection, tablet.org))


def _any_conflict(world: World, connection: Connection) -> dict[str, Any] | None:
    waiting = decide.list_conflicts(connection, ORG, only_open=True)
    return world.chance.choice(sorted(waiting, key=lambda each: str(each["id"]))) if waiting else None


def _decision(world: World, conflict: dict[str, Any]) -> dict[str, Any]:
    records, fields = conflict["records"], conflict["fields"]
    choices: list[dict[str, Any]] = [{"choice": "keep_server"}]
    if fields and records:
        devices_named = sorted({each["device"] for clash in fields.values() for each in clash["candidates"]})
        choices += [{"choice": "keep_device", "candidate": device} for device in devices_named]
        if "title" in fields:
            choices.append({"choice": "values", "values": {"title": f"Ditetapkan {world.number()}"}})
    if len(records) == 2:
        choices += [{"choice": "keep_both"}, {"choice": "merge", "survivor": world.chance.choice(records)}]
    if records and world.chance.random() < 0.3:
        choices.append({"choice": "void", "void": world.chance.choice(records)})
    return world.chance.choice(choices)


OFFICE: Final[dict[Step, int]] = {resolve: 6, reopen: 1, scores: 2}
_UNDECIDED: Final = ("conflict_changed", "invalid_field", "missing_field")
EXPECTED: Final[dict[Step, tuple[str, ...]]] = {
    resolve: _UNDECIDED,
    both_decide: _UNDECIDED,
    decide_what_was_seen: (*_UNDECIDED, "not_found"),
    judge_quarantine: ("state_not_allowed",),
}

"""What people do in a schedule: write, edit, delete, review, answer, correct, sync, and decide in the office.

Each step is a function of the world; what it returns goes into the trace. What the product refuses with a Problem is
told there by its code, and then nothing counts as saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from lontara_core.problems import Problem
from lontara_server.services import conflicts as decide
from lontara_server.services.scores import drain_dirty
from lontara_server.storage.engine import transaction
from server.ready import CHIEF
from simulation.office import ORG
from simulation.tablet import Tablet

if TYPE_CHECKING:
    from simulation.world import World

NOTHING: Final = "nothing"
WORKS: Final = ("Mendata sawah", "Melayani warga", "Menyusun laporan", "Rapat koordinasi")
DAYS: Final = ("2026-11-12", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-18", "2026-11-24")
CATEGORIES: Final = ("main_duty", "additional_duty", "special_instruction")

HOT: Final = 0.6

Step = Callable[["World", Tablet], str]


def record(world: World, tablet: Tablet) -> str:
    """Write an entry."""
    fields = _new_entry(world)
    made = tablet.client.record(**fields)
    world.ledger.saved(tablet.name, made.id, fields)
    return made.id


def draft(world: World, tablet: Tablet) -> str:
    """Keep a draft."""
    made = tablet.client.record(draft=True, **_new_entry(world))
    world.ledger.drafts[made.id] = tablet.name
    return made.id


def submit(world: World, tablet: Tablet) -> str:
    """Submit one of the drafts; that a crash may have come after the commit is no reason to miss it."""
    drafts = tablet.store.drafts()
    if not drafts:
        return NOTHING
    chosen, fields, _ = world.chance.choice(drafts)
    world.ledger.drafts.pop(chosen, None)
    made = tablet.client.submit(chosen)
    world.ledger.saved(tablet.name, made.id, fields)
    return made.id


def edit(world: World, tablet: Tablet) -> str:
    """Change a field or two of an entry of one's own."""
    entry = _own_entry(world, tablet)
    if entry is None:
        return NOTHING
    before = tablet.client.entry(entry).fields
    changes = _changes(world, before)
    tablet.client.edit(entry, **changes)
    world.ledger.changed(tablet.name, entry, changes)
    return f"{entry} {sorted(changes)}"


def delete(world: World, tablet: Tablet) -> str:
    """Mark an entry as void."""
    entry = _own_entry(world, tablet)
    if entry is None:
        return NOTHING
    tablet.client.delete(entry)
    return entry


def restore(world: World, tablet: Tablet) -> str:
    """Take a void mark away."""
    voided = [entry.id for entry in tablet.client.entries() if entry.voided]
    if not voided:
        return NOTHING
    entry = world.chance.choice(voided)
    tablet.client.restore(entry)
    return entry


def review(world: World, tablet: Tablet) -> str:
    """The supervisor judges what is there to judge, and now and then withdraws an approval."""
    if tablet.nip != CHIEF:
        return NOTHING
    waiting = [entry.id for entry in tablet.client.for_review()]
    approved = [entry.id for entry in tablet.client.entries() if entry.review_state == "approved"]
    if approved and world.chance.random() < 0.2:
        entry, verdict = world.chance.choice(approved), "submitted"
    elif waiting:
        entry = world.chance.choice(waiting)
        verdict = world.chance.choice(["approved", "approved", "needs_revision", "rejected"])
    else:
        return NOTHING
    tablet.client.review(entry, verdict, note=f"Catatan {world.number()}")
    return f"{entry} {verdict}"


def answer(world: World, tablet: Tablet) -> str:
    """Say something to a conflict."""
    known = tablet.known("conflict")
    if not known:
        return NOTHING
    conflict = world.chance.choice(known)
    tablet.client.answer(conflict, f"Jawaban {world.number()}")
    return conflict


def correct(world: World, tablet: Tablet) -> str:
    """Correct what the server has rejected."""
    rejected = [
        item for item in tablet.client.attention() if item.state == "rejected" and item.kind in ("create", "set")
    ]
    if not rejected:
        return NOTHING
    chosen = world.chance.choice(rejected)
    changes = {"title": _title(world)}
    made = tablet.client.correct(chosen.op_id, **changes)
    world.ledger.changed(tablet.name, made.id, changes)
    return made.id


def sync(_world: World, tablet: Tablet) -> str:
    """Send and read until nothing waits or the link gives up."""
    report = tablet.client.sync()
    stopped = report.problem.code if report.problem is not None else "done"
    return f"{stopped} {report.requests} {report.operations_up} {report.operations_down} {report.results}"


def late_delivery(world: World, _tablet: Tablet) -> str:
    """A request that was held up somewhere arrives after all."""
    return "delivered" if world.network.deliver_late() else NOTHING


def resolve(world: World, _tablet: Tablet) -> str:
    """The office decides a conflict, in one of the ways that there are."""
    with transaction(world.office.engine) as connection:
        waiting = decide.list_conflicts(connection, ORG, only_open=True)
        if not waiting:
            return NOTHING
        conflict = world.chance.choice(sorted(waiting, key=lambda each: str(each["id"])))
        wish = _decision(world, conflict)
        decide.resolve_conflict(
            connection, ORG, conflict["id"], reason="Diputuskan", by="admin", now_ms=world.now, **wish
        )  # fmt: skip
    return f"{conflict['id']} {conflict['kind']} {wish['choice']}"


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


def wait(world: World, _tablet: Tablet) -> str:
    """Time passes: minutes, hours, or a night."""
    world.pass_ms(world.chance.choice([60_000, 3_600_000, 12 * 3_600_000]))
    return str(world.now)


# How often each is chosen, out of the sum.
STEPS: Final[dict[Step, int]] = {
    record: 14, draft: 2, submit: 2, edit: 18, delete: 3, restore: 2, review: 10, answer: 2, correct: 3, sync: 30,
    late_delivery: 3, resolve: 6, reopen: 1, scores: 2, wait: 4,
}  # fmt: skip
# What can go on in other hands while a request is away; two runs of one device may cross.
MEANWHILE: Final[dict[Step, int]] = {record: 4, edit: 8, delete: 1, review: 3, sync: 9, resolve: 2, late_delivery: 2}


def refused(step: Step, problem: Problem) -> str:
    """A refusal as the trace shows it; raises it again where the step gave no cause for it."""
    if problem.code not in EXPECTED.get(step, ()):
        raise problem
    return f"refused {problem.code}"


# Refusals that a step can meet by what others did before; anything else is a fault of the product.
EXPECTED: Final[dict[Step, tuple[str, ...]]] = {
    edit: ("entry_reviewed",),
    delete: ("entry_reviewed",),
    resolve: ("conflict_changed", "invalid_field", "missing_field"),
}


def _new_entry(world: World) -> dict[str, Any]:
    fields: dict[str, Any] = {"work_date": world.chance.choice(DAYS), "title": _title(world)}
    if world.chance.random() < 0.8:
        fields |= _times(world)
    else:
        fields["duration_minutes"] = world.chance.choice([30, 60, 240])
    if world.chance.random() < 0.4:
        fields |= {"quantity": str(world.number()), "output_unit": "berkas", "place": f"Desa {world.number()}"}
    return fields


def _changes(world: World, before: Mapping[str, Any]) -> dict[str, Any]:
    possible: list[dict[str, Any]] = [
        {"title": _title(world)},
        {"description": f"Keterangan {world.number()}"},
        {"quantity": str(world.number()), "output_unit": "berkas"},
        {"place": f"Desa {world.number()}"},
        {"category": world.chance.choice(CATEGORIES)},
        {"work_date": world.chance.choice(DAYS)},
        _times(world),
        {"attachments": sorted([*before.get("attachments", ()), f"sha256:{world.number():064x}"])},
    ]
    chosen = world.chance.sample(possible, world.chance.choice([1, 1, 2]))
    return {name: value for each in chosen for name, value in each.items()}


def _times(world: World) -> dict[str, Any]:
    start = world.chance.randrange(7, 20)
    end = (start + world.chance.choice([1, 2, 5, 9])) % 24
    return {"start_time": f"{start:02}:00", "end_time": f"{end:02}:30"}


def _title(world: World) -> str:
    return f"{world.chance.choice(WORKS)} {world.number()}"


def _own_entry(world: World, tablet: Tablet) -> str | None:
    me = tablet.store.setting("employee")
    own = [entry.id for entry in tablet.client.entries() if entry.fields.get("owner") in (None, me)]
    drafts = {id_ for id_, _, _ in tablet.store.drafts()}
    own = sorted(set(own) - drafts)
    if not own:
        return None
    # Most work goes into one entry, so that devices meet there.
    return own[0] if world.chance.random() < HOT else world.chance.choice(own)


def _decision(world: World, conflict: dict[str, Any]) -> dict[str, Any]:
    records, fields = conflict["records"], conflict["fields"]
    choices: list[dict[str, Any]] = [{"choice": "keep_server"}]
    if fields:
        devices = sorted({each["device"] for clash in fields.values() for each in clash["candidates"]})
        choices += [{"choice": "keep_device", "candidate": device} for device in devices]
        if "title" in fields:
            choices.append({"choice": "values", "values": {"title": _title(world)}})
    if len(records) == 2:
        choices += [{"choice": "keep_both"}, {"choice": "merge", "survivor": world.chance.choice(records)}]
    if records and world.chance.random() < 0.3:
        choices.append({"choice": "void", "void": world.chance.choice(records)})
    return world.chance.choice(choices)

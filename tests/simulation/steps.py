"""What people do with their devices in a schedule: write, edit, delete, review, answer, correct, sync, enrol again.

Each step is a function of the world; what it returns goes into the trace. What the product refuses with a Problem is
told there by its code, and then nothing counts as saved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from lontara_core.problems import Problem
from simulation.office import REFUSED
from simulation.tablet import Tablet

if TYPE_CHECKING:
    from simulation.world import World

NOTHING: Final = "nothing"
WORKS: Final = ("Mendata sawah", "Melayani warga", "Menyusun laporan", "Rapat koordinasi")
DAYS: Final = ("2026-10-30", "2026-11-12", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-18", "2026-11-24")
CATEGORIES: Final = ("main_duty", "additional_duty", "special_instruction")
HOT: Final = 0.6

Step = Callable[["World", Tablet], str]


def record(world: World, tablet: Tablet) -> str:
    """Write an entry."""
    fields = _new_entry(world)
    made = tablet.client.record(**fields)
    world.ledger.saved(tablet, made.id, fields)
    return made.id


def draft(world: World, tablet: Tablet) -> str:
    """Keep a draft."""
    made = tablet.client.record(draft=True, **_new_entry(world))
    world.ledger.drafted(tablet, made.id)
    return made.id


def submit(world: World, tablet: Tablet) -> str:
    """Submit one of the drafts; that a crash may have come after the commit is no reason to miss it."""
    drafts = tablet.store.drafts()
    if not drafts:
        return NOTHING
    chosen, fields, _ = world.chance.choice(drafts)
    world.ledger.submitting(tablet, chosen)
    made = tablet.client.submit(chosen)
    world.ledger.saved(tablet, made.id, fields)
    return made.id


def edit(world: World, tablet: Tablet) -> str:
    """Change a field or two of an entry of one's own."""
    entry = _own_entry(world, tablet)
    if entry is None:
        return NOTHING
    return _edit(world, tablet, entry, _changes(world, tablet.client.entry(entry).fields))


def _edit(world: World, tablet: Tablet, entry: str, changes: Mapping[str, Any]) -> str:
    before, written = tablet.client.entry(entry).fields, tablet.written()
    tablet.client.edit(entry, **changes)
    if tablet.written() > written:
        world.ledger.changed(tablet, entry, _new_in(changes, before))
    return f"{entry} {sorted(changes)}"


def _new_in(changes: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What an edit says that was not said before it; of a set the elements that it adds."""
    new = {name: value for name, value in changes.items() if before.get(name) != value}
    if "attachments" in new:
        new["attachments"] = sorted(set(new["attachments"]) - set(before.get("attachments", ())))
    return new


def redate(world: World, tablet: Tablet) -> str:
    """Put an entry of one's own on another day."""
    entry = _own_entry(world, tablet)
    if entry is None:
        return NOTHING
    return _edit(world, tablet, entry, {"work_date": world.chance.choice(DAYS)})


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
    if not tablet.units:
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
    world.ledger.changed(tablet, made.id, changes)
    return made.id


def sync(world: World, tablet: Tablet) -> str:
    """Send and read until nothing waits or the link gives up."""
    report = tablet.client.sync()
    world.heard(tablet, report)
    stopped = report.problem.code if report.problem is not None else "done"
    return f"{stopped} {report.requests} {report.operations_up} {report.operations_down} {report.results}"


def write_what_is_refused(world: World, tablet: Tablet) -> str:
    """Save, in a new entry or an edit, what this app lets through and the server, which is newer, will refuse."""
    title = f"{REFUSED} {world.number()}"
    entry = _own_entry(world, tablet) if world.chance.random() < 0.6 else None
    if entry is not None:
        return _edit(world, tablet, entry, {"title": title})
    fields = {**_new_entry(world), "title": title}
    made = tablet.client.record(**fields)
    world.ledger.saved(tablet, made.id, fields)
    return made.id


def dismiss(world: World, tablet: Tablet) -> str:
    """Let a rejected operation rest."""
    rejected = [item for item in tablet.client.attention() if item.state == "rejected"]
    if not rejected:
        return NOTHING
    chosen = world.chance.choice(rejected)
    if chosen.kind == "create":
        world.ledger.given_up(tablet, chosen.record)
    tablet.client.dismiss(chosen.op_id)
    return chosen.op_id


def enrol_again(world: World, tablet: Tablet) -> str:
    """An admin gives out a code for a device that needs one."""
    return world.enrol(tablet) if tablet.is_stopped or tablet.name in world.unknown else NOTHING


def enrol_for_no_reason(world: World, tablet: Tablet) -> str:
    """A device is enrolled again although it could go on."""
    return world.enrol(tablet)


# How often each is chosen, out of the sum.
STEPS: Final[dict[Step, int]] = {
    record: 14, draft: 2, submit: 2, edit: 18, delete: 2, restore: 5, review: 10, answer: 2, correct: 3, sync: 30,
}  # fmt: skip


def refused(step: Step, problem: Problem) -> str:
    """A refusal as the trace shows it; raises it again where the step gave no cause for it."""
    if problem.code not in EXPECTED.get(step, ()):
        raise problem
    return f"refused {problem.code}"


_LINK: Final = (
    "answer_not_signed", "clock_skew", "malformed_answer", "refused", "request_repeated", "server_busy",
    "server_unreachable",
)  # fmt: skip
# Refusals that a step can meet by what others did before; anything else is a fault of the product.
EXPECTED: Final[dict[Step, tuple[str, ...]]] = {
    edit: ("entry_reviewed",),
    redate: ("entry_reviewed",),
    delete: ("entry_reviewed",),
    # What the device itself knows not to be allowed is not written.
    review: ("not_permitted", "state_not_allowed"),
    write_what_is_refused: ("entry_reviewed",),
    enrol_again: _LINK,
    enrol_for_no_reason: _LINK,
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



"""One operation after the other: refused, parked, discharged or run; and what waited for it run after it.

The order of the checks is the protocol's (sync_protocol.md §7). A refusal touches nothing but attention: the
operation's text stays, for its author and for an admin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec

from lontara_core.clock import ClockReading
from lontara_core.identifiers import NIL, is_id
from lontara_core.log import SHORT_HASH_BYTES, short_hash
from lontara_core.operations import Operation, Origin, Refused, decode_operation
from lontara_core.record_types import RECORD_TYPES
from lontara_server.services import acts, resolutions
from lontara_server.services.objection_acts import create_objection, withdraw_objection
from lontara_server.services.objection_rules import OBJECTION
from lontara_server.services.rules import RULED
from lontara_server.services.scene import ENTRY, Outcome, Scene, Step
from lontara_server.storage import operations as store
from lontara_server.storage.operations import AttentionState, DeviceState

_DAY: Final = timedelta(days=1)
UNSETTLED: Final = frozenset({"parked", "rejected", "conflict"})

ACTS: Final[Mapping[str, Callable[[Scene, Step], Outcome]]] = {
    "create": acts.create_entry,
    "set": acts.set_entry,
    "void": acts.void_entry,
    "restore": acts.void_entry,
    "review": acts.review_entry,
    "answer": acts.answer_conflict,
    "resolve": resolutions.resolve,
    "reopen": resolutions.reopen,
}
# What else a person's device writes; of these types every other kind is refused like of those of the server alone.
_ACTS_ON_OBJECTIONS: Final[Mapping[str, Callable[[Scene, Step], Outcome]]] = {
    "create": create_objection,
    "void": withdraw_objection,
}


def read_steps(
    device: DeviceState, first: int, hashes: list[bytes], raws: list[bytes], sent: ClockReading,
    behalf: DeviceState | None = None,
) -> list[Step | tuple[int, bytes, Refused]]:  # fmt: skip
    """Each operation as a step, or, where its form is refused, its number, bytes and the refusal."""
    author = behalf or device
    steps: list[Step | tuple[int, bytes, Refused]] = []
    for seq, (whole, raw) in enumerate(zip(hashes, raws, strict=True), start=first):
        try:
            operation = decode_operation(raw)
        except Refused as refused:
            steps.append((seq, raw, refused))
        else:
            steps.append(Step(device, seq, whole, raw, operation, operation.record, sent, author))
    return steps


def prepare(scene: Scene, steps: Sequence[Step]) -> None:
    """Lock and read what the steps touch: persons first, then entries, each in the order of their ids."""
    entries = {step.record for step in steps if step.operation.type == ENTRY}
    # Of a create only its author's entries can be touched.
    others = {step.record for step in steps if step.operation.type == ENTRY and step.operation.kind != "create"}
    owners = store.owners_of(scene.connection, scene.org.org_id, others)
    people = {step.person for step in steps if step.person is not None}
    store.lock_people(scene.connection, scene.org.org_id, owners | people)
    scene.load_entries(entries)
    scene.load_attention({step.record for step in steps})
    _look_ahead(scene, steps)


def _look_ahead(scene: Scene, steps: Sequence[Step]) -> None:
    """Read in few statements what the rules across entries will ask: the days and plans of what is written or changed."""
    dates: set[tuple[str, str]] = set()
    plans = set()
    for step in steps:
        if step.operation.type != ENTRY or step.person is None:
            continue
        if not RULED & step.operation.fields.keys():
            continue
        known = scene.entries.get(step.record)
        owner = step.person if known is None else known.record.fields["owner"]
        for fields in (step.operation.fields, {} if known is None else known.record.fields):
            if fields.get("work_date") is not None:
                dates.add((owner, fields["work_date"]))
            if fields.get("target_id") is not None:
                plans.add(fields["target_id"])
    days: dict[str, set[date]] = {}
    for person, text in dates:
        day = date.fromisoformat(text)
        days.setdefault(person, set()).update((day - _DAY, day, day + _DAY))
    for person, wanted in days.items():
        scene.load_days(person, wanted)
    scene.load_plans(plans)


def settle_step(scene: Scene, step: Step) -> Outcome:
    """What becomes of one operation of good form that comes for the first time under this number."""
    operation = step.operation
    try:
        if operation.origin is not None and _discharge(scene, step, operation.origin):
            return Outcome(code="discharged")
        if operation.supersedes:
            _correct(scene, step)
        elif operation.kind != "create" and _blocker(scene, step) is not None:
            return _park(scene, step, "behind")
        if operation.kind != "create" and not _is_known(scene, step):
            return _park(scene, step, "unknown_record")
        outcome = _act(scene, step)
    except Refused as refused:
        return reject(scene, step, refused)
    if outcome.verdict == "conflict":
        _attend(scene, step, outcome)
    if operation.kind == "create" or operation.supersedes:
        _run_parked(scene, step)
    return outcome


def _act(scene: Scene, step: Step) -> Outcome:
    kind = step.operation.kind
    if step.operation.type == OBJECTION and kind in _ACTS_ON_OBJECTIONS:
        return _ACTS_ON_OBJECTIONS[kind](scene, step)
    return ACTS[kind](scene, step)


def reject(scene: Scene, step: Step, refused: Refused) -> Outcome:
    """Keep a refused operation where its author and an admin see it."""
    outcome = Outcome("rejected", refused.code, refused.field, refused.why)
    _attend(scene, step, outcome)
    return outcome


def reject_form(scene: Scene, device: DeviceState, seq: int, raw: bytes, refused: Refused) -> Outcome:
    """Keep an operation whose form is refused; its type and record are read from it as far as they can be."""
    record_type, record = _names(raw)
    scene.put_attention(
        AttentionState(
            device=device.id, seq=seq, record_type=record_type, record=record, lineage=device.lineage,
            verdict="rejected", operation=raw, at=scene.now_ms, code=refused.code, field=refused.field,
            message=refused.why,
        )
    )  # fmt: skip
    return Outcome("rejected", refused.code, refused.field, refused.why)


def _names(raw: bytes) -> tuple[str, str]:
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", NIL
    if not isinstance(value, dict):
        return "", NIL
    record_type, record = str(value.get("type")), str(value.get("id"))
    return record_type if record_type in RECORD_TYPES else "", record if is_id(record) else NIL


def _attend(scene: Scene, step: Step, outcome: Outcome) -> None:
    scene.put_attention(
        AttentionState(
            device=step.device.id, seq=step.seq, record_type=step.operation.type, record=step.record,
            lineage=step.author.lineage, verdict=outcome.verdict, operation=step.raw, at=scene.now_ms,
            code=outcome.code, field=outcome.field, message=outcome.message, conflict=outcome.conflict,
        )
    )  # fmt: skip


def _park(scene: Scene, step: Step, code: str) -> Outcome:
    outcome = Outcome("parked", code)
    _attend(scene, step, outcome)
    return outcome


def _blocker(scene: Scene, step: Step) -> AttentionState | None:
    """An earlier operation of the same record and lineage that is parked or rejected."""
    for row in scene.attention.values():
        if row.state != "open" or row.verdict not in ("parked", "rejected"):
            continue
        if (row.record, row.lineage) == (step.record, step.author.lineage) and _is_before(scene, row, step):
            return row
    return None


def _is_before(scene: Scene, row: AttentionState, step: Step) -> bool:
    if row.device == step.device.id:
        return row.seq < step.seq
    own = scene.attention.get((step.device.id, step.seq))
    return own is None or (row.at, row.device) < (own.at, own.device)


def _is_known(scene: Scene, step: Step) -> bool:
    """Whether the record is there for this author: what they cannot have read is answered like what is not there."""
    if step.operation.type == ENTRY:
        entry = scene.entries.get(step.record)
        return entry is not None and acts.may_know(
            scene, step, entry.record.fields["owner"], entry.record.fields.get("org_unit")
        )
    if step.operation.type == "conflict":
        conflict = scene.load_conflict(step.record)
        return conflict is not None and acts.may_know(scene, step, conflict.owner, conflict.org_unit)
    if step.operation.type == OBJECTION:
        objection = scene.load_objection(step.record)
        return objection is not None and (step.authority == "server" or objection.owner == step.person)
    # Of types that only the server writes; the act refuses it.
    return True


# Origins: one effect each, whichever way an operation comes (sync_protocol.md §13)


def _discharge(scene: Scene, step: Step, origin: Origin) -> bool:
    """Whether the operation has come before, under its first id or another; else note that it has come now."""
    org = scene.org.org_id
    first = store.device_of(scene.connection, org, origin.device)
    if first is not None and first.employee_id != step.author.employee_id:
        raise acts.not_permitted("the origin lies in another person's log")
    whole = bytes.fromhex(origin.hash)
    if any(
        each["device"] == origin.device and each["seq"] == origin.seq and each["hash"] == whole
        for each in scene.origins
    ):
        return True
    if (origin.seq, whole) in store.origins_of(scene.connection, org, origin.device, origin.seq, origin.seq):
        return True
    for batch in store.batches_over(scene.connection, org, origin.device, origin.seq, origin.seq):
        if short_hash(batch.hashes, origin.seq - batch.first) == whole[:SHORT_HASH_BYTES]:
            return True
    scene.origins.append(
        {"by_device": step.device.id, "by_seq": step.seq, "device": origin.device, "hash": whole, "seq": origin.seq}
    )
    return False


# Corrections


def _correct(scene: Scene, step: Step) -> None:
    """Mark what this operation replaces as corrected; a second correction of the same is refused."""
    rows = [row for origin in step.operation.supersedes for row in _rows_of(scene, step, origin)]
    if any(row.state == "corrected" for row in rows):
        raise Refused("already_corrected", "another correction of the same operation came before", "supersedes")
    for row in rows:
        if row.verdict in ("rejected", "parked") and row.state == "open":
            row.state = "corrected"
            scene.put_attention(row)


def _rows_of(scene: Scene, step: Step, origin: Origin) -> list[AttentionState]:
    org, places = scene.org.org_id, [(origin.device, origin.seq)]
    known = store.origins_of(scene.connection, org, origin.device, origin.seq, origin.seq)
    places += [place for (_, whole), place in known.items() if whole.hex() == origin.hash]
    places += [
        (each["by_device"], each["by_seq"])
        for each in scene.origins
        if (each["device"], each["seq"], each["hash"].hex()) == (origin.device, origin.seq, origin.hash)
    ]
    found = []
    for device, seq in dict.fromkeys(places):
        if (device, seq) not in scene.attention:
            scene.keep_attention(store.attention_at(scene.connection, org, device, seq, seq))
        row = scene.attention.get((device, seq))
        if row is not None and row.lineage == step.author.lineage:
            found.append(row)
    return found


# What waited


def _run_parked(scene: Scene, after: Step) -> None:
    """Run, in log order, what is parked about this record and can run now."""
    if not scene.attention:
        return
    waiting = [
        row
        for row in scene.attention.values()
        if row.record == after.record and row.state == "open" and row.verdict == "parked"
    ]
    for row in sorted(waiting, key=lambda each: (each.lineage, each.at, each.device, each.seq)):
        device = store.device_of(scene.connection, scene.org.org_id, row.device)
        assert device is not None, "attention names devices that exist"
        operation = decode_operation(row.operation)
        # Its clocks at sending are no longer known; only the wall clock of its capture is.
        sent = ClockReading(scene.now_ms, None, None)
        author = _behalf(scene, device, row) or device
        step = Step(device, row.seq, b"", row.operation, operation, row.record, sent, author)
        if not _may_run(scene, step):
            continue
        _settle_again(scene, row, step, operation)


def _behalf(scene: Scene, device: DeviceState, row: AttentionState) -> DeviceState | None:
    """Whose work the server actor wrote: that of the lineage, each of whose devices belongs to one person."""
    if device.kind != "server":
        return None
    return store.device_of(scene.connection, scene.org.org_id, row.lineage)


def _may_run(scene: Scene, step: Step) -> bool:
    return _is_known(scene, step) and _blocker(scene, step) is None


def _settle_again(scene: Scene, row: AttentionState, step: Step, operation: Operation) -> None:
    try:
        outcome = _act(scene, step)
    except Refused as refused:
        outcome = Outcome("rejected", refused.code, refused.field, refused.why)
    row.verdict, row.code, row.field = outcome.verdict, outcome.code, outcome.field
    row.message, row.conflict = outcome.message, outcome.conflict
    row.state = "open" if outcome.verdict in UNSETTLED else "done"
    scene.put_attention(row)

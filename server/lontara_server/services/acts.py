"""What each kind of operation does to an entry: create, set, void, restore, review (sync_protocol.md §7, §8).

An act changes the scene or raises Refused; whether it may run at all (origins, parking) is decided before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from lontara_core.canonical import Json, encode
from lontara_core.clock import clamp, clock_flags
from lontara_core.identifiers import derived_id
from lontara_core.merge import Clash, Current, Merged, Wish, check_create, join_candidates, merge_set
from lontara_core.operations import Refused, check_when, minutes_between
from lontara_core.record import Record, created, judged_hash
from lontara_core.record_types import RECORD_TYPES
from lontara_server.services.rules import RULED, check_rules, close_edited
from lontara_server.services.scene import APPLIED, ENTRY, Outcome, Scene, Step, clash_hash
from lontara_server.storage import operations as store
from lontara_server.storage.operations import ConflictState, EntryState, Placement

ENTRY_TYPE: Final = RECORD_TYPES[ENTRY]
# Conflicts that hold candidates: what joins one of an entry joins the one that is open.
WITH_CANDIDATES: Final = frozenset({"field", "edit_of_reviewed", "void_against_edit", "after_lock", "review_of_older"})
VOIDED: Final = "voided"
ATTRIBUTED: Final = ("org_unit", "supervisor", "position")


def not_permitted(why: str) -> Refused:
    """The author may not do this."""
    return Refused("not_permitted", why)


def create_entry(scene: Scene, step: Step) -> Outcome:
    """Take a new entry; a create whose record is there already is a repeat, whatever the record holds now."""
    operation, owner = step.operation, step.person
    if operation.type != ENTRY or owner is None:
        raise not_permitted(f"a {operation.type} is written by the server only")
    known = scene.entries.get(step.record)
    if known is not None:
        if known.record.fields["owner"] != owner:
            raise Refused("id_taken", "another person's entry has this id", "id")
        return APPLIED
    check_create(ENTRY_TYPE, operation.fields, "author")
    made = created(operation, step.record)
    fields: dict[str, Json] = {
        **made.fields,
        **attribution(scene, owner, made.fields["work_date"]),
        "owner": owner,
        "captured_at": operation.at,
        "recorded_at": scene.now_ms,
    }
    flags = _flags_at_creation(scene, step, fields)
    if flags:
        fields["flags"] = flags
    stamps = {"place": clamp(operation.hlc, scene.now_ms)} if "place" in operation.fields else {}
    entry = EntryState(made, stamps, step.device.id, step.seq)
    scene.put_entry(entry, replace(made, fields=fields))
    check_rules(scene, step.record, step, created=True)
    return APPLIED


def attribution(scene: Scene, owner: str, work_date: str) -> dict[str, Json]:
    """Unit, supervisor and position on the day of the work."""
    known = scene.attributed.get((owner, work_date))
    if known is None:
        placement = scene.placement(owner, date.fromisoformat(work_date))
        values = {name: getattr(placement, name, None) for name in ATTRIBUTED}
        known = {name: value for name, value in values.items() if value is not None}
        scene.attributed[owner, work_date] = known
    return known


def _flags_at_creation(scene: Scene, step: Step, fields: Mapping[str, Json]) -> list[str]:
    truth = scene.true_time(step)
    flags = list(clock_flags(step.operation.at, truth, scene.now_ms))
    if "supervisor" not in fields:
        flags.append("no_supervisor")
    if fields.get("source") == "imported":
        flags.append("imported")
    captured_ms = min(step.operation.at, scene.now_ms) if truth is None else truth
    if scene.is_late(date.fromisoformat(fields["work_date"]), fields.get("source_entered_at") or captured_ms):
        flags.append("late")
    return sorted(flags) if flags else flags


def set_entry(scene: Scene, step: Step) -> Outcome:
    """Merge an edit field by field; what no rule decides becomes a candidate of a conflict."""
    entry = _own_entry(scene, step)
    record = entry.record
    if record.voided and step.authority != "server":
        wished = {
            name: Clash(step.operation.was.get(name), record.fields.get(name), value)
            for name, value in step.operation.fields.items()
        }
        outcome = ask(scene, step, entry, "void_against_edit", wished)
        # A later edit of the same device takes the candidate's place; what this one wished stays readable.
        _remember_merge(scene, step, entry.record, Merged(clashes=wished), outcome.verdict)
        return outcome
    operation = step.operation
    contested = frozenset(name for each in _candidates_open(scene, record.id) for name in each.fields["clashes"])
    merged = merge_set(
        ENTRY_TYPE,
        Current(record.fields, entry.stamps, contested, final=scene.is_final(record) or _moves_into_lock(scene, step)),
        Wish(operation.fields, operation.was, clamp(operation.hlc, scene.now_ms), step.authority),
    )
    if merged.changes:
        _apply_changes(scene, step, entry, merged)
    outcome = Outcome("merged") if merged.decided else APPLIED
    if merged.clashes:
        kind = "after_lock" if _moves_into_lock(scene, step) else _kind_of_clash(scene, record)
        outcome = ask(scene, step, entry, kind, merged.clashes, raised=bool(merged.changes))
    _remember_merge(scene, step, entry.record, merged, outcome.verdict)
    if RULED & merged.changes.keys():
        check_rules(scene, record.id, step, created="work_date" in merged.changes)
    return outcome


def _moves_into_lock(scene: Scene, step: Step) -> bool:
    work_date = step.operation.fields.get("work_date")
    return work_date is not None and scene.is_locked(work_date)


def _kind_of_clash(scene: Scene, record: Record) -> str:
    if scene.is_locked(record.fields["work_date"]):
        return "after_lock"
    return "edit_of_reviewed" if scene.is_final(record) else "field"


def _apply_changes(scene: Scene, step: Step, entry: EntryState, merged: Merged) -> None:
    record = entry.record
    fields = {**record.fields, **merged.changes}
    fields = {name: value for name, value in fields.items() if value is not None}
    if "start_time" in fields and "end_time" in fields:
        fields["duration_minutes"] = minutes_between(fields["start_time"], fields["end_time"])
    check_when(ENTRY_TYPE, fields)
    if "work_date" in merged.changes:
        placed = attribution(scene, fields["owner"], fields["work_date"])
        fields = {
            **{name: value for name, value in fields.items() if name not in ATTRIBUTED},
            **placed,
        }
    entry.stamps = {**entry.stamps, **merged.stamps}
    if step.authority != "server":
        entry.writer_device, entry.writer_seq = step.device.id, step.seq
    scene.put_entry(entry, replace(record, fields=fields))


def _remember_merge(scene: Scene, step: Step, record: Record, merged: Merged, verdict: str) -> None:
    changes: dict[str, Json] = {
        name: {"now": value, "was": merged.former.get(name)} for name, value in merged.changes.items()
    }
    for name, clash in merged.clashes.items():
        changes[name] = {"now": clash.server, "was": clash.base, "wished": clash.device}
    for name, value in merged.lost.items():
        changes[name] = {"now": record.fields.get(name), "was": step.operation.was.get(name), "wished": value}
    if changes:
        scene.remember(step, record, verdict, changes)


def _candidates_open(scene: Scene, entry: str) -> list[ConflictState]:
    return [each for each in scene.conflicts_of(entry) if each.is_open and each.kind in WITH_CANDIDATES]


def ask(
    scene: Scene, step: Step, entry: EntryState, kind: str, wished: Mapping[str, Clash], *, raised: bool = False
) -> Outcome:
    """Leave the entry's values, and put the author's into a conflict as candidates; an open one is joined.

    raised: this operation has already given the entry its next revision.
    """
    of_review = kind == "review_of_older"
    # One without candidates asks whether the entry itself counts after the lock: another question than this.
    waiting = [
        each
        for each in _candidates_open(scene, entry.record.id)
        if (each.kind == "review_of_older") == of_review and each.fields["clashes"]
    ]
    conflict = waiting[0] if waiting else None
    joined = join_candidates(
        conflict.fields["clashes"] if conflict else {}, wished,
        device=step.author.id, by=step.by, at=step.operation.at,
    )  # fmt: skip
    if conflict is None:
        conflict = scene.open_conflict(kind, [entry.record.id], step, joined)
    else:
        conflict.fields["clashes"] = joined
        scene.touch_conflict(conflict)
    renew_clash(scene, entry, raised=raised)
    return Outcome("conflict", code=kind, conflict=conflict.id)


def renew_clash(scene: Scene, entry: EntryState, *, raised: bool = False) -> None:
    """Let the entry name the candidates that wait now; a reviewer who did not see them has judged another thing."""
    waiting = {each.id: each.fields["clashes"] for each in _candidates_open(scene, entry.record.id)}
    clash = clash_hash({key: value for key, value in waiting.items() if value})
    if clash == entry.record.clash:
        return
    if raised:
        entry.record = replace(entry.record, clash=clash)
        return
    scene.put_entry(entry, replace(entry.record, clash=clash))


def void_entry(scene: Scene, step: Step) -> Outcome:
    """Mark an entry as void, or take the mark away, if it is what the author saw and is not reviewed for good."""
    entry, voided = _own_entry(scene, step), step.operation.kind == "void"
    record = entry.record
    if record.voided == voided:
        return APPLIED
    wish = {VOIDED: Clash(record.voided, record.voided, voided)}
    if step.authority != "server" and scene.is_final(record):
        outcome = ask(scene, step, entry, _kind_of_clash(scene, record), wish)
    elif step.authority != "server" and not _saw(step, record):
        outcome = ask(scene, step, entry, "void_against_edit", wish)
    else:
        outcome = APPLIED
        if step.authority != "server":
            entry.writer_device, entry.writer_seq = step.device.id, step.seq
        scene.put_entry(entry, replace(record, voided=voided))
    change = {"now": entry.record.voided, "was": record.voided}
    if outcome.verdict == "conflict":
        change["wished"] = voided
    scene.remember(step, entry.record, outcome.verdict, {VOIDED: change})
    if outcome.verdict != "conflict":
        check_rules(scene, record.id, step, created=False)
    return outcome


def _saw(step: Step, record: Record) -> bool:
    return step.operation.judged is not None and step.operation.judged.hash == judged_hash(record)


def review_entry(scene: Scene, step: Step) -> Outcome:
    """Take a review if the reviewer may give it and saw the entry as it is; nobody approves what they have not seen."""
    entry = _entry(scene, step)
    record, verdict = entry.record, str(step.operation.fields["verdict"])
    _check_reviewer(scene, step, record)
    state = record.fields["review_state"]
    if state == verdict and _saw(step, record):
        return APPLIED
    wish = {"review_state": Clash(None, state, verdict)}
    if not _saw(step, record):
        outcome = ask(scene, step, entry, "review_of_older", wish)
    elif record.voided:
        raise Refused("state_not_allowed", "the entry is deleted", "verdict")
    elif verdict not in ENTRY_TYPE.transitions["review_state"]["supervisor"].get(state, ()):
        raise Refused("state_not_allowed", f"{state} does not lead to {verdict}", "verdict")
    elif scene.is_locked(record.fields["work_date"]):
        outcome = ask(scene, step, entry, "after_lock", wish)
    else:
        outcome = APPLIED
        fields = {**record.fields, "review_state": verdict, "review_note": step.operation.fields.get("note")}
        kept = {name: value for name, value in fields.items() if value is not None}
        _close_older_reviews(scene, step, record.id)
        scene.put_entry(entry, replace(record, fields=kept))
        renew_clash(scene, entry, raised=True)
    _add_review(scene, step, entry, held=outcome.verdict == "applied")
    change = {"now": entry.record.fields["review_state"], "was": state}
    if outcome.verdict == "conflict":
        change["wished"] = verdict
    changes: dict[str, Json] = {"review_state": change}
    if step.operation.fields.get("note"):
        changes["review_note"] = {"now": step.operation.fields["note"], "was": record.fields.get("review_note")}
    scene.remember(step, entry.record, outcome.verdict, changes)
    return outcome


def _close_older_reviews(scene: Scene, step: Step, entry: str) -> None:
    """A review of the entry as it is now settles what an earlier one of an older state had left open."""
    for conflict in _candidates_open(scene, entry):
        if conflict.kind == "review_of_older":
            close_edited(scene, conflict, step)


def _add_review(scene: Scene, step: Step, entry: EntryState, *, held: bool) -> None:
    operation = step.operation
    assert operation.judged is not None, "checked with the operation's form"
    fields: dict[str, Json] = {
        "entry_id": entry.record.id,
        "verdict": operation.fields["verdict"],
        "note": operation.fields.get("note"),
        "judged_revision": operation.judged.revision,
        "judged_hash": operation.judged.hash,
        "reviewer": step.person,
        "held": held,
    }
    key = derived_id(scene.now_ms, encode({"device": step.device.id, "review": entry.record.id, "seq": step.seq}))
    kept = {name: value for name, value in fields.items() if value is not None}
    about = entry.record.fields
    scene.add_review(Record("review", key, 1, kept), about["owner"], about.get("org_unit"))


def _check_reviewer(scene: Scene, step: Step, record: Record) -> None:
    if step.authority == "server":
        return
    owner, reviewer = record.fields["owner"], step.person
    if reviewer == owner:
        raise not_permitted("nobody reviews their own entry")
    captured = scene.local_date(scene.captured_ms(step))
    if not any(_supervises(each, reviewer) for each in _placements_around(scene, owner, captured)):
        raise not_permitted("reviewed by the supervisor or who acts for them")


def _placements_around(scene: Scene, owner: str, day: date) -> list[Placement]:
    # A day on either side: who takes over today may review what was captured before midnight elsewhere.
    found = (scene.placement(owner, each) for each in (day, day - timedelta(days=1)))
    return [each for each in found if each is not None]


def _supervises(placement: Placement, employee: str | None) -> bool:
    return employee is not None and employee in (placement.supervisor, placement.acting_supervisor)


def may_know(scene: Scene, step: Step, owner: str | None, unit: str | None) -> bool:
    """Whether the author can have read what belongs to this person and unit: their own, or as a supervisor's."""
    person = step.person
    if step.authority == "server" or (owner is not None and owner == person):
        return True
    if person is None or owner is None:
        return False
    if any(_supervises(each, person) for each in scene.placements(owner)):
        return True
    # A supervisor's device reads whole units, also those in them whom somebody else supervises.
    return any(
        unit in store.units_supervised(scene.connection, scene.org.org_id, person, day)
        for day in {scene.today, scene.local_date(scene.captured_ms(step))}
    )


def answer_conflict(scene: Scene, step: Step) -> Outcome:
    """Add what the worker, or who supervises, says about a conflict."""
    conflict = scene.load_conflict(step.record)
    assert conflict is not None, "an unknown record is parked before"
    owner, person = conflict.owner, step.person
    about_me = owner is not None and person == owner
    placement = scene.placement(owner, scene.local_date(scene.now_ms)) if owner is not None else None
    if step.authority != "server" and not about_me and not (placement and _supervises(placement, person)):
        raise not_permitted("answered by those whose entries it is about")
    said = {"at": step.operation.at, "by": step.by, "text": step.operation.fields["text"]}
    conflict.fields["answers"] = [*conflict.fields["answers"], said]
    scene.touch_conflict(conflict)
    return APPLIED


def _entry(scene: Scene, step: Step) -> EntryState:
    if step.operation.type != ENTRY:
        raise not_permitted(f"a {step.operation.type} is written by the server only")
    return scene.entries[step.record]


def _own_entry(scene: Scene, step: Step) -> EntryState:
    entry = _entry(scene, step)
    if step.authority != "server" and entry.record.fields["owner"] != step.person:
        raise not_permitted("an entry is changed by the person whose work it is")
    return entry

"""Rules across a person's entries, run after the merge: they open conflicts, flag entries, and close what an edit
has mended. Attendance only flags: it warns whoever reviews, and refuses nothing. All data stays (sync_protocol.md §8)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from lontara_core.record_rules import is_future, minutes_over, pairs_of
from lontara_server.services.scene import Scene, Step, work_of
from lontara_server.storage.operations import ConflictState, EntryState

_MENDED_BY_EDIT: Final = frozenset({"overlap", "near_duplicate", "minutes_over", "future", "target_not_own"})
_DAY: Final = timedelta(days=1)
OUTSIDE: Final = "outside_attendance"
# What these rules look at; a change of anything else opens and mends nothing.
RULED: Final = frozenset({"duration_minutes", "end_time", "start_time", "target_id", "title", "work_date"})


def check_rules(scene: Scene, entry_id: str, step: Step, *, created: bool) -> None:
    """Hold the entry against its owner's others: open what is new, close what no longer holds."""
    entry = scene.entries[entry_id]
    day = date.fromisoformat(entry.record.fields["work_date"])
    scene.load_days(entry.record.fields["owner"], (day - _DAY, day, day + _DAY))
    wanted = {} if entry.record.voided else _wanted(scene, entry, day)
    if scene.conflicts_of(entry_id):
        _close_mended(scene, entry_id, wanted, step)
    # In an order of their own, whatever order the database gave.
    for kind, groups in sorted(wanted.items()) if wanted else ():
        for group in sorted(groups, key=sorted):
            _open_once(scene, kind, group, step)
    outside = not entry.record.voided and _is_outside_attendance(scene, entry, day)
    scene.set_flag(entry_id, OUTSIDE, present=outside, step=step)
    if created and not entry.record.voided and scene.is_locked(entry.record.fields["work_date"]):
        _open_once(scene, "after_lock", frozenset({entry_id}), step)


def _is_outside_attendance(scene: Scene, entry: EntryState, day: date) -> bool:
    """Whether the work ended before its author came, or began after they left, by the machines as far as is known.

    Where no arrival or leaving is known nothing is said of it: no feed is no absence.
    """
    fields = entry.record.fields
    hours = scene.presence_on(fields["owner"], day)
    return any(hours) and lies_outside(day, fields.get("start_time"), fields.get("end_time"), *hours)


def lies_outside(day: date, start: str | None, end: str | None, first_in: str | None, last_out: str | None) -> bool:
    """Whether work of these times (HH:MM) ended before the first arrival or began after the last leaving of its day."""
    if start is None or end is None:
        return False
    begins = f"{day} {start}"
    ends = f"{day if end > start else day + _DAY} {end}"
    minute = len("2026-11-24 08:00")
    return (first_in is not None and ends <= first_in[:minute]) or (last_out is not None and begins > last_out[:minute])


def _wanted(scene: Scene, entry: EntryState, day: date) -> dict[str, set[frozenset[str]]]:
    """Which kinds of conflict the entry has a part in, each with the groups of entries that it is about."""
    fields, me = entry.record.fields, scene.work(entry)
    owner, alone = fields["owner"], {frozenset({me.id})}
    wanted: dict[str, set[frozenset[str]]] = {}
    for kind, other in pairs_of(me, scene.met_by(owner, me)):
        wanted.setdefault(kind, set()).add(frozenset({me.id, other.id}))
    whole_day = scene.work_on(owner, day)
    if minutes_over(whole_day):
        wanted["minutes_over"] = {frozenset(each.id for each in whole_day)}
    if is_future(day, scene.today):
        wanted["future"] = alone
    target = fields.get("target_id")
    if target is not None and scene.plan_owner(target) != owner:
        wanted["target_not_own"] = alone
    return wanted


def _open_once(scene: Scene, kind: str, group: frozenset[str], step: Step) -> None:
    scene.load_entries(group)
    known = _known(scene, kind, group)
    if known is None:
        scene.open_conflict(kind, group, step)
    elif not known.is_open and _was_mended(known):
        known.fields["state"] = "reopened"
        scene.touch_conflict(known)
    elif kind == "minutes_over" and known.is_open and not group <= set(known.records):
        scene.add_to_conflict(known, group)
    for record in group:
        scene.set_flag(record, kind, present=True, step=step)


def _known(scene: Scene, kind: str, group: frozenset[str]) -> ConflictState | None:
    """A pair has one conflict for ever; of a day's minutes there is one that holds any entry of the day."""
    for conflict in scene.conflicts_of(min(group)) if kind != "minutes_over" else _all_of(scene, group):
        about = set(conflict.records)
        if conflict.kind == kind and (about == group or (kind == "minutes_over" and about & group)):
            return conflict
    return None


def _all_of(scene: Scene, group: frozenset[str]) -> list[ConflictState]:
    found = {each.id: each for record in sorted(group) for each in scene.conflicts_of(record)}
    return list(found.values())


def _was_mended(conflict: ConflictState) -> bool:
    return (conflict.fields.get("resolution") or {}).get("choice") == "edited"


def _close_mended(scene: Scene, entry_id: str, wanted: dict[str, set[frozenset[str]]], step: Step) -> None:
    for conflict in scene.conflicts_of(entry_id):
        if not conflict.is_open or conflict.kind not in _MENDED_BY_EDIT:
            continue
        groups = wanted.get(conflict.kind, set())
        if any(group == set(conflict.records) or conflict.kind == "minutes_over" for group in groups):
            continue
        if conflict.kind == "minutes_over" and _still_over(scene, conflict):
            continue
        close_edited(scene, conflict, step)


def _still_over(scene: Scene, conflict: ConflictState) -> bool:
    """Whether the day that the conflict tells of is still too full after one entry has moved away."""
    scene.load_entries(conflict.records)
    entries = [scene.entries[each] for each in conflict.records]
    return bool(minutes_over(work_of(each.record, each.writer_device) for each in entries if not each.record.voided))


def close_edited(scene: Scene, conflict: ConflictState, step: Step) -> None:
    """Close a conflict whose cause an edit has taken away, and take its flags down."""
    conflict.fields["state"] = "resolved"
    conflict.fields["resolution"] = {"at": scene.now_ms, "by": step.by, "choice": "edited", "reason": ""}
    scene.touch_conflict(conflict)
    release_attention(scene, conflict)
    drop_flags(scene, conflict, step)


def release_attention(scene: Scene, conflict: ConflictState) -> None:
    """The operations that waited for this conflict wait no longer, whoever wrote them."""
    scene.load_attention(conflict.records)
    for row in list(scene.attention.values()):
        if row.conflict == conflict.id and row.state == "open":
            row.state = "done"
            scene.put_attention(row)


def drop_flags(scene: Scene, conflict: ConflictState, step: Step) -> None:
    """Take a conflict's flag down from its entries, where no other conflict of its kind still stands behind it."""
    scene.load_entries(conflict.records)
    for record in conflict.records:
        others = [each for each in scene.conflicts_of(record) if each.kind == conflict.kind and each is not conflict]
        if not any(each.is_open or not _was_mended(each) for each in others):
            scene.set_flag(record, conflict.kind, present=False, step=step)

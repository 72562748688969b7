"""Rules across a person's entries, run after the merge: they open conflicts, flag entries, and close what an edit
has mended. All data stays (sync_protocol.md §8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from lontara_core.record_rules import Work, is_future, minutes_over, pair_kind
from lontara_server.services.scene import Scene, Step
from lontara_server.storage.operations import ConflictState, EntryState

_MENDED_BY_EDIT: Final = frozenset({"overlap", "near_duplicate", "minutes_over", "future", "target_not_own"})
_DAY: Final = timedelta(days=1)


def check_rules(scene: Scene, entry_id: str, step: Step, *, created: bool) -> None:
    """Hold the entry against its owner's others: open what is new, close what no longer holds."""
    entry = scene.entries[entry_id]
    day = date.fromisoformat(entry.record.fields["work_date"])
    owner = entry.record.fields["owner"]
    scene.load_days(owner, day - _DAY, day + _DAY)
    wanted = {} if entry.record.voided else dict(_wanted(scene, entry, day))
    _close_mended(scene, entry_id, wanted, step)
    for kind, groups in wanted.items():
        for group in groups:
            _open_once(scene, kind, group, step)
    if created and not entry.record.voided and scene.is_locked(entry.record.fields["work_date"]):
        _open_once(scene, "after_lock", frozenset({entry_id}), step)


def work_of(entry: EntryState) -> Work:
    """The entry as the pure rules see it."""
    fields = entry.record.fields
    return Work(
        id=entry.record.id,
        work_date=date.fromisoformat(fields["work_date"]),
        title=fields["title"],
        start_time=fields.get("start_time"),
        end_time=fields.get("end_time"),
        duration_minutes=fields.get("duration_minutes"),
        device=entry.writer_device,
    )


def _wanted(scene: Scene, entry: EntryState, day: date) -> Iterable[tuple[str, set[frozenset[str]]]]:
    fields, me = entry.record.fields, work_of(entry)
    owner = fields["owner"]
    pairs: dict[str, set[frozenset[str]]] = {}
    for near in (day - _DAY, day, day + _DAY):
        for other in scene.entries_on(owner, near):
            kind = pair_kind(me, work_of(other))
            if kind is not None:
                pairs.setdefault(kind, set()).add(frozenset({me.id, other.record.id}))
    yield from pairs.items()
    whole_day = scene.entries_on(owner, day)
    if minutes_over(work_of(each) for each in whole_day):
        yield "minutes_over", {frozenset(each.record.id for each in whole_day)}
    if is_future(day, scene.local_date(scene.now_ms)):
        yield "future", {frozenset({me.id})}
    target = fields.get("target_id")
    if target is not None and scene.plan_owner(target) != owner:
        yield "target_not_own", {frozenset({me.id})}


def _open_once(scene: Scene, kind: str, group: frozenset[str], step: Step) -> None:
    known = _known(scene, kind, group)
    if known is None:
        scene.open_conflict(kind, group, step)
    elif not known.is_open and _was_mended(known):
        known.fields["state"] = "reopened"
        scene.touch_conflict(known)
    elif kind == "minutes_over" and known.is_open and not group <= set(known.records):
        added = sorted(group - set(known.records))
        known.fields["records"] = sorted({*known.records, *group})
        known.added_records = sorted({*known.added_records, *added})
        scene.touch_conflict(known)
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
    entries = [scene.entries[each] for each in conflict.records if each in scene.entries]
    return bool(minutes_over(work_of(each) for each in entries if not each.record.voided))


def close_edited(scene: Scene, conflict: ConflictState, step: Step) -> None:
    """Close a conflict whose cause an edit has taken away, and take its flags down."""
    conflict.fields["state"] = "resolved"
    conflict.fields["resolution"] = {"at": scene.now_ms, "by": step.by, "choice": "edited", "reason": ""}
    scene.touch_conflict(conflict)
    drop_flags(scene, conflict, step)


def drop_flags(scene: Scene, conflict: ConflictState, step: Step) -> None:
    """Take a conflict's flag down from its entries, where no other conflict of its kind still stands behind it."""
    scene.load_entries(conflict.records)
    for record in conflict.records:
        others = [each for each in scene.conflicts_of(record) if each.kind == conflict.kind and each is not conflict]
        if not any(each.is_open or not _was_mended(each) for each in others):
            scene.set_flag(record, conflict.kind, present=False, step=step)

"""What concerns the person although no operation of theirs is stuck: returned entries, questions, answered
objections, and decisions.

Read from the rows that the server sent. What was seen is kept in settings; nothing of the records is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lontara.authoring import ENTRY
from lontara.entries import AttentionItem, Decision, iso_time
from lontara.revocation import quarantined_problem
from lontara.store import Store
from lontara_core.canonical import Json
from lontara_core.decision_words import BY_ITSELF
from lontara_core.record import Record

_SEEN: Final = "seen:"


def of_the_device(store: Store) -> list[AttentionItem]:
    """What stops the whole device: a copy of its store, a server that went back too far, work that was set aside."""
    found: list[tuple[str, str, str | None]] = []
    if store.setting("forked_at") is not None:
        found.append(("forked", "forked", None))
    if store.setting("log_gap"):
        found.append(("log_gap", "log_gap", None))
    if store.quarantined_count():
        stopped = quarantined_problem(store)
        found.append(("quarantined", stopped.code, " ".join(stopped.facts.get("reasons", ())) or None))
    return [AttentionItem("", state, "", "device", {}, code, None, why, None) for state, code, why in found]


def returned(store: Store) -> list[AttentionItem]:
    """Own entries that the supervisor has returned, and rejected ones until they were seen."""
    items = []
    for view in _judged_entries(store):
        state, note = view.fields.get("review_state"), view.fields.get("review_note")
        if view.voided or state not in ("needs_revision", "rejected"):
            continue
        if state == "rejected" and store.setting(f"{_SEEN}{view.id}") == (note or ""):
            continue
        items.append(AttentionItem("", "returned", view.id, "review", {}, state, None, note, None))
    return items


def questions(store: Store) -> list[AttentionItem]:
    """Open conflicts that the person has to say something to, and has not yet."""
    items = []
    for conflict in _conflicts(store):
        held = conflict.fields
        if held.get("route") != "worker" or held.get("state") == "resolved" or _is_answered(store, conflict):
            continue
        records = [str(each) for each in held.get("records") or ()]
        if not all(_is_own(store, each) for each in records):
            continue
        items.append(
            AttentionItem("", "asked", records[0] if records else "", "conflict", {}, held.get("kind"), None, None,
                          conflict.id)
        )  # fmt: skip
    return items


def answered(store: Store) -> list[AttentionItem]:
    """Own objections that were answered since this store was enrolled, until the answer was seen."""
    items = []
    for view in _answered_objections(store):
        if store.setting(f"{_SEEN}{view.id}") != view.fields["decided_at"]:
            held = view.fields
            items.append(
                AttentionItem("", "answered", view.id, "objection", {}, held.get("state"), None, held.get("answer"), None)
            )  # fmt: skip
    return items


def deciding(store: Store) -> list[AttentionItem]:
    """Own entries about which an admin decides, although no operation of this store waits: a late one, or the version
    that stands while another is offered."""
    told = {each.conflict for each in store.logged("state = 'conflict' AND superseded = 0")}
    return [
        AttentionItem("", "deciding", record, "conflict", {}, conflict.fields.get("kind"), None, None, conflict.id)
        for conflict in _conflicts(store)
        if conflict.fields.get("route") == "admin" and conflict.fields.get("state") != "resolved"
        and conflict.id not in told
        for record in [str(each) for each in conflict.fields.get("records") or ()][:1]
        if _is_own(store, record)
    ]  # fmt: skip


def merged(store: Store) -> dict[str, str]:
    """Entries that a decision has merged into another one, each with that one's title."""
    found = {}
    for conflict in _conflicts(store):
        resolution = conflict.fields.get("resolution") or {}
        if conflict.fields.get("state") == "resolved" and resolution.get("survivor"):
            row = store.row(ENTRY, str(resolution["survivor"]))
            if row is not None and row.view is not None:
                found.update({str(each): str(row.view.fields["title"]) for each in resolution.get("voided") or ()})
    return found


def decisions(store: Store) -> list[Decision]:
    """What was decided about the person's entries since this store was enrolled, the newest first."""
    found = []
    for conflict in _conflicts(store):
        resolution = conflict.fields.get("resolution") or {}
        if conflict.fields.get("state") != "resolved" or resolution.get("choice") in (None, *BY_ITSELF):
            continue
        if int(resolution["at"]) >= (store.setting("enrolled_at") or 0) and _concerns(store, conflict):
            found.append((int(resolution["at"]), _decision(store, conflict, resolution)))
    return [decision for _, decision in sorted(found, key=lambda each: (-each[0], each[1].conflict))]


def see(store: Store) -> int:
    """Note that the person has seen every decision, rejection and answer; returns how many were new."""
    new = [each for each in decisions(store) if not each.seen]
    for each in new:
        store.set_setting(f"{_SEEN}{each.conflict}", each.resolution["at"])
    rejected = [item for item in returned(store) if item.code == "rejected"]
    for item in rejected:
        store.set_setting(f"{_SEEN}{item.record}", item.message or "")
    objected = {item.record for item in answered(store)}
    for view in _answered_objections(store):
        if view.id in objected:
            store.set_setting(f"{_SEEN}{view.id}", view.fields["decided_at"])
    return len(new) + len(rejected) + len(objected)


def entries_of(store: Store, records: object) -> list[dict[str, Json]]:
    """The entries of a conflict that are on this device, as `decision_sentence` asks for them."""
    rows = [store.row(ENTRY, str(each)) for each in (records if isinstance(records, list) else ())]
    return [{**row.view.fields, "id": row.id, "voided": row.view.voided} for row in rows if row is not None and row.view]


def _decision(store: Store, conflict: Record, resolution: Mapping[str, Json]) -> Decision:
    held = conflict.fields
    return Decision(
        conflict=conflict.id, kind=str(held["kind"]), records=tuple(held.get("records") or ()),
        resolution=resolution, clashes=held.get("clashes") or {}, entries=tuple(entries_of(store, held.get("records"))),
        at=iso_time(int(resolution["at"])) or "", seen=store.setting(f"{_SEEN}{conflict.id}") == resolution["at"],
    )  # fmt: skip


def _judged_entries(store: Store) -> list[Record]:
    """Own entries that may be returned or rejected; the words are looked for before anything is decoded."""
    rows = store.rows("type = ? AND (view LIKE ? OR view LIKE ?)", ENTRY, '%"needs_revision"%', '%"rejected"%')
    own = store.setting("employee")
    return [row.view for row in rows if row.view is not None and row.view.fields.get("owner") in (None, own)]


def _answered_objections(store: Store) -> list[Record]:
    own, since = store.setting("employee"), store.setting("enrolled_at") or 0
    rows = [row.view for row in store.rows("type = 'objection'") if row.view is not None]
    return [
        view for view in rows
        if view.fields.get("owner") in (None, own) and view.fields.get("state") in ("upheld", "dismissed")
        and int(view.fields.get("decided_at") or 0) >= since
    ]  # fmt: skip


def _conflicts(store: Store) -> list[Record]:
    return [row.view for row in store.rows("type = 'conflict'") if row.view is not None]


def _is_own(store: Store, record: str) -> bool:
    row = store.row(ENTRY, record)
    if row is None or row.view is None:
        return False
    return row.view.fields.get("owner") in (None, store.setting("employee"))


def _is_answered(store: Store, conflict: Record) -> bool:
    """They have said something, or have already changed one of the entries and only not sent it."""
    me = store.setting("employee")
    if any(each.get("by") == me for each in conflict.fields.get("answers") or ()):
        return True
    about = [conflict.id, *(conflict.fields.get("records") or ())]
    marks = ", ".join("?" for _ in about)
    return bool(
        store.logged(f"record IN ({marks}) AND superseded = 0 AND (state = 'queued' OR (seen = 0 AND"
                     " state = 'received' AND record_type = 'conflict'))", *about, limit=1)
    )  # fmt: skip


def _concerns(store: Store, conflict: Record) -> bool:
    held, me = conflict.fields, store.setting("employee")
    if any(_is_own(store, str(each)) for each in held.get("records") or ()):
        return True
    clashes = (held.get("clashes") or {}).values()
    if held.get("kind") == "fork":
        return bool({clash.get("base") for clash in clashes} & {log.device for log in store.logs()})
    return any(each.get("by") == me for clash in clashes for each in clash.get("candidates") or ())

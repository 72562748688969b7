"""What a resolution does: which value holds, which entries go, and what stays readable (sync_protocol.md §11).

Written by the server actor in the name of an admin or supervisor; it holds only if its author saw the conflict as
it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from lontara_core.canonical import Json, encode, sha256_hex
from lontara_core.identifiers import is_id
from lontara_core.merge import is_final
from lontara_core.operations import Refused, check_fields, check_when, minutes_between
from lontara_core.record import Record
from lontara_core.record_types import RECORD_TYPES
from lontara_server.services import acts
from lontara_server.services.device_names import names_apart
from lontara_server.services.rules import check_rules, release_attention
from lontara_server.services.scene import APPLIED, ENTRY, Outcome, Scene, Step
from lontara_server.storage import operations as store
from lontara_server.storage.accounts import account_of
from lontara_server.storage.devices import devices_of
from lontara_server.storage.operations import ConflictState
from lontara_server.storage.people import employees_by_id

_ENTRY_TYPE: Final = RECORD_TYPES[ENTRY]


def conflict_hash(conflict: ConflictState) -> str:
    """The hash of what a person sees of a conflict: state, entries, candidates and answers."""
    seen = {name: conflict.fields[name] for name in ("answers", "clashes", "records", "state")}
    return sha256_hex(encode({"id": conflict.id, **seen}))


def resolve(scene: Scene, step: Step) -> Outcome:
    """Close a conflict as its author chose. Raises Refused conflict_changed where they saw another state of it."""
    conflict = _judged(scene, step)
    if not conflict.is_open:
        raise Refused("conflict_changed", "the conflict is resolved already")
    held = _voided_before(scene, conflict)
    judged = {record for record in conflict.records if _is_judged(scene, record)}
    values = _CHOICES[str(step.operation.fields["choice"])](scene, step, conflict)
    voids = _voids(step, conflict)
    for record in sorted(held - voids):
        _mark(scene, step, record, voided=False)
    conflict.fields["state"] = "resolved"
    told: dict[str, Json] = {
        "candidate": step.operation.fields.get("candidate"),
        "devices": _device_names(scene, conflict),
        "resubmitted": any(not _is_judged(scene, record) for record in judged),
        "restored": sorted(held - voids),
        "survivor": step.operation.fields.get("survivor"),
        "values": values,
        "void_already": _void_already(scene, conflict, voids, values),
        "voided": sorted(voids),
        **_name_behind(scene, step.by),
    }
    conflict.fields["resolution"] = {
        "at": scene.now_ms,
        "by": step.by,
        "choice": step.operation.fields["choice"],
        "reason": step.operation.fields["reason"],
        **{name: each for name, each in told.items() if each},
    }
    scene.touch_conflict(conflict)
    _remember_losers(scene, step, conflict)
    for record in conflict.records:
        if record in scene.entries:
            acts.renew_clash(scene, scene.entries[record])
    release_attention(scene, conflict)
    return APPLIED


def _is_judged(scene: Scene, record: str) -> bool:
    return record in scene.entries and is_final(_ENTRY_TYPE, scene.entries[record].record.fields)


def _voids(step: Step, conflict: ConflictState) -> set[str]:
    """The entries that this choice voids; its own check has passed."""
    fields = step.operation.fields
    if fields["choice"] == "merge":
        return set(conflict.records) - {str(fields["survivor"])}
    return {str(fields.get("void") or conflict.records[0])} if fields["choice"] == "void" else set()


def _voided_before(scene: Scene, conflict: ConflictState) -> set[str]:
    """The entries that are void because an earlier decision of this conflict voided them, and nobody has since."""
    earlier = (conflict.fields.get("resolution") or {}).get("voided") or ()
    return {
        record
        for record in earlier
        if record in scene.entries and scene.entries[record].record.voided and _voider(scene, record) == conflict.id
    }


def _voider(scene: Scene, record: str) -> str | None:
    """Whose act made the entry void: the conflict that a decision was about, else the person who did it."""
    for line in reversed(store.history_of(scene.connection, scene.org.org_id, record)):
        change = line["changes"].get(acts.VOIDED)
        if change is not None and change["now"] and not change["was"]:
            return str(change["conflict"]) if "conflict" in change else line["by"]
    return None


def _void_already(
    scene: Scene, conflict: ConflictState, voids: set[str], values: Mapping[str, Json]
) -> dict[str, Json]:  # fmt: skip
    """What is void without any decision of this conflict, and by whom: its author, or another decision."""
    if acts.VOIDED in values or acts.VOIDED in conflict.fields["clashes"]:
        return {}
    found: dict[str, Json] = {}
    for record in conflict.records:
        entry = scene.entries.get(record)
        if entry is not None and entry.record.voided and record not in voids:
            found[record] = "author" if _voider(scene, record) == entry.record.fields["owner"] else "other"
    return found


def _device_names(scene: Scene, conflict: ConflictState) -> dict[str, Json]:
    """What the devices are called that wrote a candidate: the worker knows them by name."""
    if conflict.kind == "fork":
        return {}
    wrote = {each["device"] for clash in conflict.fields["clashes"].values() for each in clash["candidates"]}
    rows = [row for key in sorted(wrote) for row in devices_of(scene.connection, scene.org.org_id, key)]
    return dict(names_apart({row.id: row.name for row in rows if row.name}))


def _name_behind(scene: Scene, login: str | None) -> dict[str, Json]:
    """The name of who decided, where the login is an employee's: the worker knows the person and not the login."""
    account = None if login is None else account_of(scene.connection, scene.org.org_id, login)
    if account is None or account.employee_id is None:
        return {}
    found = employees_by_id(scene.connection, scene.org.org_id, {account.employee_id})
    return {} if account.employee_id not in found else {"name": found[account.employee_id].full_name}


def reopen(scene: Scene, step: Step) -> Outcome:
    """Take a resolution back; what it set and voided stays until the next one, which brings back what it does not void."""
    _check_server(step)
    conflict = scene.load_conflict(step.record)
    assert conflict is not None, "an unknown record is parked before"
    if conflict.is_open:
        return APPLIED
    conflict.fields["state"] = "reopened"
    scene.touch_conflict(conflict)
    told = Record("conflict", conflict.id, conflict.revision, conflict.fields)
    changes = {"state": {"now": "reopened", "was": "resolved"}, "reason": {"now": step.operation.fields["reason"]}}
    scene.remember(step, told, "applied", changes)
    for record in conflict.records:
        if record in scene.entries:
            acts.renew_clash(scene, scene.entries[record])
    return APPLIED


def _judged(scene: Scene, step: Step) -> ConflictState:
    _check_server(step)
    conflict = scene.load_conflict(step.record)
    assert conflict is not None, "an unknown record is parked before"
    judged = step.operation.judged
    if judged is None or judged.hash != conflict_hash(conflict):
        raise Refused("conflict_changed", "the conflict is no longer as its author saw it", "judged")
    return conflict


def _check_server(step: Step) -> None:
    if step.authority != "server":
        raise acts.not_permitted("a conflict is resolved in the console")


def _keep_server(_scene: Scene, _step: Step, _conflict: ConflictState) -> dict[str, Json]:
    return {}


def _keep_device(scene: Scene, step: Step, conflict: ConflictState) -> dict[str, Json]:
    """Take one device's candidates: the named one's, or the only one's."""
    devices = {each["device"] for clash in conflict.fields["clashes"].values() for each in clash["candidates"]}
    wanted = step.operation.fields.get("candidate") or (next(iter(devices)) if len(devices) == 1 else None)
    if wanted not in devices:
        raise Refused("invalid_field", "candidate names a device that wrote one", "candidate")
    values = {
        name: each["value"]
        for name, clash in conflict.fields["clashes"].items()
        for each in clash["candidates"]
        if each["device"] == wanted
    }
    return _take(scene, step, conflict, values)


def _values(scene: Scene, step: Step, conflict: ConflictState) -> dict[str, Json]:
    values = step.operation.fields.get("values")
    if not isinstance(values, dict) or not values:
        raise Refused("missing_field", "values names a value for each field", "values")
    allowed = fields_of(conflict.fields["clashes"])
    for name in values:
        if name not in allowed:
            raise Refused("unknown_field", f"the conflict is not about {name}", name)
    return _take(scene, step, conflict, values)


def fields_of(clashes: Mapping[str, Json]) -> list[str]:
    """The fields that a decision about these clashes may set: those that clash, with what moves together with them."""
    groups = (_ENTRY_TYPE.group_of(field) if field in _ENTRY_TYPE.fields else (field,) for field in clashes)
    return list(dict.fromkeys(name for group in groups for name in group))


def _keep_both(scene: Scene, step: Step, conflict: ConflictState) -> dict[str, Json]:
    """Both entries stand: nothing changes but that a person has said so."""
    if len(conflict.records) < 2:
        raise Refused("invalid_field", "keep_both is for conflicts between entries", "choice")
    return {}


def _merge(scene: Scene, step: Step, conflict: ConflictState) -> dict[str, Json]:
    """Keep the survivor and void the others."""
    survivor = step.operation.fields.get("survivor")
    if survivor not in conflict.records:
        raise Refused("invalid_field", "survivor is one of the conflict's entries", "survivor")
    if scene.entries[survivor].record.voided and survivor not in _voided_before(scene, conflict):
        raise Refused("invalid_field", "survivor is void: another act than this conflict's voided it", "survivor")
    for record in conflict.records:
        if record != survivor:
            _mark(scene, step, record, voided=True)
    return {}


def _void_one(scene: Scene, step: Step, conflict: ConflictState) -> dict[str, Json]:
    record = step.operation.fields.get("void") or (conflict.records[0] if len(conflict.records) == 1 else None)
    if not is_id(record) or record not in conflict.records:
        raise Refused("invalid_field", "void names one of the conflict's entries", "void")
    _mark(scene, step, str(record), voided=True)
    return {}


_CHOICES: Final[Mapping[str, Callable[[Scene, Step, ConflictState], dict[str, Json]]]] = {
    "keep_server": _keep_server,
    "keep_device": _keep_device,
    "values": _values,
    "keep_both": _keep_both,
    "merge": _merge,
    "void": _void_one,
}


def _mark(scene: Scene, step: Step, record: str, *, voided: bool) -> None:
    """Void an entry, or take the mark away; the history tells which conflict did it."""
    entry = scene.entries[record]
    if entry.record.voided == voided:
        return
    scene.put_entry(entry, replace(entry.record, voided=voided))
    scene.remember(
        step, entry.record, "applied", {acts.VOIDED: {"conflict": step.record, "now": voided, "was": not voided}}
    )
    check_rules(scene, record, step, created=False)


def _take(scene: Scene, step: Step, conflict: ConflictState, values: dict[str, Any]) -> dict[str, Json]:
    """Lay the values over the conflict's entry, whatever its state: a person with authority has decided.

    What was approved or rejected was another content: with a new one the entry waits for its review again.
    """
    if len(conflict.records) != 1:
        raise Refused("invalid_field", "values are for a conflict about one entry", "choice")
    entry = scene.entries[conflict.records[0]]
    record = _with_values(entry.record, values)
    if "work_date" in values:
        placed = acts.attribution(scene, record.fields["owner"], record.fields["work_date"])
        others = {name: value for name, value in record.fields.items() if name not in acts.ATTRIBUTED}
        record = replace(record, fields={**others, **placed})
    former = {name: entry.record.fields.get(name) for name in values}
    former = {**former, **({acts.VOIDED: entry.record.voided} if acts.VOIDED in values else {})}
    changes = {name: {"now": values[name], "was": former[name]} for name in values}
    # In a locked month the admin's decision is what makes it count (sync_protocol.md §9).
    stays_approved = conflict.kind == "after_lock" and entry.record.fields["review_state"] == "approved"
    if _judged_another(entry.record, record) and not stays_approved:
        changes["review_state"] = {"now": "submitted", "was": entry.record.fields["review_state"]}
        kept = {name: value for name, value in record.fields.items() if name != "review_note"}
        record = replace(record, fields={**kept, "review_state": "submitted"})
    scene.put_entry(entry, record)
    scene.remember(step, entry.record, "applied", changes)
    check_rules(scene, entry.record.id, step, created=False)
    return values


def _judged_another(before: Record, after: Record) -> bool:
    """Whether the entry was reviewed for good, and its content is no longer what was judged."""
    if not is_final(_ENTRY_TYPE, before.fields) or before.fields["review_state"] != after.fields["review_state"]:
        return False
    content = [name for name, spec in _ENTRY_TYPE.fields.items() if spec.rule not in ("server_only", "state")]
    return any(before.fields.get(name) != after.fields.get(name) for name in content)


def _with_values(record: Record, values: Mapping[str, Json]) -> Record:
    fields = {name: value for name, value in values.items() if name != acts.VOIDED}
    check_fields(_ENTRY_TYPE, fields)
    merged = {name: value for name, value in {**record.fields, **fields}.items() if value is not None}
    if "start_time" in merged and "end_time" in merged:
        merged["duration_minutes"] = minutes_between(merged["start_time"], merged["end_time"])
    check_when(_ENTRY_TYPE, merged)
    return replace(record, fields=merged, voided=bool(values.get(acts.VOIDED, record.voided)))


def _remember_losers(scene: Scene, step: Step, conflict: ConflictState) -> None:
    """What was not taken stays readable, under the conflict itself."""
    record = Record("conflict", conflict.id, conflict.revision, conflict.fields)
    changes: dict[str, Json] = {
        name: {"base": clash["base"], "candidates": clash["candidates"], "now": _now(scene, conflict, name)}
        for name, clash in conflict.fields["clashes"].items()
    }
    changes["reason"] = {"now": step.operation.fields["reason"]}
    scene.remember(step, record, "applied", changes)


def _now(scene: Scene, conflict: ConflictState, name: str) -> Json:
    # A fork is about a device: it names no entry.
    entry = scene.entries.get(conflict.records[0]) if conflict.records else None
    if entry is None:
        return None
    return entry.record.voided if name == acts.VOIDED else entry.record.fields.get(name)

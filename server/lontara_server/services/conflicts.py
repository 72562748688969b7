"""Conflicts for the people who decide: listed, shown side by side, resolved with a reason, reopened.

A resolution is an operation of the server actor and names what its author saw; of two admins the second is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from lontara_core.canonical import Json
from lontara_core.clock import within_calendar
from lontara_core.identifiers import is_id
from lontara_core.operations import Judged, Operation
from lontara_core.problems import Problem
from lontara_server.services.batches import write_as_server
from lontara_server.services.resolutions import conflict_hash, fields_of
from lontara_server.storage import operations as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import ConflictState


def list_conflicts(
    connection: Connection, org_id: int, *, only_open: bool = False, unit: str | None = None
) -> list[dict[str, Json]]:
    """The org's conflicts, or those of one unit, the newest first."""
    return [document(each) for each in store.list_conflicts(connection, org_id, only_open=only_open, unit=unit)]


def show_conflict(connection: Connection, org_id: int, conflict: str) -> dict[str, Json]:
    """One conflict with its entries as they stand and the history of each. Raises Problem not_found."""
    found = conflict_named(connection, org_id, conflict)
    rows = store.records_by_id(connection, org_id, "activity_entry", found.records)
    entries = [store.record_of("activity_entry", rows[each]) for each in found.records if each in rows]
    return {
        **document(found),
        "entries": [
            {"id": each.id, "revision": each.revision, "voided": each.voided, **each.fields} for each in entries
        ],
        "history": _history(connection, org_id, found.records, conflict),
    }


def conflict_named(connection: Connection, org_id: int, conflict: str) -> ConflictState:
    """The conflict with this id. Raises Problem not_found."""
    found = store.conflict_of(connection, org_id, conflict) if is_id(conflict) else None
    if found is None:
        raise unknown(conflict)
    return found


def resolve_conflict(
    connection: Connection,
    org_id: int,
    conflict: str,
    *,
    choice: str,
    reason: str,
    by: str,
    now_ms: int,
    judged_hash: str | None = None,
    candidate: str | None = None,
    values: dict[str, Json] | None = None,
    survivor: str | None = None,
    void: str | None = None,
) -> dict[str, Json]:
    """Close a conflict; its losing values stay in the history. Returns it as it stands then.

    judged_hash: the `hash` of the conflict as its author saw it; None judges it as it is now.
    Raises Problem not_found, conflict_changed, invalid_field, missing_field.
    """
    found = conflict_named(connection, org_id, conflict)
    if judged_hash is not None and judged_hash != conflict_hash(found):
        raise changed(conflict)
    _check_fits(found, choice, values)
    wishes = {
        "candidate": candidate,
        "choice": choice,
        "reason": reason,
        "survivor": survivor,
        "values": values,
        "void": void,
    }
    operation = Operation(
        kind="resolve", type="conflict", id=conflict, at=now_ms, offset=0, hlc=(now_ms, 0),
        fields={name: value for name, value in wishes.items() if value is not None},
        judged=Judged(hash=conflict_hash(found), revision=found.revision),
    )  # fmt: skip
    write_as_server(connection, org_id, by, [operation], now_ms)
    return document(conflict_named(connection, org_id, conflict))


def reopen_conflict(
    connection: Connection, org_id: int, conflict: str, *, reason: str, by: str, now_ms: int
) -> dict[str, Json]:
    """Take a resolution back. Raises Problem not_found, missing_field."""
    conflict_named(connection, org_id, conflict)
    operation = Operation(
        kind="reopen", type="conflict", id=conflict, at=now_ms, offset=0, hlc=(now_ms, 0), fields={"reason": reason}
    )
    write_as_server(connection, org_id, by, [operation], now_ms)
    return document(conflict_named(connection, org_id, conflict))


def _check_fits(conflict: ConflictState, choice: str, values: dict[str, Json] | None) -> None:
    """Say in words what a choice asks of a conflict that this one does not have."""
    clashes: dict[str, Json] = {} if conflict.kind == "fork" else conflict.fields["clashes"]
    if choice in ("keep_device", "values") and not clashes:
        raise Problem(
            "invalid_field",
            "This conflict is about whole entries: no device has another version of a field. Nothing was changed.",
            {"conflict": conflict.id, "choice": choice},
            "Use --keep server (the entry stands, and a late one then counts), --void RECORD, --keep-both or "
            "--merge-into RECORD.",
        )
    about = fields_of(clashes)
    others = [name for name in values or {} if name not in about]
    if others:
        raise Problem(
            "unknown_field",
            f"This conflict is not about {', '.join(others)}. Nothing was changed.",
            {"conflict": conflict.id, "fields": about},
            f"It is about {', '.join(about)}.",
        )


def unknown(conflict: str) -> Problem:
    """There is no such conflict, or none that the asker may know of."""
    return Problem(
        "not_found",
        f"There is no conflict {conflict}. Nothing was changed.",
        {"conflict": conflict},
        "`lontara-server conflict list` shows every conflict.",
    )


def changed(conflict: str) -> Problem:
    """Somebody else was faster."""
    return Problem(
        "conflict_changed",
        "The conflict is no longer as you saw it. Nothing was changed.",
        {"conflict": conflict},
        "Look at it again, then decide.",
    )


def document(conflict: ConflictState) -> dict[str, Json]:
    """A conflict as lists, the API and the command line show it; `hash` is what a resolution names."""
    fields = conflict.fields
    return {
        "id": conflict.id,
        "kind": fields["kind"],
        "route": fields["route"],
        "state": fields["state"],
        "owner": conflict.owner,
        "org_unit": conflict.org_unit,
        "records": fields["records"],
        "fields": fields["clashes"],
        "opened_at": utc(fields["opened_at"]),
        "assignee": fields.get("assignee"),
        "resolution": fields.get("resolution"),
        "answers": fields["answers"],
        "revision": conflict.revision,
        "hash": conflict_hash(conflict),
    }


def utc(at_ms: int) -> str:
    """A moment as ISO 8601 in UTC."""
    moment = datetime.fromtimestamp(within_calendar(at_ms) / 1000, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def history_document(row: dict[str, Any]) -> dict[str, Json]:
    """One line of a record's history."""
    return {
        "record": row["id"],
        "revision": row["revision"],
        "at": utc(row["at"]),
        "by": row["by"],
        "device": row["device"],
        "op_id": f"{row['device']}:{row['seq']}",
        "changes": row["changes"],
        "verdict": row["verdict"],
    }


def _history(connection: Connection, org_id: int, entries: Iterable[str], conflict: str) -> list[dict[str, Json]]:
    """What happened to these entries and to the conflict, the oldest first; of one moment the entries' lines lead."""
    rows = [row for each in (*entries, conflict) for row in store.history_of(connection, org_id, each)]
    rows.sort(key=lambda row: (row["at"], row["id"] == conflict, row["revision"]))
    return [history_document(row) for row in rows]

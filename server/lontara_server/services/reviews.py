"""Reviews from the console and the command line: each names the revision and hash of what was judged.

Nobody approves what they have not seen, and nobody reviews their own entry.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lontara_core.canonical import Json
from lontara_core.identifiers import is_id
from lontara_core.operations import Judged, Operation
from lontara_core.problems import Problem
from lontara_core.record import Record, judged_hash
from lontara_server.services.batches import write_as_server
from lontara_server.services.orgs import org_named
from lontara_server.storage import operations as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import assignment_on

VERDICTS: Final = ("approved", "needs_revision", "rejected", "submitted")


def list_for_review(
    connection: Connection, org_id: int, *, reviewer: str | None = None, now_ms: int
) -> list[dict[str, Json]]:
    """The entries that wait for a review, by date: all of them, or those of the people whom `reviewer` supervises."""
    day = _today(connection, org_id, now_ms)
    waiting = store.submitted_entries(connection, org_id)
    return [
        entry_document(each)
        for each in waiting
        if reviewer is None or _may_review(connection, org_id, each, reviewer, day)
    ]


def review(
    connection: Connection,
    org_id: int,
    entry: str,
    verdict: str,
    *,
    revision: int,
    judged: str,
    by: str,
    now_ms: int,
    note: str | None = None,
    reviewer: str | None = None,
) -> dict[str, Json]:
    """Approve, return or reject one entry as it was seen, or take its approval back; returns it as it stands then.

    judged: the hash of what was seen. reviewer: the employee behind the login, None for an admin.
    Raises Problem not_found, not_permitted, entry_changed, invalid_field, missing_field, state_not_allowed.
    """
    held = entry_named(connection, org_id, entry)
    if reviewer is not None and not _may_review(connection, org_id, held, reviewer, _today(connection, org_id, now_ms)):
        raise Problem(
            "not_permitted",
            "An entry is reviewed by the supervisor of its person, and never by that person. Nothing was changed.",
            {"entry": entry},
            "Ask an admin who supervises this person.",
        )
    if judged != judged_hash(held):
        raise Problem(
            "entry_changed",
            "The entry is no longer as you saw it. Nothing was changed.",
            {"entry": entry, "revision": held.revision},
            "Look at it again, then decide.",
        )
    fields: dict[str, Json] = {"verdict": verdict, **({"note": note} if note else {})}
    operation = Operation(
        kind="review", type="activity_entry", id=entry, at=now_ms, offset=0, hlc=(now_ms, 0), fields=fields,
        judged=Judged(hash=judged, revision=revision),
    )  # fmt: skip
    write_as_server(connection, org_id, by, [operation], now_ms)
    return entry_document(entry_named(connection, org_id, entry))


def entry_named(connection: Connection, org_id: int, entry: str) -> Record:
    """The entry with this id. Raises Problem not_found."""
    if not is_id(entry):
        raise unknown(entry)
    row = store.records_by_id(connection, org_id, "activity_entry", [entry]).get(entry)
    if row is None:
        raise unknown(entry)
    return store.record_of("activity_entry", row)


def unknown(entry: str) -> Problem:
    """There is no such entry, or none that the asker may know of."""
    return Problem("not_found", f"There is no entry {entry}. Nothing was changed.", {"entry": entry}, "Check the id.")


def entry_document(record: Record) -> dict[str, Json]:
    """An entry as a reviewer sees it; a review names its `revision` and `hash`."""
    return {
        "id": record.id,
        "revision": record.revision,
        "hash": judged_hash(record),
        "voided": record.voided,
        "clash": record.clash,
        **record.fields,
    }


def _today(connection: Connection, org_id: int, now_ms: int) -> date:
    zone = ZoneInfo(org_named(connection, org_id).time_zone)
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()


def _may_review(connection: Connection, org_id: int, entry: Record, reviewer: str, day: date) -> bool:
    owner = entry.fields["owner"]
    placement = assignment_on(connection, org_id, owner, day)
    return (
        reviewer != owner and placement is not None and reviewer in (placement.supervisor, placement.acting_supervisor)
    )

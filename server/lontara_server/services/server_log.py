"""What the server itself writes: operations of the org's server actor, in a log of its own like any device's.

Creates, sets and voids of records that only the server writes are gathered first and written in one go: rows, history,
the signed batches, and last the feed. What is to be written is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lontara_core import signing
from lontara_core.canonical import encode
from lontara_core.log import chain, pack
from lontara_core.messages import BATCH_OPERATIONS_MAX
from lontara_core.operations import Judged, Operation, check_operation, encode_operation
from lontara_core.record import Record, judged_hash
from lontara_server.services.bodies import body_of
from lontara_server.services.orgs import identity_of, org_named
from lontara_server.storage import people
from lontara_server.storage import server_log as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import ChangedRow
from lontara_server.storage.server_log import BatchRow, FeedLine, HistoryLine, ServerActor


@dataclass(frozen=True)
class Written:
    """One operation with the revision that it makes, and who reads it: one owner, one unit, or everybody."""

    operation: Operation
    record: str
    revision: int
    owner: str | None
    unit: str | None


@dataclass
class ServerWrites:
    """Operations gathered for one transaction, in order. `by` is the login of who asked for them."""

    by: str
    now_ms: int
    written: list[Written] = field(default_factory=list)
    shown_again: list[FeedLine] = field(default_factory=list)

    def create(
        self, record_type: str, fields: Mapping[str, Any], *, owner: str | None = None, unit: str | None = None
    ) -> str:
        """Gather a new record; returns its id. Owner and unit are those whose scopes it is fed to."""
        operation = Operation(kind="create", type=record_type, fields=_given(fields), **self._stamp())
        self.written.append(Written(operation, operation.record, 1, owner, unit))
        return operation.record

    def create_own(self, record_type: str, fields: Mapping[str, Any], *, unit: str | None) -> str:
        """Gather a new record that is its own owner: an employee."""
        operation = Operation(kind="create", type=record_type, fields=_given(fields), **self._stamp())
        self.written.append(Written(operation, operation.record, 1, operation.record, unit))
        return operation.record

    def change(
        self,
        record_type: str,
        record: str,
        revision: int,
        fields: Mapping[str, Any],
        was: Mapping[str, Any],
        *,
        owner: str | None = None,
        unit: str | None = None,
    ) -> None:
        """Gather a change of fields of a record that is at `revision` now."""
        operation = Operation(
            kind="set", type=record_type, id=record, fields=dict(fields), was=dict(was), **self._stamp()
        )
        self.written.append(Written(operation, record, revision + 1, owner, unit))

    def void(self, record: Record, *, reason: str, owner: str | None = None, unit: str | None = None) -> None:
        """Gather the mark that takes a record out of use; the row and its history stay."""
        operation = Operation(
            kind="void", type=record.type, id=record.id, fields={"reason": reason},
            judged=Judged(hash=judged_hash(record), revision=record.revision), **self._stamp(),
        )  # fmt: skip
        self.written.append(Written(operation, record.id, record.revision + 1, owner, unit))

    def show_to_unit(self, record_type: str, record: str, revision: int, unit: str) -> None:
        """Feed a record that does not change to one more unit."""
        self.shown_again.append(FeedLine(None, unit, ((record_type, record, revision),)))

    def _stamp(self) -> dict[str, Any]:
        # The counter parts operations of one moment, so that equal fields make different records.
        return {"at": self.now_ms, "offset": 0, "hlc": (self.now_ms, len(self.written)), "by": self.by}


def write(connection: Connection, org_id: int, writes: ServerWrites) -> None:
    """Write what was gathered; all of it, or on any error nothing. Nothing gathered writes nothing."""
    if not writes.written:
        return
    actor = store.lock_server_actor(connection, org_id)
    _write_rows(connection, org_id, actor, writes)
    feeds = []
    parts = [
        writes.written[start : start + BATCH_OPERATIONS_MAX]
        for start in range(0, len(writes.written), BATCH_OPERATIONS_MAX)
    ]
    for part in parts:
        batch = _batch(connection, org_id, actor, part)
        store.add_batch(connection, org_id, batch, writes.now_ms)
        actor = ServerActor(actor.device, actor.private_key, batch.last, batch.head)
        feeds.append((batch, _feed_lines(part)))
    for batch, lines in feeds[:-1]:
        store.add_feed(connection, org_id, batch, lines)
    batch, lines = feeds[-1]
    store.add_feed(connection, org_id, batch, [*lines, *writes.shown_again])


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _write_rows(connection: Connection, org_id: int, actor: ServerActor, writes: ServerWrites) -> None:
    created: dict[str, list[dict[str, Any]]] = {}
    changed, history = [], []
    for number, one in enumerate(writes.written, start=1):
        operation = one.operation
        check_operation(operation)
        if operation.kind == "create":
            created.setdefault(operation.type, []).append({"id": one.record, **operation.fields})
            continue
        if operation.kind == "void":
            changed.append(ChangedRow(operation.type, one.record, one.revision, {"voided": True}))
            changes: dict[str, Any] = {"voided": {"now": True, "was": False}}
        else:
            changed.append(ChangedRow(operation.type, one.record, one.revision, dict(operation.fields)))
            changes = {
                name: {"now": value, "was": operation.was.get(name)} for name, value in operation.fields.items()
            }  # fmt: skip
        history.append(
            HistoryLine(operation.type, one.record, actor.last_seq + number, one.revision, encode(changes).decode())
        )
    people.update_records(connection, org_id, changed)
    for record_type, rows in created.items():
        people.insert_records(connection, org_id, record_type, rows)
    store.add_history(connection, org_id, actor.device, history, by=writes.by, now_ms=writes.now_ms)


def _batch(connection: Connection, org_id: int, actor: ServerActor, part: list[Written]) -> BatchRow:
    me, org = identity_of(connection), org_named(connection, org_id)
    operations = [encode_operation(one.operation) for one in part]
    hashes = chain(actor.head, operations)
    first, last = actor.last_seq + 1, actor.last_seq + len(part)
    covered = signing.log_input(
        org=org.uid, server=me.server_id, epoch=me.epoch, device=actor.device, first=first, last=last,
        head=hashes[-1].hex(),
    )  # fmt: skip
    return BatchRow(
        device=actor.device,
        first=first,
        last=last,
        prev=actor.head,
        head=hashes[-1],
        signature=signing.sign(actor.private_key, covered),
        epoch=me.epoch,
        body=body_of(operations),
        hashes=pack(hashes),
    )


def _feed_lines(part: list[Written]) -> list[FeedLine]:
    readers: dict[tuple[str | None, str | None], list[tuple[str, str, int]]] = {}
    for one in part:
        readers.setdefault((one.owner, one.unit), []).append((one.operation.type, one.record, one.revision))
    return [FeedLine(owner, unit, tuple(records)) for (owner, unit), records in readers.items()]

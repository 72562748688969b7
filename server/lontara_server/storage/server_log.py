"""Statements for the org's server actor: its log, and the feed that tells the devices. No rule lives here.

What the console, the command line and jobs write is a batch of this actor, beside the rows that it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, LargeBinary, bindparam, insert, select, update

from lontara_core.canonical import sha256
from lontara_server.storage.feed_records import pack_records
from lontara_server.storage.functions import chained
from lontara_server.storage.models import Batch, Device, Feed, History, Number, Org, table_of
from lontara_server.storage.prepared import Prepared, Rows


@dataclass(frozen=True)
class ServerActor:
    """The org's own writer, its row locked until the transaction ends."""

    device: str
    private_key: bytes
    last_seq: int
    head: bytes


@dataclass(frozen=True)
class BatchRow:
    """A batch as it is stored; `body` is the compressed JSON array of its operations."""

    device: str
    first: int
    last: int
    prev: bytes
    head: bytes
    signature: str
    epoch: str
    body: bytes
    hashes: bytes


@dataclass(frozen=True)
class FeedLine:
    """Records that one owner and one unit may read: (type, id, revision). Neither owner nor unit: everybody."""

    owner: str | None
    unit: str | None
    records: tuple[tuple[str, str, int], ...]
    removal: str | None = None


@dataclass(frozen=True)
class HistoryLine:
    """What a set changed; `changes` is canonical JSON {field: {was, now}}."""

    record_type: str
    record: str
    seq: int
    revision: int
    changes: str


def lock_server_actor(connection: Connection, org_id: int) -> ServerActor:
    """Return the active server actor, locked, so that its log stays gapless."""
    row = connection.execute(
        select(Device.id, Device.private_key, Device.last_seq, Device.head)
        .where(Device.org_id == org_id, Device.kind == "server", Device.state == "active")
        .with_for_update()
    ).one()
    assert row.private_key is not None, "a server actor holds its own key"
    return ServerActor(row.id, row.private_key, row.last_seq, row.head)


def add_batch(connection: Connection, org_id: int, batch: BatchRow, now_ms: int) -> None:
    """Store the batch and move the actor's head to its end."""
    connection.execute(
        insert(Batch).values(
            org_id=org_id, received_at=now_ms, signed_first=batch.first, results=None, **vars(batch)
        )
    )  # fmt: skip
    connection.execute(
        update(Device)
        .where(Device.org_id == org_id, Device.id == batch.device)
        .values(last_seq=batch.last, head=batch.head, last_seen_at=now_ms)
    )


def add_history(
    connection: Connection, org_id: int, device: str, lines: Sequence[HistoryLine], *, by: str, now_ms: int
) -> None:
    """Store what was changed, and what it was before."""
    if not lines:
        return
    rows = [
        {
            "org_id": org_id, "record_type": line.record_type, "id": line.record, "device": device, "seq": line.seq,
            "at": now_ms, "revision": line.revision, "verdict": "applied", "by": by, "changes": line.changes,
        }
        for line in lines
    ]  # fmt: skip
    connection.execute(insert(History), rows)


_lock_counter = Prepared(
    select(Org.last_seq, Org.feed_head).where(Org.org_id == bindparam("org")).with_for_update()
)  # fmt: skip
_set_counter = Prepared(
    update(Org)
    .where(Org.org_id == bindparam("org"))
    .values(last_seq=bindparam("new_seq"), feed_head=bindparam("new_head"))
)
_move_counter = Prepared(
    update(Org)
    .where(Org.org_id == bindparam("org"))
    .values(
        last_seq=Org.last_seq + bindparam("lines", type_=Number),
        feed_head=chained(Org.feed_head, bindparam("whole", type_=LargeBinary)),
    )
    .returning(Org.last_seq)
)
_feed = Rows(table_of(Feed))


def add_feed(connection: Connection, org_id: int, batch: BatchRow, lines: Sequence[FeedLine]) -> int | None:
    """Take the org's counter, the last lock of a transaction, and write one feed row for each line.

    Returns where the counter stands now; None where there are no lines.
    """
    if not lines:
        return None
    packed = [pack_records(line.records) for line in lines]
    counter = _move_counter.row(connection, org=org_id, lines=len(lines), whole=batch.head)
    assert counter is not None, "an org is never taken away"
    last = int(counter[0])
    _feed.add(
        connection,
        [
            (org_id, number, line.owner, line.unit, batch.device, batch.first, batch.last, records, line.removal)
            for number, (line, records) in enumerate(zip(lines, packed, strict=True), start=last - len(lines) + 1)
        ],
    )
    return last


def add_derived_feed(connection: Connection, org_id: int, lines: Sequence[FeedLine]) -> None:
    """Feed records that follow from others and that no batch brought; each row moves the chain by its own records.

    Takes the org's counter like `add_feed`: last in its transaction.
    """
    if not lines:
        return
    counter = _lock_counter.row(connection, org=org_id)
    assert counter is not None, "an org is never taken away"
    seq, head = counter
    rows = []
    for number, line in enumerate(lines, start=seq + 1):
        records = pack_records(line.records)
        head = sha256(head, derived_head(records))
        rows.append((org_id, number, line.owner, line.unit, None, None, None, records, line.removal))
    _set_counter.run(connection, org=org_id, new_seq=seq + len(lines), new_head=head)
    _feed.add(connection, rows)


def derived_head(records: bytes) -> bytes:
    """What a feed row without a batch puts into the chain: the hash of the records that it names."""
    return sha256(records)

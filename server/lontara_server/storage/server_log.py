"""Statements for the org's server actor: its log, and the feed that tells the devices. No rule lives here.

What the console, the command line and jobs write is a batch of this actor, beside the rows that it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from lontara_core.canonical import encode, sha256
from lontara_server.storage.models import Batch, Device, Feed, History, Org


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


def add_feed(connection: Connection, org_id: int, batch: BatchRow, lines: Sequence[FeedLine]) -> None:
    """Take the org's counter, the last lock of a transaction, and write one feed row for each line."""
    if not lines:
        return
    last_seq = connection.execute(
        update(Org).where(Org.org_id == org_id).values(last_seq=Org.last_seq + len(lines)).returning(Org.last_seq)
    ).scalar_one()
    feed_head = connection.execute(select(Org.feed_head).where(Org.org_id == org_id)).scalar_one()
    connection.execute(
        update(Org).where(Org.org_id == org_id).values(feed_head=sha256(feed_head, batch.head))
    )  # fmt: skip
    connection.execute(
        insert(Feed),
        [
            {
                "org_id": org_id, "seq": last_seq - len(lines) + number, "owner": line.owner, "unit": line.unit,
                "device": batch.device, "first": batch.first, "last": batch.last,
                "records": encode([list(record) for record in line.records]).decode(), "removal": line.removal,
            }
            for number, line in enumerate(lines, start=1)
        ],
    )  # fmt: skip

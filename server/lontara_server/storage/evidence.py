"""Statements that read the signed batches and the feed as they lie, for their verification and for exports.

Nothing here writes, and nothing decides whether what is read holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from lontara_core.record import Record
from lontara_server.storage.models import ActivityEntry, Batch, Device, Employee, Feed, Org
from lontara_server.storage.operations import record_of
from lontara_server.storage.server_log import derived_head

ROWS_AT_A_TIME: Final = 200


@dataclass(frozen=True)
class LogOwner:
    """A device or server actor, with where its log is said to end."""

    device: str
    public_key: str
    last_seq: int
    head: bytes


@dataclass(frozen=True)
class SignedBatch:
    """A batch as it was signed: `body` begins at `signed_first`, what was new in it at `first`."""

    first: int
    last: int
    signed_first: int
    prev: bytes
    head: bytes
    signature: str
    epoch: str
    body: bytes
    hashes: bytes


@dataclass(frozen=True)
class FeedPlace:
    """A number of the feed and the batch that took it; without a batch, what puts it into the chain."""

    seq: int
    device: str | None
    last: int | None
    derived: bytes | None


def log_owners(connection: Connection, org_id: int) -> list[LogOwner]:
    """Return every device and server actor of the org, by id."""
    rows = connection.execute(
        select(Device.id, Device.public_key, Device.last_seq, Device.head)
        .where(Device.org_id == org_id)
        .order_by(Device.id)
    )
    return [LogOwner(*row) for row in rows]


def batches_of(connection: Connection, org_id: int, device: str) -> Iterator[SignedBatch]:
    """Yield a log's batches in order, a few at a time."""
    rows = connection.execute(
        select(
            Batch.first, Batch.last, Batch.signed_first, Batch.prev, Batch.head, Batch.signature, Batch.epoch,
            Batch.body, Batch.hashes,
        )
        .where(Batch.org_id == org_id, Batch.device == device)
        .order_by(Batch.last)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )  # fmt: skip
    return (SignedBatch(*row) for row in rows)


def batch_heads(connection: Connection, org_id: int) -> dict[tuple[str, int], bytes]:
    """Return the chain hash at the end of every batch, by device and last sequence number."""
    rows = connection.execute(select(Batch.device, Batch.last, Batch.head).where(Batch.org_id == org_id))
    return {(row.device, row.last): row.head for row in rows}


def feed_places(connection: Connection, org_id: int) -> Iterator[FeedPlace]:
    """Yield the feed's numbers in order."""
    rows = connection.execute(
        select(Feed.seq, Feed.device, Feed.last, Feed.records)
        .where(Feed.org_id == org_id)
        .order_by(Feed.seq)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    return (FeedPlace(seq, device, last, derived_head(records) if device is None else None)
            for seq, device, last, records in rows)  # fmt: skip


def feed_end(connection: Connection, org_id: int) -> tuple[int, bytes]:
    """Return the org's counter and the chain head of its feed."""
    row = connection.execute(select(Org.last_seq, Org.feed_head).where(Org.org_id == org_id)).one()
    return row.last_seq, row.feed_head


def entries_with_nip(connection: Connection, org_id: int) -> Iterator[tuple[Record, str]]:
    """Yield every entry with its person's NIP, voided ones among them, by person, date and id."""
    table: Any = ActivityEntry.__table__
    assert isinstance(table, Table)
    rows = connection.execute(
        select(table, Employee.nip.label("nip"))
        .join(Employee, (Employee.org_id == org_id) & (Employee.id == table.c.owner))
        .where(table.c.org_id == org_id, Employee.org_id == org_id)
        .order_by(Employee.nip, table.c.work_date, table.c.id)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    return ((record_of("activity_entry", row), row["nip"]) for row in rows.mappings())

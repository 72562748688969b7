"""What makes a device and its server agree again after one of them went back in time: a new epoch, a new enrolment, a
reading from the beginning (sync_protocol.md §13). Every function runs inside one transaction of the caller.

Nothing here sends: what the server holds of a former log was asked before and comes in as a `FormerHead`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace as replace_struct

from lontara.store import Log, Logged, Row, Store
from lontara_core.canonical import Json
from lontara_core.messages import SyncAnswer
from lontara_core.operations import SUPERSEDES_MAX, Judged, Operation, Origin, check_operation
from lontara_core.record import judged_hash
from lontara_core.record_types import RECORD_TYPES

ENTRY: Final = "activity_entry"
# What `fresh_pull` holds while all is read from the beginning: why it is.
NEW_EPOCH: Final = "epoch"
OTHER_SCOPES: Final = "scopes"


@dataclass(frozen=True)
class FormerHead:
    """Where the server's log of an earlier enrolment ends: sequence number and chain hash in hex."""

    seq: int
    head: str


def begin_epoch(store: Store, answer: SyncAnswer) -> None:
    """The server was restored: forget what it said before, go back to its head and offer everything after it again."""
    device = store.setting("device")
    _forget_receipts(store, answer.epoch)
    store.set_setting("received_seq", answer.head_seq)
    store.set_setting("last_success_at", None)
    _take_as_received(store, device, answer.head_seq, answer.server_time)
    store.write("UPDATE operation SET state = 'queued' WHERE device = ? AND seq > ? AND state <> 'rechained'",
                device, answer.head_seq)  # fmt: skip
    # Of former logs nobody knows yet what this server holds.
    store.write("UPDATE operation SET state = 'queued' WHERE device <> ? AND state <> 'rechained'", device)
    store.write("UPDATE log SET asked = (device = ?)", device)
    start_fresh_pull(store, why=NEW_EPOCH)


def begin_epoch_enrolled(store: Store, epoch: str, heads: Mapping[str, FormerHead], server_time: int) -> None:
    """Enrolled anew by a server that was restored: what it lacks of all former logs goes on under the new id."""
    _forget_receipts(store, epoch)
    for log in store.logs()[:-1]:
        go_on_from(store, log, heads.get(log.device), server_time)
    start_fresh_pull(store, why=NEW_EPOCH)


def go_on_from(store: Store, log: Log, head: FormerHead | None, server_time: int) -> None:
    """Chain anew under the present id what the server does not hold of a former log.

    head: where it says that its log ends; None where it does not know the id. Where the log there is another one, as
    after a copy of the store wrote on, all that is kept is chained anew: what it has had has no second effect.
    """
    held = 0
    if head is not None and head.seq >= log.kept_after:
        ours = store.hash_at(log.device, head.seq)
        held = head.seq if ours is not None and ours.hex() == head.head else 0
    _take_as_received(store, log.device, held, server_time)
    chain_anew(store, "device = ? AND seq > ? AND state <> 'rechained'", log.device, held)
    store.write("UPDATE log SET asked = 1 WHERE device = ?", log.device)


def re_chain_unreceived(store: Store, *, forked_at: int | None) -> None:
    """After a new enrolment in the same epoch: what the server has not received goes on under the new id."""
    device = store.setting("device")
    if forked_at is not None:
        chain_anew(
            store, "device = ? AND (state = 'queued' OR seq >= ?) AND state <> 'rechained'",
            store.setting("former_device"), forked_at,
        )  # fmt: skip
        return
    chain_anew(store, "device <> ? AND state = 'queued'", device)


def chain_anew(store: Store, condition: str, *values: Json) -> None:
    """Append these operations to the present log, each with its origin; their old places count no more."""
    old = store.logged(condition, *values)
    for logged in old:
        moved = store.append(replace_struct(logged.operation, origin=logged.origin)).seq
        store.write("UPDATE operation SET (superseded, in_old_row) = (SELECT superseded, in_old_row FROM operation"
                    " WHERE position = ?) WHERE device = ? AND seq = ?",
                    logged.position, store.setting("device"), moved)  # fmt: skip
        store.write("UPDATE operation SET state = 'rechained', in_old_row = 0 WHERE position = ?", logged.position)
    for record_type, record in {(logged.type, logged.record) for logged in old}:
        store.refresh_view(record_type, record)


def start_fresh_pull(store: Store, *, why: str) -> None:
    """Read every scope from its beginning; what is not sent again by the end leaves the device (never unsent work)."""
    store.write("DELETE FROM cursor")
    store.write("UPDATE row SET fresh = 0, revision = CASE WHEN ? THEN 0 ELSE revision END", why == NEW_EPOCH)
    if store.setting("fresh_pull") != NEW_EPOCH:
        store.set_setting("fresh_pull", why)


def finish_fresh_pull(store: Store, now_ms: int) -> None:
    """Everything was read: what did not come again leaves; what only this device still has is made again."""
    of_epoch = store.setting("fresh_pull") == NEW_EPOCH
    for row in store.rows("fresh = 0"):
        lost = row if of_epoch and _is_lost(store, row) else None
        store.write("UPDATE row SET server = NULL, fresh = 1, revision = 0 WHERE type = ? AND id = ?", row.type, row.id)
        if lost is not None:
            _restate(store, lost, now_ms)
        store.refresh_view(row.type, row.id)
    store.write("UPDATE operation SET in_old_row = 0 WHERE in_old_row = 1")
    store.set_setting("fresh_pull", None)


def _forget_receipts(store: Store, epoch: str) -> None:
    store.set_setting("epoch", epoch)
    store.set_setting("backed_up_seq", 0)
    store.set_setting("quarantined_seq", 0)
    # What was seen is in the rows that are held, unless those have come since from yet another epoch.
    store.write(
        "UPDATE operation SET in_old_row = seen OR (in_old_row AND EXISTS (SELECT 1 FROM row WHERE row.id = record"
        " AND row.type = record_type AND fresh = 0 AND server IS NOT NULL)), seen = 0, received_at = NULL,"
        " code = NULL, field = NULL, message = NULL, conflict = NULL"
    )
    store.write("UPDATE row SET let_go = 0")


def _take_as_received(store: Store, device: str, upto: int, server_time: int) -> None:
    store.write("UPDATE operation SET state = CASE WHEN superseded THEN 'corrected' ELSE 'received' END, received_at = ?"
                " WHERE device = ? AND seq <= ? AND state <> 'rechained'", server_time, device, upto)  # fmt: skip


# A record of the person's own that nobody else holds


def _is_lost(store: Store, row: Row) -> bool:
    """Whether the restored server lacks an entry of the person's own, and nothing kept here would bring it back."""
    if row.type != ENTRY or row.server is None or row.server.fields.get("owner") != store.setting("employee"):
        return False
    kept = store.logged("record = ? AND record_type = ? AND state <> 'rechained'", row.id, row.type)
    return all(each.operation.kind != "create" for each in kept)


def _restate(store: Store, row: Row, now_ms: int) -> None:
    """Create the entry again with its id and last fields. What had been received of the person's operations on it is
    in those fields, and is replaced by this."""
    assert row.server is not None
    held = "record = ? AND record_type = ? AND in_old_row = 1 AND superseded = 0 AND state <> 'rechained'"
    replaced = store.logged(held, row.id, row.type)[-SUPERSEDES_MAX:]
    for logged in replaced:
        state = "corrected" if logged.state != "queued" else "queued"
        store.write("UPDATE operation SET superseded = 1, state = ? WHERE position = ?", state, logged.position)
    spec = RECORD_TYPES[ENTRY].fields
    fields = {name: value for name, value in row.server.fields.items()
              if name in spec and spec[name].rule not in ("server_only", "state")}  # fmt: skip
    captured = row.server.fields.get("captured_at")
    at = captured if isinstance(captured, int) else now_ms
    _append(store, Operation(kind="create", type=ENTRY, id=row.id, fields=fields, at=at, offset=_offset(store, at),
                             hlc=store.next_hlc(now_ms), supersedes=_origins(replaced)))  # fmt: skip
    if row.server.voided:
        made = store.row(ENTRY, row.id)
        assert made is not None
        assert made.view is not None
        judged = Judged(hash=judged_hash(made.view), revision=0)
        _append(store, Operation(kind="void", type=ENTRY, id=row.id, at=now_ms, offset=_offset(store, now_ms),
                                 hlc=store.next_hlc(now_ms), judged=judged))  # fmt: skip


def _append(store: Store, operation: Operation) -> None:
    check_operation(operation)
    store.append(operation)


def _origins(replaced: list[Logged]) -> tuple[Origin, ...]:
    return tuple(logged.origin for logged in replaced)


def _offset(store: Store, at_ms: int) -> int:
    """Minutes east of UTC in the org's time zone at a moment; the device's own is not known of one in the past."""
    zone = ZoneInfo(store.setting("time_zone"))
    offset = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 60

"""What an answer of the server changes in the store. Every function here runs inside one transaction of the caller.

Acknowledged is what the server holds by exact content: its head is our own chain hash at that place. What is only
mentioned in a result is not (sync_protocol.md §7, §13). Nothing here sends.
"""

from __future__ import annotations

from msgspec.structs import replace

from lontara.healing import OTHER_SCOPES, begin_epoch, finish_fresh_pull, start_fresh_pull
from lontara.keeping import let_go
from lontara.revocation import follow_access, wipe_if_safe
from lontara.store import Store
from lontara_core.messages import Attention, Page, Result, Row, SyncAnswer
from lontara_core.record import Record, created

_UNSETTLED = ("parked", "rejected", "conflict")


def settle(store: Store, answer: SyncAnswer, *, sent_epoch: str, sent_last: int, now_ms: int) -> None:
    """Take over one verified answer: what was received, what became of it, and the page with its cursor.

    sent_last: the last sequence number of the batch that it answers, 0 where there was none.
    """
    device = store.setting("device")
    if answer.head_seq < store.kept_after(device):
        # What lies between its end and ours was let go, so this log cannot go on; another one can.
        store.set_setting("log_gap", value=True)
        return
    ours = store.hash_at(device, answer.head_seq)
    forked = answer.batch is not None and answer.batch.state == "forked"
    if forked or ours is None or ours.hex() != answer.head:
        at = answer.batch.forked_at if answer.batch is not None and answer.batch.forked_at else answer.head_seq
        mark_forked(store, at)
        return
    store.set_setting("server_offset", answer.server_time - now_ms)
    if answer.epoch != store.setting("epoch"):
        begin_epoch(store, answer)
        return
    if answer.epoch != sent_epoch:
        return
    _acknowledge(store, device, answer)
    _mark_backed_up(store, device, answer)
    follow_access(store, answer, sent_last=sent_last)
    results = answer.batch.results if answer.batch is not None and answer.batch.state == "received" else []
    named = _take_results(store, device, results, answer.head_seq)
    _take_attention(store, device, answer.attention, named)
    if not _reads_anew(store, device, answer):
        for page in answer.pages:
            _take_page(store, device, page, answer.head_seq)
        _finish_pull(store, device, answer, now_ms)
    let_go(store, answer.server_time)
    wipe_if_safe(store, answer)


def mark_forked(store: Store, at: int) -> None:
    """Another copy of this store wrote under our name: stop sending until the device is enrolled again."""
    store.set_setting("forked_at", max(1, at))


def _acknowledge(store: Store, device: str, answer: SyncAnswer) -> None:
    before = store.setting("received_seq") or 0
    gap = answer.batch is not None and answer.batch.state == "gap"
    received = answer.head_seq if gap else max(before, answer.head_seq)
    store.set_setting("received_seq", received)
    store.write("UPDATE operation SET state = 'received', received_at = ? WHERE device = ? AND seq <= ?"
                " AND state = 'queued'", answer.server_time, device, received)  # fmt: skip
    if gap:
        store.write("UPDATE operation SET state = 'queued', seen = 0 WHERE device = ? AND seq > ?", device, received)
    store.set_setting("last_success_at", answer.server_time)


def _mark_backed_up(store: Store, device: str, answer: SyncAnswer) -> None:
    mark = answer.backed_up
    if mark is None:
        return
    ours = store.hash_at(device, mark.seq)
    if ours is not None and ours.hex() == mark.hash:
        store.set_setting("backed_up_seq", max(mark.seq, store.setting("backed_up_seq") or 0))


def _take_results(store: Store, device: str, results: list[Result], head_seq: int) -> set[int]:
    named = set()
    for result in results:
        if result.seq > head_seq:
            continue
        state = result.verdict if result.verdict in _UNSETTLED else "received"
        _set_state(store, device, result.seq, state, result)
        if state != "received":
            named.add(result.seq)
    return named


def _take_attention(store: Store, device: str, attention: list[Attention], named: set[int]) -> None:
    """The list is whole: what is on it is open, what is no longer on it has been settled since."""
    open_now = {(device, seq) for seq in named}
    for item in attention:
        of = item.device or device
        open_now.add((of, item.seq))
        _set_state(store, of, item.seq, item.verdict if item.verdict in _UNSETTLED else "received", item)
    for logged in store.logged("state IN ('parked', 'rejected', 'conflict')"):
        if (logged.device, logged.seq) not in open_now:
            state = "corrected" if logged.superseded else "received"
            store.write("UPDATE operation SET state = ?, code = NULL, message = NULL WHERE position = ?",
                        state, logged.position)  # fmt: skip
            store.refresh_view(logged.type, logged.record)


def _set_state(store: Store, device: str, seq: int, state: str, why: Result | Attention) -> None:
    found = store.logged("device = ? AND seq = ? AND state <> 'rechained'", device, seq)
    if not found:
        return
    (logged,) = found
    if logged.superseded and state in ("rejected", "parked"):
        state = "corrected"
    store.write("UPDATE operation SET state = ?, code = ?, field = ?, message = ?, conflict = ? WHERE position = ?",
                state, why.code, why.field, why.message, why.conflict, logged.position)  # fmt: skip
    store.refresh_view(logged.type, logged.record)


def _reads_anew(store: Store, device: str, answer: SyncAnswer) -> bool:
    """Whether all is read from the beginning, because a scope was lost or a row came too short for what is kept here;
    this answer's pages, which go on from the old cursors, are of no use then."""
    rows = (row for page in answer.pages for row in page.rows)
    if not set(store.cursors()) - set(answer.scopes) and all(_is_readable(store, device, row) for row in rows):
        return False
    start_fresh_pull(store, why=OTHER_SCOPES)
    return True


def _is_readable(store: Store, device: str, row: Row) -> bool:
    """A row in the short form is built from the operation, or where that was let go from the row that is held."""
    if row.seq is None or _own_create(store, device, row) is not None:
        return True
    held = store.row(row.type, row.id)
    return held is not None and held.server is not None and held.revision == row.revision


def _own_create(store: Store, device: str, row: Row) -> Record | None:
    own = store.logged("device = ? AND seq = ? AND record = ?", device, row.seq, row.id)
    return created(own[0].operation) if own else None


def _take_page(store: Store, device: str, page: Page, head_seq: int) -> None:
    for row in page.rows:
        _take_row(store, device, row, head_seq)
    for removal in page.removals:
        held = store.row(removal.type, removal.id)
        if held is not None and held.revision < removal.revision:
            store.write("UPDATE row SET server = NULL WHERE type = ? AND id = ?", removal.type, removal.id)
            _see(store, device, removal.id, head_seq)
            store.refresh_view(removal.type, removal.id)
    store.write("INSERT INTO cursor VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET after = max(after, excluded.after)",
                page.scope, page.next)  # fmt: skip


def _take_row(store: Store, device: str, row: Row, head_seq: int) -> None:
    held = store.row(row.type, row.id)
    if held is not None and held.server is not None and held.revision > row.revision:
        store.write("UPDATE row SET fresh = 1 WHERE type = ? AND id = ?", row.type, row.id)
        return
    fields = {name: value for name, value in row.fields.items() if value is not None}
    record = Record(row.type, row.id, row.revision, fields, row.voided, row.clash)
    if row.seq is not None:
        # The short form: the server took our own create as it was sent.
        made = _own_create(store, device, row) or (held.server if held is not None else None)
        assert made is not None, "what cannot be built is read anew"
        record = replace(record, fields={**made.fields, **fields})
    if held is not None and not held.fresh:
        store.write("UPDATE operation SET in_old_row = 0 WHERE record = ? AND in_old_row = 1", row.id)
    store.set_server_row(record)
    _see(store, device, row.id, head_seq)
    store.refresh_view(row.type, row.id)


def _see(store: Store, device: str, record: str, head_seq: int) -> None:
    store.write("UPDATE operation SET seen = 1 WHERE record = ? AND state = 'received' AND (device <> ? OR seq <= ?)",
                record, device, head_seq)  # fmt: skip


def _finish_pull(store: Store, device: str, answer: SyncAnswer, now_ms: int) -> None:
    """When nothing more waits, the rows hold all that was received."""
    held = store.cursors()
    if any(page.more for page in answer.pages) or set(answer.scopes) - {page.scope for page in answer.pages}:
        return
    if set(answer.scopes) - set(held):
        return
    for logged in store.logged("state = 'received' AND seen = 0 AND (device <> ? OR seq <= ?)", device, answer.head_seq):
        store.write("UPDATE operation SET seen = 1 WHERE position = ?", logged.position)
        store.refresh_view(logged.type, logged.record)
    if store.setting("fresh_pull"):
        finish_fresh_pull(store, now_ms)

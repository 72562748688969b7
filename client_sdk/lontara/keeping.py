"""What a device keeps of what it wrote, and what it lets go: the front of a log, once a backup holds it and some time
has passed (sync_protocol.md §13). Runs inside a transaction of the caller.
"""

from __future__ import annotations

from typing import Final

from lontara.store import Log, Logged, Store

KEPT_MS: Final = 35 * 24 * 3600 * 1000
_AT_A_TIME: Final = 200
_SETTLED: Final = ("received", "corrected")


def let_go(store: Store, now_ms: int) -> None:
    """Drop the front of each log that a backup has held for long enough. now_ms: by the server's clock."""
    if (store.setting("backed_up_seq") or 0) == 0 or store.setting("fresh_pull"):
        return
    for log in store.logs():
        while _let_go_some(store, log, now_ms):
            pass


def _let_go_some(store: Store, log: Log, now_ms: int) -> bool:
    """Drop up to some hundred operations of a log; whether more may follow."""
    front = store.logged("device = ?", log.device, limit=1)
    if not front or not _may_go(store, front[0], now_ms):
        return False
    waiting = store.logged("device = ?", log.device, limit=_AT_A_TIME)
    gone = []
    for logged in waiting:
        if not _may_go(store, logged, now_ms):
            break
        gone.append(logged)
    last = gone[-1]
    store.write("UPDATE log SET kept_after = ?, hash = ? WHERE device = ?", last.seq, last.hash, log.device)
    store.write("DELETE FROM operation WHERE device = ? AND seq <= ?", log.device, last.seq)
    for record_type, record in {(each.type, each.record) for each in gone}:
        store.write("UPDATE row SET let_go = 1 WHERE type = ? AND id = ?", record_type, record)
    counted = sum(1 for each in gone if each.state != "rechained")
    store.set_setting("let_go", (store.setting("let_go") or 0) + counted)
    return len(gone) == _AT_A_TIME


def _may_go(store: Store, logged: Logged, now_ms: int) -> bool:
    if logged.state == "rechained":
        # It stands in a later log, and is kept there.
        return True
    if logged.state not in _SETTLED or not store.is_backed_up(logged):
        return False
    if logged.state == "received" and not logged.seen:
        return False
    if logged.received_at is None:
        # Received before this was written down: its time begins now.
        store.write("UPDATE operation SET received_at = ? WHERE device = ? AND received_at IS NULL"
                    " AND state NOT IN ('queued', 'rechained')", now_ms, logged.device)  # fmt: skip
        return False
    return now_ms - logged.received_at >= KEPT_MS

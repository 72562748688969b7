"""What a device does whose access was taken away: its work waits in quarantine, and the store empties itself only
when nothing of it could be lost (sync_protocol.md §13). Every function here runs inside a transaction of the caller.
"""

from __future__ import annotations

from lontara.store import Store
from lontara_core.messages import Mark, SyncAnswer
from lontara_core.problems import SAFE_EN, Problem


def follow_access(store: Store, answer: SyncAnswer, *, sent_last: int) -> None:
    """Keep up to where the server has set our work aside; with access again it is sent anew, and counts once."""
    state = answer.batch.state if answer.batch is not None else None
    if state == "quarantined":
        store.set_setting("quarantined_seq", max(sent_last, store.setting("quarantined_seq") or 0))
    elif answer.wipe_after is None or state == "gap":
        store.set_setting("quarantined_seq", 0)


def wipe_if_safe(store: Store, answer: SyncAnswer) -> None:
    """Empty the store where the server asks for it and holds everything, also in a backup; else keep all."""
    if answer.wipe_after is not None and _is_safe(store, answer.wipe_after):
        store.wipe(answer.server_time)


def _is_safe(store: Store, mark: Mark) -> bool:
    device = store.setting("device")
    last, head = store.log_head(device)
    if (mark.seq, mark.hash) != (last, head.hex()) or (store.setting("backed_up_seq") or 0) < last:
        return False
    former = store.logged("device <> ? AND state <> 'rechained'", device)
    # A backup that holds our last operation holds what was received before it; an empty log proves nothing of that.
    if former and (last == 0 or any(each.state == "queued" for each in former)):
        return False
    return not store.drafts()


def quarantined_problem() -> Problem:
    """The server holds our work and waits for an admin."""
    return Problem("quarantined", f"The server keeps this device's work aside until an admin decides. {SAFE_EN}", {},
                   "Ask the admin of your office.")  # fmt: skip


def wiped_problem() -> Problem:
    """The store has emptied itself."""
    return Problem("device_wiped", "Everything was received and backed up, and an admin has taken this device's access"
                   " away; the store was emptied.", {}, "Ask the admin for a code where this was a mistake.")  # fmt: skip

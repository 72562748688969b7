"""What a device does whose access was taken away: its work waits in quarantine, and the store empties itself only
when nothing of it could be lost (sync_protocol.md §13). Every function here runs inside a transaction of the caller.
"""

from __future__ import annotations

from lontara.store import Store
from lontara_core.messages import Mark, SyncAnswer
from lontara_core.problems import SAFE_EN, Problem


def follow_access(store: Store, answer: SyncAnswer, *, sent_last: int) -> None:
    """Keep up to where the server has set our work aside, and what was decided about it; with access again it is sent
    anew, and counts once."""
    state = answer.batch.state if answer.batch is not None else None
    if state == "quarantined":
        store.set_setting("quarantined_seq", max(sent_last, store.setting("quarantined_seq") or 0))
    elif answer.wipe_after is None or state == "gap":
        store.set_setting("quarantined_seq", 0)
    store.set_setting("set_aside", [{"state": each.state, "reason": each.reason} for each in answer.set_aside])


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


def quarantined_problem(store: Store) -> Problem:
    """The server holds our work aside: an admin has yet to decide, or has decided and we have no access still."""
    told = store.setting("set_aside") or []
    if not told or any(each["state"] == "waiting" for each in told):
        return Problem("quarantined", f"The server keeps this device's work aside until an admin decides. {SAFE_EN}", {},
                       "Ask the admin of your office.")  # fmt: skip
    accepted = sum(each["state"] != "dropped" for each in told)
    reasons = list(dict.fromkeys(each["reason"] for each in told if each["reason"]))
    return Problem(
        "quarantine_decided",
        f"An admin has decided about this device's work: {accepted} accepted, {len(told) - accepted} dropped."
        f" {' '.join(reasons)}".rstrip(),
        {"accepted": accepted, "dropped": len(told) - accepted, "reasons": reasons},
        "This device has no access still: ask the admin to give it back, or for a new code.",
    )


def wiped_problem() -> Problem:
    """The store has emptied itself."""
    return Problem("device_wiped", "Everything was received and backed up, and an admin has taken this device's access"
                   " away; the store was emptied.", {}, "Ask the admin for a code where this was a mistake.")  # fmt: skip

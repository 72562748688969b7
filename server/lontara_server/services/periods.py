"""Periods: a month is locked when its scores are published, and opened again by a person (sync_protocol.md §8, §9).

What arrives for a locked month is kept, asks an admin, and changes no score before the answer. A month is locked with
its scores as everything known at that moment makes them; from then on each keeps the policy and the inputs that it was
computed with (`scores`), until the month is opened again. Each function works in the transaction that it is given; the
record is written by the server actor and read by the whole org.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from lontara_core.canonical import Json
from lontara_core.problems import Problem
from lontara_server.services import scores
from lontara_server.services.conflicts import utc
from lontara_server.services.orgs import org_named
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.storage import operations
from lontara_server.storage import periods as store
from lontara_server.storage import scores as score_store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.periods import PeriodRow

LOCKED: Final = "locked"
OPEN: Final = "open"
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])\Z")


def list_periods(connection: Connection, org_id: int) -> list[dict[str, Json]]:
    """The months that were ever locked, the newest first."""
    return [_document(row) for row in store.periods_of(connection, org_id)]


def lock_period(connection: Connection, org_id: int, month: str, *, by: str, now_ms: int) -> dict[str, Json]:
    """Lock a month (YYYY-MM); locked already, nothing changes. Raises Problem invalid_field, also before it begins."""
    _check_month(month)
    today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(org_named(connection, org_id).time_zone)).date()
    if date.fromisoformat(f"{month}-01") > today:
        raise _invalid(month, "has not begun")
    return _move(connection, org_id, month, LOCKED, by=by, now_ms=now_ms)


@dataclass(frozen=True)
class Published:
    """What a locked month was published with: its scores, those that are provisional, and entries that wait for a review."""

    scores: int
    provisional: int
    waiting_review: int
    has_ended: bool


def published(connection: Connection, org_id: int, month: str, now_ms: int) -> Published:
    """What stands in a month as it is, for who locks it."""
    every, provisional = score_store.count_provisional(connection, org_id, month)
    waiting = operations.review_counts(connection, org_id, month).get("submitted", 0)
    today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(org_named(connection, org_id).time_zone)).date()
    return Published(every, provisional, waiting, f"{today:%Y-%m}" > month)


def unlock_period(connection: Connection, org_id: int, month: str, *, by: str, now_ms: int) -> dict[str, Json]:
    """Open a month again; open already, nothing changes. What came meanwhile still waits for its answer.

    Raises Problem invalid_field.
    """
    _check_month(month)
    return _move(connection, org_id, month, OPEN, by=by, now_ms=now_ms)


def _move(connection: Connection, org_id: int, month: str, state: str, *, by: str, now_ms: int) -> dict[str, Json]:
    store.lock_all_devices(connection, org_id)
    held = store.lock_period_row(connection, org_id, month)
    if (OPEN if held is None else held.state) == state:
        return _document(held or PeriodRow("", 0, month, OPEN, None))
    if state == LOCKED:
        scores.settle_month(connection, org_id, month, now_ms)
    else:
        score_store.mark_dirty(connection, org_id, score_store.stored_months(connection, org_id, [month]), now_ms)
    writes = ServerWrites(by, now_ms)
    wanted: dict[str, Any] = {"state": state, "locked_at": now_ms if state == LOCKED else None}
    if held is None:
        record = writes.create("period", {"month": month, **wanted})
    else:
        record = held.id
        was = {"state": held.state, "locked_at": held.locked_at}
        writes.change("period", record, held.revision, wanted, was)
    write(connection, org_id, writes)
    verb = "lock" if state == LOCKED else "unlock"
    add_audit(connection, org_id, f"period.{verb}", by=by, now_ms=now_ms, subject=record, facts={"month": month})
    changed = store.lock_period_row(connection, org_id, month)
    assert changed is not None, "it was written just now"
    return _document(changed)


def _check_month(month: str) -> None:
    if not _MONTH.match(month):
        raise _invalid(month, "is no month")


def _invalid(month: str, why: str) -> Problem:
    return Problem(
        "invalid_field",
        f"{month!r} {why}. Nothing was changed.",
        {"field": "month", "value": month},
        "Write the month as YYYY-MM, for example 2026-10.",
    )


def _document(row: PeriodRow) -> dict[str, Json]:
    locked_at = None if row.locked_at is None else utc(row.locked_at)
    return {"month": row.month, "state": row.state, "locked_at": locked_at, "revision": row.revision}

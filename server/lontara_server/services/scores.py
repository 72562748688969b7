"""Scores: computed from merged data, stored with what they rest on, shown, and proven against a fresh computation.

Each function works in the transaction that it is given. The arithmetic lives in `performance`, the SQL in `storage`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from lontara_core import canonical
from lontara_core.problems import Problem
from lontara_server.performance.calendar import days_of
from lontara_server.performance.score import EntryForScore, MonthInput, explanation_document, score_month
from lontara_server.services.policies import policy_for
from lontara_server.services.score_feed import write_and_feed
from lontara_server.storage import scores as store
from lontara_server.storage.scores import Connection, PersonMonth, ScoreRow

# What a score is proven on. Coverage is not among it: devices report between two computations, and what they
# report changes what is known to be missing, never what an entry is worth.
PROVEN_KEYS = ("value", "rating", "policy", "explanation")


@dataclass(frozen=True)
class Difference:
    """A stored score that is not what a fresh computation gives. waiting: its dirty mark says so already."""

    employee_id: str
    nip: str | None
    period: str
    kind: Literal["missing", "differs"]
    stored: str | None
    fresh: str | None
    waiting: bool

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Proof:
    """How many stored scores were computed again, and which of them differ."""

    checked: int
    differences: tuple[Difference, ...]


def compute_period(
    connection: Connection, org_id: int, period: str, now_ms: int, employee: str | None = None
) -> list[PersonMonth]:
    """Compute and store the month's score of one employee (an id), or of everybody who has one.

    Doing it twice changes nothing but the time of computation. Takes the dirty marks of these scores first, so
    that no other process writes the same score from older entries.
    Raises Problem invalid_field for what is not a period, no_policy.
    """
    first, last = _edges_of(period)
    employees = [employee] if employee else store.employees_to_score(connection, org_id, first, last)
    months = [PersonMonth(one, period) for one in employees]
    store.mark_dirty(connection, org_id, months, now_ms)
    _compute(connection, org_id, months, now_ms)
    store.remove_marks(connection, org_id, months)
    return months


def drain_dirty(connection: Connection, org_id: int, now_ms: int, limit: int) -> int:
    """Claim up to `limit` dirty marks and write their scores; returns how many.

    Marks and scores are one transaction: after a failure both are as they were, and the marks are claimed again.
    """
    months = store.claim_dirty(connection, org_id, limit)
    _compute(connection, org_id, months, now_ms)
    return len(months)


def recompute_all(connection: Connection, org_id: int, now_ms: int) -> int:
    """Compute every score of the org anew, stored or missing; returns how many."""
    months = sorted(_months_of_scores(connection, org_id))
    store.mark_dirty(connection, org_id, months, now_ms)
    _compute(connection, org_id, months, now_ms)
    store.remove_marks(connection, org_id, months)
    return len(months)


def check_stored(connection: Connection, org_id: int, now_ms: int) -> Proof:
    """Compute every score from scratch and compare it with the stored one. Writes nothing."""
    stored = {PersonMonth(row.employee, row.period): row for row in store.all_scores(connection, org_id)}
    waiting = store.dirty_months(connection, org_id)
    months = sorted(_months_of_scores(connection, org_id))
    differences: list[Difference] = []
    for month in months:
        fresh = _document(connection, org_id, month, now_ms)
        row = stored.get(month)
        kept = None if row is None else _kept_document(row)
        if kept is not None and all(kept[key] == fresh[key] for key in PROVEN_KEYS):
            continue
        differences.append(
            Difference(
                employee_id=month.employee,
                nip=store.nip_of_employee(connection, org_id, month.employee),
                period=month.period,
                kind="missing" if kept is None else "differs",
                stored=None if kept is None else kept["value"],
                fresh=fresh["value"],
                waiting=month in waiting,
            )
        )
    return Proof(len(months), tuple(differences))


def show(connection: Connection, org_id: int, nip: str, period: str) -> dict[str, Any]:
    """Return the stored score of a person's month: value, rating, coverage, provisional, policy, explanation.

    `recompute_waiting` says that the merged data has changed since. Raises Problem invalid_field, not_found.
    """
    _edges_of(period)
    month = PersonMonth(employee_of(connection, org_id, nip), period)
    row = store.score_of(connection, org_id, month)
    if row is None:
        raise Problem(
            "not_found",
            f"There is no score of {nip} for {period} yet. The entries are kept.",
            {"nip": nip, "period": period},
            f"`lontara-server score compute --period {period} --nip {nip}` computes it.",
        )
    return {
        "nip": nip,
        **_kept_document(row),
        "computed_at": datetime.fromtimestamp(row.computed_at / 1000, UTC).isoformat().replace("+00:00", "Z"),
        "recompute_waiting": month in store.dirty_months(connection, org_id),
    }


def fresh_value(connection: Connection, org_id: int, month: PersonMonth, now_ms: int) -> str | None:
    """Return the value that a computation would give now; stores nothing. Raises Problem invalid_field, no_policy."""
    value: str | None = _document(connection, org_id, month, now_ms)["value"]
    return value


def employee_of(connection: Connection, org_id: int, nip: str) -> str:
    """Return the id of the employee with this NIP. Raises Problem not_found."""
    employee = store.employee_of_nip(connection, org_id, nip)
    if employee is None:
        raise Problem(
            "not_found",
            f"Nobody here has the NIP {nip}. Nothing was changed.",
            {"nip": nip},
            "`lontara-server employee list` shows everybody.",
        )
    return employee


def month_input(connection: Connection, org_id: int, month: PersonMonth, now_ms: int) -> MonthInput:
    """Read what a person's score for a month is computed from.

    The score of a locked month never changes silently: an entry that came after the lock does not count while its
    conflict is open, and of one that somebody wished to change after the lock the server's value goes on counting.
    """
    first, last = _edges_of(month.period)
    rows = store.entries_of(connection, org_id, month.employee, first, last)
    conflicts = store.open_conflicts_of(connection, org_id, month.employee, first, last)
    after_lock = {record for record, kind, has_candidates in conflicts if kind == "after_lock" and not has_candidates}
    in_conflict = {record for record, _, _ in conflicts}
    devices = store.active_devices_of(connection, org_id, month.employee)
    heard_since = _reported_from(last, ZoneInfo(store.time_zone_of(connection, org_id)), now_ms)
    return MonthInput(
        employee_id=month.employee,
        period=month.period,
        entries=tuple(
            _entry_for_score(row, open_conflict=row.id in in_conflict)
            for row in rows
            if row.review_state == "approved" and row.id not in after_lock
        ),
        holidays=store.holidays_of(connection, org_id, first, last),
        known_unsent=sum(device.unsent_reported for device in devices),
        silent_devices=sum((device.last_seen_at or 0) < heard_since for device in devices),
        entries_received=len(rows),
    )


def _compute(connection: Connection, org_id: int, months: Sequence[PersonMonth], now_ms: int) -> None:
    rows = []
    for month in months:
        document = _document(connection, org_id, month, now_ms)
        rows.append(
            ScoreRow(
                employee=month.employee,
                period=month.period,
                value=document["value"],
                rating=document["rating"],
                provisional=document["provisional"],
                policy_id=document["policy"]["policy_id"],
                policy_version=document["policy"]["version"],
                document=canonical.encode(document).decode(),
                computed_at=now_ms,
            )
        )
    write_and_feed(connection, org_id, rows)


def _document(connection: Connection, org_id: int, month: PersonMonth, now_ms: int) -> dict[str, Any]:
    policy = policy_for(month.period)
    return dict(explanation_document(score_month(month_input(connection, org_id, month, now_ms), policy)))


def _kept_document(row: ScoreRow) -> dict[str, Any]:
    """Return the stored document, with the columns' own word for what is also a column."""
    document: dict[str, Any] = json.loads(row.document)
    return document | {
        "value": row.value,
        "rating": row.rating,
        "provisional": row.provisional,
        "policy": {"policy_id": row.policy_id, "version": row.policy_version},
    }


def _months_of_scores(connection: Connection, org_id: int) -> set[PersonMonth]:
    stored = {PersonMonth(row.employee, row.period) for row in store.all_scores(connection, org_id)}
    return stored | store.months_with_approved_work(connection, org_id)


def _edges_of(period: str) -> tuple[date, date]:
    try:
        days = days_of(period)
    except ValueError:
        raise Problem(
            "invalid_field",
            f"{period!r} is not a period. Nothing was changed.",
            {"field": "period", "value": period},
            "Write the month as YYYY-MM, for example 2026-10.",
        ) from None
    return days[0], days[-1]


def _reported_from(last_day: date, zone: ZoneInfo, now_ms: int) -> int:
    """Return from when on a device counts as heard: since the month ended, or today in a month that goes on."""
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    day = min(last_day + timedelta(days=1), today)
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def _entry_for_score(row: store.EntryRow, *, open_conflict: bool) -> EntryForScore:
    return EntryForScore(
        entry_id=row.id,
        work_date=row.work_date,
        start_minute=_minute_of_day(row.start_time),
        end_minute=_minute_of_day(row.end_time),
        duration_minutes=row.duration_minutes,
        category=row.category,
        revision=row.revision,
        open_conflict=open_conflict,
    )


def _minute_of_day(wall_time: str | None) -> int | None:
    if wall_time is None:
        return None
    hour, minute = wall_time.split(":")
    return int(hour) * 60 + int(minute)

"""Statements for scores and their dirty marks: what a month rests on, read; scores, written. No rule lives here.

Whoever writes a score holds the dirty mark of that person and month in the same transaction. A mark is set by
DO UPDATE, which locks it: so a change that commits later sets a new mark, and no score stays behind its entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from lontara_server.storage.models import (
    ActivityEntry,
    Base,
    Conflict,
    ConflictRecord,
    Device,
    Dirty,
    Employee,
    Holiday,
    Org,
    Score,
)
from lontara_server.storage.prepared import Prepared

# The words of services and jobs for the transaction and the database that they are given.
__all__ = ["Connection", "Engine"]

# Parameters of one statement; SQLite allows some 32,000.
ROWS_PER_STATEMENT = 500


@dataclass(frozen=True, order=True)
class PersonMonth:
    """Whose score, and of which month ("YYYY-MM")."""

    employee: str
    period: str


@dataclass(frozen=True)
class EntryRow:
    """An entry of the month that is not voided, in any review state."""

    id: str
    work_date: date
    start_time: str | None
    end_time: str | None
    duration_minutes: int | None
    category: str | None
    revision: int
    review_state: str


@dataclass(frozen=True)
class DeviceRow:
    """What an active device last told: how much it still holds, and when (ms since 1970 UTC)."""

    unsent_reported: int
    last_seen_at: int | None


@dataclass(frozen=True)
class ScoreRow:
    """A stored score; `document` is its whole document as canonical JSON."""

    employee: str
    period: str
    value: str | None
    rating: str | None
    provisional: bool
    policy_id: str
    policy_version: int
    document: str
    computed_at: int
    revision: int = 0


def org_ids(connection: Connection) -> list[int]:
    """Return every org of this server: for jobs, which then work on one org at a time."""
    return list(connection.scalars(select(Org.org_id).order_by(Org.org_id)))


def time_zone_of(connection: Connection, org_id: int) -> str:
    """Return the org's time zone, an IANA name."""
    return connection.execute(select(Org.time_zone).where(Org.org_id == org_id)).scalar_one()


_marks = postgresql.insert(Dirty).values(
    {name: bindparam(name) for name in ("org_id", "employee", "period", "marked_at")}
)
_mark_dirty = Prepared(
    _marks.on_conflict_do_update(
        index_elements=("org_id", "employee", "period"), set_={"marked_at": _marks.excluded.marked_at}
    )
)


def mark_dirty(connection: Connection, org_id: int, months: Sequence[PersonMonth], now_ms: int) -> None:
    """Mark these scores for a new computation, and hold the marks until the transaction ends.

    DO UPDATE even where the mark is there already: DO NOTHING would not lock it, and a job that claims it meanwhile
    would compute without this transaction's entries.
    """
    _mark_dirty.run_many(
        connection,
        [
            {"org_id": org_id, "employee": month.employee, "period": month.period, "marked_at": now_ms}
            for month in sorted(set(months))
        ],
    )


def claim_dirty(connection: Connection, org_id: int, limit: int) -> list[PersonMonth]:
    """Take up to `limit` marks that nobody else holds, oldest first. They are gone when the transaction commits."""
    claimed = connection.execute(
        select(Dirty.employee, Dirty.period)
        .where(Dirty.org_id == org_id)
        .order_by(Dirty.marked_at, Dirty.employee, Dirty.period)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer at a time, and leaves this out
    )
    months = [PersonMonth(employee, period) for employee, period in claimed]
    remove_marks(connection, org_id, months)
    return months


def remove_marks(connection: Connection, org_id: int, months: Sequence[PersonMonth]) -> None:
    """Remove marks that this transaction holds."""
    for month in months:
        connection.execute(
            delete(Dirty).where(Dirty.org_id == org_id, Dirty.employee == month.employee, Dirty.period == month.period)
        )


def dirty_months(connection: Connection, org_id: int) -> set[PersonMonth]:
    """Return the marks that wait, without claiming them."""
    rows = connection.execute(select(Dirty.employee, Dirty.period).where(Dirty.org_id == org_id))
    return {PersonMonth(employee, period) for employee, period in rows}


def employees_to_score(connection: Connection, org_id: int, first: date, last: date) -> list[str]:
    """Return who has a score for these days: everybody active, and whoever has an entry in them."""
    active = connection.scalars(
        select(Employee.id).where(Employee.org_id == org_id, Employee.voided.is_(False), Employee.active.is_(True))
    )
    writers = connection.scalars(
        select(ActivityEntry.owner)
        .where(
            ActivityEntry.org_id == org_id,
            ActivityEntry.work_date >= first,
            ActivityEntry.work_date <= last,
            ActivityEntry.voided.is_(False),
        )
        .distinct()
    )
    return sorted({*active, *writers})


def employee_of_nip(connection: Connection, org_id: int, nip: str) -> str | None:
    """Return the id of the employee with this NIP."""
    query = select(Employee.id).where(Employee.org_id == org_id, Employee.nip == nip)
    return connection.execute(query).scalar_one_or_none()


def nip_of_employee(connection: Connection, org_id: int, employee: str) -> str | None:
    """Return the NIP of the employee with this id."""
    query = select(Employee.nip).where(Employee.org_id == org_id, Employee.id == employee)
    return connection.execute(query).scalar_one_or_none()


def entries_of(connection: Connection, org_id: int, employee: str, first: date, last: date) -> list[EntryRow]:
    """Return the person's entries of these days, both included, without the voided ones."""
    rows = connection.execute(
        select(
            ActivityEntry.id,
            ActivityEntry.work_date,
            ActivityEntry.start_time,
            ActivityEntry.end_time,
            ActivityEntry.duration_minutes,
            ActivityEntry.category,
            ActivityEntry.revision,
            ActivityEntry.review_state,
        ).where(
            ActivityEntry.org_id == org_id,
            ActivityEntry.owner == employee,
            ActivityEntry.work_date >= first,
            ActivityEntry.work_date <= last,
            ActivityEntry.voided.is_(False),
        )
    )
    return [EntryRow(*row) for row in rows]


def open_conflicts_of(
    connection: Connection, org_id: int, employee: str, first: date, last: date
) -> list[tuple[str, str, bool]]:
    """Return (entry id, kind, whether it holds candidates) for each conflict about these entries that is not resolved."""
    rows = connection.execute(
        select(ConflictRecord.record, Conflict.kind, Conflict.clashes)
        .join(Conflict, (Conflict.id == ConflictRecord.conflict) & (Conflict.org_id == org_id))
        .join(ActivityEntry, (ActivityEntry.id == ConflictRecord.record) & (ActivityEntry.org_id == org_id))
        .where(
            ConflictRecord.org_id == org_id,
            Conflict.org_id == org_id,
            Conflict.state != "resolved",
            Conflict.voided.is_(False),
            ActivityEntry.org_id == org_id,
            ActivityEntry.owner == employee,
            ActivityEntry.work_date >= first,
            ActivityEntry.work_date <= last,
        )
    )
    return [(row.record, row.kind, row.clashes != "{}") for row in rows]


def holidays_of(connection: Connection, org_id: int, first: date, last: date) -> frozenset[date]:
    """Return the org's holidays among these days."""
    query = select(Holiday.day).where(Holiday.org_id == org_id, Holiday.day >= first, Holiday.day <= last)
    return frozenset(connection.scalars(query))


def active_devices_of(connection: Connection, org_id: int, employee: str) -> list[DeviceRow]:
    """Return the person's devices that are neither revoked nor replaced."""
    rows = connection.execute(
        select(Device.unsent_reported, Device.last_seen_at).where(
            Device.org_id == org_id, Device.employee_id == employee, Device.state == "active"
        )
    )
    return [DeviceRow(*row) for row in rows]


def write_scores(connection: Connection, org_id: int, scores: Sequence[ScoreRow]) -> None:
    """Write the scores over those that were there."""
    rows = [{"org_id": org_id, **vars(score)} for score in scores]
    _upsert(connection, Score, rows, key=("org_id", "employee", "period"))


def score_of(connection: Connection, org_id: int, month: PersonMonth) -> ScoreRow | None:
    """Return the stored score of a person's month."""
    row = connection.execute(
        _scores(org_id).where(Score.employee == month.employee, Score.period == month.period)
    ).one_or_none()
    return None if row is None else _score_row(row)


def scores_of(connection: Connection, org_id: int, employee: str) -> list[ScoreRow]:
    """Return every stored score of one person, by month."""
    rows = connection.execute(_scores(org_id).where(Score.employee == employee).order_by(Score.period))
    return [_score_row(row) for row in rows]


def all_scores(connection: Connection, org_id: int) -> list[ScoreRow]:
    """Return every stored score of the org, by person and month."""
    return [_score_row(row) for row in connection.execute(_scores(org_id).order_by(Score.employee, Score.period))]


def months_with_approved_work(connection: Connection, org_id: int) -> set[PersonMonth]:
    """Return the persons' months in which something is approved: each must have a score."""
    rows = connection.execute(
        select(ActivityEntry.owner, ActivityEntry.work_date)
        .where(
            ActivityEntry.org_id == org_id,
            ActivityEntry.review_state == "approved",
            ActivityEntry.voided.is_(False),
        )
        .distinct()
    )
    return {PersonMonth(owner, f"{work_date:%Y-%m}") for owner, work_date in rows}


def _scores(org_id: int) -> Any:
    return select(
        Score.employee,
        Score.period,
        Score.value,
        Score.rating,
        Score.provisional,
        Score.policy_id,
        Score.policy_version,
        Score.document,
        Score.computed_at,
        Score.revision,
    ).where(Score.org_id == org_id)


def _score_row(row: Row[Any]) -> ScoreRow:
    return ScoreRow(*tuple(row))


def _upsert(connection: Connection, model: type[Base], rows: Sequence[dict[str, Any]], *, key: tuple[str, ...]) -> None:
    """Insert rows, or replace what is there under the same key. Rows come in the key's order, so that locks do too."""
    table = model.__table__
    assert isinstance(table, Table)
    others = [column.name for column in table.columns if column.name not in key]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    replacing = statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in others}
    )
    for start in range(0, len(rows), ROWS_PER_STATEMENT):
        connection.execute(replacing, list(rows[start : start + ROWS_PER_STATEMENT]))

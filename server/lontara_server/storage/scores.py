"""Statements for scores, what they were before, ratings of years, and the dirty marks of all. No rule lives here.

Whoever writes a score holds the dirty mark of that person and month in the same transaction. A mark is set by
DO UPDATE, which locks it: so a change that commits later sets a new mark, and no score stays behind its entries.
A mark's period is a month ("YYYY-MM"), or a year ("YYYY") where the rating of a year is meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from lontara_server.storage.models import (
    ActivityEntry,
    Dirty,
    Employee,
    Org,
    Score,
    ScoreHistory,
    YearRating,
    table_of,
)
from lontara_server.storage.prepared import Among, Prepared, PreparedList

# The words of services and jobs for the transaction and the database that they are given.
__all__ = ["Connection", "Engine"]

_ORG: Final[Any] = bindparam("org")
_PERIOD: Final[Any] = bindparam("period")


@dataclass(frozen=True, order=True)
class PersonMonth:
    """Whose score, and of which month ("YYYY-MM")."""

    employee: str
    period: str


@dataclass(frozen=True)
class ScoreHead:
    """A stored score without its document; `summary` is what lists and devices read of it, as JSON."""

    employee: str
    period: str
    value: str | None
    rating: str | None
    provisional: bool
    policy_id: str
    policy_version: int
    computed_at: int
    revision: int
    summary: str | None


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
    summary: str | None = None


@dataclass(frozen=True)
class FormerScore:
    """A figure that a score had; `revision` is the score's at that time."""

    revision: int
    value: str | None
    rating: str | None
    document: str
    computed_at: int


@dataclass(frozen=True)
class YearRow:
    """The stored rating of a person's year."""

    employee: str
    year: int
    value: str | None
    rating: str | None
    provisional: bool
    policy_id: str
    policy_version: int
    document: str
    computed_at: int


def org_ids(connection: Connection) -> list[int]:
    """Return every org of this server: for jobs, which then work on one org at a time."""
    return list(connection.scalars(select(Org.org_id).order_by(Org.org_id)))


# Dirty marks

_marks = postgresql.insert(Dirty).values(
    {name: bindparam(name) for name in ("org_id", "employee", "period", "marked_at")}
)
_mark_dirty = Prepared(
    _marks.on_conflict_do_update(
        index_elements=("org_id", "employee", "period"), set_={"marked_at": _marks.excluded.marked_at}
    )
)


def _removal(among: Among) -> Any:
    return delete(Dirty).where(Dirty.org_id == _ORG, among(Dirty.employee), Dirty.period == _PERIOD)


_remove_marks = PreparedList(_removal)


def mark_dirty(connection: Connection, org_id: int, months: Sequence[PersonMonth], now_ms: int) -> None:
    """Mark these scores for a new computation, and hold the marks until the transaction ends.

    DO UPDATE even where the mark is there already: DO NOTHING would not lock it, and a job that claims it meanwhile
    would compute without this transaction's entries.
    """
    _mark_dirty.run_rows(
        connection,
        ("org_id", "employee", "period", "marked_at"),
        [(org_id, month.employee, month.period, now_ms) for month in sorted(set(months))],
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


def claim_month(connection: Connection, org_id: int, period: str) -> list[PersonMonth]:
    """Take all marks of a month, and wait for those that others hold."""
    claimed = connection.scalars(
        select(Dirty.employee)
        .where(Dirty.org_id == org_id, Dirty.period == period)
        .order_by(Dirty.employee)
        .with_for_update()
    )
    months = [PersonMonth(employee, period) for employee in claimed]
    remove_marks(connection, org_id, months)
    return months


def remove_marks(connection: Connection, org_id: int, months: Sequence[PersonMonth]) -> None:
    """Remove marks that this transaction holds."""
    for period in sorted({month.period for month in months}):
        employees = [month.employee for month in months if month.period == period]
        _remove_marks.run(connection, employees, org=org_id, period=period)


def dirty_months(connection: Connection, org_id: int) -> set[PersonMonth]:
    """Return the marks that wait, without claiming them."""
    rows = connection.execute(select(Dirty.employee, Dirty.period).where(Dirty.org_id == org_id))
    return {PersonMonth(employee, period) for employee, period in rows}


# Who is scored

_nips = PreparedList(
    lambda among: select(Employee.id, Employee.nip, Employee.full_name).where(Employee.org_id == _ORG, among(Employee.id))
)


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


def names_of(connection: Connection, org_id: int, employees: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return NIP and name of these employees, by id."""
    return {employee: (nip, name) for employee, nip, name in _nips.rows(connection, employees, org=org_id)}


def days_with_approved_work(connection: Connection, org_id: int) -> list[date]:
    """Return the days of which something is approved."""
    query = select(ActivityEntry.work_date).distinct().where(
        ActivityEntry.org_id == org_id, ActivityEntry.review_state == "approved", ActivityEntry.voided.is_(False)
    )
    return sorted(connection.scalars(query))


def owners_of_approved_work(connection: Connection, org_id: int, first: date, last: date) -> set[str]:
    """Return whose work of these days is approved, some of it: each must have a score."""
    query = select(ActivityEntry.owner).distinct().where(
        ActivityEntry.org_id == org_id,
        ActivityEntry.review_state == "approved",
        ActivityEntry.voided.is_(False),
        ActivityEntry.work_date >= first,
        ActivityEntry.work_date <= last,
    )
    return set(connection.scalars(query))


# Scores of months

_HEAD = tuple(getattr(Score, each.name) for each in fields(ScoreHead))
_ROW = tuple(getattr(Score, each.name) for each in fields(ScoreRow))
_heads = PreparedList(
    lambda among: select(*_HEAD).where(Score.org_id == _ORG, among(Score.employee), Score.period == _PERIOD)
)
_documents = PreparedList(
    lambda among: select(Score.employee, Score.document).where(
        Score.org_id == _ORG, among(Score.employee), Score.period == _PERIOD
    )
)
_upserted = postgresql.insert(Score).values({column.name: bindparam(column.name) for column in table_of(Score).columns})
_write = Prepared(
    _upserted.on_conflict_do_update(
        index_elements=("org_id", "employee", "period"),
        set_={
            column.name: _upserted.excluded[column.name]
            for column in table_of(Score).columns
            if not column.primary_key
        },
    )
)
_touch = PreparedList(
    lambda among: update(Score)
    .where(Score.org_id == _ORG, among(Score.employee), Score.period == _PERIOD)
    .values(computed_at=bindparam("at"))
)
_FORMER = ("revision", "value", "rating", "document", "computed_at")


def _archiving(among: Among) -> Any:
    kept = ("org_id", "employee", "period", *_FORMER)
    former = select(
        bindparam("org", type_=Score.org_id.type), *(getattr(Score, name) for name in kept if name != "org_id")
    ).where(Score.org_id == _ORG, among(Score.employee), Score.period == _PERIOD)
    return insert(ScoreHistory).from_select(kept, former)


_archive = PreparedList(_archiving)


def heads_of(connection: Connection, org_id: int, employees: Sequence[str], period: str) -> dict[str, ScoreHead]:
    """Return the stored scores of these people for a month, by employee, without their documents."""
    rows = _heads.rows(connection, employees, org=org_id, period=period)
    return {head.employee: head for head in (ScoreHead(*row) for row in rows)}


def documents_of(connection: Connection, org_id: int, employees: Sequence[str], period: str) -> dict[str, str]:
    """Return the stored documents of these people for a month, by employee."""
    return dict(_documents.rows(connection, employees, org=org_id, period=period))


def write_scores(connection: Connection, org_id: int, scores: Sequence[ScoreRow]) -> None:
    """Write the scores over those that were there, in the key's order, so that locks are taken in it too."""
    names = ("org_id", *(each.name for each in fields(ScoreRow)))
    ordered = sorted(scores, key=lambda score: (score.employee, score.period))
    _write.run_rows(connection, names, [(org_id, *vars(score).values()) for score in ordered])


def count_provisional(connection: Connection, org_id: int, period: str) -> tuple[int, int]:
    """Return how many scores a month has, and how many of them are provisional."""
    query = select(func.count(), func.count().filter(Score.provisional)).where(
        Score.org_id == org_id, Score.period == period
    )
    every, provisional = connection.execute(query).one()
    return every, provisional


def touch_scores(
    connection: Connection, org_id: int, employees: Sequence[str], period: str, computed_at: int
) -> None:  # fmt: skip
    """Note that these scores were computed again and came out as they are."""
    _touch.run(connection, employees, org=org_id, period=period, at=computed_at)


def archive_scores(connection: Connection, org_id: int, employees: Sequence[str], period: str) -> None:
    """Keep the stored scores as what they were, before others are written in their place."""
    _archive.run(connection, employees, org=org_id, period=period)


def former_scores(connection: Connection, org_id: int, month: PersonMonth) -> list[FormerScore]:
    """Return what a score was before, the oldest first."""
    rows = connection.execute(
        select(*(getattr(ScoreHistory, name) for name in _FORMER))
        .where(
            ScoreHistory.org_id == org_id,
            ScoreHistory.employee == month.employee,
            ScoreHistory.period == month.period,
        )
        .order_by(ScoreHistory.revision)
    )
    return [FormerScore(*row) for row in rows]


def score_of(connection: Connection, org_id: int, month: PersonMonth) -> ScoreRow | None:
    """Return the stored score of a person's month."""
    row = connection.execute(
        select(*_ROW).where(Score.org_id == org_id, Score.employee == month.employee, Score.period == month.period)
    ).one_or_none()
    return None if row is None else ScoreRow(*row)


def scores_of(connection: Connection, org_id: int, employee: str) -> list[ScoreHead]:
    """Return every stored score of one person, by month."""
    rows = connection.execute(select(*_HEAD).where(Score.org_id == org_id, Score.employee == employee))
    return sorted(map(_head, rows), key=lambda head: head.period)


def all_scores(connection: Connection, org_id: int, period: str | None = None) -> list[ScoreHead]:
    """Return the stored scores of the org, of one month or all, by person and month."""
    query = select(*_HEAD).where(Score.org_id == org_id)
    rows = connection.execute(query if period is None else query.where(Score.period == period))
    return sorted(map(_head, rows), key=lambda head: (head.employee, head.period))


_months_of = PreparedList(
    lambda among: select(Score.employee, Score.period).where(Score.org_id == _ORG, among(Score.employee))
)


def scored_months(connection: Connection, org_id: int, employees: Iterable[str]) -> list[PersonMonth]:
    """Return the months of which these people have a stored score."""
    return sorted(PersonMonth(*row) for row in _months_of.rows(connection, employees, org=org_id))


def stored_months(connection: Connection, org_id: int, periods: Collection[str] | None = None) -> list[PersonMonth]:
    """Return whose scores of which months are stored; of these months, or of all."""
    query = select(Score.employee, Score.period).where(Score.org_id == org_id)
    rows = connection.execute(query if periods is None else query.where(Score.period.in_(sorted(periods))))
    return sorted(PersonMonth(*row) for row in rows)


def stored_periods(connection: Connection, org_id: int) -> list[str]:
    """Return the months of which scores are stored."""
    return sorted(connection.scalars(select(Score.period).distinct().where(Score.org_id == org_id)))


def count_scores(connection: Connection, org_id: int) -> int:
    """Return how many scores of months are stored."""
    return connection.scalar(select(func.count()).select_from(Score).where(Score.org_id == org_id)) or 0


# Ratings of years

_YEAR = tuple(getattr(YearRating, each.name) for each in fields(YearRow))
_year_rows = PreparedList(
    lambda among: select(*_YEAR).where(
        YearRating.org_id == _ORG, among(YearRating.employee), YearRating.year == bindparam("of_year")
    )
)
_year_upsert = postgresql.insert(YearRating).values(
    {column.name: bindparam(column.name) for column in table_of(YearRating).columns}
)
_write_year = Prepared(
    _year_upsert.on_conflict_do_update(
        index_elements=("org_id", "employee", "year"),
        set_={
            column.name: _year_upsert.excluded[column.name]
            for column in table_of(YearRating).columns
            if not column.primary_key
        },
    )
)


def year_ratings_of(connection: Connection, org_id: int, employees: Iterable[str], year: int) -> dict[str, YearRow]:
    """Return the stored ratings of these people's year, by employee."""
    rows = _year_rows.rows(connection, employees, org=org_id, of_year=year)
    return {found.employee: found for found in (YearRow(*row) for row in rows)}


def rated_years(connection: Connection, org_id: int) -> list[PersonMonth]:
    """Return whose years are rated; the period is the year."""
    rows = connection.execute(select(YearRating.employee, YearRating.year).where(YearRating.org_id == org_id))
    return sorted(PersonMonth(employee, f"{year:04}") for employee, year in rows)


def write_year_ratings(connection: Connection, org_id: int, ratings: Sequence[YearRow]) -> None:
    """Write the ratings over those that were there."""
    names = ("org_id", *(each.name for each in fields(YearRow)))
    ordered = sorted(ratings, key=lambda rating: (rating.employee, rating.year))
    _write_year.run_rows(connection, names, [(org_id, *vars(rating).values()) for rating in ordered])


def _head(row: Row[Any]) -> ScoreHead:
    return ScoreHead(*tuple(row))

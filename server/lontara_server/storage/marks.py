"""Statements for what people say of somebody's period: the seven values, marks, and how much of a budget is spent.

Who may say it, and of what it is made, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Select, and_, delete, insert, or_, select, update

from lontara_server.storage.models import Assignment, BehaviourRating, BudgetAbsorption, PersonMark


@dataclass(frozen=True)
class RatedValue:
    """One of the seven values as it was rated; `rating` is a decimal text."""

    employee: str
    period: str
    value: str
    rating: str
    note: str | None
    by: str
    at: int


@dataclass(frozen=True)
class MarkRow:
    """One mark of a person's period."""

    employee: str
    period: str
    kind: str
    value: str
    reason: str | None
    by: str
    at: int


@dataclass(frozen=True)
class AbsorptionRow:
    """How much of a unit's budget is spent by a month's end, in percent as a decimal text."""

    org_unit: str
    period: str
    percent: str
    by: str
    at: int


_RATING = (
    BehaviourRating.employee, BehaviourRating.period, BehaviourRating.value, BehaviourRating.rating,
    BehaviourRating.note, BehaviourRating.by, BehaviourRating.at,
)  # fmt: skip
_MARK = (
    PersonMark.employee, PersonMark.period, PersonMark.kind, PersonMark.value, PersonMark.reason, PersonMark.by,
    PersonMark.at,
)  # fmt: skip
_ABSORPTION = (
    BudgetAbsorption.org_unit, BudgetAbsorption.period, BudgetAbsorption.percent, BudgetAbsorption.by,
    BudgetAbsorption.at,
)  # fmt: skip


def ratings_of(connection: Connection, org_id: int, employee: str, period: str) -> dict[str, RatedValue]:
    """Return the person's ratings of one period, by value."""
    rows = connection.execute(
        select(*_RATING).where(
            BehaviourRating.org_id == org_id, BehaviourRating.employee == employee, BehaviourRating.period == period
        )
    )
    return {row.value: RatedValue(*row) for row in rows}


def ratings_in(connection: Connection, org_id: int, period: str) -> list[RatedValue]:
    """Return everybody's ratings of one period."""
    rows = connection.execute(
        select(*_RATING)
        .where(BehaviourRating.org_id == org_id, BehaviourRating.period == period)
        .order_by(BehaviourRating.employee, BehaviourRating.value)
    )
    return [RatedValue(*row) for row in rows]


def put_ratings(
    connection: Connection,
    org_id: int,
    employee: str,
    period: str,
    ratings: Mapping[str, str],
    *,
    note: str | None,
    by: str,
    at: int,
) -> None:
    """Write ratings over those that were there; other values of the period stay."""
    gone = delete(BehaviourRating).where(
        BehaviourRating.org_id == org_id,
        BehaviourRating.employee == employee,
        BehaviourRating.period == period,
        BehaviourRating.value.in_(sorted(ratings)),
    )
    connection.execute(gone)
    connection.execute(
        insert(BehaviourRating),
        [
            {"org_id": org_id, "employee": employee, "period": period, "value": value, "rating": rating, "note": note,
             "by": by, "at": at}
            for value, rating in sorted(ratings.items())
        ],
    )  # fmt: skip


def marks_of(connection: Connection, org_id: int, employee: str, period: str) -> dict[str, MarkRow]:
    """Return the marks of a person's period, by kind."""
    rows = connection.execute(
        select(*_MARK).where(
            PersonMark.org_id == org_id, PersonMark.employee == employee, PersonMark.period == period
        )
    )  # fmt: skip
    return {row.kind: MarkRow(*row) for row in rows}


def marks_in(connection: Connection, org_id: int, period: str | None, kinds: tuple[str, ...]) -> list[MarkRow]:
    """Return everybody's marks of these kinds in a period (None: in all), by period and person."""
    query = select(*_MARK).where(PersonMark.org_id == org_id, PersonMark.kind.in_(kinds))
    if period is not None:
        query = query.where(PersonMark.period == period)
    rows = connection.execute(query.order_by(PersonMark.period, PersonMark.employee, PersonMark.kind))
    return [MarkRow(*row) for row in rows]


def put_mark(connection: Connection, org_id: int, mark: MarkRow, *, is_known: bool) -> None:
    """Write a mark; is_known: over the one that is there."""
    if not is_known:
        connection.execute(insert(PersonMark).values(org_id=org_id, **vars(mark)))
        return
    connection.execute(
        update(PersonMark)
        .where(
            PersonMark.org_id == org_id,
            PersonMark.employee == mark.employee,
            PersonMark.period == mark.period,
            PersonMark.kind == mark.kind,
        )
        .values(value=mark.value, reason=mark.reason, by=mark.by, at=mark.at)
    )


def remove_mark(connection: Connection, org_id: int, employee: str, period: str, kind: str) -> None:
    """Take a mark away; what it was stands in the audit trail."""
    connection.execute(
        delete(PersonMark).where(
            PersonMark.org_id == org_id,
            PersonMark.employee == employee,
            PersonMark.period == period,
            PersonMark.kind == kind,
        )
    )


def absorption_in(connection: Connection, org_id: int, period: str) -> dict[str, AbsorptionRow]:
    """Return what the units have spent by a month's end, by unit."""
    rows = connection.execute(
        select(*_ABSORPTION).where(BudgetAbsorption.org_id == org_id, BudgetAbsorption.period == period)
    )
    return {row.org_unit: AbsorptionRow(*row) for row in rows}


def put_absorption(connection: Connection, org_id: int, row: AbsorptionRow, *, is_known: bool) -> None:
    """Write what a unit has spent; is_known: over what is there."""
    if not is_known:
        connection.execute(insert(BudgetAbsorption).values(org_id=org_id, **vars(row)))
        return
    connection.execute(
        update(BudgetAbsorption)
        .where(
            BudgetAbsorption.org_id == org_id,
            BudgetAbsorption.org_unit == row.org_unit,
            BudgetAbsorption.period == row.period,
        )
        .values(percent=row.percent, by=row.by, at=row.at)
    )


def people_placed_in(connection: Connection, org_id: int, units: frozenset[str], first: date, last: date) -> set[str]:
    """Return who was placed in one of these units on any of these days."""
    return set(connection.scalars(_placed(org_id, first, last).where(Assignment.org_unit.in_(sorted(units)))))


def _placed(org_id: int, first: date, last: date) -> Select[str]:
    return (
        select(Assignment.employee)
        .where(
            Assignment.org_id == org_id,
            Assignment.voided.is_(False),
            and_(Assignment.valid_from <= last, or_(Assignment.valid_to.is_(None), Assignment.valid_to >= first)),
        )
        .distinct()
    )

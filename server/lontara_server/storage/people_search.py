"""Statements that look people up by name, NIP or unit, one page after the other. No rule lives here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, tuple_

from lontara_server.storage.models import Assignment, Employee, OrgUnit
from lontara_server.storage.people import EMPLOYEE_COLUMNS, EmployeeRow

__all__ = ["Connection", "PeopleQuery", "count_people", "people_page"]


@dataclass(frozen=True)
class PeopleQuery:
    """Whom to look for, as things stand on a day.

    search: a part of the name, of the NIP, or of the unit's code or name; empty: everybody.
    units: only who works in these (ids); people: only these (ids); None: no bound.
    active: only who is active, or only who is not; None: both.
    """

    day: date
    search: str = ""
    units: Collection[str] | None = None
    people: Collection[str] | None = None
    active: bool | None = None

    @property
    def finds_nobody(self) -> bool:
        """Whether the bounds leave nobody."""
        return (self.units is not None and not self.units) or (self.people is not None and not self.people)


def people_page(
    connection: Connection, org_id: int, query: PeopleQuery, *, after: tuple[str, str] | None, limit: int
) -> list[EmployeeRow]:
    """Return up to `limit` people by name and NIP, those that come after this name and NIP."""
    if query.finds_nobody:
        return []
    found = select(*EMPLOYEE_COLUMNS).where(*_conditions(org_id, query))
    if after is not None:
        found = found.where(tuple_(Employee.full_name, Employee.nip) > tuple_(*after))
    rows = connection.execute(found.order_by(Employee.full_name, Employee.nip).limit(limit))
    return [EmployeeRow(*row) for row in rows]


def count_people(connection: Connection, org_id: int, query: PeopleQuery) -> int:
    """Return how many people the query finds."""
    if query.finds_nobody:
        return 0
    return connection.scalar(select(func.count()).select_from(Employee).where(*_conditions(org_id, query))) or 0


def _conditions(org_id: int, query: PeopleQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Employee.org_id == org_id, Employee.voided.is_(False)]
    if query.active is not None:
        found.append(Employee.active.is_(query.active))
    if query.people is not None:
        found.append(Employee.id.in_(sorted(query.people)))
    if query.units is not None:
        found.append(Employee.id.in_(_placed(org_id, query.day, Assignment.org_unit.in_(sorted(query.units)))))
    if query.search:
        part = f"%{_escaped(query.search.lower())}%"
        units = select(OrgUnit.id).where(
            OrgUnit.org_id == org_id,
            or_(func.lower(OrgUnit.name).like(part, escape="\\"), func.lower(OrgUnit.code).like(part, escape="\\")),
        )
        found.append(
            or_(
                func.lower(Employee.full_name).like(part, escape="\\"),
                Employee.nip.like(part, escape="\\"),
                Employee.id.in_(_placed(org_id, query.day, Assignment.org_unit.in_(units))),
            )
        )
    return found


def _placed(org_id: int, day: date, where: ColumnElement[bool]) -> Any:
    return select(Assignment.employee).where(
        Assignment.org_id == org_id,
        Assignment.voided.is_(False),
        Assignment.valid_from <= day,
        or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day),
        where,
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

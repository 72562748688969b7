"""Statements for units, employees, assignments and holidays, and the writing of records that only the server writes.

What a person may do is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, or_, select, update

from lontara_server.storage.models import (
    ActionPlan,
    Assignment,
    Base,
    Employee,
    Holiday,
    Indicator,
    OrgUnit,
    PerformancePlan,
    Period,
    WorkResultPlan,
)

_MODELS: Final[dict[str, type[Base]]] = {
    "action_plan": ActionPlan,
    "assignment": Assignment,
    "employee": Employee,
    "indicator": Indicator,
    "org_unit": OrgUnit,
    "performance_plan": PerformancePlan,
    "period": Period,
    "work_result_plan": WorkResultPlan,
}
IDS_PER_STATEMENT: Final = 400
_DATES: Final = ("grade_since", "valid_from", "valid_to")


@dataclass(frozen=True)
class UnitRow:
    """A unit (unit kerja)."""

    id: str
    revision: int
    code: str
    name: str
    parent: str | None


@dataclass(frozen=True)
class EmployeeRow:
    """An employee (pegawai)."""

    id: str
    revision: int
    nip: str
    full_name: str
    active: bool
    grade: str | None = None
    grade_since: date | None = None
    echelon: str | None = None


@dataclass(frozen=True)
class AssignmentRow:
    """Where a person works and who supervises, from `valid_from` to `valid_to` (None: open)."""

    id: str
    revision: int
    employee: str
    org_unit: str | None
    position: str | None
    supervisor: str | None
    acting_supervisor: str | None
    valid_from: date
    valid_to: date | None


_UNIT = (OrgUnit.id, OrgUnit.revision, OrgUnit.code, OrgUnit.name, OrgUnit.parent)
_EMPLOYEE = (
    Employee.id, Employee.revision, Employee.nip, Employee.full_name, Employee.active, Employee.grade,
    Employee.grade_since, Employee.echelon,
)  # fmt: skip
_ASSIGNMENT = (
    Assignment.id, Assignment.revision, Assignment.employee, Assignment.org_unit, Assignment.position,
    Assignment.supervisor, Assignment.acting_supervisor, Assignment.valid_from, Assignment.valid_to,
)  # fmt: skip


def units_of(connection: Connection, org_id: int) -> list[UnitRow]:
    """Return every unit of the org, by code."""
    rows = connection.execute(select(*_UNIT).where(OrgUnit.org_id == org_id).order_by(OrgUnit.code))
    return [UnitRow(*row) for row in rows]


def employees_of(connection: Connection, org_id: int) -> list[EmployeeRow]:
    """Return every employee of the org, by name."""
    rows = connection.execute(
        select(*_EMPLOYEE).where(Employee.org_id == org_id).order_by(Employee.full_name, Employee.nip)
    )
    return [EmployeeRow(*row) for row in rows]


def employee_of_nip(connection: Connection, org_id: int, nip: str) -> EmployeeRow | None:
    """Return the employee with this NIP."""
    row = connection.execute(select(*_EMPLOYEE).where(Employee.org_id == org_id, Employee.nip == nip)).first()
    return None if row is None else EmployeeRow(*row)


def employee_of_id(connection: Connection, org_id: int, employee: str) -> EmployeeRow | None:
    """Return the employee with this id."""
    row = connection.execute(select(*_EMPLOYEE).where(Employee.org_id == org_id, Employee.id == employee)).first()
    return None if row is None else EmployeeRow(*row)


def employees_by_id(connection: Connection, org_id: int, ids: Collection[str]) -> dict[str, EmployeeRow]:
    """Return these employees by id; ids that nobody has are left out."""
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), IDS_PER_STATEMENT):
        part = wanted[start : start + IDS_PER_STATEMENT]
        rows = connection.execute(select(*_EMPLOYEE).where(Employee.org_id == org_id, Employee.id.in_(part)))
        found.update({row.id: EmployeeRow(*row) for row in rows})
    return found


def people_supervised(connection: Connection, org_id: int, supervisor: str, day: date) -> set[str]:
    """Return whom this person supervises on that day, or acts as supervisor for; each by the newest assignment then."""
    rows = connection.execute(
        select(*_ASSIGNMENT)
        .where(
            Assignment.org_id == org_id,
            Assignment.voided.is_(False),
            Assignment.valid_from <= day,
            or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day),
        )
        .order_by(Assignment.valid_from, Assignment.id)
    )
    holds = {row.employee: row for row in rows}
    return {
        employee for employee, row in holds.items() if supervisor in (row.supervisor, row.acting_supervisor)
    } - {supervisor}  # fmt: skip


def latest_assignments(connection: Connection, org_id: int) -> dict[str, AssignmentRow]:
    """Return each employee's assignment that begins last, by employee."""
    rows = connection.execute(
        select(*_ASSIGNMENT)
        .where(Assignment.org_id == org_id, Assignment.voided.is_(False))
        .order_by(Assignment.valid_from, Assignment.id)
    )
    return {row.employee: AssignmentRow(*row) for row in rows}


def assignment_on(connection: Connection, org_id: int, employee: str, day: date) -> AssignmentRow | None:
    """Return the assignment that held on that day; of several the one that begins last."""
    row = connection.execute(
        select(*_ASSIGNMENT)
        .where(
            Assignment.org_id == org_id,
            Assignment.employee == employee,
            Assignment.voided.is_(False),
            Assignment.valid_from <= day,
            or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day),
        )
        .order_by(Assignment.valid_from.desc(), Assignment.id.desc())
        .limit(1)
    ).first()
    return None if row is None else AssignmentRow(*row)


def insert_records(connection: Connection, org_id: int, record_type: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write new records at revision 1; each row holds `id` and the record's fields as they stand on the wire."""
    if not rows:
        return
    table = _MODELS[record_type].__table__
    assert isinstance(table, Table)
    empty = {column.name: None for column in table.columns if column.nullable}
    fixed = {"org_id": org_id, "revision": 1, "voided": False}
    connection.execute(insert(table), [{**empty, **fixed, **_stored(row)} for row in rows])


def update_record(
    connection: Connection, org_id: int, record_type: str, record: str, revision: int, fields: dict[str, Any]
) -> None:
    """Change a record's fields and set its new revision."""
    table = _MODELS[record_type].__table__
    assert isinstance(table, Table)
    connection.execute(
        update(table)
        .where(table.c.org_id == org_id, table.c.id == record)
        .values(revision=revision, **_stored(fields))
    )  # fmt: skip


def holidays_in_store(connection: Connection, org_id: int) -> dict[date, str]:
    """Return every holiday of the org with its name."""
    rows = connection.execute(select(Holiday.day, Holiday.name).where(Holiday.org_id == org_id))
    return {row.day: row.name for row in rows}


def put_holidays(connection: Connection, org_id: int, added: dict[date, str], renamed: dict[date, str]) -> None:
    """Write holidays that are new, and names that are."""
    if added:
        rows = [{"org_id": org_id, "day": day, "name": name} for day, name in sorted(added.items())]
        connection.execute(insert(Holiday), rows)
    for day, name in sorted(renamed.items()):
        connection.execute(update(Holiday).where(Holiday.org_id == org_id, Holiday.day == day).values(name=name))


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    dates = {name: date.fromisoformat(fields[name]) for name in _DATES if fields.get(name) is not None}
    return fields | dates

"""Statements for units, employees and assignments, and the writing of records that only the server writes.

What a person may do is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, bindparam, insert, or_, select, update

from lontara_core.canonical import encode
from lontara_server.storage.models import (
    ActionPlan,
    Assignment,
    Base,
    Employee,
    Indicator,
    Objection,
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
    "objection": Objection,
    "org_unit": OrgUnit,
    "performance_plan": PerformancePlan,
    "period": Period,
    "work_result_plan": WorkResultPlan,
}
IDS_PER_STATEMENT: Final = 400
_DOCUMENTS: Final = ("comments",)
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
EMPLOYEE_COLUMNS = (
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
        select(*EMPLOYEE_COLUMNS).where(Employee.org_id == org_id).order_by(Employee.full_name, Employee.nip)
    )
    return [EmployeeRow(*row) for row in rows]


def employee_of_nip(connection: Connection, org_id: int, nip: str) -> EmployeeRow | None:
    """Return the employee with this NIP."""
    row = connection.execute(select(*EMPLOYEE_COLUMNS).where(Employee.org_id == org_id, Employee.nip == nip)).first()
    return None if row is None else EmployeeRow(*row)


def employee_of_id(connection: Connection, org_id: int, employee: str) -> EmployeeRow | None:
    """Return the employee with this id."""
    row = connection.execute(select(*EMPLOYEE_COLUMNS).where(Employee.org_id == org_id, Employee.id == employee)).first()
    return None if row is None else EmployeeRow(*row)


def employees_by_id(connection: Connection, org_id: int, ids: Collection[str]) -> dict[str, EmployeeRow]:
    """Return these employees by id; ids that nobody has are left out."""
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), IDS_PER_STATEMENT):
        part = wanted[start : start + IDS_PER_STATEMENT]
        rows = connection.execute(select(*EMPLOYEE_COLUMNS).where(Employee.org_id == org_id, Employee.id.in_(part)))
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


def assignments_of(
    connection: Connection, org_id: int, employees: Collection[str] | None = None
) -> dict[str, list[AssignmentRow]]:
    """Return the assignments of these employees (None: of everybody), by employee, in the order in which they begin."""
    return _by_employee(connection, select(*_ASSIGNMENT).where(Assignment.org_id == org_id), employees)


def placements_between(
    connection: Connection, org_id: int, employees: Collection[str] | None, first: date, last: date
) -> dict[str, list[AssignmentRow]]:
    """Return the assignments that hold on any of these days, by employee, in the order in which they begin.

    employees: ids; None: everybody, which for most of an org is the faster question. Who has none is left out.
    """
    query = select(*_ASSIGNMENT).where(
        Assignment.org_id == org_id,
        Assignment.valid_from <= last,
        or_(Assignment.valid_to.is_(None), Assignment.valid_to >= first),
    )
    return _by_employee(connection, query, employees)


def _by_employee(
    connection: Connection, query: Select[*tuple[Any, ...]], employees: Collection[str] | None
) -> dict[str, list[AssignmentRow]]:  # fmt: skip
    ordered = query.where(Assignment.voided.is_(False)).order_by(
        Assignment.employee, Assignment.valid_from, Assignment.id
    )
    found: dict[str, list[AssignmentRow]] = {}
    for part in _parts(employees):
        rows = connection.execute(ordered if part is None else ordered.where(Assignment.employee.in_(part)))
        for row in rows:
            found.setdefault(row.employee, []).append(AssignmentRow(*row))
    return found


def _parts(ids: Collection[str] | None) -> list[list[str] | None]:
    if ids is None:
        return [None]
    ordered = sorted(set(ids))
    return [ordered[start : start + IDS_PER_STATEMENT] for start in range(0, len(ordered), IDS_PER_STATEMENT)]


def insert_records(connection: Connection, org_id: int, record_type: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write new records at revision 1; each row holds `id` and the record's fields as they stand on the wire."""
    if not rows:
        return
    table = _MODELS[record_type].__table__
    assert isinstance(table, Table)
    empty = {column.name: None for column in table.columns if column.nullable}
    fixed = {"org_id": org_id, "revision": 1, "voided": False}
    connection.execute(insert(table), [{**empty, **fixed, **_stored(row)} for row in rows])


@dataclass(frozen=True)
class ChangedRow:
    """What a record becomes: its new revision, and the fields that change as they stand on the wire."""

    record_type: str
    id: str
    revision: int
    fields: dict[str, Any]


def update_records(connection: Connection, org_id: int, rows: Sequence[ChangedRow]) -> None:
    """Change records, in this order. Neighbours that change in the same fields go to the database in one."""
    for (record_type, names), some in groupby(rows, lambda row: (row.record_type, tuple(sorted(row.fields)))):
        table = _MODELS[record_type].__table__
        assert isinstance(table, Table)
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        change = update(table).where(table.c.org_id == org_id, table.c.id == bindparam("of_id"))
        connection.execute(
            change.values(revision=bindparam("new_revision"), **values),
            [
                {"of_id": row.id, "new_revision": row.revision, **{f"new_{k}": v for k, v in _stored(row.fields).items()}}
                for row in some
            ],
        )


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    dates = {name: date.fromisoformat(fields[name]) for name in _DATES if fields.get(name) is not None}
    documents = {name: encode(fields[name]).decode() for name in _DOCUMENTS if fields.get(name) is not None}
    return fields | dates | documents

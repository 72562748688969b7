"""Employees, their units, placements and supervisors: imported from a file, changed by hand, asked for by day.

Each function works in the transaction that it is given. Nobody is ever deleted, and a file doubles nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lontara_core.problems import Problem
from lontara_server.services.orgs import org_named
from lontara_server.services.people_file import Fault, PeopleFile, PersonLine, read_people, refusal
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.storage import people as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import AssignmentRow, EmployeeRow, UnitRow

# A person's first placement counts for all days before it was told: late entries may be older than the file.
FIRST_DAY: Final = date(2000, 1, 1)


@dataclass
class Imported:
    """What an import wrote, or in a dry run would write."""

    rows: int = 0
    units_created: int = 0
    units_changed: int = 0
    employees_created: int = 0
    employees_changed: int = 0
    assignments_created: int = 0
    assignments_changed: int = 0
    unchanged: int = 0
    warnings: tuple[Fault, ...] = ()

    def document(self) -> dict[str, Any]:
        return vars(self) | {"warnings": [warning.document() for warning in self.warnings]}


@dataclass(frozen=True)
class Placement:
    """Where a file says a person works now; None: it does not say, so nothing changes there."""

    org_unit: str | None = None
    position: str | None = None
    supervisor: str | None = None


@dataclass
class Staff:
    """The org's people as they stand, with what the import has gathered for them so far."""

    units: dict[str, UnitRow]
    employees: dict[str, EmployeeRow]
    placements: dict[str, AssignmentRow]


def import_employees(
    connection: Connection, org_id: int, text: str, *, by: str, now_ms: int, dry_run: bool = False
) -> Imported:
    """Bring units, employees and placements to what the file says; a second time it changes nothing.

    A cell that is empty, or a column that is missing, changes nothing. Who is not in the file stays as is.
    Raises Problem import_refused, which names the rows; then nothing is written.
    """
    file = read_people(text)
    staff = _staff(connection, org_id)
    _check_supervisors(file, staff)
    done, writes = Imported(rows=len(file.lines), warnings=file.warnings), ServerWrites(by, now_ms)
    today = today_in(connection, org_id, now_ms)
    for line in file.lines:
        _put_unit(line, staff, writes, done)
    touched = {line.nip for line in file.lines if _put_employee(line, staff, writes, done)}
    for line in file.lines:
        supervisor = staff.employees[line.supervisor_nip].id if line.supervisor_nip else None
        placement = Placement(_unit_id(line, staff), line.position, supervisor)
        if not _put_placement(staff.employees[line.nip], placement, today, staff, writes, done):
            done.unchanged += line.nip not in touched
    if not dry_run:
        write(connection, org_id, writes)
        if writes.written:
            counts = {name: value for name, value in vars(done).items() if isinstance(value, int)}
            add_audit(connection, org_id, "employee.import", by=by, now_ms=now_ms, facts=counts)
    return done


def assign_supervisor(
    connection: Connection,
    org_id: int,
    nip: str,
    supervisor_nip: str,
    *,
    by: str,
    now_ms: int,
    valid_from: date | None = None,
) -> None:
    """Make one employee another's supervisor from a day on (None: today; for a first supervisor, from the start).

    Raises Problem not_found, invalid_field.
    """
    employee, supervisor = employee_named(connection, org_id, nip), employee_named(connection, org_id, supervisor_nip)
    if employee.id == supervisor.id:
        raise Problem(
            "invalid_field",
            "Nobody supervises themselves. Nothing was changed.",
            {"field": "supervisor", "nip": nip},
            "Name another person.",
        )
    staff, writes = _staff(connection, org_id), ServerWrites(by, now_ms)
    day = valid_from or today_in(connection, org_id, now_ms)
    if _put_placement(employee, Placement(supervisor=supervisor.id), day, staff, writes, Imported()):
        write(connection, org_id, writes)
        facts = {"supervisor": supervisor.id, "valid_from": day.isoformat()}
        add_audit(
            connection, org_id, "supervisor.assign", by=by, now_ms=now_ms, subject=employee.id, facts=facts
        )  # fmt: skip


def list_employees(connection: Connection, org_id: int) -> list[dict[str, Any]]:
    """Everybody with the placement that begins last."""
    staff = _staff(connection, org_id)
    units = {unit.id: unit for unit in staff.units.values()}
    names = {employee.id: employee for employee in staff.employees.values()}
    rows = []
    for employee in staff.employees.values():
        placement = staff.placements.get(employee.id)
        unit = units.get(placement.org_unit or "") if placement else None
        supervisor = names.get(placement.supervisor or "") if placement else None
        rows.append(
            {
                "id": employee.id,
                "nip": employee.nip,
                "full_name": employee.full_name,
                "active": employee.active,
                "unit_code": unit.code if unit else None,
                "unit_name": unit.name if unit else None,
                "position": placement.position if placement else None,
                "supervisor_nip": supervisor.nip if supervisor else None,
            }
        )
    return rows


def employee_named(connection: Connection, org_id: int, nip: str) -> EmployeeRow:
    """The employee with this NIP. Raises Problem not_found."""
    employee = store.employee_of_nip(connection, org_id, nip)
    if employee is None:
        raise Problem(
            "not_found",
            f"Nobody here has the NIP {nip}. Nothing was changed.",
            {"nip": nip},
            "`lontara-server employee list` shows everybody.",
        )
    return employee


def assignment_on(connection: Connection, org_id: int, employee: str, day: date) -> AssignmentRow | None:
    """Where the employee (an id) worked that day and who supervised; None where nothing is known."""
    return store.assignment_on(connection, org_id, employee, day)


def today_in(connection: Connection, org_id: int, now_ms: int) -> date:
    """The org's date at this moment."""
    zone = ZoneInfo(org_named(connection, org_id).time_zone)
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()


def _staff(connection: Connection, org_id: int) -> Staff:
    return Staff(
        units={unit.code: unit for unit in store.units_of(connection, org_id)},
        employees={employee.nip: employee for employee in store.employees_of(connection, org_id)},
        placements=store.latest_assignments(connection, org_id),
    )


def _check_supervisors(file: PeopleFile, staff: Staff) -> None:
    known = staff.employees.keys() | {line.nip for line in file.lines}
    errors = [
        Fault(line.number, "supervisor_nip", "nobody has this NIP, here or in the file")
        for line in file.lines
        if line.supervisor_nip and line.supervisor_nip not in known
    ]
    if errors:
        raise refusal(errors)


def _put_unit(line: PersonLine, staff: Staff, writes: ServerWrites, done: Imported) -> None:
    if line.unit_code is None:
        return
    known = staff.units.get(line.unit_code)
    if known is None:
        name = line.unit_name or line.unit_code
        unit = writes.create("org_unit", {"code": line.unit_code, "name": name})
        staff.units[line.unit_code] = UnitRow(unit, 1, line.unit_code, name, None)
        done.units_created += 1
    elif line.unit_name and line.unit_name != known.name:
        writes.change("org_unit", known.id, known.revision, {"name": line.unit_name}, {"name": known.name})
        staff.units[line.unit_code] = replace(known, revision=known.revision + 1, name=line.unit_name)
        done.units_changed += 1


def _unit_id(line: PersonLine, staff: Staff) -> str | None:
    return staff.units[line.unit_code].id if line.unit_code else None


def _put_employee(line: PersonLine, staff: Staff, writes: ServerWrites, done: Imported) -> bool:
    """Gather what is new about the person; returns whether anything is."""
    known, unit = staff.employees.get(line.nip), _unit_id(line, staff)
    if known is None:
        fields = {"nip": line.nip, "full_name": line.full_name, "active": True}
        employee = writes.create_own("employee", fields, unit=unit)
        staff.employees[line.nip] = EmployeeRow(employee, 1, line.nip, line.full_name, active=True)
        done.employees_created += 1
        return True
    if line.full_name == known.full_name:
        return False
    placement = staff.placements.get(known.id)
    writes.change(
        "employee", known.id, known.revision, {"full_name": line.full_name}, {"full_name": known.full_name},
        owner=known.id, unit=unit or (placement.org_unit if placement else None),
    )  # fmt: skip
    staff.employees[line.nip] = replace(known, revision=known.revision + 1, full_name=line.full_name)
    done.employees_changed += 1
    return True


def _put_placement(
    employee: EmployeeRow,
    placement: Placement,
    day: date,
    staff: Staff,
    writes: ServerWrites,
    done: Imported,
) -> bool:
    """Gather the person's placement from `day` on; returns whether anything is new.

    What was empty is filled in where it stands; what was different ends on the day before, and a new one begins.
    """
    known = staff.placements.get(employee.id)
    told = {name: value for name, value in vars(placement).items() if value is not None}
    if known is None:
        _begin_placement(employee, told, FIRST_DAY, writes)
        done.assignments_created += 1
        return True
    was = {name: getattr(known, name) for name in told}
    changed = {name: value for name, value in told.items() if value != was[name]}
    if not changed:
        return False
    unit = told.get("org_unit", known.org_unit)
    if all(was[name] is None for name in changed) or day <= known.valid_from:
        writes.change("assignment", known.id, known.revision, changed, {name: was[name] for name in changed},
                      owner=employee.id, unit=unit)  # fmt: skip
        done.assignments_changed += 1
    else:
        last_day = (day - timedelta(days=1)).isoformat()
        ended = known.valid_to.isoformat() if known.valid_to else None
        writes.change("assignment", known.id, known.revision, {"valid_to": last_day}, {"valid_to": ended},
                      owner=employee.id, unit=known.org_unit)  # fmt: skip
        kept = {
            "org_unit": known.org_unit, "position": known.position, "supervisor": known.supervisor,
            "acting_supervisor": known.acting_supervisor,
        }  # fmt: skip
        _begin_placement(employee, kept | told, day, writes)
        done.assignments_changed += 1
        done.assignments_created += 1
    if unit is not None and unit != known.org_unit:
        writes.show_to_unit("employee", employee.id, employee.revision, unit)
    return True


def _begin_placement(employee: EmployeeRow, fields: dict[str, Any], day: date, writes: ServerWrites) -> None:
    writes.create(
        "assignment", {"employee": employee.id, "valid_from": day.isoformat(), **fields},
        owner=employee.id, unit=fields.get("org_unit"),
    )  # fmt: skip

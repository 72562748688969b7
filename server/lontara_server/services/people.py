"""Employees: asked for by NIP and day, moved to another unit, given supervisors, and made inactive by hand.

Each function works in the transaction that it is given. Nobody is ever deleted. Files are `people_import`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services.access import local_date as today_in
from lontara_server.services.attendance_days import rebuild_placed
from lontara_server.services.people_changes import Imported
from lontara_server.services.people_import import FIRST_DAY, import_employees
from lontara_server.services.placements import (
    Touched,
    first_difference,
    gather_placements,
    mark_touched,
    placed_on,
    stretches_by_employee,
)
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.services.timeline import Stretch, circle_day, on_day, onward, within
from lontara_server.storage import people as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import AssignmentRow, EmployeeRow, UnitRow
from lontara_server.storage.server_log import lock_server_actor

__all__ = [
    "FIRST_DAY", "Imported", "Transfer", "assign_supervisor", "assignment_on", "deactivate", "employee_named",
    "import_employees", "list_employees", "today_in", "transfer",
]  # fmt: skip

_POSITION_LENGTH_MAX = 200


@dataclass(frozen=True)
class Transfer:
    """What is told of a transfer; None: as before. `valid_from` None: today."""

    unit_code: str | None = None
    position: str | None = None
    supervisor_nip: str | None = None
    valid_from: date | None = None


def transfer(connection: Connection, org_id: int, nip: str, told: Transfer, *, by: str, now_ms: int) -> None:
    """Give an employee another unit, position or supervisor from a day on; the days before stay as they were.

    The month of the transfer is split at that day. What was planned for later days stays.
    Raises Problem not_found, missing_field, invalid_field, state_not_allowed.
    """
    lock_server_actor(connection, org_id)
    employee = employee_named(connection, org_id, nip)
    values = _values(connection, org_id, employee, told)
    day = told.valid_from or today_in(connection, org_id, now_ms)
    rows, known = _placed(connection, org_id, employee)
    here = on_day(known, day)
    moves = "org_unit" in values and here is not None and here.org_unit not in (None, values["org_unit"])
    # Who acted for the former supervisor does not act in the new unit.
    along: dict[str, str | None] = {"acting_supervisor": None} if moves else {}
    wanted = onward(known, values, day, along=along, filling=told.valid_from is None)
    if "supervisor" in values:
        _check_no_circle(connection, org_id, employee, known, wanted)
    facts = {"valid_from": day.isoformat(), **values}
    _put(connection, org_id, employee, rows, wanted, "employee.transfer", facts, by=by, now_ms=now_ms)


def assign_supervisor(
    connection: Connection,
    org_id: int,
    nip: str,
    supervisor_nip: str | None,
    *,
    by: str,
    now_ms: int,
    valid_from: date | None = None,
    valid_to: date | None = None,
    acting: bool = False,
) -> None:
    """Make one employee another's supervisor, or acting supervisor (Plh./Plt.), from a day on or for a time.

    After `valid_to` it goes on as it was before by itself. supervisor_nip: None ends it from that day on.
    valid_from: None: today; for a first supervisor, from the start.
    Raises Problem not_found, invalid_field; state_not_allowed where people would lead each other on the same day.
    """
    lock_server_actor(connection, org_id)
    employee = employee_named(connection, org_id, nip)
    supervisor = None if supervisor_nip is None else _other_person(connection, org_id, employee, supervisor_nip).id
    day = valid_from or today_in(connection, org_id, now_ms)
    if valid_to is not None and valid_to < day:
        raise Problem(
            "invalid_field",
            "The last day lies before the first. Nothing was changed.",
            {"field": "valid_to", "value": valid_to.isoformat()},
            "Write another value.",
        )
    rows, known = _placed(connection, org_id, employee)
    told = {"acting_supervisor" if acting else "supervisor": supervisor}
    if valid_to is not None:
        wanted = within(known, told, day, valid_to)
    else:
        wanted = onward(known, told, day, filling=valid_from is None and not acting)
    if supervisor is not None and not acting:
        _check_no_circle(connection, org_id, employee, known, wanted)
    facts = {**told, "valid_from": day.isoformat(), "valid_to": None if valid_to is None else valid_to.isoformat()}
    _put(connection, org_id, employee, rows, wanted, "supervisor.assign", facts, by=by, now_ms=now_ms)


def deactivate(connection: Connection, org_id: int, nip: str, last_day: date, *, by: str, now_ms: int) -> None:
    """Make an employee inactive: no work is expected after the last day of service. Everything of theirs stays.

    Raises Problem not_found.
    """
    lock_server_actor(connection, org_id)
    employee = employee_named(connection, org_id, nip)
    rows, known = _placed(connection, org_id, employee)
    wanted = [replace(each, last=min(each.last, last_day)) for each in known if each.first <= last_day]
    writes = ServerWrites(by, now_ms)
    if employee.active:
        here = placed_on(known, last_day)
        writes.change(
            "employee", employee.id, employee.revision, {"active": False}, {"active": True}, owner=employee.id,
            unit=None if here is None else here.org_unit,
        )  # fmt: skip
    facts = {"last_day": last_day.isoformat()}
    _put(connection, org_id, employee, rows, wanted, "employee.deactivate", facts, by=by, now_ms=now_ms, writes=writes)


def list_employees(connection: Connection, org_id: int, *, day: date | None = None) -> list[dict[str, Any]]:
    """Everybody with their placement of a day (None: the one that begins last)."""
    placed = _placements(connection, org_id, day)
    units = {unit.id: unit for unit in store.units_of(connection, org_id)}
    everybody = store.employees_of(connection, org_id)
    named = {employee.id: employee for employee in everybody}
    return [employee_document(employee, placed.get(employee.id), units, named) for employee in everybody]


def employee_document(
    employee: EmployeeRow,
    placement: AssignmentRow | Stretch | None,
    units: dict[str, UnitRow],
    named: dict[str, EmployeeRow],
) -> dict[str, Any]:
    """A person with their placement as JSON values."""
    unit = units.get(placement.org_unit or "") if placement else None
    supervisor = named.get(placement.supervisor or "") if placement else None
    acting = named.get(placement.acting_supervisor or "") if placement else None
    return {
        "id": employee.id,
        "nip": employee.nip,
        "full_name": employee.full_name,
        "active": employee.active,
        "grade": employee.grade,
        "grade_since": employee.grade_since.isoformat() if employee.grade_since else None,
        "echelon": employee.echelon,
        "unit_code": unit.code if unit else None,
        "unit_name": unit.name if unit else None,
        "position": placement.position if placement else None,
        "supervisor_nip": supervisor.nip if supervisor else None,
        "acting_supervisor_nip": acting.nip if acting else None,
    }


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


def _placements(
    connection: Connection, org_id: int, day: date | None
) -> dict[str, AssignmentRow] | dict[str, Stretch]:
    if day is None:
        return store.latest_assignments(connection, org_id)
    _, stretches = stretches_by_employee(connection, org_id)
    return {employee: here for employee, theirs in stretches.items() if (here := placed_on(theirs, day)) is not None}


def _values(connection: Connection, org_id: int, employee: EmployeeRow, told: Transfer) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    if told.unit_code is not None:
        values["org_unit"] = _unit(connection, org_id, told.unit_code).id
    if told.position is not None:
        position = tidy_text(told.position)
        if not 0 < len(position) <= _POSITION_LENGTH_MAX:
            raise Problem(
                "invalid_field",
                f"A position has 1 to {_POSITION_LENGTH_MAX} characters. Nothing was changed.",
                {"field": "position"},
                "Write another value.",
            )
        values["position"] = position
    if told.supervisor_nip is not None:
        values["supervisor"] = _other_person(connection, org_id, employee, told.supervisor_nip).id
    if not values:
        raise Problem(
            "missing_field",
            "A transfer names a unit, a position or a supervisor. Nothing was changed.",
            {"field": "unit"},
            "Add --unit, --position or --supervisor.",
        )
    return values


def _unit(connection: Connection, org_id: int, code: str) -> UnitRow:
    found = next((unit for unit in store.units_of(connection, org_id) if unit.code == code), None)
    if found is None:
        raise Problem(
            "not_found",
            f"There is no unit {code}. Nothing was changed.",
            {"unit": code},
            "`lontara-server unit list` shows every unit.",
        )
    return found


def _other_person(connection: Connection, org_id: int, employee: EmployeeRow, nip: str) -> EmployeeRow:
    other = employee_named(connection, org_id, nip)
    if other.id == employee.id:
        raise Problem(
            "invalid_field",
            "Nobody supervises themselves. Nothing was changed.",
            {"field": "supervisor", "nip": nip},
            "Name another person.",
        )
    return other


def _check_no_circle(
    connection: Connection, org_id: int, employee: EmployeeRow, known: Sequence[Stretch], wanted: Sequence[Stretch]
) -> None:
    """Raise Problem state_not_allowed where the person would stand above themselves on a day that is written."""
    first = first_difference(known, wanted)
    if first is None:
        return
    _, stretches = stretches_by_employee(connection, org_id)
    stretches[employee.id] = list(wanted)
    day = circle_day(stretches, employee.id, first)
    if day is not None:
        raise Problem(
            "state_not_allowed",
            f"The two would lead each other, or stand in a circle, from {day.isoformat()} on. Nothing was changed.",
            {"nip": employee.nip, "day": day.isoformat()},
            "`lontara-server employee show` tells who leads whom and when; end that first, or say another --from.",
        )


def _placed(connection: Connection, org_id: int, employee: EmployeeRow) -> tuple[list[AssignmentRow], list[Stretch]]:
    rows, stretches = stretches_by_employee(connection, org_id, [employee.id])
    return rows.get(employee.id, []), stretches.get(employee.id, [])


def _put(
    connection: Connection,
    org_id: int,
    employee: EmployeeRow,
    rows: Sequence[AssignmentRow],
    wanted: Sequence[Stretch],
    action: str,
    facts: dict[str, Any],
    *,
    by: str,
    now_ms: int,
    writes: ServerWrites | None = None,
) -> None:
    """Write what is new, mark the scores that it touches, and keep it in the audit trail; nothing new writes nothing."""
    gathered, touched = writes or ServerWrites(by, now_ms), Touched()
    gather_placements(employee, rows, wanted, gathered, touched)
    if gathered.written:
        mark_touched(connection, org_id, touched, now_ms)
        write(connection, org_id, gathered)
        rebuild_placed(connection, org_id, touched.spans, now_ms)
        add_audit(connection, org_id, action, by=by, now_ms=now_ms, subject=employee.id, facts=facts)

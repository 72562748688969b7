"""Importing people from a table: units, employees and placements are brought to what the file says.

A cell that is empty, or a column that is missing, changes nothing. Nobody is ever deleted, and a file doubles nothing.
Works in the transaction that it is given; how a table is read is `people_file`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from lontara_server.services.access import local_date
from lontara_server.services.attendance_days import rebuild_placed
from lontara_server.services.file_faults import Fault, refusal
from lontara_server.services.import_runs import SourceFile, imported_before, remember_import
from lontara_server.services.mappings import columns_of
from lontara_server.services.people_changes import Change, Imported, ImportOptions
from lontara_server.services.people_file import PeopleFile, PersonLine, read_people
from lontara_server.services.placements import (
    Touched,
    gather_placements,
    mark_touched,
    placed_on,
    stretches_by_employee,
)
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.services.table_file import read_table
from lontara_server.services.timeline import OPEN, Stretch, on_day, onward
from lontara_server.services.unit_names import UnitNames
from lontara_server.storage import people as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import AssignmentRow, EmployeeRow
from lontara_server.storage.server_log import lock_server_actor

KIND: Final = "employee"
# A person's first placement counts for all days before it was told: late entries may be older than the file.
FIRST_DAY: Final = date(2000, 1, 1)
_OWN_FIELDS: Final = ("full_name", "grade", "grade_since", "echelon")


@dataclass
class Staff:
    """The org's people as they stand, with what the import has gathered for them so far."""

    units: UnitNames
    employees: dict[str, EmployeeRow]
    rows: dict[str, list[AssignmentRow]]
    stretches: dict[str, list[Stretch]]
    today: date
    is_first_file: bool
    new: set[str] = field(default_factory=set)
    nips: dict[str, str] = field(default_factory=dict)

    def nip_of(self, employee: str | None) -> str | None:
        return None if employee is None else self.nips.get(employee)

    def unit_now(self, employee: str) -> str | None:
        here = placed_on(self.stretches.get(employee, ()), self.today)
        return None if here is None else here.org_unit


@dataclass
class _Import:
    """One import on its way."""

    staff: Staff
    writes: ServerWrites
    done: Imported
    touched: Touched = field(default_factory=Touched)
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def import_people(
    connection: Connection, org_id: int, file: SourceFile, options: ImportOptions, *, by: str, now_ms: int
) -> Imported:
    """Import a CSV or XLSX; in a dry run tell what would be written, with every fault, and write nothing.

    Raises Problem import_refused, which names the cells, and too_many_deactivated; then nothing is written.
    """
    if not options.dry_run:
        lock_server_actor(connection, org_id)
    table = read_table(file.content, file.name)
    columns = columns_of(connection, org_id, KIND, table, options.mapping)
    people = read_people(table, columns)
    run = _Import(_staff(connection, org_id, now_ms), ServerWrites(by, now_ms), Imported(threshold=options.threshold))
    run.done.rows, run.done.columns = len(table.rows), columns
    run.done.active_before = sum(each.active for each in run.staff.employees.values())
    lines = _checked(people, run)
    if run.errors and not (options.dry_run or options.skip_faulty):
        raise refusal(run.errors)
    _gather(lines, run, complete=options.complete and not run.errors)
    run.done.refused = len({fault.row for fault in run.errors})
    run.done.errors, run.done.warnings = tuple(run.errors), (*people.warnings, *run.warnings)
    before = imported_before(connection, org_id, KIND, file)
    run.done.same_file_at = None if before is None else before.at
    if options.dry_run:
        return run.done
    if options.complete and run.errors:
        # Who stands in a faulty row would be taken for missing.
        raise refusal(run.errors)
    run.done.check_threshold()
    _write(connection, org_id, file, run)
    return run.done


def import_employees(
    connection: Connection, org_id: int, text: str, *, by: str, now_ms: int, dry_run: bool = False
) -> Imported:
    """Import a CSV that is at hand as text, with every option left as it is."""
    file = SourceFile(text.encode("utf-8"), "employees.csv")
    return import_people(connection, org_id, file, ImportOptions(dry_run=dry_run), by=by, now_ms=now_ms)


def _write(connection: Connection, org_id: int, file: SourceFile, run: _Import) -> None:
    if not run.writes.written and run.done.same_file_at is not None:
        return
    run.done.scores_marked = mark_touched(connection, org_id, run.touched, run.writes.now_ms)
    counts, by, now_ms = run.done.counts(), run.writes.by, run.writes.now_ms
    write(connection, org_id, run.writes)
    rebuild_placed(connection, org_id, run.touched.spans, now_ms)
    remember_import(connection, org_id, KIND, file, counts, by=by, now_ms=now_ms)
    if run.writes.written:
        add_audit(connection, org_id, "employee.import", by=by, now_ms=now_ms, facts={"file": file.name, **counts})


def _staff(connection: Connection, org_id: int, now_ms: int) -> Staff:
    employees = store.employees_of(connection, org_id)
    rows, stretches = stretches_by_employee(connection, org_id)
    return Staff(
        units=UnitNames.of(store.units_of(connection, org_id)),
        employees={each.nip: each for each in employees},
        rows=rows,
        stretches=stretches,
        today=local_date(connection, org_id, now_ms),
        is_first_file=not employees,
        nips={each.id: each.nip for each in employees},
    )


def _checked(people: PeopleFile, run: _Import) -> list[PersonLine]:
    """The lines that fit with each other and with who is here; the others' faults are added."""
    run.errors += people.errors
    good = {line.nip: line for line in people.lines}
    while True:
        faults = [fault for line in good.values() if (fault := _fault(line, good, people, run)) is not None]
        if not faults:
            run.errors.sort(key=lambda fault: fault.row)
            return list(good.values())
        run.errors += faults
        refused = {fault.row for fault in faults}
        # One who is refused here may have been another one's supervisor.
        good = {nip: line for nip, line in good.items() if line.number not in refused}


def _fault(line: PersonLine, good: dict[str, PersonLine], people: PeopleFile, run: _Import) -> Fault | None:
    staff = run.staff
    if line.supervisor_nip and line.supervisor_nip not in staff.employees and line.supervisor_nip not in good:
        return people.fault(line.number, "supervisor_nip", "nobody has this NIP, here or in the file")
    if line.supervisor_nip and _stands_in_a_circle(line, good, staff):
        return people.fault(line.number, "supervisor_nip", "the supervisors stand in a circle")
    if line.full_name is None and line.nip not in staff.employees:
        return people.fault(line.number, "full_name", "the name of a new person is missing")
    if line.unit_name and not line.unit_code and staff.units.is_ambiguous(line.unit_name):
        return people.fault(line.number, "unit_name", "several units have this name; add the unit's code")
    return None


def _stands_in_a_circle(line: PersonLine, good: dict[str, PersonLine], staff: Staff) -> bool:
    """Whether the line gives the person a supervisor whom they lead on the day from which it counts."""
    day = max(staff.today, line.valid_from or staff.today)
    if _leader(line.nip, {}, staff, day) == line.supervisor_nip:
        return False
    seen: set[str] = set()
    above = line.supervisor_nip
    while above is not None and above not in seen:
        if above == line.nip:
            return True
        seen.add(above)
        above = _leader(above, good, staff, day)
    return False


def _leader(nip: str, good: dict[str, PersonLine], staff: Staff, day: date) -> str | None:
    """The NIP of the person's supervisor on a day: what the file says of it, else what is known."""
    line, employee = good.get(nip), staff.employees.get(nip)
    if line is not None and line.supervisor_nip and (line.valid_from or staff.today) <= day:
        return line.supervisor_nip
    here = None if employee is None else on_day(staff.stretches.get(employee.id, ()), day)
    return None if here is None else staff.nip_of(here.supervisor)


def _gather(lines: list[PersonLine], run: _Import, *, complete: bool) -> None:
    units = {line.number: _put_unit(line, run) for line in lines}
    touched = {line.nip for line in lines if _put_employee(line, units[line.number], run, complete=complete)}
    for line in lines:
        placed = _put_placement(line, units[line.number], run)
        if not placed and line.nip not in touched:
            run.done.unchanged += 1
    if complete:
        _deactivate_others({line.nip for line in lines}, run)


def _put_unit(line: PersonLine, run: _Import) -> str | None:
    """The id of the line's unit, which is made or renamed where need be."""
    units, done, writes = run.staff.units, run.done, run.writes
    known = units.find(line.unit_code, line.unit_name)
    if known is None:
        if not (line.unit_code or line.unit_name):
            return None
        name = line.unit_name or line.unit_code or ""
        code = line.unit_code or units.new_code(name)
        unit = writes.create("org_unit", {"code": code, "name": name})
        units.add(unit, code, name)
        done.units_created += 1
        done.changes.append(Change("unit", code, name, {"name": (None, name)}, line.number))
        return unit
    if line.unit_code and line.unit_name and line.unit_name != known.name:
        writes.change("org_unit", known.id, known.revision, {"name": line.unit_name}, {"name": known.name})
        units.rename(known, line.unit_name)
        done.units_changed += 1
        told = {"name": (known.name, line.unit_name)}
        done.changes.append(Change("unit", known.code, line.unit_name, told, line.number))
    return known.id


def _put_employee(line: PersonLine, unit: str | None, run: _Import, *, complete: bool) -> bool:
    """Gather what is new about the person; returns whether anything is."""
    staff, writes, done = run.staff, run.writes, run.done
    known = staff.employees.get(line.nip)
    told = {name: getattr(line, name) for name in _OWN_FIELDS if getattr(line, name) is not None}
    if known is None:
        # Who is new and said to have left is taken in all the same, so that what they have done can be read.
        fields = {"nip": line.nip, "active": line.active is not False, **told}
        employee = writes.create_own("employee", fields, unit=unit)
        _keep(staff, line.nip, EmployeeRow(employee, 1, line.nip, str(line.full_name), active=fields["active"]))
        staff.new.add(line.nip)
        done.employees_created += 1
        told_now = {name: (None, value) for name, value in told.items()}
        done.changes.append(Change("created", line.nip, str(line.full_name), told_now, line.number))
        return True
    wish = True if line.active is None and complete else line.active
    if wish is not None:
        told["active"] = wish
    was = {name: _as_told(getattr(known, name)) for name in told}
    changed = {name: value for name, value in told.items() if value != was[name]}
    if not changed:
        return False
    _change_employee(known, changed, {name: was[name] for name in changed}, unit, run)
    kind = "changed" if "active" not in changed else "reactivated" if changed["active"] else "deactivated"
    fields_told = {name: (was[name], value) for name, value in changed.items()}
    done.changes.append(Change(kind, line.nip, line.full_name or known.full_name, fields_told, line.number))
    return True


def _change_employee(
    known: EmployeeRow, changed: dict[str, Any], was: dict[str, Any], unit: str | None, run: _Import
) -> None:  # fmt: skip
    run.writes.change(
        "employee", known.id, known.revision, changed, was, owner=known.id,
        unit=unit or run.staff.unit_now(known.id),
    )  # fmt: skip
    run.done.employees_changed += 1
    if "active" in changed:
        run.done.employees_reactivated += changed["active"]
        run.done.employees_deactivated += not changed["active"]
    since = changed.get("grade_since")
    values = changed | ({} if since is None else {"grade_since": date.fromisoformat(since)})
    _keep(run.staff, known.nip, replace(known, revision=known.revision + 1, **values))


def _keep(staff: Staff, nip: str, employee: EmployeeRow) -> None:
    staff.employees[nip] = employee
    staff.nips[employee.id] = nip


def _as_told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _put_placement(line: PersonLine, unit: str | None, run: _Import) -> bool:
    """Gather the person's placement as the line tells it; returns whether anything is new.

    Where nothing was known the placement counts for the days before too; what differs begins on the day that is told,
    else today, and what was planned for later days stays.
    """
    staff = run.staff
    employee = staff.employees[line.nip]
    supervisor = staff.employees[line.supervisor_nip].id if line.supervisor_nip else None
    wish = {"org_unit": unit, "position": line.position, "supervisor": supervisor}
    told = {name: value for name, value in wish.items() if value is not None}
    known = staff.stretches.get(employee.id, [])
    if not known:
        first = FIRST_DAY if staff.is_first_file or line.valid_from is None else line.valid_from
        wanted = [Stretch(first, OPEN).given(told)]
    elif told:
        day = _first_day(line, told, known, run)
        moves = "org_unit" in told and (here := on_day(known, day)) is not None and here.org_unit not in (None, unit)
        # Who acted for the former supervisor does not act in the new unit.
        along: dict[str, str | None] = {"acting_supervisor": None} if moves else {}
        wanted = onward(known, told, day, along=along, filling=line.valid_from is None)
    else:
        return False
    new, changed = gather_placements(employee, staff.rows.get(employee.id, []), wanted, run.writes, run.touched)
    if not new + changed:
        return False
    run.done.assignments_created += new
    run.done.assignments_changed += changed
    if line.nip not in staff.new:
        run.done.changes.append(_placement_change(line, employee, known, wanted, run))
    staff.stretches[employee.id] = wanted
    return True


def _first_day(line: PersonLine, told: dict[str, str], known: list[Stretch], run: _Import) -> date:
    """From when on the line counts. It never reaches behind the day on which the present unit began."""
    today = run.staff.today
    if line.valid_from is None:
        return today
    if line.valid_from > today:
        return line.valid_from
    here = placed_on(known, today)
    assert here is not None, "somebody without placements has been dealt with"
    began = here.first
    for each in reversed([each for each in known if each.first < began]):
        if each.org_unit != here.org_unit:
            break
        began = each.first
    if line.valid_from >= began:
        return line.valid_from
    if told.get("org_unit", here.org_unit) == here.org_unit:
        return began
    why = "older than the placement that is known; the change counts from today"
    run.warnings.append(Fault(line.number, "valid_from", why))
    return today


def _placement_change(
    line: PersonLine, employee: EmployeeRow, known: list[Stretch], wanted: list[Stretch], run: _Import
) -> Change:  # fmt: skip
    new = next(each for each in wanted if (on_day(known, each.first) or Stretch(OPEN, OPEN)).values != each.values)
    old = placed_on(known, new.first)
    assert old is not None, "somebody without placements has been dealt with"
    staff = run.staff
    fields: dict[str, tuple[Any, Any]] = {
        "unit_code": (staff.units.code_of(old.org_unit), staff.units.code_of(new.org_unit)),
        "position": (old.position, new.position),
        "supervisor_nip": (staff.nip_of(old.supervisor), staff.nip_of(new.supervisor)),
    }
    told = {name: pair for name, pair in fields.items() if pair[0] != pair[1]}
    told["valid_from"] = (None, new.first.isoformat())
    return Change("placed", employee.nip, employee.full_name, told, line.number)


def _deactivate_others(named: set[str], run: _Import) -> None:
    for nip, employee in list(run.staff.employees.items()):
        if employee.active and nip not in named:
            _change_employee(employee, {"active": False}, {"active": True}, None, run)
            told = {"active": (True, False)}
            run.done.changes.append(Change("deactivated", nip, employee.full_name, told))

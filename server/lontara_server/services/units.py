"""Org units as a tree: imported from a file that names each unit's parent, and shown from the top down.

Works in the transaction that it is given. No unit is ever deleted; one that a file does not name stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lontara_server.services.access import local_date
from lontara_server.services.file_faults import Fault, refusal
from lontara_server.services.import_runs import SourceFile, remember_import
from lontara_server.services.mappings import columns_of, missing_columns
from lontara_server.services.placements import placed_on, stretches_by_employee
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.services.table_file import Table, read_table
from lontara_server.services.unit_names import CODE_LENGTH_MAX
from lontara_server.storage import people as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import UnitRow
from lontara_server.storage.server_log import lock_server_actor

KIND: Final = "unit"
_NAME_LENGTH_MAX: Final = 200


@dataclass(frozen=True)
class UnitLine:
    """One row of the file. `parent`: a code; None: the unit has none above it, or the file has no such column."""

    number: int
    code: str
    name: str
    parent: str | None


@dataclass
class ImportedUnits:
    """What an import of units wrote, or in a dry run would write."""

    rows: int = 0
    units_created: int = 0
    units_changed: int = 0
    unchanged: int = 0
    errors: list[Fault] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    def document(self, *, with_changes: bool = False) -> dict[str, Any]:
        told: dict[str, Any] = {**self.counts(), "errors": [each.document() for each in self.errors]}
        return told | {"changes": self.changes} if with_changes else told


def import_units(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    *,
    by: str,
    now_ms: int,
    mapping: str | None = None,
    dry_run: bool = False,
) -> ImportedUnits:
    """Bring the units to what a CSV or XLSX says: code, name and parent's code. A second time it changes nothing.

    With a parent column the file is the tree: an empty cell means that nothing is above the unit.
    Raises Problem import_refused, which names the cells: a parent that nobody knows, or units above each other in a
    circle; then nothing is written.
    """
    lock_server_actor(connection, org_id)
    table = read_table(file.content, file.name)
    columns = columns_of(connection, org_id, KIND, table, mapping)
    missing = [name for name in ("code", "name") if name not in columns]
    if missing:
        raise missing_columns(missing, table, ["code", "name", "parent"])
    known = {unit.code: unit for unit in store.units_of(connection, org_id)}
    named = table.renamed(columns)
    lines, errors = _lines(named)
    errors += _tree_faults(lines, known, named)
    done, writes = ImportedUnits(rows=len(named.rows), errors=errors), ServerWrites(by, now_ms)
    if errors and not dry_run:
        raise refusal(errors)
    if not errors:
        _gather(lines, known, writes, done, has_parents="parent" in columns)
    if not dry_run and writes.written:
        write(connection, org_id, writes)
        remember_import(connection, org_id, KIND, file, done.counts(), by=by, now_ms=now_ms)
        facts = {"file": file.name, **done.counts()}
        add_audit(connection, org_id, "unit.import", by=by, now_ms=now_ms, facts=facts)
    return done


def unit_tree(connection: Connection, org_id: int, now_ms: int) -> list[dict[str, Any]]:
    """The units from the top down, each with its `children`, and how many active people work in it today."""
    units, counts = store.units_of(connection, org_id), _staff_counts(connection, org_id, now_ms)
    ids = {unit.id for unit in units}
    below: dict[str | None, list[UnitRow]] = {}
    for unit in units:
        below.setdefault(unit.parent if unit.parent in ids else None, []).append(unit)

    def document(unit: UnitRow) -> dict[str, Any]:
        children = [document(each) for each in below.get(unit.id, [])]
        own = counts.get(unit.id, 0)
        total = own + sum(each["people_with_below"] for each in children)
        told = {"id": unit.id, "code": unit.code, "name": unit.name, "people": own, "people_with_below": total}
        return {**told, "children": children}

    return [document(unit) for unit in below.get(None, [])]


def _staff_counts(connection: Connection, org_id: int, now_ms: int) -> dict[str, int]:
    day = local_date(connection, org_id, now_ms)
    _, stretches = stretches_by_employee(connection, org_id)
    counts: dict[str, int] = {}
    for employee in store.employees_of(connection, org_id):
        here = placed_on(stretches.get(employee.id, ()), day)
        if employee.active and here is not None and here.org_unit is not None:
            counts[here.org_unit] = counts.get(here.org_unit, 0) + 1
    return counts


def _lines(table: Table) -> tuple[list[UnitLine], list[Fault]]:
    lines: dict[str, UnitLine] = {}
    errors: list[Fault] = []
    for row in table.rows:
        code, name = row.cells["code"], " ".join(row.cells["name"].split())
        parent = row.cells.get("parent", "")
        found = []
        if not 0 < len(code) <= CODE_LENGTH_MAX:
            found.append(("code", f"a code has 1 to {CODE_LENGTH_MAX} characters"))
        elif code in lines:
            found.append(("code", f"the same code as in row {lines[code].number}"))
        if not 0 < len(name) <= _NAME_LENGTH_MAX:
            found.append(("name", f"a name has 1 to {_NAME_LENGTH_MAX} characters"))
        errors += [Fault(row.number, column, why, table.cell(row.number, column)) for column, why in found]
        if not found:
            lines[code] = UnitLine(row.number, code, name, None if parent in ("", "-") else parent)
    return list(lines.values()), errors


def _tree_faults(lines: Sequence[UnitLine], known: Mapping[str, UnitRow], table: Table) -> list[Fault]:
    """Parents that nobody knows, and units that would stand above themselves."""
    codes = {unit.id: code for code, unit in known.items()}
    parents = {code: codes.get(unit.parent or "") for code, unit in known.items()}
    if "parent" in table.header:
        parents |= {line.code: line.parent for line in lines}
    by_code = {line.code: line for line in lines}
    errors = []
    for line in lines:
        if line.parent is not None and line.parent not in by_code and line.parent not in known:
            why = "no unit has this code, here or in the file"
        elif _is_above_itself(line.code, parents):
            why = "the unit stands above itself in a circle"
        else:
            continue
        errors.append(Fault(line.number, "parent", why, table.cell(line.number, "parent")))
    return errors


def _is_above_itself(code: str, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    above = parents.get(code)
    while above is not None and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def _gather(
    lines: Sequence[UnitLine],
    known: Mapping[str, UnitRow],
    writes: ServerWrites,
    done: ImportedUnits,
    *,
    has_parents: bool,
) -> None:
    units = dict(known)
    for line in _parents_first(lines, known):
        parent = units[line.parent].id if line.parent is not None else None
        unit = units.get(line.code)
        if unit is None:
            created = writes.create("org_unit", {"code": line.code, "name": line.name, "parent": parent})
            units[line.code] = UnitRow(created, 1, line.code, line.name, parent)
            done.units_created += 1
            fields = {"name": (None, line.name), "parent": (None, line.parent)}
            done.changes.append(_change("created", line, fields))
            continue
        wish = {"name": line.name, "parent": parent if has_parents else unit.parent}
        was = {"name": unit.name, "parent": unit.parent}
        changed = {name: value for name, value in wish.items() if value != was[name]}
        if not changed:
            done.unchanged += 1
            continue
        writes.change("org_unit", unit.id, unit.revision, changed, {name: was[name] for name in changed})
        units[line.code] = replace(unit, revision=unit.revision + 1, name=line.name, parent=wish["parent"])
        done.units_changed += 1
        codes = {each.id: each.code for each in units.values()}
        told = {"name": (unit.name, line.name), "parent": (codes.get(unit.parent or ""), line.parent)}
        done.changes.append(_change("changed", line, {name: told[name] for name in changed}))


def _parents_first(lines: Sequence[UnitLine], known: Mapping[str, UnitRow]) -> list[UnitLine]:
    """The lines in an order in which each parent is there before its children; the file may have any."""
    waiting, ordered, there = list(lines), [], set(known)
    while waiting:
        ready = [line for line in waiting if line.parent is None or line.parent in there]
        assert ready, "circles and unknown parents have been refused"
        ordered += ready
        there |= {line.code for line in ready}
        waiting = [line for line in waiting if line not in ready]
    return ordered


def _change(kind: str, line: UnitLine, fields: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    told = {name: {"was": was, "now": now} for name, (was, now) in fields.items()}
    return {"kind": kind, "key": line.code, "name": line.name, "row": line.number, "fields": told}

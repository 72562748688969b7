"""Whose PIN it is on the machines: imported, told by hand, listed with how often each was pressed.

A PIN is not a NIP. When it becomes somebody's, the recaps of all days on which it was pressed are made anew.
Works in the transaction that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_server.services.attendance_days import days_around, rebuild_days
from lontara_server.services.attendance_file import pin_of
from lontara_server.services.file_faults import Fault, refusal
from lontara_server.services.import_runs import SourceFile, remember_import
from lontara_server.services.mappings import columns_of, missing_columns
from lontara_server.services.nips import nip_error, repaired_nip
from lontara_server.services.table_file import Table, read_table
from lontara_server.storage import attendance as store
from lontara_server.storage import people
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow

KIND: Final = "attendance_pin"


@dataclass
class ImportedPins:
    """What an import of PINs wrote, or in a dry run would write."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    days_changed: int = 0
    errors: list[Fault] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    def document(self) -> dict[str, Any]:
        return {**self.counts(), "errors": [each.document() for each in self.errors]}


def import_pins(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    *,
    by: str,
    now_ms: int,
    mapping: str | None = None,
    dry_run: bool = False,
) -> ImportedPins:
    """Take in whose each PIN is from a CSV or XLSX: pin, nip. A second time it changes nothing; no PIN is taken away.

    Raises Problem import_refused, which names the cells; then nothing is written.
    """
    table = read_table(file.content, file.name)
    columns = columns_of(connection, org_id, KIND, table, mapping)
    missing = [name for name in ("pin", "nip") if name not in columns]
    if missing:
        raise missing_columns(missing, table, ["pin", "nip"])
    named = table.renamed(columns)
    employees = {each.nip: each for each in people.employees_of(connection, org_id)}
    pins, errors = _pins(named, employees)
    if errors and not dry_run:
        raise refusal(errors)
    known = store.pins_of(connection, org_id)
    new = {pin: employee for pin, employee in pins.items() if known.get(pin) != employee}
    added = sum(pin not in known for pin in new)
    done = ImportedPins(len(named.rows), added, len(new) - added, len(pins) - len(new), 0, errors)
    if new and not dry_run:
        done.days_changed = _put(connection, org_id, new, known, now_ms)
        remember_import(connection, org_id, KIND, file, done.counts(), by=by, now_ms=now_ms)
        facts = {"file": file.name, **done.counts()}
        add_audit(connection, org_id, "attendance.pins", by=by, now_ms=now_ms, facts=facts)
    return done


def set_pin(connection: Connection, org_id: int, typed: str, employee: EmployeeRow, *, by: str, now_ms: int) -> int:
    """Say whose a PIN is. Returns how many recaps of days are others now. Raises Problem invalid_field."""
    pin = pin_of(typed)
    if pin is None:
        raise Problem(
            "invalid_field",
            f"{typed!r} is no PIN. Nothing was changed.",
            {"field": "pin", "value": typed},
            "Write the number under which the machine knows the person.",
        )
    known = store.pins_of(connection, org_id)
    if known.get(pin) == employee.id:
        return 0
    changed = _put(connection, org_id, {pin: employee.id}, known, now_ms)
    facts = {"pin": pin, "was": known.get(pin)}
    add_audit(connection, org_id, "attendance.pin", by=by, now_ms=now_ms, subject=employee.id, facts=facts)
    return changed


def list_pins(connection: Connection, org_id: int, *, unmapped_only: bool = False) -> list[dict[str, Any]]:
    """Every PIN that is somebody's or was ever pressed, in JSON types; `nip` is None where it is nobody's yet."""
    known, pressed = store.pins_of(connection, org_id), store.pressed_pins(connection, org_id)
    named = people.employees_by_id(connection, org_id, set(known.values()))
    rows = []
    for pin in sorted({*known, *pressed}, key=lambda each: (len(each), each)):
        owner = named.get(known.get(pin, ""))
        count, last = pressed.get(pin, (0, None))
        if owner is None or not unmapped_only:
            rows.append({
                "pin": pin, "nip": owner.nip if owner else None, "full_name": owner.full_name if owner else None,
                "punches": count, "last_punch_at": last,
            })  # fmt: skip
    return rows


def _pins(table: Table, employees: Mapping[str, EmployeeRow]) -> tuple[dict[str, str], list[Fault]]:
    pins: dict[str, str] = {}
    errors = []
    for row in table.rows:
        pin, nip, found = pin_of(row.cells["pin"]), repaired_nip(row.cells["nip"]), []
        if pin is None:
            found.append(("pin", "a PIN has 1 to 24 signs and no blank in it"))
        if (error := nip_error(nip)) is not None:
            found.append(("nip", error))
        elif nip not in employees:
            found.append(("nip", "nobody here has this NIP"))
        if not found and pin is not None:
            if pins.get(pin, employees[nip].id) != employees[nip].id:
                found.append(("pin", "the same PIN is another person's above"))
            pins[pin] = employees[nip].id
        errors += [Fault(row.number, column, why, table.cell(row.number, column)) for column, why in found]
    return pins, errors


def _put(connection: Connection, org_id: int, new: Mapping[str, str], known: Mapping[str, str], now_ms: int) -> int:
    """Write whose these PINs are; the days of who had them and of who has them are made anew."""
    store.put_pins(connection, org_id, dict(new))
    touched: dict[str, set[date]] = {}
    for pin, days in store.days_of_pins(connection, org_id, new).items():
        around = days_around({date.fromisoformat(day) for day in days})
        for employee in {new[pin], known.get(pin, new[pin])}:
            touched.setdefault(employee, set()).update(around)
    return rebuild_days(connection, org_id, touched, now_ms)

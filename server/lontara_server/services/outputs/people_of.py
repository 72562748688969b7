"""Of whom a file speaks: everybody, a unit with those below it, one person, and whom the one who asks may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lontara_core.problems import Problem
from lontara_server.services.access import Viewer
from lontara_server.services.marks import unit_named
from lontara_server.storage import people
from lontara_server.storage.engine import Connection
from lontara_server.storage.exports import unit_names
from lontara_server.storage.people import AssignmentRow, EmployeeRow


@dataclass(frozen=True)
class Placed:
    """A person with where they worked last in the file's time."""

    employee: EmployeeRow
    assignment: AssignmentRow | None
    unit_name: str | None

    @property
    def position(self) -> str | None:
        return None if self.assignment is None else self.assignment.position

    @property
    def unit(self) -> str | None:
        return None if self.assignment is None else self.assignment.org_unit


@dataclass(frozen=True)
class Wanted:
    """Whom a file is to speak of; without a word it is everybody. viewer: nobody outside of whose bounds is in it."""

    nip: str | None = None
    unit_code: str | None = None
    viewer: Viewer | None = None

    @property
    def is_everybody(self) -> bool:
        return self.nip is None and self.unit_code is None and self.viewer is None

    def facts(self) -> dict[str, str]:
        """What the audit trail notes of it."""
        return {name: each for name, each in (("nip", self.nip), ("unit", self.unit_code)) if each is not None}


def placed_people(
    connection: Connection, org_id: int, first: date, last: date, wanted: Wanted
) -> Mapping[str, Placed]:
    """The people meant, by id, in the order of their names.

    Who left before the time, and who has come after it, is in it too: what is not known of them is not in a file.
    Raises Problem not_found, also for a person outside of the viewer's bounds.
    """
    units, names = _units(connection, org_id, wanted.unit_code), unit_names(connection, org_id)
    held = people.placements_between(connection, org_id, None, first, last)
    today = people.latest_assignments(connection, org_id) if wanted.viewer is not None else {}
    found = {}
    for employee in people.employees_of(connection, org_id):
        assignment = held[employee.id][-1] if employee.id in held else None
        unit = None if assignment is None else assignment.org_unit
        if wanted.nip not in (None, employee.nip) or (units is not None and unit not in units):
            continue
        if wanted.viewer is not None and not _sees(wanted.viewer, employee.id, today.get(employee.id)):
            continue
        found[employee.id] = Placed(employee, assignment, None if unit is None else names.get(unit))
    if wanted.nip is not None and not found:
        raise Problem(
            "not_found", f"Nobody here has the NIP {wanted.nip}. Nothing was changed.", {"nip": wanted.nip}, "Check it."
        )
    return found


def _sees(viewer: Viewer, employee: str, placement: AssignmentRow | None) -> bool:
    return viewer.is_own(employee) or viewer.sees(employee, None if placement is None else placement.org_unit)


def _units(connection: Connection, org_id: int, code: str | None) -> set[str] | None:
    """The unit with what lies below it; None where no unit is meant."""
    if code is None:
        return None
    found = {unit_named(connection, org_id, code).id}
    rows = people.units_of(connection, org_id)
    while below := {row.id for row in rows if row.parent in found} - found:
        found |= below
    return found

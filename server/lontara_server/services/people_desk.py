"""People as the console and the command line show them: found by name, NIP or unit, and one person through time.

A viewer sees the people of their bounds as they work today; who lies outside is answered like who is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services.access import Viewer, local_date
from lontara_server.services.people import employee_document
from lontara_server.services.placements import placed_on, stretches_by_employee
from lontara_server.services.timeline import OPEN, Stretch, stretches_of
from lontara_server.storage import people as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import EmployeeRow, UnitRow
from lontara_server.storage.people_search import PeopleQuery, count_people, people_page

PEOPLE_PER_PAGE: Final = 50
SEARCH_LENGTH_MAX: Final = 100


@dataclass(frozen=True)
class PeoplePage:
    """Some of the people that were found, how many there are, and after whom the next page begins (a NIP)."""

    rows: tuple[Mapping[str, Any], ...]
    total: int
    after: str | None


@dataclass(frozen=True)
class Person:
    """One person as they stand today, and their placements, the newest first."""

    document: Mapping[str, Any]
    placements: tuple[Mapping[str, Any], ...]


def list_for(
    connection: Connection, org_id: int, viewer: Viewer, now_ms: int, *, search: str = "", after: str = ""
) -> PeoplePage:
    """A page of people by name. after: the NIP of the last one of the page before."""
    day = local_date(connection, org_id, now_ms)
    query = PeopleQuery(day, tidy_text(search)[:SEARCH_LENGTH_MAX], viewer.units, viewer.people)
    last = store.employee_of_nip(connection, org_id, after) if after.isascii() and after.isdecimal() else None
    begin = None if last is None else (last.full_name, last.nip)
    found = people_page(connection, org_id, query, after=begin, limit=PEOPLE_PER_PAGE + 1)
    shown = found[:PEOPLE_PER_PAGE]
    placed = store.placements_between(connection, org_id, [each.id for each in shown], day, day)
    here = {employee: placed_on(stretches_of(rows), day) for employee, rows in placed.items()}
    units, named = _around(connection, org_id, [each for each in here.values() if each is not None])
    rows = [employee_document(each, here.get(each.id), units, named) for each in shown]
    for row in rows:
        supervisor = named.get(_supervisor(here.get(row["id"])))
        row["supervisor_name"] = None if supervisor is None else supervisor.full_name
    more = len(found) > PEOPLE_PER_PAGE
    return PeoplePage(tuple(rows), count_people(connection, org_id, query), shown[-1].nip if more else None)


def person_for(connection: Connection, org_id: int, viewer: Viewer, nip: str, now_ms: int) -> Person:
    """One person with all placements. Raises Problem not_found, also for whom the viewer may not see."""
    employee = store.employee_of_nip(connection, org_id, nip) if nip.isascii() and nip.isdecimal() else None
    person = None if employee is None else person_of(connection, org_id, employee, now_ms)
    if employee is None or person is None or not _sees(viewer, employee, person):
        raise Problem("not_found", f"Nobody here has the NIP {nip}. Nothing was changed.", {"nip": nip}, "Check it.")
    return person


def person_of(connection: Connection, org_id: int, employee: EmployeeRow, now_ms: int) -> Person:
    """One person with all placements."""
    day = local_date(connection, org_id, now_ms)
    _, stretches = stretches_by_employee(connection, org_id, [employee.id])
    known = stretches.get(employee.id, [])
    here = placed_on(known, day)
    units, named = _around(connection, org_id, known)
    document = employee_document(employee, here, units, named) | {"unit": None if here is None else here.org_unit}
    placements = [_placement(each, units, named) | {"holds_now": each.holds(day)} for each in reversed(known)]
    return Person(document, tuple(placements))


def _placement(stretch: Stretch, units: dict[str, UnitRow], named: dict[str, EmployeeRow]) -> dict[str, Any]:
    unit = units.get(stretch.org_unit or "")
    told: dict[str, Any] = {
        "valid_from": stretch.first.isoformat(),
        "valid_to": None if stretch.last == OPEN else stretch.last.isoformat(),
        "unit_code": unit.code if unit else None,
        "unit_name": unit.name if unit else None,
        "position": stretch.position,
    }
    for role in ("supervisor", "acting_supervisor"):
        person = named.get(stretch.value(role) or "")
        told[f"{role}_nip"] = person.nip if person else None
        told[f"{role}_name"] = person.full_name if person else None
    return told


def _around(
    connection: Connection, org_id: int, stretches: list[Stretch]
) -> tuple[dict[str, UnitRow], dict[str, EmployeeRow]]:
    """The units and people that these stretches name."""
    units = {unit.id: unit for unit in store.units_of(connection, org_id)}
    people = {each for stretch in stretches for each in (stretch.supervisor, stretch.acting_supervisor) if each}
    return units, store.employees_by_id(connection, org_id, people)


def _supervisor(stretch: Stretch | None) -> str:
    return "" if stretch is None else stretch.supervisor or ""


def _sees(viewer: Viewer, employee: EmployeeRow, person: Person) -> bool:
    return viewer.is_own(employee.id) or viewer.sees(employee.id, person.document["unit"])

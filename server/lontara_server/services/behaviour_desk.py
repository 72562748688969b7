"""Behaviour, marks and budgets as one person at the console sees them: within their bounds, with who may judge whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lontara_server.services import behaviour
from lontara_server.services.access import Viewer
from lontara_server.services.assessors import officer_behind
from lontara_server.services.behaviour import Behaviour
from lontara_server.services.marks import UnitAbsorption, absorption_of
from lontara_server.services.paging import Paging, page_of
from lontara_server.services.plan_desk import employee_for
from lontara_server.storage import marks as store
from lontara_server.storage import people
from lontara_server.storage.engine import Connection
from lontara_server.storage.marks import MarkRow, RatedValue
from lontara_server.storage.people import EmployeeRow


@dataclass(frozen=True)
class RatedPerson:
    """One person's period in the list. mean None: one of the seven values is missing yet."""

    employee: EmployeeRow
    rated: int
    mean: str | None
    marks: Mapping[str, MarkRow]


@dataclass(frozen=True)
class RatedPeople:
    """The people whose period the viewer may see, by name: a page of them."""

    rows: tuple[RatedPerson, ...]
    paging: Paging


@dataclass(frozen=True)
class ShownBehaviour:
    """One person's period with its ratings and marks."""

    held: Behaviour
    marks: Mapping[str, MarkRow]


def list_for(
    connection: Connection, org_id: int, viewer: Viewer, period: str, *, number: int = 1
) -> RatedPeople:
    """Everybody within the bounds, rated or not. Raises Problem invalid_field."""
    behaviour.days_of_period(period)
    placed = people.latest_assignments(connection, org_id)
    seen = []
    for each in people.employees_of(connection, org_id):
        placement = placed.get(each.id)
        unit = None if placement is None else placement.org_unit
        if each.active and (viewer.is_own(each.id) or viewer.sees(each.id, unit)):
            seen.append(each)
    shown, paging = page_of(seen, number)
    ratings: dict[str, dict[str, RatedValue]] = {}
    for row in store.ratings_in(connection, org_id, period):
        ratings.setdefault(row.employee, {})[row.value] = row
    marks: dict[str, dict[str, MarkRow]] = {}
    for mark in store.marks_in(connection, org_id, period, ("quality", "new_idea", "survey")):
        marks.setdefault(mark.employee, {})[mark.kind] = mark
    rows = [
        RatedPerson(
            each, len(ratings.get(each.id, {})), behaviour.mean_of(ratings.get(each.id, {})), marks.get(each.id, {})
        )
        for each in shown
    ]
    return RatedPeople(tuple(rows), paging)


def show_for(
    connection: Connection, org_id: int, viewer: Viewer, nip: str, period: str, now_ms: int
) -> ShownBehaviour:
    """One person's period. Raises Problem not_found (also for whom they may not see), invalid_field, no_policy."""
    employee = employee_for(connection, org_id, viewer, nip)
    held = behaviour.behaviour_of(connection, org_id, employee, period, officer_behind(viewer), now_ms)
    return ShownBehaviour(held, store.marks_of(connection, org_id, employee.id, period))


def absorption_for(connection: Connection, org_id: int, viewer: Viewer, period: str) -> list[UnitAbsorption]:
    """The units within the bounds with what they have spent by the month's end. Raises Problem invalid_field."""
    units = viewer.units
    if viewer.people is not None:
        placed = people.latest_assignments(connection, org_id)
        led = {placed[each].org_unit for each in viewer.people if each in placed}
        units = frozenset(each for each in led if each is not None and (units is None or each in units))
    return absorption_of(connection, org_id, period, units)


def may_tell_absorption(viewer: Viewer, unit: str) -> bool:
    """Whether the viewer may tell what this unit has spent."""
    return viewer.may("absorption.write") and (viewer.units is None or unit in viewer.units)

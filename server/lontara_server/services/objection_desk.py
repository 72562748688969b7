"""Objections as one person at the console sees them: within their bounds, with what they may do about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lontara_core.identifiers import is_id
from lontara_core.problems import Problem
from lontara_server.services import objections
from lontara_server.services.access import Viewer
from lontara_server.services.assessors import officer_behind
from lontara_server.services.objection_rules import open_of
from lontara_server.services.paging import Paging, page_of
from lontara_server.storage import objections as store
from lontara_server.storage import people, periods
from lontara_server.storage.engine import Connection
from lontara_server.storage.objections import OPEN, ObjectionRow
from lontara_server.storage.people import EmployeeRow

LOCKED: Final = "locked"


@dataclass(frozen=True)
class ShownObjection:
    """An objection with what the viewer may do about it. is_locked: whether its month is."""

    row: ObjectionRow
    employee: EmployeeRow
    may_comment: bool
    may_decide: bool
    is_locked: bool


@dataclass(frozen=True)
class ObjectionList:
    """Objections in one state: a page of them, and how many stand in each state."""

    rows: tuple[dict[str, Any], ...]
    paging: Paging
    counts: Mapping[str, int]


def list_for(connection: Connection, org_id: int, viewer: Viewer, state: str, *, number: int = 1) -> ObjectionList:
    """Objections in this state (empty: in any) that the viewer may see; those that are open with the oldest first."""
    placed = people.latest_assignments(connection, org_id)
    seen = [row for row in store.objections_in(connection, org_id, objections.STATES) if _sees(viewer, row.owner, placed)]
    rows = [row for row in seen if row.state == state] if state in objections.STATES else seen
    if state == OPEN:
        rows.reverse()
    shown, paging = page_of(rows, number)
    names = people.employees_by_id(connection, org_id, {row.owner for row in shown})
    documents = tuple(objections.document(row, names[row.owner]) for row in shown)
    return ObjectionList(documents, paging, Counter(row.state for row in seen))


def show_for(connection: Connection, org_id: int, viewer: Viewer, objection: str) -> ShownObjection:
    """One objection. Raises Problem not_found, also for whom they may not see."""
    row = store.objection_of(connection, org_id, objection) if is_id(objection) else None
    if row is None or not _sees(viewer, row.owner, people.latest_assignments(connection, org_id)):
        raise Problem(
            "not_found", "There is no such objection here. Nothing was changed.", {"objection": objection}, "Check it."
        )
    employee = people.employee_of_id(connection, org_id, row.owner)
    assert employee is not None, "who objected is never taken away"
    decides = row.state == OPEN and not viewer.is_own(row.owner)
    locked = any((held.month, held.state) == (row.period, LOCKED) for held in periods.periods_of(connection, org_id))
    return ShownObjection(
        row,
        employee,
        may_comment=decides and viewer.may("objection.write"),
        may_decide=decides and viewer.may("objection.decide"),
        is_locked=locked,
    )


def of_month(connection: Connection, org_id: int, owner: str, period: str) -> list[ObjectionRow]:
    """A person's objections to a month, the newest first; that the viewer may see the person was checked before."""
    return store.objections_of(connection, org_id, owner, period)


def may_object(connection: Connection, org_id: int, viewer: Viewer, owner: str, period: str) -> bool:
    """Whether the viewer may open an objection to this month: their own, or as an admin for the person."""
    officer = officer_behind(viewer)
    if not viewer.may("objection.write") or not (officer.is_admin or viewer.is_own(owner)):
        return False
    return open_of(connection, org_id, owner, period) is None


def _sees(viewer: Viewer, owner: str, placed: dict[str, people.AssignmentRow]) -> bool:
    placement = placed.get(owner)
    return viewer.is_own(owner) or viewer.sees(owner, None if placement is None else placement.org_unit)

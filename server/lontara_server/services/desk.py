"""What waits for somebody, as one person at the console sees it: how much of each kind, and since when.

Whose records a person sees is decided in `access`; what is done about each kind, in its own service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal

from lontara_server.services.access import Viewer
from lontara_server.services.attendance_pins import list_pins
from lontara_server.services.conflict_desk import waits_for
from lontara_server.services.policy_desk import drift_for
from lontara_server.storage import objections, operations, people, plans
from lontara_server.storage.engine import Connection
from lontara_server.storage.objections import OPEN
from lontara_server.storage.people import AssignmentRow

Kind = Literal["reviews", "conflicts", "objections", "plans", "pins", "drift"]
_SUBMITTED: Final = "submitted"
# Whose decision a conflict waits for; the worker's own route is nobody's at the console until the worker has answered.
_ROUTES: Final[Mapping[str, frozenset[str]]] = {"supervisor": frozenset({"supervisor"})}
_ALL_ROUTES: Final = frozenset({"admin", "supervisor"})


@dataclass(frozen=True)
class Waiting:
    """How much of one kind waits, and the date since when the oldest of it does; None: none is known."""

    kind: Kind
    count: int
    since: date | None = None


def waiting_for(connection: Connection, org_id: int, viewer: Viewer) -> tuple[Waiting, ...]:
    """What waits within the viewer's bounds: what people wait for first. Kinds of which nothing waits are left out."""
    placed = people.latest_assignments(connection, org_id)
    found = [
        _reviews(connection, org_id, viewer),
        _conflicts(connection, org_id, viewer),
        _objections(connection, org_id, viewer, placed),
        _plans(connection, org_id, viewer, placed),
    ]
    if viewer.may("attendance.machines") and viewer.units is None:
        found.append(Waiting("pins", len(list_pins(connection, org_id, unmapped_only=True))))
    found.append(Waiting("drift", len(drift_for(connection, org_id, viewer).rows)))
    return tuple(each for each in found if each.count)


def _reviews(connection: Connection, org_id: int, viewer: Viewer) -> Waiting:
    count, oldest = operations.count_submitted(
        connection, org_id, operations.Bounds(viewer.people, viewer.units), without=viewer.employee
    )
    return Waiting("reviews", count, oldest)


def _conflicts(connection: Connection, org_id: int, viewer: Viewer) -> Waiting:
    routes = _ROUTES.get(viewer.role, _ALL_ROUTES)
    opened = [
        each.fields["opened_at"]
        for each in operations.list_conflicts(connection, org_id, only_open=True, unit=None)
        if waits_for(each) in routes and viewer.sees(each.owner, each.org_unit) and not viewer.is_own(each.owner)
    ]
    return Waiting("conflicts", len(opened), _oldest(opened))


def _objections(
    connection: Connection, org_id: int, viewer: Viewer, placed: Mapping[str, AssignmentRow]
) -> Waiting:
    opened = [
        row.opened_at
        for row in objections.objections_in(connection, org_id, (OPEN,))
        if _sees(viewer, row.owner, placed)
    ]
    return Waiting("objections", len(opened), _oldest(opened))


def _plans(connection: Connection, org_id: int, viewer: Viewer, placed: Mapping[str, AssignmentRow]) -> Waiting:
    submitted = [
        row
        for row in plans.plans_of_year(connection, org_id, None)
        if row.state == _SUBMITTED and (row.assessor == viewer.employee or _sees(viewer, row.owner, placed))
    ]
    return Waiting("plans", len(submitted))


def _sees(viewer: Viewer, owner: str, placed: Mapping[str, AssignmentRow]) -> bool:
    placement = placed.get(owner)
    return viewer.sees(owner, None if placement is None else placement.org_unit) and not viewer.is_own(owner)


def _oldest(opened: list[int]) -> date | None:
    return datetime.fromtimestamp(min(opened) / 1000, UTC).date() if opened else None

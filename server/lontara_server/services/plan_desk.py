"""Plans as one person at the console sees them: whose they are, what may be done with each, and what a form offers.

Who may move a plan is decided in `plan_moves`; here is only what lies within somebody's bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lontara_core.problems import Problem
from lontara_server.services.access import Viewer
from lontara_server.services.assessors import assesses, officer_behind
from lontara_server.services.paging import Paging, page_of
from lontara_server.services.people import today_in
from lontara_server.services.plan_drafts import invalid
from lontara_server.services.plan_moves import EDITABLE, may_draft
from lontara_server.services.plan_writing import ResultParts, parts_of
from lontara_server.services.plans import FROM, PlanProgress, list_documents, plan_named, progress_of, unknown_plan
from lontara_server.storage import people
from lontara_server.storage import plans as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import AssignmentRow, EmployeeRow
from lontara_server.storage.plans import PlanRow, ResultRow


@dataclass(frozen=True)
class PlanList:
    """Plans of a year within the bounds: a page of them, how many in all by state, and who has none yet."""

    year: int
    years: tuple[int, ...]
    rows: tuple[Mapping[str, Any], ...]
    paging: Paging
    by_state: Mapping[str, int]
    without: tuple[EmployeeRow, ...]


@dataclass(frozen=True)
class ShownPlan:
    """One plan with its progress, and what its viewer may do: write on it, move it to these states, measure."""

    progress: PlanProgress
    may_write: bool
    moves: tuple[str, ...]
    may_measure: bool
    may_name_assessor: bool


@dataclass(frozen=True)
class ResultForm:
    """What the form of a work result needs: its parts (None: a new one), and the superiors' work results to serve."""

    plan: PlanRow
    owner: EmployeeRow
    parts: ResultParts | None
    superiors: tuple[tuple[ResultRow, str], ...]


def list_for(
    connection: Connection, org_id: int, viewer: Viewer, year: int, now_ms: int, *, state: str | None = None,
    number: int = 1,
) -> PlanList:  # fmt: skip
    """The plans of a year that the viewer may see."""
    placed = people.latest_assignments(connection, org_id)
    held = [each for each in store.plans_of_year(connection, org_id, year) if _sees(viewer, each, placed)]
    by_state: dict[str, int] = {}
    for each in held:
        by_state[each.state] = by_state.get(each.state, 0) + 1
    wanted = [each for each in held if state in (None, each.state)]
    rows, paging = page_of(list_documents(connection, org_id, wanted), number)
    planned = {each.owner for each in held}
    without = [
        each
        for each in people.employees_of(connection, org_id)
        if each.active and each.id not in planned and _sees_person(viewer, each.id, placed.get(each.id))
    ]
    years = {*store.plan_years(connection, org_id), year, today_in(connection, org_id, now_ms).year}
    return PlanList(
        year, tuple(sorted(years, reverse=True)), tuple(rows), paging, by_state, tuple(without)
    )  # fmt: skip


def employee_for(connection: Connection, org_id: int, viewer: Viewer, nip: str) -> EmployeeRow:
    """The person with this NIP. Raises Problem not_found, also for whom they may not see."""
    employee = people.employee_of_nip(connection, org_id, nip) if nip.isascii() and nip.isdecimal() else None
    placed = None if employee is None else people.latest_assignments(connection, org_id).get(employee.id)
    if employee is None or not _sees_person(viewer, employee.id, placed):
        raise Problem("not_found", f"Nobody here has the NIP {nip}. Nothing was changed.", {"nip": nip}, "Check it.")
    return employee


def assessor_named(connection: Connection, org_id: int, nip: str) -> str:
    """The id of who is named as assessor: anybody in the org. Raises Problem invalid_field."""
    found = people.employee_of_nip(connection, org_id, nip) if nip.isascii() and nip.isdecimal() else None
    if found is None:
        raise invalid("assessor", f"Nobody here has the NIP {nip}.")
    return found.id


def plan_for(connection: Connection, org_id: int, viewer: Viewer, plan: str) -> PlanRow:
    """The plan. Raises Problem not_found, also for what is not theirs to see."""
    held = plan_named(connection, org_id, plan)
    if not _sees(viewer, held, people.latest_assignments(connection, org_id)):
        raise unknown_plan(plan)
    return held


def show_for(connection: Connection, org_id: int, viewer: Viewer, plan: str, now_ms: int) -> ShownPlan:
    """One plan with its progress. Raises Problem not_found, also for what is not theirs to see."""
    held = plan_for(connection, org_id, viewer, plan)
    officer, today = officer_behind(viewer), today_in(connection, org_id, now_ms)
    day = min(max(today, held.valid_from), held.valid_to)
    is_writer = viewer.may("plan.write")
    judges = is_writer and assesses(connection, org_id, officer, held.owner, held, day)
    drafts = is_writer and (
        may_draft(connection, org_id, officer, held.owner, now_ms)
        or (officer.employee is not None and officer.employee == held.assessor)
    )
    moves = [
        to
        for to, states in FROM.items()
        if held.state in states
        and (drafts if to == "submitted" else judges)
        and not (to == "revision" and held.state == "final" and not officer.is_admin)
    ]
    return ShownPlan(
        progress_of(connection, org_id, held),
        may_write=drafts and held.state in EDITABLE,
        moves=tuple(moves),
        may_measure=judges and held.state != "final" and held.state != "submitted",
        may_name_assessor=is_writer and officer.is_admin,
    )


def form_for(connection: Connection, org_id: int, viewer: Viewer, plan: str, result: str | None) -> ResultForm:
    """What the form of a work result needs. Raises Problem not_found, also for what is not theirs to see."""
    held = plan_for(connection, org_id, viewer, plan)
    parts = None if result is None else parts_of(connection, org_id, held, result)
    above = _superiors(connection, org_id, held)
    if parts is not None and parts.row.supports is not None:
        served = store.result_of_id(connection, org_id, parts.row.supports)
        above |= set() if served is None else {served.owner}
    named = people.employees_by_id(connection, org_id, {held.owner, *above})
    offered = [
        (each, named[owner].full_name)
        for owner in sorted(above, key=lambda each: named[each].full_name)
        for each in store.results_of_owner(connection, org_id, owner, held.year)
    ]
    return ResultForm(held, named[held.owner], parts, tuple(offered))


def _superiors(connection: Connection, org_id: int, plan: PlanRow) -> set[str]:
    """Who assesses the plan, and who supervises its owner now."""
    placed = people.latest_assignments(connection, org_id).get(plan.owner)
    found = {plan.assessor, None if placed is None else placed.supervisor} - {None, plan.owner}
    return {each for each in found if each is not None}


def _sees(viewer: Viewer, plan: PlanRow, placed: Mapping[str, AssignmentRow]) -> bool:
    if viewer.employee is not None and viewer.employee == plan.assessor:
        return True
    return _sees_person(viewer, plan.owner, placed.get(plan.owner))


def _sees_person(viewer: Viewer, employee: str, placement: AssignmentRow | None) -> bool:
    return viewer.is_own(employee) or viewer.sees(employee, None if placement is None else placement.org_unit)

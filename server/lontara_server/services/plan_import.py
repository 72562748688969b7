"""Bringing plans to what a file says; a second time it changes nothing.

What is not in the file stays as it is. A plan that is agreed to is not written on: where the file says otherwise, it is
refused whole, by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from lontara_core.operations import Operation
from lontara_core.problems import Problem
from lontara_server.services.assessors import Officer
from lontara_server.services.file_faults import Fault, refusal
from lontara_server.services.import_runs import SourceFile, imported_before, remember_import
from lontara_server.services.mappings import columns_of, missing_columns
from lontara_server.services.plan_drafts import ActionDraft, IndicatorDraft, ResultDraft, title_key
from lontara_server.services.plan_moves import EDITABLE, move_plan
from lontara_server.services.plan_writing import add_part, add_result, plan_fields, put_fields
from lontara_server.services.plans_file import REQUIRED, FilePlan, FileResult, read_plans
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.services.table_file import read_table
from lontara_server.storage import people, scores
from lontara_server.storage import plans as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow
from lontara_server.storage.plans import ActionRow, IndicatorRow, PlanRow, ResultRow

KIND: Final = "plan"
STATES: Final = ("draft", "submitted", "approved")


@dataclass
class PlansImported:
    """What an import wrote, or in a dry run would write; rows whose plan was right already are unchanged."""

    rows: int = 0
    rows_new: int = 0
    rows_unchanged: int = 0
    plans_created: int = 0
    plans_changed: int = 0
    work_results_created: int = 0
    work_results_changed: int = 0
    indicators_created: int = 0
    indicators_changed: int = 0
    actions_created: int = 0
    actions_changed: int = 0
    plans_moved: int = 0

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass
class _Office:
    """The org's people and plans as they stand, with what the import has gathered for them so far."""

    people: Mapping[str, EmployeeRow]
    plans: dict[str, list[PlanRow]]
    results: dict[str, list[ResultRow]]
    indicators: dict[str, list[IndicatorRow]]
    actions: dict[str, list[ActionRow]]
    # Work results that the file makes, by owner, year and title: a row may serve one of these.
    made: dict[tuple[str, int, str], str] = field(default_factory=dict)


def import_plans(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    officer: Officer,
    now_ms: int,
    *,
    mapping: str | None = None,
    state: str = "draft",
    dry_run: bool = False,
) -> PlansImported:
    """Make and change plans as a CSV or XLSX says, and bring those that are drafts to `state`.

    Raises Problem import_refused, which names the cells; then nothing is written. Also what a move raises.
    """
    table = read_table(file.content, file.name)
    columns = columns_of(connection, org_id, KIND, table, mapping)
    absent = [name for name in REQUIRED if name not in columns]
    if absent:
        raise missing_columns(absent, table, [*REQUIRED])
    table = table.renamed(columns)
    plans, faults = read_plans(table)
    office = _office(connection, org_id, {plan.year for plan in plans})
    faults += _unknown_people(plans, office)
    done, writes = PlansImported(rows=len(table.rows)), ServerWrites(officer.login, now_ms)
    # Superiors first, so that whatever is served is known when it is named.
    touched: dict[str, PlanRow | None] = {}
    if not faults:
        for plan in _superiors_first(plans):
            before = len(writes.written)
            key, held, wrong = _put_plan(plan, office, writes, done)
            faults += wrong
            touched[key] = held
            done.rows_unchanged += len(plan.rows) if len(writes.written) == before else 0
    if faults:
        raise refusal([replace(each, cell=table.cell(each.row, each.column)) for each in faults])
    done.rows_new = done.rows - done.rows_unchanged
    if dry_run:
        return done
    write(connection, org_id, writes)
    years = [scores.PersonMonth(office.people[plan.nip].id, f"{plan.year:04}") for plan in plans]
    scores.mark_dirty(connection, org_id, years if writes.written else [], now_ms)
    done.plans_moved = sum(_bring_to(connection, org_id, key, state, officer, now_ms) for key in touched)
    if writes.written or done.plans_moved or imported_before(connection, org_id, KIND, file) is None:
        remember_import(connection, org_id, KIND, file, done.document(), by=officer.login, now_ms=now_ms)
    if writes.written:
        add_audit(connection, org_id, "plan.import", by=officer.login, now_ms=now_ms, facts=done.document())
    return done


def _office(connection: Connection, org_id: int, years: set[int]) -> _Office:
    plans: dict[str, list[PlanRow]] = {}
    results: dict[str, list[ResultRow]] = {}
    for year in sorted(years):
        for plan in store.plans_of_year(connection, org_id, year):
            plans.setdefault(plan.owner, []).append(plan)
        for result in store.results_of_year(connection, org_id, year):
            results.setdefault(result.owner, []).append(result)
    indicators: dict[str, list[IndicatorRow]] = {}
    for indicator in store.indicators_of(connection, org_id, results.keys()):
        indicators.setdefault(indicator.work_result, []).append(indicator)
    actions: dict[str, list[ActionRow]] = {}
    for action in store.actions_of(connection, org_id, results.keys()):
        actions.setdefault(action.work_result, []).append(action)
    staff = {each.nip: each for each in people.employees_of(connection, org_id)}
    return _Office(staff, plans, results, indicators, actions)


def _unknown_people(plans: list[FilePlan], office: _Office) -> list[Fault]:
    faults = []
    for plan in plans:
        for column, nip in (("nip", plan.nip), ("assessor_nip", plan.assessor_nip)):
            if nip and nip not in office.people:
                faults.append(Fault(plan.row, column, "nobody here has this NIP"))
        if plan.assessor_nip == plan.nip:
            faults.append(Fault(plan.row, "assessor_nip", "nobody assesses themselves"))
        for result in plan.results.values():
            if result.supports_nip and result.supports_nip not in office.people:
                faults.append(Fault(result.row, "supports_nip", "nobody here has this NIP"))
    return faults


def _superiors_first(plans: list[FilePlan]) -> list[FilePlan]:
    """The plans in an order in which a work result that is served comes before what serves it; else as in the file."""
    titles = {(plan.nip, title) for plan in plans for title in plan.results}

    def height(plan: FilePlan, seen: tuple[str, ...] = ()) -> int:
        below = [
            height(other, (*seen, plan.nip))
            for result in plan.results.values()
            if result.supports
            for other in plans
            if other is not plan
            and other.nip not in seen
            and (other.nip, title_key(result.supports)) in titles
            and result.supports_nip in (None, other.nip)
        ]
        return 1 + max(below, default=0)

    return sorted(plans, key=height)


def _put_plan(
    plan: FilePlan, office: _Office, writes: ServerWrites, done: PlansImported
) -> tuple[str, PlanRow | None, list[Fault]]:
    owner = office.people[plan.nip].id
    assessor = office.people[plan.assessor_nip].id if plan.assessor_nip else None
    first, last = plan.valid_from or date(plan.year, 1, 1), plan.valid_to or date(plan.year, 12, 31)
    if not (first.year == last.year == plan.year and first <= last):
        return "", None, [Fault(plan.row, "valid_from", "the plan's days lie in its year, the first before the last")]
    same_year = [each for each in office.plans.get(owner, []) if each.year == plan.year]
    held = next((each for each in same_year if plan.valid_from is None or each.valid_from == first), None)
    if held is None:
        if any(each.valid_from <= last and first <= each.valid_to for each in same_year):
            return "", None, [Fault(plan.row, "valid_from", "there is another plan for these days")]
        key = writes.create("performance_plan", plan_fields(owner, plan.year, first, last, assessor), owner=owner)
        office.plans.setdefault(owner, []).append(PlanRow(key, 1, owner, plan.year, first, last, assessor, "draft"))
        done.plans_created += 1
        faults = []
        for each in plan.results.values():
            faults += _put_result(each, plan, key, owner, None, office, writes, done)
        return key, None, faults
    before, faults = len(writes.written), []
    if assessor is not None and assessor != held.assessor:
        writes.change(
            "performance_plan", held.id, held.revision, {"assessor": assessor}, {"assessor": held.assessor}, owner=owner
        )  # fmt: skip
        done.plans_changed += 1
    for each in plan.results.values():
        faults += _put_result(each, plan, held.id, owner, held, office, writes, done)
    if held.state not in EDITABLE and not all(_may_change_later(each.operation) for each in writes.written[before:]):
        faults.append(Fault(plan.row, "nip", f"the plan is {held.state} and is not written on; have it returned first"))
    return held.id, held, faults


def _may_change_later(operation: Operation) -> bool:
    """Who assesses and what was measured change while a plan holds; what was agreed to does not."""
    return operation.kind == "set" and set(operation.fields) <= {"assessor", "realisation"}


def _put_result(
    told: FileResult,
    plan: FilePlan,
    key: str,
    owner: str,
    held: PlanRow | None,
    office: _Office,
    writes: ServerWrites,
    done: PlansImported,
) -> list[Fault]:
    supports, faults = _served(told, plan, office)
    mine = office.results.get(owner, []) if held is not None else []
    known = next((each for each in mine if each.plan == key and title_key(each.title) == title_key(told.title)), None)
    drafts = tuple(each.draft for each in told.indicators.values())
    if known is None:
        draft = ResultDraft(told.title, told.kind, supports)
        state = "draft" if held is None else held.state
        result = add_result(writes, owner, plan.year, key, state, draft)
        done.work_results_created += 1
    else:
        result = known.id
        wanted = {"title": told.title, "kind": told.kind} | ({"supports": supports} if supports else {})
        done.work_results_changed += put_fields(writes, "work_result_plan", known, wanted)
    office.made[owner, plan.year, title_key(told.title)] = result
    _put_indicators(told, result, owner, drafts, office, writes, done)
    _put_actions(result, owner, tuple(told.actions.values()), office, writes, done)
    return faults


def _put_indicators(
    told: FileResult,
    result: str,
    owner: str,
    drafts: tuple[IndicatorDraft, ...],
    office: _Office,
    writes: ServerWrites,
    done: PlansImported,
) -> None:
    known = {title_key(each.title): each for each in office.indicators.get(result, [])}
    for draft in drafts:
        row, measured = known.get(title_key(draft.title)), told.indicators[title_key(draft.title)].realisation
        extra = {} if measured is None else {"realisation": measured}
        if row is None:
            fields = {"owner": owner, "work_result": result, **draft.fields(), **extra}
            writes.create("indicator", fields, owner=owner)
            done.indicators_created += 1
        else:
            done.indicators_changed += put_fields(writes, "indicator", row, {**draft.fields(), **extra})


def _put_actions(
    result: str,
    owner: str,
    drafts: tuple[ActionDraft, ...],
    office: _Office,
    writes: ServerWrites,
    done: PlansImported,
) -> None:
    known = {(each.quarter, title_key(each.title)): each for each in office.actions.get(result, [])}
    for draft in drafts:
        row = known.get((draft.quarter, title_key(draft.title)))
        if row is None:
            add_part(writes, owner, result, draft)
            done.actions_created += 1
        else:
            done.actions_changed += put_fields(writes, "action_plan", row, dict(draft.fields()))


def _served(told: FileResult, plan: FilePlan, office: _Office) -> tuple[str | None, list[Fault]]:
    """The superior's work result that this one serves, by its title and perhaps whose it is."""
    if not told.supports:
        return None, []
    key, owner = title_key(told.supports), office.people[plan.nip].id
    wanted = office.people[told.supports_nip].id if told.supports_nip else None
    found = {
        each.id
        for of, results in office.results.items()
        for each in results
        if of != owner and wanted in (None, of) and each.year == plan.year and title_key(each.title) == key
    }
    found |= {
        result
        for (of, year, title), result in office.made.items()
        if of != owner and wanted in (None, of) and year == plan.year and title == key
    }
    if len(found) == 1:
        return found.pop(), []
    why = "no superior has a work result of this title" if not found else "several have it: add supports_nip"
    return None, [Fault(told.row, "supports", why)]


def _bring_to(
    connection: Connection, org_id: int, plan: str, state: str, officer: Officer, now_ms: int
) -> bool:
    if state not in STATES:
        raise Problem("invalid_field", f"There is no state {state}. Nothing was changed.", {"field": "state"}, "Check it.")
    held = store.plan_of_id(connection, org_id, plan)
    assert held is not None, "it was written or read just now"
    moved = False
    for step in STATES[STATES.index("submitted") : STATES.index(state) + 1]:
        if held.state in EDITABLE or (step == "approved" and held.state == "submitted"):
            held = move_plan(connection, org_id, plan, step, officer, now_ms)
            moved = True
    return moved

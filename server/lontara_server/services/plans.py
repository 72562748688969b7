"""Performance plans (SKP) as they stand: what is in them, how far it is realised, and what a year is rated by.

Each function works in the transaction that it is given and writes nothing; changing is in `plan_writing` and
`plan_moves`. The arithmetic is `performance.plans`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lontara_core.identifiers import is_id
from lontara_core.problems import Problem
from lontara_server.performance.explanation import decimal_text
from lontara_server.performance.plans import (
    Indicator,
    QuantityOfEntry,
    WorkResult,
    indicator_achievement,
    realisation_of,
)
from lontara_server.performance.year_policy import YearPolicy
from lontara_server.services.assessors import Officer
from lontara_server.services.policies import year_policy_for
from lontara_server.storage import people
from lontara_server.storage import plans as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import EmployeeRow
from lontara_server.storage.plans import ActionRow, AuditRow, IndicatorRow, PlanRow, ResultRow, TargetedEntry

# From which states a plan goes to each other one; who may move it is in `plan_moves`.
FROM: Final[Mapping[str, tuple[str, ...]]] = {
    "submitted": ("draft", "revision"),
    "approved": ("submitted",),
    "revision": ("submitted", "approved", "final"),
    "final": ("approved",),
}
# What counts for a year: a plan that somebody has agreed to.
AGREED: Final = ("approved", "final")


@dataclass(frozen=True)
class IndicatorProgress:
    """How far an indicator is realised. realised, percent None: nobody has measured it yet."""

    row: IndicatorRow
    realised: str | None
    percent: str | None
    entries: tuple[TargetedEntry, ...]
    other_units: tuple[TargetedEntry, ...]


@dataclass(frozen=True)
class ResultProgress:
    """A work result with its indicators, its actions, and how it hangs together with those of others."""

    row: ResultRow
    indicators: tuple[IndicatorProgress, ...]
    actions: tuple[ActionRow, ...]
    supports: ResultRow | None
    supported_by: tuple[ResultRow, ...]


@dataclass(frozen=True)
class PlanProgress:
    """A whole plan; `names` are the people that it speaks of."""

    row: PlanRow
    results: tuple[ResultProgress, ...]
    names: Mapping[str, EmployeeRow]
    trail: tuple[AuditRow, ...]


def plan_named(connection: Connection, org_id: int, plan: str) -> PlanRow:
    """The plan with this id. Raises Problem not_found."""
    found = store.plan_of_id(connection, org_id, plan) if is_id(plan) else None
    if found is None:
        raise unknown_plan(plan)
    return found


def unknown_plan(plan: str) -> Problem:
    """There is no such plan, or none that the asker may know of."""
    return Problem(
        "not_found",
        f"There is no plan {plan}. Nothing was changed.",
        {"plan": plan},
        "`lontara-server plan list` shows every plan.",
    )


def plan_on(connection: Connection, org_id: int, employee: str, day: date) -> PlanRow | None:
    """The person's plan that holds on this day, whatever its state."""
    plans = store.plans_of_owner(connection, org_id, employee, day.year)
    return next((plan for plan in reversed(plans) if plan.valid_from <= day <= plan.valid_to), None)


def plans_of(connection: Connection, org_id: int, employee: EmployeeRow, year: int) -> list[PlanRow]:
    """The person's plans of a year. Raises Problem not_found where there is none."""
    plans = store.plans_of_owner(connection, org_id, employee.id, year)
    if not plans:
        raise Problem(
            "not_found",
            f"{employee.nip} has no plan for {year}. Nothing was changed.",
            {"nip": employee.nip, "year": year},
            "`lontara-server plan list` shows every plan.",
        )
    return plans


def movable(connection: Connection, org_id: int, year: int, to: str, officer: Officer) -> list[PlanRow]:
    """The plans of a year that can go to this state, without the officer's own: nobody decides on that themselves."""
    held = store.plans_of_year(connection, org_id, year)
    return [each for each in held if each.state in FROM[to] and each.state != "final" and each.owner != officer.employee]


def year_results(
    connection: Connection, org_id: int, employee: str, year: int
) -> tuple[tuple[WorkResult, ...], tuple[QuantityOfEntry, ...]]:
    """What a person's year is rated by: the work results that were agreed to, and the quantities of approved entries.

    An entry counts within its plan's days. A plan that is a draft, submitted or in revision is no measure yet.
    """
    plans = {plan.id: plan for plan in store.plans_of_owner(connection, org_id, employee, year)}
    results = [
        each
        for each in store.results_of_owner(connection, org_id, employee, year)
        if (plans[each.plan].state if each.plan in plans else each.state) in AGREED
    ]
    rows = store.indicators_of(connection, org_id, [employee]) if results else []
    quantities = quantities_of(counted_entries(connection, org_id, employee, year, results, plans))
    return tuple(work_result_of(each, rows) for each in results), quantities


def counted_entries(
    connection: Connection,
    org_id: int,
    owner: str,
    year: int,
    results: Sequence[ResultRow],
    plans: Mapping[str, PlanRow],
) -> list[TargetedEntry]:
    """The approved entries that serve these work results, each within the days of its plan."""
    if not results:
        return []
    days = {each.id: _days_of(each, plans, year) for each in results}
    first, last = min(span[0] for span in days.values()), max(span[1] for span in days.values())
    found = store.targeted_entries(connection, org_id, owner, days.keys(), first, last)
    return [each for each in found if days[each.work_result][0] <= each.work_date <= days[each.work_result][1]]


def quantities_of(entries: Sequence[TargetedEntry]) -> tuple[QuantityOfEntry, ...]:
    """The entries that tell a quantity, as the arithmetic takes them."""
    return tuple(
        QuantityOfEntry(each.id, each.work_result, Decimal(each.quantity), each.output_unit)
        for each in entries
        if each.quantity is not None
    )


def work_result_of(row: ResultRow, indicators: Sequence[IndicatorRow]) -> WorkResult:
    """A work result as the arithmetic takes it."""
    mine = tuple(indicator_of(each) for each in indicators if each.work_result == row.id)
    return WorkResult(row.id, row.title, row.kind, mine)


def indicator_of(row: IndicatorRow) -> Indicator:
    """An indicator as the arithmetic takes it."""
    return Indicator(
        row.id,
        row.title,
        row.aspect,
        Decimal(row.target),
        row.unit,
        row.direction,
        None if row.realisation is None else Decimal(row.realisation),
        None if row.cap is None else Decimal(row.cap),
    )


def progress_of(connection: Connection, org_id: int, plan: PlanRow) -> PlanProgress:
    """The plan with every indicator's target, what is realised of it and by which entries."""
    results = [
        each for each in store.results_of_owner(connection, org_id, plan.owner, plan.year) if each.plan == plan.id
    ]
    indicators = store.indicators_of(connection, org_id, [plan.owner])
    actions = store.actions_of(connection, org_id, [plan.owner])
    entries = counted_entries(connection, org_id, plan.owner, plan.year, results, {plan.id: plan})
    supporting = store.results_supporting(connection, org_id, [each.id for each in results])
    served = {
        each.supports: store.result_of_id(connection, org_id, each.supports) for each in results if each.supports
    }
    policy = year_policy_for(connection, org_id, plan.year)
    told = tuple(
        ResultProgress(
            each,
            tuple(_indicator_progress(row, entries, policy) for row in indicators if row.work_result == each.id),
            tuple(action for action in actions if action.work_result == each.id),
            served.get(each.supports or ""),
            tuple(other for other in supporting if other.supports == each.id),
        )
        for each in results
    )
    ids = {plan.owner, *([plan.assessor] if plan.assessor else ())}
    ids |= {other.owner for each in told for other in (*each.supported_by, *((each.supports,) if each.supports else ()))}
    trail = tuple(store.audit_about(connection, org_id, plan.id))
    return PlanProgress(plan, told, people.employees_by_id(connection, org_id, ids), trail)


def list_documents(connection: Connection, org_id: int, plans: Sequence[PlanRow]) -> list[dict[str, Any]]:
    """Plans in JSON types without what is in them; by name."""
    ids = {each.owner for each in plans} | {each.assessor for each in plans if each.assessor}
    names = people.employees_by_id(connection, org_id, ids)
    rows = [_head(each, names) for each in plans]
    return sorted(rows, key=lambda each: (-each["year"], str(each["full_name"]), each["valid_from"]))


def plan_document(progress: PlanProgress) -> dict[str, Any]:
    """A plan in JSON types with all that is in it; figures as texts."""
    return {
        **_head(progress.row, progress.names),
        "results": [_result_document(each, progress.names) for each in progress.results],
        "trail": [
            {"at": each.at, "by": each.by, "action": each.action, "facts": each.facts} for each in progress.trail
        ],
    }


def _head(plan: PlanRow, names: Mapping[str, EmployeeRow]) -> dict[str, Any]:
    owner, assessor = names.get(plan.owner), names.get(plan.assessor or "")
    return {
        "id": plan.id,
        "nip": None if owner is None else owner.nip,
        "full_name": None if owner is None else owner.full_name,
        "year": plan.year,
        "valid_from": plan.valid_from.isoformat(),
        "valid_to": plan.valid_to.isoformat(),
        "assessor_nip": None if assessor is None else assessor.nip,
        "assessor_name": None if assessor is None else assessor.full_name,
        "state": plan.state,
        "revision": plan.revision,
    }


def _result_document(progress: ResultProgress, names: Mapping[str, EmployeeRow]) -> dict[str, Any]:
    row = progress.row
    return {
        "id": row.id,
        "title": row.title,
        "kind": row.kind,
        "supports": None if progress.supports is None else _other(progress.supports, names),
        "supported_by": [_other(each, names) for each in progress.supported_by],
        "indicators": [_indicator_document(each) for each in progress.indicators],
        "actions": [
            {"id": each.id, "quarter": each.quarter, "title": each.title, "target": each.target, "unit": each.unit}
            for each in progress.actions
        ],
    }


def _other(result: ResultRow, names: Mapping[str, EmployeeRow]) -> dict[str, Any]:
    owner = names.get(result.owner)
    return {
        "id": result.id,
        "title": result.title,
        "nip": None if owner is None else owner.nip,
        "full_name": None if owner is None else owner.full_name,
        "state": result.state,
    }


def _indicator_document(progress: IndicatorProgress) -> dict[str, Any]:
    row = progress.row
    return {
        "id": row.id,
        "title": row.title,
        "aspect": row.aspect,
        "target": row.target,
        "unit": row.unit,
        "direction": row.direction,
        "cap": row.cap,
        "measured": row.realisation,
        "realised": progress.realised,
        "percent": progress.percent,
        "entries": [each.id for each in progress.entries],
        "entries_in_other_units": [each.id for each in progress.other_units],
    }


def _indicator_progress(
    row: IndicatorRow, entries: Sequence[TargetedEntry], policy: YearPolicy
) -> IndicatorProgress:
    mine = [each for each in entries if each.work_result == row.work_result]
    indicator, quantities = indicator_of(row), quantities_of(mine)
    realised = realisation_of(indicator, quantities)
    achieved = indicator_achievement(indicator, quantities, policy.achievement).value
    summed = {key for child in realised.children if child.code == "entry_quantity" for key in child.entry_ids}
    others = {key for child in realised.children if child.code == "entries_in_other_units" for key in child.entry_ids}
    return IndicatorProgress(
        row,
        None if realised.value is None else decimal_text(realised.value),
        None if achieved is None else decimal_text(policy.rounding.apply(achieved)),
        tuple(each for each in mine if each.id in summed),
        tuple(each for each in mine if each.id in others),
    )


def _days_of(result: ResultRow, plans: Mapping[str, PlanRow], year: int) -> tuple[date, date]:
    plan = plans.get(result.plan or "")
    return (date(year, 1, 1), date(year, 12, 31)) if plan is None else (plan.valid_from, plan.valid_to)

"""Statements for performance plans with their work results, indicators and actions, and the entries that name them.

Records are written by the server actor (`storage.server_log`). No rule lives here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from lontara_server.storage.models import (
    ActionPlan,
    ActivityEntry,
    Audit,
    Conflict,
    ConflictRecord,
    Indicator,
    PerformancePlan,
    WorkResultPlan,
)
from lontara_server.storage.people import IDS_PER_STATEMENT


@dataclass(frozen=True)
class PlanRow:
    """A performance plan (SKP)."""

    id: str
    revision: int
    owner: str
    year: int
    valid_from: date
    valid_to: date
    assessor: str | None
    state: str


@dataclass(frozen=True)
class ResultRow:
    """A work result plan (RHK). `plan` None: it was made before plans had a record of their own."""

    id: str
    revision: int
    owner: str
    year: int
    title: str
    kind: str
    state: str
    plan: str | None
    supports: str | None


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator (IKI); figures as decimal texts."""

    id: str
    revision: int
    owner: str
    work_result: str
    title: str
    aspect: str
    target: str
    unit: str
    direction: str
    cap: str | None
    realisation: str | None


@dataclass(frozen=True)
class ActionRow:
    """What a work result needs in one quarter."""

    id: str
    revision: int
    owner: str
    work_result: str
    quarter: int
    title: str
    target: str | None
    unit: str | None


@dataclass(frozen=True)
class TargetedEntry:
    """An approved entry that names a work result and counts."""

    id: str
    work_result: str
    work_date: date
    title: str
    quantity: str | None
    output_unit: str | None


@dataclass(frozen=True)
class AuditRow:
    """A line of the audit trail."""

    at: int
    by: str
    action: str
    facts: dict[str, Any]


_PLAN = (
    PerformancePlan.id, PerformancePlan.revision, PerformancePlan.owner, PerformancePlan.year,
    PerformancePlan.valid_from, PerformancePlan.valid_to, PerformancePlan.assessor, PerformancePlan.state,
)  # fmt: skip
_RESULT = (
    WorkResultPlan.id, WorkResultPlan.revision, WorkResultPlan.owner, WorkResultPlan.year, WorkResultPlan.title,
    WorkResultPlan.kind, WorkResultPlan.state, WorkResultPlan.plan, WorkResultPlan.supports,
)  # fmt: skip
_INDICATOR = (
    Indicator.id, Indicator.revision, Indicator.owner, Indicator.work_result, Indicator.title, Indicator.aspect,
    Indicator.target, Indicator.unit, Indicator.direction, Indicator.cap, Indicator.realisation,
)  # fmt: skip
_ACTION = (
    ActionPlan.id, ActionPlan.revision, ActionPlan.owner, ActionPlan.work_result, ActionPlan.quarter, ActionPlan.title,
    ActionPlan.target, ActionPlan.unit,
)  # fmt: skip


def plan_of_id(connection: Connection, org_id: int, plan: str) -> PlanRow | None:
    """Return the plan with this id, unless it is void."""
    row = connection.execute(_plans(org_id).where(PerformancePlan.id == plan)).first()
    return None if row is None else _plan(row)


def lock_plan(connection: Connection, org_id: int, plan: str) -> PlanRow | None:
    """Return the plan, its row locked until the transaction ends: a plan and what is in it change by one hand at a time."""
    row = connection.execute(_plans(org_id).where(PerformancePlan.id == plan).with_for_update()).first()
    return None if row is None else _plan(row)


def plans_of_year(connection: Connection, org_id: int, year: int | None) -> list[PlanRow]:
    """Return the org's plans of a year (None: all years), by year, owner and first day."""
    query = _plans(org_id).order_by(PerformancePlan.year, PerformancePlan.owner, PerformancePlan.valid_from)
    if year is not None:
        query = query.where(PerformancePlan.year == year)
    return [_plan(row) for row in connection.execute(query)]


def plans_of_owner(connection: Connection, org_id: int, owner: str, year: int) -> list[PlanRow]:
    """Return one person's plans of a year, by first day."""
    query = _plans(org_id).where(PerformancePlan.owner == owner, PerformancePlan.year == year)
    return [_plan(row) for row in connection.execute(query.order_by(PerformancePlan.valid_from))]


def plan_years(connection: Connection, org_id: int) -> list[int]:
    """Return the years that have plans, the newest first."""
    query = select(PerformancePlan.year).where(PerformancePlan.org_id == org_id).distinct()
    return sorted(connection.scalars(query.where(PerformancePlan.voided.is_(False))), reverse=True)


def result_of_id(connection: Connection, org_id: int, result: str) -> ResultRow | None:
    """Return the work result with this id, unless it is void."""
    row = connection.execute(_results(org_id).where(WorkResultPlan.id == result)).first()
    return None if row is None else _result(row)


def results_of_year(connection: Connection, org_id: int, year: int) -> list[ResultRow]:
    """Return every work result of the org for a year, by owner, kind and title."""
    rows = connection.execute(_results(org_id).where(WorkResultPlan.year == year))
    return _in_order(_result(row) for row in rows)


def results_of_owner(connection: Connection, org_id: int, owner: str, year: int) -> list[ResultRow]:
    """Return one person's work results of a year, main ones first."""
    rows = connection.execute(_results(org_id).where(WorkResultPlan.owner == owner, WorkResultPlan.year == year))
    return _in_order(_result(row) for row in rows)


def results_supporting(connection: Connection, org_id: int, results: Collection[str]) -> list[ResultRow]:
    """Return the work results of others that serve these."""
    found = []
    for part in _parts(results):
        rows = connection.execute(_results(org_id).where(WorkResultPlan.supports.in_(part)))
        found += [_result(row) for row in rows]
    return _in_order(found)


def indicators_of(connection: Connection, org_id: int, owners: Collection[str]) -> list[IndicatorRow]:
    """Return these persons' indicators of all years, by work result and title."""
    found = []
    for part in _parts(owners):
        rows = connection.execute(
            select(*_INDICATOR).where(
                Indicator.org_id == org_id, Indicator.owner.in_(part), Indicator.voided.is_(False)
            )
        )  # fmt: skip
        found += [IndicatorRow(*row) for row in rows]
    return sorted(found, key=lambda each: (each.work_result, each.title, each.id))


def actions_of(connection: Connection, org_id: int, owners: Collection[str]) -> list[ActionRow]:
    """Return these persons' actions of all years, by work result, quarter and title."""
    found = []
    for part in _parts(owners):
        rows = connection.execute(
            select(*_ACTION).where(
                ActionPlan.org_id == org_id, ActionPlan.owner.in_(part), ActionPlan.voided.is_(False)
            )
        )  # fmt: skip
        found += [ActionRow(*row) for row in rows]
    return sorted(found, key=lambda each: (each.work_result, each.quarter, each.title, each.id))


def targeted_entries(
    connection: Connection, org_id: int, owner: str, results: Collection[str], first: date, last: date
) -> list[TargetedEntry]:
    """Return the person's approved entries of these days that name these work results, by date.

    Without what a lock holds back until an admin has decided. Another person's work result is served by nobody here.
    """
    wanted = set(results)
    rows = connection.execute(
        select(
            ActivityEntry.id, ActivityEntry.target_id, ActivityEntry.work_date, ActivityEntry.title, ActivityEntry.quantity,
            ActivityEntry.output_unit,
        ).where(
            ActivityEntry.org_id == org_id,
            ActivityEntry.owner == owner,
            ActivityEntry.work_date >= first,
            ActivityEntry.work_date <= last,
            ActivityEntry.target_id.is_not(None),
            ActivityEntry.review_state == "approved",
            ActivityEntry.voided.is_(False),
        )
    )  # fmt: skip
    found = [
        TargetedEntry(row.id, row.target_id, row.work_date, row.title, row.quantity, row.output_unit)
        for row in rows
        if row.target_id in wanted
    ]
    held = _held_by_lock(connection, org_id, [each.id for each in found])
    return sorted((each for each in found if each.id not in held), key=lambda each: (each.work_date, each.id))


def audit_about(connection: Connection, org_id: int, subject: str) -> list[AuditRow]:
    """Return what the audit trail says of one subject, the newest first."""
    rows = connection.execute(
        select(Audit.at, Audit.by, Audit.action, Audit.facts)
        .where(Audit.org_id == org_id, Audit.subject == subject)
        .order_by(Audit.seq.desc())
    )
    return [AuditRow(row.at, row.by, row.action, json.loads(row.facts) if row.facts else {}) for row in rows]


def _held_by_lock(connection: Connection, org_id: int, entries: Sequence[str]) -> set[str]:
    held: set[str] = set()
    for part in _parts(entries):
        held |= set(
            connection.scalars(
                select(ConflictRecord.record)
                .join(Conflict, (Conflict.id == ConflictRecord.conflict) & (Conflict.org_id == org_id))
                .where(
                    ConflictRecord.org_id == org_id,
                    ConflictRecord.record.in_(part),
                    Conflict.kind == "after_lock",
                    Conflict.clashes == "{}",
                    Conflict.state != "resolved",
                    Conflict.voided.is_(False),
                )
            )
        )
    return held


def _parts(ids: Collection[str]) -> list[list[str]]:
    wanted = sorted(set(ids))
    return [wanted[start : start + IDS_PER_STATEMENT] for start in range(0, len(wanted), IDS_PER_STATEMENT)]


def _plans(org_id: int) -> Any:
    return select(*_PLAN).where(PerformancePlan.org_id == org_id, PerformancePlan.voided.is_(False))


def _results(org_id: int) -> Any:
    return select(*_RESULT).where(WorkResultPlan.org_id == org_id, WorkResultPlan.voided.is_(False))


def _plan(row: Any) -> PlanRow:
    id_, revision, owner, year, valid_from, valid_to, assessor, state = row
    return PlanRow(id_, revision, owner, year, valid_from, valid_to, assessor, state or "draft")


def _result(row: Any) -> ResultRow:
    id_, revision, owner, year, title, kind, state, plan, supports = row
    return ResultRow(id_, revision, owner, year, title, kind or "main", state or "draft", plan, supports)


def _in_order(rows: Any) -> list[ResultRow]:
    return sorted(rows, key=lambda each: (each.owner, each.kind != "main", each.title, each.id))

"""Making and changing plans: the plan itself, its work results with indicators and actions, and what was measured.

Only a draft or a plan in revision is written on; what is measured is told while a plan holds. Each function works in
the transaction that it is given, locks the plan first, and marks the year's rating dirty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lontara_core.identifiers import is_id
from lontara_core.problems import Problem
from lontara_server.services.assessors import Officer, check_assesses
from lontara_server.services.people import today_in
from lontara_server.services.plan_drafts import (
    ActionDraft,
    IndicatorDraft,
    ResultDraft,
    invalid,
    plan_figure,
    seen_hash,
    title_key,
)
from lontara_server.services.plan_moves import EDITABLE, check_drafts, mark_year
from lontara_server.services.plans import unknown_plan
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.storage import operations, people
from lontara_server.storage import plans as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow
from lontara_server.storage.plans import ActionRow, IndicatorRow, PlanRow, ResultRow

YEAR_MIN: Final = 2000
YEAR_MAX: Final = 2200
REMOVED: Final = "taken out of the plan"


@dataclass(frozen=True)
class ResultParts:
    """A work result with what is in it now."""

    row: ResultRow
    indicators: tuple[IndicatorRow, ...]
    actions: tuple[ActionRow, ...]

    @property
    def seen(self) -> str:
        """What a form over it names, so that nobody overwrites what they have not seen."""
        rows: tuple[ResultRow | IndicatorRow | ActionRow, ...] = (self.row, *self.indicators, *self.actions)
        return seen_hash((each.id, each.revision) for each in rows)


def create_plan(
    connection: Connection,
    org_id: int,
    owner: EmployeeRow,
    year: int,
    officer: Officer,
    now_ms: int,
    *,
    days: tuple[date, date] | None = None,
    assessor: str | None = None,
) -> PlanRow:
    """Make an empty plan, by default of the whole year. assessor (an id) None: whoever supervises then.

    Raises Problem not_permitted, invalid_field, already_exists.
    """
    check_drafts(connection, org_id, officer, owner.id, now_ms)
    first, last = days or (date(year, 1, 1), date(year, 12, 31))
    check_days(year, first, last)
    _check_assessor(officer, owner.id, assessor)
    _check_free(connection, org_id, owner, year, first, last)
    writes = ServerWrites(officer.login, now_ms)
    plan = writes.create("performance_plan", plan_fields(owner.id, year, first, last, assessor), owner=owner.id)
    write(connection, org_id, writes)
    made = store.plan_of_id(connection, org_id, plan)
    assert made is not None, "it was written just now"
    mark_year(connection, org_id, made, now_ms)
    add_audit(
        connection, org_id, "plan.create", by=officer.login, now_ms=now_ms, subject=plan,
        facts={"employee": owner.id, "year": year},
    )  # fmt: skip
    return made


def plan_fields(owner: str, year: int, first: date, last: date, assessor: str | None) -> dict[str, Any]:
    """A new plan as it stands on the wire."""
    return {
        "owner": owner, "year": year, "valid_from": first.isoformat(), "valid_to": last.isoformat(),
        "assessor": assessor, "state": "draft",
    }  # fmt: skip


def change_plan(
    connection: Connection,
    org_id: int,
    plan: str,
    officer: Officer,
    now_ms: int,
    *,
    days: tuple[date, date],
    assessor: str | None,
) -> PlanRow:
    """Give a plan other days or another assessor. An admin names the assessor, also of a plan that holds.

    Raises Problem not_found, not_permitted, state_not_allowed, invalid_field, already_exists.
    """
    held = _locked(connection, org_id, plan)
    check_drafts(connection, org_id, officer, held.owner, now_ms, assessor=held.assessor)
    wanted: dict[str, Any] = {}
    if days != (held.valid_from, held.valid_to):
        _check_editable(held)
        check_days(held.year, *days)
        owner = people.employee_of_id(connection, org_id, held.owner)
        assert owner is not None, "nobody is deleted"
        _check_free(connection, org_id, owner, held.year, *days, beside=held.id)
        wanted |= {"valid_from": days[0].isoformat(), "valid_to": days[1].isoformat()}
    if assessor != held.assessor:
        _check_assessor(officer, held.owner, assessor)
        wanted["assessor"] = assessor
    if not wanted:
        return held
    was = {
        "valid_from": held.valid_from.isoformat(), "valid_to": held.valid_to.isoformat(), "assessor": held.assessor,
    }  # fmt: skip
    writes = ServerWrites(officer.login, now_ms)
    writes.change(
        "performance_plan", held.id, held.revision, wanted, {name: was[name] for name in wanted}, owner=held.owner
    )  # fmt: skip
    _finish(connection, org_id, held, writes, officer, now_ms, "plan.change", {"now": wanted})
    changed = store.plan_of_id(connection, org_id, plan)
    assert changed is not None, "its row is locked"
    return changed


def parts_of(connection: Connection, org_id: int, plan: PlanRow, result: str) -> ResultParts:
    """One work result of the plan with what is in it. Raises Problem not_found."""
    row = store.result_of_id(connection, org_id, result) if is_id(result) else None
    if row is None or row.plan != plan.id:
        raise Problem(
            "not_found",
            f"There is no work result {result} in this plan. Nothing was changed.",
            {"work_result": result},
            "Open the plan again.",
        )
    indicators = store.indicators_of(connection, org_id, [row.owner])
    actions = store.actions_of(connection, org_id, [row.owner])
    return ResultParts(
        row,
        tuple(each for each in indicators if each.work_result == row.id),
        tuple(each for each in actions if each.work_result == row.id),
    )


def save_result(
    connection: Connection,
    org_id: int,
    plan: str,
    draft: ResultDraft,
    officer: Officer,
    now_ms: int,
    *,
    result: str | None = None,
    seen: str | None = None,
) -> str:
    """Write a work result with its parts as the draft has them; returns its id. result None: a new one.

    seen: of `ResultParts`, what the draft was written over.
    Raises Problem not_found, not_permitted, state_not_allowed, plan_changed, invalid_field.
    """
    held = _locked(connection, org_id, plan)
    check_drafts(connection, org_id, officer, held.owner, now_ms, assessor=held.assessor)
    _check_editable(held)
    check_supports(connection, org_id, held.owner, draft.supports)
    _check_title(connection, org_id, held, draft.title, result)
    writes = ServerWrites(officer.login, now_ms)
    if result is None:
        result = add_result(writes, held.owner, held.year, held.id, held.state, draft)
    else:
        known = parts_of(connection, org_id, held, result)
        if seen is not None and seen != known.seen:
            raise Problem(
                "plan_changed",
                "The work result is no longer as you saw it. Nothing was changed.",
                {"work_result": result},
                "Look at it again, then save.",
            )
        put_result(connection, org_id, writes, known, draft)
    if writes.written:
        _finish(connection, org_id, held, writes, officer, now_ms, "plan.write", {"work_result": result})
    return result


def remove_result(
    connection: Connection, org_id: int, plan: str, result: str, officer: Officer, now_ms: int
) -> None:
    """Take a work result out of the plan with all its parts; the rows and their history stay.

    Raises Problem not_found, not_permitted, state_not_allowed.
    """
    held = _locked(connection, org_id, plan)
    check_drafts(connection, org_id, officer, held.owner, now_ms, assessor=held.assessor)
    _check_editable(held)
    known = parts_of(connection, org_id, held, result)
    writes = ServerWrites(officer.login, now_ms)
    for record_type, ids in (
        ("work_result_plan", [known.row.id]),
        ("indicator", [each.id for each in known.indicators]),
        ("action_plan", [each.id for each in known.actions]),
    ):
        _void(connection, org_id, writes, record_type, ids, held.owner)
    _finish(connection, org_id, held, writes, officer, now_ms, "plan.remove", {"work_result": result})


def measure(
    connection: Connection, org_id: int, plan: str, indicator: str, typed: str, officer: Officer, now_ms: int
) -> None:
    """Tell what was measured of an indicator; an empty text leaves a quantity to the approved entries again.

    By who assesses the plan or an admin, while it is agreed to. Raises Problem not_found, not_permitted,
    state_not_allowed, invalid_field.
    """
    held = _locked(connection, org_id, plan)
    today = today_in(connection, org_id, now_ms)
    check_assesses(connection, org_id, officer, held.owner, held, min(max(today, held.valid_from), held.valid_to))
    if held.state not in ("approved", *EDITABLE):
        raise _not_in_state(held)
    measured = plan_figure(typed, "realisation") if typed.strip() else None
    mine = {each.id: each for each in store.indicators_of(connection, org_id, [held.owner])}
    row = mine.get(indicator)
    found = None if row is None else store.result_of_id(connection, org_id, row.work_result)
    if row is None or found is None or found.plan != held.id:
        raise Problem(
            "not_found",
            f"There is no indicator {indicator} in this plan. Nothing was changed.",
            {"indicator": indicator},
            "Open the plan again.",
        )
    if measured == row.realisation:
        return
    writes = ServerWrites(officer.login, now_ms)
    writes.change(
        "indicator", row.id, row.revision, {"realisation": measured}, {"realisation": row.realisation}, owner=held.owner
    )  # fmt: skip
    facts = {"indicator": indicator, "was": row.realisation, "now": measured}
    _finish(connection, org_id, held, writes, officer, now_ms, "plan.measure", facts)


def add_result(
    writes: ServerWrites, owner: str, year: int, plan: str, state: str, draft: ResultDraft
) -> str:
    """Gather a new work result with its parts; returns its id."""
    fields = {
        "owner": owner, "year": year, "title": draft.title, "kind": draft.kind, "state": state, "plan": plan,
        "supports": draft.supports,
    }  # fmt: skip
    result = writes.create("work_result_plan", fields, owner=owner)
    parts: tuple[IndicatorDraft | ActionDraft, ...] = (*draft.indicators, *draft.actions)
    for each in parts:
        add_part(writes, owner, result, each)
    return result


def add_part(writes: ServerWrites, owner: str, result: str, draft: IndicatorDraft | ActionDraft) -> str:
    """Gather a new indicator or action; returns its id."""
    record_type = "indicator" if isinstance(draft, IndicatorDraft) else "action_plan"
    return writes.create(record_type, {"owner": owner, "work_result": result, **draft.fields()}, owner=owner)


def put_result(
    connection: Connection, org_id: int, writes: ServerWrites, known: ResultParts, draft: ResultDraft
) -> None:
    """Gather what leads from the work result as it stands to the draft."""
    owner = known.row.owner
    put_fields(
        writes, "work_result_plan", known.row,
        {"title": draft.title, "kind": draft.kind, "supports": draft.supports},
    )  # fmt: skip
    _put_parts(connection, org_id, writes, "indicator", known.row, known.indicators, draft.indicators, owner)
    _put_parts(connection, org_id, writes, "action_plan", known.row, known.actions, draft.actions, owner)


def put_fields(writes: ServerWrites, record_type: str, row: Any, wanted: dict[str, Any]) -> bool:
    """Gather the fields that differ from the row; returns whether any does."""
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if changed:
        was = {name: getattr(row, name) for name in changed}
        writes.change(record_type, row.id, row.revision, changed, was, owner=row.owner)
    return bool(changed)


def check_supports(connection: Connection, org_id: int, owner: str, supports: str | None) -> None:
    """Raise Problem invalid_field unless it is a work result of somebody else."""
    if supports is None:
        return
    found = store.result_of_id(connection, org_id, supports) if is_id(supports) else None
    if found is None or found.owner == owner:
        raise invalid("supports", "A work result serves one of a superior.")


def check_days(year: int, first: date, last: date) -> None:
    """Raise Problem invalid_field unless the days lie in the year and in order."""
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise invalid("year", f"A plan's year lies between {YEAR_MIN} and {YEAR_MAX}.")
    if not (first.year == last.year == year and first <= last):
        raise invalid("valid_from", "The plan's days lie in its year, the first before the last.")


def _put_parts(
    connection: Connection,
    org_id: int,
    writes: ServerWrites,
    record_type: str,
    result: ResultRow,
    known: Sequence[IndicatorRow] | Sequence[ActionRow],
    wanted: Sequence[IndicatorDraft] | Sequence[ActionDraft],
    owner: str,
) -> None:
    rows = {each.id: each for each in known}
    for draft in wanted:
        if draft.id is None:
            add_part(writes, owner, result.id, draft)
        elif draft.id in rows:
            put_fields(writes, record_type, rows[draft.id], dict(draft.fields()))
        else:
            raise invalid(record_type, "It belongs to another work result.")
    kept = {each.id for each in wanted}
    _void(connection, org_id, writes, record_type, [key for key in rows if key not in kept], owner)


def _void(
    connection: Connection, org_id: int, writes: ServerWrites, record_type: str, ids: Sequence[str], owner: str
) -> None:
    rows = operations.records_by_id(connection, org_id, record_type, ids)
    for key in ids:
        writes.void(operations.record_of(record_type, rows[key]), reason=REMOVED, owner=owner)


def _locked(connection: Connection, org_id: int, plan: str) -> PlanRow:
    held = store.lock_plan(connection, org_id, plan) if is_id(plan) else None
    if held is None:
        raise unknown_plan(plan)
    return held


def _check_editable(plan: PlanRow) -> None:
    if plan.state not in EDITABLE:
        raise _not_in_state(plan)


def _not_in_state(plan: PlanRow) -> Problem:
    return Problem(
        "state_not_allowed",
        f"The plan is {plan.state} and is not written on. Nothing was changed.",
        {"plan": plan.id, "state": plan.state},
        "Have it returned first.",
    )


def _check_title(connection: Connection, org_id: int, plan: PlanRow, title: str, result: str | None) -> None:
    """A file knows a work result by its title, so a plan has each once."""
    for each in store.results_of_owner(connection, org_id, plan.owner, plan.year):
        if each.plan == plan.id and each.id != result and title_key(each.title) == title_key(title):
            raise invalid("title", "A work result of this title is in the plan already.")


def _check_assessor(officer: Officer, owner: str, assessor: str | None) -> None:
    if assessor is None:
        return
    if assessor == owner:
        raise invalid("assessor", "Nobody assesses themselves.")
    if not officer.is_admin:
        raise Problem(
            "not_permitted",
            "An admin names the assessor. Nothing was changed.",
            {"field": "assessor"},
            "Ask an admin.",
        )


def _check_free(
    connection: Connection,
    org_id: int,
    owner: EmployeeRow,
    year: int,
    first: date,
    last: date,
    *,
    beside: str | None = None,
) -> None:
    for each in store.plans_of_owner(connection, org_id, owner.id, year):
        if each.id != beside and each.valid_from <= last and first <= each.valid_to:
            raise Problem(
                "already_exists",
                f"{owner.nip} has a plan for these days already. Nothing was changed.",
                {"nip": owner.nip, "plan": each.id},
                "Open that plan, or choose other days.",
            )


def _finish(
    connection: Connection,
    org_id: int,
    plan: PlanRow,
    writes: ServerWrites,
    officer: Officer,
    now_ms: int,
    action: str,
    facts: dict[str, Any],
) -> None:
    write(connection, org_id, writes)
    mark_year(connection, org_id, plan, now_ms)
    add_audit(connection, org_id, action, by=officer.login, now_ms=now_ms, subject=plan.id, facts=facts)

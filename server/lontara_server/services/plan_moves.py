"""The way of a plan: draft, submitted, approved, revision, final; and who may move it (the table below).

| to        | from                       | by                                  |
|-----------|----------------------------|-------------------------------------|
| submitted | draft, revision            | its owner, who leads them, an admin |
| approved  | submitted                  | the assessor, an admin              |
| revision  | submitted, approved        | the assessor, an admin              |
| revision  | final                      | an admin                            |
| final     | approved                   | the assessor, an admin              |

Nobody decides on their own plan: an owner moves it to submitted and no further. Each move is told in the audit trail.
"""

from __future__ import annotations

from typing import Final

from lontara_core.problems import Problem
from lontara_server.services.assessors import Officer, check_assesses, leads
from lontara_server.services.people import today_in
from lontara_server.services.plans import FROM, unknown_plan
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.storage import plans as store
from lontara_server.storage import scores
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.plans import PlanRow, ResultRow

EDITABLE: Final = ("draft", "revision")
_VERBS: Final = {"submitted": "submit", "approved": "approve", "revision": "return", "final": "final"}
_REASON_MAX: Final = 2000


def move_plan(
    connection: Connection,
    org_id: int,
    plan: str,
    to: str,
    officer: Officer,
    now_ms: int,
    *,
    reason: str | None = None,
) -> PlanRow:
    """Move a plan and its work results to another state; there already, nothing changes.

    Raises Problem not_found, not_permitted, state_not_allowed, missing_field, invalid_field.
    """
    held = store.lock_plan(connection, org_id, plan)
    if held is None:
        raise unknown_plan(plan)
    _check_mover(connection, org_id, held, to, officer, now_ms)
    if held.state == to:
        return held
    if held.state not in FROM[to]:
        raise Problem(
            "state_not_allowed",
            f"A plan does not go from {held.state} to {to}. Nothing was changed.",
            {"plan": plan, "state": held.state, "wanted": to},
            "Look at it again, then decide.",
        )
    _check_reason(to, reason)
    results = [each for each in store.results_of_owner(connection, org_id, held.owner, held.year) if each.plan == plan]
    if to == "submitted":
        _check_complete(connection, org_id, held, results)
    writes = ServerWrites(officer.login, now_ms)
    writes.change(
        "performance_plan", held.id, held.revision, {"state": to}, {"state": held.state}, owner=held.owner
    )  # fmt: skip
    for each in results:
        if each.state != to:
            writes.change(
                "work_result_plan", each.id, each.revision, {"state": to}, {"state": each.state}, owner=held.owner
            )  # fmt: skip
    write(connection, org_id, writes)
    mark_year(connection, org_id, held, now_ms)
    facts = {"was": held.state, "now": to} | ({"reason": reason} if reason else {})
    add_audit(
        connection, org_id, f"plan.{_VERBS[to]}", by=officer.login, now_ms=now_ms, subject=held.id, facts=facts
    )  # fmt: skip
    moved = store.plan_of_id(connection, org_id, plan)
    assert moved is not None, "its row is locked"
    return moved


def may_draft(connection: Connection, org_id: int, officer: Officer, owner: str, now_ms: int) -> bool:
    """Whether the officer may write this person's plan while it is not agreed to."""
    if officer.is_admin or officer.employee == owner:
        return True
    return leads(connection, org_id, officer, owner, today_in(connection, org_id, now_ms))


def check_drafts(
    connection: Connection, org_id: int, officer: Officer, owner: str, now_ms: int, *, assessor: str | None = None
) -> None:
    """Raise Problem not_permitted for who may not write this person's plan."""
    if assessor is not None and officer.employee == assessor:
        return
    if not may_draft(connection, org_id, officer, owner, now_ms):
        raise Problem(
            "not_permitted",
            "A plan is written by the person, who leads them, or an admin. Nothing was changed.",
            {"employee": owner},
            "Ask the assessor or an admin.",
        )


def mark_year(connection: Connection, org_id: int, plan: PlanRow, now_ms: int) -> None:
    """The year's rating rests on the plan: it is computed anew."""
    scores.mark_dirty(connection, org_id, [scores.PersonMonth(plan.owner, f"{plan.year:04}")], now_ms)


def _check_mover(
    connection: Connection, org_id: int, plan: PlanRow, to: str, officer: Officer, now_ms: int
) -> None:
    if to not in FROM:
        raise Problem("invalid_field", f"There is no state {to}. Nothing was changed.", {"field": "state"}, "Check it.")
    if to == "submitted":
        check_drafts(connection, org_id, officer, plan.owner, now_ms, assessor=plan.assessor)
        return
    today = today_in(connection, org_id, now_ms)
    check_assesses(connection, org_id, officer, plan.owner, plan, min(max(today, plan.valid_from), plan.valid_to))
    if to == "revision" and plan.state == "final" and not officer.is_admin:
        raise Problem(
            "not_permitted",
            "Only an admin opens a plan again that is final. Nothing was changed.",
            {"plan": plan.id},
            "Ask an admin.",
        )


def _check_reason(to: str, reason: str | None) -> None:
    if to == "revision" and not (reason or "").strip():
        raise Problem(
            "missing_field",
            "A plan is returned with a reason, which its owner reads. Nothing was changed.",
            {"field": "reason"},
            "Add --reason TEXT.",
        )
    if reason is not None and len(reason) > _REASON_MAX:
        raise Problem(
            "invalid_field",
            f"A reason has at most {_REASON_MAX} characters. Nothing was changed.",
            {"field": "reason"},
            "Write less.",
        )


def _check_complete(connection: Connection, org_id: int, plan: PlanRow, results: list[ResultRow]) -> None:
    measured = {each.work_result for each in store.indicators_of(connection, org_id, [plan.owner])}
    bare = [each for each in results if each.id not in measured]
    if not results or bare:
        what = f"the work result “{bare[0].title}” has no indicator" if bare else "it has no work result"
        raise Problem(
            "missing_field",
            f"The plan cannot be submitted: {what}. Nothing was changed.",
            {"field": "indicator", "plan": plan.id, "work_results": [each.id for each in bare]},
            "Add what is missing, then submit it.",
        )

"""Pages about policies: the list, one policy with a trial on a past month, letting it hold; and drift."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import Response, request

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.config import Language
from lontara_server.services import policy_desk
from lontara_server.services.outputs.formats import rupiah
from lontara_server.services.policy_store import Activated
from lontara_server.web.console.pages import language, page, page_number, page_routes, problem_words
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

policy_pages = page_routes("policies")


@policy_pages.get("/policies")
@admits("policy.read")
def listing() -> Response:
    """The org's policies, and what was activated."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        rows, activations = policy_desk.list_for(connection, asker.org_id, server.now_ms())
    return page("policies.html", rows=rows, activations=activations)


@policy_pages.get("/policies/<policy>/<version>")
@admits("policy.read")
def detail(policy: str, version: str) -> Response:
    """One policy; with `period=`, what it would change for whom."""
    return _detail(policy, version, period=request.args.get("period"))


@policy_pages.post("/policies/<policy>/<version>/activate")
@admits("policy.activate")
def activate(policy: str, version: str) -> Response:
    """Let a policy hold from a month on; where the form is wrong, show the page again with what was written."""
    asker, server = current_asker(), current_server()
    try:
        with server.transaction() as connection:
            done = policy_desk.activate_for(
                connection, asker.org_id, asker.viewer, policy, _number(version),
                tidy_text(request.form.get("since", "")), reason=request.form.get("reason", ""), now_ms=server.now_ms(),
            )  # fmt: skip
    except Problem as problem:
        if problem.code not in ("invalid_field", "missing_field", "policy_not_valid"):
            raise
        return _detail(policy, version, problem=problem, typed=request.form)
    return _detail(policy, version, done=done)


@policy_pages.get("/scores/drift")
@admits("score.read")
def drift() -> Response:
    """Published scores that what is known now would change, as the last night found them."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        found = policy_desk.drift_for(connection, asker.org_id, asker.viewer)
    return page("drift.html", found=found, amount=_amount, difference=_difference)


def _detail(
    policy: str, version: str, *, period: str | None = None, done: Activated | None = None,
    problem: Problem | None = None, typed: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = policy_desk.show_for(
            connection, asker.org_id, asker.viewer, policy, _number(version), server.now_ms(), language()
        )  # fmt: skip
        tried = None
        if period is not None:
            tried = policy_desk.trial_for(
                connection, asker.org_id, asker.viewer, policy, _number(version), period, server.now_ms(),
                number=page_number(),
            )  # fmt: skip
    return page(
        "policy.html",
        status=200 if problem is None else problem.status,
        shown=shown,
        difference=_difference,
        tried=tried,
        period=period or "",
        done=done,
        problem_sentence=None if problem is None else problem_words(problem),
        typed=typed or {},
        amount=_amount,
    )


def _amount(amount: str | None, spoken: Language) -> str:
    return "–" if amount is None else rupiah(Decimal(amount), spoken)


def _difference(before: str, after: str, spoken: Language) -> str:
    """`+Rp 120.000` or `−Rp 80.000` between two amounts."""
    amount = Decimal(after) - Decimal(before)
    return f"+{rupiah(amount, spoken)}" if amount > 0 else rupiah(amount, spoken)


def _number(version: str) -> int:
    if version.isascii() and version.isdecimal() and len(version) <= 7:
        return int(version)
    raise Problem("not_found", "There is no such policy.", {"version": version}, "Check the address.")

"""Pages about plans: those of a year, one with its progress and next steps, and the form of a work result."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import Response, make_response, redirect, request, url_for

from lontara_core.canonical import tidy_text
from lontara_core.problem_sentences import MESSAGES, in_indonesian
from lontara_core.problems import Problem
from lontara_core.typed_fields import date_typed
from lontara_server.services import plan_desk, plan_moves, plan_writing
from lontara_server.services.assessors import officer_behind
from lontara_server.services.people import today_in
from lontara_server.services.plan_drafts import KINDS
from lontara_server.web.console.pages import language, page, page_number, page_routes
from lontara_server.web.console.plan_forms import FilledForm, draft_of, sent_form, stored_form, with_blanks
from lontara_server.web.console.words import WORDS, say
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

plan_pages = page_routes("plans")

STATES: Final = ("draft", "submitted", "approved", "revision", "final")
# What is told on the page itself, with what was typed; everything else is a page of its own.
TOLD_HERE: Final = frozenset(
    {"already_exists", "invalid_field", "missing_field", "not_permitted", "plan_changed", "state_not_allowed"}
)
ASPECTS: Final = ("quantity", "quality", "time", "cost")
DIRECTIONS: Final = ("higher", "lower")


@plan_pages.get("/plans")
@admits("plan.read")
def listing() -> Response:
    """The plans of a year, and who has none."""
    return _listing()


@plan_pages.post("/plans")
@admits("plan.write")
def create() -> Response:
    """Make an empty plan for somebody, and open it."""
    asker, server = current_asker(), current_server()
    year = _year(request.form.get("year", ""))
    try:
        with server.transaction() as connection:
            owner = plan_desk.employee_for(connection, asker.org_id, asker.viewer, request.form.get("nip", "").strip())
            made = plan_writing.create_plan(
                connection, asker.org_id, owner, year, officer_behind(asker.viewer), server.now_ms()
            )
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _listing(year, problem=problem)
    return _to_plan(made.id)


@plan_pages.get("/plans/<plan>")
@admits("plan.read")
def detail(plan: str) -> Response:
    """One plan with its progress."""
    return _detail(plan)


@plan_pages.post("/plans/<plan>")
@admits("plan.write")
def change(plan: str) -> Response:
    """Give a plan other days or another assessor."""
    asker, server = current_asker(), current_server()
    try:
        with server.transaction() as connection:
            plan_desk.plan_for(connection, asker.org_id, asker.viewer, plan)
            days = (_day("valid_from"), _day("valid_to"))
            nip = request.form.get("assessor", "").strip()
            assessor = plan_desk.assessor_named(connection, asker.org_id, nip) if nip else None
            plan_writing.change_plan(
                connection, asker.org_id, plan, officer_behind(asker.viewer), server.now_ms(), days=days,
                assessor=assessor,
            )  # fmt: skip
    except Problem as problem:
        return _told_on_plan(plan, problem)
    return _to_plan(plan)


@plan_pages.post("/plans/<plan>/move")
@admits("plan.write")
def move(plan: str) -> Response:
    """Submit, approve, return or close a plan."""
    asker, server = current_asker(), current_server()
    reason = tidy_text(request.form.get("reason", "")) or None
    try:
        with server.transaction() as connection:
            plan_desk.plan_for(connection, asker.org_id, asker.viewer, plan)
            plan_moves.move_plan(
                connection, asker.org_id, plan, request.form.get("to", ""), officer_behind(asker.viewer),
                server.now_ms(), reason=reason,
            )  # fmt: skip
    except Problem as problem:
        return _told_on_plan(plan, problem)
    return _to_plan(plan)


@plan_pages.post("/plans/<plan>/measure")
@admits("plan.write")
def measure(plan: str) -> Response:
    """Tell what was measured of an indicator."""
    asker, server = current_asker(), current_server()
    try:
        with server.transaction() as connection:
            plan_desk.plan_for(connection, asker.org_id, asker.viewer, plan)
            plan_writing.measure(
                connection, asker.org_id, plan, request.form.get("indicator", ""), request.form.get("realisation", ""),
                officer_behind(asker.viewer), server.now_ms(),
            )  # fmt: skip
    except Problem as problem:
        return _told_on_plan(plan, problem)
    return _to_plan(plan)


@plan_pages.get("/plans/<plan>/results/new")
@admits("plan.write")
def new_result(plan: str) -> Response:
    """The empty form of a work result."""
    return _form(plan, None)


@plan_pages.post("/plans/<plan>/results")
@admits("plan.write")
def add_result(plan: str) -> Response:
    """Add a work result with its indicators and actions."""
    return _save(plan, None)


@plan_pages.get("/plans/<plan>/results/<result>")
@admits("plan.write")
def result_form(plan: str, result: str) -> Response:
    """The form of a work result as it stands."""
    return _form(plan, result)


@plan_pages.post("/plans/<plan>/results/<result>")
@admits("plan.write")
def change_result(plan: str, result: str) -> Response:
    """Change a work result, or take it out."""
    if request.form.get("do") != "remove":
        return _save(plan, result)
    asker, server = current_asker(), current_server()
    try:
        with server.transaction() as connection:
            plan_desk.plan_for(connection, asker.org_id, asker.viewer, plan)
            plan_writing.remove_result(
                connection, asker.org_id, plan, result, officer_behind(asker.viewer), server.now_ms()
            )  # fmt: skip
    except Problem as problem:
        return _told_on_plan(plan, problem)
    return _to_plan(plan)


def told(problem: Problem) -> str:
    """What exactly is at fault, in this request's language, with the field that it is about."""
    spoken, field = language(), f"field.{problem.facts.get('field')}"
    what = problem.message if spoken == "en" else in_indonesian(problem.message, MESSAGES) or problem.words(spoken)
    return f"{say(spoken, field)}: {what}" if field in WORDS else what


def _save(plan: str, result: str | None) -> Response:
    asker, server, form = current_asker(), current_server(), sent_form()
    try:
        with server.transaction() as connection:
            plan_desk.plan_for(connection, asker.org_id, asker.viewer, plan)
            plan_writing.save_result(
                connection, asker.org_id, plan, draft_of(form), officer_behind(asker.viewer), server.now_ms(),
                result=result, seen=form.seen if result is not None else None,
            )  # fmt: skip
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _form(plan, result, form=form, problem=problem)
    return _to_plan(plan)


def _form(
    plan: str, result: str | None, *, form: FilledForm | None = None, problem: Problem | None = None
) -> Response:
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = plan_desk.form_for(connection, asker.org_id, asker.viewer, plan, result)
    if form is not None and problem is not None and problem.code == "plan_changed" and shown.parts is not None:
        # What was typed is shown over what stands now; sent once more, it is what holds.
        form.seen = shown.parts.seen
    return page(
        "plan_result.html",
        status=200 if problem is None else problem.status,
        shown=shown,
        form=stored_form(shown.parts, language()) if form is None else with_blanks(form),
        kinds=KINDS,
        aspects=ASPECTS,
        directions=DIRECTIONS,
        problem_sentence=None if problem is None else told(problem),
    )


def _listing(year: int | None = None, *, problem: Problem | None = None) -> Response:
    asker, server = current_asker(), current_server()
    asked = request.args.get("state") or None
    state = asked if asked in STATES else None
    with server.transaction() as connection:
        today = today_in(connection, asker.org_id, server.now_ms())
        wanted = year or (_year(request.args["year"]) if request.args.get("year") else today.year)
        found = plan_desk.list_for(
            connection, asker.org_id, asker.viewer, wanted, server.now_ms(), state=state, number=page_number()
        )  # fmt: skip
    return page(
        "plans.html",
        status=200 if problem is None else problem.status,
        found=found,
        state=state,
        states=STATES,
        problem_sentence=None if problem is None else told(problem),
    )


def _told_on_plan(plan: str, problem: Problem) -> Response:
    if problem.code not in TOLD_HERE:
        raise problem
    return _detail(plan, problem=problem)


def _detail(plan: str, *, problem: Problem | None = None) -> Response:
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = plan_desk.show_for(connection, asker.org_id, asker.viewer, plan, server.now_ms())
    progress = shown.progress
    return page(
        "plan.html",
        status=200 if problem is None else problem.status,
        shown=shown,
        plan=progress.row,
        owner=progress.names[progress.row.owner],
        assessor=progress.names.get(progress.row.assessor or ""),
        names=progress.names,
        reason=request.form.get("reason", ""),
        problem_sentence=None if problem is None else told(problem),
    )


def _year(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) == len("2026") and 2000 <= int(text) <= 2200:
        return int(text)
    raise Problem("invalid_field", "That is no year. Nothing was changed.", {"field": "year"}, "Check it.")


def _day(name: str) -> date:
    return date.fromisoformat(date_typed(request.form.get(name, "").strip(), name))


def _to_plan(plan: str) -> Response:
    return make_response(redirect(url_for("plans.detail", plan=plan), 303))

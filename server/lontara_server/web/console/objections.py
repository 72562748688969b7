"""Pages about objections: those that wait and those that are decided, one of them, and the forms to open and decide."""

from __future__ import annotations

from typing import cast

from flask import Response, make_response, redirect, request, url_for

from lontara_core.problems import Problem
from lontara_server.services import objection_desk, objections
from lontara_server.services.assessors import officer_behind
from lontara_server.services.objections import Decision
from lontara_server.services.plan_desk import employee_for
from lontara_server.web.console.pages import page, page_number, page_routes
from lontara_server.web.console.plans import TOLD_HERE, told
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

objection_pages = page_routes("objections")


@objection_pages.get("/objections")
@admits("objection.read")
def listing() -> Response:
    """The objections in a state; those that are open where none is asked for."""
    asker, server = current_asker(), current_server()
    state = request.args.get("state", "open")
    with server.transaction() as connection:
        found = objection_desk.list_for(connection, asker.org_id, asker.viewer, state, number=page_number())
    return page("objections.html", found=found, state=state, states=objections.STATES)


@objection_pages.get("/objections/<objection>")
@admits("objection.read")
def detail(objection: str) -> Response:
    """One objection, with the forms that the viewer may fill in."""
    return _detail(objection)


@objection_pages.post("/objections/<objection>/comment")
@admits("objection.write")
def comment(objection: str) -> Response:
    """Say something to an open objection."""
    asker, server = current_asker(), current_server()
    try:
        with server.transaction() as connection:
            objection_desk.show_for(connection, asker.org_id, asker.viewer, objection)
            objections.comment(
                connection, asker.org_id, objection, request.form.get("text", ""), officer_behind(asker.viewer),
                server.now_ms(),
            )  # fmt: skip
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _detail(objection, problem=problem)
    return _to(objection)


@objection_pages.post("/objections/<objection>/decide")
@admits("objection.decide")
def decide(objection: str) -> Response:
    """Uphold or dismiss an objection, or withdraw it for the person."""
    asker, server = current_asker(), current_server()
    officer, wanted = officer_behind(asker.viewer), request.form.get("decision", "")
    try:
        with server.transaction() as connection:
            objection_desk.show_for(connection, asker.org_id, asker.viewer, objection)
            if wanted == "withdrawn":
                objections.withdraw(connection, asker.org_id, objection, officer, server.now_ms())
            else:
                objections.decide(
                    connection, asker.org_id, objection, _decision(wanted), request.form.get("answer", ""), officer,
                    server.now_ms(), correction=request.form.get("correction"),
                )  # fmt: skip
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _detail(objection, problem=problem)
    return _to(objection)


@objection_pages.post("/scores/<nip>/<period>/objections")
@admits("objection.write")
def open_one(nip: str, period: str) -> Response:
    """Object to a score: one's own, or as an admin for the person."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        employee = employee_for(connection, asker.org_id, asker.viewer, nip)
        made = objections.open_objection(
            connection, asker.org_id, employee, period, request.form.get("text", ""), officer_behind(asker.viewer),
            server.now_ms(),
        )  # fmt: skip
    return _to(made)


def _decision(wanted: str) -> Decision:
    if wanted not in ("upheld", "dismissed"):
        raise Problem(
            "missing_field", "decision is required. Nothing was changed.", {"field": "decision"}, "Choose one and save."
        )
    return cast("Decision", wanted)


def _detail(objection: str, *, problem: Problem | None = None) -> Response:
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = objection_desk.show_for(connection, asker.org_id, asker.viewer, objection)
    return page(
        "objection.html",
        status=200 if problem is None else problem.status,
        shown=shown,
        told=objections.document(shown.row, shown.employee),
        typed=request.form,
        problem_sentence=None if problem is None else told(problem),
    )


def _to(objection: str) -> Response:
    return make_response(redirect(url_for("objections.detail", objection=objection), 303))

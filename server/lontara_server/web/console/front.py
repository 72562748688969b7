"""The console's front door: signing in and out, what waits for a decision, and the files that pages are drawn with."""

from __future__ import annotations

from typing import Final

from flask import Response, make_response, redirect, request, send_from_directory, url_for

from lontara_core.problems import Problem
from lontara_server.services import desk
from lontara_server.services.orgs import orgs_of_server
from lontara_server.web.console.pages import page, page_routes, problem_words
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import (
    begin_session,
    check_form_token,
    current_asker,
    end_session,
    new_form_token,
)
from lontara_server.web.signing_in import sign_in_asked

front_pages = page_routes("front")

_STATIC_SECONDS: Final = 3600


@front_pages.get("/")
@admits("signed_in")
def start() -> Response:
    """What waits for a decision."""
    asker = current_asker()
    with current_server().transaction() as connection:
        waiting = desk.waiting_for(connection, asker.org_id, asker.viewer)
    return page("desk.html", waiting=waiting)


@front_pages.get("/sign-in")
@admits("everybody")
def sign_in_form() -> Response:
    """The form, with a token of its own."""
    return _form()


@front_pages.post("/sign-in")
@admits("everybody")
def sign_in_now() -> Response:
    """Begin a session and go where the person wanted to."""
    try:
        check_form_token()
        org_id, session = sign_in_asked(
            request.form.get("org") or None, _printable("login"), request.form.get("password", "")
        )
    except Problem as problem:
        if problem.code not in ("sign_in_failed", "form_expired", "org_not_named", "too_many_requests"):
            raise
        return _form(problem)
    answer = _go(_inside(request.form.get("next", "")))
    begin_session(answer, org_id, session)
    return answer


@front_pages.post("/sign-out")
@admits("signed_in")
def sign_out_now() -> Response:
    """End the session."""
    answer = _go(url_for("front.sign_in_form"))
    end_session(answer)
    return answer


@front_pages.get("/static/<path:name>")
@admits("everybody")
def static(name: str) -> Response:
    """Styles, the mark and the script, from the package itself."""
    return send_from_directory("static", name, max_age=_STATIC_SECONDS)


def _form(problem: Problem | None = None) -> Response:
    with current_server().transaction() as connection:
        orgs = orgs_of_server(connection)
    answer = page(
        "sign_in.html",
        status=200 if problem is None else problem.status,
        orgs=orgs,
        org=request.form.get("org", ""),
        login=request.form.get("login", ""),
        next=_inside(request.form.get("next") or request.args.get("next", "")),
        token=new_form_token(),
        error=None if problem is None else problem_words(problem),
    )
    new_form_token(answer)
    if problem is not None and "retry_after_seconds" in problem.facts:
        answer.headers["Retry-After"] = str(problem.facts["retry_after_seconds"])
    return answer


def _inside(path: str) -> str:
    """The path, if it is one of our own pages; else the start. `//host` and `/\\host` lead elsewhere."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if ours else url_for("front.start")


def _printable(name: str) -> str:
    text = request.form.get(name, "")
    return text if text.isprintable() else ""


def _go(address: str) -> Response:
    return make_response(redirect(address, 303))

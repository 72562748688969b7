"""Pages about behaviour, marks and budgets: who is rated for a period, one person's form, and what units have spent."""

from __future__ import annotations

from typing import Final

from flask import Response, make_response, redirect, request, url_for

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services import behaviour, behaviour_desk, marks
from lontara_server.services.assessors import officer_behind
from lontara_server.services.people import today_in
from lontara_server.services.plan_desk import employee_for
from lontara_server.web.console.pages import page, page_number, page_routes
from lontara_server.web.console.plans import TOLD_HERE, told
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

behaviour_pages = page_routes("behaviour")

_YEAR_DIGITS: Final = len("YYYY")


@behaviour_pages.get("/behaviour")
@admits("behaviour.read")
def listing() -> Response:
    """Everybody within the bounds for a period; where none is asked for, the year that goes on."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        today = today_in(connection, asker.org_id, server.now_ms())
        period = (request.args.get("period") or f"{today.year}").strip()
        found = behaviour_desk.list_for(connection, asker.org_id, asker.viewer, period, number=page_number())
    return page("behaviours.html", found=found, period=period, is_month=len(period) > _YEAR_DIGITS)


@behaviour_pages.get("/behaviour/<nip>/<period>")
@admits("behaviour.read")
def detail(nip: str, period: str) -> Response:
    """One person's ratings and marks of a period."""
    return _detail(nip, period)


@behaviour_pages.post("/behaviour/<nip>/<period>")
@admits("behaviour.write")
def rate(nip: str, period: str) -> Response:
    """Rate all seven values."""
    asker, server = current_asker(), current_server()
    given = {value: request.form.get(value, "") for value in behaviour.VALUES}
    try:
        with server.transaction() as connection:
            employee = employee_for(connection, asker.org_id, asker.viewer, nip)
            behaviour.rate(
                connection, asker.org_id, employee, period, {name: each for name, each in given.items() if each.strip()},
                officer_behind(asker.viewer), server.now_ms(), note=tidy_text(request.form.get("note", "")) or None,
            )  # fmt: skip
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _detail(nip, period, problem=problem)
    return _to_person(nip, period)


@behaviour_pages.post("/behaviour/<nip>/<period>/marks")
@admits("behaviour.write")
def mark(nip: str, period: str) -> Response:
    """Give the marks of the period: quality of a month, or a new idea and a survey of a year."""
    asker, server = current_asker(), current_server()
    reason = tidy_text(request.form.get("reason", "")) or None
    try:
        with server.transaction() as connection:
            employee = employee_for(connection, asker.org_id, asker.viewer, nip)
            for kind in _kinds(period):
                if kind in request.form:
                    marks.set_mark(
                        connection, asker.org_id, employee, period, kind, request.form[kind],
                        officer_behind(asker.viewer), server.now_ms(), reason=reason if request.form[kind] else None,
                    )  # fmt: skip
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _detail(nip, period, problem=problem)
    return _to_person(nip, period)


@behaviour_pages.get("/absorption")
@admits("behaviour.read")
def absorption() -> Response:
    """What the units have spent by a month's end."""
    return _absorption()


@behaviour_pages.post("/absorption")
@admits("absorption.write")
def tell_absorption() -> Response:
    """Tell what units have spent; a field that is empty says nothing."""
    asker, server = current_asker(), current_server()
    period = request.form.get("period", "").strip()
    try:
        with server.transaction() as connection:
            for each in behaviour_desk.absorption_for(connection, asker.org_id, asker.viewer, period):
                typed = request.form.get(f"percent-{each.unit.id}", "")
                if typed.strip() and behaviour_desk.may_tell_absorption(asker.viewer, each.unit.id):
                    marks.set_absorption(
                        connection, asker.org_id, each.unit.code, period, typed, officer_behind(asker.viewer),
                        server.now_ms(),
                    )  # fmt: skip
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _absorption(problem=problem)
    return make_response(redirect(url_for("behaviour.absorption", period=period), 303))


def _absorption(*, problem: Problem | None = None) -> Response:
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        today = today_in(connection, asker.org_id, server.now_ms())
        asked = (request.values.get("period") or f"{today:%Y-%m}").strip()
        # A period that was refused is none to show.
        period = asked if problem is None or problem.facts.get("field") != "period" else f"{today:%Y-%m}"
        rows = behaviour_desk.absorption_for(connection, asker.org_id, asker.viewer, period)
    return page(
        "absorption.html",
        status=200 if problem is None else problem.status,
        rows=rows,
        period=period,
        typed=request.form,
        may_tell={each.unit.id for each in rows if behaviour_desk.may_tell_absorption(asker.viewer, each.unit.id)},
        problem_sentence=None if problem is None else told(problem),
    )


def _detail(nip: str, period: str, *, problem: Problem | None = None) -> Response:
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = behaviour_desk.show_for(connection, asker.org_id, asker.viewer, nip, period, server.now_ms())
    return page(
        "behaviour.html",
        status=200 if problem is None else problem.status,
        held=shown.held,
        marks=shown.marks,
        kinds=_kinds(period),
        berakhlak=behaviour.VALUES,
        is_month=len(period) > _YEAR_DIGITS,
        may_rate=shown.held.may_rate and asker.viewer.may("behaviour.write"),
        typed=request.form,
        problem_sentence=None if problem is None else told(problem),
    )


def _kinds(period: str) -> tuple[str, ...]:
    wanted = "month" if len(period) > _YEAR_DIGITS else "year"
    return tuple(kind for kind in marks.KINDS if marks.PERIOD_OF[kind] == wanted)


def _to_person(nip: str, period: str) -> Response:
    return make_response(redirect(url_for("behaviour.detail", nip=nip, period=period), 303))

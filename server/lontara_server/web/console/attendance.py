"""Pages about attendance: who was there in a month, one person's days with their punches, and the machines."""

from __future__ import annotations

from typing import Final

from flask import Response, make_response, redirect, request, url_for

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services import attendance_desk
from lontara_server.services.assessors import officer_behind
from lontara_server.services.attendance import DayStatus, clear_day, set_days
from lontara_server.services.people import today_in
from lontara_server.services.plan_desk import employee_for
from lontara_server.web.console.attendance_forms import day_typed, minutes_typed
from lontara_server.web.console.pages import page, page_number, page_routes
from lontara_server.web.console.plans import TOLD_HERE, told
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

attendance_pages = page_routes("attendance")

_FIELDS: Final = ("first", "last", "status", "late_minutes", "early_leave_minutes", "reason")


@attendance_pages.get("/attendance")
@admits("attendance.read")
def listing() -> Response:
    """Everybody within the bounds in a month; where none is asked for, the one that goes on."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        today = today_in(connection, asker.org_id, server.now_ms())
        period = (request.args.get("period") or f"{today:%Y-%m}").strip()
        found = attendance_desk.list_for(connection, asker.org_id, asker.viewer, period, number=page_number())
    return page("attendance.html", found=found, period=period)


@attendance_pages.get("/attendance/<nip>/<period>")
@admits("attendance.read")
def detail(nip: str, period: str) -> Response:
    """One person's month, day by day."""
    return _detail(nip, period)


@attendance_pages.post("/attendance/<nip>/<period>")
@admits("attendance.write")
def tell(nip: str, period: str) -> Response:
    """Say what one or more days were."""
    asker, server = current_asker(), current_server()
    form = {name: request.form.get(name, "") for name in _FIELDS}
    try:
        with server.transaction() as connection:
            employee = employee_for(connection, asker.org_id, asker.viewer, nip)
            first = day_typed(form["first"], "first")
            status = DayStatus(
                first,
                day_typed(form["last"], "last") if form["last"].strip() else first,
                form["status"],
                tidy_text(form["reason"]),
                minutes_typed(form["late_minutes"], "late_minutes"),
                minutes_typed(form["early_leave_minutes"], "early_leave_minutes"),
            )
            set_days(connection, asker.org_id, employee, status, officer_behind(asker.viewer), server.now_ms())
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _detail(nip, period, problem=problem)
    return _to_month(nip, period)


@attendance_pages.post("/attendance/<nip>/<period>/clear")
@admits("attendance.write")
def clear(nip: str, period: str) -> Response:
    """Take back what was said of a day."""
    asker, server = current_asker(), current_server()
    try:
        with server.transaction() as connection:
            employee = employee_for(connection, asker.org_id, asker.viewer, nip)
            clear_day(
                connection, asker.org_id, employee, day_typed(request.form.get("day", ""), "day"),
                request.form.get("reason", ""), officer_behind(asker.viewer), server.now_ms(),
            )  # fmt: skip
    except Problem as problem:
        if problem.code not in TOLD_HERE:
            raise
        return _detail(nip, period, problem=problem)
    return _to_month(nip, period)


@attendance_pages.get("/attendance/machines")
@admits("attendance.machines")
def machines() -> Response:
    """The machines that push, the PINs that are nobody's, and lines that are no punch."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        found = attendance_desk.machines_for(connection, asker.org_id, asker.viewer)
    return page("machines.html", found=found)


def _detail(nip: str, period: str, *, problem: Problem | None = None) -> Response:
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = attendance_desk.month_for(connection, asker.org_id, asker.viewer, nip, period)
    return page(
        "attendance_month.html",
        status=200 if problem is None else problem.status,
        shown=shown,
        statuses=attendance_desk.STATUSES,
        may_set=shown.may_set and asker.viewer.may("attendance.write"),
        typed=request.form,
        problem_sentence=None if problem is None else told(problem),
    )


def _to_month(nip: str, period: str) -> Response:
    return make_response(redirect(url_for("attendance.detail", nip=nip, period=period), 303))

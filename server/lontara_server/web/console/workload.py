"""The page of the workload analysis (ABK): what each unit's outputs take, and how many posts that is."""

from __future__ import annotations

from flask import Response, request

from lontara_core.problems import Problem
from lontara_server.services import workload as loads
from lontara_server.services.people import today_in
from lontara_server.web.console.pages import page, page_routes
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

workload_pages = page_routes("workload")


@workload_pages.get("/workload")
@admits("workload.read")
def report() -> Response:
    """The units within the bounds in a year; where none is asked for, the one that goes on."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        today = today_in(connection, asker.org_id, server.now_ms())
        year = _year(request.args.get("year") or str(today.year))
        viewer = asker.viewer
        units = loads.workload(connection, asker.org_id, year, units=viewer.units, owners=viewer.people)
    years = tuple(sorted({year, *range(today.year, today.year - 4, -1)}, reverse=True))
    return page("workload.html", units=units, year=year, years=years, minutes=loads.MINUTES_PER_YEAR)


def _year(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) == len("2026") and 2000 <= int(text) <= 2200:
        return int(text)
    raise Problem("invalid_field", "That is no year. Nothing was changed.", {"field": "year"}, "Check it.")

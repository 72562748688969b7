"""Pages about scores: everybody's of a month, and one score as the tree that it is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Response, request

from lontara_server.services import objection_desk, score_desk, score_story
from lontara_server.services.score_inputs import org_month
from lontara_server.web.console.pages import language, page, page_routes
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

score_pages = page_routes("scores")

# A page looks again by itself while a score waits for its computation, which the server's job does within seconds.
REFRESH_SECONDS: Final = 5


@score_pages.get("/scores")
@admits("score.read")
def listing() -> Response:
    """The scores of a month; where none is asked for, of the newest that has begun."""
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        found = score_desk.list_for(connection, asker.org_id, asker.viewer)
    periods = sorted({str(each["period"]) for each in found}, reverse=True)
    begun = [each for each in periods if each <= _this_month()] or periods
    period = request.args.get("period") or (begun[0] if begun else "")
    rows = [each for each in found if each["period"] == period]
    return page("scores.html", refresh_seconds=REFRESH_SECONDS, rows=rows, period=period, periods=periods)


@score_pages.get("/scores/<nip>/<period>")
@admits("score.read")
def detail(nip: str, period: str) -> Response:
    """One score with the rows that add up to it."""
    asker, server, spoken = current_asker(), current_server(), language()
    with server.transaction() as connection:
        shown = score_desk.show_for(connection, asker.org_id, asker.viewer, nip, period, spoken)
        since = org_month(connection, asker.org_id, period, server.now_ms()).heard_since
        devices = score_story.devices_told(connection, asker.org_id, shown.employee_id, since)
        figures = score_story.figures_of(connection, asker.org_id, nip, period, spoken)
        objected = objection_desk.of_month(connection, asker.org_id, shown.employee_id, period)
        may_object = objection_desk.may_object(connection, asker.org_id, asker.viewer, shown.employee_id, period)
    return page(
        "score.html",
        refresh_seconds=REFRESH_SECONDS,
        shown=shown,
        document=shown.document,
        period=period,
        nip=nip,
        devices=devices,
        figures=figures,
        objections=objected,
        may_object=may_object,
    )


def _this_month() -> str:
    now = datetime.fromtimestamp(current_server().now_ms() / 1000, ZoneInfo(current_asker().time_zone))
    return f"{now:%Y-%m}"

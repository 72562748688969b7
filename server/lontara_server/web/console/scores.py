"""Pages about scores: everybody's of a month, and one score as the tree that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Response, request

from lontara_server.config import Language
from lontara_server.services import objection_desk, score_desk, score_story
from lontara_server.services.score_inputs import org_month
from lontara_server.web.console.formats import figure
from lontara_server.web.console.pages import language, page, page_number, page_routes
from lontara_server.web.console.score_picture import Segment, bar_of, sum_of
from lontara_server.web.console.words import say
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

score_pages = page_routes("scores")

# A page looks again by itself while a score waits for its computation, which the server's job does within seconds.
REFRESH_SECONDS: Final = 5
# Rows that stand open from the start: from the parts down to what was worked and what was deducted.
OPENED: Final = frozenset(
    {
        "productivity", "productivity_points", "productivity_points_rounded", "productivity_percent",
        "productivity_portion", "productivity_ratio", "counted_minutes", "discipline", "discipline_points",
        "discipline_points_rounded", "discipline_percent", "deductions",
    }
)  # fmt: skip
_WHOLE: Final = "100"


@score_pages.get("/scores")
@admits("score.read")
def listing() -> Response:
    """The scores of a month; where none is asked for, of the newest that has begun."""
    asker, server, search = current_asker(), current_server(), request.args.get("search", "")
    with server.transaction() as connection:
        found = score_desk.month_for(
            connection, asker.org_id, asker.viewer, request.args.get("period"), _today(), search=search,
            number=page_number(),
        )  # fmt: skip
    return page("scores.html", refresh_seconds=REFRESH_SECONDS, found=found, search=search)


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
    bar = bar_of(shown.document["parts"])
    unheard, today = shown.document["coverage"]["days_without_feed"], _today()
    return page(
        "score.html",
        refresh_seconds=REFRESH_SECONDS,
        opened=OPENED,
        terms=sum_of(shown.tree) if shown.document["value"] else (),
        bar=bar,
        bar_words=_bar_words(bar, spoken),
        days_missing=[day for day in unheard if day <= today],
        days_to_come=[day for day in unheard if day > today],
        shown=shown,
        document=shown.document,
        period=period,
        nip=nip,
        devices=devices,
        figures=figures,
        objections=objected,
        may_object=may_object,
    )


def _bar_words(bar: Sequence[Segment], spoken: Language) -> str:
    """What the picture shows, for those who do not see it."""
    told = [
        say(
            spoken,
            "score_bar_unknown" if each.points is None else "score_bar_part",
            part=say(spoken, f"part.{each.part}"),
            points=figure(each.points or "", spoken),
            weight=each.weight,
        )
        for each in bar
    ]
    return say(spoken, "score_bar", max=_WHOLE, parts=", ".join(told))


def _today() -> str:
    now = datetime.fromtimestamp(current_server().now_ms() / 1000, ZoneInfo(current_asker().time_zone))
    return f"{now:%Y-%m-%d}"

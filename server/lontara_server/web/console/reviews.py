"""Pages about reviews: what waits, by person and day, and one entry with its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, request, url_for

from lontara_core.canonical import tidy_text
from lontara_core.history_words import change_lines
from lontara_core.problems import Problem
from lontara_core.value_words import standing
from lontara_server.services import review_desk
from lontara_server.services.review_desk import Verdict
from lontara_server.web.console import formats
from lontara_server.web.console.pages import language, page, page_number, page_routes, problem_words
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

review_pages = page_routes("reviews")

# `submitted` takes an approval back.
STATES: Final = ("submitted", "needs_revision", "rejected", "approved")
_BUTTONS: Final = ("approved", "needs_revision", "rejected", "submitted")
_REVISION_DIGITS_MAX: Final = 9
# The picture of a day: its width, and the hours that it shows at the least; it grows with what was done outside them.
_WIDTH: Final = 240
_FROM, _UNTIL = 6, 18
_HOUR: Final = 60


@dataclass
class PersonDay:
    """One person's waiting entries of one day, and their bars in the picture of the day: (left, width)."""

    key: str
    name: str
    work_date: str
    entries: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return sum(formats.minutes_of(each) for each in self.entries)

    @property
    def without_times(self) -> int:
        """How many entries the picture cannot show."""
        return sum(formats.start_minute(each) is None for each in self.entries)

    @property
    def hours(self) -> tuple[int, int]:
        """From which hour to which the picture shows the day; past midnight it goes beyond 24."""
        spans = [span for each in self.entries if (span := _span(each)) is not None]
        first = min((start for start, _ in spans), default=_FROM * _HOUR)
        last = max((end for _, end in spans), default=_UNTIL * _HOUR)
        return min(_FROM, first // _HOUR), max(_UNTIL, -(-last // _HOUR))

    @property
    def bars(self) -> list[tuple[float, float]]:
        from_hour, until_hour = self.hours
        scale = _WIDTH / ((until_hour - from_hour) * _HOUR)
        spans = [span for each in self.entries if (span := _span(each)) is not None]
        return [(round((start - from_hour * _HOUR) * scale, 1), round((end - start) * scale, 1)) for start, end in spans]


@review_pages.get("/reviews")
@admits("review.read")
def queue() -> Response:
    """What waits, or what stands in another state of review in a month, by person and day; perhaps one person's alone."""
    asker, server = current_asker(), current_server()
    wished, nip = request.args.get("state", "submitted"), request.args.get("nip") or None
    state = wished if wished in STATES else "submitted"
    period = request.args.get("period") or f"{local_date(server.now_ms(), asker.time_zone):%Y-%m}"
    whole = state == "submitted" and nip is None and "period" not in request.args
    with server.transaction() as connection:
        waiting = review_desk.queue_for(connection, asker.org_id, asker.viewer, number=page_number())
        of_month = review_desk.reviewed_for(
            connection, asker.org_id, asker.viewer, state=state, period=period, nip=nip, number=page_number()
        )  # fmt: skip
    found = waiting if whole else of_month
    counts = {**{each: of_month.counts.get(each, 0) for each in STATES}, "submitted": waiting.paging.total}
    if not whole:
        counts["submitted"] = of_month.counts.get("submitted", 0)
    return page(
        "reviews.html", days=_by_day(found.entries), paging=found.paging, total=found.paging.total, state=state,
        counts=counts, period=period, nip=nip, whole=whole, months=(_month_beside(period, -1), _month_beside(period, 1)),
    )  # fmt: skip


@review_pages.post("/reviews")
@admits("review.write")
def approve_selected() -> Response:
    """Approve the entries that are ticked, each as it was seen; all of them or none."""
    asker, server = current_asker(), current_server()
    verdicts = [_ticked(each) for each in request.form.getlist("entry")]
    server.settled(
        lambda connection: review_desk.review_for(
            connection, asker.org_id, asker.viewer, verdicts, server.now_ms()
        )
    )
    return _to_queue()


@review_pages.get("/reviews/<entry>")
@admits("review.read")
def detail(entry: str) -> Response:
    """One entry with its history and, while it waits, the decision."""
    return _detail(entry)


@review_pages.post("/reviews/<entry>")
@admits("review.write")
def decide(entry: str) -> Response:
    """Approve, return or reject; where the entry has changed, show it as it is now with what was written."""
    asker, server = current_asker(), current_server()
    verdict = Verdict(
        entry, _button(), _revision(request.form.get("revision", "")), request.form.get("hash", ""),
        tidy_text(request.form.get("note", "")) or None,
    )  # fmt: skip
    try:
        server.settled(
            lambda connection: review_desk.review_for(
                connection, asker.org_id, asker.viewer, [verdict], server.now_ms()
            )
        )
    except Problem as problem:
        if problem.code not in ("entry_changed", "missing_field", "invalid_field"):
            raise
        return _detail(entry, problem=problem)
    if verdict.verdict == "submitted":
        return make_response(redirect(url_for("reviews.detail", entry=entry), 303))
    return _to_queue()


def _detail(entry: str, *, problem: Problem | None = None) -> Response:
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = review_desk.entry_for(connection, asker.org_id, asker.viewer, entry)
    return page(
        "review.html",
        status=200 if problem is None else problem.status,
        shown=shown,
        entry=shown.document,
        waits=shown.document["review_state"] == "submitted" and not shown.document["voided"],
        is_approved=shown.document["review_state"] == "approved" and not shown.document["voided"],
        standing=standing(shown.document, language(), merged_into=shown.document["merged_into"]),
        told_history=[(line, change_lines(line["changes"], language(), devices={})) for line in shown.history],
        note=request.form.get("note", ""),
        problem=problem,
        problem_sentence=None if problem is None else problem_words(problem),
    )


def local_date(now_ms: int, time_zone: str) -> date:
    """The org's date now."""
    return datetime.fromtimestamp(now_ms / 1000, ZoneInfo(time_zone)).date()


def _month_beside(period: str, step: int) -> str:
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]) - 1 + step, 12)
    return f"{year:04d}-{month + 1:02d}"


def _by_day(entries: tuple[Mapping[str, Any], ...]) -> list[PersonDay]:
    days: dict[tuple[str, str], PersonDay] = {}
    for each in entries:
        key = (str(each["work_date"]), str(each["nip"]))
        day = days.setdefault(key, PersonDay("-".join(key), str(each["full_name"]), str(each["work_date"])))
        day.entries.append(each)
    for day in days.values():
        day.entries.sort(key=lambda each: (formats.start_minute(each) is None, formats.start_minute(each) or 0))
    return list(days.values())


def _span(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    """The minutes of the day between which an entry lies, where it says."""
    start = formats.start_minute(entry)
    return None if start is None else (start, start + formats.minutes_of(entry))


def _ticked(text: str) -> Verdict:
    entry, _, seen = text.partition(":")
    revision, _, judged = seen.partition(":")
    return Verdict(entry, "approved", _revision(revision), judged)


def _button() -> str:
    wish = request.form.get("verdict", "")
    if wish not in _BUTTONS:
        raise Problem("invalid_field", "That is no verdict.", {"field": "verdict"}, "Use the page's buttons.")
    return wish


def _revision(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _REVISION_DIGITS_MAX):
        raise Problem("invalid_field", "A review names a revision.", {"field": "revision"}, "Open the entry again.")
    return int(text)


def _to_queue() -> Response:
    return make_response(redirect(url_for("reviews.queue"), 303))

"""Pages about conflicts: the list by route, one conflict side by side, deciding it, and taking a decision back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import Response, make_response, redirect, request, url_for

from lontara_core.canonical import tidy_text
from lontara_core.history_words import change_lines
from lontara_core.problems import Problem
from lontara_core.value_words import standing
from lontara_server.services import conflict_desk
from lontara_server.services.conflict_desk import Decision, Preview, ShownConflict
from lontara_server.web.console import side_by_side
from lontara_server.web.console.decisions import OWN, PICK, decision_of, picks_of
from lontara_server.web.console.pages import language, page, page_number, page_routes, problem_words
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

conflict_pages = page_routes("conflicts")

# Those whose versions are picked field by field; the others are about whole entries.
_BY_FIELD: Final = frozenset({"field", "edit_of_reviewed", "void_against_edit", "review_of_older", "after_lock"})
# Without a base that a person could go back to.
_WITHOUT_BASE: Final = frozenset({"review_of_older"})
# What the heading of an entry's column says already.
_IN_HEADING: Final = frozenset({"title", "start_time", "end_time", "duration_minutes", "review_state"})


@conflict_pages.get("/conflicts")
@admits("conflict.read")
def listing() -> Response:
    """What waits on one route, or what is resolved."""
    asker, server = current_asker(), current_server()
    route = request.args.get("route", "admin" if asker.viewer.role != "supervisor" else "supervisor")
    route = route if route in conflict_desk.ROUTES else "admin"
    resolved = request.args.get("state") == "resolved"
    with server.transaction() as connection:
        found = conflict_desk.list_for(
            connection, asker.org_id, asker.viewer, route=route, only_open=not resolved,
            number=page_number(),
        )  # fmt: skip
    return page("conflicts.html", found=found, route=None if resolved else route, routes=conflict_desk.ROUTES,
                age=_age, is_answered=conflict_desk.is_answered)  # fmt: skip


@conflict_pages.get("/conflicts/<conflict>")
@admits("conflict.read")
def detail(conflict: str) -> Response:
    """One conflict side by side, with what the first choice would do; or what was decided."""
    return _detail(conflict, {})


@conflict_pages.post("/conflicts/<conflict>/preview")
@admits("conflict.resolve")
def preview(conflict: str) -> Response:
    """What a choice would do and what the worker would read. Keeps nothing."""
    return _detail(conflict, request.form, part="HX-Request" in request.headers)


@conflict_pages.post("/conflicts/<conflict>/resolve")
@admits("conflict.resolve")
def resolve(conflict: str) -> Response:
    """Keep a decision; where somebody was faster or the form is wrong, show the conflict again with what was written."""
    asker, server = current_asker(), current_server()
    try:
        with server.transaction() as connection:
            shown = conflict_desk.show_for(connection, asker.org_id, asker.viewer, conflict)
        # Where somebody was faster meanwhile, the hash that the form names is no longer the conflict's.
        decision = decision_of(request.form, shown, _rows(shown))
        server.settled(
            lambda connection: conflict_desk.resolve_for(
                connection, asker.org_id, asker.viewer, conflict, decision, server.now_ms()
            )
        )
    except Problem as problem:
        if problem.code not in ("conflict_changed", "missing_field", "invalid_field", "unknown_field"):
            raise
        return _detail(conflict, request.form, problem=problem)
    return make_response(redirect(url_for("conflicts.detail", conflict=conflict), 303))


@conflict_pages.post("/conflicts/<conflict>/reopen")
@admits("conflict.resolve")
def reopen(conflict: str) -> Response:
    """Take a decision back, with a reason."""
    asker, server = current_asker(), current_server()
    reason = tidy_text(request.form.get("reason", ""))
    server.settled(
        lambda connection: conflict_desk.reopen_for(
            connection, asker.org_id, asker.viewer, conflict, reason=reason, now_ms=server.now_ms()
        )
    )
    return make_response(redirect(url_for("conflicts.detail", conflict=conflict), 303))


def _detail(
    conflict: str, form: Mapping[str, str], *, problem: Problem | None = None, part: bool = False
) -> Response:  # fmt: skip
    asker, server = current_asker(), current_server()
    with server.transaction() as connection:
        shown = conflict_desk.show_for(connection, asker.org_id, asker.viewer, conflict)
        rows = _rows(shown)
        values = _common(shown, rows, form)
        if shown.document["state"] != "resolved" and shown.may_decide:
            # What a preview says is of the conflict as it is now; only a decision names what its author saw.
            seen = {**form, "hash": str(shown.document["hash"])}
            values.update(_told(seen, shown, rows, lambda decision: conflict_desk.preview_of(
                connection, asker.org_id, asker.viewer, conflict, decision, server.now_ms(), language()
            )))  # fmt: skip
    status = 200 if problem is None else problem.status
    template = "conflict_effect.html" if part else "conflict.html"
    return page(template, status=status, problem=problem, problem_sentence=problem and problem_words(problem), **values)


def _common(shown: ShownConflict, rows: tuple[side_by_side.Row, ...], form: Mapping[str, str]) -> dict[str, Any]:
    spoken, kind = language(), shown.document["kind"]
    by_field = bool(rows) and kind in _BY_FIELD
    return {
        "shown": shown,
        "document": shown.document,
        "entries": [
            (
                side_by_side.LETTERS[number % len(side_by_side.LETTERS)],
                each,
                side_by_side.facts_of(each, spoken, without=_IN_HEADING),
            )
            for number, each in enumerate(shown.document["entries"])
        ],
        "standings": {
            each["id"]: standing(each, spoken, merged_into=conflict_desk.merged_into(shown.document, each))
            for each in shown.document["entries"]
        },
        "voided_here": (shown.document["resolution"] or {}).get("voided", ()),
        "told_history": [(line, _in_words(line, shown, spoken)) for line in shown.document["history"]],
        "owner": shown.names.get(str(shown.document["owner"])),
        "versions": side_by_side.versions_of(shown),
        "rows": rows,
        "by_field": by_field,
        "has_base": by_field and kind not in _WITHOUT_BASE and all(row.base is not None for row in rows),
        "may_write_own": by_field and not {"voided", "review_state"} & set(shown.document["fields"]),
        "same": side_by_side.same_facts(shown, spoken) if by_field else (),
        "picks": picks_of(form, rows),
        "way": form.get("way", ""),
        "reason": form.get("reason", ""),
        "own": {name: form[OWN + name] for name in shown.document["fields"] if OWN + name in form},
        "pick_prefix": PICK,
        "own_prefix": OWN,
        "effects": (),
        "effect_problem": None,
        "will_read": None,
        "decided": conflict_desk.told_of(shown.document, spoken) if shown.document["state"] == "resolved" else None,
    }


def _in_words(line: Mapping[str, Any], shown: ShownConflict, spoken: str) -> list[str]:
    letters = conflict_desk.letters_of(shown.document)
    return [
        told
        for record, changes in line["parts"].items()
        for told in change_lines(changes, spoken, devices=shown.devices, letter=letters.get(record))
    ]


def _told(
    form: Mapping[str, str], shown: ShownConflict, rows: tuple[side_by_side.Row, ...],
    preview_of: Callable[[Decision], Preview],
) -> dict[str, Any]:  # fmt: skip
    """What the chosen way would do, and the worker's sentence; or why it cannot be told."""
    chosen = {**form, "way": form.get("way") or _first_way(shown, rows)}
    try:
        found = preview_of(decision_of(chosen, shown, rows))
    except Problem as problem:
        return {"effects": (), "effect_problem": problem_words(problem), "will_read": None, "way": chosen["way"]}
    return {
        "effects": found.effects,
        "effect_problem": None,
        "will_read": found.sentence,
        "way": chosen["way"],
    }


def _first_way(shown: ShownConflict, rows: tuple[side_by_side.Row, ...]) -> str:
    if rows and shown.document["kind"] in _BY_FIELD:
        return "picks"
    return "both" if len(shown.document["entries"]) > 1 else "stand"


def _rows(shown: ShownConflict) -> tuple[side_by_side.Row, ...]:
    return side_by_side.rows_of(shown, side_by_side.versions_of(shown), language())


def _age(opened_at: str) -> tuple[str, int]:
    """How long ago, as a key and a number."""
    seconds = current_server().now_ms() // 1000 - int(datetime.fromisoformat(opened_at).timestamp())
    if seconds < 60:
        return "now", 0
    if seconds < 3600:
        return "minutes", seconds // 60
    if seconds < 2 * 86_400:
        return "hours", seconds // 3600
    return "days", seconds // 86_400

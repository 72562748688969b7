"""The console's own API: what the pages show and do, as JSON, with the same session, bounds and refusals.

A call that changes something carries the session's token in the header `Lontara-Csrf`.
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Response

from lontara_core.problems import Problem
from lontara_server.services import conflict_desk, review_desk, score_desk
from lontara_server.services.conflict_desk import Decision
from lontara_server.services.review_desk import Verdict
from lontara_server.web.bodies import JSON, load_arguments, load_body
from lontara_server.web.openapi import describes
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import begin_session, check_origin, current_asker
from lontara_server.web.shapes import (
    ConflictAnswer,
    ConflictQuery,
    ConflictWithHistoryAnswer,
    DecisionBody,
    EntryAnswer,
    EntryQuery,
    NoQuery,
    ScoreAnswer,
    ScoreQuery,
    SessionAnswer,
    SessionBody,
    VerdictBody,
)
from lontara_server.web.signing_in import sign_in_asked

console_api = Blueprint("console_api", __name__)


@console_api.post("/v1/session")
@admits("everybody")
@describes(SessionAnswer, body=SessionBody, codes=("sign_in_failed", "org_not_named", "too_many_requests"))
def begin() -> Response:
    """Sign in: the answer sets the session's cookie and tells its token."""
    check_origin()
    body = load_body(SessionBody())
    org_id, session = sign_in_asked(body["org"], body["login"], body["password"])
    answer = _json({"login": session.account.login, "role": session.account.role, "csrf": session.csrf})
    begin_session(answer, org_id, session)
    return answer


@console_api.get("/v1/conflicts")
@admits("conflict.read")
@describes(ConflictAnswer, many=True, query=ConflictQuery)
def list_conflicts() -> Response:
    """The conflicts within the caller's bounds; `state=open` and `route=` narrow them."""
    asker, asked = current_asker(), load_arguments(ConflictQuery())
    with current_server().transaction() as connection:
        found = conflict_desk.documents_for(
            connection, asker.org_id, asker.viewer, route=asked["route"], only_open=asked["state"] == "open"
        )  # fmt: skip
    return _json(found)


@console_api.get("/v1/conflicts/<conflict>")
@admits("conflict.read")
@describes(ConflictWithHistoryAnswer, query=NoQuery, codes=("not_found",))
def show_conflict(conflict: str) -> Response:
    """One conflict with its entries and history."""
    asker, _ = current_asker(), load_arguments(NoQuery())
    with current_server().transaction() as connection:
        shown = conflict_desk.show_for(connection, asker.org_id, asker.viewer, conflict)
    return _json(shown.document)


@console_api.post("/v1/conflicts/<conflict>/resolve")
@admits("conflict.resolve")
@describes(ConflictAnswer, body=DecisionBody, codes=("not_found", "conflict_changed", "not_canonical"))
def resolve_conflict(conflict: str) -> Response:
    """Decide a conflict as it was seen."""
    asker, server, body = current_asker(), current_server(), load_body(DecisionBody())
    decision = Decision(judged_hash=body.pop("hash"), **body)
    document = server.settled(
        lambda connection: conflict_desk.resolve_for(
            connection, asker.org_id, asker.viewer, conflict, decision, server.now_ms()
        )
    )
    return _json(document)


@console_api.get("/v1/entries")
@admits("review.read")
@describes(EntryAnswer, many=True, query=EntryQuery)
def list_entries() -> Response:
    """The entries that wait for a review: `review=waiting`, which is all that is asked for so far."""
    asker, _ = current_asker(), load_arguments(EntryQuery())
    with current_server().transaction() as connection:
        found = review_desk.waiting_for(connection, asker.org_id, asker.viewer)
    return _json(found)


@console_api.post("/v1/entries/<entry>/review")
@admits("review.write")
@describes(EntryAnswer, body=VerdictBody, codes=("not_found", "entry_changed", "state_not_allowed"))
def review_entry(entry: str) -> Response:
    """Judge an entry as it was seen."""
    asker, server, body = current_asker(), current_server(), load_body(VerdictBody())
    verdict = Verdict(entry, body["verdict"], body["revision"], body["hash"], body["note"])
    (document,) = server.settled(
        lambda connection: review_desk.review_for(connection, asker.org_id, asker.viewer, [verdict], server.now_ms())
    )
    return _json(document)


@console_api.get("/v1/scores")
@admits("score.read")
@describes(ScoreAnswer, many=True, query=ScoreQuery, codes=("not_found",))
def list_scores() -> Response:
    """The scores within the caller's bounds; with `nip` and `period` that one, with its explanation."""
    asker, asked = current_asker(), load_arguments(ScoreQuery())
    nip, period = asked["nip"], asked["period"]
    if nip is not None and period is None:
        raise Problem("missing_field", "A person's score is asked for by month.", {"field": "period"}, "Add period=.")
    with current_server().transaction() as connection:
        if nip is not None and period is not None:
            document = score_desk.document_for(connection, asker.org_id, asker.viewer, nip, period)
            return _json([document])
        return _json(score_desk.list_for(connection, asker.org_id, asker.viewer, period=period))


def _json(document: Any) -> Response:
    return Response(msgspec.json.encode(document), content_type=JSON, headers={"Cache-Control": "no-store"})

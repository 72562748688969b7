"""The console's own API: what the pages show and do, as JSON, with the same session, bounds and refusals.

A call that changes something carries the session's token in the header `Lontara-Csrf`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services import conflict_desk, review_desk, score_desk
from lontara_server.services.accounts import sign_in
from lontara_server.services.conflict_desk import Decision
from lontara_server.services.orgs import choose_org, orgs_of_server
from lontara_server.services.review_desk import Verdict
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import begin_session, check_origin, current_asker

console_api = Blueprint("console_api", __name__)

_JSON: Final = "application/json"
_BODY_BYTES_MAX: Final = 65_536
_TEXT_MAX: Final = 2000
_HASH: Final = validate.Regexp(r"[0-9a-f]{64}\Z")


class Text(fields.String):
    """Text as an author's device would store it: normal form C, line ends as LF, no control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **more)
        return tidy_text(text)


class SessionBody(Schema):
    """Login and password; `org` where the server holds several."""

    login = fields.String(required=True, validate=validate.Length(max=80))
    password = fields.String(required=True, validate=validate.Length(max=200))
    org = fields.String(load_default=None, allow_none=True)


class DecisionBody(Schema):
    """A decision on a conflict; `hash` is the conflict's as its author saw it."""

    choice = fields.String(required=True)
    reason = Text(required=True, validate=validate.Length(max=_TEXT_MAX))
    hash = fields.String(required=True, validate=_HASH)
    candidate = fields.String(load_default=None, allow_none=True)
    values = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    survivor = fields.String(load_default=None, allow_none=True)
    void = fields.String(load_default=None, allow_none=True)


class VerdictBody(Schema):
    """A review of an entry; `revision` and `hash` are the entry's as it was seen."""

    verdict = fields.String(required=True, validate=validate.OneOf(("approved", "needs_revision", "rejected")))
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=2**53 - 1))
    hash = fields.String(required=True, validate=_HASH)
    note = Text(load_default=None, allow_none=True, validate=validate.Length(max=_TEXT_MAX))


@console_api.post("/v1/session")
@admits("everybody")
def begin() -> Response:
    """Sign in: the answer sets the session's cookie and tells its token."""
    check_origin()
    body, server = _body(SessionBody()), current_server()
    with server.transaction() as connection:
        org = choose_org(orgs_of_server(connection), body["org"])
        session = sign_in(
            connection, org.org_id, body["login"], body["password"], secret=server.secret, now_ms=server.now_ms(),
            random_bytes=server.random_bytes,
        )  # fmt: skip
    answer = _json({"login": session.account.login, "role": session.account.role, "csrf": session.csrf})
    begin_session(answer, org.org_id, session)
    return answer


@console_api.get("/v1/conflicts")
@admits("conflict.read")
def list_conflicts() -> Response:
    """The conflicts within the caller's bounds; `state=open` and `route=` narrow them."""
    asker, state, route = current_asker(), request.args.get("state"), request.args.get("route")
    if state not in (None, "open") or route not in (None, *conflict_desk.ROUTES):
        raise _unknown_filter("state" if state not in (None, "open") else "route")
    with current_server().transaction() as connection:
        found = conflict_desk.documents_for(
            connection, asker.org_id, asker.viewer, route=route, only_open=state == "open"
        )  # fmt: skip
    return _json(found)


@console_api.get("/v1/conflicts/<conflict>")
@admits("conflict.read")
def show_conflict(conflict: str) -> Response:
    """One conflict with its entries and history."""
    asker = current_asker()
    with current_server().transaction() as connection:
        shown = conflict_desk.show_for(connection, asker.org_id, asker.viewer, conflict)
    return _json(shown.document)


@console_api.post("/v1/conflicts/<conflict>/resolve")
@admits("conflict.resolve")
def resolve_conflict(conflict: str) -> Response:
    """Decide a conflict as it was seen."""
    asker, server, body = current_asker(), current_server(), _body(DecisionBody())
    decision = Decision(judged_hash=body.pop("hash"), **body)
    with server.transaction() as connection:
        document = conflict_desk.resolve_for(
            connection, asker.org_id, asker.viewer, conflict, decision, server.now_ms()
        )  # fmt: skip
    return _json(document)


@console_api.get("/v1/entries")
@admits("review.read")
def list_entries() -> Response:
    """The entries that wait for a review: `review=waiting`, which is all that is asked for so far."""
    asker = current_asker()
    if request.args.get("review") != "waiting":
        raise _unknown_filter("review")
    with current_server().transaction() as connection:
        found = review_desk.queue_for(connection, asker.org_id, asker.viewer, limit=None)
    return _json(found.entries)


@console_api.post("/v1/entries/<entry>/review")
@admits("review.write")
def review_entry(entry: str) -> Response:
    """Judge an entry as it was seen."""
    asker, server, body = current_asker(), current_server(), _body(VerdictBody())
    verdict = Verdict(entry, body["verdict"], body["revision"], body["hash"], body["note"])
    with server.transaction() as connection:
        (document,) = review_desk.review_for(connection, asker.org_id, asker.viewer, [verdict], server.now_ms())
    return _json(document)


@console_api.get("/v1/scores")
@admits("score.read")
def list_scores() -> Response:
    """The scores within the caller's bounds; with `nip` and `period` that one, with its explanation."""
    asker, nip, period = current_asker(), request.args.get("nip"), request.args.get("period")
    if nip is not None and period is None:
        raise Problem("missing_field", "A person's score is asked for by month.", {"field": "period"}, "Add period=.")
    with current_server().transaction() as connection:
        if nip is not None and period is not None:
            document = score_desk.document_for(connection, asker.org_id, asker.viewer, nip, period)
            return _json([document])
        return _json(score_desk.list_for(connection, asker.org_id, asker.viewer, period=period))


def _body(schema: Schema) -> dict[str, Any]:
    raw = request.get_data()
    if len(raw) > _BODY_BYTES_MAX:
        raise Problem(
            "body_too_large", f"The body has more than {_BODY_BYTES_MAX} bytes.", {"byte_limit": _BODY_BYTES_MAX}, ""
        )
    if request.mimetype != _JSON:
        raise Problem("malformed_request", f"The body is {_JSON}.", {}, "Name the content type.")
    try:
        told = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed_request", "The body is no JSON.", {"why": str(error)}, "Mend the body.") from error
    if not isinstance(told, dict):
        raise Problem("malformed_request", "The body is a JSON object.", {}, "Mend the body.")
    try:
        loaded: dict[str, Any] = schema.load(told, unknown=RAISE)
    except ValidationError as error:
        name, why = next(iter(error.messages_dict.items()))
        raise Problem(
            "invalid_field", f"{name} cannot be used. Nothing was changed.", {"field": str(name), "why": str(why)},
            "Mend the field and send it again.",
        ) from error  # fmt: skip
    return loaded


def _unknown_filter(name: str) -> Problem:
    return Problem(
        "invalid_field", f"{name} is not one that can be asked for.", {"field": name}, "See the API's description."
    )


def _json(document: Any) -> Response:
    return Response(msgspec.json.encode(document), content_type=_JSON, headers={"Cache-Control": "no-store"})

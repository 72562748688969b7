"""The small routes of the device protocol: who the server is, enrolment, and whether it lives. Sync has its own file."""

from __future__ import annotations

from typing import Final

import msgspec
from flask import Blueprint, Response, current_app, request

from lontara_core.messages import PROTOCOL_VERSION, EnrolAnswer, EnrolRequest
from lontara_core.problems import Problem
from lontara_core.strict_json import NotStrict, decode
from lontara_server.services.devices import enrol
from lontara_server.services.server import is_ready
from lontara_server.web.bodies import JSON, json_body, load_arguments
from lontara_server.web.openapi import describes, document_text
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.shapes import PingAnswer, PingQuery, StatusAnswer
from lontara_server.web.signatures import SIGNATURE_HEADER

api_routes = Blueprint("api", __name__)

ENROL_BYTES_MAX: Final = 16_384
_DOCUMENT: Final = "lontara-openapi"


@api_routes.get("/v1/ping")
@admits("everybody")
@describes(PingAnswer, query=PingQuery)
def ping() -> Response:
    """Who the server is and its time, signed over the caller's nonce in place of a request id."""
    server, nonce = current_server(), str(load_arguments(PingQuery())["nonce"])
    body = msgspec.json.encode(
        {
            "server": server.identity.server_id,
            "epoch": server.identity.epoch,
            "server_time": server.now_ms(),
            "protocol": PROTOCOL_VERSION,
            "nonce": nonce,
        }
    )
    answer = Response(body, content_type=JSON)
    answer.headers[SIGNATURE_HEADER] = server.sign_answer(nonce, 200, body)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@api_routes.post("/v1/enrol")
@admits("device")
@describes(EnrolAnswer, body=EnrolRequest, codes=("bad_signature", "enrol_code_refused", "busy"))
def enrol_device() -> Response:
    """Make a device of the store that signed the request; the same request again gets the same answer."""
    asked, server = _read_enrol(), current_server()
    answer = server.settled(
        lambda connection: enrol(
            connection, asked, secret=server.secret, now_ms=server.now_ms(), random_bytes=server.random_bytes
        )
    )
    return Response(msgspec.json.encode(answer), content_type=JSON)


@api_routes.get("/healthz")
@admits("everybody")
@describes(StatusAnswer)
def healthz() -> Response:
    """Whether the process lives; it asks nothing of the database."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@api_routes.get("/readyz")
@admits("everybody")
@describes(StatusAnswer, codes=("busy",))
def readyz() -> Response:
    """Whether requests can be served: the database answers."""
    if not is_ready(current_server()):
        raise Problem("busy", "The database is another server's now.", {}, "Start the server again.")
    return Response(b'{"status":"ready"}', content_type=JSON)


@api_routes.get("/openapi.json")
@api_routes.get("/v1/openapi.json")
@admits("everybody")
@describes(None)
def openapi() -> Response:
    """This description."""
    # Made once: routes do not change while the server runs.
    text = current_app.extensions.get(_DOCUMENT) or document_text(current_app)
    current_app.extensions[_DOCUMENT] = text
    return Response(text, content_type=JSON)


def _read_enrol() -> EnrolRequest:
    try:
        return decode(json_body(request, byte_limit=ENROL_BYTES_MAX), EnrolRequest)
    except NotStrict as error:
        raise Problem(
            "malformed_request", "The body is no enrolment request.", {"why": str(error)}, "Update the app."
        ) from error

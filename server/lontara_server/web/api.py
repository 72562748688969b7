"""The small routes of the device protocol: who the server is, enrolment, and whether it lives. Sync has its own file."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from flask import Blueprint, Response, request

from lontara_core.messages import PROTOCOL_VERSION, EnrolRequest
from lontara_core.problems import Problem
from lontara_server.services.devices import enrol
from lontara_server.services.server import is_ready
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.signatures import SIGNATURE_HEADER

api_routes = Blueprint("api", __name__)

ENROL_BYTES_MAX: Final = 16_384
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_JSON: Final = "application/json"


@api_routes.get("/v1/ping")
@admits("everybody")
def ping() -> Response:
    """Who the server is and its time, signed over the caller's nonce in place of a request id."""
    server, nonce = current_server(), request.args.get("nonce", "")
    if not _NONCE.match(nonce):
        raise Problem(
            "invalid_field",
            "A ping names a nonce of 1 to 128 letters, digits, hyphens or underscores.",
            {"field": "nonce"},
            "Add ?nonce= with a value by chance.",
        )
    body = msgspec.json.encode(
        {
            "server": server.identity.server_id,
            "epoch": server.identity.epoch,
            "server_time": server.now_ms(),
            "protocol": PROTOCOL_VERSION,
            "nonce": nonce,
        }
    )
    answer = Response(body, content_type=_JSON)
    answer.headers[SIGNATURE_HEADER] = server.sign_answer(nonce, 200, body)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@api_routes.post("/v1/enrol")
@admits("device")
def enrol_device() -> Response:
    """Make a device of the store that signed the request; the same request again gets the same answer."""
    asked, server = _read_enrol(), current_server()
    with server.transaction() as connection:
        answer = enrol(
            connection, asked, secret=server.secret, now_ms=server.now_ms(), random_bytes=server.random_bytes
        )
    return Response(msgspec.json.encode(answer), content_type=_JSON)


@api_routes.get("/healthz")
@admits("everybody")
def healthz() -> Response:
    """Whether the process lives; it asks nothing of the database."""
    return Response(b'{"status":"ok"}', content_type=_JSON)


@api_routes.get("/readyz")
@admits("everybody")
def readyz() -> Response:
    """Whether requests can be served: the database answers."""
    if not is_ready(current_server()):
        raise Problem("busy", "The database is another server's now.", {}, "Start the server again.")
    return Response(b'{"status":"ready"}', content_type=_JSON)


def _read_enrol() -> EnrolRequest:
    raw = request.get_data()
    if len(raw) > ENROL_BYTES_MAX:
        raise Problem(
            "body_too_large",
            f"An enrolment has at most {ENROL_BYTES_MAX} bytes.",
            {"byte_limit": ENROL_BYTES_MAX},
            "Send the enrolment alone.",
        )
    try:
        return msgspec.json.decode(raw, type=EnrolRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            "malformed_request", "The body is no enrolment request.", {"why": str(error)}, "Update the app."
        ) from error

"""`POST /v1/sync`: reads the signed request, hands it on, signs the answer. Settling lies in the services."""

from __future__ import annotations

from typing import Final

import msgspec
from flask import Blueprint, Request, Response, request

from lontara_core.compression import WORTH_COMPRESSING_BYTES, NotGzip, deflate, inflate
from lontara_core.identifiers import is_id
from lontara_core.messages import BODY_BYTES_MAX, INFLATED_BYTES_MAX, SyncAnswer, SyncRequest
from lontara_core.problems import Problem
from lontara_server.services.server import Server
from lontara_server.services.sync import Settled, SignedRequest, settle_request
from lontara_server.web.bodies import JSON, check_type
from lontara_server.web.openapi import describes
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.signatures import REQUEST_HEADER, SIGNATURE_HEADER

sync_routes = Blueprint("sync", __name__)

DEVICE_HEADER: Final = "Lontara-Device"
TIME_HEADER: Final = "Lontara-Time"
_CODES: Final = (
    "malformed_request", "malformed_envelope", "broken_chain", "unknown_device", "bad_signature", "clock_skew",
    "request_repeated", "body_too_large", "batch_too_large", "unsupported_encoding", "too_many_requests", "busy",
)  # fmt: skip
_TIME_DIGITS_MAX: Final = 16


@sync_routes.post("/v1/sync")
@admits("device")
@describes(SyncAnswer, body=SyncRequest, codes=_CODES, signed=True, also={426: SyncAnswer})
def sync() -> Response:
    """One round trip of a device: its batch up, results and pages down."""
    server = current_server()
    signed = read_signed_request(request)
    settled = server.settled(lambda connection: settle_request(connection, server.identity, signed, server.now_ms()))
    return _signed_answer(server, settled, accepts_gzip=request.accept_encodings.quality("gzip") > 0)


def read_signed_request(asked: Request) -> SignedRequest:
    """The request with its headers checked for form, and its body inflated up to the limit. Raises Problem."""
    name, time = asked.headers.get(REQUEST_HEADER, ""), asked.headers.get(TIME_HEADER, "")
    if not is_id(name):
        raise Problem("malformed_request", f"{REQUEST_HEADER} is a lower-case UUID.", {}, "Update the app.")
    if not (time.isascii() and time.isdecimal() and len(time) <= _TIME_DIGITS_MAX):
        raise Problem("malformed_request", f"{TIME_HEADER} is in ms since 1970 UTC.", {}, "Update the app.")
    check_type(asked)
    body = asked.get_data()
    if len(body) > BODY_BYTES_MAX:
        raise _too_large(BODY_BYTES_MAX)
    return SignedRequest(
        device=asked.headers.get(DEVICE_HEADER, ""),
        request=name,
        time_ms=int(time),
        signature=asked.headers.get(SIGNATURE_HEADER, ""),
        body=body,
        plain=_plain(body, asked.headers.get("Content-Encoding", "").strip().lower()),
    )


def _plain(body: bytes, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Problem("unsupported_encoding", "The body is plain or gzip.", {"encoding": encoding[:40]}, "Use gzip.")
    try:
        return inflate(body)
    except NotGzip as error:
        if "beyond" in str(error):
            raise _too_large(INFLATED_BYTES_MAX) from error
        raise Problem(
            "malformed_request", "The body is not one gzip stream.", {"why": str(error)}, "Send it again."
        ) from error


def _too_large(limit: int) -> Problem:
    return Problem("body_too_large", f"The request has more than {limit} bytes.", {"byte_limit": limit},
                   "Send fewer operations at once.")  # fmt: skip


def _signed_answer(server: Server, settled: Settled, *, accepts_gzip: bool) -> Response:
    body = msgspec.json.encode(settled.answer)
    headers = {"Cache-Control": "no-store"}
    if accepts_gzip and len(body) > WORTH_COMPRESSING_BYTES:
        body = deflate(body)
        headers["Content-Encoding"] = "gzip"
    # A client of another protocol has its work taken, but reads nothing (sync_protocol.md §7).
    status = 200 if settled.reads else 426
    headers[SIGNATURE_HEADER] = server.sign_answer(settled.answer.request, status, body)
    return Response(body, status=status, content_type=JSON, headers=headers)

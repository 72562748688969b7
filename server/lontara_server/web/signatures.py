"""The server's signature on what it answers to devices, refusals among it (sync_protocol.md §6)."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Flask, Response, request

from lontara_core.identifiers import is_id
from lontara_server.web.server import current_server

REQUEST_HEADER: Final = "Lontara-Request"
SIGNATURE_HEADER: Final = "Lontara-Signature"


def sign_answers(routes: Blueprint | Flask) -> None:
    """Sign each answer below /v1/ whose request names itself and that no route has signed already."""
    routes.after_request(_signed)


def _signed(answer: Response) -> Response:
    name = request.headers.get(REQUEST_HEADER)
    if SIGNATURE_HEADER in answer.headers or not request.path.startswith("/v1/") or not is_id(name):
        return answer
    assert name is not None
    answer.headers[SIGNATURE_HEADER] = current_server().sign_answer(name, answer.status_code, answer.get_data())
    return answer

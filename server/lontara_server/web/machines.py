"""Routes for attendance machines, in the shape that they speak (`/iclock`): plain text, and a key in the path or query.

A handler reads, calls one service and answers. What a machine sends that is no punch is told to people, not to it.
"""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request

from lontara_core.problems import Problem
from lontara_server.services.attendance_machines import pusher_of
from lontara_server.services.punch_push import options_for, take_push
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server

machine_routes = Blueprint("machines", __name__)

PUSH_BYTES_MAX: Final = 1024 * 1024
_PUNCHES: Final = "ATTLOG"


@machine_routes.get("/iclock/cdata")
@machine_routes.get("/iclock/<key>/cdata")
@admits("device")
def connect(key: str = "") -> Response:
    """Tell a machine how it is to push."""
    server = current_server()
    shown, serial = _shown(key)
    options = server.settled(
        lambda connection: options_for(
            connection, pusher_of(connection, shown, serial, server.now_ms()), server.now_ms()
        )
    )
    return _answer(options)


@machine_routes.post("/iclock/cdata")
@machine_routes.post("/iclock/<key>/cdata")
@admits("device")
def push(key: str = "") -> Response:
    """Take in punches, and say how many lines were received; what else a machine tells is received and not kept."""
    server = current_server()
    shown, serial = _shown(key)
    body = _body()
    if request.args.get("table", "").upper() != _PUNCHES:
        server.settled(lambda connection: pusher_of(connection, shown, serial, server.now_ms()))
        return _answer(f"OK: {len([line for line in body.splitlines() if line.strip()])}\n")
    done = server.settled(
        lambda connection: take_push(
            connection, pusher_of(connection, shown, serial, server.now_ms()), body, server.now_ms()
        )
    )
    return _answer(f"OK: {done.rows}\n")


@machine_routes.get("/iclock/getrequest")
@machine_routes.get("/iclock/<key>/getrequest")
@machine_routes.post("/iclock/devicecmd")
@machine_routes.post("/iclock/<key>/devicecmd")
@admits("device")
def ask(key: str = "") -> Response:
    """Say that nothing is asked of the machine."""
    server = current_server()
    shown, serial = _shown(key)
    server.settled(lambda connection: pusher_of(connection, shown, serial, server.now_ms()))
    return _answer("OK\n")


def _shown(key: str) -> tuple[str, str | None]:
    """The key, from the path or the query, and the serial number that the machine gives itself."""
    return key or request.args.get("key", ""), request.args.get("SN")


def _body() -> bytes:
    request.max_content_length = PUSH_BYTES_MAX
    body = request.get_data()
    if len(body) > PUSH_BYTES_MAX:
        raise Problem(
            "body_too_large", f"The body has more than {PUSH_BYTES_MAX} bytes.", {"byte_limit": PUSH_BYTES_MAX},
            "Send less at once.",
        )  # fmt: skip
    return body


def _answer(text: str) -> Response:
    answer = Response(text, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer

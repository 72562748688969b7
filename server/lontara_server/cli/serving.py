"""One listening socket and the processes that serve it: one of them on SQLite, several on PostgreSQL."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Final, NoReturn

from waitress.server import create_server

from lontara_core.messages import BODY_BYTES_MAX
from lontara_core.problems import Problem

THREADS: Final = 8
WAITING_CONNECTIONS: Final = 1024
SECONDS_BEFORE_ANOTHER: Final = 1
# Read whole before the application sees it, so it is bounded here too; the application's own answer says the limit.
READ_BYTES_MAX: Final = 4 * BODY_BYTES_MAX


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. Raises Problem address_unusable."""
    shown = f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(WAITING_CONNECTIONS)
    except OSError as error:
        raise Problem(
            "address_unusable",
            f"The server cannot listen at {shown}: {error.strerror or error}. Nothing was changed.",
            {"bind": shown},
            "Name another port with --bind; port 0 takes a free one.",
        ) from error
    return listening


def serve(app: Callable[..., Iterable[bytes]], listening: socket.socket) -> None:
    """Answer requests in this process until SIGTERM or SIGINT; those that run are finished."""
    signal.signal(signal.SIGTERM, _stop)
    server = create_server(
        app, sockets=[listening], threads=THREADS, max_request_body_size=READ_BYTES_MAX, ident="lontara"
    )
    server.run()


def serve_in_processes(count: int, work: Callable[[], None]) -> None:
    """Run `work` in so many processes, a new one for each that dies, until SIGTERM or SIGINT.

    The caller holds no database connection and has started no thread: processes of one parent share what it holds.
    """
    children = {_start(work) for _ in range(count)}
    signal.signal(signal.SIGTERM, _stop)
    try:
        while True:
            child, _ = os.wait()
            children.discard(child)
            # What made it die may last, such as a database that is away.
            time.sleep(SECONDS_BEFORE_ANOTHER)
            children.add(_start(work))
    except KeyboardInterrupt:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for child in children:
            os.kill(child, signal.SIGTERM)
        for child in children:
            os.waitpid(child, 0)


def _start(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        _run_and_end(work)
    return child


def _run_and_end(work: Callable[[], None]) -> NoReturn:
    # Never back into the parent's stack, whatever happens: it would serve twice.
    code = 1
    try:
        work()
        code = 0
    except KeyboardInterrupt:
        code = 0
    except Problem as problem:
        print(problem.message, problem.next_step, file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    # waitress ends its loop and lets running requests finish when it sees this.
    raise KeyboardInterrupt

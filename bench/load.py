"""The load: requests that were built before go out over persistent connections, without a pause, and are timed.

Each client is a process of its own, so that the bench costs the server no interpreter; answers are kept as they came
and read after the clock has stopped. The socket is used bare: every byte both ways is counted, headers included, and
sending costs little of the machine that the server runs on.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

ANSWER_SECONDS_MAX: Final = 120
_READ_BYTES: Final = 262_144
_END_OF_HEAD: Final = b"\r\n\r\n"
# Forked: what is sent lies in memory already, and this process has no threads.
_fork: Final = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Driven:
    """What a load did. `answers` come in the order of the requests, client after client."""

    seconds: float
    latencies: list[float]
    answers: list[Answer]
    bytes_up: int
    bytes_down: int


class Link:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS_MAX)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the whole answer, headers and all."""
        self._socket.sendall(request)
        received = bytearray()
        whole = -1
        while whole < 0 or len(received) < whole:
            part = self._socket.recv(_READ_BYTES)
            if not part:
                raise ConnectionError(f"the server closed the connection after {bytes(received[:200])!r}")
            received += part
            if whole < 0 and (end := received.find(_END_OF_HEAD)) >= 0:
                whole = end + len(_END_OF_HEAD) + _content_length(bytes(received[:end]))
        return bytes(received)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


@contextmanager
def link_to(port: int) -> Iterator[Link]:
    """A connection for as long as the block lasts."""
    link = Link(port)
    try:
        yield link
    finally:
        link.close()


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ConnectionError(f"an answer without a length: {head[:200]!r}")


def read_answer(raw: bytes) -> Answer:
    """The parts of an answer."""
    head, _, body = raw.partition(_END_OF_HEAD)
    first, *lines = head.decode("latin-1").split("\r\n")
    named = (line.partition(":") for line in lines)
    return Answer(int(first.split()[1]), {name.lower(): value.strip() for name, _, value in named}, body)


def deal(requests_of_device: Sequence[Sequence[bytes]], clients: int) -> list[list[bytes]]:
    """The requests of whole devices, dealt to so many clients; a device's own stay in order, at one client."""
    return [
        [request for requests in requests_of_device[client::clients] for request in requests]
        for client in range(clients)
    ]


def drive(port: int, requests_of_client: Sequence[Sequence[bytes]]) -> Driven:
    """Send all requests, each client its own, one after the other; seconds from the first start to the last end."""
    barrier = _fork.Barrier(len(requests_of_client))
    started = [_start(port, requests, barrier.wait) for requests in requests_of_client]
    said = [_result(ear) for _, ear in started]
    for process, _ in started:
        process.join()
    raws = [raw for _, _, _, answers in said for raw in answers]
    return Driven(
        seconds=max(ended for _, ended, _, _ in said) - min(began for began, _, _, _ in said),
        latencies=[each for _, _, latencies, _ in said for each in latencies],
        answers=[read_answer(raw) for raw in raws],
        bytes_up=sum(len(request) for requests in requests_of_client for request in requests),
        bytes_down=sum(map(len, raws)),
    )


def _start(port: int, requests: Sequence[bytes], wait: Callable[[], int]) -> tuple[Any, Connection]:
    ear, mouth = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_send_all, args=(port, requests, wait, mouth), daemon=True)
    process.start()
    mouth.close()
    return process, ear


def _send_all(port: int, requests: Sequence[bytes], wait: Callable[[], int], mouth: Connection) -> None:
    latencies, answers = [], []
    with link_to(port) as link:
        wait()
        began = before = time.monotonic()
        for request in requests:
            answers.append(link.ask(request))
            now = time.monotonic()
            latencies.append(now - before)
            before = now
    mouth.send((began, before, latencies, answers))


def _result(ear: Connection) -> tuple[float, float, list[float], list[bytes]]:
    try:
        said: tuple[float, float, list[float], list[bytes]] = ear.recv()
    except EOFError:
        raise SystemExit("a client of the load broke off; its own words stand above") from None
    return said

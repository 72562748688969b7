"""An exchange of three operations, cut at every byte of its request and of its answer, on a wire in this process.

Both ends are the real ones: the SDK's HTTP client on one side, the parser and writer of the server's HTTP program and
the application on the other. After each cut a normal sync follows, and each operation must have had one effect.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

import httpcore
import httpx
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from client.conftest import HandClock
from lontara import Client
from lontara.transport import HttpTransport
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services.devices import issue_code
from lontara_server.storage.engine import make_engine, transaction
from server.ready import NOW, SECRET, WORKER, ready_server, seeded_bytes
from simulation.evidence import Evidence
from simulation.tablet import PIN, cheap_keys
from simulation.template import seeded_secrets

URL: Final = "http://127.0.0.1:8000"
DATABASE: Final = "lontara.db"
# How a cut looks to the one who hears it: the connection is reset; it ends; it ends and the length was never told, so
# that what came seems whole; and, going up, something on the way tells the shorter length as if it were meant.
Kind = Literal["reset", "end", "end of unknown length", "shortened"]


class Lost(AssertionError):
    """A cut has lost or doubled an operation, or left the two sides apart."""


@dataclass(frozen=True)
class WireCut:
    """After so many bytes of the request (`up`) or the answer (`down`) nothing more comes."""

    way: Literal["up", "down"]
    at: int
    kind: Kind


@dataclass
class Wire:
    """Carries the bytes of each connection; the first one may be cut, and is noted whole."""

    app: Flask
    cut: WireCut | None = None
    first_request: bytes = b""
    first_answer: bytes = b""
    connections: int = 0
    _plain: Adjustments = field(default_factory=Adjustments)

    def answer(self, request: bytes) -> bytes | None:
        """What the server's HTTP program says to these bytes; None where they are no whole request."""
        parser = HTTPRequestParser(self._plain)
        while request and not parser.completed:
            request = request[parser.received(request) :]
        if not parser.completed:
            return None
        channel = _Channel(self.app, self._plain)
        WSGITask(channel, parser).service()
        return bytes(channel.written)

    def carry(self, request: bytes) -> tuple[bytes, Kind | None]:
        """One exchange: what comes back of the answer, and how it ends where it was cut."""
        self.connections += 1
        cut = self.cut if self.connections == 1 else None
        if cut is not None and cut.way == "up":
            arrived = _shortened(request, cut.at) if cut.kind == "shortened" else request[: cut.at]
            answer = self.answer(arrived)
            return (answer, None) if cut.kind == "shortened" and answer is not None else (b"", "reset")
        answer = self.answer(request)
        assert answer is not None, "a whole request is answered"
        if self.connections == 1:
            self.first_request, self.first_answer = request, answer
        if cut is None:
            return answer, None
        if cut.kind == "end of unknown length":
            answer = re.sub(rb"\r\nContent-Length: \d+", b"", answer)
        return answer[: cut.at], cut.kind


def _shortened(request: bytes, at: int) -> bytes:
    """The request with only so many bytes in all, and a length that says so."""
    head, _, body = request.partition(b"\r\n\r\n")
    body = body[: max(0, at - len(head) - 4)]
    return re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(body), head) + b"\r\n\r\n" + body


class _Channel:
    """What a task of the HTTP program asks of its connection."""

    def __init__(self, app: Flask, adjustments: Adjustments) -> None:
        self.server = self
        self.application, self.adj = app, adjustments
        self.effective_port, self.server_name, self.effective_host = 8000, "lontara", "127.0.0.1"
        self.addr, self.creation_time = ("127.0.0.1", 0), 0
        self.written = bytearray()

    def write_soon(self, data: bytes) -> int:
        self.written += data
        return len(data)

    def check_client_disconnected(self) -> bool:
        return False


class _Stream(httpcore.NetworkStream):
    """One connection, as the HTTP client sees it."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._sent = wire, bytearray()
        self._answer: tuple[bytes, Kind | None] | None = None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._sent += buffer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._answer is None:
            self._answer = self._wire.carry(bytes(self._sent))
        rest, kind = self._answer
        if not rest and kind == "reset":
            raise httpcore.ReadError("connection reset")
        self._answer = (rest[max_bytes:], kind)
        return rest[:max_bytes]

    def close(self) -> None:
        return


class _Backend(httpcore.NetworkBackend):
    """Opens connections on the wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        return _Stream(self._wire)


class _Pool(httpx.BaseTransport):
    """The HTTP client's own connections, one a request, on the wire."""

    def __init__(self, wire: Wire) -> None:
        self._transport = httpx.HTTPTransport.__new__(httpx.HTTPTransport)
        self._transport._pool = httpcore.ConnectionPool(network_backend=_Backend(wire), max_keepalive_connections=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._transport.handle_request(request)


class WiredTransport(HttpTransport):
    """The SDK's transport, its connections on the wire."""

    def __init__(self, wire: Wire) -> None:
        self._client = httpx.Client(base_url=URL, transport=_Pool(wire))


class Exchange:
    """The same exchange over and over, from copies of the same files: a device with three operations, and a server."""

    def __init__(self, folder: Path) -> None:
        self._template, self._here = folder / "template", folder / "here"
        self._template.mkdir(parents=True)
        ready_server(self._template).dispose()
        shutil.copytree(self._template, self._here)
        self._engine = make_engine(f"sqlite:///{self._here / DATABASE}")
        self._app = create_app(
            Config(self._here, str(self._engine.url), SECRET), engine=self._engine, now_ms=lambda: NOW,
            random_bytes=seeded_bytes("exchange"),
        )  # fmt: skip
        self.operations = self._prepare()
        self._engine.dispose()
        shutil.rmtree(self._template)
        shutil.copytree(self._here, self._template)

    def close(self) -> None:
        self._engine.dispose()

    def _open(self, wire: Wire, seed: str) -> Client:
        # The same seed for every cut: then the bytes of the exchange are the same each time.
        return Client.open(
            self._here / "device", pin=PIN, clock=HandClock(NOW), chance=Random(seed),
            transport=lambda _url: WiredTransport(wire),
        )  # fmt: skip

    def _prepare(self) -> list[bytes]:
        """Enrol a device, let it read once, and write three operations on it without a link."""
        with transaction(self._engine) as connection:
            issued = issue_code(
                connection, 1, WORKER, by="tester", secret=SECRET, now_ms=NOW, random_bytes=seeded_bytes("code")
            )
        with cheap_keys(), seeded_secrets("exchange"):
            client = self._open(Wire(self._app), "prepare")
            client.enrol(URL, issued.code)
        client.sync()
        entry = client.record(work_date="2026-11-16", title="Mendata sawah", duration_minutes=60).id
        client.edit(entry, title="Mendata sawah Pammana")
        client.record(work_date="2026-11-17", title="Melayani warga", duration_minutes=90, description="Loket satu")
        operations = [raw for (raw,) in client.store.query("SELECT bytes FROM operation ORDER BY position")]
        client.close()
        return operations

    def _begin(self) -> None:
        """Put all files back to where the template stands."""
        self._engine.dispose()
        shutil.rmtree(self._here)
        shutil.copytree(self._template, self._here)

    def run(self, cut: WireCut | None) -> Wire:
        """The exchange with this cut, and then a normal sync; raises Lost."""
        self._begin()
        wire = Wire(self._app, cut)
        client = self._open(wire, "exchange")
        try:
            client.sync()
            report = client.sync()
            if report.problem is not None or report.unsent:
                raise Lost(f"{cut}: the sync after it stops with {report.problem}, {report.unsent} unsent")
            self._compare(client, cut)
        finally:
            client.close()
        return wire

    def _compare(self, client: Client, cut: WireCut | None) -> None:
        evidence = Evidence(self._here / DATABASE)
        held, faults = evidence.records("activity_entry", org=1), evidence.feed_faults()
        log_faults = evidence.read_logs()
        log = [each.raw for each in evidence.logs.by_device.get(str(client.store.setting("device")), ())]
        histories = evidence.rows("SELECT count(*) AS changes FROM history")[0]["changes"]
        evidence.close()
        shown = {
            entry.id: {name: value for name, value in entry.fields.items() if value not in (None, [])}
            for entry in client.entries()
        }
        if faults or log_faults:
            raise Lost(f"{cut}: {[*faults, *log_faults]}")
        if log != self.operations:
            raise Lost(f"{cut}: the server holds {len(log)} operations")
        titles = sorted(str(seen.fields["title"]) for seen in held.values())
        if titles != ["Melayani warga", "Mendata sawah Pammana"] or histories != 1:
            raise Lost(f"{cut}: the server shows {titles} after {histories} edits")
        if {id_: seen.fields for id_, seen in held.items()} != shown:
            raise Lost(f"{cut}: the device shows another state than the server")


def every_cut(whole: Wire, step: int = 1) -> Iterator[WireCut]:
    """The cuts at every byte of an exchange that went well, or at every so many."""
    head = whole.first_request.index(b"\r\n\r\n") + 4
    for at in range(0, len(whole.first_request), step):
        yield WireCut("up", at, "reset")
        if at >= head:
            yield WireCut("up", at, "shortened")
    for at in range(0, len(whole.first_answer), step):
        yield WireCut("down", at, "reset" if at % 2 else "end")
        yield WireCut("down", at, "end of unknown length")

"""The server of the simulation: the real services on a real SQLite database, reached without HTTP.

It does what the routes do (read the headers, settle in one transaction, sign the answer) and can be made to die at
any statement. What reaches it, and when, is the network's business.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import event

from lontara.transport import HttpAnswer
from lontara_core.messages import EnrolRequest
from lontara_core.problems import Problem
from lontara_server.services.devices import enrol
from lontara_server.services.orgs import identity_of
from lontara_server.services.server import Server
from lontara_server.services.sync import SignedRequest, settle_request
from lontara_server.storage.engine import Connection, make_engine, transaction
from server.ready import SECRET, seeded_bytes

ORG = 1
DATABASE = "lontara.db"


class ServerCrashed(Exception):
    """The server died before it could commit: everything of the transaction is gone."""


class Office:
    """One server; `statements_left` counts down to the statement at which it dies.

    One engine serves all schedules of a process, since compiling its statements costs more than running them.
    """

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self.path, self._clock = folder / DATABASE, now_ms
        self.engine = make_engine(f"sqlite:///{self.path}")
        self.statements_left: int | None = None
        event.listen(self.engine, "before_cursor_execute", self._wear)
        with transaction(self.engine) as connection:
            identity = identity_of(connection)
        self.server = Server(self.engine, identity, SECRET, self.now_ms, seeded_bytes("office"))

    def now_ms(self) -> int:
        return self._clock()

    def begin(self, template: Path, now_ms: Callable[[], int]) -> None:
        """Start over from a copy of another server's database, by another clock."""
        self.restart()
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        shutil.copyfile(template, self.path)
        self._clock = now_ms

    def close(self) -> None:
        self.engine.dispose()

    def restart(self) -> None:
        """Come back after a crash, with nothing but what was committed."""
        self.statements_left = None
        self.engine.dispose()

    def _wear(self, *_of_the_statement: Any) -> None:
        if self.statements_left is None:
            return
        self.statements_left -= 1
        if self.statements_left <= 0:
            raise ServerCrashed

    def answer(self, path: str, body: bytes, headers: Mapping[str, str], *, dies_before_commit: bool) -> HttpAnswer:
        """Take one request; raises ServerCrashed where the server dies over it."""
        try:
            message, status = self._settle(path, body, headers, dies_before_commit=dies_before_commit)
        except Problem as problem:
            message, status = json.dumps(problem.document()).encode(), problem.status
        signature = self.server.sign_answer(headers["Lontara-Request"], status, message)
        return HttpAnswer(status, {"lontara-signature": signature}, message)

    def _settle(
        self, path: str, body: bytes, headers: Mapping[str, str], *, dies_before_commit: bool
    ) -> tuple[bytes, int]:
        with transaction(self.engine) as connection:
            if path == "/v1/enrol":
                return msgspec.json.encode(self._enrol(connection, body)), 200
            settled = settle_request(connection, self.server.identity, _signed(body, headers), self.now_ms())
            if dies_before_commit:
                raise ServerCrashed
        return msgspec.json.encode(settled.answer), 200

    def _enrol(self, connection: Connection, body: bytes) -> msgspec.Struct:
        asked = msgspec.json.decode(body, type=EnrolRequest)
        return enrol(
            connection, asked, secret=SECRET, now_ms=self.now_ms(), random_bytes=self.server.random_bytes
        )  # fmt: skip


def _signed(body: bytes, headers: Mapping[str, str]) -> SignedRequest:
    packed = headers.get("Content-Encoding") == "gzip"
    return SignedRequest(
        device=headers["Lontara-Device"],
        request=headers["Lontara-Request"],
        time_ms=int(headers["Lontara-Time"]),
        signature=headers["Lontara-Signature"],
        body=body,
        plain=gzip.decompress(body) if packed else body,
    )

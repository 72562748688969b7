"""The server of the simulation: the real services on a real SQLite database, reached without HTTP.

It does what the routes do (read the headers, settle in one transaction, sign the answer) and can be made to die at
any statement, be backed up and be restored. What reaches it, and when, is the network's business.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import msgspec
from sqlalchemy import event

from lontara.transport import HttpAnswer
from lontara_core.messages import EnrolRequest
from lontara_core.operations import Operation, Refused, decode_operation
from lontara_core.problems import Problem
from lontara_server.services import backups
from lontara_server.services.devices import enrol, issue_code
from lontara_server.services.orgs import RandomBytes, identity_of
from lontara_server.services.server import Server
from lontara_server.services.sync import SignedRequest, settle_request
from lontara_server.storage.engine import Connection, Engine, make_engine, transaction
from server.ready import SECRET, seeded_bytes

DATABASE: Final = "lontara.db"
# How titles begin that this server refuses and the devices' app does not know to be refused.
REFUSED: Final = "Terlarang"


class ServerCrashed(Exception):
    """The server died before it could commit: everything of the transaction is gone."""


@dataclass(frozen=True)
class Snapshot:
    """A backup: a copy of the whole database. `confirmed`: the server has told its devices of it."""

    path: Path
    number: int
    confirmed: bool


class Office:
    """One server; `statements_left` counts down to the statement at which it dies.

    One engine serves all schedules of a process, since compiling its statements costs more than running them.
    """

    def __init__(self, folder: Path, now_ms: Callable[[], int]) -> None:
        self.path, self._clock = folder / DATABASE, now_ms
        self.statements_left: int | None = None
        self.engine = self._make_engine()
        self.snapshots: list[Snapshot] = []
        self._taken = 0
        self.random_bytes: RandomBytes = seeded_bytes("office")
        self.server = self._read_server()

    def _make_engine(self) -> Engine:
        engine, kind = make_engine(f"sqlite:///{self.path}"), watched(self._pass)

        def connect(_dialect: Any, _record: Any, places: list[Any], options: dict[str, Any]) -> sqlite3.Connection:
            return sqlite3.connect(*places, factory=kind, **options)

        event.listen(engine, "do_connect", connect)
        return engine

    def _read_server(self) -> Server:
        with transaction(self.engine) as connection:
            identity = identity_of(connection)
        return Server(self.engine, identity, SECRET, self.now_ms, self.random_bytes)

    @property
    def epoch(self) -> str:
        return self.server.identity.epoch

    def now_ms(self) -> int:
        return self._clock()

    def begin(self, template: Path, now_ms: Callable[[], int], seed: str) -> None:
        """Start over from a copy of another server's database, by another clock and another row of chances."""
        # The first is the template itself.
        for snapshot in self.snapshots[1:]:
            snapshot.path.unlink(missing_ok=True)
        self.snapshots, self._taken = [Snapshot(template, 0, confirmed=False)], 0
        self._clock, self.random_bytes = now_ms, seeded_bytes(seed)
        self._put_in_place(template)
        self.server = self._read_server()

    def close(self) -> None:
        self.engine.dispose()

    def restart(self) -> None:
        """Come back after a crash, with nothing but what was committed."""
        self.statements_left = None
        self.engine.dispose()

    def _pass(self, statement: str) -> str:
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left <= 0:
                raise ServerCrashed
        return as_it_is(statement)

    # Requests

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
            connection, asked, secret=SECRET, now_ms=self.now_ms(), random_bytes=self.random_bytes
        )  # fmt: skip

    def code_for(self, org: int, nip: str) -> str:
        """An enrolment code, as an admin gives it out."""
        with transaction(self.engine) as connection:
            issued = issue_code(
                connection, org, nip, by="admin", secret=SECRET, now_ms=self.now_ms(), random_bytes=self.random_bytes
            )
        return issued.code

    # Backups

    def back_up(self, *, confirmed: bool) -> Snapshot:
        """Copy the database as it stands; a backup that is confirmed lets devices let go of what it holds."""
        self._taken += 1
        snapshot = Snapshot(self.path.with_name(f"{self._taken}.backup"), self._taken, confirmed)
        with closing(sqlite3.connect(self.path)) as live, closing(sqlite3.connect(snapshot.path)) as copy:
            live.backup(copy)
        self.snapshots.append(snapshot)
        if confirmed:
            with transaction(self.engine) as connection:
                held = backups.held_by(connection)
            backups.confirm_backup(
                self.engine, self.epoch, held, by="operator", now_ms=self.now_ms(), facts={"backup": snapshot.number}
            )  # fmt: skip
        return snapshot

    def restore(self, snapshot: Snapshot) -> None:
        """Put a backup in the database's place and begin a new epoch in it."""
        self._put_in_place(snapshot.path)
        with transaction(self.engine) as connection:
            backups.begin_epoch(connection, now_ms=self.now_ms(), random_bytes=self.random_bytes, by="operator")
        self.server = self._read_server()

    def _put_in_place(self, copy: Path) -> None:
        self.restart()
        for ending in ("-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        shutil.copyfile(copy, self.path)


@contextmanager
def stricter_server() -> Iterator[None]:
    """A server that is newer than the devices' app, and refuses titles that this lets through."""

    def checked(raw: bytes) -> Operation:
        operation = decode_operation(raw)
        if str(operation.fields.get("title", "")).startswith(REFUSED):
            raise Refused("invalid_field", "titles of this kind are not taken", "title")
        return operation

    with (
        patch("lontara_server.services.settle.decode_operation", checked),
        patch("lontara_server.services.quarantine.decode_operation", checked),
    ):
        yield


def as_it_is(statement: str) -> str:
    """The statement that the database gets; a place for a planted bug."""
    return statement


def watched(look: Callable[[str], str]) -> type[sqlite3.Connection]:
    """A kind of connection that shows each statement before it is run, whichever way it comes."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
            return super().execute(look(sql), parameters)

        def executemany(self, sql: str, parameters: Any, /) -> Cursor:
            return super().executemany(look(sql), parameters)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, sql: str, parameters: Any = (), /) -> Any:
            return self.cursor().execute(sql, parameters)

        def executemany(self, sql: str, parameters: Any, /) -> Any:
            return self.cursor().executemany(sql, parameters)

    return Connection


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

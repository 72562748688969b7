"""What runs in the processes that are killed: a person who writes and syncs with the SDK, and the server as it is.

A process may carry its death in itself, at a counted event: a person's at a write or sync of the disk or at a request,
the server's at a statement. When and how often is up to `killing`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import apsw
from sqlalchemy import event
from sqlalchemy.engine import Engine

from lontara import Client
from lontara.clock import SystemClock
from lontara.store import Store
from lontara.transport import HttpAnswer, HttpTransport
from lontara_server.cli.main import main

PIN: Final = "482913"
GO_ON: Final = "go on"
STOP: Final = "stop"
_REAL: Final = "unix"
_NAME: Final = "mortal"
_WAIT_MAX_SECONDS: Final = 0.01


class Death:
    """Kills the process that it is in at the n-th event; never where n is 0."""

    def __init__(self, at: int) -> None:
        self._left = at
        self._lock = threading.Lock()

    def event(self) -> None:
        """Something that could be the last thing that this process did."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class _MortalFile(apsw.VFSFile):
    """A file of the real file system."""

    death: Death

    def xWrite(self, data: Any, offset: int) -> None:
        self.death.event()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self.death.event()
        super().xSync(flags)

    def xTruncate(self, newsize: int) -> None:
        self.death.event()
        super().xTruncate(newsize)


class _MortalFileSystem(apsw.VFS):
    """The real file system, whose writes are counted."""

    def __init__(self, death: Death) -> None:
        super().__init__(_NAME, _REAL)
        self._death = death

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _MortalFile:
        file = _MortalFile(_REAL, name, flags)
        file.death = self._death
        return file

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._death.event()
        super().xDelete(filename, syncdir)


_file_systems: list[_MortalFileSystem] = []


class _MortalTransport(HttpTransport):
    """The real transport; the process may die before it sends and after it heard the answer."""

    def __init__(self, url: str, death: Death) -> None:
        super().__init__(url)
        self._death = death

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        self._death.event()
        answer = super().post(path, body, headers)
        self._death.event()
        return answer


class HurriedClock(SystemClock):
    """This machine's clock with waits cut short: the link is on this machine."""

    def pause(self, seconds: float) -> None:
        super().pause(min(seconds, _WAIT_MAX_SECONDS))


def shown(store: Store) -> dict[str, tuple[str, bool]]:
    """Title and void mark of every entry that the store shows, read as it lies there."""
    found = store.query("SELECT id, view FROM row WHERE type = 'activity_entry' AND view IS NOT NULL")
    views = {id_: json.loads(view) for id_, view in found}
    return {id_: (view["fields"]["title"], view["voided"]) for id_, view in views.items()}


class _Person:
    """One process of the SDK: tells what it is about to do and what it was told in return, and waits for nobody."""

    def __init__(
        self, client: Client, mouth: Connection, ears: Connection, chance: Random, name: str, month: str
    ) -> None:
        self._client, self._mouth, self._ears = client, mouth, ears
        self._chance, self._name, self._month = chance, name, month
        self._number, self._stopped = 0, False
        self._own: dict[str, bool] = {}

    def live(self, own: Mapping[str, bool]) -> None:
        """Act until told to stop. own: the entries written here, and whether each is void."""
        self._own = dict(own)
        while not (self._stopped or (self._ears.poll() and self._ears.recv() == STOP)):
            self._chance.choices([self._save, self._edit, self._void, self._sync], [5, 3, 1, 4])[0]()

    def _title(self, word: str) -> str:
        self._number += 1
        return f"{word} {self._name} {self._number}"

    def _save(self) -> None:
        title = self._title("Melayani warga")
        self._mouth.send(("about", None, title, False))
        day = self._chance.randint(1, 28)
        entry = self._client.record(work_date=f"{self._month}-{day:02}", duration_minutes=5, title=title).id
        self._own[entry] = False
        self._mouth.send(("said", entry, title, False))

    def _edit(self) -> None:
        living = [entry for entry, voided in self._own.items() if not voided]
        if living:
            entry, title = self._chance.choice(living), self._title("Diubah")
            self._mouth.send(("about", entry, title, False))
            self._client.edit(entry, title=title)
            self._mouth.send(("said", entry, title, False))

    def _void(self) -> None:
        living = [entry for entry, voided in self._own.items() if not voided]
        if living:
            entry = self._chance.choice(living)
            title = str(self._client.entry(entry).fields["title"])
            self._mouth.send(("about", entry, title, True))
            self._client.delete(entry, reason="Keliru")
            self._own[entry] = True
            self._mouth.send(("said", entry, title, True))

    def _sync(self) -> None:
        self._mouth.send(("syncing",))
        problem = self._client.sync().problem
        self._mouth.send(("synced", problem.code if problem is not None else None))
        if problem is not None:
            self._stopped = self._ears.recv() == STOP


def live_as_person(
    folder: Path, mouth: Connection, ears: Connection, name: str, month: str, die_at: int
) -> None:  # fmt: skip
    """The process of a person: opens their store, says what is in it, and lives on until it dies or is told to stop."""
    death = Death(die_at)
    # Kept for as long as the process lives: a connection must not outlive its file system.
    _file_systems.append(_MortalFileSystem(death))
    connect = partial(apsw.Connection, vfs=f"multipleciphers-{_NAME}")
    with patch("lontara.database.apsw.Connection", connect):
        client = Client.open(folder, pin=PIN, clock=HurriedClock(), transport=lambda url: _MortalTransport(url, death))
        try:
            mouth.send(("found", shown(client.store)))
            own = ears.recv()
            if own != STOP:
                _Person(client, mouth, ears, Random(name), name, month).live(own)
        finally:
            client.close()


def live_as_server(folder: Path, database_url: str, output: int, port: int, die_at: int) -> None:
    """The process of the server: `lontara-server run`, its output to a pipe; dies at a statement of a request."""
    os.dup2(output, 1)
    with (folder / "server.log").open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1)
    death = Death(die_at)

    def count(*_of_the_event: Any) -> None:
        if threading.current_thread().name.startswith("waitress"):
            death.event()

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
    # The connection goes back to the pool after the commit and before the answer.
    event.listen(Engine, "checkin", count)
    main(["--data-dir", str(folder), "--database-url", database_url, "run", "--bind", f"127.0.0.1:{port}"])

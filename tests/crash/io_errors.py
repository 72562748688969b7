"""A disk that is full or fails, at every single call of a save and of a sync: told clearly, or done; never in between.

Each case starts from the same files, lets one call fail (once, or for good), and looks at what was told, at what the
process shows then, at what a start after a kill would find, and whether the store can be used afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import apsw

from client.conftest import HandClock
from client.fake_server import FakeServer
from crash.disk import Disk, Fault
from crash.life import NotedStore, copy_of, held_by, opened
from crash.power import Lost, go_on, read_contents
from lontara import Client
from lontara_core.problems import Problem
from lontara_core.record import Record
from simulation.template import seeded_secrets

ERRORS: Final = {"disk_full": apsw.FullError, "disk_failed": apsw.IOError}
_CALLS_MAX: Final = 500


def _save(client: Client) -> str | None:
    client.record(
        work_date="2026-01-07", title="Yang baru", duration_minutes=45, description="Sawah. " * 400 + "Selesai."
    )
    return None


def _edit(client: Client) -> str | None:
    client.edit(client.entries()[0].id, title="Yang diubah")
    return None


def _sync(client: Client) -> str | None:
    problem = client.sync().problem
    return None if problem is None else problem.code


ACTS: Final[Mapping[str, Callable[[Client], str | None]]] = {"save": _save, "edit": _edit, "sync": _sync}


@dataclass
class Swept:
    """What a sweep over the calls of one act found."""

    cases: int = 0
    told: int = 0
    wrong: list[str] = field(default_factory=list)


class Sweep:
    """A store with entries, some sent, and a server with more; every case begins with a copy of them."""

    def __init__(self, folder: Path) -> None:
        self._folder, disk, self._server = folder, Disk(), FakeServer()
        with opened(folder, disk) as store, seeded_secrets("sweep"):
            client = self._client(store, self._server)
            client.enrol("https://lontara.test", "KODE")
            for number in range(12):
                client.record(work_date="2026-01-05", title=f"Lama {number}", duration_minutes=30)
            client.sync()
            client.record(work_date="2026-01-06", title="Belum dikirim", duration_minutes=30)
            self._image = disk.image()
        for number in range(8):
            fields = {"work_date": "2026-01-05", "title": f"Laptop {number}", "duration_minutes": 30}
            id_ = f"00000000-0000-8000-8000-00000000000{number}"
            self._server.put(Record("activity_entry", id_, 1, fields, voided=False, clash=None))

    @staticmethod
    def _client(store: NotedStore, server: FakeServer) -> Client:
        return Client(store, clock=HandClock(), chance=Random(5), transport=lambda _url: server)

    def over(self, act: str, code: str, *, lasting: bool) -> Swept:
        """Let each call of the act fail in turn, until the act meets no failure any more."""
        swept, steps = Swept(), self._steps(act)
        for at in range(1, _CALLS_MAX):
            fault = Fault(ERRORS[code], at, lasting)
            try:
                told = self._case(act, fault, code, steps)
            except (Lost, apsw.Error) as error:
                swept.wrong.append(f"{act}, call {at}, {code}{' for good' if lasting else ''}: {error!r}")
                told = None
            if fault.met < at:
                break
            swept.cases += 1
            swept.told += told is not None
        return swept

    def _steps(self, act: str) -> list[str]:
        """What the store holds before the act and after each of its commits when all goes well."""
        with opened(self._folder, Disk.holding(self._image)) as store:
            steps = [held_by(store)]
            store.on_commit = lambda: steps.append(held_by(store))
            _told(ACTS[act], self._client(store, copy_of(self._server)))
        return steps

    def _case(self, act: str, fault: Fault, code: str, steps: list[str]) -> str | None:
        disk, server = Disk.holding(self._image), copy_of(self._server)
        with opened(self._folder, disk) as store:
            disk.fault = fault
            told = _told(ACTS[act], self._client(store, server))
            disk.fault, killed = None, disk.image()
            _check(told in (None, code), f"it says {told}")
            held = held_by(store)
            _check(held in (steps[-1:] if told is None else steps[:-1]), f"it says {told}, and something else is there")
            contents = read_contents(store)
        with opened(self._folder, Disk.holding(killed)) as store:
            # Where the disk never works again, a kill may bring back whole what was said not to be saved.
            _check(
                held_by(store) in ({held, *steps} if fault.lasting else {held}), "after a kill something else is there"
            )
        with opened(self._folder, disk) as store:
            go_on(
                store,
                server,
                {id_: each for id_, each in contents.items() if "Laptop" not in each.fields["title"]},
                "on",
            )
        return told


def _told(act: Callable[[Client], str | None], client: Client) -> str | None:
    """The code of what the person is told; None where it went well."""
    try:
        with seeded_secrets("act"):
            return act(client)
    except Problem as problem:
        return problem.code


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise Lost(what)

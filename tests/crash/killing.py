"""A campaign of kills: people's processes and the server's die by SIGKILL in the middle of their work and start again.

Everything that a person was told is kept here, outside of the processes that die, and held against the store after
each of their deaths and against the server's database at the end. What the processes do is in `mortal`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from crash.mortal import GO_ON, PIN, STOP, HurriedClock, live_as_person, live_as_server, shown
from lontara import Client
from lontara_server.app import clock_ms
from lontara_server.config import prepare_data_dir
from lontara_server.services.devices import issue_code
from lontara_server.services.orgs import create_org, init_server
from lontara_server.services.people import import_employees
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.schema import upgrade
from server.ready import NOW, PEOPLE, SECRET, WORKER, seeded_bytes
from simulation.tablet import cheap_keys

# Two devices of one person, who works at each in another month, so that no rule has a reason to ask.
DEVICES: Final = {"phone": "2026-09", "laptop": "2026-10"}
# Deaths by a counted event in the process itself; the others come from outside, at the n-th word that is heard.
INNER_DEATH_CHANCE: Final = 0.7
PERSON_EVENTS_MAX: Final = 160
PERSON_WORDS_MAX: Final = 30
SERVER_EVENTS_MAX: Final = 120
SERVER_WORDS_MAX: Final = 40
DEADLINE_SECONDS: Final = 60
# Problems that a server which dies may give.
EXPECTED: Final = {None, "server_unreachable", "server_busy"}
# Forked, so that a new life costs no second of imports; the parent has no threads.
_fork: Final = multiprocessing.get_context("fork")


class Lost(AssertionError):
    """A kill has lost or doubled what was said to be saved."""


@dataclass
class Kills:
    """What a campaign did and found."""

    clients: int = 0
    servers: int = 0
    entries: int = 0
    operations: int = 0
    wrong: list[str] = field(default_factory=list)
    # In the middle of what each person's process died.
    during: Counter[str] = field(default_factory=Counter)


@dataclass
class _Device:
    """A device as this side knows it: what its person was told, what was under way, and the process, if any."""

    name: str
    month: str
    folder: Path
    told: dict[str, tuple[str, bool]] = field(default_factory=dict)
    about: tuple[str | None, str, bool] | None = None
    attempted: set[str] = field(default_factory=set)
    lives: int = 0
    words_left: int = 0
    last_word: str = ""
    waits: bool = False
    process: ForkProcess | None = None
    # One pipe each way: of a pair that goes both ways a death may take away what had been said.
    ears: Connection | None = None
    mouth: Connection | None = None

    def tell(self, word: object) -> None:
        """Say something to the process, which may be dead by now."""
        assert self.mouth is not None
        try:
            self.mouth.send(word)
        except BrokenPipeError:
            return


class Campaign:
    """Two devices and a server, until so many of each have been killed."""

    def __init__(self, seed: int, folder: Path, engine: Engine, *, clients: int, servers: int) -> None:
        self.kills = Kills()
        self._chance, self._folder = Random(seed), folder
        self._url = engine.url.render_as_string(hide_password=False)
        self._clients_wanted, self._servers_wanted = clients, servers
        self._server: ForkProcess | None = None
        self._port, self._server_words_left = 0, 0
        self._devices = [_Device(name, month, folder / name) for name, month in DEVICES.items()]
        prepare_data_dir(folder, SECRET)
        engine.dispose()
        self._start_server(mortal=False)
        for device in self._devices:
            self._enrol(device)

    def _enrol(self, device: _Device) -> None:
        engine = make_engine(self._url)
        with transaction(engine) as connection:
            issued = issue_code(
                connection, 1, WORKER, by="tester", secret=SECRET, now_ms=clock_ms(),
                random_bytes=seeded_bytes(device.name),
            )  # fmt: skip
        engine.dispose()
        with cheap_keys():
            client = Client.open(device.folder, pin=PIN)
        client.enrol(f"http://127.0.0.1:{self._port}", issued.code)
        client.close()

    def run(self) -> Kills:
        """Kill until it is enough, bring everything to rest, compare."""
        try:
            self._stop_server()
            self._start_server(mortal=True)
            for device in self._devices:
                self._start(device)
            while not self._is_enough():
                self._hear()
            for device in self._devices:
                self._stop(device)
            self._bring_to_rest()
            self._compare()
        finally:
            for process in (self._server, *(device.process for device in self._devices)):
                if process is not None and process.is_alive():
                    process.kill()
                    process.join()
        return self.kills

    def _is_enough(self) -> bool:
        return self.kills.clients >= self._clients_wanted and self.kills.servers >= self._servers_wanted

    def _start_server(self, *, mortal: bool) -> None:
        mortal = mortal and self.kills.servers < self._servers_wanted
        inner = self._chance.random() < INNER_DEATH_CHANCE
        die_at = self._chance.randint(1, SERVER_EVENTS_MAX) if mortal and inner else 0
        self._server_words_left = self._chance.randint(1, SERVER_WORDS_MAX) if mortal and not inner else 0
        read, write = os.pipe()
        self._server = _fork.Process(
            target=live_as_server, args=(self._folder, self._url, write, self._port, die_at), daemon=True
        )
        self._server.start()
        os.close(write)
        with os.fdopen(read, encoding="utf-8") as output:
            address = output.readline().strip()
        if not address:
            raise Lost("the server did not start again, see server.log")
        self._port = int(address.rstrip("/").rpartition(":")[2])

    def _stop_server(self) -> None:
        assert self._server is not None
        self._server.terminate()
        self._server.join(DEADLINE_SECONDS)

    def _start(self, device: _Device) -> None:
        """A new process on the same store; what it finds there has to be what was told."""
        mortal = self.kills.clients < self._clients_wanted
        inner = self._chance.random() < INNER_DEATH_CHANCE
        die_at = self._chance.randint(1, PERSON_EVENTS_MAX) if mortal and inner else 0
        device.words_left = self._chance.randint(1, PERSON_WORDS_MAX) if mortal and not inner else 0
        device.lives += 1
        device.last_word, device.waits = "opening", False
        device.ears, their_mouth = _fork.Pipe(duplex=False)
        their_ears, device.mouth = _fork.Pipe(duplex=False)
        device.process = _fork.Process(
            target=live_as_person,
            args=(device.folder, their_mouth, their_ears, f"{device.name} {device.lives}", device.month, die_at),
            daemon=True,
        )
        device.process.start()
        their_mouth.close()
        their_ears.close()

    def _hear(self) -> None:
        """Wait for the next word of anybody, or for a death."""
        assert self._server is not None
        pipes = {device.ears: device for device in self._devices if device.ears is not None}
        ready = wait([*pipes, self._server.sentinel], DEADLINE_SECONDS)
        if not ready:
            raise Lost(f"nothing happened for {DEADLINE_SECONDS} s")
        for one in ready:
            if isinstance(one, Connection):
                self._hear_one(pipes[one])
        if self._server.sentinel in ready:
            self._bury_server()

    def _hear_one(self, device: _Device) -> None:
        assert device.ears is not None
        assert device.process is not None
        try:
            word = device.ears.recv()
        except EOFError:
            self._bury(device)
            return
        device.last_word = word[0]
        self._take(device, word)
        device.words_left -= 1
        if device.words_left == 0:
            device.process.kill()
        self._server_words_left -= 1
        if self._server_words_left == 0 and self._server is not None:
            self._server.kill()

    def _take(self, device: _Device, word: tuple[Any, ...]) -> None:
        if word[0] == "found":
            self._compare_found(device, word[1])
            device.tell({entry: voided for entry, (_, voided) in device.told.items()})
        elif word[0] == "about":
            device.about = word[1:]
            device.attempted.add(word[2])
        elif word[0] == "said":
            entry, title, voided = word[1:]
            device.told[entry], device.about = (title, voided), None
        elif word[0] == "synced" and word[1] is not None:
            if word[1] not in EXPECTED:
                self.kills.wrong.append(f"{device.name}: sync stopped with {word[1]}")
            if self._server is not None and self._server.is_alive():
                device.tell(GO_ON)
            else:
                device.waits = True

    def _compare_found(self, device: _Device, found: dict[str, tuple[str, bool]]) -> None:
        """After a death: every promise is kept, and what is more is what was under way."""
        allowed = {entry: {content} for entry, content in device.told.items()}
        if device.about is not None and device.about[0] is not None:
            allowed[device.about[0]].add(device.about[1:])
        for entry, contents in allowed.items():
            if found.get(entry) not in contents:
                self.kills.wrong.append(f"{device.name}: {entry} is {found.get(entry)}, told was {contents}")
                device.told.pop(entry)
            if entry in found:
                device.told[entry] = found[entry]
        others = set().union(*(other.attempted for other in self._devices if other is not device))
        for entry, (title, voided) in found.items():
            if entry not in allowed and device.about is not None and device.about[:2] == (None, title):
                device.told[entry] = (title, voided)
            elif entry not in allowed and title not in others:
                self.kills.wrong.append(f"{device.name}: {title} is there twice, or nobody wrote it")
        device.about = None

    def _bury(self, device: _Device) -> None:
        assert device.process is not None
        device.process.join(DEADLINE_SECONDS)
        if device.process.exitcode != -signal.SIGKILL:
            raise Lost(f"{device.name} ended with {device.process.exitcode}")
        self.kills.clients += 1
        self.kills.during[device.last_word] += 1
        self._start(device)

    def _bury_server(self) -> None:
        assert self._server is not None
        self._server.join(DEADLINE_SECONDS)
        if self._server.exitcode != -signal.SIGKILL:
            raise Lost(f"the server ended with {self._server.exitcode}, see server.log")
        self.kills.servers += 1
        self._start_server(mortal=True)
        for device in self._devices:
            if device.waits:
                device.waits = False
                device.tell(GO_ON)

    def _stop(self, device: _Device) -> None:
        """Let a person's process end in an orderly way; it may still die of what it carries."""
        assert device.ears is not None
        assert device.process is not None
        device.tell(STOP)
        while True:
            try:
                word = device.ears.recv()
            except EOFError:
                break
            self._take(device, word)
        device.process.join(DEADLINE_SECONDS)
        if device.process.exitcode not in (0, -signal.SIGKILL):
            raise Lost(f"{device.name} ended with {device.process.exitcode}")

    def _bring_to_rest(self) -> None:
        """A server that stays, and two syncs of each device."""
        self._stop_server()
        self._start_server(mortal=False)
        for _ in range(2):
            for device in self._devices:
                with _open(device) as client:
                    report = client.sync()
                    if report.problem is not None or report.unsent:
                        self.kills.wrong.append(f"{device.name}: at rest {report.problem} and {report.unsent} unsent")
        self._stop_server()

    def _compare(self) -> None:
        """The server's database against what was told, and the devices against the server."""
        engine = make_engine(self._url)
        with transaction(engine) as connection:
            rows = connection.execute(text("SELECT id, title, voided FROM activity_entry")).all()
            logs = {_uuid(id_): (seq, bytes(head)) for id_, seq, head in
                    connection.execute(text("SELECT id, last_seq, head FROM device"))}  # fmt: skip
        engine.dispose()
        held = {_uuid(id_): (title, bool(voided)) for id_, title, voided in rows}
        for device in self._devices:
            with _open(device) as client:
                found, own = shown(client.store), str(client.store.setting("device"))
                self._compare_found(device, found)
                faults = client.verify()
                head = client.store.log_head(own)
            self.kills.operations += head[0]
            self.kills.wrong += [f"{device.name}: {fault}" for fault in faults]
            if logs[own] != head:
                self.kills.wrong.append(
                    f"{device.name}: the server's log ends at {logs[own][0]}, the device's at {head[0]}"
                )
            if found != held:
                self.kills.wrong.append(f"{device.name} shows another state than the server")
        told = {entry: content for device in self._devices for entry, content in device.told.items()}
        self.kills.entries = len(told)
        missing, strange = told.items() - held.items(), held.items() - told.items()
        if missing or strange:
            self.kills.wrong.append(f"{len(missing)} told and not on the server, {len(strange)} there and never told")
        if len({title for title, _ in held.values()}) != len(held):
            self.kills.wrong.append("an entry is on the server twice")


@contextmanager
def _open(device: _Device) -> Iterator[Client]:
    client = Client.open(device.folder, pin=PIN, clock=HurriedClock())
    try:
        yield client
    finally:
        client.close()


def _uuid(value: Any) -> str:
    return str(UUID(bytes=bytes(value))) if isinstance(value, bytes | memoryview) else str(value)


def run_campaign(seed: int, folder: Path, *, clients: int, servers: int, engine: Engine | None = None) -> Kills:
    """Kill so many processes of each kind; `engine`: an empty database for the server, else SQLite in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = engine or make_engine(f"sqlite:///{folder / 'lontara.db'}")
    _make_ready(engine)
    return Campaign(seed, folder, engine, clients=clients, servers=servers).run()


def _make_ready(engine: Engine) -> None:
    """A server with one org and its people, on whatever database."""
    upgrade(engine)
    random_bytes = seeded_bytes("campaign")
    with transaction(engine) as connection:
        init_server(connection, now_ms=NOW, random_bytes=random_bytes)
        create_org(connection, code="WAJO", name="Kabupaten Wajo", by="tester", now_ms=NOW, random_bytes=random_bytes)
        import_employees(connection, 1, PEOPLE, by="tester", now_ms=NOW)

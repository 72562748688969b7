"""A server that can be backed up and restored, with devices of real stores: the ground of the faults that heal.

Nothing of either side is replaced; requests reach the application itself, without a socket between.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from engines.places import Place
from lontara import Client
from lontara.engine import SyncReport
from lontara.transport import HttpAnswer, TransportFailed
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services.backups import take_backup
from lontara_server.services.devices import issue_code
from lontara_server.services.restoring import restore_backup
from lontara_server.services.verification import verify_org
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.evidence import entries_with_nip
from server.ready import CHIEF, NOW, SECRET, WORKER, ready_server, seeded_bytes

TODAY = "2026-11-18"
DAY_MS = 24 * 3600 * 1000
SECOND_UNIT = "199509092019031008"
PEOPLE = f"""nip,full_name,unit_code,unit_name,supervisor_nip,position
{CHIEF},Andi Rahmatia Pallawa,KEC-01,Seksi Pelayanan Umum,,Kepala Seksi
{WORKER},Ambo Upe Lamaru,KEC-01,Seksi Pelayanan Umum,{CHIEF},Pengelola Layanan
{SECOND_UNIT},I Tenri Abeng Sompa,KEC-02,Seksi Pemerintahan,,Kepala Seksi
"""


class HandClock:
    """A clock that goes on by itself, one tick a reading; `off_ms` is how far it is from the office's."""

    def __init__(self, off_ms: int = 0, of: HandClock | None = None) -> None:
        self.now, self.off_ms, self.of = NOW, off_ms, of

    def wall_ms(self) -> int:
        if self.of is not None:
            return self.of.wall_ms() + self.off_ms
        self.now += 1
        return self.now + self.off_ms

    def offset_minutes(self) -> int:
        return 480

    def mono_ms(self) -> int | None:
        return None

    def boot(self) -> str | None:
        return None

    def pause(self, seconds: float) -> None:
        clock = self if self.of is None else self.of
        clock.now += int(seconds * 1000)


class Office:
    """A running server, what restores it, and the devices of its people."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.folder, self.clock, self.devices = folder, HandClock(), list[Client]()
        self.engine: Engine = ready_server(place, PEOPLE)
        self.backups = 0
        self.lose: Callable[[int], bool] = lambda number: False
        self.requests = 0
        self.start()

    def start(self) -> None:
        config = Config(self.folder, self.url, SECRET)
        app = create_app(
            config, engine=self.engine, now_ms=self.clock.wall_ms, random_bytes=seeded_bytes(f"office {self.backups}")
        )
        self.browser = app.test_client()

    @property
    def url(self) -> str:
        return self.engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        for client in self.devices:
            client.close()
        self.engine.dispose()

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """The transport of every device; `lose` tells for each request whether its answer is lost."""
        answer = self.browser.post(path, data=body, headers={"Accept-Encoding": "gzip", **headers})
        self.requests += 1
        if self.lose(self.requests):
            raise TransportFailed("cut", reached=True)
        return HttpAnswer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.data)

    # Devices

    def open(self, name: str, *, clock: HandClock | None = None) -> Client:
        # Another chance each time, as on two machines: request ids are used once.
        chance = Random(f"{name} {len(self.devices)} {self.requests}")
        client = Client.open(
            self.folder / name, pin="2468", clock=clock or self.clock, chance=chance, transport=lambda url: self
        )
        self.devices.append(client)
        return client

    def device(self, name: str, nip: str = WORKER, *, clock: HandClock | None = None) -> Client:
        client = self.open(name, clock=clock)
        self.enrol(client, nip)
        return client

    def enrol(self, client: Client, nip: str = WORKER) -> None:
        with transaction(self.engine) as connection:
            issued = issue_code(
                connection, 1, nip, by="tester", secret=SECRET, now_ms=self.clock.wall_ms(),
                random_bytes=secrets.token_bytes,
            )  # fmt: skip
        client.enrol("http://127.0.0.1:8000", issued.code)

    def copy(self, client: Client, name: str, again: str) -> tuple[Client, Client]:
        """Copy a device's data directory to a second machine; both go on."""
        folder = client.store.data_dir
        client.close()
        self.devices.remove(client)
        shutil.copytree(folder, self.folder / name)
        return self.open(folder.name), self.open(name)

    # The server

    def backup(self) -> Path:
        self.backups += 1
        target = self.folder / f"{self.backups}.backup"
        take_backup(self.engine, target, secret=SECRET, by="operator", now_ms=self.clock.wall_ms(),
                    random_bytes=secrets.token_bytes)  # fmt: skip
        return target

    def restore(self, file: Path) -> dict[str, Any]:
        """Stop the server, restore it, start it again."""
        self.engine.dispose()
        document = restore_backup(file, self.engine, self.folder, by="operator", now_ms=self.clock.wall_ms(),
                                  random_bytes=secrets.token_bytes)  # fmt: skip
        self.engine = make_engine(self.url)
        self.start()
        return document

    def titles(self) -> dict[str, str]:
        """Every entry of the server that is not voided, by id."""
        with transaction(self.engine) as connection:
            found = [entry for entry, _ in entries_with_nip(connection, 1)]
        return {entry.id: str(entry.fields["title"]) for entry in found if not entry.voided}

    def faults(self) -> list[str]:
        """What does not hold in the server's logs and feed."""
        with transaction(self.engine) as connection:
            return verify_org(connection, 1).faults


def titles(client: Client) -> dict[str, str]:
    """What the person reads on a device, by id."""
    return {entry.id: str(entry.fields["title"]) for entry in client.entries(voided=False)}


def write(client: Client, count: int, what: str, *, day: int = 1) -> set[str]:
    """Save some entries, one a half hour, so that none overlaps another; returns their ids."""
    made = set()
    for number in range(count):
        date, slot = f"2026-11-{day + number // 40:02}", number % 40
        start, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (slot * 30, slot * 30 + 20))
        made.add(client.record(work_date=date, title=f"{what} {number}", start_time=start, end_time=end).id)
    return made


def settle(*clients: Client) -> list[SyncReport]:
    """Sync each device twice, after which all that can be known is."""
    return [client.sync() for _ in range(2) for client in clients]

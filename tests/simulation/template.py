"""What every schedule starts from: a migrated server and three enrolled devices, made once a process and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

from lontara import Client
from lontara.transport import HttpAnswer
from lontara_server.services.devices import issue_code
from lontara_server.storage.engine import transaction
from server.ready import CHIEF, NOW, SECRET, WORKER, ready_server, seeded_bytes
from simulation.office import DATABASE, ORG, Office
from simulation.tablet import PIN, DeviceClock, cheap_keys

# Two devices of one worker, so that fields clash, and one of the supervisor.
DEVICES: Final = {"phone": WORKER, "laptop": WORKER, "chief": CHIEF}


class Ground:
    """The template's files, and the place where one schedule after the other is played."""

    def __init__(self, folder: Path) -> None:
        self._template, self.folder = folder / "template", folder / "here"
        server = self._template / "server"
        server.mkdir(parents=True)
        ready_server(server).dispose()
        office = Office(server, lambda: NOW)
        with cheap_keys():
            for name, nip in DEVICES.items():
                _enrol(office, self._template / name, name, nip)
        office.close()
        shutil.copytree(self._template, self.folder)
        self.office = Office(self.folder / "server", lambda: NOW)

    def begin(self, now_ms: Callable[[], int]) -> None:
        """Put everything back to where the template ends."""
        self.office.begin(self._template / "server" / DATABASE, now_ms)
        for name in DEVICES:
            shutil.rmtree(self.folder / name)
            shutil.copytree(self._template / name, self.folder / name)

    def close(self) -> None:
        self.office.close()


@contextmanager
def seeded_secrets(seed: str) -> Iterator[None]:
    """Let keys and salts of the SDK come from a seed, so that the same seed makes the same ids."""
    take = seeded_bytes(seed)
    source = SimpleNamespace(token_bytes=take, token_hex=lambda count: take(count).hex())
    with patch("lontara.enrolment.secrets", source), patch("lontara.client.secrets", source):
        yield


def _enrol(office: Office, folder: Path, name: str, nip: str) -> None:
    with transaction(office.engine) as connection:
        issued = issue_code(
            connection, ORG, nip, by="tester", secret=SECRET, now_ms=NOW, random_bytes=seeded_bytes(f"code {name}")
        )
    clock = DeviceClock(lambda: NOW, lambda _ms: None, 0)
    with seeded_secrets(f"enrol {name}"):
        client = Client.open(folder, pin=PIN, clock=clock, chance=Random(name), transport=lambda _url: _Direct(office))
        client.enrol("http://127.0.0.1:8000", issued.code)
        # The people and units of the office come once, here, and not in every schedule.
        client.sync()
        client.close()


class _Direct:
    """A link without faults, for setting up."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> HttpAnswer:
        return self._office.answer(path, body, headers, dies_before_commit=False)

"""What every schedule starts from: a migrated server of two orgs and their enrolled devices, made once a process and
copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

from lontara import Client
from lontara.transport import HttpAnswer
from lontara_server.services.orgs import create_org
from lontara_server.services.people import import_employees
from lontara_server.storage.engine import transaction
from server.ready import CHIEF, NOW, WORKER, ready_server, seeded_bytes
from simulation.office import DATABASE, Office
from simulation.tablet import PIN, DeviceClock, cheap_keys

ORG: Final = 1
OTHER_ORG: Final = 2
SECOND: Final = "198001302006041007"
CLERK: Final = "199511172020122003"
STRANGER: Final = "198712052011011009"
HEADINGS: Final = "nip,full_name,unit_code,unit_name,supervisor_nip,position\n"
# Where the worker is, and where the worker may be moved: unit, its name, and who supervises there.
PLACES: Final = (("KEC-01", "Seksi Pelayanan Umum", CHIEF), ("KEC-02", "Seksi Pemerintahan", SECOND))
# The head of the second unit supervises the first one's, so that supervisors' own entries are reviewed too.
PEOPLE: Final = f"""{HEADINGS}{SECOND},I Tenri Abeng Sompa,KEC-02,Seksi Pemerintahan,,Kepala Seksi
{CHIEF},Andi Rahmatia Pallawa,KEC-01,Seksi Pelayanan Umum,{SECOND},Kepala Seksi
{WORKER},Ambo Upe Lamaru,KEC-01,Seksi Pelayanan Umum,{CHIEF},Pengelola Layanan
{CLERK},Besse Nurlina Sakka,KEC-02,Seksi Pemerintahan,{SECOND},Arsiparis
"""
OTHER_PEOPLE: Final = f"""{HEADINGS}{STRANGER},Baso Mappasere Dalle,KEL-01,Kelurahan Watampone,,Lurah
"""


@dataclass(frozen=True)
class Bearer:
    """Whose a device of the template is."""

    org: int
    nip: str


# These write the entry in which all devices of their person meet.
AUTHORS: Final = ("phone", "chief", "stranger")
# Two devices of one worker, so that fields clash, two of the first supervisor, one of the second, one elsewhere.
DEVICES: Final = {
    "phone": Bearer(ORG, WORKER),
    "laptop": Bearer(ORG, WORKER),
    "chief": Bearer(ORG, CHIEF),
    "chief desk": Bearer(ORG, CHIEF),
    "second": Bearer(ORG, SECOND),
    "stranger": Bearer(OTHER_ORG, STRANGER),
}


class Ground:
    """The template's files, and the place where one schedule after the other is played."""

    def __init__(self, folder: Path) -> None:
        self._template, self.folder = folder / "template", folder / "here"
        server = self._template / "server"
        server.mkdir(parents=True)
        ready_server(server, PEOPLE).dispose()
        office = Office(server, lambda: NOW)
        with transaction(office.engine) as connection:
            create_org(connection, code="BONE", name="Kabupaten Bone", by="tester", now_ms=NOW,
                       random_bytes=seeded_bytes("other org"))  # fmt: skip
            import_employees(connection, OTHER_ORG, OTHER_PEOPLE, by="tester", now_ms=NOW)
        with cheap_keys():
            for name, bearer in DEVICES.items():
                _enrol(office, self._template / name, name, bearer)
        office.close()
        shutil.copytree(server, self.folder / "server")
        self.office = Office(self.folder / "server", lambda: NOW)

    def begin(self, now_ms: Callable[[], int], seed: str, names: Iterable[str]) -> None:
        """Put everything back to where the template ends, with these devices."""
        for each in self.folder.iterdir():
            if each.name != "server":
                shutil.rmtree(each)
        self.office.begin(self._template / "server" / DATABASE, now_ms, seed)
        for name in names:
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


def _enrol(office: Office, folder: Path, name: str, bearer: Bearer) -> None:
    code = office.code_for(bearer.org, bearer.nip)
    clock = DeviceClock(lambda: NOW, lambda _ms: None, 0)
    with seeded_secrets(f"enrol {name}"):
        client = Client.open(folder, pin=PIN, clock=clock, chance=Random(name), transport=lambda _url: _Direct(office))
        client.enrol("http://127.0.0.1:8000", code)
        # The people and units of the office come once, here, and not in every schedule; and an entry that is there
        # already, for all of a person's devices to meet in.
        if name in AUTHORS:
            client.record(work_date="2026-11-16", start_time="08:00", end_time="09:00", title=f"Apel pagi {name}")
        client.sync()
        client.close()


class _Direct:
    """A link without faults, for setting up."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> HttpAnswer:
        return self._office.answer(path, body, headers, dies_before_commit=False)

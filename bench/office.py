"""A server's database as the benchmark needs it: migrated, one org, its people with their plans, and their devices.

All of it is made in this process, through the services, before a server starts on it.
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import insert, text

from bench.device import Device, Place, key_of
from bench.grounds import Ground
from bench.workload import Entry, written
from lontara_core import signing
from lontara_core.canonical import sha256
from lontara_core.messages import EnrolRequest
from lontara_server.config import prepare_data_dir
from lontara_server.services.devices import enrol, issue_code
from lontara_server.services.orgs import create_org, identity_of, init_server
from lontara_server.services.people import import_employees
from lontara_server.storage.engine import Connection, Engine, make_engine, transaction
from lontara_server.storage.models import WorkResultPlan
from lontara_server.storage.operations import org_counter
from lontara_server.storage.schema import upgrade

ORG: Final = 1
SECRET: Final = bytes(range(32))
CHIEF: Final = "197804122003122001"
POSITION: Final = "Pengelola Layanan"
_HEADER: Final = "nip,full_name,unit_code,unit_name,supervisor_nip,position\n"
_BY: Final = "bench"


@dataclass(frozen=True)
class Office:
    """A database with its people's devices. `counter`: the feed's number when all was made."""

    url: str
    data_dir: Path
    devices: tuple[Device, ...]
    counter: int


def now_ms() -> int:
    """The machine's clock in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """The database, let go of at the end, so that no process made later inherits a connection."""
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def make_office(
    ground: Ground, name: str, entries_of_person: Sequence[int], *, devices_of_person: int = 1, first_staff: int = 0
) -> Office:
    """A new office whose n-th person writes so many entries, each on the first of so many devices."""
    url, data_dir = ground.new_database(name), ground.folder / f"{name}-server"
    prepare_data_dir(data_dir, SECRET)
    random_bytes = _seeded(name)
    with opened(url) as engine:
        upgrade(engine)
        with transaction(engine) as connection:
            init_server(connection, now_ms=now_ms(), random_bytes=random_bytes)
            create_org(
                connection, code="WAJO", name="Kabupaten Wajo", by=_BY, now_ms=now_ms(), random_bytes=random_bytes
            )
            import_employees(connection, ORG, _people_file(len(entries_of_person)), by=_BY, now_ms=now_ms())
            devices = []
            for number, count in enumerate(entries_of_person):
                entries = written(first_staff + number, count) if count else ()
                place = _place_of(connection, _nip(number))
                _add_plans(connection, place.employee, entries)
                for copy in range(devices_of_person):
                    device_name = f"{name} {number} {copy}"
                    made = _enrolled(connection, _nip(number), device_name, random_bytes)
                    devices.append(Device(made, key_of(device_name), place, entries if copy == 0 else ()))
            counter = org_counter(connection, ORG)
    return Office(url, data_dir, tuple(devices), counter)


def remove(office: Office) -> None:
    """Remove what the server kept in its data directory."""
    shutil.rmtree(office.data_dir, ignore_errors=True)


def code_for(office: Office, number: int) -> str:
    """A code that enrols another device of the n-th person."""
    with opened(office.url) as engine, transaction(engine) as connection:
        return issue_code(
            connection, ORG, _nip(number), by=_BY, secret=SECRET, now_ms=now_ms(),
            random_bytes=_seeded(f"code {now_ms()}"),
        ).code  # fmt: skip


def check_counts(url: str, entries: int) -> None:
    """End the run where the server holds other than the entries that were sent, or opened a conflict."""
    check_entries(url, entries)
    with opened(url) as engine, transaction(engine) as connection:
        conflicts = connection.execute(text("SELECT kind, count(*) FROM conflict GROUP BY kind")).all()
    if conflicts:
        raise SystemExit(f"nothing was to conflict, and these did: {list(conflicts)}")


def check_entries(url: str, entries: int) -> None:
    """End the run where a database holds other than the entries that were sent."""
    with opened(url) as engine, transaction(engine) as connection:
        held = connection.scalar(text("SELECT count(*) FROM activity_entry"))
    if held != entries:
        raise SystemExit(f"{entries} entries were sent, and {held} are held")


def _people_file(count: int) -> str:
    lines = [f"{CHIEF},Andi Rahmatia Pallawa,KEC-01,Seksi Pelayanan Umum,,Kepala Seksi"]
    lines += [
        f"{_nip(number)},Ambo Upe {number},KEC-01,Seksi Pelayanan Umum,{CHIEF},{POSITION}" for number in range(count)
    ]
    return _HEADER + "\n".join(lines) + "\n"


def _nip(number: int) -> str:
    return f"199103092015031{number + 1:03d}"


def _place_of(connection: Connection, nip: str) -> Place:
    me = identity_of(connection)
    row = connection.execute(
        text(
            "SELECT o.uid, e.id, a.org_unit, a.supervisor FROM org o, employee e, assignment a"
            " WHERE e.org_id = o.org_id AND a.org_id = o.org_id AND a.employee = e.id AND e.nip = :nip"
        ),
        {"nip": nip},
    ).one()
    org, employee, unit, supervisor = (_id_text(value) for value in row)
    return Place(org, me.server_id, me.epoch, employee, unit, supervisor, POSITION)


def _id_text(value: object) -> str:
    return str(UUID(bytes=value)) if isinstance(value, bytes) else str(value)


def _add_plans(connection: Connection, owner: str, entries: Sequence[Entry]) -> None:
    """The plans that the entries serve, so that no entry asks whose they are."""
    targets = sorted({each["fields"]["target_id"] for each in entries})
    rows = [
        {"org_id": ORG, "id": target, "revision": 1, "voided": False, "owner": owner, "year": 2026,
         "title": "Pelayanan administrasi", "kind": None, "state": None}
        for target in targets
    ]  # fmt: skip
    if rows:
        connection.execute(insert(WorkResultPlan), rows)


def _enrolled(connection: Connection, nip: str, name: str, random_bytes: Callable[[int], bytes]) -> str:
    key, at = key_of(name), now_ms()
    issued = issue_code(connection, ORG, nip, by=_BY, secret=SECRET, now_ms=at, random_bytes=random_bytes)
    public_key = signing.public_key_of(key)
    covered = signing.enrol_input(code=issued.code, public_key=public_key, former=None)
    asked = EnrolRequest(
        code=issued.code, public_key=public_key, device_name="tablet", signature=signing.sign(key, covered)
    )  # fmt: skip
    return enrol(connection, asked, secret=SECRET, now_ms=at, random_bytes=random_bytes).device


def _seeded(seed: str) -> Callable[[int], bytes]:
    numbers = itertools.count()
    return lambda count: sha256(f"{seed}{next(numbers)}".encode())[:count]

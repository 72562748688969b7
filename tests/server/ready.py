"""A server that is ready, for tests: a migrated database with one org, and two people in one unit."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from engines.places import Place, SqlitePlace
from lontara_core.canonical import sha256
from lontara_server.services.orgs import create_org, init_server
from lontara_server.services.people import import_employees
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.schema import upgrade

NOW = 1_795_000_000_000
SECRET = bytes(range(32))
CHIEF, WORKER = "197804122003122001", "199103092015031005"
PEOPLE = f"""nip,full_name,unit_code,unit_name,supervisor_nip,position
{CHIEF},Andi Rahmatia Pallawa,KEC-01,Seksi Pelayanan Umum,,Kepala Seksi
{WORKER},Ambo Upe Lamaru,KEC-01,Seksi Pelayanan Umum,{CHIEF},Pengelola Layanan
"""


def seeded_bytes(seed: str = "") -> Callable[[int], bytes]:
    """Bytes that look like chance and are the same in every run."""
    numbers = itertools.count()
    return lambda count: sha256(f"{seed}{next(numbers)}".encode())[:count]


def migrated(place: Place) -> Engine:
    """An empty database, brought up to date."""
    return place.prepared("migrated", lambda url: prepare_ready(url, None))


def ready_server(place: Place | Path, people: str = PEOPLE) -> Engine:
    """A server with one org, number 1, and its people. A folder stands for SQLite in it."""
    where: Place = SqlitePlace(place) if isinstance(place, Path) else place
    key = f"ready_{sha256(people.encode()).hex()[:12]}"
    return where.prepared(key, lambda url: prepare_ready(url, people))


def prepare_ready(url: str, people: str | None) -> None:
    """Bring an empty database up to date, and with people make an org of them."""
    engine, random_bytes = make_engine(url), seeded_bytes("ready")
    upgrade(engine)
    if people is not None:
        with transaction(engine) as connection:
            init_server(connection, now_ms=NOW, random_bytes=random_bytes)
            create_org(
                connection, code="WAJO", name="Kabupaten Wajo", by="tester", now_ms=NOW, random_bytes=random_bytes
            )  # fmt: skip
            import_employees(connection, 1, people, by="tester", now_ms=NOW)
    engine.dispose()

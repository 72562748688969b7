"""A power cut while a newer app brings an older store up to date: the next start finds it old or new, and finishes.

The older store is made by the first step of the schema alone and filled with what a life has left in a store of today,
as far as that step has room for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import apsw

from client.fake_server import FakeServer
from crash.disk import Disk, mounted
from crash.life import KEY, STEPS_PER_LIFE, Driver, Life, held_by, opened, refuses
from crash.power import Lost, platters
from lontara.database import migrations, open_database

FILE: Final = "store.db"
CUTS_A_CALL: Final = 8


@contextmanager
def _first_version(folder: Path, disk: Disk) -> Iterator[apsw.Connection]:
    first = migrations()[:1]
    with (
        mounted(disk), patch("lontara.database.apsw.Connection", Driver),
        patch("lontara.database.migrations", lambda: first),
    ):  # fmt: skip
        connection = open_database(folder / FILE, KEY)
        try:
            yield connection
        finally:
            connection.close()


def _old_store(folder: Path, image: dict[str, bytes]) -> dict[str, bytes]:
    """What this store holds, as the first version would hold it."""
    old = Disk()
    with _first_version(folder, old) as connection:
        tables = [str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            table: [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")] for table in tables
        }
    rows: dict[str, list[tuple[Any, ...]]] = {}
    with opened(folder, Disk.holding(image), version=2) as store:
        for table, names in columns.items():
            rows[table] = store.query(f"SELECT {', '.join(names)} FROM {table}")
    with _first_version(folder, old) as connection, connection:
        for table, names in columns.items():
            places = ", ".join("?" for _ in names)
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows[table])
    return old.image()


def cut_an_upgrade(seed: int, folder: Path) -> int:
    """Bring an old store up to date, cut several times at every call of the disk; raises Lost. How many cuts there were."""
    disk = Disk()
    Life(f"life {seed}", folder, disk, FakeServer(reject=refuses)).live(STEPS_PER_LIFE, enrolled=False)
    image, chance, cuts = _old_store(folder, disk.image()), Random(seed), 0
    disk = Disk.holding(image)
    with opened(folder, disk) as store:
        whole = held_by(store)
    for at, platter in platters(image, disk.calls, range(len(disk.calls))):
        for _ in range(CUTS_A_CALL):
            cuts += 1
            with opened(folder, Disk.holding(platter.after_cut(chance))) as store:
                if store.integrity() or held_by(store) != whole:
                    raise Lost(f"seed {seed}: an upgrade cut at call {at} ends in another store")
    return cuts

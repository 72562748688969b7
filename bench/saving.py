"""A person's save on the device, beside raw SQLite: the same build, cipher, pragmas and bytes on the same file system.

Raw SQLite writes, in one transaction, one row with as many bytes as the SDK keeps of a save: the operation and the row
that is shown. What the SDK does more is its checks, the hash chain, the queue, the indexes and the entry that it returns.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import apsw

from bench.figures import Book
from bench.grounds import SqliteGround
from bench.office import code_for, make_office, remove
from bench.programs import lontara_server
from bench.workload import Entry, written
from lontara import Client
from lontara.database import open_database

PIN: Final = "246810"
FULL_SAVES: Final = 2_000
QUICK_SAVES: Final = 200
# The two write in turns of so many saves, so that both meet the same disk.
TURN: Final = 50
STAFF: Final = 950


def make_stores(folder: Path, count: int) -> list[Path]:
    """So many stores, each enrolled at a real server, which has gone again."""
    folder.mkdir()
    ground = SqliteGround(folder)
    office = make_office(ground, "saving", [0])
    stores = [folder / f"store-{number}" for number in range(count)]
    with lontara_server(office, ground.processes) as server:
        for store in stores:
            client = Client.open(store, pin=PIN)
            client.enrol(f"http://127.0.0.1:{server.port}", code_for(office, 0), name="bench")
            client.close()
    ground.drop("saving")
    remove(office)
    return stores


def measure_saving(store: Path, book: Book, saves: int, number: int) -> None:
    """One round: so many saves by the SDK and as many raw ones, in turns."""
    client = Client.open(store, pin=PIN)
    raw = open_database(store / "raw.db", os.urandom(32))
    try:
        entries = [each["fields"] for each in written(STAFF, saves + 2 * TURN)]
        _save_all(client, entries[: 2 * TURN])
        raw.execute("CREATE TABLE kept (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
        each_bytes = _bytes_of_save(client, 2 * TURN)
        _write_all(raw, each_bytes, 2 * TURN)
        ours: list[float] = []
        bare: list[float] = []
        for turn, part in enumerate(_turns(entries[2 * TURN :])):
            acts: list[Callable[[], None]] = [
                lambda part=part: ours.extend(_save_all(client, part)),  # type: ignore[misc]
                lambda part=part: bare.extend(_write_all(raw, each_bytes, len(part))),  # type: ignore[misc]
            ]
            for act in acts if (turn + number) % 2 == 0 else reversed(acts):
                act()
    finally:
        raw.close()
        client.close()
    group = "save of an entry on the device, beside raw SQLite"
    for share, name in ((0.5, "p50"), (0.95, "p95")):
        book.add(group, name, "ms", 1000 * _at(ours, share), yardstick=1000 * _at(bare, share))
    book.add(group, "bytes that a save keeps", "B", each_bytes)


def _turns(entries: list[Entry]) -> Iterator[list[Entry]]:
    for start in range(0, len(entries), TURN):
        yield entries[start : start + TURN]


def _save_all(client: Client, entries: list[Entry]) -> list[float]:
    """How long each save took, in seconds."""
    took = []
    for fields in entries:
        began = time.perf_counter()
        client.record(**fields)
        took.append(time.perf_counter() - began)
    return took


def _write_all(database: apsw.Connection, size: int, count: int) -> list[float]:
    took = []
    for _ in range(count):
        kept = os.urandom(size)
        began = time.perf_counter()
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO kept (bytes) VALUES (?)", (kept,))
        database.execute("COMMIT")
        took.append(time.perf_counter() - began)
    return took


def _bytes_of_save(client: Client, saves: int) -> int:
    """Bytes of an operation and of the row that is shown, on average."""
    (operations,), (rows,) = (
        client.store.query(statement)[0]
        for statement in (
            "SELECT sum(length(bytes) + length(hash)) FROM operation",
            "SELECT sum(length(CAST(view AS BLOB))) FROM row WHERE type = 'activity_entry'",
        )
    )
    return int(operations + rows) // saves


def _at(values: list[float], share: float) -> float:
    """The value below which this share of them lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]

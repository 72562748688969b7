"""How much slower a batch is with a million entries in the table than with ten thousand.

Both databases hold the same real entries, sent through the server; the large one holds copies of them besides, written
straight into its tables: entries under other owners, their batches under other devices, their rows in the feed. Then the
same kind of batches go to both in turns.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

from sqlalchemy import Table, text

from bench.device import Device
from bench.figures import Book, Target
from bench.grounds import POSTGRESQL, Ground
from bench.load import Link, link_to, read_answer
from bench.office import ORG, Office, check_counts, make_office, now_ms, opened, remove
from bench.programs import Program, lontara_server
from bench.writing import LARGE, check_taken
from lontara_server.storage.engine import Connection, transaction
from lontara_server.storage.models import ActivityEntry, Batch, Feed, table_of
from lontara_server.storage.operations import org_counter

TARGET: Final = Target(1.2, "at most")
WARM: Final = 3


@dataclass(frozen=True)
class Size:
    """Entries in the small table, in the large one, and how many batches are timed on each."""

    small: int
    large: int
    batches: int


FULL: Final = Size(small=10_000, large=1_000_000, batches=40)
QUICK: Final = Size(small=1_000, large=5_000, batches=5)


@dataclass
class _Side:
    """One of the two databases with its server."""

    server: Program
    link: Link
    devices: Iterator[Device]

    def next(self) -> Device:
        """A device that has sent nothing; its creates are written."""
        device = next(self.devices)
        device.write_creates()
        return device

    def time(self, device: Device, first: int) -> float:
        """Milliseconds that the server takes for the device's log from `first` on, one batch."""
        (request,) = device.requests(self.server.port, now_ms(), LARGE, first)
        began = time.monotonic()
        raw = self.link.ask(request)
        took = time.monotonic() - began
        check_taken(read_answer(raw))
        return 1000 * took


def measure_growth(ground: Ground, book: Book, size: Size) -> None:
    """The median times of creates and edits on both, and their ratio."""
    with (
        _side(ground, "small", size, copies=0) as small,
        _side(ground, "large", size, copies=size.large // size.small - 1) as large,
    ):
        times: dict[tuple[str, str], list[float]] = {}
        for number in range(size.batches + WARM):
            sides = [("small", small), ("large", large)]
            for name, side in sides if number % 2 == 0 else reversed(sides):
                device = side.next()
                created = side.time(device, 1)
                device.write_edits()
                edited = side.time(device, LARGE + 1)
                if number >= WARM:
                    times.setdefault((name, "creates"), []).append(created)
                    times.setdefault((name, "edits"), []).append(edited)
    group = f"{ground.name}, time of a batch of {LARGE}, {size.large:,} entries in the table beside {size.small:,}"
    for kind in ("creates", "edits"):
        few, many = (median(times[name, kind]) for name in ("small", "large"))
        book.add(group, f"{kind}, {size.small:,} entries", "ms", few)
        book.add(group, f"{kind}, {size.large:,} entries", "ms", many)
        book.add(group, f"{kind}, ratio", "", many / few, target=TARGET)


@contextmanager
def _side(ground: Ground, name: str, size: Size, *, copies: int) -> Iterator[_Side]:
    first = size.small // LARGE
    office = make_office(ground, name, [LARGE] * (first + size.batches + WARM))
    with lontara_server(office, ground.processes) as server, link_to(server.port) as link:
        side = _Side(server, link, iter(office.devices))
        for _ in range(first):
            side.time(side.next(), 1)
        if copies:
            _copy(office, copies)
        check_counts(office.url, size.small * (copies + 1))
        _settle_down(ground, name, office)
        yield side
    ground.drop(name)
    remove(office)


def _settle_down(ground: Ground, name: str, office: Office) -> None:
    """What a database that has run for long has done by itself."""
    ground.bytes_of(name)
    if ground.name == POSTGRESQL:
        with opened(office.url) as engine, transaction(engine) as connection:
            connection.execute(text("ANALYZE"))


def _copy(office: Office, copies: int) -> None:
    """Copy entries, batches and feed rows, each copy with owners, devices and ids of its own."""
    with opened(office.url) as engine:
        random_id = "gen_random_uuid()" if engine.dialect.name == "postgresql" else "randomblob(16)"
        with transaction(engine) as connection:
            _make_originals(connection)
            count = org_counter(connection, ORG)
            for number in range(1, copies + 1):
                _copy_once(connection, engine.dialect.name, random_id, shift=number * count)
            connection.execute(
                text("UPDATE org SET last_seq = last_seq * :times WHERE org_id = :org"), {"times": copies + 1, "org": ORG}
            )  # fmt: skip


def _make_originals(connection: Connection) -> None:
    for table in (ActivityEntry, Batch, Feed):
        name = table.__tablename__
        connection.execute(text(f"CREATE TEMPORARY TABLE old_{name} AS SELECT * FROM {name} WHERE org_id = {ORG}"))
    connection.execute(
        text("CREATE TEMPORARY TABLE old_owner AS SELECT DISTINCT owner, writer_device FROM old_activity_entry")
    )


def _copy_once(connection: Connection, dialect: str, random_id: str, shift: int) -> None:
    """One copy of everything. A copied id keeps the time that the original begins with."""
    if dialect == "postgresql":
        entry_id = "overlay(gen_random_uuid()::text placing left(o.id::text, 13) from 1 for 13)::uuid"
    else:
        entry_id = "substr(o.id, 1, 6) || randomblob(10)"
    connection.execute(text("DROP TABLE IF EXISTS another"))
    connection.execute(
        text(
            f"CREATE TEMPORARY TABLE another AS SELECT *, {random_id} AS new_owner, {random_id} AS new_device FROM old_owner"
        )
    )
    _insert(connection, table_of(ActivityEntry), "JOIN another a ON a.owner = o.owner",
            {"id": entry_id, "owner": "a.new_owner", "writer_device": "a.new_device"})  # fmt: skip
    _insert(connection, table_of(Batch), "JOIN another a ON a.writer_device = o.device", {"device": "a.new_device"})
    _insert(connection, table_of(Feed), "LEFT JOIN another a ON a.owner = o.owner",
            {"seq": f"o.seq + {shift}", "owner": "a.new_owner", "device": "a.new_device"})  # fmt: skip


def _insert(connection: Connection, table: Table, join: str, changed: dict[str, str]) -> None:
    names = [column.name for column in table.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f'o."{name}"') for name in names)
    connection.execute(text(f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM old_{table.name} o {join}"))

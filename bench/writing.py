"""Uploads over HTTP, Lontara's beside the yardstick's: entries committed in a second, CPU, bytes, and what is stored.

One round on one engine and one size of batches is one office with a server of its own. What is sent is built and signed
before the clock starts, and every answer is read after it has stopped.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Final

import msgspec

from bench.device import Device
from bench.figures import Book, Target
from bench.grounds import POSTGRESQL, SQLITE, Ground
from bench.load import Answer, deal, drive
from bench.office import Office, check_counts, check_entries, make_office, now_ms, opened, remove
from bench.programs import Program, lontara_server, yardstick_server
from bench.yardstick import requests_of
from lontara_core.messages import SyncAnswer
from lontara_server.jobs.scores import drain_scores

CLIENTS: Final = (1, 8)
LARGE: Final = 200
SMALL: Final = 5

RATE: Final = "entries committed"
CPU: Final = "CPU, server and database"
_RATE_TARGETS: Final = {
    "creates": Target(1.0, "at least", of_ratio=True),
    "edits": Target(0.7, "at least", of_ratio=True),
}
_CPU_TARGETS: Final = {"creates": Target(0.05, "at most"), "edits": Target(0.09, "at most")}
_REQUEST_TARGET: Final = Target(2.5, "at most")
_STORED_TARGETS: Final = {LARGE: Target(700, "at most"), SMALL: Target(1000, "at most")}


@dataclass(frozen=True)
class Size:
    """How much a round sends."""

    devices: int
    entries_of_device: dict[int, int]
    "How many entries a device writes, by the size of its batches."
    warm_devices: int
    "How many devices write before, so that no measured request is the first of its kind."


FULL: Final = Size(devices=64, entries_of_device={LARGE: 200, SMALL: 50}, warm_devices=24)
QUICK: Final = Size(devices=8, entries_of_device={LARGE: 200, SMALL: 20}, warm_devices=8)


@dataclass(frozen=True)
class Upload:
    """One upload as it was measured. Times in seconds; `latency` is a request's, the median."""

    entries: int
    requests: int
    seconds: float
    server_cpu: float
    database_cpu: float
    bytes_up: int
    bytes_down: int
    latency: float

    @property
    def rate(self) -> float:
        return self.entries / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1000 * (self.server_cpu + self.database_cpu)


@dataclass
class Round:
    """One round on one engine with batches of one size: the two servers, and the devices that are left to use."""

    ground: Ground
    book: Book
    size: Size
    batch: int
    number: int
    office: Office
    ours: Program
    yardstick: Program
    bare_url: str
    empty_bytes: int
    _unused: Iterator[Device]
    committed: int = 0
    committed_bare: int = 0

    @property
    def stored(self) -> float:
        """What the database has grown by for each entry that was committed."""
        name = _name(self.batch, self.number)
        return (self.ground.bytes_of(name) - self.empty_bytes) / self.committed

    def take(self, count: int) -> list[Device]:
        """Devices that have sent nothing; their creates are written."""
        taken = [next(self._unused) for _ in range(count)]
        for device in taken:
            device.write_creates()
        return taken

    def pair(self, devices: Sequence[Device], clients: int, *, edits: bool = False) -> tuple[Upload, Upload]:
        """The same entries to both servers, one after the other: Lontara's upload and the yardstick's."""
        count = sum(len(device.entries) for device in devices)
        if self.number % 2 == 0:
            ours = self.send(devices, clients, edits=edits)
            return ours, self._send_bare(devices, clients, count, edits=edits)
        bare = self._send_bare(devices, clients, count, edits=edits)
        return self.send(devices, clients, edits=edits), bare

    def send(
        self, devices: Sequence[Device], clients: int, *, edits: bool = False, cursor: int | None = None
    ) -> Upload:
        """What the devices have written last, to Lontara's server."""
        port, at = self.ours.port, now_ms()
        built = [
            list(device.requests(port, at, self.batch, len(device.entries) + 1 if edits else 1, cursor))
            for device in devices
        ]
        count = sum(len(device.entries) for device in devices)
        self.committed += 0 if edits else count
        return self._measure(self.ours, built, clients, count, check_taken)

    def _send_bare(self, devices: Sequence[Device], clients: int, count: int, *, edits: bool) -> Upload:
        self.committed_bare += 0 if edits else count
        built = [requests_of(device, self.yardstick.port, self.batch, edited=edits) for device in devices]
        return self._measure(self.yardstick, built, clients, count, _check_upserted)

    def _measure(
        self, program: Program, built: list[list[bytes]], clients: int, count: int, check: Callable[[Answer], None]
    ) -> Upload:
        dealt = deal(built, clients)
        server, database = program.cpu(), self.ground.cpu()
        driven = drive(program.port, dealt)
        server, database = program.cpu() - server, self.ground.cpu() - database
        for answer in driven.answers:
            check(answer)
        return Upload(
            count, len(driven.answers), driven.seconds, server, database, driven.bytes_up, driven.bytes_down,
            median(driven.latencies),
        )  # fmt: skip


def check_taken(answer: Answer) -> None:
    """End the run where a batch was not received with every operation plainly applied."""
    body = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
    if answer.status != 200:
        raise SystemExit(f"the server answered {answer.status}: {body[:500]!r}")
    said = msgspec.json.decode(body, type=SyncAnswer)
    if said.batch is None or said.batch.state != "received" or said.batch.results or said.attention:
        raise SystemExit(f"a batch was not taken plainly: {said.batch}, {said.attention[:3]}")


def _check_upserted(answer: Answer) -> None:
    if answer.status != 200:
        raise SystemExit(f"the yardstick answered {answer.status}: {answer.body[:500]!r}")


def measure_writing(ground: Ground, book: Book, size: Size, batch: int, number: int) -> None:
    """One round with batches of one size."""
    with _round(ground, book, size, batch, number) as one:
        warm = one.take(size.warm_devices)
        one.pair(warm, max(CLIENTS))
        groups = {clients: one.take(size.devices) for clients in CLIENTS}
        for clients, devices in groups.items():
            _tell(one, "creates", clients, *one.pair(devices, clients))
        book.add(f"{ground.name}, stored", f"bytes with history, batches of {batch}", "B/entry", one.stored,
                 target=_STORED_TARGETS[batch])  # fmt: skip
        if batch == LARGE:
            _measure_edits(one, warm, groups)
            _measure_with_reading(one)
            _measure_scores(one)
        check_counts(one.office.url, one.committed)
        check_entries(one.bare_url, one.committed_bare)


@contextmanager
def _round(ground: Ground, book: Book, size: Size, batch: int, number: int) -> Iterator[Round]:
    name = _name(batch, number)
    groups = len(CLIENTS) + (1 if batch == LARGE else 0)
    people = size.warm_devices + size.devices * groups
    office = make_office(ground, name, [size.entries_of_device[batch]] * people)
    bare = ground.new_database(f"{name}_bare")
    empty = ground.bytes_of(name)
    with (
        lontara_server(office, ground.processes) as ours,
        yardstick_server(bare, ground.processes, office.data_dir / "yardstick.log") as yardstick,
    ):
        yield Round(ground, book, size, batch, number, office, ours, yardstick, bare, empty, iter(office.devices))
    for database in (name, f"{name}_bare"):
        ground.drop(database)
    remove(office)


def _name(batch: int, number: int) -> str:
    """The name of a round's database."""
    return f"writing_{batch}_{number}"


def _measure_edits(one: Round, warm: Sequence[Device], groups: dict[int, list[Device]]) -> None:
    for device in (*warm, *(device for devices in groups.values() for device in devices)):
        device.write_edits()
    one.pair(warm, max(CLIENTS), edits=True)
    for clients, devices in groups.items():
        _tell(one, "edits", clients, *one.pair(devices, clients, edits=True))
    group = f"{one.ground.name}, stored"
    one.book.add(group, f"bytes with history, batches of {one.batch}, every entry edited once", "B/entry", one.stored)


def _measure_with_reading(one: Round) -> None:
    """As the SDK sends: each request also reads its person's own rows, which come back in the short form."""
    upload = one.send(one.take(one.size.devices), 1, cursor=one.office.counter)
    group = f"{one.ground.name}, creates, batches of {one.batch}, 1 client, own rows read back"
    _tell_ours(one.book, group, upload)


def _measure_scores(one: Round) -> None:
    """What the job computes after all this, here in the place of the server's own."""
    with opened(one.office.url) as engine:
        used, database = process_time(), one.ground.cpu()
        computed = drain_scores(engine, now_ms)
        used, database = process_time() - used, one.ground.cpu() - database
    group = f"{one.ground.name}, scores that follow from the uploads"
    one.book.add(group, CPU, "ms/person and month", 1000 * (used + database) / computed)


def _tell(one: Round, kind: str, clients: int, ours: Upload, bare: Upload) -> None:
    is_large = one.batch == LARGE
    group = f"{one.ground.name}, {kind}, batches of {one.batch}, {clients} client{'s' if clients > 1 else ''}"
    against_bare = one.ground.name == POSTGRESQL and is_large
    one.book.add(
        group, RATE, "entries/s", ours.rate, yardstick=bare.rate, target=_RATE_TARGETS[kind] if against_bare else None
    )
    _tell_ours(one.book, group, ours, bare, cpu_target=_CPU_TARGETS[kind] if is_large else None,
               request_target=None if is_large else _REQUEST_TARGET)  # fmt: skip


def _tell_ours(
    book: Book, group: str, ours: Upload, bare: Upload | None = None, *, cpu_target: Target | None = None,
    request_target: Target | None = None,
) -> None:  # fmt: skip
    def add(name: str, unit: str, of: Callable[[Upload], float], target: Target | None = None) -> None:
        book.add(group, name, unit, of(ours), yardstick=None if bare is None else of(bare), target=target)

    if bare is None:
        add(RATE, "entries/s", lambda one: one.rate)
    add(CPU, "ms/entry", lambda one: one.cpu_ms / one.entries, cpu_target)
    if ours.database_cpu:
        add("CPU, server", "ms/entry", lambda one: 1000 * one.server_cpu / one.entries)
        add("CPU, database", "ms/entry", lambda one: 1000 * one.database_cpu / one.entries)
    add("CPU of a request", "ms/request", lambda one: one.cpu_ms / one.requests, request_target)
    add("time of a request, median", "ms", lambda one: 1000 * one.latency)
    add("bytes up, headers counted", "B/entry", lambda one: one.bytes_up / one.entries)
    add("bytes down, headers counted", "B/entry", lambda one: one.bytes_down / one.entries)


def tell_engines(book: Book) -> None:
    """SQLite against PostgreSQL, round by round, from what the rounds gave."""
    rates = {(figure.group, figure.name): figure for figure in book}
    for kind in ("creates", "edits"):
        names = [f"{engine}, {kind}, batches of {LARGE}, 1 client" for engine in (SQLITE, POSTGRESQL)]
        sqlite, postgresql = (rates.get((name, RATE)) for name in names)
        if sqlite is None or postgresql is None:
            continue
        for ours, other in zip(sqlite.values, postgresql.values, strict=True):
            book.add("SQLite ÷ PostgreSQL", f"{kind}, batches of {LARGE}, 1 client, rate", "", ours / other,
                     target=Target(1.0, "at least"))  # fmt: skip

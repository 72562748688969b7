"""A fresh device reads what one person has written, page by page; then there is nothing to read.

The office has that one person, a chief, and devices: one that wrote, and fresh ones that read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final

import msgspec

from bench.device import Device
from bench.figures import Book, Target
from bench.grounds import Ground
from bench.load import Answer, drive, link_to, read_answer
from bench.office import check_counts, make_office, now_ms, remove
from bench.programs import Program, lontara_server
from bench.writing import CPU, LARGE, check_taken

PAGE_BYTES: Final = 256 * 1024
PULLS: Final = 3
FULL_ENTRIES: Final = 10_000
QUICK_ENTRIES: Final = 1_000
EMPTY_PULLS: Final = 200
# Whose entries: nobody else's of the run.
STAFF: Final = 900


class _Page(msgspec.Struct):
    """What the reader has to know of a page to ask for the next one; its rows are counted later."""

    next: int
    more: bool = False


class _Answer(msgspec.Struct):
    pages: list[_Page]


class _Row(msgspec.Struct):
    type: str
    id: str


class _FullPage(msgspec.Struct):
    rows: list[_Row] = []


class _FullAnswer(msgspec.Struct):
    pages: list[_FullPage]


@dataclass(frozen=True)
class _Used:
    """Seconds on the clock, and of CPU."""

    seconds: float
    cpu: float


def measure_reading(ground: Ground, book: Book, entries: int, number: int) -> None:
    """One round: several fresh devices read everything, and the last of them then nothing many times."""
    name = f"reading_{number}"
    office = make_office(ground, name, [entries], devices_of_person=2 + PULLS, first_staff=STAFF)
    writer, warm, *fresh = office.devices
    writer.write_creates()
    with lontara_server(office, ground.processes) as server:
        for answer in drive(server.port, [list(writer.requests(server.port, now_ms(), LARGE, 1))]).answers:
            check_taken(answer)
        check_counts(office.url, entries)
        # Often enough that each of the server's processes has done it.
        for _ in range(2 * ground.processes):
            pages, cursor = _pull(server, warm)
            _check_rows(pages, entries)
        with _using(ground, server) as used:
            read = [_pull(server, device)[0] for device in fresh]
        for each in read:
            _check_rows(each, entries)
        group = f"{ground.name}, fresh pull, uncompressed, pages of 256 kB"
        rows = entries * len(fresh)
        book.add(group, "entries read", "entries/s", rows / used[0].seconds, target=Target(30_000, "at least"))
        book.add(group, CPU, "ms/entry", 1000 * used[0].cpu / rows, target=Target(0.02, "at most"))
        book.add(group, "bytes down, headers counted", "B/entry", sum(map(len, pages)) / entries)
        _measure_empty(ground, book, server, fresh[-1], cursor)
    ground.drop(name)
    remove(office)


@contextmanager
def _using(ground: Ground, server: Program) -> Iterator[list[_Used]]:
    """What the block took: the list holds it at the end."""
    found: list[_Used] = []
    cpu, began = server.cpu() + ground.cpu(), time.monotonic()
    yield found
    seconds = time.monotonic() - began
    found.append(_Used(seconds, server.cpu() + ground.cpu() - cpu))


def _pull(server: Program, device: Device) -> tuple[list[bytes], int]:
    """Every page from the start, and the cursor at the end."""
    raws, cursor, more = [], 0, True
    with link_to(server.port) as link:
        while more:
            asked = device.request(
                server.port, now_ms(), {"self": cursor}, pull_bytes=PAGE_BYTES, compressed_answer=False
            )  # fmt: skip
            raws.append(link.ask(asked))
            page = msgspec.json.decode(read_answer(raws[-1]).body, type=_Answer).pages[0]
            cursor, more = page.next, page.more
    return raws, cursor


def _check_rows(raws: list[bytes], entries: int) -> None:
    """End the run where other than every entry once was read."""
    answers = (msgspec.json.decode(read_answer(raw).body, type=_FullAnswer) for raw in raws)
    found = [row.id for answer in answers for page in answer.pages for row in page.rows if row.type == "activity_entry"]
    if len(found) != entries or len(set(found)) != entries:
        raise SystemExit(f"of {entries} entries {len(set(found))} were read, in {len(found)} rows")


def _check_empty(answer: Answer) -> None:
    if answer.status != 200 or any(page.rows for page in msgspec.json.decode(answer.body, type=_FullAnswer).pages):
        raise SystemExit(f"nothing was to be read, and the server answered {answer.status}: {answer.body[:500]!r}")


def _measure_empty(ground: Ground, book: Book, server: Program, device: Device, cursor: int) -> None:
    at = now_ms()
    asked = [device.request(server.port, at, {"self": cursor}, compressed_answer=False) for _ in range(EMPTY_PULLS)]
    with _using(ground, server) as used:
        driven = drive(server.port, [asked])
    for answer in driven.answers:
        _check_empty(answer)
    group = f"{ground.name}, pull with nothing to read"
    book.add(group, "time of a request, median", "ms", 1000 * median(driven.latencies))
    book.add(group, CPU, "ms/request", 1000 * used[0].cpu / EMPTY_PULLS)
    book.add(group, "bytes up, headers counted", "B/request", driven.bytes_up / EMPTY_PULLS)
    book.add(group, "bytes down, headers counted", "B/request", driven.bytes_down / EMPTY_PULLS)

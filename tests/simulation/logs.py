"""The logs as the server's database holds them: every batch taken apart, its chain computed anew, and what stands in
which place. Raw SQL and the standard library; nothing of the product's reading."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zlib
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from lontara_server.services.bodies import WORDS


@dataclass(frozen=True)
class Committed:
    """One operation in a log of the server: `origin` is the hash of its first signing, `device` and `seq` its place.

    `repeat`: the server says that it came before and changes nothing.
    """

    device: str
    seq: int
    raw: bytes
    hash: bytes
    origin: str
    first_place: tuple[str, int]
    repeat: bool


@dataclass
class Logs:
    """What one epoch's server has committed, read batch by batch."""

    by_device: dict[str, list[Committed]] = field(default_factory=dict)
    actors: set[str] = field(default_factory=set)
    places: dict[str, list[Committed]] = field(default_factory=dict)
    _read_to: int = 0

    def read(self, database: sqlite3.Connection) -> list[str]:
        """Read the batches that are new; returns what does not hold."""
        batches = database.execute(
            "SELECT rowid, org_id, device, first, last, signed_first, prev, head, body, results FROM batch"
            " WHERE rowid > ? ORDER BY rowid", [self._read_to],
        ).fetchall()  # fmt: skip
        if not batches:
            return []
        faults: list[str] = []
        orgs = {org: str(UUID(bytes=uid)) for org, uid in database.execute("SELECT org_id, uid FROM org")}
        for rowid, org, device, *batch in batches:
            faults += self._take(str(UUID(bytes=device)), orgs[org], *batch)
            self._read_to = rowid
        for device, kind, last, head in database.execute("SELECT id, kind, last_seq, head FROM device"):
            faults += self._check_end(str(UUID(bytes=device)), kind, last, head)
        return faults

    def _take(
        self, device: str, org: str, first: int, last: int, signed_first: int, prev: bytes, head: bytes, body: bytes,
        results: str | None,
    ) -> list[str]:  # fmt: skip
        log, parts = self.by_device.setdefault(device, []), _operations(_plain(body))
        faults = []
        if first != len(log) + 1:
            return [f"{device}: batch {first}-{last} follows {len(log)}"]
        if len(parts) != last - signed_first + 1:
            return [f"{device}: batch {first}-{last} holds {len(parts)} operations from {signed_first}"]
        if [each.raw for each in log[signed_first - 1 :]] != parts[: first - signed_first]:
            faults.append(f"{device}: batch {first}-{last} repeats other operations than it had sent")
        if prev != (log[signed_first - 2].hash if signed_first > 1 else _genesis(org, device)):
            faults.append(f"{device}: batch {first}-{last} hangs in the air")
        repeats = {each["seq"] for each in json.loads(results or "[]") if each.get("duplicate")}
        chained = log[-1].hash if log else _genesis(org, device)
        for seq, raw in enumerate(parts[first - signed_first :], start=first):
            chained = sha256(chained + raw).digest()
            log.append(self._committed(device, seq, raw, chained, repeat=seq in repeats))
        if chained != head:
            faults.append(f"{device}: batch {first}-{last} does not lead to its head")
        return faults

    def _committed(self, device: str, seq: int, raw: bytes, chained: bytes, *, repeat: bool) -> Committed:
        first = json.loads(raw).get("origin") if b'"origin"' in raw else None
        origin, place = (chained.hex(), (device, seq)) if first is None else (first[2], (first[0], first[1]))
        found = Committed(device, seq, raw, chained, origin, place, repeat)
        self.places.setdefault(origin, []).append(found)
        return found

    def _check_end(self, device: str, kind: str, last: int, head: bytes) -> list[str]:
        log = self.by_device.setdefault(device, [])
        if kind == "server":
            self.actors.add(device)
        if len(log) == last and (not log or log[-1].hash == head):
            return []
        return [f"{device}: the server names {last} operations and holds {len(log)}"]

    def holds(self, device: str, seq: int, raw: bytes, chained: bytes) -> bool:
        """Whether exactly this operation stands in its device's log, or is written on its behalf."""
        log = self.by_device.get(device, [])
        if 0 < seq <= len(log) and log[seq - 1].raw == raw:
            return True
        return any(
            each.first_place == (device, seq) or each.device in self.actors for each in self.places.get(chained.hex(), ())
        )

    def at(self, device: str, seq: int) -> dict[str, Any] | None:
        """The operation in a place, as it is written there."""
        log = self.by_device.get(device, [])
        return json.loads(log[seq - 1].raw) if 0 < seq <= len(log) else None


def set_aside(database: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """Operations in quarantine by the hash of their first signing."""
    found: dict[str, dict[str, Any]] = {}
    for prev, body in database.execute("SELECT prev, body FROM quarantine").fetchall():
        chained = prev
        for raw in _operations(_plain(body)):
            chained = sha256(chained + raw).digest()
            document = json.loads(raw)
            found[document["origin"][2] if "origin" in document else chained.hex()] = document
    return found


@cache
def _genesis(org: str, device: str) -> bytes:
    words = {"device": device, "log": "lontara-log-1", "org": org}
    return sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).digest()


def _plain(body: bytes) -> bytes:
    # The words are data that was laid down, like a file's magic number; the rest is read here once more.
    packed_by_words = body[:1] == b"\x01"
    return zlib.decompressobj(-15, zdict=WORDS).decompress(body[1:]) if packed_by_words else gzip.decompress(body)


def _operations(body: bytes) -> list[bytes]:
    """The operations of a batch's body as the bytes that they are, cut where one ends and the next begins."""
    text, decoder = body.decode(), json.JSONDecoder()
    if text.startswith("{"):
        # A large batch is kept as the request brought it.
        written = json.loads(text)["batch"]["operations"]
        text = json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    parts, at = [], 1
    while text[at] != "]":
        at += text[at] == ","
        _, end = decoder.raw_decode(text, at)
        parts.append(text[at:end].encode())
        at = end
    return parts

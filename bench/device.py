"""A device as the load needs it: it keeps a log, signs batches of it, and says them as whole HTTP requests.

All of it is done before the clock starts, with the project's own core. Sockets lie in `load`, enrolment in `office`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import msgspec

from bench.workload import Entry, changed, written
from lontara_core import signing
from lontara_core.canonical import sha256
from lontara_core.clock import first_counter
from lontara_core.compression import deflate
from lontara_core.log import chain, genesis
from lontara_core.messages import Batch, SyncRequest
from lontara_core.operations import Operation, encode_operation
from lontara_core.record_types import RECORD_TYPES

ENTRY: Final = "activity_entry"
# What `lontara.transport` sends besides what is its own in every request.
_HEAD: Final = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\nConnection: keep-alive\r\n"
    "User-Agent: python-httpx/0.28.1\r\nContent-Type: application/json\r\nAccept-Encoding: {encoding}\r\n"
)
_DAY_MS: Final = 86_400_000


def http_request(
    path: str, port: int, body: bytes, headers: dict[str, str], *, compressed_answer: bool = True
) -> bytes:
    """The bytes of one POST, as a client of this project sends it."""
    head = _HEAD.format(path=path, port=port, encoding="gzip" if compressed_answer else "identity")
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{head}{lines}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body


@dataclass(frozen=True)
class Place:
    """Where a person works, and on which server: what a device is told at enrolment."""

    org: str
    server: str
    epoch: str
    employee: str
    org_unit: str
    supervisor: str
    position: str


@dataclass
class Device:
    """An enrolled device with its log. `entries` is what its person writes, in order."""

    id: str
    key: bytes
    place: Place
    entries: tuple[Entry, ...]
    raws: list[bytes] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    _stamp: int = 0
    _head: list[bytes] = field(default_factory=list)

    def write_creates(self) -> None:
        """Write every entry into the log."""
        for each in self.entries:
            made = self._write("create", each["at"], fields=each["fields"])
            self.records.append(made.record)

    def write_edits(self, k: int = 1) -> None:
        """Write one edit of every entry into the log; the creates are there."""
        for record, whole in zip(self.records, self.entries, strict=True):
            fields = changed(whole, k)
            names = {name for each in fields for name in RECORD_TYPES[ENTRY].group_of(each)}
            was = {name: whole["fields"].get(name) for name in sorted(names)}
            self._write("set", self._stamp + 1, id=record, fields=fields, was=was)

    def shown(self, *, edited: bool) -> list[Entry]:
        """The entries as their author sees them, after one edit each where `edited`."""
        if not edited:
            return list(self.entries)
        return [{**whole, "fields": {**whole["fields"], **changed(whole)}} for whole in self.entries]

    def _write(self, kind: Any, at: int, **values: Any) -> Operation:
        self._stamp = max(at, self._stamp + 1)
        operation = Operation(
            kind=kind, type=ENTRY, at=self._stamp, offset=480, hlc=(self._stamp, first_counter(self.id)),
            mono=self._stamp - self._booted, boot=self._boot, **values,
        )  # fmt: skip
        self.raws.append(encode_operation(operation))
        return operation

    @property
    def _booted(self) -> int:
        """When the device was started: before all that it wrote, so that its clock can be told from the server's."""
        return int(self.entries[0]["at"]) - _DAY_MS

    @property
    def _boot(self) -> str:
        return f"{self.id[:-12]}{self.id[-12:][::-1]}"

    def requests(self, port: int, now_ms: int, size: int, first: int, cursor: int | None = None) -> Iterator[bytes]:
        """The log from `first` on, in signed batches of `size`, each with what the device believes the server holds.

        cursor: also read the person's own scope from there.
        """
        for start in range(first, len(self.raws) + 1, size):
            batch = self._batch(start, min(start + size - 1, len(self.raws)))
            yield self.request(port, now_ms, {} if cursor is None else {"self": cursor}, batch=batch)

    def request(
        self, port: int, now_ms: int, cursors: dict[str, int], *, batch: Batch | None = None, pull_bytes: int = 65_536,
        compressed_answer: bool = True,
    ) -> bytes:  # fmt: skip
        """One signed request with or without a batch."""
        upto = 0 if batch is None else batch.first - 1
        message = SyncRequest(
            protocol=1, epoch=self.place.epoch, head_seq=upto, head=self._head_after(upto).hex(), cursors=cursors,
            pull_bytes=pull_bytes, unsent=0 if batch is None else len(self.raws) - batch.last,
            mono=now_ms - self._booted if self.entries else None, boot=self._boot if self.entries else None,
            app="lontara/0.1.0", batch=batch,
        )  # fmt: skip
        body, name = deflate(msgspec.json.encode(message)), str(uuid4())
        covered = signing.request_input(device=self.id, request=name, time=now_ms, body=body)
        headers = {
            "Content-Encoding": "gzip", "Lontara-Device": self.id, "Lontara-Request": name, "Lontara-Time": str(now_ms),
            "Lontara-Signature": signing.sign(self.key, covered),
        }  # fmt: skip
        return http_request("/v1/sync", port, body, headers, compressed_answer=compressed_answer)

    def _batch(self, first: int, last: int) -> Batch:
        place, head = self.place, self._head_after(last).hex()
        covered = signing.log_input(
            org=place.org, server=place.server, epoch=place.epoch, device=self.id, first=first, last=last, head=head
        )
        return Batch(
            first=first, last=last, prev=self._head_after(first - 1).hex(), head=head, epoch=place.epoch,
            signature=signing.sign(self.key, covered),
            operations=[msgspec.Raw(raw) for raw in self.raws[first - 1 : last]],
        )  # fmt: skip

    def _head_after(self, seq: int) -> bytes:
        if not self._head:
            self._head = [genesis(self.place.org, self.id)]
        self._head += chain(self._head[-1], self.raws[len(self._head) - 1 :])
        return self._head[seq]


def key_of(name: str) -> bytes:
    """A device's private key, the same in every run."""
    return sha256(f"bench {name}".encode())


def operation_bytes() -> int:
    """Bytes of a create in canonical form, on average over one person's."""
    nobody = "00000000-0000-0000-0000-000000000000"
    place = Place(nobody, nobody, "", nobody, nobody, nobody, "")
    device = Device(nobody, key_of("nobody"), place, written(0, 200))
    device.write_creates()
    return sum(map(len, device.raws)) // len(device.raws)

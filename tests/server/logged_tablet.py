"""A device for tests of the sync service: it keeps its log and signs by hand, so that a test can also send what no
real client would."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec

from lontara_core import signing
from lontara_core.canonical import sha256
from lontara_core.log import chain, genesis
from lontara_core.messages import Batch, EnrolRequest, SyncAnswer, SyncRequest
from lontara_core.operations import Judged, Operation, encode_operation
from lontara_core.record import Record, judged_hash
from lontara_server.services.devices import enrol, issue_code
from lontara_server.services.orgs import identity_of, org_named
from lontara_server.services.sync import SignedRequest, settle_request
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.operations import record_of, records_by_id
from server.ready import NOW, SECRET, WORKER, seeded_bytes

_requests: Iterator[int] = itertools.count(1)
_codes: Iterator[int] = itertools.count(1)
DAY = "2026-11-18"  # the local date of NOW


def entry_fields(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Mendata sawah di Pammana",
        "work_date": DAY,
        "start_time": "08:00",
        "end_time": "09:00",
        **changes,
    }


def as_read(answer: SyncAnswer) -> SyncAnswer:
    """The answer as the device reads it from its bytes."""
    return msgspec.json.decode(msgspec.json.encode(answer), type=SyncAnswer)



@dataclass
class LoggedTablet:
    """One enrolled device. `cursors` and `head` are what the last answer said."""

    database: Engine
    nip: str = WORKER
    key: bytes = b""
    device: str = ""
    raws: list[bytes] = field(default_factory=list)
    clock: int = NOW
    cursors: dict[str, int] = field(default_factory=dict)
    received: int = 0
    epoch: str = ""
    org: int = 1

    def enrolled(self, former: LoggedTablet | None = None) -> LoggedTablet:
        number = next(_codes)
        self.key = sha256(f"{self.nip}{number}".encode())
        random_bytes = seeded_bytes(f"tablet{number}")
        with transaction(self.database) as connection:
            issued = issue_code(
                connection, self.org, self.nip, by="tester", secret=SECRET, now_ms=NOW, random_bytes=random_bytes
            )
            public, old = signing.public_key_of(self.key), former.device if former else None
            covered = signing.enrol_input(code=issued.code, public_key=public, former=old)
            request = EnrolRequest(
                code=issued.code, public_key=public, device_name="tablet", signature=signing.sign(self.key, covered),
                former=old, former_signature=signing.sign(former.key, covered) if former else None,
            )  # fmt: skip
            answer = enrol(connection, request, secret=SECRET, now_ms=NOW, random_bytes=random_bytes)
            self.device, self.epoch = answer.device, answer.epoch
        return self

    def copy(self) -> LoggedTablet:
        return replace(self, raws=list(self.raws), cursors=dict(self.cursors))

    def write(self, kind: Any, record: str | None = None, **values: Any) -> Operation:
        """Add an operation to the log; its times go up by one each."""
        self.clock += 1
        values = {"type": "activity_entry", "at": self.clock, "offset": 480, "hlc": (self.clock, 0), **values}
        operation = Operation(kind=kind, id=record, **values)
        self.raws.append(encode_operation(operation))
        return operation

    def create(self, **fields: Any) -> str:
        return self.write("create", fields=entry_fields(**fields)).record

    def hashes(self, upto: int | None = None) -> list[bytes]:
        with transaction(self.database) as connection:
            uid = org_named(connection, self.org).uid
        start = genesis(uid, self.device)
        return [start, *chain(start, self.raws[:upto])]

    def batch(self, first: int, last: int | None = None) -> Batch | None:
        last = len(self.raws) if last is None else last
        if last < first:
            return None
        hashes = self.hashes()
        with transaction(self.database) as connection:
            me, org = identity_of(connection), org_named(connection, self.org)
        covered = signing.log_input(
            org=org.uid, server=me.server_id, epoch=self.epoch, device=self.device, first=first, last=last,
            head=hashes[last].hex(),
        )  # fmt: skip
        return Batch(
            first=first, last=last, prev=hashes[first - 1].hex(), head=hashes[last].hex(), epoch=self.epoch,
            signature=signing.sign(self.key, covered), operations=[msgspec.Raw(raw) for raw in self.raws[first - 1 : last]],
        )  # fmt: skip

    def request(self, batch: Batch | None, **changes: Any) -> SignedRequest:
        head = self.hashes()[min(self.received, len(self.raws))].hex()
        values: dict[str, Any] = {"protocol": 1, "epoch": self.epoch, "head_seq": self.received, "head": head}
        message = SyncRequest(**{**values, "cursors": self.cursors, "batch": batch, **changes})
        return self.signed(msgspec.json.encode(message))

    def signed(self, body: bytes, *, time_ms: int = NOW, request: str | None = None) -> SignedRequest:
        request = request or str(UUID(int=next(_requests)))
        covered = signing.request_input(device=self.device, request=request, time=time_ms, body=body)
        return SignedRequest(self.device, request, time_ms, signing.sign(self.key, covered), body, body)

    def send(self, signed: SignedRequest, now_ms: int = NOW) -> SyncAnswer:
        with transaction(self.database) as connection:
            return as_read(settle_request(connection, identity_of(connection), signed, now_ms).answer)

    def sync(self, first: int | None = None, last: int | None = None, **changes: Any) -> SyncAnswer:
        """Send what is not received yet, or the named part of the log, and follow the answer."""
        now_ms = changes.pop("now_ms", NOW)
        batch = self.batch(self.received + 1 if first is None else first, last)
        answer = self.send(self.request(batch, **changes), now_ms)
        self.received = min(answer.head_seq, len(self.raws))
        self.cursors = {scope: self.cursors.get(scope, 0) for scope in answer.scopes}
        self.cursors.update({page.scope: page.next for page in answer.pages})
        return answer

    def judged(self, record: str) -> Judged:
        held = stored(self.database, record)
        return Judged(hash=judged_hash(held), revision=held.revision)


def stored(database: Engine, record: str, record_type: str = "activity_entry") -> Record:
    """The record as the server holds it."""
    with transaction(database) as connection:
        return record_of(record_type, records_by_id(connection, 1, record_type, [record])[record])

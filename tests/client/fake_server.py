"""A server in memory, made of the core's own functions: checks both signatures, keeps the logs, sends what it holds.

It merges nothing: an operation is laid over its record. Scripts may lose or double messages, or change an answer.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace as replace_fields

from lontara.transport import HttpAnswer, TransportFailed
from lontara_core import signing
from lontara_core.compression import inflate
from lontara_core.log import chain, genesis
from lontara_core.messages import (
    Attention,
    BatchAnswer,
    EnrolAnswer,
    EnrolRequest,
    Mark,
    Page,
    Result,
    Row,
    SetAside,
    SyncAnswer,
    SyncRequest,
)
from lontara_core.operations import Operation, Origin, decode_operation
from lontara_core.record import Record, with_operation

ORG = "00000000-0000-8000-8000-0000000000aa"
SERVER = "00000000-0000-8000-8000-0000000000bb"
OWNER = "00000000-0000-8000-8000-0000000000cc"


@dataclass
class FakeServer:
    epoch: str = "00000000-0000-8000-8000-000000000001"
    key: bytes = b"k" * 32
    time_ms: int = 1_770_000_000_000
    keys: dict[str, str] = field(default_factory=dict)
    logs: dict[str, list[bytes]] = field(default_factory=dict)
    records: dict[str, tuple[int, Record, str | None]] = field(default_factory=dict)
    origins: dict[Origin, int] = field(default_factory=dict)
    feed: int = 0
    reject: Callable[[Operation], str | None] = lambda operation: None
    attention: dict[tuple[str, int], Attention] = field(default_factory=dict)
    parked: list[tuple[str, int, Operation]] = field(default_factory=list)
    batches: list[tuple[int, int]] = field(default_factory=list)
    # Called around each request with the number of the request; may raise TransportFailed or change the answer.
    before: Callable[[int], None] = lambda number: None
    after: Callable[[int, HttpAnswer], HttpAnswer] = lambda number, answer: answer
    short_form: bool = True
    # Devices without access, the furthest place of each that is in quarantine, and whether a backup covers it.
    revoked: set[str] = field(default_factory=set)
    quarantined: dict[str, list[bytes]] = field(default_factory=dict)
    has_backup: bool = True
    # What an admin is said to have decided about it.
    set_aside: list[SetAside] = field(default_factory=list)
    requests: int = 0
    enrolments: list[EnrolRequest] = field(default_factory=list)
    # How many enrolments there ever were, also before a restore: an id is given once.
    given: int = 0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        self.requests += 1
        number = self.requests
        self.before(number)
        answer = self._enrol(body) if path == "/v1/enrol" else self._sync(body, headers)
        return self.after(number, answer)

    def _enrol(self, body: bytes) -> HttpAnswer:
        request = msgspec.json.decode(body, type=EnrolRequest)
        covered = signing.enrol_input(code=request.code, public_key=request.public_key, former=request.former)
        assert signing.verifies(request.public_key, covered, request.signature)
        self.enrolments.append(request)
        device = f"00000000-0000-8000-8000-0000000001{self.given:02}"
        self.given += 1
        self.keys[device] = request.public_key
        self.logs[device] = []
        answer = EnrolAnswer(
            device=device, org=ORG, org_name="Kabupaten Contoh", time_zone="Asia/Makassar", server=SERVER,
            epoch=self.epoch, server_key=signing.public_key_of(self.key), employee=OWNER, nip="199001012015031001",
            full_name="Andi Tenri", server_time=self.time_ms,
        )  # fmt: skip
        return HttpAnswer(200, {}, msgspec.json.encode(answer))

    def signed(self, status: int, value: object, request: str) -> HttpAnswer:
        body = msgspec.json.encode(value)
        covered = signing.answer_input(server=SERVER, request=request, status=status, body=body)
        return HttpAnswer(status, {"lontara-signature": signing.sign(self.key, covered)}, body)

    def _sync(self, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        device, request = headers["Lontara-Device"], headers["Lontara-Request"]
        if device not in self.keys:
            return self.signed(401, {"code": "unknown_device", "message": "who?", "facts": {}, "next_step": ""}, request)
        covered = signing.request_input(device=device, request=request, time=int(headers["Lontara-Time"]), body=body)
        assert signing.verifies(self.keys[device], covered, headers["Lontara-Signature"])
        if abs(int(headers["Lontara-Time"]) - self.time_ms) > 600_000:
            facts = {"code": "clock_skew", "message": "far off", "facts": {"server_time": self.time_ms}, "next_step": ""}
            return self.signed(401, facts, request)
        plain = inflate(body) if headers.get("Content-Encoding") == "gzip" else body
        return self.signed(200, self._answer(device, request, msgspec.json.decode(plain, type=SyncRequest)), request)

    def _answer(self, device: str, request: str, message: SyncRequest) -> SyncAnswer:
        batch = self._take(device, message) if message.batch is not None else None
        head = self.head(device)
        aside = [*self.logs[device], *self.quarantined.get(device, [])]
        end = Mark(seq=len(aside), hash=([genesis(ORG, device), *chain(genesis(ORG, device), aside)])[-1].hex())
        pages = []
        if "self" in message.cursors and device not in self.revoked:
            after = message.cursors["self"] if message.epoch == self.epoch else 0
            rows = [self._row(device, record, own, fresh=after == 0) for number, record, own in self.records.values()
                    if number > after]  # fmt: skip
            pages.append(Page(scope="self", next=self.feed, rows=rows))
        return SyncAnswer(
            protocol=1, request=request, server=SERVER, epoch=self.epoch, server_time=self.time_ms,
            head_seq=len(self.logs[device]), head=head.hex(), scopes=["self"], batch=batch, pages=pages,
            backed_up=end if self.has_backup else None, wipe_after=end if device in self.revoked else None,
            set_aside=self.set_aside if device in self.revoked else [],
            attention=[item for (of, _), item in self.attention.items() if of == device],
        )  # fmt: skip

    def _row(self, device: str, record: Record, own: str | None, *, fresh: bool) -> Row:
        if self.short_form and own is not None and record.revision == 1 and not fresh and own.startswith(device):
            return Row(type=record.type, id=record.id, revision=1, fields={"owner": OWNER}, seq=int(own.split(":")[1]))
        return Row(type=record.type, id=record.id, revision=record.revision, fields=dict(record.fields), voided=record.voided)

    def head(self, device: str) -> bytes:
        return (chain(genesis(ORG, device), self.logs[device]) or [genesis(ORG, device)])[-1]

    def _take(self, device: str, message: SyncRequest) -> BatchAnswer:
        batch = message.batch
        assert batch is not None
        log = self.logs[device]
        self.batches.append((batch.first, batch.last))
        covered = signing.log_input(org=ORG, server=SERVER, epoch=batch.epoch, device=device, first=batch.first,
                                    last=batch.last, head=batch.head)  # fmt: skip
        assert signing.verifies(self.keys[device], covered, batch.signature)
        aside = self.quarantined.setdefault(device, [])
        if batch.first > len(log) + 1 + (len(aside) if device in self.revoked else 0):
            return BatchAnswer(state="gap")
        if device in self.revoked:
            aside[batch.first - len(log) - 1 :] = [bytes(item) for item in batch.operations]
            return BatchAnswer(state="quarantined")
        aside.clear()
        results = []
        for seq, item in enumerate(batch.operations, start=batch.first):
            raw = bytes(item)
            if seq <= len(log):
                if log[seq - 1] != raw:
                    return BatchAnswer(state="forked", forked_at=seq)
                continue
            log.append(raw)
            operation = decode_operation(raw)
            code = self.reject(operation)
            if code is not None:
                results.append(Result(seq=seq, verdict="rejected", code=code, message="ditolak"))
                self.attention[device, seq] = Attention(seq=seq, verdict="rejected", type=operation.type,
                                                        record=operation.record, code=code)  # fmt: skip
            else:
                self._apply(device, seq, operation)
                if (device, seq) in self.attention:
                    results.append(Result(seq=seq, verdict="parked", code="unknown_record"))
        assert self.head(device).hex() == batch.head or len(log) > batch.last
        return BatchAnswer(state="received", results=results)

    def _apply(self, device: str, seq: int, operation: Operation) -> None:
        if operation.origin is not None:
            if operation.origin in self.origins:
                return
            self.origins[operation.origin] = seq
        for replaced in operation.supersedes:
            self.attention.pop((replaced.device, replaced.seq), None)
        held = self.records.get(operation.record)
        if operation.kind == "create" and held is not None:
            return
        after = with_operation(held[1] if held else None, operation)
        if after is None:
            self.parked.append((device, seq, operation))
            self.attention[device, seq] = Attention(seq=seq, verdict="parked", type=operation.type,
                                                    record=operation.record, code="unknown_record")  # fmt: skip
            return
        self.put(replace_fields(after, revision=(held[1].revision if held else 0) + 1), own=f"{device}:{seq}")
        if operation.kind == "create":
            waiting, self.parked = self.parked, []
            for place in waiting:
                self.attention.pop(place[:2])
                if place[2].origin not in operation.supersedes:
                    self._apply(place[0], place[1], msgspec.structs.replace(place[2], origin=None))

    def put(self, record: Record, own: str | None = None, owner: str = OWNER) -> None:
        self.feed += 1
        self.records[record.id] = (self.feed, replace_fields(record, fields={**record.fields, "owner": owner}), own)

    def state(self) -> dict[str, object]:
        """What a backup holds."""
        return copy.deepcopy({name: getattr(self, name) for name in _BACKED_UP})

    def restore(self, state: dict[str, object]) -> None:
        """Go back to a backup, in a new epoch."""
        for name, value in copy.deepcopy(state).items():
            setattr(self, name, value)
        self.epoch = f"{int(self.epoch.replace('-', ''), 16) + 1:032x}"


_BACKED_UP = ("keys", "logs", "records", "origins", "feed", "attention", "parked", "revoked", "quarantined")


def lost(why: str = "cut") -> TransportFailed:
    return TransportFailed(why, reached=True)

"""The engine: one exchange is one `POST /v1/sync`; it goes on until nothing waits, or says why it stopped.

Only an answer that the pinned server key signed for this very request acknowledges anything (sync_protocol.md §6).
The engine keeps no state that a crash would lose; what an answer changes is in `settling`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final
from uuid import UUID

import msgspec

from lontara.clock import Clock
from lontara.entries import Decision
from lontara.healing import FormerHead, go_on_from
from lontara.revocation import quarantined_problem, wiped_problem
from lontara.settling import settle
from lontara.store import Log, Store
from lontara.transport import HttpAnswer, Transport, TransportFailed
from lontara_core import signing
from lontara_core.batching import BatchSize, retry_wait
from lontara_core.canonical import Json, from_base64
from lontara_core.compression import WORTH_COMPRESSING_BYTES, NotGzip, deflate, inflate
from lontara_core.messages import (
    BATCH_OPERATIONS_MAX,
    PROTOCOL_VERSION,
    Batch,
    SyncAnswer,
    SyncRequest,
)
from lontara_core.problems import Problem

FAILURES_MAX: Final = 8
RETRY_AFTER_PATIENCE_SECONDS: Final = 10.0
APP: Final = "lontara/0.1.0"
_KEEP: Final = "Your work is safe on this device."


@dataclass
class SyncReport:
    """What one run did; `problem` says why it stopped early, None where all is sent and read.

    decisions: those about the person's entries that it has brought.
    """

    requests: int = 0
    operations_up: int = 0
    operations_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    results: dict[str, int] = field(default_factory=dict)
    unsent: int = 0
    quarantined: int = 0
    problem: Problem | None = None
    retry_after: float | None = None
    decisions: list[Decision] = field(default_factory=list)

    @property
    def unreachable(self) -> bool:
        """Whether it stopped because no answer of the server came."""
        return self.problem is not None and self.problem.code in ("server_unreachable", "answer_not_signed", "server_busy")

    def as_json(self) -> dict[str, Json]:
        """The report for `--json`."""
        return {
            "requests": self.requests,
            "operations_up": self.operations_up,
            "operations_down": self.operations_down,
            "bytes_up": self.bytes_up,
            "bytes_down": self.bytes_down,
            "results": self.results,
            "unsent": self.unsent,
            "quarantined": self.quarantined,
            "problem": None if self.problem is None else self.problem.document(),
            "decisions": [each.as_json() for each in self.decisions],
        }


@dataclass(frozen=True)
class _Sent:
    """A request on its way."""

    request: str
    device: str
    epoch: str
    body: bytes
    headers: dict[str, str]
    plain_bytes: int
    first: int
    last: int
    scopes: frozenset[str]


class SyncEngine:
    """Drives one store's synchronisation over one transport, with a clock and chance that are passed in."""

    def __init__(self, store: Store, transport: Transport, clock: Clock, chance: Random) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._chance = chance
        self._size = BatchSize()

    def run(self, progress: Callable[[SyncReport], None] | None = None) -> SyncReport:
        """Exchange until nothing waits on either side, or until something stands in the way."""
        report = SyncReport()
        failures = 0
        while True:
            try:
                more = self.exchange(report)
            except TransportFailed as failure:
                failures += 1
                self._size = self._size.after_failure()
                if not failure.reached or failures >= FAILURES_MAX:
                    report.problem = Problem("server_unreachable", f"The server cannot be reached. {_KEEP}",
                                             {"why": str(failure)}, "It is tried again by itself.")  # fmt: skip
                    break
                self._clock.pause(retry_wait(failures, self._chance.random(), retry_after=report.retry_after))
                continue
            except Problem as problem:
                report.problem = problem
                break
            failures = 0
            report.retry_after = None
            if progress is not None:
                progress(report)
            if not more:
                break
        report.unsent, report.quarantined = self.unsent(), self._store.quarantined_count()
        return report

    def unsent(self) -> int:
        """How many operations the server has not received."""
        return self._store.unsent_count()

    def exchange(self, report: SyncReport) -> bool:
        """One round trip; whether another one has something to do. Raises TransportFailed or Problem."""
        store = self._store
        if self._go_on_from_former_logs(report):
            return True
        sent, message = self._round_trip(report, self._request)
        with store.transaction():
            if store.setting("device") != sent.device:
                # Enrolled anew while the request was away: the answer is about another log than the present one.
                return True
            settle(store, message, sent_epoch=sent.epoch, sent_last=sent.last, now_ms=self._clock.wall_ms())
        if store.setting("wiped_at") is not None:
            raise wiped_problem()
        self._count(report, message, sent)
        self._size = self._size.after_success(plain_bytes=sent.plain_bytes, sent_bytes=len(sent.body))
        self._check_can_go_on()
        return self._more(message, sent)

    def former_heads(self) -> dict[str, FormerHead]:
        """Before a new enrolment: where the server's log of each enrolment ends that it knows.

        The newest is asked first; an older one only where that is not known or the epoch is another. Raises
        TransportFailed, Problem.
        """
        heads: dict[str, FormerHead] = {}
        for log in reversed(self._store.logs()):
            answer = self._ask_head(SyncReport(), log)
            if answer is None:
                continue
            heads[log.device] = FormerHead(answer.head_seq, answer.head)
            if answer.epoch == self._store.setting("epoch"):
                break
        return heads

    def _go_on_from_former_logs(self, report: SyncReport) -> bool:
        """In a new epoch each former log is asked for under its own id; whether that was done now."""
        waiting = [log for log in self._store.logs() if not log.asked]
        for log in waiting:
            answer = self._ask_head(report, log)
            if answer is not None and answer.epoch != self._store.setting("epoch"):
                # Restored once more meanwhile; the device's own exchange takes that over first.
                return False
            head = None if answer is None else FormerHead(answer.head_seq, answer.head)
            at = self._clock.wall_ms() + (self._store.setting("server_offset") or 0)
            with self._store.transaction():
                go_on_from(self._store, log, head, at if answer is None else answer.server_time)
        return bool(waiting)

    def _ask_head(self, report: SyncReport, log: Log) -> SyncAnswer | None:
        """What the server says under the id of one enrolment; None where it does not know the id or key."""
        if log.key is None:
            return None
        key = from_base64(log.key)
        try:
            return self._round_trip(report, lambda: self._signed(log.device, key, self._question(log)))[1]
        except Problem as problem:
            if problem.code not in ("unknown_device", "bad_signature"):
                raise
            return None

    def _question(self, log: Log) -> SyncRequest:
        seq, head = self._store.log_head(log.device)
        return SyncRequest(protocol=PROTOCOL_VERSION, epoch=self._store.setting("epoch"), head_seq=seq, head=head.hex(),
                           app=APP)  # fmt: skip

    def _more(self, answer: SyncAnswer, sent: _Sent) -> bool:
        if answer.epoch != sent.epoch or any(page.more for page in answer.pages):
            return True
        if set(answer.scopes) - sent.scopes or (answer.pages and self._store.setting("fresh_pull")):
            return True
        progressed = sent.last == 0 or answer.head_seq >= sent.last or (
            answer.batch is not None and answer.batch.state in ("gap", "quarantined")
        )  # fmt: skip
        if progressed and self.unsent() > 0:
            return True
        if self._store.quarantined_count():
            raise quarantined_problem(self._store)
        return False

    def _round_trip(self, report: SyncReport, make: Callable[[], _Sent]) -> tuple[_Sent, SyncAnswer]:
        """Send, once more with the server's time where ours was too far off, and read the signed answer."""
        for attempt in (1, 2):
            sent = make()
            report.requests += 1
            report.bytes_up += len(sent.body)
            answer = self._transport.post("/v1/sync", sent.body, sent.headers)
            report.bytes_down += len(answer.body)
            if self._store.setting("wiped_at") is not None:
                # By another run of ours, while this request was away: the answer has nobody left to hear it.
                raise wiped_problem()
            if not self._is_signed(sent, answer):
                self._raise_unsigned(answer, report)
            if answer.status != 401 or attempt == 2:
                break
            problem = problem_of(answer)
            server_time = problem.facts.get("server_time")
            if problem.code != "clock_skew" or not isinstance(server_time, int):
                raise problem
            with self._store.transaction():
                self._store.set_setting("server_offset", server_time - self._clock.wall_ms())
        if answer.status not in (200, 426):
            self._raise_refusal(answer, report)
        return sent, _read(answer)

    def _is_signed(self, sent: _Sent, answer: HttpAnswer) -> bool:
        covered = signing.answer_input(
            server=self._store.setting("server"), request=sent.request, status=answer.status, body=answer.body
        )
        signature = answer.headers.get("lontara-signature", "")
        return signing.verifies(self._store.setting("server_key"), covered, signature)

    def _raise_unsigned(self, answer: HttpAnswer, report: SyncReport) -> None:
        """A proxy, a captive portal, or a server too busy to sign: nobody that could acknowledge."""
        if answer.status in (429, 502, 503, 504):
            self._raise_busy(answer, report)
        raise Problem("answer_not_signed", f"Something on the way answered instead of the server. {_KEEP}",
                      {"status": answer.status}, "Open a web page once to log in to the network, then try again.")  # fmt: skip

    def _raise_refusal(self, answer: HttpAnswer, report: SyncReport) -> None:
        if answer.status in (429, 503):
            self._raise_busy(answer, report)
        if answer.status == 413:
            self._size = self._size.after_failure()
            raise TransportFailed("batch_too_large", reached=True)
        raise problem_of(answer)

    def _raise_busy(self, answer: HttpAnswer, report: SyncReport) -> None:
        text = answer.headers.get("retry-after", "")
        wait = float(text) if text.isdecimal() else 1.0
        report.retry_after = wait
        if wait <= RETRY_AFTER_PATIENCE_SECONDS:
            raise TransportFailed(f"busy, status {answer.status}", reached=True)
        raise Problem("server_busy", f"The server asks to come back later. {_KEEP}",
                      {"retry_after": int(wait), "status": answer.status}, "It is tried again by itself.")  # fmt: skip

    def _check_can_go_on(self) -> None:
        if self._store.setting("wiped_at") is not None:
            raise wiped_problem()
        if self._store.setting("forked_at") is not None:
            raise forked_problem()
        if self._store.setting("log_gap"):
            raise log_gap_problem()

    def _request(self) -> _Sent:
        store = self._store
        self._check_can_go_on()
        with store.transaction():
            device, epoch = store.setting("device"), store.setting("epoch")
            received = store.setting("received_seq") or 0
            head = store.hash_at(device, received)
            assert head is not None, "what was received is kept, and its hash where it was let go"
            key = from_base64(store.setting("device_key"))
            held = max(received, store.setting("quarantined_seq") or 0)
            batch, plain_bytes = self._batch(device, epoch, held, key)
            last = batch.last if batch is not None else 0
            scopes = store.setting("scopes") or []
            # Rows in the short form are built from logged operations; where some were let go, all come whole.
            told, told_head = received, head
            if store.setting("fresh_pull") and store.kept_after(device):
                told, told_head = 0, store.hash_at(device, 0) or head
            message = SyncRequest(
                protocol=PROTOCOL_VERSION, epoch=epoch, head_seq=told, head=told_head.hex(),
                cursors={scope: store.cursors().get(scope, 0) for scope in scopes},
                unsent=store.log_head(device)[0] - (last or held),
                mono=self._clock.mono_ms(), boot=self._clock.boot(), app=APP, batch=batch,
            )  # fmt: skip
        first = batch.first if batch is not None else 0
        sent = self._signed(device, key, message)
        return replace(sent, plain_bytes=plain_bytes, first=first, last=last, scopes=frozenset(scopes))

    def _signed(self, device: str, key: bytes, message: SyncRequest) -> _Sent:
        """The message on its way, under one enrolment's id and key."""
        body = msgspec.json.encode(message)
        headers = {}
        if len(body) > WORTH_COMPRESSING_BYTES:
            body = deflate(body)
            headers["Content-Encoding"] = "gzip"
        request = str(UUID(int=self._chance.getrandbits(128)))
        time = self._clock.wall_ms() + (self._store.setting("server_offset") or 0)
        covered = signing.request_input(device=device, request=request, time=time, body=body)
        headers |= {"Lontara-Device": device, "Lontara-Request": request, "Lontara-Time": str(time),
                    "Lontara-Signature": signing.sign(key, covered)}  # fmt: skip
        return _Sent(request, device, message.epoch, body, headers, 0, 0, 0, frozenset())

    def _batch(self, device: str, epoch: str, held: int, key: bytes) -> tuple[Batch | None, int]:
        """The next operations after `held`, up to where the server holds the log."""
        prev = self._store.hash_at(device, held)
        assert prev is not None, "what the server holds was written here"
        waiting = self._store.waiting(held, device, BATCH_OPERATIONS_MAX)
        chosen = waiting[: self._size.count([len(logged.raw) for logged in waiting])]
        if not chosen:
            return None, 0
        first, last, head = chosen[0].seq, chosen[-1].seq, chosen[-1].hash.hex()
        covered = signing.log_input(
            org=self._store.setting("org"), server=self._store.setting("server"), epoch=epoch, device=device,
            first=first, last=last, head=head,
        )  # fmt: skip
        batch = Batch(first=first, last=last, prev=prev.hex(), head=head, epoch=epoch,
                      signature=signing.sign(key, covered), operations=[msgspec.Raw(each.raw) for each in chosen])  # fmt: skip
        return batch, sum(len(logged.raw) for logged in chosen)

    def _count(self, report: SyncReport, answer: SyncAnswer, sent: _Sent) -> None:
        with self._store.transaction():
            self._store.set_setting("scopes", answer.scopes)
        report.operations_down += sum(len(page.rows) + len(page.removals) for page in answer.pages)
        if answer.batch is None or answer.batch.state != "received" or not sent.last:
            return
        results = {result.seq: result.verdict for result in answer.batch.results}
        for seq in range(sent.first, sent.last + 1):
            verdict = results.get(seq, "applied")
            report.results[verdict] = report.results.get(verdict, 0) + 1
        report.operations_up += sent.last - sent.first + 1


def plain_body(answer: HttpAnswer) -> bytes:
    """An answer's body, inflated where it was compressed."""
    if answer.headers.get("content-encoding", "").lower() != "gzip":
        return answer.body
    try:
        return inflate(answer.body)
    except NotGzip as error:
        raise Problem("malformed_answer", f"The server's answer cannot be read. {_KEEP}", {}, "Try again.") from error


def _read(answer: HttpAnswer) -> SyncAnswer:
    try:
        return msgspec.json.decode(plain_body(answer), type=SyncAnswer)
    except msgspec.DecodeError as error:
        if answer.status == 426:
            raise problem_of(answer) from error
        raise Problem("malformed_answer", f"The server's answer cannot be read. {_KEEP}", {},
                      "Update the app.") from error  # fmt: skip


def problem_of(answer: HttpAnswer) -> Problem:
    """The problem that a refusal carries, or one that says what little is known."""
    try:
        value = msgspec.json.decode(plain_body(answer))
        return Problem(str(value["code"]), str(value["message"]), dict(value.get("facts") or {}),
                       str(value.get("next_step") or ""))  # fmt: skip
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError, ValueError):
        return Problem("refused", f"The server refused with status {answer.status}. {_KEEP}",
                       {"status": answer.status}, "Ask the admin of your office.")  # fmt: skip


def forked_problem() -> Problem:
    """Two copies of one store: say so, and what ends it."""
    return Problem("forked", "Another copy of this store has written under the same device. Nothing is lost.", {},
                   "Ask for a new code and enrol this device again.")  # fmt: skip


def log_gap_problem() -> Problem:
    """The server went further back than this device keeps its log: say so, and what ends it."""
    return Problem("log_gap", "The server was restored from a backup that is older than what this device keeps of its"
                   f" log. {_KEEP}", {}, "Ask for a new code and enrol this device again.")  # fmt: skip

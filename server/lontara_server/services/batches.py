"""A batch as a whole: repeats, gaps and forks told, the chain and its signature checked, then its operations settled
and everything written in one go (sync_protocol.md §5-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from lontara_core import signing
from lontara_core.canonical import encode, is_hash
from lontara_core.clock import ClockReading
from lontara_core.identifiers import derived_id
from lontara_core.log import SHORT_HASH_BYTES, chain, pack, short_hash
from lontara_core.messages import BATCH_OPERATIONS_MAX, Batch, BatchAnswer, Result
from lontara_core.operations import Operation, Refused, check_operation, encode_operation
from lontara_core.problems import Problem
from lontara_server.services.arrivals import note_arrivals
from lontara_server.services.bodies import body_of
from lontara_server.services.orgs import identity_of, org_named
from lontara_server.services.scene import APPLIED, Outcome, Scene, Step
from lontara_server.services.settle import prepare, read_steps, reject_form, settle_step
from lontara_server.storage import operations as store
from lontara_server.storage import quarantine
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import DeviceState
from lontara_server.storage.orgs import IdentityRow, OrgRow
from lontara_server.storage.prepared import together
from lontara_server.storage.server_log import BatchRow, add_feed

__all__ = ["Taken", "check_batch", "take_batch", "write_as_server", "write_on_behalf"]


@dataclass(frozen=True)
class Taken:
    """What a batch's answer is, and where the device's log ends after it.

    fed_upto: the org's counter, where the batch has moved it. attends: something of it may wait for a person.
    """

    answer: BatchAnswer
    last_seq: int
    head: bytes
    fed_upto: int | None = None
    attends: bool = False


@dataclass(frozen=True)
class Run:
    """A verified run of a log: its operations' bytes with the chain hash after each, and the compressed request that
    brought them, if one did."""

    device: DeviceState
    first: int
    last: int
    prev: bytes
    signature: str
    epoch: str
    raws: list[bytes]
    hashes: list[bytes]
    request: bytes | None = None

    def beyond(self, seq: int) -> Run:
        """The part after `seq`; the whole where it begins later."""
        cut = max(0, seq + 1 - self.first)
        return replace(self, first=self.first + cut, raws=self.raws[cut:], hashes=self.hashes[cut:])


def check_batch(
    batch: Batch, device: DeviceState, org: OrgRow, me: IdentityRow, request: bytes | None = None
) -> Run:
    """The batch with its chain, over the bytes that came. Raises Problem where envelope, chain or signature is off."""
    count = len(batch.operations)
    if count > BATCH_OPERATIONS_MAX:
        raise Problem(
            "batch_too_large",
            f"The batch holds {count} operations; the limit is {BATCH_OPERATIONS_MAX}.",
            {"operation_count": count, "operation_limit": BATCH_OPERATIONS_MAX},
            "Send it in smaller parts.",
        )
    if batch.first < 1 or count < 1 or batch.last - batch.first + 1 != count:
        raise Problem(
            "malformed_envelope", "first and last do not count the operations of the batch.", {}, "Update the app."
        )
    if not is_hash(batch.prev) or not is_hash(batch.head):
        raise Problem("malformed_envelope", "prev and head are chain hashes in hex.", {}, "Update the app.")
    raws = [bytes(each) for each in batch.operations]
    hashes = chain(bytes.fromhex(batch.prev), raws)
    if hashes[-1].hex() != batch.head:
        raise Problem("broken_chain", "The operations do not lead from prev to head.", {}, "Send the batch again.")
    covered = signing.log_input(
        org=org.uid, server=me.server_id, epoch=batch.epoch, device=device.id, first=batch.first, last=batch.last,
        head=batch.head,
    )  # fmt: skip
    if not signing.verifies(device.public_key, covered, batch.signature):
        raise Problem("bad_signature", "The log signature is not by the device's key.", {}, "Enrol the device again.")
    return Run(
        device, batch.first, batch.last, bytes.fromhex(batch.prev), batch.signature, batch.epoch, raws, hashes, request
    )


def take_batch(
    connection: Connection, org: OrgRow, run: Run, *, sent: ClockReading, now_ms: int, may_write: bool,
    is_origin: bool,
) -> Taken:  # fmt: skip
    """Take a verified run: received whole or not at all. What lies at or below the log's end is a repeat.

    Moves no head: where the log ends after it, the caller writes. is_origin: as of CallerRow.
    """
    device, org_id = run.device, org.org_id
    if run.first > device.last_seq + 1:
        if not may_write and quarantine.reaches(connection, org_id, device.id, run.first - 1, run.prev):
            _quarantine(connection, org_id, run, "revoked", now_ms)
            return Taken(BatchAnswer(state="quarantined"), device.last_seq, device.head)
        return Taken(BatchAnswer(state="gap"), device.last_seq, device.head)
    forked_at = _first_difference(connection, org_id, run)
    if forked_at is not None:
        _quarantine(connection, org_id, run, "forked", now_ms)
        _tell_of_fork(connection, org, run, now_ms)
        return Taken(BatchAnswer(state="forked", forked_at=forked_at), device.last_seq, device.head)
    repeats = _repeat_results(connection, org_id, run)
    new = run.beyond(device.last_seq)
    if not new.raws:
        return Taken(BatchAnswer(state="received", results=repeats), device.last_seq, device.head, attends=True)
    if not may_write:
        _quarantine(connection, org_id, run, "revoked", now_ms)
        return Taken(BatchAnswer(state="quarantined"), device.last_seq, device.head)
    settled = _settle(
        connection, org, new, signed_first=run.first, signed=run, sent=sent, now_ms=now_ms, is_origin=is_origin
    )
    answer = BatchAnswer(state="received", results=[*repeats, *settled.unusual])
    return Taken(answer, new.last, new.hashes[-1], settled.fed_upto, settled.attends or bool(repeats))


@dataclass(frozen=True)
class _Settled:
    """The results that are not plain; the rest as of Taken."""

    unusual: list[Result]
    fed_upto: int | None
    attends: bool


def _first_difference(connection: Connection, org_id: int, run: Run) -> int | None:
    """The first sequence number whose hash is another than the stored one, however the log was cut."""
    device = run.device
    if run.first == device.last_seq + 1:
        return None if run.prev == device.head else max(1, device.last_seq)
    upto = min(run.last, device.last_seq)
    for batch in store.batches_over(connection, org_id, device.id, run.first, upto):
        for seq in range(max(batch.first, run.first), min(batch.last, upto) + 1):
            if short_hash(batch.hashes, seq - batch.first) != run.hashes[seq - run.first][:SHORT_HASH_BYTES]:
                return seq
    return None


def _repeat_results(connection: Connection, org_id: int, run: Run) -> list[Result]:
    """The present results of what has come before: attention tells what has changed since."""
    upto = min(run.last, run.device.last_seq)
    if upto < run.first:
        return []
    stored: dict[int, Result] = {seq: Result(seq=seq, duplicate=True) for seq in range(run.first, upto + 1)}
    for batch in store.batches_over(connection, org_id, run.device.id, run.first, upto):
        for each in msgspec.json.decode(batch.results or "[]", type=list[Result]):
            if run.first <= each.seq <= upto:
                stored[each.seq] = msgspec.structs.replace(each, duplicate=True)
    for row in store.attention_at(connection, org_id, run.device.id, run.first, upto):
        if row.state == "done":
            stored[row.seq] = Result(seq=row.seq, duplicate=True)
        else:
            stored[row.seq] = Result(
                seq=row.seq, verdict=row.verdict, code=row.code, field=row.field, message=row.message,  # type: ignore[arg-type]
                conflict=row.conflict, duplicate=True,
            )  # fmt: skip
    return [stored[seq] for seq in sorted(stored)]


def _settle(
    connection: Connection, org: OrgRow, new: Run, *, signed_first: int, signed: Run, sent: ClockReading, now_ms: int,
    is_origin: bool, behalf: DeviceState | None = None,
) -> _Settled:  # fmt: skip
    scene = Scene(connection, org, now_ms, store.locked_months(connection, org.org_id))
    steps = read_steps(new.device, new.first, new.hashes, new.raws, sent, behalf)
    prepare(scene, [step for step in steps if isinstance(step, Step)])
    come_before = store.origins_of(connection, org.org_id, new.device.id, new.first, new.last) if is_origin else {}
    results = []
    for seq, step in enumerate(steps, start=new.first):
        if not isinstance(step, Step):
            outcome = reject_form(scene, new.device, step[0], step[1], step[2])
        elif (step.seq, step.hash) in come_before:
            outcome = Outcome(code="discharged")
        else:
            outcome = settle_step(scene, step)
        if outcome is not APPLIED:
            results.append(_result(seq, outcome))
    if scene.origins:
        note_arrivals(scene)
    results = [_as_it_is_now(scene, new.device, result) for result in results]
    unusual = [result for result in results if not _is_plain(result)]
    fed_upto = _write(connection, org, scene, new, signed_first, signed, unusual, now_ms)
    return _Settled(unusual, fed_upto, scene.attends)


def _result(seq: int, outcome: Outcome) -> Result:
    if outcome.code == "discharged":
        return Result(seq=seq, duplicate=True)
    return Result(
        seq=seq, verdict=outcome.verdict, code=outcome.code, field=outcome.field, message=outcome.message,  # type: ignore[arg-type]
        conflict=outcome.conflict,
    )  # fmt: skip


def _as_it_is_now(scene: Scene, device: DeviceState, result: Result) -> Result:
    """What was parked early in a batch may have run by its end."""
    row = scene.attention.get((device.id, result.seq))
    if row is None or result.verdict != "parked":
        return result
    if row.state == "done":
        return Result(seq=result.seq)
    return _result(result.seq, Outcome(row.verdict, row.code, row.field, row.message, row.conflict))


def _is_plain(result: Result) -> bool:
    return result == Result(seq=result.seq)


def _write(
    connection: Connection, org: OrgRow, scene: Scene, new: Run, signed_first: int, signed: Run,
    unusual: Sequence[Result], now_ms: int,
) -> int | None:  # fmt: skip
    body = body_of(signed.raws, signed.request)
    batch = BatchRow(
        device=new.device.id, first=new.first, last=new.last, prev=signed.prev, head=new.hashes[-1],
        signature=new.signature, epoch=new.epoch, body=body, hashes=pack(new.hashes),
    )  # fmt: skip
    text = msgspec.json.encode(unusual).decode("utf-8") if unusual else None
    values: dict[str, Any] = {**vars(batch), "received_at": now_ms, "results": text, "signed_first": signed_first}
    with together(connection):
        store.add_batch(connection, org.org_id, values)
        scene.flush()
    return add_feed(connection, org.org_id, batch, scene.feed_lines())


# What may not be written now

_QUARANTINE_KEY: Final = "quarantine"


def _quarantine(connection: Connection, org_id: int, run: Run, reason: str, now_ms: int) -> None:
    content = encode(
        {"device": run.device.id, "first": run.first, "for": _QUARANTINE_KEY, "head": run.hashes[-1].hex()}
    )
    store.add_quarantine(
        connection,
        org_id,
        {
            # Of the content alone, so that the same batch sent again is kept once.
            "id": derived_id(0, content), "device": run.device.id, "reason": reason, "first": run.first,
            "last": run.last, "prev": run.prev, "head": run.hashes[-1], "signature": run.signature,
            "body": body_of(run.raws, run.request), "state": "waiting", "received_at": now_ms,
        },
    )  # fmt: skip


def _tell_of_fork(connection: Connection, org: OrgRow, run: Run, now_ms: int) -> None:
    """Open one conflict a forked device, for the admin, as an act of the server actor."""
    if store.open_forks(connection, org.org_id, run.device.id):
        return
    actor = store.server_actor(connection, org.org_id)
    scene = Scene(connection, org, now_ms, frozenset())
    operation = Operation(
        kind="answer", type="conflict", id=run.device.id, at=now_ms, offset=0, hlc=(now_ms, 0), by="server",
        fields={"text": f"fork of {run.device.id}"},
    )  # fmt: skip
    sent = ClockReading(now_ms, None, None)
    step = Step(actor, actor.last_seq + 1, b"", b"", operation, run.device.id, sent, author=actor)
    clashes = {"device": {"base": run.device.id, "candidates": [], "server": run.device.head.hex()}}
    conflict = scene.open_conflict("fork", [], step, clashes)
    conflict.owner = run.device.employee_id
    said = msgspec.structs.replace(operation, id=conflict.id)
    signed = _sign(org, identity_of(connection), actor, [encode_operation(said)])
    _write(connection, org, scene, signed, signed.first, signed, [], now_ms)
    store.move_head(connection, org.org_id, actor.id, signed.last, signed.hashes[-1])


# The server's own acts


def write_as_server(
    connection: Connection, org_id: int, by: str, operations: Sequence[Operation], now_ms: int
) -> list[Result]:
    """Settle operations of the org's server actor in the name of `by`, in its own signed log; one result each.

    Raises Problem for the first that is refused; then nothing is written by the caller's transaction.
    """
    for each in operations:
        try:
            check_operation(each)
        except Refused as refused:
            raise _refusal(refused.code, refused.why, refused.field) from refused
    results = _write_run(connection, org_id, by, operations, now_ms, behalf=None)
    for result in results:
        if result.verdict in ("rejected", "parked"):
            code = result.code if result.verdict == "rejected" and result.code else "not_found"
            raise _refusal(code, result.message or code, result.field)
    return results


def write_on_behalf(
    connection: Connection, org_id: int, by: str, device: DeviceState, operations: Sequence[Operation], now_ms: int
) -> list[Result]:
    """Settle what this device had written, each operation with its origin, in the server actor's log.

    The work is its person's and judged by that person's rights; `by` has accepted it. One result each: what is
    rejected or parked is kept for its author's attention like any device's.
    """
    assert all(each.origin is not None for each in operations), "an origin makes it count once"
    return _write_run(connection, org_id, by, operations, now_ms, behalf=device)


def _write_run(
    connection: Connection, org_id: int, by: str, operations: Sequence[Operation], now_ms: int,
    *, behalf: DeviceState | None,
) -> list[Result]:  # fmt: skip
    org, actor = org_named(connection, org_id), store.server_actor(connection, org_id)
    raws = [encode_operation(msgspec.structs.replace(each, by=by)) for each in operations]
    run = _sign(org, identity_of(connection), actor, raws)
    sent = ClockReading(now_ms, None, None)
    settled = _settle(
        connection, org, run, signed_first=run.first, signed=run, sent=sent, now_ms=now_ms, is_origin=False,
        behalf=behalf,
    )  # fmt: skip
    store.move_head(connection, org_id, actor.id, run.last, run.hashes[-1])
    by_seq = {result.seq: result for result in settled.unusual}
    return [by_seq.get(seq, Result(seq=seq)) for seq in range(run.first, run.last + 1)]


def _refusal(code: str, why: str, field: str | None) -> Problem:
    facts = {} if field is None else {"field": field}
    return Problem(code, f"{why[:1].upper()}{why[1:]}. Nothing was changed.", facts, "Look at it again.")


def _sign(org: OrgRow, me: IdentityRow, actor: DeviceState, raws: list[bytes]) -> Run:
    assert actor.private_key is not None, "a server actor holds its own key"
    hashes = chain(actor.head, raws)
    first, last = actor.last_seq + 1, actor.last_seq + len(raws)
    covered = signing.log_input(
        org=org.uid, server=me.server_id, epoch=me.epoch, device=actor.id, first=first, last=last, head=hashes[-1].hex()
    )
    return Run(actor, first, last, actor.head, signing.sign(actor.private_key, covered), me.epoch, raws, hashes)

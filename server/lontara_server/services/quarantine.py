"""What came from a device that may not write: listed, accepted into the records or dropped, each with a reason.

Each function works in the transaction that it is given. Accepted work is written by the server actor with its
origins, so it counts once, whichever way it comes again (sync_protocol.md §13). Nothing is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from lontara_core.canonical import Json
from lontara_core.identifiers import is_id
from lontara_core.log import chain
from lontara_core.messages import Result
from lontara_core.operations import Operation, Origin, Refused, decode_operation, encode_operation
from lontara_core.problems import Problem
from lontara_server.services.arrivals import ARRIVED, WAITING, has_arrived
from lontara_server.services.batches import write_on_behalf
from lontara_server.services.bodies import operations_in
from lontara_server.services.conflicts import utc
from lontara_server.storage import operations, quarantine
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.quarantine import QuarantineRow

ACCEPTED: Final = "accepted"
DROPPED: Final = "dropped"


@dataclass(frozen=True)
class Kept:
    """One operation in quarantine: decoded, or why its form is refused."""

    seq: int
    hash: bytes
    raw: bytes
    operation: Operation | None
    refused: Refused | None

    def accepted(self, device: str, by: str) -> Operation:
        """The operation with the place of its first signing. Raises Refused where its form does not allow it."""
        if self.operation is None:
            assert self.refused is not None, "it is one or the other"
            raise self.refused
        first = self.operation.origin or Origin(device, self.seq, self.hash.hex())
        # Read back, since the origin may be what makes it too large.
        return decode_operation(encode_operation(msgspec.structs.replace(self.operation, origin=first, by=by)))


def list_quarantine(connection: Connection, org_id: int) -> list[dict[str, Json]]:
    """Everything that was set aside, decided or not, each device's in log order."""
    return [_document(_as_it_is_now(connection, org_id, row)) for row in quarantine.rows_of(connection, org_id)]


def show_quarantine(connection: Connection, org_id: int, quarantine_id: str) -> dict[str, Json]:
    """One batch with what was written in it. Raises Problem not_found."""
    row = _named(connection, org_id, quarantine_id)
    return {**_document(row), "operations": [_operation_document(each) for each in _kept(row)]}


def accept(
    connection: Connection, org_id: int, quarantine_id: str, *, reason: str, by: str, now_ms: int
) -> dict[str, Json]:
    """Let the kept operations have their effect, in log order, as their author's; returns what became of each.

    Each has one effect for ever: what came already, as when the device was enrolled again, changes nothing. An
    operation whose form is refused stays here. What was accepted or has arrived changes nothing a second time, and
    the answer says so with `already`; a dropped batch may be accepted.
    Raises Problem not_found, missing_field, state_not_allowed where earlier work of the device waits undecided.
    """
    row = _named(connection, org_id, quarantine_id)
    _check_reason(reason)
    if row.state in (ACCEPTED, ARRIVED):
        return {**_document(row), "results": [], "already": True}
    _check_order(connection, org_id, row)
    device = operations.lock_device(connection, org_id, row.device)
    assert device is not None, "a device is never deleted"
    accepted: dict[int, Operation] = {}
    results: dict[int, Result] = {}
    for each in _kept(row):
        try:
            accepted[each.seq] = each.accepted(row.device, by)
        except Refused as refused:
            results[each.seq] = Result(seq=each.seq, verdict="rejected", code=refused.code, message=refused.why)
    if accepted:
        written = write_on_behalf(connection, org_id, by, device, list(accepted.values()), now_ms)
        results.update(zip(accepted, written, strict=True))
    return {
        **_decided(connection, org_id, row, ACCEPTED, by=by, reason=reason, now_ms=now_ms),
        "results": [_result_document(seq, results[seq]) for seq in sorted(results)],
    }


def drop(
    connection: Connection, org_id: int, quarantine_id: str, *, reason: str, by: str, now_ms: int
) -> dict[str, Json]:
    """Leave the kept operations without effect; they stay readable here, with who decided it and why.

    Raises Problem not_found, missing_field, state_not_allowed for a batch that was accepted or has arrived.
    """
    row = _named(connection, org_id, quarantine_id)
    _check_reason(reason)
    if row.state in (ACCEPTED, ARRIVED):
        raise Problem(
            "state_not_allowed",
            "This work is in the records already. Nothing was changed.",
            {"quarantine": row.id, "state": row.state},
            "Void the entries that should not count.",
        )
    return _decided(connection, org_id, row, DROPPED, by=by, reason=reason, now_ms=now_ms)


def _decided(
    connection: Connection, org_id: int, row: QuarantineRow, state: str, *, by: str, reason: str, now_ms: int
) -> dict[str, Json]:
    quarantine.decide(connection, org_id, row.id, state, by=by, reason=reason)
    verb = "accept" if state == ACCEPTED else "drop"
    facts: dict[str, Any] = {"device": row.device, "first": row.first, "last": row.last, "reason": reason}
    add_audit(connection, org_id, f"quarantine.{verb}", by=by, now_ms=now_ms, subject=row.id, facts=facts)
    return _document(_named(connection, org_id, row.id))


def _named(connection: Connection, org_id: int, quarantine_id: str) -> QuarantineRow:
    found = quarantine.rows_of(connection, org_id, quarantine_id) if is_id(quarantine_id) else []
    if not found:
        raise Problem(
            "not_found",
            f"Nothing in quarantine has the id {quarantine_id}. Nothing was changed.",
            {"quarantine": quarantine_id},
            "`lontara-server quarantine list` shows everything.",
        )
    return _as_it_is_now(connection, org_id, found[0])


def _as_it_is_now(connection: Connection, org_id: int, row: QuarantineRow) -> QuarantineRow:
    """Of a device that has its access back, what waited may lie in its own log by now; nobody noted that."""
    if row.state == WAITING and has_arrived(connection, org_id, row):
        return replace(row, state=ARRIVED)
    return row


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Problem(
            "missing_field", "A decision says why. Nothing was changed.", {"field": "reason"}, "Add --reason TEXT."
        )


def _check_order(connection: Connection, org_id: int, row: QuarantineRow) -> None:
    """A log runs in its order: what the device wrote before is decided before."""
    for other in quarantine.rows_of(connection, org_id):
        if (other.device, other.reason, other.state) == (row.device, row.reason, WAITING) and other.last < row.first:
            raise Problem(
                "state_not_allowed",
                "Earlier work of this device waits undecided. Nothing was changed.",
                {"quarantine": row.id, "earlier": other.id},
                f"Decide {other.id} first.",
            )


def _kept(row: QuarantineRow) -> list[Kept]:
    raws = operations_in(row.body)
    hashes = chain(row.prev, raws)
    assert hashes[-1] == row.head, "a batch is kept as it was signed"
    return [_read(seq, whole, raw) for seq, (whole, raw) in enumerate(zip(hashes, raws, strict=True), start=row.first)]


def _read(seq: int, whole: bytes, raw: bytes) -> Kept:
    try:
        return Kept(seq, whole, raw, decode_operation(raw), None)
    except Refused as refused:
        return Kept(seq, whole, raw, None, refused)


def _document(row: QuarantineRow) -> dict[str, Json]:
    return {
        "id": row.id,
        "device": row.device,
        "device_name": row.device_name,
        "nip": row.nip,
        "full_name": row.full_name,
        "reason": row.reason,
        "state": row.state,
        "first": row.first,
        "last": row.last,
        "operation_count": row.last - row.first + 1,
        "received_at": utc(row.received_at),
        "decided_by": row.decided_by,
        "decided_reason": row.decided_reason,
    }


def _operation_document(kept: Kept) -> dict[str, Json]:
    shown: dict[str, Json] = {"seq": kept.seq}
    if kept.operation is None:
        return {**shown, "text": kept.raw.decode("utf-8", "replace")}
    operation = kept.operation
    return {
        **shown,
        "kind": operation.kind,
        "type": operation.type,
        "record": operation.record,
        "at": utc(operation.at),
        "fields": operation.fields,
    }


def _result_document(seq: int, result: Result) -> dict[str, Json]:
    return {"seq": seq, "verdict": result.verdict, "code": result.code, "duplicate": result.duplicate}

"""`POST /v1/sync` without HTTP: who calls, what the batch becomes, and what the device reads, in one transaction.

The answer is built in the transaction and leaves only after its commit (sync_protocol.md §6, §7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lontara_core import signing
from lontara_core.clock import ClockReading
from lontara_core.identifiers import is_id
from lontara_core.messages import PROTOCOL_VERSION, BatchAnswer, Mark, Page, SetAside, SyncAnswer, SyncRequest
from lontara_core.problems import Problem
from lontara_core.strict_json import NotStrict, decode_sync_request
from lontara_server.services.batches import Taken, check_batch, take_batch
from lontara_server.services.pull import Reader, attention_of, read_scopes, scopes_of
from lontara_server.storage import devices, quarantine
from lontara_server.storage import operations as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import CallerRow, Contact, DeviceState
from lontara_server.storage.orgs import IdentityRow, OrgRow

CLOCK_TOLERANCE_MS: Final = 10 * 60 * 1000
SET_ASIDE_MAX: Final = 50


@dataclass(frozen=True)
class SignedRequest:
    """A request as it came: who says to call, its id and time, the signature, the body as sent and inflated."""

    device: str
    request: str
    time_ms: int
    signature: str
    body: bytes
    plain: bytes


@dataclass(frozen=True)
class Settled:
    """The answer; `reads` is false for a client of another protocol, whose work is taken but who gets no pages."""

    answer: SyncAnswer
    reads: bool


@dataclass(frozen=True)
class Caller:
    """The device that has signed a request, with its org; its row is locked."""

    row: CallerRow
    active: bool

    @property
    def org(self) -> OrgRow:
        return self.row.org

    @property
    def device(self) -> DeviceState:
        return self.row.device


def settle_request(connection: Connection, me: IdentityRow, signed: SignedRequest, now_ms: int) -> Settled:
    """Take the batch, if there is one, and read what the device has not seen.

    A batch that came before gets the results that it has now, so a device that never heard our answer sends it again.
    Raises Problem for whatever is wrong with the envelope; then nothing is kept.
    """
    caller = identify(connection, signed, now_ms)
    asked = _decode(signed.plain)
    before = caller.device
    taken = Taken(BatchAnswer(state="received"), before.last_seq, before.head)
    if asked.batch is not None:
        # The body as sent where it was compressed: what lies in it is what is signed.
        packed = signed.body if signed.body != signed.plain else None
        run = check_batch(asked.batch, before, caller.org, me, packed)
        sent = ClockReading(signed.time_ms, asked.mono, asked.boot)
        taken = take_batch(
            connection, caller.org, run, sent=sent, now_ms=now_ms, may_write=caller.active,
            is_origin=caller.row.is_origin,
        )  # fmt: skip
    told = _told(asked, signed, now_ms)
    store.note_contact(connection, caller.org.org_id, before.id, told, taken.last_seq, taken.head)
    answer = _answer(connection, me, caller, asked, taken, signed.request, now_ms)
    return Settled(answer, reads=asked.protocol == PROTOCOL_VERSION)


def identify(connection: Connection, signed: SignedRequest, now_ms: int) -> Caller:
    """Who has signed the request. Raises Problem unknown_device, bad_signature, clock_skew, request_repeated."""
    found = _find(connection, signed.device)
    if found is None:
        raise Problem("unknown_device", "No device has this id.", {}, "Enrol the device with a code from an admin.")
    org, device = found.org, found.device
    covered = signing.request_input(
        device=signed.device, request=signed.request, time=signed.time_ms, body=signed.body
    )  # fmt: skip
    if not signing.verifies(device.public_key, covered, signed.signature):
        raise Problem("bad_signature", "The request is not signed by the device's key.", {}, "Enrol the device again.")
    if abs(signed.time_ms - now_ms) > CLOCK_TOLERANCE_MS:
        raise Problem("clock_skew", "The device's clock is more than ten minutes from the server's.",
                      {"server_time": now_ms}, "Send it again with the server's time.")  # fmt: skip
    if not store.use_request(connection, org.org_id, device.id, signed.request, now_ms, 3 * CLOCK_TOLERANCE_MS):
        raise Problem("request_repeated", "A request with this id came before.", {}, "Send it again with a new id.")
    return Caller(found, active=device.state == "active" and found.works)


def _find(connection: Connection, device: str) -> CallerRow | None:
    org_id = devices.org_of_device(connection, device) if is_id(device) else None
    found = None if org_id is None else store.lock_caller(connection, org_id, device)
    return found if found is not None and found.device.kind == "device" else None


def _decode(plain: bytes) -> SyncRequest:
    try:
        return decode_sync_request(plain)
    except NotStrict as error:
        raise Problem(
            "malformed_envelope", "The body is no sync request.", {"why": str(error)}, "Update the app."
        ) from error


def _told(asked: SyncRequest, signed: SignedRequest, now_ms: int) -> Contact:
    return Contact(
        at=now_ms, unsent=max(0, asked.unsent), app=asked.app[:80], clock_offset_ms=signed.time_ms - now_ms
    )  # fmt: skip


def _answer(
    connection: Connection,
    me: IdentityRow,
    caller: Caller,
    asked: SyncRequest,
    taken: Taken,
    request: str,
    now_ms: int,
) -> SyncAnswer:
    org_id, device = caller.org.org_id, caller.device
    scopes = scopes_of(connection, org_id, device, _today(caller.org, now_ms))
    head = Mark(seq=taken.last_seq, hash=taken.head.hex())
    return SyncAnswer(
        protocol=PROTOCOL_VERSION,
        request=request,
        server=me.server_id,
        epoch=me.epoch,
        server_time=now_ms,
        head_seq=head.seq,
        head=head.hash,
        scopes=scopes,
        batch=taken.answer if asked.batch is not None else None,
        backed_up=_backed_up(device),
        wipe_after=None if caller.active else _wipe_after(connection, caller, head),
        set_aside=[] if caller.active else _set_aside(connection, caller),
        pages=_pages(connection, me, caller, asked, taken, scopes),
        attention=attention_of(connection, org_id, device) if caller.row.has_attention or taken.attends else [],
    )


def _backed_up(device: DeviceState) -> Mark | None:
    """Up to where a confirmed backup of this epoch holds the device's log, or its quarantine; None where none does."""
    if device.backed_up_seq is None or device.backed_up_head is None:
        return None
    return Mark(seq=device.backed_up_seq, hash=device.backed_up_head.hex())


def _wipe_after(connection: Connection, caller: Caller, head: Mark) -> Mark:
    """Up to where a device without access may let go: what is committed of its log, or in quarantine after it."""
    end = quarantine.end_of(connection, caller.org.org_id, caller.device.id)
    return head if end is None or end[0] <= head.seq else Mark(seq=end[0], hash=end[1].hex())


def _set_aside(connection: Connection, caller: Caller) -> list[SetAside]:
    """What lies in quarantine of a device without access, so that its person hears what was decided."""
    found = quarantine.decisions_of(connection, caller.org.org_id, caller.device.id, SET_ASIDE_MAX)
    return [
        SetAside(first=first, last=last, state=state, reason=reason)  # type: ignore[arg-type]
        for first, last, state, reason in reversed(found)
    ]


def _pages(
    connection: Connection, me: IdentityRow, caller: Caller, asked: SyncRequest, taken: Taken, scopes: list[str]
) -> list[Page]:
    """Nothing for a device without access, a client of another protocol, or one that has yet to meet the new epoch."""
    if not caller.active or asked.protocol != PROTOCOL_VERSION or asked.epoch != me.epoch:
        return []
    agreed = (asked.head_seq, asked.head) in (
        (caller.device.last_seq, caller.device.head.hex()),
        (taken.last_seq, taken.head.hex()),
    )
    upto = taken.fed_upto or store.org_counter(connection, caller.org.org_id)
    reader = Reader(connection, caller.org.org_id, caller.device, upto, short_form=agreed)
    return read_scopes(reader, scopes, asked.cursors, asked.pull_bytes)


def _today(org: OrgRow, now_ms: int) -> date:
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(org.time_zone)).date()

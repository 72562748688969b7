"""Devices: enrolled by a one-time code, revoked and restored by an admin (sync_protocol.md §6, §13).

Each function works in the transaction that it is given. What a revoked device still sends is kept for a person
to decide on; revoking deletes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lontara_core import signing
from lontara_core.canonical import tidy_text
from lontara_core.identifiers import derived_id, is_id
from lontara_core.log import genesis
from lontara_core.messages import EnrolAnswer, EnrolRequest
from lontara_core.problems import Problem
from lontara_server.services.orgs import RandomBytes, identity_of, org_named
from lontara_server.storage import devices as store
from lontara_server.storage import people
from lontara_server.storage.devices import CodeRow, DeviceRow, NewDevice
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow

CODE_MS: Final = 15 * 60 * 1000
NAME_LENGTH_MAX: Final = 80
# Without 0 O 1 I L U: what is read aloud over a bad line and typed by hand.
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_SIGNS: Final = 8


@dataclass(frozen=True)
class IssuedCode:
    """A code as it is shown once; `expires_at` in ms since 1970 UTC."""

    code: str
    nip: str
    full_name: str
    expires_at: int


def issue_code(
    connection: Connection,
    org_id: int,
    nip: str,
    *,
    by: str,
    secret: bytes,
    now_ms: int,
    random_bytes: RandomBytes,
) -> IssuedCode:
    """Make a code that enrols one device of this person within 15 minutes. Raises Problem not_found."""
    employee = people.employee_of_nip(connection, org_id, nip)
    if employee is None or not employee.active:
        raise Problem(
            "not_found",
            f"Nobody who is active here has the NIP {nip}. Nothing was changed.",
            {"nip": nip},
            "`lontara-server employee list` shows everybody.",
        )
    code = _new_code(org_id, random_bytes)
    expires_at = now_ms + CODE_MS
    store.add_code(
        connection, org_id, _code_hash(code, secret), employee.id, issued_by=by, expires_at=expires_at, now_ms=now_ms
    )
    add_audit(connection, org_id, "device.enrol_code", by=by, now_ms=now_ms, subject=employee.id)
    return IssuedCode(code, employee.nip, employee.full_name, expires_at)


def enrol(
    connection: Connection, request: EnrolRequest, *, secret: bytes, now_ms: int, random_bytes: RandomBytes
) -> EnrolAnswer:
    """Make the store that signed this request a device of the code's person.

    Asked again with the same code and key, it gives the same answer: the first may have been lost on the way.
    A store that was a device of this person before keeps its lineage.
    Raises Problem bad_signature, enrol_code_refused; then nothing was changed and the code is still good.
    """
    covered = signing.enrol_input(code=request.code, public_key=request.public_key, former=request.former)
    if not signing.verifies(request.public_key, covered, request.signature):
        raise Problem("bad_signature", "The enrolment is not signed by the key that it names.", {}, "Enrol again.")
    org_id, code_hash = _org_of_code(request.code), _code_hash(request.code, secret)
    code = store.lock_code(connection, org_id, code_hash)
    employee = None if code is None else people.employee_of_id(connection, org_id, code.employee_id)
    if code is None or employee is None or not _is_good(code, employee, request.public_key, now_ms):
        raise _code_refused("The enrolment code is unknown, used or too old.")
    device = code.device
    if device is None:
        device = _add_device(connection, org_id, request, employee, covered, now_ms, random_bytes)
        store.use_code(connection, org_id, code_hash, request.public_key, device)
        add_audit(
            connection, org_id, "device.enrol", by=employee.nip, now_ms=now_ms, subject=device,
            facts={"former": request.former},
        )  # fmt: skip
    return _answer(connection, org_id, device, employee, now_ms)


def list_devices(connection: Connection, org_id: int) -> list[dict[str, Any]]:
    """Every device of the org, with its person and what it last reported."""
    return [_document(row) for row in store.devices_of(connection, org_id)]


def revoke(connection: Connection, org_id: int, device: str, *, by: str, now_ms: int) -> None:
    """Take a device's access away; what it sends from now on waits for a decision. Raises Problem not_found."""
    row = _device(connection, org_id, device)
    if row.state == "revoked":
        return
    store.set_state(connection, org_id, device, "revoked", now_ms)
    add_audit(connection, org_id, "device.revoke", by=by, now_ms=now_ms, subject=device)


def restore(connection: Connection, org_id: int, device: str, *, by: str, now_ms: int) -> None:
    """Give a revoked device its access back. Raises Problem not_found, not_permitted for a forked one."""
    row = _device(connection, org_id, device)
    if row.state == "active":
        return
    if row.state == "forked":
        raise Problem(
            "not_permitted",
            "Two copies of this device exist, so it cannot go on under its old id. Their work is kept.",
            {"device": device},
            "Enrol each copy again with a code of its own; what they hold comes along.",
        )
    store.set_state(connection, org_id, device, "active", None)
    add_audit(connection, org_id, "device.restore", by=by, now_ms=now_ms, subject=device)


def _new_code(org_id: int, random_bytes: RandomBytes) -> str:
    """Eight signs by chance, then the org's number, so that a code is looked up in one org alone."""
    signs: list[str] = []
    while len(signs) < _SIGNS:
        # Bytes beyond a whole number of alphabets would make some signs likelier than others.
        signs += [_ALPHABET[byte % len(_ALPHABET)] for byte in random_bytes(_SIGNS) if byte < 240]
    return f"{''.join(signs[:4])}-{''.join(signs[4:8])}-{org_id}"


def _org_of_code(code: str) -> int:
    """The org that a code names; 0, which no org has, where it names none."""
    number = code.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= 9 else 0


def _code_hash(code: str, secret: bytes) -> bytes:
    return hmac.new(secret, b"lontara-code-1" + code.strip().upper().encode("utf-8"), hashlib.sha256).digest()


def _is_good(code: CodeRow, employee: EmployeeRow, public_key: str, now_ms: int) -> bool:
    if not employee.active:
        return False
    return now_ms < code.expires_at if code.used_by_key is None else code.used_by_key == public_key


def _code_refused(message: str) -> Problem:
    return Problem("enrol_code_refused", f"{message} Nothing was changed.", {}, "Ask an admin for a new code.")


def _add_device(
    connection: Connection,
    org_id: int,
    request: EnrolRequest,
    employee: EmployeeRow,
    covered: bytes,
    now_ms: int,
    random_bytes: RandomBytes,
) -> str:
    device = derived_id(now_ms, random_bytes(32))
    org = org_named(connection, org_id)
    store.add_device(
        connection,
        org_id,
        NewDevice(
            id=device,
            employee_id=employee.id,
            lineage=_lineage(connection, org_id, request, employee, covered) or device,
            kind="device",
            name=tidy_text(request.device_name)[:NAME_LENGTH_MAX] or "-",
            public_key=request.public_key,
            private_key=None,
            head=genesis(org.uid, device),
            enrolled_at=now_ms,
            origins=request.former is not None,
        ),
    )
    return device


def _lineage(
    connection: Connection, org_id: int, request: EnrolRequest, employee: EmployeeRow, covered: bytes
) -> str | None:
    """The lineage of the store's former device; none where the server does not know it, as after a restore."""
    if request.former is None or not is_id(request.former):
        return None
    found = store.devices_of(connection, org_id, request.former)
    if not found:
        return None
    former = found[0]
    if not signing.verifies(former.public_key, covered, request.former_signature or ""):
        raise Problem(
            "bad_signature", "The enrolment is not signed by the key of the former device.", {}, "Enrol again."
        )
    if former.employee_id != employee.id:
        raise _code_refused("The code is another person's than the one whose work this store holds.")
    return former.lineage


def _answer(connection: Connection, org_id: int, device: str, employee: EmployeeRow, now_ms: int) -> EnrolAnswer:
    org, me = org_named(connection, org_id), identity_of(connection)
    return EnrolAnswer(
        device=device,
        org=org.uid,
        org_name=org.name,
        time_zone=org.time_zone,
        server=me.server_id,
        epoch=me.epoch,
        server_key=signing.public_key_of(me.private_key),
        employee=employee.id,
        nip=employee.nip,
        full_name=employee.full_name,
        server_time=now_ms,
    )


def _device(connection: Connection, org_id: int, device: str) -> DeviceRow:
    found = store.devices_of(connection, org_id, device) if is_id(device) else []
    if not found:
        raise Problem(
            "not_found",
            f"There is no device {device}. Nothing was changed.",
            {"device": device},
            "`lontara-server device list` shows every device.",
        )
    return found[0]


def _document(row: DeviceRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "nip": row.nip,
        "full_name": row.full_name,
        "name": row.name,
        "state": row.state,
        "lineage": row.lineage,
        "received_seq": row.last_seq,
        "unsent_reported": row.unsent_reported,
        "app": row.app,
        "clock_offset_ms": row.clock_offset_ms,
        "enrolled_at": _utc(row.enrolled_at),
        "last_seen_at": _utc(row.last_seen_at),
        "revoked_at": _utc(row.revoked_at),
    }


def _utc(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")

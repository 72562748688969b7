"""Statements for devices and enrolment codes. What a batch does to a device's row lies with the operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from lontara_server.storage.models import Device, DeviceOrg, Employee, EnrolCode
from lontara_server.storage.prepared import Prepared


@dataclass(frozen=True)
class DeviceRow:
    """A device as lists show it. `unsent_reported` is what it last said it holds; times in ms since 1970 UTC."""

    id: str
    employee_id: str | None
    nip: str | None
    full_name: str | None
    name: str
    public_key: str
    state: str
    lineage: str
    last_seq: int
    enrolled_at: int
    revoked_at: int | None
    last_seen_at: int | None
    unsent_reported: int
    app: str
    clock_offset_ms: int | None


@dataclass(frozen=True)
class NewDevice:
    """A device at its enrolment, or a server actor, which alone has its private key here."""

    id: str
    employee_id: str | None
    lineage: str
    kind: str
    name: str
    public_key: str
    private_key: bytes | None
    head: bytes
    enrolled_at: int
    origins: bool


@dataclass(frozen=True)
class CodeRow:
    """An enrolment code; `used_by_key` and `device` tell who has used it."""

    employee_id: str
    expires_at: int
    used_by_key: str | None
    device: str | None


def add_device(connection: Connection, org_id: int, row: NewDevice) -> None:
    """Write a new, active device that has sent nothing yet."""
    connection.execute(
        insert(Device).values(org_id=org_id, state="active", last_seq=0, unsent_reported=0, app="", **vars(row))
    )
    connection.execute(insert(DeviceOrg).values(device=row.id, org=org_id))


_org_of_device = Prepared(select(DeviceOrg.org).where(DeviceOrg.device == bindparam("device")))


def org_of_device(connection: Connection, device: str) -> int | None:
    """Return the org that this device belongs to."""
    row = _org_of_device.row(connection, device=device)
    return None if row is None else int(row[0])


def devices_of(connection: Connection, org_id: int, device: str | None = None) -> list[DeviceRow]:
    """Return the org's devices (or the one named) with their people, by name; server actors are none."""
    query = (
        select(
            Device.id, Device.employee_id, Employee.nip, Employee.full_name, Device.name, Device.public_key,
            Device.state, Device.lineage, Device.last_seq, Device.enrolled_at, Device.revoked_at, Device.last_seen_at,
            Device.unsent_reported, Device.app, Device.clock_offset_ms,
        )
        .join_from(
            Device,
            Employee,
            (Employee.org_id == org_id) & (Employee.org_id == Device.org_id) & (Employee.id == Device.employee_id),
            isouter=True,
        )
        .where(Device.org_id == org_id, Device.kind == "device")
        .order_by(Device.name, Device.id)
    )  # fmt: skip
    if device is not None:
        query = query.where(Device.id == device)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in connection.execute(query)]
    return [DeviceRow(*row) for row in rows]


def set_state(connection: Connection, org_id: int, device: str, state: str, revoked_at: int | None) -> None:
    """Move a device to another state."""
    connection.execute(
        update(Device)
        .where(Device.org_id == org_id, Device.id == device)
        .values(state=state, revoked_at=revoked_at)
    )  # fmt: skip


def add_code(
    connection: Connection, org_id: int, code_hash: bytes, employee: str, *, issued_by: str, expires_at: int, now_ms: int
) -> None:
    """Write a new code beside those of this employee that are still good; what is too old and unused is removed."""
    connection.execute(
        delete(EnrolCode).where(
            EnrolCode.org_id == org_id,
            EnrolCode.employee_id == employee,
            EnrolCode.used_by_key.is_(None),
            EnrolCode.expires_at <= now_ms,
        )
    )
    connection.execute(
        insert(EnrolCode).values(
            org_id=org_id, code_hash=code_hash, employee_id=employee, issued_by=issued_by, expires_at=expires_at
        )
    )


def lock_code(connection: Connection, org_id: int, code_hash: bytes) -> CodeRow | None:
    """Return the code, locked: two devices that use it at once come one after the other."""
    row = connection.execute(
        select(EnrolCode.employee_id, EnrolCode.expires_at, EnrolCode.used_by_key, EnrolCode.device)
        .where(EnrolCode.org_id == org_id, EnrolCode.code_hash == code_hash)
        .with_for_update()
    ).first()
    return None if row is None else CodeRow(*row)


def use_code(connection: Connection, org_id: int, code_hash: bytes, public_key: str, device: str) -> None:
    """Keep who has used the code."""
    connection.execute(
        update(EnrolCode)
        .where(EnrolCode.org_id == org_id, EnrolCode.code_hash == code_hash)
        .values(used_by_key=public_key, device=device)
    )

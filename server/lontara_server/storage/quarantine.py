"""Statements for the quarantine: batches whose sender may not write now, kept whole until a person decides.

Rows are added by the operation path and never deleted; who decides, and what follows, lives in the services.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, exists, select, update

from lontara_server.storage.models import Device, Employee, Quarantine

REVOKED: Final = "revoked"


@dataclass(frozen=True)
class QuarantineRow:
    """A batch set aside, with the device and person who sent it; `body` is the compressed array of its operations."""

    id: str
    device: str
    device_name: str
    nip: str | None
    full_name: str | None
    reason: str
    first: int
    last: int
    prev: bytes
    head: bytes
    body: bytes
    state: str
    received_at: int
    decided_by: str | None
    decided_reason: str | None


def rows_of(
    connection: Connection, org_id: int, quarantine: str | None = None, *, device: str | None = None
) -> list[QuarantineRow]:
    """Return what is in quarantine (the one named, or one device's), decided or not, each device's in log order."""
    query = (
        select(
            Quarantine.id, Quarantine.device, Device.name, Employee.nip, Employee.full_name, Quarantine.reason, Quarantine.first,
            Quarantine.last, Quarantine.prev, Quarantine.head, Quarantine.body, Quarantine.state,
            Quarantine.received_at, Quarantine.decided_by, Quarantine.decided_reason,
        )
        .join_from(Quarantine, Device, (Device.org_id == org_id) & (Device.id == Quarantine.device))
        .join(Employee, (Employee.org_id == org_id) & (Employee.id == Device.employee_id), isouter=True)
        .where(Quarantine.org_id == org_id, Device.org_id == org_id)
        .order_by(Quarantine.device, Quarantine.first, Quarantine.last, Quarantine.id)
    )  # fmt: skip
    if quarantine is not None:
        query = query.where(Quarantine.id == quarantine)
    if device is not None:
        query = query.where(Quarantine.device == device)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in connection.execute(query)]
    return [QuarantineRow(*row) for row in rows]


def reaches(connection: Connection, org_id: int, device: str, seq: int, head: bytes) -> bool:
    """Whether a revoked device's work is here up to this place of its log, by content."""
    found = exists().where(
        Quarantine.org_id == org_id, Quarantine.device == device, Quarantine.reason == REVOKED,
        Quarantine.last == seq, Quarantine.head == head,
    )  # fmt: skip
    return bool(connection.scalar(select(found)))


def end_of(connection: Connection, org_id: int, device: str) -> tuple[int, bytes] | None:
    """Return the last sequence number of a revoked device that is here, with the chain hash there."""
    row = connection.execute(
        select(Quarantine.last, Quarantine.head)
        .where(Quarantine.org_id == org_id, Quarantine.device == device, Quarantine.reason == REVOKED)
        .order_by(Quarantine.last.desc(), Quarantine.received_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.last, row.head)


def decisions_of(
    connection: Connection, org_id: int, device: str, limit: int
) -> list[tuple[int, int, str, str | None]]:
    """Return first, last, state and reason of what is here of a revoked device, the end of its log first."""
    rows = connection.execute(
        select(Quarantine.first, Quarantine.last, Quarantine.state, Quarantine.decided_reason)
        .where(Quarantine.org_id == org_id, Quarantine.device == device, Quarantine.reason == REVOKED)
        .order_by(Quarantine.last.desc(), Quarantine.first.desc(), Quarantine.id)
        .limit(limit)
    )
    return [(first, last, state, reason) for first, last, state, reason in rows]


def decide(connection: Connection, org_id: int, quarantine: str, state: str, *, by: str, reason: str | None) -> None:
    """Keep what was decided, by whom and why; the work itself stays."""
    connection.execute(
        update(Quarantine)
        .where(Quarantine.org_id == org_id, Quarantine.id == quarantine)
        .values(state=state, decided_by=by, decided_reason=reason)
    )

"""Statements for the server's identity, its orgs and the audit trail. No rule lives here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from lontara_core.canonical import encode
from lontara_server.storage.models import (
    ActivityEntry,
    Attention,
    Audit,
    Conflict,
    Dirty,
    Employee,
    Org,
    ServerIdentity,
)
from lontara_server.storage.prepared import Prepared


@dataclass(frozen=True)
class IdentityRow:
    """Who this server is."""

    server_id: str
    epoch: str
    private_key: bytes


@dataclass(frozen=True)
class OrgRow:
    """An org; `uid` is its name on the wire."""

    org_id: int
    uid: str
    code: str
    name: str
    time_zone: str
    last_seq: int


ORG_COLUMNS = (Org.org_id, Org.uid, Org.code, Org.name, Org.time_zone, Org.last_seq)
_all_orgs = Prepared(select(*ORG_COLUMNS).order_by(Org.org_id))
_org_of = Prepared(select(*ORG_COLUMNS).where(Org.org_id == bindparam("org")))


def identity(connection: Connection) -> IdentityRow | None:
    """Return who this server is, or None before `init`."""
    row = connection.execute(
        select(ServerIdentity.server_id, ServerIdentity.epoch, ServerIdentity.private_key)
    ).first()  # fmt: skip
    return None if row is None else IdentityRow(*row)


def add_identity(connection: Connection, row: IdentityRow) -> None:
    """Write who this server is."""
    connection.execute(insert(ServerIdentity).values(**vars(row)))


def all_orgs(connection: Connection) -> list[OrgRow]:
    """Return every org of this server, the oldest first."""
    return [OrgRow(*row) for row in _all_orgs.rows(connection)]


def org_of(connection: Connection, org_id: int) -> OrgRow | None:
    """Return the org with this number."""
    row = _org_of.row(connection, org=org_id)
    return None if row is None else OrgRow(*row)


def add_org(connection: Connection, row: OrgRow, feed_head: bytes) -> None:
    """Write a new org."""
    connection.execute(insert(Org).values(feed_head=feed_head, **vars(row)))


def add_audit(
    connection: Connection,
    org_id: int,
    action: str,
    *,
    by: str,
    now_ms: int,
    subject: str | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write a line of the org's audit trail. Its number is taken under the org's row lock: call it last."""
    connection.execute(select(Org.org_id).where(Org.org_id == org_id).with_for_update()).one()
    last = connection.scalar(select(func.max(Audit.seq)).where(Audit.org_id == org_id)) or 0
    text = None if facts is None else encode(facts).decode()
    connection.execute(
        insert(Audit).values(
            org_id=org_id, seq=last + 1, at=now_ms, by=by, action=action, subject=subject, facts=text
        )
    )  # fmt: skip


def counts_of(connection: Connection, org_id: int) -> dict[str, int]:
    """Return how much the org holds and what waits, for the status."""

    def count(model: Any, *where: Any) -> int:
        return connection.scalar(select(func.count()).select_from(model).where(model.org_id == org_id, *where)) or 0

    return {
        "employees": count(Employee, Employee.active.is_(True)),
        "entries": count(ActivityEntry, ActivityEntry.voided.is_(False)),
        "open_conflicts": count(Conflict, Conflict.state != "resolved"),
        "rejected": count(Attention, Attention.state == "open", Attention.verdict == "rejected"),
        "parked": count(Attention, Attention.state == "open", Attention.verdict == "parked"),
        "scores_waiting": count(Dirty),
    }

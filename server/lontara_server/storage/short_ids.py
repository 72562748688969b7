"""Statements that find ids by how they begin, for people who type them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from lontara_server.storage.models import ActivityEntry, Base, Conflict, Device, Quarantine, table_of

TABLES: Final[dict[str, type[Base]]] = {
    "conflict": Conflict,
    "device": Device,
    "entry": ActivityEntry,
    "quarantine": Quarantine,
}
_DIGITS: Final = 32


def ids_beginning(connection: Connection, org_id: int, kind: str, digits: str, limit: int) -> list[str]:
    """Return ids of this kind that begin with these hex digits (without hyphens), in order."""
    table = table_of(TABLES[kind])
    low, high = (_id_of(digits.ljust(_DIGITS, fill)) for fill in "0f")
    rows = connection.scalars(
        select(table.c.id).where(table.c.org_id == org_id, table.c.id.between(low, high)).order_by(table.c.id).limit(limit)
    )
    return list(rows)


def _id_of(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

"""Statements that find ids by how they begin or end, for people who type them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Text, cast, func, select

from lontara_server.storage.models import ActivityEntry, Base, Conflict, Device, Objection, Quarantine, table_of

TABLES: Final[dict[str, type[Base]]] = {
    "conflict": Conflict,
    "device": Device,
    "entry": ActivityEntry,
    "objection": Objection,
    "quarantine": Quarantine,
}
DIGITS: Final = 32


def ids_beginning(connection: Connection, org_id: int, kind: str, digits: str, limit: int) -> list[str]:
    """Return ids of this kind that begin with these hex digits (without hyphens), in order."""
    table = table_of(TABLES[kind])
    low, high = (_id_of(digits.ljust(DIGITS, fill)) for fill in "0f")
    rows = connection.scalars(
        select(table.c.id).where(table.c.org_id == org_id, table.c.id.between(low, high)).order_by(table.c.id).limit(limit)
    )
    return list(rows)


def ids_ending(connection: Connection, org_id: int, kind: str, digits: str, limit: int) -> list[str]:
    """Return ids of this kind that end with these hex digits (without hyphens), in order."""
    table = table_of(TABLES[kind])
    if connection.dialect.name == "postgresql":
        text = func.replace(cast(table.c.id, Text), "-", "")
    else:
        text = func.lower(func.hex(table.c.id))
    rows = connection.scalars(
        select(table.c.id).where(table.c.org_id == org_id, text.like(f"%{digits}")).order_by(table.c.id).limit(limit)
    )
    return list(rows)


def _id_of(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

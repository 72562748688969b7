"""Statements that carry a whole server's rows from one database to another, and tell whether both hold the same.

Every table is carried, one org after the other; no column is looked at for its meaning.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, Table, insert, select, text

from lontara_server.storage.models import Base, Org, ServerIdentity

__all__ = ["Fingerprint", "Part", "add_rows", "fingerprint", "is_empty", "parts_of", "refresh_statistics", "rows_of"]

ROWS_AT_A_TIME: Final = 1000
_DIGEST_BITS: Final = 256


@dataclass(frozen=True)
class Part:
    """One org's rows of one table; `org_id` is None for what is the whole server's."""

    table: str
    org_id: int | None


@dataclass(frozen=True)
class Fingerprint:
    """How many rows a part has, and a sum over the hashes of its rows, which no engine's order of rows changes."""

    rows: int
    digest: str


def parts_of(connection: Connection) -> list[Part]:
    """Every part of this server, in the order of orgs and tables."""
    tables = sorted(Base.metadata.tables)
    orgs = connection.scalars(select(Org.org_id).order_by(Org.org_id)).all()
    whole = [Part(name, None) for name in tables if "org_id" not in _table(name).columns]
    return [*whole, *(Part(name, org_id) for org_id in orgs for name in tables if Part(name, None) not in whole)]


def is_empty(connection: Connection) -> bool:
    """Whether no server has been set up in this database."""
    return all(connection.execute(select(model).limit(1)).first() is None for model in (ServerIdentity, Org))


def rows_of(connection: Connection, part: Part) -> Iterator[list[dict[str, Any]]]:
    """Yield the part's rows, some at a time."""
    table = _table(part.table)
    query = select(table) if part.org_id is None else select(table).where(table.c.org_id == part.org_id)
    found = connection.execute(query.execution_options(yield_per=ROWS_AT_A_TIME))
    for some in found.mappings().partitions():
        yield [dict(row) for row in some]


def add_rows(connection: Connection, part: Part, rows: list[dict[str, Any]]) -> None:
    """Write rows of a part as they were read."""
    connection.execute(insert(_table(part.table)), rows)


def fingerprint(connection: Connection, part: Part) -> Fingerprint:
    """What the part holds, told in few bytes: equal for equal rows on every engine."""
    count, total = 0, 0
    for rows in rows_of(connection, part):
        count += len(rows)
        for row in rows:
            packed = msgspec.msgpack.encode([row[name] for name in sorted(row)])
            total += int.from_bytes(hashlib.sha256(packed).digest(), "big")
    return Fingerprint(count, f"{total % 2**_DIGEST_BITS:064x}")


def refresh_statistics(engine: Engine) -> None:
    """Let the database look at its new rows, so that its plans are good from the first request on."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _table(name: str) -> Table:
    return Base.metadata.tables[name]

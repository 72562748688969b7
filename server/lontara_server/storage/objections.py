"""Statements for objections to scores. Who may object, and what is decided, lies elsewhere.

New and changed objections that the server itself writes go through its log (`people.insert_records`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.dialects.postgresql import insert as upsert

from lontara_server.storage.models import Objection, table_of
from lontara_server.storage.prepared import Prepared

OPEN: Final = "open"


@dataclass(frozen=True)
class ObjectionRow:
    """An objection as it is stored; `comments` is a JSON list of {by, at, text}."""

    id: str
    revision: int
    voided: bool
    owner: str
    period: str
    text: str
    state: str
    value_before: str | None
    value_after: str | None
    correction: str | None
    answer: str | None
    comments: str | None
    opened_at: int
    opened_by: str
    decided_at: int | None
    decided_by: str | None

    @property
    def said(self) -> list[dict[str, Any]]:
        """What was said to it, the oldest first."""
        held: list[dict[str, Any]] = json.loads(self.comments or "[]")
        return held


_ROW: Final = tuple(getattr(Objection, each.name) for each in fields(ObjectionRow))


def objection_of(connection: Connection, org_id: int, objection: str) -> ObjectionRow | None:
    """Return one objection."""
    row = connection.execute(select(*_ROW).where(Objection.org_id == org_id, Objection.id == objection)).first()
    return None if row is None else _read(row)


def objections_of(connection: Connection, org_id: int, owner: str, period: str | None = None) -> list[ObjectionRow]:
    """Return a person's objections, of one month or of all, the newest first."""
    query = select(*_ROW).where(Objection.org_id == org_id, Objection.owner == owner)
    if period is not None:
        query = query.where(Objection.period == period)
    return list(map(_read, connection.execute(query.order_by(Objection.opened_at.desc(), Objection.id.desc()))))


def objections_in(connection: Connection, org_id: int, states: Collection[str]) -> list[ObjectionRow]:
    """Return everybody's objections in these states, the newest first."""
    rows = connection.execute(
        select(*_ROW)
        .where(Objection.org_id == org_id, Objection.state.in_(sorted(states)))
        .order_by(Objection.opened_at.desc(), Objection.id.desc())
    )
    return list(map(_read, rows))


_written = upsert(Objection).values({column.name: bindparam(column.name) for column in table_of(Objection).columns})
_write = Prepared(
    _written.on_conflict_do_update(
        index_elements=("org_id", "id"),
        set_={
            column.name: _written.excluded[column.name]
            for column in table_of(Objection).columns
            if not column.primary_key
        },
    )
)


def write_objection(connection: Connection, org_id: int, row: ObjectionRow) -> None:
    """Write an objection that a device's operation has made or withdrawn."""
    _write.run_rows(connection, ("org_id", *vars(row)), [(org_id, *vars(row).values())])


def _read(row: Row[Any]) -> ObjectionRow:
    return ObjectionRow(*tuple(row))

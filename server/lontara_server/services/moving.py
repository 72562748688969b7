"""A whole server moves to another database: same ids, revisions, feed and chain heads, proven before it counts.

All or nothing: the new database holds everything and was compared row by row, or it holds no server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lontara_core.problems import Problem
from lontara_server.services.verification import verify_org
from lontara_server.storage import copying
from lontara_server.storage.copying import Part
from lontara_server.storage.engine import Connection, Engine, snapshot, transaction
from lontara_server.storage.orgs import all_orgs
from lontara_server.storage.schema import upgrade


@dataclass
class Moved:
    """What was carried: rows by table, and per org where its feed ends. `faults` were there before the move as well."""

    tables: dict[str, int] = field(default_factory=dict)
    orgs: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        return sum(self.tables.values())

    def document(self) -> dict[str, Any]:
        return {"rows": self.row_count, "tables": self.tables, "orgs": self.orgs, "faults": self.faults}


def copy_server(source: Engine, target: Engine, told: Callable[[int, int], None] = lambda done, of: None) -> Moved:
    """Carry every row from `source` into the empty `target`, then compare both and replay the signed logs there.

    `told` hears how many parts of how many are done. The source is only read; what is written to it afterwards is not
    in the copy. Raises Problem target_not_empty, copy_differs; then the target holds no server.
    """
    if source.url == target.url:
        raise _not_empty()
    upgrade(target)
    moved = Moved()
    with snapshot(source) as reading, transaction(target) as writing:
        if not copying.is_empty(writing):
            raise _not_empty()
        parts = copying.parts_of(reading)
        for number, part in enumerate(parts, start=1):
            moved.tables[part.table] = moved.tables.get(part.table, 0) + _carry(reading, writing, part)
            told(number, len(parts))
        if parts != copying.parts_of(writing):
            raise _differs("org", None)
        _verify(writing, moved)
    copying.refresh_statistics(target)
    return moved


def _carry(reading: Connection, writing: Connection, part: Part) -> int:
    for rows in copying.rows_of(reading, part):
        copying.add_rows(writing, part, rows)
    found = copying.fingerprint(writing, part)
    if found != copying.fingerprint(reading, part):
        raise _differs(part.table, part.org_id)
    return found.rows


def _verify(writing: Connection, moved: Moved) -> None:
    for org in all_orgs(writing):
        checked = verify_org(writing, org.org_id)
        moved.orgs.append(
            {"org": org.code, "feed_seq": org.last_seq, "logs": checked.logs, "operations": checked.operations}
        )
        moved.faults += [f"{org.code}: {fault}" for fault in checked.faults]


def _not_empty() -> Problem:
    return Problem(
        "target_not_empty",
        "The database to copy to holds a server already. Nothing was changed.",
        {},
        "Name an empty database; nothing is ever copied over another server.",
    )


def _differs(table: str, org_id: int | None) -> Problem:
    return Problem(
        "copy_differs",
        f"What arrived in {table} is not what was sent. Nothing was kept of the copy.",
        {"table": table, "org_id": org_id},
        "See that the target stores text as UTF-8, then copy again.",
    )

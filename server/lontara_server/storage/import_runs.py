"""Statements for import runs: which file was read when and by whom, with what it came to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from lontara_server.storage.models import ImportRun


@dataclass(frozen=True)
class ImportRunRow:
    """One import of a file or a push; `outcome` is JSON, `at` ms since 1970 UTC."""

    id: str
    kind: str
    file_name: str | None
    sha256: str
    at: int
    by: str
    outcome: str


_RUN = (
    ImportRun.id, ImportRun.kind, ImportRun.file_name, ImportRun.sha256, ImportRun.at, ImportRun.by, ImportRun.outcome,
)  # fmt: skip


def add_import_run(connection: Connection, org_id: int, row: ImportRunRow) -> None:
    """Write that a file was read."""
    connection.execute(insert(ImportRun).values(org_id=org_id, **vars(row)))


def last_run_of_file(connection: Connection, org_id: int, kind: str, sha256: str) -> ImportRunRow | None:
    """Return the latest import of exactly this file."""
    row = connection.execute(
        select(*_RUN)
        .where(ImportRun.org_id == org_id, ImportRun.kind == kind, ImportRun.sha256 == sha256)
        .order_by(ImportRun.at.desc(), ImportRun.id.desc())
        .limit(1)
    ).first()
    return None if row is None else ImportRunRow(*row)

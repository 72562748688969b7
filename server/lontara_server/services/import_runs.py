"""Remembering each file that was imported, with its hash and what it came to: the same file again is told so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lontara_core.canonical import encode, sha256_hex
from lontara_core.identifiers import derived_id
from lontara_server.storage.engine import Connection
from lontara_server.storage.import_runs import ImportRunRow, add_import_run, last_run_of_file


@dataclass(frozen=True)
class SourceFile:
    """A file as it came: its bytes, and what it was called there."""

    content: bytes
    name: str

    @property
    def sha256(self) -> str:
        return sha256_hex(self.content)


def imported_before(connection: Connection, org_id: int, kind: str, file: SourceFile) -> ImportRunRow | None:
    """The latest import of the very same file."""
    return last_run_of_file(connection, org_id, kind, file.sha256)


def remember_import(
    connection: Connection, org_id: int, kind: str, file: SourceFile, outcome: Mapping[str, Any], *, by: str, now_ms: int
) -> str:
    """Write the import down; returns its id, for rows that say which import brought them."""
    last = imported_before(connection, org_id, kind, file)
    named = {"after": None if last is None else last.id, "by": by, "kind": kind, "sha256": file.sha256}
    run = derived_id(now_ms, encode(named))
    text = encode(dict(outcome)).decode()
    add_import_run(connection, org_id, ImportRunRow(run, kind, file.name, file.sha256, now_ms, by, text))
    return run

"""Statements for files that wait to be looked at before they are imported. No rule lives here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from lontara_server.storage.models import ImportUpload

__all__ = ["Connection", "UploadRow", "add_upload", "remove_upload", "remove_uploads_before", "upload_of"]

_COLUMNS = (
    ImportUpload.id, ImportUpload.kind, ImportUpload.file_name, ImportUpload.content, ImportUpload.by, ImportUpload.at
)  # fmt: skip


@dataclass(frozen=True)
class UploadRow:
    """A file that waits. `at` in ms since 1970 UTC."""

    id: str
    kind: str
    file_name: str
    content: bytes
    by: str
    at: int


def add_upload(connection: Connection, org_id: int, row: UploadRow) -> None:
    """Keep a file."""
    connection.execute(insert(ImportUpload).values(org_id=org_id, **vars(row)))


def upload_of(connection: Connection, org_id: int, upload: str) -> UploadRow | None:
    """Return one file that waits."""
    row = connection.execute(
        select(*_COLUMNS).where(ImportUpload.org_id == org_id, ImportUpload.id == upload)
    ).first()  # fmt: skip
    return None if row is None else UploadRow(*row)


def remove_upload(connection: Connection, org_id: int, upload: str) -> None:
    """Remove a file that waits no longer."""
    connection.execute(delete(ImportUpload).where(ImportUpload.org_id == org_id, ImportUpload.id == upload))


def remove_uploads_before(connection: Connection, org_id: int, at: int) -> None:
    """Remove the files that came before a moment (ms since 1970 UTC)."""
    connection.execute(delete(ImportUpload).where(ImportUpload.org_id == org_id, ImportUpload.at < at))

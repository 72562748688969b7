"""Files that somebody uploads in the console: kept until they have been looked at, then imported or dropped.

What a file of a kind would do, and who may import it, is known where the kind is imported.
"""

from __future__ import annotations

from typing import Final

from lontara_core.canonical import encode, tidy_text
from lontara_core.identifiers import derived_id, is_id
from lontara_core.problems import Problem
from lontara_server.services.import_runs import SourceFile
from lontara_server.storage import import_uploads as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.import_uploads import UploadRow

FILE_BYTES_MAX: Final = 16 * 1024 * 1024
_KEPT_MS: Final = 6 * 60 * 60 * 1000
_NAME_LENGTH_MAX: Final = 200


def keep_upload(connection: Connection, org_id: int, kind: str, file: SourceFile, *, by: str, now_ms: int) -> str:
    """Keep a file, and drop those that nobody has come back to; returns its id."""
    store.remove_uploads_before(connection, org_id, now_ms - _KEPT_MS)
    name = tidy_text(file.name)[-_NAME_LENGTH_MAX:] or "-"
    upload = derived_id(now_ms, encode({"by": by, "kind": kind, "name": name, "sha256": file.sha256}))
    if store.upload_of(connection, org_id, upload) is None:
        store.add_upload(connection, org_id, UploadRow(upload, kind, name, file.content, by, now_ms))
    return upload


def kept_upload(connection: Connection, org_id: int, kind: str, upload: str) -> SourceFile:
    """The file of this kind that was kept under this id. Raises Problem not_found."""
    row = store.upload_of(connection, org_id, upload) if is_id(upload) else None
    if row is None or row.kind != kind:
        raise Problem(
            "not_found",
            "The file is no longer here. Nothing was changed.",
            {"id": upload},
            "Upload it again.",
        )
    return SourceFile(row.content, row.file_name)


def drop_upload(connection: Connection, org_id: int, upload: str) -> None:
    """Forget a file that was imported."""
    store.remove_upload(connection, org_id, upload)

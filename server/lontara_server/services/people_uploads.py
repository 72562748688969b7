"""Files of people that somebody uploads in the console: kept until they have been looked at, then imported or dropped.

An import of people is for the whole org: an account that is bound to a unit may not. What is imported is exactly what
was looked at, or it is shown again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from lontara_core.canonical import encode, sha256_hex, tidy_text
from lontara_core.identifiers import derived_id, is_id
from lontara_core.problems import Problem
from lontara_server.services.access import Viewer
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.mappings import list_presets
from lontara_server.services.people_changes import Imported, ImportOptions
from lontara_server.services.people_import import KIND, import_people
from lontara_server.services.table_file import read_table
from lontara_server.storage import import_uploads as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.import_uploads import UploadRow

FILE_BYTES_MAX: Final = 16 * 1024 * 1024
KEPT_MS: Final = 6 * 60 * 60 * 1000
NAME_LENGTH_MAX: Final = 200


@dataclass(frozen=True)
class Preview:
    """What the import would do. `seen` names exactly this, for who confirms it."""

    upload: str
    file_name: str
    done: Imported
    seen: str


def mappings_for(connection: Connection, org_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """The saved mappings for files of people. Raises Problem not_permitted."""
    _check_whole_org(viewer)
    return list_presets(connection, org_id, KIND)


def upload_for(connection: Connection, org_id: int, viewer: Viewer, file: SourceFile, now_ms: int) -> str:
    """Keep a file that can be read as a table; returns its id. Raises Problem not_permitted, import_refused."""
    _check_whole_org(viewer)
    read_table(file.content, file.name)
    store.remove_uploads_before(connection, org_id, now_ms - KEPT_MS)
    name = tidy_text(file.name)[-NAME_LENGTH_MAX:] or "-"
    upload = derived_id(now_ms, encode({"by": viewer.login, "name": name, "sha256": file.sha256}))
    if store.upload_of(connection, org_id, upload) is None:
        store.add_upload(connection, org_id, UploadRow(upload, KIND, name, file.content, viewer.login, now_ms))
    return upload


def preview_for(
    connection: Connection, org_id: int, viewer: Viewer, upload: str, options: ImportOptions, now_ms: int
) -> Preview:
    """What importing the file would do; nothing is written. Raises Problem not_found, not_permitted, import_refused."""
    row = _row(connection, org_id, viewer, upload)
    done = import_people(
        connection, org_id, _file(row), replace(options, dry_run=True), by=viewer.login, now_ms=now_ms
    )  # fmt: skip
    told = encode({"options": [str(each) for each in vars(options).values()], **done.document(with_changes=True)})
    return Preview(upload, row.file_name, done, sha256_hex(told))


def confirm_for(
    connection: Connection, org_id: int, viewer: Viewer, upload: str, options: ImportOptions, seen: str, now_ms: int
) -> Imported | Preview:
    """Import the file as it was looked at; where that would do something else by now, the new preview instead.

    Raises Problem not_found, not_permitted, import_refused, too_many_deactivated.
    """
    preview = preview_for(connection, org_id, viewer, upload, options, now_ms)
    if preview.seen != seen:
        return preview
    row = _row(connection, org_id, viewer, upload)
    done = import_people(
        connection, org_id, _file(row), replace(options, dry_run=False), by=viewer.login, now_ms=now_ms
    )  # fmt: skip
    store.remove_upload(connection, org_id, upload)
    return done


def _row(connection: Connection, org_id: int, viewer: Viewer, upload: str) -> UploadRow:
    _check_whole_org(viewer)
    row = store.upload_of(connection, org_id, upload) if is_id(upload) else None
    if row is None or row.kind != KIND:
        raise Problem(
            "not_found",
            "The file is no longer here. Nothing was changed.",
            {"id": upload},
            "Upload it again.",
        )
    return row


def _file(row: UploadRow) -> SourceFile:
    return SourceFile(row.content, row.file_name)


def _check_whole_org(viewer: Viewer) -> None:
    if viewer.units is not None or viewer.people is not None:
        raise Problem(
            "not_permitted",
            "An account that is bound to a unit may not import people of the whole org. Nothing was changed.",
            {"role": viewer.role},
            "Ask an admin.",
        )

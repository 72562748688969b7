"""Files of people that somebody uploads in the console: what importing them would do, and the import.

An import of people is for the whole org: an account that is bound to a unit may not. What is imported is exactly what
was looked at, or it is shown again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lontara_core.canonical import encode, sha256_hex
from lontara_core.problems import Problem
from lontara_server.services.access import Viewer
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.mappings import list_presets
from lontara_server.services.people_changes import Imported, ImportOptions
from lontara_server.services.people_import import KIND, import_people
from lontara_server.services.table_file import read_table
from lontara_server.services.uploads import drop_upload, keep_upload, kept_upload
from lontara_server.storage.engine import Connection


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
    return keep_upload(connection, org_id, KIND, file, by=viewer.login, now_ms=now_ms)


def preview_for(
    connection: Connection, org_id: int, viewer: Viewer, upload: str, options: ImportOptions, now_ms: int
) -> Preview:
    """What importing the file would do; nothing is written. Raises Problem not_found, not_permitted, import_refused."""
    file = _file(connection, org_id, viewer, upload)
    done = import_people(
        connection, org_id, file, replace(options, dry_run=True), by=viewer.login, now_ms=now_ms
    )  # fmt: skip
    told = encode({"options": [str(each) for each in vars(options).values()], **done.document(with_changes=True)})
    return Preview(upload, file.name, done, sha256_hex(told))


def confirm_for(
    connection: Connection, org_id: int, viewer: Viewer, upload: str, options: ImportOptions, seen: str, now_ms: int
) -> Imported | Preview:
    """Import the file as it was looked at; where that would do something else by now, the new preview instead.

    Raises Problem not_found, not_permitted, import_refused, too_many_deactivated.
    """
    preview = preview_for(connection, org_id, viewer, upload, options, now_ms)
    if preview.seen != seen:
        return preview
    file = _file(connection, org_id, viewer, upload)
    done = import_people(
        connection, org_id, file, replace(options, dry_run=False), by=viewer.login, now_ms=now_ms
    )  # fmt: skip
    drop_upload(connection, org_id, upload)
    return done


def _file(connection: Connection, org_id: int, viewer: Viewer, upload: str) -> SourceFile:
    _check_whole_org(viewer)
    return kept_upload(connection, org_id, KIND, upload)


def _check_whole_org(viewer: Viewer) -> None:
    if viewer.units is not None or viewer.people is not None:
        raise Problem(
            "not_permitted",
            "An account that is bound to a unit may not import people of the whole org. Nothing was changed.",
            {"role": viewer.role},
            "Ask an admin.",
        )

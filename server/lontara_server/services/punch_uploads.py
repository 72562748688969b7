"""Files of punches that somebody uploads in the console: what taking them in would do, and the import.

Punches are of the whole org: an account that is bound to a unit may not take them in. What is taken in is exactly what
was looked at, or it is shown again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lontara_core.canonical import encode, sha256_hex
from lontara_core.problems import Problem
from lontara_server.services.access import Viewer
from lontara_server.services.attendance_import import ATTLOG, FORMATS, KIND, ImportedPunches, import_punches
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.mappings import list_presets
from lontara_server.services.uploads import drop_upload, keep_upload, kept_upload
from lontara_server.storage.engine import Connection

_FORM_OF_ENDING: Final = {"dat": "attlog", "txt": "attlog", "log": "attlog", "xml": "xml"}


@dataclass(frozen=True)
class PunchOptions:
    """How a file is read. form: one of FORMATS; empty: as its name ends. mapping: a saved mapping of columns."""

    form: str = ""
    mapping: str | None = None

    def form_of(self, file_name: str) -> str:
        if self.form in FORMATS:
            return self.form
        return _FORM_OF_ENDING.get(file_name.rpartition(".")[2].lower(), "csv")


@dataclass(frozen=True)
class PunchPreview:
    """What the import would do. `seen` names exactly this, for who confirms it."""

    upload: str
    file_name: str
    form: str
    done: ImportedPunches
    seen: str


def mappings_for(connection: Connection, org_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """The saved mappings for files of punches. Raises Problem not_permitted."""
    _check_whole_org(viewer)
    return [*list_presets(connection, org_id, ATTLOG), *list_presets(connection, org_id, KIND)]


def upload_for(connection: Connection, org_id: int, viewer: Viewer, file: SourceFile, now_ms: int) -> str:
    """Keep a file; returns its id. Raises Problem not_permitted."""
    _check_whole_org(viewer)
    return keep_upload(connection, org_id, KIND, file, by=viewer.login, now_ms=now_ms)


def preview_for(
    connection: Connection, org_id: int, viewer: Viewer, upload: str, options: PunchOptions, now_ms: int
) -> PunchPreview:
    """What taking the file in would do; nothing is written. Raises what `import_punches` does, not_found, not_permitted."""
    file = _file(connection, org_id, viewer, upload)
    done = _run(connection, org_id, viewer, file, options, now_ms, dry_run=True)
    form = options.form_of(file.name)
    told = encode({"form": form, "mapping": options.mapping, **done.document()})
    return PunchPreview(upload, file.name, form, done, sha256_hex(told))


def confirm_for(
    connection: Connection, org_id: int, viewer: Viewer, upload: str, options: PunchOptions, seen: str, now_ms: int
) -> ImportedPunches | PunchPreview:
    """Take the file in as it was looked at; where that would do something else by now, the new preview instead."""
    preview = preview_for(connection, org_id, viewer, upload, options, now_ms)
    if preview.seen != seen:
        return preview
    file = _file(connection, org_id, viewer, upload)
    done = _run(connection, org_id, viewer, file, options, now_ms, dry_run=False)
    drop_upload(connection, org_id, upload)
    return done


def _run(
    connection: Connection, org_id: int, viewer: Viewer, file: SourceFile, options: PunchOptions, now_ms: int, *,
    dry_run: bool,
) -> ImportedPunches:  # fmt: skip
    return import_punches(
        connection, org_id, file, options.form_of(file.name), by=viewer.login, now_ms=now_ms,
        mapping=options.mapping, dry_run=dry_run,
    )  # fmt: skip


def _file(connection: Connection, org_id: int, viewer: Viewer, upload: str) -> SourceFile:
    _check_whole_org(viewer)
    return kept_upload(connection, org_id, KIND, upload)


def _check_whole_org(viewer: Viewer) -> None:
    if viewer.units is not None or viewer.people is not None:
        raise Problem(
            "not_permitted",
            "An account that is bound to a unit may not import attendance of the whole org. Nothing was changed.",
            {"role": viewer.role},
            "Ask an admin.",
        )

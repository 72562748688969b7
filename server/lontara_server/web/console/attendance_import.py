"""Pages that import punches: a file is uploaded, looked at as what it would change, and only then taken in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, make_response, redirect, request, url_for

from lontara_core.problems import Problem
from lontara_server.services import punch_uploads
from lontara_server.services.attendance_import import FORMATS
from lontara_server.services.file_faults import Fault
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.punch_uploads import PunchOptions, PunchPreview
from lontara_server.services.uploads import FILE_BYTES_MAX
from lontara_server.web.console.pages import page, page_routes
from lontara_server.web.console.people_import import FAULTS_SHOWN, FORM_BYTES, refusal_words, told_faults
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

attendance_import_pages = page_routes("attendance_import", body_bytes_max=FILE_BYTES_MAX + FORM_BYTES)

PINS_SHOWN: Final = 50


@attendance_import_pages.get("/attendance/import")
@admits("attendance.machines")
def upload_form() -> Response:
    """Where a file is chosen."""
    return _form()


@attendance_import_pages.post("/attendance/import")
@admits("attendance.machines")
def upload() -> Response:
    """Keep the file and show what it would change."""
    asker, server = current_asker(), current_server()
    given = request.files.get("file")
    if given is None or not given.filename:
        return _form(no_file=True)
    file = SourceFile(given.read(), given.filename)
    with server.transaction() as connection:
        kept = punch_uploads.upload_for(connection, asker.org_id, asker.viewer, file, server.now_ms())
    form, mapping = (request.form.get(name) or None for name in ("format", "mapping"))
    # The word `format` is the command's; in an address it is kept.
    address = url_for("attendance_import.preview", upload=kept, format=form, mapping=mapping)
    return make_response(redirect(address, 303))


@attendance_import_pages.get("/attendance/import/<upload>")
@admits("attendance.machines")
def preview(upload: str) -> Response:
    """What the file would change, with every line that is no punch."""
    asker, server = current_asker(), current_server()
    options = _options(request.args)
    try:
        with server.transaction() as connection:
            shown = punch_uploads.preview_for(
                connection, asker.org_id, asker.viewer, upload, options, server.now_ms()
            )  # fmt: skip
    except Problem as problem:
        if problem.code not in ("import_refused", "file_too_large", "invalid_field"):
            raise
        return _form(problem=problem)
    return _preview(shown, options)


@attendance_import_pages.post("/attendance/import/<upload>")
@admits("attendance.machines")
def confirm(upload: str) -> Response:
    """Take in what was looked at; where that is something else by now, show it again."""
    asker, server = current_asker(), current_server()
    options, seen = _options(request.form), request.form.get("seen", "")
    with server.transaction() as connection:
        done = punch_uploads.confirm_for(
            connection, asker.org_id, asker.viewer, upload, options, seen, server.now_ms()
        )  # fmt: skip
    if isinstance(done, PunchPreview):
        return _preview(done, options, moved_on=True)
    return page("attendance_imported.html", done=done, **_left(done.unmapped_pins, done.errors))


def _form(*, no_file: bool = False, problem: Problem | None = None) -> Response:
    asker = current_asker()
    with current_server().transaction() as connection:
        mappings = punch_uploads.mappings_for(connection, asker.org_id, asker.viewer)
    return page(
        "attendance_import.html",
        status=400 if no_file else 200 if problem is None else problem.status,
        forms=FORMATS,
        form=request.values.get("format", ""),
        mappings=sorted({str(each["name"]) for each in mappings}),
        mapping=request.values.get("mapping", ""),
        no_file=no_file,
        problem_sentence=None if problem is None else refusal_words(problem),
        errors=[] if problem is None else told_faults(problem.facts.get("errors", [])),
    )


def _preview(shown: PunchPreview, options: PunchOptions, *, moved_on: bool = False) -> Response:
    return page(
        "attendance_preview.html",
        status=409 if moved_on else 200,
        shown=shown,
        done=shown.done,
        options=options,
        moved_on=moved_on,
        **_left(shown.done.unmapped_pins, shown.done.errors),
    )


def _left(pins: Mapping[str, int], errors: list[Fault]) -> dict[str, Any]:
    """PINs that are nobody's and lines that are no punch, as far as a page shows them."""
    ordered = sorted(pins.items(), key=lambda each: (-each[1], each[0]))
    return {
        "pins": ordered[:PINS_SHOWN],
        "hidden_pins": max(0, len(ordered) - PINS_SHOWN),
        "errors": told_faults([each.document() for each in errors[:FAULTS_SHOWN]]),
        "hidden_errors": max(0, len(errors) - FAULTS_SHOWN),
    }


def _options(given: Mapping[str, str]) -> PunchOptions:
    return PunchOptions(given.get("format", ""), given.get("mapping") or None)

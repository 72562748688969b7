"""Pages that import people: a file is uploaded, looked at as what it would change, and only then imported."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask import Response, make_response, redirect, request, url_for

from lontara_core.fault_words import FAULTS, fault_words
from lontara_core.problem_sentences import MESSAGES, in_indonesian
from lontara_core.problems import Problem
from lontara_server.services import people_uploads
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people_changes import THRESHOLD_PERCENT, ImportOptions
from lontara_server.services.people_uploads import Preview
from lontara_server.services.uploads import FILE_BYTES_MAX
from lontara_server.web.console.pages import language, page, page_routes, problem_words
from lontara_server.web.permissions import admits
from lontara_server.web.server import current_server
from lontara_server.web.sessions import current_asker

# The form's own fields beside the file.
FORM_BYTES: Final = 65_536
people_import_pages = page_routes("people_import", body_bytes_max=FILE_BYTES_MAX + FORM_BYTES)

CHANGES_SHOWN: Final = 100
FAULTS_SHOWN: Final = 50


@people_import_pages.get("/people/import")
@admits("people.import")
def upload_form() -> Response:
    """Where a file is chosen."""
    return _form()


@people_import_pages.post("/people/import")
@admits("people.import")
def upload() -> Response:
    """Keep the file and show what it would change."""
    asker, server = current_asker(), current_server()
    given = request.files.get("file")
    if given is None or not given.filename:
        return _form(no_file=True)
    file = SourceFile(given.read(), given.filename)
    try:
        with server.transaction() as connection:
            kept = people_uploads.upload_for(connection, asker.org_id, asker.viewer, file, server.now_ms())
    except Problem as problem:
        if problem.code not in ("import_refused", "file_too_large"):
            raise
        return _form(problem=problem)
    mapping, complete = (request.form.get(name) or None for name in ("mapping", "complete"))
    return make_response(
        redirect(url_for("people_import.preview", upload=kept, mapping=mapping, complete=complete), 303)
    )


@people_import_pages.get("/people/import/<upload>")
@admits("people.import")
def preview(upload: str) -> Response:
    """What the file would change, with every fault by row and cell."""
    asker, server = current_asker(), current_server()
    options = _options(request.args)
    try:
        with server.transaction() as connection:
            shown = people_uploads.preview_for(
                connection, asker.org_id, asker.viewer, upload, options, server.now_ms()
            )  # fmt: skip
    except Problem as problem:
        if problem.code != "import_refused":
            raise
        return _form(problem=problem)
    return _preview(shown, options)


@people_import_pages.post("/people/import/<upload>")
@admits("people.import")
def confirm(upload: str) -> Response:
    """Import what was looked at; where that is something else by now, show it again."""
    asker, server = current_asker(), current_server()
    options, seen = _options(request.form), request.form.get("seen", "")
    with server.transaction() as connection:
        done = people_uploads.confirm_for(
            connection, asker.org_id, asker.viewer, upload, options, seen, server.now_ms()
        )  # fmt: skip
    if isinstance(done, Preview):
        return _preview(done, options, moved_on=True)
    return page("people_imported.html", done=done)


def _form(*, no_file: bool = False, problem: Problem | None = None) -> Response:
    asker = current_asker()
    with current_server().transaction() as connection:
        mappings = people_uploads.mappings_for(connection, asker.org_id, asker.viewer)
    return page(
        "people_import.html",
        status=400 if no_file else 200 if problem is None else problem.status,
        mappings=[each["name"] for each in mappings],
        mapping=request.values.get("mapping", ""),
        no_file=no_file,
        problem_sentence=None if problem is None else refusal_words(problem),
        faults=[] if problem is None else told_faults(problem.facts.get("errors", [])),
    )


def _preview(shown: Preview, options: ImportOptions, *, moved_on: bool = False) -> Response:
    done = shown.done
    stopped = done.is_over_threshold
    return page(
        "people_preview.html",
        status=409 if moved_on else 200,
        shown=shown,
        done=done,
        options=options,
        moved_on=moved_on,
        stopped=stopped,
        may_import=not stopped and bool(done.changes) and (not done.errors or options.skip_faulty),
        changes=[each.document() for each in done.changes[:CHANGES_SHOWN]],
        hidden_changes=max(0, len(done.changes) - CHANGES_SHOWN),
        errors=told_faults([each.document() for each in done.errors[:FAULTS_SHOWN]]),
        hidden_errors=max(0, len(done.errors) - FAULTS_SHOWN),
        warnings=told_faults([each.document() for each in done.warnings[:FAULTS_SHOWN]]),
        hidden_warnings=max(0, len(done.warnings) - FAULTS_SHOWN),
    )


def refusal_words(problem: Problem) -> str:
    """Why a file was not taken, in this request's language."""
    spoken = language()
    told = problem.message if spoken == "en" else in_indonesian(problem.message, MESSAGES, FAULTS) or ""
    return f"{problem_words(problem)} {told}"


def told_faults(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Faults of rows with why, in this request's language."""
    spoken = language()
    return [{**each, "why": fault_words(str(each["why"]), spoken)} for each in documents]


def _options(given: Mapping[str, str]) -> ImportOptions:
    complete = given.get("complete") == "yes"
    return ImportOptions(
        mapping=given.get("mapping") or None,
        complete=complete,
        threshold=_threshold(given.get("threshold", "")),
        skip_faulty=given.get("skip") == "yes" and not complete,
    )


def _threshold(text: str) -> Decimal:
    try:
        percent = Decimal(text.replace(",", ".").strip() or THRESHOLD_PERCENT)
    except InvalidOperation:
        return THRESHOLD_PERCENT
    return percent if percent.is_finite() and 0 <= percent <= 100 else THRESHOLD_PERCENT

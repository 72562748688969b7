"""What every page of the console shares: rendering in a language, protective headers, and problems as pages."""

from __future__ import annotations

from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from lontara_core.problems import Problem
from lontara_server.config import Language
from lontara_server.services.paging import PAGE_DIGITS_MAX
from lontara_server.web.console import formats
from lontara_server.web.console.words import WORDS, say
from lontara_server.web.problems import http_answer, problem_of
from lontara_server.web.sessions import asker_if_any

LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")
LANGUAGE_COOKIE: Final = "lontara-lang"
FORM_BYTES_MAX: Final = 131_072
_YEAR_SECONDS: Final = 365 * 24 * 3600
# No inline script or style, nothing from elsewhere, and no other site may frame a page.
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
KNOWN_FIELDS: Final = frozenset(key.removeprefix("field.") for key in WORDS if key.startswith("field."))
_TYPED: Final = ("reason", "note", "text")


def page_routes(name: str, *, body_bytes_max: int = FORM_BYTES_MAX) -> Blueprint:
    """A blueprint whose answers are pages: its problems too, and every answer with the protective headers."""
    routes = Blueprint(name, "lontara_server.web")
    routes.register_error_handler(Problem, _problem_page)
    routes.register_error_handler(HTTPException, _failure_page)
    routes.url_value_preprocessor(partial(_bound_form, body_bytes_max))
    routes.after_request(_protect)
    return routes


def _bound_form(bytes_max: int, _endpoint: str | None, _values: dict[str, Any] | None) -> None:
    request.max_content_length = bytes_max


def not_found(error: HTTPException) -> Response:
    """What lies at no address: a page for who reads pages, a problem for programs."""
    if request.path.startswith("/v1/") or not request.accept_mimetypes.accept_html:
        return http_answer(error)
    return _protect(_problem_page(Problem("not_found", "There is nothing at this address.", {}, "Check the address.")))


def language() -> Language:
    """The language of this request: asked for in the address, else kept from before, else Indonesian."""
    wishes = (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE))
    return next((known for wish in wishes for known in LANGUAGES if known == wish), LANGUAGES[0])


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A rendered page."""
    spoken, asker = language(), asker_if_any()
    zone = asker.time_zone if asker is not None else "UTC"
    answer = make_response(
        render_template(
            template,
            asker=asker,
            f=formats,
            known_fields=KNOWN_FIELDS,
            lang=spoken,
            other_address=_in_other_language(spoken),
            moment=partial(formats.moment, zone=zone, language=spoken),
            moment_ms=partial(formats.moment_ms, zone=zone, language=spoken),
            t=partial(say, spoken),
            **values,
        ),
        status,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def page_number() -> int:
    """Which page of a long list is asked for; the first where it is not said in figures."""
    asked = request.args.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= PAGE_DIGITS_MAX else 1


def problem_words(problem: Problem) -> str:
    """What a person reads of a problem in this request's language."""
    key = f"problem.{problem.code}"
    if key not in WORDS:
        return problem.words(language())
    named = f"field.{problem.facts.get('field')}"
    return say(language(), key, field=say(language(), named) if named in WORDS else problem.message)


def _in_other_language(spoken: str) -> str:
    other = "id" if spoken == "en" else "en"
    # A page that answers a form has no address of its own to come back to.
    path = request.path if request.method == "GET" and request.endpoint else url_for("front.start")
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    return f"{path}?{urlencode({**kept, 'lang': other})}"


def _protect(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    wish = request.args.get("lang")
    if wish in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, wish, max_age=_YEAR_SECONDS, path="/", secure=request.is_secure, httponly=True,
            samesite="Lax",
        )  # fmt: skip
    return answer


def _problem_page(problem: Problem) -> Response:
    if problem.code == "sign_in_needed" and request.method == "GET":
        return make_response(redirect(url_for("front.sign_in_form", next=request.full_path.rstrip("?")), 303))
    return page(
        "problem.html", status=problem.status, code=problem.code, sentence=problem_words(problem), typed=_typed(),
        sign_in=problem.code == "sign_in_needed",
    )  # fmt: skip


def _failure_page(error: HTTPException) -> Response | HTTPException:
    return error if (error.code or 500) < 400 else _problem_page(problem_of(error))


def _typed() -> str:
    """What was written into the form, so that a refusal does not lose it."""
    try:
        return next((request.form[name] for name in _TYPED if request.form.get(name)), "")
    except HTTPException:
        # The form itself is what was refused: too large to be read.
        return ""

"""Problems over HTTP: `application/problem+json` with a stable code, in the same shape from every route."""

from __future__ import annotations

import logging
from typing import Final

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from lontara_core.problems import Problem

CONTENT_TYPE: Final = "application/problem+json"
_CODES: Final = {
    400: "malformed_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_encoding",
}
_log = logging.getLogger(__name__)


def answer_problems(app: Flask) -> None:
    """Answer every Problem, and every refusal of Flask's own, as a problem document."""
    app.register_error_handler(Problem, _problem_answer)
    app.register_error_handler(HTTPException, http_answer)


def problem_response(problem: Problem) -> Response:
    """The problem as an answer. `title` is what staff read, in the language that the request prefers."""
    language = request.accept_languages.best_match(["id", "en"], default="id")
    document = {
        "type": "about:blank",
        "title": problem.words(language or "id"),
        "status": problem.status,
        **problem.document(),
    }
    answer = Response(msgspec.json.encode(document), status=problem.status, content_type=CONTENT_TYPE)
    if problem.status in (429, 503):
        answer.headers["Retry-After"] = str(problem.facts.get("retry_after_seconds", 5))
    return answer


def _problem_answer(problem: Problem) -> Response:
    _log.info("refused with %s: %s %s", problem.code, request.method, request.path)
    return problem_response(problem)


def http_answer(error: HTTPException) -> Response:
    """A refusal of Flask's own as a problem document."""
    status = error.code or 500
    if status < 400:
        return Response(error.get_body(), status=status, headers=error.get_headers())
    answer = problem_response(problem_of(error))
    answer.headers.extend([(name, value) for name, value in error.get_headers() if name == "Allow"])
    return answer


def problem_of(error: HTTPException) -> Problem:
    """What a refusal or failure of the framework's own is called here."""
    status = error.code or 500
    if status >= 500:
        message = "The server has failed. What was not answered before is not lost on the device."
        return Problem("server_failed", message, {}, "Try again.", status=status)
    code = _CODES.get(status, "malformed_request")
    return Problem(code, str(error.description or error.name), {}, "Check the request.", status=status)

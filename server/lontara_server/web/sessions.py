"""The session of a request: its cookie, who asks, and that a form or call was sent by our own page.

Under TLS the cookies carry `__Host-`: no other host and no plain connection can set them.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flask import Response, g, request

from lontara_core.canonical import to_base64
from lontara_core.problems import Problem
from lontara_server.services.access import Viewer, viewer_of
from lontara_server.services.accounts import SESSION_MS, SignedIn, caller_of, sign_out
from lontara_server.services.orgs import org_named
from lontara_server.web.server import current_server

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "Lontara-Csrf"
SESSION_COOKIE: Final = "lontara"
FORM_COOKIE: Final = "lontara-form"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ORG_DIGITS_MAX: Final = 9


@dataclass(frozen=True)
class Asker:
    """Who asks in this request: org, bounds, and the token that its forms carry."""

    org_id: int
    org_name: str
    time_zone: str
    viewer: Viewer
    csrf: str


def load_asker() -> Asker:
    """Read the session behind the request's cookie and keep it for the request. Raises Problem sign_in_needed."""
    org_id, token = _session_cookie()
    server = current_server()
    with server.transaction() as connection:
        now_ms = server.now_ms()
        caller = caller_of(connection, org_id, token, secret=server.secret, now_ms=now_ms)
        org = org_named(connection, org_id)
        viewer = viewer_of(connection, org_id, caller.account, now_ms)
    asker = Asker(org_id, org.name, org.time_zone, viewer, caller.csrf)
    g.asker = asker
    return asker


def current_asker() -> Asker:
    """Who asks; only in routes that need a session."""
    asker = g.asker
    assert isinstance(asker, Asker)
    return asker


def asker_if_any() -> Asker | None:
    """Who asks, where the request has come that far."""
    asker: Asker | None = g.get("asker")
    return asker


def begin_session(answer: Response, org_id: int, session: SignedIn) -> None:
    """Give the browser the new session's cookie."""
    _set_cookie(answer, SESSION_COOKIE, f"{org_id}.{session.token}", SESSION_MS // 1000)


def end_session(answer: Response) -> None:
    """End the request's session on the server and in the browser."""
    org_id, token = _session_cookie()
    server = current_server()
    with server.transaction() as connection:
        sign_out(connection, org_id, token, secret=server.secret)
    _set_cookie(answer, SESSION_COOKIE, "", 0)


def check_unforged(asker: Asker) -> None:
    """Raise Problem form_expired unless a request that changes something comes from our own page."""
    if request.method in _SAFE:
        return
    check_origin()
    _check_token(asker.csrf)


def check_origin() -> None:
    """Raise Problem form_expired where the browser says that another site sent this."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != request.host):
        raise _form_expired()


def new_form_token(answer: Response | None = None) -> str:
    """The token of a form that is shown before there is a session; kept in a cookie of its own when `answer` is given."""
    known = request.cookies.get(_cookie_name(FORM_COOKIE), "")
    token = known or g.setdefault("form_token", to_base64(current_server().random_bytes(32)))
    if answer is not None and not known:
        _set_cookie(answer, FORM_COOKIE, token, SESSION_MS // 1000)
    return str(token)


def check_form_token() -> None:
    """Raise Problem form_expired unless the form carries the token that its browser was given."""
    check_origin()
    _check_token(request.cookies.get(_cookie_name(FORM_COOKIE), ""))


def _check_token(expected: str) -> None:
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not expected or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise _form_expired()


def _form_expired() -> Problem:
    return Problem(
        "form_expired",
        "The form did not come from a page of this session. Nothing was changed.",
        {},
        "Open the page again and send it once more.",
    )


def _session_cookie() -> tuple[int, str]:
    org, _, token = request.cookies.get(_cookie_name(SESSION_COOKIE), "").partition(".")
    if not (org.isascii() and org.isdecimal() and len(org) <= _ORG_DIGITS_MAX and token):
        raise Problem("sign_in_needed", "You are not signed in.", {}, "Sign in and do it again.")
    return int(org), token


def _cookie_name(name: str) -> str:
    return f"__Host-{name}" if request.is_secure else name


def _set_cookie(answer: Response, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        _cookie_name(name), value, max_age=seconds, path="/", secure=request.is_secure, httponly=True, samesite="Strict"
    )

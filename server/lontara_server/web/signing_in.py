"""Signing in, for the console's page and its API alike: which org is meant, and how often it may fail.

Whatever was wrong, the refusal reads the same and takes the same work.
"""

from __future__ import annotations

from typing import Final

from flask import current_app, request

from lontara_core.problems import Problem
from lontara_server.services.accounts import SignedIn, sign_in
from lontara_server.services.orgs import choose_org, orgs_of_server
from lontara_server.services.throttle import SignInThrottle
from lontara_server.web.server import current_server

_EXTENSION: Final = "lontara-sign-ins"
_LOGIN_MAX: Final = 80


def sign_in_asked(org: str | None, login: str, password: str) -> tuple[int, SignedIn]:
    """Begin a session in the org that is meant. Raises Problem sign_in_failed, too_many_requests, org_not_named."""
    server, throttle = current_server(), _throttle()
    now_ms = server.now_ms()
    # What a header claims of the caller's address is not counted by.
    counted, address = f"{org or ''}:{login.strip()[:_LOGIN_MAX]}".lower(), request.remote_addr or ""
    throttle.check(counted, address, now_ms)
    try:
        org_id = _org_asked(org)
        with server.transaction() as connection:
            session = sign_in(
                connection, org_id, login, password, secret=server.secret, now_ms=now_ms,
                random_bytes=server.random_bytes,
            )  # fmt: skip
    except Problem as problem:
        if problem.code == "sign_in_failed":
            throttle.failed(counted, address, now_ms)
        raise
    throttle.succeeded(counted, address)
    return org_id, session


def _org_asked(code: str | None) -> int:
    with current_server().transaction() as connection:
        orgs = orgs_of_server(connection)
    try:
        return choose_org(orgs, code).org_id
    except Problem as problem:
        if problem.code == "org_not_named":
            raise
        # Who asks for an org that is not there learns no more than who has a wrong password.
        raise Problem(
            "sign_in_failed", "Login or password is wrong.", {}, "Try again, or ask an admin for a new password."
        ) from problem


def _throttle() -> SignInThrottle:
    throttle = current_app.extensions.setdefault(_EXTENSION, SignInThrottle())
    assert isinstance(throttle, SignInThrottle)
    return throttle

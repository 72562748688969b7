"""User accounts and their web sessions: passwords by Argon2id, tokens kept only as a keyed hash.

Each function works in the transaction that it is given; a refusal to sign in says nothing of why.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from lontara_core.canonical import to_base64
from lontara_core.problems import Problem
from lontara_server.services.orgs import RandomBytes
from lontara_server.storage import accounts as store
from lontara_server.storage import people
from lontara_server.storage.accounts import AccountRow, SessionRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

ROLES: Final = ("admin", "supervisor", "auditor")
PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_LENGTH_MAX: Final = 200
SESSION_MS: Final = 12 * 60 * 60 * 1000
IDLE_MS: Final = 60 * 60 * 1000
# Written down at most this often, so that reading a page does not write on each request.
_TOUCH_MS: Final = 60 * 1000
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,79}\Z")

_hasher = PasswordHasher()
# Verified where the login is unknown, so that the time taken does not tell which logins exist. Nothing hashes to it.
_NOBODY: Final = (
    f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)


@dataclass(frozen=True)
class SignedIn:
    """A new session: `token` goes into the cookie and is kept nowhere; `csrf` goes into each form."""

    token: str
    csrf: str
    account: AccountRow


@dataclass(frozen=True)
class Caller:
    """Who asks in a session."""

    account: AccountRow
    csrf: str


def create_user(
    connection: Connection,
    org_id: int,
    *,
    login: str,
    password: str,
    role: str,
    by: str,
    now_ms: int,
    unit_code: str | None = None,
    nip: str | None = None,
) -> AccountRow:
    """Make an account. Raises Problem invalid_field, missing_field, not_found, already_exists."""
    _check_login(login, role)
    if store.account_of(connection, org_id, login) is not None:
        raise Problem(
            "already_exists",
            f"There is an account {login} already. Nothing was changed.",
            {"login": login},
            "Choose another login, or `lontara-server user passwd` for a new password.",
        )
    if role == "supervisor" and nip is None:
        raise Problem(
            "missing_field",
            "A supervisor's account says whose people it sees. Nothing was changed.",
            {"field": "nip", "role": role},
            "Add --nip with the NIP of the supervisor.",
        )
    row = AccountRow(
        login=login,
        password_hash=_hashed(password),
        role=role,
        employee_id=_employee(connection, org_id, nip),
        org_unit=_unit(connection, org_id, unit_code),
        active=True,
    )
    store.add_account(connection, org_id, row)
    add_audit(connection, org_id, "user.create", by=by, now_ms=now_ms, subject=login, facts={"role": role})
    return row


def change_password(connection: Connection, org_id: int, login: str, password: str, *, by: str, now_ms: int) -> None:
    """Give an account another password and end its sessions. Raises Problem not_found, invalid_field."""
    account_named(connection, org_id, login)
    store.set_password_hash(connection, org_id, login, _hashed(password))
    store.remove_sessions_of(connection, org_id, login)
    add_audit(connection, org_id, "user.passwd", by=by, now_ms=now_ms, subject=login)


def set_active(connection: Connection, org_id: int, login: str, *, active: bool, by: str, now_ms: int) -> None:
    """Open or close an account; closing ends its sessions. Raises Problem not_found."""
    account_named(connection, org_id, login)
    store.set_active(connection, org_id, login, active=active)
    if not active:
        store.remove_sessions_of(connection, org_id, login)
    action = "user.enable" if active else "user.disable"
    add_audit(connection, org_id, action, by=by, now_ms=now_ms, subject=login)


def list_accounts(connection: Connection, org_id: int) -> list[dict[str, Any]]:
    """Return every account in JSON types, by login, never with its password."""
    units = {unit.id: unit.code for unit in people.units_of(connection, org_id)}
    found = []
    for row in store.accounts_of(connection, org_id):
        person = None if row.employee_id is None else people.employee_of_id(connection, org_id, row.employee_id)
        found.append({
            "login": row.login, "role": row.role, "unit_code": units.get(row.org_unit or ""),
            "nip": None if person is None else person.nip, "full_name": None if person is None else person.full_name,
            "active": row.active,
        })  # fmt: skip
    return found


def account_named(connection: Connection, org_id: int, login: str) -> AccountRow:
    """Return the account with this login. Raises Problem not_found."""
    account = store.account_of(connection, org_id, login)
    if account is None:
        raise Problem(
            "not_found",
            f"There is no account {login}. Nothing was changed.",
            {"login": login},
            "`lontara-server user create` makes one.",
        )
    return account


def check_password(connection: Connection, org_id: int, login: str, password: str) -> AccountRow:
    """Return the account whose password this is. Raises Problem sign_in_failed, after the same work in each case."""
    account = store.account_of(connection, org_id, login.strip().lower())
    known = account.password_hash if account is not None else _NOBODY
    try:
        _hasher.verify(known, password[:PASSWORD_LENGTH_MAX])
    except (VerifyMismatchError, InvalidHashError) as error:
        raise _sign_in_failed() from error
    if account is None or not account.active:
        raise _sign_in_failed()
    if _hasher.check_needs_rehash(account.password_hash):
        store.set_password_hash(connection, org_id, account.login, _hasher.hash(password))
    return account


def sign_in(
    connection: Connection,
    org_id: int,
    login: str,
    password: str,
    *,
    secret: bytes,
    now_ms: int,
    random_bytes: RandomBytes,
) -> SignedIn:
    """Begin a session. Raises Problem sign_in_failed."""
    account = check_password(connection, org_id, login, password)
    token, csrf = to_base64(random_bytes(32)), to_base64(random_bytes(32))
    store.remove_expired_sessions(connection, org_id, now_ms)
    store.add_session(
        connection,
        org_id,
        _token_hash(token, secret),
        SessionRow(account.login, csrf, created_at=now_ms, seen_at=now_ms, expires_at=now_ms + SESSION_MS),
    )
    add_audit(connection, org_id, "session.begin", by=account.login, now_ms=now_ms)
    return SignedIn(token, csrf, account)


def caller_of(connection: Connection, org_id: int, token: str, *, secret: bytes, now_ms: int) -> Caller:
    """Who asks with this token. Raises Problem sign_in_needed where it is unknown, too old or was idle too long."""
    token_hash = _token_hash(token, secret)
    session = store.session_of(connection, org_id, token_hash)
    account = None if session is None else store.account_of(connection, org_id, session.login)
    if session is None or account is None or not account.active or not _is_live(session, now_ms):
        raise Problem("sign_in_needed", "You are not signed in.", {}, "Sign in and do it again.")
    if now_ms - session.seen_at >= _TOUCH_MS:
        store.touch_session(connection, org_id, token_hash, now_ms)
    return Caller(account, session.csrf)


def sign_out(connection: Connection, org_id: int, token: str, *, secret: bytes) -> None:
    """End a session; one that is not there is no fault."""
    store.remove_session(connection, org_id, _token_hash(token, secret))


def _is_live(session: SessionRow, now_ms: int) -> bool:
    return now_ms < session.expires_at and now_ms - session.seen_at < IDLE_MS


def _token_hash(token: str, secret: bytes) -> bytes:
    return hmac.new(secret, b"lontara-session-1" + token.encode("utf-8"), hashlib.sha256).digest()


def _sign_in_failed() -> Problem:
    return Problem(
        "sign_in_failed", "Login or password is wrong.", {}, "Try again, or ask an admin for a new password."
    )


def _hashed(password: str) -> str:
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Problem(
            "invalid_field",
            f"A password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters. Nothing was changed.",
            {"field": "password", "length_min": PASSWORD_LENGTH_MIN, "length_max": PASSWORD_LENGTH_MAX},
            "Choose a longer one: four words are easier to keep in mind than eight signs.",
        )
    return _hasher.hash(password)


def _check_login(login: str, role: str) -> None:
    if not _LOGIN.match(login):
        raise Problem(
            "invalid_field",
            f"{login!r} is no login. Nothing was changed.",
            {"field": "login", "value": login},
            "Use 1 to 80 small letters, digits, dots, hyphens, underscores or @.",
        )
    if role not in ROLES:
        raise Problem(
            "invalid_field",
            f"There is no role {role}. Nothing was changed.",
            {"field": "role", "value": role, "roles": list(ROLES)},
            "Name one of the roles that there are.",
        )


def _employee(connection: Connection, org_id: int, nip: str | None) -> str | None:
    if nip is None:
        return None
    employee = people.employee_of_nip(connection, org_id, nip)
    if employee is None:
        raise Problem(
            "not_found",
            f"Nobody here has the NIP {nip}. Nothing was changed.",
            {"nip": nip},
            "`lontara-server employee list` shows everybody.",
        )
    return employee.id


def _unit(connection: Connection, org_id: int, code: str | None) -> str | None:
    if code is None:
        return None
    for unit in people.units_of(connection, org_id):
        if unit.code == code:
            return unit.id
    raise Problem(
        "not_found",
        f"There is no unit {code}. Nothing was changed.",
        {"unit": code},
        "Import the employees first: their units come with them.",
    )

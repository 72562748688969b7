"""Statements for user accounts and web sessions. Passwords and tokens come here hashed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from lontara_server.storage.models import UserAccount, WebSession


@dataclass(frozen=True)
class AccountRow:
    """A user account; `org_unit` and `employee_id` bound what it may see."""

    login: str
    password_hash: str
    role: str
    employee_id: str | None
    org_unit: str | None
    active: bool


@dataclass(frozen=True)
class SessionRow:
    """A web session; times in ms since 1970 UTC."""

    login: str
    csrf: str
    created_at: int
    seen_at: int
    expires_at: int


_ACCOUNT = (
    UserAccount.login, UserAccount.password_hash, UserAccount.role, UserAccount.employee_id, UserAccount.org_unit,
    UserAccount.active,
)  # fmt: skip
_SESSION = (
    WebSession.login, WebSession.csrf, WebSession.created_at, WebSession.seen_at, WebSession.expires_at,
)  # fmt: skip


def account_of(connection: Connection, org_id: int, login: str) -> AccountRow | None:
    """Return the account with this login."""
    row = connection.execute(
        select(*_ACCOUNT).where(UserAccount.org_id == org_id, UserAccount.login == login)
    ).first()  # fmt: skip
    return None if row is None else AccountRow(*row)


def accounts_of(connection: Connection, org_id: int) -> list[AccountRow]:
    """Return every account of the org, by login."""
    rows = connection.execute(select(*_ACCOUNT).where(UserAccount.org_id == org_id).order_by(UserAccount.login))
    return [AccountRow(*row) for row in rows]


def add_account(connection: Connection, org_id: int, row: AccountRow) -> None:
    """Write a new account."""
    connection.execute(insert(UserAccount).values(org_id=org_id, **vars(row)))


def set_password_hash(connection: Connection, org_id: int, login: str, password_hash: str) -> None:
    """Give an account another password."""
    connection.execute(
        update(UserAccount)
        .where(UserAccount.org_id == org_id, UserAccount.login == login)
        .values(password_hash=password_hash)
    )


def set_active(connection: Connection, org_id: int, login: str, *, active: bool) -> None:
    """Open or close an account."""
    connection.execute(
        update(UserAccount).where(UserAccount.org_id == org_id, UserAccount.login == login).values(active=active)
    )


def add_session(connection: Connection, org_id: int, token_hash: bytes, row: SessionRow) -> None:
    """Write a new session."""
    connection.execute(insert(WebSession).values(org_id=org_id, token_hash=token_hash, **vars(row)))


def session_of(connection: Connection, org_id: int, token_hash: bytes) -> SessionRow | None:
    """Return the session with this token, whether or not it has expired."""
    row = connection.execute(
        select(*_SESSION).where(WebSession.org_id == org_id, WebSession.token_hash == token_hash)
    ).first()
    return None if row is None else SessionRow(*row)


def touch_session(connection: Connection, org_id: int, token_hash: bytes, now_ms: int) -> None:
    """Keep when a session was last used."""
    connection.execute(
        update(WebSession)
        .where(WebSession.org_id == org_id, WebSession.token_hash == token_hash)
        .values(seen_at=now_ms)
    )


def remove_session(connection: Connection, org_id: int, token_hash: bytes) -> None:
    """End one session."""
    connection.execute(delete(WebSession).where(WebSession.org_id == org_id, WebSession.token_hash == token_hash))


def remove_sessions_of(connection: Connection, org_id: int, login: str) -> None:
    """End every session of an account."""
    connection.execute(delete(WebSession).where(WebSession.org_id == org_id, WebSession.login == login))


def remove_expired_sessions(connection: Connection, org_id: int, now_ms: int) -> None:
    """Forget sessions that nobody can use any more."""
    connection.execute(delete(WebSession).where(WebSession.org_id == org_id, WebSession.expires_at <= now_ms))

"""The database engine and its transactions: the same for SQLite and PostgreSQL. No statement of the product's own.

What another transaction can cause (a lock held too long, a deadlock, the same row made twice) and what the database's
own absence causes come out as a Problem; nothing of the kind is a failure of this program.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lontara_core.problems import Problem
from lontara_server.storage.compiled import rolled_back
from lontara_server.storage.functions import give_functions

# The words of services for the database and the transaction that they are given.
__all__ = ["Connection", "Engine", "make_engine", "run_in_transaction", "snapshot", "transaction"]

BUSY_MS = 20_000
# PostgreSQL: how long a request waits for a lock that another holds, and for a connection of the pool.
LOCK_MS = 10_000
POOL_SECONDS = 10
CONNECTIONS_MAX: Final = 20
ATTEMPTS_MAX: Final = 4
# Never told a plan for the values of one batch: on a table without statistics such plans cost five times as much.
_SESSION: Final = "-c plan_cache_mode=force_generic_plan -c lock_timeout={lock_ms}"
_LOCK_NOT_AVAILABLE: Final = "55P03"
# Another transaction was in the way and has ended: deadlock, serialization, a row that both have made.
_COLLIDED: Final = frozenset({"40P01", "40001", "23505"})
# The connection was lost, refused or ended by an operator (classes 08 and 57P).
_UNREACHABLE: Final = ("08", "57P", "53300")

_writers: WeakKeyDictionary[Engine, threading.RLock] = WeakKeyDictionary()
_Result = TypeVar("_Result")


class Collided(Problem):
    """Busy, because another transaction was in the way: the same work, done again from its start, may well succeed."""


def make_engine(url: str) -> Engine:
    """An engine for `url`. Every committed transaction is durable; on SQLite it takes the write lock first.

    Raises Problem invalid_database_url.
    """
    parsed = _read_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    else:
        engine = _postgresql_engine(parsed)
        for moment in ("rollback", "rollback_savepoint"):
            event.listen(engine, moment, rolled_back)
    _writers[engine] = threading.RLock()
    return engine


def _read_url(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise _invalid_url() from error
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise _invalid_url()
    return parsed


def _invalid_url() -> Problem:
    # The URL itself is not repeated: it may hold a password.
    return Problem(
        "invalid_database_url",
        "The database URL names no database that this program works with. Nothing was changed.",
        {},
        "Write postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:////FOLDER/FILE.",
    )


def _postgresql_engine(url: URL) -> Engine:
    given = url.query.get("options")
    ours = _SESSION.format(lock_ms=LOCK_MS)
    options = ours if not isinstance(given, str) else f"{ours} {given}"
    return create_engine(
        url,
        # Read committed, whatever the server's default: locks in one order carry the rules, each statement sees what
        # was committed before it.
        isolation_level="READ COMMITTED",
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args={"prepare_threshold": 0, "options": options},
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # None: the driver opens no transaction by itself, `_begin_immediate` does.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")
    give_functions(connection)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction, committed at the end or rolled back on any error. Raises Problem busy, database_unreachable.

    On SQLite one writer at a time: a lock in the process goes before BEGIN IMMEDIATE, so that writers queue in order
    instead of sleeping on the busy handler.
    """
    try:
        if engine.dialect.name != "sqlite":
            with engine.begin() as connection:
                yield connection
            return
        with _writers[engine], engine.begin() as connection:
            yield connection
    except PoolTimeout as error:
        raise _busy(Problem, "All connections to the database are in use.") from error
    except (DBAPIError, psycopg.Error) as error:
        problem = _problem_of(engine, error)
        if problem is None:
            raise
        raise problem from error


def run_in_transaction(engine: Engine, work: Callable[[Connection], _Result]) -> _Result:
    """What `work` returns, in one transaction; from its start again where another transaction collided with it.

    `work` has no effect but on the database. Raises Problem busy, database_unreachable, and what `work` raises.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            with transaction(engine) as connection:
                return work(connection)
        except Collided:
            if attempt == ATTEMPTS_MAX:
                raise
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, and sees throughout what was committed before it; on SQLite nobody writes meanwhile."""
    if engine.dialect.name == "sqlite":
        with transaction(engine) as connection:
            yield connection
        return
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with transaction(engine.execution_options(**options)) as connection:
        yield connection


def _problem_of(engine: Engine, error: DBAPIError | psycopg.Error) -> Problem | None:
    """What a person is told where the cause is another transaction or the database's absence; None for a bug of ours."""
    # Statements that go past SQLAlchemy bring the driver's own error.
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        is_locked = isinstance(error, OperationalError) and "locked" in str(cause)
        return _busy(Problem, "Another program is writing to the database.") if is_locked else None
    if cause.sqlstate in _COLLIDED:
        return _busy(Collided, "Another transaction was changing the same.")
    if cause.sqlstate == _LOCK_NOT_AVAILABLE:
        return _busy(Problem, "Another transaction has held for long what this one needs.")
    return unreachable(engine) if isinstance(cause, psycopg.OperationalError) and _is_unreachable(cause) else None


def _is_unreachable(cause: psycopg.OperationalError) -> bool:
    # No state at all: there was no connection, or it broke off in the middle.
    return cause.sqlstate is None or cause.sqlstate.startswith(_UNREACHABLE)


def _busy(kind: type[Problem], why: str) -> Problem:
    return kind("busy", f"{why} Nothing was changed.", {}, "Try again in a moment.")


def unreachable(engine: Engine) -> Problem:
    """The problem of a database that cannot be opened, told without its password."""
    return Problem(
        "database_unreachable",
        "The database cannot be opened. Nothing was changed.",
        {"database": engine.url.render_as_string(hide_password=True)},
        "Check --data-dir and --database-url, and that the database server runs.",
        status=503,
    )

"""The database engine and its transactions: the same for SQLite and PostgreSQL. No statement of the product's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from lontara_core.problems import Problem

# The words of services for the database and the transaction that they are given.
__all__ = ["Connection", "Engine", "make_engine", "transaction"]

BUSY_MS = 20_000
_writers: WeakKeyDictionary[Engine, threading.RLock] = WeakKeyDictionary()


def make_engine(url: str) -> Engine:
    """An engine for `url`; on SQLite every transaction is durable (`synchronous=FULL`) and takes the write lock first."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    _writers[engine] = threading.RLock()
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # None: the driver opens no transaction by itself, `_begin_immediate` does.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if "locked" not in str(error):
            raise
        raise Problem(
            "busy", "Another program is writing to the database. Nothing was changed.", {}, "Try again in a moment."
        ) from error


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction, committed at the end or rolled back on any error.

    On SQLite one writer at a time: a lock in the process goes before BEGIN IMMEDIATE, so that writers queue in order
    instead of sleeping on the busy handler.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with _writers[engine], engine.begin() as connection:
        yield connection

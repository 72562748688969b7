"""Where a test's databases lie, on each engine: the same calls give an empty database or a prepared one.

A prepared database is made once in a test run and laid out again for each test that asks, in milliseconds.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import psycopg
from psycopg import sql

from engines.postgres_cluster import PostgresCluster
from engines.statements import unrecorded
from lontara_server.storage.engine import Engine, make_engine

_numbers: Final = itertools.count(1)
# The rows of a prepared database, kept beside its tables.
_KEPT: Final = "kept"


class Place(Protocol):
    """A database engine, and room on it for the databases of one test."""

    @property
    def engine_name(self) -> str:
        """The name of the engine, as SQLAlchemy has it."""

    def empty(self, name: str = "lontara") -> str:
        """The URL of a new, empty database."""

    def prepared(self, key: str, prepare: Callable[[str], None]) -> Engine:
        """A database as `prepare` leaves one; what `prepare` does depends on `key` alone."""


@dataclass(frozen=True)
class SqlitePlace:
    """SQLite files in a folder."""

    folder: Path
    engine_name: str = "sqlite"

    def empty(self, name: str = "lontara") -> str:
        return f"sqlite:///{self.folder / name}.db"

    def prepared(self, key: str, prepare: Callable[[str], None]) -> Engine:
        kept = _sqlite_folder() / f"{key}.db"
        if not kept.exists():
            unfinished = kept.with_suffix(".new")
            prepare(f"sqlite:///{unfinished}")
            unfinished.rename(kept)
        shutil.copyfile(kept, self.folder / "lontara.db")
        return make_engine(self.empty())


@cache
def _sqlite_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="lontara-ready-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@dataclass
class PostgresPlace:
    """Databases of one cluster. A prepared one serves one test after the other; `new` ones are dropped at the end."""

    cluster: PostgresCluster
    engine_name: str = "postgresql"
    new: list[str] = field(default_factory=list)

    def empty(self, name: str = "lontara") -> str:
        self.new.append(f"{name}_{next(_numbers)}")
        return self.cluster.create(self.new[-1])

    def prepared(self, key: str, prepare: Callable[[str], None]) -> Engine:
        database = f"prepared_{key}"
        with self.cluster.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if found is None or not self._lay_out(database):
            self.cluster.drop(database)
            with unrecorded():
                prepare(self.cluster.create(database))
            self._keep_rows(database)
        return make_engine(self.cluster.url(database))

    def close(self) -> None:
        for database in self.new:
            self.cluster.drop(database)

    def _keep_rows(self, database: str) -> None:
        with self.cluster.connect(database) as connection:
            steps = [
                sql.SQL("CREATE TABLE {} AS TABLE {}").format(_kept(table), _live(table))
                for table in _tables(connection, "public")
            ]
            # In one step, so that what is kept is whole.
            connection.execute(sql.SQL("; ").join([sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(_KEPT)), *steps]))

    def _lay_out(self, database: str) -> bool:
        """Put back the kept rows; false where there are none, or a test has done away with tables."""
        with self.cluster.connect(database) as connection:
            # A test before may have left a connection in the middle of something.
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            tables = _tables(connection, "public")
            if not tables or tables != _tables(connection, _KEPT):
                return False
            steps = [
                sql.SQL("DELETE FROM {live}; INSERT INTO {live} SELECT * FROM {kept}").format(
                    live=_live(table), kept=_kept(table)
                )
                for table in tables
            ]
            connection.execute(sql.SQL("; ").join(steps))
        return True


def _tables(connection: psycopg.Connection, schema: str) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema]).fetchall()
    return [name for (name,) in rows]


def _live(table: str) -> sql.Identifier:
    return sql.Identifier("public", table)


def _kept(table: str) -> sql.Identifier:
    return sql.Identifier(_KEPT, table)


@contextmanager
def postgres_place(cluster: PostgresCluster) -> Iterator[PostgresPlace]:
    """Room on the cluster for one test."""
    place = PostgresPlace(cluster)
    try:
        yield place
    finally:
        place.close()

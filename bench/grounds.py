"""The two database engines that are measured: where a new database comes from, what it weighs, what CPU it costs.

PostgreSQL is a private cluster with fsync on, of the kind that the tests start. Both engines lie on one file system.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Protocol

from bench.cpu import cpu_of_family
from engines.postgres_cluster import PostgresCluster, find_programs

SQLITE: Final = "SQLite"
POSTGRESQL: Final = "PostgreSQL"


class Ground(Protocol):
    """A database engine and room for databases on it."""

    name: str
    folder: Path
    processes: int
    "How many processes a server on it has."

    def new_database(self, name: str) -> str:
        """The URL of an empty database."""

    def drop(self, name: str) -> None:
        """Remove a database."""

    def bytes_of(self, name: str) -> int:
        """What a database weighs, after everything is in its files and what is dead is swept."""

    def cpu(self) -> float:
        """Seconds of CPU that the engine's own processes have used."""

    def version(self) -> str:
        """The engine's version."""


class SqliteGround:
    """SQLite files; the engine runs inside the server, so its CPU is the server's."""

    name = SQLITE
    # What the server allows on SQLite.
    processes = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new_database(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}"

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file(name)}{suffix}").unlink(missing_ok=True)

    def bytes_of(self, name: str) -> int:
        with closing(sqlite3.connect(self._file(name), timeout=60)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            (pages,), (size,) = (
                connection.execute(f"PRAGMA {each}").fetchone() for each in ("page_count", "page_size")
            )
            return int(pages) * int(size)

    def cpu(self) -> float:
        return 0.0

    def version(self) -> str:
        return sqlite3.sqlite_version

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.db"


class PostgresGround:
    """Databases of one cluster."""

    name = POSTGRESQL

    def __init__(self, cluster: PostgresCluster, folder: Path, processes: int) -> None:
        self._cluster = cluster
        self.folder, self.processes = folder, processes
        with cluster.connect() as connection:
            row = connection.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetchone()
            shown = connection.execute("SHOW server_version").fetchone()
        assert row is not None
        assert shown is not None
        self._version = str(shown[0]).split()[0]
        first_line = (Path(row[0]) / "postmaster.pid").read_text(encoding="ascii").splitlines()[0]
        self._postmaster = int(first_line)

    def new_database(self, name: str) -> str:
        return self._cluster.create(name)

    def drop(self, name: str) -> None:
        self._cluster.drop(name)

    def bytes_of(self, name: str) -> int:
        with self._cluster.connect(name) as connection:
            connection.execute("VACUUM")
            connection.execute("CHECKPOINT")
            row = connection.execute(
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def cpu(self) -> float:
        return cpu_of_family(self._postmaster)

    def version(self) -> str:
        return self._version


@contextmanager
def grounds(folder: Path, processes: int) -> Iterator[list[Ground]]:
    """Every engine that this machine has: SQLite always, PostgreSQL where its programs are installed.

    processes: of a server on PostgreSQL.
    """
    found: list[Ground] = [SqliteGround(folder)]
    if find_programs() is None:
        yield found
        return
    cluster = PostgresCluster.start(fsync=True)
    try:
        yield [*found, PostgresGround(cluster, folder, processes)]
    finally:
        cluster.stop()

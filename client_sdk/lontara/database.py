"""The encrypted SQLite file: opened with its key, checked to be encrypted, migrated; and what its disk may do, told as
a Problem. No statement of the store's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Final

import apsw

from lontara_core.problems import Problem

CIPHER: Final = "chacha20"
BUSY_MS: Final = 20_000


def open_database(path: Path, key: bytes) -> apsw.Connection:
    """A connection to the store at `path`, made and migrated where needed.

    Raises Problem `store_not_readable` (another key, or no store), `store_newer` (written by a newer app), and those of
    `disk_problems`.
    """
    with disk_problems():
        connection = apsw.Connection(str(path))
        # Before anything is in it: SQLite gives the files beside it the same mode.
        with suppress(OSError):  # a disk that knows no modes, or a file that is in no folder
            path.chmod(0o600)
        return _opened(connection, key)


def _opened(connection: apsw.Connection, key: bytes) -> apsw.Connection:
    opened = False
    try:
        connection.set_busy_timeout(BUSY_MS)
        _unlock(connection, key)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA secure_delete = ON")
        migrate(connection, migrations())
        opened = True
    finally:
        if not opened:
            connection.close()
    return connection


@contextmanager
def disk_problems() -> Iterator[None]:
    """Raise Problem `disk_full` or `disk_failed` where the disk takes nothing more, or not reliably."""
    try:
        yield
    except apsw.FullError as error:
        raise Problem("disk_full", "The disk is full; this was not saved, what was saved before is safe.", {},
                      "Make room on the disk, then save again.") from error  # fmt: skip
    except apsw.IOError as error:
        raise Problem("disk_failed", "The disk failed; this was not saved, what was saved before is not touched.",
                      {"error": str(error)}, "Save again; have the device looked at if it comes back.") from error  # fmt: skip


def commit(connection: apsw.Connection) -> None:
    """Commit; where the disk refuses, nothing of the transaction may be found after a crash either.

    When only the sync failed, the whole transaction lies behind the last one in the log file, where the next start
    would take it for committed. The next commit goes over it, so one that changes nothing is made at once.
    """
    try:
        connection.execute("COMMIT")
    except (apsw.FullError, apsw.IOError):
        version = connection.execute("PRAGMA user_version").get
        connection.execute(f"PRAGMA user_version = {version}")
        raise


def _unlock(connection: apsw.Connection, key: bytes) -> None:
    connection.execute(f"PRAGMA cipher = '{CIPHER}'")
    # `raw:` takes the 256 bits as they are: Argon2id has already done the stretching.
    connection.execute(f"PRAGMA key = 'raw:{key.hex()}'")
    active = connection.execute("PRAGMA cipher").get
    if active != CIPHER:
        raise Problem("store_not_encrypted", "This build of SQLite does not encrypt; nothing was written.",
                      {"cipher": str(active)}, "Install apsw-sqlite3mc.")  # fmt: skip
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").get  # noqa: B018 - reads the first page
    except apsw.NotADBError as error:
        raise Problem("store_not_readable", "The store does not open with this key; it was not changed.", {},
                      "Check that key.json and the store belong together; do not delete the store.") from error  # fmt: skip


def migrations() -> list[str]:
    """The numbered steps of `schema/client`, the first brings an empty file to version 1."""
    folder = resources.files("lontara_schema") / "client"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    assert names == [f"{number:03}.sql" for number in range(1, len(names) + 1)]
    return [(folder / name).read_text(encoding="utf-8") for name in names]


def migrate(connection: apsw.Connection, steps: list[str]) -> None:
    """Bring the file to the newest version, each step with its version number in one transaction."""
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = int(connection.execute("PRAGMA user_version").get)
            if version > len(steps):
                raise Problem("store_newer", "The store was written by a newer version of Lontara; nothing was changed.",
                              {"version": version, "version_known": len(steps)},
                              "Update the app. Do not delete the file: unsent work is in it.")  # fmt: skip
            if version < len(steps):
                connection.execute(steps[version])
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        if version >= len(steps) - 1:
            return

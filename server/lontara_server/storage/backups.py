"""A consistent copy of the whole database as one SQLite file, whatever the engine, and such a copy put in its place;
beside them the statements by which a restored database begins a new epoch. What a backup is and when it may be
trusted is decided in the services.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, delete, inspect, or_, select, text, update
from sqlalchemy.exc import DatabaseError

from lontara_core.problems import Problem
from lontara_server.storage import copying, quarantine
from lontara_server.storage.engine import make_engine, snapshot, transaction
from lontara_server.storage.models import Audit, Base, Device, EnrolCode, ServerIdentity, WebSession
from lontara_server.storage.schema import check_current, upgrade, upgrade_on

RETIRED: Final = "retired"
_SQLITE_ENDINGS: Final = ("", "-wal", "-shm")


@dataclass(frozen=True)
class HeldLog:
    """Up to where a database holds a device's work, in its log or behind it in quarantine, with the chain hash there."""

    device: str
    seq: int
    head: bytes


@dataclass(frozen=True)
class AuditLine:
    """A line of the audit trail; `at` in ms since 1970 UTC."""

    at: int
    by: str
    action: str
    subject: str | None


# The copy


def copy_database(engine: Engine, path: Path) -> None:
    """Copy the whole database into a new SQLite file, as it stood at one moment; nobody has to stop writing."""
    if engine.dialect.name == "sqlite":
        # The driver's own connection: no transaction of ours, so that writers go on.
        with closing(engine.raw_connection()) as pooled, closing(sqlite3.connect(path)) as target:
            driver = pooled.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.backup(target)
        return
    copy = make_engine(f"sqlite:///{path}")
    try:
        upgrade(copy)
        with snapshot(engine) as source, transaction(copy) as target_connection:
            copy_rows(source, target_connection)
    finally:
        copy.dispose()


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of every table into a target whose tables are empty; both hold the same then."""
    for part in copying.parts_of(source):
        for rows in copying.rows_of(source, part):
            copying.add_rows(target, part, rows)
        assert copying.fingerprint(source, part) == copying.fingerprint(target, part), f"{part.table} is copied as it is"


def faults_of_file(path: Path) -> list[str]:
    """What SQLite's own whole check finds in a copy; empty when all is well."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [] if found == ["ok"] else found


# Putting a copy in place


def server_in(engine: Engine) -> str | None:
    """Return the id of the server in this database, of whatever revision; None where none can be read."""
    if engine.dialect.name == "sqlite" and not _path_of(engine).exists():
        # Connecting would make a file.
        return None
    try:
        with transaction(engine) as connection:
            known = inspect(connection).has_table(ServerIdentity.__tablename__)
            return connection.scalar(select(ServerIdentity.server_id)) if known else None
    except DatabaseError:
        return None


def is_current(engine: Engine) -> bool:
    """Whether the database is whole enough to be asked, and at the revision that this program knows."""
    try:
        check_current(engine)
    except (DatabaseError, Problem):
        return False
    return True


def is_in_use(engine: Engine) -> bool:
    """Whether another connection than our own has the database open, as every running server has."""
    engine.dispose()
    if engine.dialect.name != "sqlite":
        return _has_other_sessions(engine)
    if not _path_of(engine).exists():
        return False
    try:
        with closing(sqlite3.connect(_path_of(engine), timeout=0, isolation_level=None)) as connection:
            # In this mode the first write asks for the file alone, and what is in the write-ahead log goes into it.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.DatabaseError:
        return False
    return False


def _has_other_sessions(engine: Engine) -> bool:
    """A session that was closed just now is listed for some moments more, so it is asked again for two seconds."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND usename = current_user"
    )
    for _ in range(20):
        with transaction(engine) as connection:
            if not connection.scalar(others):
                return False
            connection.execute(text("SELECT pg_sleep(0.1)"))
    return True


def replace_database(engine: Engine, copy: Path, aside: Path) -> str:
    """Put a copy in the database's place and return where that which was there lies now.

    SQLite: the old files move into the folder `aside`, then the copy takes the name. PostgreSQL: in one transaction
    the old tables move into a schema of that folder's name, and new ones are filled from the copy.
    """
    engine.dispose()
    if engine.dialect.name == "sqlite":
        _move_aside(_path_of(engine), aside)
        os.replace(copy, _path_of(engine))
        return str(aside)
    schema = "lontara_" + "".join(sign if sign.isalnum() else "_" for sign in aside.name.lower())
    source = make_engine(f"sqlite:///{copy}")
    try:
        with transaction(engine) as connection, transaction(source) as rows:
            _move_tables(connection, schema)
            upgrade_on(connection)
            copy_rows(rows, connection)
    finally:
        source.dispose()
        # Sessions know the old tables.
        engine.dispose()
    return f"schema {schema}"


def _move_aside(path: Path, aside: Path) -> None:
    aside.mkdir(mode=0o700, parents=True, exist_ok=True)
    for ending in _SQLITE_ENDINGS:
        old = path.with_name(path.name + ending)
        if old.exists():
            os.replace(old, aside / old.name)


def _move_tables(connection: Connection, schema: str) -> None:
    known = set(inspect(connection).get_table_names())
    connection.execute(text(f'CREATE SCHEMA "{schema}"'))
    for table in [*(table.name for table in Base.metadata.sorted_tables), "alembic_version"]:
        if table in known:
            connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA "{schema}"'))


def _path_of(engine: Engine) -> Path:
    name = engine.url.database
    if not name:
        raise Problem(
            "database_unreachable",
            "The database is no file, so it cannot be restored. Nothing was changed.",
            {"database": engine.url.render_as_string(hide_password=True)},
            "Name a database with --database-url.",
        )
    return Path(name)


# Up to where devices may let go


def held_logs(connection: Connection, org_id: int) -> list[HeldLog]:
    """Return for each device up to where the database holds what it sent, by device."""
    rows = connection.execute(
        select(Device.id, Device.last_seq, Device.head)
        .where(Device.org_id == org_id, Device.kind == "device")
        .order_by(Device.id)
    )
    found = []
    for device, seq, head in rows:
        aside = quarantine.end_of(connection, org_id, device)
        found.append(HeldLog(device, *((seq, head) if aside is None or aside[0] <= seq else aside)))
    return found


def mark_backed_up(connection: Connection, org_id: int, held: HeldLog) -> None:
    """Keep that a confirmed backup holds the device's work up to there; it never goes back."""
    connection.execute(
        update(Device)
        .where(
            Device.org_id == org_id,
            Device.id == held.device,
            or_(Device.backed_up_seq.is_(None), Device.backed_up_seq <= held.seq),
        )
        .values(backed_up_seq=held.seq, backed_up_head=held.head)
    )


# A new epoch


def set_epoch(connection: Connection, epoch: str) -> None:
    """Begin this epoch."""
    connection.execute(update(ServerIdentity).values(epoch=epoch))


def end_epoch_of(connection: Connection, org_id: int) -> None:
    """End what belonged to the epoch before: the server actor's log, marks of backups, sessions and unused codes."""
    connection.execute(
        update(Device)
        .where(Device.org_id == org_id, Device.kind == "server", Device.state == "active")
        .values(state=RETIRED)
    )
    connection.execute(update(Device).where(Device.org_id == org_id).values(backed_up_seq=None, backed_up_head=None))
    connection.execute(delete(WebSession).where(WebSession.org_id == org_id))
    connection.execute(delete(EnrolCode).where(EnrolCode.org_id == org_id, EnrolCode.used_by_key.is_(None)))


def audit_after(connection: Connection, org_id: int, at_ms: int) -> list[AuditLine]:
    """Return the lines of the audit trail that are younger than this moment, the oldest first."""
    rows = connection.execute(
        select(Audit.at, Audit.by, Audit.action, Audit.subject)
        .where(Audit.org_id == org_id, Audit.at > at_ms)
        .order_by(Audit.seq)
    )
    return [AuditLine(*row) for row in rows]


def last_of(connection: Connection, org_id: int, actions: tuple[str, ...]) -> AuditLine | None:
    """Return the youngest audit line of these actions."""
    row = connection.execute(
        select(Audit.at, Audit.by, Audit.action, Audit.subject)
        .where(Audit.org_id == org_id, Audit.action.in_(actions))
        .order_by(Audit.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else AuditLine(*row)

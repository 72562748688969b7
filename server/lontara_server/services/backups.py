"""Backups: a copy of the whole server that was read back and proven, what it tells the devices, and the new epoch that
a database begins which was restored from one (sync_protocol.md §13). Putting one in place is `restoring`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lontara_core.identifiers import derived_id
from lontara_core.problems import Problem
from lontara_server.services import backup_file
from lontara_server.services.backup_file import DATABASE, KEY, Manifest
from lontara_server.services.conflicts import utc
from lontara_server.services.orgs import RandomBytes, add_server_actor, identity_of
from lontara_server.services.verification import verify_org
from lontara_server.storage import backups as store
from lontara_server.storage import evidence, orgs
from lontara_server.storage.backups import HeldLog
from lontara_server.storage.engine import Connection, Engine, make_engine, transaction
from lontara_server.storage.orgs import IdentityRow
from lontara_server.storage.schema import check_current, newest_revision, upgrade

ENDING: Final = ".backup"
TAKEN: Final = "server.backup"
RESTORED: Final = "server.restore"
BACKUP_AGE_MAX_MS: Final = 7 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Opened:
    """A backup laid out in a folder and proven: its manifest, and its database brought up to date."""

    manifest: Manifest
    database: Path
    secret: Path
    operations: int


def take_backup(
    engine: Engine, target: Path, *, secret: bytes, by: str, now_ms: int, random_bytes: RandomBytes
) -> dict[str, Any]:
    """Write a backup of the whole server while it runs, read it back, and let the devices know.

    target: a file that ends in `.backup` and is not there yet, or a folder that is, in which it gets a name of its
    time. It takes its name only when it is whole and was read back. Raises Problem backup_failed, backup_damaged.
    """
    path = _path_in(target, now_ms)
    try:
        with TemporaryDirectory(prefix=".lontara-backup-", dir=path.absolute().parent) as scratch:
            folder = Path(scratch)
            manifest, held = _copy(engine, folder, secret, now_ms, random_bytes)
            _read_back(folder / "part")
            _name(folder / "part", path)
            backup_file.sync_folder(path.absolute().parent)
    except OSError as error:
        raise Problem(
            "backup_failed",
            f"The backup was not written: {error.strerror or error}. The server and its data are untouched.",
            {"file": str(path), "why": error.strerror or type(error).__name__},
            "Check the folder, the rights on it and the space on the disk.",
        ) from error
    facts = {"backup": manifest.id, "file": path.name}
    confirm_backup(engine, manifest.epoch, held, by=by, now_ms=now_ms, facts=facts)
    return {**_document(manifest), "file": str(path), "bytes": path.stat().st_size}


def _path_in(target: Path, now_ms: int) -> Path:
    """Where the backup is written. Raises Problem backup_failed where that is no folder, or a file is there."""
    path = target / f"lontara-{stamp(now_ms)}.backup" if target.is_dir() else target
    if not target.is_dir() and (target.suffix != ENDING or not path.absolute().parent.is_dir()):
        folder = target.parent if target.suffix == ENDING else target
        raise Problem(
            "backup_failed",
            f"There is no folder {folder}. Nothing was written.",
            {"folder": str(folder)},
            f"Make it (mkdir {folder}) or mount the disk that it is on. The name of a file ends in .backup.",
        )
    if path.exists():
        raise _is_there(path)
    return path


def _name(part: Path, path: Path) -> None:
    """Give a whole backup its name, never that of a file which is there: one written meanwhile is kept too."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise _is_there(path) from error
    except OSError:  # a disk without hard links, as FAT
        if path.exists():
            raise _is_there(path) from None
        os.rename(part, path)


def _is_there(path: Path) -> Problem:
    return Problem(
        "backup_failed",
        f"{path} is there already; a backup replaces no file. Nothing was written.",
        {"file": str(path)},
        "Name another file, or the folder: each backup in it gets a name of its time.",
    )


def verify_backup(path: Path) -> dict[str, Any]:
    """Read a backup whole and prove it, in a place of its own. Raises Problem where it is not to be trusted."""
    with TemporaryDirectory(prefix="lontara-verify-") as scratch, opened(path, Path(scratch)) as found:
        return {**_document(found.manifest), "file": str(path), "operations": found.operations}


@contextmanager
def opened(path: Path, folder: Path) -> Iterator[Opened]:
    """A backup laid into `folder` and proven: every bit, the database's own structure, its revision, every chain and
    signature, the feed. Its database is brought up to date there. Raises Problem backup_damaged, database_newer.
    """
    manifest = backup_file.read_backup(path, folder)
    database = folder / DATABASE
    faults = store.faults_of_file(database)
    if faults:
        raise backup_file.damaged(path, faults)
    engine = make_engine(f"sqlite:///{database}")
    try:
        operations = _prove(engine, manifest, path)
        yield Opened(manifest, database, folder / KEY, operations)
    finally:
        engine.dispose()


def begin_epoch(
    connection: Connection, *, now_ms: int, random_bytes: RandomBytes, by: str, facts: dict[str, Any] | None = None
) -> IdentityRow:
    """Begin a new epoch in a database that was put back; returns who the server is from now on.

    The id and key of the server stay, since devices know it by them. Each org gets a new server actor, sessions and
    unused enrolment codes end, and what a backup covered is no longer known. A running server has to read it anew.
    """
    before = identity_of(connection)
    epoch = random_bytes(16).hex()
    store.set_epoch(connection, epoch)
    for org in orgs.all_orgs(connection):
        store.end_epoch_of(connection, org.org_id)
        add_server_actor(connection, org, now_ms, random_bytes)
        told = {"epoch": epoch, "epoch_before": before.epoch, **(facts or {})}
        orgs.add_audit(connection, org.org_id, RESTORED, by=by, now_ms=now_ms, facts=told)
    return identity_of(connection)


def held_by(connection: Connection) -> dict[int, list[HeldLog]]:
    """For each org up to where the database holds each device's work that has any."""
    return {
        org.org_id: [log for log in store.held_logs(connection, org.org_id) if log.seq]
        for org in orgs.all_orgs(connection)
    }


def confirm_backup(engine: Engine, epoch: str, held: dict[int, list[HeldLog]], *, by: str, now_ms: int,
                   facts: dict[str, Any]) -> None:  # fmt: skip
    """Let the devices know that a backup holds what `held_by` found in its copy. One that was taken in another epoch
    covers nothing of this one: the server was restored meanwhile.
    """
    for org_id, logs in held.items():
        with transaction(engine) as connection:
            if identity_of(connection).epoch != epoch:
                return
            for log in logs:
                store.mark_backed_up(connection, org_id, log)
            orgs.add_audit(connection, org_id, TAKEN, by=by, now_ms=now_ms, facts=facts)


def backup_state(connection: Connection, now_ms: int) -> dict[str, Any]:
    """When the last backup of this epoch was made that holds every org, and whether it is missing or too old."""
    found = [store.last_of(connection, org.org_id, (TAKEN, RESTORED)) for org in orgs.all_orgs(connection)]
    times = [line.at for line in found if line is not None and line.action == TAKEN]
    last = min(times) if times and len(times) == len(found) else None
    return {
        "last_backup_at": None if last is None else utc(last),
        "backup_missing": last is None or now_ms - last > BACKUP_AGE_MAX_MS,
    }


def _copy(
    engine: Engine, folder: Path, secret: bytes, now_ms: int, random_bytes: RandomBytes
) -> tuple[Manifest, dict[int, list[HeldLog]]]:
    database, secret_file = folder / DATABASE, folder / KEY
    store.copy_database(engine, database)
    secret_file.write_text(secret.hex() + "\n", encoding="ascii")
    copy = make_engine(f"sqlite:///{database}")
    try:
        with transaction(copy) as connection:
            me, held = identity_of(connection), held_by(connection)
            of_orgs = [_org_facts(connection, org.org_id, org.code) for org in orgs.all_orgs(connection)]
    finally:
        copy.dispose()
    manifest = Manifest(
        id=derived_id(now_ms, random_bytes(32)), server_id=me.server_id, epoch=me.epoch, taken_at=now_ms,
        revision=newest_revision(), orgs=of_orgs,
    )  # fmt: skip
    members = {DATABASE: database, KEY: secret_file}
    return backup_file.write_backup(folder / "part", members, manifest), held


def _org_facts(connection: Connection, org_id: int, code: str) -> dict[str, Any]:
    seq, head = evidence.feed_end(connection, org_id)
    return {"org": code, "feed_seq": seq, "feed_head": head.hex()}


def _read_back(path: Path) -> None:
    """A backup that nobody has read is a hope: what was written is proven like any other before it counts."""
    folder = path.with_name("read-back")
    folder.mkdir(mode=0o700)
    with opened(path, folder):
        return


def _prove(engine: Engine, manifest: Manifest, path: Path) -> int:
    """That the database is the one that the manifest names and that all of it holds; returns its operations."""
    try:
        check_current(engine)
    except Problem as problem:
        if problem.code != "database_not_migrated":
            raise
        upgrade(engine)
    with transaction(engine) as connection:
        me, found = identity_of(connection), orgs.all_orgs(connection)
        faults = [] if (me.server_id, me.epoch) == (manifest.server_id, manifest.epoch) else ["it is of another server"]
        if [_org_facts(connection, org.org_id, org.code) for org in found] != manifest.orgs:
            faults.append("its orgs are not those of the manifest")
        operations = 0
        for org in found:
            verification = verify_org(connection, org.org_id)
            operations += verification.operations
            faults += [f"org {org.code}: {fault}" for fault in verification.faults]
    if faults:
        raise backup_file.damaged(path, faults)
    return operations


def _document(manifest: Manifest) -> dict[str, Any]:
    return {
        "id": manifest.id,
        "server_id": manifest.server_id,
        "epoch": manifest.epoch,
        "taken_at": utc(manifest.taken_at),
        "revision": manifest.revision,
        "orgs": manifest.orgs,
    }


def stamp(milliseconds: int) -> str:
    """A moment as a part of a file's name."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")

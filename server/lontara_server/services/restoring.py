"""A backup put in the server's place: proven before anything is touched, with the replaced data kept aside, a new epoch,
and the names of what is lost (sync_protocol.md §13). What devices wrote after the backup comes back from them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lontara_core.operations import decode_operation
from lontara_core.problems import Problem
from lontara_server.services import backups
from lontara_server.services.backup_file import KEY, sync_folder
from lontara_server.services.bodies import operations_in
from lontara_server.services.conflicts import utc
from lontara_server.services.orgs import RandomBytes
from lontara_server.services.verification import verify_org
from lontara_server.storage import backups as store
from lontara_server.storage import evidence, operations, orgs
from lontara_server.storage.engine import Connection, Engine, make_engine, transaction
from lontara_server.storage.schema import check_current


def restore_backup(
    path: Path, engine: Engine, data_dir: Path, *, by: str, now_ms: int, random_bytes: RandomBytes
) -> dict[str, Any]:
    """Restore a server from a backup file and return what was done, what was kept, and what is lost.

    The server is stopped. Raises Problem backup_damaged, database_newer, server_running, other_server; then nothing
    was changed.
    """
    _check_stopped(engine)
    with TemporaryDirectory(prefix=".lontara-restore-", dir=data_dir) as scratch:
        with backups.opened(path, Path(scratch)) as found:
            copy = make_engine(f"sqlite:///{found.database}")
            try:
                _check_same_server(engine, found.manifest.server_id)
                gap = _gap(engine, copy, found.manifest.taken_at, now_ms)
                facts = {"backup": found.manifest.id, "taken_at": found.manifest.taken_at, **_counts(gap)}
                with transaction(copy) as connection:
                    me = backups.begin_epoch(connection, now_ms=now_ms, random_bytes=random_bytes, by=by, facts=facts)
            finally:
                copy.dispose()
        _check_stopped(engine)
        aside = data_dir / f"replaced-{backups.stamp(now_ms)}-{me.epoch[:8]}"
        kept = _put_in_place(engine, found, data_dir, aside)
    return {
        "backup": found.manifest.id,
        "taken_at": utc(found.manifest.taken_at),
        "server_id": me.server_id,
        "epoch": me.epoch,
        "operations": found.operations,
        "replaced": kept,
        "gap": gap,
    }


def begin_epoch_in_place(engine: Engine, *, by: str, now_ms: int, random_bytes: RandomBytes) -> dict[str, Any]:
    """Begin a new epoch in a database that was put back by other means, as by the image of a disk.

    Raises Problem backup_damaged where it does not hold, server_running.
    """
    _check_stopped(engine)
    check_current(engine)
    with transaction(engine) as connection:
        found = {org.code: verify_org(connection, org.org_id) for org in orgs.all_orgs(connection)}
        faults = [f"org {code}: {fault}" for code, each in found.items() for fault in each.faults]
        if faults:
            raise Problem(
                "backup_damaged",
                f"What was put back does not hold: {faults[0]}. Nothing was changed.",
                {"faults": faults[:20]},
                "Put back another copy.",
            )
        me = backups.begin_epoch(connection, now_ms=now_ms, random_bytes=random_bytes, by=by)
    return {"server_id": me.server_id, "epoch": me.epoch, "operations": sum(each.operations for each in found.values())}


def _check_stopped(engine: Engine) -> None:
    if store.is_in_use(engine):
        raise Problem(
            "server_running",
            "Another program has the database open, so it cannot be replaced. Nothing was changed.",
            {},
            "Stop the server and its jobs, then restore.",
        )


def _check_same_server(engine: Engine, server_id: str) -> None:
    """A readable database of another server stays: its devices would not know the one of the backup."""
    live = store.server_in(engine)
    if live is not None and live != server_id:
        raise Problem(
            "other_server",
            "The backup is of another server than the one that is here. Nothing was changed.",
            {"server_id": live, "backup_server_id": server_id},
            "Name another --data-dir or --database-url, or move what is here away.",
        )


def _put_in_place(engine: Engine, found: backups.Opened, data_dir: Path, aside: Path) -> str:
    aside.mkdir(mode=0o700)
    kept = store.replace_database(engine, found.database, aside)
    secret = data_dir / KEY
    if secret.exists():
        os.replace(secret, aside / KEY)
    os.replace(found.secret, secret)
    secret.chmod(0o600)
    sync_folder(data_dir)
    return kept


# What is lost


def _gap(engine: Engine, copy: Engine, taken_at: int, now_ms: int) -> dict[str, Any]:
    """The time between, and what console, commands and jobs did in it, as far as the replaced database can be read."""
    gap: dict[str, Any] = {"from": utc(taken_at), "to": utc(now_ms), "known": False, "orgs": []}
    if store.server_in(engine) is None or not store.is_current(engine):
        return gap
    with transaction(copy) as connection:
        restored = {org.code for org in orgs.all_orgs(connection)}
    with transaction(engine) as connection:
        for org in orgs.all_orgs(connection):
            gap["orgs"].append(
                {
                    "org": org.code,
                    "restored": org.code in restored,
                    "acts": [_act(line) for line in store.audit_after(connection, org.org_id, taken_at)],
                    "operations": _server_operations(connection, org.org_id, taken_at),
                }
            )
    return {**gap, "known": True}


def _act(line: store.AuditLine) -> dict[str, Any]:
    return {"at": utc(line.at), "by": line.by, "action": line.action, "subject": line.subject}


def _server_operations(connection: Connection, org_id: int, taken_at: int) -> list[dict[str, Any]]:
    """How many operations of each kind the server actors wrote after this moment, by whose login."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for actor in sorted(operations.server_actors(connection, org_id)):
        for raw in _raws(evidence.batches_of(connection, org_id, actor)):
            operation = decode_operation(raw)
            if operation.at > taken_at and operation.origin is None:
                counts[operation.by or "", operation.kind, operation.type] += 1
    return [
        {"by": by, "kind": kind, "type": record_type, "count": count}
        for (by, kind, record_type), count in sorted(counts.items())
    ]


def _raws(batches: Iterable[evidence.SignedBatch]) -> Iterable[bytes]:
    for batch in batches:
        yield from operations_in(batch.body)[batch.first - batch.signed_first :]


def _counts(gap: dict[str, Any]) -> dict[str, Any]:
    return {
        "acts_lost": sum(len(each["acts"]) for each in gap["orgs"]),
        "operations_lost": sum(one["count"] for each in gap["orgs"] for one in each["operations"]),
    }

"""Statements for jobs that run once in each slot of time: who has taken a slot, and what came of it. No rule lives here.

That a slot is run once to its end is the row's doing, whose key is unique. The lock beside it on PostgreSQL says that
somebody is at it now: an unfinished row without the lock is of a process that has died. SQLite is served by one process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects import postgresql

from lontara_core.canonical import sha256
from lontara_server.storage.engine import Connection, Engine, transaction
from lontara_server.storage.models import JobRun
from lontara_server.storage.prepared import Prepared

_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")
_names = ("org_id", "job", "slot", "started_at")
_taken = postgresql.insert(JobRun).values({name: bindparam(name) for name in _names})
_take = Prepared(
    _taken.on_conflict_do_update(
        index_elements=("org_id", "job", "slot"),
        set_={"started_at": _taken.excluded.started_at},
        where=JobRun.finished_at.is_(None),
    )
)
_finish = Prepared(
    update(JobRun)
    .where(
        JobRun.org_id == bindparam("org"), JobRun.job == bindparam("of_job"), JobRun.slot == bindparam("of_slot")
    )
    .values(finished_at=bindparam("at"), outcome=bindparam("told"))
)


@dataclass(frozen=True)
class JobRunRow:
    """A job's slot. finished_at None: it runs, or who ran it has died."""

    job: str
    slot: str
    started_at: int
    finished_at: int | None
    outcome: str | None


@contextmanager
def only_here(engine: Engine, org_id: int, job: str) -> Iterator[bool]:
    """Whether nobody else is at this job of this org, and will be until the block ends.

    A convenience and no promise: on databases spread over machines each has locks of its own.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    key = int.from_bytes(sha256(f"lontara {org_id} {job}".encode())[:8], "big", signed=True)
    with transaction(engine) as connection:
        yield bool(connection.execute(_TRY_LOCK, {"key": key}).scalar_one())


def take_slot(connection: Connection, org_id: int, job: str, slot: str, now_ms: int) -> bool:
    """Take a slot that nobody has finished; false where somebody has."""
    return _take.run(connection, org_id=org_id, job=job, slot=slot, started_at=now_ms) == 1


def finish_slot(connection: Connection, org_id: int, job: str, slot: str, now_ms: int, outcome: str) -> None:
    """Write what came of a slot, as JSON."""
    _finish.run(connection, org=org_id, of_job=job, of_slot=slot, at=now_ms, told=outcome)


def last_finished(connection: Connection, org_id: int, job: str) -> JobRunRow | None:
    """Return the newest slot of a job that was run to its end."""
    row = connection.execute(
        select(JobRun.job, JobRun.slot, JobRun.started_at, JobRun.finished_at, JobRun.outcome)
        .where(JobRun.org_id == org_id, JobRun.job == job, JobRun.finished_at.is_not(None))
        .order_by(JobRun.slot.desc())
        .limit(1)
    ).first()
    return None if row is None else JobRunRow(*row)


def slot_of(connection: Connection, org_id: int, job: str, slot: str) -> JobRunRow | None:
    """Return a job's slot."""
    row = connection.execute(
        select(JobRun.job, JobRun.slot, JobRun.started_at, JobRun.finished_at, JobRun.outcome).where(
            JobRun.org_id == org_id, JobRun.job == job, JobRun.slot == slot
        )
    ).one_or_none()
    return None if row is None else JobRunRow(*row)

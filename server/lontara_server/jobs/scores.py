"""The job that keeps scores behind their entries: every few seconds it drains the dirty marks, org by org.

The `dirty` table is the queue and its row locks are the only guard: several processes may run this job at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from typing import Final

from lontara_server.services.scores import PEOPLE_AT_ONCE, compute_people, drain_dirty, mark_all, people_of_month
from lontara_server.storage.engine import Connection, Engine, run_in_transaction, transaction
from lontara_server.storage.scores import org_ids

# Short transactions: on SQLite nobody else can write meanwhile.
MARKS_PER_TRANSACTION: Final = 50
# Where everything is computed anew, fewer and longer transactions take less.
MARKS_OF_RECOMPUTE: Final = 2 * PEOPLE_AT_ONCE


def drain_scores(engine: Engine, clock_ms: Callable[[], int]) -> int:
    """Compute scores until no org has a mark that can be claimed; returns how many were computed."""
    with transaction(engine) as connection:
        orgs = org_ids(connection)
    return sum(drain_org(engine, org_id, clock_ms) for org_id in orgs)


def drain_org(engine: Engine, org_id: int, clock_ms: Callable[[], int], *, rewrite: bool = False) -> int:
    """Compute one org's scores until no mark can be claimed; returns how many were computed."""
    size = MARKS_OF_RECOMPUTE if rewrite else PEOPLE_AT_ONCE
    if engine.dialect.name == "sqlite":
        size = MARKS_PER_TRANSACTION

    def drain(connection: Connection) -> int:
        return drain_dirty(connection, org_id, clock_ms(), size, rewrite=rewrite)

    computed = 0
    # Until there is none: a month may have marked its year.
    while drained := run_in_transaction(engine, drain):
        computed += drained
    return computed


def compute_month(engine: Engine, org_id: int, clock_ms: Callable[[], int], period: str) -> int:
    """Compute a month's scores of everybody who has one, some people in each transaction; returns how many.

    Raises Problem invalid_field, no_policy.
    """
    with transaction(engine) as connection:
        people = people_of_month(connection, org_id, period)
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        part = people[start : start + PEOPLE_AT_ONCE]
        compute = partial(compute_people, org_id=org_id, period=period, employees=part, now_ms=clock_ms())
        run_in_transaction(engine, compute)
    return len(people)


def recompute(engine: Engine, org_id: int, clock_ms: Callable[[], int], *, period: str | None, processes: int) -> int:
    """Compute every score of an org anew, of one month or all, in so many processes; returns how many.

    All are marked first, and then drained like any others: what dies on the way is computed by the next one.
    The caller's engine has no connection in use.
    """
    marked = run_in_transaction(engine, partial(mark_all, org_id=org_id, now_ms=clock_ms(), period=period))
    if processes == 1 or engine.dialect.name == "sqlite":
        drain_org(engine, org_id, clock_ms, rewrite=True)
        return marked
    engine.dispose()
    # Forked, so that none of them has to load the program anew; this process has started no thread.
    started = get_context("fork")
    shares = [started.Process(target=_drain_elsewhere, args=(engine, org_id, clock_ms())) for _ in range(processes)]
    for share in shares:
        share.start()
    for share in shares:
        share.join()
    if any(share.exitcode for share in shares):
        # Whoever died has left its marks; what the others could not do is said by who tries it here.
        drain_org(engine, org_id, clock_ms, rewrite=True)
    return marked


def _drain_elsewhere(engine: Engine, org_id: int, now_ms: int) -> None:
    engine.dispose(close=False)
    drain_org(engine, org_id, lambda: now_ms, rewrite=True)
    engine.dispose()

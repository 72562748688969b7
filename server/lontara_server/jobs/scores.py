"""The job that keeps scores behind their entries: every few seconds it drains the dirty marks, org by org.

The `dirty` table is the queue and its row locks are the only guard: several processes may run this job at once.
"""

from __future__ import annotations

from collections.abc import Callable

from lontara_server.services.scores import drain_dirty
from lontara_server.storage.engine import transaction
from lontara_server.storage.scores import Engine, org_ids

# Short transactions: on SQLite nobody else can write meanwhile.
MARKS_PER_TRANSACTION = 50


def drain_scores(engine: Engine, clock_ms: Callable[[], int]) -> int:
    """Compute scores until no org has a mark that can be claimed; returns how many were computed."""
    with transaction(engine) as connection:
        orgs = org_ids(connection)
    computed = 0
    for org_id in orgs:
        drained = MARKS_PER_TRANSACTION
        while drained == MARKS_PER_TRANSACTION:
            with transaction(engine) as connection:
                drained = drain_dirty(connection, org_id, clock_ms(), MARKS_PER_TRANSACTION)
            computed += drained
    return computed

"""The nightly verification of an org's scores: everything computed from scratch and held against what is stored.

It changes no score. What it found is told by `status` and in the console until the next one. Month by month, each in
a transaction of its own, so that nobody waits for the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from lontara_core.canonical import encode
from lontara_server.services import scores, years
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection, Engine, snapshot
from lontara_server.storage.job_runs import last_finished

JOB: Final = "verify-scores"
# So many are named; all are counted.
NAMED_MAX: Final = 200


def verify_scores(engine: Engine, org_id: int, clock_ms: Callable[[], int]) -> dict[str, Any]:
    """Compute every score and rating of the org from scratch, and tell which stored ones differ. Writes nothing."""
    differences: list[dict[str, Any]] = []
    drifted: list[dict[str, Any]] = []
    checked = waiting = 0
    with snapshot(engine) as connection:
        periods = scores.periods_to_prove(connection, org_id)
    for period in periods:
        with snapshot(engine) as connection:
            proof = scores.check_stored(connection, org_id, clock_ms(), period)
            drifted += [each.document() for each in scores.drift(connection, org_id, clock_ms(), period)]
        checked += proof.checked
        waiting += sum(each.waiting for each in proof.differences)
        differences += [each.document() for each in proof.differences if not each.waiting]
    with snapshot(engine) as connection:
        years_checked, years_wrong = years.check_years(connection, org_id, clock_ms())
    return {
        "checked": checked,
        "differ": len(differences),
        "waiting": waiting,
        "drifted": len(drifted),
        "years_checked": years_checked,
        "years_differ": len(years_wrong),
        "differences": differences[:NAMED_MAX],
        "drift": drifted[:NAMED_MAX],
    }


def last_check(connection: Connection, org_id: int) -> dict[str, Any] | None:
    """What the last verification found, and when it ended; None before the first."""
    row = last_finished(connection, org_id, JOB)
    if row is None or row.outcome is None or row.finished_at is None:
        return None
    outcome: dict[str, Any] = msgspec.json.decode(row.outcome)
    at = datetime.fromtimestamp(row.finished_at / 1000, UTC).isoformat().replace("+00:00", "Z")
    return {"at": at, "slot": row.slot, **outcome}


def told_in_status(connection: Connection) -> dict[int, dict[str, Any] | None]:
    """For each org the counts of its last verification, without the names."""
    told = {}
    for org_id in store.org_ids(connection):
        found = last_check(connection, org_id)
        told[org_id] = found and {key: value for key, value in found.items() if key not in ("differences", "drift")}
    return told


def encoded(outcome: dict[str, Any]) -> str:
    """An outcome as a job's row keeps it."""
    return encode(outcome).decode()

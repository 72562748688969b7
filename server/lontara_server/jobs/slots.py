"""Jobs that belong to a slot of time, such as a night: run once to its end, by whichever process comes first.

A slot that its process has not finished, because it died, is run again by the next tick; slots that nobody was there
for are not caught up one by one, since the newest does the work of all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from lontara_server.services.orgs import org_named
from lontara_server.services.score_checks import JOB, encoded, verify_scores
from lontara_server.storage import job_runs as store
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.scores import org_ids

# Local time of the org, when few people are at work.
VERIFY_FROM: Final = time(1, 30)


def run_slot(
    engine: Engine, org_id: int, job: str, slot: str, clock_ms: Callable[[], int], work: Callable[[], str]
) -> bool:
    """Run `work` for the slot unless it was run to its end, or somebody is at it; tells whether it was run here.

    What `work` returns is kept as the slot's outcome. Where it raises, the slot stays unfinished.
    """
    with store.only_here(engine, org_id, job) as is_mine:
        if not is_mine:
            return False
        with transaction(engine) as connection:
            taken = store.take_slot(connection, org_id, job, slot, clock_ms())
        if not taken:
            return False
        outcome = work()
        with transaction(engine) as connection:
            store.finish_slot(connection, org_id, job, slot, clock_ms(), outcome)
    return True


def verify_nightly(engine: Engine, clock_ms: Callable[[], int]) -> int:
    """Verify the scores of each org whose night has come and that was not verified in it; returns how many were."""
    with transaction(engine) as connection:
        zones = {org_id: org_named(connection, org_id).time_zone for org_id in org_ids(connection)}
    done = 0
    for org_id, zone in zones.items():
        local = datetime.fromtimestamp(clock_ms() / 1000, UTC).astimezone(ZoneInfo(zone))
        if local.time() >= VERIFY_FROM:
            work = partial(_verified, engine, org_id, clock_ms)
            done += run_slot(engine, org_id, JOB, f"{local:%Y-%m-%d}", clock_ms, work)
    return done


def _verified(engine: Engine, org_id: int, clock_ms: Callable[[], int]) -> str:
    return encoded(verify_scores(engine, org_id, clock_ms))

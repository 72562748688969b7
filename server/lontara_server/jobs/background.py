"""The jobs that run beside the requests of a serving process, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from apscheduler.schedulers.background import BackgroundScheduler

from lontara_server.jobs.scores import drain_scores
from lontara_server.storage.statistics import Engine, analyse_grown_tables

SECONDS_BETWEEN_SCORES = 2
SECONDS_BETWEEN_LOOKS = 5


@contextmanager
def jobs_in_background(engine: Engine, clock_ms: Callable[[], int]) -> Iterator[None]:
    """Keep scores behind their entries, and the database's statistics behind its tables, for as long as the block lasts.

    A run that fails is logged by the scheduler; what it should have done is done by the next one.
    """
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"max_instances": 1, "coalesce": True})
    scheduler.add_job(drain_scores, "interval", seconds=SECONDS_BETWEEN_SCORES, args=(engine, clock_ms))
    scheduler.add_job(analyse_grown_tables, "interval", seconds=SECONDS_BETWEEN_LOOKS, args=(engine,))
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)

"""The jobs that run beside the requests of a serving process, or alone in a worker, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from apscheduler.schedulers.background import BackgroundScheduler

from lontara_server.jobs.scores import drain_scores
from lontara_server.jobs.slots import verify_nightly
from lontara_server.storage.statistics import Engine, analyse_grown_tables

SECONDS_BETWEEN_SCORES = 2
SECONDS_BETWEEN_LOOKS = 5
SECONDS_BETWEEN_LOOKS_AT_THE_NIGHT = 600


@contextmanager
def jobs_in_background(engine: Engine, clock_ms: Callable[[], int]) -> Iterator[None]:
    """Keep scores behind their entries, the database's statistics behind its tables, and verify every night.

    A run that fails is logged by the scheduler; what it should have done is done by the next one.
    """
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"max_instances": 1, "coalesce": True})
    every = {
        drain_scores: (SECONDS_BETWEEN_SCORES, (engine, clock_ms)),
        analyse_grown_tables: (SECONDS_BETWEEN_LOOKS, (engine,)),
        verify_nightly: (SECONDS_BETWEEN_LOOKS_AT_THE_NIGHT, (engine, clock_ms)),
    }
    for job, (seconds, arguments) in every.items():
        scheduler.add_job(job, "interval", seconds=seconds, args=arguments)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)

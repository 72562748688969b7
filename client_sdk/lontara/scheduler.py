"""Background sync: an interval job that drains the queue by itself when the link is back. No rule of sync lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from apscheduler.schedulers.background import BackgroundScheduler


@contextmanager
def running(job: Callable[[], object], *, seconds: float) -> Iterator[None]:
    """Run `job` now and every `seconds` until the block ends; a run that takes longer is not doubled."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(job, "interval", seconds=seconds, max_instances=1, coalesce=True)
    scheduler.add_job(job)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)

"""The command of the five faults: plays each many times, on SQLite and where it is installed on PostgreSQL, and writes
what was lost and what stood still. What a fault is lives in `faults`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engines.places import Place, SqlitePlace, postgres_place
from engines.postgres_cluster import PostgresCluster, find_programs
from healing.faults import FAULTS, Fault, play
from simulation.run import write_proof
from simulation.tablet import cheap_keys

SEEDS_PER_TASK: Final = 5
# PostgreSQL plays a part of the runs: it shares the code above the engine, and takes longer.
POSTGRES_SHARE: Final = 10


@dataclass
class Total:
    """What the runs of one fault came to; `failed` names the seeds of those that were not whole, with why."""

    runs: int = 0
    written: int = 0
    lost: int = 0
    doubled: int = 0
    stalled: int = 0
    faults: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, other: Total) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def play_some(fault: Fault, seeds: Sequence[int], place: Place | None = None) -> Total:
    """Play one fault with each of these seeds."""
    total = Total()
    with cheap_keys():
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder:
                found = play(fault, seed, Path(folder), place or SqlitePlace(Path(folder)))
            total.runs += 1
            total.written += found.written
            total.lost += found.lost
            total.doubled += found.doubled
            total.stalled += found.stalled
            total.faults += found.faults
            if found.lost or found.doubled or found.stalled or found.faults:
                total.failed.append(f"{fault.__name__} seed {seed}: {astuple(found)}")
    return total


def play_all(first: int, runs: int, jobs: int) -> dict[str, Total]:
    """Play every fault `runs` times on SQLite in several processes, and a share of them on PostgreSQL."""
    totals = {fault.__name__: Total() for fault in FAULTS}
    seeds = range(first, first + runs)
    with ProcessPoolExecutor(jobs) as pool:
        tasks = {
            pool.submit(play_some, fault, seeds[start : start + SEEDS_PER_TASK]): fault.__name__
            for fault in FAULTS
            for start in range(0, runs, SEEDS_PER_TASK)
        }
        for done in as_completed(tasks):
            totals[tasks[done]].add(done.result())
    if find_programs() is not None:
        cluster = PostgresCluster.start()
        try:
            for fault in FAULTS:
                with postgres_place(cluster) as place:
                    totals[fault.__name__].add(play_some(fault, seeds[: max(1, runs // POSTGRES_SHARE)], place))
        finally:
            cluster.stop()
    return totals


def figures(totals: dict[str, Total], first: int, runs: int) -> list[dict[str, Any]]:
    """For each fault what was lost and what stood still."""
    found: list[dict[str, Any]] = []
    for name, total in totals.items():
        shared = {"runs": total.runs, "target": 0, "seeds": f"{first}-{first + runs - 1}"}
        words = name.replace("_", " ")
        lost, stalled = total.lost + total.doubled, total.stalled + total.faults
        found.append({"name": f"{words}: entries lost or doubled", "value": lost, "unit": "entries", **shared, "met": not lost})
        found.append({"name": f"{words}: feeds stalled", "value": stalled, "unit": "feeds", **shared, "met": not stalled})
        found.append({"name": f"{words}: entries written", "value": total.written, "unit": "entries", "runs": total.runs})
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where nothing was lost and nothing stood still, else 1."""
    options = _parser().parse_args(arguments)
    started_at, began = datetime.now(UTC), time.monotonic()
    totals = play_all(options.seed, options.runs, options.jobs)
    found = figures(totals, options.seed, options.runs)
    for total in totals.values():
        for line in total.failed:
            print(f"FAILED {line}")
    for figure in found:
        print(f"{figure['value']:>10} {figure['unit']:<8} {figure['name']} ({figure['runs']} runs)")
    if options.json is not None:
        write_proof(options.json, started_at, time.monotonic() - began, found)
    return 0 if all(figure.get("met", True) for figure in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many of each fault (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first, the others follow (default 1)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

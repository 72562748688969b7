"""The command of the simulation: plays many schedules, says what it found, and writes the figures.

`--seed S --trace` shows one schedule line by line. What a schedule is lives in `world`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from simulation.checkers import Violation
from simulation.planted import BUGS, first_violation
from simulation.world import level_ground, run_schedule

SEEDS_PER_TASK: Final = 20
# Every so many schedules one is played a second time and has to give the same trace.
REPEAT_EVERY: Final = 50
SEEDS_PER_BUG: Final = range(1, 61)


@dataclass
class Played:
    """What some schedules did."""

    schedules: int = 0
    requests: int = 0
    faults: int = 0
    crashes: int = 0
    operations: int = 0
    repeated: int = 0
    failures: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: Played) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def play(seeds: Sequence[int]) -> Played:
    """Play the schedules of these seeds; one whose second playing differs has failed as well."""
    played = Played()
    with level_ground() as ground:
        for seed in seeds:
            played.schedules += 1
            try:
                run = run_schedule(seed, ground)
                again = run_schedule(seed, ground).digest if seed % REPEAT_EVERY == 0 else run.digest
            except Violation as violation:
                played.failures.append((seed, "\n".join([str(violation), *violation.__notes__])))
                continue
            played.repeated += seed % REPEAT_EVERY == 0
            if again != run.digest:
                played.failures.append((seed, f"seed {seed} gave another trace the second time"))
            for name in ("requests", "faults", "crashes", "operations"):
                setattr(played, name, getattr(played, name) + getattr(run, name))
    return played


def play_all(first: int, count: int, jobs: int) -> Played:
    """Play them in several processes, with a line now and then that says how far it is."""
    seeds = range(first, first + count)
    tasks = [seeds[start : start + SEEDS_PER_TASK] for start in range(0, count, SEEDS_PER_TASK)]
    total, began = Played(), time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(play, task) for task in tasks]):
            total.add(done.result())
            rate = total.schedules / (time.monotonic() - began)
            print(f"{total.schedules} of {count} schedules, {rate:.1f}/s, {len(total.failures)} failed", flush=True)
    return total


def planted_bugs_caught() -> dict[str, str | None]:
    """For every planted bug the invariant by which it was noticed, None where it was not."""
    with level_ground() as ground:
        found = {bug.__name__: first_violation(bug, ground, SEEDS_PER_BUG) for bug in BUGS}
    return {name: None if violation is None else violation.invariant for name, violation in found.items()}


def figures(
    played: Played, count: int, first: int, seconds: float, caught: dict[str, str | None]
) -> list[dict[str, Any]]:
    """The figures of a run."""
    seeds = f"{first}-{first + count - 1}"
    passed = played.schedules - len(played.failures)
    seen = sum(invariant is not None for invariant in caught.values())
    return [
        {"name": "simulated schedules that keep every invariant", "value": passed, "unit": "schedules", "runs": count,
         "target": count, "met": passed == count, "seeds": seeds},
        {"name": "schedules played again with the same trace", "value": played.repeated, "unit": "schedules"},
        {"name": "operations written on devices", "value": played.operations, "unit": "operations"},
        {"name": "requests", "value": played.requests, "unit": "requests"},
        {"name": "requests that met a fault", "value": played.faults, "unit": "requests"},
        {"name": "crashes of a device", "value": played.crashes, "unit": "crashes"},
        {"name": "rate", "value": round(played.schedules / seconds, 2), "unit": "schedules/s"},
        {"name": "planted bugs caught", "value": seen, "unit": "bugs", "runs": len(caught), "target": len(caught),
         "met": seen == len(caught)},
    ]  # fmt: skip


def write_proof(path: Path, started_at: datetime, seconds: float, found: list[dict[str, Any]]) -> None:
    """Write the figures where others look for them."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    document = {
        "commit": commit or None,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "started_at": started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(seconds, 1),
        "figures": found,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def show(seed: int) -> int:
    """Play one schedule and print its trace; a violation ends it with the lines that led there."""
    with level_ground() as ground:
        try:
            run = run_schedule(seed, ground)
        except Violation as violation:
            print("\n".join([*violation.trace, str(violation)]))
            return 1
    print("\n".join(run.trace))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where every schedule keeps every invariant and every planted bug is caught, else 1."""
    options = _parser().parse_args(arguments)
    if options.trace:
        return show(options.seed)
    started_at, began = datetime.now(UTC), time.monotonic()
    played = play_all(options.seed, options.schedules, options.jobs)
    playing = time.monotonic() - began
    caught = {} if options.no_bugs else planted_bugs_caught()
    found = figures(played, options.schedules, options.seed, playing, caught)
    for seed, told in sorted(played.failures):
        print(f"\nFAILED seed {seed}\n{told}")
    for name, invariant in caught.items():
        print(f"planted {name.replace('_', ' ')}: {invariant or 'NOT CAUGHT'}")
    for figure in found:
        print(f"{figure['value']:>10} {figure['unit']:<12} {figure['name']}")
    if options.json is not None:
        write_proof(options.json, started_at, time.monotonic() - began, found)
    return 0 if all(figure.get("met", True) for figure in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=100, help="how many (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first, the others follow (default 1)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--trace", action="store_true", help="play the one schedule of --seed and print its trace")
    parser.add_argument("--no-bugs", action="store_true", help="leave out the planted bugs")
    return parser


if __name__ == "__main__":
    sys.exit(main())

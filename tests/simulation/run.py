"""The command of the simulation: plays many schedules, says what it found, and writes the figures.

`--mix MIX --seed S --trace` shows one schedule line by line, `--shrink` a small one that fails like it. What a
schedule is lives in `schedule`, what happens in it in `world`.
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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from simulation.mixes import MIXES
from simulation.planted import BUGS, first_violation
from simulation.playing import Played, found_in, play, smaller, story
from simulation.schedule import Schedule, read_steps
from simulation.world import level_ground, whole

SCHEDULES_PER_TASK: Final = 20
# How many seeds of its mixes a planted bug is looked for in; the short proof plays as many of each mix.
SEEDS_PER_BUG: Final = 15
# So many failures are made small; more of them are hardly other ones.
SHRUNK_MAX: Final = 3


def play_some(schedules: Sequence[Schedule]) -> Played:
    """Play schedules in a place of their own."""
    with level_ground() as ground:
        return play(schedules, ground)


def play_all(schedules: Sequence[Schedule], jobs: int) -> Played:
    """Play them in several processes, with a line now and then that says how far it is."""
    tasks = [schedules[start : start + SCHEDULES_PER_TASK] for start in range(0, len(schedules), SCHEDULES_PER_TASK)]
    total, began = Played(), time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(play_some, task) for task in tasks]):
            played = done.result()
            total.add(played)
            for schedule, invariant, _ in played.failures:
                print(f"FAILED {schedule.name}: {invariant}", flush=True)
            rate = total.schedules / (time.monotonic() - began)
            print(f"{total.schedules} of {len(schedules)} schedules, {rate:.1f}/s, {len(total.failures)} failed", flush=True)
    return total


def schedules_of(mixes: Sequence[str], first: int, count: int) -> list[Schedule]:
    """So many schedules, spread evenly over the mixes."""
    return [whole(mixes[number % len(mixes)], first + number // len(mixes)) for number in range(count)]


def _caught(name: str) -> tuple[str, str | None]:
    bug = next(bug for bug in BUGS if bug.__name__ == name)
    with level_ground() as ground:
        violation = first_violation(bug, ground, range(1, SEEDS_PER_BUG + 1))
    return name, None if violation is None else violation.invariant


def planted_bugs_caught(jobs: int) -> dict[str, str | None]:
    """For every planted bug the invariant by which it was noticed, None where it was not."""
    with ProcessPoolExecutor(jobs) as pool:
        return dict(pool.map(_caught, [bug.__name__ for bug in BUGS]))


def figures(played: Played, seeds: str, seconds: float, caught: dict[str, str | None]) -> list[dict[str, Any]]:
    """The figures of a run."""
    passed = played.schedules - len(played.failures)
    seen = sum(invariant is not None for invariant in caught.values())
    found: list[dict[str, Any]] = [
        {"name": "simulated schedules that keep every invariant", "value": passed, "unit": "schedules",
         "runs": played.schedules, "target": played.schedules, "met": passed == played.schedules, "seeds": seeds,
         "mixes": dict(sorted(played.by_mix.items()))},
        {"name": "schedules played again with the same trace", "value": played.repeated, "unit": "schedules"},
        {"name": "operations written on devices", "value": played.operations, "unit": "operations"},
        {"name": "requests", "value": played.requests, "unit": "requests"},
        {"name": "requests that met a fault", "value": played.faults, "unit": "requests"},
        {"name": "crashes of a device", "value": played.crashes, "unit": "crashes"},
        {"name": "restores of the server", "value": played.restores, "unit": "restores"},
        {"name": "rate", "value": round(played.schedules / seconds, 2), "unit": "schedules/s"},
    ]  # fmt: skip
    if caught:
        found.append({"name": "planted bugs caught", "value": seen, "unit": "bugs", "runs": len(caught),
                      "target": len(caught), "met": seen == len(caught), "caught": caught})  # fmt: skip
    return found


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


def show(schedule: Schedule, *, shrunk: bool) -> int:
    """Print one schedule's trace, or that of a small one that fails like it; exit status 1 where it fails."""
    with level_ground() as ground:
        failed = found_in(schedule, ground)
        if failed is not None and shrunk:
            schedule = smaller(schedule, failed.invariant, ground)
        print(story(schedule, ground))
    return 0 if failed is None else 1


def tell_failures(played: Played) -> None:
    """Print what failed, the first ones small enough to read."""
    with level_ground() as ground:
        for number, (schedule, invariant, told) in enumerate(sorted(played.failures, key=lambda each: each[0].name)):
            print(f"\nFAILED {schedule.name}\n{told}")
            if number < SHRUNK_MAX:
                print("what is needed for it:", story(smaller(schedule, invariant, ground), ground), sep="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where every schedule keeps every invariant and every planted bug is caught, else 1."""
    options = _parser().parse_args(arguments)
    if options.trace or options.shrink:
        if options.mix is None:
            _parser().error("--trace and --shrink show one schedule: name its --mix")
        schedule = whole(options.mix, options.seed)
        if options.steps:
            schedule = schedule.with_steps(read_steps(options.steps))
        return show(schedule, shrunk=options.shrink)
    started_at, began = datetime.now(UTC), time.monotonic()
    schedules = schedules_of([options.mix] if options.mix else list(MIXES), options.seed, options.schedules)
    played = play_all(schedules, options.jobs)
    playing = time.monotonic() - began
    caught = {} if options.no_bugs else planted_bugs_caught(options.jobs)
    found = figures(played, f"{options.seed}-{schedules[-1].seed}", playing, caught)
    tell_failures(played)
    for name, invariant in caught.items():
        print(f"planted {name.replace('_', ' ')}: {invariant or 'NOT CAUGHT'}")
    for figure in found:
        print(f"{figure['value']:>10} {figure['unit']:<12} {figure['name']}")
    if options.json is not None:
        write_proof(options.json, started_at, time.monotonic() - began, found)
    return 0 if all(figure.get("met", True) for figure in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=100, help="how many, spread over the mixes (default 100)")
    parser.add_argument("--mix", choices=list(MIXES), help="only this mix (default: each in turn)")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first, the others follow (default 1)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--trace", action="store_true", help="play the one schedule of --mix and --seed, print its trace")
    parser.add_argument("--steps", help="with --trace: only these steps, as a shrunk schedule names them")
    parser.add_argument("--shrink", action="store_true", help="leave out what that schedule does not need to fail")
    parser.add_argument("--no-bugs", action="store_true", help="leave out the planted bugs")
    return parser


if __name__ == "__main__":
    sys.exit(main())

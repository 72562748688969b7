"""The command of the hostile bodies: sends the whole corpus to both engines, then requests made from the description.

Says what was answered otherwise than with its code, and writes the figures.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from engines.places import Place, SqlitePlace, postgres_place
from engines.postgres_cluster import PostgresCluster, find_programs
from hostile.described import faults_of_description
from hostile.judge import cases, faults_of
from hostile.target import open_target, prepare
from simulation.run import write_proof

ENGINES: Final = ("sqlite", "postgresql")


@contextmanager
def place_on(engine: str) -> Iterator[Place]:
    """Room for databases on this engine; a cluster of its own where it needs one."""
    with ExitStack() as stack:
        if engine == "sqlite":
            yield SqlitePlace(Path(stack.enter_context(tempfile.TemporaryDirectory())))
            return
        cluster = PostgresCluster.start()
        stack.callback(cluster.stop)
        yield stack.enter_context(postgres_place(cluster))


def send_corpus(place: Place, folder: Path) -> tuple[int, list[str]]:
    """How many bodies were sent, and what was wrong with which answer."""
    sent, faults = 0, []
    for family, bodies in groupby(cases(), key=lambda case: case.family):
        target = open_target(place.prepared("hostile", prepare), folder)
        for case in bodies:
            sent += 1
            faults += [f"{place.engine_name}, {case}: {fault}" for fault in faults_of(target, case)]
        if not target.still_works():
            faults.append(f"{place.engine_name}, {family}: the server does not work any more")
        target.database.dispose()
    return sent, faults


def ask_as_described(place: Place, folder: Path, examples: int) -> tuple[int, list[str]]:
    """How many requests were made from the description, and what was wrong with which answer."""
    target = open_target(place.prepared("hostile", prepare), folder)
    asked, faults = faults_of_description(target, examples)
    target.database.dispose()
    return asked, [f"{place.engine_name}, {operation}: {fault}" for operation, fault in faults.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where every body has its code and every answer is as described, else 1."""
    options = _parser().parse_args(arguments)
    logging.disable(logging.CRITICAL)
    started_at, began = datetime.now(UTC), time.monotonic()
    found: list[dict[str, Any]] = []
    for engine in options.engines:
        if engine == "postgresql" and find_programs() is None:
            print("NOT RUN: postgresql is missing", file=sys.stderr)
            continue
        with place_on(engine) as place, tempfile.TemporaryDirectory() as folder:
            sent, wrong = send_corpus(place, Path(folder))
            asked, undescribed = ask_as_described(place, Path(folder), options.examples)
        print("\n".join([*wrong, *undescribed]), end="\n" if wrong or undescribed else "")
        found += [
            {"name": f"hostile bodies answered otherwise than with a code, {engine}", "value": len(wrong),
             "unit": "bodies", "runs": sent, "target": 0, "met": not wrong},
            {"name": f"generated requests answered otherwise than described, {engine}", "value": len(undescribed),
             "unit": "operations", "runs": asked, "target": 0, "met": not undescribed},
        ]  # fmt: skip
    for figure in found:
        print(f"{figure['value']:>10} {figure['unit']:<12} {figure['name']} (of {figure['runs']})")
    if options.json is not None:
        write_proof(options.json, started_at, time.monotonic() - began, found)
    return 0 if found and all(figure["met"] for figure in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="requests for each operation each way (default 100)")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), help="default: both")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""The command of the benchmark: measures, prints the table, and writes the JSON. README.md says what each row means.

What is measured lives in `writing`, `reading`, `saving` and `growth`; nothing here measures by itself.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench import device, growth, reading, saving, scoring, workload, writing
from bench.figures import Book, print_table, write_json
from bench.grounds import POSTGRESQL, Ground, grounds
from bench.machine import describe

ROUNDS: Final = 3
SCORES: Final = {"full": scoring.FULL, "middle": scoring.MIDDLE, "quick": scoring.QUICK}


def measure(engines: Sequence[Ground], folder: Path, book: Book, rounds: int, *, quick: bool) -> None:
    """Every row of the default run, round by round."""
    size = writing.QUICK if quick else writing.FULL
    entries = reading.QUICK_ENTRIES if quick else reading.FULL_ENTRIES
    saves = saving.QUICK_SAVES if quick else saving.FULL_SAVES
    stores = saving.make_stores(folder / "saving", rounds)
    for number in range(rounds):
        for ground in engines:
            for batch in (writing.LARGE, writing.SMALL):
                _say(f"round {number + 1} of {rounds}: {ground.name}, batches of {batch}")
                writing.measure_writing(ground, book, size, batch, number)
            _say(f"round {number + 1} of {rounds}: {ground.name}, reading")
            reading.measure_reading(ground, book, entries, number)
        _say(f"round {number + 1} of {rounds}: saving on the device")
        saving.measure_saving(stores[number], book, saves, number)
    writing.tell_engines(book)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where everything could be measured, whatever the figures are."""
    options = _parser().parse_args(arguments)
    rounds = options.rounds or (1 if options.quick else ROUNDS)
    started_at, began = datetime.now(UTC), time.monotonic()
    book = Book()
    with (
        tempfile.TemporaryDirectory(prefix="lontara-bench-", dir=options.folder) as name,
        grounds(Path(name), options.processes) as engines,
    ):
        folder = Path(name)
        about = describe(folder, engines) | {"processes_on_postgresql": options.processes}
        if options.large:
            for ground in engines:
                _say(f"{ground.name}: a small and a large table")
                growth.measure_growth(ground, book, growth.QUICK if options.quick else growth.FULL)
        elif options.scores:
            for number in range(rounds):
                for ground in scoring.grounds_for(engines):
                    _say(f"round {number + 1} of {rounds}: scores of a month")
                    scoring.measure_scores(ground, book, SCORES[options.size or ("quick" if options.quick else "full")], number)
        else:
            measure(engines, folder, book, rounds, quick=options.quick)
        is_whole = any(ground.name == POSTGRESQL for ground in engines)
    about |= {
        "started_at": started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(time.monotonic() - began, 1),
        "workload": {"from": workload.named(), "bytes_of_an_operation": device.operation_bytes()},
        "quick": options.quick,
    }
    print_table(book)
    if not is_whole:
        print("PostgreSQL is missing (apt-get install postgresql): its rows are left out.")
    if options.quick:
        print("A smoke run: too little was sent for the figures to mean anything.")
    if options.json is not None:
        write_json(options.json, about, book, str(workload.SEED))
        print(f"{options.json} holds them all, with each round's own.")
    return 0


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="file for the figures")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"figures are medians of N rounds (default {ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="a smoke run: one round, little of everything")
    parser.add_argument("--large", action="store_true", help="only the growth: 1 M rows in the table against 10 k")
    parser.add_argument("--scores", action="store_true", help="only scores: 8,000 staff with 1 M entries in a month")
    parser.add_argument("--size", choices=sorted(SCORES), help="of --scores: another number of staff")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N",
                        help="of each server on PostgreSQL (default: one a core)")  # fmt: skip
    parser.add_argument("--folder", type=Path, help="where the databases of SQLite and of the devices lie for the run")
    return parser


if __name__ == "__main__":
    sys.exit(main())

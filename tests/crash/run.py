"""The command of the crash tests: power cuts, kills, byte cuts and I/O errors in numbers, and the figures as JSON.

What each of them is lives in `power`, `killing`, `cutting` and `io_errors`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from crash.cutting import Exchange, every_cut
from crash.cutting import Lost as CutLost
from crash.io_errors import ACTS, ERRORS, Sweep
from crash.killing import Kills, run_campaign
from crash.planted import NotSynced
from crash.power import CUTS_PER_LIFE, Ground, Tally
from crash.upgrading import cut_an_upgrade
from engines.postgres_cluster import PostgresCluster, find_programs
from lontara_server.storage.engine import make_engine
from simulation.run import write_proof

CAMPAIGNS_OF_CLIENTS: Final = 60
LIVES_WITH_NORMAL: Final = 3
UPGRADES: Final = 8
BYTE_PARTS: Final = 8


@dataclass
class Found:
    """What all parts of a run did and found."""

    power: Tally = field(default_factory=Tally)
    careless: Tally = field(default_factory=Tally)
    upgrade_cuts: int = 0
    kills: Kills = field(default_factory=Kills)
    on_postgresql: int = 0
    byte_cuts: int = 0
    byte_failures: list[str] = field(default_factory=list)
    io_errors: int = 0
    io_failures: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def failures(self) -> list[str]:
        return [*self.power.failures, *self.kills.wrong, *self.byte_failures, *self.io_failures]


@contextmanager
def _folder() -> Iterator[Path]:
    """A place in memory where there is some: what survives is decided by the tests and not by this machine's disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def cut_power(seed: int, cuts: int) -> Tally:
    """One life and its cuts."""
    with _folder() as folder:
        return Ground(folder).play(seed, cuts)


def cut_power_of_the_careless(seed: int) -> Tally:
    """The same with `synchronous=NORMAL`, which must be seen."""
    with _folder() as folder:
        return Ground(folder, NotSynced).play(seed, CUTS_PER_LIFE)


def cut_upgrades(seed: int) -> int:
    """An older store brought up to date, cut at every call; raises Lost."""
    with _folder() as folder:
        return cut_an_upgrade(seed, folder)


def kill(seed: int, clients: int, servers: int, *, on_postgresql: bool) -> Kills:
    """One campaign of kills."""
    with _folder() as folder:
        if not on_postgresql:
            return run_campaign(seed, folder / "campaign", clients=clients, servers=servers)
        cluster = PostgresCluster.start()
        try:
            engine = make_engine(cluster.create("campaign"))
            return run_campaign(seed, folder / "campaign", clients=clients, servers=servers, engine=engine)
        finally:
            cluster.stop()


def cut_bytes(part: int, step: int) -> tuple[int, list[str]]:
    """One part of the byte cuts of an exchange."""
    with _folder() as folder:
        exchange, failures = Exchange(folder / "exchange"), []
        cuts = list(every_cut(exchange.run(None), step))[part::BYTE_PARTS]
        for cut in cuts:
            try:
                exchange.run(cut)
            except CutLost as lost:
                failures.append(str(lost))
        exchange.close()
    return len(cuts), failures


def fail_calls(act: str, code: str) -> tuple[int, list[str]]:
    """Every call of an act fails in turn, once and for good."""
    with _folder() as folder:
        sweep = Sweep(folder)
        swept = [sweep.over(act, code, lasting=lasting) for lasting in (False, True)]
    return sum(each.cases for each in swept), [wrong for each in swept for wrong in each.wrong]


def run_all(options: argparse.Namespace) -> Found:
    """All parts, one after the other, each in several processes."""
    found = Found()

    def part(name: str, work: Callable[..., Any], each: Sequence[tuple[Any, ...]], take: Callable[[Any], None]) -> None:
        began = time.monotonic()
        with ProcessPoolExecutor(options.jobs) as pool:
            for done in as_completed([pool.submit(work, *values) for values in each]):
                take(done.result())
        found.seconds[name] = time.monotonic() - began
        print(f"{name}: {found.seconds[name]:.0f} s, {len(found.failures)} failures so far", flush=True)

    def take_kills(kills: Kills) -> None:
        for name in ("clients", "servers", "entries", "operations"):
            setattr(found.kills, name, getattr(found.kills, name) + getattr(kills, name))
        found.kills.during += kills.during
        found.kills.wrong += kills.wrong

    def take_upgrade(cuts: int) -> None:
        found.upgrade_cuts += cuts

    def take_bytes(done: tuple[int, list[str]]) -> None:
        found.byte_cuts += done[0]
        found.byte_failures += done[1]

    def take_io(done: tuple[int, list[str]]) -> None:
        found.io_errors += done[0]
        found.io_failures += done[1]

    part("power cuts", cut_power, list(_lives(options.seed, options.power_cuts)), found.power.add)
    part(
        "power cuts of an upgrade", cut_upgrades, [(options.seed + number,) for number in range(UPGRADES)], take_upgrade
    )
    part("power cuts with synchronous=NORMAL", cut_power_of_the_careless,
         [(options.seed + number,) for number in range(LIVES_WITH_NORMAL)], found.careless.add)  # fmt: skip
    campaigns = list(_campaigns(options.seed, options.client_kills, options.server_kills))
    has_postgresql = find_programs() is not None
    part("kills, server on SQLite", partial(kill, on_postgresql=False), campaigns[::2] if has_postgresql else campaigns,
         take_kills)  # fmt: skip
    if has_postgresql:
        found.on_postgresql = sum(servers for _, _, servers in campaigns[1::2])
        part("kills, server on PostgreSQL", partial(kill, on_postgresql=True), campaigns[1::2], take_kills)
    part("byte cuts", cut_bytes, [(number, options.byte_step) for number in range(BYTE_PARTS)], take_bytes)
    part("I/O errors", fail_calls, [(act, code) for act in ACTS for code in ERRORS], take_io)
    return found


def _lives(seed: int, cuts: int) -> Iterator[tuple[int, int]]:
    """Lives and how many cuts of each; a few more, since two places may fall together."""
    for number in range(-(-cuts * 21 // (CUTS_PER_LIFE * 20))):
        yield seed + number, CUTS_PER_LIFE


def _campaigns(seed: int, clients: int, servers: int) -> Iterator[tuple[int, int, int]]:
    """Kills in parts, so that each is a campaign with a seed of its own; two at least, for the two engines."""
    parts = max(2, -(-clients // CAMPAIGNS_OF_CLIENTS))
    for number in range(parts):
        yield seed + number, -(-clients // parts), -(-servers // parts)


def figures(found: Found, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The figures of a run."""
    power, kills, lives = found.power, found.kills, len(list(_lives(options.seed, options.power_cuts)))
    seeds = f"{options.seed}-{options.seed + lives - 1}"
    return [
        {"name": "power-cut schedules of the SDK's transactions", "value": power.schedules, "unit": "schedules",
         "runs": power.schedules, "target": options.power_cuts, "met": power.schedules >= options.power_cuts, "seeds": seeds},
        {"name": "power-cut schedules that lost a saved entry or left anything by halves", "value": power.lost,
         "unit": "schedules", "runs": power.schedules, "target": 0, "met": power.lost == 0},
        {"name": "power cuts, second ones included", "value": power.cuts, "unit": "cuts"},
        {"name": "saved entries looked for after a power cut", "value": power.promises, "unit": "entries"},
        {"name": "kinds of step and disk call that were cut", "value": len(power.met), "unit": "kinds"},
        {"name": "rate of power cuts", "value": round(power.schedules / found.seconds["power cuts"], 1), "unit": "schedules/s"},
        {"name": "power cuts of an upgrade of an older store, each ending in the new one", "value": found.upgrade_cuts,
         "unit": "cuts"},
        {"name": "synchronous=NORMAL caught by the power cuts", "value": found.careless.lost, "unit": "schedules",
         "runs": found.careless.schedules, "target": 1, "met": found.careless.lost > 0},
        {"name": "kill -9 of a client", "value": kills.clients, "unit": "kills", "target": options.client_kills,
         "met": kills.clients >= options.client_kills},
        {"name": "of these while a request was away", "value": kills.during["syncing"], "unit": "kills"},
        {"name": "kill -9 of the server in mid-sync", "value": kills.servers, "unit": "kills",
         "target": options.server_kills, "met": kills.servers >= options.server_kills},
        {"name": "of these with PostgreSQL as its database", "value": found.on_postgresql, "unit": "kills"},
        {"name": "entries saved under kills", "value": kills.entries, "unit": "entries"},
        {"name": "faults found after kills: lost, doubled or apart", "value": len(kills.wrong), "unit": "faults",
         "target": 0, "met": not kills.wrong},
        {"name": "cuts of a three-operation exchange at a byte", "value": found.byte_cuts, "unit": "cuts"},
        {"name": "byte cuts that lost or doubled an operation", "value": len(found.byte_failures), "unit": "cuts",
         "runs": found.byte_cuts, "target": 0, "met": not found.byte_failures},
        {"name": "failing disk calls of a save, an edit and a sync", "value": found.io_errors, "unit": "cases"},
        {"name": "failing disk calls that were not told, or left anything by halves", "value": len(found.io_failures),
         "unit": "cases", "runs": found.io_errors, "target": 0, "met": not found.io_failures},
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where nothing was lost, doubled or left by halves and the planted fault was seen, else 1."""
    options = _parser().parse_args(arguments)
    started_at, began = datetime.now(UTC), time.monotonic()
    found = run_all(options)
    listed = figures(found, options)
    for failure in found.failures[:20]:
        print(f"FAILED {failure}")
    for figure in listed:
        print(f"{figure['value']:>10} {figure['unit']:<12} {figure['name']}")
    if options.json is not None:
        write_proof(options.json, started_at, time.monotonic() - began, listed)
    return 0 if all(figure.get("met", True) for figure in listed) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--power-cuts", type=int, default=1_000, help="schedules (default 1000)")
    parser.add_argument("--client-kills", type=int, default=30, help="kill -9 of a person's process (default 30)")
    parser.add_argument("--server-kills", type=int, default=6, help="kill -9 of the server (default 6)")
    parser.add_argument("--byte-step", type=int, default=1, help="cut at every so many bytes (default at each)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed, the others follow (default 1)")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

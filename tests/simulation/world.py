"""One schedule: a server, three devices, a bad network and a clock, driven by one seed, and checked at every step.

The same seed gives the same trace, line by line.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Final
from unittest.mock import patch

from lontara_core.problems import Problem
from lontara_server.services.scores import check_stored, drain_dirty
from lontara_server.storage.engine import transaction
from server.ready import NOW
from simulation import steps
from simulation.checkers import Checkers, Violation
from simulation.ledger import Ledger
from simulation.network import Network
from simulation.office import ORG
from simulation.steps import MEANWHILE, NOTHING, STEPS, Step
from simulation.tablet import Crashed, DeviceClock, Tablet
from simulation.template import DEVICES, Ground, seeded_secrets

STEPS_PER_SCHEDULE: Final = 32
DEPTH_MAX: Final = 2
TRIES_MAX: Final = 6
MEANWHILE_CHANCE: Final = 0.12
SENDER_CHANCE: Final = 0.4
CRASH_CHANCE: Final = 0.08
WRITES_MAX: Final = 30
# With the link up, this many syncs of each must drain any queue.
ROUNDS_MAX: Final = 4
SKEWS_MS: Final = (0, 0, 40_000, -200_000, 26 * 3_600_000, -400 * 24 * 3_600_000)
# Small pages and batches, so that a run of sync needs several and can be cut between them.
PAGE_BYTES: Final = 2_000
BATCH_OPERATIONS: Final = 3


@dataclass
class Run:
    """What one schedule did."""

    seed: int
    trace: list[str] = field(default_factory=list)
    requests: int = 0
    faults: int = 0
    crashes: int = 0
    operations: int = 0

    @property
    def digest(self) -> str:
        return sha256("\n".join(self.trace).encode()).hexdigest()


class World:
    """Everything that a step can touch."""

    def __init__(self, seed: int, ground: Ground) -> None:
        self.run, self.chance, self.now = Run(seed), Random(seed), NOW
        self.ledger = Ledger()
        ground.begin(lambda: self.now)
        self.office = ground.office
        self.network = Network(self.office, self.chance, self._meanwhile)
        self.tablets = [self._tablet(ground.folder / name, name, nip) for name, nip in DEVICES.items()]
        self.checkers = Checkers(self.office.path, self.tablets, self.ledger)
        for tablet in self.tablets:
            tablet.on_commit = self.checkers.after_commit
        self._depth = 0
        self._number = 0

    def _tablet(self, folder: Path, name: str, nip: str) -> Tablet:
        clock = DeviceClock(lambda: self.now, self.pass_ms, self.chance.choice(SKEWS_MS))
        return Tablet(name, nip, folder, clock, Random(f"{self.run.seed} {name}"), self.network.link)

    def close(self) -> None:
        self.checkers.close()
        for tablet in self.tablets:
            tablet.close()

    def number(self) -> int:
        """A number that was never used before, so that every written value can be told from every other."""
        self._number += 1
        return self._number

    def pass_ms(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now += milliseconds

    def live(self) -> None:
        """The storm, then the calm in which all must come to rest; raises Violation."""
        for _ in range(STEPS_PER_SCHEDULE):
            self.pass_ms(self.chance.randrange(500, 40_000))
            self._take(STEPS)
            self.checkers.after_step()
        self._come_to_rest()
        self.checkers.at_rest()
        self.run.requests, self.run.faults = self.network.requests, self._faults()

    def _faults(self) -> int:
        return sum(count for name, count in self.network.faults.items() if name != "none")

    def _take(self, possible: Mapping[Step, int], tablet: Tablet | None = None) -> None:
        """Take a step, by chance, on this tablet or any; where there was nothing to do for it, another one."""
        for _ in range(TRIES_MAX):
            step = self.chance.choices(list(possible), list(possible.values()))[0]
            fragile = self.chance.random() < CRASH_CHANCE
            if self._act(step, tablet or self.chance.choice(self.tablets), fragile=fragile) != NOTHING:
                return

    def _act(self, step: Step, tablet: Tablet, *, fragile: bool = False) -> str:
        life = tablet.lives
        tablet.store.writes_left = self.chance.randint(1, WRITES_MAX) if fragile else None
        try:
            outcome = step(self, tablet)
        except Crashed:
            outcome = "crashed"
            self.run.crashes += 1
            if tablet.lives == life:
                tablet.restart()
        except Problem as problem:
            outcome = steps.refused(step, problem)
        tablet.store.writes_left = None
        if outcome != NOTHING:
            self.run.trace.append(f"{self.now} {'  ' * self._depth}{tablet.name} {step.__name__}: {outcome}")
        return outcome

    def _meanwhile(self, sender: Tablet) -> None:
        """While a request is away: others go on, and so does its sender, by hand or with a second run of sync."""
        if self.network.calm or self._depth >= DEPTH_MAX or self.chance.random() >= MEANWHILE_CHANCE:
            return
        self._depth += 1
        for _ in range(self.chance.choice([1, 1, 2, 4])):
            self._take(MEANWHILE, sender if self.chance.random() < SENDER_CHANCE else None)
        self._depth -= 1

    def _come_to_rest(self) -> None:
        while self.network.deliver_late():
            self.checkers.after_step()
        self.network.calm = True
        rounds = 0
        while self._round_moves_something():
            rounds += 1
            if rounds > ROUNDS_MAX:
                raise Violation("the queue drains", f"something still moves after {rounds} rounds with the link up")
        with transaction(self.office.engine) as connection:
            drain_dirty(connection, ORG, self.now, 1_000)
            differences = check_stored(connection, ORG, self.now).differences
        if differences:
            raise Violation("score = f(entries)", f"{len(differences)} stored scores differ from a fresh computation")
        self.run.trace.append(f"at rest: {self.checkers.fingerprint()}")
        self.run.operations = self.checkers.operations()

    def _round_moves_something(self) -> bool:
        moved = 0
        for tablet in self.tablets:
            self.pass_ms(1_000)
            report = tablet.client.sync()
            if report.problem is not None:
                raise Violation("the queue drains", f"{tablet.name} stops with the link up: {report.problem.code}")
            self.run.trace.append(f"{self.now} {tablet.name} rests: {report.operations_up} {report.operations_down}")
            self.checkers.after_step()
            moved += report.operations_up + report.operations_down
        return moved > 0


class _Seeded:
    """Names the seed in whatever goes wrong inside."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            last = "\n    ".join(self._run.trace[-6:])
            error.add_note(f"{replay(self._run.seed)}\n    {last}")
        if isinstance(error, Violation):
            error.trace = self._run.trace


def replay(seed: int) -> str:
    """How to see a schedule again."""
    return f"seed {seed}; again with its trace: PYTHONPATH=tests python tests/simulation/run.py --seed {seed} --trace"


@contextmanager
def level_ground() -> Iterator[Ground]:
    """A place to play schedules on, in memory where there is some: what a power cut loses is another test's question."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True) as folder:
        ground = Ground(Path(folder))
        try:
            yield ground
        finally:
            ground.close()


def run_schedule(seed: int, ground: Ground) -> Run:
    """Run one schedule to its end; raises Violation, or whatever the product raised, with the seed in its notes."""
    pages = patch.multiple("lontara_server.services.pull", PULL_BYTES_MIN=PAGE_BYTES, PULL_BYTES_MAX=PAGE_BYTES)
    batches = patch("lontara.engine.BATCH_OPERATIONS_MAX", BATCH_OPERATIONS)
    with pages, batches, seeded_secrets(f"schedule {seed}"):
        world = World(seed, ground)
        try:
            with _Seeded(world.run):
                world.live()
        finally:
            world.close()
    return world.run

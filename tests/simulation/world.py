"""One schedule: a server, its devices, a bad network and a clock, driven by one seed, and checked at every step.

The same schedule gives the same trace, line by line.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from unittest.mock import patch

from lontara.engine import SyncReport
from lontara_core.problems import Problem
from server.ready import NOW
from simulation import office_steps, steps
from simulation.checkers import Checkers
from simulation.faults import Violation
from simulation.ledger import Ledger
from simulation.mixes import MIXES, SKEWS_MS
from simulation.network import Endless, Network
from simulation.office import Snapshot, stricter_server
from simulation.resting import come_to_rest
from simulation.schedule import Planned, Schedule
from simulation.steps import NOTHING, Step
from simulation.tablet import Crashed, DeviceClock, Tablet
from simulation.template import DEVICES, Bearer, Ground, seeded_secrets

DEPTH_MAX: Final = 2
TRIES_MAX: Final = 6
SENDER_CHANCE: Final = 0.4
CRASH_CHANCE: Final = 0.08
WRITES_MAX: Final = 30
# Small pages and batches, so that a run of sync needs several and can be cut between them.
PAGE_BYTES: Final = 2_000
BATCH_OPERATIONS: Final = 3


@dataclass
class Run:
    """What one schedule did."""

    schedule: Schedule
    trace: list[str] = field(default_factory=list)
    requests: int = 0
    faults: int = 0
    crashes: int = 0
    restores: int = 0
    operations: int = 0

    @property
    def digest(self) -> str:
        return sha256("\n".join(self.trace).encode()).hexdigest()


@dataclass(frozen=True)
class Image:
    """A device's disk as it once was, with what its person had been told by then."""

    folder: Path
    entries: set[str]
    drafts: set[str]


class World:
    """Everything that a step can touch."""

    def __init__(self, schedule: Schedule, ground: Ground) -> None:
        self.schedule, self.mix, self.run = schedule, MIXES[schedule.mix], Run(schedule)
        self.chance, self.now = schedule.chance("ground"), NOW
        self.ledger = Ledger()
        ground.begin(lambda: self.now, schedule.name, self.mix.tablets)
        self.folder, self.office = ground.folder, ground.office
        self.network = Network(self.office, lambda: self.chance, self._meanwhile)
        self.tablets: list[Tablet] = []
        self.checkers = Checkers(self.office, self.tablets, self.ledger, lambda: self.now)
        for name in self.mix.tablets:
            self._add(name, DEVICES[name], self.chance.choice(SKEWS_MS))
        # Devices whose id the server said it does not know, and conflicts as a second admin saw them.
        self.unknown: set[str] = set()
        self.looked_at: dict[str, dict[str, Any]] = {}
        self._images: dict[str, Image] = {}
        self._depth = 0
        self._number = 0
        self._quiet = False

    def _add(self, name: str, bearer: Bearer, skew_ms: int) -> Tablet:
        clock = DeviceClock(lambda: self.now, self.pass_ms, skew_ms)
        chance = self.schedule.chance(name)
        tablet = Tablet(name, bearer.org, bearer.nip, self.folder / name, clock, chance, self.network.link)
        tablet.on_commit = self.checkers.after_commit
        self.tablets.append(tablet)
        return tablet

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

    def tell(self, line: str) -> None:
        """Write a line of the trace."""
        self.run.trace.append(f"{self.now} {'  ' * self._depth}{line}")

    # A schedule's course

    def live(self) -> None:
        """The storm, then the calm in which all must come to rest; raises Violation."""
        for planned in self.schedule.steps:
            self.chance, self._quiet = self.schedule.chance(str(planned.number)), planned.quiet
            self.pass_ms(self.chance.randrange(500, 40_000))
            self._begin_step(planned)
            self._take(self.mix.steps)
            self.checkers.after_step()
        self.chance, self._quiet = self.schedule.chance("rest"), True
        come_to_rest(self)
        self.run.requests, self.run.faults = self.network.requests, self._faults()
        self.run.operations = len(self.checkers.written)

    def _begin_step(self, planned: Planned) -> None:
        self.network.calm = planned.quiet
        self.run.trace.append(f"step {planned}")

    def _faults(self) -> int:
        return sum(count for name, count in self.network.faults.items() if name != "none")

    def _take(self, possible: Mapping[Step, int], tablet: Tablet | None = None) -> None:
        """Take a step, by chance, on this tablet or any; where there was nothing to do for it, another one."""
        for _ in range(TRIES_MAX):
            step = self.chance.choices(list(possible), list(possible.values()))[0]
            fragile = self.chance.random() < CRASH_CHANCE and not self._quiet
            chosen = tablet or self.chance.choice(self.tablets)
            if not chosen.is_wiped and self._act(step, chosen, fragile=fragile) != NOTHING:
                return

    def _act(self, step: Step, tablet: Tablet, *, fragile: bool) -> str:
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
            outcome = _refused(step, problem)
        tablet.store.writes_left = None
        if outcome != NOTHING:
            self.tell(f"{tablet.name} {step.__name__}: {outcome}")
        return outcome

    def _meanwhile(self, sender: Tablet) -> None:
        """While a request is away: others go on, and so does its sender, by hand or with a second run of sync."""
        if self._quiet or self._depth >= DEPTH_MAX or self.chance.random() >= self.mix.meanwhile_chance:
            return
        self._depth += 1
        for _ in range(self.chance.choice([1, 1, 2, 4])):
            self._take(self.mix.meanwhile, sender if self.chance.random() < SENDER_CHANCE else None)
        self._depth -= 1

    # What steps do that is larger than one call

    def heard(self, tablet: Tablet, report: SyncReport) -> None:
        """Keep what a person is told at the end of a sync: whether another enrolment is needed."""
        if report.problem is not None and report.problem.code in ("unknown_device", "bad_signature"):
            self.unknown.add(tablet.name)

    def enrol(self, tablet: Tablet) -> str:
        """An admin gives out a code, and the person enters it."""
        before = tablet.device
        tablet.client.enrol("http://127.0.0.1:8000", self.office.code_for(tablet.org, tablet.nip))
        self.unknown.discard(tablet.name)
        return f"{before} is now {tablet.device}"

    def restore(self, snapshot: Snapshot) -> None:
        """The server's database is replaced; what only it held is gone."""
        self.checkers.before_restore()
        self.office.restore(snapshot)
        self.checkers.after_restore()
        self.looked_at.clear()
        self.run.restores += 1
        self._strike_out()

    def _strike_out(self) -> None:
        """After a disaster: what no log holds any more is lost with it; a person's own entries may be made again."""
        held = self.checkers.held()
        shown = {(tablet.org, tablet.nip, record) for tablet in self.checkers.live
                 if tablet.epoch != self.office.epoch or tablet.store.setting("fresh_pull")
                 for (record,) in tablet.store.query("SELECT id FROM row WHERE server IS NOT NULL")}  # fmt: skip
        restated = {record for record, saved in self.ledger.entries.items() if (saved.org, saved.nip, record) in shown}
        self.ledger.strike_out(held, restated)

    def copy(self, tablet: Tablet, name: str) -> str:
        """A second machine gets a copy of a device's files."""
        tablet.copy_to(self.folder / name)
        self._add(name, Bearer(tablet.org, tablet.nip), tablet.clock.skew_ms)
        self.ledger.show(name, *self.ledger.of(tablet.name))
        return name

    def take_image(self, tablet: Tablet) -> None:
        """Keep a device's disk as it is now."""
        folder = self.folder / f"image of {tablet.name}"
        shutil.rmtree(folder, ignore_errors=True)
        tablet.copy_to(folder)
        self._images[tablet.name] = Image(folder, *self.ledger.of(tablet.name))

    def put_image_back(self, tablet: Tablet) -> bool:
        """Make a device's disk what its image says; whether there is one."""
        image = self._images.get(tablet.name)
        if image is None:
            return False
        tablet.put_back(image.folder)
        self.ledger.show(tablet.name, image.entries, image.drafts)
        self.checkers.forget(tablet)
        self.unknown.discard(tablet.name)
        self._strike_out()
        return True


def _refused(step: Step, problem: Problem) -> str:
    """A refusal as the trace shows it; raises it again where the step gave no cause for it."""
    if problem.code not in {**steps.EXPECTED, **office_steps.EXPECTED}.get(step, ()):
        raise problem
    return f"refused {problem.code}"


class _Told:
    """Names the schedule in whatever goes wrong inside, and makes a fault of it."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not isinstance(error, Exception):
            return
        found = error if isinstance(error, Violation) else Violation("nothing fails", _what_failed(error))
        found.trace = self._run.trace
        last = "\n    ".join(self._run.trace[-6:])
        found.add_note(f"{self._run.schedule.command(MIXES[self._run.schedule.mix].count)}\n    {last}")
        if found is not error:
            raise found from error


def _what_failed(error: Exception) -> str:
    if isinstance(error, Endless):
        return "a device asks without end"
    return f"{type(error).__name__}: {error.code if isinstance(error, Problem) else error}"


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


def whole(mix: str, seed: int) -> Schedule:
    """A schedule with all its steps."""
    return Schedule.whole(mix, seed, MIXES[mix].count)


def run_schedule(schedule: Schedule, ground: Ground) -> Run:
    """Run one schedule to its end; raises Violation, with how to see it again in its notes."""
    pages = patch.multiple("lontara_server.services.pull", PULL_BYTES_MIN=PAGE_BYTES, PULL_BYTES_MAX=PAGE_BYTES)
    batches = patch("lontara.engine.BATCH_OPERATIONS_MAX", BATCH_OPERATIONS)
    with pages, batches, stricter_server(), seeded_secrets(f"schedule {schedule.name}"):
        world = World(schedule, ground)
        try:
            with _Told(world.run):
                world.live()
        finally:
            world.close()
    return world.run



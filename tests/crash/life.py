"""A person's life with the SDK on a forgetful disk: steps by a seed, and a note of what was on disk and said when.

Every commit is noted with all that the store held then, every promise ("saved") with the call of the disk at which it
was made. What a power cut leaves is held against these notes in `power`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import apsw

from client.conftest import HandClock
from client.fake_server import FakeServer, lost
from crash.disk import ENCRYPTED, Disk, mounted
from lontara import Client
from lontara.database import migrations
from lontara.store import Store
from lontara.transport import HttpAnswer
from lontara_core.operations import Operation
from lontara_core.record import Record
from simulation.template import seeded_secrets

KEY: Final = bytes(range(32))
# A step of an app that comes later, so that a migration meets a full queue.
LATER_STEP: Final = """
CREATE TABLE attempt (position INTEGER NOT NULL PRIMARY KEY, count INTEGER NOT NULL);
INSERT INTO attempt SELECT position, 1 FROM operation;
CREATE TABLE updated (times INTEGER NOT NULL);
INSERT INTO updated VALUES (1);
"""
# Small, so that a life of thirty steps checkpoints several times.
CHECKPOINT_PAGES: Final = 40
BATCH_OPERATIONS: Final = 3
REFUSED_WORD: Final = "TOLAK"
STEPS_PER_LIFE: Final = 26
LOST_ANSWER_CHANCE: Final = 0.15

LATER_TABLES: Final = ("attempt", "updated")


class Driver(apsw.Connection):
    """The driver's connection on the forgetful file system; a subclass may be careless about a statement."""

    def __init__(self, filename: str) -> None:
        super().__init__(filename, vfs=ENCRYPTED)
        self.set_wal_hook(self._after_commit)

    @staticmethod
    def _after_commit(connection: apsw.Connection, name: str, pages: int) -> int:
        """What SQLite does after a commit by itself: a checkpoint that fails is no failure of the commit."""
        if pages >= CHECKPOINT_PAGES:
            with suppress(apsw.Error):
                connection.wal_checkpoint(name)
        return apsw.SQLITE_OK


class NotedStore(Store):
    """The store as it is, which tells of every commit."""

    on_commit: Callable[[], None] = staticmethod(lambda: None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        outermost = not self._in_transaction
        with super().transaction():
            yield
        if outermost:
            self.on_commit()


@dataclass(frozen=True)
class Content:
    """What a person sees of one entry or draft."""

    fields: Mapping[str, Any]
    voided: bool = False
    draft: bool = False


@dataclass(frozen=True)
class Promise:
    """One change of one entry: begun at a call of the disk, promised to be saved at another; None: it is gone."""

    entry: str
    content: Content | None
    begun: int
    said: int


@dataclass(frozen=True)
class Commit:
    """All that the store held after a commit, and the call of the disk after which it returned."""

    at: int
    held: str


@dataclass
class Notes:
    """Everything that was noted in one life, in the order of the disk's calls."""

    commits: list[Commit] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    servers: list[tuple[int, FakeServer]] = field(default_factory=list)
    steps: list[tuple[int, str]] = field(default_factory=list)
    versions: list[tuple[int, int]] = field(default_factory=list)


@contextmanager
def opened(
    folder: Path, disk: Disk, *, version: int = 1, driver: Callable[[str], apsw.Connection] = Driver
) -> Iterator[NotedStore]:
    """The store of this disk, opened as the SDK opens it, but with its key raw and files on the forgetful disk."""
    steps = [*migrations(), LATER_STEP][: len(migrations()) - 1 + version]
    with ExitStack() as parts:
        parts.enter_context(mounted(disk))
        parts.enter_context(patch("lontara.store.open_key", lambda _path, _pin: KEY))
        parts.enter_context(patch("lontara.database.apsw.Connection", driver))
        parts.enter_context(patch("lontara.database.migrations", lambda: steps))
        store = NotedStore(folder, "")
        try:
            yield store
        finally:
            store.close()


def held_by(store: Store) -> str:
    """A digest of every row of every table."""
    tables = [name for (name,) in store.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    rows = [(name, store.query(f"SELECT * FROM {name} ORDER BY 1, 2")) for name in tables if name not in LATER_TABLES]
    return sha256(repr(rows).encode()).hexdigest()


def copy_of(server: FakeServer) -> FakeServer:
    """The server as it stands, for another future."""
    return replace(
        server, keys=dict(server.keys), logs={device: list(log) for device, log in server.logs.items()},
        records=dict(server.records), origins=dict(server.origins), attention=dict(server.attention),
        batches=[], revoked=set(), quarantined={}, before=lambda number: None, after=lambda number, answer: answer,
    )  # fmt: skip


def refuses(operation: Operation) -> str | None:
    """The server's rule in these lives: entries with a certain word are refused until they are corrected."""
    return "invalid_field" if REFUSED_WORD in str(operation.fields.get("title", "")) else None


class Life:
    """One process after the other on one disk, until the plug is pulled (which is up to others)."""

    def __init__(
        self, seed: str, folder: Path, disk: Disk, server: FakeServer, *, version: int = 1,
        contents: Mapping[str, Content] | None = None, driver: Callable[[str], apsw.Connection] = Driver,
    ) -> None:  # fmt: skip
        self.disk, self.server, self.notes = disk, server, Notes()
        self.contents: dict[str, Content] = dict(contents or {})
        self._seed, self._chance, self._folder, self._driver = seed, Random(seed), folder, driver
        self._version, self._number = version, 0
        server.after = self._after_request
        self._noted_server()

    def live(self, steps: int, *, enrolled: bool) -> None:
        """Take so many steps, starting the process again now and then; the last one ends in an orderly way."""
        with seeded_secrets(self._seed), patch("lontara.engine.BATCH_OPERATIONS_MAX", BATCH_OPERATIONS):
            left = steps
            while left > 0:
                left = self._one_process(left, enrolled=enrolled)
                enrolled = True

    def _one_process(self, left: int, *, enrolled: bool) -> int:
        self._step("open")
        self.notes.versions.append((len(self.disk.calls), self._version))
        with opened(self._folder, self.disk, version=self._version, driver=self._driver) as store:
            self._store = store
            store.on_commit = self._noted_commit
            self._noted_commit()
            self.client = Client(store, clock=HandClock(), chance=self._chance, transport=lambda _url: self.server)
            if not enrolled:
                self._step("enrol")
                self.client.enrol("https://lontara.test", "KODE")
            while left > 0:
                left -= 1
                name = self._chance.choices(list(_STEPS), [weight for weight, _ in _STEPS.values()])[0]
                if name in ("restart", "update"):
                    self._version = 2 if name == "update" else self._version
                    break
                self._step(name)
                _STEPS[name][1](self)
            self._step("close")
        return left

    def _step(self, name: str) -> None:
        self.notes.steps.append((len(self.disk.calls), name))

    def _noted_commit(self) -> None:
        self.notes.commits.append(Commit(len(self.disk.calls), held_by(self._store)))

    def _noted_server(self) -> None:
        self.notes.servers.append((len(self.disk.calls), copy_of(self.server)))

    def _after_request(self, number: int, answer: HttpAnswer) -> HttpAnswer:
        self._noted_server()
        self._step("answer with refusals" if self.server.attention else "answer")
        if number > 1 and self._chance.random() < LOST_ANSWER_CHANCE:
            raise lost()
        return answer

    @contextmanager
    def _promising(self) -> Iterator[dict[str, Content | None]]:
        """What is put in here becomes a promise when the block ends."""
        begun, changes = len(self.disk.calls), dict[str, Content | None]()
        yield changes
        for entry, content in changes.items():
            self.notes.promises.append(Promise(entry, content, begun, len(self.disk.calls)))
            if content is None:
                del self.contents[entry]
            else:
                self.contents[entry] = content

    def _title(self, word: str) -> str:
        self._number += 1
        return f"{word} {self._seed} {self._number}"

    def _fields(self, word: str) -> dict[str, Any]:
        return {"work_date": "2026-01-05", "title": self._title(word), "duration_minutes": self._chance.randint(1, 600)}

    def _one(self, *, draft: bool = False, voided: bool = False) -> str | None:
        fit = [id_ for id_, held in self.contents.items()
               if (held.draft, held.voided) == (draft, voided) and REFUSED_WORD not in str(held.fields["title"])]  # fmt: skip
        return self._chance.choice(fit) if fit else None

    def save(self) -> None:
        """Write an entry; some will be refused by the server, some are long."""
        fields = self._fields(self._chance.choice(["Mendata sawah", "Rapat", "Rapat", REFUSED_WORD]))
        if self._chance.random() < 0.2:
            fields["description"] = " ".join(["Sawah di tepi danau."] * self._chance.randint(20, 90))
        with self._promising() as promise:
            promise[self.client.record(**fields).id] = Content(fields)

    def edit(self) -> None:
        """Change an entry."""
        entry = self._one()
        if entry is not None:
            changes: dict[str, Any] = {"title": self._title("Diubah"), "duration_minutes": self._chance.randint(1, 600)}
            with self._promising() as promise:
                self.client.edit(entry, **changes)
                promise[entry] = replace(self.contents[entry], fields={**self.contents[entry].fields, **changes})

    def void(self) -> None:
        """Mark an entry as void."""
        entry = self._one()
        if entry is not None:
            with self._promising() as promise:
                self.client.delete(entry, reason="Keliru")
                promise[entry] = replace(self.contents[entry], voided=True)

    def restore(self) -> None:
        """Take a void mark away."""
        entry = self._one(voided=True)
        if entry is not None:
            with self._promising() as promise:
                self.client.restore(entry)
                promise[entry] = replace(self.contents[entry], voided=False)

    def draft(self) -> None:
        """Keep a draft."""
        fields = self._fields("Konsep")
        with self._promising() as promise:
            promise[self.client.record(draft=True, **fields).id] = Content(fields, draft=True)

    def submit(self) -> None:
        """Submit a draft."""
        draft = self._one(draft=True)
        if draft is not None:
            with self._promising() as promise:
                self.client.submit(draft)
                promise[draft] = replace(self.contents[draft], draft=False)

    def discard(self) -> None:
        """Delete a draft."""
        draft = self._one(draft=True)
        if draft is not None:
            with self._promising() as promise:
                self.client.delete(draft)
                promise[draft] = None

    def correct(self) -> None:
        """Correct what the server refused."""
        refused = [item for item in self.client.attention() if item.state == "rejected"]
        if refused:
            item = self._chance.choice(refused)
            title = self._title("Diperbaiki")
            with self._promising() as promise:
                self.client.correct(item.op_id, title=title)
                held = self.contents[item.record]
                promise[item.record] = replace(held, fields={**held.fields, "title": title})

    def sync(self) -> None:
        """Send and read; the person's other device may have written meanwhile, and answers are lost by chance."""
        for _ in range(self._chance.choice([0, 0, 1, 2])):
            id_ = f"00000000-0000-8000-8000-{self._chance.getrandbits(48):012x}"
            fields = self._fields("Laptop")
            self.server.put(Record("activity_entry", id_, 1, fields, voided=False, clash=None))
        self.client.sync()


_STEPS: Final[dict[str, tuple[int, Callable[[Life], None]]]] = {
    "save": (7, Life.save),
    "edit": (5, Life.edit),
    "void": (1, Life.void),
    "restore": (1, Life.restore),
    "draft": (2, Life.draft),
    "submit": (1, Life.submit),
    "discard": (1, Life.discard),
    "correct": (3, Life.correct),
    "sync": (5, Life.sync),
    "restart": (1, lambda _life: None),
    "update": (1, lambda _life: None),
}

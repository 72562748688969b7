"""Power cuts: a life is cut at a call of its disk, the store is opened on what is left, and held against the notes.

The judgement reads rows and bytes as they lie in the store and computes hashes by itself; it shares no code with the
product's merge, settling or verification. What happens before the cut is in `life`, what a cut leaves in `disk`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

import apsw

from client.conftest import HandClock
from client.fake_server import FakeServer
from crash.disk import Call, Disk, Platter
from crash.life import (
    BATCH_OPERATIONS,
    REFUSED_WORD,
    STEPS_PER_LIFE,
    Content,
    Driver,
    Life,
    Notes,
    Promise,
    copy_of,
    held_by,
    opened,
    refuses,
)
from lontara import Client
from lontara.store import Store
from simulation.template import seeded_secrets

CUTS_PER_LIFE: Final = 100
# How often a cut is followed by more life and by a second cut, and how often by a sync that must bring all to rest.
SECOND_CUT_CHANCE: Final = 0.15
SYNC_CHANCE: Final = 0.3
STEPS_BETWEEN_CUTS: Final = 5
_RECEIVED_STATES: Final = {"received", "parked", "rejected", "conflict", "corrected"}


class Lost(AssertionError):
    """The store broke a promise after a power cut."""


@dataclass
class Tally:
    """What a run of power cuts did and found."""

    schedules: int = 0
    cuts: int = 0
    promises: int = 0
    lost: int = 0
    # By step and call of the disk that the cut met, as "save: sync".
    met: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for name in ("schedules", "cuts", "promises", "lost"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.met += other.met
        self.failures += other.failures


@dataclass(frozen=True)
class Cut:
    """A cut at a call of the disk: what the notes say of that moment."""

    at: int
    notes: Notes

    @property
    def held(self) -> set[str]:
        """What the store may hold: all of the last commit that returned, or of the one under way."""
        done = [commit for commit in self.notes.commits if commit.at <= self.at]
        under_way = self.notes.commits[len(done) : len(done) + 1]
        return {commit.held for commit in [*done[-1:], *under_way]}

    @property
    def said(self) -> dict[str, Content | None]:
        """What each entry was promised to be."""
        return {promise.entry: promise.content for promise in self.notes.promises if promise.said <= self.at}

    @property
    def under_way(self) -> Promise | None:
        """The change that had begun and of which nothing had been said yet."""
        return next((promise for promise in self.notes.promises if promise.begun <= self.at < promise.said), None)

    @property
    def server(self) -> FakeServer:
        return [server for at, server in self.notes.servers if at <= self.at][-1]

    @property
    def version(self) -> int:
        return [version for at, version in self.notes.versions if at <= self.at][-1]

    @property
    def step(self) -> str:
        return [step for at, step in self.notes.steps if at <= self.at][-1]


class Ground:
    """Plays schedules in one folder, which holds nothing but locks."""

    def __init__(self, folder: Path, driver: Callable[[str], apsw.Connection] = Driver) -> None:
        self._folder, self._driver = folder, driver

    def play(self, seed: int, cuts: int = CUTS_PER_LIFE) -> Tally:
        """One life, cut at so many of its calls; each cut is a schedule of its own."""
        server = FakeServer(reject=refuses)
        life = Life(f"life {seed}", self._folder, Disk(), server, driver=self._driver)
        life.live(STEPS_PER_LIFE, enrolled=False)
        tally, chance = Tally(), Random(f"cuts {seed}")
        for at, platter in platters({}, life.disk.calls, spread(len(life.disk.calls), cuts, chance)):
            tally.schedules += 1
            tally.promises += len(Cut(at, life.notes).said)
            self._cut(tally, life, at, platter.after_cut(chance), chance, f"seed {seed}, cut at call {at}")
        return tally

    def _cut(
        self, tally: Tally, life: Life, at: int, image: Mapping[str, bytes], chance: Random, told: str, *, again: bool = True
    ) -> None:  # fmt: skip
        cut = Cut(at, life.notes)
        tally.cuts += 1
        tally.met[f"{cut.step}: {life.disk.calls[at].kind}"] += 1
        disk = Disk.holding(image)
        try:
            with opened(self._folder, disk, version=cut.version, driver=self._driver) as store:
                contents = judge(store, cut)
                next_server = copy_of(cut.server)
                enrolled = store.setting("device") is not None
                further = again and enrolled and chance.random() < SECOND_CUT_CHANCE
                if enrolled and not further and chance.random() < SYNC_CHANCE:
                    go_on(store, next_server, contents, told)
        except (Lost, apsw.Error) as error:
            tally.lost += 1
            tally.failures.append(f"{told} ({cut.step}, {life.disk.calls[at].kind}): {error!r}")
            return
        if further:
            second = Life(f"{told} again", self._folder, Disk.holding(image), next_server, version=cut.version,
                          contents=contents, driver=self._driver)  # fmt: skip
            second.notes.promises += [Promise(id_, content, -1, -1) for id_, content in contents.items()]
            second.live(STEPS_BETWEEN_CUTS, enrolled=True)
            (place,) = spread(len(second.disk.calls), 1, chance)
            for second_at, platter in platters(image, second.disk.calls, [place]):
                self._cut(tally, second, second_at, platter.after_cut(chance), chance,
                          f"{told}, again at {second_at}", again=False)  # fmt: skip


def spread(calls: int, cuts: int, chance: Random) -> list[int]:
    """So many places among the calls, one by chance in each equal part, so that no stretch is left out."""
    return sorted({min(calls - 1, int((part + chance.random()) * calls / cuts)) for part in range(cuts)})


def platters(image: Mapping[str, bytes], calls: Sequence[Call], places: Sequence[int]) -> Iterator[tuple[int, Platter]]:
    """For each place, the disk as the cut meets it while that call is under way."""
    platter, wanted = Platter(image), set(places)
    for at, call in enumerate(calls):
        if at in wanted:
            interrupted = platter.copy()
            interrupted.take(call, finished=False)
            yield at, interrupted
        platter.take(call)


def judge(store: Store, cut: Cut) -> dict[str, Content]:
    """What the store holds after a cut, all promises kept; raises Lost."""
    _check(store.query("PRAGMA integrity_check") == [("ok",)], "the file is damaged")
    _check(
        held_by(store) in cut.held, "the store holds half a transaction, or an older state than was said to be saved"
    )
    if cut.version == 2:
        _check(store.query("SELECT times FROM updated") == [(1,)], "the migration ran twice or in part")
    contents = read_contents(store)
    under_way = cut.under_way
    for entry, content in cut.said.items():
        allowed = [content, under_way.content] if under_way is not None and under_way.entry == entry else [content]
        found = contents.get(entry)
        _check(any(_is_shown(found, each) for each in allowed),
               f"entry {entry} is {_short(found)}, promised was {_short(content)}")  # fmt: skip
    _check_log(store)
    _check_outbox(store)
    _check_cursor(store, cut.server)
    return {id_: held for id_, held in contents.items() if not str(held.fields["title"]).startswith("Laptop")}


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise Lost(what)


def _is_shown(found: Content | None, promised: Content | None) -> bool:
    if found is None or promised is None:
        return found is promised
    same = (found.voided, found.draft) == (promised.voided, promised.draft)
    return same and all(found.fields.get(name) == value for name, value in promised.fields.items())


def _short(content: Content | None) -> str:
    if content is None:
        return "not there"
    marks = [word for word, set_ in (("void", content.voided), ("a draft", content.draft)) if set_]
    return " ".join([repr(content.fields["title"]), str(content.fields["duration_minutes"]), *marks])


def read_contents(store: Store) -> dict[str, Content]:
    """Every entry and draft, read as it lies in the store."""
    found = {}
    for id_, text in store.query("SELECT id, view FROM row WHERE type = 'activity_entry' AND view IS NOT NULL"):
        view = json.loads(text)
        found[id_] = Content(view["fields"], voided=view["voided"])
    for id_, text in store.query("SELECT id, fields FROM draft"):
        _check(id_ not in found, f"{id_} is a draft and an entry at once")
        found[id_] = Content(json.loads(text), draft=True)
    return found


def _check_log(store: Store) -> None:
    """The chain, computed here from the bytes; no gap, no repeat."""
    device, org = store.setting("device"), store.setting("org")
    head = sha256(f'{{"device":"{device}","log":"lontara-log-1","org":"{org}"}}'.encode()).digest()
    log = store.query("SELECT device, seq, bytes, hash FROM operation ORDER BY position")
    for place, (of, seq, raw, held) in enumerate(log, start=1):
        head = sha256(head + raw).digest()
        _check((of, seq, held) == (device, place, head), f"the chain breaks at operation {place}")


def _check_outbox(store: Store) -> None:
    """An operation waits or was received, as the acknowledged head says; and what it wrote is in a row."""
    received = store.setting("received_seq") or 0
    enrolled = store.setting("device") is not None
    _check(enrolled == (store.setting("url") is not None), "a device is enrolled with no address of its server")
    for seq, state, record, shown in store.query(
        "SELECT seq, state, record, EXISTS (SELECT 1 FROM row WHERE id = record AND view IS NOT NULL) FROM operation"
    ):
        _check(
            (state in _RECEIVED_STATES) == (seq <= received), f"operation {seq} is {state}, received up to {received}"
        )
        _check(bool(shown), f"operation {seq} has no row of {record}")


def _check_cursor(store: Store, server: FakeServer) -> None:
    """All that lies at or before the cursor in the server's feed is on the device."""
    rows: dict[str, str] = dict(store.query("SELECT id, server FROM row WHERE server IS NOT NULL"))
    for after in (after for (after,) in store.query("SELECT after FROM cursor")):
        for number, record, _ in server.records.values():
            if number <= after:
                _check(record.id in rows, f"the cursor is at {after} and row {number} is missing")
                held = json.loads(rows[record.id])
                _check(held["revision"] >= record.revision, f"the cursor is at {after} and row {number} is older")


def go_on(store: Store, server: FakeServer, contents: Mapping[str, Content], seed: str) -> None:
    """The store can be used: one more entry, and a sync that brings everything to the server once; raises Lost."""
    with seeded_secrets(seed), patch("lontara.engine.BATCH_OPERATIONS_MAX", BATCH_OPERATIONS):
        client = Client(store, clock=HandClock(), chance=Random(seed), transport=lambda _url: server)
        fields: dict[str, Any] = {"work_date": "2026-01-06", "title": "Sesudah listrik padam", "duration_minutes": 15}
        added = client.record(**fields).id
        report = client.sync()
    _check(report.problem is None and report.unsent == 0, f"after the cut sync stops: {report.problem}")
    arrived = {id_: record for id_, (_, record, _) in server.records.items()}
    for entry, content in {**contents, added: Content(fields)}.items():
        if content.draft or REFUSED_WORD in str(content.fields["title"]):
            continue
        record = arrived.get(entry)
        _check(record is not None and _is_shown(Content(record.fields, record.voided), content),
               f"entry {entry} did not arrive as it was saved")  # fmt: skip
    titles = Counter(record.fields["title"] for record in arrived.values())
    _check(max(titles.values()) == 1, "an entry arrived twice")
    log = server.logs[store.setting("device")]
    _check(len(set(log)) == len(log), "an operation arrived twice")
    _check(log == [raw for (raw,) in store.query("SELECT bytes FROM operation ORDER BY position")], "the logs differ")
    shown = {id_: held for id_, held in read_contents(store).items() if not held.draft and id_ in arrived}
    _check(set(shown) == set(arrived), "the device does not show what the server holds")
    for id_, held in shown.items():
        _check(_is_shown(held, Content(arrived[id_].fields, arrived[id_].voided)), f"{id_} differs from the server's")

"""What must hold after every step of a schedule.

The names are those of the specification's invariants. All evidence is read by `evidence`; no checker asks the product.
What must hold once all has come to rest is in `at_rest`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from simulation.evidence import Evidence, Op, device_rows, store_log
from simulation.faults import require
from simulation.ledger import Ledger
from simulation.logs import Logs
from simulation.office import Office
from simulation.tablet import Tablet

# Fields that an edit shows exactly as it was written.
SHOWN: Final = ("title", "description", "place", "category")
DAY_MS: Final = 24 * 3_600_000
# How long a device keeps what was received, but for a day that clocks and steps may take.
KEPT_MS: Final = 34 * DAY_MS


@dataclass
class Before:
    """What a device was seen to hold the last time."""

    log: dict[str, Op] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)
    place: tuple[str, str] = ("", "")
    fresh: bool = False
    cursors: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)


class Checkers:
    """Remembers what was seen before, so that it can tell what went back."""

    def __init__(self, office: Office, tablets: list[Tablet], ledger: Ledger, now_ms: Callable[[], int]) -> None:
        self.evidence, self.ledger, self.tablets = Evidence(office.path), ledger, tablets
        self._now_ms = now_ms
        self._epoch = self.evidence.epoch()
        self._logs: dict[str, Logs] = {self._epoch: self.evidence.logs}
        self._backed_up: set[str] = set()
        self._committed_at: dict[str, int] = {}
        self._before: dict[str, Before] = {}
        # Every operation that was ever seen on a device, by the hash of its first signing.
        self.written: dict[str, Op] = {}
        require("logs verify", self._read_logs())

    def close(self) -> None:
        self.evidence.close()

    @property
    def live(self) -> list[Tablet]:
        """The devices whose stores have not emptied themselves."""
        return [tablet for tablet in self.tablets if not tablet.is_wiped]

    def after_step(self) -> None:
        """Raise Violation where something is lost, doubled, overtaken or claimed too early."""
        require("gapless feed", self.evidence.feed_faults())
        require("logs verify", self._read_logs())
        for tablet in self.tablets:
            before, log = self._before.setdefault(tablet.name, Before()), store_log(tablet)
            if tablet.is_wiped:
                require("a wiped device loses nothing", self._lost_by_wipe(tablet, before))
                continue
            require("the outbox never shrinks", self._log_faults(tablet, before, log))
            require("received means committed", self._claims_too_much(tablet, log))
            require("saved is readable", self._unreadable(tablet))
            require("a pending edit is shown", _hidden_edits(tablet, log, before.received))
            self._remember(before, log)

    def after_commit(self, tablet: Tablet) -> None:
        """Raise Violation where a device went back: asked after every transaction, since the next one may hide it."""
        require("the cursor never goes back", self._went_back(tablet))

    def held(self) -> set[str]:
        """What the server or a device holds, by the hash of its first signing."""
        self._read_logs()
        return {*self.evidence.held(), *(op.origin for tablet in self.live for op in store_log(tablet))}

    # Disasters

    def backed_up(self) -> None:
        """The server has told its devices that what it holds is in a backup."""
        require("logs verify", self._read_logs())
        self._backed_up |= self.evidence.held()

    def before_restore(self) -> None:
        """The last look at a database that is about to be replaced; nobody may have it open then."""
        require("logs verify", self._read_logs())
        for tablet in self.live:
            self._before.setdefault(tablet.name, Before()).received |= _received(store_log(tablet))
        self.evidence.close()

    def after_restore(self) -> None:
        """Another database is in its place, and a new epoch has begun."""
        self.evidence.reopen()
        self._epoch = self.evidence.epoch()
        self._logs[self._epoch] = self.evidence.logs
        self._backed_up, self._committed_at = set(), {}
        require("logs verify", self._read_logs())

    def forget(self, tablet: Tablet) -> None:
        """The device is another than before: a copy, or an image that was put back."""
        self._before[tablet.name] = Before()

    # After every step

    def _read_logs(self) -> list[str]:
        faults = self.evidence.read_logs()
        for origin in self.evidence.logs.places:
            self._committed_at.setdefault(origin, self._now_ms())
        return faults

    def _remember(self, before: Before, log: list[Op]) -> None:
        before.log = {op.hash.hex(): op for op in log}
        before.received |= _received(log)
        for op in log:
            self.written.setdefault(op.origin, op)

    def _log_faults(self, tablet: Tablet, before: Before, log: list[Op]) -> Iterable[str]:
        now = {op.hash.hex(): op for op in log}
        for key, op in before.log.items():
            if key not in now and not self._may_go(op, now.values()):
                yield f"{tablet.name} lost or changed its operation {op.device}:{op.seq}, which was {op.state}"
        ends: dict[str, int] = {}
        for op in sorted(log, key=lambda each: (each.device, each.seq)):
            if op.device in ends and op.seq != ends[op.device] + 1:
                yield f"{tablet.name} has gaps in its log {op.device}"
            ends[op.device] = op.seq

    def _may_go(self, gone: Op, kept: Iterable[Op]) -> bool:
        """Whether a device may have let go of an operation: a backup holds it, and it was received long ago."""
        if gone.state == "rechained" and any(op.origin == gone.origin for op in kept):
            return True
        since = self._committed_at.get(gone.origin)
        return gone.origin in self._backed_up and since is not None and self._now_ms() - since >= KEPT_MS

    def _lost_by_wipe(self, tablet: Tablet, before: Before) -> Iterable[str]:
        for op in before.log.values():
            if op.origin not in self._backed_up:
                yield f"{tablet.name} emptied itself with its operation {op.device}:{op.seq}, which no backup holds"
        _, drafts = self.ledger.of(tablet.name)
        yield from (f"{tablet.name} emptied itself with the draft {draft}" for draft in drafts)
        self.ledger.show(tablet.name, set(), set())
        before.log = {}

    def _claims_too_much(self, tablet: Tablet, log: list[Op]) -> Iterable[str]:
        logs = self._logs.get(tablet.epoch)
        if logs is None:
            yield f"{tablet.name} knows an epoch that never was"
            return
        for op in log:
            if op.state not in ("queued", "rechained") and not logs.holds(op.device, op.seq, op.raw, op.hash):
                yield f"{tablet.name} says that {op.device}:{op.seq} is {op.state}, and the server does not hold it"

    def _unreadable(self, tablet: Tablet) -> Iterable[str]:
        entries, drafts = self.ledger.of(tablet.name)
        shown = set(tablet.known("activity_entry"))
        here = {id_ for (id_,) in tablet.store.query("SELECT id FROM draft")}
        yield from (f"{tablet.name} no longer shows {record}" for record in sorted(entries - shown))
        yield from (f"{tablet.name} no longer has the draft {draft}" for draft in sorted(drafts - here))

    def _went_back(self, tablet: Tablet) -> Iterable[str]:
        before = self._before.setdefault(tablet.name, Before())
        place, fresh = (tablet.epoch, tablet.device), bool(tablet.store.setting("fresh_pull"))
        cursors: dict[str, int] = dict(tablet.store.query("SELECT scope, after FROM cursor"))
        rows: dict[str, int] = dict(
            tablet.store.query("SELECT type || ' ' || id, revision FROM row WHERE server IS NOT NULL")
        )
        if place[0] != before.place[0]:
            before.revisions = {}
        begins_anew = fresh and (not before.fresh or not cursors)
        if place != before.place or (begins_anew and _may_read_anew(tablet)):
            before.cursors = {}
        for scope, after in before.cursors.items():
            if cursors.get(scope, -1) < after:
                yield f"{tablet.name}: {scope} went from {after} to {cursors.get(scope)}"
        for record, revision in before.revisions.items():
            if rows.get(record, revision) < revision and not fresh:
                yield f"{tablet.name}: {record} went from revision {revision} to {rows.get(record)}"
        before.place, before.fresh, before.cursors = place, fresh, cursors
        before.revisions |= rows


def _received(log: list[Op]) -> set[str]:
    return {op.origin for op in log if op.state not in ("queued", "rechained")}


def _may_read_anew(tablet: Tablet) -> bool:
    """Whether the device has reason to read everything again: scopes that come and go, or a log that it let go of."""
    let_go = tablet.store.query("SELECT count(*) FROM log WHERE kept_after > 0")[0][0]
    scopes = {scope for (scope,) in tablet.store.query("SELECT scope FROM cursor")}
    return bool(let_go or tablet.units or scopes - {"self"})


def _unsettled_edits(log: list[Op]) -> list[tuple[Op, dict[str, Any]]]:
    """Edits that wait for a link or for a cause to go; an entry that was made again lies beneath its edits."""
    waiting = [op for op in log if op.state in ("queued", "parked", "rejected") and not op.superseded]
    edits = [(op, op.document) for op in waiting if op.type == "activity_entry"]
    edits = [(op, document) for op, document in edits if document["kind"] in ("create", "set")]
    return sorted(edits, key=lambda each: each[1]["kind"] != "create")


def _hidden_edits(tablet: Tablet, log: list[Op], received: set[str]) -> Iterable[str]:
    wished: dict[str, dict[str, Any]] = {}
    for op, document in _unsettled_edits(log):
        fields = {name: value for name, value in document["fields"].items() if name in SHOWN}
        of_record = wished.setdefault(op.record, {})
        if op.state == "queued" and op.origin not in received:
            of_record.update(fields)
            continue
        # Parked or refused it stands over what was written before; offered again after a restore, what others made of
        # it since is shown over it.
        for name in fields:
            of_record.pop(name, None)
    if not wished:
        return
    views = device_rows(tablet, "activity_entry", "view")
    for record, fields in wished.items():
        shown = views[record].fields if record in views else {}
        for name, value in fields.items():
            if shown.get(name) != value:
                yield f"{tablet.name} shows {shown.get(name)!r} over the pending {name} {value!r} of {record}"

"""What one transaction has before it while it settles operations: who writes, what was read and locked, what changed.

Nothing is written to the database before `flush`; the feed comes last (sync_protocol.md §7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lontara_core.canonical import Json, encode, sha256_hex
from lontara_core.clock import ClockReading, true_time
from lontara_core.identifiers import derived_id
from lontara_core.merge import is_final
from lontara_core.operations import Operation
from lontara_core.record import Record
from lontara_core.record_type import Authority
from lontara_core.record_types import RECORD_TYPES
from lontara_server.storage import operations as store
from lontara_server.storage import scores
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import (
    AttentionState,
    ConflictState,
    DeviceState,
    EntryState,
    Placement,
)
from lontara_server.storage.orgs import OrgRow
from lontara_server.storage.server_log import BatchRow, FeedLine, add_feed

ENTRY: Final = "activity_entry"
RECORDS_PER_FEED_ROW: Final = 50
ROUTES: Final[dict[str, str]] = {
    "field": "admin",
    "edit_of_reviewed": "admin",
    "void_against_edit": "admin",
    "after_lock": "admin",
    "fork": "admin",
    "review_of_older": "supervisor",
    "minutes_over": "supervisor",
    "future": "supervisor",
    "target_not_own": "supervisor",
    "overlap": "worker",
    "near_duplicate": "worker",
}


@dataclass(frozen=True)
class Step:
    """One operation on its way: where it lies in which log, whose it is, and the device's clocks when it was sent."""

    device: DeviceState
    seq: int
    hash: bytes
    raw: bytes
    operation: Operation
    record: str
    sent: ClockReading
    behalf: DeviceState | None = None

    @property
    def author(self) -> DeviceState:
        """Whose operation it is: `behalf` where the server actor writes what a device had written (§13), else the
        device in whose log it lies."""
        return self.behalf or self.device

    @property
    def person(self) -> str | None:
        """The employee who wrote it; None where the server acts by itself."""
        return self.author.employee_id

    @property
    def authority(self) -> Authority:
        return "server" if self.author.kind == "server" else "author"

    @property
    def by(self) -> str | None:
        """Who a history names: the login behind the server actor, else the person."""
        return self.operation.by if self.author.kind == "server" else self.person


@dataclass(frozen=True)
class Outcome:
    """What became of one operation."""

    verdict: str = "applied"
    code: str | None = None
    field: str | None = None
    message: str | None = None
    conflict: str | None = None


@dataclass
class Scene:
    """The working set of one transaction in one org."""

    connection: Connection
    org: OrgRow
    now_ms: int
    locked: frozenset[str]
    entries: dict[str, EntryState] = field(default_factory=dict)
    conflicts: dict[str, ConflictState] = field(default_factory=dict)
    attention: dict[tuple[str, int], AttentionState] = field(default_factory=dict)
    attention_known: set[tuple[str, int]] = field(default_factory=set)
    _placements: dict[str, list[Placement]] = field(default_factory=dict)
    _days: dict[str, set[date]] = field(default_factory=dict)
    _plans: dict[str, str | None] = field(default_factory=dict)
    _by_day: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _changed_entries: set[str] = field(default_factory=set)
    _changed_conflicts: set[str] = field(default_factory=set)
    _changed_attention: set[tuple[str, int]] = field(default_factory=set)
    _reviews: list[tuple[Record, str | None, str | None]] = field(default_factory=list)
    _history: dict[tuple[str, str, str, int], dict[str, Any]] = field(default_factory=dict)
    origins: list[dict[str, Any]] = field(default_factory=list)
    _dirty: set[scores.PersonMonth] = field(default_factory=set)
    _read_conflicts_of: set[str] = field(default_factory=set)

    # Reading

    def load_entries(self, ids: Iterable[str]) -> None:
        """Read and lock the entries that are not here yet, with their conflicts."""
        missing = set(ids) - set(self.entries)
        if missing:
            self._take_in(store.lock_entries(self.connection, self.org.org_id, missing))

    def load_days(self, owner: str, first: date, last: date) -> None:
        """Read and lock a person's entries of these days, where they are not here yet."""
        days = {first + timedelta(days=number) for number in range((last - first).days + 1)}
        missing = days - self._days.setdefault(owner, set())
        if missing:
            self._take_in(store.lock_days(self.connection, self.org.org_id, owner, min(missing), max(missing)))
            self._days[owner] |= days

    def _take_in(self, found: list[EntryState]) -> None:
        fresh = [entry for entry in found if entry.record.id not in self.entries]
        for entry in fresh:
            self.entries[entry.record.id] = entry
            self._by_day.setdefault(_day_key(entry.record), set()).add(entry.record.id)
        ids = {entry.record.id for entry in fresh} - self._read_conflicts_of
        self._read_conflicts_of |= ids
        for conflict in store.conflicts_about(self.connection, self.org.org_id, ids):
            self.conflicts.setdefault(conflict.id, conflict)

    def load_conflict(self, conflict: str) -> ConflictState | None:
        """One conflict, with the entries that it is about."""
        if conflict not in self.conflicts:
            found = store.conflict_of(self.connection, self.org.org_id, conflict)
            if found is None:
                return None
            self.conflicts[conflict] = found
        self.load_entries(self.conflicts[conflict].records)
        return self.conflicts[conflict]

    def load_attention(self, records: Iterable[str]) -> None:
        """What waits about these records."""
        self.keep_attention(store.open_attention(self.connection, self.org.org_id, records))

    def keep_attention(self, rows: Iterable[AttentionState]) -> None:
        """Take rows of the database in; those that are here already stay as they are."""
        for row in rows:
            if (row.device, row.seq) not in self.attention:
                self.attention[row.device, row.seq] = row
                self.attention_known.add((row.device, row.seq))

    def entries_on(self, owner: str, day: date) -> list[EntryState]:
        """A person's entries of one day that are not voided, by id."""
        ids = self._by_day.get((owner, day.isoformat()), set())
        return [self.entries[each] for each in sorted(ids) if not self.entries[each].record.voided]

    def conflicts_of(self, entry: str) -> list[ConflictState]:
        """Every conflict about this entry, open or not."""
        return [each for each in self.conflicts.values() if entry in each.fields["records"]]

    def placement(self, employee: str, day: date) -> Placement | None:
        """The assignment that held on that day; of several the one that begins last."""
        if employee not in self._placements:
            self._placements[employee] = store.placements_of(self.connection, self.org.org_id, employee)
        for each in self._placements[employee]:
            if each.valid_from <= day and (each.valid_to is None or each.valid_to >= day):
                return each
        return None

    def plan_owner(self, plan: str) -> str | None:
        """Whose work result plan this is; None where it is not known."""
        if plan not in self._plans:
            self._plans[plan] = store.plan_owner(self.connection, self.org.org_id, plan)
        return self._plans[plan]

    # Time

    def local_date(self, at_ms: int) -> date:
        """The org's date at a moment."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(self.org.time_zone)).date()

    def captured_ms(self, step: Step) -> int:
        """When it was captured: by the server's clock where monotonic times tell, else by the device's, clamped."""
        truth = true_time(reading_of(step.operation), step.sent, self.now_ms)
        return truth if truth is not None else min(step.operation.at, self.now_ms)

    def is_locked(self, work_date: str) -> bool:
        """Whether the month of this date is locked."""
        return work_date[:7] in self.locked

    def is_final(self, record: Record) -> bool:
        """Whether the entry is reviewed for good, or lies in a locked month."""
        return is_final(RECORD_TYPES[ENTRY], record.fields) or self.is_locked(record.fields["work_date"])

    # Changing

    def put_entry(self, entry: EntryState, record: Record) -> None:
        """Give an entry its next state and revision; both its months are computed anew."""
        before = self.entries.get(record.id)
        if before is not None:
            self._by_day.get(_day_key(before.record), set()).discard(record.id)
            self._mark_dirty(before.record)
        entry.record = replace(record, revision=record.revision + 1)
        self.entries[record.id] = entry
        self._by_day.setdefault(_day_key(record), set()).add(record.id)
        self._changed_entries.add(record.id)
        self._mark_dirty(record)

    def _mark_dirty(self, record: Record) -> None:
        owner, month = record.fields["owner"], str(record.fields["work_date"])[:7]
        self._dirty.add(scores.PersonMonth(owner, month))

    def set_flag(self, entry_id: str, flag: str, *, present: bool, step: Step | None = None) -> None:
        """Raise or take down one flag; `step` is the operation that already made this entry's next revision."""
        entry = self.entries[entry_id]
        flags = set(entry.record.fields.get("flags", ()))
        wanted = flags | {flag} if present else flags - {flag}
        if wanted == flags:
            return
        fields = {**entry.record.fields, "flags": sorted(wanted)}
        if step is not None and step.record == entry_id:
            entry.record = replace(entry.record, fields=fields)
            self._changed_entries.add(entry_id)
            return
        self.put_entry(entry, replace(entry.record, fields=fields))

    def open_conflict(
        self, kind: str, records: Iterable[str], step: Step, clashes: dict[str, Json] | None = None
    ) -> ConflictState:
        """Make a conflict about these entries, for the owner and unit of the first."""
        ids = sorted(set(records))
        about = self.entries[ids[0]].record.fields if ids else {}
        content = encode({"device": step.device.id, "kind": kind, "records": ids, "seq": step.seq})
        conflict = ConflictState(
            id=derived_id(self.now_ms, content),
            revision=0,
            owner=about.get("owner"),
            org_unit=about.get("org_unit"),
            fields={
                "kind": kind, "route": ROUTES[kind], "state": "open", "records": ids, "clashes": clashes or {},
                "opened_at": self.now_ms, "answers": [],
            },
            is_new=True,
            added_records=ids,
        )  # fmt: skip
        self.conflicts[conflict.id] = conflict
        self.touch_conflict(conflict)
        return conflict

    def touch_conflict(self, conflict: ConflictState) -> None:
        """The conflict has changed: a new revision, and its entries' scores may be provisional now or no longer."""
        conflict.revision += 1
        self._changed_conflicts.add(conflict.id)
        for record in conflict.records:
            if record in self.entries:
                self._mark_dirty(self.entries[record].record)

    def put_attention(self, row: AttentionState) -> None:
        """Add a row of attention, or take over its present state."""
        self.attention[row.device, row.seq] = row
        self._changed_attention.add((row.device, row.seq))

    def add_review(self, review: Record, owner: str | None, unit: str | None) -> None:
        """Add a review, to be read by the entry's owner and unit."""
        self._reviews.append((review, owner, unit))

    def remember(self, step: Step, record: Record, verdict: str, changes: dict[str, Json]) -> None:
        """Keep in the history what the operation changed or wished: {field: {was, now}}."""
        key = (record.type, record.id, step.device.id, step.seq)
        self._history[key] = {
            "record_type": record.type, "id": record.id, "device": step.device.id, "seq": step.seq,
            "at": self.now_ms, "revision": record.revision, "verdict": verdict, "by": step.by,
            "changes": encode(changes).decode("utf-8"),
        }  # fmt: skip

    # Writing

    def flush(self, batch: BatchRow) -> None:
        """Write everything, and last the org's counter with the feed."""
        connection, org = self.connection, self.org.org_id
        store.write_entries(connection, org, [self.entries[each] for each in sorted(self._changed_entries)])
        store.add_reviews(connection, org, [review for review, _, _ in self._reviews])
        store.write_conflicts(connection, org, [self.conflicts[each] for each in sorted(self._changed_conflicts)])
        rows = [self.attention[key] for key in sorted(self._changed_attention)]
        store.write_attention(connection, org, rows, self.attention_known)
        store.add_origins(connection, org, self.origins)
        store.add_history(connection, org, list(self._history.values()))
        scores.mark_dirty(connection, org, sorted(self._dirty), self.now_ms)
        add_feed(connection, org, batch, self._feed_lines())

    def _feed_lines(self) -> list[FeedLine]:
        readers: dict[tuple[str | None, str | None], list[tuple[str, str, int]]] = {}
        lines = []
        for key in sorted(self._changed_entries):
            entry = self.entries[key]
            fields, revision = entry.record.fields, entry.record.revision
            readers.setdefault((fields["owner"], fields.get("org_unit")), []).append((ENTRY, key, revision))
            if not entry.is_new and entry.old_unit is not None and entry.old_unit != fields.get("org_unit"):
                lines.append(FeedLine(None, entry.old_unit, ((ENTRY, key, revision),), removal="moved"))
        for key in sorted(self._changed_conflicts):
            conflict = self.conflicts[key]
            line = ("conflict", key, conflict.revision)
            if conflict.owner is not None:
                readers.setdefault((conflict.owner, conflict.org_unit), []).append(line)
        for review, owner, unit in self._reviews:
            readers.setdefault((owner, unit), []).append(("review", review.id, review.revision))
        for (owner, unit), records in readers.items():
            for start in range(0, len(records), RECORDS_PER_FEED_ROW):
                lines.append(FeedLine(owner, unit, tuple(records[start : start + RECORDS_PER_FEED_ROW])))
        return lines


def _day_key(record: Record) -> tuple[str, str]:
    return str(record.fields["owner"]), str(record.fields["work_date"])


def reading_of(operation: Operation) -> ClockReading:
    """The device's clocks when the operation was captured."""
    return ClockReading(operation.at, operation.mono, operation.boot)


def clash_hash(clashes: dict[str, Json]) -> str | None:
    """What an entry's `clash` holds while candidates wait; None where there are none."""
    return sha256_hex(encode(clashes)) if clashes else None

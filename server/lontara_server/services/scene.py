"""What one transaction has before it while it settles operations: who writes, what was read and locked, what changed.

Nothing is written to the database before `flush`; the feed comes last (sync_protocol.md §7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from lontara_core.canonical import Json, encode, sha256_hex
from lontara_core.clock import ClockReading, true_time, within_calendar
from lontara_core.identifiers import derived_id
from lontara_core.merge import is_final
from lontara_core.operations import Operation
from lontara_core.record import Record
from lontara_core.record_rules import DAYS_BACK_MAX, Work, is_late
from lontara_core.record_type import Authority
from lontara_core.record_types import RECORD_TYPES
from lontara_server.storage import objections, scores
from lontara_server.storage import operations as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.objections import ObjectionRow
from lontara_server.storage.operations import (
    AttentionState,
    ConflictState,
    DeviceState,
    EntryState,
    Placement,
)
from lontara_server.storage.orgs import OrgRow
from lontara_server.storage.server_log import FeedLine

ENTRY: Final = "activity_entry"
RECORDS_PER_FEED_ROW: Final = 50
# Days of one person that lie no farther apart are read in one go.
NEAR_DAYS: Final = 7
DAY: Final = timedelta(days=1)
_DAY_MS: Final = 24 * 60 * 60 * 1000
# No offset from UTC has had seconds since 1972: within a minute the date is one.
_MINUTE_MS: Final = 60_000
_ORDINAL_1970: Final = date(1970, 1, 1).toordinal()
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


class Step(msgspec.Struct, frozen=True):
    """One operation on its way: where it lies in which log, and the device's clocks when it was sent.

    `author`: whose operation it is: another device where the server actor writes what that one had written (§13),
    else the device in whose log it lies.
    """

    device: DeviceState
    seq: int
    hash: bytes
    raw: bytes
    operation: Operation
    record: str
    sent: ClockReading
    author: DeviceState

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


class Outcome(msgspec.Struct, frozen=True):
    """What became of one operation."""

    verdict: str = "applied"
    code: str | None = None
    field: str | None = None
    message: str | None = None
    conflict: str | None = None


APPLIED: Final = Outcome()


@dataclass
class Scene:
    """The working set of one transaction in one org."""

    connection: Connection
    org: OrgRow
    now_ms: int
    locked: frozenset[str]
    entries: dict[str, EntryState] = field(default_factory=dict)
    conflicts: dict[str, ConflictState] = field(default_factory=dict)
    _conflicts_by_entry: dict[str, list[ConflictState]] = field(default_factory=dict)
    objections: dict[str, ObjectionRow] = field(default_factory=dict)
    _changed_objections: set[str] = field(default_factory=set)
    attention: dict[tuple[str, int], AttentionState] = field(default_factory=dict)
    attention_known: set[tuple[str, int]] = field(default_factory=set)
    _placements: dict[str, list[Placement]] = field(default_factory=dict)
    _days: dict[str, set[date]] = field(default_factory=dict)
    _plans: dict[str, str | None] = field(default_factory=dict)
    _dates: dict[int, date] = field(default_factory=dict)
    _work: dict[str, Work] = field(default_factory=dict)
    _by_day: dict[tuple[str, date], dict[str, Work]] = field(default_factory=dict)
    _nights: set[tuple[str, date]] = field(default_factory=set)
    _presence: dict[tuple[str, date], tuple[str | None, str | None]] = field(default_factory=dict)
    _changed_entries: set[str] = field(default_factory=set)
    _changed_conflicts: set[str] = field(default_factory=set)
    _changed_attention: set[tuple[str, int]] = field(default_factory=set)
    _reviews: list[tuple[Record, str | None, str | None]] = field(default_factory=list)
    _history: dict[tuple[str, str, str, int], dict[str, Any]] = field(default_factory=dict)
    origins: list[dict[str, Any]] = field(default_factory=list)
    attributed: dict[tuple[str, str], dict[str, Json]] = field(default_factory=dict)
    _dirty: set[tuple[str, str]] = field(default_factory=set)
    _read_conflicts_of: set[str] = field(default_factory=set)

    # Reading

    def load_entries(self, ids: Iterable[str]) -> None:
        """Read and lock the entries that are not here yet, with their conflicts."""
        missing = set(ids) - set(self.entries)
        if missing:
            self._take_in(store.lock_entries(self.connection, self.org.org_id, missing))

    def load_days(self, owner: str, days: Iterable[date]) -> None:
        """Read what a person did on these days, where it is not here yet."""
        known = self._days.setdefault(owner, set())
        missing = set(days) - known
        if not missing:
            return
        for first, last in _spans(missing):
            present = store.presence_between(self.connection, self.org.org_id, owner, first, last)
            self._presence.update({(owner, day): hours for day, hours in present.items()})
            for work in store.work_between(self.connection, self.org.org_id, owner, first, last):
                # An entry that is here in full may have changed since it was read.
                if work.id not in self.entries:
                    self._place(owner, work)
        known.update(missing)

    def _place(self, owner: str, work: Work) -> None:
        self._work[work.id] = work
        self._by_day.setdefault((owner, work.work_date), {})[work.id] = work
        if work.passes_midnight:
            self._nights.add((owner, work.work_date))

    def _replace_work(self, record: Record, device: str) -> None:
        """Keep what the rules across entries see in step with the entry."""
        owner, before = record.fields["owner"], self._work.pop(record.id, None)
        if before is not None:
            del self._by_day[owner, before.work_date][before.id]
        if not record.voided:
            self._place(owner, work_of(record, device))

    def _take_in(self, found: list[EntryState]) -> None:
        fresh = [entry for entry in found if entry.record.id not in self.entries]
        for entry in fresh:
            self.entries[entry.record.id] = entry
            self._replace_work(entry.record, entry.writer_device)
        ids = {entry.record.id for entry in fresh} - self._read_conflicts_of
        self._read_conflicts_of |= ids
        for conflict in store.conflicts_about(self.connection, self.org.org_id, ids):
            self._keep_conflict(conflict)

    def _keep_conflict(self, conflict: ConflictState) -> None:
        if conflict.id in self.conflicts:
            return
        self.conflicts[conflict.id] = conflict
        for record in conflict.records:
            self._conflicts_by_entry.setdefault(record, []).append(conflict)

    def load_conflict(self, conflict: str) -> ConflictState | None:
        """One conflict, with the entries that it is about."""
        if conflict not in self.conflicts:
            found = store.conflict_of(self.connection, self.org.org_id, conflict)
            if found is None:
                return None
            self._keep_conflict(found)
        self.load_entries(self.conflicts[conflict].records)
        return self.conflicts[conflict]

    def load_objection(self, objection: str) -> ObjectionRow | None:
        """One objection; its owner is locked with the people of this transaction."""
        if objection not in self.objections:
            found = objections.objection_of(self.connection, self.org.org_id, objection)
            if found is None:
                return None
            self.objections[objection] = found
        return self.objections[objection]

    def load_attention(self, records: Iterable[str]) -> None:
        """What waits about these records."""
        self.keep_attention(store.open_attention(self.connection, self.org.org_id, records))

    def keep_attention(self, rows: Iterable[AttentionState]) -> None:
        """Take rows of the database in; those that are here already stay as they are."""
        for row in rows:
            if (row.device, row.seq) not in self.attention:
                self.attention[row.device, row.seq] = row
                self.attention_known.add((row.device, row.seq))

    def work_on(self, owner: str, day: date) -> Iterable[Work]:
        """What a person did on one day, without what is voided; `load_days` has read it."""
        return self._by_day.get((owner, day), {}).values()

    def met_by(self, owner: str, work: Work) -> list[Work]:
        """What may share minutes with this work or say the same: that of its day, and what a midnight lies in."""
        day = work.work_date
        found = list(self._by_day.get((owner, day), {}).values())
        if (owner, day - DAY) in self._nights:
            found += self.work_on(owner, day - DAY)
        if work.passes_midnight:
            found += self.work_on(owner, day + DAY)
        return found

    def presence_on(self, owner: str, day: date) -> tuple[str | None, str | None]:
        """When a person came and left on a day, by the machines, in local wall time; `load_days` has read it."""
        return self._presence.get((owner, day), (None, None))

    def work(self, entry: EntryState) -> Work:
        """The entry as the rules across entries see it; it is not voided."""
        return self._work[entry.record.id]

    def conflicts_of(self, entry: str) -> list[ConflictState]:
        """Every conflict about this entry, open or not; the entry has been loaded."""
        return list(self._conflicts_by_entry.get(entry, ()))

    def add_to_conflict(self, conflict: ConflictState, records: Iterable[str]) -> None:
        """Let an open conflict be about these entries too."""
        added = sorted(set(records) - set(conflict.records))
        conflict.fields["records"] = sorted({*conflict.records, *added})
        conflict.added_records = sorted({*conflict.added_records, *added})
        for record in added:
            self._conflicts_by_entry.setdefault(record, []).append(conflict)
        self.touch_conflict(conflict)

    def placements(self, employee: str) -> list[Placement]:
        """Every assignment of this person, the one that begins last first."""
        if employee not in self._placements:
            self._placements[employee] = store.placements_of(self.connection, self.org.org_id, employee)
        return self._placements[employee]

    def placement(self, employee: str, day: date) -> Placement | None:
        """The assignment that held on that day; of several the one that begins last."""
        for each in self.placements(employee):
            if each.valid_from <= day and (each.valid_to is None or each.valid_to >= day):
                return each
        return None

    def load_plans(self, plans: Iterable[str]) -> None:
        """Read whose work result plans these are."""
        missing = set(plans) - set(self._plans)
        if missing:
            owners = store.plan_owners(self.connection, self.org.org_id, missing)
            self._plans.update({plan: owners.get(plan) for plan in missing})

    def plan_owner(self, plan: str) -> str | None:
        """Whose work result plan this is; None where it is not known."""
        self.load_plans([plan])
        return self._plans[plan]

    # Time

    def local_date(self, at_ms: int) -> date:
        """The org's date at a moment."""
        minute = within_calendar(at_ms) // _MINUTE_MS
        found = self._dates.get(minute)
        if found is None:
            found = self._dates[minute] = datetime.fromtimestamp(minute * 60, self._zone).date()
        return found

    def is_late(self, work_date: date, written_ms: int) -> bool:
        """Whether it was written down more than the allowed days after."""
        # Most are not: told by the day in UTC, which is a day from the local one at most.
        day = _ORDINAL_1970 + written_ms // _DAY_MS + 1
        return work_date.toordinal() < day - DAYS_BACK_MAX and is_late(work_date, self.local_date(written_ms))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.org.time_zone)

    @cached_property
    def today(self) -> date:
        """The org's date now."""
        return self.local_date(self.now_ms)

    def captured_ms(self, step: Step) -> int:
        """When it was captured: by the server's clock where monotonic times tell, else by the device's, clamped."""
        truth = self.true_time(step)
        return truth if truth is not None else min(step.operation.at, self.now_ms)

    def true_time(self, step: Step) -> int | None:
        """When it was captured by the server's clock, where monotonic times tell."""
        operation = step.operation
        return true_time(ClockReading(operation.at, operation.mono, operation.boot), step.sent, self.now_ms)

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
            self._mark_dirty(before.record)
        entry.record = replace(record, revision=record.revision + 1)
        self.entries[record.id] = entry
        self._replace_work(record, entry.writer_device)
        self._changed_entries.add(record.id)
        self._mark_dirty(record)

    def _mark_dirty(self, record: Record) -> None:
        self._dirty.add((record.fields["owner"], record.fields["work_date"][:7]))

    def set_flag(self, entry_id: str, flag: str, *, present: bool, step: Step | None = None) -> None:
        """Raise or take down one flag; `step` is the operation that already made this entry's next revision."""
        entry = self.entries[entry_id]
        held = entry.record.fields.get("flags", ())
        if present == (flag in held):
            return
        flags = set(held)
        wanted = flags | {flag} if present else flags - {flag}
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
        self._keep_conflict(conflict)
        self.touch_conflict(conflict)
        return conflict

    def touch_conflict(self, conflict: ConflictState) -> None:
        """The conflict has changed: a new revision, and its entries' scores may be provisional now or no longer."""
        conflict.revision += 1
        self._changed_conflicts.add(conflict.id)
        for record in conflict.records:
            if record in self.entries:
                self._mark_dirty(self.entries[record].record)

    def put_objection(self, row: ObjectionRow) -> None:
        """Give an objection its next state."""
        self.objections[row.id] = row
        self._changed_objections.add(row.id)

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

    @property
    def attends(self) -> bool:
        """Whether something that waits for a person was added or changed."""
        return bool(self._changed_attention)

    def flush(self) -> None:
        """Write everything but the feed, which comes last."""
        connection, org = self.connection, self.org.org_id
        store.write_entries(connection, org, [self.entries[each] for each in sorted(self._changed_entries)])
        store.add_reviews(connection, org, [review for review, _, _ in self._reviews])
        store.write_conflicts(connection, org, [self.conflicts[each] for each in sorted(self._changed_conflicts)])
        for key in sorted(self._changed_objections):
            objections.write_objection(connection, org, self.objections[key])
        rows = [self.attention[key] for key in sorted(self._changed_attention)]
        store.write_attention(connection, org, rows, self.attention_known)
        store.add_origins(connection, org, self.origins)
        store.add_history(connection, org, list(self._history.values()))
        scores.mark_dirty(connection, org, [scores.PersonMonth(*each) for each in sorted(self._dirty)], self.now_ms)

    def feed_lines(self) -> list[FeedLine]:
        """Who reads what has changed: a line for each owner and unit, of at most RECORDS_PER_FEED_ROW records."""
        readers: dict[tuple[str | None, str | None], list[tuple[str, str, int]]] = {}
        lines = []
        for key in sorted(self._changed_entries):
            entry = self.entries[key]
            fields, revision = entry.record.fields, entry.record.revision
            readers.setdefault((fields["owner"], fields.get("org_unit")), []).append((ENTRY, key, revision))
            old_unit = None if entry.before is None else entry.before.fields.get("org_unit")
            if old_unit is not None and old_unit != fields.get("org_unit"):
                lines.append(FeedLine(None, old_unit, ((ENTRY, key, revision),), removal="moved"))
        for key in sorted(self._changed_conflicts):
            conflict = self.conflicts[key]
            line = ("conflict", key, conflict.revision)
            if conflict.owner is not None:
                readers.setdefault((conflict.owner, conflict.org_unit), []).append(line)
        for key in sorted(self._changed_objections):
            # Between the person and those who decide: no unit's devices read it.
            objection = self.objections[key]
            readers.setdefault((objection.owner, None), []).append(("objection", key, objection.revision))
        for review, owner, unit in self._reviews:
            readers.setdefault((owner, unit), []).append(("review", review.id, review.revision))
        for (owner, unit), records in readers.items():
            for start in range(0, len(records), RECORDS_PER_FEED_ROW):
                lines.append(FeedLine(owner, unit, tuple(records[start : start + RECORDS_PER_FEED_ROW])))
        return lines


def work_of(record: Record, device: str) -> Work:
    """The entry as the rules across entries see it; `device` is the one that wrote it last."""
    fields = record.fields
    return Work(
        record.id, date.fromisoformat(fields["work_date"]), fields["title"], fields.get("start_time"),
        fields.get("end_time"), fields.get("duration_minutes"), device,
    )  # fmt: skip


def _spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """The days as spans from first to last, those near each other in one."""
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        if spans and (day - spans[-1][1]).days <= NEAR_DAYS:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def clash_hash(clashes: dict[str, Json]) -> str | None:
    """What an entry's `clash` holds while candidates wait; None where there are none."""
    return sha256_hex(encode(clashes)) if clashes else None

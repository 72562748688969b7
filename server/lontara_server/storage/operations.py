"""Statements of the operation path: devices and their batches, entries, conflicts, attention, origins, feed.

No rule lives here. Rows of one kind are written together, so that a batch costs few round trips.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from lontara_core.canonical import encode
from lontara_core.clock import Hlc
from lontara_core.record import Record
from lontara_core.record_rules import Work
from lontara_core.record_types import RECORD_TYPES
from lontara_server.storage.feed_records import unpack_records
from lontara_server.storage.models import (
    ActionPlan,
    ActivityEntry,
    Assignment,
    AttendanceDay,
    Attention,
    Base,
    Batch,
    Conflict,
    ConflictRecord,
    Device,
    Employee,
    Feed,
    History,
    Indicator,
    Objection,
    Org,
    OrgUnit,
    Origin,
    PerformancePlan,
    Period,
    Quarantine,
    RequestOnce,
    Review,
    WorkResultPlan,
    table_of,
)
from lontara_server.storage.orgs import ORG_COLUMNS, OrgRow
from lontara_server.storage.prepared import Changes, Prepared, PreparedList, Rows

MODELS: Final[dict[str, type[Base]]] = {
    "action_plan": ActionPlan,
    "activity_entry": ActivityEntry,
    "assignment": Assignment,
    "conflict": Conflict,
    "employee": Employee,
    "indicator": Indicator,
    "objection": Objection,
    "org_unit": OrgUnit,
    "performance_plan": PerformancePlan,
    "period": Period,
    "review": Review,
    "work_result_plan": WorkResultPlan,
}
_DOCUMENTS: Final = frozenset({"references", "flags", "ids", "document"})
ORG: Final[BindParameter[int]] = bindparam("org")
_ENTRY: Final = table_of(ActivityEntry)


@dataclass(frozen=True)
class DeviceState:
    """A device or server actor as its batches find it, its row locked."""

    id: str
    employee_id: str | None
    lineage: str
    kind: str
    public_key: str
    private_key: bytes | None
    state: str
    last_seq: int
    head: bytes
    backed_up_seq: int | None
    backed_up_head: bytes | None


@dataclass(frozen=True)
class BatchKnown:
    """What tells a repeat: where a stored batch lies, the short hashes, and the results that were not plain."""

    first: int
    last: int
    hashes: bytes
    results: str | None


class EntryState(msgspec.Struct):
    """An entry in work. `before`: as it was read, with the unit that could read it; None where it is new."""

    record: Record
    stamps: dict[str, Hlc]
    writer_device: str
    writer_seq: int
    before: Record | None = None


@dataclass
class ConflictState:
    """A conflict in work; `fields` as they stand on the wire."""

    id: str
    revision: int
    owner: str | None
    org_unit: str | None
    fields: dict[str, Any]
    is_new: bool = False
    added_records: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.fields["kind"])

    @property
    def is_open(self) -> bool:
        return str(self.fields["state"]) != "resolved"

    @property
    def records(self) -> list[str]:
        return list(self.fields["records"])


@dataclass
class AttentionState:
    """A row of attention: one operation that is not plainly settled."""

    device: str
    seq: int
    record_type: str
    record: str
    lineage: str
    verdict: str
    operation: bytes
    at: int
    code: str | None = None
    field: str | None = None
    message: str | None = None
    conflict: str | None = None
    state: str = "open"


def _json(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text.encode("utf-8"))


def _text(value: Any) -> str | None:
    return None if value is None else encode(value).decode("utf-8")


# Devices, requests and batches

_DEVICE = (
    Device.id, Device.employee_id, Device.lineage, Device.kind, Device.public_key, Device.private_key,
    Device.state, Device.last_seq, Device.head, Device.backed_up_seq, Device.backed_up_head,
)  # fmt: skip
_device_of = Prepared(select(*_DEVICE).where(Device.org_id == ORG, Device.id == bindparam("id")))
_lock_device = Prepared(select(*_DEVICE).where(Device.org_id == ORG, Device.id == bindparam("id")).with_for_update())
_OPEN_ATTENTION = exists().where(
    Attention.org_id == ORG, Attention.lineage == Device.lineage, Attention.state == "open"
)  # fmt: skip
_lock_caller = Prepared(
    select(
        *_DEVICE, *ORG_COLUMNS, Employee.active, exists().where(Origin.org_id == ORG, Origin.device == Device.id),
        _OPEN_ATTENTION,
    )
    .select_from(Device)
    .join(Org, Org.org_id == ORG)
    .outerjoin(Employee, and_(Employee.org_id == ORG, Employee.id == Device.employee_id))
    .where(Device.org_id == ORG, Device.id == bindparam("id"))
    .with_for_update(of=Device)
)  # fmt: skip


def lock_device(connection: Connection, org_id: int, device: str) -> DeviceState | None:
    """Return the device with its row locked until the transaction ends: its log grows by one batch at a time."""
    row = _lock_device.row(connection, org=org_id, id=device)
    return None if row is None else DeviceState(*row)


def device_of(connection: Connection, org_id: int, device: str) -> DeviceState | None:
    """Return the device without a lock."""
    row = _device_of.row(connection, org=org_id, id=device)
    return None if row is None else DeviceState(*row)


@dataclass(frozen=True)
class CallerRow:
    """A device that calls, its row locked, with what is asked for at each call.

    works: its person may work now. is_origin: some of its operations have come again under another id.
    has_attention: something of its lineage waits for a person.
    """

    device: DeviceState
    org: OrgRow
    works: bool
    is_origin: bool
    has_attention: bool


def lock_caller(connection: Connection, org_id: int, device: str) -> CallerRow | None:
    """Return the device with its org and person, its row locked until the transaction ends."""
    row = _lock_caller.row(connection, org=org_id, id=device)
    if row is None:
        return None
    middle = len(_DEVICE)
    works, is_origin, has_attention = row[-3:]
    return CallerRow(
        DeviceState(*row[:middle]), OrgRow(*row[middle:-3]), bool(works), bool(is_origin), bool(has_attention)
    )


def server_actor(connection: Connection, org_id: int) -> DeviceState:
    """Return the org's active server actor, locked."""
    row = connection.execute(
        select(*_DEVICE)
        .where(Device.org_id == org_id, Device.kind == "server", Device.state == "active")
        .with_for_update()
    ).one()
    return DeviceState(*row)


def server_actors(connection: Connection, org_id: int) -> frozenset[str]:
    """Return the ids of the org's server actors, those of earlier epochs among them."""
    return frozenset(connection.scalars(select(Device.id).where(Device.org_id == org_id, Device.kind == "server")))


@dataclass(frozen=True)
class Contact:
    """What a device says of itself with a request: its time (ms since 1970 UTC), unsent operations, clock's offset."""

    at: int
    unsent: int
    app: str
    clock_offset_ms: int


_this_device = update(Device).where(Device.org_id == ORG, Device.id == bindparam("key"))
_note_contact = Prepared(
    _this_device.values(
        last_seen_at=bindparam("at"), unsent_reported=bindparam("unsent"), app=bindparam("told_app"),
        clock_offset_ms=bindparam("offset"), last_seq=bindparam("seq"), head=bindparam("whole"),
    )
)  # fmt: skip
_move_head = Prepared(_this_device.values(last_seq=bindparam("seq"), head=bindparam("whole")))


def note_contact(connection: Connection, org_id: int, device: str, contact: Contact, seq: int, head: bytes) -> None:
    """Keep what the device said of itself, and where its log ends now."""
    _note_contact.run(
        connection, org=org_id, key=device, at=contact.at, unsent=contact.unsent, told_app=contact.app,
        offset=contact.clock_offset_ms, seq=seq, whole=head,
    )  # fmt: skip


def move_head(connection: Connection, org_id: int, device: str, seq: int, head: bytes) -> None:
    """Keep where the log of a server actor ends now."""
    _move_head.run(connection, org=org_id, key=device, seq=seq, whole=head)


# Of the ids, made by chance, those that begin with 0 clean up: one request in sixteen.
_CLEANING_REQUESTS: Final = "1"
_use_request = Prepared(
    upsert(RequestOnce)
    .values({name: bindparam(name) for name in ("org_id", "device", "request", "at")})
    .on_conflict_do_nothing(index_elements=("org_id", "device", "request"))
)
_forget_requests = Prepared(
    delete(RequestOnce).where(
        RequestOnce.org_id == ORG, RequestOnce.device == bindparam("device"), RequestOnce.at < bindparam("before")
    )
)


def use_request(connection: Connection, org_id: int, device: str, request: str, now_ms: int, keep_ms: int) -> bool:
    """Note a request id; false where it was used before. Those too old to pass the clock's check are dropped."""
    if request < _CLEANING_REQUESTS:
        _forget_requests.run(connection, org=org_id, device=device, before=now_ms - keep_ms)
    return _use_request.run(connection, org_id=org_id, device=device, request=request, at=now_ms) == 1


_batches = Rows(table_of(Batch))
_batches_over = Prepared(
    select(Batch.first, Batch.last, Batch.hashes, Batch.results)
    .where(
        Batch.org_id == ORG, Batch.device == bindparam("device"),
        Batch.last >= bindparam("first"), Batch.first <= bindparam("last"),
    )
    .order_by(Batch.last)
)  # fmt: skip


def batches_over(connection: Connection, org_id: int, device: str, first: int, last: int) -> list[BatchKnown]:
    """Return the stored batches that hold any of these sequence numbers, in order."""
    rows = _batches_over.rows(connection, org=org_id, device=device, first=first, last=last)
    return [BatchKnown(*row) for row in rows]


def add_batch(connection: Connection, org_id: int, values: dict[str, Any]) -> None:
    """Store a received batch."""
    values = {"org_id": org_id, **values}
    _batches.add(connection, [tuple(values[name] for name in _batches.names)])


def add_quarantine(connection: Connection, org_id: int, values: dict[str, Any]) -> None:
    """Keep a batch whose sender may not write now; the same batch again changes nothing."""
    known = connection.execute(
        select(Quarantine.id).where(Quarantine.org_id == org_id, Quarantine.id == values["id"])
    ).first()
    if known is None:
        empty = {"decided_by": None, "decided_reason": None}
        connection.execute(insert(Quarantine).values(org_id=org_id, **empty, **values))


# People


_lock_people = PreparedList(
    lambda among: (
        select(Employee.id)
        .where(Employee.org_id == ORG, among(Employee.id))
        .order_by(Employee.id)
        .with_for_update()
    )
)


def lock_people(connection: Connection, org_id: int, employees: Iterable[str]) -> None:
    """Lock these employees in the order of their ids: whoever settles their work or reviews it waits for another."""
    _lock_people.rows(connection, employees, org=org_id)


@dataclass(frozen=True)
class Placement:
    """An assignment as attribution and rights ask for it."""

    org_unit: str | None
    position: str | None
    supervisor: str | None
    acting_supervisor: str | None
    valid_from: date
    valid_to: date | None


_placements_of = Prepared(
    select(
        Assignment.org_unit, Assignment.position, Assignment.supervisor, Assignment.acting_supervisor,
        Assignment.valid_from, Assignment.valid_to,
    )
    .where(Assignment.org_id == ORG, Assignment.employee == bindparam("employee"), Assignment.voided.is_(False))
    .order_by(Assignment.valid_from.desc(), Assignment.id.desc())
)  # fmt: skip
_units_supervised = Prepared(
    select(Assignment.org_unit)
    .where(
        Assignment.org_id == ORG,
        or_(Assignment.supervisor == bindparam("employee"), Assignment.acting_supervisor == bindparam("employee")),
        Assignment.voided.is_(False),
        Assignment.org_unit.is_not(None),
        Assignment.valid_from <= bindparam("day"),
        or_(Assignment.valid_to.is_(None), Assignment.valid_to >= bindparam("day")),
    )
    .distinct()
)


def placements_of(connection: Connection, org_id: int, employee: str) -> list[Placement]:
    """Return a person's assignments, the one that begins last first."""
    return [Placement(*row) for row in _placements_of.rows(connection, org=org_id, employee=employee)]


def units_supervised(connection: Connection, org_id: int, employee: str, day: date) -> list[str]:
    """Return the units in which this person supervises, or acts for who does, on that day."""
    return sorted(row[0] for row in _units_supervised.rows(connection, org=org_id, employee=employee, day=day))


_months = Prepared(select(Period.month, Period.state).where(Period.org_id == ORG).with_for_update(read=True))


def locked_months(connection: Connection, org_id: int) -> frozenset[str]:
    """Return the locked months, share-locked: none is opened or locked while a batch is settled."""
    return frozenset(month for month, state in _months.rows(connection, org=org_id) if state == "locked")


_plan_owners = PreparedList(
    lambda among: (
        select(WorkResultPlan.id, WorkResultPlan.owner).where(WorkResultPlan.org_id == ORG, among(WorkResultPlan.id))
    )
)


def plan_owners(connection: Connection, org_id: int, plans: Iterable[str]) -> dict[str, str]:
    """Return whose work result plans these are; those that are not known are left out."""
    return dict(_plan_owners.rows(connection, plans, org=org_id))


# Records


_READ: Final[dict[str, list[tuple[str, Any]]]] = {
    record_type: [
        (name, date.isoformat if field.kind == "date" else _json if field.kind in _DOCUMENTS else None)
        for name, field in spec.fields.items()
    ]
    for record_type, spec in RECORD_TYPES.items()
    if record_type in MODELS
}


def record_of(record_type: str, row: Any) -> Record:
    """The record that a row of its table holds."""
    fields: dict[str, Any] = {}
    for name, read in _READ[record_type]:
        value = row[name]
        if value is not None:
            fields[name] = value if read is None else read(value)
    clash = row["clash"] if record_type == "activity_entry" else None
    return Record(record_type, row["id"], row["revision"], fields, row["voided"], clash)


def _columns_of(record_type: str, fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, spec in RECORD_TYPES[record_type].fields.items():
        value = fields.get(name)
        if value is not None and spec.kind == "date":
            value = date.fromisoformat(value)
        elif value is not None and spec.kind in _DOCUMENTS:
            value = _text(value)
        values[name] = value
    return values


_NO_ENTRY: Final[dict[str, Any]] = dict.fromkeys(_ENTRY.columns.keys())
_ENTRY_DOCUMENTS: Final = [
    name for name, spec in RECORD_TYPES["activity_entry"].fields.items() if spec.kind in _DOCUMENTS
]
_entry_columns: Final = itemgetter(*_ENTRY.columns.keys())


def _records(model: type[Base]) -> tuple[tuple[str, ...], PreparedList]:
    table = table_of(model)
    records = PreparedList(lambda among: select(table).where(table.c.org_id == ORG, among(table.c.id)))
    return tuple(table.c.keys()), records


_RECORDS: Final = {record_type: _records(model) for record_type, model in MODELS.items()}


def records_by_id(connection: Connection, org_id: int, record_type: str, ids: Iterable[str]) -> dict[str, Any]:
    """Return rows of one type by id, as mappings of their columns."""
    names, records = _RECORDS[record_type]
    rows = (dict(zip(names, row, strict=True)) for row in records.rows(connection, ids, org=org_id))
    return {row["id"]: row for row in rows}


class WireRow(msgspec.Struct, frozen=True, gc=False):
    """A record as a device reads it. `fields` is encoded as it stands, with what is empty left out.

    own_create: the device and sequence number that made the entry, while nothing else has touched it.
    """

    id: str
    revision: int
    voided: bool
    fields: Any
    clash: str | None = None
    own_create: tuple[str, int] | None = None


class _Wire:
    """How the rows of one table become WireRow: read in one order, and put whole into a structure of that order."""

    def __init__(self, record_type: str, model: type[Base]) -> None:
        columns = table_of(model).c
        kinds = {name: spec.kind for name, spec in RECORD_TYPES[record_type].fields.items()}
        self._is_entry = record_type == "activity_entry"
        more = [columns.clash, columns.writer_device, columns.writer_seq] if self._is_entry else []
        first = [columns.id, columns.revision, columns.voided, *more]
        wanted = [*first, *(columns[name] for name in kinds)]
        self._rows = PreparedList(lambda among: select(*wanted).where(columns.org_id == ORG, among(columns.id)))
        self._begin = len(first)
        self._documents = [place for place, kind in enumerate(kinds.values()) if kind in _DOCUMENTS]
        # Days are encoded as they are read.
        self._fields = msgspec.defstruct(
            "WireFields", [(name, Any, None) for name in kinds], omit_defaults=True, frozen=True, gc=False
        )

    def rows(self, connection: Connection, org_id: int, ids: Iterable[str]) -> dict[str, WireRow]:
        return {row[0]: self._row(row) for row in self._rows.rows(connection, ids, org=org_id)}

    def _row(self, row: tuple[Any, ...]) -> WireRow:
        values = list(row[self._begin :])
        for place in self._documents:
            if values[place] is not None:
                values[place] = msgspec.Raw(values[place])
        key, revision, voided = row[:3]
        if not self._is_entry:
            return WireRow(key, revision, voided, self._fields(*values))
        clash, device, seq = row[3:6]
        own = (device, seq) if revision == 1 and clash is None else None
        return WireRow(key, revision, voided, self._fields(*values), clash, own)


_WIRE: Final = {record_type: _Wire(record_type, model) for record_type, model in MODELS.items()}


def wire_rows(connection: Connection, org_id: int, record_type: str, ids: Iterable[str]) -> dict[str, WireRow]:
    """Return records of one type by id, as devices read them."""
    return _WIRE[record_type].rows(connection, org_id, ids)


def _entry(values: tuple[Any, ...]) -> EntryState:
    row = dict(zip(_entries.names, values, strict=True))
    record = record_of("activity_entry", row)
    stamps = {name: (stamp[0], stamp[1]) for name, stamp in (_json(row["stamps"]) or {}).items()}
    return EntryState(record, stamps, row["writer_device"], row["writer_seq"], before=record)


_owners_of = PreparedList(
    lambda among: select(_ENTRY.c.owner).where(_ENTRY.c.org_id == ORG, among(_ENTRY.c.id)).distinct()
)


def owners_of(connection: Connection, org_id: int, entries: Iterable[str]) -> set[str]:
    """Return whose entries these are."""
    return {row[0] for row in _owners_of.rows(connection, entries, org=org_id)}


_titles_of = PreparedList(
    lambda among: select(_ENTRY.c.id, _ENTRY.c.title).where(_ENTRY.c.org_id == ORG, among(_ENTRY.c.id))
)


def titles_of(connection: Connection, org_id: int, entries: Iterable[str]) -> dict[str, str]:
    """Return what was done, by entry."""
    rows = _titles_of.rows(connection, entries, org=org_id)
    return {str(row[0]): str(row[1]) for row in rows}


_lock_entries = PreparedList(
    lambda among: (
        select(_ENTRY).where(_ENTRY.c.org_id == ORG, among(_ENTRY.c.id)).order_by(_ENTRY.c.id).with_for_update()
    )
)


def lock_entries(connection: Connection, org_id: int, ids: Iterable[str]) -> list[EntryState]:
    """Return these entries, locked in the order of their ids."""
    return [_entry(row) for row in _lock_entries.rows(connection, ids, org=org_id)]


_work_between = Prepared(
    select(
        _ENTRY.c.id, _ENTRY.c.work_date, _ENTRY.c.title, _ENTRY.c.start_time, _ENTRY.c.end_time,
        _ENTRY.c.duration_minutes, _ENTRY.c.writer_device,
    )
    .where(
        _ENTRY.c.org_id == ORG, _ENTRY.c.owner == bindparam("owner"), _ENTRY.c.voided.is_(False),
        _ENTRY.c.work_date >= bindparam("first"), _ENTRY.c.work_date <= bindparam("last"),
    )
)  # fmt: skip


def work_between(connection: Connection, org_id: int, owner: str, first: date, last: date) -> list[Work]:
    """Return what a person did on these days, both included, as the rules across entries see it.

    Not locked: whoever changes an entry holds its owner's row (`lock_people`).
    """
    return [Work(*row) for row in _work_between.rows(connection, org=org_id, owner=owner, first=first, last=last)]


# Days that somebody says were travel or leave have no hours of presence, whatever a machine saw.
_presence_between = Prepared(
    select(AttendanceDay.day, AttendanceDay.first_in, AttendanceDay.last_out).where(
        AttendanceDay.org_id == ORG, AttendanceDay.employee == bindparam("owner"), AttendanceDay.status == "present",
        AttendanceDay.day >= bindparam("first"), AttendanceDay.day <= bindparam("last"),
    )
)  # fmt: skip


def presence_between(
    connection: Connection, org_id: int, owner: str, first: date, last: date
) -> dict[date, tuple[str | None, str | None]]:
    """Return the first arrival and the last leaving of the days that a person was present on, in local wall time."""
    rows = _presence_between.rows(connection, org=org_id, owner=owner, first=first, last=last)
    return {day: (first_in, last_out) for day, first_in, last_out in rows}


@dataclass(frozen=True)
class Bounds:
    """Whose entries are asked for: of these people, in these units; None is no bound."""

    people: frozenset[str] | None = None
    units: frozenset[str] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.people is not None:
            found.append(_ENTRY.c.owner.in_(sorted(self.people)))
        if self.units is not None:
            found.append(_ENTRY.c.org_unit.in_(sorted(self.units)))
        return found


EVERYBODY: Final = Bounds()


def submitted_entries(
    connection: Connection, org_id: int, bounds: Bounds = EVERYBODY, *, skip: int = 0, limit: int | None = None
) -> list[Record]:  # fmt: skip
    """Return the entries that wait for a review, by date."""
    query = (
        select(_ENTRY)
        .where(
            _ENTRY.c.org_id == org_id, _ENTRY.c.review_state == "submitted", _ENTRY.c.voided.is_(False),
            *bounds.conditions(),
        )
        .order_by(_ENTRY.c.work_date, _ENTRY.c.id)
    )  # fmt: skip
    rows = connection.execute(query if limit is None else query.limit(limit).offset(skip))
    return [record_of("activity_entry", row) for row in rows.mappings()]


def count_submitted(
    connection: Connection, org_id: int, bounds: Bounds = EVERYBODY, *, without: str | None = None
) -> tuple[int, date | None]:  # fmt: skip
    """Return how many entries wait for a review, and the oldest date among them; `without`: not this person's own."""
    query = select(func.count(), func.min(_ENTRY.c.work_date)).where(
        _ENTRY.c.org_id == org_id, _ENTRY.c.review_state == "submitted", _ENTRY.c.voided.is_(False),
        *bounds.conditions(),
    )  # fmt: skip
    if without is not None:
        query = query.where(_ENTRY.c.owner != without)
    count, oldest = connection.execute(query).one()
    return count, oldest


def review_counts(
    connection: Connection, org_id: int, period: str, bounds: Bounds = EVERYBODY
) -> dict[str, int]:  # fmt: skip
    """Return how many entries of a month stand in each state of review; what is void counts nowhere."""
    query = (
        select(_ENTRY.c.review_state, func.count())
        .where(*_of_month(org_id, period), *bounds.conditions())
        .group_by(_ENTRY.c.review_state)
    )
    return {str(row[0]): int(row[1]) for row in connection.execute(query)}


def entries_reviewed(
    connection: Connection, org_id: int, state: str, period: str, bounds: Bounds = EVERYBODY, *, skip: int, limit: int
) -> list[Record]:  # fmt: skip
    """Return entries of a month in one state of review, the newest date first."""
    query = (
        select(_ENTRY)
        .where(*_of_month(org_id, period), _ENTRY.c.review_state == state, *bounds.conditions())
        .order_by(_ENTRY.c.work_date.desc(), _ENTRY.c.id)
    )
    rows = connection.execute(query.limit(limit).offset(skip))
    return [record_of("activity_entry", row) for row in rows.mappings()]


def _of_month(org_id: int, period: str) -> tuple[ColumnElement[bool], ...]:
    year, month = (int(part) for part in period.split("-"))
    last = date(year, month, monthrange(year, month)[1])
    return (
        _ENTRY.c.org_id == org_id, _ENTRY.c.voided.is_(False),
        _ENTRY.c.work_date.between(date(year, month, 1), last),
    )  # fmt: skip


_entries = Rows(_ENTRY)
_entry_changes = Changes(_ENTRY)
# What each change of an entry gives another value.
_EVER_CHANGED: Final = frozenset({"revision", "writer_device", "writer_seq"})


def write_entries(connection: Connection, org_id: int, entries: Sequence[EntryState]) -> None:
    """Write new entries, and what has changed of the others."""
    _entries.add(connection, [_entry_row(org_id, entry) for entry in entries if entry.before is None])
    changed: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for entry in entries:
        if entry.before is not None:
            names = _names_changed(entry, entry.before)
            row = dict(zip(_entries.names, _entry_row(org_id, entry), strict=True))
            changed.setdefault(names, []).append((row["id"], *(row[name] for name in names)))
    for names, rows in changed.items():
        _entry_changes.write(connection, org_id, names, rows)


def _names_changed(entry: EntryState, before: Record) -> tuple[str, ...]:
    """The columns that hold something else now, in the order of the table."""
    now, was = entry.record.fields, before.fields
    names = {name for name in now.keys() | was.keys() if now.get(name) != was.get(name)} | _EVER_CHANGED
    if entry.record.voided != before.voided:
        names.add("voided")
    if entry.record.clash != before.clash:
        names.add("clash")
    if entry.stamps:
        names.add("stamps")
    return tuple([name for name in _entries.names if name in names])


def _entry_row(org_id: int, entry: EntryState) -> tuple[Any, ...]:
    """The entry's columns in the order of its table."""
    record, stamps = entry.record, entry.stamps
    values = {
        **_NO_ENTRY, **record.fields,
        "org_id": org_id, "id": record.id, "revision": record.revision, "voided": record.voided, "clash": record.clash,
        "stamps": _text(stamps) if stamps else None,
        "writer_device": entry.writer_device, "writer_seq": entry.writer_seq,
    }  # fmt: skip
    for name in _ENTRY_DOCUMENTS:
        if values[name] is not None:
            values[name] = _text(values[name])
    return tuple(_entry_columns(values))


def add_reviews(connection: Connection, org_id: int, reviews: Sequence[Record]) -> None:
    """Write new reviews."""
    rows = [
        {
            "org_id": org_id,
            "id": each.id,
            "revision": each.revision,
            "voided": False,
            **_columns_of("review", each.fields),
        }
        for each in reviews
    ]
    if rows:
        connection.execute(insert(table_of(Review)), rows)


# Conflicts


def _conflict(row: Any) -> ConflictState:
    record = record_of("conflict", row)
    return ConflictState(record.id, record.revision, row["owner"], row["org_unit"], dict(record.fields))


_CONFLICT = table_of(Conflict)
_conflicts_about = PreparedList(
    lambda among: (
        select(_CONFLICT)
        .join(
            ConflictRecord,
            and_(
                ConflictRecord.org_id == ORG,
                ConflictRecord.org_id == _CONFLICT.c.org_id,
                ConflictRecord.conflict == _CONFLICT.c.id,
            ),
        )
        .where(_CONFLICT.c.org_id == ORG, among(ConflictRecord.record))
    )
)


def conflicts_about(connection: Connection, org_id: int, records: Iterable[str]) -> list[ConflictState]:
    """Return every conflict about any of these entries, open or not, by id."""
    names = _CONFLICT.c.keys()
    found = {}
    for values in _conflicts_about.rows(connection, records, org=org_id):
        row = dict(zip(names, values, strict=True))
        found[row["id"]] = _conflict(row)
    return [found[key] for key in sorted(found)]


def conflict_of(connection: Connection, org_id: int, conflict: str) -> ConflictState | None:
    """Return one conflict, locked."""
    table = table_of(Conflict)
    row = connection.execute(
        select(table).where(table.c.org_id == org_id, table.c.id == conflict).with_for_update()
    ).mappings().first()  # fmt: skip
    return None if row is None else _conflict(row)


def list_conflicts(connection: Connection, org_id: int, *, only_open: bool, unit: str | None) -> list[ConflictState]:
    """Return the org's conflicts, or a unit's, the newest first."""
    table = table_of(Conflict)
    query = select(table).where(table.c.org_id == org_id)
    if only_open:
        query = query.where(table.c.state != "resolved")
    if unit is not None:
        query = query.where(table.c.org_unit == unit)
    rows = connection.execute(query.order_by(table.c.opened_at.desc(), table.c.id)).mappings()
    return [_conflict(row) for row in rows]


def open_forks(connection: Connection, org_id: int, device: str) -> list[str]:
    """Return the open conflicts that tell of a fork of this device: one, or none."""
    table = table_of(Conflict)
    rows = connection.execute(
        select(table.c.id, table.c.clashes).where(
            table.c.org_id == org_id, table.c.kind == "fork", table.c.state != "resolved"
        )
    )
    return [key for key, text in rows if (_json(text) or {}).get("device", {}).get("base") == device]


def write_conflicts(connection: Connection, org_id: int, conflicts: Sequence[ConflictState]) -> None:
    """Write new conflicts with the entries that they are about, and the present state of changed ones."""
    table = table_of(Conflict)
    for each in conflicts:
        values = {
            **_columns_of("conflict", each.fields),
            "revision": each.revision,
            "owner": each.owner,
            "org_unit": each.org_unit,
        }
        if each.is_new:
            connection.execute(insert(table).values(org_id=org_id, id=each.id, voided=False, **values))
        else:
            connection.execute(
                update(table).where(table.c.org_id == org_id, table.c.id == each.id).values(**values)
            )  # fmt: skip
        links = [{"org_id": org_id, "record": record, "conflict": each.id} for record in each.added_records]
        if links:
            connection.execute(insert(table_of(ConflictRecord)), links)


# Attention, origins, history


def _attention(row: Any) -> AttentionState:
    return AttentionState(**{name: row[name] for name in AttentionState.__dataclass_fields__})


_ATTENTION = table_of(Attention)
_ATTENTION_ROW = [_ATTENTION.c[name] for name in AttentionState.__dataclass_fields__]
_open_attention = PreparedList(
    lambda among: (
        select(*_ATTENTION_ROW)
        .where(_ATTENTION.c.org_id == ORG, among(_ATTENTION.c.record), _ATTENTION.c.state == "open")
        .order_by(_ATTENTION.c.lineage, _ATTENTION.c.at, _ATTENTION.c.device, _ATTENTION.c.seq)
    )
)
_attention_of_lineage = Prepared(
    select(*_ATTENTION_ROW)
    .where(_ATTENTION.c.org_id == ORG, _ATTENTION.c.lineage == bindparam("lineage"), _ATTENTION.c.state == "open")
    .order_by(_ATTENTION.c.at, _ATTENTION.c.device, _ATTENTION.c.seq)
)
_new_attention = Rows(_ATTENTION)


def open_attention(connection: Connection, org_id: int, records: Iterable[str]) -> list[AttentionState]:
    """Return what waits about these records, whoever wrote it, in log order."""
    return [AttentionState(*row) for row in _open_attention.rows(connection, records, org=org_id)]


def attention_at(connection: Connection, org_id: int, device: str, first: int, last: int) -> list[AttentionState]:
    """Return the rows of a device's sequence numbers, in any state."""
    table = table_of(Attention)
    rows = connection.execute(
        select(table).where(
            table.c.org_id == org_id, table.c.device == device, table.c.seq >= first, table.c.seq <= last
        )
    )
    return [_attention(row) for row in rows.mappings()]


def attention_of_lineage(connection: Connection, org_id: int, lineage: str) -> list[AttentionState]:
    """Return what a lineage's author has to see, in log order."""
    return [AttentionState(*row) for row in _attention_of_lineage.rows(connection, org=org_id, lineage=lineage)]


def attention_of_conflict(
    connection: Connection, org_id: int, conflict: str, records: Iterable[str]
) -> list[AttentionState]:
    """Return the operations about these records that wait for this conflict."""
    return [each for each in open_attention(connection, org_id, records) if each.conflict == conflict]


def write_attention(
    connection: Connection, org_id: int, rows: Sequence[AttentionState], known: set[tuple[str, int]]
) -> None:
    """Write new rows, and the present state of those that are known."""
    table = table_of(Attention)
    new = [{"org_id": org_id, **vars(row)} for row in rows if (row.device, row.seq) not in known]
    _new_attention.add(connection, [tuple(row[name] for name in _new_attention.names) for row in new])
    for row in rows:
        if (row.device, row.seq) in known:
            values = {name: getattr(row, name) for name in ("verdict", "code", "field", "message", "conflict", "state")}
            connection.execute(
                update(table)
                .where(table.c.org_id == org_id, table.c.device == row.device, table.c.seq == row.seq)
                .values(**values)
            )


_origins_of = Prepared(
    select(Origin.seq, Origin.hash, Origin.by_device, Origin.by_seq).where(
        Origin.org_id == ORG, Origin.device == bindparam("device"),
        Origin.seq >= bindparam("first"), Origin.seq <= bindparam("last"),
    )
)  # fmt: skip
_history = Rows(table_of(History))


def origins_of(
    connection: Connection, org_id: int, device: str, first: int, last: int
) -> dict[tuple[int, bytes], tuple[str, int]]:
    """Return, by sequence number and hash, which operations of a device have come under another id."""
    rows = _origins_of.rows(connection, org=org_id, device=device, first=first, last=last)
    return {(seq, whole): (by_device, by_seq) for seq, whole, by_device, by_seq in rows}


def add_origins(connection: Connection, org_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write which operations have come under another id than their first."""
    if rows:
        connection.execute(insert(table_of(Origin)), [{"org_id": org_id, **row} for row in rows])


def add_history(connection: Connection, org_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write what operations changed or wished."""
    whole = [{"org_id": org_id, **row} for row in rows]
    _history.add(connection, [tuple(row[name] for name in _history.names) for row in whole])


def history_of(connection: Connection, org_id: int, record: str) -> list[dict[str, Any]]:
    """Return a record's history, the oldest first."""
    table = table_of(History)
    rows = connection.execute(
        select(table).where(table.c.org_id == org_id, table.c.id == record).order_by(table.c.revision, table.c.at)
    )
    return [{**row, "changes": _json(row["changes"])} for row in rows.mappings()]


# Feed


@dataclass(frozen=True)
class FeedRow:
    """One row of the feed; `records` are (type, id, revision)."""

    seq: int
    records: list[tuple[str, str, int]]
    removal: str | None


_org_counter = Prepared(select(Org.last_seq).where(Org.org_id == ORG))


def org_counter(connection: Connection, org_id: int) -> int:
    """Return the number of the newest feed row that is committed."""
    row = _org_counter.row(connection, org=org_id)
    assert row is not None, "an org is never taken away"
    return int(row[0])


def _feed_where(*scope: ColumnElement[bool]) -> Prepared:
    return Prepared(
        select(Feed.seq, Feed.records, Feed.removal)
        .where(Feed.org_id == ORG, Feed.seq > bindparam("after"), Feed.seq <= bindparam("upto"), *scope)
        .order_by(Feed.seq)
        .limit(bindparam("most", type_=Integer()))
    )


_feed_of_unit = _feed_where(Feed.unit == bindparam("unit"))
_feed_of_owner = _feed_where(Feed.owner == bindparam("owner"), Feed.removal.is_(None))
_feed_of_all = _feed_where(Feed.owner.is_(None), Feed.unit.is_(None))


def feed_after(
    connection: Connection, org_id: int, after: int, upto: int, *, owner: str | None, unit: str | None, limit: int
) -> list[FeedRow]:
    """Return the rows of one scope after a cursor: an owner's with those for everybody, or a unit's."""
    span = {"org": org_id, "after": after, "upto": upto, "most": limit}
    if unit is not None:
        rows = _feed_of_unit.rows(connection, unit=unit, **span)
    else:
        # Each along its own index; one statement for both would read the whole org's feed.
        both = [*_feed_of_owner.rows(connection, owner=owner, **span), *_feed_of_all.rows(connection, **span)]
        rows = sorted(both)[:limit]
    return [FeedRow(seq, unpack_records(packed), removal) for seq, packed, removal in rows]


def entry_ids(connection: Connection, org_id: int) -> set[str]:
    """The id of every entry that the org holds, voided ones among them."""
    return set(connection.scalars(select(ActivityEntry.id).where(ActivityEntry.org_id == org_id)))

"""Statements of the operation path: devices and their batches, entries, conflicts, attention, origins, feed.

No rule lives here. Rows of one kind are written together, so that a batch costs few round trips.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, or_, select, update

from lontara_core.canonical import encode
from lontara_core.clock import Hlc
from lontara_core.record import Record
from lontara_core.record_types import RECORD_TYPES
from lontara_server.storage.models import (
    ActivityEntry,
    Assignment,
    Attention,
    Base,
    Batch,
    Conflict,
    ConflictRecord,
    Device,
    Employee,
    Feed,
    History,
    Org,
    OrgUnit,
    Origin,
    Period,
    Quarantine,
    RequestOnce,
    Review,
    WorkResultPlan,
)

IDS_PER_STATEMENT: Final = 400
MODELS: Final[dict[str, type[Base]]] = {
    "activity_entry": ActivityEntry,
    "assignment": Assignment,
    "conflict": Conflict,
    "employee": Employee,
    "org_unit": OrgUnit,
    "period": Period,
    "review": Review,
    "work_result_plan": WorkResultPlan,
}
_DOCUMENTS: Final = frozenset({"references", "flags", "ids", "document"})


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


@dataclass(frozen=True)
class BatchKnown:
    """What tells a repeat: where a stored batch lies, the short hashes, and the results that were not plain."""

    first: int
    last: int
    hashes: bytes
    results: str | None


@dataclass
class EntryState:
    """An entry in work. `old_unit` is the unit that could read it before this transaction."""

    record: Record
    stamps: dict[str, Hlc]
    writer_device: str
    writer_seq: int
    is_new: bool = False
    old_unit: str | None = None


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


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), IDS_PER_STATEMENT):
        yield ordered[start : start + IDS_PER_STATEMENT]


def _json(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text.encode("utf-8"))


def _text(value: Any) -> str | None:
    return None if value is None else encode(value).decode("utf-8")


# Devices, requests and batches

_DEVICE = (
    Device.id, Device.employee_id, Device.lineage, Device.kind, Device.public_key, Device.private_key,
    Device.state, Device.last_seq, Device.head,
)  # fmt: skip


def lock_device(connection: Connection, org_id: int, device: str) -> DeviceState | None:
    """Return the device with its row locked until the transaction ends: its log grows by one batch at a time."""
    row = connection.execute(
        select(*_DEVICE).where(Device.org_id == org_id, Device.id == device).with_for_update()
    ).first()
    return None if row is None else DeviceState(*row)


def device_of(connection: Connection, org_id: int, device: str) -> DeviceState | None:
    """Return the device without a lock."""
    row = connection.execute(select(*_DEVICE).where(Device.org_id == org_id, Device.id == device)).first()
    return None if row is None else DeviceState(*row)


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


def note_contact(connection: Connection, org_id: int, device: str, values: dict[str, Any]) -> None:
    """Keep what the device said of itself, and where its log ends now."""
    connection.execute(update(Device).where(Device.org_id == org_id, Device.id == device).values(**values))


def use_request(connection: Connection, org_id: int, device: str, request: str, now_ms: int, keep_ms: int) -> bool:
    """Note a request id; false where it was used before. Those too old to pass the clock's check are dropped."""
    known = connection.execute(
        select(RequestOnce.at).where(
            RequestOnce.org_id == org_id, RequestOnce.device == device, RequestOnce.request == request
        )
    ).first()
    if known is not None:
        return False
    connection.execute(
        delete(RequestOnce).where(
            RequestOnce.org_id == org_id, RequestOnce.device == device, RequestOnce.at < now_ms - keep_ms
        )
    )
    connection.execute(insert(RequestOnce).values(org_id=org_id, device=device, request=request, at=now_ms))
    return True


def batches_over(connection: Connection, org_id: int, device: str, first: int, last: int) -> list[BatchKnown]:
    """Return the stored batches that hold any of these sequence numbers, in order."""
    rows = connection.execute(
        select(Batch.first, Batch.last, Batch.hashes, Batch.results)
        .where(Batch.org_id == org_id, Batch.device == device, Batch.last >= first, Batch.first <= last)
        .order_by(Batch.last)
    )
    return [BatchKnown(*row) for row in rows]


def add_batch(connection: Connection, org_id: int, values: dict[str, Any]) -> None:
    """Store a received batch."""
    connection.execute(insert(Batch).values(org_id=org_id, **values))


def add_quarantine(connection: Connection, org_id: int, values: dict[str, Any]) -> None:
    """Keep a batch whose sender may not write now; the same batch again changes nothing."""
    known = connection.execute(
        select(Quarantine.id).where(Quarantine.org_id == org_id, Quarantine.id == values["id"])
    ).first()
    if known is None:
        empty = {"decided_by": None, "decided_reason": None}
        connection.execute(insert(Quarantine).values(org_id=org_id, **empty, **values))


# People


def lock_people(connection: Connection, org_id: int, employees: Iterable[str]) -> dict[str, bool]:
    """Lock these employees in the order of their ids; return who of them is active."""
    active: dict[str, bool] = {}
    for ids in _chunks(employees):
        rows = connection.execute(
            select(Employee.id, Employee.active)
            .where(Employee.org_id == org_id, Employee.id.in_(ids))
            .order_by(Employee.id)
            .with_for_update()
        )
        active.update({row.id: row.active for row in rows})
    return active


@dataclass(frozen=True)
class Placement:
    """An assignment as attribution and rights ask for it."""

    org_unit: str | None
    position: str | None
    supervisor: str | None
    acting_supervisor: str | None
    valid_from: date
    valid_to: date | None


def placements_of(connection: Connection, org_id: int, employee: str) -> list[Placement]:
    """Return a person's assignments, the one that begins last first."""
    rows = connection.execute(
        select(
            Assignment.org_unit, Assignment.position, Assignment.supervisor, Assignment.acting_supervisor,
            Assignment.valid_from, Assignment.valid_to,
        )
        .where(Assignment.org_id == org_id, Assignment.employee == employee, Assignment.voided.is_(False))
        .order_by(Assignment.valid_from.desc(), Assignment.id.desc())
    )  # fmt: skip
    return [Placement(*row) for row in rows]


def units_supervised(connection: Connection, org_id: int, employee: str, day: date) -> list[str]:
    """Return the units in which this person supervises, or acts for who does, on that day."""
    rows = connection.scalars(
        select(Assignment.org_unit)
        .where(
            Assignment.org_id == org_id,
            or_(Assignment.supervisor == employee, Assignment.acting_supervisor == employee),
            Assignment.voided.is_(False),
            Assignment.org_unit.is_not(None),
            Assignment.valid_from <= day,
            or_(Assignment.valid_to.is_(None), Assignment.valid_to >= day),
        )
        .distinct()
    )
    return sorted(unit for unit in rows if unit is not None)


def locked_months(connection: Connection, org_id: int) -> frozenset[str]:
    """Return the locked months, share-locked: none is opened or locked while a batch is settled."""
    rows = connection.execute(
        select(Period.month, Period.state).where(Period.org_id == org_id).with_for_update(read=True)
    )
    return frozenset(row.month for row in rows if row.state == "locked")


def plan_owner(connection: Connection, org_id: int, plan: str) -> str | None:
    """Return whose work result plan this is."""
    return connection.scalar(
        select(WorkResultPlan.owner).where(WorkResultPlan.org_id == org_id, WorkResultPlan.id == plan)
    )


# Records


def record_of(record_type: str, row: Any) -> Record:
    """The record that a row of its table holds."""
    fields: dict[str, Any] = {}
    for name, spec in RECORD_TYPES[record_type].fields.items():
        value = row[name]
        if value is None:
            continue
        if spec.kind == "date":
            value = value.isoformat()
        elif spec.kind in _DOCUMENTS:
            value = _json(value)
        fields[name] = value
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


def records_by_id(connection: Connection, org_id: int, record_type: str, ids: Iterable[str]) -> dict[str, Any]:
    """Return rows of one type by id, as mappings of their columns."""
    table = _table(MODELS[record_type])
    found: dict[str, Any] = {}
    for part in _chunks(ids):
        rows = connection.execute(select(table).where(table.c.org_id == org_id, table.c.id.in_(part)))
        found.update({row["id"]: row for row in rows.mappings()})
    return found


def _entry(row: Any) -> EntryState:
    record = record_of("activity_entry", row)
    stamps = {name: (stamp[0], stamp[1]) for name, stamp in (_json(row["stamps"]) or {}).items()}
    unit = record.fields.get("org_unit")
    return EntryState(record, stamps, row["writer_device"], row["writer_seq"], old_unit=unit)


def owners_of(connection: Connection, org_id: int, entries: Iterable[str]) -> set[str]:
    """Return whose entries these are."""
    owners: set[str] = set()
    for ids in _chunks(entries):
        owners.update(
            connection.scalars(
                select(ActivityEntry.owner).where(ActivityEntry.org_id == org_id, ActivityEntry.id.in_(ids)).distinct()
            )
        )
    return owners


def lock_entries(connection: Connection, org_id: int, ids: Iterable[str]) -> list[EntryState]:
    """Return these entries, locked in the order of their ids."""
    table = _table(ActivityEntry)
    found: list[EntryState] = []
    for part in _chunks(ids):
        rows = connection.execute(
            select(table).where(table.c.org_id == org_id, table.c.id.in_(part)).order_by(table.c.id).with_for_update()
        )
        found.extend(_entry(row) for row in rows.mappings())
    return found


def lock_days(connection: Connection, org_id: int, owner: str, first: date, last: date) -> list[EntryState]:
    """Return a person's entries of these days, both included, locked in the order of their ids."""
    table = _table(ActivityEntry)
    rows = connection.execute(
        select(table)
        .where(
            table.c.org_id == org_id,
            table.c.owner == owner,
            table.c.work_date >= first,
            table.c.work_date <= last,
        )
        .order_by(table.c.id)
        .with_for_update()
    )
    return [_entry(row) for row in rows.mappings()]


def submitted_entries(connection: Connection, org_id: int) -> list[Record]:
    """Return the entries that wait for a review, by date."""
    table = _table(ActivityEntry)
    rows = connection.execute(
        select(table)
        .where(table.c.org_id == org_id, table.c.review_state == "submitted", table.c.voided.is_(False))
        .order_by(table.c.work_date, table.c.id)
    )
    return [record_of("activity_entry", row) for row in rows.mappings()]


def write_entries(connection: Connection, org_id: int, entries: Sequence[EntryState]) -> None:
    """Write new entries, and the present state of changed ones."""
    table = _table(ActivityEntry)
    new = [{"org_id": org_id, "id": entry.record.id, **_entry_values(entry)} for entry in entries if entry.is_new]
    if new:
        connection.execute(insert(table), new)
    changed = [{"key": entry.record.id, **_entry_values(entry)} for entry in entries if not entry.is_new]
    if changed:
        # The columns are named once, so that the driver runs one prepared statement for all rows.
        statement = update(table).where(table.c.org_id == org_id, table.c.id == bindparam("key"))
        connection.execute(statement.values({name: bindparam(name) for name in changed[0] if name != "key"}), changed)


def _entry_values(entry: EntryState) -> dict[str, Any]:
    record = entry.record
    return {
        **_columns_of("activity_entry", record.fields),
        "revision": record.revision,
        "voided": record.voided,
        "clash": record.clash,
        "stamps": _text({name: list(stamp) for name, stamp in entry.stamps.items()}) if entry.stamps else None,
        "writer_device": entry.writer_device,
        "writer_seq": entry.writer_seq,
    }


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
        connection.execute(insert(_table(Review)), rows)


# Conflicts


def _conflict(row: Any) -> ConflictState:
    record = record_of("conflict", row)
    return ConflictState(record.id, record.revision, row["owner"], row["org_unit"], dict(record.fields))


def conflicts_about(connection: Connection, org_id: int, records: Iterable[str]) -> list[ConflictState]:
    """Return every conflict about any of these entries, open or not, by id."""
    table, found = _table(Conflict), {}
    for part in _chunks(records):
        rows = connection.execute(
            select(table)
            .join(
                ConflictRecord,
                and_(
                    ConflictRecord.org_id == org_id,
                    ConflictRecord.org_id == table.c.org_id,
                    ConflictRecord.conflict == table.c.id,
                ),
            )
            .where(table.c.org_id == org_id, ConflictRecord.record.in_(part))
        )
        found.update({row["id"]: _conflict(row) for row in rows.mappings()})
    return [found[key] for key in sorted(found)]


def conflict_of(connection: Connection, org_id: int, conflict: str) -> ConflictState | None:
    """Return one conflict, locked."""
    table = _table(Conflict)
    row = connection.execute(
        select(table).where(table.c.org_id == org_id, table.c.id == conflict).with_for_update()
    ).mappings().first()  # fmt: skip
    return None if row is None else _conflict(row)


def list_conflicts(connection: Connection, org_id: int, *, only_open: bool, unit: str | None) -> list[ConflictState]:
    """Return the org's conflicts, or a unit's, the newest first."""
    table = _table(Conflict)
    query = select(table).where(table.c.org_id == org_id)
    if only_open:
        query = query.where(table.c.state != "resolved")
    if unit is not None:
        query = query.where(table.c.org_unit == unit)
    rows = connection.execute(query.order_by(table.c.opened_at.desc(), table.c.id)).mappings()
    return [_conflict(row) for row in rows]


def open_fork(connection: Connection, org_id: int, device: str) -> bool:
    """Whether an open conflict tells of a fork of this device already."""
    table = _table(Conflict)
    rows = connection.scalars(
        select(table.c.clashes).where(table.c.org_id == org_id, table.c.kind == "fork", table.c.state != "resolved")
    )
    return any((_json(text) or {}).get("device", {}).get("base") == device for text in rows)


def write_conflicts(connection: Connection, org_id: int, conflicts: Sequence[ConflictState]) -> None:
    """Write new conflicts with the entries that they are about, and the present state of changed ones."""
    table = _table(Conflict)
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
            connection.execute(insert(_table(ConflictRecord)), links)


# Attention, origins, history


def _attention(row: Any) -> AttentionState:
    return AttentionState(**{name: row[name] for name in AttentionState.__dataclass_fields__})


def open_attention(connection: Connection, org_id: int, records: Iterable[str]) -> list[AttentionState]:
    """Return what waits about these records, whoever wrote it, in log order."""
    table = _table(Attention)
    found: list[AttentionState] = []
    for part in _chunks(records):
        rows = connection.execute(
            select(table)
            .where(table.c.org_id == org_id, table.c.record.in_(part), table.c.state == "open")
            .order_by(table.c.lineage, table.c.at, table.c.device, table.c.seq)
        )
        found.extend(_attention(row) for row in rows.mappings())
    return found


def attention_at(connection: Connection, org_id: int, device: str, first: int, last: int) -> list[AttentionState]:
    """Return the rows of a device's sequence numbers, in any state."""
    table = _table(Attention)
    rows = connection.execute(
        select(table).where(
            table.c.org_id == org_id, table.c.device == device, table.c.seq >= first, table.c.seq <= last
        )
    )
    return [_attention(row) for row in rows.mappings()]


def attention_of_lineage(connection: Connection, org_id: int, lineage: str) -> list[AttentionState]:
    """Return what a lineage's author has to see, in log order."""
    table = _table(Attention)
    rows = connection.execute(
        select(table)
        .where(table.c.org_id == org_id, table.c.lineage == lineage, table.c.state == "open")
        .order_by(table.c.at, table.c.device, table.c.seq)
    )
    return [_attention(row) for row in rows.mappings()]


def attention_of_conflict(
    connection: Connection, org_id: int, conflict: str, records: Iterable[str]
) -> list[AttentionState]:
    """Return the operations about these records that wait for this conflict."""
    return [each for each in open_attention(connection, org_id, records) if each.conflict == conflict]


def write_attention(
    connection: Connection, org_id: int, rows: Sequence[AttentionState], known: set[tuple[str, int]]
) -> None:
    """Write new rows, and the present state of those that are known."""
    table = _table(Attention)
    new = [{"org_id": org_id, **vars(row)} for row in rows if (row.device, row.seq) not in known]
    if new:
        connection.execute(insert(table), new)
    for row in rows:
        if (row.device, row.seq) in known:
            values = {name: getattr(row, name) for name in ("verdict", "code", "field", "message", "conflict", "state")}
            connection.execute(
                update(table)
                .where(table.c.org_id == org_id, table.c.device == row.device, table.c.seq == row.seq)
                .values(**values)
            )


def origins_of(
    connection: Connection, org_id: int, device: str, first: int, last: int
) -> dict[tuple[int, bytes], tuple[str, int]]:
    """Return, by sequence number and hash, which operations of a device have come under another id."""
    rows = connection.execute(
        select(Origin.seq, Origin.hash, Origin.by_device, Origin.by_seq).where(
            Origin.org_id == org_id, Origin.device == device, Origin.seq >= first, Origin.seq <= last
        )
    )
    return {(row.seq, row.hash): (row.by_device, row.by_seq) for row in rows}


def add_origins(connection: Connection, org_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write which operations have come under another id than their first."""
    if rows:
        connection.execute(insert(_table(Origin)), [{"org_id": org_id, **row} for row in rows])


def add_history(connection: Connection, org_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Write what operations changed or wished."""
    if rows:
        connection.execute(insert(_table(History)), [{"org_id": org_id, **row} for row in rows])


def history_of(connection: Connection, org_id: int, record: str) -> list[dict[str, Any]]:
    """Return a record's history, the oldest first."""
    table = _table(History)
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


def org_counter(connection: Connection, org_id: int) -> int:
    """Return the number of the newest feed row that is committed."""
    return connection.execute(select(Org.last_seq).where(Org.org_id == org_id)).scalar_one()


def feed_after(
    connection: Connection, org_id: int, after: int, upto: int, *, owner: str | None, unit: str | None, limit: int
) -> list[FeedRow]:
    """Return the rows of one scope after a cursor: an owner's with those for everybody, or a unit's."""
    scope = Feed.unit == unit if unit is not None else or_(
        and_(Feed.owner == owner, Feed.removal.is_(None)), and_(Feed.owner.is_(None), Feed.unit.is_(None))
    )  # fmt: skip
    rows = connection.execute(
        select(Feed.seq, Feed.records, Feed.removal)
        .where(Feed.org_id == org_id, Feed.seq > after, Feed.seq <= upto, scope)
        .order_by(Feed.seq)
        .limit(limit)
    )
    return [FeedRow(row.seq, [(kind, key, rev) for kind, key, rev in _json(row.records)], row.removal) for row in rows]


def entry_ids(connection: Connection, org_id: int) -> set[str]:
    """The id of every entry that the org holds, voided ones among them."""
    return set(connection.scalars(select(ActivityEntry.id).where(ActivityEntry.org_id == org_id)))

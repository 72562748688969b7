"""Every table of the server, as plain declarative models. No queries live here.

Each table's key starts with `org_id`, which never changes in a row; `server_identity` and `device_org` alone are the
whole server's.
The layout is batch-grained: a device's batch is one row, and a row per operation exists only for exceptions.
Instants are ms since 1970 UTC, hashes raw bytes, documents canonical JSON as text.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Dialect, Index, Integer, LargeBinary, String, Table, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator, TypeEngine

from lontara_core.identifiers import bytes_of_id, id_of_bytes


class Identifier(TypeDecorator[str]):
    """A lower-case UUID text in Python; 16 bytes in the database, whatever the engine."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid(as_uuid=False))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else bytes_of_id(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return value if value is None or dialect.name == "postgresql" else id_of_bytes(value)


Number = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The models' registry; Flask-SQLAlchemy takes it as its model class."""

    # Given to the registry and not to the class: Flask-SQLAlchemy's copy of this class cannot hold both.
    registry = registry(type_annotation_map={int: Number, bytes: LargeBinary, str: Text, date: Date})


def table_of(model: type[Base]) -> Table:
    """The table behind a model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _org() -> Mapped[int]:
    return mapped_column(Number, primary_key=True, autoincrement=False)


def _id_key() -> Mapped[str]:
    return mapped_column(Identifier, primary_key=True)


def _id() -> Mapped[str]:
    return mapped_column(Identifier)


def _id_or_none() -> Mapped[str | None]:
    return mapped_column(Identifier, nullable=True)


class ServerIdentity(Base):
    """Who this server is: id, epoch (new after each restore) and signing key. One row; the same for every org."""

    __tablename__ = "server_identity"
    server_id: Mapped[str] = _id_key()
    epoch: Mapped[str]
    private_key: Mapped[bytes]


class Org(Base):
    """An organisation, with the counter and chain head of its feed (taken last in every transaction)."""

    __tablename__ = "org"
    org_id: Mapped[int] = _org()
    uid: Mapped[str] = _id()
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str]
    time_zone: Mapped[str]
    last_seq: Mapped[int] = mapped_column(Number, default=0)
    feed_head: Mapped[bytes]


class OrgUnit(Base):
    __tablename__ = "org_unit"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    code: Mapped[str]
    name: Mapped[str]
    parent: Mapped[str | None] = _id_or_none()


class Employee(Base):
    __tablename__ = "employee"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    nip: Mapped[str] = mapped_column(String(18))
    full_name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (Index("employee_nip", "org_id", "nip", unique=True),)


class Assignment(Base):
    __tablename__ = "assignment"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    employee: Mapped[str] = _id()
    org_unit: Mapped[str | None] = _id_or_none()
    position: Mapped[str | None]
    supervisor: Mapped[str | None] = _id_or_none()
    acting_supervisor: Mapped[str | None] = _id_or_none()
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    __table_args__ = (
        Index("assignment_employee", "org_id", "employee", "valid_from"),
        Index("assignment_supervisor", "org_id", "supervisor"),
        Index("assignment_acting", "org_id", "acting_supervisor"),
    )


class WorkResultPlan(Base):
    __tablename__ = "work_result_plan"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = _id()
    year: Mapped[int]
    title: Mapped[str]
    kind: Mapped[str | None]
    state: Mapped[str | None]


class Period(Base):
    __tablename__ = "period"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    month: Mapped[str] = mapped_column(String(7))
    state: Mapped[str]
    locked_at: Mapped[int | None]
    __table_args__ = (Index("period_month", "org_id", "month", unique=True),)


class ActivityEntry(Base):
    """The merged entry. `stamps` holds the hybrid clocks of `latest` fields; `clash` the hash of open candidates."""

    __tablename__ = "activity_entry"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = _id()
    work_date: Mapped[date]
    start_time: Mapped[str | None] = mapped_column(String(5))
    end_time: Mapped[str | None] = mapped_column(String(5))
    duration_minutes: Mapped[int | None]
    title: Mapped[str]
    description: Mapped[str | None]
    quantity: Mapped[str | None] = mapped_column(String(20))
    output_unit: Mapped[str | None]
    category: Mapped[str | None] = mapped_column(String(20))
    target_id: Mapped[str | None] = _id_or_none()
    place: Mapped[str | None]
    attachments: Mapped[str | None]
    source: Mapped[str | None] = mapped_column(String(20))
    source_entered_at: Mapped[int | None]
    review_state: Mapped[str] = mapped_column(String(20))
    review_note: Mapped[str | None]
    org_unit: Mapped[str | None] = _id_or_none()
    supervisor: Mapped[str | None] = _id_or_none()
    position: Mapped[str | None]
    captured_at: Mapped[int]
    recorded_at: Mapped[int]
    flags: Mapped[str | None]
    clash: Mapped[str | None] = mapped_column(String(64))
    stamps: Mapped[str | None]
    writer_device: Mapped[str] = _id()
    writer_seq: Mapped[int]
    __table_args__ = (Index("activity_entry_owner", "org_id", "owner", "work_date"),)


class Review(Base):
    __tablename__ = "review"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    entry_id: Mapped[str] = _id()
    verdict: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None]
    judged_revision: Mapped[int]
    judged_hash: Mapped[str] = mapped_column(String(64))
    reviewer: Mapped[str | None] = _id_or_none()
    held: Mapped[bool]
    __table_args__ = (Index("review_entry", "org_id", "entry_id"),)


class Conflict(Base):
    __tablename__ = "conflict"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(30))
    route: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    owner: Mapped[str | None] = _id_or_none()
    org_unit: Mapped[str | None] = _id_or_none()
    records: Mapped[str]
    clashes: Mapped[str]
    opened_at: Mapped[int]
    assignee: Mapped[str | None]
    resolution: Mapped[str | None]
    answers: Mapped[str]
    __table_args__ = (Index("conflict_state", "org_id", "state", "route"),)


class ConflictRecord(Base):
    """Which entries a conflict is about, so that an entry finds its conflicts."""

    __tablename__ = "conflict_record"
    org_id: Mapped[int] = _org()
    record: Mapped[str] = _id_key()
    conflict: Mapped[str] = _id_key()


class Device(Base):
    """A device or the org's server actor. `lineage` is the first id of the store's row of enrolments."""

    __tablename__ = "device"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    employee_id: Mapped[str | None] = _id_or_none()
    lineage: Mapped[str] = _id()
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str]
    public_key: Mapped[str] = mapped_column(String(64))
    private_key: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(String(10))
    last_seq: Mapped[int] = mapped_column(Number, default=0)
    head: Mapped[bytes]
    enrolled_at: Mapped[int]
    revoked_at: Mapped[int | None]
    last_seen_at: Mapped[int | None]
    unsent_reported: Mapped[int] = mapped_column(Number, default=0)
    app: Mapped[str] = mapped_column(default="")
    clock_offset_ms: Mapped[int | None]
    origins: Mapped[bool] = mapped_column(default=False)
    backed_up_seq: Mapped[int | None]
    backed_up_head: Mapped[bytes | None]
    __table_args__ = (
        Index("device_lineage", "org_id", "lineage"),
        Index("device_employee", "org_id", "employee_id"),
    )


class DeviceOrg(Base):
    """Which org a device belongs to. The same for every org: a request names its device only."""

    __tablename__ = "device_org"
    device: Mapped[str] = _id_key()
    org: Mapped[int]


class Batch(Base):
    """A received batch: the signed body is the evidence, `hashes` 16 bytes an operation tell repeats."""

    __tablename__ = "batch"
    org_id: Mapped[int] = _org()
    device: Mapped[str] = _id_key()
    last: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    first: Mapped[int]
    signed_first: Mapped[int]
    prev: Mapped[bytes]
    head: Mapped[bytes]
    signature: Mapped[str]
    epoch: Mapped[str]
    received_at: Mapped[int]
    body: Mapped[bytes]
    hashes: Mapped[bytes]
    results: Mapped[str | None]
    __table_args__ = (Index("batch_first", "org_id", "device", "first", unique=True),)


class History(Base):
    """What an operation changed or wished: former and losing values. A creation is told by the entry and its batch."""

    __tablename__ = "history"
    org_id: Mapped[int] = _org()
    record_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    id: Mapped[str] = _id_key()
    device: Mapped[str] = _id_key()
    seq: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    at: Mapped[int]
    revision: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(12))
    by: Mapped[str | None]
    changes: Mapped[str]


class Feed(Base):
    """One row a batch, owner and unit, naming the records whose revision it brought; `removal` rows are rare."""

    __tablename__ = "feed"
    org_id: Mapped[int] = _org()
    seq: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    owner: Mapped[str | None] = _id_or_none()
    unit: Mapped[str | None] = _id_or_none()
    device: Mapped[str | None] = _id_or_none()
    first: Mapped[int | None]
    last: Mapped[int | None]
    records: Mapped[str]
    removal: Mapped[str | None]
    __table_args__ = (Index("feed_owner", "org_id", "owner", "seq"), Index("feed_unit", "org_id", "unit", "seq"))


class Attention(Base):
    """An operation that is parked, rejected or in conflict, with its bytes: what a person has to see."""

    __tablename__ = "attention"
    org_id: Mapped[int] = _org()
    device: Mapped[str] = _id_key()
    seq: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    record_type: Mapped[str] = mapped_column(String(20))
    record: Mapped[str] = _id()
    lineage: Mapped[str] = _id()
    verdict: Mapped[str] = mapped_column(String(12))
    code: Mapped[str | None]
    field: Mapped[str | None]
    message: Mapped[str | None]
    conflict: Mapped[str | None] = _id_or_none()
    operation: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(12))
    at: Mapped[int]
    __table_args__ = (
        Index("attention_lineage", "org_id", "lineage", "state"),
        Index("attention_record", "org_id", "record", "state"),
    )


class Origin(Base):
    """An operation that was signed before under another id and has had its one effect under this one."""

    __tablename__ = "origin"
    org_id: Mapped[int] = _org()
    device: Mapped[str] = _id_key()
    seq: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    by_device: Mapped[str] = _id()
    by_seq: Mapped[int]


class RequestOnce(Base):
    __tablename__ = "request_once"
    org_id: Mapped[int] = _org()
    device: Mapped[str] = _id_key()
    request: Mapped[str] = _id_key()
    at: Mapped[int]


class Quarantine(Base):
    """A batch whose sender may not write now (revoked, forked): kept whole until a person decides."""

    __tablename__ = "quarantine"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    device: Mapped[str] = _id()
    reason: Mapped[str] = mapped_column(String(12))
    first: Mapped[int]
    last: Mapped[int]
    prev: Mapped[bytes]
    head: Mapped[bytes]
    signature: Mapped[str]
    body: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(10))
    received_at: Mapped[int]
    decided_by: Mapped[str | None]
    decided_reason: Mapped[str | None]


class Dirty(Base):
    """A person's month whose score no longer follows from the merged data; the table is the queue."""

    __tablename__ = "dirty"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    marked_at: Mapped[int]


class Score(Base):
    __tablename__ = "score"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    value: Mapped[str | None] = mapped_column(String(12))
    rating: Mapped[str | None] = mapped_column(String(20))
    provisional: Mapped[bool]
    policy_id: Mapped[str] = mapped_column(String(60))
    policy_version: Mapped[int]
    document: Mapped[str]
    computed_at: Mapped[int]
    # Counts what the owner's devices are told of it; 0 where they were never told.
    revision: Mapped[int] = mapped_column(Number, server_default="0")


class Holiday(Base):
    __tablename__ = "holiday"
    org_id: Mapped[int] = _org()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str]


class UserAccount(Base):
    __tablename__ = "user_account"
    org_id: Mapped[int] = _org()
    login: Mapped[str] = mapped_column(String(80), primary_key=True)
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    employee_id: Mapped[str | None] = _id_or_none()
    org_unit: Mapped[str | None] = _id_or_none()
    active: Mapped[bool] = mapped_column(default=True)


class WebSession(Base):
    __tablename__ = "web_session"
    org_id: Mapped[int] = _org()
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    login: Mapped[str] = mapped_column(String(80))
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[int]
    seen_at: Mapped[int]
    expires_at: Mapped[int]


class EnrolCode(Base):
    """A one-time code, hashed; `used_by_key` lets the device that used it hear the answer again."""

    __tablename__ = "enrol_code"
    org_id: Mapped[int] = _org()
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    employee_id: Mapped[str] = _id()
    issued_by: Mapped[str]
    expires_at: Mapped[int]
    used_by_key: Mapped[str | None]
    device: Mapped[str | None] = _id_or_none()


class Audit(Base):
    __tablename__ = "audit"
    org_id: Mapped[int] = _org()
    seq: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    at: Mapped[int]
    by: Mapped[str]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str | None]
    facts: Mapped[str | None]

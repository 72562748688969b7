"""Every table of the server, as plain declarative models. No queries live here.

Each table's key starts with `org_id`, which never changes in a row; `server_identity` and `device_org` alone are the
whole server's.
The layout is batch-grained: a device's batch is one row, and a row per operation exists only for exceptions.
Instants are ms since 1970 UTC, hashes raw bytes, documents canonical JSON as text.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, Dialect, Index, Integer, LargeBinary, SmallInteger, String, Table, Text, Uuid
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
    # Four bytes: it stands in every row and every index.
    return mapped_column(Integer, primary_key=True, autoincrement=False)


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
    grade: Mapped[str | None]
    grade_since: Mapped[date | None]
    echelon: Mapped[str | None]
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
    plan: Mapped[str | None] = _id_or_none()
    supports: Mapped[str | None] = _id_or_none()
    __table_args__ = (Index("work_result_plan_owner", "org_id", "owner", "year"),)


class PerformancePlan(Base):
    __tablename__ = "performance_plan"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = _id()
    year: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    assessor: Mapped[str | None] = _id_or_none()
    state: Mapped[str | None]
    __table_args__ = (Index("performance_plan_owner", "org_id", "owner", "year"),)


class Indicator(Base):
    __tablename__ = "indicator"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = _id()
    work_result: Mapped[str] = _id()
    title: Mapped[str]
    aspect: Mapped[str] = mapped_column(String(12))
    target: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str]
    direction: Mapped[str] = mapped_column(String(8))
    cap: Mapped[str | None] = mapped_column(String(20))
    realisation: Mapped[str | None] = mapped_column(String(20))
    __table_args__ = (Index("indicator_owner", "org_id", "owner"),)


class ActionPlan(Base):
    __tablename__ = "action_plan"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = _id()
    work_result: Mapped[str] = _id()
    quarter: Mapped[int]
    title: Mapped[str]
    target: Mapped[str | None] = mapped_column(String(20))
    unit: Mapped[str | None]
    __table_args__ = (Index("action_plan_owner", "org_id", "owner"),)


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
    """The merged entry. `stamps` holds the hybrid clocks of `latest` fields; `clash` the hash of open candidates.

    The columns stand as PostgreSQL packs them without gaps, each at a multiple of its own length.
    """

    __tablename__ = "activity_entry"
    org_id: Mapped[int] = _org()
    revision: Mapped[int] = mapped_column(Integer)
    captured_at: Mapped[int]
    recorded_at: Mapped[int]
    writer_seq: Mapped[int] = mapped_column(Integer)
    work_date: Mapped[date]
    duration_minutes: Mapped[int | None] = mapped_column(SmallInteger)
    voided: Mapped[bool] = mapped_column(default=False)
    id: Mapped[str] = _id_key()
    owner: Mapped[str] = _id()
    writer_device: Mapped[str] = _id()
    target_id: Mapped[str | None] = _id_or_none()
    org_unit: Mapped[str | None] = _id_or_none()
    supervisor: Mapped[str | None] = _id_or_none()
    start_time: Mapped[str | None] = mapped_column(String(5))
    end_time: Mapped[str | None] = mapped_column(String(5))
    title: Mapped[str]
    description: Mapped[str | None]
    quantity: Mapped[str | None] = mapped_column(String(20))
    output_unit: Mapped[str | None]
    category: Mapped[str | None] = mapped_column(String(20))
    place: Mapped[str | None]
    attachments: Mapped[str | None]
    source: Mapped[str | None] = mapped_column(String(20))
    source_entered_at: Mapped[int | None]
    review_state: Mapped[str] = mapped_column(String(20))
    review_note: Mapped[str | None]
    position: Mapped[str | None]
    flags: Mapped[str | None]
    clash: Mapped[str | None] = mapped_column(String(64))
    stamps: Mapped[str | None]
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
    org: Mapped[int] = mapped_column(Integer)


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
    records: Mapped[bytes]
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
    # What lists and devices read of the document, as JSON, so that nobody has to read all of it for that.
    summary: Mapped[str | None]


class Holiday(Base):
    __tablename__ = "holiday"
    org_id: Mapped[int] = _org()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    name: Mapped[str]
    # national, collective_leave (cuti bersama) or local.
    kind: Mapped[str] = mapped_column(String(20), server_default="national")


class WorkingCalendar(Base):
    """Working days and hours from a day on. `scope`: an org unit's id, or "org" for all that have none of their own.

    `hours`: JSON, by weekday "1" (Monday) to "7": ["07:30", "16:00"], local time; a weekday without hours is no workday.
    """

    __tablename__ = "working_calendar"
    org_id: Mapped[int] = _org()
    scope: Mapped[str] = mapped_column(String(36), primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    workdays_per_week: Mapped[int]
    hours: Mapped[str]
    grace_minutes: Mapped[int] = mapped_column(Number, default=0)


class ImportRun(Base):
    """A file or a push that was read, with its hash: the same file again adds nothing and is told so."""

    __tablename__ = "import_run"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str | None]
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[int]
    by: Mapped[str]
    outcome: Mapped[str]
    __table_args__ = (Index("import_run_kind", "org_id", "kind", "sha256"),)


class ImportUpload(Base):
    """A file that waits to be looked at before it is imported; it is removed then, or after some hours."""

    __tablename__ = "import_upload"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str]
    content: Mapped[bytes]
    by: Mapped[str]
    at: Mapped[int]


class MappingPreset(Base):
    """Which column of a file is which field, remembered by name for each kind of import. `columns`: JSON."""

    __tablename__ = "mapping_preset"
    org_id: Mapped[int] = _org()
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    columns: Mapped[str]


class AttendanceMachine(Base):
    """A machine that may push punches. Its key is kept as a hash."""

    __tablename__ = "attendance_machine"
    org_id: Mapped[int] = _org()
    serial: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    active: Mapped[bool] = mapped_column(default=True)
    last_seen_at: Mapped[int | None]


class AttendancePin(Base):
    """Whose PIN it is on the machines. A PIN is not a NIP."""

    __tablename__ = "attendance_pin"
    org_id: Mapped[int] = _org()
    pin: Mapped[str] = mapped_column(String(24), primary_key=True)
    employee: Mapped[str] = _id()
    __table_args__ = (Index("attendance_pin_employee", "org_id", "employee"),)


class AttendancePunch(Base):
    """One punch as the machine told it: local wall time "YYYY-MM-DD HH:MM:SS", status 0 in to 5 overtime out."""

    __tablename__ = "attendance_punch"
    org_id: Mapped[int] = _org()
    pin: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[str] = mapped_column(String(19), primary_key=True)
    status: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    machine: Mapped[str | None] = mapped_column(String(40))
    verify: Mapped[str | None] = mapped_column(String(12))
    work_code: Mapped[str | None] = mapped_column(String(12))
    received_at: Mapped[int]
    import_run: Mapped[str | None] = _id_or_none()
    # Up to when each machine has told.
    __table_args__ = (Index("attendance_punch_machine", "org_id", "machine", "at"),)


class AttendanceGiven(Base):
    """What a person says of somebody's day beside the punches: leave, travel, sick, a correction."""

    __tablename__ = "attendance_given"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    late_minutes: Mapped[int | None]
    early_leave_minutes: Mapped[int | None]
    reason: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[int]


class AttendanceDay(Base):
    """The recap of one person's day (rekap harian), from the punches and what is given; made anew when either changes."""

    __tablename__ = "attendance_day"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    first_in: Mapped[str | None] = mapped_column(String(19))
    last_out: Mapped[str | None] = mapped_column(String(19))
    late_minutes: Mapped[int]
    early_leave_minutes: Mapped[int]
    has_check_in: Mapped[bool]
    has_check_out: Mapped[bool]
    # punches, given or recap.
    origin: Mapped[str] = mapped_column(String(12))
    __table_args__ = (Index("attendance_day_day", "org_id", "day"),)


class AttendanceRecap(Base):
    """A month's totals where only a recap is known: minutes late and early, and days by status, as JSON."""

    __tablename__ = "attendance_recap"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    totals: Mapped[str]
    at: Mapped[int]
    import_run: Mapped[str | None] = _id_or_none()


class BehaviourRating(Base):
    """One of the seven BerAKHLAK values of a person and period ("YYYY" or "YYYY-MM"), rated by the assessor."""

    __tablename__ = "behaviour_rating"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    value: Mapped[str] = mapped_column(String(20), primary_key=True)
    rating: Mapped[str] = mapped_column(String(12))
    note: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[int]


class PersonMark(Base):
    """What a person has said of somebody's period for the score: `quality` (percent), `new_idea` or `survey` (yes, no).

    `correction` is the points by which an upheld objection changes the month's score, with its reason.
    """

    __tablename__ = "person_mark"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[int]


class BudgetAbsorption(Base):
    """How much of a unit's budget is spent by the month's end, in percent."""

    __tablename__ = "budget_absorption"
    org_id: Mapped[int] = _org()
    org_unit: Mapped[str] = _id_key()
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    percent: Mapped[str] = mapped_column(String(12))
    by: Mapped[str]
    at: Mapped[int]


class AllowanceBase(Base):
    """The rupiah a month that a person's allowance (TPP) is counted from, from a day on."""

    __tablename__ = "allowance_base"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    amount: Mapped[int]
    by: Mapped[str]
    at: Mapped[int]


class PolicyVersion(Base):
    """A policy that the org has imported beside those that ship. Never changed: an edit is a new version."""

    __tablename__ = "policy_version"
    org_id: Mapped[int] = _org()
    policy_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    document: Mapped[str]
    by: Mapped[str]
    at: Mapped[int]


class PolicyActivation(Base):
    """Which policy holds from a period on, for what it rates (`month` or `year`). The newest row of a period holds."""

    __tablename__ = "policy_activation"
    org_id: Mapped[int] = _org()
    rates: Mapped[str] = mapped_column(String(8), primary_key=True)
    valid_from: Mapped[str] = mapped_column(String(7), primary_key=True)
    policy_id: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    reason: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[int]


class ScoreHistory(Base):
    """A figure that a score had before the one that it has now, with its whole document; `revision` is the score's."""

    __tablename__ = "score_history"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    revision: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    value: Mapped[str | None] = mapped_column(String(12))
    rating: Mapped[str | None] = mapped_column(String(20))
    document: Mapped[str]
    computed_at: Mapped[int]


class YearRating(Base):
    __tablename__ = "year_rating"
    org_id: Mapped[int] = _org()
    employee: Mapped[str] = _id_key()
    year: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=False)
    value: Mapped[str | None] = mapped_column(String(12))
    rating: Mapped[str | None] = mapped_column(String(20))
    provisional: Mapped[bool]
    policy_id: Mapped[str] = mapped_column(String(60))
    policy_version: Mapped[int]
    document: Mapped[str]
    computed_at: Mapped[int]


class Objection(Base):
    """A person's objection (keberatan) to a score, and what a human review made of it."""

    __tablename__ = "objection"
    org_id: Mapped[int] = _org()
    id: Mapped[str] = _id_key()
    revision: Mapped[int]
    voided: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = _id()
    period: Mapped[str] = mapped_column(String(7))
    text: Mapped[str]
    # open, upheld, dismissed or withdrawn.
    state: Mapped[str] = mapped_column(String(12))
    value_before: Mapped[str | None] = mapped_column(String(12))
    value_after: Mapped[str | None] = mapped_column(String(12))
    correction: Mapped[str | None] = mapped_column(String(12))
    answer: Mapped[str | None]
    comments: Mapped[str | None]
    opened_at: Mapped[int]
    opened_by: Mapped[str]
    decided_at: Mapped[int | None]
    decided_by: Mapped[str | None]
    __table_args__ = (
        Index("objection_owner", "org_id", "owner", "period"),
        Index("objection_state", "org_id", "state"),
    )


class JobRun(Base):
    """A job's slot that one process has taken: no second one runs it."""

    __tablename__ = "job_run"
    org_id: Mapped[int] = _org()
    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    slot: Mapped[str] = mapped_column(String(24), primary_key=True)
    started_at: Mapped[int]
    finished_at: Mapped[int | None]
    outcome: Mapped[str | None]


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
    __table_args__ = (Index("audit_subject", "org_id", "subject"),)

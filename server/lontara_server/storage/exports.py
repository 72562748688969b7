"""Statements that read whole parts of the database for files: approved work of a time, and all that is held of one person.

They come row by row where they may be many. What goes into a file, and in which words, is decided in `services.outputs`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, and_, exists, or_, select

from lontara_server.storage.models import (
    ActionPlan,
    ActivityEntry,
    AllowanceBase,
    Assignment,
    AttendanceDay,
    AttendanceGiven,
    AttendancePin,
    AttendancePunch,
    AttendanceRecap,
    Attention,
    Audit,
    Base,
    Batch,
    BehaviourRating,
    Conflict,
    ConflictRecord,
    Device,
    Employee,
    EnrolCode,
    History,
    Indicator,
    Objection,
    OrgUnit,
    PerformancePlan,
    PersonMark,
    Quarantine,
    Review,
    Score,
    ScoreHistory,
    UserAccount,
    WebSession,
    WorkResultPlan,
    YearRating,
    table_of,
)
from lontara_server.storage.people import IDS_PER_STATEMENT

ROWS_AT_A_TIME: Final = 500


@dataclass(frozen=True)
class WorkRow:
    """An entry of one person, with the title of the work result (RHK) that it names."""

    id: str
    owner: str
    nip: str
    full_name: str
    work_date: date
    start_time: str | None
    end_time: str | None
    duration_minutes: int | None
    title: str
    description: str | None
    quantity: str | None
    output_unit: str | None
    category: str | None
    attachments: str | None
    review_state: str
    work_result: str | None


def work_between(
    connection: Connection, org_id: int, first: date, last: date, *, employees: Collection[str] | None, approved: bool
) -> Iterator[WorkRow]:
    """Yield the entries of these days by NIP and date, without deleted ones; of these employees, or of everybody (None).

    approved: only those that are approved and that no lock holds back until an admin has decided.
    """
    if employees is None:
        yield from _work(connection, org_id, first, last, None, approved=approved)
        return
    ordered = sorted(set(employees))
    for start in range(0, len(ordered), IDS_PER_STATEMENT):
        part = ordered[start : start + IDS_PER_STATEMENT]
        yield from _work(connection, org_id, first, last, part, approved=approved)


def _work(
    connection: Connection, org_id: int, first: date, last: date, part: Sequence[str] | None, *, approved: bool
) -> Iterator[WorkRow]:
    query = (
        select(
            ActivityEntry.id, ActivityEntry.owner, Employee.nip, Employee.full_name, ActivityEntry.work_date,
            ActivityEntry.start_time, ActivityEntry.end_time, ActivityEntry.duration_minutes, ActivityEntry.title,
            ActivityEntry.description, ActivityEntry.quantity, ActivityEntry.output_unit, ActivityEntry.category,
            ActivityEntry.attachments, ActivityEntry.review_state, WorkResultPlan.title.label("work_result"),
        )
        .join(Employee, and_(Employee.org_id == org_id, Employee.id == ActivityEntry.owner))
        .outerjoin(
            WorkResultPlan,
            and_(
                WorkResultPlan.org_id == org_id,
                WorkResultPlan.id == ActivityEntry.target_id,
                WorkResultPlan.owner == ActivityEntry.owner,
            ),
        )
        .where(
            ActivityEntry.org_id == org_id,
            ActivityEntry.work_date >= first,
            ActivityEntry.work_date <= last,
            ActivityEntry.voided.is_(False),
        )
        .order_by(Employee.nip, ActivityEntry.work_date, ActivityEntry.start_time, ActivityEntry.id)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )  # fmt: skip
    if part is not None:
        query = query.where(ActivityEntry.owner.in_(part))
    if approved:
        query = query.where(ActivityEntry.review_state == "approved", ~_held_by_lock(org_id))
    rows: Any = connection.execute(query)
    return (WorkRow(*row) for row in rows)


def _held_by_lock(org_id: int) -> Any:
    return exists(
        select(Conflict.id)
        .join(ConflictRecord, and_(ConflictRecord.org_id == org_id, ConflictRecord.conflict == Conflict.id))
        .where(
            Conflict.org_id == org_id,
            ConflictRecord.org_id == org_id,
            ConflictRecord.record == ActivityEntry.id,
            Conflict.kind == "after_lock",
            Conflict.state != "resolved",
            Conflict.clashes == "{}",
        )
    )


def unit_names(connection: Connection, org_id: int) -> dict[str, str]:
    """Return the names of units by id."""
    rows = connection.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.org_id == org_id))
    return {row.id: row.name for row in rows}


# All that is held of one person


@dataclass(frozen=True)
class Person:
    """Whose rows are meant: their org and id, their logins, their PINs and their devices."""

    org_id: int
    employee: str
    logins: tuple[str, ...]
    pins: tuple[str, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True)
class PersonalTable:
    """A table that holds something of a person: which rows are theirs, and which columns are not given.

    hidden: another person's id or name, a secret, or what only machines read.
    """

    model: type[Base]
    whose: Callable[[Person], Any]
    hidden: tuple[str, ...] = ()


def _of(model: Any, column: str = "employee") -> Callable[[Person], Any]:
    return lambda person: getattr(model, column) == person.employee


def _own_entries(person: Person) -> Any:
    return select(ActivityEntry.id).where(
        ActivityEntry.org_id == person.org_id, ActivityEntry.owner == person.employee
    )


_OF_MACHINES: Final = ("supervisor", "stamps", "clash", "writer_device", "writer_seq")

# By the name of their part in the export; the reasons for what is hidden stand in its README.
PERSONAL_TABLES: Final[Mapping[str, PersonalTable]] = {
    "employee": PersonalTable(Employee, _of(Employee, "id")),
    "assignments": PersonalTable(Assignment, _of(Assignment), ("supervisor", "acting_supervisor")),
    "entries": PersonalTable(ActivityEntry, _of(ActivityEntry, "owner"), _OF_MACHINES),
    "performance_plans": PersonalTable(PerformancePlan, _of(PerformancePlan, "owner"), ("assessor",)),
    "work_results": PersonalTable(WorkResultPlan, _of(WorkResultPlan, "owner"), ("supports",)),
    "indicators": PersonalTable(Indicator, _of(Indicator, "owner")),
    "action_plans": PersonalTable(ActionPlan, _of(ActionPlan, "owner")),
    "attendance_pins": PersonalTable(AttendancePin, _of(AttendancePin)),
    "attendance_punches": PersonalTable(
        AttendancePunch, lambda person: AttendancePunch.pin.in_(person.pins), ("import_run",)
    ),
    "attendance_given": PersonalTable(AttendanceGiven, _of(AttendanceGiven), ("by",)),
    "attendance_days": PersonalTable(AttendanceDay, _of(AttendanceDay)),
    "attendance_recaps": PersonalTable(AttendanceRecap, _of(AttendanceRecap), ("import_run",)),
    "behaviour_ratings": PersonalTable(BehaviourRating, _of(BehaviourRating), ("by",)),
    "marks": PersonalTable(PersonMark, _of(PersonMark), ("by",)),
    "allowance_bases": PersonalTable(AllowanceBase, _of(AllowanceBase), ("by",)),
    "scores": PersonalTable(Score, _of(Score), ("summary",)),
    "score_history": PersonalTable(ScoreHistory, _of(ScoreHistory)),
    "year_ratings": PersonalTable(YearRating, _of(YearRating)),
    "objections": PersonalTable(Objection, _of(Objection, "owner"), ("opened_by", "decided_by")),
    "reviews": PersonalTable(
        Review,
        lambda person: Review.entry_id.in_(_own_entries(person)),
        ("reviewer",),
    ),
    "conflicts": PersonalTable(
        Conflict, _of(Conflict, "owner"), ("records", "clashes", "assignee", "resolution", "answers")
    ),
    "devices": PersonalTable(Device, _of(Device, "employee_id"), ("private_key", "head", "backed_up_head")),
    "received_batches": PersonalTable(
        Batch,
        lambda person: Batch.device.in_(person.devices),
        ("prev", "head", "signature", "epoch", "body", "hashes", "results"),
    ),
    "held_operations": PersonalTable(
        Attention,
        lambda person: and_(Attention.device.in_(person.devices), Attention.record_type == "activity_entry"),
        ("operation",),
    ),
    "held_batches": PersonalTable(
        Quarantine,
        lambda person: Quarantine.device.in_(person.devices),
        ("prev", "head", "signature", "body", "decided_by"),
    ),
    "entry_history": PersonalTable(
        History,
        lambda person: and_(History.record_type == "activity_entry", History.id.in_(_own_entries(person))),
        ("by", "device", "seq"),
    ),
    "accounts": PersonalTable(
        UserAccount, lambda person: UserAccount.employee_id == person.employee, ("password_hash",)
    ),
    "sessions": PersonalTable(WebSession, lambda person: WebSession.login.in_(person.logins), ("token_hash", "csrf")),
    "enrol_codes": PersonalTable(
        EnrolCode, _of(EnrolCode, "employee_id"), ("code_hash", "used_by_key", "issued_by")
    ),
    "audit": PersonalTable(
        Audit, lambda person: or_(Audit.subject == person.employee, Audit.by.in_(person.logins)), ("by", "facts")
    ),
}  # fmt: skip

# Tables that hold nothing of one person, or nothing that is not in the tables above, each with the reason.
NOT_PERSONAL: Final[Mapping[str, str]] = {
    "attendance_machine": "machines",
    "budget_absorption": "units",
    "conflict_record": "which entries a conflict is about: an index",
    "device_org": "which org a device is of: an index",
    "dirty": "which scores are to be computed: a queue",
    "feed": "which records changed when: an index",
    "holiday": "days",
    "import_run": "files as a whole",
    "import_upload": "files that wait some hours for their import",
    "job_run": "the server's own work",
    "mapping_preset": "columns of files",
    "org": "the org",
    "org_unit": "units",
    "origin": "hashes of operations that were signed again",
    "period": "months",
    "policy_activation": "rules",
    "policy_version": "rules",
    "request_once": "numbers of requests",
    "server_identity": "the server",
    "working_calendar": "days and hours",
}


def person_of(connection: Connection, org_id: int, employee: str) -> Person:
    """Return what else belongs to this employee: logins, PINs and devices."""

    def listed(column: Any, *where: Any) -> tuple[str, ...]:
        return tuple(sorted(connection.scalars(select(column).where(*where))))

    return Person(
        org_id,
        employee,
        listed(UserAccount.login, UserAccount.org_id == org_id, UserAccount.employee_id == employee),
        listed(AttendancePin.pin, AttendancePin.org_id == org_id, AttendancePin.employee == employee),
        listed(Device.id, Device.org_id == org_id, Device.employee_id == employee),
    )


def rows_about(connection: Connection, org_id: int, name: str, person: Person) -> Iterator[dict[str, Any]]:
    """Yield a person's rows of one of PERSONAL_TABLES, in the order of their key, without what is hidden."""
    held = PERSONAL_TABLES[name]
    table: Table = table_of(held.model)
    shown = [column for column in table.columns if column.name != "org_id" and column.name not in held.hidden]
    query: Select[Any] = (
        select(*shown)
        .where(table.c.org_id == org_id, held.whose(person))
        .order_by(*table.primary_key.columns)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    return (dict(row) for row in connection.execute(query).mappings())

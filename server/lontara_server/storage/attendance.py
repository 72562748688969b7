"""Statements for attendance: punches, whose PINs they are, what is given, the days made of them, recaps and machines.

What a day is made of is decided in `performance.attendance_recap`; no rule lives here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql

from lontara_server.storage.models import (
    AttendanceDay,
    AttendanceGiven,
    AttendanceMachine,
    AttendancePin,
    AttendancePunch,
    AttendanceRecap,
    ImportRun,
)
from lontara_server.storage.people import IDS_PER_STATEMENT
from lontara_server.storage.prepared import Prepared, PreparedList

__all__ = ["Connection"]

_ORG: Final[Any] = bindparam("org")
_FIRST: Final[Any] = bindparam("first")
_LAST: Final[Any] = bindparam("last")


@dataclass(frozen=True)
class PunchRow:
    """One punch: local wall time "YYYY-MM-DD HH:MM:SS"."""

    pin: str
    at: str
    status: int
    machine: str | None = None
    verify: str | None = None
    work_code: str | None = None


@dataclass(frozen=True)
class GivenRow:
    """What is said of somebody's day."""

    employee: str
    day: date
    status: str
    late_minutes: int | None
    early_leave_minutes: int | None
    reason: str | None
    by: str
    at: int


@dataclass(frozen=True)
class DayRow:
    """The stored recap of a day."""

    employee: str
    day: date
    status: str
    first_in: str | None
    last_out: str | None
    late_minutes: int
    early_leave_minutes: int
    has_check_in: bool
    has_check_out: bool
    origin: str


@dataclass(frozen=True)
class MonthRecapRow:
    """A month's totals of a person, as JSON."""

    employee: str
    period: str
    totals: str
    at: int
    import_run: str | None


@dataclass(frozen=True)
class MachineRow:
    """A machine that may push, or might once."""

    serial: str
    name: str
    active: bool
    last_seen_at: int | None


# Punches

_punch_names = ("org_id", "pin", "at", "status", "machine", "verify", "work_code", "received_at", "import_run")
_add_punches = Prepared(
    postgresql.insert(AttendancePunch)
    .values({name: bindparam(name) for name in _punch_names})
    .on_conflict_do_nothing(index_elements=("org_id", "pin", "at", "status"))
)


def add_punches(
    connection: Connection, org_id: int, punches: Sequence[PunchRow], *, received_at: int, import_run: str | None
) -> None:
    """Write punches down; one that another transaction has just written stays as it is."""
    ordered = sorted(punches, key=lambda each: (each.pin, each.at, each.status))
    rows = [
        (org_id, each.pin, each.at, each.status, each.machine, each.verify, each.work_code, received_at, import_run)
        for each in ordered
    ]
    _add_punches.run_rows(connection, _punch_names, rows)


def punches_between(
    connection: Connection, org_id: int, pins: Collection[str], begin: str, end: str
) -> list[PunchRow]:
    """Return the punches of these PINs from `begin` to before `end`, in order of time."""
    found = []
    for part in _parts(pins):
        rows = connection.execute(
            select(
                AttendancePunch.pin, AttendancePunch.at, AttendancePunch.status, AttendancePunch.machine,
                AttendancePunch.verify, AttendancePunch.work_code,
            ).where(
                AttendancePunch.org_id == org_id,
                AttendancePunch.pin.in_(part),
                AttendancePunch.at >= begin,
                AttendancePunch.at < end,
            )
        )  # fmt: skip
        found += [PunchRow(*row) for row in rows]
    return sorted(found, key=lambda each: (each.at, each.status, each.pin))


_reach = Prepared(
    select(func.max(AttendancePunch.at)).where(
        AttendancePunch.org_id == _ORG, AttendancePunch.machine == bindparam("machine")
    )
)
_reach_of_none = Prepared(
    select(func.max(AttendancePunch.at)).where(AttendancePunch.org_id == _ORG, AttendancePunch.machine.is_(None))
)


def reach_of(connection: Connection, org_id: int, machines: Collection[str | None]) -> dict[str | None, str]:
    """Return up to when each of these machines has told of punches; one that has told of none is left out."""
    found: dict[str | None, str] = {}
    for machine in machines:
        if machine is None:
            row = _reach_of_none.row(connection, org=org_id)
        else:
            row = _reach.row(connection, org=org_id, machine=machine)
        if row is not None and row[0] is not None:
            found[machine] = row[0]
    return found


def pressed_pins(connection: Connection, org_id: int) -> dict[str, tuple[int, str]]:
    """Return every PIN that was ever pressed: how often, and when last."""
    rows = connection.execute(
        select(AttendancePunch.pin, func.count(), func.max(AttendancePunch.at))
        .where(AttendancePunch.org_id == org_id)
        .group_by(AttendancePunch.pin)
    )
    return {pin: (count, last) for pin, count, last in rows}


def days_of_pins(connection: Connection, org_id: int, pins: Collection[str]) -> dict[str, set[str]]:
    """Return the dates on which each of these PINs was pressed."""
    found: dict[str, set[str]] = {}
    for part in _parts(pins):
        rows = connection.execute(
            select(AttendancePunch.pin, AttendancePunch.at).where(
                AttendancePunch.org_id == org_id, AttendancePunch.pin.in_(part)
            )
        )
        for row in rows:
            found.setdefault(row.pin, set()).add(row.at[: len("2026-11-24")])
    return found


def machines_by_pin(connection: Connection, org_id: int, begin: str, end: str) -> dict[str, set[str | None]]:
    """Return on which machines each PIN was pressed from `begin` to before `end`; None: the file did not say."""
    rows = connection.execute(
        select(AttendancePunch.pin, AttendancePunch.machine)
        .distinct()
        .where(AttendancePunch.org_id == org_id, AttendancePunch.at >= begin, AttendancePunch.at < end)
    )
    found: dict[str, set[str | None]] = {}
    for row in rows:
        found.setdefault(row.pin, set()).add(row.machine)
    return found


# PINs


def pins_of(connection: Connection, org_id: int) -> dict[str, str]:
    """Return whose PIN each is: {PIN: employee}."""
    rows = connection.execute(
        select(AttendancePin.pin, AttendancePin.employee).where(AttendancePin.org_id == org_id)
    )
    return {row.pin: row.employee for row in rows}


_pins_of = PreparedList(
    lambda among: select(AttendancePin.employee, AttendancePin.pin).where(
        AttendancePin.org_id == _ORG, among(AttendancePin.employee)
    )
)


def pins_of_employees(connection: Connection, org_id: int, employees: Iterable[str]) -> dict[str, str]:
    """Return these people's PINs: {PIN: employee}."""
    return {pin: employee for employee, pin in _pins_of.rows(connection, employees, org=org_id)}


def put_pins(connection: Connection, org_id: int, pins: dict[str, str]) -> None:
    """Write whose PINs these are, over what was known."""
    remove_pins(connection, org_id, pins)
    if pins:
        rows = [{"org_id": org_id, "pin": pin, "employee": employee} for pin, employee in sorted(pins.items())]
        connection.execute(insert(AttendancePin), rows)


def remove_pins(connection: Connection, org_id: int, pins: Collection[str]) -> None:
    """Forget whose PINs these are; their punches stay."""
    for part in _parts(pins):
        connection.execute(
            delete(AttendancePin).where(AttendancePin.org_id == org_id, AttendancePin.pin.in_(part))
        )


# What is given

_GIVEN = tuple(getattr(AttendanceGiven, each.name) for each in fields(GivenRow))
_given_of = PreparedList(
    lambda among: select(*_GIVEN).where(
        AttendanceGiven.org_id == _ORG,
        among(AttendanceGiven.employee),
        AttendanceGiven.day >= _FIRST,
        AttendanceGiven.day <= _LAST,
    )
)


def given_of(
    connection: Connection, org_id: int, employees: Iterable[str], first: date, last: date
) -> list[GivenRow]:
    """Return what is said of these people's days, both included."""
    return [GivenRow(*row) for row in _given_of.rows(connection, employees, org=org_id, first=first, last=last)]


def put_given(connection: Connection, org_id: int, given: Sequence[GivenRow]) -> None:
    """Write what is said of days, over what was said of them."""
    for each in given:
        remove_given(connection, org_id, each.employee, each.day)
    if given:
        connection.execute(insert(AttendanceGiven), [{"org_id": org_id, **vars(each)} for each in given])


def remove_given(connection: Connection, org_id: int, employee: str, day: date) -> None:
    """Take back what is said of a day."""
    connection.execute(
        delete(AttendanceGiven).where(
            AttendanceGiven.org_id == org_id, AttendanceGiven.employee == employee, AttendanceGiven.day == day
        )
    )


# Days

_DAY = tuple(getattr(AttendanceDay, each.name) for each in fields(DayRow))
_days_of = PreparedList(
    lambda among: select(*_DAY).where(
        AttendanceDay.org_id == _ORG, among(AttendanceDay.employee), AttendanceDay.day >= _FIRST, AttendanceDay.day <= _LAST
    )
)
_day_names = ("org_id", *(each.name for each in fields(DayRow)))
_upserted = postgresql.insert(AttendanceDay).values({name: bindparam(name) for name in _day_names})
_put_day = Prepared(
    _upserted.on_conflict_do_update(
        index_elements=("org_id", "employee", "day"),
        set_={name: _upserted.excluded[name] for name in _day_names if name not in ("org_id", "employee", "day")},
    )
)
_remove_day = Prepared(
    delete(AttendanceDay).where(
        AttendanceDay.org_id == _ORG,
        AttendanceDay.employee == bindparam("of_employee"),
        AttendanceDay.day == bindparam("of_day"),
    )
)


def days_without_check_out(
    connection: Connection, org_id: int, first: date, last: date
) -> list[tuple[str, date]]:  # fmt: skip
    """Return whose recaps of these days, both included, have no check-out, which was not known to be missing."""
    rows = connection.execute(
        select(AttendanceDay.employee, AttendanceDay.day).where(
            AttendanceDay.org_id == org_id, AttendanceDay.day >= first, AttendanceDay.day <= last,
            AttendanceDay.origin == "punches", AttendanceDay.last_out.is_(None), AttendanceDay.has_check_out.is_(True),
        )
    )  # fmt: skip
    return [(employee, day) for employee, day in rows]


def days_of(
    connection: Connection, org_id: int, employees: Iterable[str], first: date, last: date
) -> dict[tuple[str, date], DayRow]:
    """Return the stored recap of these people's days, both included."""
    rows = _days_of.rows(connection, employees, org=org_id, first=first, last=last)
    return {(row.employee, row.day): row for row in (DayRow(*each) for each in rows)}


def days_with_rows(
    connection: Connection, org_id: int, first: date, last: date | None = None, days: Collection[date] | None = None
) -> list[tuple[str, date]]:
    """Return whose days have a recap, from `first` on; up to `last`, and of these days alone, where they are named."""
    query = select(AttendanceDay.employee, AttendanceDay.day).where(
        AttendanceDay.org_id == org_id, AttendanceDay.day >= first
    )
    if last is not None:
        query = query.where(AttendanceDay.day <= last)
    rows = [(row.employee, row.day) for row in connection.execute(query)]
    return rows if days is None else [row for row in rows if row[1] in days]


def days_on(connection: Connection, org_id: int, day: date) -> set[str]:
    """Return who has a recap of a day."""
    query = select(AttendanceDay.employee).where(AttendanceDay.org_id == org_id, AttendanceDay.day == day)
    return set(connection.scalars(query))


def write_days(
    connection: Connection, org_id: int, days: Sequence[DayRow], removed: Iterable[tuple[str, date]] = ()
) -> None:
    """Write recaps over those that were there, in the key's order, and remove those of which nothing is known now."""
    ordered = sorted(days, key=lambda each: (each.employee, each.day))
    _put_day.run_rows(connection, _day_names, [(org_id, *vars(each).values()) for each in ordered])
    for employee, day in sorted(removed):
        _remove_day.run(connection, org=org_id, of_employee=employee, of_day=day)


# Recaps of months


_MONTH_RECAP = tuple(getattr(AttendanceRecap, each.name) for each in fields(MonthRecapRow))


def month_recaps(connection: Connection, org_id: int, period: str) -> dict[str, MonthRecapRow]:
    """Return the month's recaps by employee."""
    rows = connection.execute(
        select(*_MONTH_RECAP).where(AttendanceRecap.org_id == org_id, AttendanceRecap.period == period)
    )
    return {row.employee: MonthRecapRow(*row) for row in rows}


def put_month_recaps(connection: Connection, org_id: int, recaps: Sequence[MonthRecapRow]) -> None:
    """Write recaps over those that were there."""
    for each in recaps:
        connection.execute(
            delete(AttendanceRecap).where(
                AttendanceRecap.org_id == org_id,
                AttendanceRecap.employee == each.employee,
                AttendanceRecap.period == each.period,
            )
        )
    if recaps:
        connection.execute(insert(AttendanceRecap), [{"org_id": org_id, **vars(each)} for each in recaps])


# Machines

_MACHINE = tuple(getattr(AttendanceMachine, each.name) for each in fields(MachineRow))


def machines_of(connection: Connection, org_id: int) -> list[MachineRow]:
    """Return every machine of the org, by serial number."""
    rows = connection.execute(
        select(*_MACHINE).where(AttendanceMachine.org_id == org_id).order_by(AttendanceMachine.serial)
    )
    return [MachineRow(*row) for row in rows]


def machine_of_key(connection: Connection, org_id: int, key_hash: bytes) -> MachineRow | None:
    """Return the machine with this key."""
    row = connection.execute(
        select(*_MACHINE).where(AttendanceMachine.org_id == org_id, AttendanceMachine.key_hash == key_hash)
    ).first()
    return None if row is None else MachineRow(*row)


def add_machine(connection: Connection, org_id: int, serial: str, name: str, key_hash: bytes) -> None:
    """Write a machine down."""
    connection.execute(
        insert(AttendanceMachine).values(org_id=org_id, serial=serial, name=name, key_hash=key_hash, active=True)
    )


def change_machine(connection: Connection, org_id: int, serial: str, **values: Any) -> None:
    """Change what is known of a machine."""
    connection.execute(
        update(AttendanceMachine)
        .where(AttendanceMachine.org_id == org_id, AttendanceMachine.serial == serial)
        .values(**values)
    )


def runs_of_kind(connection: Connection, org_id: int, kind: str, limit: int) -> list[tuple[int, str | None, str, str]]:
    """Return the latest imports of a kind: (when, file or machine, by whom, outcome as JSON)."""
    rows = connection.execute(
        select(ImportRun.at, ImportRun.file_name, ImportRun.by, ImportRun.outcome)
        .where(ImportRun.org_id == org_id, ImportRun.kind == kind)
        .order_by(ImportRun.at.desc(), ImportRun.id.desc())
        .limit(limit)
    )
    return [(at, name, by, outcome) for at, name, by, outcome in rows]


def _parts(values: Collection[str]) -> list[list[str]]:
    ordered = sorted(set(values))
    return [ordered[start : start + IDS_PER_STATEMENT] for start in range(0, len(ordered), IDS_PER_STATEMENT)]

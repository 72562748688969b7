"""What people say of somebody's day beside the machines: leave, travel, sickness, corrections; and closing a day.

A day without a punch is no absence by itself: a machine may be broken, a log late, a person in the field. Only who
closes a day says that everything known of it has come. Works in the transaction that it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.performance.attendance import STATUSES
from lontara_server.performance.attendance_recap import CLOSED
from lontara_server.services.access import local_date
from lontara_server.services.assessors import Officer, leads
from lontara_server.services.attendance_days import rebuild_days
from lontara_server.services.behaviour import check_open
from lontara_server.services.calendar_hours import Calendars, read_calendars
from lontara_server.services.timeline import on_day, stretches_of
from lontara_server.storage import attendance as store
from lontara_server.storage import people
from lontara_server.storage.attendance import GivenRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow

REASON_MAX: Final = 500
DAYS_AT_ONCE_MAX: Final = 92
AHEAD_DAYS_MAX: Final = 366
MINUTES_MAX: Final = 24 * 60
# A machine is a person's where one of their PINs was pressed on it not longer before or after than this.
_OWN_MACHINE: Final = timedelta(days=31)
_DAY: Final = timedelta(days=1)
# What cannot be known before the day has come.
_NOT_AHEAD: Final = ("present", "half_day", "absent_unexcused")


@dataclass(frozen=True)
class DayStatus:
    """What is said of days: one of STATUSES from the first to the last day, with the reason.

    Minutes are for `present` alone, where somebody corrects what the machine says; None: as the machine says.
    """

    first: date
    last: date
    status: str
    reason: str
    late_minutes: int | None = None
    early_leave_minutes: int | None = None


@dataclass
class ClosedDay:
    """What closing a day came to, in NIPs: absent without a word; left alone, as no machine of theirs told of the day
    or they have no PIN."""

    day: date
    absent: list[str] = field(default_factory=list)
    without_feed: list[str] = field(default_factory=list)
    without_pin: list[str] = field(default_factory=list)
    present: int = 0
    days_off: int = 0

    def document(self) -> dict[str, Any]:
        return {**vars(self), "day": self.day.isoformat()}


def set_days(
    connection: Connection, org_id: int, employee: EmployeeRow, told: DayStatus, officer: Officer, now_ms: int
) -> int:  # fmt: skip
    """Say what these days were, over what was said before. The same again changes nothing.

    By who supervised on that day, or an admin; by nobody of their own days. Of days off nothing is written.
    Returns how many days were written. Raises Problem not_permitted, invalid_field, missing_field, state_not_allowed.
    """
    _check(connection, org_id, told, now_ms)
    days = [told.first + _DAY * number for number in range((told.last - told.first).days + 1)]
    for day in days:
        check_officer(connection, org_id, employee.id, day, officer)
    for period in sorted({f"{day:%Y-%m}" for day in days}):
        check_open(connection, org_id, period)
    known = {row.day: row for row in store.given_of(connection, org_id, [employee.id], told.first, told.last)}
    if len(days) > 1:
        days = _workdays(connection, org_id, employee.id, days)
    wanted = [_row(employee.id, day, told, officer, now_ms) for day in days]
    rows = [row for row in wanted if row.day not in known or _said(known[row.day]) != _said(row)]
    store.put_given(connection, org_id, rows)
    rebuild_days(connection, org_id, {employee.id: [row.day for row in rows]}, now_ms)
    for row in rows:
        before = known.get(row.day)
        facts = {"day": row.day.isoformat(), "was": None if before is None else before.status, "now": row.status,
                 "late_minutes": row.late_minutes, "early_leave_minutes": row.early_leave_minutes,
                 "reason": row.reason}  # fmt: skip
        add_audit(connection, org_id, "attendance.set", by=officer.login, now_ms=now_ms, subject=employee.id, facts=facts)
    return len(rows)


def clear_day(
    connection: Connection, org_id: int, employee: EmployeeRow, day: date, reason: str, officer: Officer, now_ms: int
) -> bool:  # fmt: skip
    """Take back what was said of a day, so that punches alone count; whether there was anything to take back.

    Raises Problem not_permitted, missing_field, invalid_field, state_not_allowed.
    """
    check_officer(connection, org_id, employee.id, day, officer)
    why = _reason(reason)
    check_open(connection, org_id, f"{day:%Y-%m}")
    known = store.given_of(connection, org_id, [employee.id], day, day)
    if not known:
        return False
    store.remove_given(connection, org_id, employee.id, day)
    rebuild_days(connection, org_id, {employee.id: [day]}, now_ms)
    facts = {"day": day.isoformat(), "was": known[0].status, "reason": why}
    add_audit(connection, org_id, "attendance.clear", by=officer.login, now_ms=now_ms, subject=employee.id, facts=facts)
    return True


def close_day(
    connection: Connection,
    org_id: int,
    day: date,
    *,
    by: str,
    now_ms: int,
    unit: str | None = None,
    dry_run: bool = False,
) -> ClosedDay:
    """Say that all punches of a day have come: who should have been there and was not is absent without a word.

    Only those of whom a machine tells: their own machine reported punches of that day, and none of them is theirs.
    Punches that come all the same take the absence's place. A second time it closes who has come in meanwhile.
    unit: an id; None: the whole org. Raises Problem invalid_field, state_not_allowed.
    """
    if day >= local_date(connection, org_id, now_ms):
        raise _invalid("date", "A day is closed when it is over.")
    check_open(connection, org_id, f"{day:%Y-%m}")
    calendars = read_calendars(connection, org_id)
    done = ClosedDay(day)
    rows = [
        GivenRow(employee, day, CLOSED, None, None, None, by, now_ms)
        for employee in _absent_on(connection, org_id, day, unit, calendars, done)
    ]
    if dry_run or not rows:
        return done
    store.put_given(connection, org_id, rows)
    rebuild_days(connection, org_id, {row.employee: [day] for row in rows}, now_ms)
    facts = {"day": day.isoformat(), "unit": unit, "absent": done.absent, "without_feed": len(done.without_feed)}
    add_audit(connection, org_id, "attendance.close", by=by, now_ms=now_ms, subject=unit, facts=facts)
    return done


def check_officer(connection: Connection, org_id: int, employee: str, day: date, officer: Officer) -> None:
    """Raise Problem not_permitted for who may not say what this person's day was."""
    if not may_set(connection, org_id, employee, day, officer):
        raise Problem(
            "not_permitted",
            "Attendance is told by the supervisor of that day or an admin, never by the person. Nothing was changed.",
            {"employee": employee, "date": day.isoformat()},
            "Ask the supervisor or an admin.",
        )


def may_set(connection: Connection, org_id: int, employee: str, day: date, officer: Officer) -> bool:
    """Whether the officer may say what this person's day was."""
    if officer.employee == employee:
        return False
    return officer.is_admin or leads(connection, org_id, officer, employee, day)


def _absent_on(
    connection: Connection, org_id: int, day: date, unit: str | None, calendars: Calendars, done: ClosedDay
) -> list[str]:  # fmt: skip
    known = store.days_on(connection, org_id, day)
    placed = people.placements_between(connection, org_id, None, day, day)
    pins: dict[str, set[str]] = {}
    for pin, owner in store.pins_of(connection, org_id).items():
        pins.setdefault(owner, set()).add(pin)
    own, told = _machines(connection, org_id, day)
    if not any(calendars.are_known_on(each.org_unit, day) for rows in placed.values() for each in rows):
        raise Problem(
            "state_not_allowed",
            "No working calendar holds on that day. Nothing was changed.",
            {"date": day.isoformat()},
            "Set one first: `lontara-server calendar set`.",
        )
    absent = []
    for employee in people.employees_of(connection, org_id):
        here = on_day(stretches_of(placed.get(employee.id, ())), day)
        if not employee.active or here is None or (unit is not None and here.org_unit != unit):
            continue
        if calendars.hours(here.org_unit, day) is None:
            done.days_off += 1
        elif employee.id in known:
            done.present += 1
        elif employee.id not in pins:
            done.without_pin.append(employee.nip)
        elif told.isdisjoint({machine for pin in pins[employee.id] for machine in own.get(pin, ())}):
            done.without_feed.append(employee.nip)
        else:
            done.absent.append(employee.nip)
            absent.append(employee.id)
    return absent


def _machines(
    connection: Connection, org_id: int, day: date
) -> tuple[Mapping[str, Collection[str | None]], set[str | None]]:
    """At which machines each PIN is pressed around that day, and which of them told of the day itself."""
    span = (day - _OWN_MACHINE).isoformat(), (day + _OWN_MACHINE).isoformat()
    own = store.machines_by_pin(connection, org_id, *span)
    of_day = store.machines_by_pin(connection, org_id, day.isoformat(), (day + _DAY).isoformat())
    return own, {machine for machines in of_day.values() for machine in machines}


def _workdays(connection: Connection, org_id: int, employee: str, days: Sequence[date]) -> list[date]:
    """The days on which work is expected; all of them where no hours are known."""
    calendars = read_calendars(connection, org_id)
    stretches = stretches_of(people.assignments_of(connection, org_id, [employee]).get(employee, ()))
    found = []
    for day in days:
        here = on_day(stretches, day)
        unit = None if here is None else here.org_unit
        if not calendars.are_known_on(unit, day) or calendars.hours(unit, day) is not None:
            found.append(day)
    return found


def _check(connection: Connection, org_id: int, told: DayStatus, now_ms: int) -> None:
    today = local_date(connection, org_id, now_ms)
    if told.status not in STATUSES:
        raise Problem(
            "invalid_field",
            f"There is no attendance {told.status}. Nothing was changed.",
            {"field": "status", "value": told.status, "choices": list(STATUSES)},
            f"Choose one of {', '.join(STATUSES)}.",
        )
    _reason(told.reason)
    if told.last < told.first:
        raise _invalid("date", "The last day lies before the first.")
    if (told.last - told.first).days >= DAYS_AT_ONCE_MAX:
        raise _invalid("date", f"At most {DAYS_AT_ONCE_MAX} days are told at once.")
    if (told.last - today).days > AHEAD_DAYS_MAX or (told.last > today and told.status in _NOT_AHEAD):
        raise _invalid("date", "The day has not come.")
    minutes = [each for each in (told.late_minutes, told.early_leave_minutes) if each is not None]
    if minutes and told.status != "present":
        raise _invalid("late_minutes", "Minutes are corrected of a day that somebody was present on.")
    if not all(0 <= each < MINUTES_MAX for each in minutes):
        raise _invalid("late_minutes", f"Minutes are a whole number below {MINUTES_MAX}.")


def _reason(typed: str) -> str:
    reason = tidy_text(typed)
    if not reason:
        raise Problem(
            "missing_field",
            "What is said of a day has a reason. Nothing was changed.",
            {"field": "reason"},
            "Write why, for example the number of the letter.",
        )
    if len(reason) > REASON_MAX:
        raise _invalid("reason", f"A reason has at most {REASON_MAX} characters.")
    return reason


def _row(employee: str, day: date, told: DayStatus, officer: Officer, now_ms: int) -> GivenRow:
    return GivenRow(
        employee, day, told.status, told.late_minutes, told.early_leave_minutes, _reason(told.reason), officer.login, now_ms
    )


def _said(row: GivenRow) -> tuple[str, int | None, int | None, str | None]:
    return row.status, row.late_minutes, row.early_leave_minutes, row.reason


def _invalid(name: str, why: str) -> Problem:
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": name}, "Correct it and send it again.")

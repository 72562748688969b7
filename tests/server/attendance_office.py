"""An office with a working calendar and a PIN for its worker, and files of punches for it. No tests here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from engines.places import Place
from lontara_server.services.assessors import Officer
from lontara_server.services.attendance_import import ImportedPunches, import_punches
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.calendars import CalendarDraft, set_calendar
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import AttendanceDay, AttendancePunch, Dirty
from lontara_server.storage.people import EmployeeRow
from server.ready import WORKER, ready_server

ORG: Final = 1
NOW: Final = int(datetime(2026, 11, 24, 4, tzinfo=UTC).timestamp() * 1000)
PIN: Final = "17"
ADMIN: Final = Officer("admin", None, is_admin=True)
# Monday to Friday 07:30-16:00, five minutes are not late.
HOURS: Final = dict.fromkeys(range(1, 6), ("07:30", "16:00"))
MONDAY: Final = date(2026, 11, 2)


def open_office(place: Place) -> Engine:
    """A server with its two people; the worker has a PIN, and the org a calendar since 2026."""
    engine = ready_server(place)
    with transaction(engine) as connection:
        set_hours(connection)
        set_pin(connection, ORG, PIN, worker_of(connection), by="tester", now_ms=NOW)
    return engine


def set_hours(connection: Connection, **changed: Any) -> dict[str, int]:
    told: dict[str, Any] = {
        "valid_from": date(2026, 1, 1), "workdays_per_week": 5, "hours": HOURS, "grace_minutes": 5,
    } | changed  # fmt: skip
    return set_calendar(connection, ORG, CalendarDraft(**told), by="tester", now_ms=NOW)


def worker_of(connection: Connection) -> EmployeeRow:
    return employee_named(connection, ORG, WORKER)


def attlog(*lines: str, machine: int = 1) -> SourceFile:
    """Lines such as `17 2026-11-02 07:25:10 0`, as a machine writes them with tabs."""
    rows = []
    for line in lines:
        pin, day, clock, status = line.split()
        rows.append(f"{pin:>9}\t{day} {clock}\t{machine}\t{status}\t1\t0\n")
    return SourceFile("".join(rows).encode(), "1_attlog.dat")


def take_in(connection: Connection, file: SourceFile, form: str = "attlog", **options: Any) -> ImportedPunches:
    return import_punches(connection, ORG, file, form, by="tester", now_ms=NOW, **options)


def days_in(connection: Connection, nip: str = WORKER) -> dict[str, tuple[Any, ...]]:
    """A person's stored recaps by day: status, first in, last out, minutes late and early, whether both were pressed."""
    row = AttendanceDay
    rows = connection.execute(
        select(
            row.day, row.status, row.first_in, row.last_out, row.late_minutes, row.early_leave_minutes, row.has_check_in,
            row.has_check_out,
        )
        .where(row.org_id == ORG, row.employee == employee_named(connection, ORG, nip).id)
        .order_by(row.day)
    )
    return {
        day.isoformat(): (status, first and first[11:], last and last[11:], *rest)
        for day, status, first, last, *rest in rows
    }  # fmt: skip


def punch_count(connection: Connection) -> int:
    return len(connection.execute(select(AttendancePunch.pin).where(AttendancePunch.org_id == ORG)).all())


def dirty_months(connection: Connection) -> list[str]:
    return sorted(connection.scalars(select(Dirty.period).where(Dirty.org_id == ORG)))


def pressed(day: str, *presses: str) -> Iterable[str]:
    """Lines of the worker's presses on a day: `07:25:10 0`."""
    return [f"{PIN} {day} {each}" for each in presses]

"""Bringing in what scores rest on beside entries, as an admin does it: calendar, holidays, PINs, punches, allowances.

It calls the server's own services, in one transaction, and decides nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from lontara_demo.material import Feeds, Material
from lontara_demo.office import Person
from lontara_demo.running import ADMIN, ORG
from lontara_server.app import clock_ms
from lontara_server.services.allowances import import_allowances
from lontara_server.services.assessors import operator
from lontara_server.services.attendance import DayStatus, set_days
from lontara_server.services.attendance_import import ImportedPunches, import_punches
from lontara_server.services.attendance_pins import import_pins
from lontara_server.services.calendars import CalendarDraft, set_calendar
from lontara_server.services.holidays import import_holidays
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import Connection, Engine, transaction

_DUTY = "Surat tugas kepala kantor"


def bring_in(engine: Engine, material: Material) -> ImportedPunches | None:
    """Bring in all that the material has; returns what became of its punches, None where it has none.

    Raises Problem import_refused for a file that is not as it should be; then nothing of it is written.
    """
    feeds = material.feeds
    with transaction(engine) as connection:
        now_ms = clock_ms()
        if feeds.hours:
            draft = CalendarDraft(feeds.since, 5, feeds.hours)
            set_calendar(connection, ORG, draft, by=ADMIN, now_ms=now_ms)
        if feeds.holidays is not None:
            import_holidays(connection, ORG, feeds.holidays, by=ADMIN, now_ms=now_ms)
        import_allowances(connection, ORG, _bases(material.people, feeds), by=ADMIN, now_ms=now_ms)
        if feeds.punches is None:
            return None
        import_pins(connection, ORG, _table("pin.csv", [("pin", "nip"), *feeds.pins.items()]), by=ADMIN, now_ms=now_ms)
        imported = import_punches(connection, ORG, feeds.punches, feeds.form, by=ADMIN, now_ms=now_ms)
        _set_travel(connection, feeds, now_ms)
    return imported


def _set_travel(connection: Connection, feeds: Feeds, now_ms: int) -> None:
    officer = operator(connection, ORG, ADMIN)
    for each in feeds.travel:
        told = DayStatus(each.day, each.day, "official_travel", _DUTY)
        set_days(connection, ORG, employee_named(connection, ORG, each.nip), told, officer, now_ms)


def _bases(people: Sequence[Person], feeds: Feeds) -> SourceFile:
    rows = [(person.nip, str(person.base), feeds.since.isoformat()) for person in people]
    return _table("dasar-tpp.csv", [("nip", "amount", "valid_from"), *rows])


def _table(name: str, rows: Iterable[Sequence[str]]) -> SourceFile:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return SourceFile(text.getvalue().encode(), name)

"""Holidays of an org, imported from a file and listed; every score of a month whose workdays change is computed anew.

Works in the transaction that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_core.typed_fields import date_typed
from lontara_server.services.attendance_days import rebuild_on
from lontara_server.services.column_names import column_key
from lontara_server.services.file_faults import Fault, refusal
from lontara_server.services.import_runs import SourceFile, remember_import
from lontara_server.services.mappings import columns_of, missing_columns
from lontara_server.services.table_file import Table, read_table
from lontara_server.storage import calendars as store
from lontara_server.storage import scores
from lontara_server.storage.calendars import HolidayRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

KIND: Final = "holiday"
KINDS: Final = ("national", "collective_leave", "local")
_NAMES: Final[Mapping[str, str]] = {
    **{kind: kind for kind in KINDS},
    "nasional": "national", "libur_nasional": "national", "hari_libur_nasional": "national",
    "cuti_bersama": "collective_leave", "cb": "collective_leave",
    "daerah": "local", "lokal": "local", "libur_daerah": "local", "libur_lokal": "local", "fakultatif": "local",
}  # fmt: skip
_NAME_LENGTH_MAX: Final = 200


@dataclass(frozen=True)
class ImportedHolidays:
    """What an import wrote, or in a dry run would write."""

    rows: int
    added: int
    changed: int
    unchanged: int
    days_changed: int = 0
    scores_marked: int = 0
    errors: tuple[Fault, ...] = ()

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    def document(self) -> dict[str, Any]:
        return {**self.counts(), "errors": [each.document() for each in self.errors]}


def import_holidays(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    *,
    by: str,
    now_ms: int,
    mapping: str | None = None,
    dry_run: bool = False,
) -> ImportedHolidays:
    """Add the days of a CSV or XLSX: date, name, kind. A second time it changes nothing, and no day is taken away.

    A day without a kind is collective leave where its name begins with `Cuti bersama`, else national.
    Raises Problem import_refused, which names the cells; then nothing is written.
    """
    table = read_table(file.content, file.name)
    columns = columns_of(connection, org_id, KIND, table, mapping)
    missing = [name for name in ("date", "name") if name not in columns]
    if missing:
        raise missing_columns(missing, table, ["date", "name", "kind"])
    named = table.renamed(columns)
    wanted, errors = _rows(named)
    if errors and not dry_run:
        raise refusal(errors)
    known = {row.day: row for row in store.holidays_of(connection, org_id)}
    added = [row for day, row in wanted.items() if day not in known]
    changed = [row for day, row in wanted.items() if known.get(day, row) != row]
    same = len(wanted) - len(added) - len(changed)
    done = ImportedHolidays(len(named.rows), len(added), len(changed), same, errors=tuple(errors))
    if dry_run or not added + changed:
        return done
    store.write_holidays(connection, org_id, added, changed)
    marked, rebuilt = _after(connection, org_id, {row.day for row in added}, now_ms)
    done = ImportedHolidays(len(named.rows), len(added), len(changed), same, rebuilt, marked)
    remember_import(connection, org_id, KIND, file, done.counts(), by=by, now_ms=now_ms)
    add_audit(connection, org_id, "holiday.import", by=by, now_ms=now_ms, facts={"file": file.name, **done.counts()})
    return done


def remove_holiday(connection: Connection, org_id: int, day: date, *, by: str, now_ms: int) -> None:
    """Make a day a workday again that is no holiday after all. Raises Problem not_found."""
    known = store.holidays_of(connection, org_id, day, day)
    if not known:
        raise Problem(
            "not_found",
            f"{day:%Y-%m-%d} is no holiday here. Nothing was changed.",
            {"date": day.isoformat()},
            "`lontara-server holiday list` shows every holiday.",
        )
    store.remove_holiday(connection, org_id, day)
    _after(connection, org_id, {day}, now_ms)
    facts = {"date": day.isoformat(), "name": known[0].name, "kind": known[0].kind}
    add_audit(connection, org_id, "holiday.remove", by=by, now_ms=now_ms, facts=facts)


def list_holidays(connection: Connection, org_id: int, year: int | None = None) -> list[dict[str, Any]]:
    """Every holiday in JSON types, of a year or all."""
    first, last = (None, None) if year is None else (date(year, 1, 1), date(year, 12, 31))
    return [
        {"date": row.day.isoformat(), "name": row.name, "kind": row.kind}
        for row in store.holidays_of(connection, org_id, first, last)
    ]


def _after(connection: Connection, org_id: int, days: set[date], now_ms: int) -> tuple[int, int]:
    """Mark the stored scores of these days' months and make their recaps anew; returns how many of each."""
    periods = {f"{day:%Y-%m}" for day in days}
    months = scores.stored_months(connection, org_id, periods) if periods else []
    scores.mark_dirty(connection, org_id, months, now_ms)
    return len(months), rebuild_on(connection, org_id, days, now_ms)


def _rows(table: Table) -> tuple[dict[date, HolidayRow], list[Fault]]:
    rows: dict[date, HolidayRow] = {}
    errors = []
    for row in table.rows:
        day, name, found = _day(row.cells["date"]), tidy_text(row.cells["name"]) or "-", []
        typed = row.cells.get("kind", "")
        kind = _NAMES.get(column_key(typed)) if typed else _kind_of(name)
        if day is None:
            found.append(("date", "the date is no day written as DD-MM-YYYY or YYYY-MM-DD"))
        if kind is None:
            found.append(("kind", "a kind is national, collective_leave or local"))
        if len(name) > _NAME_LENGTH_MAX:
            found.append(("name", f"longer than {_NAME_LENGTH_MAX} characters"))
        if not found and day is not None and kind is not None:
            rows[day] = HolidayRow(day, name, kind)
        errors += [Fault(row.number, column, why, table.cell(row.number, column)) for column, why in found]
    return rows, errors


def _kind_of(name: str) -> str:
    return "collective_leave" if column_key(name).startswith("cuti_bersama") else "national"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(date_typed(text))
    except Problem:
        return None

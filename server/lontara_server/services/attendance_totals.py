"""Monthly recaps of attendance: totals of a person's month where no days are known, imported from a file.

How they count is decided in `performance.discipline`. Works in the transaction that it is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lontara_core.canonical import encode
from lontara_server.performance.attendance import STATUSES, AttendanceRecap, recap_document
from lontara_server.performance.calendar import days_of
from lontara_server.services.file_faults import ERRORS_SHOWN, Fault, refusal
from lontara_server.services.import_runs import SourceFile, remember_import
from lontara_server.services.mappings import columns_of, missing_columns
from lontara_server.services.nips import nip_error, repaired_nip
from lontara_server.services.table_file import Table, TableRow, read_table
from lontara_server.storage import attendance as store
from lontara_server.storage import people, scores
from lontara_server.storage.attendance import MonthRecapRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.scores import PersonMonth

KIND: Final = "attendance_recap"
_COUNTS: Final = ("late_minutes", "early_leave_minutes", "missing_check_ins", "missing_check_outs")
_MINUTES_MAX: Final = 31 * 24 * 60
_CLOCK: Final = re.compile(r"(\d{1,3})[:.](\d{2})(?:[:.]\d{2})?")
_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?|(\d{1,2})[-/](\d{4})")


@dataclass
class ImportedRecaps:
    """What an import of monthly recaps wrote, or in a dry run would write."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[Fault] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    def document(self) -> dict[str, Any]:
        return {**self.counts(), "errors": [each.document() for each in self.errors[:ERRORS_SHOWN]]}


def import_recaps(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    *,
    by: str,
    now_ms: int,
    period: str | None = None,
    mapping: str | None = None,
    dry_run: bool = False,
) -> ImportedRecaps:
    """Take in totals of months from a CSV or XLSX: nip, period, minutes and days. A second time it changes nothing.

    period: of rows that name none. A row of a month takes the place of the one that was there.
    Raises Problem import_refused, which names the cells; then nothing is written.
    """
    table = read_table(file.content, file.name)
    columns = columns_of(connection, org_id, KIND, table, mapping)
    missing = [name for name in ("nip", "period") if name not in columns and (name, period is None) != ("period", False)]
    if not {*_COUNTS, *STATUSES} & columns.keys():
        missing.append("late_minutes")
    if missing:
        raise missing_columns(missing, table, ["nip", "period", *_COUNTS, *STATUSES])
    named = table.renamed(columns)
    recaps, errors = _recaps(connection, org_id, named, period)
    if errors and not dry_run:
        raise refusal(errors)
    known = {
        (row.employee, row.period): row.totals
        for month in {month for _, month in recaps}
        for row in store.month_recaps(connection, org_id, month).values()
    }
    texts = {key: encode(recap_document(recap)).decode() for key, recap in recaps.items()}
    written = {key: text for key, text in texts.items() if known.get(key) != text}
    new = sum(key not in known for key in written)
    done = ImportedRecaps(len(named.rows), new, len(written) - new, len(texts) - len(written), errors)
    if written and not dry_run:
        run = remember_import(connection, org_id, KIND, file, done.counts(), by=by, now_ms=now_ms)
        scores.mark_dirty(connection, org_id, [PersonMonth(*key) for key in sorted(written)], now_ms)
        rows = [MonthRecapRow(*key, text, now_ms, run) for key, text in sorted(written.items())]
        store.put_month_recaps(connection, org_id, rows)
        facts = {"file": file.name, **done.counts()}
        add_audit(connection, org_id, "attendance.recap", by=by, now_ms=now_ms, facts=facts)
    return done


def _recaps(
    connection: Connection, org_id: int, table: Table, period: str | None
) -> tuple[dict[tuple[str, str], AttendanceRecap], list[Fault]]:
    employees = {each.nip: each.id for each in people.employees_of(connection, org_id)}
    recaps: dict[tuple[str, str], AttendanceRecap] = {}
    errors = []
    for row in table.rows:
        nip, month, found = repaired_nip(row.cells["nip"]), _month(row.cells.get("period") or period or ""), []
        if (error := nip_error(nip)) is not None:
            found.append(("nip", error))
        elif nip not in employees:
            found.append(("nip", "nobody here has this NIP"))
        if month is None:
            found.append(("period", "no month written as YYYY-MM"))
        recap = _recap(row, month, found)
        if not found and recap is not None and month is not None:
            key = (employees[nip], month)
            if recaps.get(key, recap) != recap:
                found.append(("nip", "other totals of the same month stand above"))
            recaps[key] = recap
        errors += [Fault(row.number, column, why, table.cell(row.number, column)) for column, why in found]
    return recaps, errors


def _recap(row: TableRow, month: str | None, found: list[tuple[str, str]]) -> AttendanceRecap | None:
    """The totals of a row; what is wrong with them is added to `found`."""
    counts: dict[str, int] = {}
    for name in (*_COUNTS, *STATUSES):
        text = row.cells.get(name, "")
        number = _minutes(text) if name.endswith("minutes") else _whole(text)
        if number is None:
            found.append((name, "no whole number"))
        counts[name] = number or 0
    days: Mapping[str, int] = {status: counts[status] for status in STATUSES if counts[status]}
    if month is not None and sum(days.values()) > len(days_of(month)):
        found.append(("period", "more days than the month has"))
    if max(counts["late_minutes"], counts["early_leave_minutes"]) > _MINUTES_MAX:
        found.append(("late_minutes", "more minutes than the month has"))
    if max(counts["missing_check_ins"], counts["missing_check_outs"]) > 31:
        found.append(("missing_check_ins", "more days than the month has"))
    return AttendanceRecap(**{name: counts[name] for name in _COUNTS}, days=days) if not found else None


def _month(text: str) -> str | None:
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        return None
    year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
    return f"{year}-{int(month):02}" if 1 <= int(month) <= 12 and int(year) else None


def _minutes(text: str) -> int | None:
    """Whole minutes of `75`, `1:15` or nothing."""
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return int(clock[1]) * 60 + int(clock[2])
    return _whole(text.removesuffix("menit").strip())


def _whole(text: str) -> int | None:
    if text in ("", "-"):
        return 0
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None

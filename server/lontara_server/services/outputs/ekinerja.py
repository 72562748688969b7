"""Approved entries of a month as the progress rows that e-Kinerja asks for: date, RHK, description, output, evidence.

An entry that names no work result has an empty RHK: it is not put under another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, Final

from lontara_server.services.orgs import org_named
from lontara_server.services.outputs import formats
from lontara_server.services.outputs.formats import Language
from lontara_server.services.outputs.people_of import Wanted, placed_people
from lontara_server.services.outputs.sheets import Book, Column, Kind
from lontara_server.services.score_inputs import decimal_or_none, edges_of
from lontara_server.storage.engine import Connection
from lontara_server.storage.exports import WorkRow, work_between
from lontara_server.storage.orgs import add_audit

COLUMNS: Final = (
    "nip", "nama", "tanggal", "rhk", "uraian", "kuantitas", "satuan", "menit", "bukti_dukung", "id_catatan",
)  # fmt: skip
_LINK: Final = "{base}/reviews/{entry}"


def progress_rows(
    connection: Connection, org_id: int, period: str, wanted: Wanted, link_base: str | None
) -> Iterator[dict[str, Any]]:
    """Yield the rows by NIP and date, with the keys of COLUMNS; dates as YYYY-MM-DD, quantities as plain decimals.

    link_base: the console's own address; an entry with evidence is linked there, and without it its hashes are given.
    Raises Problem invalid_field, not_found.
    """
    first, last = edges_of(period)
    employees = None
    if not wanted.is_everybody:
        employees = set(placed_people(connection, org_id, first, last, wanted))
    rows = work_between(connection, org_id, first, last, employees=employees, approved=True)
    return (_row(row, link_base) for row in rows)


def write_progress(
    connection: Connection, org_id: int, period: str, wanted: Wanted, link_base: str | None, target: IO[bytes],
    language: Language, *, by: str, now_ms: int,
) -> int:  # fmt: skip
    """Write the rows as XLSX into a file, note it in the audit trail, and return how many there are."""
    org = org_named(connection, org_id)
    title = f"e-Kinerja {formats.month(period, language)}"
    words = {
        "id": ("NIP", "Nama", "Tanggal", "RHK", "Uraian kegiatan", "Kuantitas", "Satuan", "Menit", "Bukti dukung",
               "Nomor catatan"),
        "en": ("NIP", "Name", "Date", "RHK", "Description", "Quantity", "Unit", "Minutes", "Evidence", "Entry id"),
    }[language]  # fmt: skip
    kinds: tuple[Kind, ...] = ("text", "text", "date", "text", "text", "number", "text", "whole", "text", "text")
    widths = (20, 26, 12, 40, 60, 11, 14, 8, 40, 38)
    book = Book(target, title=f"{title} - {org.name}")
    columns = [Column(*each) for each in zip(words, kinds, widths, strict=True)]
    sheet = book.sheet("Progres" if language == "id" else "Progress", columns)
    first, last = edges_of(period)
    employees = None if wanted.is_everybody else set(placed_people(connection, org_id, first, last, wanted))
    count = 0
    for row in work_between(connection, org_id, first, last, employees=employees, approved=True):
        made = _row(row, link_base)
        cells = {**made, "tanggal": row.work_date, "kuantitas": decimal_or_none(row.quantity)}
        sheet.add([cells[name] for name in COLUMNS])
        count += 1
    book.close()
    note_export(connection, org_id, period, wanted, "xlsx", by=by, now_ms=now_ms, rows=count)
    return count


def note_export(
    connection: Connection, org_id: int, period: str, wanted: Wanted, form: str, *, by: str, now_ms: int, rows: int
) -> None:  # fmt: skip
    """Note in the audit trail that these rows were given out. To be called last in a transaction."""
    facts = {**wanted.facts(), "form": form, "rows": rows}
    add_audit(connection, org_id, "export.ekinerja", by=by, now_ms=now_ms, subject=period, facts=facts)


def _row(row: WorkRow, link_base: str | None) -> dict[str, Any]:
    quantity = decimal_or_none(row.quantity)
    return {
        "nip": row.nip,
        "nama": row.full_name,
        "tanggal": row.work_date.isoformat(),
        "rhk": row.work_result,
        "uraian": row.title if not row.description else f"{row.title}. {row.description}",
        "kuantitas": None if quantity is None else format(quantity, "f"),
        "satuan": row.output_unit,
        "menit": minutes_of(row),
        "bukti_dukung": _evidence(row, link_base),
        "id_catatan": row.id,
    }


def minutes_of(row: WorkRow) -> int | None:
    """How long an entry lasted: between its times, else as it says."""
    if row.start_time is None or row.end_time is None:
        return row.duration_minutes
    start, end = (int(each[:2]) * 60 + int(each[3:]) for each in (row.start_time, row.end_time))
    return end - start if end > start else end - start + 24 * 60


def _evidence(row: WorkRow, link_base: str | None) -> str | None:
    held = json.loads(row.attachments) if row.attachments else []
    if not held:
        return None
    return _LINK.format(base=link_base.rstrip("/"), entry=row.id) if link_base else " ".join(held)

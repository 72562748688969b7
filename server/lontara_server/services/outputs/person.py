"""Everything that is held of one person, as a ZIP that is handed to them (UU PDP 27/2022, articles 7 and 13).

JSON for machines, the entries as CSV too, and a README in both languages. Nobody else's data is in it: names and ids of
others, and what a person wrote about the work of others, are left out, and the README says so.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from lontara_core.problems import Problem
from lontara_server.services.orgs import org_named
from lontara_server.services.outputs import formats
from lontara_server.services.outputs.sheets import csv_lines
from lontara_server.storage import exports as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow, employee_of_nip

# Columns that hold JSON as text, which a reader wants as it is meant.
_DOCUMENTS: Final = frozenset({"document", "attachments", "flags", "totals", "changes"})
_INSTANTS: Final = ("_at", "at")
_CSV: Final = (
    "id", "work_date", "start_time", "end_time", "duration_minutes", "title", "description", "quantity", "output_unit",
    "category", "place", "review_state", "review_note", "position", "voided", "captured_at", "recorded_at",
)  # fmt: skip
# Keys of stored documents that name somebody else.
_OF_OTHERS: Final = frozenset({"by", "supervisor", "acting_supervisor", "assessor", "reviewer", "assignee"})


def write_person(
    connection: Connection, org_id: int, nip: str, target: IO[bytes], *, by: str, now_ms: int
) -> dict[str, int]:
    """Write the ZIP into a file, note it in the audit trail, and return how many rows each part has.

    Raises Problem not_found.
    """
    employee = employee_of_nip(connection, org_id, nip)
    if employee is None:
        raise Problem(
            "not_found",
            f"Nobody here has the NIP {nip}. Nothing was changed.",
            {"nip": nip},
            "`lontara-server employee list` shows everybody.",
        )
    person, counts = store.person_of(connection, org_id, employee.id), {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in store.PERSONAL_TABLES:
            rows = (_readable(row, person) for row in store.rows_about(connection, org_id, name, person))
            counts[name] = _add_json(made, f"{name}.json", rows, now_ms)
        _add_entries(made, connection, org_id, person, now_ms)
        zone = org_named(connection, org_id)
        _add_text(made, "README.txt", _readme(employee, zone.name, zone.time_zone, counts, now_ms), now_ms)
    add_audit(connection, org_id, "export.person", by=by, now_ms=now_ms, subject=employee.id)
    return counts


def _readable(row: dict[str, Any], person: store.Person) -> dict[str, Any]:
    return {name: _value(name, value, person) for name, value in row.items()}


def _value(name: str, value: Any, person: store.Person) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if name in _DOCUMENTS and isinstance(value, str):
        return _own(json.loads(value), person)
    if isinstance(value, int) and name.endswith(_INSTANTS):
        return formats.utc(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return format(value, "f") if isinstance(value, Decimal) else value


def _own(held: Any, person: store.Person) -> Any:
    """A document without what it says of other people."""
    if isinstance(held, dict):
        return {key: _own(each, person) for key, each in held.items() if key not in _OF_OTHERS}
    return [_own(each, person) for each in held] if isinstance(held, list) else held


def _add_json(made: zipfile.ZipFile, name: str, rows: Iterator[dict[str, Any]], now_ms: int) -> int:
    count = 0
    with made.open(_entry_of(name, now_ms), "w", force_zip64=True) as part:
        for row in rows:
            part.write(b"[\n" if count == 0 else b",\n")
            part.write(json.dumps(row, ensure_ascii=False).encode())
            count += 1
        part.write(b"[]\n" if count == 0 else b"\n]\n")
    return count


def _add_entries(made: zipfile.ZipFile, connection: Connection, org_id: int, person: store.Person, now_ms: int) -> None:
    rows = (_readable(row, person) for row in store.rows_about(connection, org_id, "entries", person))
    with made.open(_entry_of("entries.csv", now_ms), "w", force_zip64=True) as part:
        part.write("\N{ZERO WIDTH NO-BREAK SPACE}".encode())
        for line in csv_lines(_CSV, ([row[name] for name in _CSV] for row in rows)):
            part.write(line.encode())


def _add_text(made: zipfile.ZipFile, name: str, text: str, now_ms: int) -> None:
    with made.open(_entry_of(name, now_ms), "w") as part:
        part.write(text.encode())


def _entry_of(name: str, now_ms: int) -> zipfile.ZipInfo:
    moment = datetime.fromtimestamp(now_ms / 1000, ZoneInfo("UTC"))
    entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _readme(employee: EmployeeRow, org: str, zone: str, counts: dict[str, int], now_ms: int) -> str:
    day = formats.local_day(now_ms, zone)
    parts = "\n".join(f"  {name}.json: {count}" for name, count in counts.items())
    return f"""DATA PRIBADI {employee.full_name}, NIP {employee.nip}
{org}, {formats.long_day(day, "id")}

Berkas ini berisi semua yang disimpan server Lontara tentang Anda (UU 27/2022 tentang Pelindungan Data Pribadi). Setiap
berkas .json berisi satu jenis data; entries.csv berisi catatan kegiatan Anda untuk lembar kerja. Waktu ditulis dalam
UTC (…Z), tanggal sebagai YYYY-MM-DD.

Tidak ada data orang lain di dalamnya: nama dan nomor atasan, penilai, dan peninjau, serta tulisan Anda tentang
pekerjaan orang lain, tidak disertakan. Kata sandi dan kunci tidak disertakan; yang tersimpan hanyalah turunannya. Kiriman
perangkat Anda (received_batches, held_batches) disebut di sini tanpa isi bertanda tangannya, karena isinya sama dengan
catatan; admin dapat memberikannya. Teks yang Anda tulis sendiri disertakan apa adanya. Bukti dukung disebut dengan
sidik jarinya (sha256).

Bila ada yang keliru, sampaikan kepada admin: data dapat diperbaiki, dan nilai dapat diajukan keberatan.

PERSONAL DATA OF {employee.full_name}, NIP {employee.nip}
{org}, {formats.long_day(day, "en")}

This file holds everything that the Lontara server keeps about you (Law 27/2022 on the protection of personal data).
Each .json file is one kind of data; entries.csv has your activity entries for a spreadsheet. Times are in UTC (…Z),
dates are YYYY-MM-DD.

Nobody else's data is in it: names and numbers of supervisors, assessors and reviewers, and what you wrote about the
work of others, are left out. Passwords and keys are left out; only what is derived from them is stored. What your
devices sent (received_batches, held_batches) is named here without its signed contents, as they are the same entries; an
admin can hand them out. Text that you wrote yourself is here as it is. Evidence is named by its fingerprint (sha256).

If something is wrong, tell an admin: data can be corrected, and you can object to a score.

{parts}
"""

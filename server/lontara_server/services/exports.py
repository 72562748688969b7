"""What leaves the server for other systems, in the shapes that they hold on to. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Final

from lontara_core.canonical import Json
from lontara_core.record import Record
from lontara_server.services.conflicts import utc
from lontara_server.services.orgs import org_named
from lontara_server.services.outputs.sheets import Book, Column
from lontara_server.storage import evidence
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit

_PLAIN: Final = (
    "work_date", "start_time", "end_time", "duration_minutes", "title", "description", "quantity", "output_unit",
    "category", "target_id", "review_state", "review_note",
)  # fmt: skip
ENTRY_COLUMNS: Final = (
    "id", "org", "nip", *_PLAIN, "captured_at", "recorded_at", "revision", "voided", "flags",
)  # fmt: skip


def export_entries(connection: Connection, org_id: int) -> Iterator[dict[str, Json]]:
    """Yield every entry as it stands, voided ones among them and marked so, by person and date."""
    code = org_named(connection, org_id).code
    return (_entry(record, code, nip) for record, nip in evidence.entries_with_nip(connection, org_id))


def _entry(record: Record, org: str, nip: str) -> dict[str, Json]:
    fields = record.fields
    return {
        "id": record.id,
        "org": org,
        "nip": nip,
        **{name: fields.get(name) for name in _PLAIN},
        "captured_at": utc(fields["captured_at"]),
        "recorded_at": utc(fields["recorded_at"]),
        "revision": record.revision,
        "voided": record.voided,
        "flags": list(fields.get("flags") or ()),
    }


def write_entries(connection: Connection, org_id: int, target: IO[bytes]) -> int:
    """Write the same as XLSX into a file, every cell as it stands in JSON; returns how many there are."""
    book = Book(target, title="activity_entry")
    sheet = book.sheet("activity_entry", [Column(name, "text", 18) for name in ENTRY_COLUMNS])
    count = 0
    for entry in export_entries(connection, org_id):
        sheet.add([_cell(entry[name]) for name in ENTRY_COLUMNS])
        count += 1
    book.close()
    return count


def note_export(connection: Connection, org_id: int, form: str, *, by: str, now_ms: int, rows: int) -> None:
    """Note in the audit trail that all entries were given out. To be called last in a transaction."""
    add_audit(connection, org_id, "export.entries", by=by, now_ms=now_ms, facts={"form": form, "rows": rows})


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, list) else str(value)

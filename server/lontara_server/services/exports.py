"""What leaves the server for other systems, in the shapes that they hold on to. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lontara_core.canonical import Json
from lontara_core.record import Record
from lontara_server.services.conflicts import utc
from lontara_server.services.orgs import org_named
from lontara_server.storage import evidence
from lontara_server.storage.engine import Connection

_PLAIN: Final = (
    "work_date", "start_time", "end_time", "duration_minutes", "title", "description", "quantity", "output_unit",
    "category", "target_id", "review_state", "review_note",
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

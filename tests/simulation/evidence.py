"""The server's database and the devices' stores, read as they lie on disk: raw SQL and the standard library.

Nothing of the product's merge, settling or reading is used here, so that its faults cannot hide themselves.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from simulation.tablet import Tablet

NOT_FIELDS: Final = {
    "activity_entry": {"org_id", "id", "revision", "voided", "clash", "stamps", "writer_device", "writer_seq"},
    "conflict": {"org_id", "id", "revision", "voided", "owner", "org_unit"},
    "review": {"org_id", "id", "revision", "voided"},
}
DOCUMENTS: Final = {"flags", "attachments", "records", "clashes", "resolution", "answers"}
BOOLEANS: Final = {"held"}


@dataclass(frozen=True)
class Seen:
    """A record as one side holds it."""

    revision: int
    voided: bool
    clash: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Op:
    """An operation in a device's log on the device."""

    seq: int
    raw: bytes
    hash: bytes
    record: str
    state: str
    superseded: int

    @property
    def document(self) -> dict[str, Any]:
        return {"fields": {}, "was": {}, **json.loads(self.raw)}


def device_log(tablet: Tablet) -> list[Op]:
    """The device's own log, in order."""
    rows = tablet.store.query(
        "SELECT seq, bytes, hash, record, state, superseded FROM operation WHERE device = ? ORDER BY seq",
        tablet.device,
    )
    return [Op(*row) for row in rows]


def device_rows(tablet: Tablet, record_type: str, column: str) -> dict[str, Seen]:
    """What the device holds of a record type: column `server` or `view`."""
    found = tablet.store.query(f"SELECT id, {column} FROM row WHERE type = ? AND {column} IS NOT NULL", record_type)
    rows = {id_: json.loads(text) for id_, text in found}
    return {
        id_: Seen(row["revision"], row["voided"], row["clash"], _filled(row["fields"])) for id_, row in rows.items()
    }


def _filled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _plain(column: str, value: Any) -> Any:
    if isinstance(value, bytes) and len(value) == 16:
        return str(UUID(bytes=value))
    if column in DOCUMENTS and value is not None:
        return json.loads(value)
    return bool(value) if column in BOOLEANS else value


class Evidence:
    """The server's database, read beside the server."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA query_only = ON")
        self._logs: dict[str, list[bytes]] = {}
        self._read_to: dict[str, int] = {}

    def close(self) -> None:
        self._database.close()

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as dicts, ids as text, documents decoded."""
        cursor = self._database.execute(sql, values)
        names = [each[0] for each in cursor.description]
        return [{name: _plain(name, value) for name, value in zip(names, row, strict=True)} for row in cursor]

    def records(self, record_type: str) -> dict[str, Seen]:
        """Every record of a type, as the columns hold it."""
        return {
            row["id"]: Seen(
                row["revision"], bool(row["voided"]), row.get("clash"),
                _filled({name: value for name, value in row.items() if name not in NOT_FIELDS[record_type]}),
            )
            for row in self.rows(f"SELECT * FROM {record_type}")
        }  # fmt: skip

    def owners(self, record_type: str) -> dict[str, str | None]:
        """Whose each record is."""
        if record_type == "review":
            sql = "SELECT r.id, e.owner FROM review r JOIN activity_entry e ON e.id = r.entry_id"
        else:
            sql = f"SELECT id, owner FROM {record_type}"
        return {row["id"]: row["owner"] for row in self.rows(sql)}

    def log_of(self, device: str) -> tuple[list[bytes], list[str]]:
        """The operations that the server has committed of a device, in order, and what is wrong with their batches."""
        kept, faults = self._logs.setdefault(device, []), []
        read_to = self._read_to.get(device, 0)
        batches = self._database.execute(
            "SELECT first, last, signed_first, body FROM batch WHERE device = ? AND last > ? ORDER BY last",
            (UUID(device).bytes, read_to),
        ).fetchall()
        for first, last, signed_first, body in batches:
            if first != read_to + 1:
                faults.append(f"batch {first}-{last} follows {read_to}")
            parts = _operations(gzip.decompress(body))
            if len(parts) != last - signed_first + 1:
                faults.append(f"batch {first}-{last} holds {len(parts)} operations from {signed_first}")
            kept += parts[first - signed_first :]
            read_to = last
        self._read_to[device] = read_to
        said = self._database.execute("SELECT last_seq FROM device WHERE id = ?", (UUID(device).bytes,)).fetchone()[0]
        if said != read_to or len(kept) != read_to:
            faults.append(f"the server names {said} operations and holds {len(kept)}")
        return kept, faults

    def feed_faults(self) -> list[str]:
        """Where the feed's numbers are not 1 to n."""
        count, lowest, highest = self._database.execute("SELECT count(*), min(seq), max(seq) FROM feed").fetchone()
        (counter,) = self._database.execute("SELECT last_seq FROM org").fetchone()
        if (count, lowest or 1, highest or 0) == (counter, 1, counter):
            return []
        return [f"{count} rows from {lowest} to {highest}, counter {counter}"]

    def fingerprint(self) -> str:
        """A digest of all that the schedule has made."""
        digest = sha256()
        for table in ("activity_entry", "conflict", "review", "history", "attention", "feed", "batch", "score"):
            rows = sorted(repr(row) for row in self._database.execute(f"SELECT * FROM {table}"))
            digest.update("\n".join([table, *rows]).encode())
        return digest.hexdigest()


def _operations(body: bytes) -> list[bytes]:
    """The operations of a batch's body as the bytes that they are, cut where one ends and the next begins."""
    text, decoder = body.decode(), json.JSONDecoder()
    parts, at = [], 1
    while text[at] != "]":
        at += text[at] == ","
        _, end = decoder.raw_decode(text, at)
        parts.append(text[at:end].encode())
        at = end
    return parts

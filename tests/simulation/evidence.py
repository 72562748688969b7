"""The server's database and the devices' stores, read as they lie on disk: raw SQL and the standard library.

Nothing of the product's merge, settling or reading is used here, so that its faults cannot hide themselves.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from simulation.logs import Logs, set_aside
from simulation.tablet import Tablet

NOT_FIELDS: Final = {
    "activity_entry": {"org_id", "id", "revision", "voided", "clash", "stamps", "writer_device", "writer_seq"},
    "conflict": {"org_id", "id", "revision", "voided", "owner", "org_unit"},
    "review": {"org_id", "id", "revision", "voided"},
}
DOCUMENTS: Final = {"flags", "attachments", "records", "clashes", "resolution", "answers"}
BOOLEANS: Final = {"held"}
# Western Indonesia's middle zone, where the offices of the simulation are.
ZONE: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Seen:
    """A record as one side holds it."""

    revision: int
    voided: bool
    clash: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Op:
    """An operation in a device's store, of whichever enrolment."""

    device: str
    seq: int
    raw: bytes
    hash: bytes
    type: str
    record: str
    state: str
    superseded: int

    @property
    def document(self) -> dict[str, Any]:
        return {"fields": {}, "was": {}, **json.loads(self.raw)}

    @property
    def origin(self) -> str:
        """The hash of its first signing: what it is, whichever log it stands in."""
        return str(json.loads(self.raw)["origin"][2]) if b'"origin"' in self.raw else self.hash.hex()


def store_log(tablet: Tablet) -> list[Op]:
    """All that the store holds of what its person wrote, in the order in which it was written."""
    rows = tablet.store.query(
        "SELECT device, seq, bytes, hash, record_type, record, state, superseded FROM operation ORDER BY position"
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


# Written down here once more, and not asked of the product.
_FEED_CODES: Final = {1: "activity_entry", 2: "review", 3: "conflict"}


def named_by(packed: bytes) -> Iterator[tuple[str, str, int]]:
    """The records that a row of the feed names; the type is left empty where it is none of those that devices write."""
    rest = memoryview(packed)
    while rest:
        end = next(place for place in range(17, len(rest)) if rest[place] < 0x80)
        revision = sum((byte & 0x7F) << 7 * number for number, byte in enumerate(rest[17 : end + 1]))
        yield _FEED_CODES.get(rest[0], ""), str(UUID(bytes=bytes(rest[1:17]))), revision
        rest = rest[end + 1 :]


def _plain(column: str, value: Any) -> Any:
    if isinstance(value, bytes) and len(value) == 16:
        return str(UUID(bytes=value))
    if column in DOCUMENTS and value is not None:
        return json.loads(value)
    return bool(value) if column in BOOLEANS else value


class Evidence:
    """The server's database, read beside the server."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = self._open()
        self.logs = Logs()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path)
        database.execute("PRAGMA query_only = ON")
        return database

    def close(self) -> None:
        self._database.close()

    def reopen(self) -> None:
        """Look at another file that took the database's place: its logs are read from their beginning."""
        self._database = self._open()
        self.logs = Logs()

    def read_logs(self) -> list[str]:
        """Read what was committed since the last time; returns what does not hold in it."""
        return self.logs.read(self._database)

    def log_of(self, device: str) -> tuple[list[bytes], list[str]]:
        """The operations that the server has committed of a device, in order, and what does not hold in any log."""
        faults = self.read_logs()
        return [each.raw for each in self.logs.by_device.get(device, [])], faults

    def set_aside(self) -> dict[str, dict[str, Any]]:
        """Operations in quarantine by the hash of their first signing."""
        return set_aside(self._database)

    def held(self) -> set[str]:
        """What the server holds in its logs or in quarantine, by the hash of its first signing."""
        return {*self.logs.places, *self.set_aside()}

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Rows as dicts, ids as text, documents decoded."""
        cursor = self._database.execute(sql, values)
        names = [each[0] for each in cursor.description]
        return [{name: _plain(name, value) for name, value in zip(names, row, strict=True)} for row in cursor]

    def records(self, record_type: str, org: int = 1) -> dict[str, Seen]:
        """Every record of a type, as the columns hold it."""
        return {
            row["id"]: Seen(
                row["revision"], bool(row["voided"]), row.get("clash"),
                _filled({name: value for name, value in row.items() if name not in NOT_FIELDS[record_type]}),
            )
            for row in self.rows(f"SELECT * FROM {record_type} WHERE org_id = ?", org)
        }  # fmt: skip

    def readers(self, record_type: str, org: int) -> dict[str, tuple[str | None, str | None]]:
        """Whose each record is, and in which unit: who may read it. A review goes where the feed took it."""
        if record_type != "review":
            sql = f"SELECT id, owner, org_unit FROM {record_type} WHERE org_id = ?"
            return {row["id"]: (row["owner"], row["org_unit"]) for row in self.rows(sql, org)}
        return {
            record: (line["owner"], line["unit"])
            for line in self.rows("SELECT owner, unit, records AS told FROM feed WHERE org_id = ? ORDER BY seq", org)
            for kind, record, _ in named_by(line["told"])
            if kind == "review"
        }

    def units_of(self, employee: str, org: int, now_ms: int) -> set[str]:
        """The units in which a person supervises on the day of this moment."""
        today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZONE).date().isoformat()
        rows = self.rows("SELECT * FROM assignment WHERE org_id = ? AND NOT voided", org)
        return {
            row["org_unit"]
            for row in rows
            if employee in (row["supervisor"], row["acting_supervisor"])
            and row["valid_from"] <= today <= (row["valid_to"] or "9999")
        }

    def epoch(self) -> str:
        """The server's epoch."""
        return str(self._database.execute("SELECT epoch FROM server_identity").fetchone()[0])

    def feed_faults(self) -> list[str]:
        """Where an org's feed does not count from 1 to its counter."""
        sql = "SELECT org_id, count(*), min(seq), max(seq) FROM feed GROUP BY org_id"
        found = {org: tuple(rest) for org, *rest in self._database.execute(sql)}
        faults = []
        for org, counter in self._database.execute("SELECT org_id, last_seq FROM org").fetchall():
            count, lowest, highest = found.get(org, (0, 1, 0))
            if (count, lowest, highest) != (counter, 1, counter):
                faults.append(f"org {org}: {count} rows from {lowest} to {highest}, counter {counter}")
        return faults

    def fingerprint(self) -> str:
        """A digest of all that the schedule has made."""
        digest = sha256()
        for table in ("activity_entry", "conflict", "review", "history", "attention", "feed", "batch", "score",
                      "quarantine"):  # fmt: skip
            rows = sorted(repr(row) for row in self._database.execute(f"SELECT * FROM {table}"))
            digest.update("\n".join([table, *rows]).encode())
        return digest.hexdigest()

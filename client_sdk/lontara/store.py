"""The store of one person on one device: settings, log, rows, drafts and cursors, each change in one transaction.

Two processes may have one store open: every transaction that writes begins IMMEDIATE and reads what it builds on
inside. What an answer of the server changes lives in `settling`; what a person writes is built in `client`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from lontara.database import commit, disk_problems, open_database
from lontara.keys import open_key, sync_folder, write_key
from lontara_core.canonical import Json
from lontara_core.clock import Hlc, first_counter, tick
from lontara_core.log import chain, genesis
from lontara_core.operations import Operation, Origin, decode_operation, encode_operation
from lontara_core.record import Record, with_operation

# Operations that the view shows over the server's row. In a conflict the server's value is shown, the own one beside.
_OVERLAID: Final = "(state IN ('queued', 'parked', 'rejected') OR (state = 'received' AND seen = 0))"


@dataclass(frozen=True)
class Logged:
    """An operation as the log holds it, with what became of it."""

    position: int
    device: str
    seq: int
    raw: bytes
    hash: bytes
    type: str
    record: str
    state: str
    seen: bool
    superseded: bool
    code: str | None
    field: str | None
    message: str | None
    conflict: str | None
    received_at: int | None

    @property
    def operation(self) -> Operation:
        """The operation decoded."""
        return decode_operation(self.raw)

    @property
    def op_id(self) -> str:
        """How people and commands name it: device and sequence number."""
        return f"{self.device}:{self.seq}"

    @property
    def origin(self) -> Origin:
        """Its first signing, whatever log it stands in now."""
        return self.operation.origin or Origin(self.device, self.seq, self.hash.hex())


@dataclass(frozen=True)
class Row:
    """A record on the device: as the server has it, and as the person sees it."""

    type: str
    id: str
    revision: int
    server: Record | None
    view: Record | None
    fresh: bool
    let_go: bool


@dataclass(frozen=True)
class Log:
    """The log of one enrolment. What lies at or below `kept_after` was let go; `hash` is the chain hash there."""

    device: str
    key: str | None
    kept_after: int
    hash: bytes | None
    asked: bool


_LOGGED: Final = (
    "position, device, seq, bytes, hash, record_type, record, state, seen, superseded, code, field, message, conflict,"
    " received_at"
)
_ROW: Final = "type, id, revision, server, view, fresh, let_go"


class Store:
    """An open store. Methods that write are called inside `transaction()`."""

    def __init__(self, data_dir: Path, pin: str) -> None:
        _make_folder(data_dir)
        self.data_dir = data_dir
        self._key = open_key(data_dir / "key.json", pin)
        self._database = open_database(data_dir / "store.db", self._key)
        self._lock = threading.RLock()
        self._in_transaction = False

    def close(self) -> None:
        """Close the file; nothing is pending that this would lose."""
        with self._lock:
            self._database.close()

    def change_pin(self, pin: str) -> None:
        """Wrap the same key under another PIN."""
        write_key(self.data_dir / "key.json", pin, self._key, replace=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction that writes: all of it is on disk when it ends well, nothing of it when it raises.

        Raises Problem `disk_full`, `disk_failed`.
        """
        with self._lock:
            if self._in_transaction:
                yield
                return
            with disk_problems():
                self._database.execute("BEGIN IMMEDIATE")
                self._in_transaction = True
                try:
                    yield
                    commit(self._database)
                finally:
                    self._in_transaction = False
                    if self._database.in_transaction:
                        self._database.execute("ROLLBACK")

    def query(self, sql: str, *values: Json) -> list[tuple[Json, ...]]:
        """All rows that a statement gives."""
        with self._lock:
            return list(self._database.execute(sql, values))

    def write(self, sql: str, *values: Json) -> None:
        """Run one statement that writes."""
        assert self._in_transaction, "writes happen inside transaction()"
        self._database.execute(sql, values)

    def integrity(self) -> list[str]:
        """What SQLite's own check finds; empty when all is well."""
        return [str(row[0]) for row in self.query("PRAGMA integrity_check") if row[0] != "ok"]

    def setting(self, key: str) -> Json:
        """A setting's value, None where it was never set."""
        found = self.query("SELECT value FROM setting WHERE key = ?", key)
        return json.loads(found[0][0]) if found else None

    def set_setting(self, key: str, value: Json) -> None:
        """Keep a setting."""
        self.write("INSERT INTO setting VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                   key, json.dumps(value))  # fmt: skip

    def logs(self) -> list[Log]:
        """The log of every enrolment, in their order; the last is the one that is written now."""
        found = self.query("SELECT device, key, kept_after, hash, asked FROM log ORDER BY number")
        return [Log(device, key, kept_after, digest, bool(asked)) for device, key, kept_after, digest, asked in found]

    def add_log(self, device: str, key: str) -> None:
        """Begin the log of a new enrolment."""
        self.write("INSERT INTO log (device, number, key) SELECT ?, coalesce(max(number), 0) + 1, ? FROM log", device, key)

    def kept_after(self, device: str) -> int:
        """The last sequence number of a log that was let go; 0 where all of it is here."""
        found = self.query("SELECT kept_after FROM log WHERE device = ?", device)
        return int(found[0][0]) if found else 0

    def log_head(self, device: str) -> tuple[int, bytes]:
        """The last sequence number of a device's log and the chain hash there."""
        found = self.query("SELECT seq, hash FROM operation WHERE device = ? ORDER BY seq DESC LIMIT 1", device)
        if found:
            return found[0][0], found[0][1]
        last = self.kept_after(device)
        head = self.hash_at(device, last)
        assert head is not None, "the hash is kept where the log was let go"
        return last, head

    def hash_at(self, device: str, seq: int) -> bytes | None:
        """The chain hash after `seq` in a device's log; None where the log does not reach so far, or no longer."""
        if seq == 0:
            return genesis(self.setting("org"), device)
        found = self.query(
            "SELECT hash FROM operation WHERE device = ? AND seq = ?"
            " UNION ALL SELECT hash FROM log WHERE device = ? AND kept_after = ?", device, seq, device, seq,
        )  # fmt: skip
        return found[0][0] if found else None

    def is_backed_up(self, logged: Logged) -> bool:
        """Whether a backup holds it: a backup with anything of the present log was taken after all earlier logs."""
        seq = self.setting("backed_up_seq") or 0
        return seq > 0 if logged.device != self.setting("device") else logged.seq <= seq

    def last_hlc(self) -> Hlc:
        """The last hybrid clock stamp of this store."""
        milliseconds, counter = self.setting("hlc") or (0, 0)
        return (milliseconds, counter)

    def next_hlc(self, now_ms: int) -> Hlc:
        """The stamp of the operation that is written next."""
        return tick(self.last_hlc(), now_ms, first_counter(self.setting("device")))

    def append(self, operation: Operation) -> Logged:
        """Write an operation at the end of the log and lay it over its record's row, in the caller's transaction."""
        device = self.setting("device")
        seq, head = self.log_head(device)
        raw = encode_operation(operation)
        (digest,) = chain(head, [raw])
        self.write("INSERT INTO operation (device, seq, bytes, hash, record_type, record) VALUES (?, ?, ?, ?, ?, ?)",
                   device, seq + 1, raw, digest, operation.type, operation.record)  # fmt: skip
        if operation.hlc > self.last_hlc():
            self.set_setting("hlc", list(operation.hlc))
        self.refresh_view(operation.type, operation.record)
        return self.logged(f"device = '{device}' AND seq = ?", seq + 1)[0]

    def logged(self, condition: str, *values: Json, limit: int = -1) -> list[Logged]:
        """Operations that meet an SQL condition of our own, in the order in which they were written."""
        found = self.query(
            f"SELECT {_LOGGED} FROM operation WHERE {condition} ORDER BY position LIMIT ?",  # noqa: S608
            *values, limit,
        )  # fmt: skip
        return [_logged(*row) for row in found]

    def row(self, record_type: str, record: str) -> Row | None:
        """A record, or None where the device does not know it."""
        found = self.rows("type = ? AND id = ?", record_type, record)
        return found[0] if found else None

    def rows(self, condition: str, *values: Json) -> list[Row]:
        """Records that meet an SQL condition of our own, by type, date and id."""
        found = self.query(
            f"SELECT {_ROW} FROM row WHERE {condition} ORDER BY type, work_date, id",  # noqa: S608
            *values,
        )
        return [
            Row(kind, id_, revision, _record(kind, id_, server), _record(kind, id_, view), bool(fresh), bool(let_go))
            for kind, id_, revision, server, view, fresh, let_go in found
        ]

    def set_server_row(self, record: Record) -> None:
        """Keep a record as the server sent it; the view is made anew by `refresh_view`."""
        self.write(
            "INSERT INTO row (type, id, revision, server) VALUES (?, ?, ?, ?) ON CONFLICT (type, id) DO UPDATE"
            " SET revision = excluded.revision, server = excluded.server, fresh = 1",
            record.type, record.id, record.revision, _text(record),
        )  # fmt: skip

    def refresh_view(self, record_type: str, record: str) -> None:
        """Make the view anew: the server's row with the person's own unsettled operations over it, in log order."""
        row = self.row(record_type, record)
        view = None if row is None else row.server
        overlaid = f"record = ? AND record_type = ? AND superseded = 0 AND {_OVERLAID}"
        if view is not None and row is not None and not row.fresh:
            overlaid += " AND in_old_row = 0"
        operations = [logged.operation for logged in self.logged(overlaid, record, record_type)]
        # A create that was made again, or came from a former log, stands behind what was written on top of it.
        for operation in sorted(operations, key=lambda each: each.kind != "create"):
            view = self._laid_over(view, operation)
        if view is None:
            self.write("DELETE FROM row WHERE type = ? AND id = ?", record_type, record)
            return
        self.write(
            "INSERT INTO row (type, id, view, work_date) VALUES (?, ?, ?, ?) ON CONFLICT (type, id) DO UPDATE"
            " SET view = excluded.view, work_date = excluded.work_date",
            record_type, record, _text(view), view.fields.get("work_date"),
        )  # fmt: skip

    @staticmethod
    def _laid_over(view: Record | None, operation: Operation) -> Record | None:
        after = with_operation(view, operation)
        if after is None or view is None or operation.kind != "create":
            return after
        # A create of a record that the server sent already is a repeat, whatever the record holds now.
        return replace(view, fields={**after.fields, **view.fields}) if view.revision else after

    def drafts(self) -> list[tuple[str, dict[str, Json], int]]:
        """Drafts by id, with their fields and when they were saved (ms)."""
        found = self.query("SELECT id, fields, saved_at FROM draft ORDER BY saved_at, id")
        return [(id_, json.loads(fields), saved_at) for id_, fields, saved_at in found]

    def set_draft(self, draft: str, fields: Mapping[str, Json], saved_at: int) -> None:
        """Keep a draft."""
        self.write("INSERT INTO draft VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET fields = excluded.fields,"
                   " saved_at = excluded.saved_at", draft, json.dumps(dict(fields)), saved_at)  # fmt: skip

    def drop_draft(self, draft: str) -> None:
        """Forget a draft, because it became an operation or its author deleted it."""
        self.write("DELETE FROM draft WHERE id = ?", draft)

    def cursors(self) -> dict[str, int]:
        """The feed number up to which each scope was read."""
        return dict(self.query("SELECT scope, after FROM cursor"))

    def unsent_count(self) -> int:
        """How many operations no server holds: neither received nor in quarantine."""
        return int(self.query("SELECT count(*) FROM operation WHERE state = 'queued'")[0][0]) - self.quarantined_count()

    def quarantined_count(self) -> int:
        """How many operations the server has set aside until an admin decides."""
        return int(
            self.query(
                "SELECT count(*) FROM operation WHERE state = 'queued' AND device = ? AND seq <= ?",
                self.setting("device"), self.setting("quarantined_seq") or 0,
            )[0][0]
        )  # fmt: skip

    def wipe(self, at_ms: int) -> None:
        """Forget everything but that it was asked for; deleted pages are overwritten (`secure_delete`)."""
        for table in ("operation", "log", "row", "draft", "cursor", "imported", "setting"):
            self.write(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        self.set_setting("wiped_at", at_ms)

    def waiting(self, after: int, device: str, limit: int) -> Sequence[Logged]:
        """Operations of a device's log beyond `after`, in log order."""
        return self.logged("device = ? AND seq > ?", device, after, limit=limit)


def _make_folder(folder: Path) -> None:
    """Make a folder for its owner only, so that a power cut does not take away its name with all that is in it."""
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in reversed(new):
        sync_folder(each.parent)


def _logged(*columns: Json) -> Logged:
    values = list(columns)
    values[8:10] = [bool(value) for value in columns[8:10]]
    return Logged(*values)


def _text(record: Record) -> str:
    return json.dumps(
        {"revision": record.revision, "fields": dict(record.fields), "voided": record.voided, "clash": record.clash}
    )


def _record(record_type: str, record: str, text: str | None) -> Record | None:
    if text is None:
        return None
    value = json.loads(text)
    return Record(record_type, record, value["revision"], value["fields"], value["voided"], value["clash"])

"""The yardstick: what a bare endpoint without any of Lontara's rules takes, under the same HTTP server.

It inflates, decodes into typed rows and writes them with one idempotent upsert, in one transaction, into a table with
the columns and the two indexes of Lontara's own entries. No signature, no log, no history, no feed, no merge, no rule
and nothing to read: whoever sends last wins. On PostgreSQL one INSERT … SELECT unnest with binary lists, on SQLite an
executemany behind a lock in the process; both are the fastest plain ways that were found.
"""

from __future__ import annotations

import argparse
import gzip
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
import psycopg
from flask import Flask, Response, request
from sqlalchemy import make_url

from bench.device import Device, http_request
from lontara_core.compression import deflate
from lontara_server.cli.serving import listen, serve, serve_in_processes
from lontara_server.storage.engine import make_engine
from lontara_server.storage.models import ActivityEntry, table_of

PATH: Final = "/rows"
JSON: Final = "application/json"


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as it is sent, with its id, when it was written, and its place in the sender's log."""

    id: UUID
    work_date: date
    start_time: str
    end_time: str
    title: str
    description: str
    quantity: str
    output_unit: str
    target_id: UUID
    captured_at: int
    writer_seq: int
    place: str | None = None


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch: what all its rows share, and the rows."""

    owner: UUID
    org_unit: UUID
    supervisor: UUID
    position: str
    device: UUID
    rows: list[Row]


SENT: Final = Row.__struct_fields__
SHARED: Final = ("owner", "org_unit", "supervisor", "position", "writer_device", "recorded_at")
_TYPES: Final = {"id": "uuid", "target_id": "uuid", "work_date": "date", "captured_at": "int8", "writer_seq": "int8"}
_FIXED: Final = {"org_id": "1", "revision": "1", "voided": "false", "review_state": "'submitted'"}
_decoder: Final = msgspec.json.Decoder(Rows)


def _conflict() -> str:
    updated = [name for name in (*SENT, *SHARED) if name != "id"]
    changes = ", ".join(f"{name} = excluded.{name}" for name in updated)
    return f"ON CONFLICT (org_id, id) DO UPDATE SET revision = activity_entry.revision + 1, {changes}"


def _columns() -> str:
    return ", ".join((*_FIXED, *SHARED, *SENT))


def postgres_statement() -> str:
    """One statement for a batch: a list for each column that is sent, one value for what its rows share."""
    shared = ("%b::uuid", "%b::uuid", "%b::uuid", "%b::text", "%b::uuid", "%b::int8")
    values = ", ".join((*_FIXED.values(), *shared, *(f"sent.{name}" for name in SENT)))
    lists = ", ".join(f"%b::{_TYPES.get(name, 'text')}[]" for name in SENT)
    return (
        f"INSERT INTO activity_entry ({_columns()}) SELECT {values}"
        f" FROM unnest({lists}) AS sent ({', '.join(SENT)}) {_conflict()}"
    )


def sqlite_statement() -> str:
    """One statement for a row."""
    values = ", ".join((*_FIXED.values(), *("?" for _ in (*SHARED, *SENT))))
    return f"INSERT INTO activity_entry ({_columns()}) VALUES ({values}) {_conflict()}"


def upsert_into(database_url: str) -> Callable[[Rows], int]:
    """What writes one batch, with a connection for each thread. The table is made now."""
    engine = make_engine(database_url)
    table_of(ActivityEntry).create(engine, checkfirst=True)
    engine.dispose()
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _upsert_into_sqlite(str(url.database))
    return _upsert_into_postgres(str(url.query["host"]), str(url.username), str(url.database))


def _upsert_into_postgres(host: str, user: str, database: str) -> Callable[[Rows], int]:
    of_thread, statement = threading.local(), postgres_statement()

    def upsert(sent: Rows) -> int:
        if not hasattr(of_thread, "cursor"):
            connection = psycopg.connect(
                host=host, user=user, dbname=database, autocommit=True, prepare_threshold=0,
                options="-c plan_cache_mode=force_generic_plan",
            )  # fmt: skip
            of_thread.cursor = connection.cursor()
        lists = [[getattr(row, name) for row in sent.rows] for name in SENT]
        of_thread.cursor.execute(statement, [*_shared(sent), *lists])
        return len(sent.rows)

    return upsert


def _upsert_into_sqlite(path: str) -> Callable[[Rows], int]:
    of_thread, statement, one_writer = threading.local(), sqlite_statement(), threading.Lock()

    def upsert(sent: Rows) -> int:
        if not hasattr(of_thread, "connection"):
            of_thread.connection = sqlite3.connect(path, isolation_level=None, timeout=20)
            for pragma in ("journal_mode = WAL", "synchronous = FULL"):
                of_thread.connection.execute(f"PRAGMA {pragma}")
        shared = [value.bytes if isinstance(value, UUID) else value for value in _shared(sent)]
        rows = [(*shared, *_sqlite_row(row)) for row in sent.rows]
        connection = of_thread.connection
        with one_writer:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
        return len(rows)

    return upsert


def _sqlite_row(row: Row) -> list[str | int | bytes | None]:
    return [
        row.id.bytes, row.work_date.isoformat(), row.start_time, row.end_time, row.title, row.description, row.quantity,
        row.output_unit, row.target_id.bytes, row.captured_at, row.writer_seq, row.place,
    ]  # fmt: skip


def _shared(sent: Rows) -> list[UUID | str | int]:
    return [sent.owner, sent.org_unit, sent.supervisor, sent.position, sent.device, time.time_ns() // 1_000_000]


def requests_of(device: Device, port: int, size: int, *, edited: bool = False) -> list[bytes]:
    """What a device would send here for the entries that it has written, in batches of `size`."""
    rows = [
        {"id": record, "captured_at": whole["at"], "writer_seq": seq, **whole["fields"]}
        for seq, (record, whole) in enumerate(zip(device.records, device.shown(edited=edited), strict=True), start=1)
    ]
    place = device.place
    shared = {
        "owner": place.employee, "org_unit": place.org_unit, "supervisor": place.supervisor,
        "position": place.position, "device": device.id,
    }  # fmt: skip
    bodies = (
        deflate(msgspec.json.encode({**shared, "rows": rows[start : start + size]}))
        for start in range(0, len(rows), size)
    )
    return [http_request(PATH, port, body, {"Content-Encoding": "gzip"}) for body in bodies]


def make_app(upsert: Callable[[Rows], int]) -> Flask:
    """The endpoint."""
    app = Flask("yardstick", static_folder=None)

    @app.post(PATH)
    def take() -> Response:
        taken = upsert(_decoder.decode(gzip.decompress(request.get_data())))
        return Response(msgspec.json.encode({"taken": taken}), content_type=JSON)

    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until stopped, as `lontara-server run` does and with the same number of processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args(arguments)
    upsert, listening = upsert_into(options.database_url), listen("127.0.0.1", 0)

    def work() -> None:
        serve(make_app(upsert), listening)

    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)
    if options.processes == 1:
        work()
    else:
        serve_in_processes(options.processes, work)


if __name__ == "__main__":
    main()

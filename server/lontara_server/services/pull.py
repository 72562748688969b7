"""What a device reads: pages of its scopes in feed order, each record once and in its latest state
(sync_protocol.md §7, §10). Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from lontara_core.messages import Attention, Page, Removal, Row
from lontara_core.operations import decode_operation
from lontara_core.record_types import RECORD_TYPES
from lontara_server.services.score_feed import SCORE, scores_by_id
from lontara_server.storage import operations as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import AttentionState, DeviceState, FeedRow, WireRow

SELF: Final = "self"
UNIT: Final = "unit:"
# A row names up to fifty records, and what lies beyond the page's budget has been read in vain.
FEED_ROWS_READ: Final = 8
PULL_BYTES_MIN: Final = 4_096
PULL_BYTES_MAX: Final = 1_048_576
_SERVER_ONLY: Final = {
    name: [field for field, spec in kind.fields.items() if spec.rule == "server_only"]
    for name, kind in RECORD_TYPES.items()
}
_encode: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Reader:
    """Who reads. `short_form`: device and server agree on the device's log, so its own creates need not come in full."""

    connection: Connection
    org_id: int
    device: DeviceState
    upto: int
    short_form: bool


def read_scopes(reader: Reader, allowed: list[str], cursors: dict[str, int], budget: int) -> list[Page]:
    """One page for each scope that the device names and may read, within a budget of bytes for all of them."""
    left = max(PULL_BYTES_MIN, min(budget, PULL_BYTES_MAX))
    pages = []
    for scope in allowed:
        if scope not in cursors:
            continue
        page = _read_page(reader, scope, max(0, cursors[scope]), left)
        left = max(0, left - len(_encode(page)))
        pages.append(page)
    return pages


def _read_page(reader: Reader, scope: str, after: int, budget: int) -> Page:
    if after >= reader.upto:
        return Page(scope=scope, next=after)
    if not reader.short_form or after == 0:
        reader = replace(reader, short_form=False)
    if budget <= 0:
        return Page(scope=scope, next=after, more=True)
    rows: list[Any] = []
    removals: list[Removal] = []
    spent = 0
    while True:
        feed = _feed(reader, scope, after)
        current = _current(reader, feed)
        for line in feed:
            taken, removed = _deliver(reader, line, current)
            # Encoded once, for the budget and for the answer.
            rows += map(msgspec.Raw, taken)
            removals += removed
            after = line.seq
            spent += sum(map(len, taken)) + len(_encode(removed))
            if spent >= budget:
                return Page(scope=scope, next=after, rows=rows, removals=removals, more=after < reader.upto)
        if len(feed) < FEED_ROWS_READ:
            return Page(scope=scope, next=reader.upto, rows=rows, removals=removals)


def _feed(reader: Reader, scope: str, after: int) -> list[FeedRow]:
    unit = scope.removeprefix(UNIT) if scope.startswith(UNIT) else None
    return store.feed_after(
        reader.connection, reader.org_id, after, reader.upto,
        owner=reader.device.employee_id, unit=unit, limit=FEED_ROWS_READ,
    )  # fmt: skip


def _current(reader: Reader, feed: list[FeedRow]) -> dict[tuple[str, str], WireRow]:
    wanted: dict[str, set[str]] = {}
    for line in feed:
        if line.removal is None:
            for record_type, record, _ in line.records:
                wanted.setdefault(record_type, set()).add(record)
    return {
        (record_type, key): row
        for record_type, ids in wanted.items()
        for key, row in _rows_of(reader, record_type, ids).items()
    }


def _rows_of(reader: Reader, record_type: str, ids: set[str]) -> dict[str, WireRow]:
    if record_type != SCORE:
        return store.wire_rows(reader.connection, reader.org_id, record_type, ids)
    employee = reader.device.employee_id
    assert employee is not None, "a score is fed to its owner alone"
    rows = {}
    for key, row in scores_by_id(reader.connection, reader.org_id, employee).items():
        given = {name: value for name, value in row["fields"].items() if value is not None}
        rows[key] = WireRow(key, row["revision"], voided=False, fields=given)
    return rows


def _deliver(
    reader: Reader, line: FeedRow, current: dict[tuple[str, str], WireRow]
) -> tuple[list[bytes], list[Removal]]:
    """The rows, encoded, whose present revision this line brought: each record arrives from one line only."""
    if line.removal is not None:
        reason = line.removal
        return [], [Removal(type=kind, id=key, revision=rev, reason=reason) for kind, key, rev in line.records]
    found = []
    for record_type, key, revision in line.records:
        row = current.get((record_type, key))
        if row is not None and row.revision == revision:
            found.append(_encode(_row(reader, record_type, row)))
    return found, []


def _row(reader: Reader, record_type: str, row: WireRow) -> Row:
    if reader.short_form and row.own_create is not None and row.own_create[0] == reader.device.id:
        return Row(
            type=record_type, id=row.id, revision=row.revision, fields=_added_by_server(record_type, row),
            voided=row.voided, seq=row.own_create[1],
        )  # fmt: skip
    return Row(
        type=record_type, id=row.id, revision=row.revision, fields=row.fields, voided=row.voided, clash=row.clash
    )


def _added_by_server(record_type: str, row: WireRow) -> dict[str, Any]:
    found = ((name, getattr(row.fields, name)) for name in _SERVER_ONLY[record_type])
    return {name: value for name, value in found if value is not None}


def scopes_of(connection: Connection, org_id: int, device: DeviceState, today: Any) -> list[str]:
    """What this device may read now: its person's own, and the units that the person supervises."""
    if device.employee_id is None:
        return []
    units = store.units_supervised(connection, org_id, device.employee_id, today)
    return [SELF, *(f"{UNIT}{unit}" for unit in units)]


def attention_of(connection: Connection, org_id: int, device: DeviceState) -> list[Attention]:
    """The open attention of the device's lineage; `device` names the earlier id under which an operation came."""
    rows = store.attention_of_lineage(connection, org_id, device.lineage)
    actors = store.server_actors(connection, org_id) if rows else frozenset()
    return [_attention(row, device, actors) for row in rows]


def _attention(row: AttentionState, device: DeviceState, actors: frozenset[str]) -> Attention:
    of, seq = row.device, row.seq
    if of in actors:
        # Accepted from quarantine: its author knows it by the place of its first signing.
        origin = decode_operation(row.operation).origin
        assert origin is not None, "what the server writes for itself never waits"
        of, seq = origin.device, origin.seq
    return Attention(
        seq=seq, verdict=row.verdict,  # type: ignore[arg-type]  # the column holds verdicts only
        type=row.record_type, record=row.record, code=row.code, field=row.field, message=row.message,
        conflict=row.conflict, device=None if of == device.id else of,
    )  # fmt: skip

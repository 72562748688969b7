"""A record as plain values: the hash that a reviewer judges, and an operation laid over a row (sync_protocol.md §8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from lontara_core.canonical import Json, encode, sha256_hex
from lontara_core.operations import Operation, minutes_between
from lontara_core.record_types import RECORD_TYPES


class Record(msgspec.Struct, frozen=True):
    """A record's state. `fields` leaves out what is empty; `clash` is the hash of open candidates, if any."""

    type: str
    id: str
    revision: int
    fields: Mapping[str, Json] = {}
    voided: bool = False
    clash: str | None = None


def judged_hash(record: Record) -> str:
    """The hash of what a person sees of a record: judged fields that are not empty, void mark, open candidates."""
    spec = RECORD_TYPES[record.type]
    fields = {name: record.fields[name] for name in spec.judged_fields if record.fields.get(name) is not None}
    return sha256_hex(encode({"clash": record.clash, "fields": fields, "id": record.id, "voided": record.voided}))


def with_operation(record: Record | None, operation: Operation) -> Record | None:
    """The record as its author sees it with this operation applied, whatever the server will say of it."""
    if operation.kind == "create":
        return created(operation)
    if record is None:
        return None
    if operation.kind == "set":
        return replace(record, fields=_tidied(record.type, {**record.fields, **operation.fields}))
    if operation.kind in ("void", "restore"):
        return replace(record, voided=operation.kind == "void")
    if operation.kind == "review" and operation.type == "activity_entry":
        fields = {
            **record.fields,
            "review_state": operation.fields["verdict"],
            "review_note": operation.fields.get("note"),
        }
        return replace(record, fields=_tidied(record.type, fields))
    return record


def created(operation: Operation, record: str | None = None) -> Record:
    """The record that a create makes, before the server adds what only it knows; `record` is its id, where known."""
    fields = {**RECORD_TYPES[operation.type].initial, **operation.fields}
    return Record(operation.type, record or operation.record, 0, _tidied(operation.type, fields))


def _tidied(record_type: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Without empty fields, and with an entry's duration told by its times where it has them."""
    kept = fields
    if None in fields.values():
        kept = {name: value for name, value in fields.items() if value is not None}
    if record_type == "activity_entry" and "start_time" in kept and "end_time" in kept:
        kept["duration_minutes"] = minutes_between(kept["start_time"], kept["end_time"])
    return kept

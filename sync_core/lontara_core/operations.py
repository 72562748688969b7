"""Operations: one change to one record, as a device's log holds it (sync_protocol.md §5).

An operation is decoded from the canonical bytes that were hashed. It names neither its device nor its sequence
number: the chain gives both. Merging belongs to `merge`, hashing to `log`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec

from lontara_core.canonical import INTEGER_MAX, Json, NotCanonical, decode, encode, is_hash, is_plain
from lontara_core.identifiers import is_id, record_id
from lontara_core.record_type import RecordType
from lontara_core.record_types import FIELD_SHAPES, RECORD_TYPES, ActivityEntryFields

Kind: TypeAlias = Literal["create", "set", "void", "restore", "review", "answer", "resolve", "reopen"]
KINDS: Final = ("create", "set", "void", "restore", "review", "answer", "resolve", "reopen")
SCHEMA_VERSION: Final = 1
OPERATION_BYTES_MAX: Final = 32_768
SUPERSEDES_MAX: Final = 500
# Room for the days and months around each day, whatever the calendar of the reader.
YEAR_MIN: Final = 1900
YEAR_MAX: Final = 2200
_NAME_SHOWN_MAX: Final = 80
OFFSET_MAX: Final = 14 * 60
_Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]


class Origin(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The first signing of an operation: device, sequence number there, chain hash there."""

    device: str
    seq: _Natural
    hash: str


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the author saw: the revision (for display) and the judged hash (which decides)."""

    hash: str
    revision: _Natural


class Operation(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One operation. `at` and `hlc[0]` are ms since 1970 UTC, `offset` minutes east of UTC, `mono` ms since boot."""

    kind: Kind
    type: str
    at: int
    offset: int
    hlc: tuple[int, int]
    v: int = SCHEMA_VERSION
    id: str | None = None
    fields: dict[str, Any] = {}
    was: dict[str, Any] = {}
    mono: int | None = None
    boot: str | None = None
    judged: Judged | None = None
    supersedes: tuple[Origin, ...] = ()
    origin: Origin | None = None
    by: str | None = None

    @property
    def record(self) -> str:
        """The id of the record that it is about; a create without an id derives it from what it holds."""
        return self.id if self.id is not None else record_id(self.type, self.fields, self.hlc)


class Refused(Exception):
    """One operation cannot be taken: a stable code, the field at fault if there is one, and why in words."""

    def __init__(self, code: str, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.field = field


class _EntryEdit(Operation, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A create or set of an entry with all that its type can say: nearly every operation is one of these."""

    kind: Literal["create", "set"]
    type: Literal["activity_entry"]
    at: _Natural
    offset: Annotated[int, msgspec.Meta(ge=-OFFSET_MAX, le=OFFSET_MAX)]
    hlc: tuple[_Natural, _Natural]
    v: Literal[1] = 1
    fields: ActivityEntryFields = {}  # type: ignore[assignment]  # narrower on purpose
    was: ActivityEntryFields = {}  # type: ignore[assignment]
    mono: _Natural | None = None
    supersedes: Annotated[tuple[Origin, ...], msgspec.Meta(max_length=SUPERSEDES_MAX)] = ()


_decoder = msgspec.json.Decoder(Operation)
_entry_edits = msgspec.json.Decoder(_EntryEdit)


def encode_operation(operation: Operation) -> bytes:
    """The canonical bytes of an operation, the ones that are hashed, stored and sent."""
    return encode(operation)


def decode_operation(raw: bytes) -> Operation:
    """The operation that `raw` holds, checked for form; raises Refused with the code of the first fault."""
    if len(raw) > OPERATION_BYTES_MAX:
        raise Refused("operation_too_large", f"{len(raw)} bytes; the limit is {OPERATION_BYTES_MAX}")
    return _decode_plain(raw) or _decode_any(raw)


def _decode_plain(raw: bytes) -> Operation | None:
    """An entry's create or set whose types and bytes are in order; None where `_decode_any` has to look.

    The same verdict at a tenth of the time: what is checked here value by value in C needs no walk in Python.
    """
    try:
        edit = _entry_edits.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not is_plain(raw, edit):
        return None
    operation = Operation(
        kind=edit.kind, type=edit.type, at=edit.at, offset=edit.offset, hlc=edit.hlc, v=edit.v, id=edit.id,
        fields=dict(edit.fields), was=dict(edit.was), mono=edit.mono, boot=edit.boot, judged=edit.judged,
        supersedes=edit.supersedes, origin=edit.origin, by=edit.by,
    )  # fmt: skip
    record_type = RECORD_TYPES[operation.type]
    # Its type has bounded the numbers.
    _check_names(operation)
    _check_days(record_type, operation.fields)
    _check_kind(operation, record_type)
    return operation


def _decode_any(raw: bytes) -> Operation:
    """An operation of any kind and type, and the code of what is at fault."""
    try:
        decode(raw)
    except NotCanonical as error:
        raise Refused("not_canonical", str(error)) from error
    try:
        operation = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise Refused("malformed_operation", str(error)) from error
    check_operation(operation)
    if encode(operation) != raw:
        raise Refused("not_canonical", "a key that says no more than its absence")
    return operation


def check_operation(operation: Operation) -> None:
    """Raise Refused when the operation's form is at fault; the server and the author's device ask the same."""
    record_type = RECORD_TYPES.get(operation.type)
    if record_type is None:
        raise Refused("unknown_type", f"no record type {operation.type[:_NAME_SHOWN_MAX]!r}")
    if operation.v > SCHEMA_VERSION or operation.v < 1:
        raise Refused("unknown_schema_version", f"schema version {operation.v}")
    _check_numbers(operation)
    _check_names(operation)
    if operation.kind in ("create", "set"):
        check_fields(record_type, operation.fields)
    _check_kind(operation, record_type)


def _check_kind(operation: Operation, record_type: RecordType) -> None:
    if operation.kind == "create":
        _check_create(operation, record_type)
    elif operation.kind == "set":
        _check_set(operation, record_type)
    else:
        _check_act(operation)


def _check_numbers(operation: Operation) -> None:
    milliseconds, counter = operation.hlc
    for number in (operation.at, milliseconds, counter, operation.mono or 0):
        if not 0 <= number <= INTEGER_MAX:
            raise Refused("malformed_operation", "a time or counter out of range")
    if not -OFFSET_MAX <= operation.offset <= OFFSET_MAX:
        raise Refused("malformed_operation", "offset is in minutes, from -840 to 840", "offset")
    if len(operation.supersedes) > SUPERSEDES_MAX:
        raise Refused("malformed_operation", f"more than {SUPERSEDES_MAX} superseded operations", "supersedes")


def _check_names(operation: Operation) -> None:
    if operation.id is not None and not is_id(operation.id):
        raise Refused("malformed_operation", "an id is a lower-case UUID", "id")
    if operation.id is None and operation.kind != "create":
        raise Refused("malformed_operation", f"{operation.kind} needs an id", "id")
    origins = operation.supersedes if operation.origin is None else (*operation.supersedes, operation.origin)
    for origin in origins:
        if not (is_id(origin.device) and origin.seq >= 1 and is_hash(origin.hash)):
            raise Refused("malformed_operation", "an origin is a device, a sequence number and a chain hash")
    if operation.judged is not None and not (is_hash(operation.judged.hash) and operation.judged.revision >= 0):
        raise Refused("malformed_operation", "judged is a revision and a hash", "judged")


def check_fields(record_type: RecordType, fields: dict[str, Json]) -> None:
    """Raise Refused unless every field is known and has the shape that the schema gives it."""
    for name in fields:
        if name not in record_type.fields:
            shown = name[:_NAME_SHOWN_MAX]
            raise Refused("unknown_field", f"{record_type.name} has no field {shown!r}", shown)
    try:
        msgspec.convert(fields, FIELD_SHAPES[record_type.name])
    except msgspec.ValidationError as error:
        field = str(error).rpartition("$.")[2].partition("`")[0].partition("[")[0]
        raise Refused("invalid_field", str(error), field or None) from error
    _check_days(record_type, fields)


def _check_days(record_type: RecordType, fields: dict[str, Json]) -> None:
    for name in record_type.dates:
        value = fields.get(name)
        if value is not None:
            try:
                day = date.fromisoformat(value)
            except ValueError as error:
                raise Refused("invalid_field", f"{value!r} is no day of the calendar", name) from error
            if not YEAR_MIN <= day.year <= YEAR_MAX:
                raise Refused("invalid_field", f"a day is of the years {YEAR_MIN} to {YEAR_MAX}", name)


def _check_create(operation: Operation, record_type: RecordType) -> None:
    if operation.was or operation.judged:
        raise Refused("malformed_operation", "a create has neither was nor judged")
    for name in record_type.required:
        if operation.fields.get(name) is None:
            raise Refused("missing_field", f"{name} is required", name)
    check_when(record_type, operation.fields)


def _check_set(operation: Operation, record_type: RecordType) -> None:
    if not operation.fields:
        raise Refused("malformed_operation", "a set changes at least one field", "fields")
    expected = {name for field in operation.fields for name in record_type.group_of(field)}
    if set(operation.was) != expected:
        raise Refused(
            "malformed_operation", "was names every changed field, and all of an atomic group that is touched", "was"
        )
    # What was seen is a base for merging and shown to people, so it has the shape of the field, or nothing.
    check_fields(record_type, {name: value for name, value in operation.was.items() if value is not None})


def check_when(record_type: RecordType, fields: dict[str, Json]) -> None:
    """Both times or neither; without times a duration. Checked on the whole record, so also after a merge."""
    if record_type.name != "activity_entry":
        return
    start, end = fields.get("start_time"), fields.get("end_time")
    if (start is None) != (end is None):
        raise Refused(
            "invalid_field", "start_time and end_time stand together", "end_time" if end is None else "start_time"
        )
    if start is None and fields.get("duration_minutes") is None:
        raise Refused("missing_field", "an entry has times or a duration", "duration_minutes")
    if start is None or end is None:
        return
    if fields.get("duration_minutes") not in (None, minutes_between(start, end)):
        raise Refused("invalid_field", "duration_minutes is not the distance of the times", "duration_minutes")


def minutes_between(start: str, end: str) -> int:
    """Minutes from HH:MM to HH:MM; an end that is not later lies on the next day (1 to 1440)."""
    distance = _MINUTES[end] - _MINUTES[start]
    return distance if distance > 0 else distance + 1440


_MINUTES: Final = {f"{minute // 60:02}:{minute % 60:02}": minute for minute in range(24 * 60)}


def minute_of_day(text: str) -> int:
    """Minutes since midnight at HH:MM."""
    return _MINUTES[text]


_ACT_FIELDS: Final[dict[str, dict[str, bool]]] = {
    # By kind: the fields that it may hold, and whether each is required.
    "void": {"reason": False},
    "restore": {"reason": False},
    "review": {"verdict": True, "note": False},
    "answer": {"text": True},
    "resolve": {"choice": True, "candidate": False, "values": False, "survivor": False, "void": False, "reason": True},
    "reopen": {"reason": True},
}
CHOICES: Final = ("keep_server", "keep_device", "values", "keep_both", "merge", "void")
VERDICTS_OF_REVIEW: Final = ("approved", "needs_revision", "rejected", "submitted")


def _check_act(operation: Operation) -> None:
    if operation.kind in ("answer", "resolve", "reopen") and operation.type != "conflict":
        raise Refused("malformed_operation", f"{operation.kind} is about a conflict", "type")
    allowed = _ACT_FIELDS[operation.kind]
    for name in operation.fields:
        if name not in allowed:
            shown = name[:_NAME_SHOWN_MAX]
            raise Refused("unknown_field", f"{operation.kind} has no field {shown!r}", shown)
    for name, required in allowed.items():
        value = operation.fields.get(name)
        if required and not value:
            raise Refused("missing_field", f"{operation.kind} needs {name}", name)
        if name not in ("values",) and value is not None and not (isinstance(value, str) and len(value) <= 2000):
            raise Refused("invalid_field", f"{name} is text of at most 2000 characters", name)
    if operation.kind in ("void", "restore", "review", "resolve") and operation.judged is None:
        raise Refused("missing_field", f"{operation.kind} names what its author saw", "judged")
    if operation.kind == "review" and operation.fields["verdict"] not in VERDICTS_OF_REVIEW:
        raise Refused("invalid_field", "verdict is one of " + ", ".join(VERDICTS_OF_REVIEW), "verdict")
    if (
        operation.kind == "review"
        and operation.fields["verdict"] in ("needs_revision", "rejected")
        and not operation.fields.get("note")
    ):
        raise Refused("missing_field", "a return or a rejection says why", "note")
    if operation.kind == "resolve" and operation.fields["choice"] not in CHOICES:
        raise Refused("invalid_field", "choice is one of " + ", ".join(CHOICES), "choice")

"""Operations of good and bad form: each fault has its code, and what an author writes is what a server reads."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.canonical import encode
from lontara_core.operations import (
    OPERATION_BYTES_MAX,
    Judged,
    Operation,
    Origin,
    Refused,
    decode_operation,
    encode_operation,
    minutes_between,
)

ID = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"
FIELDS: dict[str, Any] = {"work_date": "2026-11-20", "start_time": "08:00", "end_time": "10:00", "title": "Rapat"}
CREATE: dict[str, Any] = {
    "at": 1_795_000_000_000, "fields": FIELDS, "hlc": [1_795_000_000_000, 0], "kind": "create", "offset": 480,
    "type": "activity_entry",
}  # fmt: skip
SET = {**CREATE, "kind": "set", "id": ID, "fields": {"title": "B"}, "was": {"title": "A"}}
REVIEW = {
    **CREATE, "kind": "review", "id": ID, "fields": {"verdict": "approved"}, "judged": {"hash": "0" * 64, "revision": 1},
}  # fmt: skip


def code_of(operation: dict[str, Any]) -> str:
    with pytest.raises(Refused) as caught:
        decode_operation(encode(operation))
    return caught.value.code


@pytest.mark.parametrize("operation", [CREATE, SET, REVIEW], ids=lambda operation: operation["kind"])
def test_an_operation_of_good_form_is_read_and_written_with_the_same_bytes(operation: dict[str, Any]) -> None:
    raw = encode(operation)

    assert encode_operation(decode_operation(raw)) == raw


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("unknown_type", {"type": "horse"}),
        ("unknown_schema_version", {"v": 2}),
        ("malformed_operation", {"kind": "explode"}),
        ("malformed_operation", {"surprise": 1}),
        ("malformed_operation", {"offset": 900}),
        ("malformed_operation", {"hlc": [-1, 0]}),
        ("malformed_operation", {"id": ID.upper()}),
        ("malformed_operation", {"was": {"title": "A"}}),
        ("malformed_operation", {"origin": ["x", 1, "0" * 64]}),
        ("unknown_field", {"fields": {**FIELDS, "colour": "red"}}),
        ("missing_field", {"fields": {name: FIELDS[name] for name in FIELDS if name != "title"}}),
        ("missing_field", {"fields": {"work_date": "2026-11-20", "title": "Rapat"}}),
        ("invalid_field", {"fields": {**FIELDS, "work_date": "2026-02-30"}}),
        ("invalid_field", {"fields": {**FIELDS, "start_time": "8:00"}}),
        ("invalid_field", {"fields": {**FIELDS, "start_time": "08:00\n"}}),
        ("invalid_field", {"fields": {**FIELDS, "end_time": None}}),
        ("invalid_field", {"fields": {**FIELDS, "duration_minutes": 30}}),
        ("invalid_field", {"fields": {**FIELDS, "quantity": "2.50"}}),
        ("invalid_field", {"fields": {**FIELDS, "quantity": 2}}),
        ("invalid_field", {"fields": {**FIELDS, "title": ""}}),
        ("operation_too_large", {"fields": {**FIELDS, "description": "x" * OPERATION_BYTES_MAX}}),
    ],
)
def test_a_create_at_fault_is_refused_with_the_code_of_its_fault(code: str, changes: dict[str, Any]) -> None:
    assert code_of({**CREATE, **changes}) == code


@pytest.mark.parametrize(
    ("code", "operation"),
    [
        ("malformed_operation", {name: SET[name] for name in SET if name != "id"}),
        ("malformed_operation", {**SET, "fields": {}, "was": {}}),
        ("malformed_operation", {**SET, "was": {}}),
        ("malformed_operation", {**SET, "fields": {"quantity": "2"}, "was": {"quantity": "1"}}),
        ("invalid_field", {**SET, "fields": {"title": None}}),
        ("missing_field", {name: REVIEW[name] for name in REVIEW if name != "judged"}),
        ("missing_field", {**REVIEW, "fields": {"verdict": "needs_revision"}}),
        ("missing_field", {**REVIEW, "type": "conflict", "kind": "answer", "fields": {}}),
        ("invalid_field", {**REVIEW, "fields": {"verdict": "perhaps"}}),
        ("invalid_field", {**REVIEW, "type": "conflict", "kind": "resolve", "fields": {"choice": "toss", "reason": "x"}}),
        ("malformed_operation", {**REVIEW, "kind": "answer", "fields": {"text": "x"}}),
        ("unknown_field", {**REVIEW, "fields": {"verdict": "approved", "stars": "5"}}),
    ],
)
def test_another_operation_at_fault_is_refused_with_the_code_of_its_fault(code: str, operation: dict[str, Any]) -> None:
    assert code_of(operation) == code


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"kind":"create","kind":"set"}', b"\xff", b"[" * 9000])
def test_bytes_that_are_no_operation_are_refused_and_never_break_the_reader(raw: bytes) -> None:
    with pytest.raises(Refused):
        decode_operation(raw)


def test_spaces_between_the_keys_are_not_canonical() -> None:
    with pytest.raises(Refused) as caught:
        decode_operation(encode(CREATE).replace(b":", b": ", 1))

    assert caught.value.code == "not_canonical"


def test_an_operation_chained_anew_keeps_its_record() -> None:
    operation = decode_operation(encode(CREATE))

    anew = msgspec.structs.replace(operation, origin=Origin(ID, 3, "0" * 64))

    assert anew.record == operation.record


def test_a_later_count_of_the_clock_makes_another_record() -> None:
    operation = decode_operation(encode(CREATE))

    later = msgspec.structs.replace(operation, hlc=(operation.hlc[0], 1))

    assert later.record != operation.record


def test_defaults_are_left_out_of_the_bytes() -> None:
    operation = Operation(
        kind="void", type="activity_entry", id=ID, at=1, offset=0, hlc=(1, 0), judged=Judged("0" * 64, 1)
    )

    assert set(msgspec.json.decode(encode_operation(operation))) == {
        "at",
        "hlc",
        "id",
        "judged",
        "kind",
        "offset",
        "type",
    }


@pytest.mark.parametrize(
    ("start", "end", "minutes"), [("08:00", "10:00", 120), ("22:00", "02:00", 240), ("08:00", "08:00", 1440)]
)
def test_an_end_that_is_not_later_lies_on_the_next_day(start: str, end: str, minutes: int) -> None:
    assert minutes_between(start, end) == minutes


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    try:
        operation = decode_operation(raw)
    except Refused:
        return
    assert encode_operation(operation) == raw

"""Strict JSON: what two readers could understand differently is refused, and nothing else."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.canonical import INTEGER_MAX
from lontara_core.messages import SyncRequest
from lontara_core.strict_json import DEPTH_MAX, NotStrict, decode, decode_sync_request, read

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=["\0"]), max_size=20)
leaves = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
REQUEST = {"protocol": 1, "epoch": "e", "head_seq": 0, "head": "0" * 64}
OPERATIONS = b'[{"a":1e999},{"a":1,"a":2},"\xff",1.5]'
BATCH = (
    b'{"protocol":1,"epoch":"e","head_seq":0,"head":"h","batch":{"first":1,"last":4,"prev":"p","head":"h","epoch":"e",'
    b'"signature":"s","operations":' + OPERATIONS + b"}}"
)


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_every_value_is_read_whatever_library_has_written_it(value: Any, ascii_only: bool, indent: int | None) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()

    assert read(raw) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_never_break_the_reader(raw: bytes) -> None:
    try:
        value = read(raw)
    except NotStrict:
        return

    assert value == json.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b" ", b"x", b"{} x", b"{}{}", b"[1,]", b'{"a":1,}', b"01", b"+1", b"1.", b".5", b"0x1", b"'a'", b"//",
        b"1.5", b"1.0", b"1e2", b"1e999", b"-1e999", b"NaN", b"Infinity", b"-Infinity",
        b"9007199254740992", b"-9007199254740992", b"9" * 5000,
        b'{"a":1,"a":1}', b'{"a":1,"\\u0061":1}', b'[{"a":{"b":1,"b":2}}]',
        b'"\\ud800"', b'"\\udc00\\ud800"', b'{"\\ud800":1}', b'"\\u0000"', b'{"\\u0000":1}', b'"a\x00"', b'"\n"', b'"\\x41"',
        b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b"\xef\xbb\xbf{}", "{}".encode("utf-16"), "{}".encode("utf-32"),
        b"[" * 100_000, b"]" * 100_000, b"[" * 33 + b"]" * 33, b'{"a":' * 33 + b"1" + b"}" * 33,
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(raw: bytes) -> None:
    with pytest.raises(NotStrict):
        read(raw)


def test_nesting_is_taken_to_the_limit_and_brackets_in_texts_do_not_count() -> None:
    deep = b"[" * DEPTH_MAX + b"]" * DEPTH_MAX
    many = json.dumps(["[" * 100, '\\"[{', [[]] * 100]).encode()

    assert (json.dumps(read(deep)).encode(), read(many)) == (deep, json.loads(many))


def test_a_message_of_another_type_is_refused() -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"protocol": True}, {"protocol": "1"}, {"head_seq": -1}, {"cursors": []}, {"app": "a" * 201},
    )  # fmt: skip
    for changed in changes:
        with pytest.raises(NotStrict):
            decode(json.dumps({**REQUEST, **changed}).encode(), SyncRequest)


@pytest.mark.parametrize("written", [msgspec.json.encode, lambda value: json.dumps(value, indent=2).encode()])
def test_a_sync_request_is_read_from_every_encoder(written: Any) -> None:
    asked = decode_sync_request(written({**REQUEST, "later": {"a": [1, None, "é"]}}))

    assert (asked.protocol, asked.head) == (1, "0" * 64)


@pytest.mark.parametrize("change", [(b"", b""), (b'"protocol":1', b'"protocol" : 1'), (b'"epoch":"e",', b'"epoch":"\\u0065",')])
def test_operations_are_each_judged_by_themselves_and_never_fail_the_request(change: tuple[bytes, bytes]) -> None:
    asked = decode_sync_request(BATCH.replace(*change, 1) if change[0] else BATCH)

    assert asked.batch is not None
    assert b"[" + b",".join(bytes(each) for each in asked.batch.operations) + b"]" == OPERATIONS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"protocol":1', b'"protocol":1,"protocol":1'), (b'"first":1', b'"first":1,"first":1'),
        (b'"epoch":"e"', b'"epoch":"\\u0000"'), (b'"epoch":"e"', b'"x":"\xff","epoch":"e"'),
        (b'"protocol":1', b'"x":1e999,"protocol":1'), (b'"protocol":1', b'"protocol":1.0'),
        (b'"batch":', b'"batch":null,"batch":'), (b'"operations":', b'"operations":[],"operations":'),
        (b'"protocol":1', b'"x":' + b"[" * 40 + b"]" * 40 + b',"protocol":1'), (b'"first":1', b'"x":1,"first":1'),
    ],
)  # fmt: skip
def test_around_its_operations_a_request_is_held_to_all_of_it(old: bytes, new: bytes) -> None:
    with pytest.raises(NotStrict):
        decode_sync_request(BATCH.replace(old, new, 1))

"""The canonical form: one way to write a value, and nothing else is read."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.canonical import (
    DEPTH_MAX,
    INTEGER_MAX,
    NotCanonical,
    check_value,
    decode,
    encode,
    from_base64,
    is_hash,
    sha256,
    sha256_hex,
    tidy_text,
    to_base64,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(tidy_text)
keys = st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=8)
leaves = st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(values)
def test_a_value_comes_back_from_its_bytes(value: Any) -> None:
    raw = encode(value)

    assert decode(raw) == value


@given(values)
def test_another_json_library_writes_the_same_bytes(value: Any) -> None:
    raw = encode(value)

    other = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert raw == other.encode()


@given(st.dictionaries(keys, leaves, min_size=2, max_size=6))
def test_the_order_in_which_keys_were_added_leaves_no_trace(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))

    assert encode(turned) == encode(value)


@given(values)
def test_a_blank_anywhere_outside_of_text_is_refused(value: Any) -> None:
    spaced = encode(value) + b" "

    with pytest.raises(NotCanonical):
        decode(spaced)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_never_break_the_reader(raw: bytes) -> None:
    try:
        value = decode(raw)
    except NotCanonical:
        return

    assert encode(value) == raw


@pytest.mark.parametrize("value", [INTEGER_MAX + 1, -INTEGER_MAX - 1, 10**30])
def test_an_integer_that_another_language_would_round_is_refused(value: int) -> None:
    with pytest.raises(NotCanonical, match="integer"):
        check_value(value)


@pytest.mark.parametrize("value", [1.5, 1.0, float("nan"), b"bytes", {1: "a"}, ("a",), {"a"}])
def test_what_json_integers_and_text_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        check_value(value)


def test_nesting_is_taken_to_the_limit_and_no_deeper() -> None:
    at_limit = b"[" * DEPTH_MAX + b"]" * DEPTH_MAX

    assert encode(decode(at_limit)) == at_limit
    with pytest.raises(NotCanonical, match="deeper"):
        decode(b"[" + at_limit + b"]")


def test_a_million_brackets_are_refused_and_not_a_crash() -> None:
    with pytest.raises(NotCanonical):
        decode(b"[" * 1_000_000)


@given(st.text(max_size=40))
def test_tidied_text_may_always_stand_and_tidying_it_again_changes_nothing(text: str) -> None:
    tidy = tidy_text(text)

    check_value(tidy)
    assert tidy_text(tidy) == tidy
    assert unicodedata.is_normalized("NFC", tidy)


@given(st.binary(max_size=80))
def test_bytes_come_back_from_their_base64(raw: bytes) -> None:
    text = to_base64(raw)

    assert from_base64(text) == raw
    assert not set(text) & set("+/=")


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "+A", "A A", "é", "AAAA\n"])
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        from_base64(text)


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n"])
def test_a_hash_is_64_small_hex_digits_and_nothing_else(text: str) -> None:
    assert not is_hash(text)


def test_a_hash_over_parts_is_the_hash_over_the_whole() -> None:
    assert sha256(b"catatan", b" ", b"kegiatan").hex() == sha256_hex(b"catatan kegiatan")
    assert is_hash(sha256_hex(b""))

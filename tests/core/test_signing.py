"""Signatures: each covers all that it names, and one never passes for another."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.signing import answer_input, enrol_input, log_input, public_key_of, request_input, sign, verifies

SEED, OTHER_SEED = bytes(range(32)), bytes(range(1, 33))
KEY = public_key_of(SEED)
LOG: dict[str, Any] = {"org": "o", "server": "s", "epoch": "e", "device": "d", "first": 1, "last": 2, "head": "0" * 64}
REQUEST: dict[str, Any] = {"device": "d", "request": "r", "time": 5, "body": b"{}"}
ANSWER: dict[str, Any] = {"server": "s", "request": "r", "status": 200, "body": b"{}"}
ENROL: dict[str, Any] = {"code": "WAJO-1", "public_key": KEY, "former": "d"}
INPUTS: list[tuple[Callable[..., bytes], dict[str, Any]]] = [
    (log_input, LOG),
    (request_input, REQUEST),
    (answer_input, ANSWER),
    (enrol_input, ENROL),
]


@pytest.mark.parametrize(
    ("make", "values", "name"), [(make, values, name) for make, values in INPUTS for name in values]
)
def test_a_signature_does_not_hold_once_anything_that_it_names_has_changed(
    make: Callable[..., bytes], values: dict[str, Any], name: str
) -> None:
    value = values[name]
    changed = value + 1 if isinstance(value, int) else value + (b"x" if isinstance(value, bytes) else "x")
    signature = sign(SEED, make(**values))

    held = verifies(KEY, make(**{**values, name: changed}), signature)

    assert verifies(KEY, make(**values), signature)
    assert not held


def test_each_signed_input_names_a_purpose_of_its_own() -> None:
    purposes = {make(**values).partition(b'"purpose":"')[2].partition(b'"')[0] for make, values in INPUTS}

    assert purposes == {b"lontara-log-1", b"lontara-request-1", b"lontara-answer-1", b"lontara-enrol-1"}


def test_an_enrolment_code_does_not_stand_in_what_is_signed() -> None:
    assert b"WAJO-1" not in enrol_input(**ENROL)


def test_another_keys_signature_does_not_hold() -> None:
    signature = sign(OTHER_SEED, b"message")

    assert not verifies(KEY, b"message", signature)


@given(st.text(max_size=100), st.text(max_size=100))
def test_no_text_in_place_of_key_or_signature_breaks_the_check(key: str, signature: str) -> None:
    assert not verifies(key, b"message", sign(SEED, b"message"))
    assert not verifies(KEY, b"message", signature)


def test_a_signature_in_another_spelling_does_not_hold() -> None:
    signature = sign(SEED, b"message")

    assert not verifies(KEY, b"message", signature + "==")

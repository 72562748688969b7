"""The conformance vectors of `schema/wire/v1`: the core keeps them, and the files are what the scripts make.

A second implementation is held to the same files; the checks here use them as such an implementation would.
"""

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from lontara_schema import make_messages, make_vectors  # type: ignore[import-not-found]

from lontara_core.canonical import NotCanonical, decode, encode, sha256_hex, tidy_text
from lontara_core.identifiers import derived_id, record_id
from lontara_core.log import SHORT_HASH_BYTES, chain, genesis
from lontara_core.record import Record, judged_hash
from lontara_core.signing import answer_input, enrol_input, log_input, public_key_of, request_input, sign, verifies


def read(name: str) -> Any:
    return json.loads(files("lontara_schema").joinpath("wire", "v1", name).read_text(encoding="utf-8"))


CANONICAL = read("vectors/canonical.json")
IDENTIFIERS = read("vectors/identifiers.json")
CHAIN = read("vectors/chain.json")
SIGNATURES = read("vectors/signatures.json")["cases"]
MERGE = read("vectors/merge.json")["cases"]
MESSAGES = read("messages.schema.json")

INPUTS: dict[str, Callable[..., bytes]] = {
    "log": log_input,
    "request": request_input,
    "answer": answer_input,
    "enrol": enrol_input,
}


def by_about(cases: list[Any], key: str = "about") -> list[Any]:
    return [pytest.param(case, id=str(case[key])) for case in cases]


@pytest.mark.parametrize("case", by_about(CANONICAL["accepted"]))
def test_a_value_is_written_as_the_vector_says(case: Any) -> None:
    raw = encode(case["value"])

    assert raw == case["bytes"].encode()
    assert sha256_hex(raw) == case["sha256"]
    assert decode(raw) == case["value"]


@pytest.mark.parametrize("case", by_about(CANONICAL["refused"]))
def test_bytes_that_are_not_canonical_are_refused(case: Any) -> None:
    raw = case["bytes"].encode()

    with pytest.raises(NotCanonical):
        decode(raw)


@pytest.mark.parametrize("case", CANONICAL["tidied"])
def test_text_is_tidied_as_the_vector_says(case: Any) -> None:
    tidy = tidy_text(case["text"])

    assert tidy == case["tidy"]


@pytest.mark.parametrize("case", IDENTIFIERS["records"])
def test_a_create_gets_the_id_of_the_vector(case: Any) -> None:
    made = record_id(case["type"], case["fields"], (case["hlc"][0], case["hlc"][1]))

    assert made == case["id"]


@pytest.mark.parametrize("case", IDENTIFIERS["derived"])
def test_an_id_is_derived_as_the_vector_says(case: Any) -> None:
    made = derived_id(case["milliseconds"], case["content"].encode())

    assert made == case["id"]


@pytest.mark.parametrize("case", IDENTIFIERS["judged"])
def test_what_was_judged_has_the_hash_of_the_vector(case: Any) -> None:
    record = Record(case["type"], case["id"], 3, case["fields"], voided=case["voided"], clash=case["clash"])

    assert judged_hash(record) == case["hash"]


def test_a_log_has_the_chain_of_the_vector() -> None:
    raws = [text.encode() for text in CHAIN["operations"]]

    hashes = chain(genesis(CHAIN["org"], CHAIN["device"]), raws)

    assert [each.hex() for each in hashes] == CHAIN["hashes"]
    assert [each[:SHORT_HASH_BYTES].hex() for each in hashes] == CHAIN["short_hashes"]


@pytest.mark.parametrize("case", by_about(SIGNATURES, "input"))
def test_a_signed_input_has_the_bytes_and_the_signature_of_the_vector(case: Any) -> None:
    values = {name: value.encode() if name == "body" else value for name, value in case["values"].items()}
    seed = bytes.fromhex(case["seed"])

    message = INPUTS[case["input"]](**values)

    assert message == case["message"].encode()
    assert sign(seed, message) == case["signature"]
    assert public_key_of(seed) == case["public_key"]
    assert verifies(case["public_key"], message, case["signature"])


@pytest.mark.parametrize("case", by_about(MERGE))
def test_a_set_is_merged_as_the_vector_says(case: Any) -> None:
    outcome = make_vectors.merge_outcome(case)

    assert outcome == case["outcome"]


def test_the_vectors_name_every_merge_rule_and_verdict() -> None:
    verdicts = {case["outcome"]["verdict"] for case in MERGE}
    codes = {case["outcome"].get("code") for case in MERGE}

    assert verdicts == {"applied", "merged", "conflict", "rejected"}
    assert {"immutable_field", "server_field", "state_not_allowed"} <= codes


def test_the_files_of_vectors_are_current() -> None:
    assert make_vectors.main(check=True) == 0, "run python -m lontara_schema.make_vectors"


def test_the_schema_of_messages_is_current() -> None:
    assert make_messages.main(check=True) == 0, "run python -m lontara_schema.make_messages"


@pytest.mark.parametrize("text", CHAIN["operations"])
def test_an_operation_of_the_vectors_fits_the_schema(text: str) -> None:
    schema = {"$ref": "#/$defs/Operation", "$defs": MESSAGES["$defs"]}

    jsonschema.validate(json.loads(text), schema)


@pytest.mark.parametrize(
    "change", [{"kind": "delete"}, {"surprise": 1}, {"hlc": [1]}, {"at": "now"}, {"origin": ["a", 1]}]
)
def test_an_operation_of_another_form_does_not_fit_the_schema(change: dict[str, Any]) -> None:
    operation = {**json.loads(CHAIN["operations"][0]), **change}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(operation, {"$ref": "#/$defs/Operation", "$defs": MESSAGES["$defs"]})

"""Every body of the corpus is answered with its code, whole requests leave nothing behind, and the server goes on."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

import pytest

from engines.places import Place, SqlitePlace
from hostile.judge import CORPUS, Case, cases, faults_of
from hostile.target import Target, open_target, prepare

BODIES_MIN = 300
# What the second engine is asked of each family; the long run asks it everything.
EVERY_ON_POSTGRESQL = 5
FAMILIES = {name: list(found) for name, found in groupby(cases(), key=lambda case: case.family)}


@pytest.fixture
def target(place: Place, tmp_path: Path) -> Target:
    return open_target(place.prepared("hostile", prepare), tmp_path)


def asked(target: Target, family: str) -> list[Case]:
    return FAMILIES[family][:: 1 if target.database.dialect.name == "sqlite" else EVERY_ON_POSTGRESQL]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_hostile_body_is_answered_with_its_code(target: Target, family: str) -> None:
    bodies = asked(target, family)

    faults = {case.name: found for case in bodies if (found := faults_of(target, case))}

    assert faults == {}
    assert target.still_works()


def test_the_corpus_holds_hundreds_of_bodies_and_each_has_a_name_of_its_own() -> None:
    names = [(case.family, case.name) for case in cases()]

    assert len(names) >= BODIES_MIN
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", [
    Case("x", "an honest operation", "operation", {"kind": "create", "expect": ["rejected", "invalid_field"]}),
    Case("x", "an honest request", "sync", {"expect": [400, "malformed_envelope"]}),
    Case("x", "an honest enrolment", "enrol", {"expect": [400, "malformed_request"]}),
])  # fmt: skip
def test_a_body_that_is_taken_where_the_corpus_says_refused_is_a_fault(tmp_path: Path, case: Case) -> None:
    target = open_target(SqlitePlace(tmp_path).prepared("hostile", prepare), tmp_path)

    faults = faults_of(target, case)

    assert faults[0].endswith(f"instead of {case.expected}")
    assert case.way == "operation" or "something was written" in faults


def test_every_file_of_the_corpus_says_what_it_is_about() -> None:
    abouts = [json.loads(path.read_text(encoding="utf-8"))["about"] for path in sorted(CORPUS.glob("*.json"))]

    assert all(len(about.split()) > 4 for about in abouts)

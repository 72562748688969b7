"""The description of the API is current and whole, and the server answers as it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from lontara_schema import make_openapi  # type: ignore[import-not-found]

from engines.places import SqlitePlace
from hostile.described import DOCUMENT, faults_of_description
from hostile.target import Target, open_target, prepare
from lontara_server.app import routes_alone
from lontara_server.web.openapi import description_of

EXAMPLES = 8


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return open_target(SqlitePlace(tmp_path).prepared("hostile", prepare), tmp_path)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(make_openapi.openapi_text())
    return read


def undescribed(app: Flask) -> list[str]:
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and description_of(app.view_functions[rule.endpoint]) is None
    ]


def test_the_description_in_the_tree_is_current() -> None:
    assert make_openapi.TARGET.read_text(encoding="utf-8") == make_openapi.openapi_text()


@pytest.mark.parametrize("path", [DOCUMENT, "/openapi.json"])
def test_the_server_gives_its_description_to_everybody(target: Target, path: str, document: dict[str, Any]) -> None:
    answer = target.app.test_client().get(path)

    assert (answer.status_code, answer.json) == (200, document)


def test_every_route_of_the_api_is_described() -> None:
    app = routes_alone()

    assert undescribed(app) == []


def test_a_route_that_does_not_describe_itself_is_found() -> None:
    app = routes_alone()
    app.add_url_rule("/v1/forgotten", view_func=lambda: "")

    assert undescribed(app) == ["/v1/forgotten"]


def test_each_shape_of_the_description_is_a_json_schema(document: dict[str, Any]) -> None:
    for shape in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(shape)

    assert {"SyncRequest", "SyncAnswer", "DecisionBody", "ProblemAnswer"} <= set(document["components"]["schemas"])


def test_the_server_answers_as_its_description_says(target: Target) -> None:
    asked, faults = faults_of_description(target, EXAMPLES)

    assert faults == {}
    assert asked > EXAMPLES


def test_an_answer_that_the_description_does_not_know_is_a_fault(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lontara_server.services.score_desk.list_for", lambda *_values, **_named: [{"nip": 5}])

    _, faults = faults_of_description(target, 1)

    assert any("GET /v1/scores" in operation for operation in faults)

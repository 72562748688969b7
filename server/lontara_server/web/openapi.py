"""The HTTP API as an OpenAPI 3.1 document, made from what the routes themselves declare and from nothing else.

Messages of devices come from their msgspec types, the console's from their marshmallow schemas, refusals from the
problem codes. `schema/openapi.json` is this document, written down by `python -m lontara_schema.make_openapi`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema
from werkzeug.routing import Rule as UrlRule

from lontara_core.messages import PROTOCOL_VERSION
from lontara_core.problems import STATUSES
from lontara_server.web.permissions import rule_of
from lontara_server.web.shapes import ProblemAnswer

# A message type of the core, or a schema of the console's API.
Shape: TypeAlias = type[msgspec.Struct] | type[Schema]
_View = TypeVar("_View", bound=Callable[..., Any])
_MARK: Final = "_lontara_describes"
_REF: Final = "#/components/schemas/{name}"
_JSON: Final = "application/json"
_PROBLEM_JSON: Final = "application/problem+json"
_OF_A_BODY: Final = ("malformed_request", "invalid_field", "missing_field", "unknown_field", "body_too_large",
                     "unsupported_encoding")  # fmt: skip
_OF_A_QUERY: Final = ("invalid_field", "missing_field", "unknown_field")
_OF_A_SESSION: Final = ("sign_in_needed", "not_permitted")
_DEVICE_HEADERS: Final[Mapping[str, str]] = {
    "Lontara-Device": "The device's id.",
    "Lontara-Request": "A UUID in lower case, new for every attempt.",
    "Lontara-Time": "ms since 1970 UTC by the device's clock, corrected by the last known difference.",
    "Lontara-Signature": "The device's signature over the request (sync_protocol.md §6).",
}


@dataclass(frozen=True)
class Description:
    """What a route takes and gives. `also`: other statuses that carry a message; `codes`: what it refuses with,
    beside what every route with such a body, query or session does."""

    answer: Shape | None
    many: bool = False
    body: Shape | None = None
    query: type[Schema] | None = None
    codes: Sequence[str] = ()
    signed: bool = False
    also: Mapping[int, Shape] = field(default_factory=dict)


def describes(
    answer: Shape | None,
    *,
    many: bool = False,
    body: Shape | None = None,
    query: type[Schema] | None = None,
    codes: Sequence[str] = (),
    signed: bool = False,
    also: Mapping[int, Shape] | None = None,
) -> Callable[[_View], _View]:
    """Declare what the route takes and gives. Stands below the route's own decorator."""

    def declare(view: _View) -> _View:
        setattr(view, _MARK, Description(answer, many, body, query, codes, signed, also or {}))
        return view

    return declare


def description_of(view: Callable[..., Any]) -> Description | None:
    """What a route declares, or None: a page of the console has no description."""
    found: Description | None = getattr(view, _MARK, None)
    return found


def document_of(app: Flask) -> dict[str, Any]:
    """The document of every route that describes itself, in the order of their paths."""
    described = [
        (rule, view, found)
        for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, sorted(each.methods or ())))
        if (found := description_of(view := app.view_functions[rule.endpoint])) is not None
    ]
    spec = _empty_document()
    _add_messages(spec, [each for _, _, found in described for each in _shapes_of(found)])
    for rule, view, found in described:
        path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule)
        operations = {
            method.lower(): _operation(rule, view, found, method)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        }
        spec.path(path=path, operations=operations)
    document: dict[str, Any] = _with_plain_anchors(spec.to_dict())
    return document


def document_text(app: Flask) -> str:
    """The document as it is checked in and served."""
    return json.dumps(document_of(app), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _with_plain_anchors(value: Any) -> Any:
    """Patterns as JSON Schema writes them: its `$` is the end of the text, which in Python is `\\Z` alone."""
    if isinstance(value, dict):
        return {
            key: each.replace(r"\A", "^").replace(r"\Z", "$")
            if key == "pattern" and isinstance(each, str)
            else _with_plain_anchors(each)
            for key, each in value.items()
        }
    return [_with_plain_anchors(each) for each in value] if isinstance(value, list) else value


def _empty_document() -> APISpec:
    spec = APISpec(
        title="Lontara",
        version=str(PROTOCOL_VERSION),
        openapi_version="3.1.0",
        info={"description": "The device protocol (sync_protocol.md) and the console's own API."},
        plugins=[MarshmallowPlugin(schema_name_resolver=_name_of)],
    )
    session = {"type": "apiKey", "in": "cookie", "name": "lontara"}
    device = {"type": "apiKey", "in": "header", "name": "Lontara-Signature"}
    spec.components.security_scheme("session", session)
    spec.components.security_scheme("device", device)
    spec.components.schema("ProblemAnswer", schema=ProblemAnswer)
    return spec


def _name_of(schema: type[Schema] | Schema | str) -> str:
    if isinstance(schema, str):
        return schema
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


def _shapes_of(found: Description) -> Iterable[Shape]:
    return [each for each in (found.answer, found.body, *found.also.values()) if each is not None]


def _add_messages(spec: APISpec, shapes: Iterable[Shape]) -> None:
    messages = dict.fromkeys(each for each in shapes if issubclass(each, msgspec.Struct))
    _, components = msgspec.json.schema_components(messages, ref_template=_REF)
    for name, component in sorted(components.items()):
        spec.components.schema(name, component)


def _reference(shape: Shape | None) -> Any:
    if shape is None:
        return {"type": "object"}
    # The plugin resolves a marshmallow schema by itself; a message is named.
    return {"$ref": _REF.format(name=shape.__name__)} if issubclass(shape, msgspec.Struct) else shape


def _operation(rule: UrlRule, view: Callable[..., Any], found: Description, method: str) -> dict[str, Any]:
    permission = rule_of(view)
    in_session = permission not in ("everybody", "device")
    changes = method not in ("GET", "HEAD")
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()} {rule.endpoint}",
        "summary": " ".join((view.__doc__ or "").split()),
        "parameters": [*_parameters(rule, found), *(_csrf() if in_session and changes else ())],
        "responses": _responses(found, in_session=in_session, changes=changes),
    }
    if in_session:
        operation["security"] = [{"session": []}]
    if found.signed:
        operation["security"] = [{"device": []}]
    if found.body is not None:
        content = {_JSON: {"schema": _reference(found.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(rule: UrlRule, found: Description) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}} for name in sorted(rule.arguments)
    ]
    if found.signed:
        parameters += [
            {"in": "header", "name": name, "required": True, "description": about, "schema": {"type": "string"}}
            for name, about in _DEVICE_HEADERS.items()
        ]
    if found.query is not None:
        parameters.append({"in": "query", "schema": found.query})
    return parameters


def _csrf() -> list[dict[str, Any]]:
    about = "The session's token, as signing in told it."
    return [{"in": "header", "name": "Lontara-Csrf", "required": True, "description": about,
             "schema": {"type": "string"}}]  # fmt: skip


def _responses(found: Description, *, in_session: bool, changes: bool) -> dict[str, Any]:
    answer = _reference(found.answer)
    schema = {"type": "array", "items": answer} if found.many else answer
    responses = {"200": _response("Done.", _JSON, schema)}
    for status, shape in found.also.items():
        responses[str(status)] = _response(HTTPStatus(status).phrase, _JSON, _reference(shape))
    codes = dict.fromkeys(
        (
            *(_OF_A_BODY if found.body is not None and not found.signed else ()),
            *(_OF_A_QUERY if found.query is not None else ()),
            *(_OF_A_SESSION if in_session else ()),
            *(("form_expired",) if changes and not found.signed else ()),
            *found.codes,
        )
    )
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUSES.get(code, 400), []).append(code)
    for number, named in sorted(by_status.items()):
        about = "Refused: " + ", ".join(f"`{code}`" for code in sorted(named)) + "."
        responses[str(number)] = _response(about, _PROBLEM_JSON, ProblemAnswer)
    responses["default"] = _response("Any other problem.", _PROBLEM_JSON, ProblemAnswer)
    return responses


def _response(about: str, content_type: str, schema: Any) -> dict[str, Any]:
    return {"description": about, "content": {content_type: {"schema": schema}}}

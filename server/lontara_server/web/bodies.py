"""How a request's body and query are read: bounded, of the right type, strict JSON, and field by field by its schema.

Whatever is wrong becomes a Problem that names the field; nothing is guessed and nothing converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError

from lontara_core.problems import Problem
from lontara_core.strict_json import NotStrict, read

JSON: Final = "application/json"
BODY_BYTES_MAX: Final = 65_536
_UTF8: Final = frozenset({"", "utf-8", "utf8"})


def json_body(asked: Request, *, byte_limit: int, type_needed: bool = False) -> bytes:
    """The bytes of a body that says to be JSON, or with `type_needed` false says nothing of its type.

    Raises Problem body_too_large, unsupported_encoding.
    """
    check_type(asked, type_needed=type_needed)
    encoding = asked.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise _unsupported("The body is sent as it is, not compressed.", {"encoding": encoding[:40]})
    raw = asked.get_data()
    if len(raw) > byte_limit:
        raise Problem(
            "body_too_large", f"The body has more than {byte_limit} bytes.", {"byte_limit": byte_limit},
            "Send less at once.",
        )  # fmt: skip
    return raw


def check_type(asked: Request, *, type_needed: bool = False) -> None:
    """Raise Problem unsupported_encoding where the body says to be something else than JSON in UTF-8."""
    if not asked.mimetype and not type_needed:
        return
    if asked.mimetype != JSON or asked.mimetype_params.get("charset", "").lower() not in _UTF8:
        raise _unsupported(f"The body is {JSON} in UTF-8.", {"content_type": (asked.content_type or "")[:80]})


def load_body(schema: Schema) -> dict[str, Any]:
    """This request's body by its schema.

    Raises Problem body_too_large, unsupported_encoding, malformed_request, invalid_field, missing_field, unknown_field.
    """
    raw = json_body(request, byte_limit=BODY_BYTES_MAX, type_needed=True)
    try:
        told = read(raw)
    except NotStrict as error:
        raise Problem("malformed_request", "The body is no JSON.", {"why": str(error)}, "Mend the body.") from error
    if not isinstance(told, dict):
        raise Problem("malformed_request", "The body is a JSON object.", {}, "Mend the body.")
    return _loaded(schema, told)


def load_arguments(schema: Schema) -> dict[str, Any]:
    """This request's query by its schema; each name at most once. Raises Problem invalid_field, missing_field,
    unknown_field."""
    told = request.args.to_dict(flat=False)
    for name, values in told.items():
        if len(values) > 1:
            raise Problem("invalid_field", f"{name} is asked for twice.", {"field": name[:80]}, "Name it once.")
    return _loaded(schema, {name: values[0] for name, values in told.items()})


def _loaded(schema: Schema, told: Mapping[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(told, unknown=RAISE)
    except ValidationError as error:
        raise _problem_of(schema, told, error) from error
    return loaded


def _problem_of(schema: Schema, told: Mapping[str, Any], error: ValidationError) -> Problem:
    faults = {str(name)[:80]: str(why)[:400] for name, why in sorted(error.messages_dict.items())[:20]}
    name = next(iter(faults))
    if name not in schema.fields:
        code, what = "unknown_field", f"{name} is not known here."
    elif name not in told:
        code, what = "missing_field", f"{name} is missing."
    else:
        code, what = "invalid_field", f"{name} cannot be used."
    return Problem(
        code, f"{what} Nothing was changed.", {"field": name, "faults": faults}, "Mend the field and send it again."
    )


def _unsupported(message: str, facts: Mapping[str, Any]) -> Problem:
    return Problem("unsupported_encoding", message, facts, "Name the type of the body, or send it in another form.")

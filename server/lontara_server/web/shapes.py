"""The shapes of the console's API: bodies and queries as they are read, and answers as they are described.

Reading goes through these schemas (`bodies`), the description of the API is made from them (`openapi`), and a test
holds the answers to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, fields, validate

from lontara_core.canonical import INTEGER_MAX, tidy_text
from lontara_core.operations import CHOICES
from lontara_core.record_types import RECORD_TYPES
from lontara_server.services.accounts import PASSWORD_LENGTH_MAX, ROLES
from lontara_server.services.conflict_desk import ROUTES

TEXT_MAX: Final = 2000
_CONFLICT: Final = RECORD_TYPES["conflict"]
_HASH: Final = validate.Regexp(r"\A[0-9a-f]{64}\Z", error="64 small hex digits")
_PERIOD: Final = validate.Regexp(r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z", error="a month as YYYY-MM")
_NIP: Final = validate.Regexp(r"\A[0-9]{18}\Z", error="18 digits")
_NONCE: Final = validate.Regexp(r"\A[A-Za-z0-9_-]{1,128}\Z", error="1 to 128 letters, digits, hyphens or underscores")


class Text(fields.String):
    """Text as an author's device would store it: normal form C, line ends as LF, no control characters."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **more)
        return tidy_text(text)


def _named(*choices: str) -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(choices))


def _or_none(field: type[fields.Field[Any]] = fields.String) -> fields.Field[Any]:
    return field(required=True, allow_none=True)


# What is read


class SessionBody(Schema):
    """Login and password; `org` where the server holds several."""

    login = fields.String(required=True, validate=validate.Length(max=80))
    password = fields.String(required=True, validate=validate.Length(max=PASSWORD_LENGTH_MAX))
    org = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))


class DecisionBody(Schema):
    """A decision on a conflict; `hash` is the conflict's as its author saw it."""

    choice = _named(*CHOICES)
    reason = Text(required=True, validate=validate.Length(max=TEXT_MAX))
    hash = fields.String(required=True, validate=_HASH)
    candidate = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    values = fields.Dict(keys=fields.String(), load_default=None, allow_none=True)
    survivor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    void = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))


class VerdictBody(Schema):
    """A review of an entry; `revision` and `hash` are the entry's as it was seen."""

    verdict = _named("approved", "needs_revision", "rejected")
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=INTEGER_MAX))
    hash = fields.String(required=True, validate=_HASH)
    note = Text(load_default=None, allow_none=True, validate=validate.Length(max=TEXT_MAX))


class PingQuery(Schema):
    """The nonce that the answer's signature covers."""

    nonce = fields.String(required=True, validate=_NONCE)


class ConflictQuery(Schema):
    """`state=open` leaves the resolved ones out, `route` names who has to decide."""

    state = fields.String(load_default=None, validate=validate.OneOf(("open",)))
    route = fields.String(load_default=None, validate=validate.OneOf(ROUTES))


class EntryQuery(Schema):
    """`review=waiting`, which is all that is asked for so far."""

    review = _named("waiting")


class ScoreQuery(Schema):
    """A month, and with `nip` one person's score with its explanation."""

    nip = fields.String(load_default=None, validate=_NIP)
    period = fields.String(load_default=None, validate=_PERIOD)


class NoQuery(Schema):
    """Nothing is asked for in the address."""


# What is answered


class PingAnswer(Schema):
    """Who the server is and its time."""

    server = fields.UUID(required=True)
    epoch = fields.String(required=True)
    server_time = fields.Integer(required=True, strict=True)
    protocol = fields.Integer(required=True, strict=True)
    nonce = fields.String(required=True)


class StatusAnswer(Schema):
    """Whether the server lives or is ready."""

    status = _named("ok", "ready")


class SessionAnswer(Schema):
    """The session's account, and the token for the header `Lontara-Csrf`."""

    login = fields.String(required=True)
    role = _named(*ROLES)
    csrf = fields.String(required=True)


class HistoryAnswer(Schema):
    """What one operation changed or wished."""

    record = fields.UUID(required=True)
    revision = fields.Integer(required=True, strict=True)
    at = fields.String(required=True)
    by = _or_none()
    device = fields.UUID(required=True)
    op_id = fields.String(required=True)
    changes = fields.Dict(required=True)
    verdict = fields.String(required=True)


class ConflictAnswer(Schema):
    """A conflict; `fields` holds for each clashing field the base, the server's value and the candidates."""

    id = fields.UUID(required=True)
    kind = _named(*_CONFLICT.fields["kind"].choices)
    route = _named(*ROUTES)
    state = _named(*_CONFLICT.fields["state"].choices)
    owner = _or_none(fields.UUID)
    org_unit = _or_none(fields.UUID)
    records = fields.List(fields.UUID(), required=True)
    fields_ = fields.Dict(required=True, data_key="fields")
    opened_at = fields.String(required=True)
    assignee = _or_none()
    resolution = _or_none(fields.Dict)
    answers = fields.List(fields.Dict(), required=True)
    revision = fields.Integer(required=True, strict=True)
    hash = fields.String(required=True, validate=_HASH)


class ConflictWithHistoryAnswer(ConflictAnswer):
    """A conflict with its entries as they stand and the history of each."""

    entries = fields.List(fields.Dict(), required=True)
    history = fields.List(fields.Nested(HistoryAnswer), required=True)


class EntryAnswer(Schema):
    """An entry as every face of the product gives it; a review names its `revision` and `hash`."""

    id = fields.UUID(required=True)
    org = fields.String(required=True)
    nip = _or_none()
    full_name = _or_none()
    work_date = fields.String(required=True)
    start_time = _or_none()
    end_time = _or_none()
    duration_minutes = fields.Integer(required=True, allow_none=True, strict=True)
    title = fields.String(required=True)
    description = _or_none()
    quantity = _or_none()
    output_unit = _or_none()
    category = _or_none()
    target_id = _or_none()
    place = _or_none()
    review_state = fields.String(required=True)
    review_note = _or_none()
    captured_at = fields.String(required=True)
    recorded_at = fields.String(required=True)
    revision = fields.Integer(required=True, strict=True)
    voided = fields.Boolean(required=True)
    flags = fields.List(fields.String(), required=True)
    clash = _or_none()
    hash = fields.String(required=True, validate=_HASH)


class PolicyAnswer(Schema):
    """The policy that a score was computed with."""

    policy_id = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)


class ScoreAnswer(Schema):
    """A person's score of a month; `explanation` comes where one person is asked for."""

    nip = fields.String(required=True)
    full_name = fields.String(required=True)
    period = fields.String(required=True)
    value = _or_none()
    rating = _or_none()
    provisional = fields.Boolean(required=True)
    policy = fields.Nested(PolicyAnswer, required=True)
    coverage = fields.Raw(required=True)
    reasons = fields.List(fields.String(), required=True)
    recompute_waiting = fields.Boolean(required=True)
    computed_at = fields.String()
    explanation = fields.Dict()


class ProblemAnswer(Schema):
    """What is wrong: a stable code, a sentence, the facts and the next step; `title` is what staff read."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True, strict=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    facts = fields.Dict(required=True)
    next_step = fields.String(required=True)

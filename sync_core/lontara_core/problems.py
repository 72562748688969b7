"""Problems: what a device, a person or a network can cause, each with a code that never changes (sync_protocol.md §16).

A Problem says what happened, the facts, and the next step; `problem_words` says it to staff.
Our own bugs are assertions, not Problems. Sending a Problem over a wire belongs to the edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lontara_core.problem_words import SAFE_EN, SAFE_ID, WORDS

__all__ = ["SAFE_EN", "SAFE_ID", "STATUSES", "WORDS", "Problem"]

# Code -> HTTP status; a code without a status here never leaves the device or the command that raised it.
STATUSES: Final[Mapping[str, int]] = {
    "malformed_request": 400,
    "malformed_envelope": 400,
    "invalid_field": 400,
    "broken_chain": 400,
    "unknown_device": 401,
    "bad_signature": 401,
    "clock_skew": 401,
    "request_repeated": 401,
    "sign_in_needed": 401,
    "sign_in_failed": 401,
    "not_permitted": 403,
    "enrol_code_refused": 403,
    "form_expired": 403,
    "machine_refused": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "already_exists": 409,
    "conflict_changed": 409,
    "entry_changed": 409,
    "plan_changed": 409,
    "body_too_large": 413,
    "batch_too_large": 413,
    "unsupported_encoding": 415,
    "protocol_version": 426,
    "too_many_requests": 429,
    "busy": 503,
}

class Problem(Exception):
    """Something that the world did: stable code, a full sentence, facts and the next step."""

    def __init__(
        self,
        code: str,
        message: str,
        facts: Mapping[str, Any] | None = None,
        next_step: str = "",
        *,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.facts = dict(facts or {})
        self.next_step = next_step
        self.status = status if status is not None else STATUSES.get(code, 400)

    def document(self) -> dict[str, Any]:
        """The problem as JSON values: `code`, `message`, `facts`, `next_step`."""
        return {"code": self.code, "message": self.message, "facts": self.facts, "next_step": self.next_step}

    def words(self, language: str) -> str:
        """What staff read: the catalogue's sentence, in Indonesian (`id`) or English, else the message itself."""
        indonesian, english = WORDS.get(self.code, (self.message, self.message))
        return english if language == "en" else indonesian

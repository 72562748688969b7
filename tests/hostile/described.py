"""The API held to its own description: requests made from `/v1/openapi.json`, in order and out of order.

Each is signed or given a session on its way, so that it gets past the door; what is asked of the answer is that the
description knows it, and that the server has not failed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from hostile.target import Target

DOCUMENT: Final = "/v1/openapi.json"
_CHECKS: Final = (
    CHECKS.get_one("not_a_server_error"),
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
)


@dataclass
class InGoodHands:
    """The application behind somebody who signs what devices send and keeps an admin's session."""

    target: Target
    asked: int = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        # The reader of the answers looks at what they say and not at how they are packed.
        path, environ["HTTP_ACCEPT_ENCODING"] = environ.get("PATH_INFO", ""), "identity"
        if path == "/v1/sync":
            self._sign(environ)
        elif path != "/v1/session" and path.startswith("/v1/"):
            self._sign_in(environ)
        return self.target.app.wsgi_app(environ, start_response)

    def _sign(self, environ: dict[str, Any]) -> None:
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(raw), str(len(raw))
        signed = self.target.sender().signed(raw)
        environ["HTTP_LONTARA_DEVICE"], environ["HTTP_LONTARA_REQUEST"] = signed.device, signed.request
        environ["HTTP_LONTARA_TIME"], environ["HTTP_LONTARA_SIGNATURE"] = str(signed.time_ms), signed.signature

    def _sign_in(self, environ: dict[str, Any]) -> None:
        client, token = self.target.session("admin")
        cookie = client.get_cookie("lontara")
        assert cookie is not None
        environ["HTTP_COOKIE"], environ["HTTP_LONTARA_CSRF"] = f"lontara={cookie.value}", token


def faults_of_description(target: Target, examples: int) -> tuple[int, dict[str, str]]:
    """How many requests were made, and by operation what was wrong with an answer; so many examples each way."""
    door = InGoodHands(target)
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, door)
    faults: dict[str, str] = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), "the description is in order"
        operation = found.ok()
        for mode in GenerationMode:
            fault = _fault(operation, mode, examples)
            if fault is not None:
                faults[f"{operation.label}, {mode.value}"] = fault
    return door.asked, faults


def _fault(operation: Any, mode: GenerationMode, examples: int) -> str | None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case: Any) -> None:
        case.call_and_validate(checks=list(_CHECKS))

    try:
        ask()
    except (FailureGroup, Failure) as failure:
        return str(failure)
    except Unsatisfiable:
        # An operation that takes nothing cannot be asked wrongly.
        return None
    return None

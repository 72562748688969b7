"""Runs one case of the corpus against a target and says what is wrong with the answer; nothing where it is right.

For a whole request that is refused: the status and code, a problem document, and not one row written. For an
operation inside a good batch: its verdict and code, while its neighbours are applied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from hostile import build
from hostile.target import Target, other_key
from lontara_core.messages import SyncAnswer
from lontara_core.problems import STATUSES
from server.ready import CHIEF, NOW, WORKER

CORPUS: Final = Path(__file__).resolve().parent / "corpus"
_CODE_ON_PAGE: Final = re.compile(rf"\b({'|'.join(STATUSES)}|missing_field|server_failed)\b")
_PEOPLE: Final = {"worker": WORKER, "chief": CHIEF}


@dataclass(frozen=True)
class Case:
    """One hostile body: its family, its name, how it is made and what the answer has to be."""

    family: str
    name: str
    way: str
    made: Mapping[str, Any]

    @property
    def expected(self) -> list[Any]:
        return list(self.made["expect"])

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


def cases() -> Iterator[Case]:
    """Every case of the corpus, family by family."""
    for path in sorted(CORPUS.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for made in document["cases"]:
            yield Case(path.stem, made["name"], document["way"], {**document.get("every", {}), **made})


def faults_of(target: Target, case: Case) -> list[str]:
    """What is wrong with the answer to this case, in words."""
    return {"operation": _operation, "sync": _sync, "enrol": _enrol, "http": _http}[case.way](target, case)


def _operation(target: Target, case: Case) -> list[str]:
    tablet = target.tablet(_PEOPLE[case.made.get("by", "worker")])
    tablet.raws.append(target.neighbour(tablet))
    tablet.raws.append(target.operation(case.made, tablet))
    tablet.raws.append(target.neighbour(tablet))
    answer = target.send(tablet, target.sync_body(tablet))
    if answer.status_code != 200:
        return [f"the batch was answered with {answer.status_code} {_code(answer)}"]
    document = msgspec.json.decode(answer.data, type=SyncAnswer)
    assert document.batch is not None
    results = {each.seq: [each.verdict, each.code] for each in document.batch.results}
    found = results.pop(2, ["applied", None])
    faults = [] if found == case.expected else [f"{found} instead of {case.expected}"]
    if results or document.head_seq != 3:
        faults.append(f"its neighbours suffered: {results}, head {document.head_seq}")
    if found[0] == "rejected" and 2 not in {each.seq for each in document.attention}:
        faults.append("its author is not told")
    return faults


def _sync(target: Target, case: Case) -> list[str]:
    tablet = target.sender()
    for _ in range(case.made.get("operations", 1)):
        tablet.raws.append(target.neighbour(tablet))
    raw = _packed(target.sync_body(tablet, case.made), case, target)
    before = target.digest_before()
    sender = replace(tablet, key=other_key()) if case.made.get("signed_by") == "nobody" else tablet
    options: dict[str, Any] = {"time_ms": NOW + case.made.get("late_ms", 0)}
    if "request" in case.made:
        options["request"] = build.value(case.made["request"], target.known)
    answer = target.send(sender, raw, _headers(target, case), **options)
    return _refused(target, case, answer, before)


def _enrol(target: Target, case: Case) -> list[str]:
    raw = _packed(target.enrol_body(case.made), case, target)
    before = target.digest_before()
    answer = target.app.test_client().post("/v1/enrol", data=raw, headers=_headers(target, case))
    return _refused(target, case, answer, before)


def _http(target: Target, case: Case) -> list[str]:
    client, token = target.session(case.made.get("as"))
    before = target.digest_before()
    headers: dict[str, str] = _headers(target, case)
    if case.made.get("token", True):
        headers = {"Lontara-Csrf": token, **headers}
    cookies = [client.get_cookie(name) for name in ("lontara", "lontara-form")]
    known = "; ".join(f"{each.key}={each.value}" for each in cookies if each is not None)
    headers = {"Cookie": known, **headers} if known else headers
    method, content = case.made.get("method", "GET"), _content(target, case, token)
    builder = EnvironBuilder(method=method, headers=Headers(list(headers.items())), **content)
    environ = builder.get_environ()
    path, _, query = str(build.value(case.made["path"], target.known)).partition("?")
    # A test client would tidy the path; whoever means ill sends it as it is.
    environ["PATH_INFO"] = _unquoted(path)
    environ["QUERY_STRING"] = query
    environ.update(case.made.get("environ", {}))
    for name in case.made.get("without", []):
        environ.pop(name, None)
    answer = Response(*run_wsgi_app(target.app, environ, buffered=True))
    return _refused(target, case, answer, before)


def _content(target: Target, case: Case, token: str) -> dict[str, Any]:
    made = case.made
    if "form" in made:
        form = {"csrf": token} if made.get("token", True) else {}
        return {"data": {**form, **build.value(made["form"], target.known)}}
    if "body" in made:
        raw = build.body(made["body"], target.known)
    elif "json" in made:
        plain = build.changed(_plain(made["json"], target.known), made, target.known)
        raw = build.rewritten(json.dumps(plain, separators=(",", ":")).encode(), made.get("rewrite", ()))
        raw = _packed(raw, case, target)
    else:
        return {}
    return {"data": raw, "content_type": made.get("type", "application/json")}


def _plain(what: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """A body in order, which the case then changes."""
    bodies: dict[str, dict[str, Any]] = {
        "session": {"login": "admin", "password": "bukan kata sandinya"},
        "decision": {"choice": "keep_server", "reason": "Sudah ditanyakan", "hash": known["conflict_hash"]},
        "verdict": {"verdict": "approved", "revision": known["revision"], "hash": known["hash"]},
    }
    return bodies[what]


def _unquoted(path: str) -> str:
    raw = bytearray()
    parts = path.split("%")
    raw += parts[0].encode()
    for part in parts[1:]:
        raw += bytes.fromhex(part[:2]) + part[2:].encode()
    return raw.decode("latin-1")


def _packed(raw: bytes, case: Case, target: Target) -> bytes:
    if "packed" not in case.made:
        return raw
    return build.body(case.made["packed"], {**target.known, "body": raw})


def _headers(target: Target, case: Case) -> dict[str, Any]:
    made: dict[str, Any] = build.value(case.made.get("headers", {}), target.known)
    return made


def _refused(target: Target, case: Case, answer: Response, before: str) -> list[str]:
    found = [answer.status_code, _code(answer)]
    faults = [] if found == case.expected else [f"{found} instead of {case.expected}"]
    if answer.status_code >= 500:
        faults.append("the server failed")
    if target.digest() != before:
        faults.append("something was written")
    return faults


def _code(answer: Response) -> str | None:
    """The problem's code; on a page it stands at the end, or the page is the form that shows it in words."""
    if answer.mimetype == "application/problem+json":
        document = json.loads(answer.data)
        assert set(document) >= {"code", "message", "facts", "next_step"}
        return str(document["code"])
    if answer.mimetype != "text/html":
        return None
    named = _CODE_ON_PAGE.search(answer.get_data(as_text=True))
    return named[1] if named else "page"

"""Every route for every role, on what is their own, another unit's, another org's, and not there.

The tables below say who may; a route that is in none of them fails a test. What lies outside of somebody's bounds is
answered in every respect like what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from authorisation.offices import ACCOUNTS, NOBODY, NOWHERE, PLACES, Offices, Thing, keys_in, open_offices
from engines.places import Place
from lontara_server.services.accounts import ROLES
from lontara_server.web.permissions import rule_of

# What each role may do at all.
_READING: Final = {
    "attendance.read", "behaviour.read", "conflict.read", "objection.read", "people.read", "plan.read", "policy.read",
    "review.read", "score.read", "signed_in", "workload.read",
}  # fmt: skip
_DECIDING: Final = {
    "attendance.write", "behaviour.write", "conflict.resolve", "objection.write", "plan.write", "review.write", "score.export",
}  # fmt: skip
MAY: Final = {
    "admin": _READING
    | _DECIDING
    | {"absorption.write", "attendance.machines", "objection.decide", "people.import", "policy.activate"},
    "supervisor": _READING | _DECIDING,
    "auditor": _READING,
}
# In which places each account sees what there is.
SEES: Final = {
    "admin": {"near", "far"},
    "near-admin": {"near"},
    "far-admin": {"far"},
    "chief": {"near"},
    "acting": {"near"},
    "far-chief": {"far"},
    "lone-chief": set(),
    "auditor": {"near", "far"},
    "far-auditor": {"far"},
    "foreign-admin": {"foreign"},
    "foreign-chief": {"foreign"},
    "foreign-auditor": {"foreign"},
    "nobody": set(),
}
STALE: Final = "0" * 64


@dataclass(frozen=True)
class Row:
    """One route: its permission, what it is about, and what is sent. A decision names an older state, so that who is
    let in changes nothing all the same."""

    permission: str
    about: str = ""
    json: Any = None
    form: Any = None
    lists: str = ""
    query: str = ""
    # Not for who is bound to a unit.
    whole_org: bool = False


_DECISION: Final = {"choice": "keep_server", "reason": "x", "hash": STALE}
_VERDICT: Final = {"verdict": "approved", "revision": 1, "hash": STALE}
ROWS: Final[dict[str, Row]] = {
    "GET /": Row("signed_in"),
    "GET /conflicts": Row("conflict.read", lists="conflict", query="route=admin"),
    "GET /conflicts/<conflict>": Row("conflict.read", "conflict"),
    "POST /conflicts/<conflict>/preview": Row("conflict.resolve", "conflict", form={"way": "stand", "reason": "x"}),
    "POST /conflicts/<conflict>/reopen": Row("conflict.resolve", "conflict", form={"reason": ""}),
    "POST /conflicts/<conflict>/resolve": Row(
        "conflict.resolve", "conflict", form={"way": "stand", "reason": "x", "hash": STALE}
    ),
    "GET /reviews": Row("review.read", lists="entry"),
    "POST /reviews": Row("review.write", "entry", form={"entry": "{id}:1:" + STALE}),
    "GET /reviews/<entry>": Row("review.read", "entry"),
    "POST /reviews/<entry>": Row("review.write", "entry", form={"verdict": "approved", "revision": "1", "hash": STALE}),
    "GET /scores": Row("score.read", lists="nip", query="period=2026-11"),
    "GET /scores/<nip>/<period>": Row("score.read", "nip"),
    "GET /scores/<nip>/<period>/recap.pdf": Row("score.export", "nip"),
    "GET /exports/<period>/scores.csv": Row("score.export", lists="nip"),
    "GET /exports/<period>/scores.xlsx": Row("score.export"),
    "GET /exports/<period>/tpp.xlsx": Row("score.export"),
    "GET /exports/<period>/ekinerja.csv": Row("score.export"),
    "GET /exports/<period>/ekinerja.xlsx": Row("score.export"),
    "GET /plans": Row("plan.read", lists="plan", query="year=2026"),
    "POST /plans": Row("plan.write", "nip", form={"nip": "{id}", "year": "2026"}),
    "GET /plans/<plan>": Row("plan.read", "plan"),
    "POST /plans/<plan>": Row("plan.write", "plan", form={"valid_from": "x", "valid_to": "x"}),
    "POST /plans/<plan>/move": Row("plan.write", "plan", form={"to": "final"}),
    "POST /plans/<plan>/measure": Row("plan.write", "plan", form={"indicator": NOWHERE, "realisation": "x"}),
    "GET /plans/<plan>/results/new": Row("plan.write", "plan"),
    "POST /plans/<plan>/results": Row("plan.write", "plan", form={"title": "", "kind": "main"}),
    "GET /plans/<plan>/results/<result>": Row("plan.write", "plan"),
    "POST /plans/<plan>/results/<result>": Row("plan.write", "plan", form={"title": "", "kind": "main"}),
    "GET /behaviour": Row("behaviour.read", lists="nip", query="period=2026"),
    "GET /behaviour/<nip>/<period>": Row("behaviour.read", "nip"),
    "POST /behaviour/<nip>/<period>": Row("behaviour.write", "nip", form={"loyal": "99"}),
    "POST /behaviour/<nip>/<period>/marks": Row("behaviour.write", "nip", form={"quality": "x"}),
    "GET /attendance": Row("attendance.read", lists="nip", query="period=2026-11"),
    "GET /attendance/<nip>/<period>": Row("attendance.read", "nip"),
    "POST /attendance/<nip>/<period>": Row("attendance.write", "nip", form={"first": "x"}),
    "POST /attendance/<nip>/<period>/clear": Row("attendance.write", "nip", form={"day": "x"}),
    "GET /attendance/machines": Row("attendance.machines", whole_org=True),
    "GET /absorption": Row("behaviour.read", query="period=2026-11"),
    "POST /absorption": Row("absorption.write", form={"period": "2026-11"}),
    "GET /workload": Row("workload.read", query="year=2026"),
    "GET /people": Row("people.read", lists="nip"),
    "GET /people/<nip>": Row("people.read", "nip"),
    "GET /attendance/import": Row("attendance.machines", whole_org=True),
    "POST /attendance/import": Row("attendance.machines", form={}, whole_org=True),
    "GET /attendance/import/<upload>": Row("attendance.machines", "punches", whole_org=True),
    "POST /attendance/import/<upload>": Row("attendance.machines", "punches", form={"seen": STALE}, whole_org=True),
    "GET /people/import": Row("people.import", whole_org=True),
    "POST /people/import": Row("people.import", form={}, whole_org=True),
    "GET /people/import/<upload>": Row("people.import", "upload", whole_org=True),
    "POST /people/import/<upload>": Row("people.import", "upload", form={"seen": STALE}, whole_org=True),
    "GET /policies": Row("policy.read"),
    "GET /policies/<policy>/<version>": Row("policy.read", query="period=2026-11"),
    "POST /policies/<policy>/<version>/activate": Row(
        "policy.activate", form={"since": "x", "reason": "x"}, whole_org=True
    ),
    "GET /scores/drift": Row("score.read"),
    "GET /objections": Row("objection.read", lists="objection", query="state=open"),
    "GET /objections/<objection>": Row("objection.read", "objection"),
    "POST /objections/<objection>/comment": Row("objection.write", "objection", form={"text": ""}),
    "POST /objections/<objection>/decide": Row("objection.decide", "objection", form={"decision": "x"}),
    "POST /scores/<nip>/<period>/objections": Row("objection.write", "nip", form={"text": ""}),
    "POST /sign-out": Row("signed_in", form={}),
    "GET /v1/conflicts": Row("conflict.read", lists="conflict"),
    "GET /v1/conflicts/<conflict>": Row("conflict.read", "conflict"),
    "POST /v1/conflicts/<conflict>/resolve": Row("conflict.resolve", "conflict", json=_DECISION),
    "GET /v1/entries": Row("review.read", lists="entry", query="review=waiting"),
    "POST /v1/entries/<entry>/review": Row("review.write", "entry", json=_VERDICT),
    "GET /v1/scores": Row("score.read", "nip", lists="nip", query="nip={id}&period=2026-11"),
    # Of these everybody is let in; what a device's request must be signed with is tested with the protocol.
    "GET /healthz": Row("everybody"),
    "GET /openapi.json": Row("everybody"),
    "GET /readyz": Row("everybody"),
    "GET /sign-in": Row("everybody"),
    "POST /sign-in": Row("everybody", form={"login": "x"}),
    "GET /static/<path:name>": Row("everybody"),
    "POST /v1/enrol": Row("device", json={}),
    "GET /v1/openapi.json": Row("everybody"),
    "GET /v1/ping": Row("everybody", query="nonce=a"),
    "POST /v1/session": Row("everybody", json={}),
    "POST /v1/sync": Row("device", json={}),
    # Machines show a key of their own; with none that is one they are refused whoever is signed in.
    "GET /iclock/cdata": Row("device"),
    "GET /iclock/<key>/cdata": Row("device", "nip"),
    "POST /iclock/cdata": Row("device"),
    "POST /iclock/<key>/cdata": Row("device", "nip"),
    "GET /iclock/getrequest": Row("device"),
    "GET /iclock/<key>/getrequest": Row("device", "nip"),
    "POST /iclock/devicecmd": Row("device"),
    "POST /iclock/<key>/devicecmd": Row("device", "nip"),
}
LOGINS: Final = ("nobody", *ACCOUNTS)
DECIDING: Final = {
    name
    for name, row in ROWS.items()
    if name.startswith("POST")
    and row.permission
    in _DECIDING | {"absorption.write", "attendance.machines", "objection.decide", "people.import", "policy.activate"}
}


def routes_of(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


@pytest.fixture
def offices(place: Place, tmp_path: Path) -> Iterator[Offices]:
    opened = open_offices(place, tmp_path)
    yield opened
    opened.database.dispose()


def ask(offices: Offices, name: str, login: str, thing: Thing) -> TestResponse:
    """One request to a route, about this thing."""
    row = ROWS[name]
    method, _, rule = name.partition(" ")
    client, token = offices.browser(login)
    about = str(getattr(thing, row.about)) if row.about else ""
    path = rule.replace("<path:name>", "tokens.css").replace("<period>", "2026-11").replace("<result>", thing.result)
    path = path.replace("<policy>", "generic-60-40").replace("<version>", "1")
    path = re.sub(r"<[^>]+>", about, path)
    path += f"?{row.query.replace('{id}', about)}" if row.query else ""
    if row.json is not None:
        return client.open(path, method=method, json=row.json, headers={"Lontara-Csrf": token})
    form = {key: str(value).replace("{id}", about) for key, value in (row.form or {}).items()}
    return client.open(path, method=method, data={**form, "csrf": token} if row.form is not None else None)


def outcome(answer: TestResponse) -> str:
    """`signed_out`, `not_permitted`, `not_there`, or `let_in` whatever came after."""
    sent_to_sign_in = answer.headers.get("Location", "").startswith("/sign-in?")
    if sent_to_sign_in or (answer.status_code == 401 and "sign_in_needed" in answer.text):
        return "signed_out"
    if answer.status_code == 403 and "not_permitted" in answer.text:
        return "not_permitted"
    return "not_there" if answer.status_code == 404 else "let_in"


def expected(name: str, login: str, place: str) -> str:
    row = ROWS[name]
    if row.permission in ("everybody", "device"):
        return "let_in"
    if login == "nobody":
        return "signed_out"
    if row.permission not in MAY[ACCOUNTS[login][1]]:
        return "not_permitted"
    if row.whole_org and ACCOUNTS[login][3] is not None:
        return "not_permitted"
    if row.about and place not in SEES[login]:
        return "not_there"
    # What is routed to the admin, a supervisor sees and does not decide.
    if row.permission == "conflict.resolve" and ACCOUNTS[login][1] == "supervisor":
        return "not_permitted" if "preview" not in name else "let_in"
    return "let_in"


def without(answer: TestResponse, thing: Thing) -> tuple[int, str, list[tuple[str, str]]]:
    """Everything that an answer tells, with the thing's names taken out."""
    text = answer.get_data(as_text=True)
    ids = (thing.entry, thing.conflict, thing.plan, thing.result, thing.upload, thing.objection, thing.punches)
    for each, name in (*((each, "ID") for each in ids), (thing.nip, "NIP")):
        text = text.replace(each, name)
    headers = [(name, value) for name, value in answer.headers.items() if name not in ("Date", "Content-Length")]
    told = [(name, re.sub("|".join((*ids, thing.nip)), "X", value)) for name, value in headers]
    return answer.status_code, text, sorted(told)


def test_every_route_has_its_row(offices: Offices) -> None:
    assert routes_of(offices.app) == set(ROWS)


def test_a_new_route_without_a_row_is_found(offices: Offices) -> None:
    offices.app.add_url_rule("/v1/forgotten", view_func=lambda: "")

    assert routes_of(offices.app) - set(ROWS) == {"GET /v1/forgotten"}


def test_every_route_declares_the_permission_of_its_row(offices: Offices) -> None:
    declared = {
        f"{method} {rule.rule}": rule_of(offices.app.view_functions[rule.endpoint])
        for rule in offices.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert declared == {name: row.permission for name, row in ROWS.items()}


def test_every_role_and_account_is_in_the_tables() -> None:
    assert set(MAY) == set(ROLES) == {role for _, role, _, _ in ACCOUNTS.values()}
    assert set(SEES) == set(LOGINS)


def test_every_role_gets_what_the_tables_say_and_nothing_else(offices: Offices) -> None:
    wanted, found = {}, {}
    for name, row in ROWS.items():
        for login in LOGINS:
            for place in (*PLACES, "nowhere") if row.about else ("near",):
                if name == "POST /sign-out" and login != "nobody":
                    continue
                wanted[name, login, place] = expected(name, login, place)
                found[name, login, place] = outcome(ask(offices, name, login, offices.things[place]))

    assert {key: found[key] for key in wanted if found[key] != wanted[key]} == {}
    assert len(wanted) > 600


def test_what_lies_outside_of_the_bounds_is_answered_in_every_respect_like_what_is_not_there(
    offices: Offices,
) -> None:
    nothing, told = offices.things["nowhere"], {}
    for name, row in ROWS.items():
        for login in LOGINS if row.about else ():
            absent = without(ask(offices, name, login, nothing), nothing)
            for place in set(PLACES) - SEES[login]:
                hidden = offices.things[place]
                if without(ask(offices, name, login, hidden), hidden) != absent:
                    told[name, login, place] = "differs"

    assert told == {}


def test_lists_hold_what_is_within_the_bounds_and_all_of_it(offices: Offices) -> None:
    wrong = {}
    for name, row in ROWS.items():
        for login in LOGINS[1:] if row.lists and not row.about else ():
            if row.permission not in MAY[ACCOUNTS[login][1]]:
                continue
            answer = ask(offices, name, login, offices.things["nowhere"])
            text = " ".join(keys_in(answer.json)) if answer.is_json else answer.text
            shown = {place for place in PLACES if str(getattr(offices.things[place], row.lists)) in text}
            if shown != SEES[login]:
                wrong[name, login] = shown

    assert wrong == {}


def test_the_names_of_what_is_not_there_are_nobody_s(offices: Offices) -> None:
    names = {text for place in PLACES for text in vars(offices.things[place]).values()}

    assert names.isdisjoint({NOWHERE, NOBODY})


@pytest.mark.parametrize("name", sorted(DECIDING))
def test_a_decision_without_its_token_is_refused_whoever_asks(offices: Offices, name: str) -> None:
    method, _, rule = name.partition(" ")
    client, _ = offices.browser("admin")
    path = rule.replace("<policy>", "generic-60-40").replace("<version>", "1")
    path = re.sub(r"<[^>]+>", str(getattr(offices.things["near"], ROWS[name].about, "")), path)

    answer = client.open(path, method=method, json=ROWS[name].json, data=ROWS[name].form)

    assert (answer.status_code, "form_expired" in answer.text) == (403, True)

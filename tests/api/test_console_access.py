"""Who gets into the console and its API, what each role may do, and what a refusal tells."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.console_office import (
    OTHER_WORKER,
    PASSWORD,
    Browser,
    ConsoleOffice,
    conflict_of,
    token_in,
    visible,
)
from lontara_core.problems import Problem
from lontara_server.services.access import PERMISSIONS
from lontara_server.services.accounts import IDLE_MS, ROLES
from lontara_server.web.permissions import admits, rule_of
from lontara_server.web.sessions import SESSION_COOKIE
from server.ready import WORKER

NOWHERE = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"
PAGES = ("/conflicts", "/reviews", "/scores")
LISTS = ("/v1/conflicts", "/v1/entries?review=waiting", "/v1/scores")


def views(app: Flask) -> dict[str, Callable[..., Any]]:
    return {
        f"{sorted(rule.methods or ())} {rule.rule}": app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
    }


def cookies(answer: TestResponse, name: str) -> str:
    (found,) = (each for each in answer.headers.getlist("Set-Cookie") if each.startswith(name + "="))
    return found


def sign_in(console: ConsoleOffice, login: str, password: str, **more: str) -> TestResponse:
    browser = console.browser()
    token = token_in(browser.get("/sign-in", base_url=more.get("base_url")).text)
    form = {"csrf": token, "login": login, "password": password, "next": more.get("next", "")}
    return browser.http.post("/sign-in", data=form, base_url=more.get("base_url"))


def test_every_route_declares_who_may_call_it(console: ConsoleOffice) -> None:
    undeclared = [route for route, view in views(console.app).items() if rule_of(view) is None]

    assert undeclared == []


def test_every_role_that_an_account_may_have_has_its_permissions() -> None:
    assert set(PERMISSIONS) == set(ROLES)


def test_a_route_that_declares_nothing_is_closed_to_everybody(console: ConsoleOffice) -> None:
    console.app.add_url_rule("/v1/forgotten", view_func=lambda: "secret")

    answer = console.browser("admin").get("/v1/forgotten")

    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "not_permitted")


def test_a_declaration_is_found_on_the_view() -> None:
    view = admits("score.read")(lambda: "")

    assert rule_of(view) == "score.read"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asked_for_without_a_session_leads_to_the_sign_in_and_back(console: ConsoleOffice, path: str) -> None:
    answer = console.browser().get(path)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}")


@pytest.mark.parametrize("path", LISTS)
def test_the_api_without_a_session_says_sign_in_needed(console: ConsoleOffice, path: str) -> None:
    answer = console.browser().get(path)

    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "sign_in_needed")


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(console: ConsoleOffice) -> None:
    answer = sign_in(console, "admin", PASSWORD)

    cookie = cookies(answer, SESSION_COOKIE)
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))


def test_under_tls_no_other_host_can_set_the_cookies(console: ConsoleOffice) -> None:
    answer = sign_in(console, "admin", PASSWORD, base_url="https://localhost")

    cookie = cookies(answer, "__Host-" + SESSION_COOKIE)
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize(("login", "password"), [("admin", "wrong password"), ("nobody", PASSWORD), ("\x00", PASSWORD)])
def test_a_refused_sign_in_says_the_same_whatever_was_wrong(console: ConsoleOffice, login: str, password: str) -> None:
    answer = sign_in(console, login, password)

    assert answer.status_code == 401
    assert "Nama masuk atau kata sandi salah." in visible(answer.text)


@pytest.mark.parametrize("next_page", ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example"])
def test_signing_in_never_leads_to_another_site(console: ConsoleOffice, next_page: str) -> None:
    answer = sign_in(console, "admin", PASSWORD, next=next_page)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_signing_in_leads_to_the_page_that_was_wanted(console: ConsoleOffice) -> None:
    answer = sign_in(console, "admin", PASSWORD, next="/scores?period=2026-11")

    assert answer.headers["Location"] == "/scores?period=2026-11"


def test_after_signing_out_the_old_cookie_opens_nothing(console: ConsoleOffice, admin: Browser) -> None:
    old = admin.http.get_cookie(SESSION_COOKIE)
    assert old is not None
    admin.post("/sign-out")
    thief = console.browser()
    thief.http.set_cookie(SESSION_COOKIE, old.value)

    answer = thief.get("/v1/conflicts")

    assert answer.status_code == 401


def test_a_session_that_was_idle_too_long_is_over_and_keeps_what_was_written(
    console: ConsoleOffice, admin: Browser
) -> None:
    console.clash()
    conflict = conflict_of(console)["id"]
    console.now[0] += IDLE_MS

    answer = admin.post(f"/conflicts/{conflict}/resolve", {"reason": "sudah ditanyakan lewat telepon"})

    assert answer.status_code == 401
    assert "sudah ditanyakan lewat telepon" in answer.text


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "another"}, {}),
        ({}, {"Origin": "https://elsewhere.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_a_form_that_another_site_sent_changes_nothing(
    console: ConsoleOffice, admin: Browser, form: dict[str, str], headers: dict[str, str]
) -> None:
    console.clash()
    conflict = conflict_of(console)
    told = {"hash": conflict["hash"], "reason": "tanpa izin", **form}

    answer = admin.post(f"/conflicts/{conflict['id']}/resolve", told, headers=headers)

    assert (answer.status_code, "form_expired" in answer.text) == (403, True)
    assert conflict_of(console)["state"] == "open"


def test_a_call_without_the_token_changes_nothing(console: ConsoleOffice, admin: Browser) -> None:
    admin.csrf = ""

    answer = admin.call(f"/v1/conflicts/{NOWHERE}/resolve", {})

    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "form_expired")


def test_a_sign_in_form_that_another_site_sent_begins_no_session(console: ConsoleOffice) -> None:
    answer = console.browser().http.post("/sign-in", data={"login": "admin", "password": PASSWORD})

    assert answer.status_code == 403
    assert not any(each.startswith(SESSION_COOKIE + "=") for each in answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("path", [*PAGES, "/sign-in", f"/conflicts/{NOWHERE}", "/static/tokens.css"])
def test_every_page_carries_its_protection(admin: Browser, path: str) -> None:
    headers = admin.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_holds_inline_style_or_script(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    console.compute()

    pages = [
        admin.get(path).text
        for path in (*PAGES, f"/conflicts/{conflict_of(console)['id']}", f"/scores/{WORKER}/2026-11")
    ]

    assert not any(" style=" in page or "<style" in page or " onclick" in page for page in pages)


@pytest.mark.parametrize(
    "path",
    ["/conflicts/{id}/resolve", "/conflicts/{id}/reopen", "/conflicts/{id}/preview", "/reviews/{id}", "/reviews"],
)
def test_an_auditor_reads_and_decides_nothing(console: ConsoleOffice, path: str) -> None:
    console.clash()
    auditor = console.browser("auditor")

    answer = auditor.post(path.format(id=conflict_of(console)["id"]), {"reason": "x", "way": "stand"})

    assert (answer.status_code, "not_permitted" in answer.text) == (403, True)


@pytest.mark.parametrize("login", ["far-chief", "far-admin"])
def test_another_units_conflict_is_answered_like_one_that_is_not_there(console: ConsoleOffice, login: str) -> None:
    console.clash()
    there, far = conflict_of(console)["id"], console.browser(login)

    answers = [far.get(f"/conflicts/{conflict}") for conflict in (there, NOWHERE)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(there, NOWHERE) == answers[1].text


@pytest.mark.parametrize("login", ["far-chief", "far-admin"])
def test_the_api_answers_of_another_unit_like_of_what_is_not_there(console: ConsoleOffice, login: str) -> None:
    entry = console.clash()
    there, far = conflict_of(console)["id"], console.browser(login)
    body = {"verdict": "approved", "revision": 1, "hash": "0" * 64}
    decision = {"choice": "keep_server", "reason": "x", "hash": "0" * 64}

    pairs = [
        (far.get(f"/v1/conflicts/{there}"), far.get(f"/v1/conflicts/{NOWHERE}")),
        (far.call(f"/v1/conflicts/{there}/resolve", decision), far.call(f"/v1/conflicts/{NOWHERE}/resolve", decision)),
        (far.call(f"/v1/entries/{entry}/review", body), far.call(f"/v1/entries/{NOWHERE}/review", body)),
        (far.get(f"/reviews/{entry}"), far.get(f"/reviews/{NOWHERE}")),
    ]

    for real, absent in pairs:
        assert (real.status_code, absent.status_code) == (404, 404)
        assert real.text.replace(there, NOWHERE).replace(entry, NOWHERE) == absent.text


@pytest.mark.parametrize("login", ["far-chief", "far-admin"])
def test_lists_hold_only_what_is_within_the_callers_bounds(console: ConsoleOffice, login: str) -> None:
    console.clash()
    console.entry(title="Rapat koordinasi", start_time="13:00", end_time="14:00")
    theirs = console.entry(OTHER_WORKER, title="Merawat jalan tani")
    console.compute()
    far = console.browser(login)

    conflicts, entries, scores = (far.get(path).json for path in LISTS)

    assert conflicts == []
    assert [each["id"] for each in entries or []] == [theirs]
    assert WORKER not in {each["nip"] for each in scores or []}


def test_a_score_of_another_unit_is_answered_like_one_that_nobody_has(console: ConsoleOffice) -> None:
    console.compute()
    far = console.browser("far-chief")

    answers = [far.get(f"/v1/scores?nip={nip}&period=2026-11") for nip in (WORKER, "190001011900010001")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(WORKER, "190001011900010001") == answers[1].text


def test_a_supervisor_does_not_decide_what_is_routed_to_the_admin(console: ConsoleOffice, chief: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)
    decision = {"choice": "keep_server", "reason": "x", "hash": conflict["hash"]}

    answer = chief.call(f"/v1/conflicts/{conflict['id']}/resolve", decision)

    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "not_permitted")


def test_a_problem_is_told_in_the_readers_language(admin: Browser) -> None:
    answers = [visible(admin.get(f"/conflicts/{NOWHERE}?lang={language}").text) for language in ("id", "en")]

    assert "Tidak ada data yang hilang." in answers[0]
    assert "No data is lost." in answers[1]


def test_a_failure_of_ours_is_a_page_that_tells_nothing_of_its_cause(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_values: object, **_named: object) -> None:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr("lontara_server.services.conflict_desk.list_for", fails)

    answer = admin.get("/conflicts")

    assert (answer.status_code, "server_failed" in answer.text, "secret" in answer.text) == (500, True, False)


def test_a_form_expired_is_a_problem_with_words_for_staff() -> None:
    problem = Problem("form_expired", "x")

    assert problem.words("id").startswith("Tidak ada yang berubah.")

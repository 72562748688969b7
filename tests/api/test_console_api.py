"""The console's own API: the same as its pages, as JSON; and never a 500 for what a client sent."""

from typing import Any

import pytest

from api.console_office import PASSWORD, Browser, ConsoleOffice, conflict_of
from server.logged_tablet import stored
from server.ready import WORKER

NOWHERE = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"


def decision(conflict: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"choice": "keep_server", "reason": "Sudah ditanyakan", "hash": conflict["hash"], **more}


def test_a_program_signs_in_and_gets_its_token(console: ConsoleOffice) -> None:
    browser = console.browser()

    answer = browser.call("/v1/session", {"login": "admin", "password": PASSWORD})

    assert answer.json is not None
    assert (answer.json["role"], bool(answer.json["csrf"]), browser.get("/v1/conflicts").status_code) == (
        "admin",
        True,
        200,
    )


def test_a_wrong_password_is_sign_in_failed(console: ConsoleOffice) -> None:
    answer = console.browser().call("/v1/session", {"login": "admin", "password": "wrong"})

    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "sign_in_failed")


def test_open_conflicts_are_listed_with_the_keys_of_a_conflict(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()

    (listed,) = admin.get("/v1/conflicts?state=open&route=admin").json or []

    assert set(listed) >= {"id", "kind", "route", "state", "records", "fields", "opened_at", "resolution"}
    assert listed == conflict_of(console)


def test_one_conflict_comes_with_entries_and_history(console: ConsoleOffice, admin: Browser) -> None:
    entry = console.clash()

    document = admin.get(f"/v1/conflicts/{conflict_of(console)['id']}").json or {}

    assert [each["id"] for each in document["entries"]] == [entry]
    assert {each["verdict"] for each in document["history"]} == {"applied", "conflict"}


def test_a_decision_changes_the_entry_and_is_answered_with_the_conflict(console: ConsoleOffice, admin: Browser) -> None:
    entry = console.clash()
    conflict = conflict_of(console)

    answer = admin.call(f"/v1/conflicts/{conflict['id']}/resolve", decision(conflict, choice="keep_device"))

    assert answer.json is not None
    assert (answer.status_code, answer.json["state"]) == (200, "resolved")
    assert stored(console.database, entry).fields["title"] == "Mendata kebun"


def test_a_decision_on_what_has_changed_is_conflict_changed(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)
    admin.call(f"/v1/conflicts/{conflict['id']}/resolve", decision(conflict))

    answer = admin.call(f"/v1/conflicts/{conflict['id']}/resolve", decision(conflict, choice="keep_device"))

    assert (answer.status_code, answer.json and answer.json["code"]) == (409, "conflict_changed")


def test_a_decision_that_has_not_seen_a_later_candidate_is_conflict_changed(
    console: ConsoleOffice, admin: Browser
) -> None:
    entry = console.clash()
    seen = conflict_of(console)
    console.another_candidate(entry, "Mendata tambak")

    answer = admin.call(f"/v1/conflicts/{seen['id']}/resolve", decision(seen))

    assert (answer.status_code, answer.json and answer.json["code"]) == (409, "conflict_changed")
    assert conflict_of(console)["state"] == "open"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": ""}, "missing_field"),
        ({"reason": 5}, "invalid_field"),
        ({"choice": "burn"}, "invalid_field"),
        ({"hash": "short"}, "invalid_field"),
        ({"wish": "more"}, "unknown_field"),
        ({"choice": "values"}, "missing_field"),
        ({"choice": "values", "values": {"owner": "x"}}, "unknown_field"),
        ({"choice": "values", "values": {"title": ["x"]}}, "invalid_field"),
        ({"choice": "values", "values": {"title": {"a": {"b": 1.5}}}}, "malformed_request"),
        ({"choice": "values", "values": {"end_time": "26:99"}}, "invalid_field"),
        ({"choice": "values", "values": {"work_date": "2026-13-01"}}, "invalid_field"),
        ({"choice": "keep_device", "candidate": NOWHERE}, "invalid_field"),
        ({"choice": "merge", "survivor": NOWHERE}, "invalid_field"),
        ({"choice": "void", "void": NOWHERE}, "invalid_field"),
        ({"choice": "void", "void": "\x00"}, "malformed_request"),
        ({"choice": "void", "void": "\x01"}, "not_canonical"),
    ],
)
def test_a_decision_of_no_good_form_is_refused_and_changes_nothing(
    console: ConsoleOffice, admin: Browser, change: dict[str, Any], code: str
) -> None:
    console.clash()
    conflict = conflict_of(console)

    answer = admin.call(f"/v1/conflicts/{conflict['id']}/resolve", decision(conflict, **change))

    assert (answer.status_code, answer.json and answer.json["code"]) == (400, code)
    assert conflict_of(console) == conflict


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"\xff", b"{" * 5000, b'{"choice": 1}', b" " * 70_000])
@pytest.mark.parametrize("path", [f"/v1/conflicts/{NOWHERE}/resolve", f"/v1/entries/{NOWHERE}/review", "/v1/session"])
def test_a_body_that_is_none_is_a_problem(admin: Browser, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Lontara-Csrf": admin.csrf}

    answer = admin.http.post(path, data=body, headers=headers)

    assert (400 <= answer.status_code < 500, answer.content_type) == (True, "application/problem+json")


def test_a_body_that_does_not_say_that_it_is_json_is_refused(admin: Browser) -> None:
    answer = admin.http.post("/v1/session", data='{"login": "admin"}', content_type="text/plain")

    assert (answer.status_code, answer.json and answer.json["code"]) == (415, "unsupported_encoding")


def test_waiting_entries_have_the_keys_of_an_entry_and_what_a_review_names(
    console: ConsoleOffice, chief: Browser
) -> None:
    entry = console.entry()

    (listed,) = chief.get("/v1/entries?review=waiting").json or []

    assert (listed["id"], listed["org"], listed["nip"], listed["review_state"]) == (entry, "WAJO", WORKER, "submitted")
    assert set(listed) >= {"captured_at", "recorded_at", "flags", "revision", "hash", "voided", "duration_minutes"}


def test_a_review_names_what_it_judged_and_is_answered_with_the_entry(console: ConsoleOffice, chief: Browser) -> None:
    console.entry()
    (listed,) = chief.get("/v1/entries?review=waiting").json or []
    body = {"verdict": "needs_revision", "revision": listed["revision"], "hash": listed["hash"], "note": "Isi jumlah"}

    answer = chief.call(f"/v1/entries/{listed['id']}/review", body)

    assert answer.json is not None
    assert (answer.json["review_state"], answer.json["review_note"]) == ("needs_revision", "Isi jumlah")


def test_a_review_of_an_older_state_is_entry_changed(console: ConsoleOffice, chief: Browser) -> None:
    entry = console.entry()

    answer = chief.call(f"/v1/entries/{entry}/review", {"verdict": "approved", "revision": 1, "hash": "0" * 64})

    assert (answer.status_code, answer.json and answer.json["code"]) == (409, "entry_changed")


def test_scores_are_listed_and_one_comes_with_its_explanation(console: ConsoleOffice, admin: Browser) -> None:
    console.compute()

    listed = admin.get("/v1/scores?period=2026-11").json or []
    (one,) = admin.get(f"/v1/scores?period=2026-11&nip={WORKER}").json or []

    assert WORKER in {each["nip"] for each in listed}
    assert "explanation" not in listed[0]
    assert (one["nip"], one["explanation"]["code"]) == (WORKER, "score_without_data")


@pytest.mark.parametrize(
    "path",
    ["/v1/conflicts?state=closed", "/v1/conflicts?route=x", "/v1/entries", "/v1/entries?review=x", "/v1/scores?period=x",
     f"/v1/scores?nip={WORKER}", f"/v1/scores?nip={WORKER}&period=x"],
)  # fmt: skip
def test_a_filter_that_is_none_is_a_problem(admin: Browser, path: str) -> None:
    answer = admin.get(path)

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")

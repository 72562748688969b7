"""Guessing at passwords: slower and slower, for one account, one address and both; and nobody is locked out for good."""

import pytest
from werkzeug.test import TestResponse

from api.console_office import PASSWORD, Browser, ConsoleOffice, token_in, visible
from lontara_core.problems import Problem
from lontara_server.services.throttle import FORGET_MS, LIMITS, PLACES_MAX, SignInThrottle
from server.ready import NOW

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
FREE = LIMITS["account from address"].free


def guess(browser: Browser, login: str = "admin", password: str = "salah", address: str = HOME) -> TestResponse:
    body = {"login": login, "password": password}
    return browser.http.post("/v1/session", json=body, environ_base={"REMOTE_ADDR": address})


def seconds_to_wait(throttle: SignInThrottle, account: str, address: str, now_ms: int) -> int:
    try:
        throttle.check(account, address, now_ms)
    except Problem as problem:
        return int(problem.facts["retry_after_seconds"])
    return 0


def test_a_few_mistakes_cost_nothing_and_the_next_has_to_wait(console: ConsoleOffice) -> None:
    browser = console.browser()

    answers = [guess(browser) for _ in range(FREE + 1)]

    assert [answer.status_code for answer in answers] == [401] * FREE + [429]
    assert (answers[-1].json or {})["code"] == "too_many_requests"
    assert answers[-1].headers["Retry-After"] == "1"


def test_while_one_has_to_wait_the_right_password_has_to_wait_too(console: ConsoleOffice) -> None:
    browser = console.browser()
    for _ in range(FREE):
        guess(browser)

    early = guess(browser, password=PASSWORD)
    console.now[0] += 1000
    in_time = guess(browser, password=PASSWORD)

    assert (early.status_code, in_time.status_code) == (429, 200)


def test_each_further_mistake_doubles_the_wait_up_to_its_longest() -> None:
    throttle, now_ms, waits = SignInThrottle(), NOW, []

    for _ in range(FREE + 14):
        throttle.failed("admin", HOME, now_ms)
        waits.append(seconds_to_wait(throttle, "admin", HOME, now_ms))
        now_ms += waits[-1] * 1000

    assert waits[:FREE] == [0] * (FREE - 1) + [1]
    assert waits[FREE - 1 : FREE + 5] == [1, 2, 4, 8, 16, 32]
    assert max(waits) == LIMITS["account from address"].wait_ms_max // 1000


def test_a_wait_ends_by_itself_and_attempts_within_it_do_not_prolong_it(console: ConsoleOffice) -> None:
    browser = console.browser()
    for _ in range(FREE):
        guess(browser)
    for _ in range(20):
        guess(browser)

    console.now[0] += 1000

    assert guess(browser, password=PASSWORD).status_code == 200


def test_whoever_guesses_from_elsewhere_costs_the_owner_a_minute_at_most() -> None:
    throttle = SignInThrottle()
    for number in range(10_000):
        throttle.failed("admin", f"{ELSEWHERE}/{number}", NOW)

    wait = seconds_to_wait(throttle, "admin", HOME, NOW)

    assert wait == 60


def test_one_address_that_tries_many_accounts_has_to_wait_as_well() -> None:
    throttle = SignInThrottle()
    for number in range(LIMITS["address"].free):
        throttle.failed(f"account{number}", ELSEWHERE, NOW)

    waits = [seconds_to_wait(throttle, "admin", address, NOW) for address in (ELSEWHERE, HOME)]

    assert waits == [1, 0]


def test_getting_in_forgets_the_account_s_mistakes_and_not_the_address_s() -> None:
    throttle = SignInThrottle()
    for _ in range(LIMITS["address"].free):
        throttle.failed("admin", HOME, NOW)
    throttle.succeeded("admin", HOME)

    waits = [seconds_to_wait(throttle, "admin", address, NOW) for address in (HOME, ELSEWHERE)]

    assert waits == [1, 0]


def test_old_mistakes_are_forgotten() -> None:
    throttle = SignInThrottle()
    for _ in range(50):
        throttle.failed("admin", HOME, NOW)

    wait = seconds_to_wait(throttle, "admin", HOME, NOW + FORGET_MS)

    assert wait == 0


def test_a_clock_that_was_set_back_makes_no_wait_longer() -> None:
    throttle = SignInThrottle()
    for _ in range(FREE):
        throttle.failed("admin", HOME, NOW)

    wait = seconds_to_wait(throttle, "admin", HOME, NOW - 10_000_000)

    assert wait == 1


def test_what_is_remembered_is_bounded() -> None:
    throttle = SignInThrottle()

    for number in range(PLACES_MAX):
        throttle.failed(f"account{number}", f"address{number}", NOW)

    assert len(throttle._failures) == PLACES_MAX


def test_a_login_that_does_not_exist_is_answered_like_one_that_does_all_the_way(console: ConsoleOffice) -> None:
    browser = console.browser()

    answers = {login: [guess(browser, login) for _ in range(FREE + 1)] for login in ("admin", "nobody")}

    told = {login: [(each.status_code, each.text, each.headers.get("Retry-After")) for each in row]
            for login, row in answers.items()}  # fmt: skip
    assert told["admin"] == told["nobody"]


def test_an_org_that_does_not_exist_is_answered_like_a_wrong_password(console: ConsoleOffice) -> None:
    browser = console.browser()

    answers = [
        browser.http.post("/v1/session", json={"login": "admin", "password": "salah", "org": org})
        for org in ("WAJO", "ATLANTIS")
    ]

    assert (answers[0].status_code, answers[0].text) == (answers[1].status_code, answers[1].text)


def test_the_page_says_that_one_has_to_wait(console: ConsoleOffice) -> None:
    browser = console.browser()
    form = {"csrf": token_in(browser.get("/sign-in").text), "login": "admin", "password": "salah"}
    for _ in range(FREE):
        browser.http.post("/sign-in", data=form)

    answer = browser.http.post("/sign-in", data=form)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert "Terlalu banyak percobaan" in visible(answer.text)


@pytest.mark.parametrize("claimed", ["10.0.0.1", "127.0.0.1"])
def test_an_address_that_a_header_claims_is_not_counted_by(console: ConsoleOffice, claimed: str) -> None:
    browser = console.browser()
    for number in range(FREE):
        browser.http.post("/v1/session", json={"login": "admin", "password": "salah"},
                          headers={"X-Forwarded-For": f"{claimed}{number}"})  # fmt: skip

    answer = guess(browser, address="127.0.0.1")

    assert answer.status_code == 429

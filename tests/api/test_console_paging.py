"""Long lists of the console: a page at a time, with how many there are, and nobody left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from api.console_office import OTHER_WORKER, Browser, ConsoleOffice, visible
from lontara_server.services import objections, paging
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction
from server.plan_office import ADMIN, PlanOffice
from server.ready import CHIEF, NOW, WORKER

NIPS = re.compile(r"NIP (\d{18})")
FOUR = {"197804122003122001", "199103092015031005", "197511022001121002", "199508172020122004"}


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "ROWS_PER_PAGE", 3)
    monkeypatch.setattr("lontara_server.services.review_desk.ROWS_PER_PAGE", 3)


def pages_from(browser: Browser, path: str) -> Iterator[str]:
    """Every page of a list, by its own links."""
    address: str | None = path
    while address is not None:
        answer = browser.get(address)
        assert answer.status_code == 200
        yield answer.text
        found = re.search(r'rel="next" href="([^"]+)"', answer.text)
        address = None if found is None else found[1].replace("&amp;", "&")


@pytest.mark.parametrize("path", ["/attendance?period=2026-11", "/behaviour?period=2026-11", "/scores?period=2026-11"])
def test_everybody_is_on_one_of_the_pages(console: ConsoleOffice, admin: Browser, path: str) -> None:
    console.compute()

    pages = list(pages_from(admin, path))

    found = [NIPS.findall(page) for page in pages]
    assert [len(each) for each in found] == [3, 1]
    assert {nip for page in found for nip in page} == FOUR
    assert "Baris 1–3 dari 4" in visible(pages[0])
    assert "Halaman 2 dari 2" in visible(pages[1])


def test_a_filter_stays_on_the_way_through_the_pages(console: ConsoleOffice, admin: Browser) -> None:
    console.compute()

    pages = list(pages_from(admin, "/scores?period=2026-11&search=19&lang=en"))

    assert len(pages) == 2
    assert 'value="19"' in pages[1]
    assert "Rows 4–4 of 4" in visible(pages[1])


def test_a_search_of_scores_finds_a_part_of_a_name_and_says_when_nobody_fits(
    console: ConsoleOffice, admin: Browser
) -> None:
    console.compute()

    found, none = (admin.get(f"/scores?search={each}").text for each in ("lamaru", "zzz"))

    assert NIPS.findall(found) == [WORKER]
    assert "Tidak ada yang cocok" in visible(none)


@pytest.mark.parametrize("asked", ["0", "99", "-1", "x", "9" * 5000])
def test_a_page_that_is_not_there_is_answered_with_one_that_is(
    console: ConsoleOffice, admin: Browser, asked: str
) -> None:
    console.compute()

    assert admin.get(f"/attendance?period=2026-11&page={asked}").status_code == 200


def test_conflicts_and_entries_have_their_pages(console: ConsoleOffice, admin: Browser) -> None:
    entries = {console.clash(title=f"Mendata {number}") for number in range(4)}

    conflicts = [re.findall(r'class="strip far" href="/conflicts/([^"]+)"', page) for page in pages_from(admin, "/conflicts")]
    waiting = [re.findall(r'href="/reviews/([0-9a-f-]{36})"', page) for page in pages_from(admin, "/reviews")]
    of_month = pages_from(admin, "/reviews?state=submitted&period=2026-11")
    listed = [re.findall(r'href="/reviews/([0-9a-f-]{36})"', page) for page in of_month]

    assert [len(each) for each in conflicts] == [3, 1]
    for found in (waiting, listed):
        assert [len(each) for each in found] == [3, 1]
        assert {entry for page in found for entry in page} == entries


def test_objections_and_plans_have_their_pages(console: ConsoleOffice, admin: Browser) -> None:
    plans = PlanOffice(console.database)
    people = (CHIEF, WORKER, OTHER_WORKER, "197511022001121002")
    for nip in people:
        plans.plan(nip)
        with transaction(console.database) as connection:
            owner = employee_named(connection, 1, nip)
            objections.open_objection(connection, 1, owner, "2026-11", "Keliru", ADMIN, NOW)

    for path in ("/objections", "/plans?year=2026"):
        found = [NIPS.findall(page) for page in pages_from(admin, path)]
        assert [len(each) for each in found] == [3, 1]
        assert {nip for page in found for nip in page} == set(people)


def test_a_short_list_has_no_pages(console: ConsoleOffice, chief: Browser) -> None:
    assert "Halaman" not in visible(chief.get("/attendance?period=2026-11").text)

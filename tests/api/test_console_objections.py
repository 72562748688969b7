"""The console's pages about objections, and what the page of a score tells of what is missing and what changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.console_office import Browser, ConsoleOffice, open_office, visible
from engines.places import Place
from lontara_core.record import judged_hash
from lontara_core.terms import TERMS
from lontara_server.services.reviews import review
from lontara_server.storage.engine import transaction
from lontara_server.web.console.objection_words import OBJECTION_PAGES
from lontara_server.web.console.words import PAGES
from server.logged_tablet import stored
from server.ready import NOW, WORKER

PERIOD = "2026-11"
PAGE = f"/scores/{WORKER}/{PERIOD}"


@pytest.fixture
def console(place: Place, tmp_path: Path) -> Iterator[ConsoleOffice]:
    opened = open_office(tmp_path, place)
    entry = opened.entry()
    held = stored(opened.database, entry)
    with transaction(opened.database) as connection:
        review(
            connection, 1, entry, "approved", revision=held.revision, judged=judged_hash(held), by="admin", now_ms=NOW
        )  # fmt: skip
    opened.compute()
    yield opened
    opened.database.dispose()


@pytest.fixture
def admin(console: ConsoleOffice) -> Browser:
    return console.browser("admin")


def objected(browser: Browser, text: str = "Tanggal 17 saya dinas luar") -> str:
    answer = browser.post(f"{PAGE}/objections", {"text": text})
    assert answer.status_code == 303, visible(answer.text)
    return str(answer.headers["Location"])


def test_an_objection_waits_in_the_list_and_on_the_page_of_its_score(console: ConsoleOffice, admin: Browser) -> None:
    objected(admin)

    listed, score = visible(admin.get("/objections").text), visible(admin.get(PAGE).text)

    assert "Ambo Upe Lamaru" in listed
    assert "menunggu jawaban" in listed
    assert "menunggu jawaban" in score
    assert "Apa yang keliru" not in score


def test_a_supervisor_comments_and_sees_no_form_to_decide(console: ConsoleOffice, admin: Browser) -> None:
    path, chief = objected(admin), console.browser("chief")

    chief.post(f"{path}/comment", {"text": "Mesinnya rusak hari itu"})

    page = chief.get(path).text
    assert "Mesinnya rusak hari itu" in visible(page)
    assert f'action="{path}/decide"' not in page
    assert f'action="{path}/decide"' in admin.get(path).text


def test_a_correction_is_told_in_the_answer_the_tree_and_the_history(console: ConsoleOffice, admin: Browser) -> None:
    path = objected(admin)

    answer = admin.post(f"{path}/decide", {"decision": "upheld", "correction": "1,5", "answer": "Surat tugasnya ada"})

    assert answer.status_code == 303, visible(answer.text)
    decided, score = visible(admin.get(path).text), visible(admin.get(PAGE).text)
    assert "Surat tugasnya ada" in decided
    assert "diterima" in decided
    assert "Koreksi sesudah keberatan diterima" in score
    assert "Riwayat nilai ini" in score
    assert "Koreksi sesudah keberatan diterima: 1,5" in score


@pytest.mark.parametrize("form", [{}, {"decision": "upheld"}, {"decision": "upheld", "answer": "Ya", "correction": "x"}])
def test_a_decision_that_lacks_something_saves_nothing_and_keeps_what_was_typed(
    console: ConsoleOffice, admin: Browser, form: dict[str, str]
) -> None:
    path = objected(admin)

    answer = admin.post(f"{path}/decide", form)

    assert answer.status_code == 400
    assert "Belum tersimpan" in visible(answer.text)
    assert "menunggu jawaban" in visible(admin.get(path).text)


def test_an_objection_is_withdrawn_for_the_person(console: ConsoleOffice, admin: Browser) -> None:
    path = objected(admin)

    admin.post(f"{path}/decide", {"decision": "withdrawn"})

    assert "dicabut" in visible(admin.get("/objections?state=withdrawn").text)


def test_a_second_objection_is_refused_with_what_was_written(console: ConsoleOffice, admin: Browser) -> None:
    objected(admin)

    answer = admin.post(f"{PAGE}/objections", {"text": "Masih keliru menurut saya"})

    assert answer.status_code == 409
    assert "Masih keliru menurut saya" in visible(answer.text)


def test_the_page_of_a_score_names_the_days_without_attendance_and_devices_that_hold_entries(
    console: ConsoleOffice, admin: Browser
) -> None:
    page = visible(admin.get(PAGE).text)

    assert "Yang belum diketahui" in page
    assert "hari itu tidak dianggap tidak hadir" in page
    assert "2–6 Nov, 9–13 Nov, 16–18 Nov" in page
    assert "Bulan ini masih berjalan: 8 hari kerja lagi." in page


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("id", "Kebijakan: Menit efektif sehari, pekan 5 hari: 300 menit"),
        ("en", "Policy: Effective minutes a day, week of 5 days: 300 minutes"),
    ],
)
def test_the_rows_of_a_score_name_the_line_of_the_policy_in_words(
    console: ConsoleOffice, admin: Browser, language: str, line: str
) -> None:
    page = visible(admin.get(f"{PAGE}?lang={language}").text)

    assert line in page
    assert "effective_minutes" not in page


@pytest.mark.parametrize("path", ["/objections", "/objections?state=", PAGE])
def test_the_pages_speak_english_too(console: ConsoleOffice, admin: Browser, path: str) -> None:
    objected(admin)

    page = visible(admin.get(f"{path}{'&' if '?' in path else '?'}lang=en").text)

    assert "waits for an answer" in page


def test_no_word_of_these_pages_takes_the_place_of_another_page_s() -> None:
    assert OBJECTION_PAGES.keys().isdisjoint(PAGES.keys() | TERMS.keys())

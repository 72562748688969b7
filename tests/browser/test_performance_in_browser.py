"""What scores rest on, in Chromium: files of people and punches, ratings, a policy tried and let hold, and an objection
from the person's device to the corrected score."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from api.console_office import ConsoleOffice
from browser.test_console_in_browser import complaints_of
from lontara_core.record import Record
from lontara_server.jobs.scores import drain_scores
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.people import employee_named
from lontara_server.services.policy_store import import_policy
from lontara_server.services.reviews import entry_document, entry_named, review
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import AllowanceBase, AttendanceDay
from server.logged_tablet import DAY, stored
from server.ready import NOW, WORKER
from server.test_policy_store import OWN

LANGUAGES = pytest.mark.parametrize("language", ["id", "en"])
SCORE = f"/scores/{WORKER}/2026-11"
LOG = b"7\t2026-11-16 07:45:00\t1\t0\t1\t0\n99\t2026-11-16 07:30:00\t1\t0\t1\t0\nnot a punch\n"


@pytest.fixture
def scored(console: ConsoleOffice) -> ConsoleOffice:
    """An approved hour and a late day, a base for the allowance, and a version of the policy that nobody uses yet."""
    entry = console.entry()
    with transaction(console.database) as connection:
        seen = entry_document(entry_named(connection, 1, entry))
        review(connection, 1, entry, "approved", revision=seen["revision"], judged=seen["hash"], by="chief", now_ms=NOW)
        head = {"org_id": 1, "employee": employee_named(connection, 1, WORKER).id}
        base = {**head, "valid_from": date(2020, 1, 1), "amount": 4_000_000, "by": "admin", "at": NOW}
        connection.execute(insert(AllowanceBase).values(**base))
        connection.execute(
            insert(AttendanceDay).values(
                **head, day=date.fromisoformat(DAY), status="present", late_minutes=45, early_leave_minutes=0,
                has_check_in=True, has_check_out=True, origin="punches",
            )
        )  # fmt: skip
        import_policy(connection, 1, OWN, where="x.yaml", by="admin", now_ms=NOW)
    console.compute()
    return console


def file_of(folder: Path, name: str, content: bytes) -> Path:
    made = folder / name
    made.write_bytes(content)
    return made


@LANGUAGES
def test_a_list_of_people_that_is_too_short_is_stopped_and_imported_once_the_threshold_is_raised(
    console: ConsoleOffice, page: Page, tmp_path: Path, language: str
) -> None:
    words = {
        "id": ("Lihat dulu", "Hitung lagi", "Impor sekarang", "Impor selesai", "akan menjadi tidak aktif", "Impor pegawai"),
        "en": ("Look first", "Look again", "Import now", "The import is done", "would become inactive", "Import people"),
    }[language]
    see, again, confirm, done, stopped, heading = words
    heard = complaints_of(page)
    page.goto(f"/people/import?lang={language}")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.locator("#source").set_input_files(file_of(tmp_path, "duk.csv", f"nip,nama\n{WORKER},Ambo Upe L.\n".encode()))
    page.locator("input[name=complete]").check()
    page.get_by_role("button", name=see).click()
    expect(page.get_by_role("button", name=confirm)).to_have_count(0)
    expect(page.locator(".note.fix").first).to_contain_text(stopped)
    page.locator("#threshold").fill("80")
    page.get_by_role("button", name=again).click()

    page.get_by_role("button", name=confirm).click()

    expect(page.get_by_role("heading", name=done)).to_be_visible()
    with transaction(console.database) as connection:
        assert employee_named(connection, 1, WORKER).full_name == "Ambo Upe L."
    assert heard == []


@LANGUAGES
def test_punches_are_looked_at_and_taken_in(
    console: ConsoleOffice, page: Page, tmp_path: Path, language: str
) -> None:
    see, confirm, done, new, nobody = {
        "id": ("Lihat dulu", "Impor sekarang", "Impor selesai", "Log baru", "PIN tanpa pemilik"),
        "en": ("Look first", "Import now", "The import is done", "New punches", "PINs that are nobody's"),
    }[language]
    with transaction(console.database) as connection:
        set_pin(connection, 1, "7", employee_named(connection, 1, WORKER), by="admin", now_ms=NOW)
    heard = complaints_of(page)
    page.goto(f"/attendance?period=2026-11&lang={language}")
    page.locator("a[href='/attendance/import']").click()
    page.locator("#source").set_input_files(file_of(tmp_path, "1_attlog.dat", LOG))
    page.get_by_role("button", name=see).click()
    expect(page.locator(".kpi")).to_contain_text(f"{new}2")
    expect(page.get_by_text(nobody)).to_be_visible()

    page.get_by_role("button", name=confirm).click()

    expect(page.get_by_role("heading", name=done)).to_be_visible()
    page.goto(f"/attendance/{WORKER}/2026-11")
    expect(page.locator("tr", has_text="16 Nov 2026")).to_contain_text("07.45" if language == "id" else "07:45")
    assert heard == []


@LANGUAGES
def test_a_policy_is_tried_read_and_let_hold(scored: ConsoleOffice, page: Page, language: str) -> None:
    tries, found, fallen, difference, holds, saved = {
        "id": ("Coba", "1 dari 4 pegawai akan bernilai lain", "Akan turun1", "−", "Pakai kebijakan ini", "Tersimpan: berlaku"),
        "en": ("Try", "1 of 4 people would have another result", "Would fall1", "−", "Let this policy hold", "Saved: it holds"),
    }[language]
    heard = complaints_of(page)
    page.goto(f"/policies/generic-60-40/2?lang={language}")
    page.get_by_role("button", name=tries, exact=True).click()
    expect(page.get_by_role("heading", name=found)).to_be_visible()
    expect(page.locator(".kpi")).to_contain_text(fallen)
    expect(page.locator("tbody tr", has_text="Ambo Upe Lamaru")).to_contain_text(difference)
    expect(page.locator("main")).not_to_contain_text("effective_minutes")
    page.locator("input[name=since]").fill("2026-11")
    page.locator("input[name=reason]").fill("Perbup 12/2026")

    page.get_by_role("button", name=holds).click()

    expect(page.get_by_role("status")).to_contain_text(saved)
    assert heard == []


@LANGUAGES
def test_an_objection_from_a_device_is_decided_and_the_corrected_score_tells_its_history(
    scored: ConsoleOffice, page: Page, language: str
) -> None:
    waits, upholds, history, correction = {
        "id": ("Keberatan atas nilai", "Terima", "Riwayat nilai ini", "Koreksi sesudah keberatan diterima"),
        "en": ("Objections to scores", "Uphold", "What this score was before", "Correction after an upheld objection"),
    }[language]
    tablet = scored.tablet()
    tablet.sync()
    made = tablet.write(
        "create", type="objection", fields={"period": "2026-11", "text": "Tanggal 18 saya rapat di kantor bupati"}
    ).record
    tablet.sync()
    heard = complaints_of(page)
    page.goto(f"{SCORE}?lang={language}")
    before = page.locator(".big-n").inner_text()
    page.goto("/")
    page.get_by_role("link", name=waits).click()
    page.get_by_role("link", name="Ambo Upe Lamaru").click()
    expect(page.get_by_text("Tanggal 18 saya rapat di kantor bupati")).to_be_visible()
    page.locator("#answer").fill("Undangannya ada")
    page.locator("#correction").fill("1,5" if language == "id" else "1.5")

    page.get_by_role("button", name=upholds, exact=True).click()

    expect(page.locator("main .tag.yes").first).to_be_visible()
    drain_scores(scored.database, lambda: NOW)
    page.goto(SCORE)
    expect(page.locator(".eq")).to_contain_text(correction)
    expect(page.locator(".trail", has_text=before)).to_be_visible()
    expect(page.get_by_role("heading", name=history)).to_be_visible()
    assert page.locator(".big-n").inner_text() != before
    held: Record = stored(scored.database, made, "objection")
    assert (held.fields["state"], held.fields["answer"]) == ("upheld", "Undangannya ada")
    told = tablet.sync()
    assert "Undangannya ada" in str(told)
    assert heard == []


@LANGUAGES
def test_behaviour_is_rated_with_the_keyboard_alone(console: ConsoleOffice, page: Page, language: str) -> None:
    heading = {"id": "Perilaku Ambo Upe Lamaru", "en": "Behaviour of Ambo Upe Lamaru"}[language]
    heard = complaints_of(page)
    page.goto(f"/behaviour/{WORKER}/2026-11?lang={language}")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.locator("#service_oriented").focus()
    for rating in ("4", "4,5", "5", "4", "3,5", "4", "5"):
        page.keyboard.type(rating if language == "id" else rating.replace(",", "."))
        page.keyboard.press("Tab")
    page.keyboard.type("Pelayanan loket dipuji warga")
    page.keyboard.press("Tab")

    page.keyboard.press("Enter")

    expect(page.locator(".head .big-n")).to_have_text("4,29" if language == "id" else "4.29")
    expect(page.locator(".trail")).to_contain_text("Pelayanan loket dipuji warga")
    assert heard == []


@LANGUAGES
def test_a_score_s_picture_its_sum_and_its_policy_are_in_words(scored: ConsoleOffice, page: Page, language: str) -> None:
    part, line = {
        "id": ("Produktivitas menyumbang", "Kebijakan: Menit efektif sehari, pekan 5 hari: 300 menit"),
        "en": ("Productivity adds", "Policy: Effective minutes a day, week of 5 days: 300 minutes"),
    }[language]
    page.goto(f"{SCORE}?lang={language}")
    picture, shown = page.get_by_role("img", name=re.compile(part)), page.locator(".big-n").inner_text()

    page.get_by_text(re.compile("Target menit|Target minutes")).first.click()

    expect(picture).to_be_visible()
    expect(page.locator(".eq")).to_contain_text(f"= {shown}")
    expect(page.get_by_text(line)).to_be_visible()
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", page.locator("main").inner_text()) == []


def test_the_tree_of_a_score_is_opened_and_closed_with_the_keyboard(scored: ConsoleOffice, page: Page) -> None:
    page.goto(SCORE)
    target = page.locator(".tree details", has_text="Target menit").last
    target.locator("summary").focus()

    page.keyboard.press("Enter")

    assert target.evaluate("(each) => each.open")
    page.keyboard.press("Enter")
    assert not target.evaluate("(each) => each.open")

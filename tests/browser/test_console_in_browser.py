"""The console in Chromium: picks without a reload, no script or style that the policy stops, room on small screens."""

import pytest
from playwright.sync_api import Browser, Page, expect

from api.console_office import PASSWORD, ConsoleOffice, conflict_of
from server.logged_tablet import stored
from server.ready import WORKER


def complaints_of(page: Page) -> list[str]:
    """What the browser says against the page from now on."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def test_a_pick_shows_its_result_and_the_workers_sentence_at_once(console: ConsoleOffice, page: Page) -> None:
    console.clash()
    heard = complaints_of(page)
    page.goto(f"/conflicts/{conflict_of(console)['id']}")

    page.locator(".pick.b input[name=pick-title]").check()

    expect(page.locator("#will-read")).to_contain_text("kegiatan Mendata kebun dari perangkat")
    expect(page.locator(".clash-row", has_text="Kegiatan").locator(".res .when-b").first).to_be_visible()
    assert heard == []


def test_a_decision_from_list_to_result(console: ConsoleOffice, page: Page) -> None:
    entry = console.clash()
    page.goto("/conflicts")
    page.get_by_role("link", name="Mendata sawah").click()
    page.locator(".pick.b input[name=pick-end_time]").check()
    page.get_by_role("textbox", name="Alasan").fill("Sudah ditanyakan lewat telepon")

    page.get_by_role("button", name="Simpan keputusan").click()

    expect(page.get_by_text("Keputusan tersimpan: Dipilih per isian")).to_be_visible()
    held = stored(console.database, entry).fields
    assert (held["title"], held["end_time"]) == ("Mendata sawah", "11:00")


def test_a_decision_needs_no_script(console: ConsoleOffice, chromium: Browser, address: str) -> None:
    console.clash()
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/conflicts/{conflict_of(console)['id']}")
    page.fill("#login", "admin")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.locator(".pick.b input[name=pick-title]").check()

    page.get_by_role("button", name="Hitung dampak").click()

    expect(page.locator("#will-read")).to_contain_text("kegiatan Mendata kebun dari perangkat")
    expect(page.locator(".pick.b input[name=pick-title]")).to_be_checked()
    context.close()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_scrolls_sideways_or_breaks_its_policy(
    console: ConsoleOffice, page: Page, language: str, width: int
) -> None:
    entry = console.clash(description="Mendata sawah tadah hujan bersama kelompok tani.")
    console.compute()
    page.set_viewport_size({"width": width, "height": 800})
    heard = complaints_of(page)
    paths = ["/conflicts", f"/conflicts/{conflict_of(console)['id']}", "/reviews", f"/reviews/{entry}", "/scores",
             f"/scores/{WORKER}/2026-11", "/people", f"/people/{WORKER}", "/people/import"]  # fmt: skip

    widths = {}
    for path in paths:
        page.goto(f"{path}?lang={language}")
        widths[path] = page.evaluate("() => document.documentElement.scrollWidth")

    assert {path: found for path, found in widths.items() if found > width} == {}
    assert heard == []

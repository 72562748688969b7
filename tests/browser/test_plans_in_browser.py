"""Plans and behaviour in Chromium: a plan from its first form to approved, and room on small screens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.console_office import ConsoleOffice
from server.ready import CHIEF, WORKER


def a_plan(page: Page, nip: str = WORKER, title: str = "Berkas warga terlayani") -> str:
    """A plan with one work result, made by hand; its address."""
    page.goto("/plans?year=2026")
    page.locator("select[name=nip]").select_option(nip)
    page.get_by_role("button", name="Buat SKP").click()
    page.get_by_role("link", name="Tambah RHK").click()
    page.get_by_label("Rencana hasil kerja").fill(title)
    page.get_by_label("Indikator 1").fill("Jumlah berkas")
    page.locator("input[name=i-0-target]").fill("40,5")
    page.locator("input[name=i-0-unit]").fill("berkas")
    page.get_by_label("Triwulan 1").fill("Membuka loket layanan tiap Senin")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    return page.url


def test_a_plan_from_its_first_form_to_approved(console: ConsoleOffice, page: Page) -> None:
    a_plan(page)
    page.get_by_role("button", name="Ajukan").click()

    page.get_by_role("button", name="Setujui").click()

    expect(page.locator(".head .tag", has_text="Disetujui")).to_be_visible()
    expect(page.get_by_role("link", name="Tambah RHK")).to_have_count(0)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_about_plans_scrolls_sideways(console: ConsoleOffice, page: Page, language: str, width: int) -> None:
    address = a_plan(page)
    a_plan(page, CHIEF, "Layanan publik membaik di seluruh kecamatan sepanjang tahun berjalan")
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.set_viewport_size({"width": width, "height": 800})
    plan = address.rpartition("/")[2]
    paths = ["/plans?year=2026", f"/plans/{plan}", f"/plans/{plan}/results/new", "/behaviour?period=2026",
             f"/behaviour/{WORKER}/2026", f"/behaviour/{WORKER}/2026-11", "/absorption?period=2026-11", "/workload"]  # fmt: skip

    widths = {}
    for number, path in enumerate(paths):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        widths[path] = page.evaluate("() => document.documentElement.scrollWidth")
        if folder := os.environ.get("LONTARA_TEST_PICTURES"):
            page.screenshot(path=Path(folder) / f"{number}-{language}-{width}.png", full_page=True)

    assert {path: found for path, found in widths.items() if found > width} == {}
    assert heard == []

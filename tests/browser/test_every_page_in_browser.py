"""Every page of an office in the middle of its month, in Chromium: room, words in place of codes, and no complaint."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from api.console_office import ConsoleOffice, conflict_of
from browser.conftest import sign_in
from browser.lived_in import move_in
from browser.test_console_in_browser import complaints_of
from server.ready import CHIEF, WORKER

# What no person should read: keys of the product, values of its programs, braces that nothing was put into.
# "None has arrived" is a sentence.
CODES: Final = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b|\bNone\b(?! has)|\bTrue\b|\bFalse\b|[{}]")
PAGES: Final = (
    "/", "/conflicts", "/conflicts?state=resolved", "/conflicts/{conflict}", "/reviews",
    "/reviews?state=approved&period=2026-11", "/reviews/{entry}", "/scores", "/scores?search=zzz",
    f"/scores/{WORKER}/2026-11", f"/scores/{WORKER}/2026-10", f"/scores/{CHIEF}/2026-11", "/scores/drift",
    "/objections", "/objections?state=", "/objections/{objection}", "/plans?year=2026", "/plans/{plan}",
    "/plans/{plan_above}", "/behaviour?period=2026", "/behaviour?period=2026-11", f"/behaviour/{WORKER}/2026-11",
    "/absorption?period=2026-11", "/workload", "/attendance", f"/attendance/{WORKER}/2026-11", "/people",
    "/people?search=zzz", f"/people/{WORKER}", "/policies", "/policies/generic-60-40/2",
    "/policies/generic-60-40/2?period=2026-11", "/policies/jakarta-kecamatan/1", "/policies/sumedang-2023/1",
    "/policies/pp30-2019/1", "/policies/permenpanrb-6-2022/1",
)  # fmt: skip
ADMIN_PAGES: Final = ("/attendance/import", "/attendance/machines", "/people/import")


@pytest.mark.parametrize(
    ("login", "language", "width"),
    [("admin", "id", 390), ("admin", "en", 1280), ("chief", "en", 390), ("auditor", "id", 1280)],
)
def test_every_page_has_room_and_speaks_in_words(
    console: ConsoleOffice, chromium: Browser, address: str, login: str, language: str, width: int
) -> None:
    ids = {**move_in(console), "conflict": _own_conflict(console)}
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": 900})
    page = context.new_page()
    sign_in(page, login)
    # What the chief's own account may not decide or see is answered otherwise; that is tested elsewhere.
    paths = [path for path in PAGES if login != "chief" or (CHIEF not in path and "plan_above" not in path)]
    paths += ADMIN_PAGES if login == "admin" else ()
    heard = complaints_of(page)

    found = {path: _look(page, path.format(**ids), language, width) for path in paths}

    context.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    assert heard == []


def _look(page: Page, path: str, language: str, width: int) -> list[str]:
    """What is wrong with a page."""
    answer = page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
    if folder := os.environ.get("LONTARA_TEST_PICTURES"):
        name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "start"
        page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
    wrong = [] if answer is not None and answer.status == 200 else [f"status {answer and answer.status}"]
    needed = int(page.evaluate("() => document.documentElement.scrollWidth"))
    wrong += [f"{needed} px wide"] if needed > width else []
    # Everything is read, also what stands folded.
    text = page.evaluate("() => { document.querySelectorAll('details').forEach((each) => each.open = true);"
                         " return document.querySelector('main').innerText; }")  # fmt: skip
    wrong += [f"code {code}" for code in sorted(set(CODES.findall(str(text))))]
    headings = page.locator("h1").count()
    return wrong if headings == 1 else [*wrong, f"{headings} first headings"]


def _own_conflict(console: ConsoleOffice) -> str:
    """The id of a conflict of the chief's own people."""
    return str(conflict_of(console, "overlap")["id"])

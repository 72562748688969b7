"""A real browser on a real server over loopback, for what only a browser can show."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from api.console_office import PASSWORD, ConsoleOffice, open_office


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as driver:
        # Inside a container there is no room for Chromium's own sandbox; it shows nothing but our pages.
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[ConsoleOffice]:
    office = open_office(tmp_path)
    yield office
    office.database.dispose()


@pytest.fixture
def address(console: ConsoleOffice) -> Iterator[str]:
    http = make_server("127.0.0.1", 0, console.app, threaded=True)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """A page of a browser in which the admin is signed in."""
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, "admin")
    yield page
    context.close()


def sign_in(page: Page, login: str) -> None:
    """Sign in as this account; the first page is there."""
    page.goto("/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.get_by_role("heading", name="Menunggu keputusan", exact=True).wait_for()

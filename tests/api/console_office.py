"""An office for tests of the console and its API: its people, what their devices have sent, and browsers to ask with."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engines.places import Place, SqlitePlace
from lontara_core.record_types import RECORD_TYPES
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services.accounts import create_user
from lontara_server.services.conflicts import list_conflicts
from lontara_server.services.scores import compute_period
from lontara_server.storage.engine import Engine, make_engine, transaction
from server.logged_tablet import LoggedTablet, entry_fields
from server.ready import CHIEF, NOW, SECRET, WORKER, prepare_ready, seeded_bytes

ENTRY = RECORD_TYPES["activity_entry"]
PASSWORD = "empat kata yang panjang"
OTHER_CHIEF, OTHER_WORKER = "197511022001121002", "199508172020122004"
TITLE = "Mendata sawah di Pammana"
PEOPLE = f"""nip,full_name,unit_code,unit_name,supervisor_nip,position
{CHIEF},Andi Rahmatia Pallawa,KEC-01,Seksi Pelayanan Umum,,Kepala Seksi
{WORKER},Ambo Upe Lamaru,KEC-01,Seksi Pelayanan Umum,{CHIEF},Pengelola Layanan
{OTHER_CHIEF},Besse Tenri Ampa,KEC-02,Seksi Sarana,,Kepala Seksi
{OTHER_WORKER},Indo Sakka Tanete,KEC-02,Seksi Sarana,{OTHER_CHIEF},Pengelola Sarana
"""
# login: role, NIP, unit. The far ones belong to the other unit.
ACCOUNTS: dict[str, tuple[str, str | None, str | None]] = {
    "admin": ("admin", None, None),
    "second": ("admin", None, None),
    "chief": ("supervisor", CHIEF, None),
    "far-chief": ("supervisor", OTHER_CHIEF, None),
    "far-admin": ("admin", None, "KEC-02"),
    "auditor": ("auditor", None, None),
}


@dataclass
class Browser:
    """A browser that is signed in, or not; it follows nothing by itself."""

    http: FlaskClient
    csrf: str = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get(path, **options)

    def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.http.post(path, data={"csrf": self.csrf, **(form or {})}, **options)

    def call(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.http.post(path, json=body, headers={"Lontara-Csrf": self.csrf, **headers})


def token_in(page: str) -> str:
    """The token that the page's forms carry."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, "the page has no form"
    return found[1]


def field_in(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, f"the page has no field {name}"
    return found[1]


@dataclass
class ConsoleOffice:
    """A ready server with two units, an account of each role, and what was sent to it."""

    database: Engine
    app: Flask
    now: list[int] = field(default_factory=lambda: [NOW])

    def browser(self, login: str | None = None) -> Browser:
        browser = Browser(self.app.test_client())
        if login is not None:
            token = token_in(browser.get("/sign-in").text)
            form = {"csrf": token, "login": login, "password": PASSWORD}
            assert browser.http.post("/sign-in", data=form).status_code == 303
            browser.csrf = token_in(browser.get("/scores").text)
        return browser

    def tablet(self, nip: str = WORKER) -> LoggedTablet:
        return LoggedTablet(self.database, nip=nip).enrolled()

    def entry(self, nip: str = WORKER, **fields: Any) -> str:
        """An entry that waits for its review."""
        tablet = self.tablet(nip)
        entry = tablet.create(**fields)
        tablet.sync()
        return entry

    def clash(self, nip: str = WORKER, *, first: Any = None, second: Any = None, **fields: Any) -> str:
        """An entry that two devices have changed without knowing of each other; title and end by default."""
        one, other = self.tablet(nip), self.tablet(nip)
        entry = one.create(**fields)
        one.sync()
        seen = entry_fields(duration_minutes=60, **fields)
        for tablet, wish in (
            (one, first or {"title": "Mendata sawah", "end_time": "10:00"}),
            (other, second or {"title": "Mendata kebun", "end_time": "11:00"}),
        ):
            groups = {each for name in wish for each in ENTRY.group_of(name)}
            tablet.write("set", entry, fields=wish, was={name: seen.get(name) for name in sorted(groups)})
            tablet.sync()
        return entry

    def another_candidate(self, entry: str, title: str, nip: str = WORKER) -> None:
        """A third device's wish for the title of an entry that clashes."""
        tablet = self.tablet(nip)
        tablet.write("set", entry, fields={"title": title}, was={"title": TITLE})
        tablet.sync()

    def compute(self, period: str = "2026-11") -> None:
        with transaction(self.database) as connection:
            compute_period(connection, 1, period, self.now[0])


def open_office(folder: Path, place: Place | None = None) -> ConsoleOffice:
    """The office, with nothing sent yet; on SQLite where no other place is named."""
    # Prepared with its accounts, for a password's hash takes its time.
    database = (place or SqlitePlace(folder)).prepared("console", _prepare)
    now = [NOW]
    config = Config(folder, str(database.url), SECRET)
    app = create_app(config, engine=database, now_ms=lambda: now[0], random_bytes=seeded_bytes("console"))
    return ConsoleOffice(database, app, now)


def _prepare(url: str) -> None:
    prepare_ready(url, PEOPLE)
    engine = make_engine(url)
    with transaction(engine) as connection:
        for login, (role, nip, unit) in ACCOUNTS.items():
            create_user(
                connection, 1, login=login, password=PASSWORD, role=role, by="tester", now_ms=NOW, unit_code=unit,
                nip=nip,
            )  # fmt: skip
    engine.dispose()


def conflict_of(office: ConsoleOffice, kind: str = "field") -> dict[str, Any]:
    """The office's one conflict of this kind, as it stands."""
    with transaction(office.database) as connection:
        (found,) = (each for each in list_conflicts(connection, 1) if each["kind"] == kind)
    return found


def visible(page: str) -> str:
    """A page's text without its tags, on one line."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))

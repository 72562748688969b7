"""The console's pages that import punches: looked at first, taken in once, and nothing that is no punch stops the rest."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from api.console_office import Browser, ConsoleOffice, field_in, visible
from lontara_server.services.attendance_import import import_punches
from lontara_server.services.attendance_pins import set_pin
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import AttendancePunch
from server.ready import NOW, WORKER

LOG = b"""7\t2026-11-16 07:45:00\t1\t0\t1\t0
7\t2026-11-16 16:05:00\t1\t1\t1\t0
99\t2026-11-16 07:30:00\t1\t0\t1\t0
not a punch at all
"""

XML = (
    b"<GetAttLogResponse><Row><PIN>7</PIN><DateTime>2026-11-16 07:45:00</DateTime><Verified>1</Verified>"
    b"<Status>0</Status><WorkCode>0</WorkCode></Row></GetAttLogResponse>"
)


@pytest.fixture
def office(console: ConsoleOffice) -> ConsoleOffice:
    with transaction(console.database) as connection:
        set_pin(connection, 1, "7", employee_named(connection, 1, WORKER), by="admin", now_ms=NOW)
    return console


def send(browser: Browser, content: bytes = LOG, name: str = "1_attlog.dat", **form: str) -> TestResponse:
    return browser.post("/attendance/import", {"file": (io.BytesIO(content), name), **form})


def look(browser: Browser, content: bytes = LOG, name: str = "1_attlog.dat", **form: str) -> tuple[str, str]:
    address = send(browser, content, name, **form).headers["Location"]
    return address, browser.get(address).text


def confirm(browser: Browser, address: str, page: str, **form: str) -> TestResponse:
    return browser.post(address.partition("?")[0], {"seen": field_in(page, "seen"), **form})


def punches(console: ConsoleOffice) -> int:
    with transaction(console.database) as connection:
        return connection.scalar(select(func.count()).select_from(AttendancePunch)) or 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", ["Log baru 3", "16 Nov 2026 – 16 Nov 2026", "PIN 99: 1 log", "1 baris bukan log", "Belum ada yang berubah"]),
        ("en", ["New punches 3", "PIN 99: 1 punch", "1 line is no punch", "Nothing has changed yet"]),
    ],
)
def test_a_file_is_looked_at_before_anything_changes(office: ConsoleOffice, language: str, words: list[str]) -> None:
    admin = office.browser("admin")

    address, _ = look(admin)
    page = visible(admin.get(f"{address}?lang={language}").text)

    assert [word for word in words if word not in page] == []
    assert punches(office) == 0


def test_what_was_looked_at_is_taken_in_once(office: ConsoleOffice) -> None:
    admin = office.browser("admin")
    address, page = look(admin)

    done = confirm(admin, address, page)

    assert (done.status_code, punches(office)) == (200, 3)
    assert "Impor selesai" in visible(done.text)
    assert admin.get(address).status_code == 404
    _, again = look(admin)
    assert "Tidak ada yang akan berubah" in visible(again)
    assert 'name="seen"' not in again


def test_what_has_come_since_the_look_is_shown_again_first(office: ConsoleOffice) -> None:
    admin = office.browser("admin")
    address, page = look(admin)
    with transaction(office.database) as connection:
        import_punches(connection, 1, SourceFile(LOG[:40], "a.dat"), "attlog", by="other", now_ms=NOW)

    answer = confirm(admin, address, page)

    assert (answer.status_code, punches(office)) == (409, 1)
    assert "keadaannya berubah" in answer.text


@pytest.mark.parametrize(
    ("content", "name", "form"),
    [
        (b"pin,waktu,status\n7,2026-11-16 07:45:00,0\n", "log.csv", {}),
        (b"pin,waktu,status\n7,2026-11-16 07:45:00,0\n", "log.dat", {"format": "csv"}),
        (XML, "log.xml", {}),
    ],
)
def test_each_form_of_file_is_known_by_its_name_or_as_it_is_said(
    office: ConsoleOffice, content: bytes, name: str, form: dict[str, str]
) -> None:
    admin = office.browser("admin")
    address, page = look(admin, content, name, **form)

    done = confirm(admin, address, page, **form)

    assert (done.status_code, punches(office)) == (200, 1)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"nothing in here\n", "a.dat", "Tidak ada yang diimpor"),
        (b"satu,dua\n1,2\n", "a.csv", "Tidak ada yang diimpor"),
        (b"<broken", "a.xml", "Tidak ada yang diimpor"),
        (b"\xff\xfe\x00", "a.xlsx", "Tidak ada yang diimpor"),
    ],
)
def test_a_file_without_punches_is_refused_with_words_and_the_form_again(
    office: ConsoleOffice, content: bytes, name: str, said: str
) -> None:
    admin = office.browser("admin")

    answer = admin.get(send(admin, content, name).headers["Location"])

    assert (answer.status_code, punches(office)) == (400, 0)
    assert said in visible(answer.text)
    assert 'type="file"' in answer.text


def test_no_file_is_told_at_the_field(office: ConsoleOffice) -> None:
    answer = office.browser("admin").post("/attendance/import", {})

    assert answer.status_code == 400
    assert "Pilih berkasnya dulu" in visible(answer.text)


@pytest.mark.parametrize("login", ["chief", "far-admin", "auditor"])
def test_punches_are_imported_by_admins_of_the_whole_org(office: ConsoleOffice, login: str) -> None:
    browser = office.browser(login)

    assert browser.get("/attendance/import").status_code == 403
    assert send(browser).status_code == 403
    assert "/attendance/import" not in browser.get("/attendance").text


def test_a_file_of_people_is_no_file_of_punches(office: ConsoleOffice) -> None:
    admin = office.browser("admin")
    people = admin.post("/people/import", {"file": (io.BytesIO(b"nip\n1\n"), "a.csv")}).headers["Location"]

    answer = admin.get(people.partition("?")[0].replace("/people/", "/attendance/"))

    assert answer.status_code == 404

"""The console's pages about people: found, shown through time, and imported only after a look at what would change."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.console_office import Browser, ConsoleOffice, field_in, visible
from lontara_server.services import people_desk, uploads
from lontara_server.services.mappings import save_preset
from lontara_server.services.people import (
    Transfer,
    assign_supervisor,
    employee_named,
    import_employees,
    list_employees,
    transfer,
)
from lontara_server.storage.engine import transaction
from server.ready import CHIEF, NOW, WORKER
from server.test_table_file import workbook

NEW = "198506072010012002"
HEADER = ["Nama Lengkap", "NIP", "Jabatan", "Unit Kerja"]
ROW = ["Besse Tenri Lala", NEW, "Penyuluh", "Seksi Desa"]


def send(browser: Browser, content: bytes, name: str = "duk.xlsx", **form: str) -> TestResponse:
    return browser.post("/people/import", {"file": (io.BytesIO(content), name), **form})


def look(browser: Browser, content: bytes, name: str = "duk.xlsx", **form: str) -> tuple[str, str]:
    """The preview's address and page."""
    address = send(browser, content, name, **form).headers["Location"]
    return address, browser.get(address).text


def confirm(browser: Browser, address: str, page: str, **form: str) -> TestResponse:
    return browser.post(address.partition("?")[0], {"seen": field_in(page, "seen"), **form})


def nips(console: ConsoleOffice) -> set[str]:
    with transaction(console.database) as connection:
        return {str(row["nip"]) for row in list_employees(connection, 1)}


@pytest.mark.parametrize("search", ["lamaru", WORKER[4:12], "seksi pelayanan", "KEC-01"])
def test_people_are_found_by_name_nip_and_unit(admin: Browser, search: str) -> None:
    page = visible(admin.get("/people", query_string={"search": search}).text)

    assert "Ambo Upe Lamaru" in page
    assert "Indo Sakka Tanete" not in page


@pytest.mark.parametrize("search", ["%", "_", "\\", "nobody at all"])
def test_signs_that_a_database_reads_in_its_own_way_are_only_signs(admin: Browser, search: str) -> None:
    page = visible(admin.get("/people", query_string={"search": search}).text)

    assert "Tidak ada pegawai yang cocok" in page


def test_a_page_follows_the_last_person_of_the_one_before(
    console: ConsoleOffice, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_desk, "PEOPLE_PER_PAGE", 3)
    first = admin.get("/people").text

    following = re.search(r'href="(/people\?after=\d+)"', first)
    assert following is not None
    second = admin.get(following[1]).text

    found = [re.findall(r'href="/people/(\d{18})"', page) for page in (first, second)]
    assert [len(each) for each in found] == [3, 1]
    assert {nip for page in found for nip in page} == nips(console)


def test_a_person_is_shown_with_their_placements_through_time(console: ConsoleOffice, admin: Browser) -> None:
    with transaction(console.database) as connection:
        told = Transfer("KEC-02", valid_from=date(2026, 11, 16))
        transfer(connection, 1, WORKER, told, by="tester", now_ms=NOW)
        assign_supervisor(
            connection, 1, WORKER, CHIEF, by="tester", now_ms=NOW, valid_from=date(2026, 12, 1),
            valid_to=date(2026, 12, 5), acting=True,
        )  # fmt: skip

    page = visible(admin.get(f"/people/{WORKER}").text)

    assert "Seksi Pelayanan Umum · Pengelola Layanan Mulai sejak awal Sampai Min, 15 Nov 2026" in page
    assert "Seksi Sarana · Pengelola Layanan berlaku sekarang" in page
    assert "Plh./Plt. Andi Rahmatia Pallawa" in page


def test_a_supervisor_sees_their_own_team_only_and_may_not_import(chief: Browser) -> None:
    page, other, form = chief.get("/people").text, chief.get("/people/199508172020122004"), chief.get("/people/import")

    assert "Ambo Upe Lamaru" in page
    assert "Indo Sakka Tanete" not in page
    assert "/people/import" not in page
    assert (other.status_code, form.status_code) == (404, 403)


def test_a_file_is_looked_at_before_anything_changes(console: ConsoleOffice, admin: Browser) -> None:
    before = nips(console)

    _, page = look(admin, workbook(HEADER, ROW))

    told = visible(page)
    assert "Besse Tenri Lala" in told
    assert "Pegawai baru 1" in told
    assert "Unit kerja Unit Kerja" in told
    assert nips(console) == before


def test_what_was_looked_at_is_imported(console: ConsoleOffice, admin: Browser) -> None:
    address, page = look(admin, workbook(HEADER, ROW))

    answer = confirm(admin, address, page)

    assert (answer.status_code, "Impor selesai" in answer.text) == (200, True)
    assert NEW in nips(console)
    assert admin.get(address).status_code == 404


def test_what_has_changed_since_the_look_is_shown_again_and_not_imported(
    console: ConsoleOffice, admin: Browser
) -> None:
    address, page = look(admin, workbook(HEADER, ROW, ["Ambo Upe", WORKER, "", ""]))
    with transaction(console.database) as connection:
        import_employees(connection, 1, f"nip,nama\n{WORKER},Ambo Upe\n", by="other", now_ms=NOW)

    answer = confirm(admin, address, page)

    assert (answer.status_code, "keadaannya berubah" in answer.text) == (409, True)
    assert NEW not in nips(console)


def test_faulty_rows_are_named_by_their_cells_and_can_be_left_out(console: ConsoleOffice, admin: Browser) -> None:
    address, page = look(admin, workbook(HEADER, ROW, ["Baso", 196608011988031001, "", ""]))

    without = admin.get(f"{address}?skip=yes").text
    answer = confirm(admin, address, without, skip="yes")

    assert "B3 NIP: NIP sudah dibulatkan lembar kerja" in visible(page)
    assert "Impor sekarang" not in visible(page)
    assert (answer.status_code, NEW in nips(console)) == (200, True)


def test_a_complete_list_that_is_too_short_is_stopped_until_the_threshold_is_raised(
    console: ConsoleOffice, admin: Browser
) -> None:
    address, page = look(admin, workbook(HEADER, ["Ambo Upe Lamaru", WORKER, "", ""]), complete="yes")

    raised = admin.get(f"{address}&threshold=80").text
    answer = confirm(admin, address, raised, complete="yes", threshold="80")

    assert "75,00% pegawai aktif akan menjadi tidak aktif, ambangnya 5%" in visible(page)
    assert "Impor sekarang" not in visible(page)
    assert answer.status_code == 200
    with transaction(console.database) as connection:
        assert not employee_named(connection, 1, CHIEF).active


def test_a_saved_mapping_can_be_chosen(console: ConsoleOffice, admin: Browser) -> None:
    with transaction(console.database) as connection:
        columns = {"nip": "Kolom A", "full_name": "Kolom B"}
        save_preset(connection, 1, "employee", "SIMPEG Wajo", columns, by="tester", now_ms=NOW)

    form = admin.get("/people/import").text
    _, page = look(admin, f"Kolom A,Kolom B\n{NEW},Besse\n".encode(), "simpeg.csv", mapping="SIMPEG Wajo")

    assert "SIMPEG Wajo" in form
    assert f"Besse {NEW}" in visible(page)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "kosong.csv", "tidak terbaca sebagai tabel: berkasnya kosong"),
        (b"\x00\x01", "gambar.png", "bukan CSV maupun XLSX"),
        (b"a,b\n1,2,3\n", "rusak.csv", "selnya lebih banyak daripada judul kolom"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(admin: Browser, content: bytes, name: str, said: str) -> None:
    answer = send(admin, content, name)

    assert (answer.status_code, said in visible(answer.text)) == (400, True)


def test_a_file_without_the_columns_that_are_needed_says_so(admin: Browser) -> None:
    address = send(admin, b"nama,jabatan\nBesse,Penyuluh\n", "x.csv").headers["Location"]

    answer = admin.get(address)

    assert (answer.status_code, "tidak punya kolom nip" in visible(answer.text)) == (400, True)


def test_a_form_without_a_file_asks_for_it(admin: Browser) -> None:
    answer = admin.post("/people/import", {"mapping": ""})

    assert (answer.status_code, "Pilih berkasnya dulu" in answer.text) == (400, True)


def test_a_file_that_is_too_large_is_refused(admin: Browser) -> None:
    answer = send(admin, b"x" * (uploads.FILE_BYTES_MAX + 200_000))

    assert answer.status_code == 413


@pytest.mark.parametrize("threshold", ["", "abc", "NaN", "-1", "1e99", "Infinity"])
def test_a_threshold_that_is_no_percentage_is_the_usual_one(admin: Browser, threshold: str) -> None:
    address, _ = look(admin, workbook(HEADER, ROW), complete="yes")

    page = visible(admin.get(address.partition("?")[0], query_string={"complete": "yes", "threshold": threshold}).text)

    assert "ambangnya 5%" in page


def test_a_file_that_nobody_looked_at_is_gone_after_some_hours(console: ConsoleOffice, admin: Browser) -> None:
    address, _ = look(admin, workbook(HEADER, ROW))
    console.now[0] += 7 * 60 * 60 * 1000

    look(console.browser("admin"), workbook(HEADER, ROW, ["Indo", "198607082011012003", "", ""]))

    assert console.browser("admin").get(address).status_code == 404


@pytest.mark.parametrize("path", ["/people", f"/people/{WORKER}", "/people/import"])
def test_the_pages_speak_english_too(admin: Browser, path: str) -> None:
    page = admin.get(f"{path}?lang=en").text

    told: Any = visible(page)
    assert '<html lang="en">' in page
    assert not re.search(r"\b(Pegawai|Jabatan|Atasan|Berkas)\b", told)

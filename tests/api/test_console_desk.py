"""The console's first page: what waits for a decision, within the bounds of who looks."""

from __future__ import annotations

import re

import pytest

from api.console_office import OTHER_WORKER, ConsoleOffice, conflict_of, visible
from lontara_server.services.objections import decide, open_objection
from lontara_server.services.people import employee_named
from lontara_server.storage.engine import transaction
from server.plan_office import ADMIN, PlanOffice, result
from server.ready import NOW, WORKER


def counts(console: ConsoleOffice, login: str, language: str = "id") -> dict[str, int]:
    """What the page counts, by its words."""
    text = console.browser(login).get(f"/?lang={language}").text
    rows = re.findall(r'<span class="body"><b>([^<]+)</b>.*?<b class="fig lg">([\d.,]+)</b>', text, re.DOTALL)
    return {name: int(count) for name, count in rows}


def objected(console: ConsoleOffice, nip: str = WORKER) -> str:
    with transaction(console.database) as connection:
        owner = employee_named(connection, 1, nip)
        return open_objection(connection, 1, owner, "2026-11", "Presensi saya keliru", ADMIN, NOW)


@pytest.mark.parametrize("login", ["admin", "chief", "auditor"])
def test_nothing_waits_in_an_office_without_work(console: ConsoleOffice, login: str) -> None:
    assert "Tidak ada yang menunggu keputusan" in visible(console.browser(login).get("/").text)


def test_what_waits_is_counted_by_kind(console: ConsoleOffice) -> None:
    console.entry()
    console.clash(OTHER_WORKER, title="Mendata ladang")
    objected(console)
    PlanOffice(console.database).plan(WORKER, result(), state="submitted")

    found = counts(console, "admin")

    # An entry that clashes waits for its review all the same.
    assert found == {
        "Catatan menunggu tinjauan": 2, "Konflik": 1, "Keberatan atas nilai": 1, "SKP yang diajukan": 1,
    }  # fmt: skip


def test_an_overlap_waits_for_the_office_once_its_worker_has_answered(console: ConsoleOffice) -> None:
    tablet = console.tablet()
    tablet.create()
    tablet.create(title="Rapat di kantor camat", start_time="08:30", end_time="10:00")
    tablet.sync()
    before = counts(console, "admin")

    tablet.write("answer", conflict_of(console, "overlap")["id"], type="conflict", fields={"text": "Rapat jam sembilan"})
    tablet.sync()

    assert ("Konflik" in before, counts(console, "admin")["Konflik"]) == (False, 1)
    assert "Untuk atasan 1 Untuk pegawai 0" in visible(console.browser("chief").get("/conflicts").text)


def test_what_an_admin_decides_is_not_the_supervisors_when_the_worker_has_said_something(console: ConsoleOffice) -> None:
    console.clash()
    tablet = console.tablet()
    tablet.sync()

    tablet.write("answer", conflict_of(console)["id"], type="conflict", fields={"text": "Yang di tablet benar"})
    tablet.sync()

    assert "Konflik" not in counts(console, "chief")


def test_the_words_are_there_in_english(console: ConsoleOffice) -> None:
    objected(console)

    assert counts(console, "admin", "en") == {"Objections to scores": 1}


@pytest.mark.parametrize(("login", "seen"), [("chief", 1), ("far-chief", 0), ("far-admin", 0), ("admin", 1)])
def test_only_what_lies_within_the_bounds_is_counted(console: ConsoleOffice, login: str, seen: int) -> None:
    objected(console)

    assert counts(console, login).get("Keberatan atas nilai", 0) == seen


def test_an_objection_that_was_answered_waits_no_longer(console: ConsoleOffice) -> None:
    made = objected(console)
    with transaction(console.database) as connection:
        decide(connection, 1, made, "dismissed", "Mesin lain hidup", ADMIN, NOW)

    assert counts(console, "admin") == {}


def test_each_row_leads_to_its_list(console: ConsoleOffice) -> None:
    console.entry()
    objected(console)
    admin = console.browser("admin")

    links = re.findall(r'<a class="strip" href="([^"]+)"', admin.get("/").text)

    assert links == ["/reviews", "/objections"]
    assert [admin.get(link).status_code for link in links] == [200, 200]


def test_the_objections_page_counts_each_state(console: ConsoleOffice) -> None:
    made = objected(console)
    with transaction(console.database) as connection:
        decide(connection, 1, made, "upheld", "Surat tugasnya ada", ADMIN, NOW)
    objected(console, OTHER_WORKER)

    page = visible(console.browser("admin").get("/objections").text)

    assert "menunggu jawaban 1 diterima 1 tidak diterima 0" in page

"""The console's pages about plans, behaviour, budgets and workload, over a real server."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.console_office import Browser, ConsoleOffice, field_in, open_office, visible
from engines.places import Place
from lontara_core.record import judged_hash
from lontara_server.services import plans
from lontara_server.services.reviews import review
from lontara_server.storage import marks, people
from lontara_server.storage import plans as store
from lontara_server.storage.engine import transaction
from server.logged_tablet import stored
from server.ready import CHIEF, NOW, WORKER


@pytest.fixture
def console(place: Place, tmp_path: Path) -> Iterator[ConsoleOffice]:
    opened = open_office(tmp_path, place)
    yield opened
    opened.database.dispose()


RESULT = {
    "title": "Berkas warga terlayani", "kind": "main", "supports": "",
    "i-0-id": "", "i-0-title": "Jumlah berkas", "i-0-aspect": "quantity", "i-0-target": "40", "i-0-unit": "berkas",
    "i-0-direction": "higher", "i-0-cap": "",
    "a-0-id": "", "a-0-quarter": "1", "a-0-title": "Membuka loket", "a-0-target": "10,5", "a-0-unit": "berkas",
}  # fmt: skip


def new_plan(browser: Browser, nip: str = WORKER) -> str:
    answer = browser.post("/plans", {"nip": nip, "year": "2026"})
    assert answer.status_code == 303, visible(answer.text)
    return str(answer.headers["Location"].rpartition("/")[2])


def results_of(console: ConsoleOffice, nip: str = WORKER) -> list[store.ResultRow]:
    with transaction(console.database) as connection:
        owner = people.employee_of_nip(connection, 1, nip)
        assert owner is not None
        return store.results_of_owner(connection, 1, owner.id, 2026)


def approve(console: ConsoleOffice, entry: str) -> None:
    held = stored(console.database, entry)
    with transaction(console.database) as connection:
        review(
            connection, 1, entry, "approved", revision=held.revision, judged=judged_hash(held), by="admin", now_ms=NOW
        )  # fmt: skip


def approved(console: ConsoleOffice, browser: Browser) -> str:
    plan = new_plan(browser)
    browser.post(f"/plans/{plan}/results", RESULT)
    for to in ("submitted", "approved"):
        assert browser.post(f"/plans/{plan}/move", {"to": to}).status_code == 303
    return plan


def test_a_plan_is_made_filled_submitted_and_approved_by_hand(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    plan = approved(console, chief)

    shown = visible(chief.get(f"/plans/{plan}").text)

    assert "Disetujui" in shown
    assert "Berkas warga terlayani" in shown
    assert "40 berkas" in shown
    assert "10,5 berkas" in shown


def test_the_page_shows_target_realised_percent_and_the_entries_behind(console: ConsoleOffice) -> None:
    admin = console.browser("admin")
    plan = approved(console, admin)
    entry = console.entry(target_id=results_of(console)[0].id, quantity="12", output_unit="berkas", title="Loket pagi")
    approve(console, entry)

    page = admin.get(f"/plans/{plan}?lang=id").text

    assert "30,00%" in visible(page)
    assert f'href="/reviews/{entry}">Loket pagi</a>' in page


def test_a_form_that_is_refused_keeps_what_was_typed_and_says_what_is_wrong(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    plan = new_plan(chief)

    answer = chief.post(f"/plans/{plan}/results", {**RESULT, "i-0-target": "empat puluh"})

    assert answer.status_code == 400
    assert "Belum tersimpan" in visible(answer.text)
    assert 'value="empat puluh"' in answer.text
    assert results_of(console) == []


def test_a_work_result_is_changed_and_an_emptied_indicator_taken_out(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    plan = new_plan(chief)
    chief.post(f"/plans/{plan}/results", RESULT)
    (row,) = results_of(console)
    form = chief.get(f"/plans/{plan}/results/{row.id}").text
    sent = {**RESULT, "seen": field_in(form, "seen"), "i-0-id": field_in(form, "i-0-id"), "i-0-title": ""}
    sent |= {"title": "Judul baru", "a-0-id": field_in(form, "a-0-id")}

    answer = chief.post(f"/plans/{plan}/results/{row.id}", sent)

    assert answer.status_code == 303
    assert results_of(console)[0].title == "Judul baru"
    with transaction(console.database) as connection:
        assert store.indicators_of(connection, 1, [row.owner]) == []
        assert [each.title for each in store.actions_of(connection, 1, [row.owner])] == ["Membuka loket"]


def test_a_form_over_an_older_state_is_shown_again_and_holds_when_sent_once_more(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    plan = new_plan(chief)
    chief.post(f"/plans/{plan}/results", RESULT)
    (row,) = results_of(console)
    old = chief.get(f"/plans/{plan}/results/{row.id}").text
    ids = {name: field_in(old, name) for name in ("i-0-id", "a-0-id")}
    chief.post(f"/plans/{plan}/results/{row.id}", {**RESULT, **ids, "seen": field_in(old, "seen"), "title": "Pertama"})

    refused = chief.post(
        f"/plans/{plan}/results/{row.id}", {**RESULT, **ids, "seen": field_in(old, "seen"), "title": "Kedua"}
    )

    assert refused.status_code == 409
    again = chief.post(
        f"/plans/{plan}/results/{row.id}",
        {**RESULT, **ids, "seen": field_in(refused.text, "seen"), "title": "Kedua"},
    )
    assert (again.status_code, results_of(console)[0].title) == (303, "Kedua")


def test_a_work_result_serves_one_of_the_supervisor_who_sees_it_there(console: ConsoleOffice) -> None:
    admin = console.browser("admin")
    upper = new_plan(admin, CHIEF)
    admin.post(f"/plans/{upper}/results", {**RESULT, "title": "Layanan publik membaik"})
    (served,) = results_of(console, CHIEF)
    plan = new_plan(admin)
    form = admin.get(f"/plans/{plan}/results/new").text

    admin.post(f"/plans/{plan}/results", {**RESULT, "supports": served.id})

    assert f'value="{served.id}"' in form
    assert "Didukung tim Berkas warga terlayani" in visible(admin.get(f"/plans/{upper}?lang=id").text)


def test_a_supervisor_s_own_plan_is_drafted_and_not_approved_by_them(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    plan = new_plan(chief, CHIEF)
    chief.post(f"/plans/{plan}/results", RESULT)
    assert chief.post(f"/plans/{plan}/move", {"to": "submitted"}).status_code == 303

    answer = chief.post(f"/plans/{plan}/move", {"to": "approved"})

    assert answer.status_code == 403
    assert 'value="approved"' not in answer.text


def test_a_plan_is_returned_with_a_reason_that_its_page_shows(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    plan = new_plan(chief)
    chief.post(f"/plans/{plan}/results", RESULT)
    chief.post(f"/plans/{plan}/move", {"to": "submitted"})
    refused = chief.post(f"/plans/{plan}/move", {"to": "revision", "reason": ""})

    chief.post(f"/plans/{plan}/move", {"to": "revision", "reason": "Target terlalu rendah"})

    assert refused.status_code == 400
    assert "Target terlalu rendah" in visible(chief.get(f"/plans/{plan}").text)


def test_an_auditor_reads_plans_and_finds_no_button(console: ConsoleOffice) -> None:
    plan = new_plan(console.browser("chief"))
    auditor = console.browser("auditor")

    page = auditor.get(f"/plans/{plan}")

    assert page.status_code == 200
    assert "<form" not in re.sub(r'<form action="/sign-out".*?</form>', "", page.text, flags=re.S)


def test_the_seven_values_are_rated_and_told_with_what_they_were(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    page = chief.get(f"/behaviour/{WORKER}/2026").text
    names = re.findall(r'<input class="in n short" id="([a-z_]+)"', page)
    chief.post(f"/behaviour/{WORKER}/2026", {**dict.fromkeys(names, "4"), "note": "Baik"})

    answer = chief.post(f"/behaviour/{WORKER}/2026", {**dict.fromkeys(names, "4"), "loyal": "4,5", "note": "Baik"})

    assert (len(names), answer.status_code) == (7, 303)
    shown = visible(chief.get(f"/behaviour/{WORKER}/2026?lang=id").text)
    assert "4,07" in shown
    assert "Loyal 4 → 4,5" in shown


def test_a_rating_beyond_the_scale_is_refused_and_kept_in_its_field(console: ConsoleOffice) -> None:
    chief = console.browser("chief")

    answer = chief.post(f"/behaviour/{WORKER}/2026", {"loyal": "9"})

    assert answer.status_code == 400
    assert 'name="loyal" inputmode="decimal" maxlength="6" required value="9"' in answer.text
    assert "1 sampai 5" in visible(answer.text)


def test_nobody_rates_themselves_in_the_console(console: ConsoleOffice) -> None:
    chief = console.browser("chief")

    answer = chief.post(f"/behaviour/{CHIEF}/2026", {"loyal": "5"})

    assert answer.status_code == 403
    assert 'name="loyal"' not in answer.text


def test_marks_of_a_month_and_of_a_year_are_given_and_taken_away(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    chief.post(f"/behaviour/{WORKER}/2026-11/marks", {"quality": "82,5", "reason": "Laporan rapi"})
    chief.post(f"/behaviour/{WORKER}/2026/marks", {"new_idea": "yes", "survey": ""})

    answer = chief.post(f"/behaviour/{WORKER}/2026/marks", {"new_idea": "", "survey": "no"})

    assert answer.status_code == 303
    with transaction(console.database) as connection:
        owner = people.employee_of_nip(connection, 1, WORKER)
        assert owner is not None
        month, year = (marks.marks_of(connection, 1, owner.id, period) for period in ("2026-11", "2026"))
    assert {kind: mark.value for kind, mark in month.items()} == {"quality": "82.5"}
    assert {kind: mark.value for kind, mark in year.items()} == {"survey": "no"}


def test_what_units_have_spent_is_told_by_an_admin_and_read_by_a_supervisor(console: ConsoleOffice) -> None:
    admin = console.browser("admin")
    with transaction(console.database) as connection:
        unit = next(each.id for each in people.units_of(connection, 1) if each.code == "KEC-01")

    answer = admin.post("/absorption", {"period": "2026-11", f"percent-{unit}": "78,5"})

    assert answer.status_code == 303
    page = console.browser("chief").get("/absorption?period=2026-11").text
    assert "78,5" in page
    assert f'name="percent-{unit}"' not in page


def test_a_unit_s_admin_tells_nothing_of_another_unit(console: ConsoleOffice) -> None:
    with transaction(console.database) as connection:
        unit = next(each.id for each in people.units_of(connection, 1) if each.code == "KEC-01")

    console.browser("far-admin").post("/absorption", {"period": "2026-11", f"percent-{unit}": "78,5"})

    with transaction(console.database) as connection:
        assert marks.absorption_in(connection, 1, "2026-11") == {}


def test_the_workload_page_adds_up_each_unit(console: ConsoleOffice) -> None:
    admin = console.browser("admin")
    entry = console.entry(quantity="8", output_unit="berkas", title="Verifikasi berkas")
    approve(console, entry)

    shown = visible(admin.get("/workload?year=2026&lang=id").text)

    assert "Verifikasi berkas 8 berkas 7,50 0,0008" in shown


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_speaks_one_language(console: ConsoleOffice, language: str) -> None:
    admin = console.browser("admin")
    plan = approved(console, admin)
    paths = ["/plans", f"/plans/{plan}", f"/plans/{plan}/results/new", "/behaviour", f"/behaviour/{WORKER}/2026",
             f"/behaviour/{WORKER}/2026-11", "/absorption", "/workload"]  # fmt: skip

    pages = {path: admin.get(f"{path}?lang={language}") for path in paths}

    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    assert all(f'<html lang="{language}">' in page.text for page in pages.values())
    assert not [path for path, page in pages.items() if re.search(r"\{[a-z_]+\}", html.unescape(page.text))]


def test_a_year_that_is_none_is_told_so(console: ConsoleOffice) -> None:
    admin = console.browser("admin")

    answers = [admin.get(path).status_code for path in ("/plans?year=20x6", "/workload?year=1", "/behaviour?period=x")]

    assert answers == [400, 400, 400]


def test_the_list_names_who_has_no_plan_yet(console: ConsoleOffice) -> None:
    chief = console.browser("chief")

    page = chief.get("/plans?year=2026").text

    assert set(re.findall(r'<option value="([0-9]{18})"', page)) == {WORKER, CHIEF}


def test_progress_of_a_plan_is_the_same_document_for_the_command_line(console: ConsoleOffice) -> None:
    plan = approved(console, console.browser("admin"))

    with transaction(console.database) as connection:
        document = plans.plan_document(plans.progress_of(connection, 1, plans.plan_named(connection, 1, plan)))

    assert (document["nip"], document["results"][0]["indicators"][0]["percent"]) == (WORKER, "0.00")


def test_a_reviewer_reads_for_which_work_result_it_was_and_whether_that_counts(console: ConsoleOffice) -> None:
    chief = console.browser("chief")
    plan = new_plan(chief)
    chief.post(f"/plans/{plan}/results", RESULT)
    entry = console.entry(target_id=results_of(console)[0].id)

    shown = visible(chief.get(f"/reviews/{entry}?lang=id").text)

    assert "RHK Berkas warga terlayani" in shown
    assert "SKP-nya belum disetujui" in shown

"""The console's pages over a real server: what waits, a conflict side by side, deciding it, reviews and scores."""

import html
import re
import string
from typing import Any

import pytest

from api.console_office import (
    TITLE,
    Browser,
    ConsoleOffice,
    conflict_of,
    field_in,
    visible,
)
from lontara_core.decision_words import decision_sentence
from lontara_core.record import judged_hash
from lontara_server.services.conflicts import resolve_conflict
from lontara_server.services.reviews import review
from lontara_server.storage.engine import transaction
from lontara_server.web.console.words import WORDS
from server.logged_tablet import stored
from server.ready import CHIEF, NOW, WORKER

REASON = "Sudah ditanyakan lewat telepon"


def approve(console: ConsoleOffice, entry: str) -> None:
    held = stored(console.database, entry)
    with transaction(console.database) as connection:
        review(
            connection, 1, entry, "approved", revision=held.revision, judged=judged_hash(held), by="admin", now_ms=NOW
        )  # fmt: skip


def candidate_of(conflict: dict[str, Any], name: str = "title") -> str:
    return str(conflict["fields"][name]["candidates"][0]["device"])


def decide(browser: Browser, conflict: dict[str, Any], **form: str) -> Any:
    told = {"hash": conflict["hash"], "reason": REASON, "way": "picks", **form}
    return browser.post(
        f"/conflicts/{conflict['id']}/resolve", {name.replace("__", "-"): each for name, each in told.items()}
    )


def sentence_on_a_device(console: ConsoleOffice, conflict: str, language: str) -> str:
    """What a device says that has pulled the conflict and its entry."""
    held = stored(console.database, conflict, "conflict")
    entries = [stored(console.database, each) for each in held.fields["records"]]
    return decision_sentence(held.fields, [{**each.fields, "voided": each.voided} for each in entries], language)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_text_has_both_languages(language: str) -> None:
    position = 0 if language == "id" else 1

    empty = [key for key, texts in WORDS.items() if not texts[position].strip()]

    assert empty == []


def test_both_languages_of_a_text_name_the_same_values() -> None:
    def named(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    different = [key for key, (indonesian, english) in WORDS.items() if named(indonesian) != named(english)]

    assert different == []


def test_the_language_asked_for_once_is_kept(admin: Browser) -> None:
    admin.get("/conflicts?lang=en")

    page = admin.get("/reviews").text

    assert '<html lang="en">' in page


def test_conflicts_are_listed_by_route_with_whose_they_are(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()

    page, others = (visible(admin.get(f"/conflicts?route={route}").text) for route in ("admin", "worker"))

    assert "Mendata sawah · Ambo Upe Lamaru · 18 Nov" in page
    assert "Mendata sawah atau Mendata kebun" in page
    assert "Tidak ada yang menunggu di sini" in others


def test_a_conflict_shows_base_server_and_each_candidate_side_by_side(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()

    page = visible(admin.get(f"/conflicts/{conflict_of(console)['id']}").text)

    assert "Versi asal Mendata sawah di Pammana" in page
    assert "A · Di server Mendata sawah" in page
    assert re.search(r"B · tablet( \(…\w+\))? Mendata kebun", page)
    assert re.search(r"B · tablet( \(…\w+\))? 08.00–11.00", page)


def test_a_pick_per_field_is_what_the_entry_holds_afterwards(console: ConsoleOffice, admin: Browser) -> None:
    entry = console.clash()
    conflict = conflict_of(console)

    answer = decide(admin, conflict, pick__title="server", pick__end_time=candidate_of(conflict, "end_time"))

    held = stored(console.database, entry).fields
    assert answer.status_code == 303
    assert (held["title"], held["end_time"], held["duration_minutes"]) == ("Mendata sawah", "11:00", 180)
    assert conflict_of(console)["resolution"]["choice"] == "values"


@pytest.mark.parametrize(
    ("form", "choice", "title", "end"),
    [
        ({}, "keep_server", "Mendata sawah", "10:00"),
        ({"pick-title": "B", "pick-end_time": "B"}, "keep_device", "Mendata kebun", "11:00"),
        ({"way": "base"}, "values", TITLE, "09:00"),
        ({"way": "own", "own-title": "Mendata ladang", "own-end_time": "10.30"}, "values", "Mendata ladang", "10:30"),
    ],
)
def test_each_way_of_a_form_is_the_choice_that_it_says(
    console: ConsoleOffice, admin: Browser, form: dict[str, str], choice: str, title: str, end: str
) -> None:
    entry = console.clash()
    conflict = conflict_of(console)
    told = {name: candidate_of(conflict) if each == "B" else each for name, each in form.items()}

    decide(admin, conflict, **told)

    held = stored(console.database, entry).fields
    assert conflict_of(console)["resolution"]["choice"] == choice
    assert (held["title"], held["end_time"]) == (title, end)


@pytest.mark.parametrize(
    ("way", "voided"), [("both", [False, False]), ("merge:0", [False, True]), ("merge:1", [True, False])]
)
def test_entries_that_overlap_are_kept_or_merged(
    console: ConsoleOffice, admin: Browser, way: str, voided: list[bool]
) -> None:
    entries = [
        console.entry(title="Rapat koordinasi", start_time="13:00", end_time="14:00"),
        console.entry(title="Mengetik laporan", start_time="13:30", end_time="14:30"),
    ]
    conflict = conflict_of(console, "overlap")
    name, _, number = way.partition(":")

    decide(admin, conflict, way=f"{name}:{entries[int(number)]}" if number else name)

    assert [stored(console.database, entry).voided for entry in entries] == voided
    assert conflict_of(console, "overlap")["state"] == "resolved"


def test_a_decision_without_a_reason_is_not_kept_and_the_picks_stay(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)

    answer = decide(admin, conflict, reason=" ", pick__title=candidate_of(conflict))

    assert answer.status_code == 400
    assert "Ada isian wajib yang masih kosong: Alasan" in visible(answer.text)
    assert f'value="{candidate_of(conflict)}" checked' in answer.text
    assert conflict_of(console)["state"] == "open"


def test_a_reason_is_kept_as_it_was_typed_whatever_the_browser_makes_of_lines_and_accents(
    console: ConsoleOffice, admin: Browser
) -> None:
    console.clash()

    answer = decide(admin, conflict_of(console), reason=" Sudah ditanyakan\r\nlewat rapat di kafe\u0301. ")

    assert answer.status_code == 303
    assert conflict_of(console)["resolution"]["reason"] == "Sudah ditanyakan\nlewat rapat di kafé."


def test_the_second_of_two_admins_is_told_and_keeps_the_reason_that_was_written(
    console: ConsoleOffice, admin: Browser
) -> None:
    console.clash()
    seen, second = conflict_of(console), console.browser("second")
    decide(second, seen)

    answer = decide(admin, seen, pick__title=candidate_of(seen))

    page = visible(answer.text)
    assert answer.status_code == 409
    assert "Keputusan Anda belum tersimpan. Semua versi tetap aman." in page
    assert REASON in page
    assert conflict_of(console)["resolution"]["by"] == "second"


def test_a_candidate_that_came_meanwhile_is_shown_beside_the_picks_that_were_made(
    console: ConsoleOffice, admin: Browser
) -> None:
    entry = console.clash()
    seen = conflict_of(console)
    console.another_candidate(entry, "Mendata tambak")

    answer = decide(admin, seen, pick__title=candidate_of(seen))

    assert (answer.status_code, answer.text.count('class="ver ')) == (409, 5)
    assert "Mendata tambak" in visible(answer.text)
    assert f'value="{candidate_of(seen)}" checked' in answer.text
    assert conflict_of(console)["state"] == "open"


def test_a_resolved_conflict_shows_what_was_decided_and_can_be_reopened(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)
    decide(admin, conflict, pick__title=candidate_of(conflict), pick__end_time=candidate_of(conflict))
    page = visible(admin.get(f"/conflicts/{conflict['id']}").text)

    answer = admin.post(f"/conflicts/{conflict['id']}/reopen", {"reason": "Keliru orang"})

    assert "Keputusan tersimpan: Versi perangkat dipakai" in page
    assert f"Alasan: {REASON}" in page
    assert (answer.status_code, conflict_of(console)["state"]) == (303, "reopened")


def test_what_lost_stays_readable_in_the_history(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)

    decide(admin, conflict)

    assert re.search(r"perangkat “tablet.*” menulis Mendata kebun", visible(admin.get(f"/conflicts/{conflict['id']}").text))


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("way", ["picks", "own", "base", "stand"])
def test_the_preview_is_the_sentence_that_the_worker_reads_of_the_decision(
    console: ConsoleOffice, admin: Browser, way: str, language: str
) -> None:
    console.clash()
    conflict = conflict_of(console)
    form = {"way": way, "pick-title": candidate_of(conflict), "pick-end_time": "server", "own-title": "Mendata tambak",
            "reason": REASON}  # fmt: skip
    page = admin.post(f"/conflicts/{conflict['id']}/preview?lang={language}", form).text

    admin.post(f"/conflicts/{conflict['id']}/resolve", {**form, "hash": conflict["hash"]})

    previewed = re.search(r'id="will-read"[^>]*>(.*?)</p>', page)
    assert previewed is not None
    assert html.unescape(previewed[1]) == sentence_on_a_device(console, conflict["id"], language)
    assert previewed[1] in admin.get(f"/conflicts/{conflict['id']}").text


def test_the_preview_says_whose_values_are_used(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)
    form = {"pick-title": candidate_of(conflict), "pick-end_time": "server"}

    page = visible(admin.post(f"/conflicts/{conflict['id']}/preview", form).text)

    assert "Admin sudah memutuskan tentang “Mendata kebun”, 18 Nov." in page
    assert "Dipakai: waktu 08.00–10.00 dari server, kegiatan Mendata kebun dari perangkat “tablet”. Alasan: …" in page


def test_a_preview_tells_the_effect_on_the_score_and_keeps_nothing(console: ConsoleOffice, admin: Browser) -> None:
    tablet = console.tablet()
    entry = tablet.create()
    tablet.sync()
    approve(console, entry)
    console.compute()
    fields = {"end_time": "11:00"}
    was = {"work_date": "2026-11-18", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60}
    tablet.write("set", entry, fields=fields, was=was)
    tablet.sync()
    conflict = conflict_of(console, "edit_of_reviewed")
    form = {"pick-end_time": candidate_of(conflict, "end_time")}

    answer = admin.post(f"/conflicts/{conflict['id']}/preview", form, headers={"HX-Request": "true"})

    assert "Nilai Nov 2026: 0,95 menjadi belum ada." in visible(answer.text)
    assert "<html" not in answer.text
    assert conflict_of(console, "edit_of_reviewed") == conflict
    assert stored(console.database, entry).fields["end_time"] == "09:00"


def test_a_preview_of_a_value_that_cannot_be_used_says_so(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    form = {"way": "own", "own-end_time": "26.99"}

    answer = admin.post(f"/conflicts/{conflict_of(console)['id']}/preview", form)

    assert answer.status_code == 200
    assert "Pilihan ini belum bisa dihitung" in visible(answer.text)


def test_text_of_a_device_never_becomes_markup(console: ConsoleOffice, admin: Browser) -> None:
    mark = "<img src=x onerror=alert(1)>"
    console.clash(first={"title": mark}, second={"title": mark + "2"}, description=mark)
    paths = ["/conflicts", f"/conflicts/{conflict_of(console)['id']}", "/reviews"]

    pages = [admin.get(path).text for path in paths]

    assert not any("<img" in page for page in pages)


def test_an_auditor_sees_the_versions_and_no_form(console: ConsoleOffice) -> None:
    console.clash()

    page = console.browser("auditor").get(f"/conflicts/{conflict_of(console)['id']}").text

    assert "Yang memutuskan: admin." in visible(page)
    assert "/resolve" not in page


def test_a_fork_is_shown_without_entries_and_can_be_noted(console: ConsoleOffice, admin: Browser) -> None:
    tablet = console.tablet()
    tablet.create()
    twin = tablet.copy()
    tablet.sync()
    twin.raws.clear()
    twin.create(title="Rapat di kantor camat")
    twin.sync(1)
    conflict = conflict_of(console, "fork")
    page = visible(admin.get(f"/conflicts/{conflict['id']}").text)

    answer = decide(admin, conflict, way="stand")

    assert "Satu perangkat disalin menjadi dua" in page
    assert (answer.status_code, conflict_of(console, "fork")["state"]) == (303, "resolved")


# Reviews


def test_the_queue_groups_what_waits_by_person_and_day(console: ConsoleOffice, chief: Browser) -> None:
    console.entry(start_time="10:00", end_time="11:30")
    console.entry(title="Rapat koordinasi", start_time="13:00", end_time="14:00")

    page = visible(chief.get("/reviews").text)

    assert "Ambo Upe Lamaru Rab, 18 Nov 2026" in page
    assert "2j30 · 2 kegiatan" in page
    assert "10.00–11.30 Mendata sawah di Pammana" in page


@pytest.mark.parametrize(
    ("verdict", "note"), [("approved", ""), ("needs_revision", "Isi jumlahnya"), ("rejected", "Bukan tugas")]
)
def test_a_verdict_holds_for_the_revision_that_was_seen(
    console: ConsoleOffice, chief: Browser, verdict: str, note: str
) -> None:
    entry = console.entry()
    page = chief.get(f"/reviews/{entry}").text
    form = {"verdict": verdict, "note": note, "revision": field_in(page, "revision"), "hash": field_in(page, "hash")}

    answer = chief.post(f"/reviews/{entry}", form)

    held = stored(console.database, entry).fields
    assert answer.status_code == 303
    assert (held["review_state"], held.get("review_note", "")) == (verdict, note)


def test_a_return_without_a_note_is_not_kept(console: ConsoleOffice, chief: Browser) -> None:
    entry = console.entry()
    page = chief.get(f"/reviews/{entry}").text
    form = {"verdict": "needs_revision", "revision": field_in(page, "revision"), "hash": field_in(page, "hash")}

    answer = chief.post(f"/reviews/{entry}", form)

    assert answer.status_code == 400
    assert "Ada isian wajib yang masih kosong: Catatan" in visible(answer.text)
    assert stored(console.database, entry).fields["review_state"] == "submitted"


def test_an_entry_that_changed_meanwhile_is_shown_again_with_the_note(console: ConsoleOffice, chief: Browser) -> None:
    tablet = console.tablet()
    entry = tablet.create()
    tablet.sync()
    page = chief.get(f"/reviews/{entry}").text
    tablet.write("set", entry, fields={"title": "Mendata kebun"}, was={"title": TITLE})
    tablet.sync()
    form = {
        "verdict": "rejected",
        "note": "Bukan tugas",
        "revision": field_in(page, "revision"),
        "hash": field_in(page, "hash"),
    }

    answer = chief.post(f"/reviews/{entry}", form)

    text = visible(answer.text)
    assert answer.status_code == 409
    assert "Tinjauan belum tersimpan. Catatannya tetap aman." in text
    assert "Bukan tugas" in text
    assert "Mendata kebun" in text


def test_ticked_entries_are_approved_together_each_as_it_was_seen(console: ConsoleOffice, chief: Browser) -> None:
    entries = [console.entry(), console.entry(title="Rapat koordinasi", start_time="13:00", end_time="14:00")]
    page = chief.get("/reviews").text
    ticked = [each.split('"')[0] for each in page.split('name="entry" value="')[1:]]

    answer = chief.http.post("/reviews", data={"csrf": chief.csrf, "entry": ticked})

    assert (answer.status_code, len(ticked)) == (303, 2)
    assert {stored(console.database, entry).fields["review_state"] for entry in entries} == {"approved"}


@pytest.mark.parametrize("ticked", ["", "x", "x:y:z", "01a20d73-ef10-8d91-b2e5-d0df3dafd3db:1:00", "x:99999999999:00"])
def test_a_tick_of_no_good_form_changes_nothing(chief: Browser, ticked: str) -> None:
    answer = chief.http.post("/reviews", data={"csrf": chief.csrf, "entry": [ticked]})

    assert answer.status_code in (400, 404)


def test_nobody_reviews_their_own_entry_in_the_console(console: ConsoleOffice, chief: Browser) -> None:
    entry = console.entry(CHIEF)

    answer = chief.get(f"/reviews/{entry}")

    assert answer.status_code == 404


# Scores


def test_a_score_is_shown_as_the_tree_that_adds_up_to_it(console: ConsoleOffice, admin: Browser) -> None:
    approve(console, console.entry())
    console.compute()

    page = visible(admin.get(f"/scores/{WORKER}/2026-11").text)

    assert "Mengapa nilai Ambo Upe Lamaru 0,95?" in page
    assert "sementara" in page
    assert "Menit disetujui yang dihitung 60 menit" in page
    assert "Presensi belum masuk." in page
    assert "Mendata sawah di Pammana" in page
    assert "presensi dan konflik tidak termasuk di dalamnya" in page


def test_an_open_conflict_is_marked_in_the_list_of_scores(console: ConsoleOffice, admin: Browser) -> None:
    console.compute()
    before = visible(admin.get("/scores").text)
    approve(console, console.clash())
    console.compute()

    page = visible(admin.get("/scores").text)

    assert ("†" in before, "† Ada konflik yang masih terbuka" in page) == (False, True)


def test_resolving_a_conflict_changes_the_score_at_its_next_computation(console: ConsoleOffice, admin: Browser) -> None:
    entry = console.clash()
    conflict = conflict_of(console)
    decide(admin, conflict, pick__end_time=candidate_of(conflict))
    approve(console, entry)
    console.compute()

    page = visible(admin.get("/scores").text)

    assert "Ambo Upe Lamaru NIP 199103092015031005 2,86" in page


@pytest.mark.parametrize(
    "path", ["/scores/x/2026-11", f"/scores/{WORKER}/2026-13", f"/scores/{WORKER}/x", "/scores?period=x"]
)
def test_an_address_of_no_good_form_is_no_failure(admin: Browser, path: str) -> None:
    answer = admin.get(path)

    assert answer.status_code < 500


def test_a_decision_made_elsewhere_shows_up_in_the_console(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)
    with transaction(console.database) as connection:
        resolve_conflict(connection, 1, conflict["id"], choice="keep_server", reason=REASON, by="operator", now_ms=NOW)

    page = visible(admin.get("/conflicts?state=resolved").text)

    assert "Yang ada di server tetap dipakai" in page


def test_an_approval_is_taken_back_on_the_entry_s_page(console: ConsoleOffice, chief: Browser) -> None:
    entry = console.entry()
    approve(console, entry)
    page = chief.get(f"/reviews/{entry}").text
    form = {"verdict": "submitted", "revision": field_in(page, "revision"), "hash": field_in(page, "hash"), "note": "Jumlahnya?"}

    answer = chief.post(f"/reviews/{entry}", form)

    held = stored(console.database, entry).fields
    assert "Tarik persetujuan" in page
    assert (answer.status_code, answer.location) == (303, f"/reviews/{entry}")
    assert (held["review_state"], held["review_note"]) == ("submitted", "Jumlahnya?")


def test_nobody_takes_back_the_approval_of_their_own_entry(console: ConsoleOffice, chief: Browser) -> None:
    entry = console.entry(CHIEF)
    approve(console, entry)

    page = chief.get(f"/reviews/{entry}").text

    assert "Tarik persetujuan" not in page


def test_a_decision_stands_once_in_the_history_and_last(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()
    conflict = conflict_of(console)
    decide(admin, conflict, pick__title=candidate_of(conflict))

    trail = admin.get(f"/conflicts/{conflict['id']}").text.partition('<ol class="trail')[2].partition("</ol>")[0]

    lines = [visible(line) for line in trail.split("<li>")[1:]]
    assert [("admin" in line) for line in lines] == [False] * (len(lines) - 1) + [True]
    assert "Kegiatan: Mendata sawah → Mendata kebun" in lines[-1]


@pytest.mark.parametrize("path", ["/nosuch", "/conflicts/x/y/z", "/static/nosuch.css"])
def test_a_browser_at_no_address_gets_a_page(console: ConsoleOffice, admin: Browser, path: str) -> None:
    answer = admin.get(path, headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Tidak ada yang ditemukan di alamat ini." in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_program_at_no_address_gets_a_problem(admin: Browser) -> None:
    answers = [admin.get("/nosuch", headers={"Accept": "application/json"}),
               admin.get("/v1/nosuch", headers={"Accept": "text/html"})]  # fmt: skip

    assert [(each.status_code, each.mimetype) for each in answers] == [(404, "application/problem+json")] * 2


def test_scores_open_on_the_newest_month_that_has_begun(console: ConsoleOffice, admin: Browser) -> None:
    for period in ("2026-10", "2026-11", "2026-12"):
        console.compute(period)

    page = admin.get("/scores").text

    assert '<option value="2026-11" selected>' in page
    assert '<option value="2026-12">' in page


def test_a_page_of_scores_reloads_while_one_waits_for_its_computation(console: ConsoleOffice, admin: Browser) -> None:
    console.compute()
    computed = [admin.get(path).text for path in ("/scores", f"/scores/{WORKER}/2026-11")]
    approve(console, console.entry())

    waiting = [admin.get(path).text for path in ("/scores", f"/scores/{WORKER}/2026-11")]

    assert ['http-equiv="refresh"' in page for page in computed + waiting] == [False, False, True, True]


def test_a_conflict_of_this_minute_is_new_and_not_of_0_minutes(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()

    pages = []
    for minutes in (0, 3):
        console.now[0] = NOW + minutes * 60_000
        pages.append(visible(admin.get("/conflicts").text))

    assert ["baru saja" in page for page in pages] == [True, False]
    assert "3 menit" in pages[1]


def test_the_picture_of_a_day_shows_work_before_six_and_after_six(console: ConsoleOffice, chief: Browser) -> None:
    tablet = console.tablet()
    tablet.create(start_time="04:30", end_time="05:30")
    tablet.create(title="Rapat", start_time="20:00", end_time="21:30")
    tablet.create(title="Surat", start_time=None, end_time=None, duration_minutes=30)
    tablet.sync()

    page = chief.get("/reviews").text

    assert (page.count("<rect"), "1 tanpa jam" in visible(page)) == (2, True)
    assert all(hour in visible(page) for hour in ("04.00", "22.00"))


def test_a_supervisor_s_decision_names_the_person_and_not_the_login(console: ConsoleOffice, chief: Browser) -> None:
    tablet = console.tablet()
    tablet.create()
    tablet.create(title="Rapat", start_time="08:30", end_time="10:00")
    tablet.sync()
    conflict = conflict_of(console, "overlap")

    page = visible(chief.post(f"/conflicts/{conflict['id']}/preview", {"way": "both"}).text)

    assert "Andi Rahmatia Pallawa sudah memutuskan tentang “Mendata sawah di Pammana”, 18 Nov dan “Rapat”, 18 Nov." in page
    assert "Semua catatan tetap ada." in page


def judge(console: ConsoleOffice, entry: str, verdict: str) -> None:
    held = stored(console.database, entry)
    with transaction(console.database) as connection:
        review(
            connection, 1, entry, verdict, revision=held.revision, judged=judged_hash(held), by="admin", now_ms=NOW,
            note="Bukan kegiatan dinas",
        )  # fmt: skip


def test_what_was_rejected_stays_findable_and_the_score_says_that_it_does_not_count(
    console: ConsoleOffice, chief: Browser
) -> None:
    entry = console.entry()
    judge(console, entry, "rejected")
    console.compute()

    score = chief.get(f"/scores/{WORKER}/2026-11").text
    listed = visible(chief.get(f"/reviews?state=rejected&period=2026-11&nip={WORKER}").text)

    assert "1 catatan ditolak" in visible(score)
    assert "state=rejected" in score
    assert f"{TITLE}" in listed
    assert "Bukan kegiatan dinas" in listed
    assert "Ditolak 1" in listed
    assert TITLE not in visible(chief.get("/reviews").text)


@pytest.mark.parametrize("path", ["/reviews?state=x", "/reviews?period=2026-11"])
def test_the_review_page_answers_any_filter(chief: Browser, path: str) -> None:
    assert chief.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/reviews?period=x", "/reviews?nip=1"])
def test_a_filter_of_no_good_form_is_a_problem_and_no_failure(chief: Browser, path: str) -> None:
    assert chief.get(path).status_code in (400, 404)


def test_a_merged_entry_is_said_to_be_merged_and_not_to_wait(console: ConsoleOffice, admin: Browser) -> None:
    tablet = console.tablet()
    kept, gone = tablet.create(), tablet.create(title="Rapat", start_time="08:30", end_time="10:00")
    tablet.sync()
    conflict = conflict_of(console, "overlap")
    offered = admin.get(f"/conflicts/{conflict['id']}").text
    decide(admin, conflict, way=f"merge:{kept}")

    pages = [visible(admin.get(path).text) for path in (f"/reviews/{gone}", f"/conflicts/{conflict['id']}")]

    assert f'value="void:{gone}"' in offered
    assert all(f"Digabung ke “{TITLE}”" in page for page in pages)
    assert "Menunggu tinjauan" not in pages[0]
    letter = "AB"[sorted([kept, gone]).index(gone)]
    assert f"Catatan {letter}: Keberadaan: tetap ada → dibatalkan" in pages[1]
    assert f"Alasan: {REASON}" in pages[1]


def test_a_line_of_the_history_says_what_the_device_wrote_and_what_stayed(console: ConsoleOffice, admin: Browser) -> None:
    console.clash()

    page = visible(admin.get(f"/conflicts/{conflict_of(console)['id']}").text)

    assert (
        "Kegiatan: yang ditulis di sini Mendata kebun; versi asalnya Mendata sawah di Pammana, di server Mendata sawah"
        " dan tetap begitu"
    ) in page


def test_a_decision_made_anew_claims_only_what_stays(console: ConsoleOffice, admin: Browser) -> None:
    tablet = console.tablet()
    kept, gone = tablet.create(), tablet.create(title="Rapat", start_time="08:30", end_time="10:00")
    tablet.sync()
    decide(admin, conflict_of(console, "overlap"), way=f"merge:{kept}")
    conflict = conflict_of(console, "overlap")
    admin.post(f"/conflicts/{conflict['id']}/reopen", {"reason": "Keliru"})
    decide(admin, conflict_of(console, "overlap"), way="both")

    page = visible(admin.get(f"/conflicts/{conflict['id']}").text)

    assert not stored(console.database, gone).voided
    assert "Keputusan tersimpan: Semua catatan tetap ada" in page
    assert "Yang dibatalkan keputusan sebelumnya dipulihkan: “Rapat”, 18 Nov." in page

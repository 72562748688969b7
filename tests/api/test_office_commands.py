"""`lontara-server` over an office with work in it: what an operator reads, types and is told, in both languages."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner, Result

from api.console_office import ConsoleOffice, conflict_of
from lontara_server.cli.main import main
from lontara_server.services import quarantine
from lontara_server.services.devices import revoke
from lontara_server.services.periods import lock_period
from lontara_server.services.reviews import list_for_review
from lontara_server.storage.engine import transaction
from server.logged_tablet import stored
from server.ready import NOW, WORKER

REASON = "Sudah ditanyakan lewat telepon"


def typed(console: ConsoleOffice, *words: str, language: str = "id", screen: int | None = None) -> Result:
    """What a command prints, into a file or onto a screen of so many columns."""
    url = console.database.url.render_as_string(hide_password=False)
    environment = {} if screen is None else {"COLUMNS": str(screen), "FORCE_COLOR": "1"}
    return CliRunner().invoke(main, ["--database-url", url, "--lang", language, *words], env=environment)


def waiting_entry(console: ConsoleOffice) -> dict[str, str]:
    console.entry()
    with transaction(console.database) as connection:
        (entry,) = list_for_review(connection, 1, now_ms=NOW)
    return entry


def as_seen(console: ConsoleOffice, entry: str) -> list[str]:
    """The options that a verdict on the entry as it stands is given."""
    document = json.loads(typed(console, "review", "show", entry, "--json").stdout)
    return ["--revision", str(document["revision"]), "--hash", document["hash"]]


# Conflicts


@pytest.mark.parametrize("field", ["quantity=3,5", "jumlah=3,5"])
def test_a_field_is_set_under_its_indonesian_and_its_english_name(console: ConsoleOffice, field: str) -> None:
    entry = console.clash(first={"quantity": "12"}, second={"quantity": "14"}, quantity="1", output_unit="orang")
    conflict = conflict_of(console)

    result = typed(console, "conflict", "resolve", conflict["id"], "--set", field, "--reason", REASON)

    assert result.exit_code == 0
    assert stored(console.database, entry).fields["quantity"] == "3.5"
    assert "jumlah 3,5 orang" in result.stdout
    assert f"Alasan: {REASON}" in result.stdout


def test_a_field_that_is_none_is_answered_with_the_fields_that_there_are(console: ConsoleOffice) -> None:
    console.clash()

    result = typed(console, "conflict", "resolve", conflict_of(console)["id"], "--set", "banyaknya=3", "--reason", REASON)

    assert result.exit_code == 1
    assert "jumlah (quantity)" in result.stderr


def test_a_field_that_the_conflict_is_not_about_is_answered_with_what_it_is_about(console: ConsoleOffice) -> None:
    console.clash(first={"title": "Mendata kebun"}, second={"title": "Mendata tambak"})

    result = typed(console, "conflict", "resolve", conflict_of(console)["id"], "--set", "jumlah=3", "--reason", REASON)

    assert result.exit_code == 1
    assert "Konflik ini bukan tentang Jumlah." in result.stderr
    assert "Isiannya: Kegiatan." in result.stderr


def test_a_late_entry_is_shown_whole_and_counts_once_it_may_stand(console: ConsoleOffice) -> None:
    with transaction(console.database) as connection:
        lock_period(connection, 1, "2026-10", by="admin", now_ms=NOW)
    entry = console.entry(work_date="2026-10-20")
    conflict = conflict_of(console, "after_lock")

    shown = typed(console, "conflict", "show", conflict["id"])
    refused = typed(console, "conflict", "resolve", conflict["id"], "--keep", "device", "--reason", REASON)
    done = typed(console, "conflict", "resolve", conflict["id"], "--keep", "server", "--reason", REASON)

    for words in (entry, "Ambo Upe Lamaru", "Mendata sawah di Pammana", "20 Okt 2026", "08.00–09.00", "--keep server"):
        assert words in shown.stdout
    assert (refused.exit_code, "--keep server" in refused.stderr) == (1, True)
    assert (done.exit_code, "ikut dihitung" in done.stdout) == (0, True)


def test_entries_that_overlap_are_shown_with_the_workers_answer(console: ConsoleOffice) -> None:
    tablet = console.tablet()
    tablet.create()
    tablet.create(title="Rapat di kantor camat", start_time="08:30", end_time="10:00")
    tablet.sync()
    conflict = conflict_of(console, "overlap")
    tablet.write("answer", conflict["id"], type="conflict", fields={"text": "Rapat mulai jam sembilan"})
    tablet.sync()

    shown = typed(console, "conflict", "show", conflict["id"])

    for words in ("Mendata sawah di Pammana", "Rapat di kantor camat", "08.30–10.00", "Rapat mulai jam sembilan"):
        assert words in shown.stdout
    assert "--merge-into" in shown.stdout


def test_an_overlap_names_every_way_to_decide_it_and_whether_the_worker_has_answered(console: ConsoleOffice) -> None:
    tablet = console.tablet()
    tablet.create()
    tablet.create(title="Rapat", start_time="08:30", end_time="10:00")
    tablet.sync()
    conflict = conflict_of(console, "overlap")
    before = typed(console, "conflict", "list", "--open").stdout
    tablet.write("answer", conflict["id"], type="conflict", fields={"text": "Keduanya benar"})
    tablet.sync()

    shown, after = typed(console, "conflict", "show", conflict["id"]), typed(console, "conflict", "list", "--open")

    assert all(way in shown.stdout for way in ("--keep-both", "--merge-into RECORD", "--void RECORD"))
    assert ("sudah menjawab" in before, "menjawab" in after.stdout) == (False, True)


def test_a_merged_entry_and_the_reason_are_told_by_the_conflict_s_history(console: ConsoleOffice) -> None:
    tablet = console.tablet()
    kept, gone = tablet.create(), tablet.create(title="Rapat", start_time="08:30", end_time="10:00")
    tablet.sync()
    conflict = conflict_of(console, "overlap")["id"]
    typed(console, "conflict", "resolve", conflict, "--merge-into", kept, "--reason", REASON)

    shown = [typed(console, "conflict", "show", conflict).stdout, typed(console, "review", "show", gone).stdout]

    assert f"Alasan: {REASON}" in shown[0]
    assert "Keberadaan: tetap ada → dibatalkan" in shown[0]
    assert "Tinjauan: Digabung ke “Mendata sawah di Pammana”" in shown[1]


def test_the_list_of_conflicts_names_person_and_entry(console: ConsoleOffice) -> None:
    console.clash()

    listed = typed(console, "conflict", "list", "--open")

    assert "Ambo Upe Lamaru" in listed.stdout
    assert "Mendata sawah, Rab, 18 Nov 2026" in listed.stdout


# Ids


@pytest.mark.parametrize("screen", [None, 80, 60])
def test_no_id_is_cut_however_narrow_the_screen(console: ConsoleOffice, screen: int | None) -> None:
    entry = console.clash()

    # The end of an id is marked on a screen, which stands between its parts as signs for the terminal.
    tables = {words: re.sub(r"\x1b\[[0-9;]*m", "", typed(console, *words, screen=screen).stdout) for words in
              (("conflict", "list"), ("review", "list"), ("device", "list"), ("employee", "list"))}  # fmt: skip

    assert conflict_of(console)["id"] in tables["conflict", "list"]
    assert entry in tables["review", "list"]
    assert len(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", tables["device", "list"])) == 2
    assert WORKER in tables["employee", "list"]
    # Devices of one name have the end of their id behind it.
    assert all("…" not in table for words, table in tables.items() if words != ("device", "list"))


def test_the_beginning_of_an_id_is_enough_where_no_other_begins_so(console: ConsoleOffice) -> None:
    console.clash()
    conflict = conflict_of(console)["id"]

    result = typed(console, "conflict", "show", conflict[:13], "--json")

    assert json.loads(result.stdout)["id"] == conflict


@pytest.mark.parametrize("dots", ["", "…"])
def test_the_end_of_an_id_is_enough_where_no_other_ends_so(console: ConsoleOffice, dots: str) -> None:
    console.clash()
    conflict = conflict_of(console)["id"]

    result = typed(console, "conflict", "show", dots + conflict[-6:], "--json")

    assert json.loads(result.stdout)["id"] == conflict


@pytest.mark.parametrize("written", ["zz", "003c3", "00", "zzzz-zzzz"])
@pytest.mark.parametrize(
    "words",
    [
        ("conflict", "show", "{}"), ("conflict", "resolve", "{}", "--keep-both", "--reason", REASON),
        ("conflict", "reopen", "{}", "--reason", REASON), ("review", "show", "{}"), ("quarantine", "show", "{}"),
        ("device", "restore", "{}"), ("objection", "show", "{}"),
    ],
)  # fmt: skip
def test_an_id_that_is_none_is_not_there(console: ConsoleOffice, words: tuple[str, ...], written: str) -> None:
    result = typed(console, *(word.format(written) for word in words))

    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_beginning_that_several_ids_share_is_ambiguous(console: ConsoleOffice) -> None:
    entries = [waiting["id"] for waiting in (waiting_entry(console),)]
    tablet = console.tablet()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync()

    result = typed(console, "review", "show", entries[0][:6])

    assert (result.exit_code, "[ambiguous_id]" in result.stderr) == (1, True)


# Reviews


def test_an_approval_is_withdrawn_and_the_entry_waits_again(console: ConsoleOffice) -> None:
    entry = waiting_entry(console)["id"]
    assert typed(console, "review", "approve", entry, *as_seen(console, entry)).exit_code == 0

    result = typed(console, "review", "withdraw", entry, *as_seen(console, entry))

    assert result.exit_code == 0
    assert stored(console.database, entry).fields["review_state"] == "submitted"
    assert "Menunggu tinjauan" in result.stdout


@pytest.mark.parametrize("option", ["--note", "--reason"])
def test_a_rejection_says_why_under_either_name(console: ConsoleOffice, option: str) -> None:
    entry = waiting_entry(console)["id"]

    typed(console, "review", "reject", entry, *as_seen(console, entry), option, "Bukan kegiatan dinas")

    assert stored(console.database, entry).fields["review_note"] == "Bukan kegiatan dinas"


# Quarantine


def test_accepting_a_second_time_says_that_it_was_decided_before(console: ConsoleOffice) -> None:
    tablet = console.tablet()
    tablet.sync()
    with transaction(console.database) as connection:
        revoke(connection, 1, tablet.device, by="admin", now_ms=NOW)
    tablet.create()
    tablet.sync()
    with transaction(console.database) as connection:
        (kept,) = quarantine.list_quarantine(connection, 1)
    listed = typed(console, "quarantine", "list")
    first = typed(console, "quarantine", "accept", kept["id"], "--reason", REASON)

    again = typed(console, "quarantine", "accept", kept["id"], "--reason", REASON)

    assert "tablet" in listed.stdout
    assert "menunggu keputusan" in listed.stdout
    assert "Keputusan tersimpan" in first.stdout
    assert "device restore" in first.stdout
    assert "Sudah diputuskan sebelumnya" in again.stdout


# Languages

ENGLISH = re.compile(r"\b(the|was|is|not|open|kind|state|submitted|received|revoked|waiting|locked|checked|nothing)\b", re.I)
INDONESIAN = re.compile(r"\b(tidak|catatan|pegawai|keadaan|menunggu|dibuka|perangkat|sebab|tanggal|diputuskan)\b", re.I)
SCREENS = (
    ("status",), ("employee", "list"), ("device", "list"), ("conflict", "list"), ("review", "list"), ("period", "list"),
    ("quarantine", "list"), ("recompute", "--check"), ("policy", "list"),
)  # fmt: skip


@pytest.mark.parametrize("words", SCREENS)
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_screen_speaks_one_language(console: ConsoleOffice, words: tuple[str, ...], language: str) -> None:
    console.clash()

    screen = typed(console, *words, language=language).stdout

    assert (ENGLISH if language == "id" else INDONESIAN).findall(screen) == []


@pytest.mark.parametrize(
    "words", [("conflict", "show", "00000000-0000-8000-8000-00000000abcd"), ("period", "lock", "2026-13"),
              ("device", "enrol-code", "--nip", "1")]
)  # fmt: skip
def test_all_lines_of_a_problem_are_in_the_chosen_language(console: ConsoleOffice, words: tuple[str, ...]) -> None:
    indonesian = typed(console, *words).stderr
    english = typed(console, *words, language="en").stderr

    assert len(indonesian.splitlines()) == len(english.splitlines()) == 3
    assert ENGLISH.findall(indonesian) == []
    assert INDONESIAN.findall(english) == []


def test_the_language_may_stand_after_the_command(console: ConsoleOffice) -> None:
    url = console.database.url.render_as_string(hide_password=False)

    result = CliRunner().invoke(main, ["--database-url", url, "status", "--lang", "en"])

    assert (result.exit_code, "Employees" in result.stdout) == (0, True)

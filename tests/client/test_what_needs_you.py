"""What needs a person and what was decided: listed in words with what to do, until it is done or seen."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from client.conftest import HandClock
from client.fake_server import OWNER, FakeServer
from lontara import Client
from lontara.cli.main import main
from lontara_core.operations import decode_operation
from lontara_core.problems import Problem
from lontara_core.record import Record

Run = Callable[..., Result]
WORKER = "00000000-0000-8000-8000-0000000000ee"
CONFLICT = "00000000-0000-8000-8000-00000000c001"


def record(client: Client, title: str = "Rapat desa", start: str = "08:00", end: str = "09:00") -> str:
    return client.record(work_date="2026-01-05", title=title, start_time=start, end_time=end).id


def change(server: FakeServer, entry: str, **fields: Any) -> None:
    """What the office does to an entry."""
    held = server.records[entry][1]
    owner = str(held.fields.get("owner", OWNER))
    server.put(replace(held, revision=held.revision + 1, fields={**held.fields, **fields}), owner=owner)


def put_conflict(server: FakeServer, kind: str, records: list[str], **fields: Any) -> None:
    held = server.records.get(CONFLICT)
    base = {"kind": kind, "route": "admin", "state": "open", "records": records, "clashes": {}, "answers": [],
            "opened_at": server.time_ms}  # fmt: skip
    server.put(Record("conflict", CONFLICT, 1 if held is None else held[1].revision + 1, {**base, **fields}))


def decided(server: FakeServer, entry: str, **resolution: Any) -> None:
    clash = {"base": "08:00", "server": "08:00",
             "candidates": [{"device": "tablet", "by": OWNER, "at": 0, "value": "07:00"}]}  # fmt: skip
    told = {"at": server.time_ms, "by": "admin", "choice": "values", "reason": "Sesuai daftar hadir.",
            "values": {"start_time": "07:00"}, **resolution}  # fmt: skip
    put_conflict(server, "field", [entry], state="resolved", clashes={"start_time": clash}, resolution=told)


def of_a_worker(server: FakeServer, entry: str, **fields: Any) -> None:
    """An entry of somebody else whom this person supervises."""
    whole = {"work_date": "2026-01-05", "title": "Mendata sawah", "duration_minutes": 30, "review_state": "submitted"}
    server.put(Record("activity_entry", entry, 1, {**whole, **fields}), owner=WORKER)


THEIRS = "00000000-0000-8000-8000-00000000e001"


def test_a_returned_entry_is_listed_with_its_note_until_it_is_submitted_again(
    run: Run, client: Client, server: FakeServer
) -> None:
    entry = record(client)
    client.sync()
    change(server, entry, review_state="needs_revision", review_note="Lengkapi jumlah warga.")
    synced = run("sync")

    listed = run("attention")

    assert (synced.exit_code, listed.exit_code) == (4, 4)
    assert "1 hal perlu Anda lihat: lontara attention" in synced.stdout
    assert "Dikembalikan atasan: Lengkapi jumlah warga." in listed.stdout
    assert f"lontara edit {entry} --set" in listed.stdout
    assert run("edit", entry, "--set", "jumlah=3").exit_code == 0
    assert run("attention").exit_code == 0


def test_a_rejected_entry_is_listed_until_it_was_seen(run: Run, client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    change(server, entry, review_state="rejected", review_note="Bukan kegiatan dinas.")
    client.sync()
    before = run("attention")

    run("attention", "--seen")

    assert "Ditolak atasan: Bukan kegiatan dinas." in before.stdout
    assert (before.exit_code, run("attention").exit_code, run("sync").exit_code) == (4, 0, 0)
    change(server, entry, review_note="Sekali lagi: bukan.")
    client.sync()
    assert "Sekali lagi" in run("attention").stdout


@pytest.mark.parametrize("kind", ["overlap", "near_duplicate"])
def test_the_worker_is_asked_about_two_entries_and_no_more_once_they_have_answered(
    run: Run, client: Client, server: FakeServer, kind: str
) -> None:
    first, second = record(client), record(client, "Layanan warga", "08:30", "10:00")
    client.sync()
    put_conflict(server, kind, [first, second], route="worker")
    client.sync()
    asked = run("attention")

    run("conflict", "answer", CONFLICT[:30], "--text", "Keduanya benar.")

    assert asked.exit_code == 4
    for words in ("“Rapat desa”", "“Layanan warga”", "lontara edit", "lontara delete", f"lontara conflict answer {CONFLICT}"):
        assert words in asked.stdout
    assert json.loads(run("attention", "--json").stdout) == []


def test_the_worker_is_not_asked_about_what_an_admin_or_another_person_has_to_say(client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    of_a_worker(server, THEIRS)
    put_conflict(server, "overlap", [entry, THEIRS], route="worker")

    client.sync()

    assert client.attention() == []


def test_a_decision_is_told_after_the_sync_and_stays_listed_until_it_was_seen(
    run: Run, client: Client, server: FakeServer
) -> None:
    entry = record(client)
    client.sync()
    decided(server, entry)
    synced = run("sync")
    again = run("sync")
    before = run("attention")
    run("attention", "--seen")

    after = run("attention")

    sentence = (
        "Admin sudah memutuskan tentang “Rapat desa”, 5 Jan. Dipakai: mulai 07.00 dari perangkat."
        " Alasan: Sesuai daftar hadir."
    )
    assert sentence in synced.stdout
    assert sentence not in again.stdout
    assert "lontara attention" in again.stdout
    assert sentence in before.stdout
    assert (synced.exit_code, before.exit_code, after.exit_code, sentence in after.stdout) == (4, 4, 0, False)
    for command in (("show", entry), ("conflict", "list"), ("conflict", "show", CONFLICT)):
        assert sentence in run(*command).stdout
    assert json.loads(run("show", entry, "--json").stdout)["decisions"][0]["reason"] == "Sesuai daftar hadir."
    assert json.loads(run("sync", "--json").stdout)["decisions"] == []


def test_a_decision_in_english_is_told_in_english(run: Run, client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    decided(server, entry)

    synced = run("sync", "--lang", "en")

    assert "Admin has decided about “Rapat desa”, 5 Jan. Used: start 07:00 from the device." in synced.stdout


def test_what_was_decided_before_this_device_was_enrolled_is_no_news(client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    decided(server, entry, at=server.time_ms - 1)

    report = client.sync()

    assert (report.decisions, client.decisions()) == ([], [])


def test_an_edit_that_closed_a_conflict_is_no_decision(client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    decided(server, entry, choice="edited", values=None)

    report = client.sync()

    assert report.decisions == []


def test_a_conflict_shows_what_was_and_what_each_side_wishes(run: Run, client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    device = str(client.store.setting("device"))
    clash = {"base": "08:00", "server": "08:30", "candidates": [{"device": device, "by": OWNER, "at": 0, "value": "07:00"}]}
    answer = {"by": OWNER, "at": 0, "text": "Jam tujuh."}
    put_conflict(server, "field", [entry], clashes={"start_time": clash}, answers=[answer])
    client.sync()

    shown = run("conflict", "show", CONFLICT[:24]).stdout

    for words in ("Terbuka", "semula: 08.00", "di server: 08.30", "diinginkan Anda: 07.00", "Keterangan Anda: Jam tujuh."):
        assert words in shown


def test_a_supervisor_s_refused_review_is_taken_off_the_list_and_the_next_one_replaces_it(
    run: Run, client: Client, server: FakeServer
) -> None:
    of_a_worker(server, THEIRS)
    client.sync()
    server.reject = lambda operation: "not_permitted" if operation.kind == "review" and not operation.supersedes else None
    run("review", "approve", THEIRS)
    assert run("sync").exit_code == 4
    listed = run("attention").stdout

    dismissed = run("attention", "dismiss", "1")

    assert "Tinjauan Anda “Disetujui” tidak diterima." in listed
    assert "lontara attention dismiss 1" in listed
    assert dismissed.exit_code == 0, dismissed.output
    assert run("attention").exit_code == 0
    assert run("sync").exit_code == 0
    shown = client.entry(THEIRS)
    assert (shown.delivery_state, shown.review_state) == ("received", "submitted")
    client.review(THEIRS, "approved")
    client.sync()
    sent = decode_operation(next(iter(server.logs.values()))[-1])
    assert [origin.seq for origin in sent.supersedes] == [1]
    assert client.attention() == []


def test_a_review_after_a_refused_one_needs_no_dismissal(client: Client, server: FakeServer) -> None:
    of_a_worker(server, THEIRS)
    client.sync()
    server.reject = lambda operation: "not_permitted" if operation.kind == "review" and not operation.supersedes else None
    client.review(THEIRS, "approved")
    client.sync()

    client.review(THEIRS, "approved")

    client.sync()
    assert client.attention() == []
    assert client.entry(THEIRS).review_state == "approved"


def test_what_was_written_on_top_of_a_dismissed_edit_goes_on_without_it(client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    server.reject = lambda operation: "not_permitted" if operation.fields.get("title") == "Salah" else None
    client.edit(entry, title="Salah")
    client.sync()
    client.edit(entry, description="Di balai desa")
    (refused,) = client.attention()

    client.dismiss(refused.op_id)

    client.sync()
    assert client.attention() == []
    assert server.records[entry][1].fields["description"] == "Di balai desa"
    assert client.entry(entry).title == "Rapat desa"
    sent = decode_operation(next(iter(server.logs.values()))[-1])
    assert [origin.seq for origin in sent.supersedes] == [2, 3]
    assert client.verify() == []


def test_a_dismissed_entry_leaves_the_list_and_stays_in_the_log(run: Run, client: Client, server: FakeServer) -> None:
    server.reject = lambda operation: "not_permitted"
    entry = record(client)
    client.sync()

    run("attention", "dismiss", entry)

    assert client.attention() == []
    assert client.entries() == []
    assert [item["changes"]["title"]["now"] for item in client.history(entry)] == ["Rapat desa"]


def test_only_what_was_rejected_can_be_dismissed(client: Client) -> None:
    entry = record(client)

    with pytest.raises(Problem) as caught:
        client.dismiss(entry)

    assert caught.value.code == "not_found"


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def test_a_device_refuses_a_review_that_the_server_would_refuse(client: Client, server: FakeServer) -> None:
    own = record(client)
    of_a_worker(server, THEIRS, review_state="rejected")
    client.sync()

    codes = [refused(lambda: client.review(own, "approved")), refused(lambda: client.review(THEIRS, "approved"))]

    assert codes == ["not_permitted", "state_not_allowed"]
    change(server, THEIRS, review_state="submitted")
    placed = {"employee": WORKER, "supervisor": WORKER, "valid_from": "2025-01-01"}
    server.put(Record("assignment", "00000000-0000-8000-8000-00000000a001", 1, placed))
    client.sync()
    assert refused(lambda: client.review(THEIRS, "approved")) == "not_permitted"
    server.put(Record("assignment", "00000000-0000-8000-8000-00000000a001", 2, {**placed, "acting_supervisor": OWNER}))
    client.sync()
    assert client.review(THEIRS, "approved").review_state == "approved"
    assert client.status()["unsent"] == 1


def test_an_approval_is_withdrawn_and_the_entry_waits_again(run: Run, client: Client, server: FakeServer) -> None:
    of_a_worker(server, THEIRS, review_state="approved")
    client.sync()

    result = run("review", "withdraw", THEIRS)

    client.sync()
    assert result.exit_code == 0, result.output
    assert server.records[THEIRS][1].fields["review_state"] == "submitted"


def test_a_rejection_takes_its_text_as_note_or_as_reason(run: Run, client: Client, server: FakeServer) -> None:
    of_a_worker(server, THEIRS)
    client.sync()

    result = run("review", "reject", THEIRS, "--reason", "Bukan kegiatan dinas.")

    assert result.exit_code == 0, result.output
    assert client.entry(THEIRS).fields["review_note"] == "Bukan kegiatan dinas."


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("review_state", "approved", "state_not_allowed"), ("owner", WORKER, "server_field"),
     ("source", "imported", "immutable_field"), ("banyaknya", "3", "unknown_field")],
)  # fmt: skip
def test_a_field_that_is_not_the_author_s_is_refused_on_the_device(client: Client, field: str, value: str, code: str) -> None:
    entry = record(client)

    said = refused(lambda: client.edit(entry, **{field: value}))

    assert said == code
    assert client.status()["unsent"] == 1


def test_another_person_s_entry_is_not_edited_on_the_device(client: Client, server: FakeServer) -> None:
    of_a_worker(server, THEIRS)
    client.sync()

    codes = [refused(lambda: client.edit(THEIRS, title="Lain")), refused(lambda: client.delete(THEIRS))]

    assert codes == ["not_permitted", "not_permitted"]


def test_a_change_of_an_approved_entry_is_put_before_the_admin_where_it_is_meant(
    run: Run, client: Client, server: FakeServer
) -> None:
    entry = record(client)
    client.sync()
    change(server, entry, review_state="approved")
    client.sync()

    unsure, meant = run("edit", entry, "--set", "jumlah=3"), run("edit", entry, "--set", "jumlah=3", "--yes")

    assert unsure.exit_code == 1
    assert "[entry_reviewed]" in unsure.stderr
    assert "--yes" in unsure.stderr
    assert meant.exit_code == 0, meant.output
    assert "sampai admin memutuskan" in meant.stderr
    assert client.status()["unsent"] == 1


def test_a_day_is_copied_as_drafts_that_are_submitted_together(run: Run, client: Client) -> None:
    record(client), record(client, "Layanan warga", "09:00", "10:00")
    client.sync()
    copied = run("copy", "--from", "05-01-2026", "--to", "06-01-2026")
    drafts = {entry.delivery_state for entry in client.entries(date_from="2026-01-06")}

    submitted = run("submit", "--date", "06-01-2026")

    assert "lontara submit --date 2026-01-06" in copied.stdout
    assert drafts == {"draft"}
    assert submitted.exit_code == 0, submitted.output
    assert (client.status()["drafts"], client.status()["unsent"]) == (0, 2)


def test_the_sentence_counts_entries_and_not_changes(run: Run, client: Client) -> None:
    entry = record(client)
    client.edit(entry, title="Rapat kecamatan")

    said = run("status").stdout

    assert said.startswith("1 catatan tersimpan di perangkat, menunggu sinyal")
    assert json.loads(run("status", "--json").stdout)["unsent"] == 2


def test_a_draft_is_only_on_this_device_and_that_is_said(run: Run, client: Client) -> None:
    client.record(draft=True, work_date="2026-01-05", title="Rapat", duration_minutes=30)

    said = [run("sync").stdout, run("status").stdout]

    assert all("1 draf hanya ada di perangkat ini" in each for each in said)


def test_a_sync_begins_with_whether_the_work_is_safe(run: Run, client: Client) -> None:
    record(client)

    result = run("sync")

    assert result.output.startswith("Semua catatan yang diajukan sudah diterima server")


def test_a_copied_store_waits_for_its_enrolment_and_attention_says_so(run: Run, client: Client) -> None:
    record(client)
    with client.store.transaction():
        client.store.set_setting("forked_at", 1)

    said = run("status").stdout, run("attention")

    assert said[0].startswith("1 catatan tersimpan di perangkat, menunggu perangkat ini didaftarkan lagi")
    assert "daftarkan lagi" in said[1].stdout
    assert said[1].exit_code == 4


def test_work_that_was_set_aside_is_on_the_list(run: Run, client: Client, server: FakeServer) -> None:
    record(client)
    server.has_backup = False
    server.revoked.update(server.logs)
    client.sync()

    listed = run("attention")

    assert listed.exit_code == 4  # quarantined
    assert "menunggu keputusan admin" in listed.stdout


def test_what_an_admin_decided_about_work_that_was_set_aside_is_told(
    run: Run, client: Client, server: FakeServer
) -> None:
    record(client)
    server.has_backup = False
    server.revoked.update(server.logs)
    client.sync()
    with client.store.transaction():
        client.store.set_setting("set_aside", [{"state": "dropped", "reason": "Sudah dicatat ulang."}])

    listed, said = run("attention").stdout, run("status").stdout

    assert "Alasan: Sudah dicatat ulang." in listed
    assert "1 catatan yang disisihkan server sudah diputuskan admin" in said


def test_a_store_that_is_enrolled_already_is_not_enrolled_again_by_a_slip(run: Run, client: Client) -> None:
    device = client.status()["device"]

    slip = run("enrol", "https://lontara.test", "--code", "KODE")
    meant = run("enrol", "https://lontara.test", "--code", "KODE", "--yes")

    assert (slip.exit_code, meant.exit_code) == (1, 0)  # not_confirmed
    assert "sudah terdaftar atas nama Andi Tenri" in slip.stderr
    assert client.status()["device"] != device


def test_the_pin_of_a_new_store_is_typed_twice(tmp_path: Path) -> None:
    typed = "2468\n8642\n1357\n1357\n"

    command = ["--data-dir", str(tmp_path / "new"), "enrol", "https://127.0.0.1:1", "--code", "KODE"]
    result = CliRunner().invoke(main, command, input=typed)

    assert result.exit_code == 3, result.output  # no server is there
    assert "Kedua PIN tidak sama" in result.output
    assert Client.open(tmp_path / "new", pin="1357").entries() == []


@pytest.mark.skipif(sys.platform == "win32", reason="has no modes")
def test_the_store_s_files_are_their_owner_s_alone(client: Client) -> None:
    record(client)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in client.store.data_dir.iterdir()}

    assert "store.db" in modes
    assert set(modes.values()) == {0o600}


def test_a_score_that_the_server_sent_is_shown(run: Run, client: Client, server: FakeServer, clock: HandClock) -> None:
    score = {"period": "2026-01", "value": "87.50", "rating": "good", "rating_id": "Baik", "rating_en": "Good",
             "provisional": True, "coverage_percent": "94.09", "policy_id": "p", "policy_version": 1,
             "computed_at": clock.now}  # fmt: skip
    server.put(Record("score", "00000000-0000-8000-8000-000000005001", 1, score))
    client.sync()

    said = [run("score").stdout, run("score", "--lang", "en").stdout]

    for words, shown in zip((("Jan 2026", "87,50", "Baik", "94,09%"), ("87.50", "Good", "94.09%")), said, strict=True):
        assert all(word in shown for word in words), shown
    assert json.loads(run("score", "--json").stdout)[0]["value"] == "87.50"


def test_an_entry_that_came_after_the_lock_is_told_to_wait_for_the_admin(
    run: Run, client: Client, server: FakeServer
) -> None:
    entry = record(client)
    client.sync()
    put_conflict(server, "after_lock", [entry])
    synced = run("sync")

    listed = run("attention")

    assert (synced.exit_code, listed.exit_code) == (4, 4)
    assert "Sedang diputuskan admin: 1; pekerjaannya aman" in synced.stdout
    assert "Bulannya sudah dikunci saat tiba; sedang diputuskan admin" in listed.stdout
    assert f"lontara conflict show {CONFLICT}" in listed.stdout


def test_the_device_whose_version_stands_lists_it_as_being_decided_until_it_is(
    run: Run, client: Client, server: FakeServer
) -> None:
    entry = record(client)
    client.sync()
    clash = {"base": "08:00", "server": "08:00", "candidates": [{"device": "x", "by": OWNER, "at": 0, "value": "07:00"}]}
    put_conflict(server, "field", [entry], clashes={"start_time": clash})
    client.sync()
    before = [(item.state, item.record) for item in client.attention()]
    decided(server, entry)

    client.sync()

    assert (before, client.attention()) == ([("deciding", entry)], [])


def test_a_merged_entry_is_not_said_to_wait_for_a_review(run: Run, client: Client, server: FakeServer) -> None:
    kept, gone = record(client), record(client, "Rapat desa kedua")
    client.sync()
    held = server.records[gone][1]
    server.put(replace(held, revision=held.revision + 1, voided=True))
    decided(server, kept, choice="merge", values=None, survivor=kept, voided=[gone])
    client.sync()

    shown = [run("list").stdout, run("show", gone).stdout]

    assert all("Digabung ke “Rapat desa”" in each for each in shown)
    assert "Menunggu tinjauan" not in shown[1]


def test_a_second_rejection_before_a_sync_is_refused_and_not_called_saved(
    run: Run, client: Client, server: FakeServer
) -> None:
    of_a_worker(server, THEIRS)
    client.sync()
    run("review", "reject", THEIRS, "--note", "Bukan kegiatan dinas.")

    second = run("review", "reject", THEIRS, "--note", "Catatan lain.")

    assert second.exit_code == 1
    assert "Tersimpan" not in second.stdout
    assert "state_not_allowed" in second.output


def test_what_an_operation_holds_names_no_minutes_that_follow_from_times(
    run: Run, client: Client, server: FakeServer
) -> None:
    entry = record(client)
    client.sync()
    server.reject = lambda operation: "not_permitted" if operation.kind == "set" else None
    run("edit", entry, "--set", "selesai=10:00")
    run("sync")

    listed = run("attention").stdout

    assert "Isinya: Selesai: 10.00" in listed
    assert "Menit" not in listed

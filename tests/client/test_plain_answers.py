"""What a command says that has nothing to do or cannot go on: true, in plain words, and in one language."""

from __future__ import annotations

import getpass
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from client.fake_server import FakeServer
from client.test_what_needs_you import THEIRS, change, of_a_worker, put_conflict, record
from lontara import Client
from lontara.cli.main import main
from lontara.transport import TransportFailed

Run = Callable[..., Result]


def no_signal(number: int) -> None:
    raise TransportFailed("no route", reached=False)


def test_a_fresh_machine_says_that_it_is_not_enrolled_and_makes_no_store(tmp_path: Path) -> None:
    folder = tmp_path / "baru"

    result = CliRunner().invoke(main, ["--data-dir", str(folder), "status"], input="2468\n2468\n")

    assert result.exit_code == 1
    assert "Perangkat ini belum terdaftar" in result.stderr
    assert "lontara enrol URL --code KODE" in result.stderr
    assert not folder.exists()


def test_a_pin_that_nobody_can_type_is_a_problem(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fallback(*_prompt: Any, **_options: Any) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return ""

    monkeypatch.setattr(click, "prompt", fallback)

    result = CliRunner().invoke(main, ["--data-dir", str(client.store.data_dir), "list", "--json"])

    assert json.loads(result.stderr)["code"] == "pin_needed"
    assert result.exit_code == 1


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_sync_without_a_link_says_what_is_true(run: Run, client: Client, server: FakeServer, language: str) -> None:
    record(client)
    server.before = no_signal

    result = run("sync", "--lang", language)

    assert result.exit_code == 3
    assert ("1 catatan tersimpan" if language == "id" else "Entries saved on this device") in result.stdout
    assert "lontara sync --watch" in result.stderr
    assert not any(words in result.stderr for words in ("sendiri", "by itself"))


def test_a_sync_without_a_link_claims_nothing_where_nothing_waits(run: Run, server: FakeServer) -> None:
    server.before = no_signal

    result = run("sync")

    assert result.stdout.startswith("Tidak ada catatan di perangkat ini yang belum diterima server")


def test_a_first_enrolment_without_a_link_says_nothing_of_entries(tmp_path: Path) -> None:
    arguments = ["--data-dir", str(tmp_path / "baru"), "--pin", "2468", "enrol", "https://127.0.0.1:1", "--code", "KODE"]

    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 3
    assert result.stderr.startswith("Tidak ada yang berubah. Server belum terjangkau")
    assert "Catatan Anda" not in result.output


def test_an_enrolment_without_a_name_says_what_admins_see(run: Run) -> None:
    result = run("enrol", "https://lontara.test", "--code", "KODE", "--yes")

    assert "--name" in result.stdout


def test_a_list_goes_by_date_and_time(run: Run, client: Client) -> None:
    client.record(work_date="2026-01-05", title="tanpa jam", duration_minutes=30)
    record(client, "siang", "13:00", "14:00")
    client.record(draft=True, work_date="2026-01-05", title="draf pagi", start_time="07:00", end_time="07:30")
    record(client, "pagi", "08:00", "09:00")
    client.record(draft=True, work_date="2026-01-04", title="kemarin", duration_minutes=30)

    listed = json.loads(run("list", "--json").stdout)

    assert [each["title"] for each in listed] == ["kemarin", "draf pagi", "pagi", "siang", "tanpa jam"]


def test_a_copy_of_an_empty_day_says_that_there_is_nothing(run: Run) -> None:
    result = run("copy", "--from", "2026-01-05", "--to", "2026-01-06")

    assert (result.exit_code, result.stdout) == (0, "Tidak ada catatan pada 2026-01-05; tidak ada yang disalin.\n")


def test_what_was_so_already_is_said(run: Run, client: Client) -> None:
    entry = record(client)
    stood = run("restore", entry)
    run("delete", entry)

    again = run("delete", entry)

    assert "tidak sedang terhapus" in stood.stdout
    assert "sudah dihapus sebelumnya" in again.stdout
    assert client.status()["unsent"] == 2


def test_status_is_plain_and_shows_the_rest_on_request(run: Run) -> None:
    plain, whole = run("status").stdout, run("status", "--all").stdout

    assert "Masa server" not in plain
    assert "Masa server" in whole


def test_reviews_show_flags_and_open_conflicts_and_an_approval_says_so(run: Run, client: Client, server: FakeServer) -> None:
    of_a_worker(server, THEIRS, flags=["late"])
    put_conflict(server, "overlap", [THEIRS], route="worker")
    client.sync()

    listed, approved = run("review", "list").stdout, run("review", "approve", THEIRS)

    assert "terlambat, konflik terbuka" in listed
    assert "Masih ada konflik terbuka" in approved.stderr
    assert approved.exit_code == 0, approved.output


def test_what_concerns_the_device_has_a_heading(run: Run, client: Client) -> None:
    with client.store.transaction():
        client.store.set_setting("forked_at", 1)

    lines = run("attention").stdout.splitlines()

    assert (lines[0], lines[1][:2]) == ("Perangkat ini", "  ")


def test_an_empty_answer_is_told_what_an_answer_is(run: Run, client: Client, server: FakeServer) -> None:
    entry = record(client)
    client.sync()
    put_conflict(server, "overlap", [entry], route="worker")
    client.sync()

    result = run("conflict", "answer", "c001", "--text", "")

    assert "1 sampai 2000 huruf" in result.stderr


def test_a_step_that_a_review_does_not_take_is_told_in_one_language(
    run: Run, client: Client, server: FakeServer
) -> None:  # fmt: skip
    of_a_worker(server, THEIRS)
    client.sync()
    change(server, THEIRS, review_state="rejected")
    client.sync()

    result = run("review", "approve", THEIRS)

    assert "Dari keadaan Ditolak tidak dapat menjadi Disetujui." in result.stderr


def test_a_field_that_there_is_not_is_told_with_the_indonesian_names(run: Run, client: Client) -> None:
    entry = record(client)

    result = run("edit", entry, "--set", "banyak=14")

    assert "jumlah (quantity)" in result.stderr
    assert run("edit", entry, "--set", "mulai=", "--set", "selesai=", "--set", "durasi=45", "--yes").exit_code == 0
    assert client.entry(entry).fields["duration_minutes"] == 45

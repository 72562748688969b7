"""The command `lontara`: words, JSON shapes and exit codes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from client.fake_server import FakeServer
from lontara.importing import plain_decimal

ENTRY = ("add", "--date", "2026-01-05", "--start", "08:00", "--end", "09:30", "--title", "Penyuluhan padi")


def test_a_saved_entry_is_called_saved_and_not_sent(run: Callable[..., Result]) -> None:
    result = run(*ENTRY)

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Tersimpan di perangkat: ")
    assert "Terkirim" not in result.output


def test_a_sync_reports_in_json_and_ends_with_0(run: Callable[..., Result]) -> None:
    run(*ENTRY)

    result = run("sync", "--once", "--json")

    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["operations_up"], report["results"], report["unsent"]) == (1, {"applied": 1}, 0)


def test_a_rejection_ends_with_4_and_is_corrected(run: Callable[..., Result], server: FakeServer) -> None:
    server.reject = lambda operation: None if operation.supersedes else "invalid_field"
    run(*ENTRY)

    result = run("sync", "--json")

    assert result.exit_code == 4
    (item,) = json.loads(run("attention", "--json").stdout)
    assert run("correct", item["op_id"], "--set", "title=Baru").exit_code == 0
    assert run("sync").exit_code == 0


def test_bad_input_is_a_problem_in_json_on_stderr(run: Callable[..., Result]) -> None:
    result = run("add", "--date", "2026-02-30", "--duration", "10", "--title", "x", "--json")

    assert result.exit_code == 1
    problem = json.loads(result.stderr)
    assert (problem["code"], problem["facts"]) == ("invalid_field", {"field": "work_date"})


def test_a_file_imported_twice_adds_nothing(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text(
        "date,start,end,title,quantity,output_unit,entered_at\n"
        "2026-01-05,07:30:00,09:00:00,Senam,1.0,kegiatan,2026-01-20 10:00:00\n",
        encoding="utf-8",
    )
    first = json.loads(run("import", str(file), "--json").stdout)

    again = json.loads(run("import", str(file), "--json").stdout)

    assert (first["added"], again["added"], again["known"]) == (1, 0, 1)
    (entry,) = json.loads(run("list", "--json").stdout)
    assert (entry["quantity"], entry["start_time"]) == ("1", "07:30")


def test_an_imported_line_without_times_has_its_file_s_duration_and_none_is_made_up(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "log.csv"
    file.write_text(
        "date,title,duration_minutes\n2026-01-05,Senam,45\n2026-01-06,Rapat,\n2026-01-07,Apel,15\n", encoding="utf-8"
    )

    result = run("import", str(file), "--json")

    problem = json.loads(result.stderr)
    assert (result.exit_code, problem["code"], problem["facts"]) == (
        1, "invalid_line", {"line": 3, "field": "duration_minutes"},
    )  # fmt: skip
    said = run("import", str(file)).stderr
    assert "Baris 3 perlu dibetulkan. Menit: menit dari 1 sampai 1440" in said
    (entry,) = json.loads(run("list", "--json").stdout)
    assert (entry["title"], entry["duration_minutes"]) == ("Senam", 45)


def test_a_file_without_the_columns_that_it_needs_is_refused_whole(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    file.write_text("tanggal,kegiatan\n2026-01-05,Senam\n", encoding="utf-8")

    result = run("import", str(file), "--json")

    problem = json.loads(result.stderr)
    assert (problem["code"], problem["facts"]) == ("missing_column", {"columns": ["date", "title"]})


def test_status_says_that_work_is_set_aside(run: Callable[..., Result], server: FakeServer) -> None:
    server.has_backup = False
    run(*ENTRY)
    server.revoked.update(server.logs)
    ended = run("sync").exit_code

    said = run("status").stdout

    assert ended == 1
    assert said.startswith("1 catatan sudah diterima server dan menunggu keputusan admin")


def test_attention_says_in_words_why_work_was_refused(run: Callable[..., Result], server: FakeServer) -> None:
    server.reject = lambda operation: "not_permitted"
    run(*ENTRY)
    run("sync")

    said = run("attention").stdout

    assert "Anda tidak" in said


def test_status_show_copy_and_history(run: Callable[..., Result]) -> None:
    entry = run(*ENTRY).stdout.split()[-1]
    run("edit", entry, "--set", "title=Penyuluhan jagung")

    shown = json.loads(run("show", entry, "--history", "--json").stdout)

    assert shown["history"][1]["changes"]["title"] == {"was": "Penyuluhan padi", "now": "Penyuluhan jagung"}
    assert json.loads(run("status", "--json").stdout)["unsent"] == 2
    assert len(json.loads(run("copy", "--from", "2026-01-05", "--to", "2026-01-06", "--json").stdout)) == 1
    assert run("verify").exit_code == 0
    assert "Belum ada nilai" in run("score").stdout
    assert run("doctor").exit_code == 0


@pytest.mark.parametrize(("text", "plain"), [("20", "20"), ("2.50", "2.5"), ("02,5", "2.5"), ("0.0", "0"), (".5", "0.5")])
def test_a_number_is_written_as_the_wire_has_it(text: str, plain: str) -> None:
    written = plain_decimal(text)

    assert written == plain

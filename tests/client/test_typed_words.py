"""What people type: dates, times, figures and names of fields as they write them, and what is asked back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from lontara import Client

Run = Callable[..., Result]
# Words that only an English sentence has.
ENGLISH = re.compile(r"\b(the|nothing|was|saved|changed|must|match|regex|expected|field|and|is)\b", re.IGNORECASE)


def added(run: Run, *options: str) -> Result:
    return run("add", "--title", "Rapat desa", *options)


def only_entry(run: Run) -> dict[str, Any]:
    (entry,) = json.loads(run("list", "--json").stdout)
    return dict(entry)


def test_a_figure_with_a_comma_a_date_with_the_day_first_and_a_bare_hour_are_understood(run: Run) -> None:
    result = added(run, "--date", "21-01-2026", "--start", "8", "--end", "9.30", "--quantity", "3,5", "--category",
                   "tugas pokok")  # fmt: skip

    assert result.exit_code == 0, result.output
    entry = only_entry(run)
    assert (entry["work_date"], entry["start_time"], entry["end_time"]) == ("2026-01-21", "08:00", "09:30")
    assert (entry["quantity"], entry["category"]) == ("3.5", "main_duty")


@pytest.mark.parametrize(
    ("options", "field", "told"),
    [
        (("--date", "31-02-2026", "--duration", "30"), "work_date", "Tanggal: tanggal seperti 20-11-2026"),
        (("--date", "2026-01-05", "--start", "25", "--end", "9"), "start_time", "Mulai: jam seperti 08:00 atau 8"),
        (("--date", "2026-01-05", "--duration", "satu jam"), "duration_minutes", "Menit: menit dari 1 sampai 1440"),
        (("--date", "2026-01-05", "--duration", "30", "--quantity", "banyak"), "quantity", "Jumlah: angka seperti"),
        # A thousand to one reader and one to the other.
        (("--date", "2026-01-05", "--duration", "30", "--quantity", "1.000"), "quantity", "ribuan tanpa titik"),
        (("--date", "2026-01-05", "--duration", "30", "--category", "lain"), "category", "tugas-tambahan"),
        (("--date", "2026-01-05"), "duration_minutes", "diisi bila jam mulai dan selesai tidak ada"),
    ],
)
def test_what_cannot_be_read_is_told_in_indonesian_with_the_form_that_can(
    run: Run, options: tuple[str, ...], field: str, told: str
) -> None:
    problem = json.loads(added(run, *options, "--json").stderr)

    said = added(run, *options).stderr

    assert problem["facts"]["field"] == field
    assert told in said
    assert ENGLISH.search(said) is None, said
    assert len(said.splitlines()) == 3


def test_fields_go_by_their_indonesian_names_in_an_edit(run: Run) -> None:
    entry = added(run, "--date", "2026-01-05", "--duration", "30").stdout.split()[-1]

    result = run("edit", entry, "--set", "jumlah=14", "--set", "satuan=orang", "--set", "mulai=8", "--set", "end=9")

    assert result.exit_code == 0, result.output
    held = only_entry(run)
    assert (held["quantity"], held["output_unit"], held["start_time"], held["end_time"]) == ("14", "orang", "08:00", "09:00")


def test_a_name_that_no_field_has_is_told_with_the_names_that_there_are(run: Run) -> None:
    entry = added(run, "--date", "2026-01-05", "--duration", "30").stdout.split()[-1]

    result = run("edit", entry, "--set", "banyaknya=14")

    assert result.exit_code == 1
    assert "[unknown_field] banyaknya bukan isian catatan." in result.stderr
    assert "quantity" in result.stderr
    assert "banyaknya" in json.loads(run("edit", entry, "--set", "banyaknya=14", "--json").stderr)["facts"]["field"]


def test_work_past_midnight_is_saved_and_told_in_minutes(run: Run) -> None:
    result = added(run, "--date", "2026-01-05", "--start", "22", "--end", "2")

    assert result.exit_code == 0, result.output
    assert "Melewati tengah malam: 22.00–02.00 berarti 240 menit." in result.stderr


@pytest.mark.parametrize(
    ("options", "doubt"),
    [
        (("--date", "2026-01-05", "--start", "10:00", "--end", "09:00"), "1380 menit, lebih dari 12 jam"),
        (("--date", "2026-01-05", "--duration", "900"), "900 menit, lebih dari 12 jam"),
        (("--date", "2026-12-05", "--duration", "30"), "Sab, 5 Des 2026"),
    ],
)
def test_what_is_likely_a_slip_is_asked_back_and_saved_with_yes(run: Run, options: tuple[str, ...], doubt: str) -> None:
    asked = added(run, *options)

    meant = added(run, *options, "--yes")

    assert (asked.exit_code, meant.exit_code) == (1, 0)  # not_confirmed
    assert doubt in asked.stderr
    assert "--yes" in asked.stderr
    assert only_entry(run)["title"] == "Rapat desa"


def test_an_edit_is_asked_back_like_a_new_entry(run: Run) -> None:
    entry = added(run, "--date", "2026-01-05", "--start", "8", "--end", "9").stdout.split()[-1]

    result = run("edit", entry, "--set", "selesai=7", "--json")

    assert json.loads(result.stderr)["code"] == "not_confirmed"
    assert only_entry(run)["end_time"] == "09:00"


def test_the_language_may_stand_behind_the_command(run: Run) -> None:
    result = run("status", "--lang", "en")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("The server has received all entries")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "--title", "Rapat"), "Pilihan --date wajib diisi."),
        (("edit", "--set", "jumlah=1"), "ID belum disebut."),
        (("tambah",), "Tidak ada perintah tambah."),
        (("list", "--hari", "2026-01-05"), "Tidak ada pilihan --hari."),
        (("import", "tidak-ada.csv"), "Nilai untuk FILE tidak dapat dipakai."),
    ],
)
def test_a_command_that_cannot_be_read_is_told_in_indonesian(run: Run, arguments: tuple[str, ...], told: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == told
    assert "--help" in result.stderr


def test_an_id_is_known_by_its_beginning_and_several_are_told(run: Run, client: Client) -> None:
    first = added(run, "--date", "2026-01-05", "--duration", "30").stdout.split()[-1]
    second = added(run, "--date", "2026-01-06", "--duration", "30").stdout.split()[-1]
    shared = next(length for length in range(36) if first[length] != second[length])

    found = json.loads(run("show", first[: shared + 1], "--json").stdout)
    ambiguous = run("show", first[:shared], "--json")
    short = run("show", first[:3], "--json")
    none = run("show", "ffff-nobody", "--json")

    assert found["id"] == first
    assert json.loads(ambiguous.stderr)["facts"]["matches"] == [first, second]
    codes = [json.loads(each.stderr)["code"] for each in (ambiguous, short, none)]
    assert codes == ["ambiguous_id", "ambiguous_id", "not_found"]


@pytest.mark.parametrize("dots", ["", "…", "..."])
def test_an_id_is_known_by_its_end_where_only_one_ends_so(run: Run, client: Client, dots: str) -> None:
    ids = [added(run, "--date", f"2026-01-0{day}", "--duration", "30").stdout.split()[-1] for day in (5, 6)]

    found = [json.loads(run("show", dots + each[-6:], "--json").stdout)["id"] for each in ids]

    assert found == ids


def test_lists_never_cut_an_id(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    entry = added(run, "--date", "2026-01-05", "--duration", "30", "--description", "x" * 100).stdout.split()[-1]

    listed = run("list").stdout

    assert entry in listed


def test_brackets_in_a_title_are_shown_as_they_were_written(run: Run) -> None:
    run("add", "--title", "Rapat [/tim] :smile:", "--date", "2026-01-05", "--duration", "30")

    listed = run("list")

    assert listed.exit_code == 0, listed.output
    assert "Rapat [/tim] :smile:" in listed.stdout


@pytest.mark.parametrize("command", ["list", "status", "show", "doctor", "score"])
def test_tables_are_of_one_language(run: Run, command: str) -> None:
    entry = added(run, "--date", "2026-01-05", "--duration", "30").stdout.split()[-1]
    run("sync")

    said = run(*([command, entry] if command == "show" else [command])).stdout

    codes = r"submitted|queued|received|backed_up|unsent|work_date|delivery|review_state|epoch|\bTrue\b|\bNone\b"
    assert re.search(codes, said) is None, said
    assert ENGLISH.search(said) is None, said

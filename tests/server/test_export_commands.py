"""`lontara-server export`, as an operator types it: files that are there whole, for their owner alone, and noted."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook
from pypdf import PdfReader

from lontara_server.cli.main import main
from lontara_server.storage.engine import make_engine, transaction
from server.ready import CHIEF, PEOPLE, WORKER, prepare_ready
from server.scored import PERIOD, add_entry, add_present_month, set_base
from server.test_exports import audited, compute


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare_ready(database_of(tmp_path), PEOPLE)
    engine = make_engine(database_of(tmp_path))
    with transaction(engine) as connection:
        add_entry(connection, 1, title="Menyusun laporan", quantity="2", output_unit="berkas")
        add_present_month(connection)
        set_base(connection, 4_000_000)
        compute(connection)
    engine.dispose()
    return tmp_path


def database_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'lontara.db'}"


def run(folder: Path, *words: str) -> Result:
    options = ["--data-dir", str(folder), "--database-url", database_of(folder), "--as", "rahmatia"]
    return CliRunner().invoke(main, [*options, "export", *words])


def test_each_file_is_written_and_can_be_opened(folder: Path) -> None:
    made = {name: folder / name for name in ("r.pdf", "t.xlsx", "s.xlsx", "e.csv", "p.zip", "a.xlsx")}

    answers = [
        run(folder, "recap", "--period", PERIOD, "--nip", WORKER, str(made["r.pdf"])),
        run(folder, "tpp", "--period", PERIOD, str(made["t.xlsx"])),
        run(folder, "scores", "--period", PERIOD, str(made["s.xlsx"])),
        run(folder, "ekinerja", "--period", PERIOD, "--csv", str(made["e.csv"])),
        run(folder, "person", "--nip", WORKER, str(made["p.zip"])),
        run(folder, "entries", "--xlsx", str(made["a.xlsx"])),
    ]

    assert [answer.exit_code for answer in answers] == [0] * 6, [answer.output for answer in answers]
    assert len(PdfReader(made["r.pdf"]).pages) >= 1
    assert load_workbook(made["t.xlsx"]).sheetnames == ["TPP"]
    assert len(list(csv.reader(io.StringIO(made["e.csv"].read_text(encoding="utf-8"))))) == 2
    assert "README.txt" in zipfile.ZipFile(made["p.zip"]).namelist()
    assert {oct(path.stat().st_mode & 0o777) for path in made.values()} == {"0o600"}


def test_lists_are_printed_where_no_file_is_named(folder: Path) -> None:
    answer = run(folder, "scores", "--period", PERIOD)

    assert [row["nip"] for row in json.loads(answer.stdout)] == [WORKER, CHIEF]


def test_a_file_that_cannot_be_written_is_a_problem_and_leaves_nothing(folder: Path) -> None:
    answer = run(folder, "tpp", "--period", PERIOD, "--json", str(folder / "nowhere" / "t.xlsx"))

    assert answer.exit_code == 1
    assert json.loads(answer.stderr)["code"] == "file_unwritable"
    engine = make_engine(database_of(folder))
    assert audited(engine) == []


def test_siasn_ends_with_4_where_somebody_is_left_out(folder: Path) -> None:
    answer = run(folder, "siasn", "--year", "2026", "--json")

    assert answer.exit_code == 4
    assert {each["nip"] for each in json.loads(answer.stdout)["left_out"]} == {WORKER, CHIEF}


def test_a_recap_of_nobody_named_is_a_mistake_in_the_command(folder: Path) -> None:
    answer = run(folder, "recap", "--period", PERIOD, str(folder / "r.pdf"))

    assert answer.exit_code == 2

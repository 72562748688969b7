"""`lontara-server employee`, `supervisor`, `unit`, `mapping` and `allowance` as an operator types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lontara_server.cli.main import main
from server.ready import CHIEF, PEOPLE, WORKER, prepare_ready
from server.test_table_file import workbook

NEW = "198506072010012002"
DUK = workbook(
    ["Nama Lengkap", "NIP", "Jabatan", "Unit Kerja", "TMT"],
    ["Besse Tenri Lala", NEW, "Penyuluh", "Seksi Desa", "01-10-2026"],
    ["Ambo Upe Lamaru", WORKER, "Pengelola Arsip", "Seksi Pelayanan Umum", ""],
)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "kantor ü%d"
    folder.mkdir()
    (folder / "secret.key").write_text("00" * 32, encoding="ascii")
    prepare_ready(f"sqlite:///{folder / 'lontara.db'}", PEOPLE)
    return folder


def typed(data_dir: Path, *words: str, language: str = "en") -> Result:
    result = CliRunner().invoke(main, ["--data-dir", str(data_dir), "--lang", language, *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def told(data_dir: Path, *words: str) -> Any:
    result = typed(data_dir, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def file_of(folder: Path, content: str | bytes, name: str = "berkas.csv") -> str:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_a_dry_run_shows_what_would_change_and_the_import_changes_it(data_dir: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, DUK, "duk.xlsx")
    preview = typed(data_dir, "employee", "import", path, "--dry-run")

    done = told(data_dir, "employee", "import", path)

    assert preview.exit_code == 0
    assert "Dry run: nothing was written." in preview.stdout
    assert "position: Pengelola Layanan → Pengelola Arsip" in " ".join(preview.stdout.split())
    assert (done["employees_created"], done["units_created"], done["assignments_created"]) == (1, 1, 2)
    assert {row["nip"] for row in told(data_dir, "employee", "list")} == {CHIEF, WORKER, NEW}


def test_faults_are_told_by_row_and_cell_in_the_operators_language(data_dir: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"nip,nama\n1.96608E+17,Baso\n{NEW},Besse\n")

    refused = typed(data_dir, "employee", "import", path, language="id")
    preview = typed(data_dir, "employee", "import", path, "--dry-run")
    skipped = typed(data_dir, "employee", "import", path, "--skip-faulty")

    assert refused.exit_code == 1
    assert "baris 2, A2 nip: NIP sudah dibulatkan lembar kerja" in refused.stderr
    assert (preview.exit_code, "row 2, A2 nip: the spreadsheet" in preview.stderr) == (4, True)
    assert (skipped.exit_code, len(told(data_dir, "employee", "list"))) == (4, 3)


def test_a_complete_list_is_stopped_by_the_threshold_until_it_is_raised(data_dir: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"nip\n{CHIEF}\n")

    preview = typed(data_dir, "employee", "import", path, "--complete", "--dry-run")
    stopped = typed(data_dir, "employee", "import", path, "--complete", "--json")
    raised = typed(data_dir, "employee", "import", path, "--complete", "--threshold", "50")

    assert (preview.exit_code, "would be stopped" in preview.stdout) == (4, True)
    assert (stopped.exit_code, json.loads(stopped.stderr)["code"]) == (1, "too_many_deactivated")
    assert raised.exit_code == 0


def test_bases_that_fall_by_more_than_half_are_stopped_by_the_threshold_until_it_is_raised(
    data_dir: Path, tmp_path: Path
) -> None:
    typed(data_dir, "allowance", "import", file_of(tmp_path, f"nip,amount\n{WORKER},4.000.000\n"))
    path = file_of(tmp_path, f"nip,amount\n{WORKER},4.000\n")

    preview = typed(data_dir, "allowance", "import", path, "--dry-run", language="id")
    stopped = typed(data_dir, "allowance", "import", path, "--json")
    raised = typed(data_dir, "allowance", "import", path, "--threshold", "100")

    assert (preview.exit_code, "Rp 4.000.000 menjadi Rp 4.000." in preview.stdout) == (4, True)
    assert "Impor akan dihentikan" in preview.stdout
    assert (stopped.exit_code, json.loads(stopped.stderr)["code"]) == (1, "import_refused")
    assert (raised.exit_code, WORKER in raised.stdout) == (0, True)


def test_a_mapping_is_saved_shown_listed_and_used(data_dir: Path, tmp_path: Path) -> None:
    typed(data_dir, "mapping", "save", "employee", "simpeg", "--column", "nip=Kolom A", "--column", "full_name=Kolom B")

    done = told(
        data_dir, "employee", "import", file_of(tmp_path, f"Kolom A;Kolom B\n{NEW};Besse\n"), "--mapping", "simpeg"
    )

    columns = {"nip": "Kolom A", "full_name": "Kolom B"}
    assert done["employees_created"] == 1
    assert told(data_dir, "mapping", "show", "employee", "simpeg")["columns"] == columns
    assert told(data_dir, "mapping", "list") == [{"kind": "employee", "name": "simpeg", "columns": columns}]


def test_a_person_is_moved_given_an_acting_supervisor_and_shown(data_dir: Path, tmp_path: Path) -> None:
    typed(data_dir, "employee", "import", file_of(tmp_path, DUK, "duk.xlsx"))
    moved = typed(data_dir, "employee", "transfer", "--nip", NEW, "--unit", "KEC-01", "--from", "2026-11-16")
    acting = ("--nip", NEW, "--supervisor", CHIEF, "--acting", "--from", "2026-11-18", "--to", "2026-11-20")
    typed(data_dir, "supervisor", "assign", *acting)

    person = told(data_dir, "employee", "show", "--nip", NEW)

    spans = [(each["valid_from"], each["valid_to"], each["unit_code"]) for each in reversed(person["placements"])]
    assert moved.exit_code == 0
    assert spans == [
        ("2026-10-01", "2026-11-15", "SEKSI-DESA"),
        ("2026-11-16", "2026-11-17", "KEC-01"),
        ("2026-11-18", "2026-11-20", "KEC-01"),
        ("2026-11-21", None, "KEC-01"),
    ]
    assert [each["acting_supervisor_nip"] for each in person["placements"]] == [None, CHIEF, None, None]


def test_a_supervisor_is_named_or_nobody(data_dir: Path) -> None:
    neither = typed(data_dir, "supervisor", "assign", "--nip", WORKER)
    both = typed(data_dir, "supervisor", "assign", "--nip", WORKER, "--supervisor", CHIEF, "--nobody")
    nobody = typed(data_dir, "supervisor", "assign", "--nip", WORKER, "--nobody")

    assert [neither.exit_code, both.exit_code, nobody.exit_code] == [2, 2, 0]


def test_who_has_left_is_made_inactive(data_dir: Path) -> None:
    typed(data_dir, "employee", "deactivate", "--nip", WORKER, "--last-day", "2026-11-30")

    person = told(data_dir, "employee", "show", "--nip", WORKER)

    assert (person["active"], person["placements"][0]["valid_to"]) == (False, "2026-11-30")


def test_units_are_imported_and_listed_as_a_tree(data_dir: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, "kode,nama,induk\nKEC-01,Seksi Pelayanan Umum,KEC\nKEC,Kecamatan Pammana,\n")
    done = told(data_dir, "unit", "import", path)

    (tree,) = told(data_dir, "unit", "list")

    assert (done["units_created"], done["units_changed"]) == (1, 1)
    assert (tree["code"], [each["code"] for each in tree["children"]]) == ("KEC", ["KEC-01"])
    assert "  Seksi Pelayanan Umum" in typed(data_dir, "unit", "list").stdout


def test_a_circle_of_units_is_refused(data_dir: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, "kode,nama,induk\nA,Satu,B\nB,Dua,A\n")

    refused, preview = (typed(data_dir, "unit", "import", path, *words) for words in ((), ("--dry-run",)))

    assert (refused.exit_code, preview.exit_code) == (1, 4)
    assert "row 2, C2 parent: the unit stands above itself in a circle" in refused.stderr


def test_allowances_are_imported_and_listed(data_dir: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, f"NIP;TPP;Berlaku Sejak\n{WORKER};4.000.000;01-11-2026\n")
    done = told(data_dir, "allowance", "import", path)

    rows = told(data_dir, "allowance", "list")

    assert done["added"] == 1
    assert [(row["nip"], row["amount"], row["valid_from"]) for row in rows] == [(WORKER, 4_000_000, "2026-11-01")]


def test_a_file_that_is_no_table_says_so_in_one_language(data_dir: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, b"\xd0\xcf\x11\xe0 old", "lama.xls")

    refused = typed(data_dir, "employee", "import", path, language="id")

    assert refused.exit_code == 1
    assert "lama.xls tidak terbaca sebagai tabel: berkasnya XLS lama atau terkunci kata sandi." in refused.stderr

"""People from SIMPEG and DUK files: which columns are known, what a cell may hold, and what stops an import."""

import json
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from lontara_core.fault_words import FAULTS, fault_words
from lontara_core.problems import Problem
from lontara_server.services.column_names import guessed_people_columns
from lontara_server.services.grades import echelon_of, grade_of
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.mappings import list_presets, preset_of, save_preset
from lontara_server.services.people import employee_named, list_employees
from lontara_server.services.people_changes import Imported, ImportOptions
from lontara_server.services.people_import import import_people
from lontara_server.storage.engine import Connection
from lontara_server.storage.models import Assignment, Batch, Employee, ImportRun
from lontara_server.storage.people import assignments_of
from server.ready import CHIEF, NOW, WORKER
from server.test_table_file import workbook

DAY_MS = 24 * 60 * 60 * 1000
NEW, OTHER = "198506072010012002", "198709152012011003"
DUK_HEADER = ["No", "Nama Lengkap", "NIP", "Pangkat/Gol. Ruang", "TMT", "Jabatan", "TMT", "Unit Kerja", "Eselon"]
DUK_ROW = [1, "Besse Tenri Lala", NEW, "Penata Muda (III/a)", "01-04-2021", "Penyuluh", "16-11-2026", "Seksi Desa", "-"]


def run(office: Connection, content: str | bytes, name: str = "pegawai.csv", **options: Any) -> Imported:
    now_ms = options.pop("now_ms", NOW)
    file = SourceFile(content.encode() if isinstance(content, str) else content, name)
    return import_people(office, 1, file, ImportOptions(**options), by="tester", now_ms=now_ms)


def person(office: Connection, nip: str) -> dict[str, Any]:
    return next(row for row in list_employees(office, 1) if row["nip"] == nip)


def count(office: Connection, model: Any) -> int:
    return len(office.execute(select(model.org_id).where(model.org_id == 1)).all())


def test_a_duk_from_a_spreadsheet_is_imported_as_it_is(office: Connection) -> None:
    done = run(office, workbook(["DAFTAR URUT KEPANGKATAN"], [], DUK_HEADER, DUK_ROW), "duk.xlsx")

    told = person(office, NEW)
    assert (done.rows, done.employees_created, done.units_created, done.warnings) == (1, 1, 1, ())
    assert (told["full_name"], told["grade"], told["grade_since"]) == ("Besse Tenri Lala", "III/a", "2021-04-01")
    assert (told["unit_code"], told["unit_name"], told["position"]) == ("SEKSI-DESA", "Seksi Desa", "Penyuluh")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("nama_lengkap,nip,pangkat_golongan,tmt,jabatan,unit_kerja,eselon",
         "full_name nip grade grade_since position unit_name echelon"),
        ("NAMA PEGAWAI,NIP BARU,GOL. RUANG,TMT GOL,NAMA JABATAN,TMT JABATAN,UNOR,NIP ATASAN",
         "full_name nip grade grade_since position valid_from unit_name supervisor_nip"),
        ("nip,unit_kerja,tmt", "nip unit_name valid_from"),
        ("NIP,Nama,Gol,TMT,Jabatan,TMT", "nip full_name grade grade_since position valid_from"),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_many_spellings(header: str, wanted: str) -> None:
    names = header.replace(",TMT,Jabatan,TMT", ",TMT,Jabatan,TMT (2)").split(",")

    found = guessed_people_columns(tuple(names))

    assert found == dict(zip(wanted.split(), names, strict=True))


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("III/a", "III/a"), ("IIIa", "III/a"), ("Penata Muda Tk. I (III/b)", "III/b"), ("IV.e", "IV/e"), ("II - d", "II/d"),
        ("IX", "IX"), ("Golongan XVII", "XVII"), ("III/e", None), ("Honorer", None), ("", None),
    ],
)  # fmt: skip
def test_grades_are_read_from_what_offices_write(text: str, grade: str | None) -> None:
    assert grade_of(text) == grade


@pytest.mark.parametrize(
    ("text", "echelon"), [("III.a", "III.a"), ("IVb", "IV.b"), ("Eselon II/b", "II.b"), ("Non Eselon", None)]
)
def test_echelons_are_read_from_what_offices_write(text: str, echelon: str | None) -> None:
    assert echelon_of(text) == echelon


def test_a_saved_mapping_reads_columns_that_nobody_could_guess(office: Connection) -> None:
    columns = {"nip": "Kolom A", "full_name": "Kolom B"}
    save_preset(office, 1, "employee", "simpeg", columns, by="tester", now_ms=NOW)

    run(office, f"KOLOM_A,kolom b,jabatan\n{NEW},Besse,Penyuluh\n", mapping="simpeg")

    assert (person(office, NEW)["full_name"], person(office, NEW)["position"]) == ("Besse", None)
    assert [(each["kind"], each["name"]) for each in list_presets(office, 1)] == [("employee", "simpeg")]
    assert preset_of(office, 1, "employee", "simpeg") == columns


def test_a_mapping_is_refused_that_nobody_saved_that_the_file_does_not_fit_or_that_names_no_field(
    office: Connection,
) -> None:
    save_preset(office, 1, "employee", "simpeg", {"nip": "NIP BARU"}, by="tester", now_ms=NOW)
    found = []
    for wish in (
        lambda: run(office, "nip\n1\n", mapping="lain"),
        lambda: run(office, "nip,nama\n1,2\n", mapping="simpeg"),
        lambda: save_preset(office, 1, "employee", "x", {"salary": "Gaji"}, by="tester", now_ms=NOW),
        lambda: save_preset(office, 1, "planets", "x", {"nip": "NIP"}, by="tester", now_ms=NOW),
        lambda: save_preset(office, 1, "employee", "", {"nip": "NIP"}, by="tester", now_ms=NOW),
    ):
        with pytest.raises(Problem) as refused:
            wish()
        found.append((refused.value.code, refused.value.facts.get("field")))

    assert found == [
        ("not_found", None), ("import_refused", None), ("invalid_field", "column"), ("invalid_field", "kind"),
        ("invalid_field", "name"),
    ]  # fmt: skip


def test_a_nip_that_a_spreadsheet_made_a_number_is_named_by_row_and_cell_and_nothing_is_written(
    office: Connection,
) -> None:
    rows: list[list[Any]] = [DUK_HEADER, DUK_ROW, [2, "Baso", 196608011988031001, "II/a", "", "", "", "", ""]]

    with pytest.raises(Problem) as refused:
        run(office, workbook(*rows), "duk.xlsx")

    (error,) = refused.value.facts["errors"]
    assert (error["row"], error["column"], error["cell"]) == (3, "nip", "C3")
    assert "rounded number" in error["why"]
    assert count(office, Employee) == 2


def test_a_dry_run_tells_every_fault_and_what_the_other_rows_would_change(office: Connection) -> None:
    text = f"nip,nama,jabatan\n{NEW},Besse,Penyuluh\n1.96608E+17,Baso,\n{WORKER},Ambo Upe Lamaru,Penyuluh\n"

    done = run(office, text, dry_run=True)

    assert [(each.row, each.cell) for each in done.errors] == [(3, "A3")]
    assert (done.refused, done.employees_created, done.assignments_changed) == (1, 1, 1)
    assert [(each.kind, each.key, each.row) for each in done.changes] == [("created", NEW, 2), ("placed", WORKER, 4)]
    assert (count(office, Employee), count(office, ImportRun)) == (2, 1)


def test_faulty_rows_may_be_left_out_and_whoever_hangs_on_them_is_left_out_too(office: Connection) -> None:
    boss = "197001011995011001"
    text = f"nip,nama,nip_atasan\n{boss},,\n{NEW},Besse,{boss}\n198607082011012003,Indo,{CHIEF}\n"

    done = run(office, text, skip_faulty=True)

    assert [(each.row, each.column) for each in done.errors] == [(2, "full_name"), (3, "supervisor_nip")]
    assert (done.employees_created, done.refused, count(office, Employee)) == (1, 2, 3)


def test_supervisors_in_a_circle_are_faults_of_their_rows_and_those_who_change_places_are_none(office: Connection) -> None:
    head = "nip,nama,supervisor_nip\n"

    known = run(office, f"{head}{CHIEF},Andi,{WORKER}\n", dry_run=True)
    circle = run(office, f"{head}{NEW},Besse,{OTHER}\n{OTHER},Tenri,{NEW}\n", dry_run=True)
    placed = run(office, f"{head}{CHIEF},Andi,{NEW}\n{NEW},Besse,\n{WORKER},Ambo,{CHIEF}\n")

    assert [(each.row, each.why) for each in known.errors] == [(2, "the supervisors stand in a circle")]
    assert [each.row for each in circle.errors] == [2, 3]
    assert placed.errors == ()


def test_the_same_file_again_writes_nothing_and_is_told_so(office: Connection) -> None:
    content = workbook(DUK_HEADER, DUK_ROW)
    run(office, content, "duk.xlsx")
    before = [count(office, model) for model in (Batch, ImportRun, Assignment)]

    done = run(office, content, "duk.xlsx", now_ms=NOW + DAY_MS)

    assert (done.unchanged, done.same_file_at) == (1, NOW)
    assert [count(office, model) for model in (Batch, ImportRun, Assignment)] == before


def test_an_import_is_written_down_with_its_hash_and_counts(office: Connection) -> None:
    file = SourceFile(f"nip,nama\n{NEW},Besse\n".encode(), "baru.csv")
    import_people(office, 1, file, ImportOptions(), by="tester", now_ms=NOW + 1)

    row = office.execute(select(ImportRun.__table__).where(ImportRun.org_id == 1, ImportRun.at == NOW + 1)).one()

    assert (row.kind, row.file_name, row.sha256) == ("employee", "baru.csv", file.sha256)
    assert json.loads(row.outcome)["employees_created"] == 1


def test_a_complete_list_that_would_make_too_many_inactive_is_stopped(office: Connection) -> None:
    text = f"nip,nama\n{CHIEF},Andi Rahmatia Pallawa\n"

    preview = run(office, text, complete=True, dry_run=True)
    with pytest.raises(Problem) as refused:
        run(office, text, complete=True)

    assert (preview.is_over_threshold, preview.deactivated_percent) == (True, Decimal("50.00"))
    assert [(each.kind, each.key) for each in preview.changes] == [("deactivated", WORKER)]
    assert (refused.value.code, refused.value.facts["deactivated"]) == ("too_many_deactivated", 1)
    assert employee_named(office, 1, WORKER).active


def test_with_a_higher_threshold_the_missing_become_inactive_and_nobody_is_deleted(office: Connection) -> None:
    placements = assignments_of(office, 1)

    done = run(office, f"nip,nama\n{CHIEF},Andi Rahmatia Pallawa\n", complete=True, threshold=Decimal(50))

    assert (done.employees_deactivated, employee_named(office, 1, WORKER).active) == (1, False)
    assert assignments_of(office, 1) == placements


def test_a_status_column_that_would_make_too_many_inactive_is_stopped_too(office: Connection) -> None:
    with pytest.raises(Problem) as refused:
        run(office, f"nip,nama,kedudukan\n{WORKER},Ambo Upe Lamaru,Pensiun\n")

    assert refused.value.code == "too_many_deactivated"


def test_who_is_on_a_complete_list_again_is_active_again(office: Connection) -> None:
    run(office, f"nip,nama\n{CHIEF},Andi Rahmatia Pallawa\n", complete=True, threshold=Decimal(100))

    done = run(office, f"nip\n{CHIEF}\n{WORKER}\n", complete=True)

    assert (done.employees_reactivated, employee_named(office, 1, WORKER).active) == (1, True)


def test_a_complete_list_with_faulty_rows_makes_nobody_inactive(office: Connection) -> None:
    text = f"nip,nama\n{CHIEF},Andi Rahmatia Pallawa\n123,Ambo Upe Lamaru\n"

    with pytest.raises(Problem) as refused:
        run(office, text, complete=True, skip_faulty=True, threshold=Decimal(100))

    assert refused.value.code == "import_refused"
    assert employee_named(office, 1, WORKER).active


def test_numbers_of_pppk_and_unknown_grades_warn_and_are_taken(office: Connection) -> None:
    pppk = "199103092023211005"

    done = run(office, f"nip,nama,golongan,eselon\n{pppk},Besse,IX,-\n{NEW},Indo,Honorer,Non Eselon\n")

    assert [(each.row, each.column) for each in done.warnings] == [(2, "nip"), (3, "grade")]
    assert (person(office, pppk)["grade"], person(office, NEW)["grade"]) == ("IX", None)


def test_a_unit_that_two_units_are_called_has_to_be_named_by_its_code(office: Connection) -> None:
    run(office, f"nip,nama,kode_unit,unit_kerja\n{NEW},Besse,KEC-02,Seksi Pelayanan Umum\n")

    with pytest.raises(Problem) as refused:
        run(office, "nip,nama,unit_kerja\n198607082011012003,Indo,seksi pelayanan  umum\n")

    assert "several units have this name" in refused.value.facts["errors"][0]["why"]


def test_a_unit_is_found_by_its_name_however_it_is_written(office: Connection) -> None:
    done = run(office, f"nip,nama,unit_kerja\n{NEW},Besse,SEKSI PELAYANAN UMUM\n")

    assert (done.units_created, person(office, NEW)["unit_code"]) == (0, "KEC-01")


def test_what_is_wrong_in_a_cell_is_said_in_indonesian_too() -> None:
    said = {why: fault_words(why, "id") for why in ("the same NIP as in row 7", "a NIP has 18 digits")}

    assert said == {
        "the same NIP as in row 7": "NIP sama dengan baris 7",
        "a NIP has 18 digits": "NIP berisi 18 angka",
    }
    assert all(indonesian and indonesian != english for english, indonesian in FAULTS.items())

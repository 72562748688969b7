"""A file of plans: read from CSV and XLSX, mapped, tried, refused by its cells, and the same a second time."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from openpyxl import Workbook

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.services import plans
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.mappings import save_preset
from lontara_server.services.plan_import import PlansImported, import_plans
from lontara_server.storage import plans as store
from server.plan_office import ADMIN, CHIEF, WORKER, YEAR, PlanOffice
from server.ready import ready_server

HEADER = "nip,year,work_result,kind,supports,indicator,aspect,target,unit,quarter,action"
FILE = f"""{HEADER}
{WORKER},2026,Berkas terlayani,utama,Layanan publik membaik,Jumlah berkas,kuantitas,"40,5",berkas,TW I,Membuka loket
{WORKER},2026,Berkas terlayani,,,Kepuasan warga,kualitas,80,persen,,
{WORKER},2026,Arsip tertata,tambahan,,Arsip tersusun,,12,boks,2,Menyusun rak
{CHIEF},2026,Layanan publik membaik,utama,,Indeks layanan,kualitas,85,persen,,
"""


@pytest.fixture
def office(place: Place) -> Iterator[PlanOffice]:
    database = ready_server(place)
    yield PlanOffice(database)
    database.dispose()


def bring(office: PlanOffice, text: str | bytes = FILE, name: str = "skp.csv", **options: object) -> PlansImported:
    content = text.encode() if isinstance(text, str) else text
    done = office.run(import_plans, SourceFile(content, name), ADMIN, office.tick(), **options)
    assert isinstance(done, PlansImported)
    return done


def refusal(office: PlanOffice, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(Problem) as raised:
        bring(office, text)
    assert raised.value.code == "import_refused"
    return [(each["row"], each["column"], each["why"]) for each in raised.value.facts["errors"]]


def test_a_file_makes_plans_with_work_results_indicators_and_actions(office: PlanOffice) -> None:
    done = bring(office)

    assert (done.rows, done.rows_new, done.plans_created, done.work_results_created) == (4, 4, 2, 3)
    assert (done.indicators_created, done.actions_created) == (4, 2)
    (plan,) = office.run(plans.plans_of, office.person(WORKER), YEAR)
    first = office.run(plans.progress_of, plan).results[0]
    assert first.row.title == "Berkas terlayani"
    assert first.supports.title == "Layanan publik membaik"
    assert {each.row.target for each in first.indicators} == {"40.5", "80"}


def test_the_same_file_again_changes_nothing(office: PlanOffice) -> None:
    bring(office)

    again = bring(office)

    assert (again.rows, again.rows_new, again.rows_unchanged) == (4, 0, 4)
    assert again.plans_created + again.indicators_created + again.indicators_changed == 0


def test_a_dry_run_says_the_same_and_writes_nothing(office: PlanOffice) -> None:
    tried = bring(office, dry_run=True)

    assert tried.document() == bring(office).document()


def test_a_changed_target_is_taken_over_while_the_plan_is_a_draft(office: PlanOffice) -> None:
    bring(office)

    done = bring(office, FILE.replace('"40,5"', "60"))

    assert (done.indicators_changed, done.rows_unchanged) == (1, 1)


def test_a_plan_that_is_agreed_to_is_refused_where_the_file_says_otherwise(office: PlanOffice) -> None:
    bring(office, state="approved")

    faults = refusal(office, FILE.replace('"40,5"', "60"))

    assert faults == [(2, "nip", "the plan is approved and is not written on; have it returned first")]


def test_what_was_measured_is_taken_over_also_of_a_plan_that_is_agreed_to(office: PlanOffice) -> None:
    bring(office, state="approved")
    text = f"nip,year,work_result,indicator,aspect,target,unit,realisation\n{WORKER},2026,Berkas terlayani,Kepuasan warga,kualitas,80,persen,76\n"  # noqa: E501

    done = bring(office, text)

    assert done.indicators_changed == 1


def test_imported_plans_are_brought_to_the_state_that_was_asked_for_once(office: PlanOffice) -> None:
    done, again = bring(office, state="approved"), bring(office, state="approved")

    states = {each.state for each in office.run(store.plans_of_year, YEAR)}
    assert (done.plans_moved, again.plans_moved, states) == (2, 0, {"approved"})


def test_an_xlsx_is_read_like_a_csv(office: PlanOffice) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["NIP", "Tahun", "Rencana Hasil Kerja", "Indikator Kinerja Individu", "Target", "Satuan"])
    sheet.append([WORKER, 2026, "Berkas terlayani", "Jumlah berkas", 40, "berkas"])
    kept = io.BytesIO()
    book.save(kept)

    done = bring(office, kept.getvalue(), "skp.xlsx")

    assert (done.plans_created, done.indicators_created) == (1, 1)


def test_a_mapping_names_the_columns_of_a_file_that_calls_them_otherwise(office: PlanOffice) -> None:
    columns = {"nip": "Pegawai", "year": "Thn", "work_result": "Hasil"}
    office.run(save_preset, "plan", "kantor", columns, by="tester", now_ms=office.tick())

    done = bring(office, f"Pegawai,Thn,Hasil\n{WORKER},2026,Berkas terlayani\n", mapping="kantor")

    assert done.work_results_created == 1


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ("19910309,2026,Berkas,,,,,,,,", "nip", "a NIP has 18 digits"),
        ("190001011900010001,2026,Berkas,,,,,,,,", "nip", "nobody here has this NIP"),
        (f"{WORKER},26,Berkas,,,,,,,,", "year", "it is no year"),
        (f"{WORKER},2026,,,,,,,,,", "work_result", "the cell is empty"),
        (f"{WORKER},2026,Berkas,sampingan,,,,,,,", "kind", "it is none of the choices"),
        (f"{WORKER},2026,Berkas,,Tidak ada,,,,,,", "supports", "no superior has a work result of this title"),
        (f"{WORKER},2026,Berkas,,,Jumlah,,banyak,berkas,,", "target", "the value cannot be used"),
        (f"{WORKER},2026,Berkas,,,Jumlah,,40,,,", "unit", "the cell is empty"),
        (f"{WORKER},2026,Berkas,,,Jumlah,warna,40,berkas,,", "aspect", "it is none of the choices"),
        (f"{WORKER},2026,Berkas,,,,,,,5,Membuka loket", "quarter", "the value cannot be used"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_imported(office: PlanOffice, row: str, column: str, why: str) -> None:
    faults = refusal(office, f"{HEADER}\n{CHIEF},2026,Layanan,,,,,,,,\n{row}\n")

    assert faults == [(3, column, why)]
    assert office.run(store.plans_of_year, YEAR) == []


def test_two_rows_that_contradict_each_other_are_refused(office: PlanOffice) -> None:
    rows = "".join(f"{WORKER},2026,Berkas,,,Jumlah,,{target},berkas,,\n" for target in (40, 50))

    faults = refusal(office, f"{HEADER}\n{rows}")

    assert faults == [(3, "indicator", "row 2 says otherwise of the same indicator")]

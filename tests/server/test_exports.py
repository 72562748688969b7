"""Files that leave the server, made on both engines and read back by other readers than the ones that made them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import insert, select, update

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.services import years
from lontara_server.services.exports import ENTRY_COLUMNS, export_entries, write_entries
from lontara_server.services.outputs import ekinerja, recap, recap_reading, score_list, siasn, tpp
from lontara_server.services.outputs.people_of import Wanted
from lontara_server.services.outputs.person import write_person
from lontara_server.services.outputs.sheets import csv_lines
from lontara_server.services.scores import compute_period
from lontara_server.storage.engine import Connection, Engine, transaction
from lontara_server.storage.exports import NOT_PERSONAL, PERSONAL_TABLES
from lontara_server.storage.models import (
    ActivityEntry,
    Assignment,
    Audit,
    Base,
    Employee,
    PerformancePlan,
    WorkResultPlan,
    YearRating,
    table_of,
)
from lontara_server.storage.people import employee_of_nip
from server.ready import CHIEF, WORKER
from server.scored import (
    NOW,
    ORG,
    PERIOD,
    WORKDAYS,
    add_conflict,
    add_day,
    add_entry,
    add_present_month,
    open_office,
    set_base,
    uid,
    worker_of,
)

BY: Final[dict[str, Any]] = {"by": "rahmatia", "now_ms": NOW}
EVIL: Final = "=HYPERLINK(\"http://example.invalid\";\"klik\")"
OWN: Final = Wanted(nip=WORKER)


def compute(connection: Connection) -> None:
    compute_period(connection, ORG, PERIOD, NOW)


def filled(place: Place) -> Engine:
    """Two approved entries, a month of attendance, a base of the allowance, and the scores of both people."""
    engine = open_office(place)
    with transaction(engine) as connection:
        add_entry(connection, 1, title="Menyusun laporan", description="Triwulan III", quantity="1250.5", output_unit="berkas")
        add_entry(connection, 2, work_date=WORKDAYS[1], title=EVIL)
        add_entry(connection, 3, work_date=WORKDAYS[2], review_state="submitted", title="Belum ditinjau")
        add_present_month(connection)
        set_base(connection, 4_000_000)
        compute(connection)
    return engine


def rate(connection: Connection, **changed: Any) -> None:
    """A stored rating of the worker's year, and a chief of whom all is known."""
    document = {"work_result_level": "above", "behaviour_level": "meets"}
    values = {
        "org_id": ORG, "employee": worker_of(connection), "year": 2026, "value": None, "rating": "good",
        "provisional": False, "policy_id": "permenpanrb-6-2022", "policy_version": 1, "document": json.dumps(document),
        "computed_at": NOW,
    }  # fmt: skip
    connection.execute(insert(YearRating).values(**values | changed))
    connection.execute(update(Employee).where(Employee.org_id == ORG, Employee.nip == CHIEF).values(grade="III/d"))


def siasn_of(connection: Connection, **changed: Any) -> siasn.SiasnFile:
    told: dict[str, Any] = {"ids": {WORKER: "A8ACA7-invented"}, "wanted": OWN, "shape": "skp22"} | changed
    return siasn.siasn_file(connection, ORG, 2026, told.pop("shape"), told.pop("wanted"), told.pop("ids"), **told, **BY)


def sheet_of(target: io.BytesIO, number: int = 0, *, values: bool = True) -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(target.getvalue()), data_only=values)
    return [tuple(row) for row in book.worksheets[number].iter_rows(values_only=True)]


def audited(engine: Engine) -> list[tuple[str, str, str | None]]:
    with transaction(engine) as connection:
        rows = connection.execute(
            select(Audit.action, Audit.by, Audit.subject).where(Audit.org_id == ORG, Audit.action.like("export.%"))
        )
        return [(row.action, row.by, row.subject) for row in rows]


def recap_text(engine: Engine, wanted: Wanted = OWN) -> tuple[str, int]:
    with transaction(engine) as connection:
        read = recap_reading.read_recaps(connection, ORG, PERIOD, wanted, **BY)
    target = io.BytesIO()
    pages = recap.print_recaps(read, target, "id", NOW)
    reader = PdfReader(target)
    assert len(reader.pages) == pages
    return "\n".join(page.extract_text() for page in reader.pages), pages


def test_the_recap_says_who_what_and_how_much_and_has_places_for_both_signatures(place: Place) -> None:
    engine = filled(place)

    text, _ = recap_text(engine)

    for said in (
        "KABUPATEN WAJO", "Oktober 2026", "Ambo Upe Lamaru", WORKER, "Andi Rahmatia Pallawa", CHIEF, "01-10-2026",
        "08.00–10.00", "1.250,5 berkas", "Disetujui", "Diajukan", "Hadir", "Rp", "Atasan langsung",
    ):  # fmt: skip
        assert said in text
    assert audited(engine) == [("export.recap", "rahmatia", PERIOD)]


def test_a_long_month_goes_on_over_pages_with_its_headings_on_each(place: Place) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        for number in range(1, 121):
            add_entry(connection, number, work_date=WORKDAYS[number % 20], title="Pelayanan administrasi kependudukan " * 3)
        compute(connection)

    text, pages = recap_text(engine)

    assert pages > 3
    assert text.count("Kegiatan") >= pages - 1
    assert text.count("Pegawai") == 1


def test_each_page_says_whose_it_is_and_where_it_stands_in_their_recap(place: Place) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        for number in range(1, 61):
            add_entry(connection, number, work_date=WORKDAYS[number % 20])
        compute(connection)

        read = recap_reading.read_recaps(connection, ORG, PERIOD, Wanted(), **BY)
    target = io.BytesIO()
    recap.print_recaps(read, target, "id", NOW)

    feet = [page.extract_text().splitlines()[-1] for page in PdfReader(target).pages]
    assert [(WORKER in foot, foot[foot.index("Halaman") :]) for foot in feet] == [
        (True, "Halaman 1 dari 3"), (True, "Halaman 2 dari 3"), (True, "Halaman 3 dari 3"), (False, "Halaman 1 dari 1"),
    ]  # fmt: skip


def test_a_long_name_is_printed_whole_below_its_signature(place: Place) -> None:
    engine = open_office(place)
    long_name = "Prof. Dr. Ir. H. Andi Muhammad Baso Tenriangka Daeng Mattawang Petta Lolo, S.E., S.H., M.Si., M.Kes., Ph.D."
    with transaction(engine) as connection:
        connection.execute(
            update(Employee).where(Employee.org_id == ORG, Employee.nip == WORKER).values(full_name=long_name)
        )

    text, _ = recap_text(engine)

    *body, foot = text.splitlines()
    assert " ".join(body).count(long_name) == 2
    assert "Oktober 2026" in foot, "what is cut of the foot is the end of the name"


def test_a_sign_that_the_font_lacks_leaves_an_empty_square_and_not_a_gap(place: Place) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        add_entry(connection, 1, title="Rapat ᨒᨚᨈᨑ 🎉 selesai – é ≥ 3")
        compute(connection)

    text, _ = recap_text(engine)

    assert "□" in text
    assert "selesai – é ≥ 3" in text


def test_a_month_without_anything_is_not_printed_as_zero(place: Place) -> None:
    engine = open_office(place)

    text, _ = recap_text(engine)

    assert "Itu tidak dianggap nol" in text.replace("\n", " ")
    assert "tidak dianggap tidak hadir" in text.replace("\n", " ")


def test_the_recap_tells_the_minutes_late_of_the_days_that_the_score_rests_on(place: Place) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        add_day(connection, WORKDAYS[0], "present", late=42)
        compute(connection)

    text, _ = recap_text(engine)

    assert "Terlambat (menit)" in text
    assert "42" in text


def test_the_tpp_table_has_nip_as_text_and_sums_with_their_values(place: Place) -> None:
    engine = filled(place)
    target = io.BytesIO()

    with transaction(engine) as connection:
        told = tpp.write_tpp(connection, ORG, PERIOD, Wanted(), target, "id", **BY)

    rows, formulas = sheet_of(target), sheet_of(target, values=False)
    worker = next(row for row in rows if row[1] == WORKER)
    total, total_formulas = rows[-1], formulas[-1]
    assert worker[7] == 4_000_000
    assert worker[10] == worker[7] - worker[11]
    assert worker[11] == worker[8] + worker[9]
    assert total[7:12] == worker[7:12]
    assert total_formulas[7] == "=SUM(H6:H7)"
    assert told.total == Decimal(worker[11])
    assert told.without_amount == 1
    chief = next(row for row in rows if row[1] == CHIEF)
    assert chief[11] is None, "who has no base has no amount, and not 0"
    assert audited(engine) == [("export.tpp", "rahmatia", PERIOD)]


def test_the_tpp_table_keeps_headings_and_names_in_sight_and_lets_long_remarks_wrap(place: Place) -> None:
    engine = filled(place)
    target = io.BytesIO()

    with transaction(engine) as connection:
        tpp.write_tpp(connection, ORG, PERIOD, Wanted(), target, "id", **BY)

    book = load_workbook(io.BytesIO(target.getvalue()))
    sheet = book.worksheets[0]
    assert book.sheetnames == ["TPP"], "nobody is without a score"
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("D6", "$5:$5")
    assert [sheet["N6"].alignment.wrap_text, sheet["B6"].number_format, sheet["L6"].number_format] == [True, "@", "#,##0"]
    assert sheet["I5"].value == "Produktivitas (60), Rp"


def test_who_has_no_score_is_on_a_sheet_of_their_own(place: Place) -> None:
    engine = open_office(place)
    target = io.BytesIO()

    with transaction(engine) as connection:
        told = tpp.write_tpp(connection, ORG, PERIOD, Wanted(), target, "id", **BY)

    assert told.without_score == 2
    assert {row[0] for row in sheet_of(target, 1)[1:]} == {CHIEF, WORKER}


def test_progress_rows_are_the_approved_entries_with_their_work_result(place: Place) -> None:
    engine = filled(place)
    with transaction(engine) as connection:
        connection.execute(
            insert(WorkResultPlan).values(
                org_id=ORG, id=uid(500), revision=1, owner=worker_of(connection), year=2026, title="Layanan tepat waktu"
            )
        )  # fmt: skip
        connection.execute(
            update(ActivityEntry).where(ActivityEntry.org_id == ORG, ActivityEntry.id == uid(1))
            .values(target_id=uid(500), attachments=json.dumps(["sha256:" + "ab" * 32]))
        )  # fmt: skip

        rows = list(ekinerja.progress_rows(connection, ORG, PERIOD, Wanted(), "https://lontara.example/"))

    assert [row["id_catatan"] for row in rows] == [uid(1), uid(2)]
    assert rows[0] == {
        "nip": WORKER, "nama": "Ambo Upe Lamaru", "tanggal": "2026-10-01", "rhk": "Layanan tepat waktu",
        "uraian": "Menyusun laporan. Triwulan III", "kuantitas": "1250.5", "satuan": "berkas", "menit": 120,
        "bukti_dukung": f"https://lontara.example/reviews/{uid(1)}", "id_catatan": uid(1),
    }  # fmt: skip


def test_an_entry_that_a_lock_holds_back_is_no_progress_row(place: Place) -> None:
    engine = filled(place)
    with transaction(engine) as connection:
        add_conflict(connection, 600, uid(1), "after_lock")

        rows = list(ekinerja.progress_rows(connection, ORG, PERIOD, Wanted(), None))

    assert [row["id_catatan"] for row in rows] == [uid(2)]


def test_text_that_looks_like_a_formula_never_is_one(place: Place) -> None:
    engine = filled(place)
    target, entries = io.BytesIO(), io.BytesIO()

    with transaction(engine) as connection:
        ekinerja.write_progress(connection, ORG, PERIOD, Wanted(), None, target, "id", **BY)
        write_entries(connection, ORG, entries)

    for made in (target, entries):
        book = load_workbook(io.BytesIO(made.getvalue()))
        cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
        assert [cell.value for cell in cells if EVIL in str(cell.value)] == [f"'{EVIL}"]
        assert all(cell.data_type != "f" for cell in cells)


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_a_csv_cell_that_begins_like_a_formula_is_escaped(begins: str) -> None:
    line = "".join(csv_lines(["a"], [[f"{begins}1+1"]]))

    assert list(csv.reader(io.StringIO(line, newline="")))[1] == [f"'{begins}1+1"]


def test_the_list_of_scores_tells_machines_and_people_the_same(place: Place) -> None:
    engine = filled(place)
    target = io.BytesIO()

    with transaction(engine) as connection:
        rows = list(score_list.score_rows(connection, ORG, PERIOD, OWN))
        count = score_list.write_scores(connection, ORG, PERIOD, OWN, target, "id", **BY)

    (row,) = rows
    sheet = sheet_of(target)[-1]
    assert count == 1
    assert sheet[0] == row["nip"] == WORKER
    assert Decimal(str(sheet[4])) == Decimal(row["value"])
    assert len(score_list.csv_row(row)) == len(score_list.COLUMNS)


def test_all_entries_as_a_sheet_say_what_the_json_says(place: Place) -> None:
    engine = filled(place)
    target = io.BytesIO()

    with transaction(engine) as connection:
        count = write_entries(connection, ORG, target)
        held = list(export_entries(connection, ORG))

    header, *rows = sheet_of(target)
    assert tuple(header) == ENTRY_COLUMNS
    assert count == len(rows) == len(held) == 3
    assert [row[0] for row in rows] == [entry["id"] for entry in held]


def test_a_rating_of_which_all_is_known_is_in_the_shape_of_siasn(place: Place) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        rate(connection)

        made = siasn_of(connection)

    assert made.left_out == ()
    assert made.rows == (
        {
            "tahun": 2026, "pnsDinilaiOrang": "A8ACA7-invented", "hasilKinerjaNilai": 1, "perilakuKerjaNilai": 2,
            "kuadranKinerjaNilai": 2, "penilaiNipNrp": CHIEF, "penilaiNama": "Andi Rahmatia Pallawa",
            "penilaiJabatan": "Kepala Seksi", "penilaiGolongan": "34", "penilaiUnorNama": "Seksi Pelayanan Umum",
            "statusPenilai": "ASN",
        },
    )  # fmt: skip
    assert audited(engine) == [("export.siasn", "rahmatia", "2026")]


def test_the_periodic_shape_has_the_months_of_the_plan(place: Place) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        rate(connection)
        plan = {"org_id": ORG, "id": uid(700), "revision": 1, "owner": worker_of(connection), "year": 2026,
                "valid_from": date(2026, 3, 1), "valid_to": date(2026, 12, 31), "state": "approved"}  # fmt: skip
        connection.execute(insert(PerformancePlan).values(**plan))

        (row,) = siasn_of(connection, shape="kinerjaperiodik").rows

    months = {name: row[name] for name in ("bulanMulaiPenilaian", "bulanSelesaiPenilaian", "tahunMulai", "tahunSelesai")}
    assert months == {
        "bulanMulaiPenilaian": 3, "bulanSelesaiPenilaian": 12, "tahunMulai": 2026, "tahunSelesai": 2026,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "told", "reasons"),
    [
        ({"document": "{}"}, {}, ("no_work_result_level", "no_behaviour_level")),
        ({"provisional": True}, {}, ("provisional",)),
        ({"rating": "fair"}, {}, ("no_quadrant",)),
        ({}, {"ids": {}}, ("no_pns_id",)),
        ({}, {"shape": "kinerjaperiodik"}, ("no_plan",)),
    ],
)
def test_a_rating_of_which_something_is_not_known_is_left_out_and_told(
    place: Place, changed: dict[str, Any], told: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        rate(connection, **changed)

        made = siasn_of(connection, **told)

    assert made.rows == ()
    assert [(each.nip, each.reasons) for each in made.left_out] == [(WORKER, reasons)]


def test_ids_of_siasn_with_a_broken_nip_are_refused() -> None:
    with pytest.raises(Problem) as refused:
        siasn.read_ids(b"nip,pns_id\n1.99E+17,a\n", "ids.csv")

    assert refused.value.code == "import_refused"


def test_a_person_gets_all_that_is_held_of_them_and_nothing_of_others(place: Place) -> None:
    engine = filled(place)
    with transaction(engine) as connection:
        chief = employee_of_nip(connection, ORG, CHIEF)
        assert chief is not None
        add_entry(connection, 900, owner=chief.id, title="Rahasia atasan")
        years.rate(connection, ORG, worker_of(connection), 2026, NOW)
        target = io.BytesIO()

        counts = write_person(connection, ORG, WORKER, target, **BY)

    made = zipfile.ZipFile(target)
    everything = "".join(made.read(name).decode() for name in made.namelist())
    assert made.testzip() is None
    assert counts["entries"] == 3
    assert counts["attendance_days"] == len(WORKDAYS)
    assert counts["scores"] == 1
    assert counts["year_ratings"] == 1
    assert len(json.loads(made.read("entries.json"))) == 3
    assert made.read("entries.csv").decode("utf-8-sig").splitlines()[0].startswith("id,work_date")
    assert "Rahasia atasan" not in everything
    for foreign in (chief.id, CHIEF, "Pallawa"):
        assert foreign not in everything
    assert "UU 27/2022" in made.read("README.txt").decode()
    assert "Law 27/2022" in made.read("README.txt").decode()


def test_every_table_is_in_the_export_of_a_person_or_has_a_reason_not_to_be() -> None:
    exported = {table_of(each.model).name for each in PERSONAL_TABLES.values()}

    assert exported | set(NOT_PERSONAL) == set(Base.metadata.tables)
    assert not exported & set(NOT_PERSONAL)


def test_every_hidden_column_is_one() -> None:
    for each in PERSONAL_TABLES.values():
        assert set(each.hidden) <= {column.name for column in table_of(each.model).columns}


def test_a_file_of_a_unit_has_those_below_it_and_nobody_else(place: Place) -> None:
    engine = filled(place)
    with transaction(engine) as connection:
        connection.execute(
            update(Assignment).where(Assignment.org_id == ORG, Assignment.employee == worker_of(connection)).values(org_unit=None)
        )  # fmt: skip

        rows = list(score_list.score_rows(connection, ORG, PERIOD, Wanted(unit_code="KEC-01")))

    assert [row["nip"] for row in rows] == [CHIEF]


def test_a_nip_or_month_that_is_not_there_is_told(place: Place) -> None:
    engine = filled(place)
    with transaction(engine) as connection:
        for period, wanted in (("2026-13", OWN), (PERIOD, Wanted(nip="199999999999999999"))):
            with pytest.raises(Problem):
                score_list.score_rows(connection, ORG, period, wanted)

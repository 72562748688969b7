"""Tables from files: what of a CSV and an XLSX arrives as text, by which row, and what is refused."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from lontara_core.problems import Problem
from lontara_server.services import table_file
from lontara_server.services.table_file import Table, read_table


def csv_table(text: str, encoding: str = "utf-8") -> Table:
    return read_table(text.encode(encoding), "pegawai.csv")


def workbook(*rows: Sequence[Any]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def cells_of(table: Table) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, row.cells) for row in table.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_is_read_whatever_its_delimiter_and_encoding(delimiter: str, encoding: str) -> None:
    table = csv_table(f"nip{delimiter}nama\r\n1{delimiter}José\r\n", encoding)

    assert cells_of(table) == [(2, {"nip": "1", "nama": "José"})]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    table = csv_table('nip,nama\n1,"Ambo\nUpe"\n\n2,Besse\n')

    assert [(number, cells["nama"]) for number, cells in cells_of(table)] == [(2, "Ambo\nUpe"), (4, "Besse")]


def test_the_delimiter_that_a_file_names_itself_is_taken() -> None:
    table = csv_table("sep=;\nnip;nama, gelar\n1;Ambo, S.P.\n")

    assert table.header == ("nip", "nama, gelar")


def test_titles_above_the_header_are_passed_over() -> None:
    table = read_table(workbook(["DAFTAR URUT KEPANGKATAN"], [], ["NIP", "Nama"], ["1", "Ambo"]), "duk.xlsx")

    assert cells_of(table) == [(4, {"NIP": "1", "Nama": "Ambo"})]
    assert table.cell(4, "Nama") == "B4"


def test_two_columns_of_one_name_are_told_apart() -> None:
    table = csv_table("nip,TMT,TMT\n1,01-04-2021,01-10-2022\n")

    assert table.header == ("nip", "TMT", "TMT (2)")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("199103092015031005", "199103092015031005"),
        (199103092015031005, "1.99103E+17"),
        (41250, "41250"),
        (3.5, "3.5"),
        (40.0, "40"),
        (date(2020, 4, 1), "2020-04-01"),
        (datetime(2020, 4, 1, 8, 30), "2020-04-01 08:30:00"),  # noqa: DTZ001 - a spreadsheet knows no zone
        (time(7, 30), "07:30:00"),
        (None, ""),
    ],
)
def test_a_cell_of_a_spreadsheet_is_text_and_a_long_number_is_no_guess(value: Any, text: str) -> None:
    table = read_table(workbook(["nip", "nama"], [value, "Ambo"]), "duk.xlsx")

    assert table.rows[0].cells["nip"] == text


def test_columns_are_given_other_names_and_keep_their_letters() -> None:
    table = csv_table("no,NIP BARU,NAMA\n1,19,Ambo\n").renamed({"nip": "NIP BARU"})

    assert (table.header, cells_of(table), table.cell(2, "nip")) == (("nip",), [(2, {"nip": "19"})], "B2")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 and then nothing",
        b"\xd0\xcf\x11\xe0 an old one",
        b"\x00\x01\x02",
        workbook(["nip", "nama"], ["1", "Ambo"])[:900],
    ],
    ids=["empty", "blank", "cut zip", "xls", "binary", "cut xlsx"],
)
def test_what_is_no_table_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_table(content, "pegawai.xlsx")

    assert refused.value.code == "import_refused"
    assert refused.value.facts["file"] == "pegawai.xlsx"


def test_a_comma_without_quotes_is_found_by_its_row() -> None:
    with pytest.raises(Problem) as refused:
        csv_table("nip,nama\n1,Ambo\n2,Besse, S.P.\n")

    assert refused.value.facts["row"] == 3


def test_a_file_that_is_too_large_or_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    content = workbook(["nip", "nama"], *[["1", "Ambo"]] * 50)
    for limit in ("BYTES_MAX", "UNPACKED_BYTES_MAX", "ROWS_MAX"):
        with monkeypatch.context() as patch:
            patch.setattr(table_file, limit, 10)
            with pytest.raises(Problem) as refused:
                read_table(content, "pegawai.xlsx")
        found.append(refused.value.code)

    assert found == ["file_too_large"] * 3

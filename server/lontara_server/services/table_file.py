"""A table from a file, CSV or XLSX: a header and rows of text with the numbers that a spreadsheet shows.

What the columns mean, and whether a cell holds what it should, is decided by who asked for the table.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem

BYTES_MAX: Final = 64 * 1024 * 1024
# What an XLSX may hold once it is unpacked: a small file can be made to unpack to anything.
UNPACKED_BYTES_MAX: Final = 512 * 1024 * 1024
ROWS_MAX: Final = 200_000
COLUMNS_MAX: Final = 200
# Titles may stand above the header (a DUK begins with them), but not many.
_HEADER_WITHIN_ROWS: Final = 20
# A spreadsheet keeps 15 digits of a number. Whatever is longer has lost its end already.
_NUMBER_LIMIT: Final = 10**15
_DELIMITERS: Final = ",;\t|"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class TableRow:
    """One row that is not empty; `number` counts from 1 as a spreadsheet does. Every column of the header is a key."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The header as it is written in the file, the rows below it, and by column its letter in a spreadsheet."""

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    letters: Mapping[str, str]

    def cell(self, row: int, column: str) -> str | None:
        """What a spreadsheet calls the cell, such as B17; None of a column that the file does not have."""
        letter = self.letters.get(column)
        return None if letter is None else f"{letter}{row}"

    def renamed(self, columns: Mapping[str, str]) -> Table:
        """Only these columns, under other names: {new name: name in the header}."""
        rows = tuple(
            TableRow(row.number, {name: row.cells[column] for name, column in columns.items()}) for row in self.rows
        )
        return Table(tuple(columns), rows, {name: self.letters[column] for name, column in columns.items()})


def read_table(data: bytes, file_name: str) -> Table:
    """Read the first sheet of an XLSX, or a CSV with `,` `;` `|` or tab in UTF-8, UTF-16 or Windows-1252.

    The contents tell which of them it is. Every cell is text: a date is YYYY-MM-DD, a time HH:MM:SS, and a number
    of more than 15 digits is written like 1.96608E+17, as its last digits are lost: nobody may guess at them.
    Raises Problem import_refused, file_too_large.
    """
    _check_size(len(data), BYTES_MAX, file_name)
    if data.startswith(_OLE):
        raise _unreadable(file_name, "it is an XLS or locked with a password")
    lines = _sheet_lines(data, file_name) if data.startswith(_ZIP) else _text_lines(data, file_name)
    return _table(lines, file_name)


class _Line(NamedTuple):
    """A row as the file has it; `whole` where a cell too many can only be a mistake."""

    number: int
    cells: Sequence[str]
    whole: bool


def _table(lines: Iterable[_Line], file_name: str) -> Table:
    filled = _filled(lines, file_name)
    if not filled:
        raise _unreadable(file_name, "it is empty")
    place = _header_place([line.cells for line in filled])
    names = _names(filled[place].cells)
    rows = []
    for number, cells, whole in filled[place + 1 :]:
        if whole and any(cells[max(names) + 1 :]):
            raise _broken_row(number, "it has more cells than the header; a value with a comma stands in quotes")
        rows.append(TableRow(number, {name: cells[at] if at < len(cells) else "" for at, name in names.items()}))
    letters = {name: get_column_letter(at + 1) for at, name in names.items()}
    return Table(tuple(names.values()), tuple(rows), letters)


def _filled(lines: Iterable[_Line], file_name: str) -> list[_Line]:
    filled = []
    for line in lines:
        if any(line.cells):
            filled.append(line)
        if len(filled) > ROWS_MAX:
            raise Problem(
                "file_too_large",
                f"{file_name} has more than {ROWS_MAX} rows. Nothing was imported.",
                {"row_limit": ROWS_MAX},
                "Import it in parts.",
            )
    return filled


def _header_place(rows: Sequence[Sequence[str]]) -> int:
    """The first row of two cells or more: a title above the header has one."""
    for place, cells in enumerate(rows[:_HEADER_WITHIN_ROWS]):
        if sum(map(bool, cells)) > 1:
            return place
    return 0


def _names(cells: Sequence[str]) -> dict[int, str]:
    """The header's names by place, each once: the second TMT is called TMT (2)."""
    names: dict[int, str] = {}
    for at, cell in enumerate(cells[:COLUMNS_MAX]):
        if cell:
            name, count = " ".join(cell.split()), 2
            plain = name
            while name in names.values():
                name, count = f"{plain} ({count})", count + 1
            names[at] = name
    return names


def _text_lines(data: bytes, file_name: str) -> Iterator[_Line]:
    text = _decoded(data)
    if "\0" in text:
        raise _unreadable(file_name, "it is neither CSV nor XLSX")
    first, _, rest = text.partition("\n")
    told = first.strip().lower()
    if told.startswith("sep=") and len(told) == len("sep=;"):
        delimiter, text = told[-1], rest
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield _Line(number, [tidy_text(cell) for cell in cells], whole=True)
    except csv.Error as error:
        raise _broken_row(number + 1, "it cannot be read as CSV") from error


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """The commonest delimiter of the first line that has one."""
    for line in text.splitlines()[:_HEADER_WITHIN_ROWS]:
        if any(each in line for each in _DELIMITERS):
            return max(_DELIMITERS, key=line.count)
    return ","


def _sheet_lines(data: bytes, file_name: str) -> Iterator[_Line]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _check_size(sum(part.file_size for part in parts.infolist()), UNPACKED_BYTES_MAX, file_name)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # What a file says of its own extent is often wrong; the rows themselves are read.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield _Line(number, [_text(cell) for cell in cells[:COLUMNS_MAX]], whole=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, ParseError, EOFError) as error:
        raise _unreadable(file_name, "it is no whole XLSX") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M:%S}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= _NUMBER_LIMIT:
            return f"{value:.5E}"
        return str(int(value)) if value == int(value) else repr(value)
    return tidy_text(str(value))


def _check_size(size: int, limit: int, file_name: str) -> None:
    if size > limit:
        raise Problem(
            "file_too_large",
            f"{file_name} is larger than {limit} bytes. Nothing was imported.",
            {"byte_limit": limit},
            "Import it in parts.",
        )


def _unreadable(file_name: str, why: str) -> Problem:
    return Problem(
        "import_refused",
        f"{file_name} cannot be read as a table: {why}. Nothing was imported.",
        {"file": file_name, "why": why},
        "Save it as XLSX or as CSV (UTF-8) and import it again.",
    )


def _broken_row(row: int, why: str) -> Problem:
    return Problem(
        "import_refused",
        f"Row {row} of the file is wrong: {why}. Nothing was imported.",
        {"row": row, "why": why},
        "Save it as XLSX or as CSV (UTF-8) and import it again.",
    )

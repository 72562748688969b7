"""Tables as CSV and XLSX, row by row, so that a whole regency passes through in little memory.

Text never runs as a formula: what a spreadsheet would take for one begins with an apostrophe, in both kinds of file, so
that it is as harmless when a sheet is saved again as CSV. Formulas are only those that are asked for as `Formula`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any, Final, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from lontara_core.problems import Problem
from lontara_core.spreadsheet_text import plain_cell

# `long` is text that goes on over lines within its cell.
Kind = Literal["text", "long", "number", "whole", "money", "date"]
ROWS_MAX: Final = 1_000_000
TEXT_MAX: Final = 32_000  # a cell of a spreadsheet ends at 32,767
_FORMATS: Final[dict[Kind, str]] = {
    "text": "@", "long": "@", "number": "#,##0.00", "whole": "#,##0", "money": "#,##0", "date": "dd-mm-yyyy",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: its heading, what its cells are, and how wide it is shown, in letters."""

    title: str
    kind: Kind = "text"
    width: int = 14


@dataclass(frozen=True)
class Formula:
    """A formula with the value that it had when the file was made, for readers that do not compute."""

    text: str
    value: Decimal | int


Cell = str | int | Decimal | date | Formula | None


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV, each with its end; dates as YYYY-MM-DD, figures plain, nothing as an empty cell."""
    held = io.StringIO()
    table = csv.writer(held, lineterminator="\r\n")
    for row in _bounded([header], rows):
        table.writerow([_plain(cell) for cell in row])
        yield held.getvalue()
        held.seek(0)
        held.truncate()


def _plain(cell: object) -> object:
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return plain_cell(cell)


def _bounded(header: Iterable[Sequence[object]], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield from header
    for count, row in enumerate(rows, 1):
        if count > ROWS_MAX:
            raise too_many_rows(ROWS_MAX)
        yield row


def too_many_rows(limit: int) -> Problem:
    """What is told of a file that would have more rows than it can hold."""
    return Problem(
        "file_too_large",
        f"The file would have more than {limit} rows. Nothing was written.",
        {"row_limit": limit},
        "Choose a shorter time or one unit.",
    )


class Book:
    """An XLSX that is written from top to bottom, sheet after sheet, into a file. Close it to finish it."""

    def __init__(self, target: IO[bytes], *, title: str) -> None:
        # Strings that look like a formula, a number or a link stay strings: people wrote them.
        options = {
            "constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False,
        }  # fmt: skip
        self._book: Workbook = xlsxwriter.Workbook(target, options)
        self._book.set_properties({"title": title, "author": "Lontara"})
        # Values of formulas are in the file; a reader that computes does so when it opens.
        self._book.set_calc_mode("auto")
        self._kinds = {kind: self._book.add_format(_look(kind)) for kind in _FORMATS}
        self._bold = {kind: self._book.add_format({**_look(kind), "bold": True, "top": 1}) for kind in _FORMATS}
        self._foot = f"&L{title.replace('&', '&&')}&R&P / &N"
        self._heading = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._title = self._book.add_format({"bold": True, "font_size": 14})

    def sheet(self, name: str, columns: Sequence[Column], *, lead: Sequence[str] = (), held: int = 0) -> Sheet:
        """Begin a sheet: lines above the table, then its headings. held: how many columns stay in sight beside them."""
        page = self._book.add_worksheet(name)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width)
        for line, text in enumerate(lead):
            page.write_string(line, 0, text, self._title if line == 0 else None)
        top = len(lead) + bool(lead)
        for place, column in enumerate(columns):
            page.write_string(top, place, column.title, self._heading)
        page.freeze_panes(top + 1, held)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(top)
        page.set_footer(self._foot)
        return Sheet(page, columns, self._kinds, self._bold, top + 1)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


class Sheet:
    """A sheet that takes rows one after another."""

    def __init__(
        self, page: Worksheet, columns: Sequence[Column], kinds: dict[Kind, Format], bold: dict[Kind, Format], row: int
    ) -> None:
        self._page, self._columns, self._kinds, self._bold = page, columns, kinds, bold
        self.first_row = self._next = row

    @property
    def next_row(self) -> int:
        """The number of the row that comes next, counted as in formulas: from 1."""
        return self._next + 1

    def add(self, cells: Sequence[Cell], *, is_total: bool = False) -> None:
        """Write a row. Raises Problem file_too_large."""
        if self._next > ROWS_MAX:
            raise too_many_rows(ROWS_MAX)
        formats = self._bold if is_total else self._kinds
        for place, (cell, column) in enumerate(zip(cells, self._columns, strict=True)):
            is_text = isinstance(cell, str) and column.kind != "long"
            self._write(place, cell, formats["text" if is_text else column.kind])
        self._next += 1

    def _write(self, place: int, cell: Cell, shown: Format) -> None:
        page, row = self._page, self._next
        if isinstance(cell, Formula):
            page.write_formula(row, place, cell.text, shown, _figure(cell.value))
        elif isinstance(cell, str):
            page.write_string(row, place, str(plain_cell(cell))[:TEXT_MAX], shown)
        elif isinstance(cell, date):
            page.write_datetime(row, place, cell, shown)
        elif cell is None:
            page.write_blank(row, place, None, shown)
        else:
            page.write_number(row, place, _figure(cell), shown)


def _look(kind: Kind) -> dict[str, Any]:
    return {"num_format": _FORMATS[kind], "valign": "top", "text_wrap": kind == "long"}


def _figure(value: Decimal | int) -> Any:
    return int(value) if value == int(value) else float(value)


def column_letter(place: int) -> str:
    """`A` of 0, `AA` of 26."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

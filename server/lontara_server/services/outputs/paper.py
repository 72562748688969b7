"""Sheets of paper as PDF: the font, the organisation's head, tables that go on over pages, and places for signatures.

What stands on them is decided elsewhere. The font is part of the package, so that every machine prints the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final, Literal

from fpdf import FPDF, FontFace
from fpdf.enums import MethodReturnValue

_FONTS: Final = Path(__file__).with_name("fonts")
_FAMILY: Final = "dejavu"
_MISSING: Final = "\N{WHITE SQUARE}"
_INK: Final = (38, 38, 38)
_RULE: Final = (120, 120, 120)
_SHADE: Final = (236, 236, 232)
_SIGNATURES_HEIGHT: Final = 53  # mm, with the room above them
_ROW_HEIGHT: Final = 5.6  # mm, of a row of one line
_PAGE_WORDS: Final = {"id": "Halaman {page} dari {pages}", "en": "Page {page} of {pages}"}
Align = Literal["LEFT", "RIGHT", "CENTER"]

# It tells at length what it leaves out of the font; that is what it is for.
logging.getLogger("fontTools").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Field:
    """A column of a printed table: its heading, its part of the width, and where its text stands."""

    title: str
    share: int
    align: Align = "LEFT"


@dataclass(frozen=True)
class Signer:
    """Who signs: as what, by which name, and their NIP."""

    role: str
    name: str
    nip: str


class Paper:
    """A file of A4 pages. Each document in it begins on a page of its own."""

    def __init__(self, *, title: str, made_at: datetime, language: str) -> None:
        self._page_words = _PAGE_WORDS["id" if language == "id" else "en"]
        self._pages = FPDF(orientation="portrait", unit="mm", format="A4")
        self._pages.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self._pages.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        # Of each document its first page, and what stands below its pages.
        self._documents: list[tuple[int, str]] = []
        self._known = frozenset(self._pages.fonts[_FAMILY].cmap)  # type: ignore[union-attr]
        self._pages.set_title(title)
        self._pages.set_author("Lontara")
        self._pages.set_lang("id-ID" if language == "id" else "en")
        self._pages.set_creation_date(made_at)
        self._pages.set_margins(18, 15, 15)
        # Text begins where tables and rules begin.
        self._pages.c_margin = 0
        self._pages.set_auto_page_break(auto=True, margin=20)
        self._pages.set_text_color(*_INK)
        self._pages.set_draw_color(*_RULE)

    def begin(self, head: Sequence[str], title: Sequence[str], footer: str) -> None:
        """Begin a document: the head of the organisation over a rule, then its title. footer: stands below each page."""
        pages = self._pages
        pages.add_page()
        self._documents.append((pages.page, self._said(footer)))
        for line, text in enumerate(head):
            self._line(text, 13 if line == 0 else 10, bold=line == 0, align="C")
        pages.ln(1.5)
        pages.set_line_width(0.7)
        pages.line(pages.l_margin, pages.get_y(), pages.w - pages.r_margin, pages.get_y())
        pages.set_line_width(0.2)
        pages.ln(5)
        for line, text in enumerate(title):
            self._line(text, 12 if line == 0 else 10, bold=line == 0, align="C")
        pages.ln(4)

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Names with their values, two columns without lines."""
        pages = self._pages
        for name, value in rows:
            pages.set_font(_FAMILY, "", 9)
            pages.cell(38, 5.2, self._said(name))
            pages.cell(4, 5.2, ":")
            pages.multi_cell(0, 5.2, self._said(value) or "-", new_x="LMARGIN", new_y="NEXT", align="L")
        pages.ln(3)

    def heading(self, text: str, *, rows: int = 0) -> None:
        """A heading, which stays with what follows it. rows: of a table that goes on the next page rather than over two."""
        room = 24 + _ROW_HEIGHT * rows
        if self._pages.will_page_break(room if room < self._pages.eph else 24):
            self._pages.add_page()
        else:
            self._pages.ln(2)
        self._line(text, 10, bold=True)
        self._pages.ln(1)

    def table(self, columns: Sequence[Field], rows: Iterable[Sequence[str]], *, totals: int = 0) -> None:
        """A table whose headings come again on each page. totals: how many of the last rows are sums."""
        pages, shown = self._pages, [tuple(row) for row in rows]
        pages.set_font(_FAMILY, "", 7.5)
        with pages.table(
            col_widths=tuple(column.share for column in columns),
            text_align=tuple(column.align for column in columns),
            headings_style=FontFace(emphasis="BOLD", fill_color=_SHADE),
            line_height=_ROW_HEIGHT - 1.6,
            padding=(0.8, 1),
            align="LEFT",
            v_align="TOP",
            repeat_headings=1,
        ) as printed:
            printed.row([self._said(column.title) for column in columns])
            for place, row in enumerate(shown):
                style = FontFace(emphasis="BOLD") if place >= len(shown) - totals else None
                printed.row([self._said(cell) for cell in row], style=style)
        pages.ln(3)

    def paragraph(self, text: str, *, small: bool = False) -> None:
        """Lines of text."""
        self._pages.set_font(_FAMILY, "", 7.5 if small else 9)
        self._pages.multi_cell(0, 4 if small else 5, self._said(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self._pages.ln(1)

    def signatures(self, closing: str, place_and_day: str, left: Signer, right: Signer) -> None:
        """Places for two signatures below the closing words: never torn apart, so that no signature stands alone."""
        pages = self._pages
        pages.set_font(_FAMILY, "", 7.5)
        if pages.will_page_break(4 * len(self._lines(closing, 0)) + _SIGNATURES_HEIGHT):
            pages.add_page()
        self.paragraph(closing, small=True)
        pages.ln(4)
        half, top = pages.epw / 2, pages.get_y()
        for start, day, signer in ((pages.l_margin, "", left), (pages.l_margin + half, place_and_day, right)):
            width = half - 6
            pages.set_font(_FAMILY, "B", 9)
            # A long name takes the room above itself: its last line stands on the rule.
            name = self._lines(signer.name, width)
            above = [(37 - 5 * (len(name) - place), line, "B") for place, line in enumerate(name)]
            for offset, text, style in ((0, day, ""), (5, signer.role, ""), *above, (37, f"NIP {signer.nip}".strip(), "")):
                pages.set_xy(start, top + offset)
                pages.set_font(_FAMILY, style, 9)
                pages.cell(width, 5, self._said(text), align="C")
            pages.line(start + 8, top + 37, start + half - 14, top + 37)
        pages.set_xy(pages.l_margin, top + 44)

    def write(self, target: IO[bytes]) -> int:
        """Write the file; returns how many pages it has."""
        self._number_pages()
        target.write(bytes(self._pages.output()))
        return self._pages.pages_count

    def _number_pages(self) -> None:
        """Write below each page whose it is and where it stands in its document: known only once the document is whole."""
        pages, count = self._pages, self._pages.pages_count
        pages.set_auto_page_break(auto=False)
        ends = [first for first, _ in self._documents[1:]] + [count + 1]
        for (first, text), end in zip(self._documents, ends, strict=True):
            for number in range(first, end):
                pages.page = number
                pages.set_xy(pages.l_margin, pages.h - 14)
                # A size that is set already is not written again, and this page has one of its own: hence two.
                pages.set_font(_FAMILY, "", 6)
                pages.set_font(_FAMILY, "", 7)
                pages.cell(pages.epw * 0.8, 4, self._fitting(text, pages.epw * 0.8))
                pages.cell(0, 4, self._page_words.format(page=number - first + 1, pages=end - first), align="R")
        pages.page = count

    def _line(self, text: str, size: float, *, bold: bool = False, align: Literal["L", "C"] = "L") -> None:
        self._pages.set_font(_FAMILY, "B" if bold else "", size)
        self._pages.multi_cell(0, size * 0.5, self._said(text), new_x="LMARGIN", new_y="NEXT", align=align)

    def _lines(self, text: str, width: float) -> list[str]:
        """The lines over which the text goes in this width, in the font that is set."""
        found = self._pages.multi_cell(width, 5, self._said(text), align="L", dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(found, list), "it is what was asked for"
        return found

    def _said(self, text: str) -> str:
        """The text with an empty square for each sign that the font lacks: nothing vanishes without a trace."""
        return "".join(sign if ord(sign) in self._known or sign == "\n" else _MISSING for sign in text)

    def _fitting(self, text: str, width: float) -> str:
        said = self._said(text)
        while said and self._pages.get_string_width(said) > width:
            said = said[:-2] + "…"
        return said

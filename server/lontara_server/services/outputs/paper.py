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

_FONTS: Final = Path(__file__).with_name("fonts")
_FAMILY: Final = "dejavu"
_MISSING: Final = "\N{WHITE SQUARE}"
_INK: Final = (38, 38, 38)
_RULE: Final = (120, 120, 120)
_SHADE: Final = (236, 236, 232)
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
        self._pages = _Pages(orientation="portrait", unit="mm", format="A4")
        self._pages.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self._pages.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self._known = frozenset(self._pages.fonts[_FAMILY].cmap)  # type: ignore[union-attr]
        self._pages.set_title(title)
        self._pages.set_author("Lontara")
        self._pages.set_lang("id-ID" if language == "id" else "en")
        self._pages.set_creation_date(made_at)
        self._pages.set_margins(18, 15, 15)
        self._pages.set_auto_page_break(auto=True, margin=20)
        self._pages.set_text_color(*_INK)
        self._pages.set_draw_color(*_RULE)

    def begin(self, head: Sequence[str], title: Sequence[str], footer: str) -> None:
        """Begin a document: the head of the organisation over a rule, then its title. footer: stands below each page."""
        pages = self._pages
        pages.footer_text, pages.page_of_document = self._said(footer), 0
        pages.add_page()
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

    def heading(self, text: str) -> None:
        """A heading, which stays with what follows it."""
        if self._pages.will_page_break(22):
            self._pages.add_page()
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
            line_height=4,
            padding=0.8,
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

    def signatures(self, place_and_day: str, left: Signer, right: Signer) -> None:
        """Places for two signatures, never torn apart by the end of a page."""
        pages = self._pages
        if pages.will_page_break(52):
            pages.add_page()
        pages.ln(4)
        half, top = pages.epw / 2, pages.get_y()
        for start, day, signer in ((pages.l_margin, "", left), (pages.l_margin + half, place_and_day, right)):
            lines = ((0, day, ""), (5, signer.role, ""), (32, signer.name, "B"), (37, f"NIP {signer.nip}".strip(), ""))
            for offset, text, style in lines:
                pages.set_xy(start, top + offset)
                pages.set_font(_FAMILY, style, 9)
                pages.cell(half - 6, 5, self._fitting(text, half - 6), align="C")
            pages.line(start + 8, top + 37, start + half - 14, top + 37)
        pages.set_xy(pages.l_margin, top + 44)

    def write(self, target: IO[bytes]) -> int:
        """Write the file; returns how many pages it has."""
        target.write(bytes(self._pages.output()))
        return self._pages.pages_count

    def _line(self, text: str, size: float, *, bold: bool = False, align: Literal["L", "C"] = "L") -> None:
        self._pages.set_font(_FAMILY, "B" if bold else "", size)
        self._pages.multi_cell(0, size * 0.5, self._said(text), new_x="LMARGIN", new_y="NEXT", align=align)

    def _said(self, text: str) -> str:
        """The text with an empty square for each sign that the font lacks: nothing vanishes without a trace."""
        return "".join(sign if ord(sign) in self._known or sign == "\n" else _MISSING for sign in text)

    def _fitting(self, text: str, width: float) -> str:
        said = self._said(text)
        while said and self._pages.get_string_width(said) > width:
            said = said[:-2] + "…"
        return said


class _Pages(FPDF):
    """The library's pages with our footer: what the document says of itself, and the page's number within it."""

    footer_text = ""
    page_of_document = 0

    def footer(self) -> None:
        self.page_of_document += 1
        self.set_y(-14)
        self.set_font(_FAMILY, "", 7)
        self.cell(self.epw * 0.85, 4, self.footer_text)
        self.cell(0, 4, str(self.page_of_document), align="R")

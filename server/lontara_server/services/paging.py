"""Long lists in pages: which part of a list is asked for, and how it lies in the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

ROWS_PER_PAGE: Final = 100
PAGE_DIGITS_MAX: Final = 6
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Paging:
    """One page of a list: its number from 1, how many pages and rows the list has, and which rows (from 1) are on it."""

    number: int
    pages: int
    total: int
    first: int
    last: int

    @property
    def skip(self) -> int:
        """How many rows come before the page."""
        return max(self.first - 1, 0)


def paging_of(total: int, number: int) -> Paging:
    """Return the page with this number, or the last where the list has become shorter than that."""
    pages = max(1, -(-total // ROWS_PER_PAGE))
    number = min(max(number, 1), pages)
    begin = (number - 1) * ROWS_PER_PAGE
    last = min(begin + ROWS_PER_PAGE, total)
    return Paging(number, pages, total, min(begin + 1, last), last)


def page_of(rows: Sequence[_Row], number: int) -> tuple[list[_Row], Paging]:
    """Return the rows of one page, and how it lies in the whole."""
    paging = paging_of(len(rows), number)
    return list(rows[paging.skip : paging.last]), paging

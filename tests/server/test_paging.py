"""Long lists in pages: every row is on one page, and a page that is no longer there is the last."""

from __future__ import annotations

import pytest

from lontara_server.services.paging import ROWS_PER_PAGE, page_of


@pytest.mark.parametrize("total", [0, 1, ROWS_PER_PAGE - 1, ROWS_PER_PAGE, ROWS_PER_PAGE + 1, 3 * ROWS_PER_PAGE])
def test_the_pages_of_a_list_hold_each_row_once_and_in_order(total: int) -> None:
    _, whole = page_of(range(total), 1)

    pages = [page_of(range(total), number)[0] for number in range(1, whole.pages + 1)]

    assert [row for page in pages for row in page] == list(range(total))
    assert all(page for page in pages) or total == 0
    assert whole.total == total


def test_a_page_says_which_rows_are_on_it() -> None:
    _, paging = page_of(range(ROWS_PER_PAGE + 7), 2)

    assert (paging.first, paging.last, paging.number, paging.pages) == (ROWS_PER_PAGE + 1, ROWS_PER_PAGE + 7, 2, 2)


@pytest.mark.parametrize(("asked", "shown"), [(0, 1), (-3, 1), (99, 2)])
def test_a_page_that_is_not_there_is_the_nearest_that_is(asked: int, shown: int) -> None:
    _, paging = page_of(range(ROWS_PER_PAGE + 1), asked)

    assert paging.number == shown


def test_an_empty_list_has_one_page_with_no_row() -> None:
    nothing: list[int] = []

    rows, paging = page_of(nothing, 1)

    assert (rows, paging.pages, paging.first, paging.last) == ([], 1, 0, 0)

"""Text that goes into a cell of somebody's spreadsheet: shown as it is and never run as a formula."""

from __future__ import annotations

from typing import Final

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(value: object) -> object:
    """The value for a cell of a CSV: a text that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA) else value

"""Grades (golongan) and echelons (eselon) as offices write them, each in one form. Pure."""

from __future__ import annotations

import re
from typing import Final

_PNS: Final = re.compile(r"(?<![A-Z])(IV|III|II|I)\s*[/.\-\s]?\s*([A-E])(?![A-Z])", re.IGNORECASE)
_PPPK: Final = re.compile(r"(?<![A-Z])(XVII|XVI|XV|XIV|XIII|XII|XI|IX|X|VIII|VII|VI|IV|V|III|II|I)(?![A-Z])")
_ECHELON: Final = re.compile(r"(?<![A-Z])(IV|III|II|I|V)\s*[/.\-\s]?\s*([AB])(?![A-Z])", re.IGNORECASE)
# What stands in a cell where a person has none.
_NONE: Final = frozenset({"", "-", "--", "0", "non eselon", "non-eselon", "noneselon", "tidak ada", "staf", "staff"})


def grade_of(text: str) -> str | None:
    """`III/a` of that, `III.a`, `IIIa` and `Penata Muda (III/a)`; `IX` of a PPPK's; None where it is no grade."""
    found = _PNS.search(text)
    if found is not None:
        roman, letter = found[1].upper(), found[2].lower()
        return None if letter == "e" and roman != "IV" else f"{roman}/{letter}"
    found = _PPPK.search(text.upper())
    return None if found is None else found[1]


def echelon_of(text: str) -> str | None:
    """`III.a` of that, `III/a`, `IIIA` and `Eselon III.a`; None where it is no echelon."""
    found = _ECHELON.search(text)
    return None if found is None else f"{found[1].upper()}.{found[2].lower()}"


def says_none(text: str) -> bool:
    """Whether the cell says that there is none."""
    return text.casefold() in _NONE

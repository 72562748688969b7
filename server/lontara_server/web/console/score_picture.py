"""The picture of a score: a bar as long as the whole, each part as wide as its weight and as full as its points; and
the sum that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from lontara_server.services.score_desk import TreeRow

WIDTH: Final = 600
_GAP: Final = 4
_MINUS: Final = "−"


@dataclass(frozen=True)
class Segment:
    """One part of the bar.

    percent: what it reaches; None: the policy weighs it without. points: what it adds; None: not known yet, which is
    drawn otherwise than nothing.
    """

    part: str
    weight: str
    percent: str | None
    points: str | None
    x: float
    width: float
    filled: float


@dataclass(frozen=True)
class Term:
    """One term of the sum: its sign (empty before the first), its figure without it, and what it is."""

    sign: str
    figure: str
    row: TreeRow


def bar_of(parts: Sequence[Mapping[str, Any]]) -> tuple[Segment, ...]:
    """Draw a score's parts, as its document has them."""
    whole = sum(Decimal(part["weight"]) for part in parts) or Decimal(1)
    room = WIDTH - _GAP * (len(parts) - 1)
    segments, x = [], 0.0
    for part in parts:
        weight = Decimal(part["weight"])
        points = None if part["points"] is None else Decimal(part["points"])
        width = float(room * weight / whole)
        share = min(max((points or Decimal(0)) / weight, Decimal(0)), Decimal(1)) if weight else Decimal(0)
        shown = None if points is None else f"{points:.2f}"
        drawn = (round(x, 1), round(width, 1), round(width * float(share), 1))
        segments.append(Segment(part["part"], f"{weight.normalize():f}", part["percent"], shown, *drawn))
        x += width + _GAP
    return tuple(segments)


def sum_of(tree: TreeRow) -> tuple[Term, ...]:
    """The rows that add up to a score, as terms of a sum; one that has no figure, or none to two places, is no term."""
    terms: list[Term] = []
    for row in tree.children:
        if row.has_figure:
            is_less = row.figure.startswith(_MINUS)
            sign = _MINUS if is_less else "+" if terms else ""
            terms.append(Term(sign, row.figure.removeprefix(_MINUS), row))
    return tuple(terms)

"""Workload (ABK): how many posts a yearly volume of outputs needs."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from lontara_server.performance.explanation import ARITHMETIC
from lontara_server.performance.rounding import Rounding

# Source: the published job analyses, 4 decimal places.
POSTS_ROUNDING = Rounding(ROUND_HALF_UP, 4)


def posts_needed(volume: Decimal, minutes_per_output: Decimal, *, minutes_per_year: int) -> Decimal:
    """Return volume x minutes per output / effective minutes of a year, to 4 places.

    minutes_per_year: what one post works in a year, 75,000 (1,250 hours) in most regions.
    """
    assert minutes_per_year > 0
    with localcontext(ARITHMETIC):
        return POSTS_ROUNDING.apply(volume * minutes_per_output / minutes_per_year)

"""Rounding as a policy names it: a mode, so many places, and at which steps. Nothing here rounds unasked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

ROUNDING_MODES = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)


@dataclass(frozen=True)
class Rounding:
    """How figures lose their last places."""

    mode: str
    places: int

    def apply(self, value: Decimal) -> Decimal:
        """Return the value with exactly so many places."""
        return value.quantize(Decimal(1).scaleb(-self.places), self.mode)

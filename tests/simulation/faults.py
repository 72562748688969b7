"""How a fault of the product is told: the invariant that does not hold, and where."""

from __future__ import annotations

from collections.abc import Iterable


class Violation(AssertionError):
    """An invariant does not hold."""

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant
        self.trace: list[str] = []


def require(invariant: str, faults: Iterable[str]) -> None:
    """Raise Violation where there is a fault."""
    found = list(faults)
    if found:
        raise Violation(invariant, "; ".join(found[:4]))

"""Behaviour: the seven BerAKHLAK values as the assessor rated them for a period, and their mean."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from lontara_server.performance.explanation import Node, combined, given

BERAKHLAK: Final = (
    "service_oriented",
    "accountable",
    "competent",
    "harmonious",
    "loyal",
    "adaptive",
    "collaborative",
)


def is_complete(ratings: Mapping[str, Decimal], scale_max: int) -> bool:
    """Whether all seven values are rated on this scale: fewer are no rating of a person's behaviour yet."""
    return set(BERAKHLAK) <= ratings.keys() and all(1 <= ratings[value] <= scale_max for value in BERAKHLAK)


def rated_sum(ratings: Mapping[str, Decimal], scale_max: int) -> tuple[Node, Node]:
    """Return the sum of the seven ratings, and the most that it could be.

    ratings: all seven, each from 1 to scale_max.
    """
    assert all(1 <= ratings[value] <= scale_max for value in BERAKHLAK)
    rows = tuple(given("behaviour_value", ratings[value], "points", {"value": value}) for value in BERAKHLAK)
    most = (given("behaviour_values", len(BERAKHLAK), "points"), given("behaviour_scale_max", scale_max, "points"))
    return (
        combined("behaviour_sum", "sum", "points", rows),
        combined("behaviour_most", "product", "points", most),
    )

"""Bands: which figure earns which rating or level. Each edge says for itself whether it belongs to its band."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from lontara_server.performance.policy_document import Section, Title

REQUIREMENTS = ("new_idea",)


@dataclass(frozen=True)
class Band:
    """A rating, and the edge that a rounded figure must reach (`from`) or pass (`over`) to earn it.

    requires: what the person must have shown besides, else the next band holds.
    """

    code: str
    edge: Decimal
    includes_edge: bool
    requires: str | None
    title: Title

    def holds(self, figure: Decimal) -> bool:
        return figure >= self.edge if self.includes_edge else figure > self.edge


def band_of(bands: Sequence[Band], figure: Decimal, shown: Set[str] = frozenset()) -> Band:
    """Return the first band, best first, whose edge the rounded figure reaches and whose requirement is shown."""
    return next(band for band in bands if band.holds(figure) and (band.requires is None or band.requires in shown))


def read_bands(parent: Section, key: str, *, highest: Decimal, codes: tuple[str, ...] = ()) -> tuple[Band, ...]:
    """Read bands, best first; the last starts from 0, so that every figure has one.

    codes: the only ones that may stand there, in this order; any where it is empty.
    """
    bands: list[Band] = []
    for section in parent.sections(key):
        band = _read_band(section)
        name = _edge_key(section)
        if band.edge > highest:
            raise section.mistake(name, f"must not be over the highest figure, {highest}")
        if bands and band.edge >= bands[-1].edge:
            raise section.mistake(name, "must be lower than the band before it")
        if band.code in {earlier.code for earlier in bands}:
            raise section.mistake("code", f"{band.code} is there twice")
        bands.append(band)
    last = bands[-1]
    if last.edge != 0 or not last.includes_edge or last.requires:
        raise parent.mistake(key, "the last band must start from 0, so that every figure has one")
    if codes and tuple(band.code for band in bands) != codes:
        raise parent.mistake(key, f"must be these, in this order: {', '.join(codes)}")
    return tuple(bands)


def _read_band(section: Section) -> Band:
    name = _edge_key(section)
    if name == "from" and section.has("over"):
        raise section.mistake("over", "stands beside from; a band has one edge")
    requires = section.choice("requires", REQUIREMENTS) if section.has("requires") else None
    return Band(section.text("code"), section.number(name), name == "from", requires, section.title("title"))


def _edge_key(section: Section) -> str:
    return "over" if section.has("over") and not section.has("from") else "from"

"""What was measured, round by round, and what it is held against: the table and the JSON are made here.

A figure is the median of its rounds. Where the yardstick ran beside it, the ratio is the median of the rounds' own
ratios, since both had the same machine in each round.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal

from rich.console import Console
from rich.table import Table

Direction = Literal["at least", "at most"]
_SIGNS: Final[dict[Direction, str]] = {"at least": "≥", "at most": "≤"}


@dataclass(frozen=True)
class Target:
    """What to reach; `of_ratio`: by the ratio to the yardstick, else by the value itself."""

    value: float
    direction: Direction
    of_ratio: bool = False

    def is_met(self, found: float) -> bool:
        """Whether a value or ratio reaches it."""
        return found >= self.value if self.direction == "at least" else found <= self.value


@dataclass
class Figure:
    """One figure of a group, with what each round gave."""

    group: str
    name: str
    unit: str
    target: Target | None
    values: list[float] = field(default_factory=list)
    yardsticks: list[float] = field(default_factory=list)

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios to the yardstick; None where there is none."""
        pairs = [(ours, other) for ours, other in zip(self.values, self.yardsticks, strict=False) if other]
        return median(ours / other for ours, other in pairs) if pairs else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        found = self.ratio if self.target and self.target.of_ratio else self.value
        return None if self.target is None or found is None else self.target.is_met(found)

    def document(self, seeds: str) -> dict[str, Any]:
        """The figure for the JSON; keys that do not apply are absent."""
        ratio, target = self.ratio, self.target
        return {
            "name": f"{self.group}: {self.name}",
            "value": _rounded(self.value),
            "unit": self.unit,
            "runs": len(self.values),
            "rounds": [_rounded(value) for value in self.values],
            **({} if not self.yardsticks else {"yardstick": _rounded(median(self.yardsticks))}),
            **({} if ratio is None else {"ratio": _rounded(ratio)}),
            **({} if target is None else {
                "target": target.value, "reach": target.direction, "of": "ratio" if target.of_ratio else "value",
                "met": self.met,
            }),
            "seeds": seeds,
        }  # fmt: skip


class Book:
    """Every figure of a run, by group, in the order in which they were first told."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str], Figure] = {}

    def add(
        self,
        group: str,
        name: str,
        unit: str,
        value: float,
        *,
        yardstick: float | None = None,
        target: Target | None = None,
    ) -> None:
        """Tell what one round gave."""
        figure = self._figures.setdefault((group, name), Figure(group, name, unit, target))
        figure.values.append(value)
        if yardstick is not None:
            figure.yardsticks.append(yardstick)

    def __iter__(self) -> Iterator[Figure]:
        groups = {group: number for number, (group, _) in reversed(list(enumerate(self._figures)))}
        return iter(sorted(self._figures.values(), key=lambda figure: groups[figure.group]))


def write_json(path: Path, about: dict[str, Any], book: Book, seeds: str) -> None:
    """Write the figures where others look for them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {**about, "figures": [figure.document(seeds) for figure in book]}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def print_table(book: Book) -> None:
    """Print the figures, group by group."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in ("value", "unit", "yardstick", "ratio", "reach", "met"):
        table.add_column(name, justify="left" if name == "unit" else "right")
    group = ""
    for figure in book:
        if figure.group != group:
            if group:
                table.add_row()
            table.add_row(f"[bold]{figure.group}[/]")
            group = figure.group
        table.add_row(f"  {figure.name}", *_cells(figure))
    Console(width=None if Console().is_terminal else 150).print(table)


def _cells(figure: Figure) -> list[str]:
    target, ratio = figure.target, figure.ratio
    reach = ""
    if target is not None:
        reach = f"{'ratio ' if target.of_ratio else ''}{_SIGNS[target.direction]} {target.value:g}"
    return [
        _shown(figure.value), figure.unit, _shown(median(figure.yardsticks)) if figure.yardsticks else "",
        "" if ratio is None else f"{ratio:.2f}", reach,
        "" if figure.met is None else "yes" if figure.met else "[bold red]NO[/]",
    ]  # fmt: skip


def _shown(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.4f}"


def _rounded(value: float) -> float:
    return round(value, 6 if abs(value) < 1 else 3)

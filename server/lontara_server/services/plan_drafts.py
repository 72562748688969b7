"""What somebody writes into a plan: a work result with its indicators and actions, read from what was typed.

Each figure may be typed the Indonesian way (`12,5`). Nothing is looked up or written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lontara_core.canonical import sha256_hex, tidy_text
from lontara_core.problems import Problem
from lontara_core.typed_fields import figure_typed
from lontara_server.performance.plans import ASPECTS, DIRECTIONS

KINDS: Final = ("main", "additional")
QUARTERS: Final = (1, 2, 3, 4)
TITLE_MAX: Final = 400
UNIT_MAX: Final = 60
PARTS_MAX: Final = 50
_FIGURE: Final = re.compile(r"(0|[1-9][0-9]{0,11})(\.[0-9]{0,3}[1-9])?\Z")


@dataclass(frozen=True)
class IndicatorDraft:
    """An indicator as it should stand; `id` None: a new one."""

    id: str | None
    title: str
    aspect: str
    target: str
    unit: str
    direction: str
    cap: str | None = None

    def fields(self) -> dict[str, str | None]:
        return {name: value for name, value in vars(self).items() if name != "id"}


@dataclass(frozen=True)
class ActionDraft:
    """An action of a quarter as it should stand; `id` None: a new one."""

    id: str | None
    quarter: int
    title: str
    target: str | None = None
    unit: str | None = None

    def fields(self) -> dict[str, str | int | None]:
        return {name: value for name, value in vars(self).items() if name != "id"}


@dataclass(frozen=True)
class ResultDraft:
    """A work result with all its parts as they should stand; what it does not hold is taken out."""

    title: str
    kind: str
    supports: str | None
    indicators: tuple[IndicatorDraft, ...] = ()
    actions: tuple[ActionDraft, ...] = ()


def result_draft(
    title: str,
    kind: str,
    supports: str | None,
    indicators: Iterable[IndicatorDraft] = (),
    actions: Iterable[ActionDraft] = (),
) -> ResultDraft:
    """A work result as typed. Raises Problem missing_field, invalid_field."""
    draft = ResultDraft(
        text_typed(title, "title", TITLE_MAX), choice_typed(kind, "kind", KINDS), supports or None, tuple(indicators),
        tuple(actions),
    )  # fmt: skip
    if len(draft.indicators) > PARTS_MAX or len(draft.actions) > PARTS_MAX:
        raise invalid("indicator", f"A work result has at most {PARTS_MAX} indicators and as many actions.")
    for parts in (
        [title_key(each.title) for each in draft.indicators],
        [(each.quarter, title_key(each.title)) for each in draft.actions],
    ):
        if len(set(parts)) < len(parts):
            raise invalid("title", "Two have the same title.")
    return draft


def indicator_draft(
    key: str | None, *, title: str, aspect: str, target: str, unit: str, direction: str, cap: str = ""
) -> IndicatorDraft:
    """An indicator as typed. Raises Problem missing_field, invalid_field."""
    figure = plan_figure(target, "target")
    if Decimal(figure) == 0 and direction == "higher":
        raise invalid("target", "A target of 0 is met only where lower is better.")
    return IndicatorDraft(
        key,
        text_typed(title, "title", TITLE_MAX),
        choice_typed(aspect, "aspect", ASPECTS),
        figure,
        text_typed(unit, "unit", UNIT_MAX),
        choice_typed(direction, "direction", DIRECTIONS),
        plan_figure(cap, "cap") if cap.strip() else None,
    )


def action_draft(key: str | None, *, quarter: str, title: str, target: str = "", unit: str = "") -> ActionDraft:
    """An action as typed. Raises Problem missing_field, invalid_field."""
    if quarter not in map(str, QUARTERS):
        raise invalid("quarter", "A quarter is 1, 2, 3 or 4.")
    return ActionDraft(
        key,
        int(quarter),
        text_typed(title, "title", TITLE_MAX),
        plan_figure(target, "target") if target.strip() else None,
        text_typed(unit, "unit", UNIT_MAX) if unit.strip() else None,
    )


def plan_figure(typed: str, name: str) -> str:
    """A figure as records hold it, of `12,5` too. Raises Problem missing_field, invalid_field."""
    if not typed.strip():
        raise missing(name)
    figure = figure_typed(tidy_text(typed).strip(), name)
    if not _FIGURE.match(figure):
        raise invalid(name, "A figure has at most 12 digits and 4 places.")
    return figure


def text_typed(typed: str, name: str, most: int) -> str:
    """A text without blanks around it. Raises Problem missing_field, invalid_field."""
    text = " ".join(tidy_text(typed).split())
    if not text:
        raise missing(name)
    if len(text) > most:
        raise invalid(name, f"It has more than {most} characters.")
    return text


def title_key(title: str) -> str:
    """What makes two titles the same: letters and blanks alike, whatever their capitals."""
    return " ".join(title.split()).casefold()


def choice_typed(typed: str, name: str, choices: tuple[str, ...]) -> str:
    """One of the choices. Raises Problem invalid_field."""
    if typed not in choices:
        raise invalid(name, "It is none of the choices.")
    return typed


def seen_hash(parts: Iterable[tuple[str, int]]) -> str:
    """What a form was filled in over: ids with their revisions."""
    return sha256_hex("|".join(f"{key}:{revision}" for key, revision in sorted(parts)).encode())


def missing(name: str) -> Problem:
    """A required field is empty."""
    return Problem(
        "missing_field", f"{name} is missing. Nothing was changed.", {"field": name}, "Fill it in and save again."
    )


def invalid(name: str, why: str) -> Problem:
    """A field cannot be used as it is."""
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": name}, "Correct it and save again.")

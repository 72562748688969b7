"""The form of a work result: read from what was sent, and filled from what stands. Checking is the services' work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask import request

from lontara_server.services.plan_drafts import PARTS_MAX, ResultDraft, action_draft, indicator_draft, result_draft
from lontara_server.services.plan_writing import ResultParts

_INDICATOR: Final = ("id", "title", "aspect", "target", "unit", "direction", "cap")
_ACTION: Final = ("id", "quarter", "title", "target", "unit")
_BLANK_INDICATOR: Final = {**dict.fromkeys(_INDICATOR, ""), "aspect": "quantity", "direction": "higher"}
_QUARTERS: Final = ("1", "2", "3", "4")


@dataclass
class FilledForm:
    """What stands in the fields; figures as they were typed, or with the language's comma."""

    title: str = ""
    kind: str = "main"
    supports: str = ""
    seen: str = ""
    indicators: list[Mapping[str, str]] = field(default_factory=list)
    actions: list[Mapping[str, str]] = field(default_factory=list)


def sent_form() -> FilledForm:
    """The form as it was sent."""
    told = {name: request.form.get(name, "") for name in ("title", "kind", "supports", "seen")}
    return FilledForm(**told, indicators=_sent("i", _INDICATOR), actions=_sent("a", _ACTION))


def stored_form(parts: ResultParts | None, language: str) -> FilledForm:
    """The form over what stands; with empty rows to add to it."""
    if parts is None:
        return with_blanks(FilledForm())
    row = parts.row
    return with_blanks(
        FilledForm(
            row.title, row.kind, row.supports or "", parts.seen,
            [_filled(each, _INDICATOR, language) for each in parts.indicators],
            [_filled(each, _ACTION, language) for each in parts.actions],
        )
    )  # fmt: skip


def with_blanks(form: FilledForm) -> FilledForm:
    """The form with one empty indicator more, and an empty action for each quarter that has none."""
    missing = [each for each in _QUARTERS if each not in {row["quarter"] for row in form.actions}]
    form.indicators = [*form.indicators, _BLANK_INDICATOR]
    blanks = [{**dict.fromkeys(_ACTION, ""), "quarter": each} for each in missing]
    form.actions = sorted([*form.actions, *blanks], key=lambda row: row["quarter"])
    return form


def draft_of(form: FilledForm) -> ResultDraft:
    """The work result that the form describes; rows without a name are left out. Raises Problem of a field."""
    indicators = [
        indicator_draft(
            row["id"] or None, title=row["title"], aspect=row["aspect"], target=row["target"], unit=row["unit"],
            direction=row["direction"], cap=row["cap"],
        )
        for row in form.indicators
        if row["title"].strip()
    ]  # fmt: skip
    actions = [
        action_draft(row["id"] or None, quarter=row["quarter"], title=row["title"], target=row["target"], unit=row["unit"])
        for row in form.actions
        if row["title"].strip()
    ]
    return result_draft(form.title, form.kind, form.supports or None, indicators, actions)


def _sent(prefix: str, names: Sequence[str]) -> list[Mapping[str, str]]:
    rows: list[Mapping[str, str]] = []
    while len(rows) <= PARTS_MAX and f"{prefix}-{len(rows)}-title" in request.form:
        rows.append({name: request.form.get(f"{prefix}-{len(rows)}-{name}", "") for name in names})
    return rows


def _filled(row: Any, names: Sequence[str], language: str) -> dict[str, str]:
    texts = {name: "" if getattr(row, name) is None else str(getattr(row, name)) for name in names}
    for name in ("target", "cap"):
        if name in texts and language == "id":
            texts[name] = texts[name].replace(".", ",")
    return texts

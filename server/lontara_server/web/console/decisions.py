"""A decision as a form tells it. Judging is the services', and so is the sentence that the worker reads of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services.conflict_desk import Decision, ShownConflict
from lontara_server.web.console.side_by_side import ENTRY, SERVER, Row

PICK: Final = "pick-"
OWN: Final = "own-"
_TRUTH: Final = {"true": True, "false": False}


def picks_of(form: Mapping[str, str], rows: Sequence[Row]) -> dict[str, str]:
    """Row by row whose version is picked: the form's, or the server's where the form says nothing that there is."""
    picks = {}
    for row in rows:
        wanted = form.get(PICK + row.name, SERVER)
        picks[row.name] = row.cell(wanted).version.key
    return picks


def decision_of(form: Mapping[str, str], shown: ShownConflict, rows: Sequence[Row]) -> Decision:
    """The decision that a form tells. Raises Problem missing_field, invalid_field."""
    way, _, record = form.get("way", "picks").partition(":")
    told: dict[str, Any] = {"reason": tidy_text(form.get("reason", "")), "judged_hash": form.get("hash", "")}
    if way == "both":
        return Decision("keep_both", **told)
    if way == "merge":
        return Decision("merge", survivor=record, **told)
    if way == "void":
        return Decision("void", void=record, **told)
    if way == "stand":
        return Decision("keep_server", **told)
    if way == "base":
        return Decision("values", values={name: each for row in rows for name, each in row.base_values.items()}, **told)
    if way == "own":
        return Decision("values", values=_own_values(form, shown), **told)
    return _picked(picks_of(form, rows), rows, told)


def _picked(picks: Mapping[str, str], rows: Sequence[Row], told: Mapping[str, Any]) -> Decision:
    chosen = set(picks.values())
    if chosen <= {SERVER}:
        return Decision("keep_server", **told)
    whole = all(each.text is not None for row in rows for each in row.cells if each.version.key in chosen)
    if len(chosen) == 1 and whole:
        return Decision("keep_device", candidate=chosen.pop(), **told)
    values = {
        name: held
        for row in rows
        if picks[row.name] != SERVER
        for name, held in row.cell(picks[row.name]).values.items()
    }
    return Decision("values", values=values, **told)


def _own_values(form: Mapping[str, str], shown: ShownConflict) -> dict[str, Any]:
    """The values that differ from what the entry holds."""
    entry = shown.document["entries"][0] if shown.document["entries"] else {}
    written = {
        name: _typed(name, tidy_text(form[OWN + name])) for name in shown.document["fields"] if OWN + name in form
    }  # fmt: skip
    values = {name: held for name, held in written.items() if held != entry.get(name)}
    if not values:
        raise Problem("missing_field", "No value of your own differs.", {"field": "values"}, "Write another value.")
    return values


def _typed(name: str, text: str) -> Any:
    if name == "voided":
        return _TRUTH.get(text)
    if not text:
        return None
    kind = ENTRY.fields[name].kind
    if kind == "integer" and text.isascii() and text.isdecimal() and len(text) <= 5:
        return int(text)
    if kind == "time":
        return text.replace(".", ":")
    if kind == "decimal":
        return text.replace(",", ".")
    return text

"""A decision as a form tells it, and the sentence that it will put on the worker's device. Judging is the services'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.services.conflict_desk import Decision, ShownConflict
from lontara_server.web.console import formats
from lontara_server.web.console.side_by_side import ENTRY, SERVER, Row, in_words
from lontara_server.web.console.words import say

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


def sentence(
    decision: Decision, role: str, shown: ShownConflict, rows: Sequence[Row], picks: Mapping[str, str], language: str
) -> str:
    """What the worker reads of the decision, the reason excepted."""
    looked = say(language, f"told.{'supervisor' if role == 'supervisor' else 'admin'}", what=_subject(shown, language))
    return f"{looked} {_outcome(decision, shown, rows, picks, language)}"


def sentence_of_resolution(shown: ShownConflict, language: str) -> str:
    """What was decided, of a conflict that is resolved."""
    resolution = shown.document["resolution"]
    values = resolution.get("values") or {}
    if not values:
        return say(language, f"choice.{resolution['choice']}") + "."
    return say(language, "told.used", what=_values_in_words(values, shown, language))


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


def _subject(shown: ShownConflict, language: str) -> str:
    entries = shown.document["entries"]
    if not entries:
        return say(language, "told.your_entry")
    return f"{entries[0]['title']}, {formats.short_date(entries[0]['work_date'], language)}"


def _outcome(
    decision: Decision, shown: ShownConflict, rows: Sequence[Row], picks: Mapping[str, str], language: str
) -> str:
    if decision.choice in ("keep_server", "keep_both", "merge", "void"):
        return say(language, f"told.{decision.choice}")
    values = decision.values
    if values is not None and values == {name: each for row in rows for name, each in row.base_values.items()}:
        what = ", ".join(f"{row.label.lower()} {row.base}" for row in rows if row.base is not None)
        return say(language, "told.base", what=what)
    if values is not None and not any(key != SERVER for key in picks.values()):
        return say(language, "told.used", what=_values_in_words(values, shown, language))
    return say(language, "told.used", what=", ".join(_pick_in_words(row, picks[row.name], language) for row in rows))


def _pick_in_words(row: Row, key: str, language: str) -> str:
    cell = row.cell(key)
    source = cell.version.device or say(language, "told.the_server")
    return say(language, "told.value_from", label=row.label.lower(), value=cell.text, source=source)


def _values_in_words(values: Mapping[str, Any], shown: ShownConflict, language: str) -> str:
    entry = shown.document["entries"][0] if shown.document["entries"] else {}
    # Times tell their minutes; said twice they read like two things.
    timed = {"start_time", "end_time"} & values.keys()
    return ", ".join(
        say(language, "told.value_own", label=_label(name, language), value=_alone(name, held, entry, language))
        for name, held in values.items()
        if not (timed and name == "duration_minutes")
    )


def _label(name: str, language: str) -> str:
    return say(language, f"field.{name}").lower()


def _alone(name: str, held: Any, entry: Mapping[str, Any], language: str) -> str:
    return in_words({name: held}, entry, language) if name == "quantity" else formats.value(name, held, language)

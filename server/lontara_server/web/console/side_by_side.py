"""A conflict as a page lays it out: versions as columns, and one row for each field or group of fields that clashes.

Fields of an atomic group (date with times, quantity with unit) are one row and one choice. No choice is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lontara_core.record_types import RECORD_TYPES
from lontara_core.value_words import label
from lontara_server.services.conflict_desk import ShownConflict
from lontara_server.web.console import formats
from lontara_server.web.console.words import say

SERVER: Final = "server"
ENTRY: Final = RECORD_TYPES["activity_entry"]
LETTERS: Final = "ABCDEFGH"
# Facts of an entry that a person compares; the rest is the server's own.
_FACTS: Final = (
    "title", "work_date", "start_time", "end_time", "duration_minutes", "quantity", "output_unit", "category", "place",
    "description", "review_state",
)  # fmt: skip


@dataclass(frozen=True)
class Version:
    """A column: the server's, or one device's candidate. `by` and `at` (ms) say who wrote it when."""

    key: str
    letter: str
    device: str | None = None
    by: str | None = None
    at: int | None = None


@dataclass(frozen=True)
class Cell:
    """One version's value in a row; None in `text` where this version says nothing of the row."""

    version: Version
    text: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One choice: the clashing fields of one group, with the value that each version has."""

    name: str
    label: str
    fields: tuple[str, ...]
    base: str | None
    base_values: Mapping[str, Any]
    cells: tuple[Cell, ...]

    def cell(self, key: str) -> Cell:
        """The cell of this version, or the server's where it says nothing."""
        chosen = next((each for each in self.cells if each.version.key == key and each.text is not None), None)
        return chosen or self.cells[0]


def versions_of(shown: ShownConflict) -> tuple[Version, ...]:
    """The server's version and one for each device that wrote a candidate, the first to write first."""
    latest: dict[str, Mapping[str, Any]] = {}
    for clash in shown.document["fields"].values():
        for each in clash["candidates"]:
            if each["at"] >= latest.get(each["device"], each)["at"]:
                latest[each["device"]] = each
    ordered = sorted(latest.values(), key=lambda each: (each["at"], each["device"]))
    devices = [
        Version(
            each["device"],
            _letter(number),
            shown.devices.get(each["device"]),
            shown.names.get(str(each["by"]), each["by"]),
            each["at"],
        )
        for number, each in enumerate(ordered, start=1)
    ]
    return (Version(SERVER, _letter(0)), *devices)


def rows_of(shown: ShownConflict, versions: Sequence[Version], language: str) -> tuple[Row, ...]:
    """The rows in the order of the entry's own fields."""
    clashes: Mapping[str, Any] = shown.document["fields"]
    if shown.document["kind"] == "fork":
        return ()
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(clashes, key=_place):
        groups.setdefault(ENTRY.group_of(name) if name in ENTRY.fields else (name,), []).append(name)
    return tuple(_row(names, clashes, versions, shown.document["entries"], language) for names in groups.values())


def same_facts(shown: ShownConflict, language: str) -> tuple[tuple[str, str], ...]:
    """Label and value of what the versions agree on."""
    if not shown.document["entries"]:
        return ()
    entry, clashes = shown.document["entries"][0], shown.document["fields"]
    return facts_of(entry, language, without=frozenset(clashes))


def facts_of(
    entry: Mapping[str, Any], language: str, *, without: frozenset[str] = frozenset()
) -> tuple[tuple[str, str], ...]:
    """Label and value of what an entry says."""
    return tuple(
        (say(language, f"field.{name}"), formats.value(name, entry[name], language))
        for name in _FACTS
        if name not in without and entry.get(name) is not None
    )


def _row(
    names: Sequence[str],
    clashes: Mapping[str, Any],
    versions: Sequence[Version],
    entries: Sequence[Mapping[str, Any]],
    language: str,
) -> Row:
    entry = entries[0] if entries else {}
    cells = []
    for version in versions:
        values = _values_of(version, names, clashes, entry)
        cells.append(Cell(version, formats.values(values, entry, language) if values else None, values))
    base = {name: clashes[name]["base"] for name in names}
    empty = all(held is None for held in base.values())
    return Row(
        names[0], label(tuple(names), language), tuple(names), None if empty else formats.values(base, entry, language), base,
        tuple(cells),
    )  # fmt: skip


def _values_of(
    version: Version, names: Sequence[str], clashes: Mapping[str, Any], entry: Mapping[str, Any]
) -> dict[str, Any]:
    if version.key == SERVER:
        # As the entry stands now: another field of the group may have moved since the clash was told.
        return {name: entry.get(name) if entry else clashes[name]["server"] for name in names}
    return {
        name: each["value"]
        for name in names
        for each in clashes[name]["candidates"]
        if each["device"] == version.key
    }  # fmt: skip


def _place(name: str) -> tuple[int, str]:
    return (_FACTS.index(name) if name in _FACTS else len(_FACTS), name)


def _letter(number: int) -> str:
    return LETTERS[number] if number < len(LETTERS) else str(number + 1)

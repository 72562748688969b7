"""Where a written value can still be read on the server: the record, its history, its conflicts, what was refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from simulation.evidence import Evidence

Kept = dict[tuple[str, str], set[str]]


def values_of(value: Any) -> set[str]:
    """A value as the texts to look for; of a list each element by itself."""
    return {json.dumps(each, sort_keys=True) for each in (value if isinstance(value, list) else [value])}


def readable_values(evidence: Evidence) -> Kept:
    """Every value that can be read somewhere, by record and field."""
    kept: Kept = {}
    for record, field, value in _all_values(evidence):
        kept.setdefault((record, field), set()).update(values_of(value))
    return kept


def _all_values(evidence: Evidence) -> Iterable[tuple[str, str, Any]]:
    for record, seen in evidence.records("activity_entry").items():
        yield from ((record, field, value) for field, value in seen.fields.items())
    about = {row["id"]: row["records"] for row in evidence.rows("SELECT id, records FROM conflict")}
    for row in evidence.rows("SELECT record_type, id, changes FROM history"):
        for record in about.get(row["id"], [row["id"]]):
            for field, change in json.loads(row["changes"]).items():
                yield from ((record, field, value) for value in _values_in(change))
    for row in evidence.rows("SELECT records, clashes FROM conflict"):
        for record in row["records"]:
            for field, clash in row["clashes"].items():
                yield from ((record, field, value) for value in _values_in(clash))
    # What was refused, waits, or was corrected is kept whole where its author and an admin see it.
    for row in evidence.rows("SELECT record, operation FROM attention WHERE verdict IN ('rejected', 'parked')"):
        for field, value in json.loads(row["operation"]).get("fields", {}).items():
            yield row["record"], field, value


def _values_in(change: dict[str, Any]) -> Iterable[Any]:
    yield from (change[name] for name in ("was", "now", "wished", "base", "server") if change.get(name) is not None)
    yield from (each["value"] for each in change.get("candidates", ()))

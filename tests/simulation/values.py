"""Where a written value can still be read on the server: the record, its history, its conflicts, what was refused or
set aside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulation.evidence import Evidence

Kept = dict[tuple[str, str], set[str]]


def values_of(value: Any) -> set[str]:
    """A value as the texts to look for; of a list each element by itself."""
    return {json.dumps(each, sort_keys=True) for each in (value if isinstance(value, list) else [value])}


def readable_values(evidence: Evidence, orgs: Sequence[int], aside: Iterable[tuple[str, Mapping[str, Any]]]) -> Kept:
    """Every value that can be read somewhere, by record and field; `aside`: operations without effect, by their record."""
    kept: Kept = {}
    for record, field, value in _all_values(evidence, orgs):
        kept.setdefault((record, field), set()).update(values_of(value))
    for record, operation in aside:
        for field, value in operation.get("fields", {}).items():
            kept.setdefault((record, field), set()).update(values_of(value))
    return kept


def _all_values(evidence: Evidence, orgs: Sequence[int]) -> Iterable[tuple[str, str, Any]]:
    for org in orgs:
        for record, seen in evidence.records("activity_entry", org).items():
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


def _values_in(change: dict[str, Any]) -> Iterable[Any]:
    yield from (change[name] for name in ("was", "now", "wished", "base", "server") if change.get(name) is not None)
    yield from (each["value"] for each in change.get("candidates", ()))

"""Whether the stored scores follow from the entries: by a look at what they name.

Whether they come out the same when computed anew is asked of the product at the end of a schedule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from simulation.evidence import Evidence


def score_faults(evidence: Evidence) -> Iterable[str]:
    """Scores that rest on other entries than those that are approved and not void (no month is locked here)."""
    approved: dict[tuple[str, str], set[str]] = {}
    for row in evidence.rows(
        "SELECT id, owner, work_date FROM activity_entry WHERE review_state = 'approved' AND NOT voided"
    ):
        approved.setdefault((row["owner"], row["work_date"][:7]), set()).add(row["id"])
    scores = {
        (row["employee"], row["period"]): row for row in evidence.rows("SELECT employee, period, document FROM score")
    }
    yield from (f"{month} has approved work and no score" for month in approved if month not in scores)
    for month, row in scores.items():
        named = set(_entries_named(json.loads(row["document"])))
        if named != approved.get(month, set()):
            yield f"{month} rests on {len(named)} entries, approved are {len(approved.get(month, set()))}"


def _entries_named(node: Any) -> Iterable[str]:
    if isinstance(node, dict):
        yield from node.get("entry_ids", ())
        for value in node.values():
            yield from _entries_named(value)
    elif isinstance(node, list):
        for value in node:
            yield from _entries_named(value)

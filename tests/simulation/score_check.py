"""Whether the stored scores follow from the entries: by a look at what they name.

Whether they come out the same when computed anew is asked of the product at the end of a schedule.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from simulation.evidence import Evidence


def score_faults(evidence: Evidence, org: int) -> Iterable[str]:
    """Scores that rest on other entries than those that count: approved, not void, and not late after a lock."""
    waiting = {
        record
        for row in evidence.rows(
            "SELECT records, clashes FROM conflict WHERE org_id = ? AND kind = 'after_lock' AND state <> 'resolved'", org
        )
        for record in row["records"]
        if not row["clashes"]
    }
    counting: dict[tuple[str, str], set[str]] = {}
    for row in evidence.rows(
        "SELECT id, owner, work_date FROM activity_entry WHERE org_id = ? AND review_state = 'approved' AND NOT voided", org
    ):
        if row["id"] not in waiting:
            counting.setdefault((row["owner"], row["work_date"][:7]), set()).add(row["id"])
    scores = {
        (row["employee"], row["period"]): row
        for row in evidence.rows("SELECT employee, period, document FROM score WHERE org_id = ?", org)
    }
    yield from (f"{month} has approved work and no score" for month in counting if month not in scores)
    for month, row in scores.items():
        named = set(_entries_named(json.loads(row["document"])))
        if named != counting.get(month, set()):
            yield f"{month} rests on {len(named)} entries, those that count are {len(counting.get(month, set()))}"


def _entries_named(node: Any) -> Iterable[str]:
    if isinstance(node, dict):
        yield from node.get("entry_ids", ())
        for value in node.values():
            yield from _entries_named(value)
    elif isinstance(node, list):
        for value in node:
            yield from _entries_named(value)

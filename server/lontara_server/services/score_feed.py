"""What a person's devices are told of their scores: the figure and why it is provisional, never the whole tree.

A score is no record that anybody writes: its feed row has no batch and is read by its owner alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from lontara_core.canonical import Json, encode
from lontara_core.identifiers import derived_id
from lontara_server.storage import scores as store
from lontara_server.storage.scores import Connection, ScoreRow
from lontara_server.storage.server_log import FeedLine, add_derived_feed

SCORE: Final = "score"


def score_id(employee: str, period: str) -> str:
    """The id under which devices know a person's score of a month."""
    return derived_id(0, encode({"employee": employee, "period": period, "type": SCORE}))


def told(row: ScoreRow) -> dict[str, Json]:
    """The fields that a device reads."""
    document: dict[str, Any] = json.loads(row.document)
    named = document.get("explanation", {}).get("params", {})
    return {
        "owner": row.employee,
        "period": row.period,
        "value": row.value,
        "rating": row.rating,
        "rating_id": named.get("rating_id"),
        "rating_en": named.get("rating_en"),
        "provisional": row.provisional,
        "reasons": document.get("reasons", []),
        "coverage_percent": document.get("coverage", {}).get("percent"),
        "policy_id": row.policy_id,
        "policy_version": row.policy_version,
        "computed_at": row.computed_at,
    }


def scores_by_id(connection: Connection, org_id: int, employee: str) -> dict[str, ScoreRow]:
    """A person's stored scores, by the id under which devices know them."""
    return {score_id(row.employee, row.period): row for row in store.scores_of(connection, org_id, employee)}


def write_and_feed(connection: Connection, org_id: int, rows: Sequence[ScoreRow]) -> None:
    """Store scores, and feed those whose devices know another figure, last in the transaction."""
    ordered = sorted(rows, key=lambda row: (row.employee, row.period))
    held = {employee: scores_by_id(connection, org_id, employee) for employee in {row.employee for row in ordered}}
    written, lines = [], []
    for row in ordered:
        before = held[row.employee].get(score_id(row.employee, row.period))
        if before is not None and before.revision and _figure(before) == _figure(row):
            written.append(replace(row, revision=before.revision))
            continue
        revision = (0 if before is None else before.revision) + 1
        written.append(replace(row, revision=revision))
        lines.append(FeedLine(row.employee, None, ((SCORE, score_id(row.employee, row.period), revision),)))
    store.write_scores(connection, org_id, written)
    add_derived_feed(connection, org_id, lines)


def _figure(row: ScoreRow) -> dict[str, Json]:
    return {name: value for name, value in told(row).items() if name != "computed_at"}

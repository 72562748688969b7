"""What a person's devices are told of their scores: the figure and why it is provisional, never the whole tree.

A score is no record that anybody writes: its feed row has no batch and is read by its owner alone. A figure that
another takes the place of stays readable in the score's history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from lontara_core.canonical import Json, encode, sha256_hex
from lontara_core.identifiers import derived_id
from lontara_server.storage import scores as store
from lontara_server.storage.scores import Connection, PersonMonth, ScoreHead, ScoreRow
from lontara_server.storage.server_log import FeedLine, add_derived_feed

SCORE: Final = "score"
Summary: TypeAlias = Mapping[str, Any]


def score_id(employee: str, period: str) -> str:
    """The id under which devices know a person's score of a month."""
    return derived_id(0, encode({"employee": employee, "period": period, "type": SCORE}))


def summary_of(document: Mapping[str, Any], raw: bytes) -> dict[str, Json]:
    """What lists and devices read of a score's document, with the hash of its bytes.

    document: with the row of the rating's name as `rating_id` and `rating_en`.
    """
    told = ("allowance", "coverage", "parts", "rating_en", "rating_id", "reasons")
    return {**{name: document[name] for name in told}, "document": sha256_hex(raw)}


def read_summary(connection: Connection, org_id: int, head: ScoreHead) -> Summary:
    """The summary of a stored score; of one that was stored before there were any, from its document."""
    if head.summary is not None:
        return _read(head.summary)
    row = store.score_of(connection, org_id, PersonMonth(head.employee, head.period))
    document: dict[str, Any] = {} if row is None else json.loads(row.document)
    named = document.get("explanation", {}).get("params", {})
    return {
        "allowance": None,
        "coverage": document.get("coverage", {}),
        "parts": document.get("parts", []),
        "rating_id": named.get("rating_id"),
        "rating_en": named.get("rating_en"),
        "reasons": document.get("reasons", []),
    }


def told(head: ScoreHead | ScoreRow, summary: Summary) -> dict[str, Json]:
    """The fields that a device reads."""
    return {
        "owner": head.employee,
        "period": head.period,
        "value": head.value,
        "rating": head.rating,
        "rating_id": summary["rating_id"],
        "rating_en": summary["rating_en"],
        "provisional": head.provisional,
        "reasons": summary["reasons"],
        "coverage_percent": summary["coverage"].get("percent"),
        "policy_id": head.policy_id,
        "policy_version": head.policy_version,
        "computed_at": head.computed_at,
    }


def scores_by_id(connection: Connection, org_id: int, employee: str) -> dict[str, dict[str, Any]]:
    """A person's stored scores as devices read them, by the id under which they know them."""
    return {
        score_id(head.employee, head.period): {
            "id": score_id(head.employee, head.period),
            "revision": head.revision,
            "fields": told(head, read_summary(connection, org_id, head)),
        }
        for head in store.scores_of(connection, org_id, employee)
    }


def write_scores(
    connection: Connection, org_id: int, period: str, rows: Sequence[ScoreRow], *, rewrite: bool = False
) -> list[FeedLine]:
    """Store a month's scores; returns the lines that tell devices which know another figure, for `feed_scores`.

    What came out as it was is noted and not written again; a figure that changes is kept in the history.
    rewrite: write all of them, whatever the stored ones say of themselves.
    """
    ordered = sorted(rows, key=lambda row: row.employee)
    held = store.heads_of(connection, org_id, [row.employee for row in ordered], period)
    written: list[ScoreRow] = []
    same: list[str] = []
    changed: list[str] = []
    lines: list[FeedLine] = []
    for row in ordered:
        before = held.get(row.employee)
        old = None if before is None else read_summary(connection, org_id, before)
        new = _read(row.summary or "{}")
        if not rewrite and before is not None and old is not None and _is_same(before, old, row, new):
            same.append(row.employee)
            continue
        is_changed = before is None or old is None or _figure(before, old) != _figure(row, new)
        if before is not None and is_changed:
            changed.append(row.employee)
        if before is not None and before.revision and not is_changed and _told_same(before, old or {}, row, new):
            written.append(replace(row, revision=before.revision))
            continue
        revision = (0 if before is None else before.revision) + 1
        written.append(replace(row, revision=revision))
        lines.append(FeedLine(row.employee, None, ((SCORE, score_id(row.employee, period), revision),)))
    store.archive_scores(connection, org_id, changed, period)
    store.write_scores(connection, org_id, written)
    for computed_at in {row.computed_at for row in ordered}:
        store.touch_scores(connection, org_id, same, period, computed_at)
    return lines


def feed_scores(connection: Connection, org_id: int, lines: Sequence[FeedLine]) -> None:
    """Tell devices of scores. Takes the org's counter: last in the transaction."""
    add_derived_feed(connection, org_id, lines)


def _is_same(before: ScoreHead, old: Summary, row: ScoreRow, new: Summary) -> bool:
    """Whether the whole stored score is what it would be written as."""
    columns = ("value", "rating", "provisional", "policy_id", "policy_version")
    return (
        before.revision > 0
        and old.get("document") == new["document"]
        and all(getattr(before, name) == getattr(row, name) for name in columns)
    )


def _figure(head: ScoreHead | ScoreRow, summary: Summary) -> tuple[Any, ...]:
    """What a person would call another result."""
    return head.value, head.rating, head.policy_id, head.policy_version, summary["allowance"]


def _told_same(before: ScoreHead, old: Summary, row: ScoreRow, new: Summary) -> bool:
    """Whether devices know already what they would be told."""
    return told(before, old) | {"computed_at": 0} == told(row, new) | {"computed_at": 0}


def _read(summary: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(summary)
    return held

"""The score of one person's month, with what it rests on. Its parts are made in modules of their own.

Discipline has no attendance to rest on yet, so the score is productivity's percentage and provisional:
a part that has no data is named, and never counted as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from lontara_server.performance.calendar import workdays_of
from lontara_server.performance.explanation import (
    ARITHMETIC,
    Json,
    Node,
    combined,
    decimal_text,
    given,
    node_document,
)
from lontara_server.performance.month import EntryForScore, MonthInput
from lontara_server.performance.policy import Policy
from lontara_server.performance.productivity import productivity_of

__all__ = ["EntryForScore", "MonthInput", "Node", "Score", "explanation_document", "score_month"]

# Why a score is provisional, in the order in which they are told.
REASONS = ("no_workdays", "no_attendance", "open_conflicts", "unsynced_devices")


@dataclass(frozen=True)
class Score:
    """A month's score.

    value: rounded as the policy says; None where there is nothing to hold the work against (no workday).
    rating: code of the policy's band; None with the value.
    reasons: codes of REASONS, why the score is provisional.
    coverage: what is known to be missing, in JSON types.
    """

    employee_id: str
    period: str
    value: Decimal | None
    rating: str | None
    provisional: bool
    reasons: tuple[str, ...]
    coverage: Mapping[str, Json]
    policy_id: str
    policy_version: int
    explanation: Node


def score_month(month: MonthInput, policy: Policy) -> Score:
    """Score approved work as a percentage of the month's target, capped at the policy's highest score.

    The same set of entries, in any order, gives the same score and the same explanation.
    Source: the policy file named by `policy.policy_id`; never a constant here.
    """
    with localcontext(ARITHMETIC):
        productivity = productivity_of(month, policy)
        value = productivity.value
        band = None if value is None else policy.band_of(value)
        explanation = combined(
            "score" if band else "score_without_target",
            "sum",
            "points",
            (
                productivity,
                given("discipline_missing", None, "percent", {"weight": policy.discipline_weight}),
            ),
            {
                "period": month.period,
                "rating": band.code if band else None,
                "rating_id": band.title.id if band else None,
                "rating_en": band.title.en if band else None,
                "rating_from": decimal_text(band.at_least) if band else None,
            },
        )
        reasons = _reasons(month, has_target=value is not None)
        return Score(
            employee_id=month.employee_id,
            period=month.period,
            value=value,
            rating=band.code if band else None,
            provisional=bool(reasons),
            reasons=reasons,
            coverage=_coverage(month, policy),
            policy_id=policy.policy_id,
            policy_version=policy.version,
            explanation=explanation,
        )


def explanation_document(score: Score) -> dict[str, Json]:
    """Return the whole score in JSON types: decimals as texts, keys and rows always in the same order."""
    return {
        "employee_id": score.employee_id,
        "period": score.period,
        "value": decimal_text(score.value),
        "rating": score.rating,
        "provisional": score.provisional,
        "reasons": list(score.reasons),
        "coverage": dict(score.coverage),
        "policy": {"policy_id": score.policy_id, "version": score.policy_version},
        "explanation": node_document(score.explanation),
    }


def _reasons(month: MonthInput, *, has_target: bool) -> tuple[str, ...]:
    holds = {
        "no_workdays": not has_target,
        "no_attendance": True,
        "open_conflicts": any(entry.open_conflict for entry in month.entries),
        "unsynced_devices": month.known_unsent > 0 or month.silent_devices > 0,
    }
    return tuple(code for code in REASONS if holds[code])


def _coverage(month: MonthInput, policy: Policy) -> dict[str, Json]:
    """Tell what part of the known entries has arrived, and which workdays no attendance feed has reported."""
    received = max(month.entries_received, len(month.entries))
    known = received + month.known_unsent
    percent = ARITHMETIC.divide(Decimal(100 * received), Decimal(known)) if known else Decimal(100)
    workdays = workdays_of(month.period, month.holidays, workdays_per_week=policy.workdays_per_week)
    return {
        "percent": decimal_text(policy.rounded(percent)),
        "entries_received": received,
        "known_unsent": month.known_unsent,
        "silent_devices": month.silent_devices,
        "open_conflicts": sum(entry.open_conflict for entry in month.entries),
        "days_without_feed": [day.isoformat() for day in workdays],
        "parts_missing": ["discipline"],
    }

"""The score of one person's month, with what it rests on. Its parts are made in modules of their own.

A part that has no data is named, and never counted as zero: the other parts make the score alone, provisionally.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from lontara_server.performance.attendance import AttendanceDay
from lontara_server.performance.bands import Band
from lontara_server.performance.behaviour import is_complete, rated_sum
from lontara_server.performance.calendar import days_of
from lontara_server.performance.discipline import discipline_of, everything_is_lost
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
from lontara_server.performance.month_policy import MonthPolicy
from lontara_server.performance.parts import HUNDRED, Measured, PartScore, part_score, rounding_row
from lontara_server.performance.placement import Stretch, stretches_of
from lontara_server.performance.productivity import days_without_target, productivity_of

__all__ = ["EntryForScore", "MonthInput", "Node", "Score", "explanation_document", "score_month", "stretches_for"]

# Why a score is provisional, in the order in which they are told.
REASONS = (
    "no_workdays",
    "no_target",
    "no_entries",
    "no_attendance",
    "attendance_incomplete",
    "no_behaviour",
    "no_quality",
    "no_budget_absorption",
    "open_conflicts",
    "unsynced_devices",
)


@dataclass(frozen=True)
class Score:
    """A month's score.

    value: rounded as the policy says; None where nothing is known, or there is no workday to hold the work against.
    rating: code of the policy's band; None with the value, and where the policy has no bands.
    reasons: codes of REASONS, why the score is provisional.
    coverage: what is known to be missing, in JSON types.
    parts: what the score is made of, in the policy's order.
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
    parts: tuple[PartScore, ...] = ()


def score_month(month: MonthInput, policy: MonthPolicy) -> Score:
    """Score a month: each part's percentage by its weight, and together.

    The same entries and days, in any order, give the same score and the same explanation.
    Source: the policy file named by `policy.policy_id`; never a constant here.
    """
    with localcontext(ARITHMETIC):
        stretches = stretches_for(month, policy)
        days = _attendance_of_workdays(month, stretches)
        parts = _parts(month, policy, stretches, days)
        rows = _rows(parts, policy)
        value = _value_of(rows, policy)
        lost = () if value is None else everything_is_lost(days, policy)
        if value is not None and lost:
            rows, value = (*rows, _everything_lost_row(value, lost)), policy.rounded(Decimal(0))
        band = None if value is None else policy.band_of(value)
        reasons = _reasons(month, policy, stretches, days)
        return Score(
            employee_id=month.employee_id,
            period=month.period,
            value=value,
            rating=band.code if band else None,
            provisional=bool(reasons),
            reasons=reasons,
            coverage=_coverage(month, policy, stretches, days, parts),
            policy_id=policy.policy_id,
            policy_version=policy.version,
            explanation=_root(month, rows, value, band),
            parts=parts,
        )


def stretches_for(month: MonthInput, policy: MonthPolicy) -> tuple[Stretch, ...]:
    """Return the stretches that the person's placements cut the month into."""
    return stretches_of(
        month.period, month.placements, month.holidays, workdays_per_week=policy.working_time.workdays_per_week
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
        "parts": [part.document() for part in score.parts],
        "explanation": node_document(score.explanation),
    }


def _attendance_of_workdays(month: MonthInput, stretches: Sequence[Stretch]) -> tuple[AttendanceDay, ...]:
    workdays = {day for stretch in stretches for day in stretch.workdays}
    return tuple(sorted((day for day in month.attendance if day.day in workdays), key=lambda each: each.day))


def _parts(
    month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...], days: Sequence[AttendanceDay]
) -> tuple[PartScore, ...]:
    measured = {
        "productivity": productivity_of(month, policy, stretches),
        "discipline": discipline_of(days, policy),
        "behaviour": _behaviour(month, policy),
        "budget_absorption": _budget_absorption(month),
        "static": Measured((given("static_full", HUNDRED, "percent"),)),
    }
    return tuple(part_score(weight.code, measured[weight.code], policy) for weight in policy.weights)


def _behaviour(month: MonthInput, policy: MonthPolicy) -> Measured | None:
    if policy.behaviour_scale_max is None or not is_complete(month.behaviour):
        return None
    achieved, most = rated_sum(month.behaviour, policy.behaviour_scale_max)
    return Measured((achieved,), most)


def _budget_absorption(month: MonthInput) -> Measured | None:
    if month.budget_absorption is None:
        return None
    return Measured((given("budget_spent", month.budget_absorption, "percent"),))


def _rows(parts: Sequence[PartScore], policy: MonthPolicy) -> tuple[Node, ...]:
    """The rows of the score: points of parts, or where a part is missing what the known ones make alone."""
    known = [part for part in parts if part.is_known]
    if len(known) == len(parts):
        return _rounded(tuple(part.points for part in known if part.points is not None), policy)
    with_data = [part for part in known if part.part != "static"]
    missing = tuple(_missing_row(part) for part in parts if not part.is_known)
    if not with_data:
        return missing
    percent = known[0].percent
    if len(known) == 1 and percent is not None:
        return (percent, *missing)
    points = tuple(part.points for part in known if part.points is not None)
    weights = tuple(
        given(f"{part.part}_weight", part.weight, "points", policy_path=("weights", part.part)) for part in known
    )
    alone = combined(
        "known_parts",
        "percent_of",
        "points",
        (combined("known_points", "sum", "points", points), combined("known_weight", "sum", "points", weights)),
    )
    return (*_rounded((alone,), policy), *missing)


def _value_of(rows: tuple[Node, ...], policy: MonthPolicy) -> Decimal | None:
    """The rows add up to a rounded figure already; this drops the zeros of products, so that 82 is written 82.00."""
    value = combined("score", "sum", "points", rows).value
    return None if value is None else policy.rounded(value)


def _missing_row(part: PartScore) -> Node:
    """The part's own rows where it has some and yet no value; else a row that names it."""
    measured = part.percent or part.points
    if measured is not None:
        return replace(measured, code=f"{part.part}_unmeasured")
    weight = {"weight": int(part.weight)}
    return given(f"{part.part}_missing", None, "percent", weight, policy_path=("weights", part.part))


def _rounded(rows: tuple[Node, ...], policy: MonthPolicy) -> tuple[Node, ...]:
    """Add the row of the rounding, where rounding changes anything."""
    value = combined("score", "sum", "points", rows).value
    if value is None or value == policy.rounded(value):
        return rows
    return (*rows, rounding_row(value, "points", policy))


def _everything_lost_row(value: Decimal, absent: tuple[str, ...]) -> Node:
    return given(
        "everything_lost",
        -value,
        "points",
        {"days": len(absent)},
        attendance_days=absent,
        policy_path=("discipline", "absence", "everything_from_days"),
    )


def _root(month: MonthInput, rows: tuple[Node, ...], value: Decimal | None, band: Band | None) -> Node:
    code = "score"
    if value is None:
        code = "score_without_data" if month.nothing_has_arrived else "score_without_target"
    elif band is None:
        code = "score_without_rating"
    params = {
        "period": month.period,
        "rating": band.code if band else None,
        "rating_id": band.title.id if band else None,
        "rating_en": band.title.en if band else None,
        "rating_from": decimal_text(band.edge) if band else None,
    }
    return replace(combined(code, "sum", "points", rows, params), value=value)


def _reasons(
    month: MonthInput, policy: MonthPolicy, stretches: Sequence[Stretch], days: Sequence[AttendanceDay]
) -> tuple[str, ...]:
    reads_attendance = policy.discipline is not None or policy.productivity.measure == "net_minutes"
    workdays = {day for stretch in stretches for day in stretch.workdays}
    holds = {
        "no_workdays": not workdays,
        "no_target": bool(workdays) and workdays <= days_without_target(month, policy),
        "no_entries": month.nothing_has_arrived,
        "no_attendance": reads_attendance and not days,
        "attendance_incomplete": reads_attendance and bool(days) and bool(_days_without_feed(stretches, days)),
        "no_behaviour": policy.behaviour_scale_max is not None and not is_complete(month.behaviour),
        "no_quality": policy.productivity.measure == "log_days" and month.quality is None,
        "no_budget_absorption": policy.weight_of("budget_absorption") > 0 and month.budget_absorption is None,
        "open_conflicts": any(entry.open_conflict for entry in month.entries),
        "unsynced_devices": month.known_unsent > 0 or month.silent_devices > 0,
    }
    return tuple(code for code in REASONS if holds[code])


def _days_without_feed(stretches: Sequence[Stretch], days: Sequence[AttendanceDay]) -> list[str]:
    known = {day.day for day in days}
    return [day.isoformat() for stretch in stretches for day in stretch.workdays if day not in known]


def _coverage(
    month: MonthInput,
    policy: MonthPolicy,
    stretches: Sequence[Stretch],
    days: Sequence[AttendanceDay],
    parts: Sequence[PartScore],
) -> dict[str, Json]:
    """Tell what part of the known entries has arrived, and which workdays no attendance feed has reported."""
    received = max(month.entries_received, len(month.entries))
    known = received + month.known_unsent
    percent = ARITHMETIC.divide(Decimal(100 * received), Decimal(known)) if known else Decimal(100)
    placed = {day for day in days_of(month.period) for stretch in stretches if stretch.holds(day)}
    return {
        "percent": decimal_text(policy.rounded(percent)),
        "entries_received": received,
        "known_unsent": month.known_unsent,
        "silent_devices": month.silent_devices,
        "open_conflicts": sum(entry.open_conflict for entry in month.entries),
        "days_without_feed": [*_days_without_feed(stretches, days)],
        "days_without_placement": [day.isoformat() for day in days_of(month.period) if day not in placed],
        "parts_missing": [part.part for part in parts if not part.is_known],
    }

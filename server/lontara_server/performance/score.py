"""The score of one person's month, with what it rests on. Its parts are made in modules of their own.

A part that has no data is named, and never counted as zero: the other parts make the score alone, provisionally.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from msgspec.structs import replace

from lontara_server.performance.attendance import AttendanceDay
from lontara_server.performance.bands import Band
from lontara_server.performance.behaviour import is_complete, rated_sum
from lontara_server.performance.calendar import days_of
from lontara_server.performance.discipline import absent_days, discipline_of, everything_is_lost
from lontara_server.performance.discipline_totals import discipline_of_totals
from lontara_server.performance.explanation import (
    ARITHMETIC,
    Json,
    Node,
    combined,
    decimal_text,
    encode_document,
    given,
    node_document,
)
from lontara_server.performance.month import Correction, EntryForScore, MonthInput
from lontara_server.performance.month_policy import MonthPolicy
from lontara_server.performance.parts import HUNDRED, Measured, PartScore, part_score, rounding_row
from lontara_server.performance.placement import Stretch, stretches_of
from lontara_server.performance.productivity import asks_for_work, productivity_of, totals_of

__all__ = [
    "Correction", "EntryForScore", "MonthInput", "Node", "Score", "encoded_score", "explanation_document", "score_month",
    "stretches_for",
]  # fmt: skip

# Why a score is provisional, in the order in which they are told.
REASONS = (
    "no_workdays",
    "no_target",
    "no_entries",
    "no_attendance",
    "attendance_incomplete",
    "attendance_recap_only",
    "no_behaviour",
    "no_quality",
    "no_budget_absorption",
    "review_incomplete",
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
        rows = _rows(parts, policy, month)
        value = _value_of(rows, policy)
        lost = everything_is_lost(days, totals_of(month, stretches), policy)
        if value is not None and lost:
            row = _everything_lost_row(value, lost, absent_days(days))
            rows, value = (*rows, row), policy.rounded(Decimal(0))
        if value is not None and month.correction is not None:
            row = _correction_row(value, month.correction, policy)
            rows, value = (*rows, row), policy.rounded(value + (row.value or 0))
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
    return {**_facts(score), "explanation": node_document(score.explanation)}


def encoded_score(score: Score, **beside: object) -> bytes:
    """Return the canonical bytes of the same document, written in one pass, with what else is to stand in it.

    beside: JSON values and nodes.
    """
    return encode_document({**_facts(score), "explanation": score.explanation, **beside})


def _facts(score: Score) -> dict[str, Json]:
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
    }


def _attendance_of_workdays(month: MonthInput, stretches: Sequence[Stretch]) -> tuple[AttendanceDay, ...]:
    workdays = {day for stretch in stretches for day in stretch.workdays}
    return tuple(sorted((day for day in month.attendance if day.day in workdays), key=lambda each: each.day))


def _parts(
    month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...], days: Sequence[AttendanceDay]
) -> tuple[PartScore, ...]:
    measured = {
        "productivity": productivity_of(month, policy, stretches),
        "discipline": _discipline(month, policy, stretches, days),
        "behaviour": _behaviour(month, policy),
        "budget_absorption": _budget_absorption(month),
        "static": Measured((given("static_full", HUNDRED, "percent"),)),
    }
    return tuple(part_score(weight.code, measured[weight.code], policy) for weight in policy.weights)


def _discipline(
    month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...], days: Sequence[AttendanceDay]
) -> Measured | None:
    totals = totals_of(month, stretches)
    if totals is None:
        return discipline_of(days, policy)
    return discipline_of_totals(totals, sum(len(stretch.workdays) for stretch in stretches), policy)


def _behaviour(month: MonthInput, policy: MonthPolicy) -> Measured | None:
    if not _rates_behaviour(month, policy) or policy.behaviour_scale_max is None:
        return None
    achieved, most = rated_sum(month.behaviour, policy.behaviour_scale_max)
    return Measured((achieved,), most)


def _rates_behaviour(month: MonthInput, policy: MonthPolicy) -> bool:
    scale_max = policy.behaviour_scale_max
    return scale_max is not None and is_complete(month.behaviour, scale_max)


def _budget_absorption(month: MonthInput) -> Measured | None:
    if month.budget_absorption is None:
        return None
    return Measured((given("budget_spent", month.budget_absorption, "percent"),))


def _rows(parts: Sequence[PartScore], policy: MonthPolicy, month: MonthInput) -> tuple[Node, ...]:
    """The rows of the score: points of parts, or where a part is missing what the known ones make alone."""
    known = [part for part in parts if part.is_known]
    if len(known) == len(parts):
        return _rounded(tuple(part.points for part in known if part.points is not None), policy)
    with_data = [part for part in known if part.part != "static"]
    missing = tuple(_missing_row(part, month) for part in parts if not part.is_known)
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


def _missing_row(part: PartScore, month: MonthInput) -> Node:
    """The part's own rows where it has some and yet no value; else a row that names it."""
    measured = part.percent or part.points
    if measured is not None:
        return replace(measured, code=f"{part.part}_unmeasured")
    weight = {"weight": int(part.weight)}
    waits = part.part == "productivity" and not month.nothing_has_arrived and month.work_is_unknown
    code = "productivity_waiting" if waits else f"{part.part}_missing"
    return given(code, None, "percent", weight, policy_path=("weights", part.part))


def _rounded(rows: tuple[Node, ...], policy: MonthPolicy) -> tuple[Node, ...]:
    """Add the row of the rounding, where rounding changes anything."""
    value = combined("score", "sum", "points", rows).value
    if value is None or value == policy.rounded(value):
        return rows
    return (*rows, rounding_row(value, "points", policy))


def _everything_lost_row(value: Decimal, days: int, absent: tuple[str, ...]) -> Node:
    return given(
        "everything_lost",
        -value,
        "points",
        {"days": days},
        attendance_days=absent,
        policy_path=("discipline", "absence", "everything_from_days"),
    )


def _correction_row(value: Decimal, correction: Correction, policy: MonthPolicy) -> Node:
    """What an upheld objection adds or takes, as far as the score stays within 0 and the policy's highest."""
    points = policy.rounded(correction.points)
    reached = min(max(value + points, policy.rounded(Decimal(0))), policy.rounded(policy.score_max))
    params = {"points": decimal_text(points), "reason": correction.reason}
    return given("objection_correction", reached - value, "points", params)


def _root(month: MonthInput, rows: tuple[Node, ...], value: Decimal | None, band: Band | None) -> Node:
    code = "score"
    if value is None:
        code = "score_without_data" if month.work_is_unknown else "score_without_target"
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
    totals = totals_of(month, stretches)
    holds = {
        "no_workdays": not workdays,
        "no_target": bool(workdays) and not asks_for_work(month, policy, stretches),
        "no_entries": month.nothing_has_arrived,
        "no_attendance": reads_attendance and not days and totals is None,
        "attendance_incomplete": reads_attendance and bool(days) and bool(_days_without_feed(stretches, days)),
        "attendance_recap_only": reads_attendance and totals is not None,
        "no_behaviour": policy.behaviour_scale_max is not None and not _rates_behaviour(month, policy),
        "no_quality": policy.productivity.measure == "log_days" and month.quality is None,
        "no_budget_absorption": policy.weight_of("budget_absorption") > 0 and month.budget_absorption is None,
        "review_incomplete": month.waiting_review > 0,
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
        "days_without_feed": [*(_days_without_feed(stretches, days) if totals_of(month, stretches) is None else ())],
        "days_without_placement": [day.isoformat() for day in days_of(month.period) if day not in placed],
        "parts_missing": [part.part for part in parts if not part.is_known],
    }

"""Discipline where only a month's recap is known: sums of minutes and counts of days, by the policy's ladder.

A ladder that holds for each day cannot be told from a sum of minutes. It is read as lightly as the sum allows: spread
over the month's days in the way that costs least. Counts cost what each would.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from lontara_server.performance.attendance import AttendanceRecap
from lontara_server.performance.discipline import range_of, step_of
from lontara_server.performance.explanation import Node, Param, combined, given
from lontara_server.performance.month_policy import DisciplineRules, LadderStep, MonthPolicy
from lontara_server.performance.parts import HUNDRED, Measured


def discipline_of_totals(totals: AttendanceRecap, workdays: int, policy: MonthPolicy) -> Measured | None:
    """Measure discipline from a month's recap; None where the policy has no such part."""
    rules = policy.discipline
    if rules is None:
        return None
    full = given("discipline_full", HUNDRED if rules.base == "share" else policy.weight_of("discipline"), "percent")
    deductions = combined("deductions", "sum", "percent", _deduction_rows(totals, workdays, rules))
    assert deductions.value is not None
    assert full.value is not None
    rows: tuple[Node, ...] = (full, deductions)
    if -deductions.value > full.value:
        rows = (*rows, given("not_below_zero", -deductions.value - full.value, "percent"))
    if rules.base == "share":
        return Measured(rows)
    return Measured((combined("discipline_left", "sum", "percent", rows),), full)


def lightest(total: int, days: int, steps: Sequence[LadderStep]) -> Decimal:
    """Return the least percent that so many minutes together can cost, on so many days or fewer."""
    position = step_of(total, steps)
    if total <= 0 or position is None:
        return Decimal(0)
    least = steps[position].percent
    # What a day may hold at most for its price; the last step holds everything.
    prices = [(Decimal(0), steps[0].starts_at - 1)] if steps[0].starts_at > 1 else []
    prices += [(step.percent, after.starts_at - 1) for step, after in pairwise(steps)]
    least = min(least, steps[-1].percent)
    held: dict[Decimal, int] = {Decimal(0): 0}
    for _ in range(days):
        wider: dict[Decimal, int] = {}
        for cost, minutes in held.items():
            for price, most in prices:
                if cost + price < least:
                    wider[cost + price] = max(wider.get(cost + price, 0), minutes + most)
        held = wider
        least = min([least, *(cost for cost, minutes in held.items() if minutes >= total)])
    return least


def _deduction_rows(totals: AttendanceRecap, workdays: int, rules: DisciplineRules) -> tuple[Node, ...]:
    away = sum(count for status, count in totals.days.items() if status != "present")
    days = max(1, totals.days.get("present", workdays - away))
    return (
        *_minutes("late", totals.late_minutes, days, rules),
        *_minutes("early_leave", totals.early_leave_minutes, days, rules),
        *_missing_punches("no_check_in", totals.missing_check_ins, rules),
        *_missing_punches("no_check_out", totals.missing_check_outs, rules),
        *_absences(totals.count("absent_unexcused"), rules),
        *_statuses(totals, rules),
    )


def _minutes(kind: str, total: int, days: int, rules: DisciplineRules) -> tuple[Node, ...]:
    path: tuple[str | int, ...] = ("discipline", "steps")
    if rules.counting == "each_day":
        if total <= 0:
            return ()
        params: dict[str, Param] = {"minutes": total, "days": days}
        return (given(f"{kind}_total", -lightest(total, days, rules.steps), "percent", params, policy_path=path),)
    position = step_of(total, rules.steps)
    if position is None:
        return ()
    params = {"minutes": total, "range": range_of(position, rules.steps)}
    percent = rules.steps[position].percent
    return (given(f"{kind}_month", -percent, "percent", params, policy_path=(*path, position)),)


def _missing_punches(code: str, times: int, rules: DisciplineRules) -> tuple[Node, ...]:
    percent = rules.missing_punch_percent
    if not times or not percent:
        return ()
    params: dict[str, Param] = {"times": times, "percent": str(percent)}
    path = ("discipline", "missing_punch_percent")
    return (given(code, -percent * times, "percent", params, policy_path=path),)


def _absences(days: int, rules: DisciplineRules) -> tuple[Node, ...]:
    position = step_of(days, rules.absence_steps)
    if position is None:
        return ()
    percent, path = rules.absence_steps[position].percent, ("discipline", "absence", "steps", position)
    if rules.absence_counting == "each_day":
        params: dict[str, Param] = {"days": days, "percent": str(percent)}
        return (given("absent", -percent * days, "percent", params, policy_path=path),)
    return (given("absent_month", -percent, "percent", {"days": days}, policy_path=path),)


def _statuses(totals: AttendanceRecap, rules: DisciplineRules) -> tuple[Node, ...]:
    rows = []
    for share in rules.status_percents:
        count = totals.count(share.code)
        if count and share.amount:
            params: dict[str, Param] = {"status": share.code, "days": count, "percent": str(share.amount)}
            path = ("discipline", "status_percents", share.code)
            rows.append(given("status_days", -share.amount * count, "percent", params, policy_path=path))
    return tuple(rows)

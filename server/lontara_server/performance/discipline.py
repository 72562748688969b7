"""Discipline: what attendance takes off, by the policy's ladder; each deduction with its days and its policy line.

A workday without an attendance day has no feed and costs nothing. What is no workday costs nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from lontara_server.performance.attendance import AttendanceDay, AttendanceRecap
from lontara_server.performance.explanation import Node, Param, combined, given
from lontara_server.performance.month_policy import DisciplineRules, LadderStep, MonthPolicy
from lontara_server.performance.parts import HUNDRED, Measured

Minutes = Callable[[AttendanceDay], int]


def discipline_of(days: Sequence[AttendanceDay], policy: MonthPolicy) -> Measured | None:
    """Measure discipline from the attendance of workdays, in order of the days; None where no day is known."""
    rules = policy.discipline
    if rules is None or not days:
        return None
    weight = policy.weight_of("discipline")
    full = given("discipline_full", HUNDRED if rules.base == "share" else weight, "percent")
    deductions = combined("deductions", "sum", "percent", _deduction_rows(days, rules))
    assert deductions.value is not None
    assert full.value is not None
    rows: tuple[Node, ...] = (full, deductions)
    if -deductions.value > full.value:
        rows = (*rows, given("not_below_zero", -deductions.value - full.value, "percent"))
    if rules.base == "share":
        return Measured(rows)
    return Measured((combined("discipline_left", "sum", "percent", rows),), full)


def everything_is_lost(
    days: Sequence[AttendanceDay], totals: AttendanceRecap | None, policy: MonthPolicy
) -> int:  # fmt: skip
    """Return how many unexcused days take the whole month's score by the policy; 0 where they do not."""
    rules = policy.discipline
    count = len(absent_days(days)) if totals is None else totals.count("absent_unexcused")
    if rules is None or rules.everything_from_days is None or count < rules.everything_from_days:
        return 0
    return count


def absent_days(days: Sequence[AttendanceDay]) -> tuple[str, ...]:
    """Return the unexcused days."""
    return tuple(day.day.isoformat() for day in days if day.status == "absent_unexcused")


def _deduction_rows(days: Sequence[AttendanceDay], rules: DisciplineRules) -> tuple[Node, ...]:
    present = [day for day in days if day.status == "present"]
    ladder = _by_day if rules.counting == "each_day" else _by_month
    return (
        *ladder("late", present, lambda day: day.late_minutes, rules.steps),
        *ladder("early_leave", present, lambda day: day.early_leave_minutes, rules.steps),
        *_missing_punches("no_check_in", [day for day in present if not day.has_check_in], rules),
        *_missing_punches("no_check_out", [day for day in present if not day.has_check_out], rules),
        *_absences([day for day in days if day.status == "absent_unexcused"], rules),
        *_statuses(days, rules),
    )


def step_of(amount: int, steps: Sequence[LadderStep]) -> int | None:
    """Return the position of the last step that has begun; None below the first."""
    reached = sum(amount >= step.starts_at for step in steps)
    return reached - 1 if reached else None


def range_of(position: int, steps: Sequence[LadderStep]) -> str:
    """What a step reaches over, as it is written."""
    if position + 1 == len(steps):
        return f"≥ {steps[position].starts_at}"
    first, last = steps[position].starts_at, steps[position + 1].starts_at - 1
    return str(first) if first == last else f"{first}–{last}"


def _by_day(
    kind: str, days: Sequence[AttendanceDay], minutes: Minutes, steps: tuple[LadderStep, ...]
) -> tuple[Node, ...]:
    """One row for each step that was reached, and in it one for each day."""
    reached: dict[int, list[AttendanceDay]] = {}
    for day in days:
        position = step_of(minutes(day), steps) if minutes(day) else None
        if position is not None and steps[position].percent:
            reached.setdefault(position, []).append(day)
    rows = []
    for position in sorted(reached):
        percent = steps[position].percent
        each = tuple(_day_row(f"{kind}_day", day, percent, minutes(day)) for day in reached[position])
        params: dict[str, Param] = {"range": range_of(position, steps), "times": len(each), "percent": str(percent)}
        path = ("discipline", "steps", position)
        rows.append(combined(f"{kind}_step", "sum", "percent", each, params, policy_path=path))
    return tuple(rows)


def _by_month(
    kind: str, days: Sequence[AttendanceDay], minutes: Minutes, steps: tuple[LadderStep, ...]
) -> tuple[Node, ...]:
    """One row for the month's sum."""
    total = sum(minutes(day) for day in days)
    position = step_of(total, steps)
    if position is None:
        return ()
    params: dict[str, Param] = {"minutes": total, "range": range_of(position, steps)}
    of_kind = tuple(day.day.isoformat() for day in days if minutes(day))
    row = given(
        f"{kind}_month",
        -steps[position].percent,
        "percent",
        params,
        attendance_days=of_kind,
        policy_path=("discipline", "steps", position),
    )
    return (row,)


def _missing_punches(code: str, days: Sequence[AttendanceDay], rules: DisciplineRules) -> tuple[Node, ...]:
    percent = rules.missing_punch_percent
    if not days or not percent:
        return ()
    each = tuple(_day_row("missing_punch_day", day, percent) for day in days)
    params: dict[str, Param] = {"times": len(days), "percent": str(percent)}
    return (combined(code, "sum", "percent", each, params, policy_path=("discipline", "missing_punch_percent")),)


def _absences(days: Sequence[AttendanceDay], rules: DisciplineRules) -> tuple[Node, ...]:
    position = step_of(len(days), rules.absence_steps)
    if position is None:
        return ()
    percent = rules.absence_steps[position].percent
    path = ("discipline", "absence", "steps", position)
    if rules.absence_counting == "each_day":
        each = tuple(_day_row("absent_day", day, percent) for day in days)
        params: dict[str, Param] = {"days": len(days), "percent": str(percent)}
        return (combined("absent", "sum", "percent", each, params, policy_path=path),)
    absent = tuple(day.day.isoformat() for day in days)
    row = given("absent_month", -percent, "percent", {"days": len(days)}, attendance_days=absent, policy_path=path)
    return (row,)


def _statuses(days: Sequence[AttendanceDay], rules: DisciplineRules) -> tuple[Node, ...]:
    rows = []
    for share in rules.status_percents:
        of_status = [day for day in days if day.status == share.code]
        if of_status and share.amount:
            each = tuple(_day_row("status_day", day, share.amount) for day in of_status)
            params: dict[str, Param] = {"status": share.code, "days": len(each), "percent": str(share.amount)}
            path = ("discipline", "status_percents", share.code)
            rows.append(combined("status_days", "sum", "percent", each, params, policy_path=path))
    return tuple(rows)


def _day_row(code: str, day: AttendanceDay, percent: Decimal, minutes: int | None = None) -> Node:
    params: dict[str, Param] = {"date": day.day.isoformat()}
    if minutes is not None:
        params["minutes"] = minutes
    return given(code, -percent, "percent", params, attendance_days=(day.day.isoformat(),))

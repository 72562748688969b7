"""Productivity: approved work against what the month asks for, as the policy measures it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lontara_server.performance.attendance import AttendanceDay, AttendanceRecap
from lontara_server.performance.counted_rows import counted_minutes
from lontara_server.performance.deadlines import entry_timing
from lontara_server.performance.explanation import Node, Param, combined, decimal_text, given
from lontara_server.performance.month import EntryForScore, MonthInput, entries_in_order
from lontara_server.performance.month_policy import EntryRules, MonthPolicy, Share
from lontara_server.performance.parts import Measured, rounding_row
from lontara_server.performance.placement import Stretch, stretch_params

FULL = Decimal(100)


def productivity_of(month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...]) -> Measured | None:
    """Measure approved work by the policy's rule; None where nothing of it can be known yet.

    Its value is None in a month without a workday: there is no target that work could be held against.
    """
    if month.work_is_unknown:
        return None
    target = target_minutes(month, policy, stretches)
    if policy.productivity.measure == "log_days":
        return _log_days(month, policy, stretches)
    counted = counted_minutes(_entries_by_use(month, policy.entries), policy, target, stretches)
    if policy.productivity.measure == "net_minutes":
        counted = _net_minutes(month, policy, stretches, counted, target)
    return Measured((counted,), target)


def target_minutes(month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...]) -> Node:
    """Return the minutes that the month's workdays ask for; a stretch under another placement is a row of its own."""
    if len(stretches) == 1:
        return combined("target_minutes", "product", "minutes", _days_by_minutes(month, policy, stretches, stretches[0]))
    rows = tuple(
        combined(
            "stretch_target",
            "product",
            "minutes",
            _days_by_minutes(month, policy, stretches, stretch),
            stretch_params(stretch),
        )
        for stretch in stretches
    )
    return combined("target_minutes_of_stretches", "sum", "minutes", rows)


def _days_by_minutes(
    month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...], stretch: Stretch
) -> tuple[Node, Node]:
    key = "six_day_week" if stretch.workdays_per_week == 6 else "five_day_week"
    return (
        _workdays_row(month, policy, stretches, stretch),
        given(
            "effective_minutes_per_day",
            policy.working_time.effective_minutes(stretch.workdays_per_week),
            "minutes",
            policy_path=("working_time", "effective_minutes_per_day", key),
        ),
    )


def _workdays_row(
    month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...], stretch: Stretch
) -> Node:  # fmt: skip
    excused = days_without_target(month, policy) & set(stretch.workdays)
    by_recap = _excused_by_recap(month, policy, stretches).get(stretch.first, 0)
    count = len(stretch.workdays) - len(excused) - by_recap
    if not excused and not by_recap:
        return given("workdays", count, "days", {"holidays": stretch.holiday_count})
    return given(
        "workdays_without_excused",
        count,
        "days",
        {"holidays": stretch.holiday_count, "excused": len(excused) + by_recap},
        attendance_days=tuple(day.isoformat() for day in sorted(excused)),
        policy_path=("working_time", "statuses_without_target"),
    )


def days_without_target(month: MonthInput, policy: MonthPolicy) -> set[date]:
    """Return the days that ask for no work because of what attendance says of them."""
    statuses = policy.working_time.statuses_without_target
    return {day.day for day in month.attendance if day.status in statuses}


def totals_of(month: MonthInput, stretches: Sequence[Stretch]) -> AttendanceRecap | None:
    """Return the month's recap where it is all that is known: no workday is known by itself."""
    if month.attendance_recap is None:
        return None
    workdays = {day for stretch in stretches for day in stretch.workdays}
    return None if any(day.day in workdays for day in month.attendance) else month.attendance_recap


def asks_for_work(month: MonthInput, policy: MonthPolicy, stretches: Sequence[Stretch]) -> bool:
    """Whether any workday asks for work: not all are excused."""
    workdays = {day for stretch in stretches for day in stretch.workdays}
    excused = sum(_excused_by_recap(month, policy, stretches).values())
    return len(workdays - days_without_target(month, policy)) > excused


def _excused_by_recap(month: MonthInput, policy: MonthPolicy, stretches: Sequence[Stretch]) -> dict[date, int]:
    """How many days of each stretch, by its first day, a recap excuses.

    It does not say which days they are: they are taken where a day asks for most.
    """
    totals = totals_of(month, stretches)
    if totals is None:
        return {}
    left = sum(totals.count(status) for status in set(policy.working_time.statuses_without_target))
    found = {}
    by_price = sorted(
        stretches,
        key=lambda each: (-policy.working_time.effective_minutes(each.workdays_per_week), each.first),
    )
    for stretch in by_price:
        found[stretch.first] = min(left, len(stretch.workdays))
        left -= found[stretch.first]
    return found


def _entries_by_use(month: MonthInput, rules: EntryRules) -> tuple[tuple[EntryForScore, str | None], ...]:
    """Return each entry with the reason why the policy leaves it out, or None."""
    if (rules.open_conflicts, rules.late_entries) == ("count_server_value", "count"):
        return tuple((entry, None) for entry in entries_in_order(month))
    return tuple((entry, _left_out(entry, rules)) for entry in entries_in_order(month))


def _left_out(entry: EntryForScore, rules: EntryRules) -> str | None:
    if entry.open_conflict and rules.open_conflicts == "leave_out":
        return "open_conflict"
    if rules.late_entries == "leave_out" and entry_timing(entry.work_date, entry.captured_on, rules) != "in_time":
        return "late"
    return None


def _log_days(month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...]) -> Measured:
    """The mean of days with approved entries against effective days, and the quality mark; of one, where one is known."""
    by_day: dict[date, list[str]] = {}
    for entry, left_out in _entries_by_use(month, policy.entries):
        if left_out is None:
            by_day.setdefault(entry.work_date, []).append(entry.entry_id)
    days = tuple(
        given("log_day", 1, "days", {"date": day.isoformat()}, tuple(ids)) for day, ids in sorted(by_day.items())
    )
    workdays = tuple(_workdays_row(month, policy, stretches, stretch) for stretch in stretches)
    ratio = combined(
        "log_days_ratio",
        "percent_of",
        "percent",
        (combined("log_days", "sum", "days", days), combined("effective_days", "sum", "days", workdays)),
    )
    quantity = combined("log_days_percent", "sum", "percent", (ratio, *_capped_and_rounded(ratio.value, policy)))
    if quantity.value is None:
        return Measured((quantity,))
    quality = given("quality" if month.quality is not None else "quality_missing", month.quality, "percent")
    return Measured((combined("quantity_and_quality", "mean", "percent", (quantity, quality)),))


def _capped_and_rounded(percent: Decimal | None, policy: MonthPolicy) -> tuple[Node, ...]:
    if percent is None:
        return ()
    over = (given("over_max", FULL - percent, "percent", {"max": decimal_text(FULL)}),) if percent > FULL else ()
    return (*over, rounding_row(min(percent, FULL), "percent", policy))


def _net_minutes(
    month: MonthInput, policy: MonthPolicy, stretches: tuple[Stretch, ...], counted: Node, target: Node
) -> Node:
    """The lower of what attendance left of the target, and of approved and added minutes."""
    workdays = {day for stretch in stretches for day in stretch.workdays}
    known = sorted((day for day in month.attendance if day.day in workdays), key=lambda day: day.day)
    totals = totals_of(month, stretches)
    deductions = _deductions(known, totals, policy.productivity.deducted_minutes)
    left = combined("reachable_minutes", "sum", "minutes", (target, *deductions))
    if left.value is not None and left.value < 0:
        floor = given("not_below_zero", -left.value, "minutes")
        left = combined("reachable_minutes", "sum", "minutes", (*left.children, floor))
    added = _minutes_of_statuses(known, totals, policy.productivity.added_minutes, "added_minutes", 1)
    worked = combined("worked_minutes", "sum", "minutes", (counted, *added))
    return combined("net_minutes", "lowest", "minutes", (left, worked))


def _deductions(
    days: list[AttendanceDay], totals: AttendanceRecap | None, minutes: tuple[Share, ...]
) -> tuple[Node, ...]:
    of_statuses = _minutes_of_statuses(days, totals, minutes, "deducted_minutes", -1)
    if totals is not None:
        together = totals.late_minutes + totals.early_leave_minutes
        return (*((given("minutes_away", -together, "minutes"),) if together else ()), *of_statuses)
    away = tuple(
        given(
            "minutes_away_day",
            -(day.late_minutes + day.early_leave_minutes),
            "minutes",
            {"date": day.day.isoformat(), "late": day.late_minutes, "early": day.early_leave_minutes},
            attendance_days=(day.day.isoformat(),),
        )
        for day in days
        if day.status == "present" and day.late_minutes + day.early_leave_minutes
    )
    rows = (combined("minutes_away", "sum", "minutes", away),) if away else ()
    return (*rows, *of_statuses)


def _minutes_of_statuses(
    days: list[AttendanceDay], totals: AttendanceRecap | None, minutes: tuple[Share, ...], key: str, sign: int
) -> tuple[Node, ...]:
    rows = []
    for share in minutes:
        of_status = tuple(day.day.isoformat() for day in days if day.status == share.code)
        count = len(of_status) if totals is None else totals.count(share.code)
        if count and share.amount:
            each: dict[str, Param] = {"status": share.code, "days": count, "minutes": int(share.amount)}
            path = ("productivity", key, share.code)
            value = sign * share.amount * count
            rows.append(given(key, value, "minutes", each, attendance_days=of_status, policy_path=path))
    return tuple(rows)

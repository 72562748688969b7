"""Productivity: approved work as a percentage of the month's effective minutes, with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from lontara_server.performance.calendar import weekdays_of, workdays_of
from lontara_server.performance.explanation import Node, Param, combined, decimal_text, given
from lontara_server.performance.intervals import DAY_MINUTES
from lontara_server.performance.minutes import DayCount, count_days
from lontara_server.performance.month import EntryForScore, MonthInput, entries_in_order
from lontara_server.performance.policy import Policy


def productivity_of(month: MonthInput, policy: Policy) -> Node:
    """Return counted minutes / (workdays x effective minutes) in percent, capped and rounded.

    The value is None in a month without a workday: there is no target that work could be held against.
    """
    ratio = combined(
        "productivity_ratio",
        "percent_of",
        "percent",
        (_counted_minutes(month, policy), _target_minutes(month, policy)),
    )
    productivity = combined(
        "productivity",
        "sum",
        "percent",
        (ratio, *_cap_and_rounding(ratio.value, policy)),
        {"weight": policy.productivity_weight},
    )
    if productivity.value is None:
        return productivity
    # The sum is rounded already; this drops the zeros of the quotient's places, so that 76 is written 76.00.
    return replace(productivity, value=policy.rounded(productivity.value))


def _cap_and_rounding(percent: Decimal | None, policy: Policy) -> tuple[Node, ...]:
    if percent is None:
        return ()
    capped = min(percent, policy.score_max)
    rounded = policy.rounded(capped)
    rounding = given(
        "rounding",
        rounded - capped,
        "percent",
        {"mode": policy.rounding_mode, "places": policy.rounding_places},
    )
    if capped == percent:
        return (rounding,)
    over = given("over_max", capped - percent, "percent", {"max": decimal_text(policy.score_max)})
    return over, rounding


def _target_minutes(month: MonthInput, policy: Policy) -> Node:
    weekdays = weekdays_of(month.period, policy.workdays_per_week)
    workdays = workdays_of(month.period, month.holidays, workdays_per_week=policy.workdays_per_week)
    return combined(
        "target_minutes",
        "product",
        "minutes",
        (
            given("workdays", len(workdays), "days", {"holidays": len(weekdays) - len(workdays)}),
            given("effective_minutes_per_day", policy.effective_minutes_per_day, "minutes"),
        ),
    )


def _counted_minutes(month: MonthInput, policy: Policy) -> Node:
    entries = entries_in_order(month)
    days = count_days(entries, day_cap=policy.minutes_counted_per_day_max)
    rows = (*_category_rows(entries), *_overlap_rows(days), *_day_cap_rows(days, policy))
    return combined("counted_minutes", "sum", "minutes", rows)


def _category_rows(entries: Sequence[EntryForScore]) -> tuple[Node, ...]:
    by_category: dict[str, list[EntryForScore]] = {}
    for entry in entries:
        by_category.setdefault(entry.category or "", []).append(entry)
    return tuple(
        combined(
            "category",
            "sum",
            "minutes",
            tuple(_entry_row(entry) for entry in by_category[category]),
            {"category": category or None, "entries": len(by_category[category])},
        )
        for category in sorted(by_category, key=lambda code: (code == "", code))
    )


def _entry_row(entry: EntryForScore) -> Node:
    params: dict[str, Param] = {
        "date": entry.work_date.isoformat(),
        "revision": entry.revision,
        "open_conflict": entry.open_conflict,
    }
    code = "entry_duration"
    if entry.interval is not None:
        start, end = entry.interval
        code = "entry_past_midnight" if end > DAY_MINUTES else "entry_times"
        params |= {"start": _wall_time(start), "end": _wall_time(end)}
    return given(code, entry.minutes, "minutes", params, (entry.entry_id,))


def _overlap_rows(days: Sequence[DayCount]) -> tuple[Node, ...]:
    rows = tuple(
        given(
            "overlap_day",
            -day.overlap_minutes,
            "minutes",
            {"date": day.work_date.isoformat(), "entries": len(day.overlapping_ids)},
            day.overlapping_ids,
        )
        for day in days
        if day.overlap_minutes
    )
    return (combined("overlap", "sum", "minutes", rows),) if rows else ()


def _day_cap_rows(days: Sequence[DayCount], policy: Policy) -> tuple[Node, ...]:
    rows = tuple(
        given(
            "over_day_cap_day",
            -day.over_cap_minutes,
            "minutes",
            {
                "date": day.work_date.isoformat(),
                "minutes": day.counted_minutes + day.over_cap_minutes,
                "cap": policy.minutes_counted_per_day_max,
            },
            day.entry_ids,
        )
        for day in days
        if day.over_cap_minutes
    )
    params: dict[str, Param] = {"cap": policy.minutes_counted_per_day_max}
    return (combined("over_day_cap", "sum", "minutes", rows, params),) if rows else ()


def _wall_time(minute: int) -> str:
    hour, rest = divmod(minute % DAY_MINUTES, 60)
    return f"{hour:02}:{rest:02}"

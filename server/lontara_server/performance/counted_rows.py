"""Rows of the counted minutes: each entry under its category, and what overlaps and caps take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from lontara_server.performance.explanation import Node, Param, combined, decimal_text, given
from lontara_server.performance.intervals import DAY_MINUTES
from lontara_server.performance.minutes import DayCount, category_excess, count_days
from lontara_server.performance.month import EntryForScore
from lontara_server.performance.month_policy import MonthPolicy
from lontara_server.performance.placement import Stretch, stretch_params

Used = tuple[EntryForScore, str | None]


def counted_minutes(entries: Sequence[Used], policy: MonthPolicy, target: Node, stretches: Sequence[Stretch]) -> Node:
    """Return the minutes that count, with a row for each entry.

    entries: in the order of `entries_in_order`, each with the reason why it is left out, or None.
    target: what the month asks for; caps of categories are percentages of it.
    stretches: of the month; where there are several, each has its own rows.
    """
    used = [entry for entry, left_out in entries if left_out is None]
    days = count_days(used, day_cap=policy.working_time.minutes_counted_per_day_max)
    if len(stretches) < 2:
        rows = _rows_of_days(entries, days, policy)
    else:
        rows = _rows_of_stretches(entries, days, policy, stretches)
    rows = (*rows, *_category_cap_rows(used, policy, target))
    counted = combined("counted_minutes", "sum", "minutes", rows)
    over = _month_cap_row(counted, policy)
    return combined("counted_minutes", "sum", "minutes", (*rows, over)) if over else counted


def _rows_of_stretches(
    entries: Sequence[Used], days: Sequence[DayCount], policy: MonthPolicy, stretches: Sequence[Stretch]
) -> tuple[Node, ...]:
    rows = []
    for stretch in stretches:
        of_stretch = _rows_on(entries, days, policy, stretch.holds)
        rows.append(combined("stretch_minutes", "sum", "minutes", of_stretch, stretch_params(stretch)))
    outside = _rows_on(entries, days, policy, lambda day: not any(stretch.holds(day) for stretch in stretches))
    return (*rows, combined("minutes_outside_placements", "sum", "minutes", outside)) if outside else tuple(rows)


def _rows_on(
    entries: Sequence[Used], days: Sequence[DayCount], policy: MonthPolicy, holds: Callable[[date], bool]
) -> tuple[Node, ...]:
    of_days = [(entry, left_out) for entry, left_out in entries if holds(entry.work_date)]
    return _rows_of_days(of_days, [day for day in days if holds(day.work_date)], policy)


def _rows_of_days(entries: Sequence[Used], days: Sequence[DayCount], policy: MonthPolicy) -> tuple[Node, ...]:
    used = [entry for entry, left_out in entries if left_out is None]
    return (*_category_rows(used), *_left_out_rows(entries), *_overlap_rows(days), *_day_cap_rows(days, policy))


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
    # Most rows of an explanation are of this kind: made at once, without `given`.
    params: dict[str, Param] = {
        "date": _day(entry.work_date),
        "revision": entry.revision,
        "open_conflict": entry.open_conflict,
    }
    code = "entry_duration"
    if entry.interval is not None:
        start, end = entry.interval
        code = "entry_past_midnight" if end > DAY_MINUTES else "entry_times"
        params["start"], params["end"] = _wall_time(start), _wall_time(end)
    return Node(code, "given", Decimal(entry.minutes), "minutes", params, (), (entry.entry_id,))


def _left_out_rows(entries: Sequence[Used]) -> tuple[Node, ...]:
    """Entries that the policy leaves out: shown, and worth 0, so that nobody has to look for them."""
    keys = {"open_conflict": "open_conflicts", "late": "late_entries"}
    rows = tuple(
        given(
            "entry_left_out",
            0,
            "minutes",
            {"date": entry.work_date.isoformat(), "minutes": entry.minutes, "why": left_out},
            (entry.entry_id,),
            policy_path=("entries", keys[left_out]),
        )
        for entry, left_out in entries
        if left_out is not None
    )
    return (combined("left_out", "sum", "minutes", rows, {"entries": len(rows)}),) if rows else ()


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


def _day_cap_rows(days: Sequence[DayCount], policy: MonthPolicy) -> tuple[Node, ...]:
    cap = policy.working_time.minutes_counted_per_day_max
    rows = tuple(
        given(
            "over_day_cap_day",
            -day.over_cap_minutes,
            "minutes",
            {"date": day.work_date.isoformat(), "minutes": day.counted_minutes + day.over_cap_minutes, "cap": cap},
            day.entry_ids,
        )
        for day in days
        if day.over_cap_minutes
    )
    path = ("working_time", "minutes_counted_per_day_max")
    return (combined("over_day_cap", "sum", "minutes", rows, {"cap": cap}, policy_path=path),) if rows else ()


def _category_cap_rows(entries: Sequence[EntryForScore], policy: MonthPolicy, target: Node) -> tuple[Node, ...]:
    time = policy.working_time
    if not time.category_caps or target.value is None:
        return ()
    caps = {cap.code: (cap.amount * target.value).scaleb(-2) for cap in time.category_caps}
    excess = category_excess(entries, caps, day_cap=time.minutes_counted_per_day_max)
    if excess is None:
        return ()
    # One row for all of them where only together they are over: minutes that they share have no owner of their own.
    one = len(excess.categories) == 1
    params: dict[str, Param] = {
        "minutes": excess.own_minutes,
        "cap": decimal_text(excess.cap_minutes),
        "category": excess.categories[0] if one else None,
    }
    path = ("working_time", "category_caps", *(excess.categories if one else ()))
    code = "over_category_cap" if one else "over_category_caps"
    ids = tuple(entry.entry_id for entry in entries if entry.category in excess.categories)
    return (given(code, -excess.excess_minutes, "minutes", params, ids, policy_path=path),)


def _month_cap_row(counted: Node, policy: MonthPolicy) -> Node | None:
    cap = policy.working_time.minutes_counted_per_month_max
    if cap is None or counted.value is None or counted.value <= cap:
        return None
    path = ("working_time", "minutes_counted_per_month_max")
    return given("over_month_cap", Decimal(cap) - counted.value, "minutes", {"cap": cap}, policy_path=path)


@cache
def _day(day: date) -> str:
    return day.isoformat()


@cache
def _wall_time(minute: int) -> str:
    hour, rest = divmod(minute % DAY_MINUTES, 60)
    return f"{hour:02}:{rest:02}"

"""What holds for every month: order, overlaps, caps and added work, tried on generated months."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as named

from lontara_server.performance.attendance import STATUSES, AttendanceDay
from lontara_server.performance.behaviour import BERAKHLAK
from lontara_server.performance.explanation import node_from_document, rows_that_do_not_add_up
from lontara_server.performance.minutes import category_excess, count_days
from lontara_server.performance.month import entries_in_order
from lontara_server.performance.placement import Placement
from lontara_server.performance.plans import QuantityOfEntry
from lontara_server.performance.policy import MonthPolicy
from lontara_server.performance.score import EntryForScore, MonthInput, Score, explanation_document, score_month
from lontara_server.performance.year import YearInput, rate_year, year_document
from server.performance.months import (
    MONTH_POLICIES,
    YEAR_POLICIES,
    changed_policy,
    minutes_of,
    month,
    rows,
    shipped_policy,
    year_policy,
)
from server.performance.plan_cases import quantities_of, results

POLICY = shipped_policy()
CAPPED = changed_policy(
    {
        ("working_time", "category_caps"): {"additional_duty": 10, "special_instruction": 5},
        ("working_time", "minutes_counted_per_month_max"): 2400,
    }
)
NO_CAP = changed_policy({("working_time", "minutes_counted_per_day_max"): None})
YEARS = {policy_id: year_policy(policy_id) for policy_id in YEAR_POLICIES}
POLICIES = [*map(shipped_policy, MONTH_POLICIES), CAPPED, changed_policy({("entries", "open_conflicts"): "leave_out"})]
DAY_MINUTES = 1440

# Few days and round times, so that entries meet; a gap and the last days of a month are among them.
days = [date(2026, 2, day) for day in (1, 2, 3, 4, 6, 27, 28)]
dates = st.sampled_from(days)
wall_minutes = st.integers(0, 47).map(lambda half_hours: half_hours * 30)
categories = st.sampled_from(["main_duty", "additional_duty", "special_instruction", None])
policies = st.sampled_from(POLICIES)


@st.composite
def timed_entries(draw: st.DrawFn) -> EntryForScore:
    start, end = draw(wall_minutes), draw(wall_minutes)
    return EntryForScore("", draw(dates), start, end, None, draw(categories), 1, draw(st.booleans()))


@st.composite
def untimed_entries(draw: st.DrawFn) -> EntryForScore:
    return EntryForScore("", draw(dates), None, None, draw(st.integers(1, 600)), draw(categories), 1, False)


@st.composite
def attendance(draw: st.DrawFn) -> tuple[AttendanceDay, ...]:
    known = draw(st.lists(dates, unique=True))
    minutes = st.sampled_from([0, 0, 1, 30, 31, 60, 61, 90, 91, 400])
    return tuple(
        AttendanceDay(
            day,
            draw(st.sampled_from(STATUSES)),
            draw(minutes),
            draw(minutes),
            has_check_in=draw(st.booleans()),
            has_check_out=draw(st.booleans()),
        )
        for day in known
    )


placements = st.lists(
    st.builds(
        Placement,
        dates,
        st.none() | dates,
        st.sampled_from(["unit-1", "unit-2"]),
        st.none(),
        st.sampled_from([None, 5, 6]),
    ),
    max_size=3,
).map(tuple)
seven = st.fixed_dictionaries({value: st.integers(1, 5).map(Decimal) for value in BERAKHLAK})
ratings: st.SearchStrategy[dict[str, Decimal]] = st.just({}) | seven
percents = st.none() | st.integers(0, 120).map(Decimal)


def with_ids(entries: list[EntryForScore]) -> list[EntryForScore]:
    return [named(entry, entry_id=f"entry-{number:02}") for number, entry in enumerate(entries)]


timed_months = st.lists(timed_entries(), max_size=12).map(with_ids)
mixed_months = st.lists(timed_entries() | untimed_entries(), max_size=12).map(with_ids)


@st.composite
def whole_months(draw: st.DrawFn) -> MonthInput:
    """Months of which anything may be known, or not."""
    return month(
        draw(mixed_months),
        holidays=frozenset(draw(st.lists(dates))),
        silent_devices=draw(st.integers(0, 1)),
        attendance=draw(attendance()),
        placements=draw(placements),
        behaviour=draw(ratings),
        quality=draw(percents),
        budget_absorption=draw(percents),
    )


def minutes_on_the_clock(entries: Iterable[EntryForScore]) -> set[int]:
    """Every minute that any entry covers, one by one: the plain meaning of `counts once`."""
    covered: set[int] = set()
    for entry in entries:
        assert entry.interval is not None
        midnight = entry.work_date.toordinal() * DAY_MINUTES
        covered.update(range(midnight + entry.interval[0], midnight + entry.interval[1]))
    return covered


def productivity_of(score: Score) -> Decimal | None:
    (part,) = [part for part in score.parts if part.part == "productivity"]
    return None if part.points is None else part.points.value


def as_bytes(work: MonthInput, policy: MonthPolicy) -> str:
    return json.dumps(explanation_document(score_month(work, policy)))


@settings(max_examples=120, deadline=None)
@given(st.data(), whole_months(), policies)
def test_entries_days_and_placements_in_another_order_give_the_same_bytes(
    data: st.DataObject, work: MonthInput, policy: MonthPolicy
) -> None:
    shuffled = replace(
        work,
        entries=tuple(data.draw(st.permutations(work.entries))),
        attendance=tuple(data.draw(st.permutations(work.attendance))),
        placements=tuple(data.draw(st.permutations(work.placements))),
    )

    documents = [as_bytes(each, policy) for each in (work, shuffled)]

    assert documents[0] == documents[1]


@settings(max_examples=100, deadline=None)
@given(st.data(), mixed_months)
def test_devices_and_batches_that_brought_the_entries_leave_no_trace(
    data: st.DataObject, entries: list[EntryForScore]
) -> None:
    """Each entry lies on one of three devices, which send them in batches of any size, one after the other."""
    device_of = {entry.entry_id: data.draw(st.integers(0, 2)) for entry in entries}
    arrived: list[EntryForScore] = []
    waiting = [[entry for entry in entries if device_of[entry.entry_id] == device] for device in range(3)]
    while any(waiting):
        queue = data.draw(st.sampled_from([queue for queue in waiting if queue]))
        size = data.draw(st.integers(1, len(queue)))
        arrived += queue[:size]
        del queue[:size]

    documents = [as_bytes(month(order), POLICY) for order in (entries, arrived)]

    assert documents[0] == documents[1]


@settings(max_examples=120, deadline=None)
@given(timed_months)
def test_without_a_cap_every_minute_worked_counts_exactly_once(entries: list[EntryForScore]) -> None:
    score = score_month(month(entries), NO_CAP)

    assert minutes_of(score.explanation, "counted_minutes") == len(minutes_on_the_clock(entries))


@settings(max_examples=200, deadline=None)
@given(whole_months(), timed_entries() | untimed_entries(), policies)
def test_adding_approved_work_never_lowers_productivity(
    work: MonthInput, added: EntryForScore, policy: MonthPolicy
) -> None:
    before = score_month(work, policy)

    after = score_month(replace(work, entries=(*work.entries, named(added, entry_id="added"))), policy)

    productivity = [productivity_of(score) for score in (before, after)]
    if productivity[0] is not None:
        assert productivity[1] is not None
        assert productivity[0] <= productivity[1]


@settings(max_examples=120, deadline=None)
@given(mixed_months, timed_entries() | untimed_entries())
def test_adding_approved_work_never_lowers_minutes_or_score(entries: list[EntryForScore], added: EntryForScore) -> None:
    before = score_month(month(entries), POLICY)

    after = score_month(month([*entries, named(added, entry_id="added")]), POLICY)

    counted = [minutes_of(score.explanation, "counted_minutes") for score in (before, after)]
    assert counted[0] <= counted[1]
    assert before.value is not None
    assert after.value is not None
    assert before.value <= after.value


@settings(max_examples=60, deadline=None)
@given(timed_months, st.integers(0, 900), st.integers(0, 900))
def test_caps_of_categories_cost_as_little_as_they_can(
    entries: list[EntryForScore], additional: int, special: int
) -> None:
    """Against the plain meaning: each half hour goes to one of its categories, the best way that there is."""
    caps = {"additional_duty": Decimal(additional), "special_instruction": Decimal(special)}
    ordered = entries_in_order(month(entries))
    whole = sum(day.counted_minutes for day in count_days(ordered, day_cap=None))

    excess = category_excess(ordered, caps, day_cap=None)

    assert whole - (excess.excess_minutes if excess else 0) == best_way(entries, additional, special)


def best_way(entries: Iterable[EntryForScore], additional: int, special: int) -> int:
    """The most minutes that can count: those of both capped categories alone are the only choice that there is."""
    free, only_a, only_s, both = 0, 0, 0, 0
    covers: dict[int, set[str | None]] = {}
    for entry in entries:
        for minute in minutes_on_the_clock([entry]):
            covers.setdefault(minute, set()).add(entry.category)
    for found in covers.values():
        capped = found & {"additional_duty", "special_instruction"}
        free += bool(found - capped)
        only_a += found == {"additional_duty"}
        only_s += found == {"special_instruction"}
        both += found == {"additional_duty", "special_instruction"}
    return max(free + min(additional, only_a + to_a) + min(special, only_s + both - to_a) for to_a in range(both + 1))


@settings(max_examples=120, deadline=None)
@given(whole_months(), policies)
def test_every_level_adds_up_and_every_entry_that_counts_has_one_row(work: MonthInput, policy: MonthPolicy) -> None:
    score = score_month(work, policy)

    tree = score.explanation
    codes = ("entry_times", "entry_past_midnight", "entry_duration", "entry_left_out", "log_day")
    named = [entry_id for code in codes for row in rows(tree, code) for entry_id in row.entry_ids]
    assert rows_that_do_not_add_up(tree) == []
    assert sorted(named) == sorted(entry.entry_id for entry in work.entries)
    assert node_from_document(json.loads(json.dumps(explanation_document(score)))["explanation"]) == tree
    assert score.value is None or 0 <= score.value <= policy.score_max


@settings(max_examples=120, deadline=None)
@given(whole_months(), policies)
def test_whoever_is_known_to_be_complete_has_a_final_score_and_nobody_else(
    work: MonthInput, policy: MonthPolicy
) -> None:
    score = score_month(work, policy)

    known = score.coverage
    is_whole = not (
        known["parts_missing"] or known["known_unsent"] or known["silent_devices"] or known["open_conflicts"]
    )
    assert score.provisional == bool(score.reasons)
    assert is_whole or score.provisional


@settings(max_examples=120, deadline=None)
@given(whole_months(), attendance())
def test_a_day_without_a_feed_never_costs_anything(work: MonthInput, days_known: tuple[AttendanceDay, ...]) -> None:
    """Whatever is known of some days: to know less of them never makes discipline lower."""
    few = score_month(replace(work, attendance=days_known[:1]), POLICY)

    more = score_month(replace(work, attendance=days_known), POLICY)

    left = [
        [part.points.value for part in score.parts if part.part == "discipline" and part.points is not None]
        for score in (few, more)
    ]
    if left[0] and left[1]:
        assert left[0][0] is not None
        assert left[1][0] is not None
        assert left[0][0] >= left[1][0]


@settings(max_examples=100, deadline=None)
@given(st.data(), quantities_of(), st.sampled_from(YEAR_POLICIES), ratings)
def test_a_year_in_another_order_gives_the_same_bytes_and_adds_up(
    data: st.DataObject, entries: list[QuantityOfEntry], policy_id: str, behaviour: dict[str, Decimal]
) -> None:
    plans = results()
    years = [
        YearInput("employee-1", 2026, tuple(of_plans), tuple(of_entries), behaviour)
        for of_plans, of_entries in (
            (plans, entries),
            (data.draw(st.permutations(plans)), data.draw(st.permutations(entries))),
        )
    ]

    rated = [rate_year(year, YEARS[policy_id]) for year in years]

    assert json.dumps(year_document(rated[0])) == json.dumps(year_document(rated[1]))
    assert rows_that_do_not_add_up(rated[0].explanation) == []


@settings(max_examples=100, deadline=None)
@given(quantities_of(), st.integers(0, 50))
def test_an_approved_quantity_more_never_lowers_the_achievement(entries: list[QuantityOfEntry], more: int) -> None:
    added = QuantityOfEntry("added", "r1", Decimal(more), "Dokumen")

    before, after = (
        rate_year(YearInput("employee-1", 2026, tuple(results()), tuple(of)), YEARS["permenpanrb-6-2022"])
        for of in (entries, [*entries, added])
    )

    assert before.work_result is not None
    assert after.work_result is not None
    assert before.work_result <= after.work_result

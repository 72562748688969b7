"""What holds for every month: order, overlaps and added work, tried on generated months."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from lontara_server.performance.explanation import rows_that_do_not_add_up
from lontara_server.performance.score import EntryForScore, explanation_document, score_month
from server.performance.months import minutes_of, month, rows, shipped_policy

POLICY = shipped_policy()
DAY_MINUTES = 1440

# Few days and round times, so that entries meet; a gap and the last days of a month are among them.
dates = st.sampled_from([date(2026, 2, day) for day in (1, 2, 3, 4, 6, 27, 28)])
wall_minutes = st.integers(0, 47).map(lambda half_hours: half_hours * 30)
categories = st.sampled_from(["main_duty", "additional_duty", None])


@st.composite
def timed_entries(draw: st.DrawFn) -> EntryForScore:
    start, end = draw(wall_minutes), draw(wall_minutes)
    return EntryForScore("", draw(dates), start, end, None, draw(categories), 1, draw(st.booleans()))


@st.composite
def untimed_entries(draw: st.DrawFn) -> EntryForScore:
    return EntryForScore("", draw(dates), None, None, draw(st.integers(1, 600)), draw(categories), 1, False)


def with_ids(entries: list[EntryForScore]) -> list[EntryForScore]:
    return [replace(entry, entry_id=f"entry-{number:02}") for number, entry in enumerate(entries)]


timed_months = st.lists(timed_entries(), max_size=12).map(with_ids)
mixed_months = st.lists(timed_entries() | untimed_entries(), max_size=12).map(with_ids)


def minutes_on_the_clock(entries: list[EntryForScore]) -> set[int]:
    """Every minute that any entry covers, one by one: the plain meaning of `counts once`."""
    covered: set[int] = set()
    for entry in entries:
        assert entry.interval is not None
        midnight = entry.work_date.toordinal() * DAY_MINUTES
        covered.update(range(midnight + entry.interval[0], midnight + entry.interval[1]))
    return covered


@settings(max_examples=200, deadline=None)
@given(st.data(), mixed_months)
def test_entries_in_another_order_give_the_same_bytes(data: st.DataObject, entries: list[EntryForScore]) -> None:
    shuffled = data.draw(st.permutations(entries))

    documents = [explanation_document(score_month(month(order), POLICY)) for order in (entries, shuffled)]

    assert json.dumps(documents[0]) == json.dumps(documents[1])


@settings(max_examples=200, deadline=None)
@given(timed_months)
def test_without_a_cap_every_minute_worked_counts_exactly_once(entries: list[EntryForScore]) -> None:
    no_cap = replace(POLICY, minutes_counted_per_day_max=3 * DAY_MINUTES)

    score = score_month(month(entries), no_cap)

    assert minutes_of(score.explanation, "counted_minutes") == len(minutes_on_the_clock(entries))


@settings(max_examples=200, deadline=None)
@given(mixed_months, timed_entries() | untimed_entries())
def test_adding_approved_work_never_lowers_minutes_or_score(entries: list[EntryForScore], added: EntryForScore) -> None:
    before = score_month(month(entries), POLICY)

    after = score_month(month([*entries, replace(added, entry_id="added")]), POLICY)

    counted = [minutes_of(score.explanation, "counted_minutes") for score in (before, after)]
    assert counted[0] <= counted[1]
    assert before.value is not None
    assert after.value is not None
    assert before.value <= after.value


@settings(max_examples=200, deadline=None)
@given(mixed_months)
def test_every_level_adds_up_and_every_entry_has_one_row(entries: list[EntryForScore]) -> None:
    score = score_month(month(entries), POLICY)

    tree = score.explanation
    entry_rows = [row for code in ("entry_times", "entry_past_midnight", "entry_duration") for row in rows(tree, code)]
    assert rows_that_do_not_add_up(tree) == []
    assert sorted(row.entry_ids for row in entry_rows) == sorted((entry.entry_id,) for entry in entries)
    assert all(row.entry_ids for row in rows(tree, "overlap_day"))
    assert minutes_of(tree, "counted_minutes") <= 480 * len({entry.work_date for entry in entries})

"""Rules across a person's entries: overlaps, near-duplicates, minutes and dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.record_rules import (
    Work,
    is_future,
    is_late,
    minutes_over,
    near_duplicate,
    overlap,
    pair_kind,
    similar,
)

DAY = date(2026, 11, 18)
times = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
works = st.builds(
    Work,
    id=st.sampled_from("abc"),
    work_date=st.sampled_from([DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]),
    title=st.sampled_from(["Mendata sawah", "mendata  sawah", "Rapat"]),
    start_time=times,
    end_time=times,
    device=st.sampled_from(["x", "y"]),
)


def work(name: str = "a", start: str | None = "08:00", end: str | None = "09:00", **changes: object) -> Work:
    values = {"id": name, "work_date": DAY, "title": "Mendata sawah", "device": "x", **changes}
    return Work(start_time=start, end_time=end, **values)  # type: ignore[arg-type]


@given(works, works)
def test_the_rules_of_pairs_do_not_ask_who_comes_first(first: Work, second: Work) -> None:
    assert overlap(first, second) == overlap(second, first)
    assert near_duplicate(first, second) == near_duplicate(second, first)
    assert pair_kind(first, second) == pair_kind(second, first)


@given(works, works)
def test_overlap_is_a_shared_minute(first: Work, second: Work) -> None:
    def minutes(work: Work) -> set[int]:
        assert work.interval is not None
        return set(range(*work.interval))

    assert overlap(first, second) == (first.id != second.id and bool(minutes(first) & minutes(second)))


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (work("b", "08:30", "08:45"), True),
        (work("b", "09:00", "10:00"), False),
        (work("b", "07:00", "08:00"), False),
        (work("b", "23:00", "08:30", work_date=DAY - timedelta(days=1)), True),
        (work("b", "08:30", "09:30", work_date=DAY - timedelta(days=1)), False),
        (work("b", None, None, duration_minutes=600), False),
    ],
)
def test_intervals_overlap_also_past_midnight_and_touching_ends_do_not(other: Work, overlaps: bool) -> None:
    assert overlap(work(), other) is overlaps


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (work("b", device="y"), True),
        (work("b", "09:00", "10:00", device="y"), True),
        (work("b", None, None, duration_minutes=60, device="y"), True),
        (work("b", "10:00", "11:00", device="y"), False),
        (work("b", device="x"), False),
        (work("b", device="y", title="Rapat koordinasi"), False),
        (work("b", device="y", work_date=DAY + timedelta(days=1)), False),
    ],
)
def test_a_near_duplicate_is_the_same_work_from_another_device(other: Work, expected: bool) -> None:
    assert near_duplicate(work(), other) is expected


def test_titles_are_similar_whatever_their_case_and_spacing() -> None:
    assert similar("Mendata  SAWAH", "mendata sawah")
    assert not similar("Mendata sawah", "Menyusun laporan")


@pytest.mark.parametrize(("minutes", "over"), [(460, False), (461, True)])
def test_a_day_is_over_from_the_minute_after_the_bound(minutes: int, over: bool) -> None:
    entries = [work("a", None, None, duration_minutes=500), work("b", None, None, duration_minutes=minutes)]

    assert (DAY in minutes_over(entries)) is over


@pytest.mark.parametrize(("ahead", "future"), [(0, False), (1, False), (2, True)])
def test_a_date_is_future_beyond_a_day_of_grace(ahead: int, future: bool) -> None:
    assert is_future(DAY + timedelta(days=ahead), DAY) is future


@pytest.mark.parametrize(("days", "late"), [(7, False), (8, True)])
def test_an_entry_is_late_when_it_was_written_more_than_seven_days_after(days: int, late: bool) -> None:
    assert is_late(DAY - timedelta(days=days), DAY) is late

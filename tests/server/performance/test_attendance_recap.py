"""Recaps of days: what punches, hours and what is said of a day make of it; each way in which real logs are untidy."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from lontara_server.performance.attendance_recap import (
    CLOSED,
    PUNCH_STATUSES,
    DayRecap,
    Given,
    Hours,
    Punch,
    by_work_day,
    recap_of,
    recaps_of,
)

MONDAY, TUESDAY, SUNDAY = date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 1)
OFFICE = Hours(7 * 60 + 30, 16 * 60)
NIGHT = Hours(22 * 60, 30 * 60)


def punched(*told: str, day: date = MONDAY) -> list[Punch]:
    """Punches such as "07:30 0" or "07:30:20 0"; "+" before the time: on the next day."""
    found = []
    for each in told:
        time, status = each.removeprefix("+").split()
        on = TUESDAY if each.startswith("+") else day
        found.append(Punch(datetime.fromisoformat(f"{on} {time}"), int(status)))
    return found


def recap(*told: str, hours: Hours | None = OFFICE, said: Given | None = None, day: date = MONDAY) -> DayRecap | None:
    said_of = {} if said is None else {day: said}
    return recaps_of([day], punched(*told), said_of, lambda on: hours if on.weekday() < 5 else None).get(day)


def figures(found: DayRecap | None) -> tuple[object, ...]:
    assert found is not None
    return found.status, found.late_minutes, found.early_leave_minutes, found.has_check_in, found.has_check_out


@pytest.mark.parametrize(
    ("told", "late", "early", "has_in", "has_out"),
    [
        pytest.param(["07:30:00 0", "16:00:00 1"], 0, 0, True, True, id="in time"),
        pytest.param(["07:30:59 0", "15:59:01 1"], 0, 0, True, True, id="seconds are no minute"),
        pytest.param(["07:31 0", "15:59 1"], 1, 1, True, True, id="a minute is a minute"),
        pytest.param(["08:01 0", "15:29 1"], 31, 31, True, True, id="past the half hour"),
        pytest.param(["07:30 0"], 0, 0, True, False, id="no check-out"),
        pytest.param(["16:00 1"], 0, 0, False, True, id="no check-in"),
        pytest.param(["07:30:00 0", "07:30:40 0", "16:00 1", "16:00:30 1"], 0, 0, True, True, id="pressed twice"),
        pytest.param(["07:30 0", "12:00 2", "13:00 3", "16:00 1"], 0, 0, True, True, id="a break is no leaving"),
        pytest.param(["07:30 0", "12:00 2"], 0, 0, True, False, id="who leaves for a break has not checked out"),
        pytest.param(["07:30 0", "12:00 1", "13:00 0", "16:00 1"], 0, 0, True, True, id="the last leaving counts"),
        pytest.param(["06:26:56 0", "06:27:04 1", "22:05 0"], 0, 0, True, False, id="both buttons on arrival"),
        pytest.param(["06:27:04 1", "06:27:10 0", "16:01 1"], 0, 0, True, True, id="the wrong button first"),
        pytest.param(["07:30 0", "15:00:00 0", "15:00:08 1"], 0, 59, True, True, id="both buttons on leaving"),
        pytest.param(["15:00:00 0", "15:00:08 1"], 0, 59, False, True, id="both on leaving, and no arrival"),
        pytest.param(["16:20 0"], 0, 0, False, False, id="the button of arrival after the hours"),
        pytest.param(["07:30 0", "16:00 1", "19:00 4", "21:00 5"], 0, 0, True, True, id="overtime after the hours"),
        pytest.param(["07:30 0", "15:00 1", "19:00 4", "21:00 5"], 0, 60, True, True, id="overtime heals no early leaving"),
        pytest.param(["07:30 0", "20:00 5"], 0, 0, True, True, id="leaving by the button of overtime"),
        pytest.param(["07:20 4", "16:00 1"], 0, 0, True, True, id="arriving by the button of overtime"),
        pytest.param(["17:00 4", "20:00 5"], 0, 0, False, True, id="only overtime is no arrival in time"),
        pytest.param(["07:30 0", "+02:30 5"], 0, 0, True, True, id="overtime past midnight"),
        pytest.param(["07:30 0", "+07:28 1"], 0, 0, True, False, id="a day later is no leaving of the day before"),
    ],
)
def test_punches_make_a_day(told: list[str], late: int, early: int, has_in: bool, has_out: bool) -> None:
    found = recap(*told)

    assert figures(found) == ("present", late, early, has_in, has_out)


@pytest.mark.parametrize(("came", "late"), [("07:45", 0), ("07:46", 16)])
def test_who_comes_within_the_grace_is_in_time_and_who_comes_later_is_late_from_the_start(came: str, late: int) -> None:
    found = recap(f"{came} 0", "16:00 1", hours=Hours(OFFICE.start, OFFICE.end, 15))

    assert figures(found)[1] == late


@pytest.mark.parametrize(
    ("told", "late", "early", "has_in"),
    [
        (["21:50 0", "+06:10 1"], 0, 0, True),
        (["22:20 0", "+05:30 1"], 20, 30, True),
        (["+00:20 0", "+06:00 1"], 140, 0, True),
        (["+06:10 1"], 0, 0, False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_its_shift_began(
    told: list[str], late: int, early: int, has_in: bool
) -> None:
    found = recap(*told, hours=NIGHT)

    assert figures(found) == ("present", late, early, has_in, True)


def test_a_day_off_with_punches_is_present_and_nobody_is_late_on_it() -> None:
    found = recaps_of([SUNDAY], punched("10:00 0", "11:00 1", day=SUNDAY), {}, lambda _: None)[SUNDAY]

    assert figures(found) == ("present", 0, 0, True, True)


def test_a_day_of_which_nothing_is_known_has_no_recap() -> None:
    assert recap() is None


def test_a_closed_day_without_punches_is_absence() -> None:
    found = recap(said=Given(CLOSED))

    assert (figures(found)[0], found and found.origin) == ("absent_unexcused", "given")


def test_punches_that_come_after_the_day_was_closed_take_the_place_of_absence() -> None:
    found = recap("07:40 0", "16:00 1", said=Given(CLOSED))

    assert figures(found) == ("present", 10, 0, True, True)


def test_what_is_said_of_a_day_goes_before_its_punches_and_keeps_their_times() -> None:
    found = recap("09:00 0", said=Given("official_travel"))

    assert figures(found) == ("official_travel", 0, 0, True, True)
    assert found is not None
    assert (found.first_in, found.origin) == (datetime.fromisoformat("2026-02-02 09:00"), "given")


def test_a_correction_changes_the_minutes_that_it_names_and_leaves_the_others() -> None:
    found = recap("08:30 0", "15:00 1", said=Given("present", late_minutes=0))

    assert figures(found) == ("present", 0, 60, True, True)


def test_each_punch_says_what_it_counted_as() -> None:
    found = recap("07:30:00 0", "07:30:40 0", "12:00 2", "16:00 1")

    assert found is not None
    assert [use for _, use in found.uses] == ["check_in", "repeated", "noted", "check_out"]


PUNCHES = st.lists(
    st.builds(
        Punch,
        st.datetimes(*map(datetime.fromisoformat, ("2026-02-01", "2026-02-08"))).map(lambda at: at.replace(microsecond=0)),
        st.sampled_from(PUNCH_STATUSES),
    ),
    max_size=30,
)


@drawn(PUNCHES, st.data(), st.sampled_from([OFFICE, NIGHT, None]))
def test_the_order_of_punches_and_their_repetition_change_no_recap(
    punches: list[Punch], data: st.DataObject, hours: Hours | None
) -> None:
    again = data.draw(st.permutations([*punches, *punches]))

    recaps = [recaps_of([MONDAY, TUESDAY], each, {}, lambda _: hours) for each in (punches, again)]

    assert recaps[0] == recaps[1]


@drawn(PUNCHES, st.sampled_from([OFFICE, NIGHT, None]))
def test_each_punch_belongs_to_one_day_and_counts_once(punches: list[Punch], hours: Hours | None) -> None:
    days = by_work_day(punches, lambda _: hours)

    assert sorted(each for theirs in days.values() for each in theirs) == sorted(set(punches))
    for day, theirs in days.items():
        found = recap_of(day, theirs, hours)
        assert found is not None
        assert sum(use == "check_in" for _, use in found.uses) <= 1
        assert sum(use == "check_out" for _, use in found.uses) <= 1
        assert min(found.late_minutes, found.early_leave_minutes) >= 0
        assert found.first_in is None or found.last_out is None or found.first_in <= found.last_out


@pytest.mark.parametrize(
    ("until", "hours", "said", "has_out"),
    [
        ("2026-02-02 12:00", OFFICE, None, True),
        ("2026-02-02 23:59", OFFICE, None, True),
        ("2026-02-03 00:00", OFFICE, None, False),
        ("2026-02-02 12:00", OFFICE, Given(CLOSED), False),
        ("2026-02-02 12:00", None, None, True),
        ("2026-02-03 12:00", NIGHT, None, True),
        ("2026-02-04 00:10", NIGHT, None, False),
    ],
)
def test_a_check_out_is_missing_only_once_the_machine_has_told_of_a_later_day(
    until: str, hours: Hours | None, said: Given | None, has_out: bool
) -> None:
    punches = [Punch(datetime.fromisoformat("2026-02-02 07:30"), 0, "7")]

    found = recap_of(MONDAY, punches, hours, said, {"7": datetime.fromisoformat(until)})

    assert found is not None
    assert (found.has_check_in, found.has_check_out) == (True, has_out)

"""A person's placements through time: transfers, acting periods, and the rows that they turn into."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lontara_server.services.timeline import (
    FIELDS,
    OPEN,
    Stretch,
    on_day,
    onward,
    steps,
    stretches_of,
    told_last,
    within,
)
from lontara_server.storage.people import AssignmentRow

BEGIN = date(2026, 11, 1)
HOME = Stretch(date(2000, 1, 1), OPEN, "A", "Pengelola", "chief")


def day(number: int) -> date:
    return BEGIN + timedelta(days=number - 1)


def spoken(stretches: list[Stretch]) -> list[tuple[Any, ...]]:
    return [(each.first, each.last, each.org_unit, each.supervisor, each.acting_supervisor) for each in stretches]


def row(stretch: Stretch, number: int = 1) -> AssignmentRow:
    last = None if stretch.last == OPEN else stretch.last
    return AssignmentRow(f"{number:05}", 1, "e", valid_from=stretch.first, valid_to=last, **stretch.values)


def test_an_acting_period_ends_and_the_former_placement_goes_on() -> None:
    found = within([HOME], {"acting_supervisor": "acting"}, day(10), day(20))

    assert spoken(found) == [
        (date(2000, 1, 1), day(9), "A", "chief", None),
        (day(10), day(20), "A", "chief", "acting"),
        (day(21), OPEN, "A", "chief", None),
    ]


def test_a_transfer_within_an_acting_period_lasts_beyond_it() -> None:
    acting = within([HOME], {"acting_supervisor": "acting"}, day(10), day(20))

    found = onward(acting, {"org_unit": "B"}, day(15), along={"acting_supervisor": None})

    assert [(each.first, each.org_unit, each.acting_supervisor) for each in found] == [
        (date(2000, 1, 1), "A", None),
        (day(10), "A", "acting"),
        (day(15), "B", None),
        (day(21), "B", None),
    ]


def test_what_is_planned_for_a_later_day_stays_as_it_is() -> None:
    planned = onward([HOME], {"org_unit": "C"}, day(25))

    found = onward(planned, {"org_unit": "B"}, day(15))

    assert [(each.first, each.org_unit) for each in found] == [
        (date(2000, 1, 1), "A"),
        (day(15), "B"),
        (day(25), "C"),
    ]


def test_what_was_never_known_counts_from_the_start_where_no_day_is_told() -> None:
    nobody = Stretch(date(2000, 1, 1), OPEN, "A")

    filled = onward([nobody], {"supervisor": "chief"}, day(15), filling=True)
    told = onward([nobody], {"supervisor": "chief"}, day(15))

    assert [each.first for each in filled] == [date(2000, 1, 1)]
    assert [each.first for each in told] == [date(2000, 1, 1), day(15)]


def test_rows_that_lie_over_each_other_are_read_as_the_one_that_begins_last() -> None:
    over = Stretch(day(10), day(20), "B")

    found = stretches_of([row(HOME, 1), row(over, 2)])

    assert [(each.first, each.org_unit) for each in found] == [
        (date(2000, 1, 1), "A"),
        (day(10), "B"),
        (day(21), "A"),
    ]


days = st.integers(1, 40).map(day)
changes = st.tuples(st.sampled_from(FIELDS), st.sampled_from(["A", "B", "C"]), days, st.none() | days)


def said(stretches: list[Stretch], when: date) -> dict[str, str | None] | None:
    here = on_day(stretches, when)
    return None if here is None else here.values


def written(rows: list[AssignmentRow], wanted: list[Stretch], number: int) -> list[AssignmentRow]:
    """The rows after the steps, as the database would hold them."""
    todo = steps(rows, wanted)
    kept = {each.id: each for each in rows if each not in todo.voided}
    for changed, values in todo.changed:
        last = values.get("valid_to", told_last(Stretch(changed.valid_from, changed.valid_to or OPEN)))
        fields = {**{name: getattr(changed, name) for name in FIELDS}, **values}
        fields["valid_to"] = None if last is None else date.fromisoformat(last)
        kept[changed.id] = AssignmentRow(changed.id, changed.revision + 1, "e", valid_from=changed.valid_from, **fields)
    made = [row(each, 1000 * number + place) for place, each in enumerate(todo.created)]
    return [*kept.values(), *made]


@given(st.lists(changes, max_size=6))
def test_a_period_changes_its_own_days_and_no_other_and_the_rows_hold_what_is_wanted(
    told: list[tuple[str, str, date, date | None]],
) -> None:
    rows = [row(HOME)]
    for number, (name, value, first, end) in enumerate(told, start=2):
        before = stretches_of(rows)
        last = OPEN if end is None else max(first, end)
        wanted = within(before, {name: value}, first, last)
        for place in range(-3, 50):
            when = day(place)
            expected = said(before, when) or dict.fromkeys(FIELDS)
            if first <= when <= last:
                expected = {**expected, name: value}
            assert said(wanted, when) == expected
        rows = written(rows, wanted, number)
        assert stretches_of(rows) == wanted

    again = stretches_of(rows)
    ends = [each.last for each in again[:-1]]
    assert all(end < following.first for end, following in zip(ends, again[1:], strict=True))


@given(st.lists(changes, max_size=5))
def test_the_same_told_twice_changes_nothing_the_second_time(
    told: list[tuple[str, str, date, date | None]],
) -> None:
    stretches = [HOME]
    for name, value, first, _ in told:
        stretches = onward(stretches, {name: value}, first)

        again = onward(stretches, {name: value}, first)

        assert again == stretches

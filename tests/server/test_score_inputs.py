"""What a score rests on beside entries, read from the tables: each is in the explanation, and missing is never zero."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from engines.places import Place
from lontara_server.services.policy_store import activate, import_policy
from lontara_server.services.scores import check_stored, compute_period, fresh_scores
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import Assignment, OrgUnit
from lontara_server.storage.scores import employees_to_score
from server.scored import (
    NOW,
    ORG,
    OTHER_UNIT,
    PERIOD,
    WORKDAYS,
    add_conflict,
    add_day,
    add_entry,
    add_present_month,
    add_recap,
    add_unit,
    codes_in,
    ms_of,
    open_office,
    rate_behaviour,
    row_of,
    set_absorption,
    set_base,
    set_calendar,
    set_mark,
    shown,
    transfer,
    uid,
    worker_of,
)
from server.test_policies import text_of

FIRST = date(2026, 10, 1)


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    engine = open_office(place)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as connection:
        yield connection


def use_policy(connection: Connection, policy_id: str) -> None:
    activate(connection, ORG, policy_id, 1, "2026-10", reason="Perbup 12/2026", by="admin", now_ms=NOW)


def unit_of_worker(connection: Connection) -> str:
    query = select(Assignment.org_unit).where(Assignment.org_id == ORG, Assignment.employee == worker_of(connection))
    return str(connection.scalar(query))


def test_attendance_makes_the_part_of_discipline(connection: Connection) -> None:
    add_entry(connection, 1)
    add_present_month(connection)

    document = shown(connection)

    # 120 of 22 x 300 minutes is 1.82 %, by 60; discipline is full.
    assert document["value"] == "41.09"
    assert [(part["part"], part["percent"]) for part in document["parts"]] == [
        ("productivity", "1.82"), ("discipline", "100.00"),
    ]  # fmt: skip


def test_minutes_late_cost_what_the_ladder_says_and_name_their_day(connection: Connection) -> None:
    add_entry(connection, 1)
    for day in WORKDAYS:
        add_day(connection, day, late=31 if day == WORKDAYS[3] else 0)

    document = shown(connection)

    late = row_of(document["explanation"], "late_day")
    assert late is not None
    assert (late["value"], late["attendance_days"]) == ("-1", [WORKDAYS[3].isoformat()])


def test_a_day_without_a_feed_is_told_and_costs_nothing(connection: Connection) -> None:
    add_entry(connection, 1)
    add_day(connection, WORKDAYS[0])

    document = shown(connection)

    assert document["parts"][1]["percent"] == "100.00"
    assert "attendance_incomplete" in document["reasons"]
    assert len(document["coverage"]["days_without_feed"]) == len(WORKDAYS) - 1


def test_a_month_s_recap_makes_discipline_where_no_day_is_known(connection: Connection) -> None:
    add_entry(connection, 1)
    add_recap(connection, '{"late_minutes":0,"days":{"absent_unexcused":2,"present":20}}')

    document = shown(connection)

    assert document["parts"][1]["percent"] == "94.00"


def test_a_transfer_in_mid_month_makes_two_stretches_by_their_own_calendars(connection: Connection) -> None:
    add_entry(connection, 1)
    add_unit(connection)
    transfer(connection, 50, date(2026, 10, 16))
    set_calendar(connection, OTHER_UNIT, 6)

    document = shown(connection)

    target = row_of(document["explanation"], "target_minutes_of_stretches")
    assert target is not None
    # 11 days of 300 minutes in the old unit; 14 of 250 in the new one, whose week has six days.
    assert [child["value"] for child in target["children"]] == ["3300", "3500"]
    assert target["children"][1]["params"]["unit"] == "Seksi Lapangan"


def test_a_supervisor_who_changes_makes_no_stretch(connection: Connection) -> None:
    add_entry(connection, 1)
    transfer(connection, 50, date(2026, 10, 16), unit=unit_of_worker(connection))

    document = shown(connection)

    assert row_of(document["explanation"], "target_minutes_of_stretches") is None


def test_the_org_s_calendar_holds_where_the_unit_has_none_of_its_own(connection: Connection) -> None:
    add_entry(connection, 1)
    set_calendar(connection, "org", 6)

    document = shown(connection)

    days = row_of(document["explanation"], "workdays")
    assert days is not None
    assert days["value"] == "27"


def test_a_calendar_counts_from_its_day_on(connection: Connection) -> None:
    add_entry(connection, 1)
    set_calendar(connection, "org", 5)
    set_calendar(connection, "org", 6, since=date(2026, 10, 16))

    document = shown(connection)

    target = row_of(document["explanation"], "target_minutes_of_stretches")
    assert target is not None
    assert [child["value"] for child in target["children"]] == ["3300", "3500"]


def test_days_before_an_appointment_ask_for_no_work(connection: Connection) -> None:
    add_entry(connection, 1)
    first_day = date(2026, 10, 19)
    connection.execute(
        update(Assignment)
        .where(Assignment.org_id == ORG, Assignment.employee == worker_of(connection))
        .values(valid_from=first_day)
    )

    document = shown(connection)

    days = row_of(document["explanation"], "workdays")
    assert days is not None
    assert days["value"] == "10"
    assert len(document["coverage"]["days_without_placement"]) == 18


def test_a_person_whose_placements_lie_elsewhere_in_time_has_no_workday(connection: Connection) -> None:
    add_entry(connection, 1)
    connection.execute(
        update(Assignment)
        .where(Assignment.org_id == ORG, Assignment.employee == worker_of(connection))
        .values(valid_from=date(2026, 11, 1))
    )

    document = shown(connection)

    assert (document["value"], document["explanation"]["code"]) == (None, "score_without_target")


def test_behaviour_and_budget_are_parts_where_the_policy_weighs_them(connection: Connection) -> None:
    use_policy(connection, "jakarta-kecamatan")
    add_entry(connection, 1)
    rate_behaviour(connection, "4")
    set_absorption(connection, unit_of_worker(connection), "80")

    document = shown(connection)

    assert [(part["part"], part["points"]) for part in document["parts"]] == [
        ("productivity", "1.27"), ("behaviour", "8.00"), ("budget_absorption", "16.00"),
    ]  # fmt: skip
    assert document["value"] == "25.27"


def test_a_rating_that_the_policy_s_scale_does_not_know_is_none_yet(connection: Connection) -> None:
    use_policy(connection, "jakarta-kecamatan")
    add_entry(connection, 1)
    rate_behaviour(connection, "9")

    document = shown(connection)

    assert "no_behaviour" in document["reasons"]


def test_the_budget_of_a_unit_above_holds_where_the_unit_has_none_of_its_own(connection: Connection) -> None:
    use_policy(connection, "jakarta-kecamatan")
    add_entry(connection, 1)
    add_unit(connection)
    mine = unit_of_worker(connection)
    connection.execute(update(OrgUnit).where(OrgUnit.org_id == ORG, OrgUnit.id == mine).values(parent=OTHER_UNIT))
    set_absorption(connection, OTHER_UNIT, "55.5")

    document = shown(connection)

    assert document["parts"][2]["points"] == "11.10"


def test_a_mark_of_quality_counts_where_the_policy_asks_for_it(connection: Connection) -> None:
    use_policy(connection, "sumedang-2023")
    add_entry(connection, 1)
    set_mark(connection, "quality", "80")

    document = shown(connection)

    assert row_of(document["explanation"], "quality") is not None
    assert "no_quality" not in document["reasons"]


def test_a_correction_is_a_row_of_its_own_with_its_reason(connection: Connection) -> None:
    add_entry(connection, 1)
    add_present_month(connection)
    set_mark(connection, "correction", "2.5", "Apel dihitung dua kali")

    document = shown(connection)

    row = row_of(document["explanation"], "objection_correction")
    assert row is not None
    assert (document["value"], row["value"], row["params"]["reason"]) == ("43.59", "2.50", "Apel dihitung dua kali")


@pytest.mark.parametrize(("points", "value"), [("90", "100.00"), ("-90", "0.00")])
def test_a_correction_stays_within_the_scale(connection: Connection, points: str, value: str) -> None:
    add_entry(connection, 1)
    add_present_month(connection)
    set_mark(connection, "correction", points, "Keberatan diterima")

    document = shown(connection)

    assert document["value"] == value


def test_a_base_makes_an_allowance_that_explains_itself(connection: Connection) -> None:
    add_entry(connection, 1)
    add_present_month(connection)
    set_base(connection, 4_000_000)

    document = shown(connection)

    # 1.82 % by 60 is 1.092 points of 4,000,000, and 40 of them.
    assert document["allowance"]["amount"] == "1643680"
    assert codes_in(document["allowance"]["explanation"]) >= {"allowance", "allowance_discipline", "base_of_month"}


def test_a_base_that_rises_in_mid_month_counts_by_workdays(connection: Connection) -> None:
    add_entry(connection, 1)
    add_present_month(connection)
    set_base(connection, 2_200_000)
    set_base(connection, 4_400_000, since=date(2026, 10, 16))

    document = shown(connection)

    base = row_of(document["allowance"]["explanation"], "allowance_base")
    assert base is not None
    assert base["value"] == "3300000"


def test_work_that_waits_for_a_review_is_not_known_yet_and_no_zero(connection: Connection) -> None:
    add_entry(connection, 1, review_state="submitted")
    add_present_month(connection)

    document = shown(connection)

    assert (document["value"], document["reasons"]) == ("100.00", ["review_incomplete"])
    assert document["coverage"]["parts_missing"] == ["productivity"]


@pytest.mark.parametrize(("state", "reasons"), [("submitted", ["review_incomplete"]), ("needs_revision", []), ("rejected", [])])
def test_a_score_is_provisional_while_some_work_waits_for_a_review(
    connection: Connection, state: str, reasons: list[str]
) -> None:
    add_entry(connection, 1)
    add_entry(connection, 2, review_state=state)
    add_present_month(connection)

    document = shown(connection)

    assert (document["value"], document["reasons"]) == ("41.09", reasons)


def test_work_that_came_after_a_lock_waits_for_more_than_a_review(connection: Connection) -> None:
    add_entry(connection, 1)
    late = add_entry(connection, 2, review_state="submitted")
    add_conflict(connection, 50, late, "after_lock")
    add_present_month(connection)

    document = shown(connection)

    assert (document["value"], document["reasons"]) == ("41.09", [])


def test_a_correction_reaches_the_allowance(connection: Connection) -> None:
    add_entry(connection, 1)
    add_present_month(connection)
    set_base(connection, 1_000_000)
    set_mark(connection, "correction", "8.91", "Keberatan diterima")

    document = shown(connection)

    assert (document["value"], document["allowance"]["amount"]) == ("50.00", "500000")


def test_without_a_base_there_is_no_word_of_an_allowance(connection: Connection) -> None:
    add_entry(connection, 1)

    document = shown(connection)

    assert document["allowance"] is None


STRICT = text_of("generic-60-40.yaml").replace("version: 1", "version: 2").replace(
    "late_entries: count", "late_entries: leave_out"
)  # fmt: skip


@pytest.mark.parametrize(
    ("captured", "entered", "counts"),
    [
        (date(2026, 10, 8), None, True),
        (date(2026, 10, 9), None, False),
        (date(2026, 11, 20), date(2026, 10, 2), True),
        (date(2026, 10, 1), date(2026, 11, 20), False),
    ],
)
def test_a_deadline_is_held_against_when_the_work_was_written_down(
    connection: Connection, captured: date, entered: date | None, *, counts: bool
) -> None:
    import_policy(connection, ORG, STRICT, where="ketat.yaml", by="admin", now_ms=NOW)
    activate(connection, ORG, "generic-60-40", 2, "2026-10", reason="Perbup 13/2026", by="admin", now_ms=NOW)
    add_entry(
        connection, 1, captured_at=ms_of(captured), source=None if entered is None else "imported",
        source_entered_at=None if entered is None else ms_of(entered),
    )  # fmt: skip

    document = shown(connection)

    assert document["value"] == ("1.82" if counts else "0.00")


def test_a_month_read_for_many_is_the_month_read_for_each(connection: Connection) -> None:
    add_entry(connection, 1)
    add_entry(connection, 2, work_date=WORKDAYS[1], category="additional_duty")
    add_present_month(connection)
    set_base(connection, 4_000_000)
    people = employees_to_score(connection, ORG, FIRST, date(2026, 10, 31))

    together = {each.row.employee: each.row for each in fresh_scores(connection, ORG, PERIOD, people, NOW)}

    apart = {person: fresh_scores(connection, ORG, PERIOD, [person], NOW)[0].row for person in people}
    assert together == apart
    assert len(people) == 2


def test_everybody_s_month_is_computed_with_what_each_has(connection: Connection) -> None:
    add_entry(connection, 1)
    compute_period(connection, ORG, PERIOD, NOW)

    proof = check_stored(connection, ORG, NOW)

    assert (proof.checked, proof.differences) == (2, ())


def test_an_id_of_another_org_changes_nothing(connection: Connection) -> None:
    add_entry(connection, 1)
    before = shown(connection)["value"]
    connection.execute(
        insert(Assignment).values(
            org_id=2, id=uid(60), revision=1, employee=worker_of(connection), org_unit=OTHER_UNIT,
            valid_from=date(2026, 10, 1), valid_to=date(2026, 10, 2),
        )
    )  # fmt: skip

    document = shown(connection)

    assert document["value"] == before

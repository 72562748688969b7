"""Behaviour, marks and budgets: who may say what of whose period, within which bounds, and what is computed anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.services.assessors import Officer
from lontara_server.services.behaviour import VALUES, behaviour_of, rate, value_named
from lontara_server.services.marks import list_marks, set_absorption, set_mark
from lontara_server.services.periods import lock_period
from lontara_server.services.plan_writing import create_plan
from lontara_server.storage.plans import audit_about
from lontara_server.storage.scores import PersonMonth, dirty_months
from server.plan_office import ADMIN, CHIEF, WORKER, PlanOffice
from server.ready import ready_server

ALL_FOUR = dict.fromkeys(VALUES, "4")


@pytest.fixture
def office(place: Place) -> Iterator[PlanOffice]:
    database = ready_server(place)
    yield PlanOffice(database)
    database.dispose()


def rated(office: PlanOffice, period: str = "2026", officer: Officer = ADMIN, **changed: str) -> None:
    office.run(rate, office.person(WORKER), period, {**ALL_FOUR, **changed}, officer, office.tick())


def code_of(office: PlanOffice, *args: object, work: object = rate) -> str:
    with pytest.raises(Problem) as raised:
        office.run(work, office.person(WORKER), *args)
    return raised.value.code


def test_seven_values_have_a_mean_and_six_have_none(office: PlanOffice) -> None:
    given = dict(list(ALL_FOUR.items())[:6])
    office.run(rate, office.person(WORKER), "2026", given, ADMIN, office.tick())
    before = office.run(behaviour_of, office.person(WORKER), "2026", ADMIN, office.now).mean

    office.run(rate, office.person(WORKER), "2026", {"collaborative": "5"}, ADMIN, office.tick())

    assert (before, office.run(behaviour_of, office.person(WORKER), "2026", ADMIN, office.now).mean) == (None, "4.14")


def test_a_rating_is_told_in_the_audit_trail_with_what_it_was(office: PlanOffice) -> None:
    rated(office)

    rated(office, loyal="4,5")

    trail = office.run(audit_about, office.person(WORKER).id)
    assert trail[0].facts == {"period": "2026", "values": {"loyal": {"was": "4", "now": "4.5"}}}


def test_the_same_rating_again_leaves_no_second_line(office: PlanOffice) -> None:
    rated(office)

    rated(office)

    assert len([each for each in office.run(audit_about, office.person(WORKER).id) if each.action == "behaviour.rate"]) == 1


@pytest.mark.parametrize("rating", ["0", "0,9", "5,01", "6", "empat", "4,125", "-1", ""])
def test_a_rating_lies_on_the_scale_with_two_places_at_most(office: PlanOffice, rating: str) -> None:
    assert code_of(office, "2026", {"loyal": rating}, ADMIN, office.now) == "invalid_field"


@pytest.mark.parametrize("period", ["20266", "2026-13", "2026-00", "Nov", "2026-1"])
def test_a_period_is_a_month_or_a_year(office: PlanOffice, period: str) -> None:
    assert code_of(office, period, ALL_FOUR, ADMIN, office.now) == "invalid_field"


def test_a_period_that_has_not_begun_is_not_rated(office: PlanOffice) -> None:
    assert code_of(office, "2027", ALL_FOUR, ADMIN, office.now) == "invalid_field"


def test_nobody_rates_themselves_not_even_an_admin(office: PlanOffice) -> None:
    own = Officer("admin-itu", office.person(WORKER).id, is_admin=True)

    assert code_of(office, "2026", ALL_FOUR, own, office.now) == "not_permitted"


def test_the_supervisor_rates_and_a_stranger_does_not(office: PlanOffice) -> None:
    rated(office, officer=office.officer(CHIEF))

    stranger = Officer("lain", None, is_admin=False)
    assert code_of(office, "2026", ALL_FOUR, stranger, office.now) == "not_permitted"


def test_where_a_plan_names_an_assessor_the_supervisor_does_not_rate(office: PlanOffice) -> None:
    other = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"
    office.run(create_plan, office.person(WORKER), 2026, ADMIN, office.tick(), assessor=other)

    assert code_of(office, "2026", ALL_FOUR, office.officer(CHIEF), office.now) == "not_permitted"
    rated(office, officer=Officer("penilai", other, is_admin=False))


def test_a_rating_asks_for_its_month_or_year_anew(office: PlanOffice) -> None:
    rated(office, "2026")
    rated(office, "2026-10")

    worker = office.person(WORKER).id
    assert {PersonMonth(worker, "2026"), PersonMonth(worker, "2026-10")} <= office.run(dirty_months)


def test_a_locked_month_is_not_rated(office: PlanOffice) -> None:
    office.run(lock_period, "2026-10", by="tester", now_ms=office.tick())

    assert code_of(office, "2026-10", ALL_FOUR, ADMIN, office.now) == "state_not_allowed"
    assert code_of(office, "2026-10", "quality", "80", ADMIN, office.now, work=set_mark) == "state_not_allowed"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Akuntabel", "accountable"), ("berorientasi pelayanan", "service_oriented"), ("loyal", "loyal"),
     ("service-oriented", "service_oriented"), ("kolaboratif", "collaborative")],
)  # fmt: skip
def test_a_value_is_known_by_its_indonesian_name_too(typed: str, code: str) -> None:
    assert value_named(typed) == code


@pytest.mark.parametrize(
    ("period", "kind", "value"),
    [("2026", "quality", "80"), ("2026-10", "new_idea", "yes"), ("2026-10", "quality", "101"),
     ("2026-10", "quality", "baik"), ("2026", "survey", "mungkin"), ("2026-10", "correction", "1")],
)  # fmt: skip
def test_a_mark_that_cannot_be_is_refused(office: PlanOffice, period: str, kind: str, value: str) -> None:
    assert code_of(office, period, kind, value, ADMIN, office.now, work=set_mark) == "invalid_field"


def test_a_mark_is_given_changed_and_taken_away_with_its_history(office: PlanOffice) -> None:
    for value in ("80", "85%", ""):
        office.run(set_mark, office.person(WORKER), "2026-10", "quality", value, ADMIN, office.tick())

    trail = office.run(audit_about, office.person(WORKER).id)
    told = [(each.action, each.facts["was"], each.facts["now"]) for each in trail[:3]]
    assert told == [("mark.remove", "85", None), ("mark.set", "80", "85"), ("mark.set", None, "80")]
    assert office.run(list_marks) == []


def test_what_a_unit_has_spent_asks_for_the_month_of_all_its_people_anew(office: PlanOffice) -> None:
    office.run(set_absorption, "KEC-01", "2026-10", "78,5", ADMIN, office.tick())

    months = {PersonMonth(office.person(nip).id, "2026-10") for nip in (CHIEF, WORKER)}
    assert months <= office.run(dirty_months)


def test_only_an_admin_tells_what_a_unit_has_spent(office: PlanOffice) -> None:
    with pytest.raises(Problem) as raised:
        office.run(set_absorption, "KEC-01", "2026-10", "78", office.officer(CHIEF), office.tick())

    assert raised.value.code == "not_permitted"

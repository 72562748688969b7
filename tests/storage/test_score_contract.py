"""What the statements of scores, their inputs, policies and jobs promise, on each engine."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

import server.scored
from engines.places import Place, SqlitePlace
from lontara_server.storage import job_runs, policies, score_inputs, scores
from lontara_server.storage.engine import transaction
from lontara_server.storage.policies import ActivationRow, PolicyVersionRow
from lontara_server.storage.scores import PersonMonth, ScoreRow, YearRow
from server.ready import CHIEF, WORKER
from server.scored import (
    NOW,
    ORG,
    OTHER_UNIT,
    PERIOD,
    WORKDAYS,
    add_conflict,
    add_day,
    add_entry,
    add_recap,
    add_unit,
    open_office,
    rate_behaviour,
    set_absorption,
    set_base,
    set_calendar,
    set_mark,
    transfer,
    uid,
    worker_of,
)

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
LONG = "Pa'baléssoreng \"☀\" 𑻠 \\x00 %s $1" * 2_000
NOBODY = uid(99_999)
MODULES = (job_runs, policies, score_inputs, scores)


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    engine = open_office(place)
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as connection:
        yield connection


@pytest.fixture
def worker(office: Connection) -> str:
    return worker_of(office)


@pytest.fixture
def chief(office: Connection) -> str:
    found = scores.employee_of_nip(office, ORG, CHIEF)
    assert found is not None
    return found


def row_of(employee: str, period: str = PERIOD) -> ScoreRow:
    return ScoreRow(employee, period, "87.50", "good", True, "p", 1, LONG, NOW, 1, '{"allowance":null}')


def test_a_mark_is_claimed_once_the_oldest_first(office: Connection, worker: str, chief: str) -> None:
    first, second = PersonMonth(worker, PERIOD), PersonMonth(chief, PERIOD)
    scores.mark_dirty(office, ORG, [first], NOW)
    scores.mark_dirty(office, ORG, [second, second], NOW - 1)
    scores.mark_dirty(office, ORG, [], NOW)

    claimed = [scores.claim_dirty(office, ORG, 1) for _ in range(3)]

    assert claimed == [[second], [first], []]
    assert scores.dirty_months(office, ORG) == set()


def test_a_month_marked_again_moves_to_the_end(office: Connection, worker: str, chief: str) -> None:
    months = [PersonMonth(worker, PERIOD), PersonMonth(chief, PERIOD)]
    scores.mark_dirty(office, ORG, months, NOW)

    scores.mark_dirty(office, ORG, months[:1], NOW + 1)

    assert scores.claim_dirty(office, ORG, 1) == months[1:]


def test_a_month_s_marks_are_taken_together_and_others_stay(office: Connection, worker: str, chief: str) -> None:
    months = [PersonMonth(worker, PERIOD), PersonMonth(chief, PERIOD), PersonMonth(worker, "2026")]
    scores.mark_dirty(office, ORG, months, NOW)

    claimed = scores.claim_month(office, ORG, PERIOD)

    assert claimed == sorted(months[:2])
    assert scores.dirty_months(office, ORG) == {months[2]}


def test_marks_are_removed_by_month(office: Connection, worker: str, chief: str) -> None:
    months = [PersonMonth(worker, PERIOD), PersonMonth(chief, PERIOD), PersonMonth(worker, "2026-11")]
    scores.mark_dirty(office, ORG, months, NOW)

    scores.remove_marks(office, ORG, [months[0], months[2]])

    assert scores.dirty_months(office, ORG) == {months[1]}


def test_a_score_written_again_replaces_the_one_before(office: Connection, worker: str) -> None:
    scores.write_scores(office, ORG, [row_of(worker)])

    scores.write_scores(office, ORG, [replace(row_of(worker), value=None, policy_version=2)])

    assert scores.score_of(office, ORG, PersonMonth(worker, PERIOD)) == replace(
        row_of(worker), value=None, policy_version=2
    )
    assert scores.score_of(office, ORG, PersonMonth(worker, "2026-11")) is None
    (head,) = scores.all_scores(office, ORG)
    assert (head.value, head.summary) == (None, '{"allowance":null}')
    assert scores.scores_of(office, ORG, worker) == scores.all_scores(office, ORG, PERIOD) == [head]
    assert scores.heads_of(office, ORG, [worker, NOBODY], PERIOD) == {worker: head}
    assert scores.documents_of(office, ORG, [worker, NOBODY], PERIOD) == {worker: LONG}


def test_what_is_archived_is_what_was_stored(office: Connection, worker: str, chief: str) -> None:
    scores.write_scores(office, ORG, [row_of(worker), row_of(chief)])

    scores.archive_scores(office, ORG, [worker], PERIOD)

    (former,) = scores.former_scores(office, ORG, PersonMonth(worker, PERIOD))
    assert (former.revision, former.value, former.document) == (1, "87.50", LONG)
    assert scores.former_scores(office, ORG, PersonMonth(chief, PERIOD)) == []


def test_a_score_that_is_touched_keeps_all_but_its_time(office: Connection, worker: str, chief: str) -> None:
    scores.write_scores(office, ORG, [row_of(worker), row_of(chief)])

    scores.touch_scores(office, ORG, [worker], PERIOD, NOW + 5)

    assert scores.score_of(office, ORG, PersonMonth(worker, PERIOD)) == replace(row_of(worker), computed_at=NOW + 5)
    assert scores.score_of(office, ORG, PersonMonth(chief, PERIOD)) == row_of(chief)


def test_months_and_people_of_scores_are_told(office: Connection, worker: str, chief: str) -> None:
    final = replace(row_of(chief), provisional=False)
    scores.write_scores(office, ORG, [row_of(worker), row_of(worker, "2026-11"), final])
    add_entry(office, 1)
    add_entry(office, 2, work_date=date(2026, 9, 1), review_state="submitted")

    assert scores.stored_periods(office, ORG) == [PERIOD, "2026-11"]
    assert scores.stored_months(office, ORG, [PERIOD]) == sorted(PersonMonth(each, PERIOD) for each in (worker, chief))
    assert len(scores.stored_months(office, ORG)) == scores.count_scores(office, ORG) == 3
    assert scores.count_provisional(office, ORG, PERIOD) == (2, 1)
    assert scores.scored_months(office, ORG, [worker]) == [PersonMonth(worker, PERIOD), PersonMonth(worker, "2026-11")]
    assert scores.days_with_approved_work(office, ORG) == [WORKDAYS[0]]
    assert scores.owners_of_approved_work(office, ORG, FIRST, LAST) == {worker}
    assert scores.employees_to_score(office, ORG, FIRST, LAST) == sorted([worker, chief])
    assert scores.names_of(office, ORG, [worker, NOBODY])[worker][0] == WORKER
    assert scores.org_ids(office) == [ORG]


def test_ratings_of_years_are_written_over(office: Connection, worker: str, chief: str) -> None:
    row = YearRow(worker, 2026, None, "good", False, "p", 1, LONG, NOW)
    scores.write_year_ratings(office, ORG, [row])

    scores.write_year_ratings(office, ORG, [replace(row, rating="very_good")])

    assert scores.year_ratings_of(office, ORG, [worker, chief], 2026) == {worker: replace(row, rating="very_good")}
    assert scores.rated_years(office, ORG) == [PersonMonth(worker, "2026")]


def test_a_month_s_inputs_are_found_by_person(office: Connection, worker: str, chief: str) -> None:
    add_entry(office, 1, source_entered_at=5)
    add_entry(office, 2, voided=True)
    add_entry(office, 3, work_date=date(2026, 11, 1))
    add_conflict(office, 20, uid(1), "field", '{"title":{}}')
    add_day(office, WORKDAYS[0], late=7)
    add_recap(office, "{}")
    add_unit(office)
    transfer(office, 50, WORKDAYS[3])
    set_calendar(office, "org", 6)
    set_base(office, 4_000_000)
    rate_behaviour(office, "4")
    set_mark(office, "quality", "80", "baik")
    set_absorption(office, OTHER_UNIT, "55.5")
    people = [chief, worker, NOBODY]

    entries = score_inputs.entries_of(office, ORG, people, FIRST, LAST)[worker]
    conflicts = score_inputs.open_conflicts_of(office, ORG, people, FIRST, LAST)
    days = score_inputs.attendance_of(office, ORG, people, FIRST, LAST)

    assert {(row.id, row.captured_at, row.voided) for row in entries} == {(uid(1), 5, False), (uid(2), NOW, True)}
    assert [(row.record, row.kind, row.has_candidates) for row in conflicts[worker]] == [(uid(1), "field", True)]
    assert [(row.day, row.late_minutes, row.has_check_in) for row in days[worker]] == [(WORKDAYS[0], 7, True)]
    assert score_inputs.recaps_of(office, ORG, people, PERIOD) == {worker: "{}"}
    assert score_inputs.devices_of(office, ORG, people) == {}
    assert len(score_inputs.assignments_of(office, ORG, people)[worker]) == 2
    assert score_inputs.ratings_of(office, ORG, people, PERIOD)[worker]["loyal"] == "4"
    assert score_inputs.marks_of(office, ORG, people, PERIOD)[worker]["quality"].reason == "baik"
    assert score_inputs.bases_of(office, ORG, people)[worker][0].amount == 4_000_000
    assert score_inputs.holidays_of(office, ORG, FIRST, LAST) == frozenset()
    assert [row.scope for row in score_inputs.calendars_of(office, ORG)] == ["org"]
    assert score_inputs.units_of(office, ORG)[OTHER_UNIT].name == "Seksi Lapangan"
    assert score_inputs.budget_absorption_of(office, ORG, PERIOD) == {OTHER_UNIT: "55.5"}


def test_more_people_than_one_statement_asks_for_are_all_found(office: Connection, worker: str) -> None:
    add_entry(office, 1)
    people = [worker, *(uid(40_000 + number) for number in range(1_200))]

    found = score_inputs.entries_of(office, ORG, people, FIRST, LAST)

    assert set(found) == {worker}


def test_a_policy_is_kept_as_it_was_read(office: Connection) -> None:
    row = PolicyVersionRow("milik-kami", 2, LONG, "admin", NOW)

    policies.add_policy_version(office, ORG, row)

    assert policies.policy_versions(office, ORG) == [row]


def test_an_activation_of_the_same_month_takes_the_place_of_the_one_before(office: Connection) -> None:
    row = ActivationRow("month", "2026-10", "a", 1, "Perbup", "admin", NOW)
    policies.put_activation(office, ORG, row)
    policies.put_activation(office, ORG, replace(row, valid_from="2026-12"))

    policies.put_activation(office, ORG, replace(row, version=2))

    assert policies.activations(office, ORG) == [replace(row, valid_from="2026-12"), replace(row, version=2)]


def test_a_slot_is_taken_until_somebody_has_finished_it(office: Connection) -> None:
    taken = [job_runs.take_slot(office, ORG, "report", "2026-11-05", NOW + n) for n in range(2)]
    job_runs.finish_slot(office, ORG, "report", "2026-11-05", NOW + 5, "{}")

    assert (taken, job_runs.take_slot(office, ORG, "report", "2026-11-05", NOW + 9)) == ([True, True], False)
    row = job_runs.slot_of(office, ORG, "report", "2026-11-05")
    assert row is not None
    assert (row.started_at, row.finished_at, row.outcome) == (NOW + 1, NOW + 5, "{}")
    assert job_runs.last_finished(office, ORG, "report") == row
    assert job_runs.last_finished(office, ORG, "other") is None


def test_nobody_else_is_at_a_job_on_an_engine_of_one_process(tmp_path: Path) -> None:
    engine = open_office(SqlitePlace(tmp_path))

    with job_runs.only_here(engine, ORG, "report") as is_mine:
        assert is_mine


def test_every_statement_of_these_modules_has_its_place_in_this_contract() -> None:
    promised = {
        name
        for module in MODULES
        for name, each in vars(module).items()
        if inspect.isfunction(each) and each.__module__ == module.__name__ and not name.startswith("_")
    }

    syntax = ast.parse(inspect.getsource(sys.modules[__name__]) + inspect.getsource(server.scored))
    called = {node.attr for node in ast.walk(syntax) if isinstance(node, ast.Attribute)}

    assert promised - called == set()

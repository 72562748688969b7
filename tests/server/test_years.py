"""Ratings of years from agreed plans, approved entries and behaviour: stored, kept up, and proven."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, insert, update

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.cli.score import score
from lontara_server.jobs.scores import drain_scores
from lontara_server.services.policy_store import activate, import_policy
from lontara_server.services.years import check_years, rate
from lontara_server.storage import scores as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import ActivityEntry, Indicator, PerformancePlan, WorkResultPlan, YearRating
from lontara_server.storage.scores import PersonMonth
from server.ready import WORKER
from server.scored import (
    NOW,
    ORG,
    PERIOD,
    add_conflict,
    add_entry,
    open_office,
    rate_behaviour,
    uid,
    worker_of,
)
from server.test_policies import text_of
from server.test_scores import Server

PLAN, RESULT, INDICATOR = uid(301), uid(302), uid(303)


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    """An office whose worker has agreed to ten reports in 2026, and has nine of them approved."""
    engine = open_office(place)
    with transaction(engine) as connection:
        add_plan(connection)
        add_entry(connection, 1, target_id=RESULT, quantity="9", output_unit="Laporan")
        rate_behaviour(connection, "5", "2026")
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with transaction(engine) as connection:
        yield connection


def add_plan(connection: Connection, state: str = "approved") -> None:
    owner = worker_of(connection)
    head = {"org_id": ORG, "revision": 1, "owner": owner}
    connection.execute(
        insert(PerformancePlan).values(
            **head, id=PLAN, year=2026, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31), assessor=None,
            state=state,
        )
    )  # fmt: skip
    connection.execute(
        insert(WorkResultPlan).values(
            **head, id=RESULT, year=2026, title="Laporan tersusun", kind="main", state=state, plan=PLAN, supports=None
        )
    )
    connection.execute(
        insert(Indicator).values(
            **head, id=INDICATOR, work_result=RESULT, title="Jumlah laporan", aspect="quantity", target="10",
            unit="Laporan", direction="higher", cap=None, realisation=None,
        )
    )  # fmt: skip


def rated(connection: Connection) -> dict[str, Any]:
    return rate(connection, ORG, worker_of(connection), 2026, NOW)


def test_a_year_is_rated_from_its_plan_its_entries_and_behaviour(connection: Connection) -> None:
    document = rated(connection)

    assert (document["work_result"], document["behaviour"], document["rating"]) == ("90.00", "5.00", "very_good")
    assert (document["provisional"], document["policy"]["policy_id"]) == (False, "permenpanrb-6-2022")


def test_a_year_without_a_plan_has_no_rating_yet_and_says_so(connection: Connection) -> None:
    connection.execute(update(PerformancePlan).values(state="draft"))

    document = rated(connection)

    assert (document["rating"], document["reasons"]) == (None, ["no_plan"])


def test_an_open_conflict_about_the_year_s_work_makes_the_rating_provisional(connection: Connection) -> None:
    add_conflict(connection, 400, uid(1), "field")

    document = rated(connection)

    assert document["reasons"] == ["open_conflicts"]


def test_a_rating_that_is_stored_follows_what_is_approved_later(engine: Engine) -> None:
    with transaction(engine) as connection:
        before = rated(connection)
        add_entry(connection, 2, target_id=RESULT, quantity="2", output_unit="Laporan")
        store.mark_dirty(connection, ORG, [PersonMonth(worker_of(connection), PERIOD)], NOW)

    drain_scores(engine, lambda: NOW)

    with transaction(engine) as connection:
        (row,) = store.year_ratings_of(connection, ORG, [worker_of(connection)], 2026).values()
        assert (before["work_result"], json.loads(row.document)["work_result"]) == ("90.00", "110.00")
        assert check_years(connection, ORG, NOW) == (1, ())


def test_a_year_that_is_marked_is_rated_by_the_job(engine: Engine) -> None:
    with transaction(engine) as connection:
        store.mark_dirty(connection, ORG, [PersonMonth(worker_of(connection), "2026")], NOW)

    drain_scores(engine, lambda: NOW)

    with transaction(engine) as connection:
        assert store.rated_years(connection, ORG) == [PersonMonth(worker_of(connection), "2026")]


def test_a_rating_that_was_changed_by_hand_is_named(connection: Connection) -> None:
    rated(connection)
    connection.execute(update(YearRating).values(rating="very_poor"))

    _, differences = check_years(connection, ORG, NOW)

    assert [each.period for each in differences] == ["2026"]


def test_another_year_s_policy_rates_stored_years_anew(engine: Engine) -> None:
    strict = text_of("permenpanrb-6-2022.yaml").replace("version: 1", "version: 2").replace("from: 90", "from: 95")
    with transaction(engine) as connection:
        before = rated(connection)["rating"]
        import_policy(connection, ORG, strict, where="x.yaml", by="admin", now_ms=NOW)
        activate(
            connection, ORG, "permenpanrb-6-2022", 2, "2026", reason="Pergub", by="admin", now_ms=NOW
        )  # fmt: skip

    drain_scores(engine, lambda: NOW)

    with transaction(engine) as connection:
        (row,) = store.year_ratings_of(connection, ORG, [worker_of(connection)], 2026).values()
    assert (before, row.rating, row.policy_version) == ("very_good", "good", 2)


@pytest.mark.parametrize(("year", "code"), [(1999, "invalid_field"), (2001, "no_policy")])
def test_a_year_that_nothing_rates_is_refused(connection: Connection, year: int, code: str) -> None:
    with pytest.raises(Problem) as raised:
        rate(connection, ORG, worker_of(connection), year, NOW)

    assert raised.value.code == code


@pytest.mark.parametrize("words", [["--json"], []])
def test_the_command_rates_a_year_and_shows_what_it_is_made_of(engine: Engine, words: list[str]) -> None:
    result = CliRunner().invoke(score, ["year", "--year", "2026", "--nip", WORKER, *words], obj=Server(engine))

    assert result.exit_code == 0
    assert "Jumlah laporan" in result.output


def test_an_entry_that_is_not_approved_realises_nothing(connection: Connection) -> None:
    connection.execute(update(ActivityEntry).values(review_state="submitted"))

    document = rated(connection)

    assert document["work_result"] == "0.00"

"""Published scores: what is learned after a lock changes none of them, is told as drift, and counts once it is opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, delete, insert, update

from engines.places import Place
from lontara_server.cli.score import score
from lontara_server.jobs.scores import drain_scores
from lontara_server.services.periods import lock_period, unlock_period
from lontara_server.services.policy_store import activate
from lontara_server.services.scores import check_stored, compute_period, drift, fresh_value
from lontara_server.storage import scores as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import ActivityEntry, AttendanceDay, Holiday, WorkResultPlan
from lontara_server.storage.scores import PersonMonth
from server.ready import WORKER
from server.scored import (
    NOW,
    ORG,
    PERIOD,
    WORKDAYS,
    add_day,
    add_entry,
    add_present_month,
    add_unit,
    open_office,
    rate_behaviour,
    set_base,
    set_calendar,
    set_mark,
    stored,
    transfer,
    uid,
    worker_of,
)
from server.test_scores import Server


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    """An office with a published score: two hours of approved work and a month of attendance."""
    engine = open_office(place)
    with transaction(engine) as connection:
        add_entry(connection, 1)
        add_present_month(connection)
        set_base(connection, 4_000_000)
        mark(connection)
    drain_scores(engine, lambda: NOW)
    lock(engine)
    yield engine
    engine.dispose()


def mark(connection: Connection) -> None:
    store.mark_dirty(connection, ORG, [PersonMonth(worker_of(connection), PERIOD)], NOW)


def lock(engine: Engine) -> None:
    with transaction(engine) as connection:
        lock_period(connection, ORG, PERIOD, by="admin", now_ms=NOW)


def unlock(engine: Engine) -> None:
    with transaction(engine) as connection:
        unlock_period(connection, ORG, PERIOD, by="admin", now_ms=NOW)


def changed(engine: Engine, change: Callable[[Connection], None]) -> None:
    """What somebody tells after the lock, marked as they all mark it, and what the jobs make of it."""
    with transaction(engine) as connection:
        change(connection)
        mark(connection)
    drain_scores(engine, lambda: NOW)


def figures(document: dict[str, Any]) -> tuple[str, str, str]:
    return document["value"], document["rating"], document["allowance"]["amount"]


def drifted(engine: Engine) -> list[tuple[str | None, str | None]]:
    with transaction(engine) as connection:
        return [(each.stored, each.fresh) for each in drift(connection, ORG, NOW)]


def late_again(connection: Connection) -> None:
    connection.execute(
        update(AttendanceDay).where(AttendanceDay.org_id == ORG).values(late_minutes=45)
    )


def attendance_is_gone(connection: Connection) -> None:
    connection.execute(delete(AttendanceDay).where(AttendanceDay.org_id == ORG))


def moves(connection: Connection) -> None:
    add_unit(connection)
    transfer(connection, 50, date(2026, 10, 16))
    set_calendar(connection, "org", 6)


def a_holiday_comes(connection: Connection) -> None:
    connection.execute(insert(Holiday).values(org_id=ORG, day=WORKDAYS[4], name="Libur"))


def a_base_rises(connection: Connection) -> None:
    set_base(connection, 9_000_000, since=date(2026, 10, 1))


CHANGES = [late_again, attendance_is_gone, moves, a_holiday_comes, a_base_rises]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
def test_what_is_learned_after_the_lock_changes_no_published_score(
    engine: Engine, change: Callable[[Connection], None]
) -> None:
    before = stored(engine)

    changed(engine, change)

    assert figures(stored(engine)) == figures(before)
    assert stored(engine)["explanation"] == before["explanation"]
    with transaction(engine) as connection:
        assert check_stored(connection, ORG, NOW).differences == ()


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
def test_what_would_change_a_published_score_is_told_as_drift(
    engine: Engine, change: Callable[[Connection], None]
) -> None:
    quiet = drifted(engine)

    changed(engine, change)

    assert (quiet, len(drifted(engine))) == ([], 1)


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
def test_what_was_learned_meanwhile_counts_once_the_month_is_opened(
    engine: Engine, change: Callable[[Connection], None]
) -> None:
    changed(engine, change)
    before = stored(engine)
    with transaction(engine) as connection:
        compute_period(connection, ORG, PERIOD, NOW)

    unlock(engine)
    drain_scores(engine, lambda: NOW)

    assert figures(stored(engine)) != figures(before)
    assert drifted(engine) == []
    with transaction(engine) as connection:
        assert check_stored(connection, ORG, NOW).differences == ()


def test_plans_of_work_change_no_month(engine: Engine) -> None:
    before = stored(engine)

    changed(engine, lambda connection: connection.execute(  # type: ignore[arg-type]
        insert(WorkResultPlan).values(
            org_id=ORG, id=uid(70), revision=1, owner=worker_of(connection), year=2026, title="Layanan", kind="main",
            state="approved", plan=None, supports=None,
        )
    ))  # fmt: skip

    assert (stored(engine)["explanation"], drifted(engine)) == (before["explanation"], [])


def test_a_decision_after_the_lock_counts_what_it_decides_and_nothing_that_was_learned_beside_it(engine: Engine) -> None:
    before = stored(engine)
    changed(engine, late_again)

    changed(engine, lambda connection: set_mark(connection, "correction", "1", "Keberatan diterima"))

    assert (before["value"], stored(engine)["value"]) == ("41.09", "42.09")


def test_a_preview_of_a_decision_starts_from_the_published_score(engine: Engine) -> None:
    changed(engine, late_again)

    with transaction(engine) as connection:
        now = fresh_value(connection, ORG, PersonMonth(worker_of(connection), PERIOD), NOW)

    assert now == stored(engine)["value"]


def test_another_policy_leaves_locked_months_as_they_were(engine: Engine) -> None:
    before = stored(engine)

    with transaction(engine) as connection:
        done = activate(
            connection, ORG, "jakarta-kecamatan", 1, "2026-09", reason="Pergub", by="admin", now_ms=NOW
        )  # fmt: skip
    changed(engine, lambda connection: rate_behaviour(connection, "5"))

    assert done.kept == (PERIOD,)
    assert (stored(engine)["policy"], figures(stored(engine))) == (before["policy"], figures(before))
    assert len(drifted(engine)) == 1


def test_a_month_that_is_opened_takes_the_policy_that_holds(engine: Engine) -> None:
    with transaction(engine) as connection:
        activate(connection, ORG, "jakarta-kecamatan", 1, "2026-09", reason="Pergub", by="admin", now_ms=NOW)

    unlock(engine)
    drain_scores(engine, lambda: NOW)

    assert stored(engine)["policy"]["policy_id"] == "jakarta-kecamatan"


def test_what_waits_is_computed_before_the_month_is_locked(place: Place) -> None:
    engine = open_office(place)
    with transaction(engine) as connection:
        add_entry(connection, 1)
        add_day(connection, WORKDAYS[0], late=45)
        mark(connection)

    lock(engine)

    assert stored(engine)["value"] == "40.69"
    with transaction(engine) as connection:
        assert store.dirty_months(connection, ORG) == set()
    engine.dispose()


def test_the_command_tells_of_drift_and_ends_with_4(engine: Engine) -> None:
    changed(engine, late_again)

    result = CliRunner().invoke(score, ["drift", "--json"], obj=Server(engine))

    (told,) = json.loads(result.output)
    assert (result.exit_code, told["nip"], told["stored"]) == (4, WORKER, "41.09")
    assert told["stored"] != told["fresh"]


def test_drift_of_the_allowance_alone_tells_its_difference(engine: Engine) -> None:
    changed(engine, a_base_rises)

    result = CliRunner().invoke(score, ["drift"], obj=Server(engine))

    # 41.092 points of 4,000,000 and of 9,000,000, each part rounded to whole rupiah.
    assert "1,643,680 → 3,698,280 (+2,054,600)" in result.output


def test_a_review_of_what_waited_changes_no_published_score(engine: Engine) -> None:
    unlock(engine)
    with transaction(engine) as connection:
        add_entry(connection, 2, review_state="submitted")
        mark(connection)
    drain_scores(engine, lambda: NOW)
    lock(engine)
    with transaction(engine) as connection:
        connection.execute(update(ActivityEntry).where(ActivityEntry.id == uid(2)).values(review_state="rejected"))
        compute_period(connection, ORG, PERIOD, NOW)

        assert check_stored(connection, ORG, NOW).differences == ()

    assert stored(engine)["reasons"] == ["review_incomplete"]


def test_a_figure_that_changes_is_kept_in_the_history(engine: Engine) -> None:
    unlock(engine)
    changed(engine, late_again)
    result = CliRunner().invoke(score, ["history", "--nip", WORKER, "--period", PERIOD, "--json"], obj=Server(engine))

    now, before = json.loads(result.output)

    assert (before["value"], now["value"]) == ("41.09", "32.29")
    assert before["explanation"]["children"]
    assert now["revision"] > before["revision"]


def test_a_score_that_comes_out_as_it_was_makes_no_history(engine: Engine) -> None:
    for _ in range(2):
        changed(engine, lambda connection: None)

    result = CliRunner().invoke(score, ["history", "--nip", WORKER, "--period", PERIOD, "--json"], obj=Server(engine))

    assert len(json.loads(result.output)) == 1

"""Jobs of a slot: run once to their end, whoever comes first, and the nightly verification among them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, update

from engines.places import Place, PostgresPlace
from lontara_server.cli.main import main
from lontara_server.jobs.slots import run_slot, verify_nightly
from lontara_server.services.score_checks import JOB, last_check, verify_scores
from lontara_server.services.scores import compute_period
from lontara_server.storage import job_runs as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import Score
from server.scored import NOW, ORG, PERIOD, add_entry, open_office

# 02:00 in Makassar.
NIGHT: Final = int(datetime(2026, 11, 5, 18, tzinfo=UTC).timestamp() * 1000)
HOUR_MS: Final = 3_600_000


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    engine = open_office(place)
    with transaction(engine) as connection:
        add_entry(connection, 1)
        compute_period(connection, ORG, PERIOD, NOW)
    yield engine
    engine.dispose()


def told(engine: Engine) -> dict[str, Any] | None:
    with transaction(engine) as connection:
        return last_check(connection, ORG)


def test_a_slot_is_run_once(engine: Engine) -> None:
    outcomes = iter(['{"run":1}', '{"run":2}'])

    ran = [run_slot(engine, ORG, "report", "2026-11-05", lambda: NOW, lambda: next(outcomes)) for _ in range(3)]

    assert (ran, list(outcomes)) == ([True, False, False], ['{"run":2}'])


def test_a_slot_whose_process_has_died_is_run_by_the_next_one(engine: Engine) -> None:
    def die() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_slot(engine, ORG, "report", "2026-11-05", lambda: NOW, die)

    ran = run_slot(engine, ORG, "report", "2026-11-05", lambda: NOW, lambda: '{"n":1}')

    with transaction(engine) as connection:
        row = store.slot_of(connection, ORG, "report", "2026-11-05")
    assert ran
    assert row is not None
    assert (row.finished_at, row.outcome) == (NOW, '{"n":1}')


@pytest.mark.postgresql
def test_while_somebody_is_at_a_job_nobody_else_begins_it(postgres: PostgresPlace) -> None:
    engine = open_office(postgres)
    inner: list[bool] = []

    def work() -> str:
        inner.append(run_slot(engine, ORG, "report", "2026-11-05", lambda: NOW, lambda: "{}"))
        return "{}"

    ran = run_slot(engine, ORG, "report", "2026-11-05", lambda: NOW, work)

    assert (ran, inner) == (True, [False])


def test_a_night_is_verified_once_and_told(engine: Engine) -> None:
    done = [verify_nightly(engine, lambda: NIGHT), verify_nightly(engine, lambda: NIGHT + HOUR_MS)]

    found = told(engine)
    assert done == [1, 0]
    assert found is not None
    assert (found["slot"], found["checked"], found["differ"], found["drifted"]) == ("2026-11-06", 2, 0, 0)


def test_before_the_night_nobody_verifies(engine: Engine) -> None:
    done = verify_nightly(engine, lambda: NIGHT - HOUR_MS)

    assert (done, told(engine)) == (0, None)


def test_nights_that_were_missed_are_caught_up_by_one(engine: Engine) -> None:
    verify_nightly(engine, lambda: NIGHT)

    done = verify_nightly(engine, lambda: NIGHT + int(timedelta(days=3).total_seconds()) * 1000)

    found = told(engine)
    assert found is not None
    assert (done, found["slot"]) == (1, "2026-11-09")


def test_a_score_that_was_changed_by_hand_is_found_and_named_and_left_alone(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(update(Score).where(Score.value == "1.82").values(value="99.00"))

    found = verify_scores(engine, ORG, lambda: NIGHT)

    assert (found["differ"], found["differences"][0]["stored"], found["differences"][0]["fresh"]) == (1, "99.00", "1.82")


def test_the_status_tells_what_the_night_has_found(engine: Engine, tmp_path: Path) -> None:
    with transaction(engine) as connection:
        connection.execute(update(Score).where(Score.value == "1.82").values(value="99.00"))
    verify_nightly(engine, lambda: NIGHT)
    url = engine.url.render_as_string(hide_password=False)

    def typed(*words: str) -> str:
        options = ["--data-dir", str(tmp_path), "--database-url", url, "--lang", "en"]
        return CliRunner().invoke(main, [*options, "status", *words], catch_exceptions=False).output

    assert json.loads(typed("--json"))["orgs"][0]["last_check"]["differ"] == 1
    assert "1 stored scores are not what they are from scratch" in typed()


def test_the_job_s_name_stays(engine: Engine) -> None:
    verify_nightly(engine, lambda: NIGHT)

    with transaction(engine) as connection:
        assert store.slot_of(connection, ORG, "verify-scores", "2026-11-06") is not None
        assert store.slot_of(connection, ORG, JOB, "2026-11-05") is None

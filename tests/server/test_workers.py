"""Several workers on one database: every mark is computed once, and what a killed one had claimed is not lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, insert, select, text

from engines.places import PostgresPlace
from lontara_server.cli.main import main
from lontara_server.services.scores import PEOPLE_AT_ONCE, check_stored
from lontara_server.storage import scores as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.feed_records import unpack_records
from lontara_server.storage.models import ActivityEntry, Employee, Feed, Score
from lontara_server.storage.scores import PersonMonth
from server.ready import ready_server
from server.scored import NOW, ORG, PERIOD, WORKDAYS, open_office, uid

PEOPLE = [uid(20_000 + number) for number in range(3 * PEOPLE_AT_ONCE)]
WORKERS = 3
SECONDS_MAX = 90


@pytest.fixture
def engine(postgres: PostgresPlace) -> Iterator[Engine]:
    """An office on PostgreSQL in which everybody's score waits."""
    engine = open_office(postgres)
    with transaction(engine) as connection:
        connection.execute(
            insert(Employee),
            [
                {"org_id": ORG, "id": person, "revision": 1, "voided": False, "active": True, "full_name": "Ambo Upe",
                 "nip": f"19910309201503{number:04d}", "grade": None, "grade_since": None, "echelon": None}
                for number, person in enumerate(PEOPLE)
            ],
        )  # fmt: skip
        connection.execute(insert(ActivityEntry), [entry_of(person, number) for number, person in enumerate(PEOPLE)])
        store.mark_dirty(connection, ORG, [PersonMonth(person, PERIOD) for person in PEOPLE], NOW)
    yield engine
    engine.dispose()


def entry_of(person: str, number: int) -> dict[str, object]:
    empty = dict.fromkeys((
        "description", "quantity", "output_unit", "category", "target_id", "place", "attachments", "source",
        "source_entered_at", "review_note", "org_unit", "supervisor", "position", "flags", "clash", "stamps",
        "duration_minutes",
    ))  # fmt: skip
    return {
        **empty, "org_id": ORG, "id": uid(30_000 + number), "revision": 1, "voided": False, "owner": person,
        "work_date": WORKDAYS[0], "start_time": "08:00", "end_time": "10:00", "title": "Menyusun laporan",
        "review_state": "approved", "captured_at": NOW, "recorded_at": NOW, "writer_device": uid(9000),
        "writer_seq": number,
    }  # fmt: skip


@contextmanager
def workers(engine: Engine, folder: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Several workers, by the name under which the database knows their connections."""
    command = [
        sys.executable, "-c", "from lontara_server.cli.main import main; main()", "--data-dir", str(folder),
        "--database-url", engine.url.render_as_string(hide_password=False), "worker",
    ]  # fmt: skip
    started = {
        name: subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PGAPPNAME": name})
        for name in (f"worker {number}" for number in range(WORKERS))
    }
    try:
        for each in started.values():
            assert each.stdout is not None
            assert each.stdout.readline()
        yield started
    finally:
        for each in started.values():
            each.terminate()
        for each in started.values():
            each.communicate()


def one_with_marks_in_its_hands(engine: Engine) -> str:
    """The name of a worker that has claimed marks, written their scores, and waits for the org's counter."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        with transaction(engine) as connection:
            found = list(connection.scalars(HOLDING))
        if found:
            return str(found[0])
    raise AssertionError("nobody came")


def wait_until_drained(engine: Engine) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        with transaction(engine) as connection:
            if not store.dirty_months(connection, ORG):
                return
    raise AssertionError("marks are left")


HOLDING = text(
    "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND application_name LIKE 'worker %' AND query LIKE '%feed_head%' ORDER BY xact_start"
)


@pytest.mark.postgresql
def test_a_worker_that_is_killed_with_marks_in_its_hands_loses_none_and_doubles_none(
    engine: Engine, tmp_path: Path
) -> None:
    with workers(engine, tmp_path) as started:
        # While the counter is held nobody can finish.
        counter = engine.connect()
        counter.execute(text("SELECT last_seq FROM org WHERE org_id = 1 FOR UPDATE"))
        victim = started[one_with_marks_in_its_hands(engine)]

        victim.send_signal(signal.SIGKILL)
        victim.wait()
        counter.rollback()
        counter.close()
        wait_until_drained(engine)

    with transaction(engine) as connection:
        scored = list(connection.scalars(select(Score.employee).where(Score.org_id == ORG, Score.period == PERIOD)))
        feed = connection.scalars(select(Feed.records).where(Feed.org_id == ORG))
        told = [record for row in feed for record in unpack_records(row) if record[0] == "score"]
        former = connection.scalar(text("SELECT count(*) FROM score_history"))
        assert sorted(scored) == sorted(PEOPLE)
        assert (len(told), len(set(told)), former) == (len(PEOPLE), len(PEOPLE), 0)
        assert check_stored(connection, ORG, NOW).differences == ()
        assert_feed_has_no_gap(connection)


def assert_feed_has_no_gap(connection: store.Connection) -> None:
    seqs = sorted(connection.scalars(select(Feed.seq).where(Feed.org_id == ORG)))
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.postgresql
def test_several_workers_compute_each_score_once(engine: Engine, tmp_path: Path) -> None:
    with workers(engine, tmp_path):
        wait_until_drained(engine)

    with transaction(engine) as connection:
        revisions = set(connection.scalars(select(Score.revision).where(Score.org_id == ORG, Score.period == PERIOD)))
        assert revisions == {1}
        assert check_stored(connection, ORG, NOW).differences == ()


def test_a_worker_refuses_sqlite_and_says_what_does_it_there(tmp_path: Path) -> None:
    engine = ready_server(tmp_path)
    result = CliRunner().invoke(
        main, ["--data-dir", str(tmp_path), "--database-url", engine.url.render_as_string(), "--lang", "en", "worker"]
    )

    assert result.exit_code == 1
    assert "processes_need_postgresql" in result.stderr

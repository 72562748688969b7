"""What transactions do when others are in their way: they wait, are done again, or end as a problem; never as a failure."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update

from lontara_core.problems import Problem
from lontara_server.app import create_app
from lontara_server.config import Config
from lontara_server.services.orgs import org_named
from lontara_server.services.periods import list_periods, lock_period
from lontara_server.storage import engine as engines
from lontara_server.storage.engine import Connection, Engine, make_engine, run_in_transaction, snapshot, transaction
from lontara_server.storage.models import Employee
from lontara_server.storage.operations import lock_device, move_head
from lontara_server.storage.people import employee_of_nip
from server.logged_tablet import LoggedTablet
from server.ready import CHIEF, NOW, SECRET, WORKER, seeded_bytes

pytestmark = pytest.mark.postgresql


@pytest.fixture
def impatient(on_postgres: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The same database for those who wait for nobody: few connections, and locks at once or not at all."""
    monkeypatch.setattr(engines, "LOCK_MS", 50)
    monkeypatch.setattr(engines, "POOL_SECONDS", 0.05)
    monkeypatch.setattr(engines, "CONNECTIONS_MAX", 2)
    engine = make_engine(on_postgres.url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def rename(connection: Connection, nip: str, name: str) -> None:
    connection.execute(update(Employee).where(Employee.org_id == 1, Employee.nip == nip).values(full_name=name))


def name_of(engine: Engine, nip: str) -> str:
    with transaction(engine) as connection:
        found = employee_of_nip(connection, 1, nip)
    assert found is not None
    return found.full_name


def test_two_transactions_that_wait_for_each_other_are_both_done(on_postgres: Engine) -> None:
    both_hold_one, attempts = threading.Barrier(2), []

    def rename_both(name: str, first: str, second: str) -> None:
        def work(connection: Connection) -> None:
            attempts.append(name)
            rename(connection, first, name)
            if attempts.count(name) == 1:
                both_hold_one.wait(timeout=30)
            rename(connection, second, name)

        run_in_transaction(on_postgres, work)

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(rename_both, "Satu", CHIEF, WORKER), pool.submit(rename_both, "Dua", WORKER, CHIEF)]
        for each in running:
            each.result()

    assert name_of(on_postgres, CHIEF) == name_of(on_postgres, WORKER)
    assert len(attempts) > 2


def test_what_two_transactions_make_at_once_is_made_by_the_second_after_seeing_it(on_postgres: Engine) -> None:
    looked, found = threading.Barrier(2), []

    def make(connection: Connection) -> None:
        known = connection.execute(text("SELECT 1 FROM holiday WHERE org_id = 1 AND day = '2026-12-25'")).first()
        found.append(known is not None)
        if len(found) <= 2:
            looked.wait(timeout=30)
        if known is None:
            connection.execute(text("INSERT INTO holiday (org_id, day, name) VALUES (1, '2026-12-25', 'Natal')"))

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(run_in_transaction, on_postgres, make) for _ in range(2)]
        for each in running:
            each.result()

    assert sorted(found) == [False, False, True]


def test_work_that_collides_again_and_again_ends_as_busy_and_leaves_nothing(on_postgres: Engine) -> None:
    def work(connection: Connection) -> None:
        rename(connection, WORKER, "Nama lain")
        connection.execute(text("INSERT INTO org SELECT * FROM org"))

    with pytest.raises(Problem) as refused:
        run_in_transaction(on_postgres, work)

    assert (refused.value.code, refused.value.status) == ("busy", 503)
    assert name_of(on_postgres, WORKER) == "Ambo Upe Lamaru"


def test_a_lock_that_another_holds_for_long_is_busy(on_postgres: Engine, impatient: Engine) -> None:
    with transaction(on_postgres) as holder:
        rename(holder, WORKER, "Nama lain")

        with pytest.raises(Problem) as refused, transaction(impatient) as connection:
            rename(connection, WORKER, "Nama lagi")

    assert refused.value.code == "busy"


def test_when_all_connections_are_in_use_the_next_is_busy(impatient: Engine) -> None:
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(transaction(impatient))

        with pytest.raises(Problem) as refused, transaction(impatient):
            pass

    assert refused.value.code == "busy"


def test_a_connection_that_the_database_ends_is_a_problem_and_the_next_one_works(on_postgres: Engine) -> None:
    def work(connection: Connection) -> None:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
        with transaction(on_postgres) as other:
            other.execute(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})
        rename(connection, WORKER, "Nama lain")

    with pytest.raises(Problem) as refused:
        run_in_transaction(on_postgres, work)

    assert (refused.value.code, refused.value.status) == ("database_unreachable", 503)
    assert name_of(on_postgres, WORKER) == "Ambo Upe Lamaru"


def test_a_database_that_is_not_there_is_told_without_its_password(tmp_path: Path) -> None:
    engine = make_engine(f"postgresql://lontara:rahasia@/lontara?host={tmp_path}")

    with pytest.raises(Problem) as refused, transaction(engine):
        pass

    assert refused.value.code == "database_unreachable"
    assert "rahasia" not in str(refused.value.document())


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://localhost/lontara", "oracle+x://y"])
def test_a_url_of_no_database_that_we_work_with_is_refused(url: str) -> None:
    with pytest.raises(Problem) as refused:
        make_engine(url)

    assert refused.value.code == "invalid_database_url"


@contextmanager
def client_of(engine: Engine, folder: Path) -> Iterator[FlaskClient]:
    config = Config(folder, engine.url.render_as_string(hide_password=False), SECRET)
    yield create_app(config, engine=engine, now_ms=lambda: NOW, random_bytes=seeded_bytes("app")).test_client()


def test_a_device_whose_row_is_locked_for_long_is_asked_to_come_back(
    on_postgres: Engine, impatient: Engine, tmp_path: Path
) -> None:
    tablet = LoggedTablet(on_postgres).enrolled()
    tablet.create()
    signed = tablet.request(tablet.batch(1))
    headers = {
        "Lontara-Device": signed.device, "Lontara-Request": signed.request, "Lontara-Time": str(signed.time_ms),
        "Lontara-Signature": signed.signature,
    }  # fmt: skip

    with client_of(impatient, tmp_path) as client, transaction(on_postgres) as holder:
        lock_device(holder, 1, tablet.device)
        refused = client.post("/v1/sync", data=signed.body, headers=headers)
    again = tablet.send(signed)

    assert (refused.status_code, refused.json and refused.json["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0
    assert again.head_seq == 1


def test_a_statement_that_goes_past_the_driver_begins_the_transaction_all_the_same(on_postgres: Engine) -> None:
    tablet = LoggedTablet(on_postgres).enrolled()

    def moved_in_vain(connection: Connection) -> None:
        move_head(connection, 1, tablet.device, 9, bytes(32))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_in_transaction(on_postgres, moved_in_vain)

    with transaction(on_postgres) as connection:
        found = lock_device(connection, 1, tablet.device)
    assert found is not None
    assert found.last_seq == 0


def test_a_month_is_not_locked_while_a_batch_is_settled(on_postgres: Engine, impatient: Engine) -> None:
    tablet = LoggedTablet(on_postgres).enrolled()

    with transaction(on_postgres) as settling:
        lock_device(settling, 1, tablet.device)
        with pytest.raises(Problem) as refused, transaction(impatient) as connection:
            lock_period(connection, 1, "2026-10", by="admin", now_ms=NOW)

    assert refused.value.code == "busy"
    with transaction(on_postgres) as connection:
        assert list_periods(connection, 1) == []


def test_a_snapshot_sees_nothing_that_is_committed_after_it_began(on_postgres: Engine) -> None:
    with snapshot(on_postgres) as reading:
        before = employee_of_nip(reading, 1, WORKER)
        with transaction(on_postgres) as connection:
            rename(connection, WORKER, "Nama lain")
        after = employee_of_nip(reading, 1, WORKER)

    assert before == after
    assert name_of(on_postgres, WORKER) == "Nama lain"


def refuse_after_both_ways_of_reading(engine: Engine) -> None:
    """What the driver has prepared is dropped with a transaction that is taken back, and what libpq has with it."""
    with transaction(engine) as connection:
        org_named(connection, 1)
        connection.execute(text("SELECT count(*) FROM employee WHERE org_id = 1")).all()
        raise Problem("not_permitted", "No.", {}, "Ask.")


def test_after_a_refusal_the_same_connection_goes_on(on_postgres: Engine) -> None:
    for _ in range(3):
        with pytest.raises(Problem):
            refuse_after_both_ways_of_reading(on_postgres)

    with transaction(on_postgres) as connection:
        org = org_named(connection, 1)

    assert org.code == "WAJO"


def test_after_a_savepoint_was_taken_back_the_same_transaction_goes_on(on_postgres: Engine) -> None:
    with transaction(on_postgres) as connection:
        for _ in range(3):
            saved = connection.begin_nested()
            org_named(connection, 1)
            connection.execute(text("SELECT count(*) FROM employee WHERE org_id = 1")).all()
            saved.rollback()
        org = org_named(connection, 1)

    assert org.code == "WAJO"

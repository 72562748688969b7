"""`copy-to`: a server moves to another database with all that it holds, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Date, LargeBinary, Table, func, insert, select, update
from sqlalchemy.types import Boolean, TypeDecorator

from api.console_office import ConsoleOffice, open_office
from engines.places import PostgresPlace
from lontara_core.problems import Problem
from lontara_server.cli.main import main
from lontara_server.services.exports import export_entries
from lontara_server.services.moving import copy_server
from lontara_server.services.orgs import create_org, status
from lontara_server.services.periods import lock_period
from lontara_server.services.verification import verify_org
from lontara_server.storage import copying
from lontara_server.storage.copying import Part, parts_of
from lontara_server.storage.engine import Connection, Engine, make_engine, transaction
from lontara_server.storage.models import Base, Batch
from server.logged_tablet import LoggedTablet
from server.ready import NOW, SECRET, seeded_bytes

pytestmark = pytest.mark.postgresql
LARGEST = 2**53 - 1


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ConsoleOffice]:
    """Two orgs on SQLite; in the first one entries, a clash, a locked month and scores, and something in each table."""
    office = open_office(tmp_path)
    office.clash()
    office.compute()
    with transaction(office.database) as connection:
        lock_period(connection, 1, "2026-10", by="admin", now_ms=NOW)
        create_org(connection, code="BONE", name="Kabupaten Boné ☀", by="tester", now_ms=NOW,
                   random_bytes=seeded_bytes("bone"))  # fmt: skip
        for table in Base.metadata.tables.values():
            if connection.scalar(select(func.count()).select_from(table)) == 0:
                connection.execute(insert(table), [unusual_row(table)])
    yield office
    office.database.dispose()


def unusual_row(table: Table) -> dict[str, Any]:
    """A row of values that one engine or the other might not keep as they are."""
    return {column.name: _unusual(column.name, column.type) for column in table.columns}


def _unusual(name: str, kind: Any) -> Any:
    if name == "org_id":
        return 2
    if isinstance(kind, TypeDecorator):
        return "ffffffff-ffff-8fff-bfff-fffffffffffe"
    if isinstance(kind, LargeBinary):
        return b"\x00\xff\\x27'"
    if isinstance(kind, Date):
        return date(2024, 2, 29)
    if isinstance(kind, Boolean):
        return True
    return "é'\\☀"[: kind.length or 4] if hasattr(kind, "length") else LARGEST


@pytest.fixture
def target(postgres: PostgresPlace) -> Iterator[Engine]:
    engine = make_engine(postgres.empty())
    yield engine
    engine.dispose()


def contents(engine: Engine) -> dict[Part, Any]:
    with transaction(engine) as connection:
        return {part: copying.fingerprint(connection, part) for part in parts_of(connection)}


def holds_a_server(engine: Engine) -> bool:
    with transaction(engine) as connection:
        return not copying.is_empty(connection)


def test_all_that_a_server_holds_is_there_with_the_same_ids_revisions_and_heads(
    office: ConsoleOffice, target: Engine
) -> None:
    moved = copy_server(office.database, target)

    assert moved.faults == []
    assert min(moved.tables.values()) > 0
    assert contents(target) == contents(office.database)
    with transaction(office.database) as old, transaction(target) as new:
        assert status(new) == status(old)
        assert list(export_entries(new, 1)) == list(export_entries(old, 1))
        assert verify_org(new, 1).document() == verify_org(old, 1).document()


def test_devices_go_on_at_the_new_database_as_if_nothing_had_happened(office: ConsoleOffice, target: Engine) -> None:
    tablet = office.tablet()
    tablet.create(title="Sebelum pindah", start_time="13:00", end_time="14:00")
    tablet.sync()
    copy_server(office.database, target)
    tablet.database = target
    tablet.create(title="Sesudah pindah", start_time="15:00", end_time="16:00")

    answer = tablet.sync(first=1)

    assert answer.batch is not None
    assert [(each.seq, each.duplicate) for each in answer.batch.results] == [(1, True)]
    assert answer.head_seq == 2
    with transaction(target) as connection:
        assert verify_org(connection, 1).faults == []


def test_a_server_moves_back_as_well(office: ConsoleOffice, target: Engine, tmp_path: Path) -> None:
    copy_server(office.database, target)
    back = make_engine(f"sqlite:///{tmp_path / 'back.db'}")

    copy_server(target, back)

    assert contents(back) == contents(office.database)
    back.dispose()


def test_nothing_is_copied_over_a_server_that_is_there(office: ConsoleOffice, target: Engine) -> None:
    copy_server(office.database, target)
    before = contents(target)

    with pytest.raises(Problem) as refused:
        copy_server(office.database, target)

    assert refused.value.code == "target_not_empty"
    assert contents(target) == before


def test_a_server_is_not_copied_onto_itself(office: ConsoleOffice) -> None:
    with pytest.raises(Problem) as refused:
        copy_server(office.database, office.database)

    assert refused.value.code == "target_not_empty"


def test_a_row_that_arrives_changed_undoes_the_whole_copy_and_it_can_be_done_again(
    office: ConsoleOffice, target: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_an_accent(connection: Connection, part: Part, rows: list[dict[str, Any]]) -> None:
        changed = [row | {"name": "Kabupaten Bone"} if part == Part("org", 2) else row for row in rows]
        real_add(connection, part, changed)

    real_add = copying.add_rows
    monkeypatch.setattr(copying, "add_rows", lose_an_accent)

    with pytest.raises(Problem) as refused:
        copy_server(office.database, target)

    assert (refused.value.code, refused.value.facts) == ("copy_differs", {"table": "org", "org_id": 2})
    assert not holds_a_server(target)
    monkeypatch.setattr(copying, "add_rows", real_add)
    assert copy_server(office.database, target).faults == []


def test_a_copy_that_is_broken_off_leaves_no_server_behind(
    office: ConsoleOffice, target: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(done: int, of: int) -> None:
        if done == of - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_server(office.database, target, told)

    assert not holds_a_server(target)


def typed(office: ConsoleOffice, folder: Path, *words: str, **environment: str) -> Result:
    environment["LONTARA_SECRET"] = SECRET.hex()
    url = office.database.url.render_as_string(hide_password=False)
    return CliRunner().invoke(
        main, ["--data-dir", str(folder), "--database-url", url, "--lang", "en", *words], env=environment
    )


def test_the_command_copies_and_says_what_comes_next(office: ConsoleOffice, target: Engine, tmp_path: Path) -> None:
    url = target.url.render_as_string(hide_password=False)

    result = typed(office, tmp_path, "copy-to", LONTARA_COPY_TO=url)

    assert result.exit_code == 0
    assert "copied and compared" in result.stdout
    assert "never again with the old one" in result.stdout
    assert holds_a_server(target)


def test_faults_of_the_old_log_are_copied_and_told(office: ConsoleOffice, target: Engine, tmp_path: Path) -> None:
    tablet = LoggedTablet(office.database).enrolled()
    tablet.create(title="Diubah orang", start_time="13:00", end_time="14:00")
    tablet.sync()
    with transaction(office.database) as connection:
        connection.execute(update(Batch).where(Batch.device == tablet.device).values(signature="none"))

    result = typed(office, tmp_path, "copy-to", target.url.render_as_string(hide_password=False), "--json")

    assert result.exit_code == 1
    (fault,) = json.loads(result.stdout)["faults"]
    assert "the signature does not hold" in fault
    assert contents(target) == contents(office.database)

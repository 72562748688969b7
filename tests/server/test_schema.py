"""The migrations make exactly the tables of the models, and every table keeps the rules that sharding asks for."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, text

from engines.places import Place, SqlitePlace
from lontara_core.problems import Problem
from lontara_server.storage.engine import make_engine, transaction
from lontara_server.storage.models import Base
from lontara_server.storage.schema import check_current, newest_revision, upgrade
from server.ready import migrated

# The whole server's: the same for every org.
REFERENCE_TABLES = {"device_org", "server_identity"}
TENANT_TABLES = [table for table in Base.metadata.sorted_tables if table.name not in REFERENCE_TABLES]


def test_the_migrations_make_the_tables_that_the_models_describe(place: Place) -> None:
    engine = migrated(place)

    with transaction(engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert differences == []


def test_migrating_twice_changes_nothing(place: Place) -> None:
    engine = migrated(place)

    revision = upgrade(engine)

    check_current(engine)
    assert revision == newest_revision()


@pytest.mark.parametrize("table", TENANT_TABLES, ids=[table.name for table in TENANT_TABLES])
def test_every_key_and_unique_index_begins_with_the_org(table: Table) -> None:
    unique = [list(index.columns) for index in table.indexes if index.unique]

    keys = [list(table.primary_key.columns), *unique]

    assert {key[0].name for key in keys} == {"org_id"}


def test_a_database_that_was_not_migrated_is_refused(place: Place) -> None:
    engine = make_engine(place.empty())

    with pytest.raises(Problem) as refused:
        check_current(engine)

    assert refused.value.code == "database_not_migrated"


def test_a_database_of_a_newer_program_is_refused_and_not_to_be_deleted(place: Place) -> None:
    engine = migrated(place)
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Problem) as refused:
        check_current(engine)

    assert refused.value.code == "database_newer"
    assert "do not delete" in refused.value.next_step


def test_a_database_that_cannot_be_opened_is_told_without_its_password(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'nowhere' / 'lontara.db'}")

    with pytest.raises(Problem) as refused:
        check_current(engine)

    assert refused.value.code == "database_unreachable"


def test_a_database_that_another_program_is_writing_to_says_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lontara_server.storage.engine.BUSY_MS", 50)
    engine, other = migrated(SqlitePlace(tmp_path)), make_engine(f"sqlite:///{tmp_path / 'lontara.db'}")

    with transaction(engine), pytest.raises(Problem) as refused:
        check_current(other)

    assert refused.value.code == "busy"

"""The tables are ready to be spread by org over machines, and the step that does it is complete.

No Citus runs here: its functions are stood in for by ones that only note their calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, Integer, Table, create_mock_engine, text

from engines.org_rule import TENANT_TABLES, faults_of
from engines.places import PostgresPlace
from lontara_core.problems import Problem
from lontara_server.cli.main import main
from lontara_server.storage.engine import make_engine, transaction
from lontara_server.storage.models import Base
from lontara_server.storage.prepared import PREPARED
from lontara_server.storage.sharding import distribute, distribution_steps

TABLES = [pytest.param(table, id=table.name) for table in Base.metadata.sorted_tables if table.name in TENANT_TABLES]
POSTGRESQL = create_mock_engine("postgresql+psycopg://", executor=lambda *_: None)
# What every org shares, as copies on each machine: few, small, and named here on purpose.
REFERENCE_TABLES = {"device_org", "server_identity"}


def test_all_tables_but_the_named_ones_are_an_org_s_own() -> None:
    others = set(Base.metadata.tables) - TENANT_TABLES

    assert others == REFERENCE_TABLES


@pytest.mark.parametrize("table", TABLES)
def test_the_org_is_the_first_column_of_every_key_and_index(table: Table) -> None:
    keys = [list(table.primary_key.columns), *(list(index.columns) for index in table.indexes)]

    assert {key[0].name for key in keys} == {"org_id"}


def is_constant(default: Any) -> bool:
    """Whether the database gives no value of its own to a column, or the same to each row."""
    return default is None or (isinstance(default.arg, str) and default.arg.isalnum())


@pytest.mark.parametrize("table", TABLES)
def test_no_constraint_or_default_is_one_that_a_distributed_table_cannot_have(table: Table) -> None:
    foreign = [constraint.name for constraint in table.foreign_key_constraints]
    by_server = [column.name for column in table.columns if column.identity or not is_constant(column.server_default)]
    by_sequence = [column.name for column in table.primary_key.columns if column.autoincrement is True]

    assert (foreign, by_server, by_sequence) == ([], [], [])
    assert isinstance(table.c.org_id.type, Integer)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT org.org_id, org.uid FROM org ORDER BY org.org_id",
        "SELECT id FROM device WHERE org_id = $1 AND id = $2 FOR UPDATE",
        "SELECT d.id FROM device AS d LEFT JOIN employee AS e ON e.org_id = $1 AND e.id = d.employee_id WHERE d.org_id = $1",
        "INSERT INTO dirty (org_id, period) VALUES (%s, %s) ON CONFLICT (org_id, period) DO UPDATE SET at = excluded.at",
        "COPY activity_entry (org_id, id) FROM STDIN (FORMAT BINARY)",
        "UPDATE review AS r SET held = v.held FROM unnest(%s::uuid[]) AS v(id) WHERE r.org_id = %s AND r.id = v.id",
        "WITH c AS (UPDATE org SET x = %s WHERE org_id = %s RETURNING x) INSERT INTO feed (org_id, x) SELECT %s, x FROM c",
    ],
)
def test_a_statement_that_stays_within_one_org_passes(statement: str) -> None:
    assert faults_of(statement) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT id FROM device WHERE id = $1",
        "SELECT id FROM device WHERE org_id = $1 OR id = $2",
        "SELECT count(*) FROM org WHERE code = $1",
        "SELECT d.id FROM device AS d JOIN employee AS e ON e.org_id = d.org_id WHERE d.org_id = $1",
        "SELECT id FROM device WHERE org_id = $1 AND EXISTS (SELECT 1 FROM employee WHERE id = device.employee_id)",
        "WITH e AS (SELECT id FROM employee) SELECT id FROM device WHERE org_id = $1",
        "DELETE FROM dirty USING score WHERE dirty.org_id = %s AND score.employee = dirty.employee",
        "UPDATE activity_entry AS e SET revision = v.revision FROM unnest(%s::uuid[]) AS v(id) WHERE e.id = v.id",
        "UPDATE org SET org_id = 3 WHERE org_id = $1",
        "INSERT INTO dirty (employee) VALUES (%s)",
        "INSERT INTO dirty (org_id, employee) SELECT org_id, owner FROM activity_entry WHERE org_id = %s",
        "INSERT INTO dirty (org_id, period) VALUES (%s, %s) ON CONFLICT (period) DO NOTHING",
        "INSERT INTO dirty (org_id) VALUES (%s) ON CONFLICT (org_id) DO UPDATE SET marked_at = now()",
        "COPY batch (device, org_id) FROM STDIN",
        "MERGE INTO score USING dirty ON score.org_id = dirty.org_id WHEN MATCHED THEN DELETE",
        "SELECT pg_advisory_xact_lock(4)",
        "SELECT xmin FROM org WHERE org_id = $1",
        "CREATE TRIGGER t BEFORE INSERT ON org EXECUTE FUNCTION f()",
    ],
)
def test_a_statement_that_a_distributed_database_refuses_or_sends_everywhere_is_found(statement: str) -> None:
    assert len(faults_of(statement)) >= 1


@pytest.mark.parametrize("number", range(len(PREPARED)))
def test_a_prepared_statement_stays_within_one_org(number: int) -> None:
    statement: Any = PREPARED[number].statement

    text_of_it = str(statement.compile(dialect=POSTGRESQL.dialect))

    assert faults_of(text_of_it) == ()


def test_every_table_is_distributed_once_and_beside_the_orgs() -> None:
    steps = distribution_steps()

    assert [table for table in Base.metadata.tables if sum(f"'{table}'::regclass" in step for step in steps) != 1] == []
    assert "colocate_with => 'none'" in next(step for step in steps if "_table('org'," in step)
    assert sum("colocate_with => 'org'" in step for step in steps) == len(TENANT_TABLES) - 1


@pytest.fixture
def coordinator(postgres: PostgresPlace) -> Iterator[Engine]:
    """A database in which Citus's functions note what they are called with."""
    engine = make_engine(postgres.empty())
    with transaction(engine) as connection:
        connection.execute(text("CREATE TABLE pg_dist_partition (logicalrelid regclass, colocated text)"))
        for name, parameters, noted in (
            ("create_reference_table", "relation regclass", "'everywhere'"),
            ("create_distributed_table", "relation regclass, by text, colocate_with text", "by || '/' || colocate_with"),
        ):
            connection.execute(
                text(
                    f"CREATE FUNCTION {name}({parameters}) RETURNS void LANGUAGE sql AS"
                    f" $$ INSERT INTO pg_dist_partition VALUES (relation, {noted}) $$"
                )
            )
    yield engine
    engine.dispose()


def typed(engine: Engine, folder: Path, *words: str) -> Result:
    url = engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(main, ["--data-dir", str(folder), "--database-url", url, "--lang", "en", *words])


def distributed(engine: Engine) -> dict[str, str]:
    with transaction(engine) as connection:
        rows = connection.execute(text("SELECT logicalrelid::text, colocated FROM pg_dist_partition")).all()
    assert len(dict(rows)) == len(rows)
    return dict(rows)


@pytest.mark.postgresql
def test_migrate_prints_the_step_and_changes_nothing(coordinator: Engine, tmp_path: Path) -> None:
    result = typed(coordinator, tmp_path, "migrate", "--citus")

    assert result.stdout.splitlines() == [f"{step};" for step in distribution_steps()]
    assert distributed(coordinator) == {}


@pytest.mark.postgresql
def test_migrate_distributes_every_table_and_a_second_time_only_what_is_new(
    coordinator: Engine, tmp_path: Path
) -> None:
    first = typed(coordinator, tmp_path, "migrate", "--citus", "--apply")
    with transaction(coordinator) as connection:
        connection.execute(text("DELETE FROM pg_dist_partition WHERE logicalrelid = 'score'::regclass"))

    second = typed(coordinator, tmp_path, "migrate", "--citus", "--apply")

    assert (first.exit_code, second.exit_code) == (0, 0)
    found = distributed(coordinator)
    assert set(found) == set(Base.metadata.tables)
    assert (found["org"], found["score"], found["server_identity"]) == ("org_id/none", "org_id/org", "everywhere")


@pytest.mark.postgresql
def test_a_database_without_citus_is_refused(postgres: PostgresPlace, tmp_path: Path) -> None:
    engine = make_engine(postgres.empty())

    with pytest.raises(Problem) as refused, transaction(engine) as connection:
        distribute(connection)

    assert refused.value.code == "citus_missing"
    assert typed(engine, tmp_path, "migrate", "--citus", "--apply").exit_code == 1
    engine.dispose()


def test_apply_without_citus_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--data-dir", str(tmp_path), "migrate", "--apply"])

    assert result.exit_code == 2

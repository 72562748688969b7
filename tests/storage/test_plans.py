"""How PostgreSQL finds the rows of the write path: by their keys, once a table has grown and the job has looked at it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from engines.places import PostgresPlace
from lontara_server.storage import operations as store
from lontara_server.storage.compiled import OnPostgresql
from lontara_server.storage.engine import make_engine, transaction
from lontara_server.storage.prepared import Prepared, PreparedList
from lontara_server.storage.statistics import analyse_grown_tables
from server.ready import PEOPLE, prepare_ready

ID = "01a1ee56-5e01-898d-92be-f9153276fc7f"
ENTRIES = 4_000
BY_LIST: dict[str, PreparedList] = {
    "lock_entries": store._lock_entries,
    "owners_of": store._owners_of,
    "records_by_id": store._RECORDS["activity_entry"][1],
}
BY_KEY: dict[str, tuple[Prepared, dict[str, str]]] = {
    "work_between": (
        store._work_between, {"org": "1", "owner": f"'{ID}'", "first": "'2026-11-01'", "last": "'2026-11-03'"},
    ),
    "feed_of_owner": (
        store._feed_of_owner, {"org": "1", "owner": f"'{ID}'", "after": "0", "upto": "99", "most": "8"},
    ),
}  # fmt: skip


def conditions(connection: Connection, prepared: Prepared, values: dict[str, str]) -> list[str]:
    """What the generic plan looks up in an index."""
    compiled = prepared.compiled(connection)
    assert isinstance(compiled, OnPostgresql)
    literal = {**{name: repr(value) for name, value in compiled.fixed.items()}, **values}
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(f"PREPARE asked AS {compiled.text}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked({', '.join(literal[name] for name in compiled.order)})")
        plan = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE asked")
    found = re.findall(r'"Index Cond": "(.*?)"', json.dumps(plan))
    assert found, plan
    return found


def fill(connection: Connection) -> None:
    connection.execute(
        text(
            "INSERT INTO activity_entry (org_id, id, revision, voided, owner, work_date, title, review_state,"
            " captured_at, recorded_at, writer_device, writer_seq) SELECT 1, gen_random_uuid(), 1, false,"
            " ('00000000-0000-0000-0000-0000000000' || lpad((n % 40)::text, 2, '0'))::uuid, date '2026-01-01' + n % 300,"
            f" 'Mendata', 'submitted', 1, 1, '{ID}', n FROM generate_series(1, {ENTRIES}) AS n"
        )
    )


@pytest.fixture
def new(postgres: PostgresPlace) -> Iterator[Engine]:
    """A database of its own: what PostgreSQL knows of a table outlives the rows of an earlier test."""
    url = postgres.empty()
    prepare_ready(url, PEOPLE)
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def looked_at(new: Engine) -> Engine:
    """A database whose entries have come all at once, and which the job has looked at since."""
    with transaction(new) as connection:
        fill(connection)
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
    assert analyse_grown_tables(new) == ["activity_entry"]
    return new


@pytest.mark.postgresql
@pytest.mark.parametrize("name", BY_LIST)
def test_a_list_of_ids_is_looked_up_by_key_and_not_read_from_the_whole_org(looked_at: Engine, name: str) -> None:
    with transaction(looked_at) as connection:
        found = conditions(connection, BY_LIST[name]._of_array, {"org": "1", "ids": f"ARRAY['{ID}']::uuid[]"})

    assert any("ANY" in condition for condition in found), found


@pytest.mark.postgresql
def test_entries_that_change_are_looked_up_by_key_and_not_read_from_the_whole_org(looked_at: Engine) -> None:
    change = Prepared(store._entry_changes._by_arrays(("title", "revision")))
    values = {"org": "1", "key": f"ARRAY['{ID}']::uuid[]", "new_title": "ARRAY['a']", "new_revision": "ARRAY[2]"}
    with transaction(looked_at) as connection:
        found = conditions(connection, change, values)

    assert any("ANY" in condition or "(id = " in condition for condition in found), found


@pytest.mark.postgresql
@pytest.mark.parametrize("name", BY_KEY)
def test_one_persons_rows_are_looked_up_by_the_person_even_in_a_table_that_nobody_has_looked_at(
    new: Engine, name: str
) -> None:
    prepared, values = BY_KEY[name]
    with transaction(new) as connection:
        found = conditions(connection, prepared, values)

    assert any("(owner = " in condition for condition in found), found


@pytest.mark.postgresql
def test_a_table_that_has_not_grown_since_is_not_looked_at_again(looked_at: Engine) -> None:
    assert analyse_grown_tables(looked_at) == []

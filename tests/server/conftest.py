"""Fixtures of the server's tests: the ready server's database, and a transaction on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lontara_server.storage.engine import Connection, Engine, transaction
from server.ready import ready_server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = ready_server(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def office(database: Engine) -> Iterator[Connection]:
    with transaction(database) as connection:
        yield connection

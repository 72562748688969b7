"""Fixtures of the server's tests: the ready server's database, and a transaction on it."""

from collections.abc import Iterator

import pytest

from engines.places import Place
from lontara_server.storage.engine import Connection, Engine, transaction
from server.ready import ready_server


@pytest.fixture
def database(place: Place) -> Iterator[Engine]:
    engine = ready_server(place)
    yield engine
    engine.dispose()


@pytest.fixture
def office(database: Engine) -> Iterator[Connection]:
    with transaction(database) as connection:
        yield connection

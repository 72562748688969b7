"""Fixtures of the storage tests: the ready server's database, on each engine or on PostgreSQL alone."""

from collections.abc import Iterator

import pytest

from engines.places import Place, PostgresPlace
from lontara_server.storage.engine import Engine
from server.ready import ready_server


@pytest.fixture
def database(place: Place) -> Iterator[Engine]:
    engine = ready_server(place)
    yield engine
    engine.dispose()


@pytest.fixture
def on_postgres(postgres: PostgresPlace) -> Iterator[Engine]:
    engine = ready_server(postgres)
    yield engine
    engine.dispose()

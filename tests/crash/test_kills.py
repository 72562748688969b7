"""kill -9 of real processes in the middle of their work: what a person was told stays, and the server has it once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crash.killing import run_campaign
from crash.planted import saved_before_the_commit
from engines.postgres_cluster import PostgresCluster
from lontara_server.storage.engine import make_engine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no fork")


def test_killed_devices_and_a_killed_server_lose_and_double_nothing(tmp_path: Path) -> None:
    kills = run_campaign(1, tmp_path, clients=12, servers=3)

    assert kills.wrong == []
    assert (kills.clients >= 12, kills.servers >= 3, kills.entries > 0) == (True, True, True)


@pytest.mark.postgresql
def test_a_killed_server_on_postgresql_loses_and_doubles_nothing(tmp_path: Path, cluster: PostgresCluster) -> None:
    database = make_engine(cluster.create("killed"))

    kills = run_campaign(3, tmp_path, clients=3, servers=3, engine=database)

    cluster.drop("killed")
    assert kills.wrong == []
    assert (kills.servers >= 3, kills.entries > 0) == (True, True)


def test_an_sdk_that_says_saved_before_the_commit_is_seen(tmp_path: Path) -> None:
    with saved_before_the_commit():
        kills = run_campaign(2, tmp_path, clients=12, servers=0)

    assert any("told was" in wrong for wrong in kills.wrong)

"""Scores of months of which only a recap of attendance was imported: provisional, at its lightest, and kept by a lock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from engines.places import Place
from lontara_server.jobs.scores import drain_scores
from lontara_server.services.attendance_totals import import_recaps
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.periods import lock_period
from lontara_server.services.scores import check_stored, compute_period, drift, show
from lontara_server.storage.engine import transaction
from server.ready import WORKER
from server.scored import NOW, ORG, PERIOD, add_entry, open_office


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    engine = open_office(place)
    with transaction(engine) as connection:
        add_entry(connection, 1)
        compute_period(connection, ORG, PERIOD, NOW)
    yield engine
    engine.dispose()


def tell(engine: Engine, totals: str) -> None:
    table = f"nip,periode,terlambat,tanpa_keterangan\n{WORKER},{PERIOD},{totals}\n"
    with transaction(engine) as connection:
        import_recaps(connection, ORG, SourceFile(table.encode(), "rekap.csv"), by="admin", now_ms=NOW)
    drain_scores(engine, lambda: NOW)


def told(engine: Engine) -> tuple[str | None, bool]:
    with transaction(engine) as connection:
        document = show(connection, ORG, WORKER, PERIOD)
        assert check_stored(connection, ORG, NOW).differences == ()
    percent = {part["part"]: part["percent"] for part in document["parts"]}
    return percent["discipline"], "attendance_recap_only" in document["reasons"]


def test_a_recap_makes_discipline_known_and_the_score_provisional(engine: Engine) -> None:
    before = told(engine)

    tell(engine, "45,1")

    assert before == (None, False)
    # 45 minutes are 1 on one day and no less on two; the day absent is 3.
    assert told(engine) == ("96.00", True)


def test_another_recap_takes_the_place_of_the_one_before(engine: Engine) -> None:
    tell(engine, "45,1")

    tell(engine, "0,0")

    assert told(engine) == ("100.00", True)


def test_a_recap_that_comes_after_the_lock_changes_no_published_score(engine: Engine) -> None:
    tell(engine, "45,1")
    with transaction(engine) as connection:
        lock_period(connection, ORG, PERIOD, by="admin", now_ms=NOW)

    tell(engine, "0,5")

    assert told(engine) == ("96.00", True)
    with transaction(engine) as connection:
        assert len(drift(connection, ORG, NOW)) == 1

"""Two orgs in one database, the second with the very same ids as the first: what happens in one never touches the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from api.console_office import ConsoleOffice, conflict_of, open_office
from engines.places import Place
from lontara_server.services import quarantine
from lontara_server.services.accounts import change_password
from lontara_server.services.devices import list_devices, revoke
from lontara_server.services.periods import lock_period
from lontara_server.services.scores import recompute_all
from lontara_server.services.verification import verify_org
from lontara_server.storage import copying
from lontara_server.storage.copying import Fingerprint, Part
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import Base
from server.ready import NOW

TWIN = 2


@pytest.fixture
def office(tmp_path: Path, place: Place) -> Iterator[ConsoleOffice]:
    office = open_office(tmp_path, place)
    office.clash()
    office.compute()
    yield office
    office.database.dispose()


def add_twin(database: Engine) -> None:
    """Give every row of the first org a double in the second."""
    with transaction(database) as connection:
        for part in [part for part in copying.parts_of(connection) if part.org_id == 1]:
            rows = [row for some in copying.rows_of(connection, part) for row in some]
            doubles: list[dict[str, Any]] = [{**row, "org_id": TWIN} for row in rows]
            if part.table == "org":
                doubles = [{**row, "code": "BONE"} for row in doubles]
            if doubles:
                connection.execute(insert(Base.metadata.tables[part.table]), doubles)


def held_by_twin(database: Engine) -> dict[Part, Fingerprint]:
    with transaction(database) as connection:
        return {
            part: copying.fingerprint(connection, part)
            for part in copying.parts_of(connection)
            if part.org_id == TWIN
        }  # fmt: skip


def test_a_busy_day_in_one_org_leaves_the_other_as_it_was(office: ConsoleOffice) -> None:
    admin = office.browser("admin")
    add_twin(office.database)
    before = held_by_twin(office.database)
    conflict = conflict_of(office)

    lost = office.tablet()
    office.entry(title="Rapat", start_time="13:00", end_time="14:00")
    office.clash(title="Laporan", start_time="15:00", end_time="15:30")
    body = {"choice": "keep_server", "reason": "Sudah ditanyakan", "hash": conflict["hash"]}
    answer = admin.call(f"/v1/conflicts/{conflict['id']}/resolve", body)
    with transaction(office.database) as connection:
        revoke(connection, 1, lost.device, by="admin", now_ms=NOW)
    lost.create(title="Apel", start_time="07:00", end_time="07:30")
    lost.sync()
    with transaction(office.database) as connection:
        (row,) = quarantine.list_quarantine(connection, 1)
        quarantine.accept(connection, 1, row["id"], reason="Sudah ditanyakan", by="admin", now_ms=NOW)
        lock_period(connection, 1, "2026-10", by="admin", now_ms=NOW)
        change_password(connection, 1, "chief", "kata sandi yang lain", by="admin", now_ms=NOW)
        recompute_all(connection, 1, NOW)

    assert answer.status_code == 200
    assert held_by_twin(office.database) == before


def test_what_one_org_reads_is_not_doubled_by_the_other(office: ConsoleOffice) -> None:
    add_twin(office.database)

    with transaction(office.database) as connection:
        devices, checked = list_devices(connection, 1), verify_org(connection, 1)

    assert len(devices) == len({row["id"] for row in devices}) == 2
    assert checked.faults == []
    assert conflict_of(office)["kind"] == "field"

"""Real devices and the real server over loopback: what was written offline arrives once, clashes and is approved."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from lontara.client import Client
from lontara_server.app import clock_ms, create_app
from lontara_server.config import Config
from lontara_server.services.devices import issue_code
from lontara_server.services.scores import compute_period, show
from lontara_server.storage.engine import Engine, transaction
from server.ready import CHIEF, SECRET, WORKER, ready_server, seeded_bytes

DAY: dict[str, Any] = {"work_date": "2026-11-20", "start_time": "08:00", "end_time": "10:00"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    engine = ready_server(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def address(database: Engine, tmp_path: Path) -> Iterator[str]:
    app = create_app(Config(tmp_path, str(database.url), SECRET), engine=database)
    http = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()


class Office:
    """Opens enrolled devices and closes them at the end."""

    def __init__(self, folder: Path, database: Engine, address: str) -> None:
        self.folder, self.database, self.address = folder, database, address
        self.devices: list[Client] = []

    def device(self, nip: str) -> Client:
        name = f"device {len(self.devices)}"
        with transaction(self.database) as connection:
            issued = issue_code(
                connection, 1, nip, by="tester", secret=SECRET, now_ms=clock_ms(), random_bytes=seeded_bytes(name)
            )
        client = Client.open(self.folder / name, pin="482913")
        client.enrol(self.address, issued.code)
        self.devices.append(client)
        return client


@pytest.fixture
def office(tmp_path: Path, database: Engine, address: str) -> Iterator[Office]:
    office = Office(tmp_path, database, address)
    yield office
    for client in office.devices:
        client.close()


def test_entries_written_offline_on_one_device_come_to_the_other_once(office: Office) -> None:
    tablet, laptop = office.device(WORKER), office.device(WORKER)
    written = {
        tablet.record(**{**DAY, "work_date": f"2026-11-{day:02}"}, title="Layanan warga").id for day in (18, 19, 20)
    }

    tablet.sync()
    tablet.sync()
    laptop.sync()

    assert {entry.id for entry in laptop.entries()} == written
    assert tablet.status()["unsent"] == 0


def test_one_field_changed_on_two_devices_leaves_the_entry_alone_and_asks(office: Office) -> None:
    tablet, laptop = office.device(WORKER), office.device(WORKER)
    entry = tablet.record(**DAY, title="Layanan warga", quantity="10", output_unit="orang").id
    tablet.sync()
    laptop.sync()
    tablet.edit(entry, quantity="12")
    laptop.edit(entry, quantity="15")

    tablet.sync()
    laptop.sync()
    tablet.sync()

    conflicts = tablet.conflicts(open_only=True)
    assert [conflict["kind"] for conflict in conflicts] == ["field"]
    assert tablet.entry(entry).fields["quantity"] == "12"


def test_an_approved_entry_counts_in_the_score(office: Office, database: Engine) -> None:
    worker, chief = office.device(WORKER), office.device(CHIEF)
    entry = worker.record(**DAY, title="Layanan warga").id
    worker.sync()
    chief.sync()
    chief.review(entry, "approved")

    chief.sync()
    worker.sync()

    assert worker.entry(entry).fields["review_state"] == "approved"
    with transaction(database) as connection:
        compute_period(connection, 1, "2026-11", clock_ms())
        score = show(connection, 1, WORKER, "2026-11")
    assert score["provisional"] is True
    assert score["value"] == "1.90"

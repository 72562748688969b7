"""Real devices and the real server over loopback: what was written offline arrives once, clashes and is approved."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from engines.places import Place
from lontara.client import Client
from lontara.clock import SystemClock
from lontara.engine import SyncReport
from lontara_server.app import clock_ms, create_app
from lontara_server.config import Config
from lontara_server.services.devices import issue_code
from lontara_server.services.scores import compute_period, show
from lontara_server.storage.engine import Engine, transaction
from server.ready import CHIEF, SECRET, WORKER, ready_server, seeded_bytes

DAY: dict[str, Any] = {"work_date": "2026-11-20", "start_time": "08:00", "end_time": "10:00"}


@pytest.fixture
def database(place: Place) -> Iterator[Engine]:
    engine = ready_server(place)
    yield engine
    engine.dispose()


class HurriedClock(SystemClock):
    """This machine's clock with waits cut short: the link is in this process."""

    def pause(self, seconds: float) -> None:
        super().pause(min(seconds, 0.01))


@contextmanager
def serving(database: Engine, folder: Path, port: int = 0) -> Iterator[int]:
    """The real application on loopback, for as long as the block lasts; yields its port."""
    app = create_app(Config(folder, str(database.url), SECRET), engine=database)
    http = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield http.server_port
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def address(database: Engine, tmp_path: Path) -> Iterator[str]:
    with serving(database, tmp_path) as port:
        yield f"http://127.0.0.1:{port}"


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
        client = Client.open(self.folder / name, pin="482913", clock=HurriedClock())
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


def test_what_was_saved_while_the_server_was_away_goes_by_itself_when_it_is_back(
    database: Engine, tmp_path: Path
) -> None:
    with serving(database, tmp_path) as port:
        office = Office(tmp_path, database, f"http://127.0.0.1:{port}")
        tablet = office.device(WORKER)
    entry = tablet.record(**DAY, title="Layanan warga").id
    tried, drained = threading.Event(), threading.Event()

    def hear(report: SyncReport) -> None:
        (tried if report.unsent else drained).set()

    with tablet.watch(seconds=0.05, on_report=hear):
        assert tried.wait(timeout=30)
        with serving(database, tmp_path, port):
            assert drained.wait(timeout=30)

    assert tablet.entry(entry).delivery_state == "received"
    tablet.close()

"""Devices of the demo over its poor link, to a server in memory that stands behind real HTTP on loopback."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from client.fake_server import FakeServer
from lontara.transport import HttpTransport
from lontara_demo.fleet import FieldDevice, drain_all, edit_on_each, enrol, import_offline, open_devices, write_offline
from lontara_demo.link import PoorLink, Quality
from lontara_demo.office import WORKERS, PlannedEntry, month_of
from lontara_demo.source_log import SourceEntry

BESSE = WORKERS[0]
POOR = Quality(bytes_per_second=2_000_000, delay_seconds=0.0, cut_after_bytes=6_000, answer_loss=0.4, faults_max=8)


@dataclass
class LoopbackServer:
    memory: FakeServer
    port: int


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    memory, one_at_a_time = FakeServer(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with one_at_a_time:
                answer = memory.post(self.path, body, dict(self.headers.items()))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield LoopbackServer(memory, http.server_address[1])
    http.shutdown()
    http.server_close()


@pytest.fixture
def plan() -> list[PlannedEntry]:
    return month_of(BESSE, date(2026, 10, 1), seed=7)


@pytest.fixture
def link(server: LoopbackServer) -> Iterator[PoorLink]:
    with PoorLink(server.port, POOR, seed=3) as link:
        yield link


@pytest.fixture
def devices(tmp_path: Path, server: LoopbackServer, link: PoorLink) -> Iterator[list[FieldDevice]]:
    # Enrolled in the office, where the link is good; from then on over the poor one.
    ports = [server.port]
    devices = open_devices(
        tmp_path, [BESSE], seed=7, connect=lambda _url: HttpTransport(f"http://127.0.0.1:{ports[-1]}")
    )
    enrol(devices, f"http://127.0.0.1:{server.port}", lambda _nip: "KODE")
    ports.append(link.port)
    yield devices
    for device in devices:
        device.client.close()


def test_what_two_devices_wrote_offline_arrives_once_over_a_link_that_cuts(
    devices: list[FieldDevice], plan: list[PlannedEntry], server: LoopbackServer, link: PoorLink
) -> None:
    written = write_offline(devices, plan, lambda _device: None)

    drained = drain_all(devices, lambda _device, _report: None)

    assert all(device.unsent == 0 for device in drained.values())
    assert set(server.memory.records) == set(written)
    assert sum(len(log) for log in server.memory.logs.values()) == len(plan)
    assert link.traffic.cut_count + link.traffic.lost_answer_count > 0


def test_nothing_written_offline_has_left_the_device_before_it_syncs(
    devices: list[FieldDevice], plan: list[PlannedEntry], server: LoopbackServer
) -> None:
    write_offline(devices, plan, lambda _device: None)

    unsent = sum(device.client.status()["unsent"] for device in devices)

    assert unsent == len(plan)
    assert server.memory.records == {}


def test_both_devices_change_one_field_without_knowing_of_each_other(
    devices: list[FieldDevice], plan: list[PlannedEntry], server: LoopbackServer
) -> None:
    entry = next(iter(write_offline(devices, plan[:1], lambda _device: None)))
    # The second round lets the device that did not write the entry read it.
    for _round in range(2):
        drain_all(devices, lambda _device, _report: None)

    edit_on_each(devices, entry, "quantity", ("21", "34"))

    assert [device.client.entry(entry).fields["quantity"] for device in devices] == ["21", "34"]
    assert all(device.client.status()["unsent"] == 1 for device in devices)


def test_an_imported_line_keeps_its_mark_and_the_time_of_its_source(devices: list[FieldDevice]) -> None:
    line = SourceEntry(
        "7", "P1", "U1", date(2018, 4, 2), "07:30", "08:00", "Apel pagi", "2.5", "kegiatan", 1_526_970_227_000, 50
    )

    (entry,) = import_offline({"P1": devices[0]}, [line], lambda _device: None)

    fields = devices[0].client.entry(entry).fields
    assert (fields["source"], fields["source_entered_at"]) == ("imported", 1_526_970_227_000)
    assert (fields["work_date"], fields["quantity"]) == ("2018-04-02", "2.5")

"""The real SDK against the real server, over the application itself: no part of either side is replaced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import update

from engines.places import Place
from lontara import Client
from lontara.transport import HttpAnswer, TransportFailed
from lontara_server.app import create_app
from lontara_server.cli.main import main
from lontara_server.config import Config
from lontara_server.services import conflicts as decide
from lontara_server.services.devices import issue_code
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import Assignment
from server.ready import CHIEF, NOW, SECRET, WORKER, ready_server, seeded_bytes

TODAY = "2026-11-18"


class HandClock:
    """A clock that goes on by itself, one tick a reading."""

    def __init__(self) -> None:
        self.now = NOW

    def wall_ms(self) -> int:
        self.now += 1
        return self.now

    def offset_minutes(self) -> int:
        return 480

    def mono_ms(self) -> int | None:
        return None

    def boot(self) -> str | None:
        return None

    def pause(self, seconds: float) -> None:
        return


class AppTransport:
    """Carries requests to the application; `lose` tells for each request whether its answer is lost."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.lose: Callable[[int], bool] = lambda number: False
        self.number = 0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        answer = self.client.post(path, data=body, headers={"Accept-Encoding": "gzip", **headers})
        self.number += 1
        if self.lose(self.number):
            raise TransportFailed("cut", reached=True)
        return HttpAnswer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.data)


class Office:
    """A running server with the people of the tests."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.folder, self.clock = folder, HandClock()
        self.engine: Engine = ready_server(place)
        config = Config(folder, str(self.engine.url), SECRET)
        self.app = create_app(
            config, engine=self.engine, now_ms=self.clock.wall_ms, random_bytes=seeded_bytes("office")
        )
        self.transport = AppTransport(self.app)

    def device(self, name: str, nip: str) -> Client:
        client = Client.open(
            self.folder / name, pin="2468", clock=self.clock, chance=Random(name), transport=lambda url: self.transport
        )
        self.enrol(client, name, nip)
        return client

    def enrol(self, client: Client, name: str, nip: str) -> None:
        with transaction(self.engine) as connection:
            issued = issue_code(
                connection, 1, nip, by="tester", secret=SECRET, now_ms=self.clock.wall_ms(),
                random_bytes=seeded_bytes(name),
            )  # fmt: skip
        client.enrol("http://127.0.0.1:8000", issued.code)


@pytest.fixture
def office(tmp_path: Path, place: Place) -> Iterator[Office]:
    office = Office(tmp_path, place)
    yield office
    office.engine.dispose()


def record(client: Client, title: str, start: str = "08:00", end: str = "09:00") -> str:
    return client.record(work_date=TODAY, title=title, start_time=start, end_time=end).id


def titles(client: Client) -> dict[str, str]:
    return {entry.id: str(entry.fields["title"]) for entry in client.entries()}


def test_what_one_device_writes_the_person_s_other_device_reads(office: Office) -> None:
    phone, laptop = office.device("phone", WORKER), office.device("laptop", WORKER)
    entry = record(phone, "Mendata sawah")

    reports = [phone.sync(), laptop.sync()]

    assert [report.problem for report in reports] == [None, None]
    assert titles(laptop) == {entry: "Mendata sawah"}


def test_many_entries_all_arrive_exactly_once_although_answers_are_lost(office: Office) -> None:
    phone, laptop = office.device("phone", WORKER), office.device("laptop", WORKER)
    office.transport.lose = lambda number: number % 3 == 0
    made = {record(phone, f"Kegiatan {number}", f"{number % 24:02}:00", f"{number % 24:02}:30") for number in range(60)}

    report = phone.sync()

    office.transport.lose = lambda number: False
    assert (report.problem, report.unsent) == (None, 0)
    assert laptop.sync().problem is None
    assert set(titles(laptop)) == made


def test_a_clash_is_decided_and_both_devices_end_with_the_same_value(office: Office) -> None:
    phone, laptop = office.device("phone", WORKER), office.device("laptop", WORKER)
    entry = record(phone, "Mendata sawah")
    phone.sync(), laptop.sync()
    phone.edit(entry, title="Mendata sawah Pammana")
    laptop.edit(entry, title="Mendata kebun Pammana")
    phone.sync(), laptop.sync()
    with transaction(office.engine) as connection:
        (conflict,) = decide.list_conflicts(connection, 1)
        decide.resolve_conflict(
            connection, 1, conflict["id"], choice="keep_device", reason="Kebun", by="admin", now_ms=NOW
        )  # fmt: skip

    phone.sync(), laptop.sync()

    assert titles(phone) == titles(laptop) == {entry: "Mendata kebun Pammana"}
    assert [each["resolution"]["reason"] for each in laptop.conflicts()] == ["Kebun"]
    assert laptop.attention() == []


def test_a_supervisor_s_device_reviews_what_the_worker_wrote(office: Office) -> None:
    worker, chief = office.device("worker", WORKER), office.device("chief", CHIEF)
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    chief.review(entry, "needs_revision", note="Lengkapi jumlahnya")
    report = chief.sync()

    worker.sync()

    fields = worker.entry(entry).fields
    assert report.results == {"applied": 1}
    assert (fields["review_state"], fields["review_note"]) == ("needs_revision", "Lengkapi jumlahnya")


def test_a_copied_store_enrols_again_and_both_copies_work_arrives(office: Office) -> None:
    phone = office.device("phone", WORKER)
    record(phone, "Sebelum disalin")
    phone.sync()
    phone.close()
    shutil.copytree(office.folder / "phone", office.folder / "copy")
    parts = {"clock": office.clock, "transport": lambda url: office.transport}
    phone = Client.open(office.folder / "phone", pin="2468", chance=Random(1), **parts)
    copy = Client.open(office.folder / "copy", pin="2468", chance=Random(2), **parts)
    record(phone, "Dari yang asli", "10:00", "11:00")
    record(copy, "Dari salinan", "13:00", "14:00")
    phone.sync()
    report = copy.sync()
    office.enrol(copy, "again", WORKER)

    copy.sync(), phone.sync()

    assert report.problem is not None
    assert report.problem.code == "forked"
    assert sorted(titles(phone).values()) == sorted(titles(copy).values())
    assert set(titles(phone).values()) == {"Sebelum disalin", "Dari yang asli", "Dari salinan"}


def test_a_revoked_device_s_unsent_work_is_accepted_by_an_admin_and_arrives_once(office: Office) -> None:
    phone, laptop = office.device("phone", WORKER), office.device("laptop", WORKER)
    phone.sync()
    entry = record(phone, "Mendata sawah")
    phone.edit(entry, title="Mendata sawah Pammana")
    administer(office, "device", "revoke", str(phone.store.setting("device")))
    reports = [phone.sync(), phone.sync()]
    (waiting,) = administer(office, "quarantine", "list", "--json")
    unseen = laptop.sync()

    administer(office, "quarantine", "accept", waiting["id"], "--reason", "Sudah ditanyakan")

    laptop.sync()
    assert [report.problem and report.problem.code for report in reports] == ["quarantined", "quarantined"]
    assert (phone.status()["unsent"], phone.status()["quarantined"]) == (0, 2)
    assert (waiting["operation_count"], unseen.problem) == (2, None)
    assert titles(laptop) == {entry: "Mendata sawah Pammana"}
    administer(office, "device", "restore", str(phone.store.setting("device")))
    assert (phone.sync().problem, laptop.sync().problem) == (None, None)
    assert titles(phone) == titles(laptop) == {entry: "Mendata sawah Pammana"}
    assert phone.entry(entry).delivery_state == "received"


def test_a_store_that_is_enrolled_again_brings_what_an_admin_accepted_once(office: Office) -> None:
    phone, laptop = office.device("phone", WORKER), office.device("laptop", WORKER)
    entry = record(phone, "Mendata sawah")
    administer(office, "device", "revoke", str(phone.store.setting("device")))
    phone.sync()
    (waiting,) = administer(office, "quarantine", "list", "--json")
    administer(office, "quarantine", "accept", waiting["id"], "--reason", "Sudah ditanyakan")
    office.enrol(phone, "again", WORKER)

    report = phone.sync()

    laptop.sync()
    assert (report.problem, report.unsent) == (None, 0)
    assert titles(phone) == titles(laptop) == {entry: "Mendata sawah"}


def test_a_supervisor_who_loses_a_unit_keeps_their_own_entries(office: Office) -> None:
    worker, chief = office.device("worker", WORKER), office.device("chief", CHIEF)
    theirs, own = record(worker, "Mendata sawah"), record(chief, "Rapat", "10:00", "11:00")
    worker.sync(), chief.sync(), chief.sync()
    both = set(titles(chief))
    with transaction(office.engine) as connection:
        connection.execute(update(Assignment).values(supervisor=None))

    chief.sync()

    assert (both, set(titles(chief))) == ({theirs, own}, {own})


def administer(office: Office, *words: str) -> Any:
    """Run `lontara-server` with these words; what it prints, where it prints JSON."""
    options = ["--data-dir", str(office.folder), "--database-url", str(office.engine.url), "--as", "admin"]
    result = CliRunner().invoke(main, [*options, *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in words else None

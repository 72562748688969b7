"""A device without access: what it shows, what it sends, and when alone it empties its store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client.fake_server import FakeServer
from lontara import Client
from lontara.revocation import wipe_if_safe
from lontara_core.messages import Mark, SetAside, SyncAnswer
from lontara_core.problems import Problem


@pytest.fixture
def device(client: Client) -> str:
    return str(client.store.setting("device"))


def record(client: Client, title: str = "Penyuluhan padi") -> str:
    return client.record(work_date="2026-01-05", duration_minutes=30, title=title).id


def test_work_in_quarantine_is_shown_as_that_and_not_sent_again(
    client: Client, server: FakeServer, device: str
) -> None:
    server.has_backup = False
    client.sync()
    server.revoked.add(device)
    entry = record(client)
    first = client.sync()

    again = client.sync()

    status = client.status()
    assert (first.problem and first.problem.code, again.problem and again.problem.code) == ("quarantined", "quarantined")
    assert server.batches == [(1, 1)]
    assert (status["unsent"], status["quarantined"], client.entry(entry).delivery_state) == (0, 1, "quarantined")


def test_what_is_written_after_the_revocation_goes_on_from_the_quarantine(
    client: Client, server: FakeServer, device: str
) -> None:
    server.has_backup = False
    server.revoked.add(device)
    record(client)
    client.sync()
    record(client, "Rapat")

    report = client.sync()

    assert server.batches == [(1, 1), (2, 2)]
    assert (report.unsent, report.quarantined) == (0, 2)


def test_with_access_again_everything_is_sent_from_the_server_s_head(
    client: Client, server: FakeServer, device: str
) -> None:
    server.has_backup = False
    server.revoked.add(device)
    entry = record(client)
    client.sync()
    server.revoked.clear()

    report = client.sync()

    assert (report.problem, len(server.logs[device])) == (None, 1)
    assert (client.status()["quarantined"], client.entry(entry).delivery_state) == (0, "received")


def test_a_revoked_device_says_what_an_admin_has_decided_and_no_longer_that_it_waits(
    client: Client, server: FakeServer, device: str
) -> None:
    server.has_backup = False
    server.revoked.add(device)
    record(client)
    waiting = client.sync().problem
    server.set_aside = [SetAside(first=1, last=1, state="dropped", reason="Bukan pekerjaan dinas.")]

    decided = client.sync().problem

    assert waiting is not None
    assert decided is not None
    assert (waiting.code, decided.code) == ("quarantined", "quarantine_decided")
    assert (decided.facts["dropped"], "Bukan pekerjaan dinas." in decided.message) == (1, True)


def test_a_revoked_device_that_has_nothing_to_send_stops_asking(client: Client, server: FakeServer, device: str) -> None:
    server.has_backup = False
    record(client)
    client.sync()
    server.requests = 0
    server.revoked.add(device)

    report = client.sync()

    assert (report.problem, server.requests) == (None, 1)


def test_a_device_empties_its_store_when_all_it_wrote_is_received_and_backed_up(
    client: Client, server: FakeServer, device: str, opened: Callable[[Path], Client]
) -> None:
    entry = record(client)
    client.sync()
    server.revoked.add(device)

    report = client.sync()

    again = opened(client.store.data_dir)
    assert report.problem is not None
    assert (report.problem.code, again.status()["wiped_at"] is None, again.entries()) == ("device_wiped", False, [])
    with pytest.raises(Problem) as caught:
        again.entry(entry)
    assert caught.value.code == "not_found"


@pytest.mark.parametrize("reason", ["no backup", "a draft"])
def test_a_device_keeps_all_where_anything_could_be_lost(
    client: Client, server: FakeServer, device: str, reason: str
) -> None:
    server.has_backup = reason != "no backup"
    entry = record(client)
    client.sync()
    if reason == "a draft":
        client.record(draft=True, work_date="2026-01-06", duration_minutes=30, title="Draf")
    server.revoked.add(device)

    client.sync()

    assert (client.entry(entry).id, client.status()["wiped_at"]) == (entry, None)


@pytest.mark.parametrize("mark", [(1, "own"), (2, "f" * 64), (3, "own")])
def test_a_wipe_that_does_not_name_the_last_operation_by_content_is_not_obeyed(
    client: Client, server: FakeServer, device: str, mark: tuple[int, str]
) -> None:
    entry = record(client)
    record(client, "Rapat")
    client.sync()
    seq, digest = mark
    own = client.store.hash_at(device, min(seq, 2))
    assert own is not None
    asked = Mark(seq=seq, hash=own.hex() if digest == "own" else digest)
    answer = SyncAnswer(
        protocol=1, request="", server="", epoch=server.epoch, server_time=server.time_ms, head_seq=2, head="",
        scopes=["self"], wipe_after=asked,
    )  # fmt: skip

    with client.store.transaction():
        wipe_if_safe(client.store, answer)

    assert client.entry(entry).id == entry


def test_a_wipe_that_nobody_signed_is_not_obeyed(client: Client, server: FakeServer, device: str) -> None:
    entry = record(client)
    client.sync()
    server.revoked.add(device)
    server.key = b"x" * 32

    report = client.sync()

    assert report.problem is not None
    assert (report.problem.code, client.entry(entry).id) == ("answer_not_signed", entry)


def test_an_emptied_store_refuses_new_work_until_it_is_enrolled_again(
    client: Client, server: FakeServer, device: str
) -> None:
    record(client)
    client.sync()
    server.revoked.add(device)
    client.sync()

    with pytest.raises(Problem) as caught:
        record(client)

    assert caught.value.code == "device_wiped"
    client.enrol("https://lontara.test", "KODE")
    assert client.sync().problem is None
    assert [entry.title for entry in client.entries()] == ["Penyuluhan padi"]

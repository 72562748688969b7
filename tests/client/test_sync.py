"""What a device keeps, sends and takes over, whatever the link does."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import msgspec
import pytest

from client.conftest import PIN, HandClock
from client.fake_server import FakeServer, lost
from lontara import Client, Problem
from lontara.transport import HttpAnswer, TransportFailed
from lontara_core.operations import decode_operation


def add(client: Client, title: str = "Penyuluhan padi") -> str:
    return client.record(work_date="2026-01-05", start_time="08:00", end_time="09:30", title=title).id


def test_an_entry_is_received_and_backed_up(client: Client, server: FakeServer) -> None:
    entry = add(client)

    report = client.sync()

    assert report.problem is None
    assert report.results == {"applied": 1}
    assert client.entry(entry).delivery_state == "backed_up"
    assert client.entry(entry).revision == 1
    assert server.records[entry][1].fields["title"] == "Penyuluhan padi"


def test_a_lost_answer_is_asked_for_again_and_nothing_doubles(client: Client, server: FakeServer) -> None:
    entry = add(client)
    start = server.requests

    def lose_first(number: int, answer: HttpAnswer) -> HttpAnswer:
        if number == start + 1:
            raise lost()
        return answer

    server.after = lose_first

    report = client.sync()

    assert report.problem is None
    assert client.entry(entry).delivery_state == "backed_up"
    assert len(next(iter(server.logs.values()))) == 1


def test_an_unreachable_server_leaves_everything_queued(client: Client, server: FakeServer) -> None:
    entry = add(client)

    def unreachable(number: int) -> None:
        raise TransportFailed("no route", reached=False)

    server.before = unreachable

    report = client.sync()

    assert report.unreachable
    assert report.unsent == 1
    assert client.entry(entry).delivery_state == "queued"


def test_an_edit_made_while_the_request_is_under_way_is_still_sent(client: Client, server: FakeServer) -> None:
    entry = add(client)
    start = server.requests

    def edit_meanwhile(number: int, answer: HttpAnswer) -> HttpAnswer:
        if number == start + 1:
            client.edit(entry, title="Penyuluhan jagung")
        return answer

    server.after = edit_meanwhile

    client.sync()

    assert server.records[entry][1].fields["title"] == "Penyuluhan jagung"
    assert client.entry(entry).title == "Penyuluhan jagung"
    assert client.status()["unsent"] == 0


@pytest.mark.parametrize("spoil", [{"lontara-signature": "AAAA"}, {}])
def test_an_answer_without_the_servers_signature_acknowledges_nothing(
    client: Client, server: FakeServer, spoil: dict[str, str]
) -> None:
    add(client)
    server.after = lambda number, answer: replace(answer, headers=spoil)

    report = client.sync()

    assert report.problem is not None
    assert report.problem.code == "answer_not_signed"
    assert client.status()["unsent"] == 1


def test_an_answer_to_another_request_acknowledges_nothing(client: Client, server: FakeServer) -> None:
    client.sync()
    kept: list[HttpAnswer] = []

    def keep(number: int, answer: HttpAnswer) -> HttpAnswer:
        kept.append(answer)
        return answer

    server.after = keep
    client.sync()
    add(client)
    server.after = lambda number, answer: kept[0]

    report = client.sync()

    assert report.problem is not None
    assert client.status()["unsent"] == 1


def test_a_clock_a_year_off_costs_one_round_trip(client: Client, server: FakeServer, clock: HandClock) -> None:
    client.sync()
    add(client)
    clock.now += 365 * 86_400_000
    start = server.requests

    report = client.sync()

    assert report.problem is None
    assert client.status()["unsent"] == 0
    assert server.requests - start <= 3


def test_a_rejected_entry_stays_readable_and_is_corrected_under_its_id(client: Client, server: FakeServer) -> None:
    server.reject = lambda operation: "invalid_field" if operation.fields.get("title") == "salah" else None
    entry = add(client, "salah")
    client.sync()
    (item,) = client.attention()
    assert client.entry(entry).delivery_state == "rejected"

    client.correct(item.op_id, title="benar")

    client.sync()
    assert client.attention() == []
    assert client.entry(entry).title == "benar"
    assert server.records[entry][1].fields["title"] == "benar"
    sent = decode_operation(next(iter(server.logs.values()))[1])
    assert [origin.seq for origin in sent.supersedes] == [1]


def test_a_server_row_stays_beside_a_pending_edit(client: Client, server: FakeServer) -> None:
    entry = add(client)
    client.sync()
    held = server.records[entry][1]
    server.put(msgspec.structs.replace(held, revision=2, fields={**held.fields, "place": "Sengkang"}))
    start = server.requests

    def edit_before_page(number: int, answer: HttpAnswer) -> HttpAnswer:
        if number == start + 1:
            client.edit(entry, title="Baru")
        return answer

    server.after = edit_before_page
    server.before = lambda number: None if number == start + 1 else (_ for _ in ()).throw(lost())

    client.sync()

    row = client.store.row("activity_entry", entry)
    assert row is not None
    assert row.server is not None
    assert row.view is not None
    assert row.server.fields["title"] == "Penyuluhan padi"
    assert (row.view.fields["title"], row.view.fields["place"]) == ("Baru", "Sengkang")


def test_a_restored_server_gets_everything_again(client: Client, server: FakeServer) -> None:
    first = add(client, "Satu")
    client.sync()
    copied = ({device: list(log) for device, log in server.logs.items()}, dict(server.records), server.feed)
    second = add(client, "Dua")
    client.sync()
    server.logs, server.records, server.feed = copied
    server.epoch = "00000000-0000-8000-8000-000000000002"

    report = client.sync()

    assert report.problem is None
    assert set(server.records) == {first, second}
    assert client.status()["unsent"] == 0
    assert {entry.id for entry in client.entries()} == {first, second}


def test_a_row_that_a_restored_server_lacks_leaves_unless_it_is_unsent_work(client: Client, server: FakeServer) -> None:
    entry = add(client)
    client.sync()
    other = msgspec.structs.replace(server.records[entry][1], id="00000000-0000-8000-8000-0000000000dd", revision=1)
    server.put(other, owner="00000000-0000-8000-8000-0000000000ee")
    client.sync()
    assert len(client.entries()) == 2
    del server.records[other.id]
    server.epoch = "00000000-0000-8000-8000-000000000002"

    client.sync()

    assert [each.id for each in client.entries()] == [entry]


def test_a_copied_store_is_told_and_both_copies_work_arrives(
    client: Client, server: FakeServer, tmp_path: Path, opened: Callable[[Path], Client]
) -> None:
    add(client, "Bersama")
    client.sync()
    folder = client.store.data_dir
    client.close()
    shutil.copytree(folder, tmp_path / "salinan")
    first, copy = opened(folder), opened(tmp_path / "salinan")
    add(first, "Dari asli")
    add(copy, "Dari salinan")
    first.sync()

    report = copy.sync()

    assert report.problem is not None
    assert report.problem.code == "forked"
    copy.enrol("https://lontara.test", "KODE2")
    assert copy.sync().problem is None
    titles = sorted(str(record.fields["title"]) for _, record, _ in server.records.values())
    assert titles == ["Bersama", "Dari asli", "Dari salinan"]
    assert sorted(entry.title for entry in copy.entries()) == titles
    assert copy.verify() == []


def test_a_gap_is_filled_from_the_servers_head(client: Client, server: FakeServer) -> None:
    add(client, "Satu")
    client.sync()
    for log in server.logs.values():
        log.clear()
    server.records.clear()
    add(client, "Dua")

    client.sync()

    assert len(server.records) == 2


def test_a_long_log_goes_up_in_several_batches(client: Client, server: FakeServer) -> None:
    with client.store.transaction():
        for number in range(300):
            add(client, f"Kegiatan {number}")

    report = client.sync()

    assert report.operations_up == 300
    assert len(server.batches) > 1
    assert len(server.records) == 300


def test_an_unenrolled_device_saves_nothing(tmp_path: Path, opened: Callable[[Path], Client]) -> None:
    client = opened(tmp_path / "baru")

    with pytest.raises(Problem) as caught:
        add(client)

    assert caught.value.code == "not_enrolled"


class StoppedClock(HandClock):
    def wall_ms(self) -> int:
        return self.now


def test_two_people_who_write_the_same_in_one_millisecond_make_two_entries(server: FakeServer, tmp_path: Path) -> None:
    ids = set()
    for name in ("ambo", "indo"):
        client = Client.open(
            tmp_path / name, pin=PIN, clock=StoppedClock(), chance=Random(7), transport=lambda url: server
        )  # fmt: skip
        client.enrol("https://lontara.test", "KODE")
        ids |= {client.record(work_date="2026-01-05", start_time="07:30", end_time="08:00", title="Apel pagi").id}

    assert len(ids) == 2

"""A device whose server went back in time, or that was enrolled again: what it keeps, asks, offers and makes anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from client.conftest import HandClock
from client.fake_server import FakeServer
from lontara import Client
from lontara.database import migrate, migrations, open_database
from lontara.keeping import KEPT_MS
from lontara.transport import HttpAnswer, TransportFailed
from lontara_core.operations import Operation, decode_operation

URL = "https://lontara.test"


@pytest.fixture
def device(client: Client) -> str:
    return str(client.store.setting("device"))


def record(client: Client, title: str = "Penyuluhan padi") -> str:
    return client.record(work_date="2026-01-05", duration_minutes=30, title=title).id


def later(server: FakeServer, clock: HandClock, milliseconds: int = KEPT_MS) -> None:
    server.time_ms += milliseconds
    clock.now += milliseconds


def numbers(client: Client, device: str) -> list[int]:
    return [logged.seq for logged in client.store.logged("device = ?", device)]


def sent(server: FakeServer, device: str) -> list[Operation]:
    return [decode_operation(raw) for raw in server.logs[device]]


def only_once(server: FakeServer) -> None:
    """One more request reaches the server, then there is no signal."""
    last = server.requests + 1

    def cut(number: int) -> None:
        if number > last:
            raise TransportFailed("no signal", reached=False)

    server.before = cut


# Keeping


def test_only_the_front_of_the_log_goes_and_the_log_goes_on_from_it(
    client: Client, server: FakeServer, device: str, clock: HandClock
) -> None:
    first = record(client, "Satu")
    record(client, "Dua")
    client.sync()
    client.sync()
    later(server, clock)
    client.sync()
    third = record(client, "Tiga")

    report = client.sync()

    assert report.problem is None
    assert numbers(client, device) == [3]
    assert (client.verify(), client.store.kept_after(device)) == ([], 2)
    assert (client.entry(first).delivery_state, client.entry(third).delivery_state) == ("backed_up", "backed_up")


def test_a_day_less_than_35_and_everything_is_kept(
    client: Client, server: FakeServer, device: str, clock: HandClock
) -> None:
    record(client)
    client.sync()
    client.sync()
    later(server, clock, KEPT_MS - 1)

    client.sync()

    assert numbers(client, device) == [1]


def test_a_rejected_operation_and_all_behind_it_are_kept(
    client: Client, server: FakeServer, device: str, clock: HandClock
) -> None:
    record(client, "Satu")
    server.reject = lambda operation: "invalid_field" if operation.fields.get("title") == "Dua" else None
    record(client, "Dua")
    record(client, "Tiga")
    client.sync()
    client.sync()
    later(server, clock)

    client.sync()

    assert numbers(client, device) == [2, 3]
    assert [item.code for item in client.attention()] == ["invalid_field"]


def test_an_own_row_in_the_short_form_is_built_although_its_operation_was_let_go(
    client: Client, server: FakeServer, device: str, clock: HandClock
) -> None:
    entry = record(client, "Satu")
    client.sync()
    client.sync()
    later(server, clock)
    client.sync()
    number, held, own = server.records[entry]
    server.feed += 1
    server.records[entry] = (server.feed, held, own)

    client.sync()

    assert (number, numbers(client, device), client.entry(entry).title) == (1, [], "Satu")


def test_an_own_row_in_the_short_form_that_cannot_be_built_is_read_whole(
    client: Client, server: FakeServer, device: str, clock: HandClock
) -> None:
    entry = record(client, "Satu")
    client.sync()
    client.sync()
    later(server, clock)
    client.sync()
    server.feed += 1
    server.records[entry] = (server.feed, *server.records[entry][1:])
    with client.store.transaction():
        client.store.write("DELETE FROM row")

    client.sync()

    assert client.entry(entry).title == "Satu"


# A new epoch


def test_the_persons_own_entry_that_nobody_else_has_is_made_again_with_its_id(
    client: Client, server: FakeServer, device: str, clock: HandClock
) -> None:
    before = server.state()
    entry = record(client, "Satu")
    client.sync()
    client.sync()
    later(server, clock)
    client.sync()
    client.edit(entry, title="Satu, diubah")
    client.sync()
    client.sync()
    server.restore(before)
    refused = client.sync()
    client.enrol(URL, "KODE")

    report = client.sync()

    again = str(client.store.setting("device"))
    assert (refused.problem and refused.problem.code, report.problem) == ("log_gap", None)
    edit, made = sent(server, again)
    assert (edit.kind, made.kind, made.id, made.fields["title"]) == ("set", "create", entry, "Satu, diubah")
    assert made.supersedes == (edit.origin,)
    assert "review_state" not in made.fields
    assert (server.records[entry][1].fields["title"], client.entry(entry).title) == ("Satu, diubah", "Satu, diubah")


def test_an_edit_that_was_never_received_counts_on_top_of_what_is_made_again(
    client: Client, server: FakeServer, device: str, clock: HandClock
) -> None:
    before = server.state()
    entry = record(client, "Satu")
    client.sync()
    client.sync()
    later(server, clock)
    client.sync()
    server.restore(before)
    client.edit(entry, title="Belum terkirim")
    client.sync()
    client.enrol(URL, "KODE")
    only_once(server)
    client.sync()
    shown = client.entry(entry).title
    server.before = lambda number: None

    client.sync()

    made = [each for each in sent(server, str(client.store.setting("device"))) if each.kind == "create"]
    assert (shown, client.entry(entry).title) == ("Belum terkirim", "Belum terkirim")
    assert [(each.fields["title"], each.supersedes) for each in made] == [("Satu", ())]


def test_a_row_of_another_person_that_a_restored_server_lacks_is_not_made_again(
    client: Client, server: FakeServer, device: str
) -> None:
    before = server.state()
    entry = record(client)
    client.sync()
    held = server.records[entry][1]
    other = type(held)(held.type, "00000000-0000-8000-8000-0000000000dd", 1, held.fields)
    server.put(other, owner="00000000-0000-8000-8000-0000000000ee")
    client.sync()
    server.restore(before)

    client.sync()

    assert [each.id for each in client.entries()] == [entry]
    assert set(server.records) == {entry}


def test_until_it_is_read_again_the_view_is_not_set_back_by_own_old_edits(
    client: Client, server: FakeServer, device: str
) -> None:
    before = server.state()
    entry = record(client, "Satu")
    client.edit(entry, title="Dua")
    client.sync()
    held = server.records[entry][1]
    server.put(type(held)(held.type, held.id, held.revision + 1, {**held.fields, "title": "Diubah atasan"}))
    client.sync()
    server.restore(before)
    only_once(server)
    client.sync()

    client.edit(entry, place="Sengkang")
    assert (client.status()["epoch"], client.status()["unsent"]) == (server.epoch, 3)
    assert (client.entry(entry).title, client.entry(entry).fields["place"]) == ("Diubah atasan", "Sengkang")


def test_a_restore_while_everything_is_offered_again_begins_once_more(
    client: Client, server: FakeServer, device: str
) -> None:
    before = server.state()
    made = {record(client, f"Catatan {number}") for number in range(3)}
    client.sync()
    server.restore(before)
    client.sync()
    server.restore(before)

    report = client.sync()

    assert (report.problem, set(server.records), client.status()["unsent"]) == (None, made, 0)


# Former logs


def test_a_former_log_that_the_restored_server_holds_is_asked_for_and_not_sent(
    client: Client, server: FakeServer, device: str
) -> None:
    made = {record(client, "Satu")}
    client.sync()
    client.enrol(URL, "KODE")
    made.add(record(client, "Dua"))
    client.sync()
    server.restore(server.state())
    server.batches.clear()

    report = client.sync()

    assert (report.problem, server.batches, client.status()["unsent"]) == (None, [], 0)
    assert {entry.id for entry in client.entries()} == made


def test_a_former_log_of_which_the_server_lacks_the_end_goes_on_under_the_present_id(
    client: Client, server: FakeServer, device: str
) -> None:
    record(client, "Satu")
    client.sync()
    client.enrol(URL, "KODE")
    present = str(client.store.setting("device"))
    state = server.state()
    state["logs"] = {device: [], present: []}
    server.records.clear()
    server.restore({**state, "records": {}})

    report = client.sync()

    (operation,) = sent(server, present)
    assert (report.problem, operation.origin and operation.origin.device) == (None, device)
    assert server.logs[device] == []


def test_what_a_server_has_of_a_former_log_is_unknown_until_it_was_asked(
    client: Client, server: FakeServer, device: str
) -> None:
    record(client, "Satu")
    client.sync()
    client.enrol(URL, "KODE")
    client.sync()
    server.restore(server.state())
    only_once(server)
    client.sync()

    assert client.status()["unsent"] == 1


def test_enrolling_again_names_the_newest_enrolment_that_the_server_still_knows(
    client: Client, server: FakeServer, device: str
) -> None:
    record(client, "Satu")
    client.sync()
    before = server.state()
    client.enrol(URL, "KODE")
    record(client, "Dua")
    client.sync()
    server.restore(before)
    refused = client.sync()

    client.enrol(URL, "KODE")

    assert refused.problem is not None
    assert (refused.problem.code, server.enrolments[-1].former) == ("unknown_device", device)
    assert client.sync().problem is None
    assert len(server.records) == 2
    assert len(sent(server, str(client.store.setting("device")))) == 1


def test_where_the_question_is_not_answered_by_the_server_the_enrolment_goes_on(
    client: Client, server: FakeServer, device: str
) -> None:
    record(client, "Satu")
    portal = HttpAnswer(200, {"content-type": "text/html"}, b"<html>Masuk dulu</html>")
    server.after = lambda number, answer: portal if "lontara-signature" in answer.headers else answer

    client.enrol(URL, "KODE")

    server.after = lambda number, answer: answer
    assert client.sync().problem is None
    assert len(server.records) == 1


# The file


def test_a_store_of_the_first_version_knows_its_logs_and_keys(
    tmp_path: Path, opened: Callable[[Path], Client]
) -> None:
    client = opened(tmp_path / "store")
    client.enrol(URL, "KODE")
    record(client)
    key, present = client.store.setting("device_key"), str(client.store.setting("device"))
    database = apsw.Connection(":memory:")
    migrate(database, migrations()[:1])
    for name in ("device", "device_key"):
        database.execute("INSERT INTO setting VALUES (?, json_quote(?))", (name, client.store.setting(name)))
    old = "00000000-0000-8000-8000-0000000000ff"
    for number, of in enumerate((old, present), start=1):
        database.execute("INSERT INTO operation (device, seq, bytes, hash, record_type, record) VALUES (?, 1, x'', x'', '', ?)",
                         (of, str(number)))  # fmt: skip

    migrate(database, migrations())

    assert list(database.execute("SELECT device, key, kept_after, asked FROM log ORDER BY number")) == [
        (old, None, 0, 1), (present, key, 0, 1),
    ]  # fmt: skip


def test_a_new_store_that_is_not_enrolled_has_no_log(tmp_path: Path) -> None:
    database = open_database(tmp_path / "store.db", bytes(32))

    assert list(database.execute("SELECT * FROM log")) == []

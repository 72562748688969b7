"""Two runs of one store cross, as when a person syncs while the app does so in the background; and what a page may take
away."""

from __future__ import annotations

import pytest

from client.fake_server import OWNER, FakeServer
from lontara import Client
from lontara.settling import settle
from lontara.transport import HttpAnswer
from lontara_core.messages import Page, Removal, Row, SyncAnswer

URL = "http://127.0.0.1:8000"
ENTRY = "019b8e2f-0000-8000-8000-000000000001"


def record(client: Client) -> str:
    return client.record(work_date="2026-01-05", duration_minutes=30, title="Penyuluhan padi").id


def test_a_run_whose_store_another_run_has_emptied_says_so(client: Client, server: FakeServer) -> None:
    record(client)
    client.sync()
    server.revoked.add(str(client.store.setting("device")))

    def cross(_number: int) -> None:
        server.before = lambda number: None
        client.sync()

    server.before = cross

    report = client.sync()

    assert report.problem is not None
    assert report.problem.code == "device_wiped"


def test_an_answer_to_an_id_that_the_device_had_before_is_no_fork(client: Client, server: FakeServer) -> None:
    entry = record(client)

    def cross(_number: int, answer: HttpAnswer) -> HttpAnswer:
        server.after = lambda number, answer: answer
        client.enrol(URL, "ABCD-EFGH")
        return answer

    server.after = cross

    report = client.sync()

    assert (report.problem, client.status()["forked"]) == (None, False)
    assert client.entry(entry).delivery_state in ("received", "backed_up")


@pytest.mark.parametrize(("revision", "stays"), [(1, False), (2, True), (3, True)])
def test_an_entry_that_moved_away_from_a_unit_stays_where_another_scope_has_brought_it(
    client: Client, revision: int, *, stays: bool
) -> None:
    store = client.store
    client.sync()
    device, epoch = store.setting("device"), store.setting("epoch")
    seq, head = store.log_head(device)
    fields = {"owner": OWNER, "title": "Rapat", "work_date": "2026-01-05", "duration_minutes": 30}
    pages = [
        Page(scope="self", next=9, rows=[Row(type="activity_entry", id=ENTRY, revision=revision, fields=fields)]),
        Page(scope="unit:x", next=9, removals=[Removal(type="activity_entry", id=ENTRY, revision=2, reason="moved")]),
    ]
    answer = SyncAnswer(
        protocol=1, request="", server=store.setting("server"), epoch=epoch, server_time=1_770_000_000_000,
        head_seq=seq, head=head.hex(), scopes=["self", "unit:x"], pages=pages,
    )  # fmt: skip

    with store.transaction():
        settle(store, answer, sent_epoch=epoch, sent_last=0, now_ms=1_770_000_000_000)

    assert (ENTRY in {each.id for each in client.entries()}) is stays

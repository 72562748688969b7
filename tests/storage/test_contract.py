"""What the statements promise, on each engine: the same rows in and out, the same order, the same answers to what is
not there. Which rules use them is tested with the services.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec import structs

from engines.places import Place
from lontara_core.canonical import sha256
from lontara_core.record import Record
from lontara_server.storage import (
    accounts,
    calendars,
    devices,
    evidence,
    orgs,
    people,
    periods,
    quarantine,
    server_log,
    short_ids,
)
from lontara_server.storage import operations as store
from lontara_server.storage.calendars import HolidayRow
from lontara_server.storage.engine import Connection, Engine, transaction
from lontara_server.storage.feed_records import pack_records
from lontara_server.storage.operations import AttentionState, ConflictState, Contact, EntryState
from lontara_server.storage.prepared import COPY_ROWS_MIN, LIST_SIZES
from lontara_server.storage.server_log import BatchRow, FeedLine, HistoryLine
from server.ready import CHIEF, NOW, WORKER, migrated

NOBODY = "00000000-0000-8000-8000-00000000dead"
DAY = date(2026, 11, 18)
# Beyond 32 bits, a leap day, quotes and signs of four bytes: what an engine may keep in its own way.
LARGE = 2**53 - 1
UNUSUAL = "Pa'baléssoreng \"☀\" 𑻠 \\x00 %s $1"


def uid(number: int) -> str:
    return str(UUID(int=0x01A2_0000_0000_8000_8000_0000_0000_0000 | number))


@pytest.fixture
def office(database: Engine) -> Iterator[Connection]:
    with transaction(database) as connection:
        yield connection


@pytest.fixture
def worker(office: Connection) -> str:
    found = people.employee_of_nip(office, 1, WORKER)
    assert found is not None
    return found.id


@pytest.fixture
def chief(office: Connection) -> str:
    found = people.employee_of_nip(office, 1, CHIEF)
    assert found is not None
    return found.id


@pytest.fixture
def unit(office: Connection) -> str:
    (found,) = people.units_of(office, 1)
    return found.id


@pytest.fixture
def device(office: Connection, worker: str) -> str:
    return new_device(office, worker, 1)


def new_device(office: Connection, employee: str | None, number: int) -> str:
    row = devices.NewDevice(
        id=uid(number), employee_id=employee, lineage=uid(number), kind="device", name=UNUSUAL, public_key="ab" * 32,
        private_key=None, head=bytes(32), enrolled_at=NOW, origins=False,
    )  # fmt: skip
    devices.add_device(office, 1, row)
    return row.id


def entry(number: int, owner: str, **fields: Any) -> EntryState:
    values = {
        "owner": owner, "work_date": "2026-11-18", "title": "Rapat", "review_state": "submitted", "captured_at": NOW,
        "recorded_at": NOW, **fields,
    }  # fmt: skip
    record = Record("activity_entry", uid(number), 1, values, False, None)
    return EntryState(record, {}, uid(1), number)


def conflict(number: int, entries: list[str], **changed: Any) -> ConflictState:
    fields = {
        "kind": "field", "route": "admin", "state": "open", "records": entries, "clashes": {}, "opened_at": NOW + number,
        "answers": [], **changed,
    }  # fmt: skip
    return ConflictState(uid(number), 1, None, None, fields, is_new=True, added_records=entries)


def batch(device: str, first: int, last: int) -> BatchRow:
    return BatchRow(
        device=device, first=first, last=last, prev=bytes(32), head=bytes([last]) * 32, signature="s", epoch="e",
        body=b"\x1f\x8b\x00", hashes=bytes(16 * (last - first + 1)),
    )  # fmt: skip


class TestDevices:
    def test_a_device_is_found_by_its_id_with_what_was_written(
        self, office: Connection, device: str, worker: str
    ) -> None:
        found = store.lock_device(office, 1, device)

        assert found is not None
        assert found == store.device_of(office, 1, device)
        assert (found.employee_id, found.kind, found.last_seq, found.head) == (worker, "device", 0, bytes(32))

    def test_nobody_s_device_is_none(self, office: Connection) -> None:
        assert (store.lock_device(office, 1, NOBODY), store.device_of(office, 1, NOBODY)) == (None, None)

    def test_a_caller_is_found_with_its_org_and_whether_its_person_may_work(
        self, office: Connection, device: str, worker: str
    ) -> None:
        before = store.lock_caller(office, 1, device)
        people.update_records(office, 1, [people.ChangedRow("employee", worker, 2, {"active": False})])

        after, nobody = store.lock_caller(office, 1, device), store.lock_caller(office, 1, NOBODY)

        assert before is not None
        assert after is not None
        assert (before.device, before.org) == (store.device_of(office, 1, device), orgs.org_of(office, 1))
        assert (before.works, before.is_origin, before.has_attention) == (True, False, False)
        assert (after.works, nobody) == (False, None)

    def test_a_device_that_belongs_to_nobody_may_not_work(self, office: Connection) -> None:
        found = store.lock_caller(office, 1, new_device(office, None, 2))

        assert found is not None
        assert not found.works

    def test_a_caller_is_told_what_waits_and_what_came_again(self, office: Connection, device: str) -> None:
        found = store.device_of(office, 1, device)
        assert found is not None
        row = AttentionState(device, 1, "activity_entry", uid(5), found.lineage, "rejected", b"{}", NOW)
        store.write_attention(office, 1, [row], set())
        store.add_origins(
            office, 1, [{"device": device, "seq": 1, "hash": bytes(32), "by_device": uid(8), "by_seq": 1}]
        )

        caller = store.lock_caller(office, 1, device)

        assert caller is not None
        assert (caller.is_origin, caller.has_attention) == (True, True)

    def test_a_device_of_another_org_is_not_found(self, office: Connection, device: str) -> None:
        assert store.device_of(office, 2, device) is None

    def test_a_device_s_org_is_known_from_its_id_alone(self, office: Connection, device: str) -> None:
        assert (devices.org_of_device(office, device), devices.org_of_device(office, NOBODY)) == (1, None)

    def test_the_list_tells_of_people_and_of_devices_without_one(self, office: Connection, device: str) -> None:
        stray = new_device(office, None, 2)

        listed = {row.id: (row.nip, row.name) for row in devices.devices_of(office, 1)}

        assert listed == {device: (WORKER, UNUSUAL), stray: (None, UNUSUAL)}
        assert [row.id for row in devices.devices_of(office, 1, stray)] == [stray]

    def test_contact_head_and_state_are_kept(self, office: Connection, device: str) -> None:
        contact = Contact(at=NOW, unsent=LARGE, app=UNUSUAL, clock_offset_ms=-LARGE)
        store.note_contact(office, 1, device, contact, LARGE, b"\x00" * 31 + b"\xff")
        devices.set_state(office, 1, device, "revoked", NOW)

        (row,) = devices.devices_of(office, 1, device)
        assert (row.unsent_reported, row.app, row.clock_offset_ms) == (LARGE, UNUSUAL, -LARGE)
        assert (row.last_seq, row.state, row.revoked_at) == (LARGE, "revoked", NOW)

    def test_a_server_actor_s_head_moves(self, office: Connection) -> None:
        actor = store.server_actor(office, 1)

        store.move_head(office, 1, actor.id, LARGE, bytes([7]) * 32)

        moved = store.server_actor(office, 1)
        assert (moved.last_seq, moved.head) == (LARGE, bytes([7]) * 32)

    def test_a_request_id_is_good_once_for_each_device(self, office: Connection, device: str, worker: str) -> None:
        other = new_device(office, worker, 2)

        used = [store.use_request(office, 1, each, uid(7), NOW, 1000) for each in (device, device, other)]

        assert used == [True, False, True]

    def test_old_request_ids_are_forgotten(self, office: Connection, device: str) -> None:
        store.use_request(office, 1, device, uid(7), NOW, 1000)
        store.use_request(office, 1, device, NOBODY, NOW + 2000, 1000)

        assert store.use_request(office, 1, device, uid(7), NOW + 2000, 1000)

    def test_a_code_that_nobody_used_in_time_goes_and_a_used_one_stays(self, office: Connection, worker: str) -> None:
        old, used, good, new = (bytes([number]) * 32 for number in range(4))
        for code, expires_at in ((old, NOW), (used, NOW), (good, NOW + 1)):
            devices.add_code(office, 1, code, worker, issued_by="admin", expires_at=expires_at, now_ms=NOW - 1)
        devices.use_code(office, 1, used, "ab" * 32, uid(1))

        devices.add_code(office, 1, new, worker, issued_by="admin", expires_at=NOW + 1, now_ms=NOW)

        found = [devices.lock_code(office, 1, code) for code in (old, used, good, new)]
        assert [row is not None for row in found] == [False, True, True, True]
        assert found[1] is not None
        assert found[1].device == uid(1)

    def test_there_is_one_server_actor_and_it_is_no_device(self, office: Connection) -> None:
        actor = store.server_actor(office, 1)

        assert store.server_actors(office, 1) == {actor.id}
        assert server_log.lock_server_actor(office, 1).device == actor.id
        assert (actor.private_key is not None, devices.devices_of(office, 1)) == (True, [])


class TestLogs:
    def test_batches_over_a_run_are_those_that_hold_any_of_it(self, office: Connection, device: str) -> None:
        for first, last in ((1, 3), (4, 4), (5, 9)):
            values = {**vars(batch(device, first, last)), "received_at": NOW, "results": None, "signed_first": first}
            store.add_batch(office, 1, values)

        found = store.batches_over(office, 1, device, 3, 4)

        assert [(each.first, each.last, len(each.hashes)) for each in found] == [(1, 3, 48), (4, 4, 16)]
        assert evidence.batch_heads(office, 1)[device, 9] == bytes([9]) * 32
        assert [each.last for each in evidence.batches_of(office, 1, device)] == [3, 4, 9]

    def test_the_server_s_batch_moves_its_head(self, office: Connection) -> None:
        actor = server_log.lock_server_actor(office, 1)
        first = actor.last_seq + 1

        server_log.add_batch(office, 1, batch(actor.device, first, first), NOW)

        end = next(each for each in evidence.log_owners(office, 1) if each.device == actor.device)
        assert (end.last_seq, end.head) == (first, bytes([first]) * 32)

    def test_the_feed_goes_on_without_a_gap_and_its_head_moves(self, office: Connection, device: str) -> None:
        before, head = evidence.feed_end(office, 1)
        lines = [FeedLine(None, None, (("period", uid(n), 1),)) for n in range(COPY_ROWS_MIN + 1)]

        server_log.add_feed(office, 1, batch(device, 1, 1), lines)

        end, new_head = evidence.feed_end(office, 1)
        assert (end, new_head != head) == (before + len(lines), True)
        assert store.org_counter(office, 1) == end
        assert [place.seq for place in evidence.feed_places(office, 1)] == list(range(1, end + 1))

    def test_what_no_batch_brought_is_in_the_feed_and_in_its_chain(self, office: Connection, worker: str) -> None:
        before, head = evidence.feed_end(office, 1)
        lines = [FeedLine(worker, None, (("score", worker, number),)) for number in (1, 2)]

        server_log.add_derived_feed(office, 1, lines)

        *_, first, second = evidence.feed_places(office, 1)
        assert (first.seq, second.seq, first.device) == (before + 1, before + 2, None)
        assert first.derived == server_log.derived_head(pack_records([("score", worker, 1)]))
        assert second.derived is not None
        assert evidence.feed_end(office, 1) == (before + 2, sha256(sha256(head, first.derived), second.derived))

    def test_a_scope_reads_its_own_lines_and_those_for_everybody(
        self, office: Connection, device: str, worker: str, chief: str, unit: str
    ) -> None:
        before = store.org_counter(office, 1)
        record = ("activity_entry", uid(5), 1)
        lines = [
            FeedLine(worker, unit, (record,)), FeedLine(chief, None, (record,)), FeedLine(None, None, (record,)),
            FeedLine(worker, unit, (record,), removal="moved"),
        ]  # fmt: skip
        server_log.add_feed(office, 1, batch(device, 1, 1), lines)

        def read(**scope: Any) -> list[int]:
            rows = store.feed_after(office, 1, before, before + 4, limit=10, **scope)
            assert all(row.records == [record] for row in rows)
            return [row.seq - before for row in rows]

        assert read(owner=worker, unit=None) == [1, 3]
        assert read(owner=chief, unit=None) == [2, 3]
        assert read(owner=None, unit=unit) == [1, 4]

    def test_a_page_of_the_feed_is_bounded_by_number_and_by_count(self, office: Connection, device: str) -> None:
        before = store.org_counter(office, 1)
        server_log.add_feed(office, 1, batch(device, 1, 1), [FeedLine(None, None, ()) for _ in range(5)])

        found = store.feed_after(office, 1, before + 1, before + 4, owner=NOBODY, unit=None, limit=2)

        assert [row.seq - before for row in found] == [2, 3]

    def test_history_is_told_from_the_oldest(self, office: Connection, device: str) -> None:
        lines = [HistoryLine("employee", uid(9), seq, 10 - seq, '{"nip":{"now":"1","was":null}}') for seq in (1, 2)]

        server_log.add_history(office, 1, device, lines, by=UNUSUAL, now_ms=NOW)

        found = store.history_of(office, 1, uid(9))
        assert [(row["revision"], row["by"]) for row in found] == [(8, UNUSUAL), (9, UNUSUAL)]
        assert found[0]["changes"] == {"nip": {"now": "1", "was": None}}

    def test_origins_are_found_by_number_and_content(self, office: Connection, device: str) -> None:
        rows = [{"device": uid(3), "seq": seq, "hash": b"h" * 32, "by_device": device, "by_seq": seq} for seq in (1, 5)]
        store.add_origins(office, 1, rows)
        store.add_origins(office, 1, [])

        assert store.origins_of(office, 1, uid(3), 2, 9) == {(5, b"h" * 32): (device, 5)}


class TestEntries:
    # One more than goes in one statement, and enough for the bulk path.
    COUNT = LIST_SIZES[-1] + COPY_ROWS_MIN + 1

    def test_many_entries_come_back_as_written_and_in_the_order_of_their_ids(
        self, office: Connection, worker: str
    ) -> None:
        written = [entry(number, worker, title=f"{UNUSUAL} {number}") for number in range(self.COUNT, 0, -1)]

        store.write_entries(office, 1, written)

        found = store.lock_entries(office, 1, [each.record.id for each in written] + [NOBODY])
        assert [each.record for each in found] == [each.record for each in reversed(written)]
        assert store.entry_ids(office, 1) == {each.record.id for each in written}

    @pytest.mark.parametrize("count", [1, COPY_ROWS_MIN])
    def test_every_field_is_kept_alone_and_in_bulk(
        self, office: Connection, worker: str, unit: str, count: int
    ) -> None:
        fields = {
            "work_date": "2024-02-29", "start_time": "23:59", "end_time": None, "duration_minutes": 1440,
            "title": UNUSUAL, "description": "\n\t" + UNUSUAL, "quantity": "12345678901234.5678", "place": "",
            "org_unit": unit, "recorded_at": LARGE, "flags": ["late", "no_supervisor"], "source_entered_at": -LARGE,
        }  # fmt: skip
        written = [entry(number, worker, **fields) for number in range(1, count + 1)]
        stamped = [replace_stamps(each, {"place": (LARGE, 7)}) for each in written]

        store.write_entries(office, 1, stamped)

        (found,) = store.lock_entries(office, 1, [uid(1)])
        assert found.record.fields == {name: value for name, value in written[0].record.fields.items() if value is not None}
        assert (found.stamps, found.writer_seq, found.before) == ({"place": (LARGE, 7)}, 1, found.record)

    def test_a_changed_entry_takes_its_new_state_whole(self, office: Connection, worker: str) -> None:
        store.write_entries(office, 1, [entry(1, worker, place="Sengkang"), entry(2, worker, place="Sengkang")])
        before = entry(1, worker, place="Sengkang").record
        changed = structs.replace(entry(1, worker, title="Lain").record, revision=2, voided=True, clash="c" * 64)

        store.write_entries(office, 1, [EntryState(changed, {}, uid(2), 8, before=before)])

        first, second = store.lock_entries(office, 1, [uid(1), uid(2)])
        assert (first.record, first.writer_seq) == (changed, 8)
        assert second.record.fields["place"] == "Sengkang"

    @pytest.mark.parametrize(
        "wish",
        [
            {"title": UNUSUAL, "description": 'a "b", {c} \\ \\" NULL', "place": None},
            {"description": "NULL", "output_unit": "{}", "title": ",", "place": ""},
            {"work_date": "2024-02-29", "duration_minutes": 1440, "recorded_at": LARGE, "target_id": NOBODY},
            {"start_time": None, "end_time": None, "flags": ["late"], "source_entered_at": -LARGE},
        ],
    )
    @pytest.mark.parametrize("count", [1, 30])
    def test_changed_columns_take_any_value_and_the_others_stay(
        self, office: Connection, worker: str, count: int, wish: dict[str, Any]
    ) -> None:
        written = [entry(number, worker, place="Sengkang") for number in range(1, count + 1)]
        store.write_entries(office, 1, written)
        wanted = []
        for state in written:
            fields = {**state.record.fields, **wish}
            record = structs.replace(
                state.record, revision=2, fields={name: value for name, value in fields.items() if value is not None}
            )
            wanted.append(EntryState(record, {"place": (LARGE, 3)}, uid(2), 9, before=state.record))

        store.write_entries(office, 1, wanted)

        found = store.lock_entries(office, 1, [state.record.id for state in written])
        assert [each.record for each in found] == [each.record for each in wanted]
        assert {(each.writer_device, each.writer_seq) for each in found} == {(uid(2), 9)}

    def test_work_between_two_days_leaves_out_the_voided_and_other_people(
        self, office: Connection, worker: str, chief: str
    ) -> None:
        days = {1: "2026-11-16", 2: "2026-11-17", 3: "2026-11-18", 4: "2026-11-19"}
        written = [entry(number, worker, work_date=day) for number, day in days.items()] + [entry(5, chief)]
        written[1] = EntryState(structs.replace(written[1].record, voided=True), {}, uid(1), 2)
        store.write_entries(office, 1, written)

        found = store.work_between(office, 1, worker, date(2026, 11, 17), DAY)

        assert [each.id for each in found] == [uid(3)]
        assert store.owners_of(office, 1, [uid(1), uid(5), NOBODY]) == {worker, chief}

    def test_what_waits_for_a_review_is_told_by_date(self, office: Connection, worker: str) -> None:
        written = [
            entry(1, worker), entry(2, worker, work_date="2026-11-02"), entry(3, worker, review_state="approved"),
        ]  # fmt: skip
        store.write_entries(office, 1, written)

        assert [record.id for record in store.submitted_entries(office, 1)] == [uid(2), uid(1)]

    def test_entries_are_told_by_their_titles(self, office: Connection, worker: str) -> None:
        store.write_entries(office, 1, [entry(1, worker, title="Rapat desa"), entry(2, worker)])

        titles = store.titles_of(office, 1, [uid(1), uid(9)])

        assert titles == {uid(1): "Rapat desa"}
        assert store.titles_of(office, 1, []) == {}

    def test_an_id_is_found_by_how_it_begins(self, office: Connection, worker: str) -> None:
        store.write_entries(office, 1, [entry(number, worker) for number in (0x1F, 0x10, 0x20)])
        begins = uid(0x10).replace("-", "")[:31]

        found = short_ids.ids_beginning(office, 1, "entry", begins, 10)

        assert found == [uid(0x10), uid(0x1F)]
        assert short_ids.ids_beginning(office, 1, "entry", begins, 1) == [uid(0x10)]
        assert short_ids.ids_beginning(office, 1, "device", begins, 10) == []

    def test_an_id_is_found_by_how_it_ends(self, office: Connection, worker: str) -> None:
        store.write_entries(office, 1, [entry(number, worker) for number in (0x1AB, 0x2AB, 0x1AC)])

        found = short_ids.ids_ending(office, 1, "entry", "00ab", 10), short_ids.ids_ending(office, 1, "entry", "01ab", 10)

        assert found == ([], [uid(0x1AB)])
        assert short_ids.ids_ending(office, 1, "entry", "ab", 10) == [uid(0x1AB), uid(0x2AB)]
        assert short_ids.ids_ending(office, 1, "device", "01ab", 10) == []

    def test_entries_are_counted_and_listed_by_their_state_of_review(self, office: Connection, worker: str) -> None:
        written = [
            entry(1, worker, review_state="rejected"), entry(2, worker, review_state="rejected", work_date="2026-11-19"),
            entry(3, worker), entry(4, worker, review_state="rejected", work_date="2026-12-01"),
        ]  # fmt: skip
        store.write_entries(office, 1, written)

        def listed(bounds: store.Bounds, skip: int = 0, limit: int = 9) -> list[str]:
            found = store.entries_reviewed(office, 1, "rejected", "2026-11", bounds, skip=skip, limit=limit)
            return [record.id for record in found]

        theirs, nobodys = store.Bounds(frozenset({worker})), store.Bounds(frozenset({NOBODY}))

        assert store.review_counts(office, 1, "2026-11", theirs) == {"rejected": 2, "submitted": 1}
        assert store.review_counts(office, 1, "2026-11", nobodys) == {}
        assert (listed(theirs), listed(nobodys), listed(store.EVERYBODY, 1, 1)) == ([uid(2), uid(1)], [], [uid(1)])
        assert listed(store.Bounds(units=frozenset({NOBODY}))) == []

    def test_entries_that_wait_are_counted_within_bounds_with_the_oldest_date(
        self, office: Connection, worker: str
    ) -> None:
        written = [
            entry(1, worker), entry(2, worker, work_date="2026-11-02"), entry(3, worker, work_date="2026-11-01"),
            entry(4, worker, review_state="approved", work_date="2026-11-01"),
        ]  # fmt: skip
        written[2] = EntryState(structs.replace(written[2].record, voided=True), {}, uid(1), 3)
        store.write_entries(office, 1, written)

        assert store.count_submitted(office, 1) == (2, date(2026, 11, 2))
        assert store.count_submitted(office, 1, without=worker) == (0, None)
        assert store.count_submitted(office, 1, store.Bounds(frozenset({NOBODY}))) == (0, None)
        assert store.count_submitted(office, 2) == (0, None)

    def test_whoever_never_punched_was_present_on_no_known_day(self, office: Connection, worker: str) -> None:
        assert store.presence_between(office, 1, worker, DAY, DAY) == {}

    def test_no_entries_are_no_statement_s_trouble(self, office: Connection) -> None:
        store.write_entries(office, 1, [])
        store.add_reviews(office, 1, [])
        store.add_history(office, 1, [])

        assert store.lock_entries(office, 1, []) == []
        assert store.records_by_id(office, 1, "review", []) == {}

    def test_an_entry_travels_to_exports_with_its_person_s_nip(self, office: Connection, worker: str) -> None:
        store.write_entries(office, 1, [entry(2, worker), entry(1, worker)])

        found = [(record.id, nip) for record, nip in evidence.entries_with_nip(office, 1)]

        assert found == [(uid(1), WORKER), (uid(2), WORKER)]

    def test_a_review_is_read_back(self, office: Connection, worker: str) -> None:
        fields = {
            "entry_id": uid(1), "verdict": "approved", "judged_revision": 3, "judged_hash": "a" * 64,
            "reviewer": worker, "held": True,
        }  # fmt: skip
        written = Record("review", uid(4), 1, fields, False, None)

        store.add_reviews(office, 1, [written])

        assert store.record_of("review", store.records_by_id(office, 1, "review", [uid(4)])[uid(4)]) == written

    def test_a_device_reads_what_a_record_holds_and_nothing_that_is_empty(
        self, office: Connection, worker: str
    ) -> None:
        full = {
            "start_time": "08:00", "end_time": "09:00", "description": UNUSUAL, "quantity": "2.5", "place": "-4,120",
            "attachments": ["sha256:" + "a" * 64], "flags": ["late", "overlap"],
        }  # fmt: skip
        written = [entry(1, worker, **full), entry(2, worker), entry(3, worker, **full)]
        written[2].record = structs.replace(written[2].record, revision=2)
        store.write_entries(office, 1, written)

        found = store.wire_rows(office, 1, "activity_entry", [uid(1), uid(2), uid(3), NOBODY])

        assert set(found) == {uid(1), uid(2), uid(3)}
        for state in written:
            row, record = found[state.record.id], state.record
            assert msgspec.json.decode(msgspec.json.encode(row.fields)) == record.fields
            assert (row.revision, row.voided, row.clash) == (record.revision, record.voided, record.clash)
        assert [found[uid(number)].own_create for number in (2, 3)] == [(written[1].writer_device, 2), None]

    def test_other_records_are_read_by_devices_too(self, office: Connection, worker: str) -> None:
        (row,) = store.wire_rows(office, 1, "employee", [worker]).values()

        assert msgspec.json.decode(msgspec.json.encode(row.fields))["nip"] == WORKER
        assert (row.revision, row.voided, row.clash, row.own_create) == (1, False, None, None)


def replace_stamps(state: EntryState, stamps: dict[str, tuple[int, int]]) -> EntryState:
    return EntryState(state.record, stamps, state.writer_device, state.writer_seq)


class TestConflictsAndAttention:
    def test_a_conflict_is_found_from_each_of_its_entries_once(self, office: Connection) -> None:
        store.write_conflicts(office, 1, [conflict(20, [uid(1), uid(2)]), conflict(21, [uid(2)])])

        found = store.conflicts_about(office, 1, [uid(1), uid(2), NOBODY])

        assert [(each.id, each.records) for each in found] == [(uid(20), [uid(1), uid(2)]), (uid(21), [uid(2)])]

    def test_a_changed_conflict_keeps_its_entries_and_gains_new_ones(self, office: Connection) -> None:
        store.write_conflicts(office, 1, [conflict(20, [uid(1)])])
        changed = conflict(20, [uid(1), uid(2)], state="resolved", clashes={"title": {"base": UNUSUAL}})
        changed.is_new, changed.revision, changed.added_records = False, 2, [uid(2)]

        store.write_conflicts(office, 1, [changed])

        found = store.conflict_of(office, 1, uid(20))
        assert found is not None
        assert (found.revision, found.is_open, found.fields["clashes"]) == (2, False, {"title": {"base": UNUSUAL}})
        assert [each.id for each in store.conflicts_about(office, 1, [uid(2)])] == [uid(20)]

    def test_lists_show_the_newest_first_and_a_unit_s_only(self, office: Connection, unit: str) -> None:
        mine = conflict(21, [uid(1)])
        mine.org_unit = unit
        store.write_conflicts(office, 1, [conflict(20, []), mine, conflict(22, [], state="resolved")])

        def ids(**which: Any) -> list[str]:
            return [each.id for each in store.list_conflicts(office, 1, **which)]

        assert ids(only_open=False, unit=None) == [uid(22), uid(21), uid(20)]
        assert ids(only_open=True, unit=None) == [uid(21), uid(20)]
        assert ids(only_open=True, unit=unit) == [uid(21)]

    def test_an_open_fork_is_known_by_its_device(self, office: Connection, device: str) -> None:
        clashes = {"device": {"base": device, "candidates": [], "server": "00"}}
        store.write_conflicts(office, 1, [conflict(20, [], kind="fork", clashes=clashes)])

        assert store.open_forks(office, 1, device) == [uid(20)]
        assert store.open_forks(office, 1, uid(2)) == []

    def test_attention_is_written_changed_and_read_in_log_order(self, office: Connection, device: str) -> None:
        rows = [
            AttentionState(device, seq, "activity_entry", uid(5), device, "parked", b"\x00{}", NOW, conflict=uid(20))
            for seq in range(COPY_ROWS_MIN + 2, 0, -1)
        ]
        store.write_attention(office, 1, rows, set())
        done = replace(rows[0], state="done", message=UNUSUAL)

        store.write_attention(office, 1, [done], {(device, done.seq)})

        waiting = store.open_attention(office, 1, [uid(5), NOBODY])
        assert [row.seq for row in waiting] == list(range(1, COPY_ROWS_MIN + 2))
        assert store.attention_of_lineage(office, 1, device) == waiting
        assert store.attention_of_conflict(office, 1, uid(20), [uid(5)]) == waiting
        assert store.attention_of_conflict(office, 1, uid(21), [uid(5)]) == []
        assert store.attention_at(office, 1, device, done.seq, done.seq) == [done]

    def test_the_same_batch_is_set_aside_once_and_decided_on(self, office: Connection, device: str) -> None:
        values: dict[str, Any] = {
            "id": uid(30), "device": device, "reason": "revoked", "first": 4, "last": 6, "prev": bytes(32),
            "head": b"h" * 32, "signature": "s", "body": b"\x00", "state": "waiting", "received_at": NOW,
        }  # fmt: skip
        for _ in range(2):
            store.add_quarantine(office, 1, values)

        quarantine.decide(office, 1, uid(30), "accepted", by="admin", reason=UNUSUAL)

        (row,) = quarantine.rows_of(office, 1)
        assert (row.nip, row.state, row.decided_reason) == (WORKER, "accepted", UNUSUAL)
        assert quarantine.rows_of(office, 1, NOBODY) == []
        assert quarantine.end_of(office, 1, device) == (6, b"h" * 32)
        assert quarantine.end_of(office, 1, NOBODY) is None
        assert quarantine.reaches(office, 1, device, 6, b"h" * 32)
        assert not quarantine.reaches(office, 1, device, 6, b"g" * 32)
        assert quarantine.decisions_of(office, 1, device, 5) == [(4, 6, "accepted", UNUSUAL)]


class TestPeople:
    def test_people_are_found_by_nip_and_by_id(self, office: Connection, worker: str, chief: str) -> None:
        found = people.employees_by_id(office, 1, [worker, chief, NOBODY, worker])

        assert set(found) == {worker, chief}
        assert people.employee_of_id(office, 1, worker) == found[worker]
        assert people.employee_of_id(office, 1, NOBODY) is people.employee_of_nip(office, 1, "1" * 18) is None
        assert {row.id for row in people.employees_of(office, 1)} == {worker, chief}

    def test_people_are_locked_whether_they_are_there_or_not(self, office: Connection, worker: str) -> None:
        store.lock_people(office, 1, [worker, NOBODY])

        assert people.employee_of_id(office, 1, worker) is not None

    def test_assignments_are_read_by_employee_and_by_days(self, office: Connection, worker: str, chief: str) -> None:
        row = {"id": uid(40), "employee": worker, "valid_from": "2026-12-01", "valid_to": "2026-12-31"}
        people.insert_records(office, 1, "assignment", [row])

        after = date(2027, 1, 1)
        assert set(people.assignments_of(office, 1)) == {worker, chief}
        assert [each.id for each in people.assignments_of(office, 1, [worker, NOBODY])[worker]][-1] == uid(40)
        assert people.assignments_of(office, 1, []) == {}
        assert len(people.placements_between(office, 1, [worker], DAY, date(2026, 12, 1))[worker]) == 2
        assert len(people.placements_between(office, 1, None, after, after)[worker]) == 1

    def test_the_newest_assignment_of_a_day_holds(
        self, office: Connection, worker: str, chief: str, unit: str
    ) -> None:
        rows: list[dict[str, Any]] = [
            {"id": uid(40), "employee": worker, "org_unit": unit, "valid_from": "2026-12-01", "supervisor": worker},
            {"id": uid(41), "employee": worker, "valid_from": "2020-01-01", "valid_to": "2020-12-31"},
        ]
        people.insert_records(office, 1, "assignment", rows)
        people.insert_records(office, 1, "assignment", [])

        now, later = (people.assignment_on(office, 1, worker, day) for day in (DAY, date(2026, 12, 1)))

        assert now is not None
        assert later is not None
        assert (now.supervisor, later.supervisor) == (chief, worker)
        assert people.assignment_on(office, 1, worker, date(1999, 12, 31)) is None
        assert people.latest_assignments(office, 1)[worker].id == uid(40)
        assert store.placements_of(office, 1, worker)[0].valid_from == date(2026, 12, 1)
        assert people.people_supervised(office, 1, chief, DAY) == {worker}
        assert store.units_supervised(office, 1, chief, DAY) == [unit]
        assert store.units_supervised(office, 1, worker, DAY) == []

    def test_a_plan_tells_whose_it_is(self, office: Connection, worker: str) -> None:
        assert store.plan_owners(office, 1, [uid(50), NOBODY]) == {}

    def test_holidays_are_added_changed_and_taken_away(self, office: Connection) -> None:
        christmas, new_year = date(2026, 12, 25), date(2027, 1, 1)
        rows = [HolidayRow(christmas, "Natal", "national"), HolidayRow(new_year, "Tahun Baru", "national")]
        calendars.write_holidays(office, 1, rows, [])
        changed = HolidayRow(christmas, UNUSUAL, "collective_leave")

        calendars.write_holidays(office, 1, [], [changed])

        assert calendars.holidays_of(office, 1) == [changed, rows[1]]
        assert calendars.holidays_of(office, 1, new_year, new_year) == [rows[1]]
        calendars.remove_holiday(office, 1, christmas)
        assert calendars.holidays_of(office, 1) == [rows[1]]

    def test_locked_months_are_those_that_are_locked_now(self, office: Connection) -> None:
        months: list[dict[str, Any]] = [
            {"id": uid(60), "month": "2026-09", "state": "locked", "locked_at": NOW},
            {"id": uid(61), "month": "2026-10", "state": "open"},
        ]
        periods.lock_all_devices(office, 1)
        people.insert_records(office, 1, "period", months)

        row = periods.lock_period_row(office, 1, "2026-09")

        assert row is not None
        assert (row.locked_at, periods.lock_period_row(office, 1, "2026-08")) == (NOW, None)
        assert [each.month for each in periods.periods_of(office, 1)] == ["2026-10", "2026-09"]
        assert store.locked_months(office, 1) == {"2026-09"}


class TestAccounts:
    ROW = accounts.AccountRow("ambo", UNUSUAL, "auditor", None, None, True)

    def test_an_account_is_read_changed_and_closed(self, office: Connection) -> None:
        accounts.add_account(office, 1, self.ROW)
        accounts.add_account(office, 1, replace(self.ROW, login="Zainal"))
        accounts.set_password_hash(office, 1, "ambo", "other")
        accounts.set_active(office, 1, "ambo", active=False)

        found = accounts.account_of(office, 1, "ambo")

        assert found == replace(self.ROW, password_hash="other", active=False)
        assert accounts.account_of(office, 1, "AMBO") is accounts.account_of(office, 2, "ambo") is None
        assert {row.login for row in accounts.accounts_of(office, 1)} == {"ambo", "Zainal"}

    def test_sessions_end_one_by_one_by_login_and_by_time(self, office: Connection) -> None:
        session = accounts.SessionRow("ambo", "csrf", NOW, NOW, NOW + 1000)
        tokens = [bytes([number]) * 32 for number in range(4)]
        for number, token in enumerate(tokens):
            accounts.add_session(
                office, 1, token, replace(session, login="ambo" if number < 2 else "besse", expires_at=NOW + number)
            )
        accounts.touch_session(office, 1, tokens[3], LARGE)

        accounts.remove_session(office, 1, tokens[0])
        accounts.remove_expired_sessions(office, 1, NOW + 2)

        found = [accounts.session_of(office, 1, token) for token in tokens]
        assert [row is not None for row in found] == [False, False, False, True]
        assert found[3] is not None
        assert found[3].seen_at == LARGE
        accounts.remove_sessions_of(office, 1, "besse")
        assert accounts.session_of(office, 1, tokens[3]) is None


class TestOrgs:
    def test_the_server_s_identity_and_orgs_are_read_back(self, office: Connection) -> None:
        me, (org,) = orgs.identity(office), orgs.all_orgs(office)

        assert me is not None
        assert len(me.private_key) == 32
        assert (org, orgs.org_of(office, 2)) == (orgs.org_of(office, 1), None)

    def test_a_new_org_begins_with_its_own_counter_and_head(self, office: Connection) -> None:
        row = orgs.OrgRow(2, uid(70), "BONE", UNUSUAL, "Asia/Jayapura", 0)

        orgs.add_org(office, row, b"g" * 32)

        assert orgs.all_orgs(office) == [orgs.org_of(office, 1), row]
        assert evidence.feed_end(office, 2) == (0, b"g" * 32)

    def test_a_database_learns_once_whose_it_is(self, place: Place) -> None:
        engine, row = migrated(place), orgs.IdentityRow(uid(71), "e" * 32, bytes(range(32)))
        with transaction(engine) as connection:
            before = orgs.identity(connection)

            orgs.add_identity(connection, row)

            assert (before, orgs.identity(connection)) == (None, row)
        engine.dispose()

    def test_the_audit_trail_is_numbered_without_a_gap(self, office: Connection) -> None:
        before = len(audit_seqs(office))

        for number in range(3):
            orgs.add_audit(office, 1, "test.act", by=UNUSUAL, now_ms=NOW, facts={"number": number})

        assert audit_seqs(office) == list(range(1, before + 4))

    def test_the_status_counts_what_is_there(self, office: Connection, worker: str, device: str) -> None:
        store.write_entries(office, 1, [entry(1, worker), entry(2, worker)])
        store.write_conflicts(office, 1, [conflict(20, []), conflict(21, [], state="resolved")])
        waiting = AttentionState(device, 1, "activity_entry", uid(5), device, "rejected", b"{}", NOW)
        store.write_attention(office, 1, [waiting, replace(waiting, seq=2, verdict="parked")], set())

        counts = orgs.counts_of(office, 1)

        assert (counts["employees"], counts["entries"], counts["open_conflicts"]) == (2, 2, 1)
        assert (counts["rejected"], counts["parked"]) == (1, 1)


def audit_seqs(office: Connection) -> list[int]:
    rows = office.exec_driver_sql("SELECT seq FROM audit WHERE org_id = 1 ORDER BY seq")
    return [row[0] for row in rows]


MODULES = (accounts, devices, evidence, orgs, people, periods, quarantine, server_log, short_ids, store)


def test_every_statement_of_these_modules_has_its_place_in_this_contract() -> None:
    promised = {
        name
        for module in MODULES
        for name, each in vars(module).items()
        if inspect.isfunction(each) and each.__module__ == module.__name__ and not name.startswith("_")
    }

    syntax = ast.parse(inspect.getsource(sys.modules[__name__]))
    called = {node.attr for node in ast.walk(syntax) if isinstance(node, ast.Attribute)}

    assert promised - called == set()

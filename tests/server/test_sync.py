"""The sync service on a real database: repeats, gaps, forks, parked and corrected work, and what a device reads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from lontara_core.operations import Origin
from lontara_core.problems import Problem
from lontara_server.services.devices import revoke
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import ActivityEntry, Attention, Batch, Conflict, Dirty, Quarantine
from server.logged_tablet import LoggedTablet, stored
from server.ready import CHIEF, NOW

ABSENT = "00000000-0000-8000-8000-00000000abcd"


@pytest.fixture
def tablet(database: Engine) -> LoggedTablet:
    return LoggedTablet(database).enrolled()


def rows(database: Engine, query: Any) -> list[Any]:
    with transaction(database) as connection:
        return list(connection.scalars(query))


def count(database: Engine) -> int:
    return len(rows(database, select(ActivityEntry.id)))


def test_a_created_entry_is_stored_once_with_what_the_server_adds(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()

    answer = tablet.sync()

    held = stored(database, entry)
    assert (answer.batch and answer.batch.state, answer.head_seq) == ("received", 1)
    assert (held.revision, held.fields["duration_minutes"], held.fields["review_state"]) == (1, 60, "submitted")
    assert {"owner", "org_unit", "supervisor", "position", "recorded_at"} <= set(held.fields)
    assert rows(database, select(Dirty.period)) == ["2026-11"]


@pytest.mark.parametrize(("first", "last"), [(1, 3), (1, 2), (2, 3), (3, 3)])
def test_a_repeat_however_it_is_cut_changes_nothing(
    tablet: LoggedTablet, database: Engine, first: int, last: int
) -> None:
    for hour in ("08", "10", "12"):
        tablet.create(start_time=f"{hour}:00", end_time=f"{hour}:30", title=f"Kegiatan {hour}")
    tablet.sync(last=1)
    tablet.sync()

    answer = tablet.sync(first=first, last=last)

    assert answer.batch is not None
    assert (answer.batch.state, answer.head_seq, count(database)) == ("received", 3, 3)
    assert [result.duplicate for result in answer.batch.results] == [True] * (last - first + 1)


def test_a_batch_that_overlaps_what_came_before_adds_only_what_is_new(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()
    tablet.create(start_time="10:00", end_time="11:00", title="Rapat")

    answer = tablet.sync(first=1)

    assert (answer.head_seq, count(database)) == (2, 2)


def test_a_batch_beyond_the_end_of_the_log_is_a_gap_and_tells_the_head(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")

    answer = tablet.sync(first=2)

    assert answer.batch is not None
    assert (answer.batch.state, answer.head_seq, count(database)) == ("gap", 0, 0)


def test_a_copied_store_is_told_where_it_forks_and_its_work_is_kept(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()
    clone = tablet.copy()
    tablet.create(title="Rapat koordinasi", start_time="10:00", end_time="11:00")
    tablet.sync()
    clone.create(title="Menyusun laporan", start_time="13:00", end_time="14:00")

    answer = clone.sync(first=1)

    assert answer.batch is not None
    assert (answer.batch.state, answer.batch.forked_at, count(database)) == ("forked", 2, 2)
    assert rows(database, select(Quarantine.reason)) == ["forked"]
    assert rows(database, select(Conflict.kind)) == ["fork"]


def test_both_copies_work_arrives_once_after_the_copy_enrolled_again(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()
    clone = tablet.copy()
    tablet.create(title="Rapat koordinasi", start_time="10:00", end_time="11:00")
    tablet.sync()
    lost = clone.write("create", fields={"title": "Laporan", "work_date": "2026-11-18", "duration_minutes": 30})
    clone.sync()
    again = LoggedTablet(database).enrolled(former=clone)
    hashes = clone.hashes()
    for seq, raw in enumerate(clone.raws, start=1):
        old = msgspec.json.decode(raw, type=type(lost))
        again.raws.append(_re_chained(old, Origin(clone.device, seq, hashes[seq].hex())))

    answer = again.sync()

    assert answer.batch is not None
    assert [result.duplicate for result in answer.batch.results] == [True]
    assert count(database) == 3


def _re_chained(operation: Any, origin: Origin) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(operation, origin=origin), order="sorted")


def test_a_re_chained_operation_has_one_effect_however_often_it_comes(tablet: LoggedTablet, database: Engine) -> None:
    operation = tablet.write("create", fields={"title": "Laporan", "work_date": "2026-11-18", "duration_minutes": 30})
    origin = Origin(tablet.device, 1, tablet.hashes()[1].hex())
    again = LoggedTablet(database).enrolled(former=tablet)
    again.raws = [_re_chained(operation, origin)] * 2
    again.sync()

    late = tablet.sync()

    assert late.batch is not None
    assert (late.batch.results[0].duplicate, count(database)) == (True, 1)


def test_two_re_enrolments_that_bring_the_same_operation_have_one_effect(
    tablet: LoggedTablet, database: Engine
) -> None:
    operation = tablet.write("set", ABSENT, fields={"title": "Judul"}, was={"title": None})
    origin = Origin(tablet.device, 1, tablet.hashes()[1].hex())
    first, second = (LoggedTablet(database).enrolled(former=tablet) for _ in range(2))
    first.raws = second.raws = [_re_chained(operation, origin)]
    waiting = first.sync()

    again = second.sync()

    assert waiting.batch is not None
    assert again.batch is not None
    assert [result.verdict for result in waiting.batch.results] == ["parked"]
    assert [(result.verdict, result.duplicate) for result in again.batch.results] == [("applied", True)]
    assert [item.device for item in again.attention] == [first.device]


def test_an_origin_in_another_person_s_log_is_refused(tablet: LoggedTablet, database: Engine) -> None:
    operation = tablet.write("create", fields={"title": "Laporan", "work_date": "2026-11-18", "duration_minutes": 30})
    origin = Origin(tablet.device, 1, tablet.hashes()[1].hex())
    chief = LoggedTablet(database, nip=CHIEF).enrolled()
    chief.raws = [_re_chained(operation, origin)]

    answer = chief.sync()

    assert answer.batch is not None
    assert [result.code for result in answer.batch.results] == ["not_permitted"]


def test_the_same_batch_from_many_threads_at_once_is_taken_once(tablet: LoggedTablet, database: Engine) -> None:
    for number in range(10):
        tablet.create(title=f"Tugas {number}", start_time=None, end_time=None, duration_minutes=5)
    batch = tablet.batch(1)
    requests = [tablet.request(batch) for _ in range(12)]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(tablet.send, requests))

    assert {answer.batch.state for answer in answers if answer.batch} == {"received"}
    assert count(database) == 10
    assert rows(database, select(Batch.last).where(Batch.device == tablet.device)) == [10]


def test_a_malformed_operation_is_rejected_alone_and_its_bytes_are_kept(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.raws.append(b'{"kind":"nonsense"}')
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")

    answer = tablet.sync()

    assert answer.batch is not None
    assert [(result.seq, result.verdict, result.code) for result in answer.batch.results] == [
        (2, "rejected", "malformed_operation")
    ]
    assert (answer.head_seq, count(database)) == (3, 2)
    assert rows(database, select(Attention.operation)) == [b'{"kind":"nonsense"}']


def test_an_edit_of_an_unknown_entry_waits_and_runs_when_the_create_arrives(database: Engine) -> None:
    first, second = LoggedTablet(database).enrolled(), LoggedTablet(database).enrolled()
    entry = first.create()
    second.write("set", entry, fields={"title": "Judul baru"}, was={"title": "Mendata sawah di Pammana"})
    second.write("set", entry, fields={"title": "Judul ketiga"}, was={"title": "Judul baru"})
    waiting = second.sync()

    first.sync()

    assert waiting.batch is not None
    assert [result.code for result in waiting.batch.results] == ["unknown_record", "behind"]
    assert stored(database, entry).fields["title"] == "Judul ketiga"
    assert second.sync().attention == []


def test_a_rejected_edit_holds_later_ones_of_its_record_until_it_is_corrected(
    tablet: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.write("set", entry, fields={"start_time": None}, was=when())
    tablet.write("set", entry, fields={"title": "Judul baru"}, was={"title": "Mendata sawah di Pammana"})
    refused = tablet.sync()
    hashes = tablet.hashes()
    origins = tuple(Origin(tablet.device, seq, hashes[seq].hex()) for seq in (2, 3))
    fields = {"start_time": None, "end_time": None, "duration_minutes": 45, "title": "Judul baru"}
    tablet.write("set", entry, fields=fields, was={**when(), "title": "Mendata sawah di Pammana"}, supersedes=origins)

    answer = tablet.sync()

    assert refused.batch is not None
    assert [(r.seq, r.verdict) for r in refused.batch.results] == [(2, "rejected"), (3, "parked")]
    assert (answer.batch and answer.batch.results, answer.attention) == ([], [])
    assert stored(database, entry).fields["duration_minutes"] == 45


def test_a_second_correction_of_the_same_operation_is_refused(tablet: LoggedTablet) -> None:
    entry = tablet.create()
    tablet.write("set", entry, fields={"start_time": None}, was=when())
    origin = Origin(tablet.device, 2, tablet.hashes()[2].hex())
    tablet.write("set", entry, fields={"title": "A"}, was={"title": "Mendata sawah di Pammana"}, supersedes=(origin,))
    tablet.write("set", entry, fields={"title": "B"}, was={"title": "A"}, supersedes=(origin,))

    answer = tablet.sync()

    assert answer.batch is not None
    assert [(result.seq, result.code) for result in answer.batch.results] == [
        (2, "invalid_field"),
        (4, "already_corrected"),
    ]


def when() -> dict[str, Any]:
    return {"work_date": "2026-11-18", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60}


def test_an_entry_of_somebody_else_is_not_theirs_to_change(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    chief = LoggedTablet(database, nip=CHIEF).enrolled()
    chief.write("set", entry, fields={"title": "Lain"}, was={"title": "Mendata sawah di Pammana"})

    answer = chief.sync()

    assert answer.batch is not None
    assert [result.code for result in answer.batch.results] == ["not_permitted"]


def test_a_revoked_device_s_work_is_kept_for_a_decision_and_it_reads_nothing(
    tablet: LoggedTablet, database: Engine
) -> None:
    tablet.sync()
    tablet.create()
    with transaction(database) as connection:
        revoke(connection, 1, tablet.device, by="admin", now_ms=NOW)

    answer = tablet.sync()

    assert answer.batch is not None
    assert (answer.batch.state, answer.pages, count(database)) == ("quarantined", [], 0)
    assert rows(database, select(Quarantine.reason)) == ["revoked"]


def test_a_clock_that_is_far_off_is_told_the_server_s_time(tablet: LoggedTablet) -> None:
    signed = tablet.signed(tablet.request(None).body, time_ms=NOW - 3_600_000)

    with pytest.raises(Problem) as caught:
        tablet.send(signed)

    assert (caught.value.code, caught.value.facts) == ("clock_skew", {"server_time": NOW})


def test_a_request_that_is_sent_twice_is_refused_the_second_time(tablet: LoggedTablet) -> None:
    signed = tablet.request(None)
    tablet.send(signed)

    with pytest.raises(Problem) as caught:
        tablet.send(signed)

    assert caught.value.code == "request_repeated"


def test_a_request_by_another_key_is_refused(tablet: LoggedTablet) -> None:
    signed = tablet.request(None)
    tablet.key = b"x" * 32

    with pytest.raises(Problem) as caught:
        tablet.send(tablet.signed(signed.body))

    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"head": "0" * 64}, "broken_chain"),
        ({"last": 7}, "malformed_envelope"),
        ({"signature": "A" * 86}, "bad_signature"),
        ({"prev": "x"}, "malformed_envelope"),
    ],
)
def test_a_batch_whose_envelope_is_off_is_refused_whole(
    tablet: LoggedTablet, database: Engine, change: dict[str, Any], code: str
) -> None:
    tablet.create()
    batch = tablet.batch(1)
    assert batch is not None

    with pytest.raises(Problem) as caught:
        tablet.send(tablet.request(msgspec.structs.replace(batch, **change)))

    assert (caught.value.code, count(database)) == (code, 0)


def test_a_device_gets_its_own_create_back_in_short_form_and_others_in_full(database: Engine) -> None:
    first, second = LoggedTablet(database).enrolled(), LoggedTablet(database).enrolled()
    for device in (first, second):
        device.sync()
        device.sync()
    entry = first.create()

    own, others = first.sync(), second.sync()

    row, full = own.pages[0].rows[-1], others.pages[0].rows[-1]
    assert (row.id, row.seq, "title" in row.fields, "owner" in row.fields) == (entry, 1, False, True)
    assert (full.id, full.seq, full.fields["title"]) == (entry, None, "Mendata sawah di Pammana")


def test_a_fresh_cursor_gets_own_creates_in_full(tablet: LoggedTablet) -> None:
    tablet.create()
    tablet.sync()

    answer = tablet.sync(cursors={"self": 0})

    entries = [row for row in answer.pages[0].rows if row.type == "activity_entry"]
    assert [(row.seq, row.fields["title"]) for row in entries] == [(None, "Mendata sawah di Pammana")]


def test_each_record_comes_once_in_its_latest_state_over_small_pages(tablet: LoggedTablet) -> None:
    made = {
        tablet.create(title=f"Kegiatan {n}", start_time=None, end_time=None, duration_minutes=5) for n in range(120)
    }
    tablet.sync()
    first = min(made)
    tablet.write("set", first, fields={"description": "tambahan"}, was={"description": None})
    tablet.sync(cursors={})
    tablet.cursors = {"self": 0}
    rows = []

    for _ in range(200):
        answer = tablet.sync(pull_bytes=4096)
        rows += [row for row in answer.pages[0].rows if row.type == "activity_entry"]
        if not answer.pages[0].more:
            break

    assert len(rows) == len(made) == len({row.id for row in rows})
    assert next(row for row in rows if row.id == first).fields["description"] == "tambahan"


def test_a_supervisor_reads_the_unit_and_a_worker_does_not(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    chief = LoggedTablet(database, nip=CHIEF).enrolled()
    chief.sync()

    answer = chief.sync()

    units = [page for page in answer.pages if page.scope.startswith("unit:")]
    assert [row.id for row in units[0].rows if row.type == "activity_entry"] == [entry]
    assert tablet.sync().scopes == ["self"]

"""The hybrid clock, what can be told of a device's clock, and records as their authors see them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lontara_core.canonical import tidy_text
from lontara_core.clock import ClockReading, clamp, clock_flags, first_counter, tick, true_time
from lontara_core.operations import Judged, Operation
from lontara_core.record import Record, created, judged_hash, with_operation

DAY, HOUR = 86_400_000, 3_600_000
NOW = 1_795_000_000_000
ID = "01a20d73-ef10-8d91-b2e5-d0df3dafd3db"
SENT = ClockReading(NOW, 5 * HOUR, "boot")
CREATE = Operation(
    kind="create", type="activity_entry", at=NOW, offset=480, hlc=(NOW, 0),
    fields={"work_date": "2026-11-20", "start_time": "08:00", "end_time": "10:00", "title": "Rapat"},
)  # fmt: skip


@given(st.tuples(st.integers(0, 2**48), st.integers(0, 1000)), st.integers(0, 2**48))
def test_a_stamp_is_always_later_than_the_last_whatever_the_wall_clock_says(last: tuple[int, int], now: int) -> None:
    assert tick(last, now, first_counter(ID)) > last


def test_two_devices_that_write_the_same_in_one_millisecond_have_stamps_of_their_own() -> None:
    other = ID.replace("fd3db", "fd3dc")

    stamps = {tick((NOW - 1, 7), NOW, first_counter(device)) for device in (ID, other)}

    assert stamps == {(NOW, 0x3DAFD3DB), (NOW, 0x3DAFD3DC)}


def test_a_stamp_from_the_future_counts_as_now_for_order() -> None:
    assert clamp((NOW + DAY, 3), NOW) == (NOW, 0)
    assert clamp((NOW - 1, 3), NOW) == (NOW - 1, 3)


def test_the_time_of_capture_is_told_by_the_servers_clock_within_a_boot() -> None:
    captured = ClockReading(0, 2 * HOUR, "boot")

    assert true_time(captured, SENT, NOW) == NOW - 3 * HOUR


@pytest.mark.parametrize(("mono", "boot"), [(2 * HOUR, "other"), (6 * HOUR, "boot"), (None, None)])
def test_nothing_is_told_across_boots(mono: int | None, boot: str | None) -> None:
    assert true_time(ClockReading(0, mono, boot), SENT, NOW) is None


@pytest.mark.parametrize(
    ("wall", "flags"),
    [
        (NOW - 3 * HOUR, ()),
        (NOW - 3 * HOUR + 9 * 60_000, ()),
        (NOW, ("clock_suspect",)),
        (NOW - 3 * HOUR - 2 * DAY, ("clock_suspect", "backdated")),
    ],
)
def test_a_claim_far_from_the_truth_is_flagged(wall: int, flags: tuple[str, ...]) -> None:
    assert clock_flags(wall, true_time(ClockReading(wall, 2 * HOUR, "boot"), SENT, NOW), NOW) == flags


def test_without_a_boot_only_the_future_is_suspect() -> None:
    assert clock_flags(NOW + DAY, None, NOW) == ("clock_suspect",)
    assert clock_flags(NOW - DAY, None, NOW) == ()


def test_a_create_starts_submitted_and_tells_its_minutes() -> None:
    record = created(CREATE)

    assert (record.fields["review_state"], record.fields["duration_minutes"], record.revision) == ("submitted", 120, 0)


def test_an_authors_edit_lies_over_the_row() -> None:
    edit = Operation(
        kind="set", type="activity_entry", id=ID, at=NOW, offset=0, hlc=(NOW, 1), fields={"end_time": "11:00"},
        was={"work_date": "2026-11-20", "start_time": "08:00", "end_time": "10:00", "duration_minutes": 120},
    )  # fmt: skip

    seen = with_operation(created(CREATE), edit)

    assert seen is not None
    assert seen.fields["duration_minutes"] == 180


def test_an_edit_of_an_unknown_record_shows_nothing() -> None:
    void = Operation(kind="void", type="activity_entry", id=ID, at=1, offset=0, hlc=(1, 0), judged=Judged("0" * 64, 1))

    assert with_operation(None, void) is None


def test_what_only_the_server_writes_does_not_change_what_was_judged() -> None:
    record = created(CREATE)

    received = Record(record.type, record.id, 4, {**record.fields, "recorded_at": NOW, "flags": ["late"]})

    assert judged_hash(received) == judged_hash(record)


def test_any_field_that_a_person_sees_changes_what_was_judged() -> None:
    record = created(CREATE)

    other = Record(record.type, record.id, 0, {**record.fields, "title": "Rapat lain"})

    assert judged_hash(other) != judged_hash(record)


def test_text_is_tidied_as_the_canonical_form_wants_it() -> None:
    assert tidy_text(" e\u0301\r\nx\x00\ty \ud800") == "é\nx\ty ?"

"""Clashes, reviews and rules across records, as devices cause them: what is kept, who is asked, what is told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from lontara_core.identifiers import derived_id
from lontara_core.problems import Problem
from lontara_server.services import conflicts as decide
from lontara_server.services.reviews import list_for_review, review
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import ActivityEntry, Conflict, Feed, Period
from lontara_server.storage.operations import history_of
from server.logged_tablet import LoggedTablet, stored
from server.ready import CHIEF, NOW

TITLE = "Mendata sawah di Pammana"


@pytest.fixture
def pair(database: Engine) -> tuple[LoggedTablet, LoggedTablet]:
    """Two devices of one person."""
    return LoggedTablet(database).enrolled(), LoggedTablet(database).enrolled()


@pytest.fixture
def tablet(pair: tuple[LoggedTablet, LoggedTablet]) -> LoggedTablet:
    return pair[0]


@pytest.fixture
def chief(database: Engine) -> LoggedTablet:
    return LoggedTablet(database, nip=CHIEF).enrolled()


def conflicts(database: Engine) -> list[dict[str, Any]]:
    with transaction(database) as connection:
        return decide.list_conflicts(connection, 1)


def resolve(database: Engine, conflict: dict[str, Any], choice: str, **values: Any) -> dict[str, Any]:
    with transaction(database) as connection:
        return decide.resolve_conflict(
            connection, 1, conflict["id"], choice=choice, reason="Sudah ditanyakan", by="admin", now_ms=NOW,
            judged_hash=conflict["hash"], **values,
        )  # fmt: skip


def clash(pair: tuple[LoggedTablet, LoggedTablet]) -> str:
    """Both devices write another title over the same one."""
    first, second = pair
    entry = first.create()
    first.sync()
    first.write("set", entry, fields={"title": "Mendata sawah"}, was={"title": TITLE})
    first.sync()
    second.write("set", entry, fields={"title": "Mendata kebun"}, was={"title": TITLE})
    return entry


def test_two_devices_changing_the_same_field_leave_the_entry_alone_and_ask(
    pair: tuple[LoggedTablet, LoggedTablet], database: Engine
) -> None:
    entry = clash(pair)

    answer = pair[1].sync()

    (conflict,) = conflicts(database)
    held = stored(database, entry)
    assert answer.batch is not None
    assert [result.verdict for result in answer.batch.results] == ["conflict"]
    assert [item.conflict for item in answer.attention] == [conflict["id"]]
    assert (held.fields["title"], held.revision, held.clash is not None) == ("Mendata sawah", 3, True)
    shown = conflict["fields"]["title"]
    assert (shown["base"], shown["server"]) == (TITLE, "Mendata sawah")
    assert [(each["device"], each["value"]) for each in shown["candidates"]] == [(pair[1].device, "Mendata kebun")]


def test_fields_that_do_not_meet_are_both_taken(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    first, second = pair
    entry = first.create()
    first.sync()
    first.write("set", entry, fields={"title": "Mendata sawah"}, was={"title": TITLE})
    second.write("set", entry, fields={"category": "main_duty"}, was={"category": None})
    first.sync()

    second.sync()

    held = stored(database, entry).fields
    assert (held["title"], held["category"], conflicts(database)) == ("Mendata sawah", "main_duty", [])


def test_later_edits_of_a_waiting_field_take_the_place_of_the_same_devices_candidate(
    pair: tuple[LoggedTablet, LoggedTablet], database: Engine
) -> None:
    entry = clash(pair)
    pair[1].sync()
    pair[1].write("set", entry, fields={"title": "Mendata kebun kakao"}, was={"title": "Mendata kebun"})

    pair[1].sync()

    (conflict,) = conflicts(database)
    assert [each["value"] for each in conflict["fields"]["title"]["candidates"]] == ["Mendata kebun kakao"]


def test_keeping_the_devices_value_changes_the_entry_and_ends_the_waiting(
    pair: tuple[LoggedTablet, LoggedTablet], database: Engine
) -> None:
    entry = clash(pair)
    pair[1].sync()

    done = resolve(database, conflicts(database)[0], "keep_device")

    held = stored(database, entry)
    assert (held.fields["title"], held.clash, done["state"]) == ("Mendata kebun", None, "resolved")
    assert pair[1].sync().attention == []


def test_keeping_the_servers_value_leaves_the_losing_one_readable(
    pair: tuple[LoggedTablet, LoggedTablet], database: Engine
) -> None:
    entry = clash(pair)
    pair[1].sync()

    done = resolve(database, conflicts(database)[0], "keep_server")

    with transaction(database) as connection:
        history = history_of(connection, 1, done["id"]) + history_of(connection, 1, entry)
    assert stored(database, entry).fields["title"] == "Mendata sawah"
    assert "Mendata kebun" in str(history)


def test_a_value_of_ones_own_settles_a_field(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    entry = clash(pair)
    pair[1].sync()

    resolve(database, conflicts(database)[0], "values", values={"title": "Mendata sawah dan kebun"})

    assert stored(database, entry).fields["title"] == "Mendata sawah dan kebun"


def test_of_two_admins_the_second_is_told(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    clash(pair)
    pair[1].sync()
    seen = conflicts(database)[0]
    resolve(database, seen, "keep_server")

    with pytest.raises(Problem) as caught:
        resolve(database, seen, "keep_device")

    assert caught.value.code == "conflict_changed"


def test_a_resolution_without_a_reason_is_refused(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    clash(pair)
    pair[1].sync()
    (seen,) = conflicts(database)

    with transaction(database) as connection, pytest.raises(Problem) as caught:
        decide.resolve_conflict(connection, 1, seen["id"], choice="keep_server", reason="", by="admin", now_ms=NOW)

    assert caught.value.code == "missing_field"


def test_a_resolved_conflict_can_be_reopened(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    entry = clash(pair)
    pair[1].sync()
    done = resolve(database, conflicts(database)[0], "keep_server")

    with transaction(database) as connection:
        again = decide.reopen_conflict(connection, 1, done["id"], reason="Keliru", by="admin", now_ms=NOW)

    assert (again["state"], stored(database, entry).clash is not None) == ("reopened", True)


def test_a_supervisor_approves_and_an_edit_that_did_not_know_is_asked_about(
    tablet: LoggedTablet, chief: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.sync()
    chief.write("review", entry, fields={"verdict": "approved"}, judged=chief.judged(entry))
    chief.sync()
    tablet.write("set", entry, fields={"title": "Lain"}, was={"title": TITLE})

    answer = tablet.sync()

    assert answer.batch is not None
    assert [(result.verdict, result.code) for result in answer.batch.results] == [("conflict", "edit_of_reviewed")]
    held = stored(database, entry).fields
    assert (held["review_state"], held["title"]) == ("approved", TITLE)
    assert [each["route"] for each in conflicts(database)] == ["admin"]


def test_an_entry_that_is_returned_carries_its_note_and_may_be_sent_again(
    tablet: LoggedTablet, chief: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.sync()
    returned = {"verdict": "needs_revision", "note": "Lengkapi jumlahnya"}
    chief.write("review", entry, fields=returned, judged=chief.judged(entry))
    chief.sync()
    note = stored(database, entry).fields["review_note"]
    tablet.write("set", entry, fields={"review_state": "submitted"}, was={"review_state": "needs_revision"})

    answer = tablet.sync()

    assert (note, answer.batch and answer.batch.results) == ("Lengkapi jumlahnya", [])
    assert stored(database, entry).fields["review_state"] == "submitted"


def test_a_review_of_an_older_state_does_not_hold(tablet: LoggedTablet, chief: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    seen = chief.judged(entry)
    tablet.write("set", entry, fields={"title": "Lain"}, was={"title": TITLE})
    tablet.sync()
    chief.write("review", entry, fields={"verdict": "approved"}, judged=seen)

    answer = chief.sync()

    assert answer.batch is not None
    assert [result.code for result in answer.batch.results] == ["review_of_older"]
    assert stored(database, entry).fields["review_state"] == "submitted"
    assert [each["route"] for each in conflicts(database)] == ["supervisor"]


def test_a_review_of_the_entry_as_it_is_settles_an_earlier_one_of_an_older_state(
    tablet: LoggedTablet, chief: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.sync()
    seen = chief.judged(entry)
    tablet.write("set", entry, fields={"title": "Lain"}, was={"title": TITLE})
    tablet.sync()
    chief.write("review", entry, fields={"verdict": "approved"}, judged=seen)
    chief.sync()
    chief.write("review", entry, fields={"verdict": "approved"}, judged=chief.judged(entry))

    chief.sync()

    held = stored(database, entry)
    assert (held.fields["review_state"], held.clash) == ("approved", None)
    assert [each["state"] for each in conflicts(database)] == ["resolved"]


def test_nobody_reviews_their_own_entry(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    tablet.write("review", entry, fields={"verdict": "approved"}, judged=tablet.judged(entry))

    answer = tablet.sync()

    assert answer.batch is not None
    assert [result.code for result in answer.batch.results] == ["not_permitted"]


def test_an_entry_is_voided_and_restored_by_who_saw_it(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    tablet.write("void", entry, judged=tablet.judged(entry))
    tablet.sync()
    voided = stored(database, entry).voided
    tablet.write("restore", entry, judged=tablet.judged(entry))

    tablet.sync()

    assert (voided, stored(database, entry).voided) == (True, False)


def test_a_void_that_did_not_know_of_an_edit_asks(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    first, second = pair
    entry = first.create()
    first.sync()
    seen = second.judged(entry)
    first.write("set", entry, fields={"title": "Lain"}, was={"title": TITLE})
    first.sync()
    second.write("void", entry, judged=seen)

    second.sync()

    assert ([each["kind"] for each in conflicts(database)], stored(database, entry).voided) == (
        ["void_against_edit"],
        False,
    )


def test_an_edit_that_did_not_know_of_a_void_asks(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    first, second = pair
    entry = first.create()
    first.sync()
    first.write("void", entry, judged=first.judged(entry))
    first.sync()
    second.write("set", entry, fields={"title": "Lain"}, was={"title": TITLE})

    second.sync()

    held = stored(database, entry)
    assert ([each["kind"] for each in conflicts(database)], held.voided, held.fields["title"]) == (
        ["void_against_edit"], True, TITLE,
    )  # fmt: skip


def test_overlapping_entries_are_both_kept_flagged_and_asked_about_once(tablet: LoggedTablet, database: Engine) -> None:
    entries = {tablet.create(), tablet.create(title="Rapat", start_time="08:30", end_time="10:00")}
    tablet.sync()
    tablet.write("set", min(entries), fields={"category": "main_duty"}, was={"category": None})

    tablet.sync()

    (conflict,) = conflicts(database)
    assert (conflict["kind"], conflict["route"], set(conflict["records"])) == ("overlap", "worker", entries)
    assert all("overlap" in stored(database, each).fields["flags"] for each in entries)


def test_an_edit_that_ends_an_overlap_closes_its_conflict(tablet: LoggedTablet, database: Engine) -> None:
    first, second = tablet.create(), tablet.create(title="Rapat", start_time="08:30", end_time="10:00")
    tablet.sync()
    was = {"work_date": "2026-11-18", "start_time": "08:30", "end_time": "10:00", "duration_minutes": 90}
    tablet.write("set", second, fields={"start_time": "09:00"}, was=was)

    tablet.sync()

    (conflict,) = conflicts(database)
    assert (conflict["state"], conflict["resolution"]["choice"]) == ("resolved", "edited")
    assert [stored(database, each).fields.get("flags") for each in (first, second)] == [[], []]


def test_work_past_midnight_overlaps_with_the_next_morning(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create(work_date="2026-11-17", title="Jaga banjir", start_time="22:00", end_time="02:00")
    tablet.create(title="Patroli", start_time="01:00", end_time="03:00")

    tablet.sync()

    assert [each["kind"] for each in conflicts(database)] == ["overlap"]


def test_the_same_work_from_two_devices_is_asked_about_as_a_near_duplicate(
    pair: tuple[LoggedTablet, LoggedTablet], database: Engine
) -> None:
    first, second = pair
    first.create()
    first.sync()
    second.create(title="Mendata sawah di pammana ")

    second.sync()

    assert [(each["kind"], each["route"]) for each in conflicts(database)] == [("near_duplicate", "worker")]


def test_a_merge_keeps_the_survivor_and_voids_the_other(
    pair: tuple[LoggedTablet, LoggedTablet], database: Engine
) -> None:
    first, second = pair
    kept = first.create()
    first.sync()
    gone = second.create(title="Mendata sawah di pammana")
    second.sync()

    resolve(database, conflicts(database)[0], "merge", survivor=kept)

    assert [stored(database, each).voided for each in (kept, gone)] == [False, True]


def test_a_day_with_too_many_minutes_goes_to_the_supervisor(tablet: LoggedTablet, database: Engine) -> None:
    for number, minutes in enumerate((500, 400, 100)):
        tablet.create(title=f"Tugas {number}", start_time=None, end_time=None, duration_minutes=minutes)

    tablet.sync()

    (conflict,) = conflicts(database)
    assert (conflict["kind"], conflict["route"], len(conflict["records"])) == ("minutes_over", "supervisor", 3)


def test_a_date_beyond_the_day_of_grace_is_taken_and_flagged(tablet: LoggedTablet, database: Engine) -> None:
    near, far = tablet.create(work_date="2026-11-19"), tablet.create(work_date="2026-11-20")

    tablet.sync()

    assert "future" not in stored(database, near).fields.get("flags", [])
    assert "future" in stored(database, far).fields["flags"]
    assert [each["kind"] for each in conflicts(database)] == ["future"]


def test_an_entry_is_late_by_when_it_was_written_not_by_when_it_arrived(tablet: LoggedTablet, database: Engine) -> None:
    day = 86_400_000
    written = tablet.write(
        "create", at=NOW - 30 * day, hlc=(NOW - 30 * day, 0),
        fields={"title": "Tepat waktu", "work_date": "2026-10-17", "duration_minutes": 30},
    )  # fmt: skip
    late = tablet.create(work_date="2026-10-17", title="Terlambat")

    tablet.sync()

    assert "late" not in stored(database, written.record).fields.get("flags", [])
    assert "late" in stored(database, late).fields["flags"]


def test_an_imported_entry_keeps_its_source_s_time_and_is_judged_by_it(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create(work_date="2026-10-17", source="imported", source_entered_at=NOW - 30 * 86_400_000)

    tablet.sync()

    assert stored(database, entry).fields["flags"] == ["imported"]


def lock_month(database: Engine) -> None:
    with transaction(database) as connection:
        connection.execute(
            insert(Period).values(
                org_id=1, id=derived_id(NOW, b"period"), revision=1, voided=False, month="2026-11", state="locked",
                locked_at=NOW,
            )
        )  # fmt: skip


def test_what_arrives_after_the_lock_is_stored_and_goes_to_the_admin(tablet: LoggedTablet, database: Engine) -> None:
    lock_month(database)
    entry = tablet.create()

    tablet.sync()

    assert stored(database, entry).fields["flags"] == ["after_lock"]
    assert [(each["kind"], each["route"]) for each in conflicts(database)] == [("after_lock", "admin")]


def test_an_edit_after_the_lock_changes_nothing_by_itself(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    lock_month(database)
    tablet.write("set", entry, fields={"title": "Lain"}, was={"title": TITLE})

    tablet.sync()

    assert stored(database, entry).fields["title"] == TITLE
    assert [each["kind"] for each in conflicts(database)] == ["after_lock"]


def test_an_entry_that_moves_to_another_unit_leaves_the_old_one_s_readers(
    tablet: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.sync()
    old = derived_id(NOW, b"old unit")
    with transaction(database) as connection:
        connection.execute(update(ActivityEntry).where(ActivityEntry.org_id == 1).values(org_unit=old))
    was = {"work_date": "2026-11-18", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60}
    tablet.write("set", entry, fields={"work_date": "2026-11-19"}, was=was)

    tablet.sync()

    with transaction(database) as connection:
        removed = connection.execute(select(Feed.unit, Feed.owner).where(Feed.removal == "moved")).all()
    assert [tuple(row) for row in removed] == [(old, None)]


def test_a_worker_answers_about_a_conflict(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    clash(pair)
    pair[1].sync()
    (conflict,) = conflicts(database)
    pair[1].write("answer", conflict["id"], type="conflict", fields={"text": "Kebun yang benar"})

    pair[1].sync()

    assert [each["text"] for each in conflicts(database)[0]["answers"]] == ["Kebun yang benar"]


def test_the_console_reviews_what_it_saw_and_not_what_changed_meanwhile(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    with transaction(database) as connection:
        (seen,) = list_for_review(connection, 1, now_ms=NOW)
    tablet.write("set", entry, fields={"title": "Lain"}, was={"title": TITLE})
    tablet.sync()

    with transaction(database) as connection, pytest.raises(Problem) as caught:
        review(connection, 1, entry, "approved", revision=seen["revision"], judged=seen["hash"], by="chief", now_ms=NOW)

    assert caught.value.code == "entry_changed"


def test_the_console_approves_an_entry_and_the_device_reads_it(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    with transaction(database) as connection:
        (seen,) = list_for_review(connection, 1, now_ms=NOW)
        review(connection, 1, entry, "approved", revision=seen["revision"], judged=seen["hash"], by="chief", now_ms=NOW)

    answer = tablet.sync()

    states = [row.fields.get("review_state") for row in answer.pages[0].rows if row.id == entry]
    assert states == ["approved"]


def test_a_reviewer_who_does_not_supervise_is_refused(tablet: LoggedTablet, database: Engine) -> None:
    entry = tablet.create()
    tablet.sync()
    owner = stored(database, entry).fields["owner"]

    with transaction(database) as connection, pytest.raises(Problem) as caught:
        review(
            connection, 1, entry, "approved", revision=1, judged="0" * 64, by="x", now_ms=NOW, reviewer=owner
        )  # fmt: skip

    assert caught.value.code == "not_permitted"


def test_a_conflict_reaches_the_worker_s_device(pair: tuple[LoggedTablet, LoggedTablet], database: Engine) -> None:
    clash(pair)
    pair[1].sync()
    pair[1].sync()
    resolve(database, conflicts(database)[0], "keep_server")

    answer = pair[1].sync()

    seen = [row.fields["resolution"]["reason"] for row in answer.pages[0].rows if row.type == "conflict"]
    assert seen == ["Sudah ditanyakan"]
    with transaction(database) as connection:
        assert list(connection.scalars(select(Conflict.state))) == ["resolved"]

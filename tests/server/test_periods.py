"""Locked months: who reads of the lock, what becomes of late work, and that no published score changes by itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from lontara_core.problems import Problem
from lontara_server.services import conflicts as decide
from lontara_server.services.periods import list_periods, lock_period, unlock_period
from lontara_server.services.reviews import entry_document, entry_named, review
from lontara_server.services.scores import check_stored, compute_period, drain_dirty, show
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.feed_records import unpack_records
from lontara_server.storage.models import Audit, Dirty, Feed
from lontara_server.storage.people import employee_of_nip
from server.logged_tablet import LoggedTablet, stored
from server.ready import NOW, WORKER

MONTH = "2026-11"
TITLE = "Mendata sawah di Pammana"


@pytest.fixture
def tablet(database: Engine) -> LoggedTablet:
    return LoggedTablet(database).enrolled()


def lock(database: Engine, month: str = MONTH, now_ms: int = NOW) -> dict[str, Any]:
    with transaction(database) as connection:
        return lock_period(connection, 1, month, by="admin", now_ms=now_ms)


def unlock(database: Engine) -> dict[str, Any]:
    with transaction(database) as connection:
        return unlock_period(connection, 1, MONTH, by="admin", now_ms=NOW + 1)


def approve(database: Engine, entry: str) -> None:
    with transaction(database) as connection:
        seen = entry_document(entry_named(connection, 1, entry))
        review(connection, 1, entry, "approved", revision=seen["revision"], judged=seen["hash"], by="chief", now_ms=NOW)


def published(database: Engine, tablet: LoggedTablet) -> str:
    """One approved entry, its score stored, and then the month locked; returns the score's value."""
    entry = tablet.create()
    tablet.sync()
    approve(database, entry)
    value = score_now(database)
    lock(database)
    return value


def score_now(database: Engine) -> str:
    """What stands after the jobs have done what waits."""
    with transaction(database) as connection:
        employee = employee_of_nip(connection, 1, WORKER)
        assert employee is not None
        if drain_dirty(connection, 1, NOW, 100) == 0:
            compute_period(connection, 1, MONTH, NOW, employee.id)
        return str(show(connection, 1, WORKER, MONTH)["value"])


def conflicts(database: Engine) -> list[dict[str, Any]]:
    with transaction(database) as connection:
        return decide.list_conflicts(connection, 1, only_open=True)


def resolve(database: Engine, conflict: dict[str, Any], choice: str) -> None:
    with transaction(database) as connection:
        decide.resolve_conflict(connection, 1, conflict["id"], choice=choice, reason="Terlambat, sah", by="admin",
                                now_ms=NOW)  # fmt: skip


def dirty(database: Engine) -> list[str]:
    with transaction(database) as connection:
        return list(connection.scalars(select(Dirty.period)))


def test_a_lock_is_read_by_everybody_and_taken_back_in_the_same_record(
    tablet: LoggedTablet, database: Engine
) -> None:
    tablet.sync()
    lock(database)
    locked = tablet.sync()
    unlock(database)

    opened = tablet.sync()

    seen = [[(row.fields, row.revision) for row in each.pages[0].rows if row.type == "period"] for each in (locked, opened)]
    assert seen == [
        [({"month": MONTH, "state": "locked", "locked_at": NOW}, 1)],
        [({"month": MONTH, "state": "open"}, 2)],
    ]
    with transaction(database) as connection:
        rows = connection.execute(select(Feed.owner, Feed.unit, Feed.records)).all()
        audited = list(connection.scalars(select(Audit.action).where(Audit.action.startswith("period."))))
    named = [(owner, unit) for owner, unit, records in rows for kind, _, _ in unpack_records(records) if kind == "period"]
    assert named == [(None, None)] * 2
    assert audited == ["period.lock", "period.unlock"]


def test_locking_a_locked_month_changes_nothing(database: Engine) -> None:
    first = lock(database)

    again = lock(database, now_ms=NOW + 5)

    assert again == first
    with transaction(database) as connection:
        assert list_periods(connection, 1) == [first]


def test_opening_a_month_that_was_never_locked_changes_nothing(database: Engine) -> None:
    opened = unlock(database)

    assert (opened["state"], opened["revision"]) == ("open", 0)


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-12"])
def test_what_is_no_month_or_has_not_begun_is_not_locked(database: Engine, month: str) -> None:
    with pytest.raises(Problem) as caught:
        lock(database, month)

    assert caught.value.code == "invalid_field"


def test_work_that_comes_after_the_lock_is_kept_and_changes_no_published_score(
    tablet: LoggedTablet, database: Engine
) -> None:
    before = published(database, tablet)
    late = tablet.create(title="Rapat", start_time="10:00", end_time="12:00")

    tablet.sync()

    assert [(each["kind"], each["records"]) for each in conflicts(database)] == [("after_lock", [late])]
    assert (stored(database, late).fields["title"], score_now(database)) == ("Rapat", before)


def test_an_edit_after_the_lock_leaves_the_approved_value_counting(tablet: LoggedTablet, database: Engine) -> None:
    before = published(database, tablet)
    (entry,) = [row.id for row in tablet.sync(cursors={"self": 0}).pages[0].rows if row.type == "activity_entry"]
    when = {"work_date": "2026-11-18", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60}
    tablet.write("set", entry, fields={"end_time": "17:00"}, was=when)

    tablet.sync()

    assert [each["kind"] for each in conflicts(database)] == ["after_lock"]
    assert (before, score_now(database)) == ("0.95", "0.95")


def test_a_void_after_the_lock_leaves_the_approved_value_counting(tablet: LoggedTablet, database: Engine) -> None:
    before = published(database, tablet)
    (entry,) = [row.id for row in tablet.sync(cursors={"self": 0}).pages[0].rows if row.type == "activity_entry"]
    tablet.write("void", entry, judged=tablet.judged(entry))

    tablet.sync()

    assert (stored(database, entry).voided, score_now(database)) == (False, before)


def test_late_work_counts_when_an_admin_has_accepted_it_and_its_review(
    tablet: LoggedTablet, database: Engine
) -> None:
    before = published(database, tablet)
    late = tablet.create(title="Rapat", start_time="10:00", end_time="12:00")
    tablet.sync()
    approve(database, late)
    arrival, judged = sorted(conflicts(database), key=lambda each: len(each["fields"]))
    waiting = score_now(database)
    resolve(database, judged, "keep_device")
    still_waiting = score_now(database)

    resolve(database, arrival, "keep_server")

    marked = dirty(database)
    assert (waiting, still_waiting, marked) == (before, before, [MONTH])
    assert (before, score_now(database)) == ("0.95", "2.86")
    with transaction(database) as connection:
        assert check_stored(connection, 1, NOW).differences == ()


def test_an_entry_that_is_moved_into_a_locked_month_waits_for_an_admin(
    tablet: LoggedTablet, database: Engine
) -> None:
    lock(database, "2026-10")
    entry = tablet.create()
    tablet.sync()
    when = {"work_date": "2026-11-18", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60}
    tablet.write("set", entry, fields={"work_date": "2026-10-30"}, was=when)

    tablet.sync()

    assert [each["kind"] for each in conflicts(database)] == ["after_lock"]
    assert stored(database, entry).fields["work_date"] == "2026-11-18"


def test_late_work_of_an_opened_month_is_taken_as_any_other(tablet: LoggedTablet, database: Engine) -> None:
    lock(database)
    unlock(database)
    tablet.create()

    tablet.sync()

    assert conflicts(database) == []

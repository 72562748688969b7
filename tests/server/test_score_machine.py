"""Whatever happens in whatever order, a stored score is what a computation from scratch gives.

Two devices of one person write, edit and void; a supervisor reviews; an admin resolves, locks and opens months; and
beside that attendance, placements, calendars, holidays, bases and marks come and change. All of it goes the product's
own way but for the inputs of other parts, whose rows are written and marked as those parts do.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import delete, insert

from engines.places import SqlitePlace
from lontara_core.problems import Problem
from lontara_server.jobs.scores import drain_scores
from lontara_server.services import conflicts
from lontara_server.services.periods import lock_period, unlock_period
from lontara_server.services.reviews import entry_document, entry_named, review
from lontara_server.services.score_inputs import locked_months
from lontara_server.services.scores import check_stored, compute_period, drain_dirty, drift
from lontara_server.storage import scores as store
from lontara_server.storage.engine import transaction
from lontara_server.storage.models import (
    AllowanceBase,
    Assignment,
    AttendanceDay,
    Holiday,
    PersonMark,
    WorkingCalendar,
)
from lontara_server.storage.scores import PersonMonth
from server.logged_tablet import LoggedTablet, stored
from server.ready import NOW, ready_server
from server.scored import ORG, OTHER_UNIT, add_unit, uid, worker_of

MONTHS: Final = ("2026-10", "2026-11")
DAYS: Final = (date(2026, 10, 30), date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))
HOURS: Final = ("07:30", "08:00", "09:00", "10:30", "12:00", "16:00")

days = st.sampled_from(DAYS)
months = st.sampled_from(MONTHS)
picks = st.integers(0, 1_000)


class Office(RuleBasedStateMachine):
    """The office with its two devices, and what was published of each locked month."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lontara-machine-"))
        self.engine = ready_server(SqlitePlace(self.folder))
        self.tablets = [LoggedTablet(self.engine).enrolled() for _ in range(2)]
        self.entries: list[str] = []
        self.published: dict[str, tuple[Any, ...]] = {}
        self.number = 500
        with transaction(self.engine) as connection:
            add_unit(connection)
            self.person = worker_of(connection)
        for day in (DAYS[0], DAYS[-1]):
            self.write(0, day, "08:00", "10:30")
            self.judge(len(self.entries) - 1, "approved")

    def teardown(self) -> None:
        self.prove()
        self.engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What people do

    @rule(tablet=st.integers(0, 1), day=days, start=st.sampled_from(HOURS[:4]), end=st.sampled_from(HOURS[2:]))
    def write(self, tablet: int, day: date, start: str, end: str) -> None:
        made = self.tablets[tablet].create(
            title=f"Kegiatan {len(self.entries)}", work_date=day.isoformat(), start_time=start, end_time=end
        )
        self.tablets[tablet].sync()
        self.entries.append(made)

    @precondition(lambda self: self.entries)
    @rule(tablet=st.integers(0, 1), pick=picks, end=st.sampled_from(HOURS[4:]), seen=st.booleans())
    def edit(self, tablet: int, pick: int, end: str, seen: bool) -> None:
        """Change an entry's end, as it is now or as it was when nobody had changed it."""
        record = self.entries[pick % len(self.entries)]
        held = stored(self.engine, record).fields
        names = ("work_date", "start_time", "end_time", "duration_minutes")
        was = {name: held[name] for name in names if name in held}
        if not seen:
            was |= {"end_time": "09:00", "duration_minutes": 60}
        self.tablets[tablet].write("set", record, fields={"end_time": end}, was=was)
        self.tablets[tablet].sync()

    @precondition(lambda self: self.entries)
    @rule(tablet=st.integers(0, 1), pick=picks, kind=st.sampled_from(["void", "restore"]))
    def void(self, tablet: int, pick: int, kind: str) -> None:
        record = self.entries[pick % len(self.entries)]
        self.tablets[tablet].write(kind, record, judged=self.tablets[tablet].judged(record))
        self.tablets[tablet].sync()

    @precondition(lambda self: self.entries)
    @rule(pick=picks, verdict=st.sampled_from(["approved", "approved", "approved", "needs_revision", "submitted"]))
    def judge(self, pick: int, verdict: str) -> None:
        record = self.entries[pick % len(self.entries)]
        try:
            with transaction(self.engine) as connection:
                seen = entry_document(entry_named(connection, ORG, record))
                review(
                    connection, ORG, record, verdict, revision=seen["revision"], judged=seen["hash"], by="chief",
                    now_ms=NOW, note="periksa lagi",
                )  # fmt: skip
        except Problem as problem:
            if problem.code not in ("state_not_allowed", "invalid_field"):
                raise

    @rule(pick=picks, choice=st.sampled_from(["keep_server", "keep_device", "keep_both", "void"]))
    def resolve(self, pick: int, choice: str) -> None:
        with transaction(self.engine) as connection:
            waiting = conflicts.list_conflicts(connection, ORG, only_open=True)
        if not waiting:
            return
        conflict = str(waiting[pick % len(waiting)]["id"])
        try:
            with transaction(self.engine) as connection:
                conflicts.resolve_conflict(
                    connection, ORG, conflict, choice=choice, reason="diperiksa", by="admin", now_ms=NOW
                )
        except Problem as problem:
            if problem.code not in ("invalid_field", "missing_field", "conflict_changed"):
                raise
            return
        self.follow(MONTHS)

    @rule(month=months)
    def lock(self, month: str) -> None:
        if month in self.published:
            return
        with transaction(self.engine) as connection:
            lock_period(connection, ORG, month, by="admin", now_ms=NOW)
        self.published[month] = self.figure(month)

    @precondition(lambda self: len(self.published) == len(MONTHS))
    @rule(month=months)
    def unlock(self, month: str) -> None:
        with transaction(self.engine) as connection:
            unlock_period(connection, ORG, month, by="admin", now_ms=NOW)
        self.published.pop(month, None)

    # What other parts tell

    @rule(tell=st.sampled_from(["attendance", "attendance", "transfer", "calendar", "holiday", "base", "correction"]),
          day=days, choice=st.integers(0, 3))  # fmt: skip
    def tell(self, tell: str, day: date, choice: int) -> None:
        """What changes a score beside entries, written as the part that it belongs to writes and marks it."""
        with transaction(self.engine) as connection:
            self.number += 1
            written = TOLD[tell](self, day, choice)
            for each in written:
                connection.execute(each)
            # What holds from a day on reaches the months after it too.
            reached = MONTHS if tell in ("transfer", "calendar", "base") else (f"{day:%Y-%m}",)
            store.mark_dirty(connection, ORG, [PersonMonth(self.person, month) for month in reached], NOW)
        if tell == "correction":
            self.follow([f"{day:%Y-%m}"])

    def attendance(self, day: date, choice: int) -> list[Any]:
        gone = delete(AttendanceDay).where(AttendanceDay.org_id == ORG, AttendanceDay.day == day)
        come = insert(AttendanceDay).values(
            org_id=ORG, employee=self.person, day=day, status=("present", "absent_unexcused", "leave", "")[choice],
            late_minutes=95, early_leave_minutes=0, has_check_in=True, has_check_out=True, origin="punches",
        )  # fmt: skip
        return [gone] if choice == 3 else [gone, come]

    def transfer(self, day: date, _choice: int) -> list[Any]:
        values = {"revision": 1, "employee": self.person, "org_unit": OTHER_UNIT, "valid_from": day}
        return [insert(Assignment).values(org_id=ORG, id=uid(self.number), **values)]

    def calendar(self, day: date, choice: int) -> list[Any]:
        gone = delete(WorkingCalendar).where(WorkingCalendar.org_id == ORG)
        come = insert(WorkingCalendar).values(
            org_id=ORG, scope=("org", OTHER_UNIT)[choice % 2], valid_from=day, workdays_per_week=(5, 6)[choice // 2],
            hours="{}", grace_minutes=0,
        )  # fmt: skip
        return [gone, come]

    def holiday(self, day: date, choice: int) -> list[Any]:
        gone = delete(Holiday).where(Holiday.org_id == ORG, Holiday.day == day)
        come = insert(Holiday).values(org_id=ORG, day=day, name="Libur", kind="national")
        return [gone, come] if choice % 2 else [gone]

    def base(self, day: date, choice: int) -> list[Any]:
        gone = delete(AllowanceBase).where(AllowanceBase.org_id == ORG)
        come = insert(AllowanceBase).values(
            org_id=ORG, employee=self.person, valid_from=day, amount=(choice + 1) * 1_000_000, by="admin", at=NOW
        )
        return [gone, come]

    def correction(self, day: date, choice: int) -> list[Any]:
        month = f"{day:%Y-%m}"
        gone = delete(PersonMark).where(PersonMark.org_id == ORG, PersonMark.period == month)
        come = insert(PersonMark).values(
            org_id=ORG, employee=self.person, period=month, kind="correction", value=("2.5", "-5")[choice % 2],
            reason="Keberatan diterima", by="admin", at=NOW,
        )  # fmt: skip
        return [gone] if choice == 3 else [gone, come]

    def follow(self, reached: Iterable[str]) -> None:
        """A person has decided about the published scores of these months: what is published follows."""
        drain_scores(self.engine, lambda: NOW)
        self.published |= {month: self.figure(month) for month in reached if month in self.published}

    @rule(day=days, choice=st.integers(0, 2))
    def learn_late(self, day: date, choice: int) -> None:
        """What chance alone would seldom put next to each other: a lock, and what is learned right after it."""
        self.judge(choice, "approved")
        self.lock(f"{day:%Y-%m}")
        self.tell(tell="attendance", day=day, choice=choice)

    # What the jobs do

    @rule(limit=st.integers(1, 3))
    def drain_some(self, limit: int) -> None:
        with transaction(self.engine) as connection:
            drain_dirty(connection, ORG, NOW, limit)

    @rule(month=months)
    def compute(self, month: str) -> None:
        with transaction(self.engine) as connection:
            compute_period(connection, ORG, month, NOW)

    @rule()
    def prove(self) -> None:
        """After everything that waits is computed, what is stored is what there would be from scratch."""
        drain_scores(self.engine, lambda: NOW)
        with transaction(self.engine) as connection:
            assert check_stored(connection, ORG, NOW).differences == ()
        for month, figure in self.published.items():
            assert figure == (None, None) or self.figure(month) == figure, f"{month} was published as {figure}"
        with transaction(self.engine) as connection:
            assert {each.period for each in drift(connection, ORG, NOW)} <= locked_months(connection, ORG)

    def figure(self, month: str) -> tuple[str | None, str | None]:
        with transaction(self.engine) as connection:
            row = store.score_of(connection, ORG, PersonMonth(self.person, month))
        return (None, None) if row is None else (row.value, row.rating)


TOLD: Final[dict[str, Callable[[Office, date, int], list[Any]]]] = {
    "attendance": Office.attendance,
    "transfer": Office.transfer,
    "calendar": Office.calendar,
    "holiday": Office.holiday,
    "base": Office.base,
    "correction": Office.correction,
}
TestOffice = Office.TestCase
TestOffice.settings = settings(
    max_examples=15, stateful_step_count=30, suppress_health_check=list(HealthCheck), deadline=None
)


@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    spans=st.lists(
        st.tuples(days, st.sampled_from(HOURS[:4]), st.sampled_from(HOURS[2:])), min_size=1, max_size=6, unique=True
    ),
    chance=st.randoms(use_true_random=False),
)
def test_order_of_arrival_batches_and_devices_never_change_a_score(
    spans: list[tuple[date, str, str]], chance: Any
) -> None:
    together = score_of_spans(spans, lambda _: 0, batches=[len(spans)])
    shuffled = chance.sample(spans, len(spans))
    cuts = sorted(chance.sample(range(1, len(spans) + 1), chance.randint(1, len(spans))))

    apart = score_of_spans(shuffled, lambda _: chance.randint(0, 1), batches=cuts)

    assert apart == together


def score_of_spans(
    spans: list[tuple[date, str, str]], device_of: Callable[[int], int], *, batches: list[int]
) -> list[tuple[Any, ...]]:
    """The scores of entries that came from two devices, sent whenever so many were written; all of them approved."""
    folder = Path(tempfile.mkdtemp(prefix="lontara-order-"))
    try:
        engine = ready_server(SqlitePlace(folder))
        tablets = [LoggedTablet(engine).enrolled() for _ in range(2)]
        made = []
        for number, (day, start, end) in enumerate(spans, start=1):
            tablet = tablets[device_of(number)]
            title = f"{day} {start}"
            made.append(tablet.create(title=title, work_date=day.isoformat(), start_time=start, end_time=end))
            if number in batches:
                for each in tablets:
                    each.sync()
        for each in tablets:
            each.sync()
        for record in made:
            with transaction(engine) as connection:
                seen = entry_document(entry_named(connection, ORG, record))
                review(connection, ORG, record, "approved", revision=seen["revision"], judged=seen["hash"], by="chief",
                       now_ms=NOW)  # fmt: skip
        drain_scores(engine, lambda: NOW)
        with transaction(engine) as connection:
            rows = store.scores_of(connection, ORG, worker_of(connection))
        engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [(row.period, row.value, row.rating) for row in rows]

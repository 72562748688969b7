"""What a score is computed from: one person's month of approved entries, and what is known beside them.

What is not known has a plain value of its own, and is never read as nothing done or as absence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec

from lontara_server.performance.attendance import STATUSES, AttendanceDay, AttendanceRecap
from lontara_server.performance.calendar import days_of
from lontara_server.performance.intervals import Interval, interval_of_day
from lontara_server.performance.placement import Placement


class EntryForScore(msgspec.Struct, frozen=True, gc=False):
    """One approved entry, as the server holds it.

    start_minute, end_minute: from midnight of work_date, local time; an end at or before
        the start is on the next day. Both or neither.
    duration_minutes: counts only where there are no times.
    revision: the revision that was approved.
    open_conflict: a person has still to decide about it; the policy says whether its server value counts meanwhile.
    captured_on: local date on which it was written down (an imported entry's: on which its source says so); None is
        not known, and in time.
    interval, minutes: follow from the others. Minutes from midnight of work_date, None where the entry has no times;
        and how long the entry lasted, before overlaps and caps.
    """

    entry_id: str
    work_date: date
    start_minute: int | None
    end_minute: int | None
    duration_minutes: int | None
    category: str | None
    revision: int
    open_conflict: bool
    captured_on: date | None = None
    interval: Interval | None = None
    minutes: int = 0

    def __post_init__(self) -> None:
        # Asked for again and again, and so found once; here or by who made it.
        if self.minutes:
            return
        interval = None
        if self.start_minute is not None and self.end_minute is not None:
            interval = interval_of_day(self.start_minute, self.end_minute)
        minutes = interval[1] - interval[0] if interval else self.duration_minutes or 0
        msgspec.structs.force_setattr(self, "interval", interval)
        msgspec.structs.force_setattr(self, "minutes", minutes)


@dataclass(frozen=True)
class Correction:
    """What an objection that was upheld changes of the score, in points, and the reason that was given."""

    points: Decimal
    reason: str | None


@dataclass(frozen=True)
class MonthInput:
    """One person's month.

    entries: approved only, work_date within the period, any order, each id once.
    holidays: days without expected work, collective leave among them; those of other months are ignored.
    known_unsent: entries that the person's devices last reported as not sent.
    silent_devices: devices of the person that have not reported for the period.
    entries_received: all entries of the month that the server holds, in any review state.
    attendance: each day once; a workday that is not there has no feed. None at all: nothing is known.
    attendance_recap: a recap of the month; it is read only where no workday is known by itself.
    placements: any order; none: nothing is known, and the month is one stretch.
    behaviour: ratings by value of BerAKHLAK; fewer than seven are no rating yet.
    quality: the supervisor's mark for the month's work, in percent; None: not given yet.
    budget_absorption: how much of the unit's budget is spent, in percent; None: not known.
    correction: of the finished score, by a person; None: there is none.
    waiting_review: entries of the month that wait for a review; what was returned or rejected waits for none.
    nothing_has_arrived: nothing of the work can be known, so that none is no zero. Said by the caller and not told by
    what devices report: a stored score has to follow from the merged data alone.
    """

    employee_id: str
    period: str
    entries: tuple[EntryForScore, ...]
    holidays: frozenset[date]
    known_unsent: int
    silent_devices: int
    entries_received: int = 0
    attendance: tuple[AttendanceDay, ...] = ()
    placements: tuple[Placement, ...] = ()
    behaviour: Mapping[str, Decimal] = field(default_factory=dict)
    quality: Decimal | None = None
    budget_absorption: Decimal | None = None
    nothing_has_arrived: bool = False
    correction: Correction | None = None
    attendance_recap: AttendanceRecap | None = None
    waiting_review: int = 0

    @property
    def work_is_unknown(self) -> bool:
        """Whether no work is no zero: none has arrived, or none is approved while some waits for its review."""
        return self.nothing_has_arrived or (self.waiting_review > 0 and not self.entries)


def entries_in_order(month: MonthInput) -> tuple[EntryForScore, ...]:
    """Return the entries by date, start and id, so that their order of arrival is lost."""
    ordered = sorted(month.entries, key=lambda entry: (entry.work_date, entry.interval or (-1, 0), entry.entry_id))
    _assert_sound(month, ordered)
    return tuple(ordered)


def _assert_sound(month: MonthInput, ordered: Sequence[EntryForScore]) -> None:
    days = days_of(month.period)
    assert not ordered or days[0] <= ordered[0].work_date <= ordered[-1].work_date <= days[-1]
    assert len({entry.entry_id for entry in ordered}) == len(ordered)
    assert min([entry.minutes for entry in ordered], default=0) >= 0
    assert len({day.day for day in month.attendance}) == len(month.attendance)
    assert all(day.status in STATUSES for day in month.attendance)
    assert all(min(day.late_minutes, day.early_leave_minutes) >= 0 for day in month.attendance)
    assert min(month.known_unsent, month.silent_devices, month.entries_received, month.waiting_review) >= 0
    totals = month.attendance_recap
    assert totals is None or (set(totals.days) <= set(STATUSES) and min(totals.days.values(), default=0) >= 0)

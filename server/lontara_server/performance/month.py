"""What a score is computed from: one person's month of approved entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lontara_server.performance.calendar import days_of
from lontara_server.performance.intervals import Interval, interval_of_day


@dataclass(frozen=True)
class EntryForScore:
    """One approved entry, as the server holds it.

    start_minute, end_minute: from midnight of work_date, local time; an end at or before
        the start is on the next day. Both or neither.
    duration_minutes: counts only where there are no times.
    revision: the revision that was approved.
    open_conflict: a person has still to decide about it; its server value counts meanwhile.
    """

    entry_id: str
    work_date: date
    start_minute: int | None
    end_minute: int | None
    duration_minutes: int | None
    category: str | None
    revision: int
    open_conflict: bool

    @property
    def interval(self) -> Interval | None:
        """Minutes from midnight of work_date; None where the entry has no times."""
        if self.start_minute is None or self.end_minute is None:
            return None
        return interval_of_day(self.start_minute, self.end_minute)

    @property
    def minutes(self) -> int:
        """How long the entry lasted, before overlaps and caps."""
        if self.interval is not None:
            return self.interval[1] - self.interval[0]
        return self.duration_minutes or 0


@dataclass(frozen=True)
class MonthInput:
    """One person's month.

    entries: approved only, work_date within the period, any order, each id once.
    holidays: days without expected work; those of other months are ignored.
    known_unsent: entries that the person's devices last reported as not sent.
    silent_devices: devices of the person that have not reported for the period.
    entries_received: all entries of the month that the server holds, in any review state.
    """

    employee_id: str
    period: str
    entries: tuple[EntryForScore, ...]
    holidays: frozenset[date]
    known_unsent: int
    silent_devices: int
    entries_received: int = 0


def entries_in_order(month: MonthInput) -> tuple[EntryForScore, ...]:
    """Return the entries by date, start and id, so that their order of arrival is lost."""
    _assert_sound(month)
    return tuple(
        sorted(
            month.entries,
            key=lambda entry: (entry.work_date, entry.interval or (-1, 0), entry.entry_id),
        )
    )


def _assert_sound(month: MonthInput) -> None:
    days = days_of(month.period)
    assert all(days[0] <= entry.work_date <= days[-1] for entry in month.entries)
    assert len({entry.entry_id for entry in month.entries}) == len(month.entries)
    assert all((entry.duration_minutes or 0) >= 0 for entry in month.entries)
    assert min(month.known_unsent, month.silent_devices, month.entries_received) >= 0

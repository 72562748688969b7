"""Making the recaps of days anew, from punches, what is given, calendars and placements; whoever changes one of these asks.

Rows depend on what is known and not on the order in which it came. Works in the transaction that it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from lontara_server.performance.attendance_recap import DayRecap, Given, Hours, Punch, Reach, recaps_of
from lontara_server.services.calendar_hours import ORG_WIDE, Calendars, read_calendars
from lontara_server.services.placements import placed_on
from lontara_server.services.timeline import Stretch, stretches_of
from lontara_server.storage import attendance as store
from lontara_server.storage import people, scores
from lontara_server.storage.attendance import DayRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import lock_people
from lontara_server.storage.scores import PersonMonth

PEOPLE_AT_ONCE: Final = 200
_DAY: Final = timedelta(days=1)
Days = Mapping[str, Collection[date]]


@dataclass(frozen=True)
class PersonDays:
    """What is known of one person's days, with what their recaps are made of."""

    punches: Sequence[Punch]
    given: Mapping[date, Given]
    stretches: Sequence[Stretch]
    calendars: Calendars
    reach: Reach

    def hours(self, day: date) -> Hours | None:
        """The working hours where the person is placed on that day."""
        placed = placed_on(self.stretches, day)
        return self.calendars.hours(None if placed is None else placed.org_unit, day)

    def recaps(self, days: Collection[date]) -> dict[date, DayRecap]:
        return recaps_of(sorted(days), self.punches, self.given, self.hours, self.reach)


def rebuild_days(connection: Connection, org_id: int, days: Days, now_ms: int) -> int:
    """Make these people's days anew; returns how many recaps are others now, or new or gone.

    The scores of months with a changed recap are marked. The people are locked first, so that of two transactions that
    bring punches of one day none makes it without the other's.
    """
    wanted = {employee: set(theirs) for employee, theirs in days.items() if theirs}
    lock_people(connection, org_id, set(wanted))
    calendars = read_calendars(connection, org_id)
    changed = 0
    ordered = sorted(wanted)
    for start in range(0, len(ordered), PEOPLE_AT_ONCE):
        some = {employee: wanted[employee] for employee in ordered[start : start + PEOPLE_AT_ONCE]}
        changed += _rebuild(connection, org_id, some, calendars, now_ms)
    return changed


def rebuild_from(connection: Connection, org_id: int, first: date, now_ms: int, last: date | None = None) -> int:
    """Make every recap from a day on anew: calendars have changed. Returns how many are others now."""
    return _rebuild_known(connection, org_id, store.days_with_rows(connection, org_id, first, last), now_ms)


def rebuild_on(connection: Connection, org_id: int, days: Collection[date], now_ms: int) -> int:
    """Make everybody's recaps of these days anew: holidays have changed. Returns how many are others now."""
    if not days:
        return 0
    return _rebuild_known(connection, org_id, store.days_with_rows(connection, org_id, min(days), max(days), days), now_ms)


def rebuild_waiting(connection: Connection, org_id: int, before: Mapping[str | None, str], now_ms: int) -> int:
    """Make the days anew on which a check-out was not known to be missing: machines have told of later days now.

    before: up to when each of these machines had told. Returns how many recaps are others now.
    """
    moved = [
        (before[machine][:10], at[:10])
        for machine, at in store.reach_of(connection, org_id, before).items()
        if before[machine][:10] < at[:10]
    ]
    if not moved:
        return 0
    first, last = (date.fromisoformat(pick(days)) for pick, days in zip((min, max), zip(*moved, strict=True), strict=True))
    # A night ends on the day after its own.
    return _rebuild_known(connection, org_id, store.days_without_check_out(connection, org_id, first - _DAY, last), now_ms)


def rebuild_placed(
    connection: Connection, org_id: int, spans: Mapping[str, tuple[date, date]], now_ms: int
) -> int:  # fmt: skip
    """Make these people's recaps of these days anew, first and last included: they work in another unit then.

    Nothing changes while no unit has a calendar of its own. Returns how many are others now.
    """
    if not spans or read_calendars(connection, org_id).by_scope.keys() <= {ORG_WIDE}:
        return 0
    first, last = min(begin for begin, _ in spans.values()), max(end for _, end in spans.values())
    known = store.days_of(connection, org_id, list(spans), first, last)
    touched = [(employee, day) for employee, day in known if spans[employee][0] <= day <= spans[employee][1]]
    return _rebuild_known(connection, org_id, touched, now_ms)


def days_around(days: Collection[date]) -> set[date]:
    """The days whose recap punches of these dates may change: a morning may belong to the day before, as long as
    nobody has left on that day."""
    return {each for day in days for each in (day - _DAY, day, day + _DAY)}


def read_people(
    connection: Connection, org_id: int, employees: Collection[str], first: date, last: date, calendars: Calendars
) -> dict[str, PersonDays]:
    """Read what is known of these people's days, both ends included."""
    pins = store.pins_of_employees(connection, org_id, employees)
    # A night may begin on the day before, and end on the day after.
    begin, end = (first - _DAY).isoformat(), (last + 2 * _DAY).isoformat()
    punches: dict[str, list[Punch]] = {}
    for row in store.punches_between(connection, org_id, pins, begin, end):
        punches.setdefault(pins[row.pin], []).append(Punch(datetime.fromisoformat(row.at), row.status, row.machine))
    given: dict[str, dict[date, Given]] = {}
    for each in store.given_of(connection, org_id, employees, first, last):
        told = Given(each.status, each.late_minutes, each.early_leave_minutes)
        given.setdefault(each.employee, {})[each.day] = told
    placed = people.assignments_of(connection, org_id, employees)
    machines = {punch.machine for theirs in punches.values() for punch in theirs}
    reach = {
        machine: datetime.fromisoformat(at) for machine, at in store.reach_of(connection, org_id, machines).items()
    }
    return {
        employee: PersonDays(
            punches.get(employee, ()), given.get(employee, {}), stretches_of(placed.get(employee, ())), calendars, reach
        )
        for employee in employees
    }


def _rebuild_known(connection: Connection, org_id: int, known: Sequence[tuple[str, date]], now_ms: int) -> int:
    days: dict[str, set[date]] = {}
    for employee, day in known:
        # Hours of one day decide to which of two days a punch in the night belongs.
        days.setdefault(employee, set()).update((day - _DAY, day, day + _DAY))
    return rebuild_days(connection, org_id, days, now_ms)


def _rebuild(
    connection: Connection, org_id: int, days: Mapping[str, set[date]], calendars: Calendars, now_ms: int
) -> int:  # fmt: skip
    every = [day for theirs in days.values() for day in theirs]
    first, last = min(every), max(every)
    known = store.days_of(connection, org_id, list(days), first, last)
    read = read_people(connection, org_id, list(days), first, last, calendars)
    written: list[DayRow] = []
    removed: list[tuple[str, date]] = []
    for employee, theirs in days.items():
        recaps = read[employee].recaps(theirs)
        for day in sorted(theirs):
            before = known.get((employee, day))
            row = _row(employee, recaps[day]) if day in recaps else None
            if row is None and before is not None:
                removed.append((employee, day))
            elif row is not None and row != before:
                written.append(row)
    store.write_days(connection, org_id, written, removed)
    changed = [*removed, *((row.employee, row.day) for row in written)]
    months = {PersonMonth(employee, f"{day:%Y-%m}") for employee, day in changed}
    scores.mark_dirty(connection, org_id, sorted(months), now_ms)
    return len(changed)


def _row(employee: str, recap: DayRecap) -> DayRow:
    return DayRow(
        employee, recap.day, recap.status, _text(recap.first_in), _text(recap.last_out), recap.late_minutes,
        recap.early_leave_minutes, recap.has_check_in, recap.has_check_out, recap.origin,
    )  # fmt: skip


def _text(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S}"

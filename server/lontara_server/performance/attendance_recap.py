"""The recap of a person's days (rekap harian): punches, the day's hours and what somebody has said of the day, made into
one attendance day. Who reads machines and files, and where the days are stored, is not known here.

A day of which nothing is known has no recap: no feed is never absence. Only where somebody has closed the day, or said
so, is a person without punches absent. For the same reason a check-out is missing only once the machine has told of a
later day, or the day is closed: a log may end at noon.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Final, Literal

from lontara_server.performance.attendance import STATUSES

PRESENT: Final = "present"
ABSENT: Final = "absent_unexcused"
# Said of a day by who closes it: whoever has no punches on it was absent. Punches that come later count all the same.
CLOSED: Final = "closed"
REPEAT_SECONDS: Final = 60
# A check-out in the morning belongs to the day before, where the person came then and has not left since.
_NIGHT_ENDS: Final = time(12)
_NIGHT_HOURS_MAX: Final = timedelta(hours=20)
# How long after the end of a night's shift a check-out is still that night's.
_LEAVING_AFTER: Final = timedelta(hours=6)
_DAY_MINUTES: Final = 24 * 60
_DAY: Final = timedelta(days=1)


class Button(IntEnum):
    """What was pressed on the machine."""

    CHECK_IN = 0
    CHECK_OUT = 1
    BREAK_OUT = 2
    BREAK_IN = 3
    OVERTIME_IN = 4
    OVERTIME_OUT = 5


PUNCH_STATUSES: Final = tuple(button.value for button in Button)
_ARRIVALS: Final = (Button.CHECK_IN, Button.OVERTIME_IN)
_LEAVINGS: Final = (Button.CHECK_OUT, Button.OVERTIME_OUT)


@dataclass(frozen=True, order=True)
class Punch:
    """One punch in local wall time, and the machine that told it."""

    at: datetime
    status: int
    machine: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Hours:
    """When work begins and ends on a day, in minutes from its midnight; an end of 1440 or more is on the next day.

    grace_minutes: who comes this much late is in time; who comes later is late from the start on.
    """

    start: int
    end: int
    grace_minutes: int = 0

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The first and the last moment of work on that day."""
        midnight = datetime.combine(day, time())
        return midnight + timedelta(minutes=self.start), midnight + timedelta(minutes=self.end)


@dataclass(frozen=True)
class Given:
    """What somebody says of a day: a status, with the minutes where they are corrected; or CLOSED."""

    status: str
    late_minutes: int | None = None
    early_leave_minutes: int | None = None


# Why a punch does not count: repeated within a minute, or not the day's first arrival or last leaving.
Use = Literal["check_in", "check_out", "repeated", "noted"]


# Up to when each machine has told of punches; one that is not in it has told of every day that is asked for.
Reach = Mapping[str | None, datetime]
TOLD_OF_ALL: Final[Reach] = MappingProxyType({})


@dataclass(frozen=True)
class DayRecap:
    """One day, as it is stored, with what it rests on: which punch counted as what, in their order."""

    day: date
    status: str
    first_in: datetime | None
    last_out: datetime | None
    late_minutes: int
    early_leave_minutes: int
    has_check_in: bool
    has_check_out: bool
    origin: Literal["punches", "given"]
    uses: tuple[tuple[Punch, Use], ...] = ()


def recaps_of(
    days: Collection[date],
    punches: Iterable[Punch],
    given: Mapping[date, Given],
    hours: Callable[[date], Hours | None],
    reach: Reach = TOLD_OF_ALL,
) -> dict[date, DayRecap]:
    """Return the recaps of these days of one person; a day of which nothing is known has none.

    punches: of these days, and of the day before and after, in any order.
    """
    by_day = by_work_day(punches, hours)
    found = {}
    for day in sorted(days):
        recap = recap_of(day, by_day.get(day, ()), hours(day), given.get(day), reach)
        if recap is not None:
            found[day] = recap
    return found


def by_work_day(
    punches: Iterable[Punch], hours: Callable[[date], Hours | None]
) -> dict[date, list[Punch]]:  # fmt: skip
    """Return one person's punches by the day that they belong to, in order.

    That is their date, with two exceptions. Where the hours of the day before go past midnight, that night is the day
    before's. And a check-out before noon is the day before's where the person had come on that day, has not left since
    and has been there for no more than 20 hours.
    """
    days: dict[date, list[Punch]] = {}
    arrived: tuple[datetime, date] | None = None
    for punch in sorted(set(punches)):
        is_of_shift = _is_of_the_shift(punch, hours(punch.at.date() - _DAY))
        day = punch.at.date() - _DAY if is_of_shift else punch.at.date()
        if punch.status in _LEAVINGS:
            if arrived is not None and not is_of_shift and _is_of_the_night(arrived, punch.at):
                day = arrived[1]
            arrived = None
        elif punch.status in _ARRIVALS and (arrived is None or arrived[1] != day):
            arrived = punch.at, day
        days.setdefault(day, []).append(punch)
    return days


def recap_of(
    day: date,
    punches: Sequence[Punch],
    hours: Hours | None = None,
    given: Given | None = None,
    reach: Reach = TOLD_OF_ALL,
) -> DayRecap | None:
    """Return the day's recap; None where nothing is known of it.

    punches: those that belong to the day. hours: None where none are expected; then nobody is late.
    """
    if not punches and given is None:
        return None
    uses, first_in, last_out = _uses(day, punches, hours)
    late, early = _late(day, first_in, hours), _early(day, last_out, hours)
    if given is None or (given.status == CLOSED and punches):
        is_over = given is not None or _is_told(day, punches, hours, reach)
        has_in, has_out = first_in is not None, last_out is not None or not is_over
        return DayRecap(day, PRESENT, first_in, last_out, late, early, has_in, has_out, "punches", uses)
    status = ABSENT if given.status == CLOSED else given.status
    assert status in STATUSES
    late = given.late_minutes if given.late_minutes is not None else late
    early = given.early_leave_minutes if given.early_leave_minutes is not None else early
    if status != PRESENT:
        late = early = 0
    return DayRecap(
        day, status, first_in, last_out, late, early, has_check_in=True, has_check_out=True, origin="given", uses=uses
    )


def _is_told(day: date, punches: Sequence[Punch], hours: Hours | None, reach: Reach) -> bool:
    """Whether the machine at which the person was seen last has told of a time after the day of its end."""
    until = reach.get(max(punches).machine)
    ends = day if hours is None else hours.on(day)[1].date()
    return until is None or until.date() > ends


def _is_of_the_shift(punch: Punch, hours: Hours | None) -> bool:
    """Whether it lies in a shift that began the day before: up to its end, and for who leaves some hours longer."""
    if hours is None or hours.end <= _DAY_MINUTES:
        return False
    end = hours.on(punch.at.date() - _DAY)[1]
    return punch.at < (end if punch.status in _ARRIVALS else end + _LEAVING_AFTER)


def _is_of_the_night(arrived: tuple[datetime, date], left: datetime) -> bool:
    at, day = arrived
    return day + _DAY == left.date() and left.time() < _NIGHT_ENDS and left - at <= _NIGHT_HOURS_MAX


def _uses(
    day: date, punches: Sequence[Punch], hours: Hours | None
) -> tuple[tuple[tuple[Punch, Use], ...], datetime | None, datetime | None]:
    ordered = sorted(set(punches))
    repeated = _repeated(ordered)
    kept = [punch for punch in ordered if punch not in repeated]
    first = _first_in(day, kept, hours)
    last = _last_out(day, kept, hours, first)
    uses = tuple((punch, _use(punch, first, last, repeated=punch in repeated)) for punch in ordered)
    return uses, None if first is None else first.at, None if last is None else last.at


def _use(punch: Punch, first: Punch | None, last: Punch | None, *, repeated: bool) -> Use:
    if repeated:
        return "repeated"
    if punch == first:
        return "check_in"
    return "check_out" if punch == last else "noted"


def _repeated(ordered: Sequence[Punch]) -> set[Punch]:
    """Punches of the same button within a minute of the one that counts: the first."""
    counted: dict[int, datetime] = {}
    repeated = set()
    for punch in ordered:
        before = counted.get(punch.status)
        if before is not None and (punch.at - before).total_seconds() <= REPEAT_SECONDS:
            repeated.add(punch)
        else:
            counted[punch.status] = punch.at
    return repeated


def _first_in(day: date, kept: Sequence[Punch], hours: Hours | None) -> Punch | None:
    """The first check-in before the hours end; else the first of overtime, before their middle.

    Whoever pressed the wrong button on leaving, or both, has not come then.
    """
    middle = _middle(day, hours)
    regular = [
        punch
        for punch in kept
        if punch.status == Button.CHECK_IN and not _is_on_leaving(punch, kept, day, hours)
    ]
    instead = [
        punch for punch in kept if punch.status == Button.OVERTIME_IN and (middle is None or punch.at < middle)
    ]
    return next(iter(regular or instead), None)


def _last_out(day: date, kept: Sequence[Punch], hours: Hours | None, first: Punch | None) -> Punch | None:
    """The last check-out after the arrival; else the last of overtime, from the middle of the hours on."""
    after = [punch for punch in kept if punch != first and not _slipped(punch, first, day, hours)]
    regular = [punch for punch in after if punch.status == Button.CHECK_OUT]
    middle = _middle(day, hours)
    instead = [
        punch for punch in after if punch.status == Button.OVERTIME_OUT and (middle is None or punch.at >= middle)
    ]
    return next(reversed(regular or instead), None)


def _is_on_leaving(punch: Punch, kept: Sequence[Punch], day: date, hours: Hours | None) -> bool:
    """Whether a check-in was pressed on leaving: after the hours, or in their second half beside a check-out."""
    middle = _middle(day, hours)
    if hours is None or middle is None or punch.at < middle:
        return False
    beside = (abs((each.at - punch.at).total_seconds()) <= REPEAT_SECONDS for each in kept if each.status in _LEAVINGS)
    return punch.at >= hours.on(day)[1] or any(beside)


def _slipped(punch: Punch, first: Punch | None, day: date, hours: Hours | None) -> bool:
    """Whether it is no leaving: before the arrival, or the other button within a minute of it, while work begins."""
    if first is None:
        return False
    if punch.at < first.at:
        return True
    middle = _middle(day, hours)
    begins = middle is None or punch.at < middle
    return begins and (punch.at - first.at).total_seconds() <= REPEAT_SECONDS


def _middle(day: date, hours: Hours | None) -> datetime | None:
    if hours is None:
        return None
    start, end = hours.on(day)
    return start + (end - start) / 2


def _late(day: date, first_in: datetime | None, hours: Hours | None) -> int:
    """Whole minutes after the start, where they are more than the grace."""
    if first_in is None or hours is None:
        return 0
    minutes = int((first_in - hours.on(day)[0]).total_seconds() // 60)
    return minutes if minutes > hours.grace_minutes else 0


def _early(day: date, last_out: datetime | None, hours: Hours | None) -> int:
    if last_out is None or hours is None:
        return 0
    return max(0, int((hours.on(day)[1] - last_out).total_seconds() // 60))

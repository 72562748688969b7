"""What the machine at the invented office's door saw: a month's punches as lines of attlog.dat, by a seed.

Somebody comes late, somebody forgets to punch out, fingers press twice, and the machine of one unit was not read for
some days. Every punch is made up for the demo.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from lontara_demo import office
from lontara_demo.office import Person

# By weekday, 1 is Monday: 37.5 hours a week with the pause taken off.
HOURS: Final[Mapping[int, tuple[str, str]]] = {
    **dict.fromkeys(range(1, 5), ("08:00", "16:00")), 5: ("08:00", "16:30"),
}  # fmt: skip
UNREAD_UNIT: Final = "KEC-02"
_UNREAD_DAYS: Final = slice(9, 12)
_TRAVELLER: Final = "198509182010011007"
_TRAVEL_DAYS: Final = slice(2, 4)
_LATE_SHARE, _FORGETS_SHARE, _TWICE_SHARE = 0.12, 0.02, 0.15


@dataclass(frozen=True)
class TravelDay:
    """A day on which somebody was away on duty, as their supervisor says it."""

    nip: str
    day: date


def pins_of(people: Sequence[Person]) -> dict[str, str]:
    """The number under which the machine knows each of these people, and their NIP."""
    return {str(number): person.nip for number, person in enumerate(people, start=1)}


def travel_days(month: date) -> list[TravelDay]:
    """Who was away on duty, and when."""
    return [TravelDay(_TRAVELLER, day) for day in office.workdays_of(month)[_TRAVEL_DAYS]]


def attlog_of(people: Sequence[Person], month: date, *, seed: int) -> str:
    """The machine's log of the month of `month`, in order of time: the same for the same seed."""
    nips = {nip: pin for pin, nip in pins_of(people).items()}
    lines = sorted(
        f"{at:%Y-%m-%d %H:%M:%S}\t{nips[person.nip]}\t{status}"
        for person in people
        for at, status in _punches_of(person, month, seed)
    )
    return "".join(
        f"{pin}\t{at}\t1\t{status}\t1\t0\n" for at, pin, status in (line.split("\t") for line in lines)
    )  # fmt: skip


def _punches_of(person: Person, month: date, seed: int) -> Iterator[tuple[datetime, int]]:
    chance = random.Random(f"{seed}:{person.nip}:{month:%Y-%m}:punches")
    workdays = office.workdays_of(month)
    unread = set(workdays[_UNREAD_DAYS]) if person.unit_code == UNREAD_UNIT else set()
    away = {each.day for each in travel_days(month) if each.nip == person.nip}
    for day in workdays:
        starts, ends = (_at(day, text) for text in HOURS[day.isoweekday()])
        late = chance.choice((4, 12, 25, 38, 64)) if chance.random() < _LATE_SHARE else -chance.randint(1, 20)
        come = starts + timedelta(minutes=late, seconds=chance.randrange(60))
        leaves = ends + timedelta(minutes=chance.randint(1, 25), seconds=chance.randrange(60))
        seen = [(come, 0)] if chance.random() < _FORGETS_SHARE else [(come, 0), (leaves, 1)]
        if chance.random() < _TWICE_SHARE:
            seen.insert(1, (come + timedelta(seconds=chance.randint(2, 9)), 0))
        if day not in unread | away:
            yield from seen


def _at(day: date, text: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(text))

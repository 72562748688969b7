"""Invented punches: the same for the same seed, of a machine that was not read for some days, and of no traveller."""

from datetime import date

from lontara_demo.office import WORKERS, workdays_of
from lontara_demo.punches import UNREAD_UNIT, attlog_of, pins_of, travel_days

MONTH = date(2026, 10, 1)


def days_by_nip(text: str) -> dict[str, set[str]]:
    nips, days = pins_of(WORKERS), {person.nip: set[str]() for person in WORKERS}
    for line in text.splitlines():
        pin, at = line.split("\t")[:2]
        days[nips[pin]].add(at[:10])
    return days


def test_the_same_seed_makes_the_same_log_in_order_of_time() -> None:
    first, second = (attlog_of(WORKERS, MONTH, seed=7) for _ in range(2))

    times = [line.split("\t")[1] for line in first.splitlines()]
    assert first == second != attlog_of(WORKERS, MONTH, seed=8)
    assert times == sorted(times)
    assert len(times) > 300


def test_only_days_of_the_unread_machine_and_of_travel_have_no_punch() -> None:
    days = days_by_nip(attlog_of(WORKERS, MONTH, seed=7))

    workdays = {day.isoformat() for day in workdays_of(MONTH)}
    missing = {person.nip: len(workdays - days[person.nip]) for person in WORKERS}
    away = {each.nip for each in travel_days(MONTH)}
    assert {
        person.nip: 3 * (person.unit_code == UNREAD_UNIT) + 2 * (person.nip in away) for person in WORKERS
    } == missing  # fmt: skip

"""What the performance tests share: the shipped policies, and months built from vectors. No tests here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from lontara_server.performance.attendance import AttendanceDay, AttendanceRecap
from lontara_server.performance.behaviour import BERAKHLAK
from lontara_server.performance.calendar import days_of, workdays_of
from lontara_server.performance.explanation import Node
from lontara_server.performance.placement import Placement
from lontara_server.performance.policy import MonthPolicy, YearPolicy, parse_policy
from lontara_server.performance.score import EntryForScore, MonthInput

DEFAULT = "generic-60-40"
MONTH_POLICIES = (DEFAULT, "jakarta-kecamatan", "sumedang-2023")
YEAR_POLICIES = ("pp30-2019", "permenpanrb-6-2022")


def policy_document(policy_id: str = DEFAULT) -> dict[str, Any]:
    """The shipped policy as it is written; each caller has a copy of its own to change."""
    return deepcopy(_read_policy(policy_id))


@cache
def _read_policy(policy_id: str) -> dict[str, Any]:
    text = files("lontara_schema").joinpath("policies", f"{policy_id}.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def shipped_policy(policy_id: str = DEFAULT) -> MonthPolicy:
    policy = parse_policy(policy_document(policy_id), where=policy_id)
    assert isinstance(policy, MonthPolicy)
    return policy


def year_policy(policy_id: str) -> YearPolicy:
    policy = parse_policy(policy_document(policy_id), where=policy_id)
    assert isinstance(policy, YearPolicy)
    return policy


def changed_policy(changes: Mapping[tuple[str, ...], Any], policy_id: str = DEFAULT) -> MonthPolicy:
    """A shipped policy with other values at these key paths: what a region may write."""
    document = policy_document(policy_id)
    for path, value in changes.items():
        section = document
        for key in path[:-1]:
            section = section[key]
        section[path[-1]] = value
    policy = parse_policy(document, where="changed")
    assert isinstance(policy, MonthPolicy)
    return policy


def vectors(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / "vectors" / name).read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def vector_cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = vectors(name)["cases"]
    return cases


def entry(
    entry_id: str,
    on: date,
    times: str | None = None,
    *,
    minutes: int | None = None,
    category: str | None = "main_duty",
    open_conflict: bool = False,
    captured_on: date | None = None,
) -> EntryForScore:
    start, end = (_minute(part) for part in times.split("-")) if times else (None, None)
    return EntryForScore(entry_id, on, start, end, minutes, category, 1, open_conflict, captured_on)


def attendance_day(row: Mapping[str, Any]) -> AttendanceDay:
    return AttendanceDay(
        row["date"],
        row.get("status", "present"),
        row.get("late", 0),
        row.get("early", 0),
        row.get("check_in", True),
        row.get("check_out", True),
    )


def all_seven(rating: str | None) -> dict[str, Decimal]:
    return {} if rating is None else dict.fromkeys(BERAKHLAK, Decimal(rating))


def month_of(case: dict[str, Any]) -> MonthInput:
    period = case["period"]
    holidays = frozenset(days_of(period) if case.get("every_day_is_a_holiday") else case.get("holidays", ()))
    workdays = workdays_of(period, holidays, workdays_per_week=5)
    entries = [
        entry(row["id"], row["date"], row.get("times"), minutes=row.get("minutes")) for row in case.get("entries", ())
    ]
    if "each_workday" in case:
        entries += [entry(f"workday-{day}", day, minutes=case["each_workday"]) for day in workdays]
    entries += [entry(f"log-{day}", day, minutes=60) for day in workdays[: case.get("entries_on_workdays", 0)]]
    return month(
        entries,
        period=period,
        holidays=holidays,
        attendance=_attendance_of(case, workdays),
        placements=tuple(placement(row) for row in _placements_of(case)),
        behaviour=all_seven(case.get("behaviour")),
        quality=_decimal(case.get("quality")),
        budget_absorption=_decimal(case.get("budget_absorption")),
        attendance_recap=AttendanceRecap(**case["totals"]) if "totals" in case else None,
        waiting_review=case.get("waiting_review", 0),
    )


def placement(row: Mapping[str, Any]) -> Placement:
    unit = row.get("unit")
    return Placement(row["from"], row["to"], unit, unit, row.get("workdays_per_week"), _decimal(row.get("base")))


def month(
    entries: Iterable[EntryForScore],
    *,
    period: str = "2026-02",
    holidays: frozenset[date] = frozenset(),
    known_unsent: int = 0,
    silent_devices: int = 0,
    entries_received: int = 0,
    **known: Any,
) -> MonthInput:
    """A month; `known` are the inputs that may be left out: attendance, placements, behaviour and the like."""
    return MonthInput(
        "employee-1", period, tuple(entries), holidays, known_unsent, silent_devices, entries_received, **known
    )


def present_days(period: str = "2026-02", holidays: frozenset[date] = frozenset()) -> tuple[AttendanceDay, ...]:
    return tuple(AttendanceDay(day, "present") for day in workdays_of(period, holidays, workdays_per_week=5))


def _attendance_of(case: dict[str, Any], workdays: Iterable[date]) -> tuple[AttendanceDay, ...]:
    """The days of the case, and plainly present on the other workdays where it says so."""
    told = {row["date"]: attendance_day(row) for row in case.get("attendance", ())}
    if case.get("present"):
        told = {day: AttendanceDay(day, "present") for day in workdays} | told
    if "every_workday" in case:
        told = {day: attendance_day({"date": day, **case["every_workday"]}) for day in workdays}
    return tuple(day for at, day in told.items() if at not in case.get("no_feed", ()))


def _placements_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the case, or one for ever with the case's base."""
    always = {"from": date(2020, 1, 1), "to": None, "unit": "Kecamatan Tempe", "base": case.get("base")}
    placements: list[dict[str, Any]] = case.get("placements", [always] if "base" in case else [])
    return placements


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def rows(node: Node, code: str) -> list[Node]:
    """Every row of the tree with this code, from the top."""
    below = [row for child in node.children for row in rows(child, code)]
    return [node, *below] if node.code == code else below


def minutes_of(node: Node, code: str) -> int:
    """The sum of the rows with this code; 0 where there is none."""
    return sum(int(row.value) for row in rows(node, code) if row.value is not None)


def _minute(wall_time: str) -> int:
    hour, minute = wall_time.split(":")
    return int(hour) * 60 + int(minute)

"""What the performance tests share: the shipped policy, and months built from vectors. No tests here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from lontara_server.performance.calendar import days_of, workdays_of
from lontara_server.performance.explanation import Node
from lontara_server.performance.policy import Policy, parse_policy
from lontara_server.performance.score import EntryForScore, MonthInput

POLICY_FILE = "generic-60-40.yaml"


def policy_document() -> dict[str, Any]:
    text = files("lontara_schema").joinpath("policies", POLICY_FILE).read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def shipped_policy() -> Policy:
    return parse_policy(policy_document(), where=POLICY_FILE)


def vector_cases(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "vectors" / name).read_text(encoding="utf-8")
    cases: list[dict[str, Any]] = yaml.safe_load(text)["cases"]
    return cases


def entry(
    entry_id: str,
    on: date,
    times: str | None = None,
    *,
    minutes: int | None = None,
    category: str | None = "main_duty",
    open_conflict: bool = False,
) -> EntryForScore:
    start, end = (_minute(part) for part in times.split("-")) if times else (None, None)
    return EntryForScore(entry_id, on, start, end, minutes, category, 1, open_conflict)


def month_of(case: dict[str, Any]) -> MonthInput:
    period = case["period"]
    holidays = frozenset(days_of(period) if case.get("every_day_is_a_holiday") else case.get("holidays", ()))
    entries = [
        entry(row["id"], row["date"], row.get("times"), minutes=row.get("minutes")) for row in case.get("entries", ())
    ]
    if "each_workday" in case:
        entries += [
            entry(f"workday-{day}", day, minutes=case["each_workday"])
            for day in workdays_of(period, holidays, workdays_per_week=5)
        ]
    return month(entries, period=period, holidays=holidays)


def month(
    entries: Iterable[EntryForScore],
    *,
    period: str = "2026-02",
    holidays: frozenset[date] = frozenset(),
    known_unsent: int = 0,
    silent_devices: int = 0,
    entries_received: int = 0,
) -> MonthInput:
    return MonthInput("employee-1", period, tuple(entries), holidays, known_unsent, silent_devices, entries_received)


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

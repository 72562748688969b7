"""Moments in the org's zone as a page writes them; dates, times and values are written as everywhere (`value_words`)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from lontara_core.clock import within_calendar
from lontara_core.value_words import (
    clock,
    figure,
    hours,
    long_date,
    minutes_of,
    month,
    short_date,
    span,
    start_minute,
    value,
    values,
)

__all__ = [
    "clock", "figure", "hour", "hours", "long_date", "minutes_of", "moment", "moment_ms", "month", "short_date", "span",
    "start_minute", "value", "values",
]  # fmt: skip


def hour(number: int, language: str) -> str:
    """`06.00` of 6; hours past midnight begin again."""
    return clock(f"{number % 24 if number != 24 else 24:02}:00", language)


def moment(utc: str, zone: str, language: str) -> str:
    """`24/11 08.15` of a moment in UTC, in the org's zone."""
    local = datetime.fromisoformat(utc).astimezone(ZoneInfo(zone))
    return f"{local.day:02}/{local.month:02} {clock(local.strftime('%H:%M'), language)}"


def moment_ms(at_ms: int, zone: str, language: str) -> str:
    """The same of ms since 1970 UTC."""
    return moment(datetime.fromtimestamp(within_calendar(at_ms) / 1000, ZoneInfo("UTC")).isoformat(), zone, language)

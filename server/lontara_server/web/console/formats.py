"""Moments in the org's zone as a page writes them; dates, times and values are written as everywhere (`value_words`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
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
    "clock", "day_ranges", "figure", "full_date", "grouped", "hour", "hours", "local_moment", "long_date", "minutes_of",
    "moment", "moment_ms", "month", "plain", "short_date", "signed", "span", "start_minute", "value", "values",
]  # fmt: skip


def day_ranges(days: Sequence[str], language: str) -> str:
    """`17 Nov, 19–20 Nov, 30 Nov–2 Des` of ISO dates that rise."""
    runs: list[tuple[date, date]] = []
    for day in map(date.fromisoformat, days):
        first, last = runs[-1] if runs else (day, date.min)
        if day - last == timedelta(days=1):
            runs[-1] = (first, day)
        else:
            runs.append((day, day))
    return ", ".join(_run(first, last, language) for first, last in runs)


def _run(first: date, last: date, language: str) -> str:
    end = short_date(last.isoformat(), language)
    if first == last:
        return end
    begin = str(first.day) if first.month == last.month else short_date(first.isoformat(), language)
    return f"{begin}–{end}"


def full_date(text: str, language: str) -> str:
    """`24 Nov 2026` of an ISO date."""
    return f"{short_date(text, language)} {text[: len('YYYY')]}"


def plain(text: str, language: str) -> str:
    """A plain decimal without places that say nothing: `94` of `94.00`."""
    return figure(f"{Decimal(text):f}".rstrip("0").rstrip(".") if "." in text else text, language)


def grouped(number: int, language: str) -> str:
    """`75.000` of 75000, in English `75,000`."""
    return f"{number:,}".replace(",", ".") if language == "id" else f"{number:,}"


def signed(text: str, language: str) -> str:
    """A difference with its sign: `+1,50`, `−0,40`, and `0,00` as it is."""
    number = Decimal(text)
    sign = "−" if number < 0 else "+" if number > 0 else ""
    return sign + figure(text.lstrip("-"), language)


def hour(number: int, language: str) -> str:
    """`06.00` of 6; hours past midnight begin again."""
    return clock(f"{number % 24 if number != 24 else 24:02}:00", language)


def moment(utc: str, zone: str, language: str) -> str:
    """`24/11 08.15` of a moment in UTC, in the org's zone."""
    local = datetime.fromisoformat(utc).astimezone(ZoneInfo(zone))
    return f"{local.day:02}/{local.month:02} {clock(local.strftime('%H:%M'), language)}"


def local_moment(text: str, language: str) -> str:
    """`16 Nov 2026 07.30` of a local time as it is stored, `2026-11-16 07:30:00`."""
    day, _, time = text.partition(" ")
    return f"{full_date(day, language)} {clock(time[: len('HH:MM')], language)}"


def moment_ms(at_ms: int, zone: str, language: str) -> str:
    """The same of ms since 1970 UTC."""
    return moment(datetime.fromtimestamp(within_calendar(at_ms) / 1000, ZoneInfo("UTC")).isoformat(), zone, language)

"""Dates, times, figures and the values of fields as a page writes them: `08.00` and `24 Nov` in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from lontara_server.web.console.words import WORDS, say

_MONTHS: Final = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_DAYS: Final = {
    "id": ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MINUTES_A_DAY: Final = 1440


def short_date(text: str, language: str) -> str:
    """`24 Nov` of an ISO date."""
    day = date.fromisoformat(text)
    return f"{day.day} {_MONTHS[language][day.month - 1]}"


def long_date(text: str, language: str) -> str:
    """`Sel, 24 Nov 2026` of an ISO date."""
    day = date.fromisoformat(text)
    return f"{_DAYS[language][day.weekday()]}, {short_date(text, language)} {day.year}"


def month(period: str, language: str) -> str:
    """`Nov 2026` of `2026-11`."""
    year, number = period.split("-")
    return f"{_MONTHS[language][int(number) - 1]} {year}"


def clock(text: str, language: str) -> str:
    """`08.00` of `08:00`."""
    return text.replace(":", ".") if language == "id" else text


def moment(utc: str, zone: str, language: str) -> str:
    """`24/11 08.15` of a moment in UTC, in the org's zone."""
    local = datetime.fromisoformat(utc).astimezone(ZoneInfo(zone))
    return f"{local.day:02}/{local.month:02} {clock(local.strftime('%H:%M'), language)}"


def moment_ms(at_ms: int, zone: str, language: str) -> str:
    """The same of ms since 1970 UTC."""
    return moment(datetime.fromtimestamp(at_ms / 1000, ZoneInfo("UTC")).isoformat(), zone, language)


def figure(text: str, language: str) -> str:
    """A plain decimal with the language's comma."""
    return text.replace(".", ",") if language == "id" else text


def span(minutes: int, language: str) -> str:
    """`7j20` of minutes."""
    return say(language, "hours_minutes", hours=minutes // 60, minutes=minutes % 60)


def minutes_of(entry: Mapping[str, Any]) -> int:
    """How long an entry lasted: between its times, else its duration."""
    start, end = start_minute(entry), entry.get("end_time")
    if start is None or not end:
        return int(entry.get("duration_minutes") or 0)
    lasted = _minute(end) - start
    return lasted if lasted > 0 else lasted + _MINUTES_A_DAY


def start_minute(entry: Mapping[str, Any]) -> int | None:
    """The minute of the day at which an entry begins, if it says."""
    return _minute(entry["start_time"]) if entry.get("start_time") else None


def hours(entry: Mapping[str, Any], language: str) -> str:
    """`07.40–11.30` of an entry, or how long it lasted."""
    if entry.get("start_time") and entry.get("end_time"):
        return f"{clock(entry['start_time'], language)}–{clock(entry['end_time'], language)}"
    return say(language, "minutes", n=minutes_of(entry))


def value(name: str, held: Any, language: str) -> str:
    """A field's value in words; an empty one says so."""
    if name == "voided":
        return say(language, "deleted" if held else "kept")
    if held is None or held == "" or held == []:
        return say(language, "empty_value")
    if isinstance(held, list):
        return ", ".join(value(name, each, language) for each in held)
    if name in ("start_time", "end_time"):
        return clock(str(held), language)
    if name == "work_date":
        return long_date(str(held), language)
    if name == "duration_minutes":
        return say(language, "minutes", n=held)
    if name == "quantity":
        return figure(str(held), language)
    known = f"value.{held}"
    return say(language, known) if known in WORDS else str(held)


def _minute(wall_time: str) -> int:
    hour, minute = wall_time.split(":")
    return int(hour) * 60 + int(minute)

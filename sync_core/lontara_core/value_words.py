"""Dates, times, figures and the values of an entry's fields as people read them: `08.00` and `24 Nov` in Indonesian.

The console and both programs write them alike. Sentences, colours and layout live elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from lontara_core.record_types import RECORD_TYPES
from lontara_core.terms import TERMS, named, term

MONTHS: Final = {
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_DAYS: Final = {
    "id": ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MINUTES_A_DAY: Final = 1440
_TIMES: Final = frozenset({"start_time", "end_time", "duration_minutes"})
_WHEN: Final = RECORD_TYPES["activity_entry"].groups["when"]


def short_date(text: str, language: str) -> str:
    """`24 Nov` of an ISO date."""
    day = date.fromisoformat(text)
    return f"{day.day} {MONTHS[language][day.month - 1]}"


def long_date(text: str, language: str) -> str:
    """`Sel, 24 Nov 2026` of an ISO date."""
    day = date.fromisoformat(text)
    return f"{_DAYS[language][day.weekday()]}, {short_date(text, language)} {day.year}"


def month(period: str, language: str) -> str:
    """`Nov 2026` of `2026-11`."""
    year, number = period.split("-")
    return f"{MONTHS[language][int(number) - 1]} {year}"


def clock(text: str, language: str) -> str:
    """`08.00` of `08:00`."""
    return text.replace(":", ".") if language == "id" else text


def figure(text: str, language: str) -> str:
    """A plain decimal with the language's comma."""
    return text.replace(".", ",") if language == "id" else text


def span(minutes: int, language: str) -> str:
    """`7j20` of minutes."""
    return term(language, "hours_minutes", hours=minutes // 60, minutes=minutes % 60)


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
    return term(language, "minutes", n=minutes_of(entry))


def value(name: str, held: Any, language: str) -> str:
    """A field's value in words; an empty one says so."""
    if name == "voided":
        return term(language, "deleted" if held else "kept")
    if held is None or held == "" or held == []:
        return term(language, "empty_value")
    if isinstance(held, list):
        return ", ".join(value(name, each, language) for each in held)
    if name in ("start_time", "end_time"):
        return clock(str(held), language)
    if name == "work_date":
        return long_date(str(held), language)
    if name == "duration_minutes":
        return term(language, "minutes", n=held)
    if name == "quantity":
        return figure(str(held), language)
    return named(language, "value", held)


def standing(entry: Mapping[str, Any], language: str, *, merged_into: str | None = None) -> str:
    """Where an entry stands: its review, or that it is deleted. merged_into: title of the entry that a merge kept."""
    if entry.get("voided"):
        return term(language, "merged_into", title=merged_into) if merged_into else term(language, "is_deleted")
    return named(language, "value", entry.get("review_state") or "")


def values(held: Mapping[str, Any], entry: Mapping[str, Any], language: str) -> str:
    """Fields of one group as one text: `07.40–11.30`, `12 orang`; with the entry's own where a part is not among them."""
    if held.keys() & set(_WHEN):
        return _when(held, entry, language)
    if held.get("quantity") is not None:
        unit = held.get("output_unit", entry.get("output_unit")) or ""
        return f"{value('quantity', held['quantity'], language)} {unit}".strip()
    return ", ".join(value(name, each, language) for name, each in held.items())


def label(names: tuple[str, ...], language: str) -> str:
    """What a field is called, or a group of fields."""
    group = next((key for key, fields in RECORD_TYPES["activity_entry"].groups.items() if names[0] in fields), None)
    key = f"field.{names[0] if len(names) == 1 or group is None else group}"
    return term(language, key) if key in TERMS else names[0]


def _when(held: Mapping[str, Any], entry: Mapping[str, Any], language: str) -> str:
    whole = {**{name: entry.get(name) for name in _WHEN}, **held}
    parts = []
    if held.get("work_date"):
        parts.append(short_date(held["work_date"], language))
    if held.keys() & _TIMES:
        parts.append(hours(whole, language))
    return " · ".join(parts) or term(language, "empty_value")


def _minute(wall_time: str) -> int:
    hour, minute = wall_time.split(":")
    return int(hour) * 60 + int(minute)

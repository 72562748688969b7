"""Figures, money, dates and months as a person reads them on paper or in a sheet. Machine formats stay ISO."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

Language = Literal["id", "en"]
MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "id": ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
           "Desember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"),
}  # fmt: skip
MINUS: Final = "−"


def number(value: Decimal | int, language: Language, places: int | None = None) -> str:
    """`1.234,56` in Indonesian, `1,234.56` in English. places: how many are shown; None: as many as the figure has."""
    shown = Decimal(value) if places is None else round(Decimal(value), places)
    text = f"{shown:,f}".replace("-", MINUS)
    return text.translate(str.maketrans(",.", ".,")) if language == "id" else text


def rupiah(value: Decimal | int, language: Language) -> str:
    """`Rp 3.680.000`; less than nothing is `−Rp 5.000`."""
    whole = Decimal(value)
    text = number(abs(whole), language, 0 if whole == whole.to_integral_value() else 2)
    return f"{MINUS if whole < 0 else ''}Rp {text}"


def long_day(day: date, language: Language) -> str:
    """`24 November 2026`."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """`24-11-2026`."""
    return f"{day:%d-%m-%Y}"


def month(period: str, language: Language) -> str:
    """`November 2026` of `2026-11`."""
    year, number_of_month = period.split("-")
    return f"{MONTHS[language][int(number_of_month) - 1]} {year}"


def clock(text: str, language: Language) -> str:
    """`08.00` of `08:00` in Indonesian."""
    return text.replace(":", ".") if language == "id" else text


def local_day(at_ms: int, zone: str) -> date:
    """The date of an instant in a zone."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()


def utc(at_ms: int) -> str:
    """`2026-11-24T04:00:00Z` of an instant, with its milliseconds where it has any: for machines."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds").replace("+00:00", "Z")

"""What a person types for a field of an entry, as the field's value: names and values in Indonesian and English ways.

`jumlah=3,5`, `tanggal=20-11-2026` and `mulai=8` are understood like `quantity=3.5`, `work_date=2026-11-20` and
`start_time=08:00`. Whether the value may be written is judged elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from lontara_core.canonical import Json, tidy_text
from lontara_core.problems import Problem
from lontara_core.record_types import RECORD_TYPES

_ENTRY: Final = RECORD_TYPES["activity_entry"]
# As the screens call them in Indonesian, and as people do.
NAMES: Final[Mapping[str, str]] = {
    "tanggal": "work_date",
    "mulai": "start_time",
    "selesai": "end_time",
    "menit": "duration_minutes",
    "durasi": "duration_minutes",
    "lama": "duration_minutes",
    "kegiatan": "title",
    "judul": "title",
    "uraian": "description",
    "jumlah": "quantity",
    "satuan": "output_unit",
    "kategori": "category",
    "rhk": "target_id",
    "tempat": "place",
    # As the options of `lontara add` are called.
    "date": "work_date",
    "start": "start_time",
    "end": "end_time",
    "duration": "duration_minutes",
    "unit": "output_unit",
    "target": "target_id",
}
WRITABLE: Final = tuple(name for name, spec in _ENTRY.fields.items() if spec.rule in ("manual", "latest"))
_CATEGORIES: Final[Mapping[str, str]] = {
    "tugas-pokok": "main_duty",
    "tugas-tambahan": "additional_duty",
    "perintah-khusus": "special_instruction",
}
_DATE: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_TIME: Final = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")
_FIGURE: Final = re.compile(r"\d+(?:[.,]\d+)?")


def pairs_typed(pairs: Iterable[str]) -> dict[str, Json]:
    """FIELD=VALUE pairs as fields; an empty value empties the field. Raises Problem unknown_field, invalid_field."""
    fields: dict[str, Json] = {}
    for pair in pairs:
        typed, equals, text = pair.partition("=")
        if not equals:
            raise _invalid(typed, f"{typed!r} is not FIELD=VALUE", "Write FIELD=VALUE, for example quantity=14.")
        name = field_named(typed)
        fields[name] = value_typed(name, text)
    return fields


def field_named(typed: str) -> str:
    """The field that is meant. Raises Problem unknown_field."""
    name = typed.strip().lower()
    name = NAMES.get(name, name)
    if name not in WRITABLE:
        raise Problem("unknown_field", f"{typed.strip()} is no field of an entry; nothing was saved.", {"field": typed.strip()},
                      f"Fields: {', '.join(both_names())}.")  # fmt: skip
    return name


def value_typed(name: str, typed: str) -> Json:
    """The value that is meant; None where nothing was typed. Raises Problem invalid_field."""
    text = tidy_text(typed).strip()
    if not text:
        return None
    kind = _ENTRY.fields[name].kind
    if kind == "date":
        return date_typed(text, name)
    if kind == "time":
        return time_typed(text, name)
    if kind == "decimal":
        return figure_typed(text, name)
    if kind == "integer":
        if not (text.isascii() and text.isdecimal() and len(text) <= 5):
            raise _invalid(name, f"{text!r} is no number of minutes")
        return int(text)
    if name == "category":
        return category_typed(text, name)
    return text


def date_typed(text: str, name: str = "work_date") -> str:
    """`2026-11-20` of that, or of `20-11-2026`, `20/11/2026`, `20.11.2026`. Raises Problem invalid_field."""
    found = _DATE.fullmatch(text)
    try:
        if found is not None:
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _invalid(name, f"{text!r} is no date") from None


def time_typed(text: str, name: str) -> str:
    """`08:00` of that, or of `8`, `8.00`, `08.00`. Raises Problem invalid_field."""
    found = _TIME.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found is not None else (24, 0)
    if hour > 23 or minute > 59:
        raise _invalid(name, f"{text!r} is no time of day")
    return f"{hour:02}:{minute:02}"


def figure_typed(text: str, name: str = "quantity") -> str:
    """`3.5` of that, of `3,5` and `3.50`. Raises Problem invalid_field."""
    if not (text.isascii() and _FIGURE.fullmatch(text)):
        raise _invalid(name, f"{text!r} is no figure")
    whole, _, places = text.replace(",", ".").partition(".")
    places = places.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{places}" if places else "")


def category_typed(text: str, name: str = "category") -> str:
    """A category's code, of that or of its Indonesian name. Raises Problem invalid_field."""
    wanted = text.lower().replace(" ", "-")
    known = _CATEGORIES.get(wanted, text.lower())
    if known not in _ENTRY.fields["category"].choices:
        raise _invalid(name, f"{text!r} is no category")
    return known


def both_names() -> list[str]:
    """Every field of an entry that its author fills in, `jumlah (quantity)`."""
    indonesian: dict[str, str] = {}
    for typed, name in NAMES.items():
        indonesian.setdefault(name, typed)
    return [f"{indonesian[name]} ({name})" if name in indonesian else name for name in WRITABLE]


def _invalid(name: str, why: str, next_step: str = "Correct it and save again.") -> Problem:
    return Problem("invalid_field", f"{why}; nothing was saved.", {"field": name}, next_step)

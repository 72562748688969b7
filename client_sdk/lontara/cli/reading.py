"""What people type, as the wire has it: `20-11-2026`, `8`, `3,5`, `tugas-pokok`, `jumlah=14`; and what to ask back.

Whether a value is allowed at all is the core's; here is only how it may be written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from lontara.authoring import ENTRY_TYPE
from lontara.cli.output import Session
from lontara.importing import plain_decimal
from lontara_core.canonical import Json
from lontara_core.operations import minutes_between
from lontara_core.problems import Problem
from lontara_core.typed_fields import field_named
from lontara_core.value_words import clock, long_date

FIELDS_HELP: Final = (
    "\b\nFields (isian): tanggal (work_date), mulai (start_time), selesai (end_time), menit (duration_minutes),"
    "\nkegiatan (title), uraian (description), jumlah (quantity), satuan (output_unit), kategori (category),"
    "\nrhk (target_id), tempat (place). An empty value empties the field."
)
_CATEGORIES: Final[Mapping[str, str]] = {
    "main-duty": "main_duty", "tugas-pokok": "main_duty", "pokok": "main_duty",
    "additional-duty": "additional_duty", "tugas-tambahan": "additional_duty", "tambahan": "additional_duty",
    "special-instruction": "special_instruction", "perintah-khusus": "special_instruction",
    "khusus": "special_instruction",
}  # fmt: skip
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_FIGURE: Final = re.compile(r"\d+(?:[.,]\d+)?|[.,]\d+")
# `1.000` is a thousand to one reader and one to the other, so neither is guessed.
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:[.]\d{3})+(?:,\d+)?")
_LONG_MINUTES: Final = 12 * 60


def fields_of(given: Mapping[str, str | None]) -> dict[str, Json]:
    """An entry's fields as they were typed, without those that were not given. Raises Problem invalid_field."""
    return {name: field_value(name, text) for name, text in given.items() if text is not None}


def assignments(pairs: Sequence[str]) -> dict[str, Json]:
    """FIELD=VALUE pairs; an empty value empties the field. Raises Problem invalid_field, unknown_field."""
    fields: dict[str, Json] = {}
    for pair in pairs:
        typed, equals, text = pair.partition("=")
        if not equals:
            raise Problem("invalid_field", f"{pair} is not FIELD=VALUE; nothing was saved.", {},
                          "Write FIELD=VALUE, for example quantity=14.")  # fmt: skip
        name = field_named(typed)
        fields[name] = field_value(name, text)
    return fields


def field_value(name: str, text: str) -> Json:
    """One field's value. Raises Problem invalid_field."""
    text = text.strip()
    if not text:
        return ""
    kind = ENTRY_TYPE.fields[name].kind
    if kind == "date":
        return day_of(text, name)
    if kind == "time":
        return _time_of(text, name)
    if kind == "integer":
        if not text.isdecimal():
            raise _invalid(name, f"{text} is no number of minutes; nothing was saved.")
        return int(text)
    if kind == "decimal":
        return _figure_of(text, name)
    if name == "category":
        return _category_of(text)
    return text


def day_of(text: str, name: str = "work_date") -> str:
    """A date as ISO writes it. Raises Problem invalid_field."""
    day_first, year_first = _DAY_FIRST.fullmatch(text.strip()), _YEAR_FIRST.fullmatch(text.strip())
    try:
        if day_first is not None:
            day, month, year = map(int, day_first.groups())
        elif year_first is not None:
            year, month, day = map(int, year_first.groups())
        else:
            raise ValueError(text)
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise _invalid(name, f"{text} is no date; nothing was saved.") from error


def _time_of(text: str, name: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None or int(found.group(1)) > 23 or int(found.group(2) or 0) > 59:
        raise _invalid(name, f"{text} is no time of day; nothing was saved.")
    return f"{int(found.group(1)):02}:{found.group(2) or '00'}"


def _figure_of(text: str, name: str) -> str:
    if _FIGURE.fullmatch(text) is None or _THOUSANDS.fullmatch(text) is not None:
        raise _invalid(name, f"{text} is no figure; nothing was saved.")
    return plain_decimal(text)


def _category_of(text: str) -> str:
    wanted = text.lower().replace("_", "-").replace(" ", "-")
    if wanted not in _CATEGORIES:
        raise _invalid("category", f"{text} is no category; nothing was saved.")
    return _CATEGORIES[wanted]


def _invalid(name: str, why: str) -> Problem:
    return Problem("invalid_field", why, {"field": name}, "Correct it and save again.")


def ask_back(session: Session, fields: Mapping[str, Json], today: date, *, yes: bool) -> list[str]:
    """Ask about what is likely a slip of the pen: more than twelve hours, or a date beyond tomorrow.

    Returns what is to be said of the rest: that the work goes past midnight. Raises Problem not_confirmed.
    """
    notes, doubts = [], []
    minutes, start, end = fields.get("duration_minutes"), fields.get("start_time"), fields.get("end_time")
    if start and end:
        minutes = minutes_between(start, end)
        if end <= start:
            spoken = {"start": clock(start, session.language), "end": clock(end, session.language), "n": minutes}
            notes.append(session.text("past_midnight", **spoken))
    if isinstance(minutes, int) and minutes > _LONG_MINUTES:
        doubts.append(session.text("very_long", n=minutes))
    work_date = fields.get("work_date")
    if work_date and date.fromisoformat(work_date) > today + timedelta(days=1):
        doubts.append(session.text("far_ahead", day=long_date(work_date, session.language)))
    if doubts:
        session.confirm(" ".join([*notes, *doubts, session.text("go_on")]), yes=yes)
    return [*notes, *(doubts if yes else [])]

"""A problem as lines on a screen, all in one language: whether the work is safe, what is at fault, what to do next.

Both commands print it so. The sentences are in `problem_words` and `problem_sentences`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lontara_core.fault_words import FAULTS
from lontara_core.problem_sentences import MESSAGES, NEXT_STEPS, in_indonesian
from lontara_core.problems import Problem
from lontara_core.terms import TERMS, term

# How a person writes the fields of an entry.
FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "work_date": ("tanggal seperti 20-11-2026 atau 2026-11-20", "a date such as 2026-11-20 or 20-11-2026"),
    "start_time": ("jam seperti 08:00 atau 8; mulai dan selesai diisi berdua",
                   "a time such as 08:00 or 8; start and end stand together"),
    "end_time": ("jam seperti 09:30 atau 9; mulai dan selesai diisi berdua",
                 "a time such as 09:30 or 9; start and end stand together"),
    "duration_minutes": ("menit dari 1 sampai 1440; diisi bila jam mulai dan selesai tidak ada",
                         "minutes from 1 to 1440; needed where there are no start and end"),
    "title": ("1 sampai 200 huruf", "1 to 200 characters"),
    "description": ("paling banyak 4000 huruf", "at most 4000 characters"),
    "quantity": ("angka seperti 12 atau 3,5; ribuan tanpa titik", "a figure such as 12 or 3.5; thousands without a point"),
    "output_unit": ("paling banyak 60 huruf, misalnya orang", "at most 60 characters, such as orang"),
    "category": (
        "tugas-pokok (main_duty), tugas-tambahan (additional_duty), atau perintah-khusus (special_instruction)",
        "main_duty, additional_duty or special_instruction",
    ),
    "target_id": ("nomor RHK", "the id of a work result plan"),
    "place": ("paling banyak 200 huruf", "at most 200 characters"),
    "note": ("paling banyak 2000 huruf", "at most 2000 characters"),
    "text": ("1 sampai 2000 huruf", "1 to 2000 characters"),
    "reason": ("paling banyak 2000 huruf", "at most 2000 characters"),
}  # fmt: skip
_OF_A_FIELD: Final = frozenset({"invalid_field", "missing_field", "invalid_line"})
# What a fact is called in Indonesian; in English its own name says it.
_FACTS: Final[Mapping[str, str]] = {
    "columns": "kolom", "conflict": "konflik", "device": "perangkat", "entry": "catatan", "field": "isian",
    "file": "berkas", "id": "nomor", "line": "baris", "login": "nama masuk", "missing_columns": "kolom yang kurang",
    "month": "bulan", "nip": "NIP", "op_id": "nomor kiriman", "org": "organisasi", "orgs": "organisasi",
    "period": "bulan", "quarantine": "kiriman tersisih", "roles": "peran", "row": "baris", "unit": "unit",
    "url": "alamat", "value": "nilai", "version": "versi", "why": "sebab",
}  # fmt: skip


def lines_of(problem: Problem, language: str) -> list[str]:
    """What is printed of a problem, in Indonesian or for `en` in English; never a line of the other language."""
    lines = [problem.words(language), f"[{problem.code}] {_what(problem, language)}".rstrip()]
    step = problem.next_step if language == "en" else in_indonesian(problem.next_step, NEXT_STEPS)
    if step:
        lines.append(f"→ {step}")
    return lines


def field_form(name: str, language: str) -> str | None:
    """How a field is written, None where nothing is said of it."""
    if name not in FORMS:
        return None
    indonesian, english = FORMS[name]
    return english if language == "en" else indonesian


def _what(problem: Problem, language: str) -> str:
    field = problem.facts.get("field")
    form = field_form(str(field), language)
    told = problem.message if language == "en" else in_indonesian(problem.message, MESSAGES, FAULTS) or _facts(problem.facts)
    if form is None or problem.code not in _OF_A_FIELD:
        return told
    key = f"field.{field}"
    named = f"{term(language, key) if key in TERMS else field}: {form}."
    # Of a file the line is told too; else how the field is written says all.
    return f"{told} {named}" if "line" in problem.facts else named


def _facts(facts: Mapping[str, Any]) -> str:
    told = (
        f"{_FACTS.get(name, name)}: {_field(value) if name == 'field' else _fact(value)}"
        for name, value in facts.items()
        if _is_plain(value)
    )
    return "; ".join(told)


def _is_plain(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return bool(parts) and all(isinstance(each, str | int) for each in parts)


def _field(value: Any) -> str:
    """A field by the name that it has in Indonesian, beside the one that it is written with."""
    return f"{term('id', f'field.{value}')} ({value})" if f"field.{value}" in TERMS else _fact(value)


def _fact(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

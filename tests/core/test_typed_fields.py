"""What a person types for a field: Indonesian names and ways of writing are understood, what is none is named."""

from __future__ import annotations

import pytest

from lontara_core.problems import Problem
from lontara_core.typed_fields import pairs_typed


@pytest.mark.parametrize(
    ("pair", "field", "value"),
    [
        ("jumlah=3,50", "quantity", "3.5"),
        ("quantity=12", "quantity", "12"),
        ("tanggal=20-11-2026", "work_date", "2026-11-20"),
        ("work_date=2026-11-20", "work_date", "2026-11-20"),
        ("mulai=8", "start_time", "08:00"),
        ("Selesai=9.30", "end_time", "09:30"),
        ("durasi=90", "duration_minutes", 90),
        ("kategori=Tugas Pokok", "category", "main_duty"),
        ("kegiatan= Layanan warga ", "title", "Layanan warga"),
        ("uraian=", "description", None),
        ("title=a=b", "title", "a=b"),
    ],
)
def test_a_pair_is_understood_in_either_language(pair: str, field: str, value: object) -> None:
    assert pairs_typed([pair]) == {field: value}


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        ("jumlah", "invalid_field"), ("jumlah=banyak", "invalid_field"), ("tanggal=31-02-2026", "invalid_field"),
        ("mulai=25", "invalid_field"), ("mulai=8:75", "invalid_field"), ("durasi=-5", "invalid_field"),
        ("kategori=lain", "invalid_field"), ("review_state=approved", "unknown_field"), ("warna=biru", "unknown_field"),
    ],
)  # fmt: skip
def test_what_is_none_is_a_problem(pair: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        pairs_typed([pair])

    assert refused.value.code == code

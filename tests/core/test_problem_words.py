"""Every problem is told in Indonesian and in English, and the first thing said is whether the work is safe."""

from __future__ import annotations

import re

import pytest

from house.test_wire_words import raised_codes
from lontara_core.problems import SAFE_EN, SAFE_ID, STATUSES, WORDS, Problem

CODES = sorted({*STATUSES, *WORDS} | raised_codes("Problem", "Refused"))
FIRST_ID = (SAFE_ID, "Tidak ada yang berubah.", "Tidak ada yang hilang.", "Tidak ada yang diimpor", "Data tetap utuh.",
            "Semua catatan sudah diterima dan dicadangkan server.")  # fmt: skip
FIRST_EN = (SAFE_EN, "Nothing was changed.", "Nothing was lost.", "Nothing was imported", "The data is untouched.",
            "Everything was received and backed up.")  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_a_problem_says_first_in_both_languages_whether_the_work_is_safe(code: str) -> None:
    problem = Problem(code, "A sentence for those who look into it.")

    spoken = problem.words("id"), problem.words("en")

    assert spoken[0].startswith(FIRST_ID), f"write the words of {code!r} in problem_words.py"
    assert spoken[1].startswith(FIRST_EN), f"write the words of {code!r} in problem_words.py"
    assert all(re.search(r"[.!]$", sentence) for sentence in spoken)


@pytest.mark.parametrize("code", ["unknown_record", "behind"])
def test_what_is_parked_has_words_too(code: str) -> None:
    assert code in WORDS

"""Words of an explanation: every row and reason in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from string import Formatter

import pytest

from lontara_server.performance import wording
from lontara_server.performance.explanation import Node
from lontara_server.performance.score import REASONS, score_month
from server.performance.months import entry, month, rows, shipped_policy

POLICY = shipped_policy()
MONDAY = date(2026, 2, 2)
LANGUAGES: tuple[wording.Language, ...] = ("id", "en")

# Months that between them have every kind of row.
MONTHS = [
    month(
        [
            *(entry(f"long-{day}", date(2026, 2, day), "06:00-18:00") for day in range(2, 21)),
            entry("night", date(2026, 2, 21), "22:00-06:00"),
            entry("beside", MONDAY, "08:00-09:15", open_conflict=True, category=None),
            entry("untimed", MONDAY, minutes=45, category="visit"),
        ],
    ),
    month([], holidays=frozenset(date(2026, 2, day) for day in range(1, 29))),
]


def all_rows() -> list[Node]:
    def below(node: Node) -> list[Node]:
        return [node, *(row for child in node.children for row in below(child))]

    return [row for work in MONTHS for row in below(score_month(work, POLICY).explanation)]


def test_the_months_of_this_module_have_every_row_that_has_words() -> None:
    codes = {row.code for row in all_rows()}

    assert codes == set(wording.ROWS["id"]) == set(wording.ROWS["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_becomes_a_sentence(language: wording.Language) -> None:
    sentences = [wording.sentence(row, language) for row in all_rows()]

    assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences)
    assert not [sentence for sentence in sentences if "None" in sentence]


@pytest.mark.parametrize("code", wording.ROWS["id"])
def test_both_languages_name_the_same_facts_of_a_row(code: str) -> None:
    facts = [
        {
            name.removesuffix(f"_{language}")
            for text in wording.ROWS[language][code]
            for _, name, _, _ in Formatter().parse(text)
            if name
        }
        for language in LANGUAGES
    ]

    assert facts[0] == facts[1]


@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(code: str, language: wording.Language) -> None:
    assert wording.reason_sentence(code, language).endswith(".")


@pytest.mark.parametrize(
    ("code", "indonesian", "english"),
    [
        (
            "score",
            "Nilai: 100,00 (Sangat Baik, mulai 91).",
            "Score: 100.00 (Very good, from 91).",
        ),
        (
            "productivity_ratio",
            "Persentase menit: 160,00% (9.600 menit dari 6.000 menit).",
            "Percentage of minutes: 160.00% (9,600 minutes of 6,000 minutes).",
        ),
        (
            "entry_past_midnight",
            "21 Feb 2026, 22.00–06.00 hari berikutnya: 480 menit (revisi 1).",
            "21 Feb 2026, 22:00–06:00 the next day: 480 minutes (revision 1).",
        ),
        (
            "overlap_day",
            "2 Feb 2026: −75 menit (2 catatan berbagi jam).",
            "2 Feb 2026: −75 minutes (2 entries share time).",
        ),
        (
            "over_max",
            "Di atas nilai tertinggi: −60,00% (paling tinggi 100).",
            "Over the highest score: −60.00% (at most 100).",
        ),
        (
            "discipline_missing",
            "Disiplin: belum ada (bobot 40; belum ada data presensi, tidak dihitung nol).",
            "Discipline: none yet (weight 40; no attendance data yet, not counted as zero).",
        ),
    ],
)
def test_a_row_reads_like_this(code: str, indonesian: str, english: str) -> None:
    row = rows(score_month(MONTHS[0], POLICY).explanation, code)[0]

    assert [wording.sentence(row, language) for language in LANGUAGES] == [indonesian, english]


def test_an_entry_in_an_open_conflict_says_so_in_its_row() -> None:
    row = next(row for row in all_rows() if row.entry_ids == ("beside",) and row.params.get("start"))

    assert wording.detail(row, "id") == "revisi 1; konflik masih terbuka, versi server yang dihitung"


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        ("33.3333333333", "33,3333333333%", "33.3333333333%"),
        ("-0.0033333333", "−0,0033333333%", "−0.0033333333%"),
        ("76.5000000000", "76,50%", "76.50%"),
        ("12345.00", "12.345,00%", "12,345.00%"),
    ],
)
def test_a_figure_follows_its_language_and_is_never_rounded(value: str, indonesian: str, english: str) -> None:
    node = Node("rounding", "given", Decimal(value), "percent")

    assert [wording.figure(node, language) for language in LANGUAGES] == [indonesian, english]

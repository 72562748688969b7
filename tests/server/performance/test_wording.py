"""Words of an explanation: every row and reason in both languages."""

from __future__ import annotations

from decimal import Decimal
from string import Formatter

import pytest

from lontara_server.performance import wording
from lontara_server.performance.explanation import Node, given
from lontara_server.performance.score import REASONS, score_month
from lontara_server.performance.year import YEAR_REASONS
from server.performance.months import rows, shipped_policy
from server.performance.trees import BUSY, all_trees

POLICY = shipped_policy()
LANGUAGES: tuple[wording.Language, ...] = ("id", "en")


def with_rows_below(node: Node) -> list[Node]:
    return [node, *(row for child in node.children for row in with_rows_below(child))]


ALL_ROWS = [row for tree in all_trees() for row in with_rows_below(tree)]


def test_the_explanations_of_these_tests_have_every_row_that_has_words() -> None:
    codes = {row.code for row in ALL_ROWS}

    assert codes == set(wording.ROWS["id"]) == set(wording.ROWS["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_becomes_a_sentence(language: wording.Language) -> None:
    sentences = [wording.sentence(row, language) for row in ALL_ROWS]

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


def test_what_a_base_is_multiplied_by_is_told_as_it_is_used() -> None:
    factor = given("part_points", Decimal("10.2840"), "points")

    told = [wording.figure(factor, language) for language in LANGUAGES]

    assert told == ["10,284", "10.284"]


@pytest.mark.parametrize("code", [*REASONS, *YEAR_REASONS])
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
    row = rows(score_month(BUSY, POLICY).explanation, code)[0]

    assert [wording.sentence(row, language) for language in LANGUAGES] == [indonesian, english]


def test_an_entry_in_an_open_conflict_says_so_in_its_row() -> None:
    row = next(row for row in ALL_ROWS if row.entry_ids == ("beside",) and row.params.get("start"))

    assert wording.detail(row, "id") == "revisi 1; konflik masih terbuka, versi server yang dihitung"


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        ("94.0909090909", "94,09%", "94.09%"),
        ("33.3350000000", "33,34%", "33.34%"),
        ("-0.0033333333", "kurang dari 0,01", "less than 0.01"),
        ("76.5000000000", "76,50%", "76.50%"),
        ("12345.00", "12.345,00%", "12,345.00%"),
    ],
)
def test_a_figure_follows_its_language_and_has_two_places_at_most(value: str, indonesian: str, english: str) -> None:
    node = Node("rounding", "given", Decimal(value), "percent")

    assert [wording.figure(node, language) for language in LANGUAGES] == [indonesian, english]

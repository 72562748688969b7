"""What the demo prints: scores in words, and a summary that says so when work has not arrived."""

from datetime import date
from io import StringIO
from string import Formatter

import pytest
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from lontara_demo.link import Traffic
from lontara_demo.telling import Counts, score_table, summary_table, taken_off_lines, why_tree
from lontara_demo.words import WORDS
from lontara_server.performance.attendance import AttendanceDay
from lontara_server.performance.score import explanation_document, score_month
from lontara_server.performance.wording import Language
from server.performance.months import entry, month, shipped_policy


def printed(table: Table | Tree) -> str:
    console = Console(file=StringIO(), width=160)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_score_is_printed_with_what_it_is_made_of_and_its_reasons_once() -> None:
    work = [entry("satu", date(2026, 10, 1), "06:00-18:00"), entry("dua", date(2026, 10, 2), "08:00-10:00")]
    scores = [
        (name, explanation_document(score_month(month(entries, period="2026-10"), shipped_policy())))
        for name, entries in (("Besse Tenri Lala", work), ("Andi Rahmatia Pallawa", []))
    ]

    text = printed(score_table(scores, "id"))

    row = next(line for line in text.splitlines() if "Besse" in line)
    assert row.split()[-6:] == ["9,09*", "5,45", "-", "2", "600/6.600", "22"]
    assert text.count("Presensi belum masuk") == 1
    assert "Andi Rahmatia Pallawa" in text


def test_what_took_away_from_a_score_is_told_and_entries_stay_out_of_the_tree() -> None:
    days = tuple(AttendanceDay(date(2026, 10, day), "present", late_minutes=day) for day in (1, 2))
    work = [entry("satu", date(2026, 10, 1), "06:00-18:00")]
    document = explanation_document(score_month(month(work, period="2026-10", attendance=days), shipped_policy()))

    lines = taken_off_lines([("Besse Tenri Lala", document)], "id")
    tree = printed(why_tree("Besse Tenri Lala", document, "id"))

    assert lines == ["Besse Tenri Lala: Di atas batas harian −240 menit; Terlambat 1–30 menit −1,0%"]
    assert "Potongan: −1,0%" in tree
    assert "1 Okt 2026" not in tree


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_demo_speaks_the_language_that_was_asked_for(language: Language) -> None:
    counts = Counts(1, 1, 0, request_count=1, conflicts_open=0, conflicts_resolved=0)

    text = printed(summary_table(counts, Traffic(), language))

    assert ("Entries on the server" in text, "Catatan di server" in text) == (language == "en", language == "id")


def test_both_languages_of_the_demo_name_the_same_values() -> None:
    names = {key: [{name for _, name, _, _ in Formatter().parse(text)} for text in texts] for key, texts in WORDS.items()}

    assert [key for key, (indonesian, english) in names.items() if indonesian != english] == []


@pytest.mark.parametrize(("on_server", "unsent", "warns"), [(40, 0, False), (39, 0, True), (40, 1, True)])
def test_the_summary_warns_where_work_has_not_arrived(on_server: int, unsent: int, warns: bool) -> None:
    counts = Counts(40, on_server, unsent, request_count=9, conflicts_open=2, conflicts_resolved=1)

    text = printed(summary_table(counts, Traffic(bytes_up=12_345), "id"))

    assert ("BELUM TERKIRIM" in text) is warns
    assert "12.345" in text

"""What the demo prints: scores in words, and a summary that says so when work has not arrived."""

from io import StringIO

import pytest
from rich.console import Console
from rich.table import Table

from lontara_demo.link import Traffic
from lontara_demo.telling import Counts, score_table, summary_table
from lontara_server.performance.score import explanation_document, score_month
from server.performance.months import month_of, shipped_policy


def printed(table: Table) -> str:
    console = Console(file=StringIO(), width=160)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_score_is_printed_with_what_it_rests_on_and_why_it_is_provisional() -> None:
    month = month_of({"period": "2026-10", "employee": "e", "entries": []})
    score = explanation_document(score_month(month, shipped_policy()))

    text = printed(score_table([("Besse Tenri Lala", score)]))

    assert "Besse Tenri Lala" in text
    assert "(sementara)" in text
    assert "Produktivitas" in text
    assert "Presensi belum masuk" in text


@pytest.mark.parametrize(("on_server", "unsent", "warns"), [(40, 0, False), (39, 0, True), (40, 1, True)])
def test_the_summary_warns_where_work_has_not_arrived(on_server: int, unsent: int, warns: bool) -> None:
    counts = Counts(40, on_server, unsent, request_count=9, conflicts_open=2, conflicts_resolved=1)

    text = printed(summary_table(counts, Traffic(bytes_up=12_345)))

    assert ("BELUM TERKIRIM" in text) is warns
    assert "12.345" in text

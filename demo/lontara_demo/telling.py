"""What the demo prints: progress bars, the summary and the scores with their reasons in words. It counts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lontara_core.canonical import Json
from lontara_demo.link import Traffic
from lontara_demo.source_log import SourceEntry
from lontara_server.performance.explanation import node_from_document
from lontara_server.performance.wording import figure, reason_sentence, sentence


@dataclass(frozen=True)
class Counts:
    """The replay in figures; `on_server` counts entries by their ids, each once."""

    written: int
    on_server: int
    unsent: int
    request_count: int
    conflicts_open: int
    conflicts_resolved: int


def progress_bars(console: Console) -> Progress:
    """Bars for steps of known length, one line per device."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )


def summary_table(counts: Counts, traffic: Traffic) -> Table:
    """The summary, first whether all work arrived."""
    is_whole = counts.written == counts.on_server and counts.unsent == 0
    table = Table(title="Ringkasan" if is_whole else "Ringkasan: ADA CATATAN YANG BELUM TERKIRIM", show_header=False)
    for label, value in (
        ("Catatan ditulis di perangkat", counts.written),
        ("Catatan di server, tepat sekali", counts.on_server),
        ("Masih aman di perangkat, belum terkirim", counts.unsent),
        ("Permintaan yang dijawab", counts.request_count),
        ("Sambungan", traffic.connection_count),
        ("Sambungan terputus", traffic.cut_count),
        ("Jawaban hilang", traffic.lost_answer_count),
        ("Bita naik", traffic.bytes_up),
        ("Bita turun", traffic.bytes_down),
        ("Konflik terbuka", counts.conflicts_open),
        ("Konflik selesai", counts.conflicts_resolved),
    ):
        table.add_row(label, f"{value:,}".replace(",", "."))
    return table


def score_table(scores: Iterable[tuple[str, Mapping[str, Json]]]) -> Table:
    """One row a person: name, value, and in words what it rests on and why it is provisional.

    scores: full name and the score's document, as `lontara_server.services.scores.show` returns it.
    """
    table = Table("Pegawai", "Nilai", "Alasan", title="Nilai kinerja", show_lines=True)
    for full_name, document in scores:
        explanation = node_from_document(document["explanation"])
        value = figure(explanation, "id") + (" (sementara)" if document["provisional"] else "")
        rests_on = [sentence(row, "id") for row in explanation.children]
        reasons = [reason_sentence(code, "id") for code in document["reasons"]]
        table.add_row(full_name, value, "\n".join(rests_on + reasons))
    return table


def overlap_table(pairs: Sequence[tuple[SourceEntry, SourceEntry]]) -> Table:
    """Entries of one person that share time, as the source's log has them."""
    table = Table("Orang", "Tanggal", "Catatan", "Catatan", title="Jam yang tumpang tindih")
    for one, other in pairs:
        table.add_row(one.person, one.work_date.isoformat(), *(_with_times(entry) for entry in (one, other)))
    return table


def _with_times(entry: SourceEntry) -> str:
    return f"{entry.start_time}-{entry.end_time} {entry.title}"

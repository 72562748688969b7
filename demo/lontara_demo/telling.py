"""What the demo prints: progress bars, the summary and the scores with what each is made of. It counts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lontara_core.canonical import Json
from lontara_core.value_words import month
from lontara_demo.link import Traffic
from lontara_demo.source_log import SourceEntry
from lontara_demo.words import say
from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.wording import Language, figure, label, reason_sentence

# Rows of an explanation that take minutes or points away; one is shown where it is not zero.
_CUTS: Final = ("overlap", "over_day_cap", "over_max")

_MARKS: Final = ("*", "†", "‡", "§")


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


def summary_table(counts: Counts, traffic: Traffic, language: Language) -> Table:
    """The summary, first whether all work arrived. A connection is whole, cut, or one whose answer was lost."""
    is_whole = counts.written == counts.on_server and counts.unsent == 0
    table = Table(title=say(language, "summary" if is_whole else "summary_not_whole"), show_header=False)
    for key, value in (
        ("written", counts.written),
        ("on_server", counts.on_server),
        ("unsent", counts.unsent),
        ("requests", counts.request_count),
        ("connections", traffic.connection_count),
        ("whole", traffic.whole_count),
        ("cut", traffic.cut_count),
        ("lost", traffic.lost_answer_count),
        ("bytes_up", traffic.bytes_up),
        ("bytes_down", traffic.bytes_down),
        ("conflicts_open", counts.conflicts_open),
        ("conflicts_resolved", counts.conflicts_resolved),
    ):
        shown = f"{value:,}"
        table.add_row(say(language, key), shown if language == "en" else shown.replace(",", "."))
    return table


def score_table(scores: Iterable[tuple[str, Mapping[str, Json]]], language: Language) -> Table:
    """One row a person and month: value, entries, minutes counted and their target, and what was cut off.

    scores: full name and the score's document, as `lontara_server.services.scores.show` returns it. Each reason why
    a score is provisional has a mark, and is said once below.
    """
    shown = list(scores)
    months = {document["period"] for _, document in shown}
    one_month = f" {month(next(iter(months)), language)}" if len(months) == 1 else ""
    headings = ("person", "score", "entries", "counted", "target", "cut_off")
    table = Table(*(say(language, key) for key in headings), title=f"{say(language, 'scores')}{one_month}")
    reasons = dict.fromkeys(code for _, document in shown for code in document["reasons"])
    marks = dict(zip(reasons, _MARKS, strict=False))
    for full_name, document in shown:
        name = full_name if one_month else f"{full_name}, {month(document['period'], language)}"
        marked = "".join(marks[code] for code in document["reasons"])
        table.add_row(name, *_figures(node_from_document(document["explanation"]), marked, language))
    table.caption = "\n".join(f"{mark} {reason_sentence(code, language)}" for code, mark in marks.items())
    table.caption_justify = "left"
    return table


def _figures(score: Node, marks: str, language: Language) -> tuple[str, ...]:
    nodes = {node.code: node for node in _nodes(score)}
    categories = [node for node in _nodes(score) if node.code == "category"]
    cuts = [f"{label(nodes[code], language)}: {figure(nodes[code], language)}" for code in _CUTS if code in nodes]
    return (
        f"{figure(score, language)}{marks}",
        str(sum(int(str(node.params["entries"])) for node in categories)),
        _first_of(nodes, ("counted_minutes",), language),
        _first_of(nodes, ("target_minutes", "target_minutes_of_stretches"), language),
        "\n".join(cuts) or "-",
    )


def _first_of(nodes: Mapping[str, Node], codes: Sequence[str], language: Language) -> str:
    """The figure of the row that the explanation has; a month in which nothing has arrived has none."""
    return next((figure(nodes[code], language) for code in codes if code in nodes), "-")


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def overlap_table(pairs: Sequence[tuple[SourceEntry, SourceEntry]], language: Language) -> Table:
    """Entries of one person that share time, as the source's log has them."""
    table = Table(*(say(language, key) for key in ("who", "date", "entry", "entry")), title=say(language, "overlaps"))
    for one, other in pairs:
        table.add_row(one.person, one.work_date.isoformat(), *(_with_times(entry) for entry in (one, other)))
    return table


def _with_times(entry: SourceEntry) -> str:
    return f"{entry.start_time}-{entry.end_time} {entry.title}"

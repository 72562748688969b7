"""What the demo prints: progress bars, the summary and the scores with what each is made of. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from lontara_core.value_words import month
from lontara_demo.link import Traffic
from lontara_demo.source_log import SourceEntry
from lontara_demo.words import say
from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.wording import Language, figure, label, reason_sentence, sentence
from lontara_server.services.outputs import formats
from lontara_server.services.outputs.score_rows import PARTS, part_title

# Rows of an explanation that take minutes or points away; one is shown where it is not zero.
_CUTS: Final = ("overlap", "over_day_cap", "over_max")

_DEPTH: Final = 9
_MARKS: Final = ("*", "†", "‡", "§", "¶", "#")


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


def score_table(scores: Iterable[tuple[str, Mapping[str, Any]]], language: Language) -> Table:
    """One row a person: value, points of each part, entries, minutes and target, and workdays without attendance.

    scores: full name and the score's document of one month, as `lontara_server.services.scores.show` returns it. Each
    reason why a score is provisional has a mark, and is said once below.
    """
    shown = list(scores)
    parts = {(part["part"], part["weight"]) for _, document in shown for part in document["parts"]}
    in_order = [part for part in PARTS[language] if part in {name for name, weight in parts if Decimal(weight)}]
    weights = {name: Decimal(weight) for name, weight in parts}
    periods = dict.fromkeys(document["period"] for _, document in shown)
    title = " ".join((say(language, "scores"), *(month(period, language) for period in periods)))
    # Narrow enough for a window of 80 signs, in which a name goes on over lines.
    table = Table(title=title, box=SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column(say(language, "person"), overflow="fold")
    table.add_column(say(language, "score"), justify="right")
    headings = [part_title(part, weights[part], language).replace(" (", "\n(") for part in in_order]
    for heading in (*headings, *(say(language, key) for key in ("entries", "counted", "no_feed"))):
        table.add_column(heading, justify="right", no_wrap=True)
    reasons = dict.fromkeys(code for _, document in shown for code in document["reasons"])
    marks = dict(zip(reasons, _MARKS, strict=False))
    for full_name, document in shown:
        marked = "".join(marks.get(code, "") for code in document["reasons"])
        table.add_row(full_name, *_figures(document, in_order, marked, language))
    table.caption = "\n".join(f"{marks.get(code, '')} {reason_sentence(code, language)}" for code in reasons)
    table.caption_justify = "left"
    return table


def _figures(document: Mapping[str, Any], parts: Sequence[str], marks: str, language: Language) -> tuple[str, ...]:
    score = node_from_document(document["explanation"])
    nodes = {node.code: node for node in _nodes(score)}
    categories = [node for node in _nodes(score) if node.code == "category"]
    points = {part["part"]: part["points"] for part in document["parts"]}
    minutes = [nodes[code].value for code in ("counted_minutes", "target_minutes") if code in nodes]
    return (
        f"{figure(score, language)}{marks}",
        *(_number(points[part], language) if points.get(part) else "-" for part in parts),
        str(sum(int(str(node.params["entries"])) for node in categories)),
        "/".join(formats.number(value, language) for value in minutes if value is not None) or "-",
        str(len(document["coverage"]["days_without_feed"])),
    )


def _number(text: str, language: Language) -> str:
    return formats.number(Decimal(text), language, 2)


def taken_off_lines(scores: Iterable[tuple[str, Mapping[str, Any]]], language: Language) -> list[str]:
    """Of each person the rows of the explanation that took something away."""
    lines = []
    for full_name, document in scores:
        score = node_from_document(document["explanation"])
        said = [f"{label(node, language)} {figure(node, language)}" for node in _cuts(score)]
        if said:
            lines.append(f"{full_name}: {'; '.join(said)}")
    return lines


def _cuts(score: Node) -> Iterator[Node]:
    for node in _nodes(score):
        if node.code in _CUTS:
            yield node
        if node.code == "deductions":
            yield from node.children


def why_tree(full_name: str, document: Mapping[str, Any], language: Language) -> Tree:
    """The score as a tree of its figures, and what allowance it comes to; rows of single entries and days are left out."""
    tree = Tree(Text(say(language, "why", name=full_name), style="bold"))
    _grow(tree, node_from_document(document["explanation"]), language)
    if document.get("allowance"):
        _grow(tree, node_from_document(document["allowance"]["explanation"]), language, depth=1)
    return tree


def _grow(tree: Tree, node: Node, language: Language, depth: int = _DEPTH) -> None:
    branch = tree.add(Text(sentence(node, language)))
    for child in node.children:
        if depth and not (child.entry_ids or child.attendance_days):
            _grow(branch, child, language, depth - 1)


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

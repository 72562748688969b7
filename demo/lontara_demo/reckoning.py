"""The end of the demo: attendance comes in, scores are computed, told with their reasons, and put on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lontara_demo.feeds import bring_in
from lontara_demo.link import Traffic
from lontara_demo.material import Material
from lontara_demo.papers import write_papers
from lontara_demo.running import ORG, Office
from lontara_demo.source_log import overlapping
from lontara_demo.telling import Counts, overlap_table, score_table, summary_table, taken_off_lines, why_tree
from lontara_demo.words import Stage
from lontara_server.app import clock_ms
from lontara_server.services.attendance_import import ImportedPunches
from lontara_server.services.conflicts import list_conflicts
from lontara_server.services.outputs.recap_reading import PEOPLE_MAX
from lontara_server.services.scores import compute_period, recompute_all, show
from lontara_server.storage.engine import transaction
from lontara_server.storage.operations import entry_ids


@dataclass(frozen=True)
class Replayed:
    """What the devices did. written: person and month of each entry by its id; unsent: what devices still hold."""

    written: Mapping[str, tuple[str, str]]
    unsent: int
    requests: int
    resolved: int
    traffic: Traffic


def reckon(office: Office, folder: Path, material: Material, replayed: Replayed, stage: Stage) -> bool:
    """Bring the feeds in, compute and tell the scores, write the papers of the month with most entries.

    Returns whether every entry is on the server exactly once.
    """
    _tell_punches(bring_in(office.engine, material), material, stage)
    months = Counter(month for _, month in replayed.written.values())
    chief_month = max(sorted(months), key=lambda month: months[month])
    with transaction(office.engine) as connection:
        for month in months:
            compute_period(connection, ORG, month, clock_ms())
        recompute_all(connection, ORG, clock_ms())
        on_server = entry_ids(connection, ORG)
        still_open = len(list_conflicts(connection, ORG, only_open=True))
        scores = {
            month: [
                (person.full_name, show(connection, ORG, person.nip, month))
                for person in sorted(material.people, key=lambda each: (each.full_name, each.nip))
                # In the month of the papers everybody, as the console lists them: also who has written nothing.
                if month == chief_month or (person.nip, month) in replayed.written.values()
            ]
            for month in sorted(months)
        }
    _tell_scores(scores, chief_month, stage)
    if material.lines:
        stage.console.print(overlap_table(overlapping(list(material.lines)), stage.language))
        stage.tell("latest", days=max(line.days_late for line in material.lines))
    arrived = len(on_server & set(replayed.written))
    counts = Counts(
        len(replayed.written), arrived, replayed.unsent, replayed.requests, still_open, replayed.resolved
    )  # fmt: skip
    stage.console.print(summary_table(counts, replayed.traffic, stage.language))
    _write_papers(office, folder, material, chief_month, stage)
    return on_server == set(replayed.written) and replayed.unsent == 0


def _tell_punches(imported: ImportedPunches | None, material: Material, stage: Stage) -> None:
    if imported is None or material.feeds.punches is None:
        stage.tell("no_punches")
        return
    strangers = sum(imported.unmapped_pins.values())
    stage.tell(
        "punches", file=material.feeds.punches.name, rows=imported.new, mapped=imported.new - strangers
    )  # fmt: skip
    if strangers:
        stage.tell("punches_of_nobody", count=strangers, pins=len(imported.unmapped_pins))
    if not material.feeds.hours:
        stage.tell("no_hours")


def _tell_scores(scores: Mapping[str, Sequence[tuple[str, dict[str, Any]]]], chief_month: str, stage: Stage) -> None:
    for rows in scores.values():
        stage.console.print(score_table(rows, stage.language))
    name, document = max(scores[chief_month], key=lambda each: _entry_count(each[1]))
    lines = taken_off_lines(scores[chief_month], stage.language)
    if lines:
        stage.console.print(stage.say("taken_off"), style="bold")
        for line in lines:
            stage.console.print(line, markup=False, highlight=False)
    stage.console.print(why_tree(name, document, stage.language))


def _entry_count(document: Mapping[str, Any]) -> int:
    return int(document["coverage"]["entries_received"])


def _write_papers(office: Office, folder: Path, material: Material, month: str, stage: Stage) -> None:
    only = None if len(material.people) <= PEOPLE_MAX else material.people[-1].nip
    papers = write_papers(office.engine, folder, month, only, stage.language)
    stage.tell("recap_file", people=papers.people, pages=papers.pages, path=papers.recap)
    stage.tell("allowance_file", path=papers.allowances)
    stage.tell("invented_bases")

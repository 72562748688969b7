"""A log of another system as a CSV file, read into the fields of entries; nothing of it is judged or dropped here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from lontara.importing import plain_decimal
from lontara_core.canonical import Json

COLUMNS = (
    "activity_id",
    "person",
    "unit_code",
    "date",
    "start",
    "end",
    "title",
    "quantity",
    "output_unit",
    "entered_at",
)


class UnreadableLog(ValueError):
    """The file is not a log of the known columns; the message names the line."""


@dataclass(frozen=True)
class SourceEntry:
    """One line. Times are local, HH:MM; `source_entered_at` is ms since 1970 UTC."""

    source_id: str
    person: str
    unit_code: str
    work_date: date
    start_time: str
    end_time: str
    title: str
    quantity: str | None
    output_unit: str | None
    source_entered_at: int
    days_late: int

    def fields(self) -> dict[str, Json]:
        """The fields of an activity entry, marked as imported."""
        return {
            "work_date": self.work_date.isoformat(),
            "start_time": self.start_time,
            "end_time": self.end_time,
            "title": self.title,
            "quantity": self.quantity,
            "output_unit": self.output_unit,
            "source": "imported",
            "source_entered_at": self.source_entered_at,
        }


def read_source_log(path: Path, zone: ZoneInfo) -> list[SourceEntry]:
    """Every line of the file, in its order. Raises UnreadableLog, naming the first line that cannot be read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        missing = [column for column in COLUMNS if column not in (lines.fieldnames or ())]
        if missing:
            raise UnreadableLog(f"{path.name} lacks the columns {', '.join(missing)}")
        return [_read_line(line, zone, f"{path.name}, line {lines.line_num}") for line in lines]


def _read_line(line: dict[str, str], zone: ZoneInfo, place: str) -> SourceEntry:
    try:
        work_date = date.fromisoformat(line["date"])
        entered = datetime.fromisoformat(line["entered_at"]).replace(tzinfo=zone)
    except (TypeError, ValueError) as error:
        raise UnreadableLog(f"{place}: {error}") from error
    if any(not line[column] for column in ("person", "start", "end", "title")):
        raise UnreadableLog(f"{place}: person, start, end and title are needed")
    return SourceEntry(
        source_id=line["activity_id"],
        person=line["person"],
        unit_code=line["unit_code"],
        work_date=work_date,
        start_time=line["start"][:5],
        end_time=line["end"][:5],
        title=" ".join(line["title"].split())[:200],
        quantity=plain_decimal(line["quantity"]) if line["quantity"] else None,
        output_unit=line["output_unit"][:60] or None,
        source_entered_at=int(entered.timestamp() * 1000),
        days_late=(entered.date() - work_date).days,
    )


def overlapping(entries: list[SourceEntry]) -> list[tuple[SourceEntry, SourceEntry]]:
    """Pairs of one person's entries on one day that share time."""
    return [
        (one, other)
        for one, other in combinations(entries, 2)
        if (one.person, one.work_date) == (other.person, other.work_date)
        and one.start_time < other.end_time
        and other.start_time < one.end_time
    ]

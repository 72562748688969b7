"""A log of another system as a CSV file, read into the fields of entries; nothing of it is judged or dropped here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from lontara.importing import plain_decimal
from lontara_core.canonical import Json
from lontara_core.problems import Problem

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
    """Every line of the file, in its order.

    Raises Problem file_unreadable, and import_refused for missing columns or the first line that cannot be read.
    """
    try:
        # Anything that is not UTF-8 shows as a sign of its own instead of ending the replay.
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return _read_lines(path, csv.DictReader(file), zone)
    except (OSError, csv.Error) as error:
        raise Problem(
            "file_unreadable",
            f"{path.name} cannot be read. Nothing was imported.",
            {"file": str(path), "why": getattr(error, "strerror", None) or str(error)},
            "Check the name and the rights on it.",
        ) from error


def _read_lines(path: Path, lines: csv.DictReader[str], zone: ZoneInfo) -> list[SourceEntry]:
    missing = [column for column in COLUMNS if column not in (lines.fieldnames or ())]
    if missing:
        raise Problem(
            "import_refused",
            f"The file has no column {', '.join(missing)}. Nothing was imported.",
            {"file": path.name, "missing_columns": missing},
            f"Name the columns in the first row: {', '.join(COLUMNS)}.",
        )
    entries = [_read_line(line, zone, lines.line_num) for line in lines]
    if not entries:
        raise _refused(2, "the file holds no line")
    return entries


def _refused(row: int, why: str) -> Problem:
    return Problem(
        "import_refused",
        f"Row {row} of the file is wrong: {why}. Nothing was imported.",
        {"row": row},
        "Mend the file and import it again; rows that are there already are not doubled.",
    )


def _read_line(line: dict[str, str], zone: ZoneInfo, number: int) -> SourceEntry:
    try:
        work_date = date.fromisoformat(line["date"])
        entered = datetime.fromisoformat(line["entered_at"]).replace(tzinfo=zone)
        start, end = (time.fromisoformat(line[column]).strftime("%H:%M") for column in ("start", "end"))
        quantity = plain_decimal(line["quantity"]) if line["quantity"] else None
    except (TypeError, ValueError) as error:
        raise _refused(number, str(error)) from error
    if any(not line[column] for column in ("person", "unit_code", "title")):
        raise _refused(number, "person, unit_code and title are needed")
    return SourceEntry(
        source_id=line["activity_id"],
        person=line["person"],
        unit_code=line["unit_code"],
        work_date=work_date,
        start_time=start,
        end_time=end,
        title=" ".join(line["title"].split())[:200],
        quantity=quantity,
        output_unit=(line["output_unit"] or "")[:60] or None,
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

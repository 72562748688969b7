"""Holidays of an org, imported from a file; every score of a month whose workdays change is computed anew.

Works in the transaction that it is given.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.storage import people as store
from lontara_server.storage import scores
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit


@dataclass(frozen=True)
class ImportedHolidays:
    """What an import wrote."""

    rows: int
    added: int
    renamed: int
    scores_marked: int

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


def import_holidays(connection: Connection, org_id: int, text: str, *, by: str, now_ms: int) -> ImportedHolidays:
    """Add the days of a CSV with columns `date` (YYYY-MM-DD) and `name`; a second time it changes nothing.

    Raises Problem import_refused, which names the row; then nothing is written.
    """
    days = _read(text)
    known = store.holidays_in_store(connection, org_id)
    added = {day: name for day, name in days.items() if day not in known}
    renamed = {day: name for day, name in days.items() if day in known and known[day] != name}
    store.put_holidays(connection, org_id, added, renamed)
    months = {f"{day:%Y-%m}" for day in added}
    stored = {scores.PersonMonth(row.employee, row.period) for row in scores.all_scores(connection, org_id)}
    marked = [month for month in sorted(stored) if month.period in months]
    scores.mark_dirty(connection, org_id, marked, now_ms)
    done = ImportedHolidays(len(days), len(added), len(renamed), len(marked))
    if added or renamed:
        add_audit(connection, org_id, "holiday.import", by=by, now_ms=now_ms, facts=done.document())
    return done


def _read(text: str) -> dict[date, str]:
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=header.count))
    names = [(name or "").strip().lower() for name in reader.fieldnames or []]
    if not {"date", "name"} <= set(names):
        raise _refused("the first row names the columns date and name", 1)
    reader.fieldnames = names
    days = {}
    try:
        for row in reader:
            try:
                day = date.fromisoformat((row["date"] or "").strip())
            except ValueError as error:
                raise _refused("the date is no day written as YYYY-MM-DD", reader.line_num) from error
            days[day] = tidy_text(row["name"] or "") or "-"
    except csv.Error as error:
        raise _refused("the row cannot be read as CSV", reader.line_num) from error
    return days


def _refused(why: str, row: int) -> Problem:
    return Problem(
        "import_refused",
        f"Row {row} of the file is wrong: {why}. Nothing was imported.",
        {"row": row},
        "Mend the file and import it again; days that are there already are not doubled.",
    )

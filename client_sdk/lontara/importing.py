"""Entries from another system's log as CSV: a line becomes an entry marked imported, once, however often it is read."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from lontara.client import Client
from lontara_core.canonical import Json, encode, sha256_hex
from lontara_core.problems import Problem

COLUMNS: Final = ("date", "start", "end", "duration_minutes", "title", "quantity", "output_unit", "entered_at")
_REQUIRED: Final = ("date", "title")


@dataclass(frozen=True)
class Imported:
    """How many lines were new, and how many were here already."""

    added: int
    known: int


def import_file(client: Client, path: Path) -> Imported:
    """Save every new line as an entry, each in a transaction of its own.

    Raises Problem naming the line at fault; lines before it are saved, and a second run goes on from there.
    """
    added = known = 0
    zone = ZoneInfo(client.store.setting("time_zone") or "UTC")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        missing = [name for name in _REQUIRED if name not in (lines.fieldnames or ())]
        if missing:
            raise Problem("missing_column", "The file lacks a column; nothing was saved.", {"columns": missing},
                          "Columns: " + ", ".join(COLUMNS) + ".")  # fmt: skip
        for number, line in enumerate(lines, start=2):
            held = {name: (line.get(name) or "").strip() for name in COLUMNS}
            # Two equal lines of one file are one line of the source; its own id parts them where it has one.
            own_id = (line.get("activity_id") or line.get("id") or "").strip()
            # Without empty cells, so that a column more or less does not make another line.
            said = {name: text for name, text in {**held, "id": own_id}.items() if text}
            digest = sha256_hex(encode(said))
            try:
                fields = _fields(held, zone)
                is_new = _save(client, digest, fields)
            except Problem as error:
                raise Problem("invalid_line", f"Line {number}: {error} The lines before it are saved.",
                              {"line": number, "field": error.facts.get("field")},
                              "Correct the line and import the file again.") from error  # fmt: skip
            added, known = added + is_new, known + (not is_new)
    return Imported(added, known)


def _save(client: Client, digest: str, fields: dict[str, Json]) -> bool:
    with client.store.transaction():
        if client.store.query("SELECT 1 FROM imported WHERE digest = ?", digest):
            return False
        entry = client.record(**fields)
        client.store.write("INSERT INTO imported VALUES (?, ?)", digest, entry.id)
        return True


def _fields(held: dict[str, str], zone: ZoneInfo) -> dict[str, Json]:
    fields: dict[str, Json] = {"work_date": held["date"], "title": held["title"][:200], "source": "imported"}
    if held["start"] and held["end"]:
        fields |= {"start_time": held["start"][:5], "end_time": held["end"][:5]}
    elif held["duration_minutes"].isdecimal():
        fields["duration_minutes"] = int(held["duration_minutes"])
    else:
        raise Problem("missing_field", "it has neither start and end nor a duration in minutes, and none is made up.",
                      {"field": "duration_minutes"}, "Correct it and save again.")  # fmt: skip
    if held["quantity"]:
        fields["quantity"] = plain_decimal(held["quantity"])
    if held["output_unit"]:
        fields["output_unit"] = held["output_unit"][:60]
    if held["entered_at"]:
        moment = _moment(held["entered_at"])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        fields["source_entered_at"] = int(moment.timestamp() * 1000)
    return fields


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Problem("invalid_field", f"{text} is no date; nothing was saved.", {"field": "entered_at"},
                      "Correct it and save again.") from error  # fmt: skip


def plain_decimal(text: str) -> str:
    """A number as the wire has it: no sign, no zeros at either end, a point (`2,50` and `2.50` are `2.5`)."""
    whole, point, part = text.strip().replace(",", ".").partition(".")
    part = part.rstrip("0") if point else ""
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")

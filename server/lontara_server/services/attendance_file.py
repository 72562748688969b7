"""Punches as files and machines write them: lines of attlog.dat and of a push, GetAttLog XML, and rows of a table.

Times are local and without a zone. A line that is no punch becomes a fault with its number, and stops no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final
from xml.parsers import expat

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.performance.attendance_recap import PUNCH_STATUSES
from lontara_server.services.column_names import column_key
from lontara_server.services.file_faults import Fault
from lontara_server.services.nips import nip_error, repaired_nip
from lontara_server.services.table_file import BYTES_MAX, ROWS_MAX, Table
from lontara_server.storage.attendance import PunchRow

# The order of columns that most machines write, and the one in which machines push.
ATTLOG_COLUMNS: Final = ("pin", "at", "machine", "status", "verify", "work_code")
PUSH_COLUMNS: Final = ("pin", "at", "status", "verify", "work_code")
FIELDS: Final = ("pin", "at", "date", "time", "status", "machine", "verify", "work_code")
SKIPPED: Final = "-"
# No machine of before then is still read; a clock that was never set shows 2000-01-01.
FIRST_DAY: Final = date(2005, 1, 1)
_PIN: Final = re.compile(r"[^\s\x00-\x1f]{1,24}")
_BLANK_DATED: Final = re.compile(r"(\d{4}[-/]\d{1,2}[-/]\d{1,2}) +(\d{1,2}:\d{2})")
_AT: Final = re.compile(
    r"(?:(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}))[ T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?"
)
_STATUS_WORDS: Final[Mapping[str, int]] = {
    **{str(status): status for status in PUNCH_STATUSES},
    **{f"0{status}": status for status in PUNCH_STATUSES},
    "in": 0, "check_in": 0, "c_in": 0, "masuk": 0, "datang": 0, "hadir": 0,
    "out": 1, "check_out": 1, "c_out": 1, "pulang": 1, "keluar": 1,
    "break_out": 2, "out_back": 2, "istirahat": 2, "istirahat_keluar": 2, "keluar_istirahat": 2,
    "break_in": 3, "in_back": 3, "kembali": 3, "istirahat_masuk": 3, "masuk_istirahat": 3,
    "overtime_in": 4, "ot_in": 4, "lembur_masuk": 4, "masuk_lembur": 4,
    "overtime_out": 5, "ot_out": 5, "lembur_keluar": 5, "lembur_pulang": 5, "pulang_lembur": 5,
}  # fmt: skip
_XML_NAMES: Final[Mapping[str, str]] = {
    "pin": "pin", "pin2": "pin", "userid": "pin", "datetime": "at", "time": "at", "status": "status",
    "verified": "verify", "verify": "verify", "workcode": "work_code", "deviceid": "machine", "sn": "machine",
}  # fmt: skip


@dataclass(frozen=True)
class PunchLine:
    """A punch with the number of its line. `nip`: where the file names a person instead of a PIN."""

    number: int
    punch: PunchRow
    nip: str | None = None


@dataclass
class PunchFile:
    """What a file holds: its rows, the punches in them, and what is wrong in the others."""

    rows: int = 0
    lines: list[PunchLine] = field(default_factory=list)
    errors: list[Fault] = field(default_factory=list)
    # The faulty lines themselves, shortened, by number: for whoever looks after the machine.
    texts: dict[int, str] = field(default_factory=dict)

    def add(self, number: int, cells: Mapping[str, str], latest: date, *, nip: str | None = None) -> None:
        """Take in one row of cells by field, or the fault in it."""
        self.rows += 1
        if self.rows > ROWS_MAX:
            raise Problem(
                "file_too_large",
                f"The file has more than {ROWS_MAX} rows. Nothing was imported.",
                {"row_limit": ROWS_MAX},
                "Import it in parts.",
            )
        try:
            self.lines.append(PunchLine(number, _punch(cells, latest, nip), nip))
        except _NoPunch as fault:
            self.errors.append(Fault(number, fault.column, fault.why))


class _NoPunch(Exception):
    """What makes a row no punch: never leaves this module."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column, self.why = column, why


def read_lines(content: bytes, columns: Sequence[str], latest: date) -> PunchFile:
    """Read lines of an attlog.dat or a push, whose columns stand in this order, one of FIELDS or SKIPPED each.

    latest: the last day on which a punch can be; a later one is a machine whose clock is wrong.
    Raises Problem file_too_large.
    """
    _check_size(content)
    found = PunchFile()
    for number, line in enumerate(_decoded(content).splitlines(), start=1):
        text = line.strip(" \r\n\0\x1a\ufeff")
        if not text.strip():
            continue
        before = len(found.errors)
        cells = text.split("\t") if "\t" in text else _BLANK_DATED.sub(r"\1T\2", text).split()
        found.add(number, {name: cell for name, cell in zip(columns, cells, strict=False) if name != SKIPPED}, latest)
        if len(found.errors) > before:
            found.texts[number] = tidy_text(text)[:120]
    return found


def read_xml(content: bytes, latest: date) -> PunchFile:
    """Read the rows of a GetAttLog answer. A document type, and so every entity, is refused.

    Raises Problem file_too_large, import_refused.
    """
    _check_size(content)
    found = PunchFile()
    for number, cells in enumerate(_xml_rows(content), start=1):
        found.add(number, cells, latest)
    return found


def read_rows(table: Table, columns: Mapping[str, str], latest: date) -> PunchFile:
    """Read the rows of a table: a punch each, or under `check_in` and `check_out` the two of a day.

    columns: {field: column}. Raises Problem file_too_large.
    """
    found = PunchFile()
    named = table.renamed(columns)
    for row in named.rows:
        nip = repaired_nip(row.cells["nip"]) if "nip" in columns and "pin" not in columns else None
        before = len(found.errors)
        for cells in _punches_of_row(row.cells):
            found.add(row.number, cells, latest, nip=nip)
        found.errors[before:] = [
            Fault(each.row, each.column, each.why, named.cell(each.row, each.column)) for each in found.errors[before:]
        ]
    return found


def columns_of_preset(preset: Mapping[str, str]) -> tuple[str, ...]:
    """The order of columns that a saved mapping of attlog.dat says: {field: number of its column}.

    Raises Problem invalid_field.
    """
    places = {int(place): name for name, place in preset.items() if place.isascii() and place.isdecimal() and int(place)}
    if len(places) != len(preset):
        raise _no_order(", ".join(f"{name}={place}" for name, place in preset.items()))
    return checked_columns([places.get(place, SKIPPED) for place in range(1, max(places, default=0) + 1)])


def checked_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The order of columns, if a punch can be read by it. Raises Problem invalid_field."""
    names = [name for name in columns if name != SKIPPED]
    has_time = "at" in names or {"date", "time"} <= set(names)
    if len(set(names)) != len(names) or not set(names) <= set(FIELDS) or not {"pin", "status"} <= set(names) or not has_time:
        raise _no_order(",".join(columns))
    return tuple(columns)


def pin_of(text: str) -> str | None:
    """A PIN as it is kept: without blanks and leading zeros, which machines add and drop; None where it is none."""
    pin = text.strip()
    if pin.isascii() and pin.isdecimal():
        pin = pin.lstrip("0") or "0"
    return pin if _PIN.fullmatch(pin) else None


def local_time_of(text: str) -> datetime | None:
    """A local time such as `2018-05-24 07:59:34`, also day first; None where it is none, or names a zone."""
    found = _AT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = map(int, (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4]))
    hour, minute, second = map(int, (found[7], found[8], found[9] or 0))
    try:
        return datetime.combine(date(year, month, day), time(hour, minute, second))
    except ValueError:
        return None


def _punch(cells: Mapping[str, str], latest: date, nip: str | None) -> PunchRow:
    if nip is not None and (error := nip_error(nip)) is not None:
        raise _NoPunch("nip", error)
    pin = nip or pin_of(cells.get("pin", ""))
    if pin is None:
        raise _NoPunch("pin", "a PIN has 1 to 24 signs and no blank in it")
    column = "at" if "at" in cells or "time" not in cells else "time"
    text = cells.get("at") or f"{cells.get('date', '')} {cells.get('time', '')}"
    at = local_time_of(text)
    if at is None:
        raise _NoPunch(column, "no local time written as YYYY-MM-DD HH:MM:SS")
    if not FIRST_DAY <= at.date() <= latest:
        raise _NoPunch(column, "the machine's clock was wrong: nobody can have been there on that day")
    status = _STATUS_WORDS.get(column_key(cells.get("status", "")))
    if status is None:
        raise _NoPunch("status", "a status is 0 in, 1 out, 2 break out, 3 break in, 4 overtime in or 5 overtime out")
    machine, verify, work_code = (
        tidy_text(cells.get(name, ""))[:longest] or None
        for name, longest in (("machine", 40), ("verify", 12), ("work_code", 12))
    )
    return PunchRow(pin, at.isoformat(" "), status, machine, verify, work_code)


def _punches_of_row(cells: Mapping[str, str]) -> list[dict[str, str]]:
    rest = {name: cell for name, cell in cells.items() if name not in ("check_in", "check_out")}
    if "check_in" not in cells and "check_out" not in cells:
        return [rest]
    return [
        {**rest, "status": status, "time": cells[name]}
        for name, status in (("check_in", "0"), ("check_out", "1"))
        if cells.get(name) and cells[name] not in ("-", "00:00", "00:00:00")
    ]


def _xml_rows(content: bytes) -> Iterator[dict[str, str]]:
    rows: list[dict[str, str]] = []
    within: list[str] = []
    parser = expat.ParserCreate()

    def begin(name: str, _attributes: Mapping[str, str]) -> None:
        within.append(name.rpartition(":")[2].lower())
        if within[-1] == "row":
            rows.append({})
            if len(rows) > ROWS_MAX:
                raise _refused_xml(f"it has more than {ROWS_MAX} rows")

    def end(_name: str) -> None:
        within.pop()

    def text(told: str) -> None:
        if len(within) > 1 and within[-2] == "row" and within[-1] in _XML_NAMES:
            name = _XML_NAMES[within[-1]]
            rows[-1][name] = rows[-1].get(name, "") + told

    def doctype(*_told: Any) -> None:
        raise _refused_xml("it declares a document type, which no machine does")

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    try:
        parser.Parse(content.strip(b"\0\r\n \t"), True)  # noqa: FBT003 - the parser's own way to say: that is all
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise _refused_xml("it is no whole XML") from error
    yield from rows


def _refused_xml(why: str) -> Problem:
    return Problem(
        "import_refused",
        f"The XML was not read: {why}. Nothing was imported.",
        {"why": why},
        "Export the log again, or import it as attlog.dat or CSV.",
    )


def _no_order(told: str) -> Problem:
    return Problem(
        "invalid_field",
        f"{told} is no order of columns. Nothing was changed.",
        {"field": "columns", "value": told},
        "Name pin, at (or date and time) and status once each; machine, verify, work_code and - for others.",
    )


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def _check_size(content: bytes) -> None:
    if len(content) > BYTES_MAX:
        raise Problem(
            "file_too_large",
            f"The file is larger than {BYTES_MAX} bytes. Nothing was imported.",
            {"byte_limit": BYTES_MAX},
            "Import it in parts.",
        )

"""The file of employees, read into rows with every fault named by row and column. Nothing is looked up or written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem

REQUIRED: Final = ("nip", "full_name")
COLUMNS: Final = (*REQUIRED, "unit_code", "unit_name", "supervisor_nip", "position")
ERRORS_SHOWN: Final = 50
_LENGTH_MAX: Final = {"full_name": 200, "unit_code": 40, "unit_name": 200, "position": 200}
_NIP: Final = re.compile(r"[0-9]{18}\Z")
_SCIENTIFIC: Final = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+\Z", re.IGNORECASE)


@dataclass(frozen=True)
class PersonLine:
    """One row of the file; `number` is its line as a spreadsheet counts. None: the file does not say."""

    number: int
    nip: str
    full_name: str
    unit_code: str | None
    unit_name: str | None
    supervisor_nip: str | None
    position: str | None


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell. A warning does not stop the import."""

    row: int
    column: str
    why: str

    def document(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class PeopleFile:
    """The rows, and the warnings that they gave."""

    lines: tuple[PersonLine, ...]
    warnings: tuple[Fault, ...]


def read_people(text: str) -> PeopleFile:
    """Read a CSV with a header row (`,` `;` or tab). Raises Problem import_refused, which names every faulty cell."""
    lines: list[PersonLine] = []
    errors: list[Fault] = []
    warnings: list[Fault] = []
    for number, cells in _rows(text):
        faults, line = _line(number, cells)
        errors += faults
        if line is not None:
            lines.append(line)
            warnings += nip_warnings(line.nip, number)
    errors += _doubled(lines)
    if errors:
        raise refusal(errors)
    return PeopleFile(tuple(lines), tuple(warnings))


def refusal(errors: list[Fault]) -> Problem:
    """The Problem for a file with faulty cells."""
    first = errors[0]
    return Problem(
        "import_refused",
        f"{len(errors)} cells of the file are wrong; the first is {first.column} in row {first.row}: {first.why}. "
        "Nothing was imported.",
        {"error_count": len(errors), "errors": [error.document() for error in errors[:ERRORS_SHOWN]]},
        "Mend the file and import it again; rows that are there already are not doubled.",
    )


def repaired_nip(text: str) -> str:
    """A NIP without what spreadsheets add: a leading apostrophe, and blanks between the digits."""
    return "".join(text.replace("\N{NO-BREAK SPACE}", " ").split()).lstrip("'’`")


def nip_error(nip: str) -> str | None:
    """Why this is no NIP, or None."""
    if _SCIENTIFIC.match(nip):
        return "the spreadsheet has turned the NIP into a rounded number; format the column as text"
    if not _NIP.match(nip):
        return "a NIP has 18 digits"
    return None


def nip_warnings(nip: str, row: int) -> list[Fault]:
    """What is unusual in 18 digits: birth date, month of appointment, sex. PPPK numbers differ here, so none refuses."""
    warnings = []
    try:
        date.fromisoformat(f"{nip[:4]}-{nip[4:6]}-{nip[6:8]}")
    except ValueError:
        warnings.append(Fault(row, "nip", "digits 1-8 are no birth date"))
    if not "01" <= nip[12:14] <= "12":
        warnings.append(Fault(row, "nip", "digits 13-14 are no month, as in numbers of PPPK"))
    if nip[14] not in "12":
        warnings.append(Fault(row, "nip", "digit 15 is neither 1 nor 2"))
    return warnings


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in REQUIRED if name not in names]
        if missing:
            raise Problem(
                "import_refused",
                f"The file has no column {' and '.join(missing)}. Nothing was imported.",
                {"missing_columns": missing, "columns": names},
                f"Name the columns in the first row: {', '.join(COLUMNS)}.",
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise Problem(
            "import_refused",
            f"Row {reader.line_num} cannot be read as CSV: {error}. Nothing was imported.",
            {"row": reader.line_num},
            "Save the file as CSV (UTF-8) and import it again.",
        ) from error


def _line(number: int, cells: dict[str, str]) -> tuple[list[Fault], PersonLine | None]:
    values = {name: tidy_text(cells.get(name) or "") for name in COLUMNS}
    nip, supervisor_nip = repaired_nip(values["nip"]), repaired_nip(values["supervisor_nip"])
    faults = [
        Fault(number, column, f"longer than {limit} characters")
        for column, limit in _LENGTH_MAX.items()
        if len(values[column]) > limit
    ]
    if error := nip_error(nip):
        faults.append(Fault(number, "nip", error))
    if supervisor_nip and (error := nip_error(supervisor_nip)):
        faults.append(Fault(number, "supervisor_nip", error))
    if supervisor_nip and supervisor_nip == nip:
        faults.append(Fault(number, "supervisor_nip", "nobody supervises themselves"))
    if not values["full_name"]:
        faults.append(Fault(number, "full_name", "the name is empty"))
    if values["unit_name"] and not values["unit_code"]:
        faults.append(Fault(number, "unit_code", "a unit is named without its code"))
    if faults:
        return faults, None
    line = PersonLine(
        number=number,
        nip=nip,
        full_name=values["full_name"],
        unit_code=values["unit_code"] or None,
        unit_name=values["unit_name"] or None,
        supervisor_nip=supervisor_nip or None,
        position=values["position"] or None,
    )
    return [], line


def _doubled(lines: list[PersonLine]) -> list[Fault]:
    seen: dict[str, int] = {}
    faults = []
    for line in lines:
        if line.nip in seen:
            faults.append(Fault(line.number, "nip", f"the same NIP as in row {seen[line.nip]}"))
        seen.setdefault(line.nip, line.number)
    return faults

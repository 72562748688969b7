"""The table of employees, read into rows with every fault named by row and cell. Nothing is looked up or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from lontara_core.problems import Problem
from lontara_core.typed_fields import date_typed
from lontara_server.services.file_faults import Fault
from lontara_server.services.grades import echelon_of, grade_of, says_none
from lontara_server.services.mappings import missing_columns
from lontara_server.services.nips import nip_error, nip_oddities, repaired_nip
from lontara_server.services.table_file import Table, TableRow

REQUIRED: Final = ("nip",)
COLUMNS: Final = (
    "nip", "full_name", "grade", "grade_since", "echelon", "position", "valid_from", "unit_code", "unit_name",
    "supervisor_nip", "active",
)  # fmt: skip
_LENGTH_MAX: Final = {"full_name": 200, "unit_code": 40, "unit_name": 200, "position": 200}
_YES: Final = frozenset({"aktif", "ya", "y", "1", "true", "yes", "active"})
_NO: Final = frozenset({
    "tidak aktif", "nonaktif", "non aktif", "non-aktif", "tidak", "t", "0", "false", "no", "inactive", "pensiun",
    "meninggal", "berhenti", "pindah", "keluar", "diberhentikan",
})  # fmt: skip


@dataclass(frozen=True)
class PersonLine:
    """One row of the file; `number` is its row as a spreadsheet counts. None: the file does not say."""

    number: int
    nip: str
    full_name: str | None = None
    grade: str | None = None
    grade_since: str | None = None
    echelon: str | None = None
    position: str | None = None
    valid_from: date | None = None
    unit_code: str | None = None
    unit_name: str | None = None
    supervisor_nip: str | None = None
    active: bool | None = None


@dataclass(frozen=True)
class PeopleFile:
    """The rows that are right, what is wrong in the others, and what is only unusual. `table` names the cells."""

    table: Table
    lines: tuple[PersonLine, ...]
    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    def fault(self, row: int, column: str, why: str) -> Fault:
        """A fault in a cell of this file."""
        return Fault(row, column, why, self.table.cell(row, column))


def read_people(table: Table, columns: Mapping[str, str]) -> PeopleFile:
    """Read a table whose columns are named. Raises Problem import_refused where a column is missing that is needed."""
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise missing_columns(missing, table, list(COLUMNS))
    named = table.renamed(columns)
    lines: list[PersonLine] = []
    errors: list[Fault] = []
    warnings: list[Fault] = []
    seen: dict[str, int] = {}
    for row in named.rows:
        reading = _Reading(named, row)
        line = reading.line()
        if line.nip in seen and nip_error(line.nip) is None:
            reading.refuse("nip", f"the same NIP as in row {seen[line.nip]}")
        seen.setdefault(line.nip, row.number)
        errors += reading.errors
        if not reading.errors:
            lines.append(line)
            warnings += reading.warnings
    return PeopleFile(named, tuple(lines), tuple(errors), tuple(warnings))


class _Reading:
    """One row on its way to a line, with what is found to be wrong."""

    def __init__(self, table: Table, row: TableRow) -> None:
        self.errors: list[Fault] = []
        self.warnings: list[Fault] = []
        self._table, self._row = table, row

    def line(self) -> PersonLine:
        nip = self._nip("nip", self._text("nip"))
        supervisor = self._text("supervisor_nip")
        line = PersonLine(
            number=self._row.number,
            nip=nip,
            full_name=self._short("full_name"),
            grade=self._graded("grade", grade_of(self._text("grade"))),
            grade_since=self._date("grade_since"),
            echelon=self._graded("echelon", echelon_of(self._text("echelon"))),
            position=self._short("position"),
            valid_from=None if (day := self._date("valid_from")) is None else date.fromisoformat(day),
            unit_code=self._short("unit_code"),
            unit_name=self._short("unit_name"),
            supervisor_nip=self._nip("supervisor_nip", supervisor) if supervisor else None,
            active=self._active(),
        )
        if line.supervisor_nip == nip:
            self.refuse("supervisor_nip", "nobody supervises themselves")
        if "full_name" in self._table.header and line.full_name is None:
            self.refuse("full_name", "the name is empty")
        return line

    def refuse(self, column: str, why: str) -> None:
        self.errors.append(self._fault(column, why))

    def _fault(self, column: str, why: str) -> Fault:
        return Fault(self._row.number, column, why, self._table.cell(self._row.number, column))

    def _text(self, column: str) -> str:
        text = self._row.cells.get(column, "")
        return "" if text in ("-", "--") else text

    def _nip(self, column: str, text: str) -> str:
        nip = repaired_nip(text)
        error = nip_error(nip)
        if error is not None:
            self.refuse(column, error)
        elif column == "nip":
            self.warnings += [self._fault(column, why) for why in nip_oddities(nip)]
        return nip

    def _short(self, column: str) -> str | None:
        # A cell of several lines is one text: positions and units wrap in a spreadsheet.
        text = " ".join(self._text(column).split())
        if len(text) > _LENGTH_MAX[column]:
            self.refuse(column, f"longer than {_LENGTH_MAX[column]} characters")
        return text or None

    def _date(self, column: str) -> str | None:
        text = self._text(column)
        if not text:
            return None
        try:
            return date_typed(text)
        except Problem:
            self.refuse(column, "the date is no day written as DD-MM-YYYY or YYYY-MM-DD")
            return None

    def _graded(self, column: str, known: str | None) -> str | None:
        text = self._text(column)
        if known is None and not says_none(text):
            self.warnings.append(self._fault(column, f"no {column} that is known; it is left as it was"))
        return known

    def _active(self) -> bool | None:
        text = " ".join(self._text("active").casefold().split())
        if text and text not in _YES | _NO:
            self.warnings.append(self._fault("active", "neither active nor not; it is left as it was"))
        return True if text in _YES else False if text in _NO else None

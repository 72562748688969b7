"""What is wrong in the cells of a file that is imported, and the Problem that refuses the file for it.

How a file is read is `table_file`; what each why says in Indonesian is the core's catalogue of faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lontara_core.problems import Problem

ERRORS_SHOWN: Final = 50


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell, `cell` as a spreadsheet names it ("B17"). A warning does not stop the import."""

    row: int
    column: str
    why: str
    cell: str | None = None

    def document(self) -> dict[str, Any]:
        return {"row": self.row, "column": self.column, "cell": self.cell, "why": self.why}


def refusal(errors: Sequence[Fault]) -> Problem:
    """The Problem for a file with faulty cells."""
    first = errors[0]
    return Problem(
        "import_refused",
        f"{len(errors)} cells of the file are wrong; the first is {first.column} in row {first.row}: {first.why}. "
        "Nothing was imported.",
        {"error_count": len(errors), "errors": [error.document() for error in errors[:ERRORS_SHOWN]]},
        "Mend the file and import it again; rows that are there already are not doubled.",
    )

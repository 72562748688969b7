"""Which files belong to a log of one's own: punches, units and holidays that lie beside it, found by their names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lontara_core.problems import Problem
from lontara_server.services.import_runs import SourceFile

# `x_activity_log.csv` has its punches in `x_attendance_log.csv` and its units in `x_units.csv`.
_ACTIVITY, _ATTENDANCE, _UNITS = "activity", "attendance", "units"
_HOLIDAYS: Final = "holidays*.csv"


@dataclass(frozen=True)
class SourceFiles:
    """The files of an office; None is one that is not there."""

    log: Path
    punches: Path | None
    units: Path | None
    holidays: Path | None

    @property
    def beside(self) -> Sequence[Path]:
        """What is there beside the log itself."""
        return [each for each in (self.punches, self.units, self.holidays) if each is not None]


def files_beside(log: Path, punches: Path | None = None) -> SourceFiles:
    """Look beside the log. punches: where they are if not there."""
    before, found, _ = log.name.partition(_ACTIVITY)
    named = log.with_name(log.name.replace(_ACTIVITY, _ATTENDANCE)) if found else None
    units = log.with_name(f"{before}{_UNITS}{log.suffix}") if found else None
    holidays = sorted(log.parent.glob(_HOLIDAYS))
    return SourceFiles(log, punches or _there(named), _there(units), holidays[0] if holidays else None)


def read_file(path: Path) -> SourceFile:
    """The file as it is. Raises Problem file_unreadable."""
    try:
        return SourceFile(path.read_bytes(), path.name)
    except OSError as error:
        raise Problem(
            "file_unreadable",
            f"{path.name} cannot be read. Nothing was imported.",
            {"file": str(path), "why": error.strerror or str(error)},
            "Check the name and the rights on it.",
        ) from error


def top_unit(units: SourceFile) -> tuple[str, str] | None:
    """Code and name of the first unit that nothing is above of; None where the file names none."""
    rows = csv.DictReader(units.content.decode("utf-8-sig", "replace").splitlines())
    return next(
        ((row["code"], row.get("name") or row["code"]) for row in rows if row.get("code") and not row.get("parent")), None
    )


def _there(path: Path | None) -> Path | None:
    return path if path is not None and path.is_file() else None

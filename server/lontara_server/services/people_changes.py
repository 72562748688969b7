"""What an import of people does or would do: counted, and listed change by change for who looks at it first."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_server.services.file_faults import Fault

# What of warnings and refused rows a document holds; the counts tell how many there are.
FAULTS_TOLD: Final = 200
THRESHOLD_PERCENT: Final = Decimal(5)


@dataclass(frozen=True)
class ImportOptions:
    """How a file of people is taken.

    mapping: a preset's name; None: the columns are guessed.
    complete: the file names everybody, so who is missing is no longer active.
    threshold: percent of the active staff that the file may make inactive before it is stopped.
    skip_faulty: rows with a fault are left out, and the others are imported.
    """

    mapping: str | None = None
    dry_run: bool = False
    complete: bool = False
    threshold: Decimal = THRESHOLD_PERCENT
    skip_faulty: bool = False


@dataclass(frozen=True)
class Change:
    """What changes for one person or unit. `kind`: unit, created, changed, placed, deactivated, reactivated.

    fields: {name: (was, now)} in words of the file: codes of units and NIPs. row: None for who is not in the file.
    """

    kind: str
    key: str
    name: str
    fields: dict[str, tuple[Any, Any]]
    row: int | None = None

    def document(self) -> dict[str, Any]:
        fields = {name: {"was": was, "now": now} for name, (was, now) in self.fields.items()}
        return {"kind": self.kind, "key": self.key, "name": self.name, "row": self.row, "fields": fields}


@dataclass
class Imported:
    """What an import wrote, or in a dry run would write."""

    rows: int = 0
    units_created: int = 0
    units_changed: int = 0
    employees_created: int = 0
    employees_changed: int = 0
    employees_deactivated: int = 0
    employees_reactivated: int = 0
    assignments_created: int = 0
    assignments_changed: int = 0
    unchanged: int = 0
    refused: int = 0
    scores_marked: int = 0
    active_before: int = 0
    threshold: Decimal = THRESHOLD_PERCENT
    columns: dict[str, str] = field(default_factory=dict)
    same_file_at: int | None = None
    changes: list[Change] = field(default_factory=list)
    errors: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()

    @property
    def deactivated_percent(self) -> Decimal:
        """How much of the active staff the file makes inactive."""
        if not self.active_before:
            return Decimal(0)
        return (Decimal(self.employees_deactivated) * 100 / self.active_before).quantize(Decimal("0.01"))

    @property
    def is_over_threshold(self) -> bool:
        """Whether that is more than is let through."""
        return bool(self.employees_deactivated) and self.deactivated_percent > self.threshold

    def counts(self) -> dict[str, int]:
        """The figures alone, for the audit trail."""
        return {name: value for name, value in vars(self).items() if isinstance(value, int) and name != "same_file_at"}

    def document(self, *, with_changes: bool = False) -> dict[str, Any]:
        """As JSON values."""
        told: dict[str, Any] = {
            **self.counts(),
            "threshold_percent": str(self.threshold),
            "deactivated_percent": str(self.deactivated_percent),
            "over_threshold": self.is_over_threshold,
            "columns": self.columns,
            "error_count": len(self.errors),
            "errors": [each.document() for each in self.errors[:FAULTS_TOLD]],
            "warning_count": len(self.warnings),
            "warnings": [each.document() for each in self.warnings[:FAULTS_TOLD]],
        }
        return told | {"changes": [each.document() for each in self.changes]} if with_changes else told

    def check_threshold(self) -> None:
        """Raise Problem too_many_deactivated where the file would make more people inactive than is let through."""
        if self.is_over_threshold:
            raise Problem(
                "too_many_deactivated",
                f"The file would make {self.employees_deactivated} of {self.active_before} active people inactive; "
                f"it is stopped above {self.threshold} percent. Nothing was imported.",
                {
                    "deactivated": self.employees_deactivated,
                    "active": self.active_before,
                    "percent": str(self.deactivated_percent),
                    "threshold_percent": str(self.threshold),
                },
                "Check that the file names everybody. If it is right, import it with a higher threshold.",
            )

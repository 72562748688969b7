"""The bases of allowances (TPP), imported from a file and listed; the scores that they touch are marked.

Works in the transaction that it is given. A base holds from its day until the person's next one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_core.typed_fields import date_typed
from lontara_server.services.access import local_date
from lontara_server.services.file_faults import Fault, refusal
from lontara_server.services.import_runs import SourceFile, remember_import
from lontara_server.services.mappings import columns_of, missing_columns
from lontara_server.services.nips import nip_error, repaired_nip
from lontara_server.services.table_file import Table, TableRow, read_table
from lontara_server.storage import allowances as store
from lontara_server.storage import people, scores
from lontara_server.storage.allowances import AllowanceRow
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow

KIND: Final = "allowance"
AMOUNT_MAX: Final = 1_000_000_000
HALVED_TOLD: Final = 20
THRESHOLD_PERCENT: Final = Decimal(5)
# 4000000, 4.000.000, 4,000,000 and Rp 4.000.000,00; sen are not paid. `4.0` and `4,00` are what a spreadsheet leaves
# of 4.000, so places of less than a thousand are no rupiah.
_RUPIAH: Final = re.compile(
    r"(?:rp\.?\s*)?(?:(\d{1,3}(?:\.\d{3})+)(?:,00?)?|(\d{1,3}(?:,\d{3})+)(?:\.00?)?|(\d{4,})(?:[.,]00?)?|(\d{1,3}))",
    re.IGNORECASE,
)


@dataclass
class ImportedAllowances:
    """What an import of allowances wrote, or in a dry run would write.

    sum_before, sum_after: of everybody's bases on the last day that the file names, without the file and with it.
    with_base: how many people had a base before. halved: NIPs of those whose base falls by more than half.
    """

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    scores_marked: int = 0
    sum_before: int = 0
    sum_after: int = 0
    with_base: int = 0
    threshold: Decimal = THRESHOLD_PERCENT
    halved: list[str] = field(default_factory=list)
    errors: list[Fault] = field(default_factory=list)

    @property
    def halved_percent(self) -> Decimal:
        """How many of those with a base get less than half of it."""
        if not self.with_base:
            return Decimal(0)
        return (Decimal(len(self.halved)) * 100 / self.with_base).quantize(Decimal("0.01"))

    @property
    def is_over_threshold(self) -> bool:
        """Whether that is more than is let through."""
        return bool(self.halved) and self.halved_percent > self.threshold

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    def document(self) -> dict[str, Any]:
        return {
            **self.counts(),
            "halved": self.halved,
            "halved_percent": str(self.halved_percent),
            "threshold_percent": str(self.threshold),
            "over_threshold": self.is_over_threshold,
            "errors": [each.document() for each in self.errors],
        }

    def check_threshold(self) -> None:
        """Raise Problem import_refused where more bases fall by more than half than are let through."""
        if self.is_over_threshold:
            raise Problem(
                "import_refused",
                f"The file would lower the base of {len(self.halved)} of {self.with_base} people by more than half; "
                f"it is stopped above {self.threshold} percent. Nothing was imported.",
                {
                    "halved": self.halved[:HALVED_TOLD],
                    "percent": str(self.halved_percent),
                    "threshold_percent": str(self.threshold),
                },
                "Check the amounts of the file. If they are right, import it with a higher threshold.",
            )


def import_allowances(
    connection: Connection,
    org_id: int,
    file: SourceFile,
    *,
    by: str,
    now_ms: int,
    mapping: str | None = None,
    dry_run: bool = False,
    threshold: Decimal = THRESHOLD_PERCENT,
) -> ImportedAllowances:
    """Take in bases from a CSV or XLSX: nip, amount, valid_from. Without a day they hold from this month's first.

    threshold: percent of the people with a base of whom it may fall by more than half before the file is stopped.

    A second time it changes nothing; nothing is deleted. Raises Problem import_refused, which names the cells.
    """
    table = read_table(file.content, file.name)
    columns = columns_of(connection, org_id, KIND, table, mapping)
    missing = [name for name in ("nip", "amount") if name not in columns]
    if missing:
        raise missing_columns(missing, table, ["nip", "amount", "valid_from"])
    named = table.renamed(columns)
    employees = {each.nip: each for each in people.employees_of(connection, org_id)}
    first = local_date(connection, org_id, now_ms).replace(day=1)
    rows, errors = _rows(named, employees, first, by=by, now_ms=now_ms)
    if errors and not dry_run:
        raise refusal(errors)
    held = store.allowances_of(connection, org_id)
    known = {(row.employee, row.valid_from): row.amount for row in held}
    new = [row for row in rows if (row.employee, row.valid_from) not in known]
    changed = [row for row in rows if known.get((row.employee, row.valid_from), row.amount) != row.amount]
    done = ImportedAllowances(len(named.rows), len(new), len(changed), len(rows) - len(new) - len(changed), 0, errors=errors)
    done.threshold = threshold
    _compare(held, rows, {each.id: each.nip for each in employees.values()}, done)
    if not dry_run:
        done.check_threshold()
    if not dry_run and (new or changed):
        done.scores_marked = _mark(connection, org_id, [*new, *changed], now_ms)
        store.write_allowances(connection, org_id, new, changed)
        remember_import(connection, org_id, KIND, file, done.counts(), by=by, now_ms=now_ms)
        facts = {"file": file.name, **done.counts()}
        add_audit(connection, org_id, "allowance.import", by=by, now_ms=now_ms, facts=facts)
    return done


def list_allowances(connection: Connection, org_id: int) -> list[dict[str, Any]]:
    """Every base with whose it is, by name and day."""
    named = {each.id: each for each in people.employees_of(connection, org_id)}
    rows = [(named[row.employee], row) for row in store.allowances_of(connection, org_id)]
    return [
        {
            "nip": employee.nip,
            "full_name": employee.full_name,
            "amount": row.amount,
            "valid_from": row.valid_from.isoformat(),
            "by": row.by,
        }
        for employee, row in sorted(rows, key=lambda each: (each[0].full_name, each[0].nip, each[1].valid_from))
    ]


def rupiah_of(text: str) -> int | None:
    """Whole rupiah of `4000000`, `4.000.000` or `Rp 4.000.000,00`; None where it is no amount."""
    found = _RUPIAH.fullmatch(text)
    return None if found is None else int(re.sub(r"[.,]", "", found[1] or found[2] or found[3] or found[4]))


def _compare(
    held: Sequence[AllowanceRow], rows: Sequence[AllowanceRow], nips: Mapping[str, str], done: ImportedAllowances
) -> None:
    """Tell what the file does to the sum of bases, and to whom it leaves less than half."""
    if not rows:
        return
    last = max(row.valid_from for row in rows)
    before = _in_force(held, last)
    told = {(row.employee, row.valid_from): row for row in (*held, *rows)}
    done.sum_before, done.sum_after = sum(before.values()), sum(_in_force(list(told.values()), last).values())
    done.with_base = len({row.employee for row in held})
    by_day = {day: _in_force(held, day) for day in {row.valid_from for row in rows}}
    halved = {row.employee for row in rows if row.amount * 2 < by_day[row.valid_from].get(row.employee, 0)}
    done.halved = sorted(nips[each] for each in halved)


def _in_force(rows: Sequence[AllowanceRow], day: date) -> dict[str, int]:
    """{employee: the base that holds on the day}."""
    begun = sorted((row for row in rows if row.valid_from <= day), key=lambda row: row.valid_from)
    return {row.employee: row.amount for row in begun}


def _rows(
    table: Table, employees: Mapping[str, EmployeeRow], first: date, *, by: str, now_ms: int
) -> tuple[list[AllowanceRow], list[Fault]]:
    rows: dict[tuple[str, date], AllowanceRow] = {}
    errors: list[Fault] = []
    for row in table.rows:
        nip, amount = repaired_nip(row.cells["nip"]), rupiah_of(row.cells["amount"])
        day, found = _day(row, first), []
        if (error := nip_error(nip)) is not None:
            found.append(("nip", error))
        elif nip not in employees:
            found.append(("nip", "nobody here has this NIP"))
        if amount is None or amount > AMOUNT_MAX:
            found.append(("amount", "no amount of whole rupiah"))
        if day is None:
            found.append(("valid_from", "the date is no day written as DD-MM-YYYY or YYYY-MM-DD"))
        if not found and amount is not None and day is not None:
            key = (employees[nip].id, day)
            if key in rows and rows[key].amount != amount:
                found.append(("amount", "another amount for the same day stands above"))
            rows[key] = AllowanceRow(*key, amount, by, now_ms)
        errors += [Fault(row.number, column, why, table.cell(row.number, column)) for column, why in found]
    return list(rows.values()), errors


def _day(row: TableRow, first: date) -> date | None:
    text = row.cells.get("valid_from", "")
    if not text:
        return first
    try:
        return date.fromisoformat(date_typed(text))
    except Problem:
        return None


def _mark(connection: Connection, org_id: int, rows: Sequence[AllowanceRow], now_ms: int) -> int:
    since: dict[str, str] = {}
    for row in rows:
        month = f"{row.valid_from:%Y-%m}"
        since[row.employee] = min(month, since.get(row.employee, month))
    months = [each for each in scores.scored_months(connection, org_id, since) if each.period >= since[each.employee]]
    scores.mark_dirty(connection, org_id, months, now_ms)
    return len(months)

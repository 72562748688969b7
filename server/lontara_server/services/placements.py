"""Placements of people as operations of the server: what a transfer, a supervisor or an acting period writes.

How stretches of days change is `timeline`. Scores of the months that are touched are marked; entries keep the unit
and the supervisor that they were accepted with. Works in the transaction that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from lontara_core.record import Record
from lontara_server.services.server_log import ServerWrites
from lontara_server.services.timeline import OPEN, Stretch, on_day, steps, stretches_of, told_last, values_of
from lontara_server.storage import people as store
from lontara_server.storage import scores
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import AssignmentRow, EmployeeRow
from lontara_server.storage.scores import PersonMonth

__all__ = ["Touched", "first_difference", "gather_placements", "mark_touched", "placed_on", "stretches_by_employee"]

_DAY: Final = timedelta(days=1)


@dataclass
class Touched:
    """From which day to which placements of whom have changed."""

    spans: dict[str, tuple[date, date]] = field(default_factory=dict)

    def add(self, employee: str, first: date, last: date) -> None:
        known = self.spans.get(employee)
        self.spans[employee] = (first, last) if known is None else (min(first, known[0]), max(last, known[1]))


def stretches_by_employee(
    connection: Connection, org_id: int, employees: Sequence[str] | None = None
) -> tuple[dict[str, list[AssignmentRow]], dict[str, list[Stretch]]]:
    """The rows of these employees (None: of everybody), and the stretches that they make."""
    rows = store.assignments_of(connection, org_id, employees)
    return rows, {employee: stretches_of(theirs) for employee, theirs in rows.items()}


def placed_on(stretches: Sequence[Stretch], day: date) -> Stretch | None:
    """The stretch of a day; where none is, the last one before it, else the first after."""
    before = [each for each in stretches if each.first <= day]
    return on_day(stretches, day) or (before[-1] if before else next(iter(stretches), None))


def gather_placements(
    employee: EmployeeRow,
    rows: Sequence[AssignmentRow],
    wanted: Sequence[Stretch],
    writes: ServerWrites,
    touched: Touched,
) -> tuple[int, int]:
    """Gather what turns the person's rows into these stretches; returns how many are new, and how many change."""
    known = stretches_of(rows)
    span = _difference(known, wanted)
    if span is None:
        return 0, 0
    touched.add(employee.id, *span)
    todo = steps(rows, wanted)
    for row, values in todo.changed:
        _change(employee.id, row, values, writes)
    for row in todo.voided:
        reason = "another placement takes its days"
        writes.void(_record(row), reason=reason, owner=employee.id, unit=row.org_unit)
    for stretch in todo.created:
        fields = {"employee": employee.id, "valid_from": stretch.first.isoformat(), "valid_to": told_last(stretch)}
        writes.create("assignment", fields | stretch.values, owner=employee.id, unit=stretch.org_unit)
    # A unit that the person is new to has never heard of them.
    for unit in {each.org_unit for each in wanted} - {each.org_unit for each in known}:
        if unit is not None and known:
            writes.show_to_unit("employee", employee.id, employee.revision, unit)
    return len(todo.created), len(todo.changed) + len(todo.voided)


def first_difference(known: Sequence[Stretch], wanted: Sequence[Stretch]) -> date | None:
    """The first day on which the two say something else."""
    span = _difference(known, wanted)
    return None if span is None else span[0]


def mark_touched(connection: Connection, org_id: int, touched: Touched, now_ms: int) -> int:
    """Mark the scores of the months in which placements have changed; returns how many there are."""
    if not touched.spans:
        return 0
    months = [
        month
        for month in scores.scored_months(connection, org_id, touched.spans.keys())
        if _reaches(touched.spans[month.employee], month)
    ]
    scores.mark_dirty(connection, org_id, months, now_ms)
    return len(months)


def _reaches(span: tuple[date, date], month: PersonMonth) -> bool:
    return f"{span[0]:%Y-%m}" <= month.period <= f"{span[1]:%Y-%m}"


def _difference(known: Sequence[Stretch], wanted: Sequence[Stretch]) -> tuple[date, date] | None:
    """The first and the last day on which the two say something else."""
    edges = sorted({each.first for each in (*known, *wanted)} | {each.last + _DAY for each in _ended(known, wanted)})
    spans = list(zip(edges, [*(edge - _DAY for edge in edges[1:]), OPEN], strict=True))
    different = [span for span in spans if _values(known, span[0]) != _values(wanted, span[0])]
    return (different[0][0], different[-1][1]) if different else None


def _ended(*both: Sequence[Stretch]) -> list[Stretch]:
    return [each for stretches in both for each in stretches if each.last != OPEN]


def _values(stretches: Sequence[Stretch], day: date) -> dict[str, str | None] | None:
    here = on_day(stretches, day)
    return None if here is None else here.values


def _change(employee: str, row: AssignmentRow, values: Mapping[str, Any], writes: ServerWrites) -> None:
    was = values_of(row)
    unit = values.get("org_unit", row.org_unit)
    writes.change(
        "assignment", row.id, row.revision, values, {name: was[name] for name in values}, owner=employee, unit=unit
    )  # fmt: skip
    if row.org_unit is not None and row.org_unit != unit:
        writes.show_to_unit("assignment", row.id, row.revision + 1, row.org_unit)


def _record(row: AssignmentRow) -> Record:
    fields = {name: value for name, value in values_of(row).items() if value is not None}
    told = {"employee": row.employee, "valid_from": row.valid_from.isoformat()}
    return Record("assignment", row.id, row.revision, {**told, **fields})

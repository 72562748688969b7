"""Statements for the bases of allowances (TPP): rupiah a month, from a day on. No rule lives here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from lontara_server.storage.models import AllowanceBase

__all__ = ["AllowanceRow", "Connection", "allowances_of", "write_allowances"]


@dataclass(frozen=True)
class AllowanceRow:
    """The base of one person's allowance from a day on. `at` in ms since 1970 UTC."""

    employee: str
    valid_from: date
    amount: int
    by: str
    at: int


def allowances_of(connection: Connection, org_id: int) -> list[AllowanceRow]:
    """Return every base of the org, by employee and day."""
    rows = connection.execute(
        select(
            AllowanceBase.employee, AllowanceBase.valid_from, AllowanceBase.amount, AllowanceBase.by, AllowanceBase.at
        )
        .where(AllowanceBase.org_id == org_id)
        .order_by(AllowanceBase.employee, AllowanceBase.valid_from)
    )
    return [AllowanceRow(*row) for row in rows]


def write_allowances(
    connection: Connection, org_id: int, new: list[AllowanceRow], changed: list[AllowanceRow]
) -> None:  # fmt: skip
    """Write bases that are new, and amounts that are."""
    if new:
        connection.execute(insert(AllowanceBase), [{"org_id": org_id, **vars(row)} for row in new])
    for row in changed:
        connection.execute(
            update(AllowanceBase)
            .where(
                AllowanceBase.org_id == org_id,
                AllowanceBase.employee == row.employee,
                AllowanceBase.valid_from == row.valid_from,
            )
            .values(amount=row.amount, by=row.by, at=row.at)
        )

"""Statements for periods: the months of an org that were locked or opened again. What a lock means is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from lontara_server.storage.models import Device, Period


@dataclass(frozen=True)
class PeriodRow:
    """One month (YYYY-MM); `locked_at` in ms since 1970 UTC while it is locked."""

    id: str
    revision: int
    month: str
    state: str
    locked_at: int | None


_PERIOD = (Period.id, Period.revision, Period.month, Period.state, Period.locked_at)


def lock_all_devices(connection: Connection, org_id: int) -> None:
    """Wait for the batches that are being settled, and let none begin until the transaction ends.

    Each batch holds its device's row from first to last. A month that was never locked has no row of its own that a
    batch could hold against its locking.
    """
    connection.execute(select(Device.id).where(Device.org_id == org_id).order_by(Device.id).with_for_update()).all()


def lock_period_row(connection: Connection, org_id: int, month: str) -> PeriodRow | None:
    """Return the month's record, its row locked; None where the month was never locked."""
    row = connection.execute(
        select(*_PERIOD).where(Period.org_id == org_id, Period.month == month).with_for_update()
    ).first()
    return None if row is None else PeriodRow(*row)


def periods_of(connection: Connection, org_id: int) -> list[PeriodRow]:
    """Return every month that was ever locked, the newest first."""
    rows = connection.execute(select(*_PERIOD).where(Period.org_id == org_id).order_by(Period.month.desc()))
    return [PeriodRow(*row) for row in rows]

"""The statement of the workload report: a year's approved work, summed by unit, output and quantity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, case, func, literal_column, select

from lontara_server.storage.models import ActivityEntry, WorkResultPlan
from lontara_server.storage.people import IDS_PER_STATEMENT


@dataclass(frozen=True)
class WorkRow:
    """Approved entries alike in all of these: how many they are, and their minutes together.

    work_result: the title of the RHK that they name; None: they name none, and `title` is the activity's.
    """

    org_unit: str | None
    work_result: str | None
    title: str
    quantity: str | None
    output_unit: str | None
    count: int
    minutes: int


def approved_work(
    connection: Connection, org_id: int, year: int, owners: Collection[str] | None = None
) -> list[WorkRow]:
    """Return the org's approved entries of a year that tell how long they lasted; owners: theirs alone.

    Summed in the database: a year of a regency has millions of entries, and some thousands of outputs.
    """
    titles = {
        row.id: row.title
        for row in connection.execute(
            select(WorkResultPlan.id, WorkResultPlan.title).where(WorkResultPlan.org_id == org_id)
        )
    }
    activity = case((ActivityEntry.target_id.is_(None), ActivityEntry.title), else_="").label("activity")
    alike = (
        ActivityEntry.org_unit,
        ActivityEntry.target_id,
        activity,
        ActivityEntry.quantity,
        ActivityEntry.output_unit,
    )
    query = (
        select(*alike, func.count().label("entries"), func.sum(ActivityEntry.duration_minutes).label("minutes"))
        .where(
            ActivityEntry.org_id == org_id,
            ActivityEntry.work_date >= date(year, 1, 1),
            ActivityEntry.work_date <= date(year, 12, 31),
            ActivityEntry.review_state == "approved",
            ActivityEntry.voided.is_(False),
            ActivityEntry.duration_minutes.is_not(None),
        )
        .group_by(
            ActivityEntry.org_unit, ActivityEntry.target_id, literal_column("activity"), ActivityEntry.quantity,
            ActivityEntry.output_unit,
        )
    )
    queries = [query] if owners is None else [query.where(ActivityEntry.owner.in_(part)) for part in _parts(owners)]
    return [
        WorkRow(
            row.org_unit, titles.get(row.target_id or ""), row.activity, row.quantity, row.output_unit, row.entries,
            int(row.minutes),
        )
        for each in queries
        for row in connection.execute(each)
    ]  # fmt: skip


def _parts(ids: Collection[str]) -> list[list[str]]:
    wanted = sorted(set(ids))
    return [wanted[start : start + IDS_PER_STATEMENT] for start in range(0, len(wanted), IDS_PER_STATEMENT)]

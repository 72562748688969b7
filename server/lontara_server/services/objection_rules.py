"""What holds of an objection whichever way it comes: of which months there can be one, and that one is open at a time."""

from __future__ import annotations

from datetime import date
from typing import Final

from lontara_core.problems import Problem
from lontara_server.services.score_inputs import edges_of
from lontara_server.storage import objections as store
from lontara_server.storage import scores as score_store
from lontara_server.storage.engine import Connection
from lontara_server.storage.objections import OPEN, ObjectionRow
from lontara_server.storage.scores import PersonMonth

OBJECTION: Final = "objection"


def open_of(connection: Connection, org_id: int, owner: str, period: str) -> ObjectionRow | None:
    """The person's open objection to this month, if there is one."""
    found = store.objections_of(connection, org_id, owner, period)
    return next((row for row in found if row.state == OPEN), None)


def value_of(connection: Connection, org_id: int, month: PersonMonth) -> str | None:
    """The stored figure of a month; None where there is none."""
    row = score_store.score_of(connection, org_id, month)
    return None if row is None else row.value


def check_period_begun(period: str, today: date) -> None:
    """Raise Problem invalid_field unless this is a month that has begun."""
    first, _ = edges_of(period)
    if first > today:
        raise Problem(
            "invalid_field",
            f"{period} has not begun. Nothing was changed.",
            {"field": "period", "value": period},
            "Write a month that has begun, as YYYY-MM.",
        )

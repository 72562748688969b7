"""Who may do what in the console and its API, and whose records they see.

A role has permissions, an account has bounds: its unit with what lies below it, and for a supervisor the people whom
they lead today. What lies outside the bounds is answered like what is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from lontara_server.services.orgs import org_named
from lontara_server.storage import people
from lontara_server.storage.accounts import AccountRow
from lontara_server.storage.engine import Connection

Permission: TypeAlias = Literal[
    "absorption.write", "attendance.machines", "attendance.read", "attendance.write", "behaviour.read",
    "behaviour.write", "conflict.read", "conflict.resolve", "objection.decide", "objection.read", "objection.write",
    "people.import", "people.read", "plan.read", "plan.write", "policy.activate", "policy.read", "review.read",
    "review.write", "score.export", "score.read", "workload.read",
]  # fmt: skip

_READING: Final[frozenset[Permission]] = frozenset(
    {
        "attendance.read", "behaviour.read", "conflict.read", "objection.read", "people.read", "plan.read",
        "policy.read", "review.read", "score.read", "workload.read",
    }
)  # fmt: skip
_DECIDING: Final[frozenset[Permission]] = frozenset(
    {"attendance.write", "behaviour.write", "conflict.resolve", "objection.write", "plan.write", "review.write", "score.export"}
)
_RUNNING: Final[frozenset[Permission]] = frozenset(
    {"absorption.write", "attendance.machines", "objection.decide", "people.import", "policy.activate"}
)
PERMISSIONS: Final[Mapping[str, frozenset[Permission]]] = {
    "admin": _READING | _DECIDING | _RUNNING,
    "supervisor": _READING | _DECIDING,
    "auditor": _READING,
}


@dataclass(frozen=True)
class Viewer:
    """Who asks, with the bounds of what they see; None is no bound."""

    login: str
    role: str
    employee: str | None
    units: frozenset[str] | None
    people: frozenset[str] | None

    def may(self, permission: Permission) -> bool:
        """Whether the role has this permission."""
        return permission in PERMISSIONS.get(self.role, frozenset())

    def sees(self, owner: str | None, unit: str | None) -> bool:
        """Whether a record of this person and unit lies within the bounds."""
        return (self.people is None or owner in self.people) and (self.units is None or unit in self.units)

    def is_own(self, owner: str | None) -> bool:
        """Whether it is the viewer's own work: nobody decides on that themselves."""
        return owner is not None and owner == self.employee


def viewer_of(connection: Connection, org_id: int, account: AccountRow, now_ms: int) -> Viewer:
    """The viewer behind an account, as things stand today. A supervisor whose account names nobody sees nobody."""
    led: frozenset[str] | None = None
    if account.role == "supervisor":
        day = local_date(connection, org_id, now_ms)
        led = (
            frozenset()
            if account.employee_id is None
            else frozenset(people.people_supervised(connection, org_id, account.employee_id, day))
        )
    units = None if account.org_unit is None else _with_those_below(connection, org_id, account.org_unit)
    return Viewer(account.login, account.role, account.employee_id, units, led)


def local_date(connection: Connection, org_id: int, now_ms: int) -> date:
    """The org's date now."""
    zone = ZoneInfo(org_named(connection, org_id).time_zone)
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()


def _with_those_below(connection: Connection, org_id: int, unit: str) -> frozenset[str]:
    below: dict[str | None, list[str]] = {}
    for each in people.units_of(connection, org_id):
        below.setdefault(each.parent, []).append(each.id)
    found, waiting = set(), [unit]
    while waiting:
        next_unit = waiting.pop()
        if next_unit not in found:
            found.add(next_unit)
            waiting.extend(below.get(next_unit, []))
    return frozenset(found)

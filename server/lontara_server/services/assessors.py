"""Who assesses whom: the assessor that a plan names, else who supervises on the day; admins beside them; nobody themselves.

Whose records somebody sees in the console is decided in `access`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lontara_core.problems import Problem
from lontara_server.services.access import Viewer
from lontara_server.storage import accounts, people
from lontara_server.storage.engine import Connection
from lontara_server.storage.plans import PlanRow


@dataclass(frozen=True)
class Officer:
    """Who acts: the login for the audit trail, the employee behind it where it names one, and whether as an admin."""

    login: str
    employee: str | None
    is_admin: bool


def officer_behind(viewer: Viewer) -> Officer:
    """The officer who is signed in to the console."""
    return Officer(viewer.login, viewer.employee, viewer.role == "admin")


def operator(connection: Connection, org_id: int, login: str) -> Officer:
    """The operator of the command line: an admin, and still a person whose own plan others decide on."""
    account = accounts.account_of(connection, org_id, login)
    return Officer(login, None if account is None else account.employee_id, is_admin=True)


def leads(connection: Connection, org_id: int, officer: Officer, employee: str, day: date) -> bool:
    """Whether the officer supervised the employee on that day, or acted as supervisor."""
    if officer.employee is None or officer.employee == employee:
        return False
    placed = people.assignment_on(connection, org_id, employee, day)
    return placed is not None and officer.employee in (placed.supervisor, placed.acting_supervisor)


def assesses(
    connection: Connection, org_id: int, officer: Officer, employee: str, plan: PlanRow | None, day: date
) -> bool:
    """Whether the officer may judge the employee's work: the plan's assessor, else who supervised on the day, or an admin."""
    if officer.employee == employee:
        return False
    if officer.is_admin:
        return True
    if plan is not None and plan.assessor is not None:
        return officer.employee == plan.assessor
    return leads(connection, org_id, officer, employee, day)


def check_assesses(
    connection: Connection, org_id: int, officer: Officer, employee: str, plan: PlanRow | None, day: date
) -> None:
    """Raise Problem not_permitted for who may not judge the employee's work."""
    if officer.employee == employee:
        raise Problem(
            "not_permitted",
            "Nobody decides on their own plan or rates themselves. Nothing was changed.",
            {"employee": employee},
            "Ask the assessor or an admin.",
        )
    if not assesses(connection, org_id, officer, employee, plan, day):
        raise Problem(
            "not_permitted",
            "This is for the person's assessor or an admin. Nothing was changed.",
            {"employee": employee},
            "Ask the assessor or an admin.",
        )

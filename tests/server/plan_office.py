"""An office with plans, for tests of planning and behaviour: a chief, two workers, and what they have agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lontara_server.services.assessors import Officer
from lontara_server.services.people import employee_named
from lontara_server.services.plan_drafts import ActionDraft, IndicatorDraft, ResultDraft
from lontara_server.services.plan_moves import move_plan
from lontara_server.services.plan_writing import create_plan, save_result
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.people import EmployeeRow
from server.ready import CHIEF, NOW, WORKER

YEAR = 2026
ADMIN = Officer("admin", None, is_admin=True)


def indicator(title: str = "Jumlah berkas", target: str = "40", unit: str = "berkas", **other: Any) -> IndicatorDraft:
    told: dict[str, Any] = {"id": None, "aspect": "quantity", "direction": "higher", **other}
    return IndicatorDraft(title=title, target=target, unit=unit, **told)


def result(title: str = "Berkas warga terlayani", **other: Any) -> ResultDraft:
    told: dict[str, Any] = {
        "kind": "main", "supports": None, "indicators": (indicator(),),
        "actions": (ActionDraft(None, 1, "Membuka loket layanan", "10", "berkas"),), **other,
    }  # fmt: skip
    return ResultDraft(title=title, **told)


@dataclass
class PlanOffice:
    """What tests do with plans, each in a transaction of its own; the clock goes on by a second each time."""

    database: Engine
    now: int = NOW

    def tick(self) -> int:
        self.now += 1_000
        return self.now

    def person(self, nip: str) -> EmployeeRow:
        with transaction(self.database) as connection:
            return employee_named(connection, 1, nip)

    def officer(self, nip: str, login: str = "akun") -> Officer:
        return Officer(login, self.person(nip).id, is_admin=False)

    def plan(self, nip: str = WORKER, *drafts: ResultDraft, officer: Officer = ADMIN, state: str = "draft") -> str:
        with transaction(self.database) as connection:
            owner = employee_named(connection, 1, nip)
            plan = create_plan(connection, 1, owner, YEAR, officer, self.tick()).id
            for each in drafts:
                save_result(connection, 1, plan, each, officer, self.tick())
            for to in ("submitted", "approved", "final"):
                if state != "draft":
                    move_plan(connection, 1, plan, to, ADMIN, self.tick())
                if to == state:
                    break
        return plan

    def move(self, plan: str, to: str, officer: Officer = ADMIN, reason: str | None = None) -> str:
        with transaction(self.database) as connection:
            return move_plan(connection, 1, plan, to, officer, self.tick(), reason=reason).state

    def run(self, work: Any, *args: Any, **options: Any) -> Any:
        """A service function in a transaction of its own, for org 1."""
        with transaction(self.database) as connection:
            return work(connection, 1, *args, **options)


__all__ = ["ADMIN", "CHIEF", "NOW", "WORKER", "YEAR", "PlanOffice", "indicator", "result"]

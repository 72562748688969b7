"""A policy tried on a past month or year beside the one that holds: what would change, and for whom. Stores nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from lontara_server.performance.explanation import decimal_text
from lontara_server.performance.policy import MonthPolicy, Policy, YearPolicy
from lontara_server.performance.policy_document import Title
from lontara_server.services.policies import OrgPolicies, no_policy, policies_of, rates_of
from lontara_server.services.score_inputs import edges_of, org_month
from lontara_server.services.scores import PEOPLE_AT_ONCE, cases_of, encoded_case
from lontara_server.services.years import check_year, fresh_rating
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection

_YEAR_LENGTH: Final = len("YYYY")


@dataclass(frozen=True)
class Trial:
    """One person's result by the policy that holds and by the one that is tried. None: there is none.

    difference: of the two values, where both are there. reasons: why the tried result would be provisional.
    allowance, tried_allowance: rupiah; only months with a known base have one.
    """

    employee_id: str
    nip: str
    full_name: str
    value: str | None
    rating: str | None
    tried_value: str | None
    tried_rating: str | None
    difference: str | None
    provisional: bool
    reasons: tuple[str, ...]
    allowance: str | None = None
    tried_allowance: str | None = None
    rating_name: Title | None = None
    tried_rating_name: Title | None = None

    @property
    def changes(self) -> bool:
        """Whether anything that a person would notice is another."""
        old = (self.value, self.rating, self.allowance)
        return old != (self.tried_value, self.tried_rating, self.tried_allowance)

    def document(self) -> dict[str, Any]:
        names = {"rating_name": self.rating_name, "tried_rating_name": self.tried_rating_name}
        told = {key: None if name is None else {"id": name.id, "en": name.en} for key, name in names.items()}
        return {**vars(self), **told, "reasons": list(self.reasons), "changes": self.changes}


@dataclass(frozen=True)
class Tried:
    """A whole trial. active: the policy that holds now, by id and version; in a locked month each score's own is shown."""

    policy: Policy
    period: str
    active: Policy | None
    rows: tuple[Trial, ...]

    def document(self) -> dict[str, Any]:
        active = None if self.active is None else _named(self.active)
        return {
            "period": self.period,
            "policy": _named(self.policy),
            "active": active,
            "people": len(self.rows),
            "changed": sum(row.changes for row in self.rows),
            "rows": [row.document() for row in self.rows],
        }


def try_policy(
    connection: Connection, org_id: int, policy_id: str, version: int | None, period: str, now_ms: int
) -> Tried:
    """Compute a month, or for a policy of years a year, by another policy, for everybody who has a score of it.

    Raises Problem not_found, invalid_field, no_policy.
    """
    policies = policies_of(connection, org_id)
    policy = policies.named(policy_id, version)
    if isinstance(policy, YearPolicy):
        return _try_year(connection, org_id, policies, policy, period, now_ms)
    edges_of(period)
    active = policies.of_month(period)
    rows = sorted(_month_rows(connection, org_id, policies, policy, period, now_ms), key=_order)
    return Tried(policy, period, active, tuple(rows))


def _month_rows(
    connection: Connection, org_id: int, policies: OrgPolicies, policy: MonthPolicy, period: str, now_ms: int
) -> Iterator[Trial]:
    month = org_month(connection, org_id, period, now_ms)
    people = store.employees_to_score(connection, org_id, month.first, month.last)
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        part = people[start : start + PEOPLE_AT_ONCE]
        names = store.names_of(connection, org_id, part)
        for case, active in cases_of(connection, month, policies, part):
            now, _, told = encoded_case(case, active)
            then, _, told_then = encoded_case(case, policy)
            nip, name = names[case.employee_id]
            yield Trial(
                case.employee_id,
                nip,
                name,
                decimal_text(now.value),
                now.rating,
                decimal_text(then.value),
                then.rating,
                _difference(now.value, then.value),
                then.provisional,
                then.reasons,
                told["allowance"],
                told_then["allowance"],
                _title(told),
                _title(told_then),
            )


def _try_year(
    connection: Connection, org_id: int, policies: OrgPolicies, policy: YearPolicy, period: str, now_ms: int
) -> Tried:
    year = int(period[:_YEAR_LENGTH]) if period[:_YEAR_LENGTH].isdecimal() and len(period) in (4, 7) else 0
    check_year(year)
    active = policies.of_year(year)
    if active is None:
        raise no_policy(str(year))
    people = [each.employee for each in store.rated_years(connection, org_id) if each.period == f"{year:04}"]
    names = store.names_of(connection, org_id, people)
    rows = []
    for employee in people:
        raw_then, then = fresh_rating(connection, org_id, employee, year, policy, now_ms)
        raw, now = fresh_rating(connection, org_id, employee, year, active, now_ms)
        told, told_then = msgspec.json.decode(raw), msgspec.json.decode(raw_then)
        values = [None if text is None else Decimal(text) for text in (now.value, then.value)]
        rows.append(
            Trial(
                employee,
                *names[employee],
                now.value,
                now.rating,
                then.value,
                then.rating,
                _difference(*values),
                then.provisional,
                tuple(told_then["reasons"]),
                rating_name=_title(told["explanation"].get("params", {})),
                tried_rating_name=_title(told_then["explanation"].get("params", {})),
            )
        )
    return Tried(policy, f"{year:04}", active, tuple(sorted(rows, key=_order)))


def _title(named: Mapping[str, Any]) -> Title | None:
    return Title(named["rating_id"], named["rating_en"]) if named.get("rating_id") else None


def _difference(now: Decimal | None, then: Decimal | None) -> str | None:
    return None if now is None or then is None else decimal_text(then - now)


def _order(row: Trial) -> tuple[bool, Decimal, str, str]:
    """Those for whom most would change come first."""
    return not row.changes, -abs(Decimal(row.difference or 0)), row.full_name, row.nip


def _named(policy: Policy) -> dict[str, Any]:
    return {"policy_id": policy.policy_id, "version": policy.version, "rates": rates_of(policy)}


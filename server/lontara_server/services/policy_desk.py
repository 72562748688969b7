"""Policies as one person at the console sees them: what holds, what another would change for whom, and drift.

Names of people and their figures stay within the viewer's bounds. A policy holds for the whole org: who is bound to a
part of it activates none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from lontara_core.problems import Problem
from lontara_server.performance.policy_wording import PolicyLine, lines_of
from lontara_server.performance.wording import Language
from lontara_server.services.access import Viewer, local_date
from lontara_server.services.paging import Paging, page_of
from lontara_server.services.policies import policies_of
from lontara_server.services.policy_store import Activated, activate, list_activations, list_policies
from lontara_server.services.score_checks import last_check
from lontara_server.services.trial import Trial, try_policy
from lontara_server.storage import people
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection

_CENTS: Final = Decimal("0.01")


@dataclass(frozen=True)
class PolicyPage:
    """One policy: what it says, by the sections of its document; the months that it may be tried on; and whether the
    viewer may let it hold.
    """

    regulation: tuple[str, ...]
    sections: tuple[tuple[str, tuple[PolicyLine, ...]], ...]
    listed: dict[str, Any]
    periods: tuple[str, ...]
    may_activate: bool


@dataclass(frozen=True)
class TrialPage:
    """A trial within the viewer's bounds: a page of those for whom something would change, the largest change first.

    changed, risen, fallen: how many people's result would be another, higher, lower. mean: of the differences of all who
    have both results; None: nobody has. allowances: the rupiah of all whose allowance is known either way, now and then.
    """

    period: str
    active: dict[str, Any] | None
    rows: tuple[Trial, ...]
    paging: Paging
    people: int
    changed: int
    risen: int
    fallen: int
    mean: str | None
    allowances: tuple[str, str] | None


@dataclass(frozen=True)
class DriftPage:
    """What the last nightly verification found of published scores, within the viewer's bounds; None: never run."""

    at: str | None
    rows: tuple[dict[str, Any], ...]


def list_for(connection: Connection, org_id: int, now_ms: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The org's policies, those that hold first, and what was activated."""
    rows = list_policies(connection, org_id, local_date(connection, org_id, now_ms))
    ordered = sorted(rows, key=lambda row: (not row["active"], row["rates"], row["policy_id"], -row["version"]))
    return ordered, list_activations(connection, org_id)


def show_for(
    connection: Connection, org_id: int, viewer: Viewer, policy_id: str, version: int, now_ms: int,
    language: Language,
) -> PolicyPage:  # fmt: skip
    """One policy. Raises Problem not_found."""
    policy = policies_of(connection, org_id).named(policy_id, version)
    rows = list_policies(connection, org_id, local_date(connection, org_id, now_ms))
    listed = next(row for row in rows if (row["policy_id"], row["version"]) == (policy_id, version))
    if listed["rates"] == "month":
        periods = store.stored_periods(connection, org_id)
    else:
        periods = sorted({each.period for each in store.rated_years(connection, org_id)})
    by_section = groupby(lines_of(policy, language), key=lambda each: each.section)
    sections = tuple((name, tuple(lines)) for name, lines in by_section)
    return PolicyPage(policy.regulation, sections, listed, tuple(reversed(periods)), _may_activate(viewer))


def trial_for(
    connection: Connection, org_id: int, viewer: Viewer, policy_id: str, version: int, period: str, now_ms: int, *,
    number: int = 1,
) -> TrialPage:  # fmt: skip
    """What would change for whom, of those whom the viewer sees. Raises Problem not_found, invalid_field, no_policy."""
    tried = try_policy(connection, org_id, policy_id, version, period, now_ms)
    seen = _seen(connection, org_id, viewer, {row.employee_id for row in tried.rows})
    mine = [row for row in tried.rows if row.employee_id in seen]
    changed = [row for row in mine if row.changes]
    shown, paging = page_of(changed, number)
    differences = [Decimal(row.difference) for row in mine if row.difference is not None]
    paid = [
        (Decimal(row.allowance), Decimal(row.tried_allowance))
        for row in mine
        if row.allowance is not None and row.tried_allowance is not None
    ]
    return TrialPage(
        tried.period,
        tried.document()["active"],
        tuple(shown),
        paging,
        len(mine),
        len(changed),
        sum(each > 0 for each in differences),
        sum(each < 0 for each in differences),
        f"{(sum(differences, Decimal(0)) / len(differences)).quantize(_CENTS)}" if differences else None,
        (f"{sum(now for now, _ in paid)}", f"{sum(then for _, then in paid)}") if paid else None,
    )


def activate_for(
    connection: Connection, org_id: int, viewer: Viewer, policy_id: str, version: int, since: str, *, reason: str,
    now_ms: int,
) -> Activated:  # fmt: skip
    """Let a policy hold from a month on. Raises what `policy_store.activate` does, and Problem not_permitted."""
    if not _may_activate(viewer):
        raise Problem(
            "not_permitted",
            "An account that is bound to a unit may not activate a policy of the whole org. Nothing was changed.",
            {"role": viewer.role},
            "Ask an admin.",
        )
    return activate(connection, org_id, policy_id, version, since, reason=reason, by=viewer.login, now_ms=now_ms)


def drift_for(connection: Connection, org_id: int, viewer: Viewer) -> DriftPage:
    """Published scores that what is known now would change, as the last night found them."""
    found = last_check(connection, org_id)
    if found is None:
        return DriftPage(None, ())
    seen = _seen(connection, org_id, viewer, {row["employee_id"] for row in found["drift"]})
    return DriftPage(found["at"], tuple(row for row in found["drift"] if row["employee_id"] in seen))


def _may_activate(viewer: Viewer) -> bool:
    return viewer.may("policy.activate") and viewer.units is None and viewer.people is None


def _seen(connection: Connection, org_id: int, viewer: Viewer, employees: Iterable[str]) -> set[str]:
    placed = people.latest_assignments(connection, org_id)
    return {
        each
        for each in employees
        if viewer.is_own(each) or viewer.sees(each, placed[each].org_unit if each in placed else None)
    }

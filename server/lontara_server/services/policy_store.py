"""The policies of an org as people keep them: imported from a file, listed, shown, and activated from a month on.

A policy is never changed: an edit is a new version. Each function works in the transaction that it is given; how a
policy is read, and which one holds, stands in `policies`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.performance.calendar import days_of
from lontara_server.performance.policy import Policy
from lontara_server.services.policies import (
    OrgPolicies,
    Rates,
    policies_of,
    rates_of,
    read_policy,
    shipped_policies,
)
from lontara_server.services.score_inputs import locked_months
from lontara_server.storage import policies as store
from lontara_server.storage import scores
from lontara_server.storage.engine import Connection
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.policies import ActivationRow, PolicyVersionRow
from lontara_server.storage.scores import PersonMonth

REASON_MAX: Final = 2000
TEXT_MAX: Final = 256 * 1024
_YEAR: Final = re.compile(r"[0-9]{4}\Z")


@dataclass(frozen=True)
class ImportedPolicy:
    """What an import came to. is_new: it was not there before."""

    policy: Policy
    is_new: bool


@dataclass(frozen=True)
class Activated:
    """What an activation came to.

    marked: scores that are computed anew; kept: locked months that keep the policy that they were computed with.
    """

    policy: Policy
    valid_from: str
    marked: int
    kept: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        return {
            "policy_id": self.policy.policy_id,
            "version": self.policy.version,
            "rates": rates_of(self.policy),
            "from": self.valid_from,
            "scores_marked": self.marked,
            "locked_months_kept": list(self.kept),
        }


def list_policies(connection: Connection, org_id: int, today: date) -> list[dict[str, Any]]:
    """Every policy of the org in JSON types; `active` says whether it holds in this month, or this year."""
    policies = policies_of(connection, org_id)
    holding = {policies.of_month(f"{today:%Y-%m}"), policies.of_year(today.year)}
    active = {(each.policy_id, each.version) for each in holding if each is not None}
    shipped = {(each.policy_id, each.version) for each in shipped_policies()}
    return [
        {
            "policy_id": one.policy_id,
            "version": one.version,
            "title": asdict(one.title),
            "rates": rates_of(one),
            "valid_from": one.valid_from.isoformat(),
            "valid_to": one.valid_to.isoformat() if one.valid_to else None,
            "shipped": (one.policy_id, one.version) in shipped,
            "active": (one.policy_id, one.version) in active,
            "activated_from": [
                row.valid_from
                for row in policies.activations
                if (row.policy_id, row.version) == (one.policy_id, one.version)
            ],
        }
        for one in policies.policies
    ]


def list_activations(connection: Connection, org_id: int) -> list[dict[str, Any]]:
    """What was activated, the newest beginning first, in JSON types."""
    return [
        {
            "rates": row.rates, "from": row.valid_from, "policy_id": row.policy_id, "version": row.version,
            "reason": row.reason, "by": row.by, "at": row.at,
        }
        for row in store.activations(connection, org_id)
    ]  # fmt: skip


def policy_content(policy: Policy) -> dict[str, Any]:
    """A policy in JSON types: numbers and dates as texts."""
    content: dict[str, Any] = _plain(asdict(policy))
    return {**content, "rates": rates_of(policy)}


def check_policy(text: str, *, where: str) -> Policy:
    """Read a policy's YAML. Raises Problem policy_mistake, which names the line."""
    if len(text) > TEXT_MAX:
        raise Problem(
            "file_too_large",
            f"{where} is larger than {TEXT_MAX} characters. Nothing was imported.",
            {"byte_limit": TEXT_MAX},
            "A policy is a page or two of YAML.",
        )
    return read_policy(text, where=where)


def import_policy(
    connection: Connection, org_id: int, text: str, *, where: str, by: str, now_ms: int
) -> ImportedPolicy:  # fmt: skip
    """Add a policy to the org's; the same text again changes nothing. It counts only once it is activated.

    Raises Problem policy_mistake; already_exists where this version is there and says something else.
    """
    policy = check_policy(text, where=where)
    known = [
        each
        for each in policies_of(connection, org_id).policies
        if (each.policy_id, each.version) == (policy.policy_id, policy.version)
    ]
    if known == [policy]:
        return ImportedPolicy(policy, is_new=False)
    if known:
        raise Problem(
            "already_exists",
            f"{policy.policy_id} version {policy.version} is there already and says something else. Nothing was changed.",
            {"policy_id": policy.policy_id, "version": policy.version},
            f"Write the next version into the file: version: {_next_version(connection, org_id, policy.policy_id)}.",
        )
    row = PolicyVersionRow(policy.policy_id, policy.version, text, by, now_ms)
    store.add_policy_version(connection, org_id, row)
    add_audit(
        connection, org_id, "policy.import", by=by, now_ms=now_ms, subject=policy.policy_id,
        facts={"version": policy.version},
    )  # fmt: skip
    return ImportedPolicy(policy, is_new=True)


def activate(
    connection: Connection, org_id: int, policy_id: str, version: int, since: str, *, reason: str, by: str, now_ms: int
) -> Activated:
    """Let a policy hold from a month (YYYY-MM), or of a year's rating from a year, on.

    Every stored score that it reaches is computed anew, but for locked months: each of their scores keeps the policy
    that it was computed with. What was to hold from the same month on is replaced; the audit trail keeps both.
    Raises Problem not_found, invalid_field, missing_field, policy_not_valid.
    """
    before = policies_of(connection, org_id)
    policy = before.named(policy_id, version)
    rates = rates_of(policy)
    valid_from = _start(since, rates)
    reason = tidy_text(reason)
    if not 1 <= len(reason) <= REASON_MAX:
        raise Problem(
            "missing_field",
            "An activation needs a reason. Nothing was changed.",
            {"field": "reason"},
            "Say why this policy holds from then on, for example the decree's number.",
        )
    _check_valid(policy, valid_from)
    row = ActivationRow(rates, valid_from, policy_id, version, reason, by, now_ms)
    store.put_activation(connection, org_id, row)
    after = policies_of(connection, org_id)
    marked, kept = _touched(connection, org_id, rates, before, after)
    scores.mark_dirty(connection, org_id, marked, now_ms)
    done = Activated(policy, valid_from, len(marked), tuple(kept))
    add_audit(
        connection, org_id, "policy.activate", by=by, now_ms=now_ms, subject=policy_id,
        facts={**done.document(), "reason": reason},
    )  # fmt: skip
    return done


def _touched(
    connection: Connection, org_id: int, rates: Rates, before: OrgPolicies, after: OrgPolicies
) -> tuple[list[PersonMonth], list[str]]:
    """The stored scores whose policy is another now, and the locked months among theirs, which keep theirs."""
    if rates == "year":
        rated = scores.rated_years(connection, org_id)
        years = {int(each.period) for each in rated}
        changed = {f"{year:04}" for year in years if before.of_year(year) != after.of_year(year)}
        return [each for each in rated if each.period in changed], []
    periods = scores.stored_periods(connection, org_id)
    other = {each for each in periods if before.of_month(each) != after.of_month(each)}
    locked = locked_months(connection, org_id)
    return scores.stored_months(connection, org_id, other - locked), sorted(other & locked)


def _start(since: str, rates: Rates) -> str:
    """The month from which a policy is to hold; a year stands for its first month."""
    month = f"{since}-01" if rates == "year" and _YEAR.match(since) else since
    try:
        days_of(month)
    except ValueError:
        raise Problem(
            "invalid_field",
            f"{since!r} is not a month. Nothing was changed.",
            {"field": "from", "value": since},
            "Write the month as YYYY-MM, for example 2026-10.",
        ) from None
    if rates == "year" and not month.endswith("-01"):
        raise Problem(
            "invalid_field",
            f"A year's policy holds from a year on, not from {since}. Nothing was changed.",
            {"field": "from", "value": since},
            f"Write the year: {since[:4]}.",
        )
    return month


def _check_valid(policy: Policy, valid_from: str) -> None:
    # A year is rated by the policy of its last day.
    day = days_of(valid_from)[0] if rates_of(policy) == "month" else date(int(valid_from[:4]), 12, 31)
    if not policy.is_valid_on(day):
        until = f" to {policy.valid_to}" if policy.valid_to else ""
        raise Problem(
            "policy_not_valid",
            f"{policy.policy_id} version {policy.version} holds from {policy.valid_from}{until}, "
            f"not on {day}. Nothing was changed.",
            {"policy_id": policy.policy_id, "version": policy.version, "day": day.isoformat()},
            "Choose a month within its validity, or import a version that holds then.",
        )


def _next_version(connection: Connection, org_id: int, policy_id: str) -> int:
    policies = policies_of(connection, org_id).policies
    return max(each.version for each in policies if each.policy_id == policy_id) + 1


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, str | bool | int | None):
        return value
    if isinstance(value, Decimal | date):
        return str(value)
    assert isinstance(value, Iterable), "a policy is made of texts, numbers, dates and lists of them"
    return [_plain(each) for each in value]

"""Policies: read and checked, with the line of a mistake, and which of them holds for an org's month or year.

No number of a policy lives here. Importing and activating are in `policy_store`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias

import yaml

from lontara_core.problems import Problem
from lontara_server.performance.calendar import days_of
from lontara_server.performance.policy import MonthPolicy, Policy, PolicyMistake, YearPolicy, parse_policy
from lontara_server.storage import policies as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.policies import ActivationRow

Rates: TypeAlias = Literal["month", "year"]
# What an org is scored and rated with until it activates another.
DEFAULT_POLICY_IDS: Final[Mapping[Rates, str]] = {"month": "generic-60-40", "year": "permenpanrb-6-2022"}


class PolicyLoader(yaml.SafeLoader):
    """Reads dates as texts, so that a day that no calendar has is told with its key; refuses a key that stands twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and shape are the library's
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {name} stands there twice", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


@cache
def shipped_policies() -> tuple[Policy, ...]:
    """Return every policy that ships, by id and version. Read once: what ships does not change under a running server."""
    folder = files("lontara_schema").joinpath("policies")
    found = [
        read_policy(entry.read_text(encoding="utf-8"), where=entry.name)
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    ]
    return tuple(sorted(found, key=lambda policy: (policy.policy_id, policy.version)))


@dataclass(frozen=True)
class OrgPolicies:
    """The policies that an org can use, by id and version, and from when on which holds."""

    policies: tuple[Policy, ...]
    activations: tuple[ActivationRow, ...]

    def named(self, policy_id: str, version: int | None = None) -> Policy:
        """Return a policy, the newest version where none is named. Raises Problem not_found."""
        found = [each for each in self.policies if each.policy_id == policy_id and version in (None, each.version)]
        if not found:
            raise Problem(
                "not_found",
                f"There is no policy {policy_id}" + (f" version {version}." if version else "."),
                {"policy_id": policy_id, "version": version},
                "`lontara-server policy list` shows the policies.",
            )
        return found[-1]

    def of_month(self, period: str) -> MonthPolicy | None:
        """Return the policy of a month: the last one activated that holds on its first day, else the default."""
        policy = self._active("month", period, days_of(period)[0])
        assert policy is None or isinstance(policy, MonthPolicy)
        return policy

    def of_year(self, year: int) -> YearPolicy | None:
        """Return the policy of a year's rating: the last one activated that holds on its last day, else the default."""
        policy = self._active("year", f"{year:04}-12", date(year, 12, 31))
        assert policy is None or isinstance(policy, YearPolicy)
        return policy

    def _active(self, rates: Rates, period: str, day: date) -> Policy | None:
        """A policy whose own validity has ended leaves the month to the one that was activated before it."""
        for row in sorted(self.activations, key=lambda each: each.valid_from, reverse=True):
            if row.rates == rates and row.valid_from <= period:
                policy = self.named(row.policy_id, row.version)
                if policy.is_valid_on(day):
                    return policy
        shipped = [each for each in shipped_policies() if rates_of(each) == rates and each.is_valid_on(day)]
        default = [each for each in shipped if each.policy_id == DEFAULT_POLICY_IDS[rates]]
        # A year before the default's law is rated by the one that held then; a month never by a region's own.
        found = default or (shipped if rates == "year" else [])
        return found[-1] if found else None


def policies_of(connection: Connection, org_id: int) -> OrgPolicies:
    """Return the policies of an org: those that ship, and those that it has imported."""
    imported = [
        _policy_of_text(row.document, f"{row.policy_id} version {row.version}")
        for row in store.policy_versions(connection, org_id)
    ]
    every = sorted([*shipped_policies(), *imported], key=lambda policy: (policy.policy_id, policy.version))
    return OrgPolicies(tuple(every), tuple(store.activations(connection, org_id)))


def policy_for(connection: Connection, org_id: int, period: str) -> MonthPolicy:
    """Return the policy of an org's month. Raises Problem no_policy."""
    policy = policies_of(connection, org_id).of_month(period)
    if policy is None:
        raise no_policy(period)
    return policy


def year_policy_for(connection: Connection, org_id: int, year: int) -> YearPolicy:
    """Return the policy of an org's year. Raises Problem no_policy."""
    policy = policies_of(connection, org_id).of_year(year)
    if policy is None:
        raise no_policy(str(year))
    return policy


def no_policy(period: str) -> Problem:
    """No policy holds in this month or year."""
    return Problem(
        "no_policy",
        f"No policy holds in {period}. Nothing was changed.",
        {"period": period},
        "`lontara-server policy list` shows from when to when each policy holds.",
    )


def rates_of(policy: Policy) -> Rates:
    """Return what a policy rates."""
    return "month" if isinstance(policy, MonthPolicy) else "year"


@lru_cache(maxsize=64)
def _policy_of_text(text: str, where: str) -> Policy:
    return read_policy(text, where=where)


def read_policy(text: str, *, where: str) -> Policy:
    """Return the policy that a YAML text describes.

    where: how a message names the text, for example its file name.
    Raises Problem policy_mistake, which names the line.
    """
    try:
        document = yaml.load(text, Loader=PolicyLoader)  # noqa: S506 - a safe loader, and stricter
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise _mistake(where, line, "", f"is not YAML: {getattr(error, 'problem', None) or error}") from None
    try:
        return parse_policy(document, where=where)
    except PolicyMistake as mistake:
        line = line_of(text, mistake.key_path)
        key = ".".join(str(part) for part in mistake.key_path)
        raise _mistake(where, line, key, mistake.message) from None


def line_of(text: str, key_path: tuple[str | int, ...]) -> int:
    """Return the line, from 1, of a key; of the nearest thing around it where the key is missing."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for part in key_path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(part)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _mistake(where: str, line: int, key: str, message: str) -> Problem:
    place = f"{where}, line {line}"
    return Problem(
        "policy_mistake",
        f"{place}: {key + ' ' if key else ''}{message}. Stored scores are as they were.",
        {"where": where, "line": line, "key": key},
        f"Mend line {line} and try again.",
    )

"""Policies that ship with the product: found, read and checked, with the line of a mistake. No number of one lives here."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from lontara_core.problems import Problem
from lontara_server.performance.calendar import days_of
from lontara_server.performance.policy import MonthPolicy, Policy, PolicyMistake, parse_policy

# What an org is scored with until it activates another.
DEFAULT_POLICY_ID = "generic-60-40"


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


def policy_named(policy_id: str, version: int | None = None) -> Policy:
    """Return a policy, the newest version where none is named. Raises Problem not_found."""
    found = [
        policy for policy in shipped_policies() if policy.policy_id == policy_id and version in (None, policy.version)
    ]
    if not found:
        raise Problem(
            "not_found",
            f"There is no policy {policy_id}" + (f" version {version}." if version else "."),
            {"policy_id": policy_id, "version": version},
            "`lontara-server policy list` shows the policies.",
        )
    return found[-1]


def policy_for(period: str) -> MonthPolicy:
    """Return the policy of a month: the newest version that holds on its first day. Raises Problem no_policy."""
    first_day = days_of(period)[0]
    valid = [
        policy
        for policy in shipped_policies()
        if isinstance(policy, MonthPolicy) and policy.policy_id == DEFAULT_POLICY_ID and policy.is_valid_on(first_day)
    ]
    if not valid:
        raise Problem(
            "no_policy",
            f"No version of the policy {DEFAULT_POLICY_ID} holds on {first_day}. Nothing was changed.",
            {"policy_id": DEFAULT_POLICY_ID, "period": period},
            "`lontara-server policy list` shows from when to when each policy holds.",
        )
    return valid[-1]


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

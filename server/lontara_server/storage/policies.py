"""Statements for policies: those that an org has imported, and from when on which holds. No rule lives here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select, update

from lontara_server.storage.engine import Connection
from lontara_server.storage.models import PolicyActivation, PolicyVersion
from lontara_server.storage.prepared import Prepared


@dataclass(frozen=True)
class PolicyVersionRow:
    """A policy that an org has imported; `document` is its YAML as it was read."""

    policy_id: str
    version: int
    document: str
    by: str
    at: int


@dataclass(frozen=True)
class ActivationRow:
    """From which month on ("YYYY-MM") a policy holds, for what it rates: `month` or `year`."""

    rates: str
    valid_from: str
    policy_id: str
    version: int
    reason: str | None
    by: str
    at: int


_versions = Prepared(
    select(
        PolicyVersion.policy_id, PolicyVersion.version, PolicyVersion.document, PolicyVersion.by, PolicyVersion.at
    ).where(PolicyVersion.org_id == bindparam("org"))
)
_activations = Prepared(
    select(
        PolicyActivation.rates,
        PolicyActivation.valid_from,
        PolicyActivation.policy_id,
        PolicyActivation.version,
        PolicyActivation.reason,
        PolicyActivation.by,
        PolicyActivation.at,
    ).where(PolicyActivation.org_id == bindparam("org"))
)


def policy_versions(connection: Connection, org_id: int) -> list[PolicyVersionRow]:
    """Return the policies that the org has imported, by id and version."""
    return sorted(
        (PolicyVersionRow(*row) for row in _versions.rows(connection, org=org_id)),
        key=lambda each: (each.policy_id, each.version),
    )


def add_policy_version(connection: Connection, org_id: int, row: PolicyVersionRow) -> None:
    """Write a policy that is not there yet."""
    connection.execute(insert(PolicyVersion).values(org_id=org_id, **vars(row)))


def activations(connection: Connection, org_id: int) -> list[ActivationRow]:
    """Return what was activated, the newest beginning first."""
    rows = (ActivationRow(*row) for row in _activations.rows(connection, org=org_id))
    return sorted(rows, key=lambda each: (each.valid_from, each.rates), reverse=True)


def put_activation(connection: Connection, org_id: int, row: ActivationRow) -> None:
    """Write from when on a policy holds, in the place of what was to hold from the same month on."""
    changed = connection.execute(
        update(PolicyActivation)
        .where(
            PolicyActivation.org_id == org_id,
            PolicyActivation.rates == row.rates,
            PolicyActivation.valid_from == row.valid_from,
        )
        .values(policy_id=row.policy_id, version=row.version, reason=row.reason, by=row.by, at=row.at)
    )
    if changed.rowcount == 0:
        connection.execute(insert(PolicyActivation).values(org_id=org_id, **vars(row)))

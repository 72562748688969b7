"""Why a score is what it is and not what it was: each figure that it has had, with what changed; and which devices are
still to be heard. In words, for a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.wording import Language, detail, figure, label
from lontara_server.services import scores
from lontara_server.storage import devices
from lontara_server.storage.engine import Connection


@dataclass(frozen=True)
class Change:
    """One row of the score that changed: what it is, its figure before and after; None: there was or is no such row."""

    label: str
    before: str | None
    after: str | None
    detail: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure that a score has had, with what changed from the one before. The first changed nothing."""

    value: str | None
    computed_at: str
    policy: str
    policy_changed: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class DeviceTold:
    """A device of the person that still holds entries, or has not been heard since the month's end."""

    name: str
    last_seen_at: int | None
    unsent: int


def figures_of(connection: Connection, org_id: int, nip: str, period: str, language: Language) -> tuple[Figure, ...]:
    """Each figure of a stored score, the newest first. Raises Problem invalid_field, not_found."""
    rows = scores.history(connection, org_id, nip, period)
    former: Sequence[Mapping[str, Any] | None] = [*rows[1:], None]
    return tuple(_figure(row, before, language) for row, before in zip(rows, former, strict=True))


def devices_told(connection: Connection, org_id: int, employee: str, since_ms: int) -> tuple[DeviceTold, ...]:
    """The person's active devices that hold something, or have not been heard since then; by name."""
    return tuple(
        DeviceTold(row.name, row.last_seen_at, row.unsent_reported)
        for row in devices.devices_of(connection, org_id)
        if row.employee_id == employee
        and row.state == "active"
        and (row.unsent_reported or (row.last_seen_at or 0) < since_ms)
    )


def _figure(row: Mapping[str, Any], before: Mapping[str, Any] | None, language: Language) -> Figure:
    policy = f"{row['policy']['policy_id']} {row['policy']['version']}"
    if before is None:
        return Figure(row["value"], row["computed_at"], policy, policy_changed=False, changes=())
    now, then = _rows(row, language), _rows(before, language)
    names = [*now, *(name for name in then if name not in now)]
    changes = [
        Change(name, _said(then.get(name), language), _said(now.get(name), language), _detail(now.get(name), language))
        for name in names
        if _said(then.get(name), language) != _said(now.get(name), language)
    ]
    return Figure(
        row["value"], row["computed_at"], policy, policy_changed=row["policy"] != before["policy"], changes=tuple(changes)
    )


def _rows(row: Mapping[str, Any], language: Language) -> dict[str, Node]:
    """The rows that add up to the score, and what it comes to in rupiah, by what they are called."""
    nodes = list(node_from_document(row["explanation"]).children)
    if row.get("allowance") is not None:
        nodes.append(node_from_document(row["allowance"]["explanation"]))
    return {label(node, language): node for node in nodes}


def _said(node: Node | None, language: Language) -> str | None:
    return None if node is None else figure(node, language)


def _detail(node: Node | None, language: Language) -> str:
    is_told = node is not None and node.code == "objection_correction"
    return detail(node, language) if node is not None and is_told else ""

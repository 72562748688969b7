"""Scores as one person at the console or its API sees them: within their bounds, with names and words.

Computing and storing live in `scores`, the words of an explanation's rows in `performance.wording`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lontara_core.problems import Problem
from lontara_server.performance.calendar import days_of
from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.wording import Language, detail, figure, label, reason_sentence
from lontara_server.services import scores
from lontara_server.services.access import Viewer
from lontara_server.storage import people
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import AssignmentRow, EmployeeRow


@dataclass(frozen=True)
class TreeRow:
    """One row of an explanation in words; `entries` are the ids that it speaks of itself."""

    code: str
    label: str
    detail: str
    figure: str
    children: tuple[TreeRow, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True)
class ShownScore:
    """A person's score of one month: its document, and the explanation and reasons in words."""

    document: Mapping[str, Any]
    full_name: str
    tree: TreeRow
    reasons: tuple[str, ...]
    other_periods: tuple[str, ...]


def list_for(connection: Connection, org_id: int, viewer: Viewer, *, period: str | None = None) -> list[dict[str, Any]]:
    """The stored scores that the viewer may see, without explanations; by month, the newest first, and name."""
    if period is not None:
        check_period(period)
    placed = people.latest_assignments(connection, org_id)
    waiting = store.dirty_months(connection, org_id)
    rows = [
        row
        for row in store.all_scores(connection, org_id)
        if (period is None or row.period == period) and _sees(viewer, row.employee, placed.get(row.employee))
    ]
    named = people.employees_by_id(connection, org_id, {row.employee for row in rows})
    listed = [
        {
            "nip": named[row.employee].nip,
            "full_name": named[row.employee].full_name,
            "period": row.period,
            "value": row.value,
            "rating": row.rating,
            "provisional": row.provisional,
            "policy": {"policy_id": row.policy_id, "version": row.policy_version},
            **_told(row.document),
            "recompute_waiting": store.PersonMonth(row.employee, row.period) in waiting,
        }
        for row in rows
    ]
    by_name = sorted(listed, key=lambda each: (str(each["full_name"]), str(each["nip"])))
    return sorted(by_name, key=lambda each: str(each["period"]), reverse=True)


def document_for(connection: Connection, org_id: int, viewer: Viewer, nip: str, period: str) -> dict[str, Any]:
    """One score with its explanation. Raises Problem not_found, also for whom they may not see."""
    employee = _theirs(connection, org_id, viewer, nip, period)
    return {**scores.show(connection, org_id, nip, period), "full_name": employee.full_name}


def show_for(
    connection: Connection, org_id: int, viewer: Viewer, nip: str, period: str, language: Language
) -> ShownScore:
    """One score in words. Raises Problem not_found, also for whom they may not see."""
    employee = _theirs(connection, org_id, viewer, nip, period)
    document = scores.show(connection, org_id, nip, period)
    others = {row.period for row in store.all_scores(connection, org_id) if row.employee == employee.id} - {period}
    return ShownScore(
        document,
        employee.full_name,
        _in_words(node_from_document(document["explanation"]), language),
        tuple(reason_sentence(code, language) for code in document["reasons"]),
        tuple(sorted(others, reverse=True)),
    )


def check_period(period: str) -> None:
    """Raise Problem invalid_field unless this is a month."""
    try:
        days_of(period)
    except ValueError:
        raise Problem(
            "invalid_field",
            f"{period!r} is not a period. Nothing was changed.",
            {"field": "period", "value": period},
            "Write the month as YYYY-MM, for example 2026-10.",
        ) from None


def _theirs(connection: Connection, org_id: int, viewer: Viewer, nip: str, period: str) -> EmployeeRow:
    check_period(period)
    employee = people.employee_of_nip(connection, org_id, nip) if nip.isascii() and nip.isdecimal() else None
    placed = people.latest_assignments(connection, org_id)
    if employee is None or not _sees(viewer, employee.id, placed.get(employee.id)):
        raise Problem("not_found", f"Nobody here has the NIP {nip}. Nothing was changed.", {"nip": nip}, "Check it.")
    return employee


def _sees(viewer: Viewer, employee: str, placement: AssignmentRow | None) -> bool:
    return viewer.is_own(employee) or viewer.sees(employee, None if placement is None else placement.org_unit)


def _told(document: str) -> dict[str, Any]:
    held = json.loads(document)
    return {"coverage": held["coverage"], "reasons": held["reasons"]}


def _in_words(node: Node, language: Language) -> TreeRow:
    return TreeRow(
        node.code,
        label(node, language),
        detail(node, language),
        figure(node, language),
        tuple(_in_words(child, language) for child in node.children),
        node.entry_ids,
    )

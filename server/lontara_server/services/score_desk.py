"""Scores as one person at the console or its API sees them: within their bounds, with names and words.

Computing and storing live in `scores`, the words of an explanation's rows in `performance.wording`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lontara_core.canonical import tidy_text
from lontara_core.problems import Problem
from lontara_server.performance.calendar import days_of
from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.performance.policy_document import Title
from lontara_server.performance.policy_wording import PolicyLine, line_at, lines_of
from lontara_server.performance.wording import (
    LESS_THAN_SHOWN,
    NO_VALUE,
    Language,
    detail,
    figure,
    label,
    reason_sentence,
)
from lontara_server.services import scores
from lontara_server.services.access import Viewer
from lontara_server.services.paging import Paging, page_of
from lontara_server.services.policies import policies_of
from lontara_server.services.score_feed import Summary, read_summary
from lontara_server.storage import operations, people
from lontara_server.storage import scores as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.people import AssignmentRow, EmployeeRow
from lontara_server.storage.scores import PersonMonth, ScoreHead

_UNCOUNTED: Final = ("submitted", "needs_revision", "rejected")


@dataclass(frozen=True)
class TreeRow:
    """One row of an explanation in words; `entries` and `days` are those that it speaks of itself.

    policy: the line of the policy that its figure rests on; None where there is none.
    """

    code: str
    label: str
    detail: str
    figure: str
    children: tuple[TreeRow, ...]
    entries: tuple[str, ...]
    days: tuple[str, ...] = ()
    policy: PolicyLine | None = None
    # Whether there is a figure, and one that two places can show.
    has_figure: bool = False


@dataclass(frozen=True)
class ShownScore:
    """A person's score of one month: its document, and the explanation and reasons in words.

    uncounted: how many of the month's entries stand in a state of review in which they do not count.
    allowance: what the score comes to in rupiah (TPP); None where no base is known.
    titles: what was done, for the entries that have a row of their own.
    policy_title: what the policy is called that the score was computed with.
    """

    document: Mapping[str, Any]
    full_name: str
    tree: TreeRow
    reasons: tuple[str, ...]
    other_periods: tuple[str, ...]
    uncounted: Mapping[str, int] = field(default_factory=dict)
    allowance: TreeRow | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    employee_id: str = ""
    policy_title: Title | None = None


@dataclass(frozen=True)
class ScoreList:
    """The scores of one month, by name: a page of them; and the months that there are, the newest first."""

    rows: tuple[Mapping[str, Any], ...]
    paging: Paging
    period: str
    periods: tuple[str, ...]


def list_for(connection: Connection, org_id: int, viewer: Viewer, *, period: str | None = None) -> list[dict[str, Any]]:
    """The stored scores that the viewer may see, without explanations; by month, the newest first, and name."""
    if period is not None:
        check_period(period)
    placed = people.latest_assignments(connection, org_id)
    waiting = store.dirty_months(connection, org_id)
    rows = [
        row
        for row in store.all_scores(connection, org_id, period)
        if _sees(viewer, row.employee, placed.get(row.employee))
    ]
    named = people.employees_by_id(connection, org_id, {row.employee for row in rows})
    listed = [_listed(connection, org_id, row, named[row.employee], waiting) for row in rows]
    by_name = sorted(listed, key=lambda each: (str(each["full_name"]), str(each["nip"])))
    return sorted(by_name, key=lambda each: str(each["period"]), reverse=True)


def month_for(
    connection: Connection, org_id: int, viewer: Viewer, asked: str | None, today: str, *, search: str = "",
    number: int = 1,
) -> ScoreList:  # fmt: skip
    """A page of the scores of a month that the viewer may see; where no month is asked for, of the newest that has begun.

    search: a part of the name or the NIP. today: the date at the org, ISO.
    """
    placed = people.latest_assignments(connection, org_id)
    periods = _periods_for(connection, org_id, viewer, placed)
    begun = [each for each in periods if each <= today] or periods
    period = asked or (begun[0] if begun else "")
    heads = [
        row
        for row in (store.all_scores(connection, org_id, period) if period else ())
        if _sees(viewer, row.employee, placed.get(row.employee))
    ]
    named = people.employees_by_id(connection, org_id, {row.employee for row in heads})
    words = tidy_text(search).casefold()
    found = [
        row
        for row in sorted(heads, key=lambda each: (named[each.employee].full_name, named[each.employee].nip))
        if words in named[row.employee].full_name.casefold() or words in named[row.employee].nip
    ]
    shown, paging = page_of(found, number)
    waiting = store.dirty_months(connection, org_id)
    rows = tuple(_listed(connection, org_id, row, named[row.employee], waiting) for row in shown)
    return ScoreList(rows, paging, period, tuple(periods))


def _periods_for(
    connection: Connection, org_id: int, viewer: Viewer, placed: Mapping[str, AssignmentRow]
) -> list[str]:
    """The months of which the viewer may see a score, the newest first."""
    if viewer.units is None and viewer.people is None:
        return store.stored_periods(connection, org_id)[::-1]
    seen = {*placed, *(viewer.people or ()), *([viewer.employee] if viewer.employee else ())}
    mine = [each for each in seen if _sees(viewer, each, placed.get(each))]
    return sorted({each.period for each in store.scored_months(connection, org_id, mine)}, reverse=True)


def _listed(
    connection: Connection, org_id: int, row: ScoreHead, employee: EmployeeRow, waiting: Container[PersonMonth]
) -> dict[str, Any]:
    return {
        "nip": employee.nip,
        "full_name": employee.full_name,
        "period": row.period,
        "value": row.value,
        "rating": row.rating,
        "provisional": row.provisional,
        "policy": {"policy_id": row.policy_id, "version": row.policy_version},
        **_told(read_summary(connection, org_id, row)),
        "recompute_waiting": PersonMonth(row.employee, row.period) in waiting,
    }


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
    named = document["policy"]
    policy = policies_of(connection, org_id).named(named["policy_id"], named["version"])
    lines = lines_of(policy, language)
    tree = _in_words(node_from_document(document["explanation"]), language, lines)
    others = {row.period for row in store.scores_of(connection, org_id, employee.id)} - {period}
    return ShownScore(
        document,
        employee.full_name,
        tree,
        tuple(reason_sentence(code, language) for code in document["reasons"]),
        tuple(sorted(others, reverse=True)),
        _uncounted(connection, org_id, employee.id, period),
        None
        if document["allowance"] is None
        else _in_words(node_from_document(document["allowance"]["explanation"]), language, lines),
        operations.titles_of(connection, org_id, set(_single_entries(tree))),
        employee.id,
        policy.title,
    )


def _single_entries(row: TreeRow) -> Iterator[str]:
    """The entries that have a row of their own."""
    if len(row.entries) == 1:
        yield row.entries[0]
    for child in row.children:
        yield from _single_entries(child)


def _uncounted(connection: Connection, org_id: int, employee: str, period: str) -> dict[str, int]:
    counts = operations.review_counts(connection, org_id, period, operations.Bounds(frozenset({employee})))
    return {state: counts[state] for state in _UNCOUNTED if state in counts}


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


def _told(summary: Summary) -> dict[str, Any]:
    return {"coverage": summary["coverage"], "reasons": summary["reasons"]}


def _in_words(node: Node, language: Language, lines: Sequence[PolicyLine]) -> TreeRow:
    return TreeRow(
        node.code,
        label(node, language),
        detail(node, language),
        figure(node, language),
        tuple(_in_words(child, language, lines) for child in node.children),
        node.entry_ids,
        node.attendance_days,
        line_at(lines, ".".join(map(str, node.policy_path))) if node.policy_path else None,
        figure(node, language) not in (NO_VALUE[language], LESS_THAN_SHOWN[language]),
    )

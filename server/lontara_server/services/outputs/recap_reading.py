"""What a person's monthly recap is printed from: the stored score, what it was computed from, the entries, who signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lontara_core.problems import Problem
from lontara_server.performance.attendance import AttendanceDay, AttendanceRecap
from lontara_server.performance.explanation import Node, node_from_document
from lontara_server.services.orgs import org_named
from lontara_server.services.outputs.people_of import Placed, Wanted, placed_people
from lontara_server.services.outputs.score_rows import ScoreOfPerson, scored_people
from lontara_server.services.policies import OrgPolicies, policies_of
from lontara_server.services.score_inputs import edges_of, org_month
from lontara_server.services.scores import cases_of
from lontara_server.storage.engine import Connection
from lontara_server.storage.exports import WorkRow, work_between
from lontara_server.storage.orgs import OrgRow, add_audit
from lontara_server.storage.people import EmployeeRow, employees_by_id

# A page is made in the memory of the process: a unit fits, a regency is done unit by unit.
PEOPLE_MAX: Final = 150
_PEOPLE_AT_ONCE: Final = 50


@dataclass(frozen=True)
class Recap:
    """One person's month. approved_minutes: by entry, what the score took of it; an entry that it left out is not there.

    attendance: the days that the score rests on; totals: where only a recap of the month is known.
    """

    placed: Placed
    supervisor: EmployeeRow | None
    is_acting: bool
    score: ScoreOfPerson | None
    tree: Node | None
    approved_minutes: Mapping[str, int]
    entries: tuple[WorkRow, ...]
    attendance: tuple[AttendanceDay, ...]
    totals: AttendanceRecap | None


@dataclass(frozen=True)
class Recaps:
    """The recaps of a month, and what their heads say."""

    org: OrgRow
    period: str
    is_locked: bool
    people: tuple[Recap, ...]
    policies: OrgPolicies


def read_recaps(
    connection: Connection, org_id: int, period: str, wanted: Wanted, *, by: str, now_ms: int
) -> Recaps:
    """Read the recaps of the people meant, and note in the audit trail that they were given out.

    Of a unit those are in it who are active or have something in the month. Raises Problem invalid_field, not_found,
    file_too_large.
    """
    first, last = edges_of(period)
    placed = placed_people(connection, org_id, first, last, wanted)
    month = org_month(connection, org_id, period, now_ms)
    if wanted.nip is None:
        placed = {employee: each for employee, each in placed.items() if each.employee.active}
    if len(placed) > PEOPLE_MAX:
        raise Problem(
            "file_too_large",
            f"{len(placed)} people are more than a file takes, which are {PEOPLE_MAX}. Nothing was written.",
            {"people": len(placed), "limit": PEOPLE_MAX},
            "Choose a smaller unit.",
        )
    policies = policies_of(connection, org_id)
    found: list[Recap] = []
    for part in _parts(placed):
        scores = {each.placed.employee.id: each for each in scored_people(connection, org_id, period, part)}
        inputs = {case.employee_id: case for case, _ in cases_of(connection, month, policies, list(part))}
        entries: dict[str, list[WorkRow]] = {employee: [] for employee in part}
        for row in work_between(connection, org_id, first, last, employees=part, approved=False):
            entries[row.owner].append(row)
        leaders = _leaders(connection, org_id, part)
        for employee, each in part.items():
            case = inputs.get(employee)
            score = scores.get(employee)
            tree = None if score is None else node_from_document(score.document["explanation"])
            leader = None if each.assignment is None else each.assignment.supervisor
            acting = None if each.assignment is None else each.assignment.acting_supervisor
            found.append(
                Recap(
                    each,
                    leaders.get(acting or leader or ""),
                    acting is not None,
                    score,
                    tree,
                    {} if tree is None else approved_minutes(tree),
                    tuple(entries[employee]),
                    () if case is None else case.attendance,
                    None if case is None or case.attendance else case.attendance_recap,
                )
            )
    facts = {**wanted.facts(), "people": len(found)}
    add_audit(connection, org_id, "export.recap", by=by, now_ms=now_ms, subject=period, facts=facts)
    return Recaps(org_named(connection, org_id), period, month.is_locked, tuple(found), policies)


def approved_minutes(tree: Node) -> dict[str, int]:
    """The minutes of each entry that the score takes, before overlaps and caps."""
    found: dict[str, int] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.code.startswith("entry_") and node.unit == "minutes" and node.code != "entry_left_out" and node.entry_ids:
            found[node.entry_ids[0]] = int(node.value or 0)
    return found


def _leaders(connection: Connection, org_id: int, part: Mapping[str, Placed]) -> dict[str, EmployeeRow]:
    ids = {
        leader
        for each in part.values()
        if each.assignment is not None
        for leader in (each.assignment.supervisor, each.assignment.acting_supervisor)
        if leader is not None
    }
    return employees_by_id(connection, org_id, ids)


def _parts(placed: Mapping[str, Placed]) -> Iterator[dict[str, Placed]]:
    employees = list(placed)
    for start in range(0, len(employees), _PEOPLE_AT_ONCE):
        yield {employee: placed[employee] for employee in employees[start : start + _PEOPLE_AT_ONCE]}

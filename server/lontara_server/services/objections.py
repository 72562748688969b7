"""Objections (keberatan) to scores: opened by the person, commented by who supervises, decided by an admin.

An objection changes nothing by itself. One that is upheld computes the month anew: from inputs that were mended, or
with a correction in points; it is the one way in which the published score of a locked month changes. Nobody decides on
their own. Records are written by the server actor and read by the person's devices; `objection_acts` takes what a device
wrote.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from lontara_core.canonical import tidy_text
from lontara_core.identifiers import is_id
from lontara_core.problems import Problem
from lontara_core.record import Record
from lontara_core.record_types import RECORD_TYPES
from lontara_core.typed_fields import figure_typed
from lontara_server.services import scores
from lontara_server.services.assessors import Officer, leads
from lontara_server.services.conflicts import utc
from lontara_server.services.objection_rules import OBJECTION, check_period_begun, open_of, value_of
from lontara_server.services.people import today_in
from lontara_server.services.score_inputs import CORRECTION
from lontara_server.services.server_log import ServerWrites, write
from lontara_server.services.short_ids import full_id
from lontara_server.storage import marks, people
from lontara_server.storage import objections as store
from lontara_server.storage.engine import Connection
from lontara_server.storage.marks import MarkRow
from lontara_server.storage.objections import OPEN, ObjectionRow
from lontara_server.storage.operations import lock_people
from lontara_server.storage.orgs import add_audit
from lontara_server.storage.people import EmployeeRow
from lontara_server.storage.scores import PersonMonth
from lontara_server.storage.server_log import lock_server_actor

STATES: Final = RECORD_TYPES[OBJECTION].fields["state"].choices
Decision: TypeAlias = Literal["upheld", "dismissed"]
TEXT_MAX: Final = 4000
ANSWER_MAX: Final = 2000
_POINTS_MAX: Final = 1000
_PLACES_MAX: Final = 3


def open_objection(
    connection: Connection, org_id: int, employee: EmployeeRow, period: str, text: str, officer: Officer, now_ms: int
) -> str:
    """Object to a month's score: the person, or an admin who writes down what the person has said. Returns the id.

    Raises Problem not_permitted, invalid_field, missing_field, already_exists where one of that month is open.
    """
    said = _text("text", text, TEXT_MAX)
    if not officer.is_admin and officer.employee != employee.id:
        raise _not_permitted("An objection is the person's own, or written down by an admin for them.")
    check_period_begun(period, today_in(connection, org_id, now_ms))
    _lock(connection, org_id, employee.id)
    if open_of(connection, org_id, employee.id, period) is not None:
        raise Problem(
            "already_exists",
            f"An objection to {period} is open already. Nothing was changed.",
            {"period": period, "nip": employee.nip},
            "Wait for its answer, or withdraw it first.",
        )
    writes = ServerWrites(officer.login, now_ms)
    before = value_of(connection, org_id, PersonMonth(employee.id, period))
    fields = {
        "owner": employee.id, "period": period, "text": said, "state": OPEN, "value_before": before,
        "opened_at": now_ms, "opened_by": officer.login,
    }  # fmt: skip
    made = writes.create(OBJECTION, fields, owner=employee.id)
    write(connection, org_id, writes)
    _audit(connection, org_id, "open", officer, now_ms, made, {"period": period, "nip": employee.nip})
    return made


def comment(
    connection: Connection, org_id: int, objection: str, text: str, officer: Officer, now_ms: int
) -> ObjectionRow:  # fmt: skip
    """Say something to an open objection: who supervises the person today, or an admin; nobody to their own.

    Raises Problem not_found, not_permitted, state_not_allowed, missing_field, invalid_field.
    """
    held = _locked(connection, org_id, objection)
    _check_not_own(held, officer)
    day = today_in(connection, org_id, now_ms)
    if not officer.is_admin and not leads(connection, org_id, officer, held.owner, day):
        raise _not_permitted("This is for who supervises the person, or an admin.")
    _check_still_open(held)
    said = _text("text", text, ANSWER_MAX)
    told = [*held.said, {"at": now_ms, "by": officer.login, "text": said}]
    _change(connection, org_id, held, {"comments": told}, {"comments": held.said or None}, officer, now_ms)
    _audit(connection, org_id, "comment", officer, now_ms, held.id, {"period": held.period, "text": said})
    return named(connection, org_id, held.id)


def decide(
    connection: Connection,
    org_id: int,
    objection: str,
    decision: Decision,
    answer: str,
    officer: Officer,
    now_ms: int,
    *,
    correction: str | None = None,
) -> ObjectionRow:
    """Uphold or dismiss an objection, by an admin whose own it is not; the answer is read by the person.

    Upheld with a correction, its points become a row of the score. Upheld without, the month is computed from inputs
    that were mended before; in a locked month, too.
    Raises Problem not_found, not_permitted, state_not_allowed, missing_field, invalid_field, no_policy.
    """
    held = _locked(connection, org_id, objection)
    _check_not_own(held, officer)
    if not officer.is_admin:
        raise _not_permitted("An admin decides on an objection.")
    _check_still_open(held)
    told = _text("answer", answer, ANSWER_MAX)
    points = None if correction is None or not correction.strip() else points_typed(correction)
    if decision == "dismissed" and points is not None:
        raise _invalid("correction", "Only an objection that is upheld corrects a score.")
    month = PersonMonth(held.owner, held.period)
    if decision == "upheld":
        _mend(connection, org_id, month, points, told, officer, now_ms)
    after = value_of(connection, org_id, month)
    wanted = {
        "state": decision, "answer": told, "value_after": after, "correction": points, "decided_at": now_ms,
        "decided_by": officer.login,
    }  # fmt: skip
    _change(connection, org_id, held, wanted, {"state": held.state}, officer, now_ms)
    facts = {"period": held.period, "decision": decision, "value_before": held.value_before, "value_after": after}
    facts |= {"answer": told} | ({} if points is None else {"correction": points})
    _audit(connection, org_id, "decide", officer, now_ms, held.id, facts)
    return named(connection, org_id, held.id)


def withdraw(connection: Connection, org_id: int, objection: str, officer: Officer, now_ms: int) -> ObjectionRow:
    """Take an open objection back: the person, or an admin to whom the person has said so.

    Raises Problem not_found, not_permitted, state_not_allowed.
    """
    held = _locked(connection, org_id, objection)
    if not officer.is_admin and officer.employee != held.owner:
        raise _not_permitted("Only the person takes an objection back, or an admin for them.")
    _check_still_open(held)
    writes = ServerWrites(officer.login, now_ms)
    record = Record(OBJECTION, held.id, held.revision, {"period": held.period, "text": held.text})
    writes.void(record, reason="withdrawn", owner=held.owner)
    wanted = {"state": "withdrawn", "decided_at": now_ms, "decided_by": officer.login}
    was = {"state": held.state, "decided_at": None, "decided_by": None}
    writes.change(OBJECTION, held.id, held.revision + 1, wanted, was, owner=held.owner)
    write(connection, org_id, writes)
    _audit(connection, org_id, "withdraw", officer, now_ms, held.id, {"period": held.period})
    return named(connection, org_id, held.id)


def named(connection: Connection, org_id: int, typed: str) -> ObjectionRow:
    """The objection with this id, or the end or beginning of one. Raises Problem not_found, ambiguous_id."""
    objection = full_id(connection, org_id, "objection", typed)
    found = store.objection_of(connection, org_id, objection) if is_id(objection) else None
    if found is None:
        raise Problem(
            "not_found",
            f"There is no objection {typed}. Nothing was changed.",
            {"objection": typed},
            "`lontara-server objection list` shows them.",
        )
    return found


def listed(connection: Connection, org_id: int, states: Collection[str] = STATES) -> list[dict[str, Any]]:
    """Everybody's objections in these states as JSON types, open ones first and the oldest of them on top."""
    rows = store.objections_in(connection, org_id, states)
    names = people.employees_by_id(connection, org_id, {row.owner for row in rows})
    waiting = [row for row in reversed(rows) if row.state == OPEN]
    return [document(row, names[row.owner]) for row in (*waiting, *(row for row in rows if row.state != OPEN))]


def document(row: ObjectionRow, employee: EmployeeRow) -> dict[str, Any]:
    """An objection in JSON types."""
    plain = ("period", "text", "state", "value_before", "value_after", "correction", "answer", "opened_by", "decided_by")
    return {
        "id": row.id,
        "nip": employee.nip,
        "full_name": employee.full_name,
        **{name: getattr(row, name) for name in plain},
        "opened_by_the_person": row.opened_by == row.owner,
        "opened_at": utc(row.opened_at),
        "decided_at": None if row.decided_at is None else utc(row.decided_at),
        "comments": [{**each, "at": utc(each["at"])} for each in row.said],
        "revision": row.revision,
    }


def points_typed(typed: str) -> str:
    """Points with a sign, as they are kept: `-1.5` of that or of `−1,5`. Raises Problem invalid_field."""
    text = typed.strip().replace("−", "-")
    sign = "-" if text.startswith("-") else ""
    points = figure_typed(text.removeprefix("-").removeprefix("+").strip(), CORRECTION)
    if not 0 < Decimal(points) <= _POINTS_MAX or len(points.partition(".")[2]) > _PLACES_MAX:
        raise _invalid(CORRECTION, f"It is more or fewer points, not 0, at most {_POINTS_MAX}, with at most 3 places.")
    return sign + points


def _mend(
    connection: Connection, org_id: int, month: PersonMonth, points: str | None, why: str, officer: Officer, now_ms: int
) -> None:
    if points is not None:
        known = CORRECTION in marks.marks_of(connection, org_id, month.employee, month.period)
        row = MarkRow(month.employee, month.period, CORRECTION, points, why, officer.login, now_ms)
        marks.put_mark(connection, org_id, row, is_known=known)
    scores.recompute_after_objection(connection, org_id, month, now_ms, inputs_mended=points is None)


def _locked(connection: Connection, org_id: int, typed: str) -> ObjectionRow:
    found = named(connection, org_id, typed)
    _lock(connection, org_id, found.owner)
    return named(connection, org_id, found.id)


def _lock(connection: Connection, org_id: int, owner: str) -> None:
    # In the order of every writer: its log, then people; the org's counter, which a score's feed takes, comes last.
    lock_server_actor(connection, org_id)
    lock_people(connection, org_id, [owner])


def _change(
    connection: Connection, org_id: int, held: ObjectionRow, wanted: dict[str, Any], was: dict[str, Any],
    officer: Officer, now_ms: int,
) -> None:  # fmt: skip
    writes = ServerWrites(officer.login, now_ms)
    former = {name: was.get(name) for name in wanted}
    writes.change(OBJECTION, held.id, held.revision, wanted, former, owner=held.owner)
    write(connection, org_id, writes)


def _audit(
    connection: Connection, org_id: int, act: str, officer: Officer, now_ms: int, subject: str, facts: dict[str, Any]
) -> None:
    add_audit(connection, org_id, f"objection.{act}", by=officer.login, now_ms=now_ms, subject=subject, facts=facts)


def _check_not_own(held: ObjectionRow, officer: Officer) -> None:
    if officer.employee == held.owner:
        raise _not_permitted("Nobody comments or decides on their own objection.")


def _check_still_open(held: ObjectionRow) -> None:
    if held.state != OPEN:
        raise Problem(
            "state_not_allowed",
            f"The objection is {held.state} already. Nothing was changed.",
            {"objection": held.id, "state": held.state},
            "Look at it again; the person may object once more.",
        )


def _text(name: str, typed: str, length_max: int) -> str:
    text = tidy_text(typed)
    if not text:
        raise Problem(
            "missing_field", f"{name} is required. Nothing was changed.", {"field": name}, "Write it and save again."
        )  # fmt: skip
    if len(text) > length_max:
        raise _invalid(name, f"It has at most {length_max} characters.")
    return text


def _not_permitted(why: str) -> Problem:
    return Problem("not_permitted", f"{why} Nothing was changed.", {}, "Ask an admin.")


def _invalid(name: str, why: str) -> Problem:
    return Problem("invalid_field", f"{why} Nothing was changed.", {"field": name}, "Correct it and save again.")

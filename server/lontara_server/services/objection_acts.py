"""What a device's operations do to objections: a person objects to a score of theirs, and may take it back while it is open
(sync_protocol.md §9). Everything else about an objection is the server's to write (`objections`)."""

from __future__ import annotations

from dataclasses import replace

from lontara_core.merge import check_create
from lontara_core.operations import Refused
from lontara_core.problems import Problem
from lontara_core.record import Record
from lontara_core.record_types import RECORD_TYPES
from lontara_server.services.objection_rules import OBJECTION, check_period_begun, open_of, value_of
from lontara_server.services.scene import APPLIED, Outcome, Scene, Step
from lontara_server.storage.objections import OPEN, ObjectionRow
from lontara_server.storage.scores import PersonMonth


def create_objection(scene: Scene, step: Step) -> Outcome:
    """Take a person's objection; a create whose record is there already is a repeat. One of a month is open at a time."""
    operation, owner = step.operation, step.person
    if owner is None:
        raise Refused("not_permitted", "an objection is a person's own")
    known = scene.load_objection(step.record)
    if known is not None:
        if known.owner != owner:
            raise Refused("id_taken", "another person's objection has this id", "id")
        return APPLIED
    check_create(RECORD_TYPES[OBJECTION], operation.fields, "author")
    period = str(operation.fields["period"])
    try:
        check_period_begun(period, scene.today)
    except Problem as problem:
        raise Refused("invalid_field", problem.message, "period") from problem
    connection, org_id = scene.connection, scene.org.org_id
    waiting = (row for row in scene.objections.values() if (row.owner, row.period, row.state) == (owner, period, OPEN))
    if next(waiting, None) is not None or open_of(connection, org_id, owner, period) is not None:
        raise Refused("already_exists", f"an objection to {period} is open already", "period")
    before = value_of(connection, org_id, PersonMonth(owner, period))
    scene.put_objection(
        ObjectionRow(
            id=step.record, revision=1, voided=False, owner=owner, period=period, text=str(operation.fields["text"]),
            state=OPEN, value_before=before, value_after=None, correction=None, answer=None, comments=None,
            opened_at=scene.now_ms, opened_by=owner, decided_at=None, decided_by=None,
        )
    )  # fmt: skip
    return APPLIED


def withdraw_objection(scene: Scene, step: Step) -> Outcome:
    """Take an open objection back: what was decided stays decided."""
    held = scene.load_objection(step.record)
    assert held is not None, "an unknown record is parked before"
    if held.owner != step.person:
        raise Refused("not_permitted", "only the person takes an objection back")
    if held.state == "withdrawn":
        return APPLIED
    if held.state != OPEN:
        raise Refused("state_not_allowed", f"it is {held.state} already", "state")
    gone = replace(
        held, revision=held.revision + 1, voided=True, state="withdrawn", decided_at=scene.now_ms, decided_by=held.owner
    )  # fmt: skip
    scene.put_objection(gone)
    scene.remember(
        step, Record(OBJECTION, held.id, gone.revision), APPLIED.verdict, {"voided": {"now": True, "was": False}}
    )
    return APPLIED

"""Record types as the code knows them. GENERATED from schema/records: do not edit."""

# ruff: noqa: E501

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from lontara_core.record_type import Field, RecordType


class ActionPlanFields(TypedDict, total=False):
    """Fields of action_plan on the wire."""

    owner: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    work_result: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    quarter: Annotated[int, Meta(ge=1, le=4)]
    title: Annotated[str, Meta(min_length=1, max_length=400)]
    target: Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{0,3}[1-9])?\Z")] | None
    unit: Annotated[str, Meta(max_length=60)] | None


class ActivityEntryFields(TypedDict, total=False):
    """Fields of activity_entry on the wire."""

    work_date: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    start_time: Annotated[str, Meta(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z")] | None
    end_time: Annotated[str, Meta(pattern=r"\A([01][0-9]|2[0-3]):[0-5][0-9]\Z")] | None
    duration_minutes: Annotated[int, Meta(ge=1, le=1440)] | None
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    description: Annotated[str, Meta(max_length=4000)] | None
    quantity: Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{0,3}[1-9])?\Z")] | None
    output_unit: Annotated[str, Meta(max_length=60)] | None
    category: Literal["main_duty", "additional_duty", "special_instruction"] | None
    target_id: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    place: Annotated[str, Meta(max_length=200)] | None
    attachments: Annotated[list[Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]], Meta(max_length=20)] | None
    source: Literal["imported"] | None
    source_entered_at: Annotated[int, Meta(ge=0, le=9007199254740991)] | None
    review_state: Literal["submitted", "approved", "needs_revision", "rejected"]
    review_note: Annotated[str, Meta(max_length=2000)] | None
    owner: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    org_unit: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    supervisor: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    position: Annotated[str, Meta(max_length=200)] | None
    captured_at: Annotated[int, Meta(ge=0, le=9007199254740991)]
    recorded_at: Annotated[int, Meta(ge=0, le=9007199254740991)]
    flags: list[str]


class AssignmentFields(TypedDict, total=False):
    """Fields of assignment on the wire."""

    employee: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    org_unit: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    position: Annotated[str, Meta(max_length=200)] | None
    supervisor: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    acting_supervisor: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    valid_from: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    valid_to: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")] | None


class ConflictFields(TypedDict, total=False):
    """Fields of conflict on the wire."""

    kind: Literal["field", "edit_of_reviewed", "review_of_older", "void_against_edit", "overlap", "near_duplicate", "minutes_over", "future", "after_lock", "target_not_own", "outside_attendance", "fork"]
    route: Literal["worker", "supervisor", "admin"]
    state: Literal["open", "assigned", "resolved", "reopened"]
    records: list[Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]]
    clashes: Any
    opened_at: Annotated[int, Meta(ge=0, le=9007199254740991)]
    assignee: Annotated[str, Meta(max_length=120)] | None
    resolution: Any | None
    answers: Any


class EmployeeFields(TypedDict, total=False):
    """Fields of employee on the wire."""

    nip: Annotated[str, Meta(pattern=r"\A[0-9]{18}\Z")]
    full_name: Annotated[str, Meta(min_length=1, max_length=200)]
    active: bool
    grade: Annotated[str, Meta(max_length=20)] | None
    grade_since: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")] | None
    echelon: Annotated[str, Meta(max_length=20)] | None


class IndicatorFields(TypedDict, total=False):
    """Fields of indicator on the wire."""

    owner: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    work_result: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    title: Annotated[str, Meta(min_length=1, max_length=400)]
    aspect: Literal["quantity", "quality", "time", "cost"]
    target: Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{0,3}[1-9])?\Z")]
    unit: Annotated[str, Meta(min_length=1, max_length=60)]
    direction: Literal["higher", "lower"]
    cap: Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{0,3}[1-9])?\Z")] | None
    realisation: Annotated[str, Meta(pattern=r"\A(0|[1-9][0-9]{0,11})(\.[0-9]{0,3}[1-9])?\Z")] | None


class ObjectionFields(TypedDict, total=False):
    """Fields of objection on the wire."""

    owner: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    period: Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    state: Literal["open", "upheld", "dismissed", "withdrawn"]
    value_before: Annotated[str, Meta(max_length=12)] | None
    value_after: Annotated[str, Meta(max_length=12)] | None
    correction: Annotated[str, Meta(max_length=12)] | None
    answer: Annotated[str, Meta(max_length=2000)] | None
    comments: Any | None
    opened_at: Annotated[int, Meta(ge=0, le=9007199254740991)]
    opened_by: Annotated[str, Meta(max_length=80)]
    decided_at: Annotated[int, Meta(ge=0, le=9007199254740991)] | None
    decided_by: Annotated[str, Meta(max_length=80)] | None


class OrgUnitFields(TypedDict, total=False):
    """Fields of org_unit on the wire."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    parent: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None


class PerformancePlanFields(TypedDict, total=False):
    """Fields of performance_plan on the wire."""

    owner: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    year: Annotated[int, Meta(ge=2000, le=2200)]
    valid_from: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    valid_to: Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
    assessor: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    state: Literal["draft", "submitted", "approved", "revision", "final"]


class PeriodFields(TypedDict, total=False):
    """Fields of period on the wire."""

    month: Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
    state: Literal["open", "locked"]
    locked_at: Annotated[int, Meta(ge=0, le=9007199254740991)] | None


class ReviewFields(TypedDict, total=False):
    """Fields of review on the wire."""

    entry_id: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    verdict: Literal["approved", "needs_revision", "rejected", "submitted"]
    note: Annotated[str, Meta(max_length=2000)] | None
    judged_revision: Annotated[int, Meta(ge=1, le=9007199254740991)]
    judged_hash: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    reviewer: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    held: bool


class ScoreFields(TypedDict, total=False):
    """Fields of score on the wire."""

    owner: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    period: Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
    value: Annotated[str, Meta(max_length=12)] | None
    rating: Annotated[str, Meta(max_length=20)] | None
    rating_id: Annotated[str, Meta(max_length=60)] | None
    rating_en: Annotated[str, Meta(max_length=60)] | None
    provisional: bool
    reasons: list[str]
    coverage_percent: Annotated[str, Meta(max_length=12)] | None
    policy_id: Annotated[str, Meta(max_length=60)]
    policy_version: Annotated[int, Meta(ge=1, le=9007199254740991)]
    computed_at: Annotated[int, Meta(ge=0, le=9007199254740991)]


class WorkResultPlanFields(TypedDict, total=False):
    """Fields of work_result_plan on the wire."""

    owner: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
    year: Annotated[int, Meta(ge=2000, le=2200)]
    title: Annotated[str, Meta(min_length=1, max_length=400)]
    kind: Literal["main", "additional"]
    state: Literal["draft", "submitted", "approved", "revision", "final"]
    plan: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None
    supports: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")] | None


RECORD_TYPES: dict[str, RecordType] = {
    "action_plan": RecordType(
        name="action_plan",
        fields={
            "owner": Field("owner", "id", "immutable", required=True),
            "work_result": Field("work_result", "id", "immutable", required=True),
            "quarter": Field("quarter", "integer", "immutable", required=True),
            "title": Field("title", "text", "server_order", required=True),
            "target": Field("target", "decimal", "server_order", nullable=True),
            "unit": Field("unit", "text", "server_order", nullable=True),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="void",
    ),
    "activity_entry": RecordType(
        name="activity_entry",
        fields={
            "work_date": Field("work_date", "date", "manual", group="when", required=True),
            "start_time": Field("start_time", "time", "manual", group="when", nullable=True),
            "end_time": Field("end_time", "time", "manual", group="when", nullable=True),
            "duration_minutes": Field("duration_minutes", "integer", "manual", group="when", nullable=True),
            "title": Field("title", "text", "manual", required=True),
            "description": Field("description", "text", "manual", nullable=True),
            "quantity": Field("quantity", "decimal", "manual", group="output", nullable=True),
            "output_unit": Field("output_unit", "text", "manual", group="output", nullable=True),
            "category": Field("category", "choice", "manual", nullable=True, choices=("main_duty", "additional_duty", "special_instruction")),
            "target_id": Field("target_id", "id", "manual", nullable=True),
            "place": Field("place", "text", "latest", nullable=True),
            "attachments": Field("attachments", "references", "union", nullable=True),
            "source": Field("source", "choice", "immutable", nullable=True, choices=("imported",)),
            "source_entered_at": Field("source_entered_at", "instant", "immutable", nullable=True),
            "review_state": Field("review_state", "choice", "state", choices=("submitted", "approved", "needs_revision", "rejected")),
            "review_note": Field("review_note", "text", "server_only", nullable=True),
            "owner": Field("owner", "id", "server_only"),
            "org_unit": Field("org_unit", "id", "server_only", nullable=True),
            "supervisor": Field("supervisor", "id", "server_only", nullable=True),
            "position": Field("position", "text", "server_only", nullable=True),
            "captured_at": Field("captured_at", "instant", "server_only"),
            "recorded_at": Field("recorded_at", "instant", "server_only"),
            "flags": Field("flags", "flags", "server_only"),
        },
        groups={"when": ("work_date", "start_time", "end_time", "duration_minutes"), "output": ("quantity", "output_unit")},
        written_by=frozenset({"owner", "server", "supervisor"}),
        delete="void",
        transitions={
            "review_state": {
                "author": {"needs_revision": ("submitted",)},
                "supervisor": {"submitted": ("approved", "needs_revision", "rejected"), "needs_revision": ("approved", "rejected"), "approved": ("submitted",)},
            },
        },
        initial={"review_state": "submitted"},
        final={"review_state": ("approved", "rejected")},
    ),
    "assignment": RecordType(
        name="assignment",
        fields={
            "employee": Field("employee", "id", "immutable", required=True),
            "org_unit": Field("org_unit", "id", "server_order", nullable=True),
            "position": Field("position", "text", "server_order", nullable=True),
            "supervisor": Field("supervisor", "id", "server_order", nullable=True),
            "acting_supervisor": Field("acting_supervisor", "id", "server_order", nullable=True),
            "valid_from": Field("valid_from", "date", "server_order", required=True),
            "valid_to": Field("valid_to", "date", "server_order", nullable=True),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="void",
    ),
    "conflict": RecordType(
        name="conflict",
        fields={
            "kind": Field("kind", "choice", "server_only", choices=("field", "edit_of_reviewed", "review_of_older", "void_against_edit", "overlap", "near_duplicate", "minutes_over", "future", "after_lock", "target_not_own", "outside_attendance", "fork")),
            "route": Field("route", "choice", "server_only", choices=("worker", "supervisor", "admin")),
            "state": Field("state", "choice", "server_only", choices=("open", "assigned", "resolved", "reopened")),
            "records": Field("records", "ids", "server_only"),
            "clashes": Field("clashes", "document", "server_only"),
            "opened_at": Field("opened_at", "instant", "server_only"),
            "assignee": Field("assignee", "text", "server_only", nullable=True),
            "resolution": Field("resolution", "document", "server_only", nullable=True),
            "answers": Field("answers", "document", "server_only"),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="never",
    ),
    "employee": RecordType(
        name="employee",
        fields={
            "nip": Field("nip", "text", "immutable", required=True),
            "full_name": Field("full_name", "text", "server_order", required=True),
            "active": Field("active", "boolean", "server_order"),
            "grade": Field("grade", "text", "server_order", nullable=True),
            "grade_since": Field("grade_since", "date", "server_order", nullable=True),
            "echelon": Field("echelon", "text", "server_order", nullable=True),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="never",
    ),
    "indicator": RecordType(
        name="indicator",
        fields={
            "owner": Field("owner", "id", "immutable", required=True),
            "work_result": Field("work_result", "id", "immutable", required=True),
            "title": Field("title", "text", "server_order", required=True),
            "aspect": Field("aspect", "choice", "server_order", required=True, choices=("quantity", "quality", "time", "cost")),
            "target": Field("target", "decimal", "server_order", required=True),
            "unit": Field("unit", "text", "server_order", required=True),
            "direction": Field("direction", "choice", "server_order", required=True, choices=("higher", "lower")),
            "cap": Field("cap", "decimal", "server_order", nullable=True),
            "realisation": Field("realisation", "decimal", "server_order", nullable=True),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="void",
    ),
    "objection": RecordType(
        name="objection",
        fields={
            "owner": Field("owner", "id", "server_only"),
            "period": Field("period", "text", "immutable", required=True),
            "text": Field("text", "text", "immutable", required=True),
            "state": Field("state", "choice", "server_only", choices=("open", "upheld", "dismissed", "withdrawn")),
            "value_before": Field("value_before", "text", "server_only", nullable=True),
            "value_after": Field("value_after", "text", "server_only", nullable=True),
            "correction": Field("correction", "text", "server_only", nullable=True),
            "answer": Field("answer", "text", "server_only", nullable=True),
            "comments": Field("comments", "document", "server_only", nullable=True),
            "opened_at": Field("opened_at", "instant", "server_only"),
            "opened_by": Field("opened_by", "text", "server_only"),
            "decided_at": Field("decided_at", "instant", "server_only", nullable=True),
            "decided_by": Field("decided_by", "text", "server_only", nullable=True),
        },
        groups={},
        written_by=frozenset({"owner", "server"}),
        delete="void",
    ),
    "org_unit": RecordType(
        name="org_unit",
        fields={
            "code": Field("code", "text", "server_order", required=True),
            "name": Field("name", "text", "server_order", required=True),
            "parent": Field("parent", "id", "server_order", nullable=True),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="never",
    ),
    "performance_plan": RecordType(
        name="performance_plan",
        fields={
            "owner": Field("owner", "id", "immutable", required=True),
            "year": Field("year", "integer", "immutable", required=True),
            "valid_from": Field("valid_from", "date", "server_order", required=True),
            "valid_to": Field("valid_to", "date", "server_order", required=True),
            "assessor": Field("assessor", "id", "server_order", nullable=True),
            "state": Field("state", "choice", "server_order", choices=("draft", "submitted", "approved", "revision", "final")),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="void",
    ),
    "period": RecordType(
        name="period",
        fields={
            "month": Field("month", "text", "immutable", required=True),
            "state": Field("state", "choice", "server_order", choices=("open", "locked")),
            "locked_at": Field("locked_at", "instant", "server_only", nullable=True),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="never",
    ),
    "review": RecordType(
        name="review",
        fields={
            "entry_id": Field("entry_id", "id", "immutable", required=True),
            "verdict": Field("verdict", "choice", "immutable", required=True, choices=("approved", "needs_revision", "rejected", "submitted")),
            "note": Field("note", "text", "immutable", nullable=True),
            "judged_revision": Field("judged_revision", "integer", "immutable"),
            "judged_hash": Field("judged_hash", "hash", "immutable"),
            "reviewer": Field("reviewer", "id", "server_only", nullable=True),
            "held": Field("held", "boolean", "server_only"),
        },
        groups={},
        written_by=frozenset({"server", "supervisor"}),
        delete="never",
    ),
    "score": RecordType(
        name="score",
        fields={
            "owner": Field("owner", "id", "server_only"),
            "period": Field("period", "text", "server_only"),
            "value": Field("value", "text", "server_only", nullable=True),
            "rating": Field("rating", "text", "server_only", nullable=True),
            "rating_id": Field("rating_id", "text", "server_only", nullable=True),
            "rating_en": Field("rating_en", "text", "server_only", nullable=True),
            "provisional": Field("provisional", "boolean", "server_only"),
            "reasons": Field("reasons", "flags", "server_only"),
            "coverage_percent": Field("coverage_percent", "text", "server_only", nullable=True),
            "policy_id": Field("policy_id", "text", "server_only"),
            "policy_version": Field("policy_version", "integer", "server_only"),
            "computed_at": Field("computed_at", "instant", "server_only"),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="never",
    ),
    "work_result_plan": RecordType(
        name="work_result_plan",
        fields={
            "owner": Field("owner", "id", "immutable", required=True),
            "year": Field("year", "integer", "immutable", required=True),
            "title": Field("title", "text", "server_order", required=True),
            "kind": Field("kind", "choice", "server_order", choices=("main", "additional")),
            "state": Field("state", "choice", "server_order", choices=("draft", "submitted", "approved", "revision", "final")),
            "plan": Field("plan", "id", "server_order", nullable=True),
            "supports": Field("supports", "id", "server_order", nullable=True),
        },
        groups={},
        written_by=frozenset({"server"}),
        delete="void",
    ),
}

FIELD_SHAPES: dict[str, Any] = {
    "action_plan": ActionPlanFields,
    "activity_entry": ActivityEntryFields,
    "assignment": AssignmentFields,
    "conflict": ConflictFields,
    "employee": EmployeeFields,
    "indicator": IndicatorFields,
    "objection": ObjectionFields,
    "org_unit": OrgUnitFields,
    "performance_plan": PerformancePlanFields,
    "period": PeriodFields,
    "review": ReviewFields,
    "score": ScoreFields,
    "work_result_plan": WorkResultPlanFields,
}

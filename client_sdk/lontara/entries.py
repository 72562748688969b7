"""What the SDK hands out: an entry, a conflict, a decision and an item that needs attention, with their JSON keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lontara_core.canonical import Json
from lontara_core.clock import within_calendar
from lontara_core.decision_words import decision_sentence
from lontara_core.record import Record


@dataclass(frozen=True)
class Entry:
    """One activity entry as its reader sees it on this device."""

    id: str
    org: str
    nip: str
    fields: Mapping[str, Json]
    revision: int
    voided: bool
    delivery_state: str
    being_decided: Mapping[str, Json] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What was done."""
        return str(self.fields["title"])

    @property
    def work_date(self) -> str:
        """The local day of the work."""
        return str(self.fields["work_date"])

    @property
    def review_state(self) -> str | None:
        """Where the review stands; None for a draft."""
        return self.fields.get("review_state")

    def as_json(self) -> dict[str, Json]:
        """The entry for `--json`."""
        plain = ("work_date", "start_time", "end_time", "duration_minutes", "title", "description", "quantity",
                 "output_unit", "category", "target_id", "review_state", "review_note")  # fmt: skip
        shape: dict[str, Json] = {"id": self.id, "org": self.org, "nip": self.nip}
        shape |= {name: self.fields.get(name) for name in plain}
        shape |= {name: iso_time(self.fields.get(name)) for name in ("captured_at", "recorded_at")}
        shape |= {"revision": self.revision, "voided": self.voided, "flags": list(self.fields.get("flags") or ())}
        shape["delivery_state"] = self.delivery_state
        if self.being_decided:
            shape["being_decided"] = dict(self.being_decided)
        return shape


@dataclass(frozen=True)
class AttentionItem:
    """Something that needs the person. An operation that waits has its text in `fields`; where it is about an entry, a
    conflict, an objection or the device itself, `op_id` is empty and `state` is returned, asked, answered, deciding,
    forked, log_gap or quarantined."""

    op_id: str
    state: str
    record: str
    kind: str
    fields: Mapping[str, Json]
    code: str | None
    field: str | None
    message: str | None
    conflict: str | None

    def as_json(self) -> dict[str, Json]:
        """The item for `--json`."""
        return {"op_id": self.op_id or None, "state": self.state, "record": self.record or None, "kind": self.kind,
                "fields": dict(self.fields), "code": self.code, "field": self.field, "message": self.message,
                "conflict": self.conflict}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What an admin or supervisor has decided about the person's entries; `entries` are those on this device."""

    conflict: str
    kind: str
    records: Sequence[str]
    resolution: Mapping[str, Json]
    clashes: Mapping[str, Json]
    entries: Sequence[Mapping[str, Json]]
    at: str
    seen: bool

    def sentence(self, language: str) -> str:
        """Who decided what about which entry, and why: the same words as in the console."""
        told = {"kind": self.kind, "clashes": self.clashes, "resolution": self.resolution}
        return decision_sentence(told, self.entries, language)

    def as_json(self) -> dict[str, Json]:
        """The decision for `--json`."""
        given = {name: self.resolution.get(name) for name in ("choice", "values", "reason", "by")}
        return {"conflict": self.conflict, "kind": self.kind, "records": list(self.records), **given, "at": self.at,
                "seen": self.seen}  # fmt: skip


def conflict_json(record: Record) -> dict[str, Json]:
    """A conflict with the keys of its JSON shape."""
    held = record.fields
    return {"id": record.id, "kind": held.get("kind"), "route": held.get("route"), "state": held.get("state"),
            "records": held.get("records") or [], "fields": held.get("clashes") or {},
            "opened_at": iso_time(held.get("opened_at")), "resolution": held.get("resolution"),
            "answers": held.get("answers") or []}  # fmt: skip


_OF_A_SCORE = ("period", "value", "rating", "rating_id", "rating_en", "provisional", "reasons", "coverage_percent",
               "policy_id", "policy_version")  # fmt: skip


def score_json(record: Record) -> dict[str, Json]:
    """A month's score with the keys of its JSON shape."""
    held = record.fields
    return {**{name: held.get(name) for name in _OF_A_SCORE}, "computed_at": iso_time(held.get("computed_at"))}


def iso_time(milliseconds: int | None) -> str | None:
    """UTC in ISO 8601, None for none."""
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(within_calendar(milliseconds) / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

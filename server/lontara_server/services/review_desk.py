"""Entries that wait for a review, as one person at the console or its API sees and judges them.

What a review does lives in `reviews`; here is whose entries they are, and that a verdict comes from who may give it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from lontara_core.canonical import Json
from lontara_core.identifiers import is_id
from lontara_core.problems import Problem
from lontara_core.record import Record
from lontara_server.services import conflicts, reviews
from lontara_server.services.access import Viewer
from lontara_server.services.orgs import org_named
from lontara_server.services.paging import ROWS_PER_PAGE, Paging, paging_of
from lontara_server.services.rules import OUTSIDE, lies_outside
from lontara_server.services.score_desk import check_period
from lontara_server.storage import operations as store
from lontara_server.storage.attendance import days_of
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import Bounds
from lontara_server.storage.people import EmployeeRow, employee_of_nip, employees_by_id
from lontara_server.storage.plans import ResultRow, result_of_id

# The first arrival and the last leaving of a day, in local wall time.
Hours = tuple[str | None, str | None]
# An entry's keys, which every face of the product gives alike; the reviewer's own follow them.
_KEYS: Final = (
    "id", "org", "nip", "work_date", "start_time", "end_time", "duration_minutes", "title", "description", "quantity",
    "output_unit", "category", "target_id", "review_state", "review_note", "captured_at", "recorded_at", "revision",
    "voided", "flags",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """A judgement of one entry; `revision` and `judged` name the entry as it was seen."""

    entry: str
    verdict: str
    revision: int
    judged: str
    note: str | None = None


@dataclass(frozen=True)
class Queue:
    """What stands in one state of review, by date: a page of entries with the names of their people, and how many
    stand in each state."""

    entries: tuple[Mapping[str, Any], ...]
    paging: Paging
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownEntry:
    """One entry with its history, the ids of open conflicts about it, the names behind ids, and who may judge.

    target: the work result (RHK) that it names, where there is one.
    """

    document: Mapping[str, Any]
    history: tuple[Mapping[str, Any], ...]
    conflicts: tuple[str, ...]
    names: Mapping[str, str]
    may_review: bool
    target: ResultRow | None = None


def queue_for(connection: Connection, org_id: int, viewer: Viewer, *, number: int = 1) -> Queue:
    """The entries that the viewer may review or watch, the oldest date first."""
    bounds = _bounds(viewer)
    paging = paging_of(store.count_submitted(connection, org_id, bounds)[0], number)
    shown = store.submitted_entries(connection, org_id, bounds, skip=paging.skip, limit=ROWS_PER_PAGE)
    return Queue(tuple(_documents(connection, org_id, shown)), paging)


def waiting_for(connection: Connection, org_id: int, viewer: Viewer) -> list[dict[str, Json]]:
    """All entries that the viewer may review or watch, the oldest date first."""
    return _documents(connection, org_id, store.submitted_entries(connection, org_id, _bounds(viewer)))


def reviewed_for(
    connection: Connection, org_id: int, viewer: Viewer, *, state: str, period: str, nip: str | None = None,
    number: int = 1,
) -> Queue:  # fmt: skip
    """The entries of one month in a state of review, or those of one person, with how many stand in each state.

    Raises Problem invalid_field, and not_found for nobody.
    """
    check_period(period)
    bounds = _bounds(viewer)
    if nip is not None:
        person = employee_of_nip(connection, org_id, nip) if nip.isascii() and nip.isdecimal() else None
        if person is None:
            raise Problem("not_found", f"Nobody here has the NIP {nip}. Nothing was changed.", {"nip": nip}, "Check it.")
        alone = frozenset({person.id})
        bounds = Bounds(alone if bounds.people is None else bounds.people & alone, bounds.units)
    counts = store.review_counts(connection, org_id, period, bounds)
    paging = paging_of(counts.get(state, 0), number)
    shown = store.entries_reviewed(
        connection, org_id, state, period, bounds, skip=paging.skip, limit=ROWS_PER_PAGE
    )  # fmt: skip
    return Queue(tuple(_documents(connection, org_id, shown)), paging, counts)


def documents_of_waiting(connection: Connection, org_id: int) -> list[dict[str, Json]]:
    """What waits in the org, for its operator, the oldest date first."""
    return _documents(connection, org_id, store.submitted_entries(connection, org_id))


def document_of(connection: Connection, org_id: int, entry: str) -> dict[str, Json]:
    """One entry for the org's operator. Raises Problem not_found."""
    if not is_id(entry):
        raise reviews.unknown(entry)
    (document,) = _documents(connection, org_id, [reviews.entry_named(connection, org_id, entry)])
    return {**document, "merged_into": _merged_into(connection, org_id, document)}


def entry_for(connection: Connection, org_id: int, viewer: Viewer, entry: str) -> ShownEntry:
    """One entry. Raises Problem not_found, also for what is not theirs to see."""
    held = _theirs(connection, org_id, viewer, entry)
    (document,) = _documents(connection, org_id, [held])
    history = [conflicts.history_document(row) for row in store.history_of(connection, org_id, entry)]
    people = employees_by_id(connection, org_id, {str(each["by"]) for each in history if is_id(each["by"])})
    waiting = [each.id for each in store.conflicts_about(connection, org_id, [entry]) if each.is_open]
    names = {key: row.full_name for key, row in people.items()}
    named = held.fields.get("target_id")
    target = None if named is None else result_of_id(connection, org_id, named)
    document["merged_into"] = _merged_into(connection, org_id, document)
    return ShownEntry(document, tuple(history), tuple(waiting), names, _may_review(viewer, held), target)


def review_for(
    connection: Connection, org_id: int, viewer: Viewer, verdicts: Sequence[Verdict], now_ms: int
) -> list[dict[str, Json]]:
    """Take these verdicts, all of them or none.

    Raises Problem not_found, not_permitted, entry_changed, invalid_field, missing_field, state_not_allowed.
    """
    done = []
    for each in verdicts:
        held = _theirs(connection, org_id, viewer, each.entry)
        if not _may_review(viewer, held):
            raise Problem(
                "not_permitted",
                "An entry is reviewed by the supervisor of its person or an admin, never by that person. "
                "Nothing was changed.",
                {"entry": each.entry},
                "Ask an admin who supervises this person.",
            )
        reviews.review(
            connection, org_id, each.entry, each.verdict, revision=each.revision, judged=each.judged,
            by=viewer.login, now_ms=now_ms, note=each.note,
            reviewer=None if viewer.role == "admin" else viewer.employee,
        )  # fmt: skip
        done.append(reviews.entry_named(connection, org_id, each.entry))
    return _documents(connection, org_id, done)


def _merged_into(connection: Connection, org_id: int, entry: Mapping[str, Any]) -> str | None:
    """Title of the entry into which a decision has merged this one, where it is void for that."""
    if not entry["voided"]:
        return None
    for conflict in store.conflicts_about(connection, org_id, [str(entry["id"])]):
        resolution = conflict.fields.get("resolution") or {}
        survivor = resolution.get("survivor")
        if not conflict.is_open and survivor and entry["id"] in resolution.get("voided", ()):
            kept = store.records_by_id(connection, org_id, "activity_entry", [survivor])
            return str(kept[survivor]["title"]) if survivor in kept else None
    return None


def _bounds(viewer: Viewer) -> Bounds:
    return Bounds(viewer.people, viewer.units)


def _sees(viewer: Viewer, entry: Record) -> bool:
    return viewer.sees(entry.fields["owner"], entry.fields.get("org_unit"))


def _may_review(viewer: Viewer, entry: Record) -> bool:
    return viewer.may("review.write") and not viewer.is_own(entry.fields["owner"])


def _theirs(connection: Connection, org_id: int, viewer: Viewer, entry: str) -> Record:
    if not is_id(entry):
        raise reviews.unknown(entry)
    held = reviews.entry_named(connection, org_id, entry)
    if not _sees(viewer, held):
        raise reviews.unknown(entry)
    return held


def _documents(connection: Connection, org_id: int, entries: Sequence[Record]) -> list[dict[str, Json]]:
    org = org_named(connection, org_id).code
    people = employees_by_id(connection, org_id, {each.fields["owner"] for each in entries})
    seen = _presence(connection, org_id, entries)
    return [_document(org, people.get(each.fields["owner"]), each, seen) for each in entries]


def _presence(connection: Connection, org_id: int, entries: Sequence[Record]) -> dict[tuple[str, date], Hours]:
    """When machines saw these entries' people come and go, as is known by now: punches arrive later than entries."""
    days = [date.fromisoformat(each.fields["work_date"]) for each in entries]
    if not days:
        return {}
    owners = {each.fields["owner"] for each in entries}
    known = days_of(connection, org_id, list(owners), min(days), max(days))
    return {key: (row.first_in, row.last_out) for key, row in known.items() if row.status == "present"}


def _flags(entry: Record, seen: Mapping[tuple[str, date], Hours]) -> list[str]:
    """The entry's flags; whether it lies beside the hours of presence is judged anew."""
    fields, day = entry.fields, date.fromisoformat(entry.fields["work_date"])
    hours = seen.get((fields["owner"], day), (None, None))
    outside = not entry.voided and lies_outside(day, fields.get("start_time"), fields.get("end_time"), *hours)
    others = {flag for flag in fields.get("flags") or () if flag != OUTSIDE}
    return sorted(others | {OUTSIDE} if outside else others)


def _document(
    org: str, owner: EmployeeRow | None, entry: Record, seen: Mapping[tuple[str, date], Hours]
) -> dict[str, Json]:  # fmt: skip
    held = reviews.entry_document(entry)
    known: dict[str, Json] = {
        **held,
        "org": org,
        "nip": None if owner is None else owner.nip,
        "captured_at": conflicts.utc(held["captured_at"]),
        "recorded_at": conflicts.utc(held["recorded_at"]),
        "flags": _flags(entry, seen),
    }
    return {
        **{key: known.get(key) for key in _KEYS},
        "full_name": None if owner is None else owner.full_name,
        "place": held.get("place"),
        "clash": held["clash"],
        "hash": held["hash"],
    }

"""Conflicts as one person at the console or its API sees and decides them: within their bounds, with names.

The rules of deciding live in `conflicts`; here is who may see and decide, and what a decision would do to a score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lontara_core.canonical import Json
from lontara_core.decision_words import decision_sentence
from lontara_core.identifiers import is_id
from lontara_core.problems import Problem
from lontara_server.services import conflicts
from lontara_server.services.access import Viewer
from lontara_server.services.device_names import names_apart
from lontara_server.services.paging import Paging, page_of
from lontara_server.services.scores import fresh_value
from lontara_server.storage import operations as store
from lontara_server.storage.devices import devices_of
from lontara_server.storage.engine import Connection
from lontara_server.storage.operations import ConflictState
from lontara_server.storage.people import employees_by_id
from lontara_server.storage.scores import PersonMonth

ROUTES: Final = ("admin", "supervisor", "worker")
LETTERS_MAX: Final = 8
# A preview is never kept; until its reason is written, this stands where it will be.
_REASON_TO_COME: Final = "…"


@dataclass(frozen=True)
class ListedConflict:
    """A conflict as a list shows it: its document, whose it is, and title and date of its first entry."""

    document: Mapping[str, Any]
    owner_name: str | None
    title: str | None
    work_date: str | None


@dataclass(frozen=True)
class ConflictList:
    """The conflicts of one tab, the newest first: a page of them, and how many wait on each route."""

    rows: tuple[ListedConflict, ...]
    paging: Paging
    waiting: Mapping[str, int]
    resolved: int


@dataclass(frozen=True)
class ShownConflict:
    """One conflict side by side: its document with entries and history, and the names behind ids."""

    document: Mapping[str, Any]
    names: Mapping[str, str]
    devices: Mapping[str, str]
    may_decide: bool


@dataclass(frozen=True)
class Decision:
    """What a person chose; `judged_hash` is the hash of the conflict as they saw it."""

    choice: str
    reason: str
    judged_hash: str
    candidate: str | None = None
    values: dict[str, Json] | None = None
    survivor: str | None = None
    void: str | None = None

    def wishes(self) -> dict[str, Any]:
        """The choice with what belongs to it."""
        return {name: value for name, value in vars(self).items() if name not in ("reason", "judged_hash")}


@dataclass(frozen=True)
class Effect:
    """What a month's score is without a decision and with it; None where there is no value."""

    period: str
    before: str | None
    after: str | None

    @property
    def moves(self) -> bool:
        """Whether the value changes."""
        return self.before != self.after


@dataclass(frozen=True)
class Preview:
    """What a decision would do: to its person's scores, and the sentence that the worker would read."""

    effects: tuple[Effect, ...]
    sentence: str


@dataclass
class _Names:
    """Ids gathered first, named in one go."""

    people: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)


def documents_for(
    connection: Connection, org_id: int, viewer: Viewer, *, route: str | None, only_open: bool
) -> list[dict[str, Json]]:
    """The conflicts that the viewer may know of, the newest first."""
    return [
        conflicts.document(each)
        for each in _seen(connection, org_id, viewer, only_open=only_open)
        if route is None or each.fields["route"] == route
    ]


def list_for(
    connection: Connection, org_id: int, viewer: Viewer, *, route: str, only_open: bool, number: int = 1
) -> ConflictList:
    """One tab of the list: what waits on a route, or with `only_open` false what is resolved."""
    seen = _seen(connection, org_id, viewer, only_open=False)
    waiting = Counter(waits_for(each) for each in seen if each.is_open)
    if only_open:
        shown = [each for each in seen if each.is_open and waits_for(each) == route]
    else:
        shown = [each for each in seen if not each.is_open]
    wanted, paging = page_of(shown, number)
    return ConflictList(_listed(connection, org_id, wanted), paging, waiting, sum(not each.is_open for each in seen))


def waits_for(conflict: ConflictState) -> str:
    """Whose turn it is: the supervisor's, once the worker has answered what was theirs, else its route's."""
    route = str(conflict.fields["route"])
    is_theirs = route == "worker" and is_answered({**conflict.fields, "owner": conflict.owner})
    return "supervisor" if is_theirs else route


def show_for(connection: Connection, org_id: int, viewer: Viewer, conflict: str) -> ShownConflict:
    """One conflict with everything that a decision needs. Raises Problem not_found, also for what is not theirs."""
    found = _theirs(connection, org_id, viewer, conflict)
    return _shown(connection, org_id, conflict, may_decide=_refusal(viewer, found) is None)


def list_all(connection: Connection, org_id: int, *, only_open: bool) -> tuple[ListedConflict, ...]:
    """The org's conflicts for its operator, the newest first."""
    return _listed(connection, org_id, store.list_conflicts(connection, org_id, only_open=only_open, unit=None))


def show_any(connection: Connection, org_id: int, conflict: str) -> ShownConflict:
    """One conflict for the org's operator. Raises Problem not_found."""
    return _shown(connection, org_id, conflict, may_decide=True)


def _shown(connection: Connection, org_id: int, conflict: str, *, may_decide: bool) -> ShownConflict:
    document = conflicts.show_conflict(connection, org_id, conflict)
    wanted = _ids_in(document)
    people = employees_by_id(connection, org_id, wanted.people)
    names = {key: row.full_name for key, row in people.items()}
    devices = {row.id: row.name for key in sorted(wanted.devices) for row in devices_of(connection, org_id, key)}
    told = {**document, "history": _one_line_each(document["history"], document["records"])}
    return ShownConflict(told, names, names_apart(devices), may_decide)


def _one_line_each(history: list[dict[str, Any]], records: Sequence[str]) -> list[dict[str, Any]]:
    """A decision writes a line for each entry and one for the conflict: told as one, with what lost beside what holds.

    `parts` holds the changes by record; those of a conflict about one entry are that entry's.
    """
    lines: dict[str, dict[str, Any]] = {}
    for line in history:
        first = lines.setdefault(line["op_id"], {**line, "parts": {}})
        about = records[0] if len(records) == 1 else line["record"]
        part = first["parts"].setdefault(about, {})
        for name, change in line["changes"].items():
            part[name] = {**change, **part.get(name, {})}
    return list(lines.values())


def resolve_for(
    connection: Connection, org_id: int, viewer: Viewer, conflict: str, decision: Decision, now_ms: int
) -> dict[str, Json]:
    """Decide. Raises Problem not_found, not_permitted, conflict_changed, invalid_field, missing_field."""
    _check_decides(viewer, _theirs(connection, org_id, viewer, conflict))
    return conflicts.resolve_conflict(
        connection, org_id, conflict, reason=decision.reason, by=viewer.login, now_ms=now_ms,
        judged_hash=decision.judged_hash, **decision.wishes(),
    )  # fmt: skip


def reopen_for(
    connection: Connection, org_id: int, viewer: Viewer, conflict: str, *, reason: str, now_ms: int
) -> dict[str, Json]:
    """Take a decision back. Raises Problem not_found, not_permitted, missing_field."""
    _check_decides(viewer, _theirs(connection, org_id, viewer, conflict))
    return conflicts.reopen_conflict(connection, org_id, conflict, reason=reason, by=viewer.login, now_ms=now_ms)


def preview_of(
    connection: Connection, org_id: int, viewer: Viewer, conflict: str, decision: Decision, now_ms: int, language: str
) -> Preview:
    """What the decision would do to its person's scores, and say: it is taken, looked at, and taken back whole.

    Raises the Problem that the decision itself would raise, the reason excepted.
    """
    found = _theirs(connection, org_id, viewer, conflict)
    _check_decides(viewer, found)
    months = _months(connection, org_id, found)
    before = {month: fresh_value(connection, org_id, month, now_ms) for month in months}
    saved = connection.begin_nested()
    try:
        conflicts.resolve_conflict(
            connection, org_id, conflict, reason=decision.reason or _REASON_TO_COME, by=viewer.login, now_ms=now_ms,
            judged_hash=decision.judged_hash, **decision.wishes(),
        )  # fmt: skip
        reached = months | _months(connection, org_id, found)
        after = {month: fresh_value(connection, org_id, month, now_ms) for month in reached}
        sentence = told_of(conflicts.show_conflict(connection, org_id, conflict), language)
    finally:
        saved.rollback()
    for month in reached - months:
        before[month] = fresh_value(connection, org_id, month, now_ms)
    return Preview(tuple(Effect(month.period, before[month], after[month]) for month in sorted(reached)), sentence)


def told_of(document: Mapping[str, Any], language: str) -> str:
    """What the worker reads of a conflict that is resolved."""
    return decision_sentence({**document, "clashes": document["fields"]}, document["entries"], language)


def is_answered(document: Mapping[str, Any]) -> bool:
    """Whether the worker has said something about the conflict."""
    return any(each["by"] == document["owner"] for each in document["answers"])


def merged_into(document: Mapping[str, Any], entry: Mapping[str, Any]) -> str | None:
    """Title of the entry into which this conflict's decision, as it holds now, merged a void one."""
    resolution = document.get("resolution") or {}
    if document["state"] != "resolved" or not entry["voided"] or entry["id"] not in resolution.get("voided", ()):
        return None
    kept = [each["title"] for each in document["entries"] if each["id"] == resolution.get("survivor")]
    return kept[0] if kept else None


def letters_of(document: Mapping[str, Any]) -> dict[str, str]:
    """What several entries are called side by side: A, B, …; one alone needs no name."""
    entries = document["entries"]
    return {} if len(entries) < 2 else {each["id"]: _letter(number) for number, each in enumerate(entries)}


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < LETTERS_MAX else str(number + 1)


def _seen(connection: Connection, org_id: int, viewer: Viewer, *, only_open: bool) -> list[ConflictState]:
    found = store.list_conflicts(connection, org_id, only_open=only_open, unit=None)
    return [each for each in found if viewer.sees(each.owner, each.org_unit)]


def _theirs(connection: Connection, org_id: int, viewer: Viewer, conflict: str) -> ConflictState:
    if not is_id(conflict):
        raise conflicts.unknown(conflict)
    found = conflicts.conflict_named(connection, org_id, conflict)
    if not viewer.sees(found.owner, found.org_unit):
        raise conflicts.unknown(conflict)
    return found


def _check_decides(viewer: Viewer, conflict: ConflictState) -> None:
    why = _refusal(viewer, conflict)
    if why is not None:
        raise Problem("not_permitted", f"{why} Nothing was changed.", {"conflict": conflict.id}, "Ask an admin.")


def _refusal(viewer: Viewer, conflict: ConflictState) -> str | None:
    if not viewer.may("conflict.resolve"):
        return "Your role reads conflicts and does not decide them."
    if viewer.is_own(conflict.owner):
        return "Nobody decides a conflict about their own work."
    if conflict.fields["route"] == "admin" and viewer.role != "admin":
        return "An admin decides this conflict."
    return None


def _listed(connection: Connection, org_id: int, shown: list[ConflictState]) -> tuple[ListedConflict, ...]:
    firsts = [each.records[0] for each in shown if each.records]
    entries = store.records_by_id(connection, org_id, "activity_entry", firsts)
    people = employees_by_id(connection, org_id, {each.owner for each in shown if each.owner is not None})
    rows = []
    for each in shown:
        entry = entries.get(each.records[0]) if each.records else None
        owner = people.get(each.owner) if each.owner is not None else None
        rows.append(
            ListedConflict(
                conflicts.document(each),
                None if owner is None else owner.full_name,
                None if entry is None else entry["title"],
                None if entry is None else entry["work_date"].isoformat(),
            )
        )
    return tuple(rows)


def _months(connection: Connection, org_id: int, conflict: ConflictState) -> set[PersonMonth]:
    # A fork names a person and no entries; of a device without a person there are none either.
    if conflict.owner is None or not conflict.records:
        return set()
    rows = store.records_by_id(connection, org_id, "activity_entry", conflict.records)
    return {PersonMonth(conflict.owner, f"{row['work_date']:%Y-%m}") for row in rows.values()}


def _ids_in(document: Mapping[str, Any]) -> _Names:
    names = _Names()
    candidates: list[Mapping[str, Any]] = [
        each for clash in document["fields"].values() for each in clash["candidates"]
    ]
    # The server's own acts are named by a login, and its actor is no device.
    told = [*candidates, *document["history"], *document["answers"]]
    names.people.update(each["by"] for each in told if is_id(each.get("by")))
    names.devices.update(each["device"] for each in told if is_id(each.get("device")))
    names.people.update(each for each in (document["owner"],) if is_id(each))
    if document["kind"] == "fork":
        names.devices.add(str(document["fields"]["device"]["base"]))
    return names

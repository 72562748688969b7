"""How what a person writes becomes an operation of their log: checked as the server would check it, then appended.

What can be known offline is refused here and not days later by the server. Which act a person means is `client`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from lontara.clock import Clock
from lontara.revocation import wiped_problem
from lontara.store import Logged, Store
from lontara_core.canonical import Json, tidy_text
from lontara_core.merge import Current, Wish, check_create, merge_set
from lontara_core.operations import Judged, Operation, Origin, Refused, check_fields, check_operation, encode_operation
from lontara_core.problems import Problem
from lontara_core.record import Record, judged_hash
from lontara_core.record_types import RECORD_TYPES

ENTRY: Final = "activity_entry"
ENTRY_TYPE: Final = RECORD_TYPES[ENTRY]
# The fields of an entry that its author fills in.
WRITABLE: Final = tuple(name for name, spec in ENTRY_TYPE.fields.items() if spec.rule in ("manual", "latest", "union"))
_DISMISSED: Final = "dismissed:"


class Author:
    """Writes operations at the end of a store's log. Every method that writes runs in a transaction of the caller."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def write(
        self, kind: Any, record_type: str, *, fields: Mapping[str, Json] | None = None, id: str | None = None,
        was: Mapping[str, Json] | None = None, judged: Judged | None = None, supersedes: tuple[Origin, ...] = (),
    ) -> Logged:  # fmt: skip
        """Append one operation and lay it over its record. Raises Problem for what the server would refuse."""
        self.check_enrolled()
        now = self._clock.wall_ms()
        given_up = () if id is None else self._given_up(id)
        operation = Operation(
            kind=kind, type=record_type, at=now, offset=self._clock.offset_minutes(),
            hlc=self._store.next_hlc(now), id=id, fields=dict(fields or {}), was=dict(was or {}),
            mono=self._clock.mono_ms(), boot=self._clock.boot(), judged=judged,
            supersedes=tuple(dict.fromkeys((*supersedes, *given_up))),
        )  # fmt: skip
        try:
            if kind == "create":
                check_create(RECORD_TYPES[record_type], operation.fields, "author")
            check_operation(operation)
        except Refused as refused:
            raise problem_of(refused) from refused
        assert encode_operation(operation)
        return self._store.append(operation)

    def give_up(self, logged: Logged) -> None:
        """Let a refused operation rest: the next one on its record tells the server, so that nothing waits behind it."""
        key = f"{_DISMISSED}{logged.record}"
        self._store.set_setting(key, [*(self._store.setting(key) or []), _origin_values(logged.origin)])

    def _given_up(self, record: str) -> tuple[Origin, ...]:
        key = f"{_DISMISSED}{record}"
        kept = self._store.setting(key)
        if not kept:
            return ()
        self._store.write("DELETE FROM setting WHERE key = ?", key)
        return tuple(Origin(*each) for each in kept)

    def check_enrolled(self) -> None:
        """Raise Problem device_wiped, not_enrolled."""
        if self._store.setting("wiped_at") is not None:
            raise wiped_problem()
        if self._store.setting("device") is None:
            raise Problem("not_enrolled", "This device is not enrolled yet; nothing was saved.", {},
                          "Enrol it with the code of your admin: lontara enrol URL --code CODE.")  # fmt: skip

    def today(self) -> date:
        """The org's date now, by the clock that was last compared with the server's."""
        zone = self._store.setting("time_zone")
        if zone is None:
            at, offset = self._clock.wall_ms(), timedelta(minutes=self._clock.offset_minutes())
            return (datetime.fromtimestamp(at / 1000, UTC) + offset).date()
        at = self._clock.wall_ms() + (self._store.setting("server_offset") or 0)
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).date()


def _origin_values(origin: Origin) -> list[Json]:
    return [origin.device, origin.seq, origin.hash]


def check_names(fields: Mapping[str, Json]) -> None:
    """Raise Problem unknown_field for a name that no field of an entry has."""
    for name in fields:
        if name not in ENTRY_TYPE.fields:
            raise Problem("unknown_field", f"{name} is no field of an entry; nothing was saved.", {"field": name},
                          f"Fields: {', '.join(WRITABLE)}.")  # fmt: skip


def check_draft(fields: dict[str, Json]) -> None:
    """Raise Problem unless the fields have the shape that the schema gives them and are the author's to write."""
    check_names(fields)
    try:
        check_create(ENTRY_TYPE, fields, "author")
        check_fields(ENTRY_TYPE, fields)
    except Refused as refused:
        raise problem_of(refused) from refused


def check_set(view: Record, changes: Mapping[str, Json]) -> None:
    """Raise Problem for a change that no author may make: of what is the server's, or a step that the graph lacks."""
    try:
        merge_set(ENTRY_TYPE, Current(view.fields), Wish(changes, was_of(view.fields, changes), (0, 0)))
    except Refused as refused:
        raise problem_of(refused) from refused


def judged_of(view: Record) -> Judged:
    """What a person saw of a record."""
    return Judged(hash=judged_hash(view), revision=view.revision)


def was_of(shown: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """What the author saw of every changed field, and of all that moves together with one."""
    names = {name for field in changes for name in ENTRY_TYPE.group_of(field)}
    return {name: shown.get(name) for name in sorted(names)}


def with_times(view: Record, changes: dict[str, Json]) -> dict[str, Json]:
    """With the duration that follows from the times, so that neither side has to guess; raises Problem."""
    when = ENTRY_TYPE.groups["when"]
    merged = {name: changes.get(name, view.fields.get(name)) for name in when}
    if set(changes) & {"start_time", "end_time"} and "duration_minutes" not in changes and merged["start_time"]:
        changes = {**changes, "duration_minutes": None}
        merged["duration_minutes"] = None
    whole = {name: value for name, value in merged.items() if value is not None}
    trial = Operation(kind="create", type=ENTRY, at=0, offset=0, hlc=(0, 0), fields={**whole, "title": "-"})
    try:
        check_operation(trial)
    except Refused as refused:
        raise problem_of(refused) from refused
    return changes


def tidied(fields: Mapping[str, Json], *, keep_empty: bool = False) -> dict[str, Json]:
    """Texts without stray spaces; an empty one is none."""
    tidy = {name: tidy_text(value) if isinstance(value, str) else value for name, value in fields.items()}
    emptied = {name: None if value == "" else value for name, value in tidy.items()}
    return {name: value for name, value in emptied.items() if keep_empty or value is not None}


def not_found(record: str) -> Problem:
    """Nothing here has this id."""
    return Problem("not_found", "Nothing on this device has this id; nothing was changed.", {"id": record},
                   "See `lontara list`.")  # fmt: skip


def problem_of(refused: Refused) -> Problem:
    """What the core refuses, as a Problem of the device: nothing was saved."""
    return Problem(refused.code, f"{refused.why}; nothing was saved.", {"field": refused.field}, "Correct it and save again.")

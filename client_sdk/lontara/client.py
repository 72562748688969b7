"""The SDK's face: what an app, a script or the command line does with one person's store.

Whatever a person writes becomes one operation with its view in one transaction; when a method returns, it is on disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from lontara import enrolment
from lontara.clock import Clock, SystemClock
from lontara.engine import SyncEngine, SyncReport
from lontara.entries import AttentionItem, Entry, conflict_json, iso_time
from lontara.revocation import wiped_problem
from lontara.scheduler import running
from lontara.store import Logged, Row, Store
from lontara.transport import HttpTransport, Transport, check_url
from lontara_core.canonical import Json, encode, tidy_text
from lontara_core.clock import tick
from lontara_core.identifiers import derived_id
from lontara_core.log import chain
from lontara_core.operations import Judged, Operation, Origin, Refused, check_fields, check_operation, encode_operation
from lontara_core.problems import Problem
from lontara_core.record import Record, judged_hash
from lontara_core.record_types import RECORD_TYPES

ENTRY = "activity_entry"
_WEIGHT = {"received": 0, "quarantined": 1, "queued": 2, "parked": 3, "conflict": 4, "rejected": 5}


class Client:
    """One person's store on this device."""

    def __init__(
        self, store: Store, *, clock: Clock | None = None, chance: Random | None = None,
        transport: Callable[[str], Transport] | None = None,
    ) -> None:  # fmt: skip
        self.store = store
        self._clock = clock or SystemClock()
        self._chance = chance or SystemRandom()
        self._connect = transport

    @classmethod
    def open(cls, data_dir: str | Path, *, pin: str, **parts: Any) -> Client:
        """Open the store in `data_dir`, made now if there is none; raises Problem `wrong_pin`, `store_newer`."""
        return cls(Store(Path(data_dir), pin), **parts)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def enrol(
        self, url: str, code: str, *, name: str | None = None, server_key: str | None = None, insecure_lan: bool = False
    ) -> None:
        """Make this store a device of the person for whom the code was given out; again after a fork.

        name: what admins call the device; this machine's own name where there is none.
        """
        check_url(url, insecure_lan=insecure_lan)
        transport = self._transport(url, insecure_lan=insecure_lan)
        enrolment.enrol(self.store, transport, code, server_key=server_key, name=name, now_ms=self._clock.wall_ms())
        with self.store.transaction():
            self.store.set_setting("url", url)
            self.store.set_setting("insecure_lan", insecure_lan)

    def _transport(self, url: str, *, insecure_lan: bool) -> Transport:
        return self._connect(url) if self._connect else HttpTransport(url, insecure_lan=insecure_lan)

    def record(self, *, draft: bool = False, **fields: Json) -> Entry:
        """Save an entry and submit it; with `draft` it stays here until `submit`."""
        kept = _tidied(fields)
        with self.store.transaction():
            self._check_enrolled()
            if draft:
                self._check_draft(kept)
                now = self._clock.wall_ms()
                id_ = derived_id(now, encode({"fields": kept, "salt": secrets.token_hex(16)}))
                self.store.set_draft(id_, kept, now)
                return self.entry(id_)
            return self.entry(self._write("create", ENTRY, fields=kept).record)

    def submit(self, entry: str) -> Entry:
        """Submit a draft; it keeps its id."""
        with self.store.transaction():
            fields = next((kept for id_, kept, _ in self.store.drafts() if id_ == entry), None)
            if fields is None:
                raise _not_found(entry)
            self._write("create", ENTRY, fields=fields, id=entry)
            self.store.drop_draft(entry)
            return self.entry(entry)

    def edit(self, entry: str, **changes: Json) -> Entry:
        """Change fields of an entry or a draft; what was returned for revision is submitted again by it."""
        changes = _tidied(changes, keep_empty=True)
        with self.store.transaction():
            for id_, fields, _ in self.store.drafts():
                if id_ == entry:
                    merged = {name: value for name, value in {**fields, **changes}.items() if value is not None}
                    self._check_draft(merged)
                    self.store.set_draft(entry, merged, self._clock.wall_ms())
                    return self.entry(entry)
            view = self._editable(entry)
            if view.fields.get("review_state") == "needs_revision":
                changes["review_state"] = "submitted"
            changes = {name: value for name, value in changes.items() if view.fields.get(name) != value}
            if changes:
                changes = _with_times(view, changes)
                self._write("set", ENTRY, id=entry, fields=changes, was=_was(view.fields, changes))
            return self.entry(entry)

    def delete(self, entry: str, *, reason: str = "") -> None:
        """Delete a draft, or mark an entry as void; it can be restored."""
        with self.store.transaction():
            if any(id_ == entry for id_, _, _ in self.store.drafts()):
                self.store.drop_draft(entry)
                return
            view = self._editable(entry)
            if not view.voided:
                self._write("void", ENTRY, id=entry, fields={"reason": reason} if reason else {}, judged=_judged(view))

    def restore(self, entry: str) -> Entry:
        """Take the void mark away."""
        with self.store.transaction():
            view = self._view(ENTRY, entry)
            if view.voided:
                self._write("restore", ENTRY, id=entry, judged=_judged(view))
            return self.entry(entry)

    def review(self, entry: str, verdict: str, *, note: str = "") -> Entry:
        """Approve (`approved`), return (`needs_revision`) or reject a worker's entry as it stands on this device."""
        with self.store.transaction():
            view = self._view(ENTRY, entry)
            fields: dict[str, Json] = {"verdict": verdict}
            if note:
                fields["note"] = tidy_text(note)
            self._write("review", ENTRY, id=entry, fields=fields, judged=_judged(view))
            return self.entry(entry)

    def answer(self, conflict: str, text: str) -> None:
        """Say something to a conflict that waits for the person."""
        with self.store.transaction():
            self._view("conflict", conflict)
            self._write("answer", "conflict", id=conflict, fields={"text": tidy_text(text)})

    def correct(self, op_id: str, **changes: Json) -> Entry:
        """Replace a rejected operation, and the person's edits that wait behind it, by one that holds them all."""
        with self.store.transaction():
            first = self._rejected(op_id)
            behind = self.store.logged(
                "record = ? AND position >= ? AND superseded = 0 AND state IN ('rejected', 'parked', 'queued')",
                first.record, first.position,
            )  # fmt: skip
            chain_of = [each for each in behind if each.operation.kind in ("create", "set")]
            fields: dict[str, Json] = {}
            was: dict[str, Json] = {}
            for logged in chain_of:
                fields |= logged.operation.fields
                was = {**logged.operation.was, **was}
            fields |= _tidied(changes, keep_empty=True)
            self._write_correction(first, chain_of, fields, was)
            return self.entry(first.record)

    def _write_correction(
        self, first: Logged, replaced: Sequence[Logged], fields: dict[str, Json], was: dict[str, Json]
    ) -> None:
        for logged in replaced:
            state = "corrected" if logged.state != "queued" else "queued"
            self.store.write("UPDATE operation SET superseded = 1, state = ? WHERE position = ?", state, logged.position)
        self.store.refresh_view(first.type, first.record)
        origins = tuple(logged.origin for logged in replaced)
        if first.operation.kind == "create":
            fields = {name: value for name, value in fields.items() if value is not None and name != "review_state"}
            self._write("create", first.type, id=first.record, fields=fields, supersedes=origins)
            return
        row = self.store.row(first.type, first.record)
        shown = row.view.fields if row is not None and row.view is not None else {}
        self._write("set", first.type, id=first.record, fields=fields, was={**_was(shown, fields), **was},
                    supersedes=origins)  # fmt: skip

    def _rejected(self, op_id: str) -> Logged:
        device, _, seq = op_id.rpartition(":")
        found = self.store.logged(
            "device = ? AND seq = ? AND state = 'rejected'", device or self.store.setting("device"),
            int(seq) if seq.isdecimal() else 0,
        )  # fmt: skip
        if not found or found[0].operation.kind not in ("create", "set"):
            raise Problem("not_found", "No rejected entry or edit has this id; nothing was changed.", {"op_id": op_id},
                          "See `lontara attention`.")  # fmt: skip
        return found[0]

    def entry(self, entry: str) -> Entry:
        """One entry or draft; raises Problem `not_found`."""
        for id_, fields, saved_at in self.store.drafts():
            if id_ == entry:
                return self._entry(id_, {**fields, "captured_at": saved_at}, 0, "draft", voided=False)
        row = self.store.row(ENTRY, entry)
        if row is None or row.view is None:
            raise _not_found(entry)
        return self._entry_of(row)

    def entries(self, *, date_from: str | None = None, date_to: str | None = None, voided: bool = True) -> list[Entry]:
        """Entries and drafts from one local day to another, both included."""
        first, last = date_from or "0000", date_to or "9999"
        drafts = [self.entry(id_) for id_, fields, _ in self.store.drafts()
                  if first <= str(fields.get("work_date", "")) <= last]  # fmt: skip
        rows = self.store.rows("type = ? AND work_date BETWEEN ? AND ?", ENTRY, first, last)
        return drafts + [self._entry_of(row) for row in rows if row.view and (voided or not row.view.voided)]

    def history(self, entry: str) -> list[dict[str, Json]]:
        """What this device wrote about a record, oldest first; the losing values stay readable here."""
        items = []
        for logged in self.store.logged("record = ? AND state <> 'rechained'", entry):
            operation = logged.operation
            changes = {name: {"was": operation.was.get(name), "now": value} for name, value in operation.fields.items()}
            items.append({"revision": None, "at": iso_time(operation.at), "by": self.store.setting("full_name"),
                          "device": logged.device, "op_id": logged.op_id, "changes": changes,
                          "verdict": logged.state})  # fmt: skip
        return items

    def for_review(self) -> list[Entry]:
        """Entries of others that wait for this person's review."""
        own = self.store.setting("employee")
        return [entry for entry in self.entries(voided=False)
                if entry.fields.get("owner") not in (None, own) and entry.review_state == "submitted"]  # fmt: skip

    def attention(self) -> list[AttentionItem]:
        """What needs the person: rejected, parked, or being decided."""
        found = self.store.logged("state IN ('rejected', 'parked', 'conflict') AND superseded = 0")
        return [
            AttentionItem(each.op_id, each.state, each.record, each.operation.kind, each.operation.fields, each.code,
                          each.field, each.message, each.conflict)
            for each in found
        ]  # fmt: skip

    def conflicts(self, *, open_only: bool = False) -> list[dict[str, Json]]:
        """The conflicts that this device may see."""
        shown = [conflict_json(row.view) for row in self.store.rows("type = 'conflict'") if row.view]
        return [each for each in shown if not open_only or each["state"] != "resolved"]

    def status(self) -> dict[str, Json]:
        """How safe the work is: counts per state, last success, epoch and server."""
        counts: dict[str, int] = dict(self.store.query("SELECT state, count(*) FROM operation GROUP BY state"))
        backed_up = self.store.setting("backed_up_seq") or 0
        return {
            "enrolled": self.store.setting("device") is not None,
            "unsent": self.store.unsent_count(),
            "quarantined": self.store.quarantined_count(),
            "drafts": len(self.store.drafts()),
            "received": sum(counts.get(name, 0) for name in ("received", "parked", "rejected", "conflict", "corrected")),
            "backed_up": backed_up,
            "rejected": counts.get("rejected", 0),
            "parked": counts.get("parked", 0),
            "conflicts": sum(1 for each in self.conflicts() if each["state"] != "resolved"),
            "forked": self.store.setting("forked_at") is not None,
            "wiped_at": iso_time(self.store.setting("wiped_at")),
            "last_success_at": iso_time(self.store.setting("last_success_at")),
            "epoch": self.store.setting("epoch"),
            "server_id": self.store.setting("server"),
            "device": self.store.setting("device"),
            "nip": self.store.setting("nip"),
            "insecure_lan": bool(self.store.setting("insecure_lan")),
        }

    def sync(self, progress: Callable[[SyncReport], None] | None = None) -> SyncReport:
        """Send and read until nothing waits; the report says what stopped it otherwise."""
        self._check_enrolled()
        transport = self._transport(self.store.setting("url"), insecure_lan=bool(self.store.setting("insecure_lan")))
        return SyncEngine(self.store, transport, self._clock, self._chance).run(progress)

    @contextmanager
    def watch(self, *, seconds: float = 30, on_report: Callable[[SyncReport], None] | None = None) -> Iterator[None]:
        """Sync in the background until the block ends; it drains by itself when the link is back."""

        def once() -> None:
            report = self.sync()
            if on_report is not None:
                on_report(report)

        with running(once, seconds=seconds):
            yield

    def verify(self) -> list[str]:
        """Faults of the file and of every log's chain; empty when all is well."""
        faults = self.store.integrity()
        for (device,) in self.store.query("SELECT DISTINCT device FROM operation"):
            logged = self.store.logged("device = ?", device)
            start = self.store.hash_at(device, 0) or b""
            hashes = chain(start, [each.raw for each in logged])
            faults += [f"operation {each.op_id}: the chain does not hold"
                       for number, (each, digest) in enumerate(zip(logged, hashes, strict=True), start=1)
                       if each.hash != digest or each.seq != number]  # fmt: skip
        return faults

    def _write(
        self, kind: Any, record_type: str, *, fields: Mapping[str, Json] | None = None, id: str | None = None,
        was: Mapping[str, Json] | None = None, judged: Judged | None = None, supersedes: tuple[Origin, ...] = (),
    ) -> Logged:  # fmt: skip
        self._check_enrolled()
        now = self._clock.wall_ms()
        operation = Operation(
            kind=kind, type=record_type, at=now, offset=self._clock.offset_minutes(),
            hlc=tick(self.store.last_hlc(), now), id=id, fields=dict(fields or {}), was=dict(was or {}),
            mono=self._clock.mono_ms(), boot=self._clock.boot(), judged=judged, supersedes=supersedes,
        )  # fmt: skip
        try:
            check_operation(operation)
        except Refused as refused:
            raise _problem_of(refused) from refused
        assert encode_operation(operation)
        return self.store.append(operation)

    def _check_draft(self, fields: dict[str, Json]) -> None:
        try:
            check_fields(RECORD_TYPES[ENTRY], fields)
        except Refused as refused:
            raise _problem_of(refused) from refused

    def _check_enrolled(self) -> None:
        if self.store.setting("wiped_at") is not None:
            raise wiped_problem()
        if self.store.setting("device") is None:
            raise Problem("not_enrolled", "This device is not enrolled yet; nothing was saved.", {},
                          "Enrol it with the code of your admin: lontara enrol URL --code CODE.")  # fmt: skip

    def _view(self, record_type: str, record: str) -> Record:
        row = self.store.row(record_type, record)
        if row is None or row.view is None:
            raise _not_found(record)
        return row.view

    def _editable(self, entry: str) -> Record:
        view = self._view(ENTRY, entry)
        state = view.fields.get("review_state")
        if state in RECORD_TYPES[ENTRY].final["review_state"]:
            raise Problem("entry_reviewed", "The entry has been reviewed; it was not changed.",
                          {"id": entry, "review_state": state}, "Ask your supervisor to withdraw the review first.")  # fmt: skip
        return view

    def _entry_of(self, row: Row) -> Entry:
        assert row.view is not None
        own = self.store.logged("record = ? AND state NOT IN ('rechained', 'corrected')", row.id)
        fields = dict(row.view.fields)
        if own and "captured_at" not in fields:
            fields["captured_at"] = own[0].operation.at
        state = max(map(self._delivery_of, own), key=_WEIGHT.__getitem__, default="received")
        if row.view.clash is not None and _WEIGHT[state] < _WEIGHT["conflict"]:
            state = "conflict"
        backed_up, device = self.store.setting("backed_up_seq") or 0, self.store.setting("device")
        if state == "received" and own and all(each.device == device and each.seq <= backed_up for each in own):
            state = "backed_up"
        deciding = {name: value for each in own if each.state == "conflict" and each.operation.kind == "set"
                    for name, value in each.operation.fields.items() if fields.get(name) != value}  # fmt: skip
        return self._entry(row.id, fields, row.revision, state, voided=row.view.voided, deciding=deciding)

    def _delivery_of(self, logged: Logged) -> str:
        held = self.store.setting("quarantined_seq") or 0
        aside = logged.state == "queued" and logged.device == self.store.setting("device") and logged.seq <= held
        return "quarantined" if aside else logged.state

    def _entry(
        self, id_: str, fields: Mapping[str, Json], revision: int, state: str, *, voided: bool,
        deciding: Mapping[str, Json] | None = None,
    ) -> Entry:  # fmt: skip
        owner = fields.get("owner")
        person = self.store.row("employee", owner) if owner else None
        nip = self.store.setting("nip") if owner in (None, self.store.setting("employee")) else ""
        if person is not None and person.view is not None:
            nip = person.view.fields.get("nip", nip)
        return Entry(id_, self.store.setting("org") or "", nip or "", fields, revision, voided, state, deciding or {})


def _judged(view: Record) -> Judged:
    return Judged(hash=judged_hash(view), revision=view.revision)


def _was(shown: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """What the author saw of every changed field, and of all that moves together with one."""
    names = {name for field in changes for name in RECORD_TYPES[ENTRY].group_of(field)}
    return {name: shown.get(name) for name in sorted(names)}


def _with_times(view: Record, changes: dict[str, Json]) -> dict[str, Json]:
    """With the duration that follows from the times, so that neither side has to guess; raises Problem."""
    when = RECORD_TYPES[ENTRY].groups["when"]
    merged = {name: changes.get(name, view.fields.get(name)) for name in when}
    if set(changes) & {"start_time", "end_time"} and "duration_minutes" not in changes and merged["start_time"]:
        changes = {**changes, "duration_minutes": None}
        merged["duration_minutes"] = None
    whole = {name: value for name, value in merged.items() if value is not None}
    trial = Operation(kind="create", type=ENTRY, at=0, offset=0, hlc=(0, 0), fields={**whole, "title": "-"})
    try:
        check_operation(trial)
    except Refused as refused:
        raise _problem_of(refused) from refused
    return changes


def _tidied(fields: Mapping[str, Json], *, keep_empty: bool = False) -> dict[str, Json]:
    tidy = {name: tidy_text(value) if isinstance(value, str) else value for name, value in fields.items()}
    emptied = {name: None if value == "" else value for name, value in tidy.items()}
    return {name: value for name, value in emptied.items() if keep_empty or value is not None}


def _not_found(record: str) -> Problem:
    return Problem("not_found", "Nothing on this device has this id; nothing was changed.", {"id": record},
                   "See `lontara list`.")  # fmt: skip


def _problem_of(refused: Refused) -> Problem:
    return Problem(refused.code, f"{refused.why}; nothing was saved.", {"field": refused.field}, "Correct it and save again.")

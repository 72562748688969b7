"""The SDK's face: what an app, a script or the command line does with one person's store.

Whatever a person writes becomes one operation with its view in one transaction; when a method returns, it is on disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

from lontara import concerns, corrections, enrolment
from lontara.authoring import (
    ENTRY,
    ENTRY_TYPE,
    Author,
    check_draft,
    check_names,
    check_set,
    judged_of,
    not_found,
    tidied,
    was_of,
    with_times,
)
from lontara.clock import Clock, SystemClock
from lontara.engine import SyncEngine, SyncReport
from lontara.entries import AttentionItem, Decision, Entry, conflict_json, iso_time, score_json
from lontara.objections import OBJECTION, Objection, objections_of, open_objection, withdraw_objection
from lontara.scheduler import running
from lontara.store import Logged, Row, Store
from lontara.transport import HttpTransport, Transport, check_url
from lontara_core.canonical import Json, encode, tidy_text
from lontara_core.identifiers import derived_id
from lontara_core.log import chain
from lontara_core.problems import Problem
from lontara_core.record import Record
from lontara_core.short_ids import bare, whole_id

_WEIGHT = {"received": 0, "quarantined": 1, "queued": 2, "parked": 3, "conflict": 4, "rejected": 5}


class Client:
    """One person's store on this device."""

    def __init__(
        self, store: Store, *, clock: Clock | None = None, chance: Random | None = None,
        transport: Callable[[str], Transport] | None = None,
    ) -> None:  # fmt: skip
        self.store = store
        self._clock = clock or SystemClock()
        self._author = Author(store, self._clock)
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
        engine = SyncEngine(self.store, transport, self._clock, self._chance)
        enrolment.enrol(self.store, transport, code, engine=engine, server_key=server_key, name=name,
                        now_ms=self._clock.wall_ms(), address={"url": url, "insecure_lan": insecure_lan})  # fmt: skip

    def _transport(self, url: str, *, insecure_lan: bool) -> Transport:
        return self._connect(url) if self._connect else HttpTransport(url, insecure_lan=insecure_lan)

    def record(self, *, draft: bool = False, **fields: Json) -> Entry:
        """Save an entry and submit it; with `draft` it stays here until `submit`."""
        kept = tidied(fields)
        with self.store.transaction():
            self._author.check_enrolled()
            check_draft(kept)
            if draft:
                now = self._clock.wall_ms()
                id_ = derived_id(now, encode({"fields": kept, "salt": secrets.token_hex(16)}))
                self.store.set_draft(id_, kept, now)
                return self.entry(id_)
            return self.entry(self._author.write("create", ENTRY, fields=kept).record)

    def submit(self, entry: str) -> Entry:
        """Submit a draft; it keeps its id."""
        with self.store.transaction():
            fields = self._draft(entry)
            if fields is None:
                raise not_found(entry)
            self._author.write("create", ENTRY, fields=fields, id=entry)
            self.store.drop_draft(entry)
            return self.entry(entry)

    def edit(self, entry: str, **changes: Json) -> Entry:
        """Change fields of an entry or a draft; what was returned for revision is submitted again by it.

        Raises Problem entry_reviewed, not_found, not_permitted, unknown_field, and others of a field.
        """
        return self._edit(entry, changes, of_reviewed=False)

    def edit_reviewed(self, entry: str, **changes: Json) -> Entry:
        """Put a change of an entry before the admin that is approved or rejected; the reviewed values stay till then."""
        return self._edit(entry, changes, of_reviewed=True)

    def _edit(self, entry: str, wished: Mapping[str, Json], *, of_reviewed: bool) -> Entry:
        check_names(wished)
        changes = tidied(wished, keep_empty=True)
        with self.store.transaction():
            draft = self._draft(entry)
            if draft is not None:
                merged = {name: value for name, value in {**draft, **changes}.items() if value is not None}
                check_draft(merged)
                self.store.set_draft(entry, merged, self._clock.wall_ms())
                return self.entry(entry)
            view = self._editable(entry, of_reviewed=of_reviewed)
            if view.fields.get("review_state") == "needs_revision":
                changes["review_state"] = "submitted"
            changes = {name: value for name, value in changes.items() if view.fields.get(name) != value}
            if changes:
                check_set(view, changes)
                changes = with_times(view, changes)
                self._author.write("set", ENTRY, id=entry, fields=changes, was=was_of(view.fields, changes))
            return self.entry(entry)

    def delete(self, entry: str, *, reason: str = "", of_reviewed: bool = False) -> None:
        """Delete a draft, or mark an entry as void; it can be restored.

        of_reviewed: also of one that is approved or rejected; an admin decides. Raises Problem entry_reviewed without.
        """
        with self.store.transaction():
            if self._draft(entry) is not None:
                self.store.drop_draft(entry)
                return
            view = self._editable(entry, of_reviewed=of_reviewed)
            if not view.voided:
                fields = {"reason": reason} if reason else {}
                self._author.write("void", ENTRY, id=entry, fields=fields, judged=judged_of(view))

    def restore(self, entry: str) -> Entry:
        """Take the void mark away."""
        with self.store.transaction():
            view = self._view(ENTRY, entry)
            if view.voided:
                self._author.write("restore", ENTRY, id=entry, judged=judged_of(view))
            return self.entry(entry)

    def review(self, entry: str, verdict: str, *, note: str = "") -> Entry:
        """Approve (`approved`), return (`needs_revision`) or reject a worker's entry as it stands on this device; or
        take an approval back (`submitted`).

        Raises Problem not_found, not_permitted, state_not_allowed, missing_field.
        """
        with self.store.transaction():
            refused = corrections.reviewed_again(self.store, entry)
            view = self._view(ENTRY, entry)
            self._check_review(view, verdict)
            fields: dict[str, Json] = {"verdict": verdict}
            if note:
                fields["note"] = tidy_text(note)
            self._author.write("review", ENTRY, id=entry, fields=fields, judged=judged_of(view), supersedes=refused)
            return self.entry(entry)

    def _check_review(self, view: Record, verdict: str) -> None:
        """Refuse what the server would: one's own work, another's team, a step that the state graph lacks."""
        owner, me = view.fields.get("owner"), self.store.setting("employee")
        facts = {"id": view.id}
        if owner in (None, me):
            raise Problem("not_permitted", "Nobody reviews their own entry; nothing was saved.", facts,
                          "Ask an admin who supervises this person.")  # fmt: skip
        placed = [row.view.fields for row in self.store.rows("type = 'assignment'") if row.view is not None]
        known = [each for each in placed if each.get("employee") == owner]
        if known and not any(me in (each.get("supervisor"), each.get("acting_supervisor")) for each in known):
            raise Problem("not_permitted", "You do not supervise this person; nothing was saved.", facts,
                          "Ask an admin who supervises this person.")  # fmt: skip
        if view.voided:
            raise Problem("state_not_allowed", "The entry is deleted; nothing was saved.", facts, "Look at it again.")
        state = view.fields.get("review_state")
        steps = ENTRY_TYPE.transitions["review_state"]["supervisor"].get(str(state), ())
        if verdict not in steps:
            raise Problem("state_not_allowed", f"{state} does not lead to {verdict}; nothing was saved.",
                          {**facts, "review_state": state}, "Look at it again.")  # fmt: skip

    def answer(self, conflict: str, text: str) -> None:
        """Say something to a conflict that waits for the person."""
        with self.store.transaction():
            self._view("conflict", conflict)
            self._author.write("answer", "conflict", id=conflict, fields={"text": tidy_text(text)})

    def correct(self, op_id: str, **changes: Json) -> Entry:
        """Replace a rejected operation, and the person's edits that wait behind it, by one that holds them all.

        op_id: the operation's name, or the id of its entry.
        """
        with self.store.transaction():
            return self.entry(corrections.correct(self.store, self._author, op_id, changes))

    def dismiss(self, op_id: str) -> None:
        """Take a rejected operation off the list of what needs the person; its text stays in the history."""
        with self.store.transaction():
            corrections.dismiss(self.store, self._author, op_id)

    def entry(self, entry: str) -> Entry:
        """One entry or draft; raises Problem `not_found`."""
        for id_, fields, saved_at in self.store.drafts():
            if id_ == entry:
                return self._entry(id_, {**fields, "captured_at": saved_at}, 0, "draft", voided=False)
        row = self.store.row(ENTRY, entry)
        if row is None or row.view is None:
            raise not_found(entry)
        return self._entry_of(row)

    def entry_id(self, typed: str) -> str:
        """The id of an entry or draft by its end or beginning; what fits none is given back. Raises Problem ambiguous_id."""
        drafts = [id_ for id_, _, _ in self.store.drafts()]
        return whole_id(typed, [*drafts, *self._ids_like(ENTRY, typed)])

    def conflict_id(self, typed: str) -> str:
        """The id of a conflict by its end or beginning; what fits none is given back. Raises Problem ambiguous_id."""
        return whole_id(typed, self._ids_like("conflict", typed))

    def _ids_like(self, record_type: str, typed: str) -> list[str]:
        wanted = bare(typed)
        found = self.store.query("SELECT id FROM row WHERE type = ?1 AND (substr(id, 1, ?2) = ?3 OR substr(id, -?2) = ?3)",
                                 record_type, len(wanted), wanted)  # fmt: skip
        return [str(id_) for (id_,) in found]

    def today(self) -> date:
        """The org's date now."""
        return self._author.today()

    def entries(self, *, date_from: str | None = None, date_to: str | None = None, voided: bool = True) -> list[Entry]:
        """Entries and drafts from one local day to another, both included, by date and time; those without a time last."""
        first, last = date_from or "0000", date_to or "9999"
        drafts = [self.entry(id_) for id_, fields, _ in self.store.drafts()
                  if first <= str(fields.get("work_date", "")) <= last]  # fmt: skip
        rows = self.store.rows("type = ? AND work_date BETWEEN ? AND ?", ENTRY, first, last)
        stored = [self._entry_of(row) for row in rows if row.view and (voided or not row.view.voided)]
        return sorted([*drafts, *stored], key=_by_time)

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
        """What needs the person: operations that are rejected, parked or being decided; entries that were returned;
        questions about entries; objections that were answered; what an admin decides; and what has stopped the device."""
        found = self.store.logged("state IN ('rejected', 'parked', 'conflict') AND superseded = 0")
        waiting = [
            AttentionItem(each.op_id, each.state, each.record, each.operation.kind, each.operation.fields, each.code,
                          each.field, each.message, each.conflict)
            for each in found
        ]  # fmt: skip
        return [*concerns.of_the_device(self.store), *waiting, *concerns.returned(self.store),
                *concerns.questions(self.store), *concerns.answered(self.store), *concerns.deciding(self.store)]  # fmt: skip

    def merged(self) -> dict[str, str]:
        """Entries that a decision has merged into another one, each with that one's title."""
        return concerns.merged(self.store)

    def decisions(self, *, about: str | None = None, unseen: bool = False) -> list[Decision]:
        """What was decided about the person's entries, the newest first; `about` names an entry or a conflict."""
        return [each for each in concerns.decisions(self.store)
                if not (unseen and each.seen) and (about is None or about in (each.conflict, *each.records))]  # fmt: skip

    def scores(self) -> list[dict[str, Json]]:
        """The person's monthly scores as the server has sent them, the newest month first."""
        own = self.store.setting("employee")
        views = [row.view for row in self.store.rows("type = 'score'") if row.view is not None]
        shown = [score_json(view) for view in views if view.fields.get("owner") in (None, own)]
        return sorted(shown, key=lambda each: str(each["period"]), reverse=True)

    def objections(self) -> list[Objection]:
        """The person's objections to scores, the newest month first."""
        return objections_of(self.store, self._delivery_of)

    def object_to_score(self, period: str, text: str) -> Objection:
        """Object to a month's score; it is sent like an entry, and a person looks into it.

        Raises Problem already_exists, invalid_field, missing_field.
        """
        with self.store.transaction():
            made = open_objection(self.store, self._author, period, text)
            return next(each for each in self.objections() if each.record.id == made)

    def withdraw_objection(self, objection: str) -> None:
        """Take an open objection back. Raises Problem not_found, state_not_allowed."""
        with self.store.transaction():
            withdraw_objection(self.store, self._author, objection)

    def objection_id(self, typed: str) -> str:
        """The id of an objection by its end or beginning; what fits none is given back. Raises Problem ambiguous_id."""
        return whole_id(typed, self._ids_like(OBJECTION, typed))

    def see_all(self) -> int:
        """Note that the person has read every decision, rejection and answer; returns how many were new."""
        with self.store.transaction():
            return concerns.see(self.store)

    def conflicts(self, *, open_only: bool = False) -> list[dict[str, Json]]:
        """The conflicts that this device may see."""
        shown = [conflict_json(row.view) for row in self.store.rows("type = 'conflict'") if row.view]
        return [each for each in shown if not open_only or each["state"] != "resolved"]

    def contested(self) -> frozenset[str]:
        """The entries about which a conflict is open that this device may see, or whose open versions it holds."""
        of_conflicts = {str(record) for each in self.conflicts(open_only=True) for record in each["records"]}
        rows = self.store.rows("type = ? AND view LIKE ?", ENTRY, '%"clash":"%')
        return frozenset(of_conflicts | {row.id for row in rows if row.view is not None and row.view.clash})

    def status(self) -> dict[str, Json]:
        """How safe the work is: counts per state, last success, epoch and server."""
        counts: dict[str, int] = dict(self.store.query("SELECT state, count(*) FROM operation GROUP BY state"))
        backed_up = self.store.setting("backed_up_seq") or 0
        return {
            "enrolled": self.store.setting("device") is not None,
            "unsent": self.store.unsent_count(),
            "unsent_entries": self._records_waiting(quarantined=False),
            "quarantined": self.store.quarantined_count(),
            "quarantined_entries": self._records_waiting(quarantined=True),
            "drafts": len(self.store.drafts()),
            "received": (self.store.setting("let_go") or 0)
            + sum(counts.get(name, 0) for name in ("received", "parked", "rejected", "conflict", "corrected")),
            "backed_up": backed_up,
            "rejected": counts.get("rejected", 0),
            "parked": counts.get("parked", 0),
            "conflicts": sum(1 for each in self.conflicts() if each["state"] != "resolved"),
            "forked": self.store.setting("forked_at") is not None,
            "log_gap": bool(self.store.setting("log_gap")),
            "wiped_at": iso_time(self.store.setting("wiped_at")),
            "last_success_at": iso_time(self.store.setting("last_success_at")),
            "epoch": self.store.setting("epoch"),
            "server_id": self.store.setting("server"),
            "device": self.store.setting("device"),
            "nip": self.store.setting("nip"),
            "insecure_lan": bool(self.store.setting("insecure_lan")),
        }

    def _records_waiting(self, *, quarantined: bool) -> int:
        """How many records have something that no server has received, or that it has set aside."""
        condition = "device = ? AND seq <= ?" if quarantined else "NOT (device = ? AND seq <= ?)"
        found = self.store.query(
            f"SELECT count(DISTINCT record) FROM operation WHERE state = 'queued' AND {condition}",  # noqa: S608
            self.store.setting("device"), self.store.setting("quarantined_seq") or 0,
        )  # fmt: skip
        return int(found[0][0])

    def sync(self, progress: Callable[[SyncReport], None] | None = None) -> SyncReport:
        """Send and read until nothing waits; the report says what stopped it otherwise."""
        self._author.check_enrolled()
        transport = self._transport(self.store.setting("url"), insecure_lan=bool(self.store.setting("insecure_lan")))
        known = {(each.conflict, each.at) for each in self.decisions()}
        report = SyncEngine(self.store, transport, self._clock, self._chance).run(progress)
        report.decisions = [each for each in self.decisions() if (each.conflict, each.at) not in known]
        return report

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
            last_gone = self.store.kept_after(device)
            start = self.store.hash_at(device, last_gone) or b""
            hashes = chain(start, [each.raw for each in logged])
            faults += [f"operation {each.op_id}: the chain does not hold"
                       for number, (each, digest) in enumerate(zip(logged, hashes, strict=True), start=last_gone + 1)
                       if each.hash != digest or each.seq != number]  # fmt: skip
        return faults

    def _draft(self, entry: str) -> dict[str, Json] | None:
        return next((fields for id_, fields, _ in self.store.drafts() if id_ == entry), None)

    def _view(self, record_type: str, record: str) -> Record:
        row = self.store.row(record_type, record)
        if row is None or row.view is None:
            raise not_found(record)
        return row.view

    def _editable(self, entry: str, *, of_reviewed: bool) -> Record:
        view = self._view(ENTRY, entry)
        if view.fields.get("owner") not in (None, self.store.setting("employee")):
            raise Problem("not_permitted", "An entry is changed by the person whose work it is; nothing was saved.",
                          {"id": entry}, "Look at it again.")  # fmt: skip
        state = view.fields.get("review_state")
        if state in ENTRY_TYPE.final["review_state"] and not of_reviewed:
            raise Problem("entry_reviewed", "The entry has been reviewed; it was not changed.",
                          {"id": entry, "review_state": state},
                          "Ask your supervisor to withdraw the review, or say --yes to put the change before the"
                          " admin.")  # fmt: skip
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
        if state == "received" and (own or row.let_go) and all(self.store.is_backed_up(each) for each in own):
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


def _by_time(entry: Entry) -> tuple[str, bool, str, str]:
    start = str(entry.fields.get("start_time") or "")
    return entry.work_date, not start, start, entry.id

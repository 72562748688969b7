"""What must hold after every step of a schedule, and what must hold once all has come to rest.

The names are those of the specification's invariants. All evidence is read by `evidence`; no checker asks the
product, but for the proof of scores, which computes them anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from simulation.evidence import Evidence, Op, Seen, device_log, device_rows
from simulation.ledger import Ledger
from simulation.score_check import score_faults
from simulation.tablet import Tablet
from simulation.values import readable_values, values_of

# Fields whose clash is never decided by itself.
ASKED: Final = ("title", "description", "quantity", "output_unit", "category", "work_date", "start_time", "end_time")
# Fields that an edit shows exactly as it was written.
SHOWN: Final = ("title", "description", "place", "category")
SYNCED: Final = ("activity_entry", "conflict", "review")


class Violation(AssertionError):
    """An invariant does not hold."""

    def __init__(self, invariant: str, detail: str) -> None:
        super().__init__(f"{invariant}: {detail}")
        self.invariant = invariant
        self.trace: list[str] = []


def _require(invariant: str, faults: Iterable[str]) -> None:
    found = list(faults)
    if found:
        raise Violation(invariant, "; ".join(found[:4]))


class Checkers:
    """Remembers what was seen before, so that it can tell what went back."""

    def __init__(self, database: Path, tablets: list[Tablet], ledger: Ledger) -> None:
        self._evidence, self._tablets, self._ledger = Evidence(database), tablets, ledger
        self._logs: dict[str, list[bytes]] = {}
        self._acknowledged: dict[str, set[int]] = {}
        self._cursors: dict[str, dict[str, int]] = {}
        self._revisions: dict[str, dict[str, int]] = {}

    def close(self) -> None:
        self._evidence.close()

    def fingerprint(self) -> str:
        """A digest of the server's tables."""
        return self._evidence.fingerprint()

    def operations(self) -> int:
        """How many operations the devices have written."""
        return sum(len(log) for log in self._logs.values())

    def after_step(self) -> None:
        """Raise Violation where something is lost, doubled, overtaken or claimed too early."""
        _require("gapless feed", self._evidence.feed_faults())
        for tablet in self._tablets:
            log = device_log(tablet)
            committed, faults = self._evidence.log_of(tablet.device)
            _require("exactly-once effect", (f"{tablet.name}: {fault}" for fault in faults))
            _require("the outbox never shrinks", self._log_faults(tablet, log))
            _require("received means committed", _claims_too_much(tablet, log, committed))
            _require("saved is readable", self._unreadable(tablet))
            _require("a pending edit is shown", _hidden_edits(tablet, log))

    def after_commit(self, tablet: Tablet) -> None:
        """Raise Violation where a device went back: asked after every transaction, since the next one may hide it."""
        _require("the cursor never goes back", self._went_back(tablet))

    def _log_faults(self, tablet: Tablet, log: list[Op]) -> Iterable[str]:
        before, now = self._logs.get(tablet.name, []), [op.hash for op in log]
        if now[: len(before)] != before:
            yield f"{tablet.name} lost or changed operations that it had written"
        if [op.seq for op in log] != list(range(1, len(log) + 1)):
            yield f"{tablet.name} has gaps in its log"
        self._logs[tablet.name] = now

    def _unreadable(self, tablet: Tablet) -> Iterable[str]:
        shown = set(tablet.known("activity_entry"))
        drafts = {id_ for (id_,) in tablet.store.query("SELECT id FROM draft")}
        for told, here in ((self._ledger.entries, shown), (self._ledger.drafts, drafts)):
            for record, device in told.items():
                if device == tablet.name and record not in here:
                    yield f"{tablet.name} no longer shows {record}"

    def _went_back(self, tablet: Tablet) -> Iterable[str]:
        cursors: dict[str, int] = dict(tablet.store.query("SELECT scope, after FROM cursor"))
        for scope, before in self._cursors.get(tablet.name, {}).items():
            if cursors.get(scope, -1) < before:
                yield f"{tablet.name}: {scope} went from {before} to {cursors.get(scope)}"
        self._cursors[tablet.name] = cursors
        revisions: dict[str, int] = dict(tablet.store.query("SELECT type || ' ' || id, revision FROM row"))
        for record, before in self._revisions.get(tablet.name, {}).items():
            if revisions.get(record, before) < before:
                yield f"{tablet.name}: {record} went from revision {before} to {revisions.get(record)}"
        self._revisions[tablet.name] = revisions

    def at_rest(self) -> None:
        """Raise Violation where the devices and the server differ, or something written is nowhere to be found."""
        logs = {tablet.device: device_log(tablet) for tablet in self._tablets}
        _require("the queue drains", self._undrained(logs))
        _require("saved is on the server", self._missing_on_server())
        _require("exactly-once effect", self._doubled(logs))
        _require("no silent overwrite", self._overwritten(logs))
        _require("every value is kept", self._lost_values())
        _require("honest status", self._attention_differs(logs))
        _require("the feed names every revision", self._behind_feed())
        for tablet in self._tablets:
            _require("convergence", self._diverged(tablet, logs[tablet.device]))
        _require("score = f(entries)", score_faults(self._evidence))

    def _undrained(self, logs: Mapping[str, list[Op]]) -> Iterable[str]:
        for tablet in self._tablets:
            waiting = [op.seq for op in logs[tablet.device] if op.state == "queued"]
            if waiting:
                yield f"{tablet.name} still has {waiting}"

    def _missing_on_server(self) -> Iterable[str]:
        known = set(self._evidence.records("activity_entry")) | self._kept_aside()
        return (f"{record} of {device}" for record, device in self._ledger.entries.items() if record not in known)

    def _kept_aside(self) -> set[str]:
        return {row["record"] for row in self._evidence.rows("SELECT record FROM attention WHERE verdict = 'rejected'")}

    def _doubled(self, logs: Mapping[str, list[Op]]) -> Iterable[str]:
        created = {op.record for log in logs.values() for op in log if op.document["kind"] == "create"}
        known = set(self._evidence.records("activity_entry"))
        yield from (f"entry {record} was never written" for record in known - created)
        said = Counter(op.document["fields"]["text"] for log in logs.values() for op in log
                       if op.document["kind"] == "answer")  # fmt: skip
        shown = Counter(each["text"] for row in self._evidence.rows("SELECT answers FROM conflict")
                        for each in row["answers"])  # fmt: skip
        yield from (f"answer {text!r} counts {count} times" for text, count in shown.items() if count > said[text])
        reviews = Counter(
            (op.record, op.document["fields"]["verdict"], op.document["fields"].get("note"))
            for log in logs.values() for op in log if op.document["kind"] == "review"
        )  # fmt: skip
        held = Counter((row["entry_id"], row["verdict"], row["note"])
                       for row in self._evidence.rows("SELECT entry_id, verdict, note FROM review"))  # fmt: skip
        yield from (f"review {key} counts {count} times" for key, count in held.items() if count > reviews[key])

    def _overwritten(self, logs: Mapping[str, list[Op]]) -> Iterable[str]:
        for row in self._evidence.rows(
            "SELECT id, device, seq, changes FROM history WHERE record_type = 'activity_entry'"
        ):
            if row["device"] not in logs:
                continue
            wish = logs[row["device"]][row["seq"] - 1].document
            changes = json.loads(row["changes"])
            for name in set(ASKED) & set(changes) & set(wish["fields"]) if wish["kind"] == "set" else ():
                change = changes[name]
                if "wished" not in change and change["was"] != wish["was"].get(name):
                    yield f"{row['id']}.{name}: {change['was']!r} gave way to {change['now']!r}, whose author had not seen it"

    def _lost_values(self) -> Iterable[str]:
        kept = readable_values(self._evidence)
        for told in self._ledger.values:
            if told.value is not None and not values_of(told.value) <= kept.get((told.record, told.field), set()):
                yield f"{told.record}.{told.field} = {told.value!r} of {told.device}"

    def _attention_differs(self, logs: Mapping[str, list[Op]]) -> Iterable[str]:
        rows = self._evidence.rows("SELECT device, seq, verdict FROM attention WHERE state = 'open'")
        for tablet in self._tablets:
            there = {row["seq"]: row["verdict"] for row in rows if row["device"] == tablet.device}
            here = {op.seq: op.state for op in logs[tablet.device] if op.state in ("parked", "rejected", "conflict")}
            if there != here:
                yield f"{tablet.name} says {here}, the server {there}"

    def _behind_feed(self) -> Iterable[str]:
        named: dict[tuple[str, str], int] = {}
        for row in self._evidence.rows("SELECT seq, records AS lines FROM feed WHERE removal IS NULL ORDER BY seq"):
            for kind, record, revision in json.loads(row["lines"]):
                if revision < named.get((kind, record), 0):
                    yield f"{kind} {record}: revision {revision} in row {row['seq']} after {named[kind, record]}"
                named[kind, record] = revision
        for kind in SYNCED:
            for record, seen in self._evidence.records(kind).items():
                if named.get((kind, record)) != seen.revision:
                    yield f"{kind} {record} is at {seen.revision}, the feed at {named.get((kind, record))}"

    def _diverged(self, tablet: Tablet, log: list[Op]) -> Iterable[str]:
        me = str(tablet.store.setting("employee"))
        supervises = any(str(scope).startswith("unit:") for scope in tablet.store.setting("scopes"))
        unsettled = {op.record for op in log if op.state in ("parked", "rejected") and not op.superseded}
        for kind in SYNCED:
            owners = self._evidence.owners(kind)
            there = {record: row for record, row in self._evidence.records(kind).items()
                     if supervises or owners[record] == me}  # fmt: skip
            for column in ("server", "view"):
                here = device_rows(tablet, kind, column)
                for record in sorted(set(here) | set(there)):
                    if column == "view" and record in unsettled:
                        continue
                    fault = _difference(here.get(record), there.get(record))
                    if fault:
                        yield f"{tablet.name}: {column} of {kind} {record}: {fault}"


def _difference(here: Seen | None, there: Seen | None) -> str | None:
    if here == there:
        return None
    if here is None or there is None:
        return "only on the server" if here is None else "only on the device"
    names = {name for name in {*here.fields, *there.fields} if here.fields.get(name) != there.fields.get(name)}
    told = {name: (here.fields.get(name), there.fields.get(name)) for name in sorted(names)}
    return f"revisions {here.revision} and {there.revision}, voided {here.voided} and {there.voided}, {told}"


def _claims_too_much(tablet: Tablet, log: list[Op], committed: list[bytes]) -> Iterable[str]:
    for op in log:
        if op.state == "queued":
            continue
        if op.seq > len(committed):
            yield f"{tablet.name} says that operation {op.seq} is {op.state}, and the server does not hold it"
        elif committed[op.seq - 1] != op.raw:
            yield f"{tablet.name}: the server holds other bytes as operation {op.seq}"


def _hidden_edits(tablet: Tablet, log: list[Op]) -> Iterable[str]:
    wished: dict[str, dict[str, Any]] = {}
    for op in log:
        if op.state == "queued" and not op.superseded and op.document["kind"] in ("create", "set"):
            fields = {name: value for name, value in op.document["fields"].items() if name in SHOWN}
            wished.setdefault(op.record, {}).update(fields)
    if not wished:
        return
    views = device_rows(tablet, "activity_entry", "view")
    for record, fields in wished.items():
        shown = views[record].fields if record in views else {}
        for name, value in fields.items():
            if shown.get(name) != value:
                yield f"{tablet.name} shows {shown.get(name)!r} over the pending {name} {value!r} of {record}"

"""What must hold once all has come to rest: the link is up, nothing is on its way, every device has synced.

The names are those of the specification's invariants. No checker asks the product.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from simulation.checkers import Checkers
from simulation.evidence import Evidence, Seen, device_rows, named_by, store_log
from simulation.faults import require
from simulation.score_check import score_faults
from simulation.tablet import Tablet
from simulation.values import readable_values, values_of

# Fields whose clash is never decided by itself.
ASKED: Final = ("title", "description", "quantity", "output_unit", "category", "work_date", "start_time", "end_time")
SYNCED: Final = ("activity_entry", "conflict", "review")
UNSETTLED: Final = ("parked", "rejected", "conflict")


class AtRest:
    """One look at the server and at every device, when all is quiet."""

    def __init__(self, checkers: Checkers, now_ms: int, *, undisturbed: bool) -> None:
        self._checkers, self._now_ms, self._undisturbed = checkers, now_ms, undisturbed
        self._evidence: Evidence = checkers.evidence
        self._ledger, self._written = checkers.ledger, checkers.written
        self._aside = self._evidence.set_aside()
        self._logs = {tablet.name: store_log(tablet) for tablet in checkers.live}
        self._orgs = sorted({tablet.org for tablet in checkers.tablets})
        self._states = {row["id"]: row["state"] for row in self._evidence.rows("SELECT id, state FROM device")}

    def check(self) -> None:
        """Raise Violation where the devices and the server differ, or something written is nowhere to be found."""
        require("the queue drains", self._undrained())
        require("saved is on the server", self._missing_on_server())
        require("exactly-once effect", self._doubled())
        require("no silent overwrite", self._overwritten())
        require("every value is kept", self._lost_values())
        require("a poison record blocks only itself", self._parked_without_cause())
        require("honest status", self._attention_differs())
        for org in self._orgs:
            require("the feed names every revision", self._behind_feed(org))
            require("score = f(entries)", score_faults(self._evidence, org))
        require("tenants are apart", self._strangers())
        for tablet in self._checkers.live:
            if self._states.get(tablet.device) == "active":
                require("convergence", self._diverged(tablet))
        if self._undisturbed:
            require("no needless conflict", self._needless())

    def _undrained(self) -> Iterable[str]:
        for tablet in self._checkers.live:
            revoked = self._states.get(tablet.device) != "active"
            for op in self._logs[tablet.name]:
                if op.state == "queued" and not (revoked and op.origin in self._aside):
                    yield f"{tablet.name} still has {op.device}:{op.seq}"

    def _missing_on_server(self) -> Iterable[str]:
        known: set[str] = set()
        for org in self._orgs:
            known |= set(self._evidence.records("activity_entry", org))
        refused = {origin for origin, _ in self._in_attention("rejected")}
        for record, saved in self._ledger.entries.items():
            if record not in known and saved.operation not in refused and not self._waits_aside(saved.operation):
                yield f"{record} of {saved.tablet}"

    def _in_attention(self, *verdicts: str) -> list[tuple[str, dict[str, Any]]]:
        """What was refused or waits, or did before it was corrected: by the hash of its first signing."""
        rows = self._evidence.rows("SELECT device, seq, verdict FROM attention")
        places = [(row["device"], row["seq"]) for row in rows if row["verdict"] in verdicts]
        by_device = self._evidence.logs.by_device
        return [(each.origin, json.loads(each.raw)) for device, seq in places for each in [by_device[device][seq - 1]]]

    def _waits_aside(self, operation: str) -> bool:
        """Whether it lies in quarantine and was not taken out of there."""
        return operation in self._aside and operation not in self._evidence.logs.places

    def _doubled(self) -> Iterable[str]:
        created = {op.record for op in self._written.values() if op.document["kind"] == "create"}
        for org in self._orgs:
            known = set(self._evidence.records("activity_entry", org))
            yield from (f"entry {record} was never written" for record in known - created)
        yield from self._taken_twice()
        said = Counter(op.document["fields"]["text"] for op in self._written.values() if op.document["kind"] == "answer")
        shown = Counter(each["text"] for row in self._evidence.rows("SELECT answers FROM conflict")
                        for each in row["answers"])  # fmt: skip
        yield from (f"answer {text!r} counts {count} times" for text, count in shown.items() if count > said[text])
        reviews = Counter(
            (op.record, op.document["fields"]["verdict"], op.document["fields"].get("note"))
            for op in self._written.values() if op.document["kind"] == "review"
        )  # fmt: skip
        held = Counter((row["entry_id"], row["verdict"], row["note"])
                       for row in self._evidence.rows("SELECT entry_id, verdict, note FROM review"))  # fmt: skip
        yield from (f"review {key} counts {count} times" for key, count in held.items() if count > reviews[key])

    def _taken_twice(self) -> Iterable[str]:
        """Operations that stand in several places of the server's logs and count in more than one of them."""
        refused = {(row["device"], row["seq"]) for row in
                   self._evidence.rows("SELECT device, seq FROM attention WHERE verdict = 'rejected'")}  # fmt: skip
        for origin, places in self._evidence.logs.places.items():
            counting = [each for each in places if not each.repeat and (each.device, each.seq) not in refused]
            if len(counting) > 1:
                told = ", ".join(f"{each.device}:{each.seq}" for each in counting)
                yield f"operation {origin[:12]} counts at {told}"

    def _overwritten(self) -> Iterable[str]:
        for row in self._evidence.rows(
            "SELECT id, device, seq, changes FROM history WHERE record_type = 'activity_entry'"
        ):
            wish = self._evidence.logs.at(row["device"], row["seq"])
            if wish is None or wish["kind"] != "set" or (row["device"] in self._evidence.logs.actors and "origin" not in wish):
                continue
            changes = json.loads(row["changes"])
            for name in set(ASKED) & set(changes) & set(wish["fields"]):
                change = changes[name]
                if "wished" not in change and change["was"] != wish["was"].get(name):
                    yield f"{row['id']}.{name}: {change['was']!r} gave way to {change['now']!r}, whose author had not seen it"

    def _lost_values(self) -> Iterable[str]:
        kept = readable_values(self._evidence, self._orgs, self._waiting())
        made_again = self._made_again()
        for told in self._ledger.values:
            if told.value is None:
                continue
            if told.record in made_again and told.operation in self._evidence.logs.places:
                # Another device made the entry again before its author's came: the log tells what was before.
                continue
            if not values_of(told.value) <= kept.get((told.record, told.field), set()):
                yield f"{told.record}.{told.field} = {told.value!r} of {told.tablet}"

    def _waiting(self) -> list[tuple[str, dict[str, Any]]]:
        """Operations that had no effect and are kept whole for people to read, each with its record."""
        waiting = [*self._aside.items(), *self._in_attention("rejected", "parked")]
        return [(self._written[origin].record, document) for origin, document in waiting if origin in self._written]

    def _made_again(self) -> set[str]:
        """Entries that were created more than once, as by a device of their person after a restore."""
        creates = Counter(op.record for op in self._written.values() if op.document["kind"] == "create")
        return {record for record, count in creates.items() if count > 1}

    def _parked_without_cause(self) -> Iterable[str]:
        rows = self._evidence.rows("SELECT * FROM attention WHERE state = 'open'")
        known = {row["id"] for kind in ("activity_entry", "conflict") for row in self._evidence.rows(f"SELECT id FROM {kind}")}
        for row in rows:
            if row["verdict"] != "parked" or row["record"] not in known:
                continue
            before = [each for each in rows if each is not row and each["verdict"] in ("parked", "rejected")
                      and (each["record"], each["lineage"]) == (row["record"], row["lineage"])]  # fmt: skip
            if not before:
                yield f"{row['device']}:{row['seq']} waits as {row['code']}, and nothing is before it"

    def _attention_differs(self) -> Iterable[str]:
        told = self._evidence.rows("SELECT device, seq, verdict, operation FROM attention WHERE state = 'open'")
        there: dict[tuple[str, int], str] = {}
        for row in told:
            place = (row["device"], row["seq"])
            if row["device"] in self._evidence.logs.actors:
                origin = json.loads(row["operation"])["origin"]
                place = (origin[0], origin[1])
            there[place] = row["verdict"]
        for tablet in self._checkers.live:
            for op in self._logs[tablet.name]:
                if op.state in ("queued", "rechained"):
                    continue
                here, says = op.state if op.state in UNSETTLED else None, there.get((op.device, op.seq))
                if here != says and not (op.state == "corrected" and op.superseded):
                    yield f"{tablet.name} says that {op.device}:{op.seq} is {op.state}, the server {says}"

    def _behind_feed(self, org: int) -> Iterable[str]:
        named: dict[tuple[str, str], int] = {}
        sql = "SELECT seq, records AS lines FROM feed WHERE removal IS NULL AND org_id = ? ORDER BY seq"
        for row in self._evidence.rows(sql, org):
            for kind, record, revision in named_by(row["lines"]):
                if revision < named.get((kind, record), 0):
                    yield f"{kind} {record}: revision {revision} in row {row['seq']} after {named[kind, record]}"
                named[kind, record] = revision
        for kind in SYNCED:
            for record, seen in self._evidence.records(kind, org).items():
                if named.get((kind, record)) != seen.revision:
                    yield f"{kind} {record} is at {seen.revision}, the feed at {named.get((kind, record))}"

    def _strangers(self) -> Iterable[str]:
        """Records of one org on a device of another."""
        owned = {row["id"]: row["org_id"] for kind in (*SYNCED, "employee", "org_unit", "assignment", "period")
                 for row in self._evidence.rows(f"SELECT id, org_id FROM {kind}")}  # fmt: skip
        for tablet in self._checkers.live:
            for (record,) in tablet.store.query("SELECT id FROM row"):
                if owned.get(record, tablet.org) != tablet.org:
                    yield f"{tablet.name} of org {tablet.org} holds {record} of org {owned[record]}"

    def _diverged(self, tablet: Tablet) -> Iterable[str]:
        me = str(tablet.store.setting("employee"))
        units = self._evidence.units_of(me, tablet.org, self._now_ms)
        log = self._logs[tablet.name]
        unsettled = {op.record for op in log if op.state in ("parked", "rejected", "queued") and not op.superseded}
        for kind in SYNCED:
            readers = self._evidence.readers(kind, tablet.org)
            there = {record: row for record, row in self._evidence.records(kind, tablet.org).items()
                     if readers.get(record, (None, None))[0] == me or readers.get(record, (None, None))[1] in units}  # fmt: skip
            for column in ("server", "view"):
                here = device_rows(tablet, kind, column)
                for record in sorted(set(here) | set(there)):
                    if column == "view" and record in unsettled:
                        continue
                    fault = _difference(here.get(record), there.get(record))
                    if fault:
                        yield f"{tablet.name}: {column} of {kind} {record}: {fault}"

    def _needless(self) -> Iterable[str]:
        """Clashes about an entry that one device alone has ever written."""
        writers: dict[str, set[str]] = {}
        for device, log in self._evidence.logs.by_device.items():
            for each in log:
                document = json.loads(each.raw)
                if document["kind"] in ("set", "void", "restore", "review"):
                    writers.setdefault(document["id"], set()).add(device)
        for row in self._evidence.rows("SELECT id, records, clashes FROM conflict WHERE kind = 'field'"):
            for record in row["records"]:
                if len(writers.get(record, ())) == 1 and set(row["clashes"]) & set(ASKED):
                    yield f"conflict {row['id']} is about {record}, which one device alone has written"


def _difference(here: Seen | None, there: Seen | None) -> str | None:
    if here == there:
        return None
    if here is None or there is None:
        return "only on the server" if here is None else "only on the device"
    names = {name for name in {*here.fields, *there.fields} if here.fields.get(name) != there.fields.get(name)}
    told: Mapping[str, Any] = {name: (here.fields.get(name), there.fields.get(name)) for name in sorted(names)}
    return f"revisions {here.revision} and {there.revision}, voided {here.voided} and {there.voided}, {told}"

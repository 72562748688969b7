"""What people were told: every entry and value for which a call of the SDK returned, so that it counts as saved.

Written down here and nowhere else, and never read from the product: the checkers hold the product against it. What a
disaster takes (a device's disk, the server's, the backup that was too old) is struck out, and nothing else ever is.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from lontara_core.canonical import Json
from simulation.tablet import Tablet


@dataclass(frozen=True)
class Told:
    """One field of one entry that a person saved on a device, by the operation that holds it."""

    tablet: str
    operation: str
    record: str
    field: str
    value: Json


@dataclass(frozen=True)
class Saved:
    """An entry that a person made, by the operation that made it."""

    org: int
    nip: str
    tablet: str
    operation: str


@dataclass
class Ledger:
    """Everything that was shown as saved, in order; and what each device has to show for it."""

    entries: dict[str, Saved] = field(default_factory=dict)
    values: list[Told] = field(default_factory=list)
    readable: dict[str, set[str]] = field(default_factory=dict)
    drafts: dict[str, set[str]] = field(default_factory=dict)

    def saved(self, tablet: Tablet, record: str, fields: Mapping[str, Json]) -> None:
        """A new entry, whole."""
        self.entries[record] = Saved(tablet.org, tablet.nip, tablet.name, _last_operation(tablet))
        self.readable.setdefault(tablet.name, set()).add(record)
        self.changed(tablet, record, fields)

    def changed(self, tablet: Tablet, record: str, fields: Mapping[str, Json]) -> None:
        """New values of an entry."""
        last = _last_operation(tablet)
        self.values += [Told(tablet.name, last, record, name, value) for name, value in fields.items()]

    def drafted(self, tablet: Tablet, draft: str) -> None:
        """A draft was kept."""
        self.drafts.setdefault(tablet.name, set()).add(draft)

    def submitting(self, tablet: Tablet, draft: str) -> None:
        """A draft is being submitted: from now on it may be gone as a draft."""
        self.drafts.setdefault(tablet.name, set()).discard(draft)

    def given_up(self, tablet: Tablet, record: str) -> None:
        """A person lets an entry rest that was never taken: its device need not show it any more."""
        self.readable.setdefault(tablet.name, set()).discard(record)

    def of(self, name: str) -> tuple[set[str], set[str]]:
        """What a device has to show: entries and drafts."""
        return set(self.readable.get(name, ())), set(self.drafts.get(name, ()))

    def show(self, name: str, entries: Set[str], drafts: Set[str]) -> None:
        """From now on a device has to show these: it is a copy, or an earlier state of itself."""
        self.readable[name], self.drafts[name] = set(entries), set(drafts)

    def strike_out(self, held: Set[str], restated: Set[str]) -> None:
        """After a disaster nothing is left of what no log holds any more.

        held: operations, by the hash of their first signing. restated: entries that a device will make again.
        """
        self.values = [told for told in self.values if told.operation in held]
        self.entries = {
            record: saved for record, saved in self.entries.items() if saved.operation in held or record in restated
        }


def _last_operation(tablet: Tablet) -> str:
    ((last,),) = tablet.store.query("SELECT hash FROM operation ORDER BY position DESC LIMIT 1")
    return bytes(last).hex()

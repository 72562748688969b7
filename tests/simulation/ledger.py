"""What people were told: every entry and value for which a call of the SDK returned, so that it counts as saved.

Written down here and nowhere else, and never read from the product: the checkers hold the product against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lontara_core.canonical import Json


@dataclass(frozen=True)
class Told:
    """One field of one entry that a person saved on a device."""

    device: str
    record: str
    field: str
    value: Json


@dataclass
class Ledger:
    """Everything that was shown as saved, in order."""

    entries: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    values: list[Told] = field(default_factory=list)

    def saved(self, device: str, record: str, fields: Mapping[str, Json]) -> None:
        """A new entry, whole."""
        self.entries[record] = device
        self.changed(device, record, fields)

    def changed(self, device: str, record: str, fields: Mapping[str, Json]) -> None:
        """New values of an entry."""
        self.values += [Told(device, record, name, value) for name, value in fields.items()]

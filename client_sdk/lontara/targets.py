"""The work results (RHK) that a person's entries can name, as the server has sent them; known without a signal.

Whether an entry may name one is the server's to judge: what is not known here is taken as it was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lontara.store import Store
from lontara_core.canonical import Json
from lontara_core.identifiers import is_id
from lontara_core.problems import Problem
from lontara_core.record import Record
from lontara_core.short_ids import whole_id

# What is agreed to: an entry counts for such a work result.
AGREED: Final = ("approved", "final")
_NUMBER_DIGITS_MAX: Final = 3


@dataclass(frozen=True)
class Target:
    """One work result with its indicators; `number` is its place in the list of its year."""

    number: int
    record: Record
    indicators: Sequence[Record]

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def title(self) -> str:
        return str(self.record.fields.get("title") or "")

    @property
    def is_agreed(self) -> bool:
        """Whether its plan is approved; one that was made before plans had states counts as it stands."""
        return self.record.fields.get("state") in (None, *AGREED)

    def as_json(self) -> dict[str, Json]:
        """The work result for `--json`."""
        held = self.record.fields
        told = {name: held.get(name) for name in ("title", "year", "kind", "state")}
        measured = [
            {name: each.fields.get(name) for name in ("title", "aspect", "target", "unit", "direction")}
            for each in self.indicators
        ]
        return {"number": self.number, "id": self.id, **told, "indicators": measured}


def targets_of(store: Store, year: int) -> list[Target]:
    """The person's work results of a year: those that are agreed to first, main ones before others, by title."""
    own = store.setting("employee")
    views = [row.view for row in store.rows("type = 'work_result_plan'") if row.view is not None]
    mine = [
        each
        for each in views
        if not each.voided and each.fields.get("year") == year and each.fields.get("owner") in (None, own)
    ]
    indicators = [row.view for row in store.rows("type = 'indicator'") if row.view is not None and not row.view.voided]
    ordered = sorted(mine, key=_order)
    return [
        Target(number, each, [one for one in indicators if one.fields.get("work_result") == each.id])
        for number, each in enumerate(ordered, start=1)
    ]


def target_typed(typed: str, targets: Sequence[Target]) -> str:
    """The id that is meant by a number of the list, the end or beginning of an id, or a whole id that need not be known here.

    Raises Problem not_found, ambiguous_id.
    """
    text = typed.strip()
    if text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS_MAX:
        found = next((each.id for each in targets if each.number == int(text)), None)
    else:
        found = whole_id(text, [each.id for each in targets])
    if found is None or not is_id(found):
        raise Problem(
            "not_found",
            f"{typed} is no work result of yours; nothing was saved.",
            {"field": "target_id", "value": typed},
            "See `lontara targets`.",
        )
    return found


def target_named(store: Store, target: str) -> Target | None:
    """The work result with this id, if the server has sent it."""
    row = store.row("work_result_plan", target)
    return None if row is None or row.view is None else Target(0, row.view, ())


def _order(record: Record) -> tuple[bool, bool, str, str]:
    held = record.fields
    agreed = held.get("state") in (None, *AGREED)
    return not agreed, held.get("kind") == "additional", str(held.get("title") or "").casefold(), record.id

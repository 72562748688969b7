"""A person's objections to their scores: written without a signal, and answered by the server's rows.

Whether a month has a score, and whether another objection is open, is the server's to judge; what is known here is
refused at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lontara.authoring import Author, judged_of, not_found
from lontara.entries import iso_time
from lontara.store import Logged, Store
from lontara_core.canonical import Json, tidy_text
from lontara_core.problems import Problem
from lontara_core.record import Record

OBJECTION: Final = "objection"
OPEN: Final = "open"


@dataclass(frozen=True)
class Objection:
    """One objection as its author sees it; `delivery_state` says how far what was written here has come."""

    record: Record
    delivery_state: str

    @property
    def state(self) -> str:
        """open, upheld, dismissed or withdrawn; what the server has not answered yet is as it was written."""
        held = self.record.fields.get("state")
        if self.record.voided and held in (None, OPEN):
            return "withdrawn"
        return str(held or OPEN)

    @property
    def period(self) -> str:
        return str(self.record.fields["period"])

    def as_json(self) -> dict[str, Json]:
        """The objection for `--json`."""
        held = self.record.fields
        plain = ("value_before", "value_after", "correction", "answer", "decided_by")
        said = held.get("comments") or []
        return {
            "id": self.record.id, "period": self.period, "text": held.get("text"), "state": self.state,
            **{name: held.get(name) for name in plain}, "opened_at": iso_time(held.get("opened_at")),
            "decided_at": iso_time(held.get("decided_at")),
            "comments": [{**each, "at": iso_time(each.get("at"))} for each in said],
            "delivery_state": self.delivery_state,
        }  # fmt: skip


def objections_of(store: Store, delivery_of: Callable[[Logged], str]) -> list[Objection]:
    """The person's objections, the newest month first; of a month the one that is open before those that are decided."""
    own, found = store.setting("employee"), []
    for row in store.rows("type = ?", OBJECTION):
        if row.view is None or row.view.fields.get("owner") not in (None, own):
            continue
        logged = store.logged("record = ? AND state <> 'rechained'", row.id)
        live = [each for each in logged if each.state != "corrected"]
        if logged and not live and row.server is None:
            # It was refused and let go.
            continue
        found.append(Objection(row.view, delivery_of(live[-1]) if live else "received"))
    ordered = sorted(found, key=lambda each: (each.state != OPEN, each.record.id))
    return sorted(ordered, key=lambda each: each.period, reverse=True)


def open_objection(store: Store, author: Author, period: str, text: str) -> str:
    """Write an objection into the log; returns its id. Raises Problem already_exists, invalid_field, missing_field."""
    period, said = period.strip(), tidy_text(text)
    if not said:
        raise Problem("missing_field", "text is missing; nothing was saved.", {"field": "text"},
                      "Correct it and save again.")  # fmt: skip
    waiting = [each for each in objections_of(store, lambda logged: logged.state) if each.period == period]
    if any(each.state == OPEN and each.delivery_state != "rejected" for each in waiting):
        raise Problem("already_exists", f"An objection to {period} is open already; nothing was saved.",
                      {"period": period}, "Wait for its answer, or withdraw it first.")  # fmt: skip
    if len(period) == len("YYYY-MM") and period > f"{author.today():%Y-%m}":
        raise Problem("invalid_field", f"{period} has not begun; nothing was saved.",
                      {"field": "period", "value": period}, "Write a month that has begun, as YYYY-MM.")  # fmt: skip
    return author.write("create", OBJECTION, fields={"period": period, "text": said}).record


def withdraw_objection(store: Store, author: Author, objection: str) -> None:
    """Take an open objection back. Raises Problem not_found, state_not_allowed."""
    found = next((each for each in objections_of(store, lambda logged: logged.state) if each.record.id == objection), None)
    if found is None:
        raise not_found(objection)
    if found.state != OPEN:
        raise Problem("state_not_allowed", f"The objection is {found.state} already; nothing was saved.",
                      {"id": objection, "state": found.state}, "Look at it again.")  # fmt: skip
    author.write("void", OBJECTION, id=objection, judged=judged_of(found.record))

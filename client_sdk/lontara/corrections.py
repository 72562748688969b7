"""What a person does about an operation that the server has refused: correct it, or let it rest.

Nothing is sent again unchanged, and nothing is deleted: what was refused stays in the log, marked as corrected
(sync_protocol.md §7). Every function runs inside a transaction of the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lontara.authoring import Author, check_names, check_set, judged_of, tidied, was_of
from lontara.store import Logged, Store
from lontara_core.canonical import Json
from lontara_core.operations import Origin
from lontara_core.problems import Problem

_CONTENT: Final = ("create", "set")


def rejected_named(store: Store, op_id: str) -> Logged:
    """The rejected operation with this name: `DEVICE:NUMBER`, its number alone, or the id of its record.

    Raises Problem not_found.
    """
    device, _, seq = op_id.rpartition(":")
    found = store.logged(
        "state = 'rejected' AND superseded = 0 AND (record = ? OR (device = ? AND seq = ?))", op_id,
        device or store.setting("device"), int(seq) if seq.isdecimal() else 0,
    )  # fmt: skip
    if not found:
        raise Problem("not_found", "No rejected entry or edit has this id; nothing was changed.", {"op_id": op_id},
                      "See `lontara attention`.")  # fmt: skip
    return found[0]


def correct(store: Store, author: Author, op_id: str, changes: dict[str, Json]) -> str:
    """Replace a rejected entry or edit, and the person's edits that wait behind it, by one that holds them all.

    Returns the id of its record. Raises Problem not_found, and those of a save.
    """
    check_names(changes)
    first = rejected_named(store, op_id)
    if first.operation.kind not in _CONTENT:
        raise Problem("not_found", "No rejected entry or edit has this id; nothing was changed.", {"op_id": op_id},
                      "See `lontara attention`.")  # fmt: skip
    replaced = [each for each in [first, *_behind(store, first)] if each.operation.kind in _CONTENT]
    fields: dict[str, Json] = {}
    was: dict[str, Json] = {}
    for logged in replaced:
        fields |= logged.operation.fields
        was = {**logged.operation.was, **was}
    wished = tidied(changes, keep_empty=True)
    fields |= wished
    _set_aside(store, replaced)
    origins = tuple(logged.origin for logged in replaced)
    if first.operation.kind == "create":
        fields = {name: value for name, value in fields.items() if value is not None and name != "review_state"}
        author.write("create", first.type, id=first.record, fields=fields, supersedes=origins)
        return first.record
    row = store.row(first.type, first.record)
    if row is not None and row.view is not None:
        check_set(row.view, wished)
    shown = row.view.fields if row is not None and row.view is not None else {}
    author.write("set", first.type, id=first.record, fields=fields, was={**was_of(shown, fields), **was},
                 supersedes=origins)  # fmt: skip
    return first.record


def dismiss(store: Store, author: Author, op_id: str) -> None:
    """Take a rejected operation off the list; its text stays in the log.

    What its author wrote on top of it goes on by itself, but of an entry that was never taken: that rests with it.
    Raises Problem not_found.
    """
    first = rejected_named(store, op_id)
    behind = [each for each in _behind(store, first) if each.state != "rejected"]
    _set_aside(store, [first, *behind])
    if first.operation.kind == "create" or not behind:
        author.give_up(first)
        return
    origins = tuple(logged.origin for logged in [first, *behind])
    for logged in behind:
        _write_again(store, author, logged, origins)
        origins = ()


def reviewed_again(store: Store, entry: str) -> tuple[Origin, ...]:
    """The person's refused reviews of an entry, set aside: the next review stands in their place."""
    refused = store.logged("record = ? AND state = 'rejected' AND superseded = 0", entry)
    reviews = [logged for logged in refused if logged.operation.kind == "review"]
    _set_aside(store, reviews)
    return tuple(logged.origin for logged in reviews)


def _behind(store: Store, first: Logged) -> list[Logged]:
    return store.logged(
        "record = ? AND position > ? AND superseded = 0 AND state IN ('rejected', 'parked', 'queued')",
        first.record, first.position,
    )  # fmt: skip


def _set_aside(store: Store, replaced: Sequence[Logged]) -> None:
    for logged in replaced:
        # What was not sent yet is sent all the same: a log has no holes.
        state = "corrected" if logged.state != "queued" else "queued"
        store.write("UPDATE operation SET superseded = 1, state = ? WHERE position = ?", state, logged.position)
    for record_type, record in {(logged.type, logged.record) for logged in replaced}:
        store.refresh_view(record_type, record)


def _write_again(store: Store, author: Author, logged: Logged, supersedes: tuple[Origin, ...]) -> None:
    row = store.row(logged.type, logged.record)
    assert row is not None, "it is of a record that the server holds"
    assert row.view is not None, "it is of a record that the server holds"
    operation = logged.operation
    was = was_of(row.view.fields, operation.fields) if operation.kind == "set" else None
    judged = None if operation.judged is None else judged_of(row.view)
    author.write(operation.kind, logged.type, id=logged.record, fields=operation.fields, was=was, judged=judged,
                 supersedes=supersedes)  # fmt: skip

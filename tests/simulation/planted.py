"""Bugs planted on purpose, to show that the checkers see them: each is one that a sync product has really had.

A planted bug replaces one function of the product while a schedule runs; nothing of it outlives the `with` block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import event

from lontara import settling
from lontara.store import Store
from lontara_core import merge
from lontara_core.messages import Page, Row, SyncAnswer
from lontara_core.record import Record
from lontara_server.services import acts, batches
from lontara_server.services.scene import Scene, Step
from lontara_server.storage.engine import Connection, Engine, transaction
from simulation.checkers import Violation
from simulation.template import Ground
from simulation.world import run_schedule

Bug = Callable[[], AbstractContextManager[Any]]


def acknowledged_by_state() -> AbstractContextManager[Any]:
    """After an answer, all that is queued counts as received, whatever was in the batch."""

    def acknowledge(store: Store, device: str, answer: SyncAnswer) -> None:
        store.set_setting("received_seq", max(store.setting("received_seq") or 0, answer.head_seq))
        store.write("UPDATE operation SET state = 'received' WHERE device = ? AND state = 'queued'", device)

    return patch.object(settling, "_acknowledge", acknowledge)


def pulled_row_over_pending_edit() -> AbstractContextManager[Any]:
    """A row that is pulled is shown as it came, over edits that have not been sent."""
    take_row = settling._take_row

    def overwrite(store: Store, device: str, row: Row, head_seq: int) -> None:
        take_row(store, device, row, head_seq)
        store.write("UPDATE row SET view = server WHERE type = ? AND id = ?", row.type, row.id)

    return patch.object(settling, "_take_row", overwrite)


def page_skips_what_is_edited_here() -> AbstractContextManager[Any]:
    """A pulled row is passed over while an edit of it waits, and the cursor moves on."""
    take_row = settling._take_row

    def skip(store: Store, device: str, row: Row, head_seq: int) -> None:
        if not store.logged("record = ? AND state = 'queued'", row.id):
            take_row(store, device, row, head_seq)

    return patch.object(settling, "_take_row", skip)


def late_answer_taken() -> AbstractContextManager[Any]:
    """An answer that comes after a newer one takes the cursor, and what it brings, back to its own day."""
    take_page = settling._take_page

    def take(store: Store, device: str, page: Page, head_seq: int) -> None:
        for row in page.rows:
            store.write("UPDATE row SET revision = min(revision, ?) WHERE id = ?", row.revision, row.id)
        take_page(store, device, page, head_seq)
        store.write("UPDATE cursor SET after = ? WHERE scope = ?", page.next, page.scope)

    return patch.object(settling, "_take_page", take)


@contextmanager
def no_idempotency() -> Iterator[None]:
    """What comes a second time is settled a second time."""

    def replacing(_connection: Any, _cursor: Any, statement: str, values: Any, *_context: Any) -> tuple[str, Any]:
        # The database's own keys would stop the crudest form of this bug, so the plant goes around them.
        plain = statement.startswith("INSERT INTO") and "ON CONFLICT" not in statement
        return (statement.replace("INSERT", "INSERT OR REPLACE", 1) if plain else statement), values

    event.listen(Engine, "before_cursor_execute", replacing, retval=True)
    with patch.object(batches.Run, "beyond", lambda run, _seq: run):
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", replacing)


def last_write_wins() -> AbstractContextManager[Any]:
    """A clash is settled by whoever comes last."""

    def overwrite(_type: Any, unit: merge.Unit, _current: Any, _wish: Any, merged: merge.Merged) -> None:
        merge._apply(unit, merged)

    return patch.dict(merge.RULES, {"manual": overwrite})


def answered_before_commit() -> AbstractContextManager[Any]:
    """Every third answer leaves although its transaction is rolled back."""
    count = 0

    @contextmanager
    def forgetful(engine: Engine) -> Iterator[Connection]:
        nonlocal count
        count += 1
        with transaction(engine) as connection:
            yield connection
            if count % 3 == 0:
                connection.rollback()

    return patch("simulation.office.transaction", forgetful)


def no_dirty_mark() -> AbstractContextManager[Any]:
    """A change of the merged data leaves the scores as they were."""
    return patch.object(Scene, "_mark_dirty", lambda _scene, _record: None)


def edit_of_void_forgotten() -> AbstractContextManager[Any]:
    """What a device wished for a void entry stands in the conflict alone, until its next edit takes the place."""
    remember = acts._remember_merge

    def forget(scene: Scene, step: Step, record: Record, merged: merge.Merged, verdict: str) -> None:
        if not record.voided:
            remember(scene, step, record, merged, verdict)

    return patch.object(acts, "_remember_merge", forget)


# Each bug with the invariants by which it may be noticed.
BUGS: Final[dict[Bug, tuple[str, ...]]] = {
    acknowledged_by_state: ("received means committed",),
    pulled_row_over_pending_edit: ("a pending edit is shown",),
    page_skips_what_is_edited_here: ("convergence", "saved is readable"),
    late_answer_taken: ("the cursor never goes back",),
    no_idempotency: ("exactly-once effect", "every value is kept", "honest status"),
    last_write_wins: ("no silent overwrite",),
    answered_before_commit: ("received means committed",),
    edit_of_void_forgotten: ("every value is kept",),
    no_dirty_mark: ("score = f(entries)",),
}


def first_violation(bug: Bug, ground: Ground, seeds: range) -> Violation | None:
    """What the checkers say of the first schedule in which the planted bug shows; None where none of them saw it."""
    for seed in seeds:
        with bug():
            try:
                run_schedule(seed, ground)
            except Violation as violation:
                return violation
    return None

"""Bugs planted on purpose, to show that the checkers see them: each is one that a sync product has really had.

A planted bug replaces one function of the product while a schedule runs; nothing of it outlives the `with` block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

from lontara import keeping, settling
from lontara.store import Store
from lontara_core import merge
from lontara_core.messages import Page, Row, SyncAnswer
from lontara_core.operations import Origin
from lontara_core.problems import Problem
from lontara_core.record import Record
from lontara_server.services import acts, batches, conflicts, resolutions, settle
from lontara_server.services.scene import Outcome, Scene, Step
from lontara_server.storage import operations as store
from lontara_server.storage.engine import Connection, Engine, transaction
from lontara_server.storage.feed_records import unpack_records
from simulation.faults import Violation
from simulation.playing import found_in
from simulation.template import Ground
from simulation.world import whole

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


def row_thrown_away_under_pending_edit() -> AbstractContextManager[Any]:
    """A pulled row is passed over while an edit of it waits, for a link or for a decision, and the cursor moves on."""
    take_row = settling._take_row

    def skip(store: Store, device: str, row: Row, head_seq: int) -> None:
        if not store.logged("record = ? AND state NOT IN ('received', 'corrected', 'rechained')", row.id):
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

    def replacing(statement: str) -> str:
        # The database's own keys would stop the crudest form of this bug, so the plant goes around them.
        plain = statement.startswith("INSERT INTO") and "ON CONFLICT" not in statement
        return statement.replace("INSERT", "INSERT OR REPLACE", 1) if plain else statement

    with patch("simulation.office.as_it_is", replacing), patch.object(batches.Run, "beyond", lambda run, _seq: run):
        yield


def last_write_wins_silently() -> AbstractContextManager[Any]:
    """A clash is settled by whoever comes last."""

    def overwrite(_type: Any, unit: merge.Unit, _current: Any, _wish: Any, merged: merge.Merged) -> None:
        merge._apply(unit, merged)

    return patch.dict(merge.RULES, {"manual": overwrite})


def acknowledged_before_commit() -> AbstractContextManager[Any]:
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


@contextmanager
def poison_blocks_the_queue() -> Iterator[None]:
    """One operation that is refused holds up the whole batch, for ever."""

    def refuse(*_of_the_operation: Any) -> Outcome:
        raise Problem("malformed_operation", "An operation of the batch is at fault.", {}, "Correct it.")

    with patch.object(batches, "reject_form", refuse):
        yield


@contextmanager
def tenant_filter_off() -> Iterator[None]:
    """Whoever reads gets what lies in the database, of whichever org and owner."""

    def every_row(connection: Connection, _org: int, after: int, upto: int, **_scope: Any) -> Any:
        sql = "SELECT seq, records, removal FROM feed WHERE seq > ? AND seq <= ? ORDER BY seq, org_id"
        rows = connection.exec_driver_sql(sql, (after, upto)).all()
        return [store.FeedRow(seq, unpack_records(packed), removal)
                for seq, packed, removal in rows]  # fmt: skip

    found = store.wire_rows

    def any_org(connection: Connection, _org: int, record_type: str, ids: Any) -> dict[str, Any]:
        return {**found(connection, 1, record_type, ids), **found(connection, 2, record_type, ids)}

    with patch.object(store, "feed_after", every_row), patch.object(store, "wire_rows", any_org):
        yield


def chain_of_one_device_is_a_conflict() -> AbstractContextManager[Any]:
    """Of two edits that a device sends together the second counts as written against an older state."""
    settle_edit = acts.set_entry
    begun: set[tuple[int, str]] = set()

    def stale(scene: Scene, step: Step) -> Outcome:
        if (id(scene), step.record) not in begun:
            begun.add((id(scene), step.record))
            return settle_edit(scene, step)
        with patch.object(merge.Unit, "clean", property(lambda _unit: False)):
            return settle_edit(scene, step)

    return patch.dict(settle.ACTS, {"set": stale})


def restore_keeps_the_epoch() -> AbstractContextManager[Any]:
    """A server that was restored goes on as if nothing had been."""
    return patch("lontara_server.storage.backups.set_epoch", lambda _connection, _epoch: None)


def acceptance_counts_twice() -> AbstractContextManager[Any]:
    """What was accepted from quarantine is not known by its first signing, and counts again when it comes again."""
    discharge = settle._discharge

    def forget(scene: Scene, step: Step, origin: Origin) -> bool:
        return step.device.kind != "server" and discharge(scene, step, origin)

    return patch.object(settle, "_discharge", forget)


def fork_not_noticed() -> AbstractContextManager[Any]:
    """Two copies of a store write under one number, and the second counts as a repeat of the first."""
    return patch.object(batches, "_first_difference", lambda *_of_the_run: None)


@contextmanager
def second_decision_wins() -> Iterator[None]:
    """Of two people who decide a conflict the later one wins, whatever they saw."""

    def unjudged(scene: Scene, step: Step) -> Any:
        conflict = scene.load_conflict(step.record)
        assert conflict is not None
        conflict.fields["state"] = "open"
        return conflict

    always = "0" * 64
    with patch.object(resolutions, "_judged", unjudged), patch.object(conflicts, "conflict_hash", lambda _: always):
        yield


def let_go_without_a_backup() -> AbstractContextManager[Any]:
    """A device drops what was received, whether a backup holds it or not."""
    return patch.object(keeping, "_may_go", lambda _store, logged, _now_ms: logged.state == "received" and logged.seen)


@dataclass(frozen=True)
class Sign:
    """The invariants by which a bug may be noticed, and the mixes in which it is looked for."""

    invariants: tuple[str, ...]
    mixes: tuple[str, ...] = ("network",)


BUGS: Final[dict[Bug, Sign]] = {
    no_idempotency: Sign(("exactly-once effect", "every value is kept", "honest status", "logs verify")),
    acknowledged_by_state: Sign(("received means committed",)),
    last_write_wins_silently: Sign(("no silent overwrite",), ("deciders",)),
    row_thrown_away_under_pending_edit: Sign(("convergence", "saved is readable")),
    acknowledged_before_commit: Sign(("received means committed",)),
    poison_blocks_the_queue: Sign(("the queue drains",), ("rejections",)),
    tenant_filter_off: Sign(("tenants are apart", "the cursor never goes back", "convergence"), ("tenants",)),
    chain_of_one_device_is_a_conflict: Sign(("no needless conflict",), ("deciders",)),
    pulled_row_over_pending_edit: Sign(("a pending edit is shown",), ("deciders",)),
    late_answer_taken: Sign(("the cursor never goes back",)),
    edit_of_void_forgotten: Sign(("every value is kept",), ("clocks",)),
    no_dirty_mark: Sign(("score = f(entries)",), ("moves", "supervisors", "locks")),
    restore_keeps_the_epoch: Sign(("received means committed",), ("restores",)),
    acceptance_counts_twice: Sign(("exactly-once effect",), ("access",)),
    fork_not_noticed: Sign(("received means committed", "logs verify", "the cursor never goes back"), ("copies",)),
    second_decision_wins: Sign(("of two decisions one holds",), ("deciders",)),
    let_go_without_a_backup: Sign(("the outbox never shrinks",), ("old-backups",)),
}


def first_violation(bug: Bug, ground: Ground, seeds: range) -> Violation | None:
    """What the checkers say of the first schedule in which the planted bug shows; None where none of them saw it."""
    for seed in seeds:
        for mix in BUGS[bug].mixes:
            with bug():
                found = found_in(whole(mix, seed), ground)
            if found is not None:
                return found
    return None

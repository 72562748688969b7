"""Faults planted on purpose, each of which the crash tests have to see; they live in a patch and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import apsw

from crash.life import Driver
from lontara import settling
from lontara.engine import SyncEngine, SyncReport
from lontara.store import Store
from lontara.transport import TransportFailed


class NotSynced(Driver):
    """The driver with `synchronous=NORMAL`: a commit returns before it is on the disk."""

    def execute(self, statements: str, *values: Any, **options: Any) -> apsw.Cursor:
        return super().execute(statements.replace("synchronous = FULL", "synchronous = NORMAL"), *values, **options)


@contextmanager
def operation_before_its_row() -> Iterator[None]:
    """The operation is committed, and only then the row that shows it."""
    real = Store.refresh_view

    def split(self: Store, record_type: str, record: str) -> None:
        self._database.execute("COMMIT")
        self._database.execute("BEGIN IMMEDIATE")
        real(self, record_type, record)

    with patch.object(Store, "refresh_view", split):
        yield


@contextmanager
def saved_before_the_commit() -> Iterator[None]:
    """A call returns while its transaction is still open; the next one commits it."""
    real = Store.transaction

    @contextmanager
    def late(self: Store) -> Iterator[None]:
        if self._in_transaction:
            with real(self):
                yield
            return
        with self._lock:
            if self._database.in_transaction:
                self._database.execute("COMMIT")
            self._database.execute("BEGIN IMMEDIATE")
            self._in_transaction = True
            try:
                yield
            finally:
                self._in_transaction = False

    close = Store.close

    def late_close(self: Store) -> None:
        if self._database.in_transaction:
            self._database.execute("COMMIT")
        close(self)

    with patch.object(Store, "transaction", late), patch.object(Store, "close", late_close):
        yield


@contextmanager
def answer_in_two_transactions() -> Iterator[None]:
    """The cursor is committed before the rows that it stands for."""
    real = settling._take_page

    def split(store: Store, device: str, page: Any, head_seq: int) -> None:
        store.write("INSERT INTO cursor VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET after = excluded.after",
                    page.scope, page.next)  # fmt: skip
        store._database.execute("COMMIT")
        store._database.execute("BEGIN IMMEDIATE")
        real(store, device, page, head_seq)

    with patch("lontara.settling._take_page", split):
        yield


@contextmanager
def sent_is_received() -> Iterator[None]:
    """A batch that was on its way when the connection broke counts as received."""
    real = SyncEngine.exchange

    def hopeful(self: SyncEngine, report: SyncReport) -> bool:
        try:
            return real(self, report)
        except TransportFailed:
            store = self._store
            with store.transaction():
                store.set_setting("received_seq", store.log_head(store.setting("device"))[0])
                store.write("UPDATE operation SET state = 'received'")
            return False

    with patch.object(SyncEngine, "exchange", hopeful):
        yield


@contextmanager
def upgrade_in_two_transactions() -> Iterator[None]:
    """A step of the schema is committed before its number is."""

    def split(connection: apsw.Connection, steps: list[str]) -> None:
        for number, step in enumerate(
            steps[connection.pragma("user_version") :], start=connection.pragma("user_version")
        ):
            connection.execute(f"BEGIN IMMEDIATE; {step}; COMMIT")
            connection.execute(f"PRAGMA user_version = {number + 1}")

    with patch("lontara.database.migrate", split):
        yield

"""`verify` replays what was signed: an untouched database holds, and any later change of it is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update

from lontara_server.cli.main import main
from lontara_server.services import quarantine
from lontara_server.services.bodies import body_of, operations_in
from lontara_server.services.devices import revoke
from lontara_server.services.periods import lock_period
from lontara_server.services.verification import Verification, verify_org
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.evidence import batches_of
from lontara_server.storage.models import Batch, Device, Feed, Org
from server.logged_tablet import LoggedTablet
from server.ready import NOW, WORKER


@pytest.fixture
def tablet(database: Engine) -> LoggedTablet:
    """A device with two batches, of which the second was cut over the end of the first, and accepted work of another."""
    tablet, lost = LoggedTablet(database).enrolled(), LoggedTablet(database).enrolled()
    tablet.create()
    tablet.sync()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync(first=1)
    with transaction(database) as connection:
        revoke(connection, 1, lost.device, by="admin", now_ms=NOW)
    lost.create(title="Laporan", start_time="13:00", end_time="14:00")
    lost.sync()
    with transaction(database) as connection:
        (row,) = quarantine.list_quarantine(connection, 1)
        quarantine.accept(connection, 1, row["id"], reason="Sudah ditanyakan", by="admin", now_ms=NOW)
        lock_period(connection, 1, "2026-10", by="admin", now_ms=NOW)
    return tablet


def verified(database: Engine) -> Verification:
    with transaction(database) as connection:
        return verify_org(connection, 1)


def change(database: Engine, statement: Any) -> None:
    with transaction(database) as connection:
        connection.execute(statement)


def test_what_devices_and_server_wrote_holds(database: Engine, tablet: LoggedTablet) -> None:
    found = verified(database)

    assert found.faults == []
    assert (found.logs, found.batches, found.operations > 4, found.feed_rows > 4) == (3, 5, True, True)


def test_a_changed_operation_is_found(database: Engine, tablet: LoggedTablet) -> None:
    with transaction(database) as connection:
        first = next(batches_of(connection, 1, tablet.device))
    forged = body_of([each.replace(b"sawah", b"kebun") for each in operations_in(first.body)])
    change(database, update(Batch).where(Batch.device == tablet.device, Batch.last == 1).values(body=forged))

    found = verified(database)

    assert found.faults == [
        f"log {tablet.device}, operations 1 to 1: the operations do not lead to the signed head"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"signature": "A" * 86}, "the signature does not hold"),
        ({"epoch": "another"}, "the signature does not hold"),
        ({"hashes": b"x" * 16}, "the hashes kept to tell repeats are others"),
        ({"body": b"no gzip"}, "the stored operations cannot be read"),
        ({"prev": b"p" * 32}, "the operations do not lead to the signed head"),
    ],
)
def test_a_changed_batch_is_found(
    database: Engine, tablet: LoggedTablet, values: dict[str, Any], fault: str
) -> None:
    change(database, update(Batch).where(Batch.device == tablet.device, Batch.last == 2).values(**values))

    found = verified(database)

    assert found.faults == [f"log {tablet.device}, operations 2 to 2: {fault}"]


def test_a_batch_that_was_taken_away_is_found_in_its_log_and_in_the_feed(
    database: Engine, tablet: LoggedTablet
) -> None:
    change(database, delete(Batch).where(Batch.device == tablet.device, Batch.last == 2))

    found = verified(database)

    assert f"log {tablet.device}: its end is not the end of its last batch" in found.faults
    assert any(fault.endswith("its batch is missing") for fault in found.faults)


def test_a_log_that_was_cut_short_everywhere_is_found_in_the_feed(database: Engine, tablet: LoggedTablet) -> None:
    change(database, delete(Batch).where(Batch.device == tablet.device, Batch.last == 2))
    change(database, update(Device).where(Device.id == tablet.device).values(last_seq=1, head=tablet.hashes()[1]))
    change(database, delete(Feed).where(Feed.device == tablet.device, Feed.last == 2))

    found = verified(database)

    assert "feed: the chain over the batches does not end at the org's head" in found.faults
    assert any(fault.endswith("is missing") for fault in found.faults)


def test_a_counter_that_was_moved_is_found(database: Engine, tablet: LoggedTablet) -> None:
    change(database, update(Org).values(last_seq=Org.last_seq + 1))

    found = verified(database)

    assert [fault for fault in found.faults if "counter" in fault] == found.faults != []


def typed(database: Engine, folder: Path, *words: str) -> tuple[int, Any]:
    options = ["--data-dir", str(folder), "--database-url", str(database.url)]
    result = CliRunner().invoke(main, [*options, *words, "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def test_the_command_ends_with_1_where_something_does_not_hold(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:
    sound, _ = typed(database, tmp_path, "verify")
    change(database, update(Org).values(last_seq=Org.last_seq + 1))

    code, document = typed(database, tmp_path, "verify")

    assert (sound, code, len(document["faults"])) == (0, 1, 1)


def test_every_entry_is_exported_in_its_stable_shape(database: Engine, tablet: LoggedTablet, tmp_path: Path) -> None:
    code, entries = typed(database, tmp_path, "export", "entries")

    assert (code, sorted(entry["title"] for entry in entries)) == (
        0, ["Laporan", "Mendata sawah di Pammana", "Rapat"],
    )  # fmt: skip
    assert {entry["nip"] for entry in entries} == {WORKER}
    assert set(entries[0]) == {
        "id", "org", "nip", "work_date", "start_time", "end_time", "duration_minutes", "title", "description",
        "quantity", "output_unit", "category", "target_id", "review_state", "review_note", "captured_at",
        "recorded_at", "revision", "voided", "flags",
    }  # fmt: skip


def test_an_office_without_entries_exports_an_empty_list(database: Engine, tmp_path: Path) -> None:
    exported = typed(database, tmp_path, "export", "entries")

    assert exported == (0, [])

"""What is on the disk: encrypted, behind a PIN, whole after a kill, and safe with two processes."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from client.conftest import PIN
from lontara import Client, Problem
from lontara.database import migrate, migrations

WRITER = """
import sys
from pathlib import Path
from lontara import Client
client = Client.open(Path(sys.argv[1]), pin=sys.argv[2])
for number in range(int(sys.argv[4])):
    client.record(work_date="2026-01-05", duration_minutes=30, title=f"{sys.argv[3]} {number}")
    print("saved", flush=True)
"""


def start_writer(folder: Path, name: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), PIN, name, str(count)], stdout=subprocess.PIPE, text=True
    )


def test_the_files_hold_none_of_the_text(client: Client) -> None:
    client.record(work_date="2026-01-05", duration_minutes=30, title="Rahasia Watampone")

    held = b"".join(path.read_bytes() for path in client.store.data_dir.iterdir())

    assert b"Rahasia" not in held
    assert b"SQLite format 3" not in held


def test_a_wrong_pin_is_refused_and_a_changed_one_opens(client: Client) -> None:
    client.store.change_pin("97531")

    with pytest.raises(Problem) as caught:
        Client.open(client.store.data_dir, pin=PIN)

    assert caught.value.code == "wrong_pin"
    assert Client.open(client.store.data_dir, pin="97531").status()["enrolled"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_key_file_is_the_owners_alone(client: Client) -> None:
    mode = (client.store.data_dir / "key.json").stat().st_mode & 0o777

    assert mode == 0o600


def test_a_file_of_a_newer_app_is_refused(client: Client) -> None:
    with client.store.transaction():
        client.store.write("PRAGMA user_version = 99")

    with pytest.raises(Problem) as caught:
        Client.open(client.store.data_dir, pin=PIN)

    assert caught.value.code == "store_newer"
    assert "Do not delete" in caught.value.next_step


def test_a_step_that_fails_leaves_the_version_before_it() -> None:
    connection = apsw.Connection(":memory:")
    migrate(connection, migrations())

    with pytest.raises(apsw.SQLError):
        migrate(connection, [*migrations(), "CREATE TABLE extra (a); SELECT nonsense"])

    assert connection.execute("PRAGMA user_version").get == len(migrations())
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'extra'").get == 0


def test_two_processes_write_one_whole_chain(client: Client) -> None:
    writers = [start_writer(client.store.data_dir, name, 15) for name in ("Besse", "Ambo")]

    codes = [writer.wait(timeout=60) for writer in writers]

    assert codes == [0, 0]
    assert len(client.entries()) == 30
    assert client.verify() == []


def test_what_was_said_to_be_saved_survives_a_kill(client: Client) -> None:
    writer = start_writer(client.store.data_dir, "Besse", 10_000)
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(10)]

    writer.kill()
    writer.wait(timeout=60)

    assert len(client.entries()) >= len(said)
    assert client.verify() == []


def test_a_failure_half_way_leaves_neither_row_nor_operation(client: Client) -> None:
    def save_and_fail() -> None:
        with client.store.transaction():
            client.record(work_date="2026-01-05", duration_minutes=30, title="Separuh")
            raise KeyError

    with pytest.raises(KeyError):
        save_and_fail()

    assert client.entries() == []
    assert client.status()["unsent"] == 0


def test_a_changed_byte_in_the_log_is_found(client: Client) -> None:
    client.record(work_date="2026-01-05", duration_minutes=30, title="Utuh")
    with client.store.transaction():
        client.store.write("UPDATE operation SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Utuh', 'Ubah') AS BLOB)")

    faults = client.verify()

    assert len(faults) == 1


def test_a_draft_keeps_its_id_when_it_is_submitted(client: Client, opened: Callable[[Path], Client]) -> None:
    draft = client.record(draft=True, work_date="2026-01-05", title="Rapat")
    assert client.entry(draft.id).delivery_state == "draft"
    client.edit(draft.id, duration_minutes=45)

    entry = client.submit(draft.id)

    assert (entry.id, entry.delivery_state) == (draft.id, "queued")
    assert client.status()["drafts"] == 0


def test_an_edit_of_a_time_carries_the_whole_group(client: Client) -> None:
    entry = client.record(work_date="2026-01-05", start_time="08:00", end_time="09:00", title="Rapat").id

    client.edit(entry, end_time="10:00")

    operation = client.store.logged("seq = 2")[0].operation
    assert operation.was == {
        "work_date": "2026-01-05", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60,
    }  # fmt: skip
    assert client.entry(entry).fields["duration_minutes"] == 120


def test_a_deleted_entry_comes_back(client: Client) -> None:
    entry = client.record(work_date="2026-01-05", duration_minutes=30, title="Rapat").id
    client.delete(entry)
    assert client.entry(entry).voided

    client.restore(entry)

    assert not client.entry(entry).voided

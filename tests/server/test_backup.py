"""Backup and restore of the server: what is written is proven first, nothing that lives is touched before, and the
restored server begins a new epoch."""

from __future__ import annotations

import gc
import itertools
import json
import os
import threading
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.cli.main import main
from lontara_server.services.backups import begin_epoch, take_backup, verify_backup
from lontara_server.services.devices import revoke
from lontara_server.services.orgs import create_org, identity_of, init_server
from lontara_server.services.periods import lock_period
from lontara_server.services.restoring import restore_backup
from lontara_server.services.verification import Verification, verify_org
from lontara_server.storage.engine import Engine, make_engine, transaction
from lontara_server.storage.models import Device
from lontara_server.storage.operations import entry_ids, server_actor, server_actors
from lontara_server.storage.orgs import IdentityRow
from lontara_server.storage.schema import upgrade
from server.logged_tablet import LoggedTablet
from server.ready import NOW, SECRET, ready_server, seeded_bytes

LATER = NOW + 3_600_000
restores = itertools.count()


def backup(database: Engine, target: Path) -> Path:
    document = take_backup(database, target, secret=SECRET, by="operator", now_ms=NOW, random_bytes=seeded_bytes("id"))
    return Path(document["file"])


def restore(file: Path, url: str, folder: Path) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    engine = make_engine(url)
    try:
        return restore_backup(
            file, engine, folder, by="operator", now_ms=LATER, random_bytes=seeded_bytes(f"restored {next(restores)}")
        )
    finally:
        engine.dispose()


def identity(engine: Engine) -> IdentityRow:
    with transaction(engine) as connection:
        return identity_of(connection)


def entries(engine: Engine) -> set[str]:
    with transaction(engine) as connection:
        return entry_ids(connection, 1)


@pytest.fixture
def tablet(database: Engine) -> LoggedTablet:
    """A device with two entries that the server has received."""
    tablet = LoggedTablet(database).enrolled()
    tablet.create()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync()
    return tablet


def test_a_backup_holds_what_was_committed_and_proves_it(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:
    file = backup(database, tmp_path / "a b é.backup")

    found = verify_backup(file)

    me = identity(database)
    assert (found["server_id"], found["epoch"], found["operations"] > 2) == (me.server_id, me.epoch, True)
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir() if "backup" in each.name] == ["a b é.backup"]


def test_a_backup_in_a_folder_gets_the_name_of_its_moment(database: Engine, tablet: LoggedTablet, tmp_path: Path) -> None:
    folder = tmp_path / "cadangan"
    folder.mkdir()

    file = backup(database, folder)

    assert (file.parent, file.name) == (folder, "lontara-20261118T110640Z.backup")


def test_a_folder_that_is_not_there_is_refused_and_nothing_is_written(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:  # fmt: skip
    with pytest.raises(Problem) as refused:
        backup(database, tmp_path / "cadangan")

    assert (refused.value.code, refused.value.facts) == ("backup_failed", {"folder": str(tmp_path / "cadangan")})
    assert f"mkdir {tmp_path / 'cadangan'}" in refused.value.next_step
    assert not list(tmp_path.glob("*cadangan*"))


def test_a_file_that_is_there_is_never_overwritten(database: Engine, tablet: LoggedTablet, tmp_path: Path) -> None:
    file = backup(database, tmp_path / "one.backup")
    before = file.read_bytes()

    with pytest.raises(Problem) as refused:
        backup(database, file)

    assert (refused.value.code, file.read_bytes()) == ("backup_failed", before)


def test_a_backup_is_one_moment_although_devices_go_on_sending(database: Engine, tablet: LoggedTablet, tmp_path: Path) -> None:
    stop = threading.Event()

    def write_on() -> None:
        for number in range(200):
            if stop.is_set():
                return
            tablet.create(title=f"Kegiatan {number}", work_date=f"2026-10-{number % 28 + 1:02}")
            tablet.sync()

    writer = threading.Thread(target=write_on)
    writer.start()
    files = [backup(database, tmp_path / f"{number}.backup") for number in range(3)]
    stop.set()
    writer.join()

    operations = [verify_backup(file)["operations"] for file in files]

    assert operations == sorted(operations)


def test_a_device_hears_that_it_is_backed_up_once_the_backup_is_whole(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:
    before = tablet.sync()
    backup(database, tmp_path / "one.backup")
    tablet.create(title="Laporan", start_time="13:00", end_time="14:00")

    after = tablet.sync()

    assert before.backed_up is None
    assert after.backed_up is not None
    assert (after.backed_up.seq, after.backed_up.hash, after.head_seq) == (2, tablet.hashes()[2].hex(), 3)


def test_work_in_quarantine_is_backed_up_too(database: Engine, tablet: LoggedTablet, tmp_path: Path) -> None:
    with transaction(database) as connection:
        revoke(connection, 1, tablet.device, by="admin", now_ms=NOW)
    tablet.create(title="Laporan", start_time="13:00", end_time="14:00")
    tablet.sync()
    backup(database, tmp_path / "one.backup")

    answer = tablet.sync()

    assert answer.backed_up == answer.wipe_after
    assert answer.backed_up is not None
    assert (answer.head_seq, answer.backed_up.seq) == (2, 3)


def test_a_backup_that_cannot_be_written_tells_nobody_and_leaves_nothing(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:
    with pytest.raises(Problem) as refused:
        backup(database, tmp_path / "nowhere" / "one.backup")

    assert refused.value.code == "backup_failed"
    assert tablet.sync().backed_up is None


def test_a_backup_that_does_not_read_back_keeps_the_one_before(
    database: Engine, tablet: LoggedTablet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backup(database, tmp_path / "one.backup")
    before = file.read_bytes()
    monkeypatch.setattr("lontara_server.services.backups.verify_org", lambda *_: Verification(faults=["a fault"]))

    with pytest.raises(Problem) as refused:
        backup(database, tmp_path / "two.backup")

    assert refused.value.code == "backup_damaged"
    assert (file.read_bytes(), (tmp_path / "two.backup").exists()) == (before, False)


# Restoring


def test_a_restored_server_has_what_the_backup_holds_and_a_new_epoch(
    database: Engine, tablet: LoggedTablet, tmp_path: Path, place: Place
) -> None:
    file, before, kept = backup(database, tmp_path / "one.backup"), identity(database), entries(database)
    tablet.create(title="Sesudah cadangan", start_time="13:00", end_time="14:00")
    tablet.sync()
    url = place.empty("other")

    restore(file, url, tmp_path / "server lain")

    engine = make_engine(url)
    after = identity(engine)
    assert (after.server_id, after.private_key) == (before.server_id, before.private_key)
    assert after.epoch != before.epoch
    assert entries(engine) == kept
    with transaction(engine) as connection:
        assert verify_org(connection, 1).faults == []
    assert (tmp_path / "server lain" / "secret.key").read_text(encoding="ascii").strip() == SECRET.hex()
    engine.dispose()


def test_a_restored_server_writes_in_a_log_of_its_own_and_signs_with_a_new_key(
    database: Engine, tablet: LoggedTablet, tmp_path: Path, place: Place
) -> None:
    with transaction(database) as connection:
        old = server_actor(connection, 1)
    url = place.empty("other")
    restore(backup(database, tmp_path / "one.backup"), url, tmp_path / "data")
    engine = make_engine(url)

    with transaction(engine) as connection:
        lock_period(connection, 1, "2026-10", by="admin", now_ms=LATER)
        new, actors = server_actor(connection, 1), server_actors(connection, 1)
        faults = verify_org(connection, 1).faults

    assert (new.id != old.id, new.public_key != old.public_key, old.id in actors) == (True, True, True)
    assert (new.last_seq > 0, faults) == (True, [])
    engine.dispose()


def test_what_a_restore_replaces_is_kept_and_what_is_lost_is_named(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:
    file = backup(database, tmp_path / "one.backup")
    with transaction(database) as connection:
        lock_period(connection, 1, "2026-10", by="admin", now_ms=NOW + 60_000)
        revoke(connection, 1, tablet.device, by="admin", now_ms=NOW + 60_000)
    database.dispose()

    document = restore(file, database.url.render_as_string(hide_password=False), tmp_path / "data")

    (org,) = document["gap"]["orgs"]
    assert {act["action"] for act in org["acts"]} == {"device.revoke", "period.lock"}
    assert [(each["by"], each["kind"], each["type"]) for each in org["operations"]] == [("admin", "create", "period")]
    assert is_kept(database, document["replaced"])


def is_kept(database: Engine, place: str) -> bool:
    """Whether the replaced database still holds its locked period there."""
    if database.dialect.name == "sqlite":
        old = make_engine(f"sqlite:///{place}/lontara.db")
        with transaction(old) as connection:
            found = connection.execute(text("SELECT count(*) FROM period WHERE org_id = 1")).scalar_one()
        old.dispose()
        return bool(found == 1)
    with transaction(database) as connection:
        schema = place.removeprefix("schema ")
        return bool(connection.execute(text(f"SELECT count(*) FROM {schema}.period WHERE org_id = 1")).scalar_one() == 1)


@pytest.mark.parametrize("place_of_damage", range(0, 100, 7))
def test_a_changed_bit_anywhere_is_refused_before_anything_is_touched(
    tmp_path: Path, place_of_damage: int
) -> None:
    (tmp_path / "live").mkdir()
    live = ready_server(tmp_path / "live")
    file = backup(live, tmp_path / "one.backup")
    live.dispose()
    raw = bytearray(file.read_bytes())
    raw[len(raw) * place_of_damage // 100] ^= 4
    file.write_bytes(raw)
    before = {each.name: each.read_bytes() for each in (tmp_path / "live").iterdir()}

    with pytest.raises(Problem) as refused:
        restore(file, str(live.url), tmp_path / "live")

    assert refused.value.code == "backup_damaged"
    assert {each.name: each.read_bytes() for each in (tmp_path / "live").iterdir()} == before


@pytest.mark.parametrize("kept", [0, 10, 64, 0.5, 0.99])
def test_a_cut_backup_is_refused(tmp_path: Path, kept: float) -> None:
    (tmp_path / "live").mkdir()
    live = ready_server(tmp_path / "live")
    file = backup(live, tmp_path / "one.backup")
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept if kept > 1 else len(whole) * kept)])

    with pytest.raises(Problem) as refused:
        verify_backup(file)

    assert refused.value.code == "backup_damaged"
    live.dispose()


def test_a_backup_whose_log_was_rewritten_is_refused_although_its_digest_is_right(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    live = ready_server(tmp_path / "live")
    tablet = LoggedTablet(live).enrolled()
    tablet.create()
    tablet.sync()
    with transaction(live) as connection:
        connection.execute(Device.__table__.update().values(last_seq=7))  # type: ignore[attr-defined]

    with pytest.raises(Problem) as refused:
        backup(live, tmp_path / "one.backup")

    assert refused.value.code == "backup_damaged"
    assert not (tmp_path / "one.backup").exists()
    live.dispose()


def test_a_backup_of_another_server_does_not_replace_this_one(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:
    file = backup(database, tmp_path / "one.backup")
    other = make_engine(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade(other)
    with transaction(other) as connection:
        init_server(connection, now_ms=NOW, random_bytes=seeded_bytes("other"))
        create_org(connection, code="BONE", name="Bone", by="t", now_ms=NOW, random_bytes=seeded_bytes("other org"))
    other.dispose()

    with pytest.raises(Problem) as refused:
        restore(file, str(other.url), tmp_path / "data")

    assert refused.value.code == "other_server"
    assert identity(other).server_id == refused.value.facts["server_id"]
    other.dispose()


def test_a_running_server_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    live = ready_server(tmp_path / "live")
    file = backup(live, tmp_path / "one.backup")
    with transaction(live):
        pass  # leaves a connection open, as every running server does

    with pytest.raises(Problem) as refused:
        restore(file, str(live.url), tmp_path / "live")

    assert refused.value.code == "server_running"
    live.dispose()


def test_a_damaged_database_is_put_aside_and_replaced(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    live = ready_server(tmp_path / "live")
    file, me = backup(live, tmp_path / "one.backup"), identity(live)
    live.dispose()
    (tmp_path / "live" / "lontara.db").write_bytes(b"no database at all" * 500)

    document = restore(file, str(live.url), tmp_path / "live")

    assert (document["gap"]["known"], identity(live).server_id) == (False, me.server_id)
    assert (Path(document["replaced"]) / "lontara.db").read_bytes().startswith(b"no database")
    live.dispose()


def test_a_restore_that_breaks_off_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "live").mkdir()
    live = ready_server(tmp_path / "live")
    file, me = backup(live, tmp_path / "one.backup"), identity(live)
    live.dispose()
    put_in_place = os.replace

    def breaks(source: Path, target: Path) -> None:
        if Path(target) == tmp_path / "live" / "lontara.db":
            raise OSError("the power is gone")
        put_in_place(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("lontara_server.storage.backups.os.replace", breaks)
        with pytest.raises(OSError, match="power"):
            restore(file, str(live.url), tmp_path / "live")
    restore(file, str(live.url), tmp_path / "live")

    assert identity(live).server_id == me.server_id
    live.dispose()


def test_two_restores_in_a_row_begin_two_epochs(database: Engine, tablet: LoggedTablet, tmp_path: Path) -> None:
    first, url = backup(database, tmp_path / "one.backup"), f"sqlite:///{tmp_path / 'other.db'}"
    restore(first, url, tmp_path / "data")
    engine = make_engine(url)
    once = identity(engine)
    second = backup(engine, tmp_path / "two.backup")
    engine.dispose()

    restore(second, url, tmp_path / "data2")

    twice = identity(engine)
    assert len({identity(database).epoch, once.epoch, twice.epoch}) == 3
    with transaction(engine) as connection:
        assert len(server_actors(connection, 1)) == 3
        assert verify_org(connection, 1).faults == []
    engine.dispose()


def test_a_new_epoch_ends_sessions_unused_codes_and_what_was_backed_up(
    database: Engine, tablet: LoggedTablet, tmp_path: Path
) -> None:
    backup(database, tmp_path / "one.backup")
    tablet.sync()
    with transaction(database) as connection:
        begin_epoch(connection, now_ms=LATER, random_bytes=seeded_bytes("epoch"), by="operator")

    answer = tablet.sync()

    assert (answer.epoch != tablet.epoch, answer.backed_up, answer.pages) == (True, None, [])


# The commands


def run(folder: Path, *words: str) -> Result:
    # The command before has ended, but not its process: what it had open closes when nothing holds it any more.
    gc.collect()
    return CliRunner().invoke(main, ["--data-dir", str(folder), "--lang", "en", *words], catch_exceptions=False)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data é"
    result = run(folder, "init", "--org", "WAJO", "--name", "Kabupaten Wajo", "--admin", "admin")
    assert result.exit_code == 0, result.output
    return folder


def test_the_commands_write_verify_and_restore(data_dir: Path, tmp_path: Path) -> None:
    written = json.loads(run(data_dir, "backup", str(tmp_path), "--json").stdout)

    verified = json.loads(run(data_dir, "backup", "verify", written["file"], "--json").stdout)
    restored = json.loads(run(data_dir, "restore", written["file"], "--json").stdout)

    assert (verified["id"], restored["backup"]) == (written["id"], written["id"])
    assert restored["epoch"] != written["epoch"]
    with ZipFile(written["file"]) as archive:
        assert set(archive.namelist()) == {"manifest.json", "lontara.db", "secret.key"}


def test_the_commands_tell_a_person_what_happened(data_dir: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    told = [run(data_dir, "backup", str(file)).output, run(data_dir, "backup", "verify", str(file)).output]
    run(data_dir, "user", "create", "rahmatia", "--role", "admin")

    restored = run(data_dir, "restore", str(file))

    assert ["was read back" in told[0], "is whole" in told[1]] == [True, True]
    assert ("user.create" in restored.output, "is lost" in restored.output) == (True, True)


def test_status_warns_until_there_is_a_backup_and_again_after_a_restore(data_dir: Path, tmp_path: Path) -> None:
    states = [json.loads(run(data_dir, "status", "--json").stdout)]
    run(data_dir, "backup", str(tmp_path / "one.backup"))
    states.append(json.loads(run(data_dir, "status", "--json").stdout))
    run(data_dir, "restore", str(tmp_path / "one.backup"))

    states.append(json.loads(run(data_dir, "status", "--json").stdout))

    assert [state["backup_missing"] for state in states] == [True, False, True]
    assert [state["last_backup_at"] is None for state in states] == [True, False, True]
    assert "WARNING" in run(data_dir, "status").output


def test_a_database_that_was_put_back_by_other_means_begins_an_epoch_where_it_lies(data_dir: Path) -> None:
    before = json.loads(run(data_dir, "status", "--json").stdout)

    result = run(data_dir, "restore", "--in-place", "--json")

    after = json.loads(run(data_dir, "status", "--json").stdout)
    assert result.exit_code == 0, result.output
    assert (after["server_id"], after["epoch"] != before["epoch"]) == (before["server_id"], True)


@pytest.mark.parametrize("words", [["restore"], ["restore", "one.backup", "--in-place"]])
def test_restore_wants_a_file_or_the_place(data_dir: Path, words: list[str]) -> None:
    result = run(data_dir, *words)

    assert result.exit_code == 2

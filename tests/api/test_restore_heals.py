"""Real devices and the real server after one of them went back in time or was doubled: nothing is lost, nothing stalls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engines.places import Place
from healing import faults
from healing.office import DAY_MS, Office, settle, titles, write
from lontara import Client
from lontara_server.services import quarantine, reviews
from lontara_server.services.devices import list_devices, revoke
from lontara_server.storage.engine import transaction
from server.ready import CHIEF


@pytest.fixture
def office(tmp_path: Path, place: Place) -> Iterator[Office]:
    office = Office(tmp_path, place)
    yield office
    office.close()


def codes(*clients: Client) -> list[str | None]:
    return [None if report.problem is None else report.problem.code for report in settle(*clients)]


def lost_and_stalled(fault: faults.Fault, tmp_path: Path, place: Place, seed: int = 1) -> tuple[int, int, int, int]:
    found = faults.play(fault, seed, tmp_path, place)
    assert found.written > 0
    return found.lost, found.doubled, found.stalled, found.faults


NOTHING = (0, 0, 0, 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_cloned_store_loses_nothing_and_stalls_nobody(tmp_path: Path, place: Place, seed: int) -> None:
    assert lost_and_stalled(faults.cloned_store, tmp_path, place, seed) == NOTHING


def test_a_clock_25_hours_ahead_loses_nothing_and_stalls_nobody(tmp_path: Path, place: Place) -> None:
    assert lost_and_stalled(faults.clock_ahead, tmp_path, place) == NOTHING


def test_a_move_to_another_unit_loses_nothing_and_stalls_nobody(tmp_path: Path, place: Place) -> None:
    assert lost_and_stalled(faults.moved_unit, tmp_path, place) == NOTHING


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_restored_server_loses_nothing_and_stalls_nobody(tmp_path: Path, place: Place, seed: int) -> None:
    assert lost_and_stalled(faults.restored_server, tmp_path, place, seed) == NOTHING


def test_a_stray_transaction_loses_nothing_and_stalls_nobody(tmp_path: Path, place: Place) -> None:
    assert lost_and_stalled(faults.stray_transaction, tmp_path, place) == NOTHING


# A server that was restored


def test_what_was_received_after_the_backup_comes_back_with_every_edit(office: Office) -> None:
    phone, laptop = office.device("phone"), office.device("laptop")
    before = phone.record(work_date="2026-11-16", title="Sebelum", duration_minutes=30).id
    settle(phone, laptop)
    file = office.backup()
    after = phone.record(work_date="2026-11-17", title="Sesudah", duration_minutes=30).id
    phone.edit(before, title="Sebelum, diubah")
    settle(phone, laptop)
    laptop.edit(after, place="Sengkang")
    gone = laptop.record(work_date="2026-11-18", title="Dihapus", duration_minutes=10).id
    laptop.delete(gone)
    settle(phone, laptop)
    office.restore(file)
    assert set(office.titles()) == {before}

    reports = codes(phone, laptop)

    wanted = {before: "Sebelum, diubah", after: "Sesudah"}
    assert reports == [None] * 4
    assert office.titles() == titles(phone) == titles(laptop) == wanted
    assert [phone.entry(after).fields["place"], phone.entry(gone).voided] == ["Sengkang", True]
    assert (phone.attention(), laptop.attention(), phone.conflicts()) == ([], [], [])


def test_after_a_restore_nothing_is_backed_up_until_the_next_backup(office: Office) -> None:
    phone = office.device("phone")
    (entry,) = write(phone, 1, "Catatan")
    settle(phone)
    file = office.backup()
    settle(phone)
    states = [phone.entry(entry).delivery_state]
    office.restore(file)
    settle(phone)
    states.append(phone.entry(entry).delivery_state)
    office.backup()

    settle(phone)

    assert [*states, phone.entry(entry).delivery_state] == ["backed_up", "received", "backed_up"]


def test_a_restore_in_the_middle_of_offering_again_starts_it_anew(office: Office) -> None:
    phone = office.device("phone")
    file = office.backup()
    made = write(phone, 30, "Catatan")
    settle(phone)
    office.restore(file)
    office.lose = lambda number: number % 2 == 1
    phone.sync()
    office.restore(file)
    office.lose = lambda number: False

    reports = codes(phone)

    assert (reports, set(office.titles()), set(titles(phone))) == ([None, None], made, made)


def test_what_the_console_did_after_the_backup_is_gone_and_devices_agree(office: Office) -> None:
    phone, chief = office.device("phone"), office.device("chief", CHIEF)
    (entry,) = write(phone, 1, "Catatan")
    settle(phone, chief)
    file = office.backup()
    with transaction(office.engine) as connection:
        now_ms = office.clock.wall_ms()
        (seen,) = reviews.list_for_review(connection, 1, now_ms=now_ms)
        reviews.review(connection, 1, entry, "approved", revision=seen["revision"], judged=seen["hash"], by="admin",
                       now_ms=now_ms)  # fmt: skip
    settle(phone, chief)
    approved = phone.entry(entry).fields["review_state"]

    office.restore(file)
    settle(phone, chief)

    assert approved == "approved"
    assert [each.entry(entry).fields["review_state"] for each in (phone, chief)] == ["submitted", "submitted"]


def test_a_supervisor_s_review_comes_again_from_the_supervisor_s_device(office: Office) -> None:
    phone, chief = office.device("phone"), office.device("chief", CHIEF)
    file = office.backup()
    (entry,) = write(phone, 1, "Catatan")
    settle(phone, chief)
    chief.review(entry, "approved")
    settle(chief, phone)
    office.restore(file)

    settle(phone, chief)
    settle(phone)

    assert phone.entry(entry).fields["review_state"] == "approved"


def test_a_review_that_comes_before_its_entry_waits_for_it(office: Office) -> None:
    phone, chief = office.device("phone"), office.device("chief", CHIEF)
    file = office.backup()
    (entry,) = write(phone, 1, "Catatan")
    settle(phone, chief)
    chief.review(entry, "approved")
    settle(chief, phone)
    office.restore(file)

    settle(chief)
    settle(phone, chief)

    assert [each.entry(entry).fields["review_state"] for each in (phone, chief)] == ["approved", "approved"]


# What only a device still has


def test_an_entry_of_a_lost_device_is_made_again_by_the_person_s_other_one(office: Office) -> None:
    phone, laptop = office.device("phone"), office.device("laptop")
    file = office.backup()
    made = write(phone, 3, "Di ponsel yang hilang")
    (edited, *_) = made
    settle(phone, laptop)
    laptop.edit(edited, title="Diubah di laptop")
    gone = laptop.record(work_date="2026-11-18", title="Dihapus", duration_minutes=10).id
    settle(laptop)
    laptop.delete(gone)
    settle(laptop)
    wanted = titles(laptop)
    office.restore(file)

    reports = codes(laptop)

    assert reports == [None, None]
    assert office.titles() == titles(laptop) == wanted
    assert laptop.attention() == []


def test_an_entry_that_was_deleted_stays_deleted_when_it_is_made_again(office: Office) -> None:
    phone, laptop = office.device("phone"), office.device("laptop")
    file = office.backup()
    (entry,) = write(phone, 1, "Dihapus di ponsel yang hilang")
    phone.delete(entry)
    settle(phone, laptop)
    office.restore(file)

    settle(laptop)

    assert (laptop.entry(entry).voided, office.titles(), laptop.attention()) == (True, {}, [])


def test_both_devices_make_it_again_and_it_is_there_once(office: Office) -> None:
    phone, laptop, tablet = office.device("phone"), office.device("laptop"), office.device("tablet")
    file = office.backup()
    made = write(phone, 3, "Di ponsel yang terlambat")
    settle(phone, laptop, tablet)
    office.restore(file)
    settle(laptop, tablet)

    reports = codes(phone, laptop, tablet)

    assert reports == [None] * 6
    assert set(office.titles()) == set(titles(phone)) == set(titles(laptop)) == set(titles(tablet)) == made
    assert [each.attention() for each in (phone, laptop, tablet)] == [[], [], []]


# A backup older than what devices keep


def test_a_device_lets_go_of_what_was_backed_up_35_days_ago_and_of_nothing_else(office: Office) -> None:
    phone = office.device("phone")
    old = write(phone, 3, "Lama")
    settle(phone)
    office.backup()
    office.clock.now += 20 * DAY_MS
    write(phone, 2, "Baru", day=5)
    settle(phone)
    kept = [operations(phone)]
    office.clock.now += 16 * DAY_MS

    settle(phone)

    assert [*kept, operations(phone)] == [5, 2]
    assert phone.verify() == []
    assert {phone.entry(each).delivery_state for each in old} == {"backed_up"}
    assert phone.status()["received"] == 5


def test_a_device_that_let_go_of_everything_reads_all_pages_again_after_a_restore(office: Office) -> None:
    phone = office.device("phone")
    for number in range(60):
        phone.record(work_date=f"2026-11-{number % 28 + 1:02}", title=f"Catatan {number}", duration_minutes=1,
                     description="Panjang " * 400)  # fmt: skip
    settle(phone)
    file = office.backup()
    office.clock.now += 36 * DAY_MS
    settle(phone)
    left, wanted = operations(phone), titles(phone)
    office.restore(file)

    reports = settle(phone)

    assert (left, [report.problem for report in reports], len(wanted)) == (0, [None, None], 60)
    assert (titles(phone), phone.entries()[0].fields["description"]) == (wanted, "Panjang " * 399 + "Panjang")
    assert sum(report.requests for report in reports) < 20


def test_without_a_backup_a_device_lets_go_of_nothing(office: Office) -> None:
    phone = office.device("phone")
    write(phone, 3, "Lama")
    settle(phone)
    office.clock.now += 400 * DAY_MS

    settle(phone)

    assert operations(phone) == 3


def test_what_no_backup_holds_is_kept_however_old_it_is(office: Office) -> None:
    phone = office.device("phone")
    write(phone, 3, "Dicadangkan")
    settle(phone)
    office.backup()
    write(phone, 2, "Sesudah cadangan", day=5)
    settle(phone)
    office.clock.now += 400 * DAY_MS

    settle(phone)

    assert operations(phone) == 2


def operations(client: Client) -> int:
    return int(client.store.query("SELECT count(*) FROM operation")[0][0])


@pytest.mark.parametrize("loses_phone", [False, True])
def test_a_backup_older_than_what_devices_keep_loses_nothing(office: Office, loses_phone: bool) -> None:
    phone, laptop = office.device("phone"), office.device("laptop")
    ancient = office.backup()
    old = write(phone, 4, "Lama")
    (edited, *_) = old
    settle(phone, laptop)
    office.backup()
    office.clock.now += 36 * DAY_MS
    settle(phone)
    phone.edit(edited, title="Diubah kemudian")
    new = write(phone, 2, "Baru", day=5)
    settle(phone, laptop)
    wanted = titles(phone)
    office.restore(ancient)
    unsent = write(phone, 1, "Belum terkirim", day=9)
    before = codes(phone)
    office.enrol(phone)

    after = codes(phone) if loses_phone else codes(phone, laptop)

    assert (before, after) == (["log_gap"] * 2, [None] * len(after))
    assert {**wanted, **{each: titles(phone)[each] for each in unsent}} == titles(phone) == office.titles()
    assert set(wanted) == old | new
    assert (phone.attention(), phone.status()["unsent"], phone.verify()) == ([], 0, [])
    if not loses_phone:
        assert titles(laptop) == titles(phone)


# Enrolled after the backup


def test_a_device_that_the_backup_does_not_know_enrols_again_and_brings_everything(office: Office) -> None:
    file = office.backup()
    phone = office.device("phone")
    made = write(phone, 5, "Catatan")
    settle(phone)
    office.restore(file)
    made |= write(phone, 1, "Belum terkirim", day=3)
    before = codes(phone)
    office.enrol(phone)

    after = codes(phone)

    assert (before, after) == (["unknown_device"] * 2, [None, None])
    assert set(office.titles()) == set(titles(phone)) == made


def test_a_store_of_several_enrolments_brings_every_log_and_what_the_server_has_counts_once(office: Office) -> None:
    phone = office.device("phone")
    made = write(phone, 3, "Pendaftaran pertama")
    settle(phone)
    file = office.backup()
    made |= write(phone, 2, "Sesudah cadangan", day=3)
    settle(phone)
    made |= write(phone, 2, "Belum terkirim", day=5)
    office.enrol(phone)
    made |= write(phone, 2, "Pendaftaran kedua", day=7)
    settle(phone)
    office.restore(file)
    (entry, *_) = made
    before = codes(phone)
    office.enrol(phone)
    phone.edit(entry, place="Sengkang")

    after = codes(phone)

    assert (before, after) == (["unknown_device"] * 2, [None, None])
    assert set(office.titles()) == set(titles(phone)) == made
    assert (phone.attention(), phone.status()["unsent"], office.faults()) == ([], 0, [])
    lineages = {each["lineage"] for each in device_list(office)}
    assert len(lineages) == 1


def device_list(office: Office) -> list[dict[str, object]]:
    with transaction(office.engine) as connection:
        return list_devices(connection, 1)


def test_a_restore_that_knows_every_enrolment_asks_for_the_former_log_and_sends_nothing_of_it_again(
    office: Office,
) -> None:
    phone = office.device("phone")
    made = write(phone, 3, "Pendaftaran pertama")
    settle(phone)
    office.enrol(phone)
    made |= write(phone, 2, "Pendaftaran kedua", day=3)
    settle(phone)
    file = office.backup()
    office.restore(file)

    reports = settle(phone)

    assert (codes(phone), sum(report.operations_up for report in reports)) == ([None, None], 0)
    assert set(office.titles()) == set(titles(phone)) == made
    assert operations(phone) == 5


def test_restores_back_and_forth_over_enrolments_lose_nothing(office: Office) -> None:
    early = office.backup()
    phone = office.device("phone")
    made = write(phone, 3, "Satu")
    settle(phone)
    middle = office.backup()
    made |= write(phone, 3, "Dua", day=3)
    settle(phone)
    office.restore(early)
    office.enrol(phone)
    made |= write(phone, 3, "Tiga", day=5)
    settle(phone)
    office.restore(middle)
    office.enrol(phone)
    made |= write(phone, 3, "Empat", day=7)

    reports = codes(phone)

    assert reports == [None, None]
    assert set(office.titles()) == set(titles(phone)) == made
    assert phone.attention() == []


def test_a_store_that_kept_no_key_of_its_former_enrolment_still_brings_its_work(office: Office) -> None:
    phone = office.device("phone")
    made = write(phone, 3, "Pendaftaran pertama")
    settle(phone)
    file = office.backup()
    office.enrol(phone)
    made |= write(phone, 2, "Pendaftaran kedua", day=3)
    settle(phone)
    with phone.store.transaction():
        phone.store.write("UPDATE log SET key = NULL WHERE number = 1")
    office.restore(file)
    phone.sync()
    office.enrol(phone)

    reports = codes(phone)

    assert (reports, phone.attention()) == ([None, None], [])
    assert set(office.titles()) == set(titles(phone)) == made


def test_a_server_with_another_key_is_not_taken_for_the_restored_one(office: Office, tmp_path: Path) -> None:
    phone = office.device("phone")
    made = write(phone, 2, "Catatan")
    settle(phone)
    with transaction(office.engine) as connection:
        connection.execute(text("UPDATE server_identity SET private_key = :key"), {"key": b"x" * 32})
    office.start()

    reports = codes(phone)

    assert (reports, set(titles(phone)), phone.status()["unsent"]) == (["answer_not_signed"] * 2, made, 0)


# A device whose access was taken away


def test_a_revoked_device_empties_itself_when_a_backup_holds_all_it_wrote_and_not_before(office: Office) -> None:
    phone, laptop = office.device("phone"), office.device("laptop")
    made = write(phone, 2, "Catatan")
    settle(phone)
    made |= write(phone, 1, "Belum terkirim", day=3)
    with transaction(office.engine) as connection:
        revoke(connection, 1, str(phone.store.setting("device")), by="admin", now_ms=office.clock.wall_ms())
    before = [codes(phone), phone.status()["wiped_at"], set(titles(phone))]
    office.backup()

    report = phone.sync()

    assert before == [["quarantined", "quarantined"], None, made]
    assert (report.problem and report.problem.code, phone.entries()) == ("device_wiped", [])
    with transaction(office.engine) as connection:
        (waiting,) = quarantine.list_quarantine(connection, 1)
        quarantine.accept(connection, 1, waiting["id"], reason="Ditanyakan", by="admin", now_ms=office.clock.wall_ms())
    settle(laptop)
    assert set(titles(laptop)) == set(office.titles()) == made


def test_a_revoked_device_keeps_what_it_wrote_after_the_backup(office: Office) -> None:
    phone = office.device("phone")
    write(phone, 2, "Catatan")
    settle(phone)
    office.backup()
    made = set(titles(phone)) | write(phone, 1, "Sesudah cadangan", day=3)
    settle(phone)
    with transaction(office.engine) as connection:
        revoke(connection, 1, str(phone.store.setting("device")), by="admin", now_ms=office.clock.wall_ms())

    settle(phone)

    assert (phone.status()["wiped_at"], set(titles(phone))) == (None, made)

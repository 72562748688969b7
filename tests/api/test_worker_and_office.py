"""What worker, supervisor and office tell each other, over the real server: decisions, reviews taken again, scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.test_client_and_server import TODAY, Office, administer, record
from engines.places import Place
from lontara import Client
from lontara_server.jobs.scores import drain_scores
from lontara_server.services import conflicts as decide
from lontara_server.services.verification import verify_org
from lontara_server.storage.engine import transaction
from server.ready import CHIEF, WORKER

REASON = "Sesuai daftar hadir."


@pytest.fixture
def people(tmp_path: Path, place: Place) -> Iterator[tuple[Office, Client, Client]]:
    office = Office(tmp_path, place)
    yield office, office.device("worker", WORKER), office.device("chief", CHIEF)
    office.engine.dispose()


def resolve(office: Office, choice: str) -> None:
    """Decide the one conflict that is open."""
    with transaction(office.engine) as connection:
        (conflict,) = decide.list_conflicts(connection, 1, only_open=True)
        now = office.clock.wall_ms()
        decide.resolve_conflict(connection, 1, conflict["id"], choice=choice, reason=REASON, by="admin", now_ms=now)


def test_a_stale_approval_is_off_the_list_once_the_entry_was_reviewed_as_it_is(
    people: tuple[Office, Client, Client],
) -> None:
    _office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    worker.edit(entry, title="Mendata sawah Pammana")
    worker.sync()
    chief.review(entry, "approved")
    chief.sync()
    stale = [item.code for item in chief.attention()]

    chief.review(entry, "approved")

    chief.sync()
    assert stale == ["review_of_older"]
    assert chief.attention() == []
    assert {each.state for each in chief.store.logged("1")} == {"received"}
    assert chief.entry(entry).review_state == "approved"


def test_an_overlap_asks_the_worker_and_a_mended_one_asks_no_more(people: tuple[Office, Client, Client]) -> None:
    _office, worker, _chief = people
    record(worker, "Mendata sawah", "08:00", "10:00")
    second = record(worker, "Rapat desa", "09:00", "11:00")
    worker.sync()
    asked = [(item.state, item.code) for item in worker.attention()]

    worker.edit(second, start_time="10:00")

    waiting = worker.attention()
    worker.sync()
    assert asked == [("asked", "overlap")]
    assert (waiting, worker.attention()) == ([], [])
    assert worker.decisions() == []


def test_a_worker_s_answer_is_theirs_and_the_decision_comes_back_with_its_reason(
    people: tuple[Office, Client, Client],
) -> None:
    office, worker, chief = people
    record(worker, "Mendata sawah", "08:00", "10:00")
    record(worker, "Rapat desa", "09:00", "11:00")
    worker.sync()
    (item,) = worker.attention()
    worker.answer(str(item.conflict), "Rapat di sawah.")
    worker.sync()
    answered = worker.attention()
    resolve(office, "keep_both")

    report = worker.sync()

    chief.sync()
    assert answered == []
    (decision,) = report.decisions
    assert decision.sentence("id").endswith(f"Semua catatan tetap ada. Alasan: {REASON}")
    assert (worker.decisions(unseen=True), worker.see_all(), worker.decisions(unseen=True)) == ([decision], 1, [])
    assert chief.decisions() == []


def test_the_change_of_an_approved_entry_is_decided_by_an_admin_and_told(people: tuple[Office, Client, Client]) -> None:
    office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    chief.review(entry, "approved")
    chief.sync(), worker.sync()
    worker.edit_reviewed(entry, quantity="3")
    worker.sync()
    deciding = worker.entry(entry)
    resolve(office, "keep_device")

    report = worker.sync()

    assert (deciding.fields.get("quantity"), deciding.being_decided) == (None, {"quantity": "3"})
    assert worker.entry(entry).fields["quantity"] == "3"
    assert "Dipakai: jumlah 3 dari perangkat “" in report.decisions[0].sentence("id")
    assert worker.attention() == []


def test_a_deletion_of_an_approved_entry_is_decided_by_an_admin(people: tuple[Office, Client, Client]) -> None:
    office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    chief.review(entry, "approved")
    chief.sync(), worker.sync()
    worker.delete(entry, of_reviewed=True)
    worker.sync()
    kept = worker.entry(entry).voided
    resolve(office, "keep_device")

    worker.sync()

    assert (kept, worker.entry(entry).voided) == (False, True)


def test_a_withdrawn_approval_lets_the_worker_edit_again(people: tuple[Office, Client, Client]) -> None:
    _office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    chief.review(entry, "approved")
    chief.sync()

    chief.review(entry, "submitted")

    chief.sync(), worker.sync()
    worker.edit(entry, quantity="3")
    assert worker.sync().results == {"applied": 1}
    assert worker.attention() == []


def test_a_dismissed_operation_holds_nothing_up(people: tuple[Office, Client, Client]) -> None:
    _office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    with chief.store.transaction():
        # An older app, which did not refuse it.
        chief._author.write("set", "activity_entry", id=entry, fields={"title": "Lain"}, was={"title": "Mendata sawah"})
    chief.sync()
    (item,) = chief.attention()

    chief.dismiss(item.op_id)

    chief.sync()
    chief.review(entry, "approved")
    assert chief.sync().results == {"applied": 1}
    assert chief.attention() == []
    assert chief.entry(entry).review_state == "approved"


def test_a_score_reaches_its_owner_s_devices_and_nobody_else_s(people: tuple[Office, Client, Client]) -> None:
    office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    chief.review(entry, "approved")
    chief.sync()
    drain_scores(office.engine, office.clock.wall_ms)

    worker.sync(), chief.sync()

    (score,) = worker.scores()
    stored = administer(office, "score", "show", "--nip", WORKER, "--period", TODAY[:7], "--json")
    assert (score["period"], score["value"], score["rating"]) == (TODAY[:7], stored["value"], stored["rating"])
    assert chief.scores() == []
    with transaction(office.engine) as connection:
        assert verify_org(connection, 1).faults == []


def test_a_score_that_did_not_change_is_not_sent_again_and_one_that_did_is(people: tuple[Office, Client, Client]) -> None:
    office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    chief.review(entry, "approved")
    chief.sync()
    administer(office, "score", "compute", "--period", TODAY[:7])
    worker.sync()
    before = worker.scores()
    administer(office, "score", "compute", "--period", TODAY[:7])
    unchanged = worker.sync().operations_down
    chief.review(entry, "submitted")
    chief.sync()
    administer(office, "score", "compute", "--period", TODAY[:7])

    worker.sync()

    assert unchanged == 0
    assert [each["value"] for each in before] != [each["value"] for each in worker.scores()]


def test_a_new_device_reads_the_scores_that_there_are(people: tuple[Office, Client, Client]) -> None:
    office, worker, chief = people
    entry = record(worker, "Mendata sawah")
    worker.sync(), chief.sync()
    chief.review(entry, "approved")
    chief.sync()
    administer(office, "score", "compute", "--period", TODAY[:7])

    laptop = office.device("laptop", WORKER)

    laptop.sync()
    assert [each["period"] for each in laptop.scores()] == [TODAY[:7]]

"""Work of devices that may not write: kept whole, accepted once as its author's, or dropped and still readable."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from lontara_core.operations import Origin
from lontara_core.problems import Problem
from lontara_server.services import quarantine
from lontara_server.services.conflicts import list_conflicts
from lontara_server.services.devices import restore, revoke
from lontara_server.storage.engine import Engine, transaction
from lontara_server.storage.models import ActivityEntry, Audit, Batch, Device
from server.logged_tablet import LoggedTablet, stored
from server.ready import CHIEF, NOW, WORKER

TITLE = "Mendata sawah di Pammana"
ABSENT = "00000000-0000-8000-8000-00000000abcd"


@pytest.fixture
def tablet(database: Engine) -> LoggedTablet:
    """A device that has synced once and was revoked afterwards."""
    tablet = LoggedTablet(database).enrolled()
    tablet.sync()
    with transaction(database) as connection:
        revoke(connection, 1, tablet.device, by="admin", now_ms=NOW)
    return tablet


def kept(database: Engine) -> list[dict[str, Any]]:
    with transaction(database) as connection:
        return quarantine.list_quarantine(connection, 1)


def accept(database: Engine, row: dict[str, Any]) -> dict[str, Any]:
    with transaction(database) as connection:
        return quarantine.accept(connection, 1, row["id"], reason="Sudah ditanyakan", by="admin", now_ms=NOW)


def drop(database: Engine, row: dict[str, Any]) -> dict[str, Any]:
    with transaction(database) as connection:
        return quarantine.drop(connection, 1, row["id"], reason="Bukan tulisannya", by="admin", now_ms=NOW)


def give_back(database: Engine, tablet: LoggedTablet) -> None:
    with transaction(database) as connection:
        restore(connection, 1, tablet.device, by="admin", now_ms=NOW)


def fork_and_quarantine(database: Engine) -> tuple[str, str | None, str]:
    """State and choice of the fork's conflict, and the state of the one batch in quarantine."""
    with transaction(database) as connection:
        (fork,) = list_conflicts(connection, 1)
    return fork["state"], (fork["resolution"] or {}).get("choice"), kept(database)[0]["state"]


def entry_ids(database: Engine) -> list[str]:
    with transaction(database) as connection:
        return list(connection.scalars(select(ActivityEntry.id)))


def re_chained(database: Engine, former: LoggedTablet) -> LoggedTablet:
    """The same store enrolled again, with everything of its former log under the new id."""
    again, hashes = LoggedTablet(database).enrolled(former=former), former.hashes()
    for seq, raw in enumerate(former.raws, start=1):
        operation = msgspec.json.decode(raw)
        operation["origin"] = [former.device, seq, hashes[seq].hex()]
        again.raws.append(msgspec.json.encode(operation, order="sorted"))
    return again


def test_accepted_work_counts_as_its_author_s_and_is_written_by_the_server_actor(
    tablet: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.write("set", entry, fields={"title": "Mendata kebun"}, was={"title": TITLE})
    tablet.sync()

    done = accept(database, kept(database)[0])

    held = stored(database, entry)
    with transaction(database) as connection:
        employee, actor = (
            connection.scalar(select(Device.employee_id).where(Device.id == tablet.device)),
            connection.scalar(select(Device.id).where(Device.kind == "server")),
        )
        writer = connection.scalar(select(ActivityEntry.writer_device))
    assert [each["verdict"] for each in done["results"]] == ["applied", "applied"]
    assert (held.fields["title"], held.fields["owner"], writer) == ("Mendata kebun", employee, actor)
    assert {"org_unit", "supervisor"} <= set(held.fields)
    assert (done["state"], done["decided_by"], done["decided_reason"]) == ("accepted", "admin", "Sudah ditanyakan")


def test_work_that_was_accepted_has_no_second_effect_when_the_device_comes_back(
    tablet: LoggedTablet, database: Engine
) -> None:
    tablet.create()
    tablet.sync()
    accept(database, kept(database)[0])
    give_back(database, tablet)

    answer = tablet.sync()

    assert answer.batch is not None
    assert (answer.batch.state, [each.duplicate for each in answer.batch.results]) == ("received", [True])
    assert (answer.head_seq, len(entry_ids(database))) == (1, 1)


def test_work_that_was_accepted_has_no_second_effect_when_it_is_chained_anew(
    tablet: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.write("set", entry, fields={"title": "Mendata kebun"}, was={"title": TITLE})
    tablet.sync()
    accept(database, kept(database)[0])
    again = re_chained(database, tablet)

    answer = again.sync()

    assert answer.batch is not None
    assert [each.duplicate for each in answer.batch.results] == [True, True]
    assert (entry_ids(database), stored(database, entry).revision) == ([entry], 2)


def test_what_was_chained_anew_before_has_arrived_and_accepting_it_says_so(
    tablet: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.sync()
    re_chained(database, tablet).sync()
    seen = kept(database)[0]

    done = accept(database, seen)

    assert (seen["state"], done["state"], done["already"], done["results"]) == ("arrived", "arrived", True, [])
    assert (entry_ids(database), stored(database, entry).revision) == ([entry], 1)


def test_accepting_twice_changes_nothing(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()
    accept(database, kept(database)[0])

    again = accept(database, kept(database)[0])

    assert (again["state"], again["results"], len(entry_ids(database))) == ("accepted", [], 1)


def test_the_same_work_kept_in_two_cuts_counts_once(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync()
    for row in kept(database):
        accept(database, row)

    found = entry_ids(database)

    assert (len(kept(database)), len(found)) == (2, 2)


def test_a_long_log_goes_to_quarantine_batch_after_batch(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync(first=1, last=1)

    answer = tablet.sync(first=2)

    assert answer.batch is not None
    assert (answer.batch.state, [(each["first"], each["last"]) for each in kept(database)]) == (
        "quarantined", [(1, 1), (2, 2)],
    )  # fmt: skip
    assert answer.wipe_after is not None
    assert (answer.wipe_after.seq, answer.wipe_after.hash) == (2, tablet.hashes()[2].hex())


def test_work_beyond_what_is_kept_is_a_gap_for_a_revoked_device_too(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")

    answer = tablet.sync(first=2)

    assert answer.batch is not None
    assert (answer.batch.state, kept(database)) == ("gap", [])


def test_later_work_waits_until_the_earlier_is_decided(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync(first=1, last=1)
    tablet.sync(first=2)
    earlier, later = kept(database)

    with pytest.raises(Problem) as caught:
        accept(database, later)

    assert (caught.value.code, caught.value.facts["earlier"]) == ("state_not_allowed", earlier["id"])


def test_dropped_work_has_no_effect_and_stays_readable_with_the_reason(
    tablet: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    tablet.sync()
    row = kept(database)[0]

    done = drop(database, row)

    tablet.sync()
    with transaction(database) as connection:
        shown = quarantine.show_quarantine(connection, 1, row["id"])
        audited = list(connection.scalars(select(Audit.action).where(Audit.subject == row["id"])))
    assert (done["state"], done["decided_reason"], entry_ids(database)) == ("dropped", "Bukan tulisannya", [])
    assert [(each["record"], each["fields"]["title"]) for each in shown["operations"]] == [(entry, TITLE)]
    assert (audited, [each["state"] for each in kept(database)]) == (["quarantine.drop"], ["dropped"])


def test_dropped_work_may_be_accepted_after_all_and_accepted_work_not_dropped(
    tablet: LoggedTablet, database: Engine
) -> None:
    tablet.create()
    tablet.sync()
    drop(database, kept(database)[0])
    accept(database, kept(database)[0])

    with pytest.raises(Problem) as caught:
        drop(database, kept(database)[0])

    assert (caught.value.code, len(entry_ids(database))) == ("state_not_allowed", 1)


def test_a_decision_without_a_reason_is_refused(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()
    (row,) = kept(database)

    with transaction(database) as connection, pytest.raises(Problem) as caught:
        quarantine.accept(connection, 1, row["id"], reason=" ", by="admin", now_ms=NOW)

    assert caught.value.code == "missing_field"


@pytest.mark.parametrize("name", ["nothing", ABSENT])
def test_what_is_not_in_quarantine_is_not_found(database: Engine, name: str) -> None:
    with transaction(database) as connection, pytest.raises(Problem) as caught:
        quarantine.accept(connection, 1, name, reason="x", by="admin", now_ms=NOW)

    assert caught.value.code == "not_found"


def test_the_author_s_rights_are_judged_and_not_the_admin_s(tablet: LoggedTablet, database: Engine) -> None:
    chief = LoggedTablet(database, nip=CHIEF).enrolled()
    others = chief.create()
    chief.sync()
    tablet.write("set", others, fields={"title": "Lain"}, was={"title": TITLE})
    tablet.write("review", others, fields={"verdict": "approved"}, judged=tablet.judged(others))
    tablet.sync()

    done = accept(database, kept(database)[0])

    assert [(each["verdict"], each["code"]) for each in done["results"]] == [
        ("parked", "unknown_record"),
        ("parked", "behind"),
    ]
    assert stored(database, others).fields["title"] == TITLE


def test_a_supervisor_s_review_in_quarantine_holds_as_the_supervisor_s(database: Engine) -> None:
    worker, chief = LoggedTablet(database).enrolled(), LoggedTablet(database, nip=CHIEF).enrolled()
    entry = worker.create()
    worker.sync()
    with transaction(database) as connection:
        revoke(connection, 1, chief.device, by="admin", now_ms=NOW)
    chief.write("review", entry, fields={"verdict": "approved"}, judged=chief.judged(entry))
    chief.sync()

    accept(database, kept(database)[0])

    assert stored(database, entry).fields["review_state"] == "approved"


def test_the_author_is_told_of_accepted_work_that_was_rejected_and_corrects_it(
    tablet: LoggedTablet, database: Engine
) -> None:
    entry = tablet.create()
    when = {"work_date": "2026-11-18", "start_time": "08:00", "end_time": "09:00", "duration_minutes": 60}
    tablet.write("set", entry, fields={"start_time": None}, was=when)
    tablet.sync()
    accept(database, kept(database)[0])
    give_back(database, tablet)
    told = tablet.sync()
    fields = {"start_time": None, "end_time": None, "duration_minutes": 45}
    origin = Origin(tablet.device, 2, tablet.hashes()[2].hex())
    tablet.write("set", entry, fields=fields, was=when, supersedes=(origin,))

    answer = tablet.sync()

    assert [(each.device, each.seq, each.code) for each in told.attention] == [(None, 2, "invalid_field")]
    assert (answer.attention, stored(database, entry).fields["duration_minutes"]) == ([], 45)


def test_accepted_work_that_waits_for_its_entry_runs_as_its_author_s(tablet: LoggedTablet, database: Engine) -> None:
    other = LoggedTablet(database).enrolled()
    entry = other.create()
    tablet.write("set", entry, fields={"title": "Mendata kebun"}, was={"title": TITLE})
    tablet.sync()
    done = accept(database, kept(database)[0])

    other.sync()

    assert [each["code"] for each in done["results"]] == ["unknown_record"]
    assert stored(database, entry).fields["title"] == "Mendata kebun"


def test_a_clash_in_accepted_work_names_the_device_that_wrote_it(tablet: LoggedTablet, database: Engine) -> None:
    other = LoggedTablet(database).enrolled()
    entry = other.create()
    other.write("set", entry, fields={"title": "Mendata sawah"}, was={"title": TITLE})
    other.sync()
    tablet.write("set", entry, fields={"title": "Mendata kebun"}, was={"title": TITLE})
    tablet.sync()

    done = accept(database, kept(database)[0])

    assert [each["verdict"] for each in done["results"]] == ["conflict"]
    with transaction(database) as connection:
        (conflict,) = list_conflicts(connection, 1)
    assert [each["device"] for each in conflict["fields"]["title"]["candidates"]] == [tablet.device]


def test_an_operation_whose_form_is_refused_stays_in_quarantine_and_holds_nothing_up(
    tablet: LoggedTablet, database: Engine
) -> None:
    tablet.raws.append(b'{"kind":"nonsense"}')
    tablet.create()
    tablet.sync()

    done = accept(database, kept(database)[0])

    with transaction(database) as connection:
        shown = quarantine.show_quarantine(connection, 1, done["id"])
    assert [(each["seq"], each["verdict"], each["code"]) for each in done["results"]] == [
        (1, "rejected", "malformed_operation"),
        (2, "applied", None),
    ]
    assert shown["operations"][0]["text"] == '{"kind":"nonsense"}'


def test_a_copy_s_work_is_accepted_without_what_both_copies_hold(database: Engine) -> None:
    tablet = LoggedTablet(database).enrolled()
    shared = tablet.create()
    tablet.sync()
    clone = tablet.copy()
    own = tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync()
    copied = clone.create(title="Laporan", start_time="13:00", end_time="14:00")
    clone.sync(first=1)

    done = accept(database, kept(database)[0])

    assert [each["duplicate"] for each in done["results"]] == [True, False]
    assert sorted(entry_ids(database)) == sorted([shared, own, copied])


def test_what_was_accepted_is_a_signed_batch_of_the_server_s_own_log(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()

    accept(database, kept(database)[0])

    with transaction(database) as connection:
        of_tablet = list(connection.scalars(select(Batch.last).where(Batch.device == tablet.device)))
        actor = connection.execute(select(Device.id, Device.last_seq).where(Device.kind == "server")).one()
        of_actor = list(connection.scalars(select(Batch.last).where(Batch.device == actor.id)))
    assert (of_tablet, max(of_actor)) == ([], actor.last_seq)


def test_the_person_of_the_work_is_named(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()

    tablet.sync()

    (row,) = kept(database)
    assert (row["nip"], row["reason"], row["state"], row["operation_count"]) == (WORKER, "revoked", "waiting", 1)


def test_a_fork_closes_by_itself_when_all_its_work_has_come_by_origin(database: Engine) -> None:
    tablet = LoggedTablet(database).enrolled()
    tablet.create()
    tablet.sync()
    clone = tablet.copy()
    tablet.create(title="Rapat", start_time="10:00", end_time="11:00")
    tablet.sync()
    clone.create(title="Laporan", start_time="13:00", end_time="14:00")
    clone.create(title="Surat", start_time="15:00", end_time="16:00")
    clone.sync(first=2)
    again = re_chained(database, clone)

    states = [fork_and_quarantine(database)]
    for last in (2, 3):
        again.sync(last=last)
        states.append(fork_and_quarantine(database))

    assert states == [("open", None, "waiting"), ("open", None, "waiting"), ("resolved", "arrived", "arrived")]


def test_accepted_work_of_a_copy_closes_its_fork(database: Engine) -> None:
    tablet = LoggedTablet(database).enrolled()
    tablet.sync()
    clone = tablet.copy()
    tablet.create()
    tablet.sync()
    clone.create(title="Laporan", start_time="13:00", end_time="14:00")
    clone.sync(first=1)

    accept(database, kept(database)[0])

    assert fork_and_quarantine(database) == ("resolved", "arrived", "accepted")


def test_a_device_with_its_access_back_delivers_what_waited_and_the_list_says_so(
    tablet: LoggedTablet, database: Engine
) -> None:
    tablet.create()
    tablet.sync()
    give_back(database, tablet)
    before = kept(database)[0]["state"]

    tablet.sync()

    assert (before, kept(database)[0]["state"]) == ("waiting", "arrived")


def test_a_revoked_device_is_told_what_was_decided_about_its_work(tablet: LoggedTablet, database: Engine) -> None:
    for title, hour in (("Rapat", 10), ("Laporan", 13)):
        tablet.create(title=title, start_time=f"{hour}:00", end_time=f"{hour + 1}:00")
        tablet.sync(first=len(tablet.raws))
    first, second = kept(database)
    waiting = tablet.sync(first=3).set_aside
    accept(database, first)
    drop(database, second)

    told = tablet.sync(first=3).set_aside

    assert [(each.first, each.last, each.state) for each in waiting] == [(1, 1, "waiting"), (2, 2, "waiting")]
    assert [(each.state, each.reason) for each in told] == [
        ("accepted", "Sudah ditanyakan"), ("dropped", "Bukan tulisannya")
    ]  # fmt: skip


def test_a_device_with_access_is_told_of_no_quarantine(tablet: LoggedTablet, database: Engine) -> None:
    tablet.create()
    tablet.sync()
    give_back(database, tablet)

    answer = tablet.sync()

    assert answer.set_aside == []

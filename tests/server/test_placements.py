"""Transfers, supervisors and acting supervisors: what is written, what a month makes of it, and what stays as it was."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from lontara_core.problems import Problem
from lontara_core.record import judged_hash
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import (
    FIRST_DAY,
    Transfer,
    assign_supervisor,
    deactivate,
    employee_named,
    transfer,
)
from lontara_server.services.people_changes import ImportOptions
from lontara_server.services.people_desk import person_of
from lontara_server.services.people_import import import_people
from lontara_server.services.reviews import review
from lontara_server.services.scores import compute_period, show
from lontara_server.storage.engine import Connection, Engine, transaction
from lontara_server.storage.models import Audit, Batch, Feed, History, Score
from lontara_server.storage.people import AssignmentRow, assignment_on, assignments_of, placements_between
from lontara_server.storage.scores import PersonMonth, dirty_months
from server.logged_tablet import LoggedTablet, stored
from server.ready import CHIEF, NOW, PEOPLE, WORKER, ready_server

ACTING = "198806252012121003"
OTHER_UNIT = f"""nip,full_name,unit_code,unit_name
{ACTING},Baso Tancung Siwa,KEC-02,Seksi Sarana
"""
TODAY = date(2026, 11, 18)


@pytest.fixture
def office(database: Engine) -> Any:
    with transaction(database) as connection:
        bring(connection, OTHER_UNIT)
        yield connection


def bring(office: Connection, text: str) -> Any:
    file = SourceFile(text.encode(), "pegawai.csv")
    return import_people(office, 1, file, ImportOptions(), by="tester", now_ms=NOW)


def id_of(office: Connection, nip: str) -> str:
    return employee_named(office, 1, nip).id


def on(office: Connection, nip: str, day: date) -> AssignmentRow:
    found = assignment_on(office, 1, id_of(office, nip), day)
    assert found is not None
    return found


def told(office: Connection, nip: str = WORKER) -> list[tuple[Any, ...]]:
    person = person_of(office, 1, employee_named(office, 1, nip), NOW)
    names = ("valid_from", "valid_to", "unit_code", "supervisor_nip", "acting_supervisor_nip")
    return [tuple(each[name] for name in names) for each in reversed(person.placements)]


def move(office: Connection, nip: str = WORKER, **values: Any) -> None:
    transfer(office, 1, nip, Transfer(**values), by="tester", now_ms=NOW)


def act(office: Connection, first: date, last: date | None) -> None:
    assign_supervisor(
        office, 1, WORKER, ACTING, by="tester", now_ms=NOW, valid_from=first, valid_to=last, acting=True
    )  # fmt: skip


def score_months(office: Connection, nip: str, *periods: str) -> None:
    rows = [
        {
            "org_id": 1, "employee": id_of(office, nip), "period": period, "provisional": False, "policy_id": "x",
            "policy_version": 1, "document": "{}", "computed_at": NOW, "revision": 0,
        }
        for period in periods
    ]  # fmt: skip
    office.execute(insert(Score), rows)


def test_a_transfer_by_command_splits_the_placement_at_its_day(office: Connection) -> None:
    move(office, unit_code="KEC-02", supervisor_nip=ACTING, valid_from=date(2026, 11, 16))

    assert told(office) == [
        (FIRST_DAY.isoformat(), "2026-11-15", "KEC-01", CHIEF, None),
        ("2026-11-16", None, "KEC-02", ACTING, None),
    ]


def test_a_transfer_from_a_file_splits_the_placement_at_its_tmt(office: Connection) -> None:
    text = f"nip,unit_kerja,tmt\n{WORKER},Seksi Sarana,16-11-2026\n"

    bring(office, text)

    assert [row[:3] for row in told(office)] == [
        (FIRST_DAY.isoformat(), "2026-11-15", "KEC-01"),
        ("2026-11-16", None, "KEC-02"),
    ]


def test_a_transfer_told_twice_is_written_once(office: Connection) -> None:
    move(office, unit_code="KEC-02", valid_from=date(2026, 11, 16))
    before = len(office.execute(select(Batch.last).where(Batch.org_id == 1)).all())

    move(office, unit_code="KEC-02", valid_from=date(2026, 11, 16))

    assert len(office.execute(select(Batch.last).where(Batch.org_id == 1)).all()) == before


def test_a_file_with_an_older_tmt_does_not_reach_behind_the_unit_that_is_known(office: Connection) -> None:
    move(office, unit_code="KEC-02", valid_from=date(2026, 11, 10))

    done = bring(office, f"nip,unit_kerja,tmt\n{WORKER},Seksi Pelayanan Umum,01-10-2026\n")

    assert [(each.row, each.column) for each in done.warnings] == [(2, "valid_from")]
    assert [row[:3] for row in told(office)] == [
        (FIRST_DAY.isoformat(), "2026-11-09", "KEC-01"),
        ("2026-11-10", "2026-11-17", "KEC-02"),
        (TODAY.isoformat(), None, "KEC-01"),
    ]


def test_who_comes_new_to_an_org_with_a_tmt_begins_on_that_day(office: Connection) -> None:
    newcomer = "200001012026111001"

    bring(office, f"nip,nama,unit_kerja,tmt\n{newcomer},Indo Sakka,Seksi Sarana,16-11-2026\n")

    assert [row[0] for row in told(office, newcomer)] == ["2026-11-16"]


def test_an_acting_supervisor_acts_for_a_time_and_then_it_goes_on_as_before(office: Connection) -> None:
    act(office, date(2026, 11, 10), date(2026, 11, 20))

    acting = id_of(office, ACTING)
    found = [on(office, WORKER, date(2026, 11, day)).acting_supervisor for day in (9, 10, 20, 21)]
    assert found == [None, acting, acting, None]
    assert {on(office, WORKER, date(2026, 11, day)).supervisor for day in (9, 15, 21)} == {id_of(office, CHIEF)}


def test_an_acting_period_without_an_end_is_ended_by_naming_nobody(office: Connection) -> None:
    act(office, date(2026, 11, 10), None)

    assign_supervisor(
        office, 1, WORKER, None, by="tester", now_ms=NOW, valid_from=date(2026, 11, 20), acting=True
    )  # fmt: skip

    assert [row[4] for row in told(office)] == [None, ACTING, None]


def test_a_period_that_ends_before_it_begins_is_refused(office: Connection) -> None:
    with pytest.raises(Problem) as refused:
        act(office, date(2026, 11, 20), date(2026, 11, 10))

    assert (refused.value.code, refused.value.facts["field"]) == ("invalid_field", "valid_to")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, "missing_field"),
        ({"unit_code": "NOWHERE"}, "not_found"),
        ({"supervisor_nip": WORKER}, "invalid_field"),
        ({"supervisor_nip": "1" * 18}, "not_found"),
        ({"position": "x" * 201}, "invalid_field"),
    ],
)
def test_a_transfer_to_nowhere_is_refused(office: Connection, wish: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        move(office, **wish)

    assert refused.value.code == code


def test_the_scores_of_the_months_that_a_change_touches_are_marked_and_no_others(office: Connection) -> None:
    score_months(office, WORKER, "2026-09", "2026-10", "2026-11")
    score_months(office, CHIEF, "2026-11")

    act(office, date(2026, 10, 10), date(2026, 10, 20))
    found = dirty_months(office, 1)
    move(office, unit_code="KEC-02", valid_from=date(2026, 11, 16))

    worker = id_of(office, WORKER)
    assert found == {PersonMonth(worker, "2026-10")}
    assert dirty_months(office, 1) - found == {PersonMonth(worker, "2026-11")}


def test_a_move_is_told_to_the_person_and_to_both_units(office: Connection) -> None:
    before = office.scalar(select(Feed.seq).where(Feed.org_id == 1).order_by(Feed.seq.desc()).limit(1)) or 0

    move(office, unit_code="KEC-02", valid_from=date(2026, 11, 16))

    rows = office.execute(select(Feed.owner, Feed.unit).where(Feed.org_id == 1, Feed.seq > before)).all()
    old, new = on(office, WORKER, date(2026, 11, 1)).org_unit, on(office, WORKER, TODAY).org_unit
    assert {row.unit for row in rows} == {old, new}
    assert {row.owner for row in rows} == {id_of(office, WORKER), None}


def test_a_transfer_is_kept_in_the_audit_trail_and_the_history(office: Connection) -> None:
    move(office, unit_code="KEC-02", valid_from=date(2026, 11, 16))

    actions = office.scalars(select(Audit.action).where(Audit.org_id == 1)).all()
    changes = office.scalars(select(History.changes).where(History.org_id == 1)).all()
    assert "employee.transfer" in actions
    assert changes == ['{"valid_to":{"now":"2026-11-15","was":null}}']


def test_who_has_left_is_inactive_expects_no_work_after_the_last_day_and_stays_readable(office: Connection) -> None:
    deactivate(office, 1, WORKER, date(2026, 11, 20), by="tester", now_ms=NOW)

    assert not employee_named(office, 1, WORKER).active
    assert [row[:2] for row in told(office)] == [(FIRST_DAY.isoformat(), "2026-11-20")]


def test_an_accepted_entry_keeps_the_unit_and_the_supervisor_that_it_was_accepted_with(database: Engine) -> None:
    tablet = LoggedTablet(database, nip=WORKER).enrolled()
    entry = tablet.create(work_date="2026-11-17")
    tablet.sync()
    before = stored(database, entry).fields
    with transaction(database) as connection:
        bring(connection, OTHER_UNIT)

        move(connection, unit_code="KEC-02", supervisor_nip=ACTING, valid_from=date(2026, 11, 16))

    after = stored(database, entry).fields
    assert (after["org_unit"], after["supervisor"]) == (before["org_unit"], before["supervisor"])


def test_a_device_of_the_person_gets_the_new_placement(database: Engine) -> None:
    tablet = LoggedTablet(database, nip=WORKER).enrolled()
    tablet.sync()
    with transaction(database) as connection:
        bring(connection, OTHER_UNIT)
        move(connection, unit_code="KEC-02", valid_from=date(2026, 11, 16))

    answer = tablet.sync(cursors={"self": 0})

    told = [row for page in answer.pages for row in page.rows if row.type == "assignment"]
    assert sorted(str(row.fields.get("valid_to")) for row in told) == ["2026-11-15", "None"]


def test_placements_of_many_are_read_by_days_in_one_go(place: Any) -> None:
    lines = [f"19900101201503{number:04},Pegawai {number},KEC-01,," for number in range(1, 901)]
    database = ready_server(place)
    with transaction(database) as office:
        bring(office, "\n".join([PEOPLE.splitlines()[0], *lines]))
        move(office, unit_code="KEC-01", position="Penyuluh", valid_from=date(2026, 11, 16))
        everybody = list(assignments_of(office, 1))

        found = placements_between(office, 1, everybody, date(2026, 11, 1), date(2026, 11, 15))

        assert len(found) == 902
        assert found == placements_between(office, 1, None, date(2026, 11, 1), date(2026, 11, 15))
        assert [row.valid_to for row in found[id_of(office, WORKER)]] == [date(2026, 11, 15)]
    database.dispose()


def test_a_month_with_a_transfer_is_scored_in_two_parts(database: Engine) -> None:
    tablet = LoggedTablet(database, nip=WORKER).enrolled()
    entries = [tablet.create(work_date=day, title=f"Kegiatan {day}") for day in ("2026-11-12", "2026-11-17")]
    tablet.sync()
    held_entries = [stored(database, entry) for entry in entries]
    with transaction(database) as office:
        for held in held_entries:
            review(
                office, 1, held.id, "approved", revision=held.revision, judged=judged_hash(held), by="admin", now_ms=NOW
            )  # fmt: skip
        bring(office, OTHER_UNIT)
        move(office, unit_code="KEC-02", valid_from=date(2026, 11, 16))

        compute_period(office, 1, "2026-11", NOW)

        tree = show(office, 1, WORKER, "2026-11")["explanation"]
    parts = [node["params"] for node in nodes_of(tree) if node["code"] == "stretch_target"]
    assert [(each["first"], each["last"], each["unit"]) for each in parts] == [
        ("2026-11-01", "2026-11-15", "Seksi Pelayanan Umum"),
        ("2026-11-16", "2026-11-30", "Seksi Sarana"),
    ]


def nodes_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(each for child in node.get("children", ()) for each in nodes_of(child))]

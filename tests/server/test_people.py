"""Employees and their placements: what a file brings, what it may not hold, and what it leaves alone."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from lontara_core import signing
from lontara_core.log import chain, genesis, pack
from lontara_core.operations import check_operation, decode_operation
from lontara_core.problems import Problem
from lontara_server.services.bodies import operations_in
from lontara_server.services.column_names import guessed_people_columns
from lontara_server.services.nips import nip_error, nip_oddities, repaired_nip
from lontara_server.services.people import (
    FIRST_DAY,
    Transfer,
    assign_supervisor,
    assignment_on,
    employee_named,
    import_employees,
    list_employees,
    transfer,
)
from lontara_server.services.people_file import PeopleFile, read_people
from lontara_server.services.table_file import read_table
from lontara_server.storage.engine import Connection
from lontara_server.storage.feed_records import unpack_records
from lontara_server.storage.models import Batch, Device, Feed, History, Org, ServerIdentity
from lontara_server.storage.people import AssignmentRow
from server.ready import CHIEF, NOW, PEOPLE, WORKER

DAY_MS = 24 * 60 * 60 * 1000
TODAY = date(2026, 11, 18)
MOVED = PEOPLE.replace("Ambo Upe Lamaru,KEC-01,Seksi Pelayanan Umum", "Ambo Upe Lamaru,KEC-02,Seksi Desa")


def placement(office: Connection, nip: str, day: date) -> AssignmentRow | None:
    return assignment_on(office, 1, employee_named(office, 1, nip).id, day)


def people_in(text: str) -> PeopleFile:
    table = read_table(text.encode(), "pegawai.csv")
    return read_people(table, guessed_people_columns(table.header))


def rows_of(office: Connection, model: type) -> list[Any]:
    return list(office.execute(select(model.__table__).where(model.__table__.c.org_id == 1)))  # type: ignore[attr-defined]


def test_a_file_brings_units_employees_and_placements(office: Connection) -> None:
    listed = list_employees(office, 1)

    assert [(row["nip"], row["unit_code"], row["supervisor_nip"]) for row in listed] == [
        (WORKER, "KEC-01", CHIEF),
        (CHIEF, "KEC-01", None),
    ]


def test_the_same_file_a_second_time_adds_nothing(office: Connection) -> None:
    before = len(rows_of(office, Batch))

    done = import_employees(office, 1, PEOPLE, by="tester", now_ms=NOW + DAY_MS)

    assert (done.rows, done.unchanged) == (2, 2)
    assert len(rows_of(office, Batch)) == before


def test_a_dry_run_counts_and_writes_nothing(office: Connection) -> None:
    new = PEOPLE + "198506072010012002,Besse Tenri Lala,KEC-02,Seksi Desa,,Penyuluh\n"

    done = import_employees(office, 1, new, by="tester", now_ms=NOW, dry_run=True)

    assert (done.employees_created, done.units_created) == (1, 1)
    assert len(list_employees(office, 1)) == 2


def test_a_changed_name_raises_the_revision_and_keeps_the_old_one_in_the_history(office: Connection) -> None:
    renamed = PEOPLE.replace("Ambo Upe Lamaru", "Ambo Upe Lamaru, S.P.")
    renamed = renamed.replace("Ambo Upe Lamaru, S.P.", '"Ambo Upe Lamaru, S.P."')

    import_employees(office, 1, renamed, by="tester", now_ms=NOW + 1)

    employee = employee_named(office, 1, WORKER)
    assert (employee.full_name, employee.revision) == ("Ambo Upe Lamaru, S.P.", 2)
    assert [row.changes for row in rows_of(office, History)] == [
        '{"full_name":{"now":"Ambo Upe Lamaru, S.P.","was":"Ambo Upe Lamaru"}}'
    ]


def test_a_first_placement_counts_for_earlier_days(office: Connection) -> None:
    found = placement(office, WORKER, date(2019, 5, 1))

    assert found is not None
    assert found.valid_from == FIRST_DAY


def test_a_move_ends_the_old_placement_and_keeps_it_for_the_days_before(office: Connection) -> None:
    import_employees(office, 1, MOVED, by="tester", now_ms=NOW)

    before, after = placement(office, WORKER, date(2026, 11, 17)), placement(office, WORKER, TODAY)
    assert before is not None
    assert after is not None
    assert before.org_unit != after.org_unit
    assert before.valid_to == date(2026, 11, 17)
    assert after.supervisor == employee_named(office, 1, CHIEF).id


def test_a_new_unit_is_told_who_has_come(office: Connection) -> None:
    import_employees(office, 1, MOVED, by="tester", now_ms=NOW)

    after, employee = placement(office, WORKER, TODAY), employee_named(office, 1, WORKER)
    assert after is not None
    told = [
        record
        for row in rows_of(office, Feed)
        if row.unit == after.org_unit
        for record in unpack_records(row.records)
    ]
    assert ("employee", employee.id, 1) in told


def test_an_empty_supervisor_cell_leaves_the_supervisor_alone(office: Connection) -> None:
    import_employees(office, 1, PEOPLE.replace(f",{CHIEF},Pengelola", ",,Pengelola"), by="tester", now_ms=NOW)

    found = placement(office, WORKER, TODAY)

    assert found is not None
    assert found.supervisor == employee_named(office, 1, CHIEF).id


def test_a_first_supervisor_is_filled_in_where_the_placement_stands(office: Connection) -> None:
    assign_supervisor(office, 1, WORKER, None, by="tester", now_ms=NOW, valid_from=FIRST_DAY)

    assign_supervisor(office, 1, CHIEF, WORKER, by="tester", now_ms=NOW)

    found = placement(office, CHIEF, FIRST_DAY)

    assert found is not None
    assert found.supervisor == employee_named(office, 1, WORKER).id


def test_two_people_who_would_lead_each_other_on_the_same_days_are_refused(office: Connection) -> None:
    with pytest.raises(Problem) as refused:
        assign_supervisor(office, 1, CHIEF, WORKER, by="tester", now_ms=NOW, valid_from=TODAY)

    found = placement(office, CHIEF, TODAY)
    assert (refused.value.code, refused.value.facts["day"]) == ("state_not_allowed", TODAY.isoformat())
    assert found is not None
    assert found.supervisor is None


def test_two_people_may_change_places(office: Connection) -> None:
    assign_supervisor(office, 1, WORKER, None, by="tester", now_ms=NOW, valid_from=TODAY)

    assign_supervisor(office, 1, CHIEF, WORKER, by="tester", now_ms=NOW, valid_from=TODAY)

    found = placement(office, CHIEF, TODAY)
    assert found is not None
    assert found.supervisor == employee_named(office, 1, WORKER).id


def test_a_longer_circle_is_refused_in_a_transfer_as_well(office: Connection) -> None:
    third = "198506072010012002"
    import_employees(office, 1, f"nip,nama,supervisor_nip\n{third},Besse,{WORKER}\n", by="tester", now_ms=NOW)

    with pytest.raises(Problem) as refused:
        transfer(office, 1, CHIEF, Transfer(supervisor_nip=third, valid_from=TODAY), by="tester", now_ms=NOW)

    assert refused.value.code == "state_not_allowed"


def test_nobody_supervises_themselves(office: Connection) -> None:
    with pytest.raises(Problem) as refused:
        assign_supervisor(office, 1, CHIEF, CHIEF, by="tester", now_ms=NOW)

    assert refused.value.code == "invalid_field"


def test_what_the_server_writes_is_a_signed_and_gapless_log(office: Connection) -> None:
    import_employees(office, 1, MOVED, by="tester", now_ms=NOW)

    batches = sorted(rows_of(office, Batch), key=lambda row: row.first)

    org, me = rows_of(office, Org)[0], office.execute(select(ServerIdentity.__table__)).one()
    actor = next(row for row in rows_of(office, Device) if row.kind == "server")
    head, last = genesis(org.uid, actor.id), 0
    for batch in batches:
        operations = operations_in(batch.body)
        for raw in operations:
            check_operation(decode_operation(raw))
        hashes = chain(head, operations)
        covered = signing.log_input(org=org.uid, server=me.server_id, epoch=me.epoch, device=actor.id,
                                    first=last + 1, last=last + len(operations), head=hashes[-1].hex())  # fmt: skip
        assert (batch.first, batch.prev, batch.head, batch.hashes) == (last + 1, head, hashes[-1], pack(hashes))
        assert signing.verifies(actor.public_key, covered, batch.signature)
        head, last = hashes[-1], batch.last
    assert (actor.head, actor.last_seq) == (head, last)


def test_feed_numbers_have_no_gap_and_end_at_the_counter(office: Connection) -> None:
    numbers = [row.seq for row in rows_of(office, Feed)]

    counter = rows_of(office, Org)[0].last_seq

    assert sorted(numbers) == list(range(1, counter + 1))


def test_a_file_larger_than_a_batch_arrives_whole(office: Connection) -> None:
    lines = [f"19900101201503{number:04},Pegawai {number},KEC-01,,," for number in range(1, 601)]

    done = import_employees(office, 1, "\n".join([PEOPLE.splitlines()[0], *lines]), by="tester", now_ms=NOW)

    assert done.employees_created == 600
    assert len(list_employees(office, 1)) == 602


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("19910309201503100,Ambo Upe,,,,", "nip"),
        ("1.99103E+17,Ambo Upe,,,,", "nip"),
        ("199103092015031005,,,,,", "full_name"),
        ("199103092015031005,Ambo Upe,,,199103092015031005,", "supervisor_nip"),
        (f"199103092015031005,{'A' * 201},,,,", "full_name"),
    ],
)
def test_a_faulty_cell_is_named_by_row_and_column(row: str, column: str) -> None:
    file = people_in(f"{PEOPLE.splitlines()[0]}\n{row}\n")

    assert [(each.row, each.column) for each in file.errors] == [(2, column)]
    assert file.lines == ()


def test_one_faulty_row_keeps_the_whole_file_out(office: Connection) -> None:
    with pytest.raises(Problem):
        import_employees(office, 1, PEOPLE + f"198506072010012002,Besse,,,{'1' * 18},\n", by="tester", now_ms=NOW)

    assert len(list_employees(office, 1)) == 2


def test_a_nip_twice_in_one_file_is_refused() -> None:
    file = people_in(f"nip,full_name\n{WORKER},Ambo\n{WORKER},Upe\n")

    assert [(each.cell, each.why) for each in file.errors] == [("A3", "the same NIP as in row 2")]


def test_a_file_without_its_columns_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        people_in("nama;pangkat\nAmbo;III/a\n")

    assert refused.value.facts["missing_columns"] == ["nip"]


def test_semicolons_and_a_byte_order_mark_are_read() -> None:
    file = people_in(f"\ufeffNIP;full_name\r\n'{WORKER};Ambo Upe\r\n")

    assert [(line.nip, line.full_name) for line in file.lines] == [(WORKER, "Ambo Upe")]


@pytest.mark.parametrize("text", ["'199103092015031005", "1991 0309 2015 0310 05", " 19910309 201503 1 005 "])
def test_what_a_spreadsheet_adds_to_a_nip_is_taken_away(text: str) -> None:
    nip = repaired_nip(text)

    assert (nip, nip_error(nip)) == (WORKER, None)


def test_a_number_of_a_pppk_warns_and_is_taken() -> None:
    oddities = nip_oddities("199103092022211005")

    assert oddities == ["digits 13-14 are no month, as in numbers of PPPK"]

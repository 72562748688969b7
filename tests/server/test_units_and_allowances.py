"""Units as a tree and bases of allowances, from files: what is brought, what a second time changes, what is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from lontara_core.problems import Problem
from lontara_server.services.allowances import import_allowances, list_allowances, rupiah_of
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.people import employee_named
from lontara_server.services.units import import_units, unit_tree
from lontara_server.storage.engine import Connection
from lontara_server.storage.models import Batch, Score
from lontara_server.storage.scores import PersonMonth, dirty_months
from server.ready import CHIEF, NOW, WORKER

TREE = """id,parent_id,nama
KEC-01,KEC,Seksi Pelayanan Umum
KEC,SETDA,Kecamatan Pammana
SETDA,,Sekretariat Daerah
"""


def units(office: Connection, text: str, **options: Any) -> Any:
    file = SourceFile(text.encode(), "unit.csv")
    return import_units(office, 1, file, by="tester", now_ms=NOW, **options)


def allowances(office: Connection, text: str, **options: Any) -> Any:
    file = SourceFile(text.encode(), "tpp.csv")
    return import_allowances(office, 1, file, by="tester", now_ms=NOW, **options)


def codes(tree: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["code"]: codes(each["children"]) for each in tree}


def test_units_come_as_a_tree_whatever_their_order_in_the_file(office: Connection) -> None:
    done = units(office, TREE)

    tree = unit_tree(office, 1, NOW)
    assert (done.units_created, done.units_changed) == (2, 1)
    assert codes(tree) == {"SETDA": {"KEC": {"KEC-01": {}}}}
    assert (tree[0]["people"], tree[0]["people_with_below"]) == (0, 2)


def test_the_same_units_a_second_time_change_nothing(office: Connection) -> None:
    units(office, TREE)
    before = len(office.execute(select(Batch.last).where(Batch.org_id == 1)).all())

    done = units(office, TREE)

    assert (done.unchanged, done.units_created, done.units_changed) == (3, 0, 0)
    assert len(office.execute(select(Batch.last).where(Batch.org_id == 1)).all()) == before


def test_a_file_without_parents_leaves_the_tree_alone(office: Connection) -> None:
    units(office, TREE)

    done = units(office, "kode,nama\nKEC,Kantor Kecamatan Pammana\n")

    assert done.units_changed == 1
    assert codes(unit_tree(office, 1, NOW)) == {"SETDA": {"KEC": {"KEC-01": {}}}}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("id,parent_id,nama\nA,B,Satu\nB,A,Dua\n", [(2, "parent"), (3, "parent")]),
        ("id,parent_id,nama\nA,A,Satu\n", [(2, "parent")]),
        ("id,parent_id,nama\nA,X,Satu\n", [(2, "parent")]),
        ("id,parent_id,nama\nA,,Satu\nA,,Dua\n", [(3, "code")]),
        ("id,parent_id,nama\nA,,\n", [(2, "name")]),
        (f"id,parent_id,nama\n{'A' * 41},,Satu\n", [(2, "code")]),
    ],
)
def test_a_circle_an_unknown_parent_and_a_faulty_cell_are_named(
    office: Connection, text: str, faults: list[tuple[int, str]]
) -> None:
    with pytest.raises(Problem) as refused:
        units(office, text)

    preview = units(office, text, dry_run=True)
    assert [(each["row"], each["column"]) for each in refused.value.facts["errors"]] == faults
    assert [(each.row, each.column) for each in preview.errors] == faults
    assert codes(unit_tree(office, 1, NOW)) == {"KEC-01": {}}


def test_a_circle_with_units_that_are_here_already_is_found(office: Connection) -> None:
    units(office, TREE)

    with pytest.raises(Problem) as refused:
        units(office, "id,parent_id,nama\nSETDA,KEC-01,Sekretariat Daerah\n")

    assert "circle" in refused.value.facts["errors"][0]["why"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("4000000", 4_000_000),
        ("4.000.000", 4_000_000),
        ("4,000,000", 4_000_000),
        ("Rp 4.000.000,00", 4_000_000),
        ("Rp4.000.000", 4_000_000),
        ("4.000", 4_000),
        ("4000000.0", 4_000_000),
        ("4.0", None),
        ("4,00", None),
        ("4.5", None),
        ("4.000.00", None),
        ("-1", None),
        ("empat juta", None),
    ],
)
def test_rupiah_are_read_as_offices_write_them(text: str, amount: int | None) -> None:
    assert rupiah_of(text) == amount


def test_bases_of_allowances_are_brought_and_told_with_their_day(office: Connection) -> None:
    done = allowances(office, f"NIP;TPP;TMT\n'{WORKER};4.000.000;16-11-2026\n{CHIEF};6.500.000;\n")

    told = [(each["nip"], each["amount"], each["valid_from"]) for each in list_allowances(office, 1)]
    assert done.added == 2
    assert told == [(WORKER, 4_000_000, "2026-11-16"), (CHIEF, 6_500_000, "2026-11-01")]


def test_a_base_told_again_changes_nothing_and_another_amount_is_taken_over(office: Connection) -> None:
    text = f"nip,amount,valid_from\n{WORKER},4000000,2026-11-01\n"
    allowances(office, text)

    again, changed = allowances(office, text), allowances(office, text.replace("4000000", "4500000"))

    assert (again.unchanged, again.added, changed.changed) == (1, 0, 1)
    assert [each["amount"] for each in list_allowances(office, 1)] == [4_500_000]


def test_bases_that_fall_by_more_than_half_are_told_and_stop_the_import_until_the_threshold_is_raised(
    office: Connection,
) -> None:
    allowances(office, f"nip,amount,valid_from\n{WORKER},4000000,01-11-2026\n{CHIEF},6000000,01-11-2026\n")
    text = f"nip,amount,valid_from\n{WORKER},4000,01-12-2026\n"

    with pytest.raises(Problem) as refused:
        allowances(office, text)

    preview = allowances(office, text, dry_run=True)
    raised = allowances(office, text, threshold=Decimal(50))
    assert (refused.value.code, refused.value.facts["percent"]) == ("import_refused", "50.00")
    assert (preview.sum_before, preview.sum_after, preview.halved) == (10_000_000, 6_004_000, [WORKER])
    assert (preview.is_over_threshold, raised.is_over_threshold, raised.added) == (True, False, 1)


def test_a_base_that_falls_by_half_and_no_more_is_let_through(office: Connection) -> None:
    allowances(office, f"nip,amount,valid_from\n{WORKER},4000000,01-11-2026\n")

    done = allowances(office, f"nip,amount,valid_from\n{WORKER},2000000,01-11-2026\n")

    assert (done.changed, done.halved, done.sum_before, done.sum_after) == (1, [], 4_000_000, 2_000_000)


def test_the_scores_from_that_day_on_are_marked(office: Connection) -> None:
    worker = employee_named(office, 1, WORKER).id
    office.execute(
        insert(Score),
        [
            {"org_id": 1, "employee": worker, "period": period, "provisional": False, "policy_id": "x",
             "policy_version": 1, "document": "{}", "computed_at": NOW, "revision": 0}
            for period in ("2026-10", "2026-11", "2026-12")
        ],
    )  # fmt: skip

    done = allowances(office, f"nip,amount,valid_from\n{WORKER},4000000,{date(2026, 11, 16)}\n")

    assert done.scores_marked == 2
    assert dirty_months(office, 1) == {PersonMonth(worker, "2026-11"), PersonMonth(worker, "2026-12")}


def test_a_faulty_allowance_is_named_by_its_cell_and_nothing_is_written(office: Connection) -> None:
    text = f"nip,amount,valid_from\n{WORKER},4000000,\n{'9' * 18},1,\n{CHIEF},x,32-01-2026\n"

    with pytest.raises(Problem) as refused:
        allowances(office, text)

    assert [each["cell"] for each in refused.value.facts["errors"]] == ["A3", "B4", "C4"]
    assert list_allowances(office, 1) == []

"""Monthly recaps from files: totals of a person's month, in the spellings that offices use, and what is told of faults."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from engines.places import Place
from lontara_core.problems import Problem
from lontara_server.services.attendance_totals import import_recaps
from lontara_server.services.import_runs import SourceFile
from lontara_server.services.scores import compute_period, show
from lontara_server.storage.engine import Connection, transaction
from lontara_server.storage.models import AttendanceRecap
from server.attendance_office import NOW, ORG, dirty_months, open_office
from server.ready import WORKER

FILE = f"""NIP;Nama;Terlambat;Pulang Cepat;Izin;Sakit;TK;DL;Cuti;Tidak Absen Pulang
'{WORKER};Ambo Upe Lamaru;1:15;30;1;;2;3;-;1
"""
TOTALS = {
    "late_minutes": 75, "early_leave_minutes": 30, "missing_check_ins": 0, "missing_check_outs": 1,
    "days": {"absent_unexcused": 2, "official_travel": 3, "permission": 1},
}  # fmt: skip


def recaps(connection: Connection, text: str = FILE, period: str | None = "2026-10", **options: Any) -> Any:
    file = SourceFile(text.encode(), "rekap.csv")
    return import_recaps(connection, ORG, file, by="tester", now_ms=NOW, period=period, **options)


def totals_in(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(select(AttendanceRecap.period, AttendanceRecap.totals).where(AttendanceRecap.org_id == ORG))
    return {row.period: json.loads(row.totals) for row in rows}


def test_totals_are_read_and_a_second_time_nothing_changes(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        first = recaps(connection)

        second = recaps(connection)

        assert totals_in(connection) == {"2026-10": TOTALS}
        assert (first.new, second.new, second.unchanged) == (1, 0, 1)
        assert dirty_months(connection) == ["2026-10"]


def test_other_totals_take_the_place_of_those_that_were_there(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        recaps(connection)

        done = recaps(connection, FILE.replace("1:15", "15"))

        assert (done.changed, totals_in(connection)["2026-10"]["late_minutes"]) == (1, 15)


@pytest.mark.parametrize("period", ["2026-09", "9/2026", "09-2026", "2026-09-01"])
def test_a_row_may_name_its_own_month(place: Place, period: str) -> None:
    with transaction(open_office(place)) as connection:
        recaps(connection, f"nip,bulan,terlambat\n{WORKER},{period},10\n", period=None)

        assert list(totals_in(connection)) == ["2026-09"]


def test_a_dry_run_names_the_faults_and_writes_nothing(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        done = recaps(connection, f"{FILE}123;;x;;;;;;;\n", dry_run=True)

        assert [(each.row, each.column) for each in done.errors] == [(3, "nip"), (3, "late_minutes")]
        assert totals_in(connection) == {}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("1.99103E+17,2026-10,1,0", "nip"),
        ("190001011900010001,2026-10,1,0", "nip"),
        (f"{WORKER},bulan lalu,1,0", "period"),
        (f"{WORKER},2026-10,-5,0", "late_minutes"),
        (f"{WORKER},2026-10,satu,0", "late_minutes"),
        (f"{WORKER},2026-10,999999,0", "late_minutes"),
        (f"{WORKER},2026-10,1,32", "period"),
        (f"{WORKER},2026-10,2,0\n{WORKER},2026-10,3,0", "nip"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole_and_names_the_cell(place: Place, row: str, column: str) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            recaps(connection, f"nip,period,late_minutes,leave\n{row}\n", period=None)

        assert refused.value.facts["errors"][0]["column"] == column
        assert totals_in(connection) == {}


@pytest.mark.parametrize(
    ("header", "missing"), [("nip,terlambat", ["period"]), ("bulan,terlambat", ["nip"]), ("nip,bulan", ["late_minutes"])]
)
def test_a_file_that_lacks_a_column_names_it(place: Place, header: str, missing: list[str]) -> None:
    with transaction(open_office(place)) as connection:
        with pytest.raises(Problem) as refused:
            recaps(connection, f"{header}\n1,2\n", period=None)

        assert refused.value.facts["missing_columns"] == missing


def test_a_recap_counts_in_the_score_which_says_that_it_is_one(place: Place) -> None:
    with transaction(open_office(place)) as connection:
        recaps(connection)
        compute_period(connection, ORG, "2026-10", NOW)

        score = show(connection, ORG, WORKER, "2026-10")

        assert "attendance_recap_only" in score["reasons"]
        assert "no_attendance" not in score["reasons"]

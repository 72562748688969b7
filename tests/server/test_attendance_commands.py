"""`lontara-server attendance`, `calendar` and `holiday` as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lontara_server.cli.main import main
from server.ready import PEOPLE, WORKER

LOG = "17\t2026-11-02 07:41:10\t1\t0\t1\t0\n17\t2026-11-02 16:02:00\t1\t1\t1\t0\n"


class Office:
    """A server on a data directory with blanks in its name, and files beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.typed("init", "--org", "WAJO", "--name", "Kabupaten Wajo", "--admin", "admin", "--password", "empat kata panjang")
        self.typed("employee", "import", self.file("pegawai.csv", PEOPLE))
        self.typed("calendar", "set", "--from", "2026-01-01", "--hours", "1-5=07:30-16:00", "--grace", "5")

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def typed(self, *words: str, code: int = 0, language: str = "en") -> Result:
        result = CliRunner().invoke(main, ["--data-dir", str(self.folder / "kantor camat"), "--lang", language, *words])
        assert result.exit_code == code, result.output
        return result

    def told(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.typed(*words, "--json", code=code).stdout)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_log_is_imported_with_its_pins_told_and_listed(office: Office) -> None:
    log = office.file("attlog.dat", LOG)

    first = office.told("attendance", "import", log, "--format", "attlog", code=4)

    assert (first["new"], first["unmapped_pins"]) == (2, {"17": 2})
    office.typed("attendance", "pin", "import", office.file("pin.csv", f"pin,nip\n17,{WORKER}\n"))
    assert office.told("attendance", "pin", "list", "--unmapped") == []
    second = office.typed("attendance", "import", log, "--format", "attlog")
    assert "0 new punches, 2 known already, 0 refused" in second.stdout


@pytest.mark.parametrize(("language", "words"), [("en", "no local time"), ("id", "bukan waktu setempat")])
def test_a_line_that_is_no_punch_is_told_in_the_operator_s_language_and_exits_4(
    office: Office, language: str, words: str
) -> None:
    log = office.file("attlog.dat", f"{LOG}17\tkemarin\t1\t0\n")

    result = office.typed("attendance", "import", log, "--format", "attlog", code=4, language=language)

    assert "3 " in result.stdout
    assert words in result.stderr


def test_an_import_tells_its_days_and_kinds_and_warns_of_what_looks_like_wrong_columns(office: Office) -> None:
    ins = "".join(f"17\t2026-10-{day:02} 07:41:10\t1\t0\n" for day in range(1, 31))
    odd = office.file("odd.dat", f"{ins}17\t2024-01-01 07:41:10\t1\t0\n")
    words = ("attendance", "import", odd, "--format", "attlog", "--dry-run", "--columns", "pin,at,verify,status")

    usual = office.typed("attendance", "import", office.file("attlog.dat", LOG), "--format", "attlog", code=4)
    told, warned = office.told(*words, code=4), office.typed(*words, code=4, language="id")

    assert "From 2026-11-02 to 2026-11-02: 1 check-ins, 1 check-outs." in usual.stdout
    assert "Look:" not in usual.stdout
    assert (told["check_ins"], told["check_outs"], told["first_day"]) == (31, 0, "2024-01-01")
    assert (told["warnings"], told["odd_days"]) == (["one_kind", "day_apart"], ["2024-01-01"])
    assert warned.stdout.count("Awas:") == 2


def test_columns_are_remembered_by_name(office: Office) -> None:
    log = office.file("attlog.dat", "0\t17\t2026-11-02 07:41:10\n")
    words = ("attendance", "import", log, "--format", "attlog")
    office.typed(*words, "--columns", "status,pin,at", "--save", "lobi", code=4)

    again = office.told(*words, "--mapping", "lobi", code=4)

    assert again["unchanged"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "csv", "--columns", "pin,at,status"),
        ("--format", "attlog", "--columns", "pin,at,status", "--mapping", "lobi"),
        ("--format", "attlog", "--save", "lobi"),
        ("--format", "zip"),
    ],
)
def test_options_that_do_not_go_together_are_a_mistake_of_usage(office: Office, words: tuple[str, ...]) -> None:
    office.typed("attendance", "import", office.file("attlog.dat", LOG), *words, code=2)


def test_a_wrong_order_of_columns_is_refused_with_what_to_do(office: Office) -> None:
    log = office.file("attlog.dat", LOG)

    result = office.typed("attendance", "import", log, "--format", "attlog", "--columns", "pin,status", code=1)

    assert "Name pin, at (or date and time) and status once each" in result.stderr


def test_a_recap_is_imported_for_the_month_that_is_named(office: Office) -> None:
    recap = office.file("rekap.csv", f"nip,terlambat\n{WORKER},30\n")

    done = office.told("attendance", "import", recap, "--format", "recap", "--period", "2026-10")

    assert (done["new"], done["errors"]) == (1, [])


@pytest.mark.parametrize("typed", ["05-10-2026", "2026-10-05", "5/10/2026"])
def test_a_day_is_taken_as_offices_write_it(office: Office, typed: str) -> None:
    done = office.typed("attendance", "day", "set", "--nip", WORKER, "--date", typed, "--status", "leave", "--reason", "Cuti")

    assert done.stdout == "1 days are written.\n"


@pytest.mark.parametrize(("language", "words"), [("id", "Tulis hari sebagai HH-BB-TTTT"), ("en", "DD-MM-YYYY or YYYY-MM-DD")])
def test_what_is_no_day_is_refused_with_the_forms_that_are(office: Office, language: str, words: str) -> None:
    line = ("employee", "transfer", "--nip", WORKER, "--position", "Arsiparis", "--from", "31-02-2026")

    refused = office.typed(*line, code=2, language=language)

    assert words in refused.stderr


def test_days_are_set_cleared_and_closed(office: Office) -> None:
    words = ("--nip", WORKER, "--date", "2026-10-05")

    told = [
        office.typed("attendance", "day", "set", *words, "--to", "2026-10-07", "--status", "leave", "--reason", "Cuti 3").stdout,
        office.typed("attendance", "day", "clear", *words, "--reason", "salah tanggal").stdout,
        office.typed("attendance", "day", "clear", *words, "--reason", "salah tanggal").stdout,
    ]

    assert told == ["3 days are written.\n", "What was said of the day is taken back.\n", "Nothing was said of that day.\n"]
    closed = office.told("attendance", "day", "close", "--date", "2026-10-06", "--dry-run")
    assert (closed["absent"], closed["present"], len(closed["without_pin"])) == ([], 1, 1)
    assert "Without a PIN" in office.typed("attendance", "day", "close", "--date", "2026-10-06").stdout


def test_a_machine_s_key_is_printed_once_and_revoked(office: Office) -> None:
    made = office.told("attendance", "machine", "add", "CGKK214760123", "--name", "Lobi")

    listed = office.typed("attendance", "machine", "list").stdout

    assert made["path"] == f"/iclock/{made['key']}/cdata"
    assert made["key"] not in listed
    assert "CGKK214760123" in listed
    office.typed("attendance", "machine", "revoke", "CGKK214760123")
    (row,) = office.told("attendance", "machine", "list")
    assert not row["active"]


def test_calendars_and_holidays_are_shown(office: Office) -> None:
    office.typed("holiday", "import", office.file("libur.csv", "date,name\n2026-12-25,Natal\n2026-12-24,Cuti bersama Natal\n"))

    shown = office.typed("calendar", "show", language="id").stdout

    assert "Sen 07:30–16:00" in shown
    assert office.told("holiday", "list", "--year", "2026") == [
        {"date": "2026-12-24", "name": "Cuti bersama Natal", "kind": "collective_leave"},
        {"date": "2026-12-25", "name": "Natal", "kind": "national"},
    ]
    assert "cuti bersama" in office.typed("holiday", "list", language="id").stdout
    office.typed("holiday", "remove", "2026-12-24")
    assert len(office.told("holiday", "list")) == 1


def test_a_unit_that_nobody_knows_is_refused(office: Office) -> None:
    office.typed("calendar", "set", "--from", "2026-01-01", "--unit", "X", code=1)
    office.typed("attendance", "day", "close", "--date", "2026-10-06", "--unit", "X", code=1)

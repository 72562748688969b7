"""Punches as machines and offices write them: what of a file becomes a punch, and what is told of the rest."""

from datetime import date

import pytest

from lontara_core.problems import Problem
from lontara_server.services.attendance_file import (
    ATTLOG_COLUMNS,
    PUSH_COLUMNS,
    PunchFile,
    checked_columns,
    columns_of_preset,
    local_time_of,
    pin_of,
    read_lines,
    read_xml,
)
from lontara_server.storage.attendance import PunchRow

LATEST = date(2026, 11, 25)
ROW = "<Row><PIN>{pin}</PIN><DateTime>{at}</DateTime><Verified>1</Verified><Status>{status}</Status><WorkCode>0</WorkCode></Row>"


def lines(text: str, columns: tuple[str, ...] = ATTLOG_COLUMNS) -> PunchFile:
    return read_lines(text.encode(), columns, LATEST)


def punches(found: PunchFile) -> list[PunchRow]:
    return [each.punch for each in found.lines]


def whys(found: PunchFile) -> list[tuple[int, str]]:
    return [(each.row, each.column) for each in found.errors]


def test_a_line_of_an_attlog_becomes_a_punch_whose_pin_has_lost_its_blanks_and_zeros() -> None:
    found = lines("        017\t2026-11-02 07:25:10\t1\t0\t15\t0\r\n\r\n")

    assert punches(found) == [PunchRow("17", "2026-11-02 07:25:10", 0, "1", "15", "0")]
    assert (found.rows, found.errors) == (1, [])


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("17\t2026-11-02 07:25:10\t0\t1\n", ("pin", "at", "status", "verify")),
        ("1\t17\t0\t2026-11-02\t07:25:10\n", ("machine", "pin", "status", "date", "time")),
        ("x\t17\ty\t2026-11-02 07:25:10\t0\n", ("-", "pin", "-", "at", "status")),
        ("17   2026-11-02 07:25:10   1   0   1   0\n", ATTLOG_COLUMNS),
        ("17\t02/11/2026 07.25.10\t1\t0\n", ATTLOG_COLUMNS),
    ],
)
def test_columns_may_stand_in_any_order_and_be_parted_by_blanks(text: str, columns: tuple[str, ...]) -> None:
    found = lines(text, columns)

    assert [(each.pin, each.at, each.status) for each in punches(found)] == [("17", "2026-11-02 07:25:10", 0)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("\t2026-11-02 07:25:10\t1\t0", "pin"),
        ("17\t2026-02-30 07:25:10\t1\t0", "at"),
        ("17\t2026-11-02T07:25:10+08:00\t1\t0", "at"),
        ("17\t2000-01-01 00:00:09\t1\t0", "at"),
        ("17\t2026-11-26 07:25:10\t1\t0", "at"),
        ("17\t2026-11-02 07:25:10\t1\t255", "status"),
        ("17\t2026-11-02 07:25:10", "status"),
        ("\ufffdPNG\x00\x01", "pin"),
    ],
)
def test_a_line_that_is_no_punch_is_told_by_its_number_and_stops_no_other(line: str, column: str) -> None:
    found = lines(f"17\t2026-11-02 07:25:10\t1\t0\n{line}\n17\t2026-11-02 16:01:00\t1\t1\n")

    assert len(found.lines) == 2
    assert whys(found) == [(2, column)]
    assert set(found.texts) == {2}


def test_a_push_has_an_order_of_its_own() -> None:
    found = lines("17\t2026-11-02 07:25:10\t0\t1\t0\t0\t0\n", PUSH_COLUMNS)

    assert punches(found) == [PunchRow("17", "2026-11-02 07:25:10", 0, None, "1", "0")]


def test_rows_of_getattlog_are_read_out_of_their_envelope() -> None:
    rows = ROW.format(pin=17, at="2026-11-02 07:25:10", status=0) + ROW.format(pin=18, at="2026-11-02 16:00:00", status=9)
    text = (
        '<?xml version="1.0"?><SOAP:Envelope xmlns:SOAP="urn:x"><GetAttLogResponse>'
        f"{rows}</GetAttLogResponse></SOAP:Envelope>"
    )

    found = read_xml(text.encode(), LATEST)

    assert punches(found) == [PunchRow("17", "2026-11-02 07:25:10", 0, None, "1", "0")]
    assert whys(found) == [(2, "status")]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY b "xx"><!ENTITY c "&b;&b;">]><a><Row><PIN>&c;</PIN></Row></a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a><Row><PIN>&b;</PIN></Row></a>',
        "<a><Row><PIN>17</PIN>",
        "<a><Row><PIN>&nosuch;</PIN></Row></a>",
        '<?xml version="1.0" encoding="nosuch"?><a/>',
        "",
        "PIN\tDateTime",
    ],
)
def test_xml_with_entities_or_in_pieces_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read_xml(text.encode(), LATEST)

    assert refused.value.code == "import_refused"


def test_a_saved_mapping_names_each_column_by_its_number() -> None:
    columns = columns_of_preset({"pin": "2", "at": "4", "status": "1"})

    assert columns == ("status", "pin", "-", "at")


@pytest.mark.parametrize(
    "preset", [{"pin": "1", "at": "1", "status": "2"}, {"pin": "satu", "at": "2", "status": "3"}, {"pin": "1", "at": "2"}]
)
def test_a_mapping_by_which_no_punch_can_be_read_is_refused(preset: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        columns_of_preset(preset)

    assert (refused.value.code, refused.value.facts["field"]) == ("invalid_field", "columns")


@pytest.mark.parametrize("columns", [("pin", "at"), ("pin", "pin", "at", "status"), ("pin", "date", "status"), ("nip",)])
def test_an_order_of_columns_names_pin_time_and_status_once(columns: tuple[str, ...]) -> None:
    with pytest.raises(Problem) as refused:
        checked_columns(columns)

    assert refused.value.facts["field"] == "columns"


@pytest.mark.parametrize(
    ("text", "pin"), [(" 007", "7"), ("0", "0"), ("P001", "P001"), ("", None), ("1 2", None), ("9" * 25, None)]
)
def test_a_pin_is_kept_without_blanks_and_leading_zeros(text: str, pin: str | None) -> None:
    assert pin_of(text) == pin


@pytest.mark.parametrize("text", ["2026-11-02", "07:25", "2026-11-02 24:00:00", "2026-11-02 07:25:10Z", "kemarin"])
def test_what_is_no_local_time_is_none(text: str) -> None:
    assert local_time_of(text) is None

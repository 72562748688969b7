"""A log of one's own with what lies beside it: found by its names, and scored with punches of those who have some."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from rich.console import Console

from house.tree import ROOT
from lontara_core.problems import Problem
from lontara_demo import replay
from lontara_demo.link import Quality
from lontara_demo.material import material_of
from lontara_demo.running import ORG
from lontara_demo.source_files import files_beside
from lontara_server.config import database_url_of
from lontara_server.services.scores import show
from lontara_server.storage.engine import make_engine, transaction
from lontara_server.storage.operations import entry_ids

SAMPLE = ROOT.parent / "shared" / "data" / "bps_ntb_activity_log.csv"
FAST = Quality(bytes_per_second=20_000_000, delay_seconds=0.0, cut_after_bytes=1_000_000, answer_loss=0.0)
LOG = """activity_id,person,unit_code,date,start,end,title,quantity,output_unit,entered_at
1,Q1,U2,2018-03-05,08:00:00,10:00:00,Menyusun laporan,1,laporan,2018-03-05 15:00:00
2,Q1,U2,2018-03-05,09:00:00,11:00:00,Rapat,1,rapat,2018-03-30 15:00:00
3,Q2,U3,2018-03-06,08:00:00,09:00:00,Mencatat surat,4,surat,2018-03-06 15:00:00
4,Q2,U3,2018-02-27,08:00:00,09:00:00,Mencatat surat,4,surat,2018-03-06 15:00:00
"""
PUNCHES = """log_id,person,date,time,button
1,Q1,2018-03-05,07:40:00,0
2,Q1,2018-03-05,07:40:03,0
3,Q1,2018-03-05,16:10:00,1
4,Q1,2018-03-06,07:50:00,0
5,Q9,2018-03-07,07:51:00,0
"""
UNITS = "code,name,parent\nU1,Kantor Invensi,\nU2,Seksi Satu,U1\nU3,Seksi Dua,U1\n"
HOLIDAYS = "date,name\n2018-03-30,Hari Libur\n"


@pytest.fixture(autouse=True)
def good_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "Quality", lambda: FAST)


@pytest.fixture
def own_log(tmp_path: Path) -> Path:
    beside = {"kantor_attendance_log.csv": PUNCHES, "kantor_units.csv": UNITS, "holidays_2018.csv": HOLIDAYS}
    for name, text in {"kantor_activity_log.csv": LOG, **beside}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / "kantor_activity_log.csv"


def played(log: Path, folder: Path) -> str:
    console = Console(file=StringIO(), width=160)
    assert replay.main(folder=folder, source=files_beside(log), stays=False, console=console) == 0
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def scores_of(log: Path, folder: Path, month: str) -> tuple[dict[str, dict[str, Any]], int]:
    """The stored scores by name, and how many entries the server holds."""
    engine = make_engine(database_url_of(folder, None))
    with transaction(engine) as connection:
        people = material_of(files_beside(log)).people
        found = {each.full_name: show(connection, ORG, each.nip, month) for each in people}
        count = len(entry_ids(connection, ORG))
    engine.dispose()
    return found, count


def points(score: dict[str, Any], part: str) -> str | None:
    found: str | None = next(each["points"] for each in score["parts"] if each["part"] == part)
    return found


def test_what_lies_beside_a_log_is_found_by_its_name(own_log: Path) -> None:
    files = files_beside(own_log)

    assert [path.name for path in files.beside] == ["kantor_attendance_log.csv", "kantor_units.csv", "holidays_2018.csv"]


def test_punches_that_are_named_go_before_those_beside_the_log(own_log: Path, tmp_path: Path) -> None:
    files = files_beside(own_log, tmp_path / "lain.csv")

    assert files.punches == tmp_path / "lain.csv"


def test_a_log_by_another_name_has_no_punches_beside_it(own_log: Path) -> None:
    log = own_log.rename(own_log.with_name("log.csv"))

    assert (files_beside(log).punches, files_beside(log).units) == (None, None)


def test_punches_that_are_named_and_not_there_are_a_problem(own_log: Path, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        material_of(files_beside(own_log, tmp_path / "nosuch.csv"))

    assert (refused.value.code, refused.value.facts["file"]) == ("file_unreadable", str(tmp_path / "nosuch.csv"))


def test_a_log_with_punches_gives_both_parts_to_whom_they_belong_and_takes_nothing_from_others(
    own_log: Path, tmp_path: Path
) -> None:
    printed = played(own_log, tmp_path / "ruang")

    scores, count = scores_of(own_log, tmp_path / "ruang", "2018-03")
    assert count == 4
    assert points(scores["Q1"], "discipline") == "39.4000", "one check-out is missing, and no working hours are known"
    assert points(scores["Q2"], "discipline") is None
    assert scores["Q2"]["reasons"] == ["no_attendance"]
    assert len(scores["Q1"]["coverage"]["days_without_feed"]) == 19, "21 workdays, of which two have punches"
    assert "attendance_incomplete" in scores["Q1"]["reasons"]
    assert "Presensi dari kantor_attendance_log.csv: 5 rekaman, 4 di antaranya" in printed
    assert "1 rekaman dari 1 PIN bukan milik siapa pun" in printed
    assert "Q1: Jam tumpang tindih dihitung sekali −60 menit; Tanpa log pulang −1,5%" in printed
    assert "Paling lambat dicatat 25 hari" in printed
    pages = "\n".join(page.extract_text() for page in PdfReader(tmp_path / "ruang" / "rekap-2018-03.pdf").pages)
    assert all(text in pages for text in ("KANTOR INVENSI", "Seksi Dua", "Maret 2018"))


def test_a_log_without_punches_is_scored_by_its_entries_alone(own_log: Path, tmp_path: Path) -> None:
    own_log.with_name("kantor_attendance_log.csv").unlink()

    printed = played(own_log, tmp_path / "ruang")

    scores, _ = scores_of(own_log, tmp_path / "ruang", "2018-03")
    assert {points(score, "discipline") for score in scores.values()} == {None}
    assert "Tidak ada berkas presensi" in printed


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample log is not beside the project")
def test_the_sample_office_has_its_month_from_real_entries_and_punches(tmp_path: Path) -> None:
    printed = played(SAMPLE, tmp_path / "ruang")

    scores, count = scores_of(SAMPLE, tmp_path / "ruang", "2018-05")
    assert count == 43
    known = [score for score in scores.values() if points(score, "discipline") is not None]
    assert (len(scores), len(known)) == (10, 3)
    assert all(score["provisional"] for score in scores.values())
    assert {len(score["coverage"]["days_without_feed"]) for score in known} == {15}
    assert {len(score["coverage"]["days_without_feed"]) for score in scores.values() if score not in known} == {20}
    assert "absent" not in str([score["explanation"] for score in scores.values()])
    assert "973 rekaman" in printed
    assert printed.count("2018-05-") >= 2, "both overlaps are told"

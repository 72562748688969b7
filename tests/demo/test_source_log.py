"""A foreign log becomes entries: every line, with its own entry time; what cannot be read is named."""

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lontara_core.problems import Problem
from lontara_demo.office import SUPERVISORS, WORKERS, month_of
from lontara_demo.source_log import COLUMNS, overlapping, read_source_log

MAKASSAR = ZoneInfo("Asia/Makassar")
HEADER = "activity_id,person,unit_code,date,start,end,title,quantity,output_unit,entered_at,updated_at,flag\n"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "log.csv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_line_keeps_the_time_at_which_its_source_says_it_was_entered(tmp_path: Path) -> None:
    path = written(tmp_path, "7,P1,U1,2018-04-02,07:30:00,08:00:00,Apel pagi,1,kegiatan,2018-05-22 14:23:47,,1")

    (entry,) = read_source_log(path, MAKASSAR)

    at = datetime.fromtimestamp(entry.source_entered_at / 1000, UTC)
    assert at == datetime(2018, 5, 22, 6, 23, 47, tzinfo=UTC)
    assert entry.days_late == 50
    assert entry.fields()["source"] == "imported"
    assert entry.fields()["end_time"] == "08:00"


def test_times_shared_by_one_person_are_found_and_touching_times_are_not(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "1,P1,U1,2018-05-02,10:00:00,12:29:00,Satu,1,x,2018-05-02 15:00:00,,1",
        "2,P1,U1,2018-05-02,12:00:00,14:00:00,Dua,1,x,2018-05-02 15:00:00,,1",
        "3,P1,U1,2018-05-02,14:00:00,15:00:00,Tiga,1,x,2018-05-02 15:00:00,,1",
        "4,P2,U1,2018-05-02,12:00:00,14:00:00,Empat,1,x,2018-05-02 15:00:00,,1",
    )
    entries = read_source_log(path, MAKASSAR)

    pairs = overlapping(entries)

    assert [(one.source_id, other.source_id) for one, other in pairs] == [("1", "2")]


@pytest.mark.parametrize(
    "line",
    [
        "1,P1,U1,02/05/2018,10:00:00,12:00:00,Satu,1,x,2018-05-02 15:00:00,,1",
        "1,P1,U1,2018-05-02,jam 10,12:00:00,Satu,1,x,2018-05-02 15:00:00,,1",
        "1,,U1,2018-05-02,10:00:00,12:00:00,Satu,1,x,2018-05-02 15:00:00,,1",
        "1,P1",
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, "1,P1,U1,2018-05-02,10:00:00,12:00:00,Satu,1,x,2018-05-02 15:00:00,,1", line)

    with pytest.raises(Problem) as refused:
        read_source_log(path, MAKASSAR)

    assert (refused.value.code, refused.value.facts["row"]) == ("import_refused", 3)


def test_a_log_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        read_source_log(tmp_path / "nosuch.csv", MAKASSAR)

    assert (refused.value.code, refused.value.facts["file"]) == ("file_unreadable", str(tmp_path / "nosuch.csv"))


@pytest.mark.parametrize("content", ["tanggal;kegiatan\n2018-05-02;Apel\n", ""])
def test_wrong_columns_are_answered_with_the_right_ones(tmp_path: Path, content: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(Problem) as refused:
        read_source_log(path, MAKASSAR)

    assert refused.value.code == "import_refused"
    assert all(column in refused.value.next_step for column in COLUMNS)


def test_the_same_seed_writes_the_same_month_without_shared_times() -> None:
    month = date(2026, 10, 1)

    first, second = (month_of(WORKERS[0], month, seed=7) for _ in range(2))

    assert first == second
    assert len(first) > 40
    assert {entry.device_index for entry in first} == {0, 1}
    by_time = [(entry.work_date, entry.start_time, entry.end_time) for entry in first]
    assert all(one[0] < other[0] or one[2] <= other[1] for one, other in pairwise(by_time))


def test_the_office_has_eleven_devices_of_nine_workers_and_numbers_of_18_digits() -> None:
    nips = [person.nip for person in SUPERVISORS + WORKERS]

    assert (len(WORKERS), sum(len(worker.device_names) for worker in WORKERS)) == (9, 11)
    assert len(set(nips)) == 12
    assert all(len(nip) == 18 and nip.isdigit() for nip in nips)

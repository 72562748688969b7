"""The replay from end to end, small: the same seed gives the same scores, and a wrong log is a problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from pypdf import PdfReader
from rich.console import Console

from lontara_demo import office, replay, running
from lontara_demo.fleet import Drained, FieldDevice, drain_all
from lontara_demo.link import Quality
from lontara_demo.material import invented_material
from lontara_server.cli.main import main as lontara_server
from lontara_server.jobs.scores import drain_scores
from lontara_server.storage.engine import Engine

TWO_DEVICES = tuple(person for person in office.WORKERS if len(person.device_names) == 2)
FAST = Quality(bytes_per_second=20_000_000, delay_seconds=0.0, cut_after_bytes=1_000_000, answer_loss=0.0)
Drain = Callable[[Sequence[FieldDevice], Callable[..., None]], Mapping[str, Drained]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people of two devices, a week of work and a link without faults."""
    workdays = office.workdays_of
    monkeypatch.setattr(office, "workdays_of", lambda month: workdays(month)[:5])
    monkeypatch.setattr(replay, "WORKERS", TWO_DEVICES)
    monkeypatch.setattr(replay, "Quality", lambda: FAST)
    monkeypatch.setattr(office, "SHARE_OF_DAY", (0.3, 0.4))


def in_order(devices: Sequence[FieldDevice], on_run: Callable[..., None]) -> Mapping[str, Drained]:
    return {name: each for device in devices for name, each in drain_all([device], on_run).items()}


def in_reverse(devices: Sequence[FieldDevice], on_run: Callable[..., None]) -> Mapping[str, Drained]:
    return in_order(devices[::-1], on_run)


def scores_of_a_run(folder: Path) -> dict[str, str]:
    """What was printed as each person's score."""
    console = Console(file=StringIO(), width=160)
    assert replay.main(folder=folder, source=None, stays=False, console=console) == 0
    assert isinstance(console.file, StringIO)
    printed = re.findall(r"^([A-Z][\w ]+?) +([\d,]+|belum ada)[*†‡§]+ +\S", console.file.getvalue(), re.MULTILINE)
    return dict(printed)


def test_scores_are_the_same_whichever_device_is_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    for number, drain in enumerate((in_order, in_reverse)):
        monkeypatch.setattr(replay, "drain_all", drain)
        runs.append(scores_of_a_run(tmp_path / str(number)))

    assert runs[0] == runs[1]
    assert len(runs[0]) == len(TWO_DEVICES) + len(office.SUPERVISORS)
    assert {"belum ada"} < set(runs[0].values())


def test_a_score_of_the_demo_shows_both_parts_and_its_papers_lie_in_the_folder(tmp_path: Path) -> None:
    console = Console(file=StringIO(), width=160)

    replay.main(folder=tmp_path / "ruang", source=None, stays=False, console=console)

    assert isinstance(console.file, StringIO)
    printed = console.file.getvalue()
    assert re.search(r"^Besse Tenri Lala +[\d,]+\S* +\d[\d,]+ +[34]\d,\d\d ", printed, re.MULTILINE)
    month = f"{replay._month():%Y-%m}"
    assert f"{tmp_path}/ruang/rekap-{month}.pdf" in printed
    pages = "\n".join(page.extract_text() for page in PdfReader(tmp_path / "ruang" / f"rekap-{month}.pdf").pages)
    assert "Besse Tenri Lala" in pages
    sheet = load_workbook(tmp_path / "ruang" / f"tpp-{month}.xlsx", data_only=True).worksheets[0]
    amounts: dict[Any, Any] = {row[2]: row[11] for row in sheet.iter_rows(min_row=6, values_only=True)}
    assert 0 < amounts["Besse Tenri Lala"] < 4_000_000
    assert amounts["Jumlah"] == amounts["Besse Tenri Lala"] + amounts["La Tenri Sessu"]


def test_a_log_that_is_not_there_ends_with_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(lontara_server, ["demo"], env={"DEMO_DATA": "nosuch.csv", "DEMO_EXIT": "1"})

    assert (result.exit_code, "[file_unreadable] nosuch.csv" in result.stderr) == (1, True)


def test_scores_follow_their_entries_while_the_demo_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[str] = []

    @contextmanager
    def background(engine: Engine, clock_ms: Callable[[], int]) -> Iterator[None]:
        drain_scores(engine, clock_ms)
        jobs.append("begun")
        yield
        jobs.append("ended")

    monkeypatch.setattr(running, "jobs_in_background", background)
    console = Console(file=StringIO())

    nobody_but_chiefs = invented_material([], date(2026, 10, 1))
    with running.running_office(tmp_path / "ruang", None, nobody_but_chiefs, console, "id"):
        begun = list(jobs)

    assert (begun, jobs) == (["begun"], ["begun", "ended"])

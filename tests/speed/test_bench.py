"""The benchmark runs from end to end and tells every figure. How fast anything is, is asserted nowhere."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engines.postgres_cluster import find_programs
from house.tree import ROOT

DEADLINE_SECONDS = 900
CPU = "CPU, server and database"
OF_AN_UPLOAD = {
    "entries committed",
    CPU,
    "CPU of a request",
    "time of a request, median",
    "bytes up, headers counted",
    "bytes down, headers counted",
}
OF_A_PULL = {"entries read", CPU, "bytes down, headers counted"}
OF_NOTHING = {"time of a request, median", CPU, "bytes up, headers counted", "bytes down, headers counted"}
UPLOADS = [
    f"{kind}, batches of {size}, {clients}"
    for kind, size in (("creates", 200), ("edits", 200), ("creates", 5))
    for clients in ("1 client", "8 clients")
]


def engines() -> list[str]:
    return ["SQLite", "PostgreSQL"] if find_programs() is not None else ["SQLite"]


def expected() -> set[str]:
    """The name of every figure that a default run tells on this machine."""
    found = {
        f"save of an entry on the device, beside raw SQLite: {each}"
        for each in ("p50", "p95", "bytes that a save keeps")
    }
    for engine in engines():
        of_an_upload = OF_AN_UPLOAD | ({"CPU, server", "CPU, database"} if engine == "PostgreSQL" else set())
        groups = dict.fromkeys([*UPLOADS, "creates, batches of 200, 1 client, own rows read back"], of_an_upload)
        groups["stored"] = {
            "bytes with history, batches of 200",
            "bytes with history, batches of 200, every entry edited once",
            "bytes with history, batches of 5",
        }
        groups["fresh pull, uncompressed, pages of 256 kB"] = OF_A_PULL
        groups["pull with nothing to read"] = OF_NOTHING
        groups["scores that follow from the uploads"] = {CPU}
        found |= {f"{engine}, {group}: {name}" for group, names in groups.items() for name in names}
    if len(engines()) > 1:
        found |= {f"SQLite ÷ PostgreSQL: {kind}, batches of 200, 1 client, rate" for kind in ("creates", "edits")}
    return found


def run_bench(*options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    environment.pop("BENCH_WORKLOAD", None)
    return subprocess.run(
        [sys.executable, "-m", "bench.run", "--quick", *options],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False,
    )  # fmt: skip


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("bench") / "bench.json"
    done = run_bench("--json", str(path))
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_quick_run_tells_every_figure(document: Any) -> None:
    names = [figure["name"] for figure in document["figures"]]

    assert set(names) == expected()
    assert len(names) == len(set(names))


def test_every_figure_is_a_number_with_its_unit_and_says_whether_its_target_is_met(document: Any) -> None:
    for figure in document["figures"]:
        assert is_number(figure["value"]), figure
        assert figure["value"] > 0, figure
        assert isinstance(figure["unit"], str)
        assert figure["runs"] == len(figure["rounds"]) == 1
        if "target" in figure:
            found = figure[figure["of"]]
            reached = found >= figure["target"] if figure["reach"] == "at least" else found <= figure["target"]
            assert figure["met"] is reached, figure


def test_every_rate_of_an_upload_stands_beside_the_yardsticks(document: Any) -> None:
    rates = [figure for figure in document["figures"] if figure["name"].endswith("client: entries committed")]

    assert len(rates) == 3 * len(engines())
    assert all(figure["yardstick"] > 0 and is_number(figure["ratio"]) for figure in rates)


def test_the_figures_say_on_what_they_were_measured(document: Any) -> None:
    assert set(document) >= {
        "commit",
        "machine",
        "python",
        "engines",
        "file_system",
        "started_at",
        "seconds",
        "workload",
    }
    assert set(document["engines"]) == {*engines(), "SQLite of the SDK"}
    assert document["quick"] is True


def test_the_run_on_a_large_table_tells_how_much_slower_a_batch_is(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"

    done = run_bench("--large", "--json", str(path))

    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
    ratios = [figure for figure in figures if figure["name"].endswith("ratio")]
    assert len(ratios) == 2 * len(engines())
    assert all(is_number(figure["value"]) and figure["target"] == 1.2 for figure in ratios)

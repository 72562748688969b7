"""`lontara-server run` with real processes: several serve one socket on PostgreSQL, and one that dies is replaced."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engines.places import PostgresPlace
from lontara_server.config import prepare_data_dir
from server.ready import SECRET, ready_server

PROGRAM = (sys.executable, "-c", "from lontara_server.cli.main import main; main()")


@contextmanager
def serving(folder: Path, database_url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    prepare_data_dir(folder, SECRET)
    program = subprocess.Popen(
        [*PROGRAM, "--data-dir", str(folder), "--database-url", database_url,
         "run", "--bind", "127.0.0.1:0", "--processes", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert program.stdout is not None
        yield program.stdout.readline().strip(), program
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()


def children_of(program: subprocess.Popen[str]) -> list[int]:
    text = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text(encoding="ascii")
    return [int(each) for each in text.split()]


def health(address: str) -> int:
    with urllib.request.urlopen(f"{address}readyz", timeout=30) as answer:
        return int(answer.status)


@pytest.mark.postgresql
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc")
def test_a_process_that_dies_is_replaced_and_requests_are_answered_on(postgres: PostgresPlace, tmp_path: Path) -> None:
    engine = ready_server(postgres)
    with serving(tmp_path / "data", engine.url.render_as_string(hide_password=False)) as (address, program):
        assert health(address) == 200
        before = children_of(program)

        os.kill(before[0], signal.SIGKILL)

        assert health(address) == 200
        while len(children_of(program)) < 2 or before[0] in children_of(program):
            assert program.poll() is None
            os.sched_yield()
        assert health(address) == 200
        program.terminate()
        assert program.wait(timeout=60) == 0
        with pytest.raises(urllib.error.URLError):
            health(address)
    engine.dispose()


def test_several_processes_on_sqlite_are_refused(tmp_path: Path) -> None:
    database = tmp_path / "lontara.db"
    ready_server(tmp_path).dispose()
    prepare_data_dir(tmp_path / "data", SECRET)

    refused = subprocess.run(
        [*PROGRAM, "--data-dir", str(tmp_path / "data"), "--database-url",
         f"sqlite:///{database}", "--lang", "en", "run", "--processes", "2"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert refused.returncode == 1
    assert re.search("several processes need PostgreSQL", refused.stderr), refused.stderr  # processes_need_postgresql

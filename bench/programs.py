"""The programs under measurement as processes of their own: Lontara's server, and the yardstick's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.cpu import cpu_of_family
from bench.office import Office

ROOT: Final = Path(__file__).resolve().parent.parent
STOP_SECONDS_MAX: Final = 30


@dataclass(frozen=True)
class Program:
    """A server that answers: the process that was started, which may have more under it."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU that all its processes have used."""
        return cpu_of_family(self.pid)


@contextmanager
def lontara_server(office: Office, processes: int) -> Iterator[Program]:
    """`lontara-server run` on the office's database."""
    options = [
        "--data-dir", str(office.data_dir), "--database-url", office.url,
        "run", "--bind", "127.0.0.1:0", "--processes", str(processes),
    ]  # fmt: skip
    with _running("bench.quiet_server", options, office.data_dir / "server.log") as program:
        yield program


@contextmanager
def yardstick_server(url: str, processes: int, log: Path) -> Iterator[Program]:
    """The bare endpoint on a database of its own."""
    options = ["--database-url", url, "--processes", str(processes)]
    with _running("bench.yardstick", options, log) as program:
        yield program


@contextmanager
def _running(module: str, options: list[str], log: Path) -> Iterator[Program]:
    """The module's process, which says its address in its first line, until the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LONTARA_")}
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *options],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True,
            # A group of its own, so that what would not end can be ended with all that is under it.
            start_new_session=True,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise SystemExit(f"{module} did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
        yield Program(process.pid, int(address.rstrip("/").rpartition(":")[2]))
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

"""What the figures were measured on: commit, machine, Python, libraries, engines, file system."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import apsw

from bench.grounds import Ground

_LIBRARIES: Final = ("flask", "waitress", "sqlalchemy", "psycopg", "msgspec", "cryptography")


def describe(folder: Path, engines: Sequence[Ground]) -> dict[str, Any]:
    """Everything about this machine that a figure depends on."""
    return {
        "commit": _git("rev-parse", "HEAD") or None,
        "tree_changed": bool(_git("status", "--porcelain")),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {_processor()}",
        "load_before": round(os.getloadavg()[0], 2),
        "file_system": _file_system(folder),
        "python": platform.python_version(),
        "engines": {engine.name: engine.version() for engine in engines}
        | {"SQLite of the SDK": apsw.sqlite_lib_version()},
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _file_system(folder: Path) -> str:
    """The type of the file system on which the databases lie; on one in memory, syncing costs nothing."""
    found, where = "unknown", ""
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, kind, *_ = line.split()
        if folder.resolve().is_relative_to(mount) and len(mount) >= len(where):
            found, where = kind, mount
    return found

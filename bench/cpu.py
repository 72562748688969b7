"""CPU time of processes that are not ours to ask, in seconds, as Linux tells it in /proc.

Read to the nanosecond from `schedstat`, thread by thread: the clock ticks of `stat` are too coarse for a second's work.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_NS: Final = 1e-9
# Fields of /proc/PID/stat after the name in brackets, counted from its end.
_PARENT, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 11, 12, 13, 14


def cpu_of(pid: int) -> float:
    """What the threads of a process that run now have used."""
    used = sum(map(_nanoseconds, (_PROC / str(pid) / "task").iterdir()))
    if used:
        return used * _NS
    # A kernel without the statistics of its scheduler.
    fields = _stat(pid)
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / os.sysconf("SC_CLK_TCK")


def _nanoseconds(thread: Path) -> int:
    try:
        return int((thread / "schedstat").read_text(encoding="ascii").split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def cpu_of_family(pid: int) -> float:
    """What a process, its children that run, and its children that have ended have used."""
    fields = _stat(pid)
    ended = (int(fields[_CHILDREN_USER]) + int(fields[_CHILDREN_SYSTEM])) / os.sysconf("SC_CLK_TCK")
    return ended + cpu_of(pid) + sum(_cpu_if_there(each) for each in _children(pid))


def _cpu_if_there(pid: int) -> float:
    try:
        return cpu_of(pid)
    except (FileNotFoundError, ProcessLookupError):
        # Ended since it was listed: from now on its parent tells of it.
        return 0.0


def _children(parent: int) -> Iterable[int]:
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            try:
                fields = _stat(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[_PARENT]) == parent:
                yield int(folder.name)


def _stat(pid: int) -> list[str]:
    text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    return text[text.rindex(")") + 2 :].split()


def family_of(pid: int) -> list[int]:
    """A process and those below it that run now."""
    found = [pid]
    for each in found:
        found += _children(each)
    return found

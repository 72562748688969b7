"""A disk that forgets: what was written and not synced may be lost, torn between sectors, or kept without the order.

`Disk` is what SQLite writes to; it notes every call. `Platter` replays the calls up to a power cut and says what the
next start may find. Locks and the memory shared between connections stay with the real file system. Nothing of the
product lives here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

import apsw

T = TypeVar("T")

SECTOR: Final = 512
_REAL: Final = "win32" if sys.platform == "win32" else "unix"
VFS_NAME: Final = "forgetful"
# The encrypting layer of the driver puts itself over any file system that is named in this way.
ENCRYPTED: Final = f"multipleciphers-{VFS_NAME}"
# Whose first sync syncs the folder as well (as SQLite does on every POSIX system), so that new names are kept.
_JOURNALS: Final = ("-journal", "-wal")
# How much of what was not synced is kept at a cut: all, nothing, or each sector by this chance.
_KEEPS: Final = (0.0, 1.0, 0.5, 0.5, 0.9, 0.1)


@dataclass(frozen=True)
class Call:
    """One call that changes the disk: `write`, `truncate`, `sync`, `create` or `delete`."""

    kind: str
    file: int
    name: str
    at: int = 0
    content: bytes = b""


@dataclass
class Fault:
    """A call that fails: the one of this number, and all that come after it where it lasts."""

    error: type[apsw.Error]
    at: int
    lasting: bool
    met: int = 0

    def meet(self, call: Call) -> None:
        """Count one call; raises the error where it is to fail."""
        self.met += 1
        if self.met == self.at or (self.lasting and self.met > self.at):
            raise self.error(f"{call.kind} of {call.name} fails")


@dataclass
class Disk:
    """The files as a running process sees them, and every call that has changed them."""

    files: dict[str, tuple[int, bytearray]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    fault: Fault | None = None
    _number: int = 0

    @classmethod
    def holding(cls, image: Mapping[str, bytes]) -> Disk:
        """A disk on which everything is synced."""
        disk = cls()
        for name, content in image.items():
            disk._number += 1
            disk.files[name] = (disk._number, bytearray(content))
        return disk

    def image(self) -> dict[str, bytes]:
        """The files as they are now: what a start after a kill finds, since the system keeps what was not synced."""
        return {name: bytes(content) for name, (_, content) in self.files.items()}

    def note(self, call: Call) -> None:
        if self.fault is not None:
            self.fault.meet(call)
        self.calls.append(call)

    def opened(self, name: str) -> tuple[int, bytearray]:
        """The file of this name, made where there is none."""
        if name not in self.files:
            self.note(Call("create", self._number + 1, name))
            self._number += 1
            self.files[name] = (self._number, bytearray())
        return self.files[name]

    def deleted(self, name: str, *, synced: bool) -> None:
        if name in self.files:
            self.note(Call("delete", self.files[name][0], name, at=int(synced)))
            del self.files[name]


@dataclass
class _File:
    """One file: what is synced, what was written since, and every version that a cut may leave."""

    name: str
    durable: bytes = b""
    current: bytearray = field(default_factory=bytearray)
    versions: dict[int, list[bytes]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    entered: bool = False

    def write(self, at: int, content: bytes) -> None:
        end = at + len(content)
        if len(self.current) < end:
            self.current.extend(bytes(end - len(self.current)))
            self.sizes.append(end)
        self.current[at:end] = content
        for sector in range(at // SECTOR, -(-end // SECTOR)):
            held = bytes(self.current[sector * SECTOR : (sector + 1) * SECTOR])
            self.versions.setdefault(sector, []).append(held)

    def truncate(self, size: int) -> None:
        del self.current[size:]
        self.current.extend(bytes(size - len(self.current)))
        self.sizes.append(size)

    def sync(self) -> None:
        self.durable = bytes(self.current)
        self.versions.clear()
        self.sizes.clear()

    def after_cut(self, chance: Random, keep: float) -> bytes:
        """What a cut leaves: of every sector and of the size any version since the last sync."""
        size = self._one_of(len(self.durable), self.sizes, chance, keep)
        left = bytearray(self.durable)
        for sector, versions in self.versions.items():
            start, stop = sector * SECTOR, (sector + 1) * SECTOR
            if len(left) < stop:
                left.extend(bytes(stop - len(left)))
            durable = bytes(left[start:stop])
            left[start:stop] = self._one_of(durable, versions, chance, keep).ljust(SECTOR, b"\0")
        del left[size:]
        left.extend(bytes(size - len(left)))
        return bytes(left)

    @staticmethod
    def _one_of(durable: T, versions: Sequence[T], chance: Random, keep: float) -> T:
        if not versions or chance.random() >= keep:
            return durable
        return versions[-1] if chance.random() < keep else chance.choice(versions)


class Platter:
    """What is on the disk itself, call after call."""

    def __init__(self, image: Mapping[str, bytes]) -> None:
        self._files: dict[int, _File] = {}
        self._names: dict[str, list[int | None]] = {}
        for number, (name, content) in enumerate(image.items(), start=1):
            self._files[number] = _File(name, content, bytearray(content), entered=True)
            self._names[name] = [number]

    def copy(self) -> Platter:
        """The same state, for a future of its own."""
        return deepcopy(self)

    def take(self, call: Call, *, finished: bool = True) -> None:
        """Replay one call. One that the cut interrupted leaves what it wrote unsynced, and syncs nothing."""
        if call.kind == "create":
            self._files[call.file] = _File(call.name)
            self._names.setdefault(call.name, [None]).append(call.file)
        elif call.kind == "delete":
            self._names[call.name].append(None)
            if call.at and finished:
                self._sync_folder()
        elif call.kind == "write":
            self._files[call.file].write(call.at, call.content)
        elif call.kind == "truncate":
            self._files[call.file].truncate(call.at)
        elif finished:
            self._sync(self._files[call.file])

    def _sync(self, file: _File) -> None:
        file.sync()
        if not file.entered and file.name.endswith(_JOURNALS):
            file.entered = True
            self._sync_folder()

    def _sync_folder(self) -> None:
        for name, versions in self._names.items():
            self._names[name] = versions[-1:]

    def after_cut(self, chance: Random) -> dict[str, bytes]:
        """The files that the next start may find."""
        keep = chance.choice(_KEEPS)
        found = {name: chance.choice(versions) for name, versions in self._names.items()}
        return {
            name: self._files[number].after_cut(chance, keep)
            for name, number in found.items()
            if number is not None
        }  # fmt: skip


def _path(name: str | apsw.URIFilename) -> Path:
    return Path(name if isinstance(name, str) else name.filename())


class _OpenFile(apsw.VFSFile):
    """A file of the disk, open; its twin on the real file system serves for locks and shared memory."""

    def __init__(self, disk: Disk, filename: str | apsw.URIFilename, flags: list[int]) -> None:
        super().__init__(_REAL, filename, flags)
        self._disk = disk
        self._name = _path(filename).name
        self._number, self._content = disk.opened(self._name)

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._content[offset : offset + amount])

    def xWrite(self, data: Any, offset: int) -> None:
        content = bytes(data)
        self._disk.note(Call("write", self._number, self._name, offset, content))
        end = offset + len(content)
        self._content.extend(bytes(max(0, end - len(self._content))))
        self._content[offset:end] = content

    def xTruncate(self, newsize: int) -> None:
        self._disk.note(Call("truncate", self._number, self._name, newsize))
        del self._content[newsize:]
        self._content.extend(bytes(newsize - len(self._content)))

    def xSync(self, flags: int) -> None:
        self._disk.note(Call("sync", self._number, self._name))

    def xFileSize(self) -> int:
        return len(self._content)


class _FileSystem(apsw.VFS):
    """The registered file system; one disk at a time is mounted."""

    def __init__(self) -> None:
        super().__init__(VFS_NAME, _REAL)
        self.disk = Disk()

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _OpenFile:
        assert name is not None, "temporary files are kept in memory"
        if not (flags[0] & apsw.SQLITE_OPEN_CREATE or self.xAccess(str(_path(name)), 0)):
            raise apsw.CantOpenError
        return _OpenFile(self.disk, name, flags)

    def xAccess(self, pathname: str, flags: int) -> bool:
        return Path(pathname).name in self.disk.files

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.disk.deleted(Path(filename).name, synced=syncdir)


_file_systems: list[_FileSystem] = []


@contextmanager
def mounted(disk: Disk) -> Iterator[None]:
    """Let connections that are opened with `vfs=ENCRYPTED` inside find this disk."""
    if not _file_systems:
        _file_systems.append(_FileSystem())
    file_system = _file_systems[0]
    before, file_system.disk = file_system.disk, disk
    try:
        yield
    finally:
        file_system.disk = before

"""The file of a backup: a ZIP whose comment ends in the SHA-256 of all that stands before it, so that no bit of it can
change unseen, and whose `manifest.json` names every other member with its own digest.

What the members mean, and whether they hold together, is the business of `backups`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import msgspec

from lontara_core.problems import Problem

FORM: Final = "lontara-backup-1"
DATABASE: Final = "lontara.db"
KEY: Final = "secret.key"
_MEMBERS: Final = frozenset({DATABASE, KEY})
_MANIFEST: Final = "manifest.json"
_DIGEST_SIGNS: Final = 64
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class Member:
    """A file in the backup, by its size and its SHA-256 in hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What the backup says of itself. `taken_at`: the moment of the copy, ms since 1970 UTC."""

    id: str
    server_id: str
    epoch: str
    taken_at: int
    revision: str
    orgs: list[dict[str, Any]]
    form: str = FORM
    members: dict[str, Member] = field(default_factory=dict)


def write_backup(path: Path, members: Mapping[str, Path], manifest: Manifest) -> Manifest:
    """Write a new backup file, for its owner only, down to the disk; returns the manifest with its members."""
    described = {name: Member(source.stat().st_size, _digest(source)) for name, source in members.items()}
    whole = replace(manifest, members=described)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(asdict(whole)), indent=1))
            for name, source in members.items():
                archive.write(source, name)
            archive.comment = f"{FORM} sha256:{'0' * _DIGEST_SIGNS}".encode("ascii")
        file.flush()
        digest = _digest(path, leave_out=_DIGEST_SIGNS)
        file.seek(-_DIGEST_SIGNS, os.SEEK_END)
        file.write(digest.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    return whole


def read_backup(path: Path, folder: Path) -> Manifest:
    """Check the file bit by bit and lay its members into `folder`. Raises Problem file_unreadable, backup_damaged."""
    try:
        _check_digest(path)
        with ZipFile(path) as archive:
            manifest = msgspec.json.decode(archive.read(_MANIFEST), type=Manifest)
            if manifest.form != FORM or set(manifest.members) != _MEMBERS:
                raise damaged(path, ["it has another form than this program reads"])
            for name, member in manifest.members.items():
                with archive.open(name) as source, (folder / name).open("xb") as target:
                    shutil.copyfileobj(source, target, _PIECE)
                    target.flush()
                    os.fsync(target.fileno())
                if _digest(folder / name) != member.sha256:
                    raise damaged(path, [f"{name} is not what was written"])
    except (BadZipFile, KeyError, msgspec.DecodeError) as error:
        raise damaged(path, [str(error)]) from error
    except OSError as error:
        raise Problem(
            "file_unreadable",
            f"{path.name} cannot be read. Nothing was changed.",
            {"file": str(path), "why": error.strerror or type(error).__name__},
            "Check the name, the rights on it and the space on the disk.",
        ) from error
    return manifest


def damaged(path: Path, faults: list[str]) -> Problem:
    """The problem of a backup that cannot be trusted."""
    return Problem(
        "backup_damaged",
        f"{path.name} is no whole backup: {faults[0]}. Nothing was changed.",
        {"file": str(path), "faults": faults[:20]},
        "Take another backup; `lontara-server backup verify FILE` tells which one holds.",
    )


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder down to the disk."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _check_digest(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _DIGEST_SIGNS))
        told = file.read()
    if told != _digest(path, leave_out=_DIGEST_SIGNS).encode("ascii"):
        raise damaged(path, ["a part of it is missing or changed"])


def _digest(path: Path, *, leave_out: int = 0) -> str:
    """The SHA-256 of a file, but for its last bytes where some are left out."""
    whole, left = hashlib.sha256(), path.stat().st_size - leave_out
    with path.open("rb") as file:
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            whole.update(piece)
            left -= len(piece)
    return whole.hexdigest()

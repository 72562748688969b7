"""The key of a store: 256 random bits, wrapped by Argon2id of the PIN in `key.json` (mode 0600).

A PIN of six digits does not stop somebody who has the disk for long; the file keeps out a curious finder. Nothing of
the store's content belongs here.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lontara_core.canonical import NotCanonical, from_base64, to_base64
from lontara_core.problems import Problem

KEY_BYTES: Final = 32
PIN_LENGTH_MIN: Final = 4
_FORM: Final = b"lontara-key-1"
# RFC 9106, second recommended option: 64 MiB, three passes.
_TIME_COST: Final = 3
_MEMORY_KIB: Final = 65_536
_LANES: Final = 4


def open_key(path: Path, pin: str) -> bytes:
    """The store's key, made now if `path` does not exist yet; raises Problem `wrong_pin`, `key_file_damaged`."""
    if not path.exists():
        return make_key(path, pin)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        salt, nonce, wrapped = (from_base64(stored[name]) for name in ("salt", "nonce", "wrapped"))
        cost = (int(stored["time_cost"]), int(stored["memory_kib"]), int(stored["lanes"]))
    except (ValueError, KeyError, TypeError, NotCanonical) as error:
        raise Problem("key_file_damaged", "The key file cannot be read; the store itself is untouched.",
                      {"file": path.name}, "Put back key.json from a copy; do not delete the store.") from error  # fmt: skip
    try:
        return AESGCM(_stretch(pin, salt, cost)).decrypt(nonce, wrapped, _FORM)
    except InvalidTag as error:
        raise Problem("wrong_pin", "The PIN is wrong; nothing was changed.", {}, "Try again.") from error


def make_key(path: Path, pin: str) -> bytes:
    """A new key, wrapped and written; when another process made one at the same time, that one counts."""
    key = secrets.token_bytes(KEY_BYTES)
    try:
        write_key(path, pin, key, replace=False)
    except FileExistsError:
        return open_key(path, pin)
    return key


def write_key(path: Path, pin: str, key: bytes, *, replace: bool) -> None:
    """Wrap `key` under `pin` and put it at `path` in one step, so that a power cut leaves the old file or the new."""
    if len(pin) < PIN_LENGTH_MIN:
        raise Problem("pin_too_short", f"A PIN has at least {PIN_LENGTH_MIN} characters.",
                      {"length_min": PIN_LENGTH_MIN}, "Choose a longer PIN.")  # fmt: skip
    salt, nonce, cost = secrets.token_bytes(16), secrets.token_bytes(12), (_TIME_COST, _MEMORY_KIB, _LANES)
    wrapped = AESGCM(_stretch(pin, salt, cost)).encrypt(nonce, key, _FORM)
    text = json.dumps(
        {"form": _FORM.decode("ascii"), "salt": to_base64(salt), "nonce": to_base64(nonce),
         "wrapped": to_base64(wrapped), "time_cost": _TIME_COST, "memory_kib": _MEMORY_KIB, "lanes": _LANES},
        indent=1,
    )  # fmt: skip
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            os.replace(beside, path)
        else:
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Keep the names in a folder over a power cut; Windows keeps them by itself."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _stretch(pin: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    time_cost, memory_kib, lanes = cost
    return hash_secret_raw(
        pin.encode("utf-8"), salt, time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes,
        hash_len=KEY_BYTES, type=Type.ID,
    )  # fmt: skip

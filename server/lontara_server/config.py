"""The server's settings: read once from options and environment, checked, then frozen. No database is opened here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from lontara_core.problems import Problem

Language: TypeAlias = Literal["id", "en"]

SECRET_BYTES: Final = 32
_DISTINCT_MIN: Final = 8
_KEY_FILE: Final = "secret.key"
_DATABASE_FILE: Final = "lontara.db"


@dataclass(frozen=True)
class Config:
    """Everything that the server is told from outside. `secret` keys the hashes of codes and session tokens."""

    data_dir: Path
    database_url: str
    secret: bytes


def read_config(data_dir: Path, environment: Mapping[str, str], *, database_url: str | None = None) -> Config:
    """The settings of an initialised server. Raises Problem not_initialised, weak_secret."""
    return Config(data_dir, database_url_of(data_dir, database_url), _secret(data_dir, environment))


def database_url_of(data_dir: Path, database_url: str | None) -> str:
    """The URL that was given, or the SQLite file in the data directory."""
    return database_url or f"sqlite:///{data_dir.absolute() / _DATABASE_FILE}"


def prepare_data_dir(data_dir: Path, secret: bytes) -> None:
    """Make the data directory and its secret, both for their owner only; a secret that is there stays."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data_dir / _KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if not data_dir.is_dir():
            raise _unusable(data_dir) from None
        return
    except OSError as error:
        raise _unusable(data_dir) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def protect_database(data_dir: Path, database_url: str | None) -> None:
    """Let only its owner read the SQLite file in the data directory, made here where it is not there yet.

    SQLite gives the files beside it the same rights. A database that was named is protected by who named it.
    """
    if database_url is not None:
        return
    path = data_dir / _DATABASE_FILE
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise _unusable(data_dir) from error


def check_database(data_dir: Path, database_url: str | None) -> None:
    """Raise Problem not_initialised where no database was named and the data directory holds none."""
    if database_url is None and not (data_dir / _DATABASE_FILE).exists():
        raise _not_initialised(data_dir, "The data directory holds no database of a server. Nothing was changed.")


def _not_initialised(data_dir: Path, message: str) -> Problem:
    return Problem(
        "not_initialised",
        message,
        {"data_dir": str(data_dir)},
        "Run `lontara-server --data-dir DIR init --org CODE --name NAME --admin LOGIN`, or name the server's folder with "
        "--data-dir or LONTARA_SERVER_DATA_DIR.",
    )


def _unusable(data_dir: Path) -> Problem:
    return Problem(
        "data_dir_unusable",
        "The data directory cannot be made or written. Nothing was changed.",
        {"data_dir": str(data_dir)},
        "Name another one with --data-dir or LONTARA_SERVER_DATA_DIR.",
    )


def _secret(data_dir: Path, environment: Mapping[str, str]) -> bytes:
    text = environment.get("LONTARA_SECRET")
    if text is None:
        try:
            text = (data_dir / _KEY_FILE).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            message = "The data directory holds no secret of a server. Nothing was changed."
            raise _not_initialised(data_dir, message) from error
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) < SECRET_BYTES or len(set(secret)) < _DISTINCT_MIN:
        raise Problem(
            "weak_secret",
            "The server's secret is too weak to start with. Nothing was changed.",
            {"bytes_min": SECRET_BYTES},
            'Use 64 hex digits by chance: python3 -c "import secrets; print(secrets.token_hex(32))".',
        )
    return secret

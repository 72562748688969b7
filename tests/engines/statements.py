"""What the product says to PostgreSQL in a test: every text that reaches the driver, by SQLAlchemy or past it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any, Final

import psycopg
import pytest
from psycopg import sql

import lontara_server

_METHODS: Final = (
    (psycopg.Cursor, "execute"), (psycopg.Cursor, "executemany"), (psycopg.Cursor, "copy"), (psycopg.Cursor, "stream"),
    (psycopg.ServerCursor, "execute"),
)  # fmt: skip
_TESTS: Final = str(Path(__file__).parents[1])
_PRODUCT: Final = str(Path(lontara_server.__file__).parent)
_MIGRATIONS: Final = str(Path(_PRODUCT) / "storage" / "migrations")
# A step between two versions may go through the rows of all orgs, once.
_CHANGES_ROWS: Final = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_paused: list[bool] = [False]


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Gather the distinct statements of the block; what tests say by themselves is not among them."""
    said: set[str] = set()
    with monkeypatch.context() as patch:
        for owner, name in _METHODS:
            patch.setattr(owner, name, _listening(getattr(owner, name), said))
        yield said


@contextmanager
def unrecorded() -> Iterator[None]:
    """Leave out what this block says."""
    before, _paused[0] = _paused[0], True
    try:
        yield
    finally:
        _paused[0] = before


def _listening(method: Any, said: set[str]) -> Any:
    @wraps(method)
    def listen(cursor: Any, query: Any, *args: Any, **options: Any) -> Any:
        if not _paused[0]:
            text = query.as_string(cursor) if isinstance(query, sql.Composable) else query
            text = text if isinstance(text, str) else bytes(text).decode()
            author = _author()
            if author == "product" or (author == "migration" and not _CHANGES_ROWS.match(text)):
                said.add(text)
        return method(cursor, query, *args, **options)

    return listen


def _author() -> str:
    """Whose the nearest caller of ours is, past the libraries: the product's, a migration's or a test's."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_MIGRATIONS):
            return "migration"
        if file.startswith(_PRODUCT):
            return "product"
        if file.startswith(_TESTS):
            break
        frame = frame.f_back
    return "test"

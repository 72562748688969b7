"""Functions that statements use and that each database spells in its own way."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import LargeBinary
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from lontara_core.canonical import sha256

_ON_SQLITE: Final = "lontara_chained"


class chained(GenericFunction[bytes]):
    """The SHA-256 of two byte strings, the second after the first."""

    type = LargeBinary()
    inherit_cache = True
    name = _ON_SQLITE


@compiles(chained, "postgresql")
def _on_postgresql(element: chained, compiler: Any, **kwargs: Any) -> str:
    first, second = element.clauses
    return f"sha256({compiler.process(first, **kwargs)} || {compiler.process(second, **kwargs)}::bytea)"


def give_functions(connection: Any) -> None:
    """Make them known to one of SQLite's connections."""
    connection.create_function(_ON_SQLITE, 2, sha256, deterministic=True)

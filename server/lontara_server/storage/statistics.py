"""What PostgreSQL's planner knows of the tables, kept up while they are new and grow fast.

A statement's plan is made once for a connection. Made while a table is empty or was never looked at, it reads a whole
org where it should look up a key, and stays so until the table is analysed: after a minute and more by autovacuum,
which is long on a first day when every device comes at once.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, text

from lontara_server.storage.engine import transaction
from lontara_server.storage.models import Base

# The words of jobs for the database that they are given.
__all__ = ["Connection", "Engine", "analyse_grown_tables"]

ROWS_WORTH_A_LOOK: Final = 500
_CHANGED: Final = text(
    "SELECT s.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid"
    " WHERE s.schemaname = current_schema() AND s.n_mod_since_analyze > :rows + 2 * greatest(c.reltuples, 0)"
)


def analyse_grown_tables(engine: Engine) -> list[str]:
    """Let PostgreSQL look at tables that have become three times what it knows of them; returns their names.

    Does nothing on SQLite, which plans each statement for the table as it is.
    """
    if engine.dialect.name != "postgresql":
        return []
    with transaction(engine) as connection:
        grown = sorted(set(connection.scalars(_CHANGED, {"rows": ROWS_WORTH_A_LOOK})) & Base.metadata.tables.keys())
        for name in grown:
            connection.execute(text(f'ANALYZE "{name}"'))
    return grown

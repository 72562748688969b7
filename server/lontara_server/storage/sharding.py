"""The step that spreads the tables over the machines of a Citus cluster by org. Everything else is as on one PostgreSQL.

The rules that make it possible (the org first in every key, constant in every statement) are held by tests.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

from lontara_core.problems import Problem
from lontara_server.storage.models import Base, Org

__all__ = ["distribute", "distribution_steps"]

_FIRST: Final = Org.__tablename__
_UNLESS_DONE: Final = " WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = '{table}'::regclass)"


def distribution_steps() -> list[str]:
    """The statements in their order; each does nothing where its table is distributed already."""
    tenants = sorted(name for name, table in Base.metadata.tables.items() if "org_id" in table.columns)
    whole = sorted(set(Base.metadata.tables) - set(tenants))
    others = [name for name in tenants if name != _FIRST]
    calls = [
        *((name, f"create_reference_table('{name}')") for name in whole),
        (_FIRST, f"create_distributed_table('{_FIRST}', 'org_id', colocate_with => 'none')"),
        *((name, f"create_distributed_table('{name}', 'org_id', colocate_with => '{_FIRST}')") for name in others),
    ]
    return [f"SELECT {call}{_UNLESS_DONE.format(table=name)}" for name, call in calls]


def distribute(connection: Connection) -> None:
    """Carry the steps out, all or none. Raises Problem citus_missing."""
    on_postgresql = connection.dialect.name == "postgresql"
    if not on_postgresql or connection.scalar(text("SELECT to_regclass('pg_dist_partition')")) is None:
        raise Problem(
            "citus_missing",
            "This database is no coordinator of a Citus cluster. Nothing was changed.",
            {},
            "Run CREATE EXTENSION citus in it, and add the workers; docs/citus.md says how.",
        )
    for step in distribution_steps():
        connection.execute(text(step))

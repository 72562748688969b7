"""The database's schema: brought up to date, and checked before anything works on it. The steps lie in `migrations`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from lontara_core.problems import Problem
from lontara_server.storage.engine import transaction, unreachable

_STEPS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> str:
    """Bring the database to the newest revision and return it; doing it twice changes nothing."""
    with transaction(engine) as connection:
        upgrade_on(connection)
    return newest_revision()


def upgrade_on(connection: Connection) -> None:
    """Bring the database to the newest revision within a transaction that does more than that."""
    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest_revision() -> str:
    """The revision that this version of the program works with."""
    head = ScriptDirectory.from_config(_alembic()).get_current_head()
    assert head is not None
    return head


def check_current(engine: Engine) -> None:
    """Raise Problem unless the database is at the revision that this program works with."""
    found, known = revision_of(engine), newest_revision()
    if found == known:
        return
    facts = {"database_revision": found, "program_revision": known}
    revisions = {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if found is not None and found not in revisions:
        raise Problem(
            "database_newer",
            "The database was written by a newer program. Nothing was changed.",
            facts,
            "Update the program; do not delete the database.",
        )
    raise Problem(
        "database_not_migrated",
        "The database has not been brought up to date for this program. Nothing was changed.",
        facts,
        "Run `lontara-server init` on a new server, `lontara-server migrate` after an update.",
    )


def revision_of(engine: Engine) -> str | None:
    """The database's revision; None where nothing was ever set up in it. Raises Problem database_unreachable."""
    try:
        with transaction(engine) as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise unreachable(engine) from error


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    # Alembic reads the path as a template; a folder whose name holds % stays itself.
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    return config

"""Each score's number of change, so that it can be fed to its owner's devices.

Why: a device takes over a row only where its revision is newer. Safe on what: a running database; every score stands
at 0, was never fed, and is fed when it is computed next. Older code on this schema: works, and feeds no score.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("score", sa.Column("revision", NUMBER, nullable=False, server_default="0"))

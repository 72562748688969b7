"""Up to where a confirmed backup holds each device's log, by sequence number and chain hash.

Why: devices are told `backed_up` and may let go of what it covers. Safe on what: a running database; both columns
are empty at first, which is true of every row. Older code on this schema: works, and tells nobody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("device", sa.Column("backed_up_seq", NUMBER, nullable=True))
    op.add_column("device", sa.Column("backed_up_head", sa.LargeBinary(), nullable=True))

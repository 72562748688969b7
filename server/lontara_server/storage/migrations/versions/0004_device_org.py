"""Which org each device belongs to, in a small table that is no org's own.

Why: a request names its device and not its org, and asking each org in turn takes as many queries as there are orgs.
Safe on what: a running database; the rows follow from the devices that are there. Older code on this schema: works,
but the devices that it enrols are unknown to newer code; do not run both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

IDENTIFIER = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "device_org",
        sa.Column("device", IDENTIFIER, nullable=False),
        sa.Column("org", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("device"),
    )
    op.execute("INSERT INTO device_org (device, org) SELECT id, org_id FROM device")

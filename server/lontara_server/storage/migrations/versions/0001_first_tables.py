"""The first tables: every one keyed by its org first, the whole server's identity apart.

Why: the server begins here. Safe on what: an empty database. There is no older code.
The column types are written out, so that this step stays what it was when the models move on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

IDENTIFIER = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "activity_entry",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("captured_at", NUMBER, nullable=False),
        sa.Column("recorded_at", NUMBER, nullable=False),
        sa.Column("writer_seq", sa.Integer(), nullable=False),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("duration_minutes", sa.SmallInteger(), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=False),
        sa.Column("writer_device", IDENTIFIER, nullable=False),
        sa.Column("target_id", IDENTIFIER, nullable=True),
        sa.Column("org_unit", IDENTIFIER, nullable=True),
        sa.Column("supervisor", IDENTIFIER, nullable=True),
        sa.Column("start_time", sa.String(length=5), nullable=True),
        sa.Column("end_time", sa.String(length=5), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.String(length=20), nullable=True),
        sa.Column("output_unit", sa.Text(), nullable=True),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=True),
        sa.Column("source_entered_at", NUMBER, nullable=True),
        sa.Column("review_state", sa.String(length=20), nullable=False),
        sa.Column("review_note", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("flags", sa.Text(), nullable=True),
        sa.Column("clash", sa.String(length=64), nullable=True),
        sa.Column("stamps", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("activity_entry_owner", "activity_entry", ["org_id", "owner", "work_date"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("org_unit", IDENTIFIER, nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("supervisor", IDENTIFIER, nullable=True),
        sa.Column("acting_supervisor", IDENTIFIER, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("assignment_acting", "assignment", ["org_id", "acting_supervisor"], unique=False)
    op.create_index("assignment_employee", "assignment", ["org_id", "employee", "valid_from"], unique=False)
    op.create_index("assignment_supervisor", "assignment", ["org_id", "supervisor"], unique=False)

    op.create_table(
        "attention",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", IDENTIFIER, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("record", IDENTIFIER, nullable=False),
        sa.Column("lineage", IDENTIFIER, nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("conflict", IDENTIFIER, nullable=True),
        sa.Column("operation", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "device", "seq"),
    )
    op.create_index("attention_lineage", "attention", ["org_id", "lineage", "state"], unique=False)
    op.create_index("attention_record", "attention", ["org_id", "record", "state"], unique=False)

    op.create_table(
        "audit",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "seq"),
    )
    op.create_table(
        "batch",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", IDENTIFIER, nullable=False),
        sa.Column("last", NUMBER, autoincrement=False, nullable=False),
        sa.Column("first", NUMBER, nullable=False),
        sa.Column("signed_first", NUMBER, nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("received_at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("results", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "device", "last"),
    )
    op.create_index("batch_first", "batch", ["org_id", "device", "first"], unique=True)

    op.create_table(
        "conflict",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("route", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=True),
        sa.Column("org_unit", IDENTIFIER, nullable=True),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("clashes", sa.Text(), nullable=False),
        sa.Column("opened_at", NUMBER, nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("conflict_state", "conflict", ["org_id", "state", "route"], unique=False)

    op.create_table(
        "conflict_record",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record", IDENTIFIER, nullable=False),
        sa.Column("conflict", IDENTIFIER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "record", "conflict"),
    )
    op.create_table(
        "device",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("employee_id", IDENTIFIER, nullable=True),
        sa.Column("lineage", IDENTIFIER, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("last_seq", NUMBER, nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", NUMBER, nullable=False),
        sa.Column("revoked_at", NUMBER, nullable=True),
        sa.Column("last_seen_at", NUMBER, nullable=True),
        sa.Column("unsent_reported", NUMBER, nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("clock_offset_ms", NUMBER, nullable=True),
        sa.Column("origins", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("device_employee", "device", ["org_id", "employee_id"], unique=False)
    op.create_index("device_lineage", "device", ["org_id", "lineage"], unique=False)

    op.create_table(
        "dirty",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("marked_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "period"),
    )
    op.create_table(
        "employee",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("nip", sa.String(length=18), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("employee_nip", "employee", ["org_id", "nip"], unique=True)

    op.create_table(
        "enrol_code",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("employee_id", IDENTIFIER, nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("expires_at", NUMBER, nullable=False),
        sa.Column("used_by_key", sa.Text(), nullable=True),
        sa.Column("device", IDENTIFIER, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "code_hash"),
    )
    op.create_table(
        "feed",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=True),
        sa.Column("unit", IDENTIFIER, nullable=True),
        sa.Column("device", IDENTIFIER, nullable=True),
        sa.Column("first", NUMBER, nullable=True),
        sa.Column("last", NUMBER, nullable=True),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.Column("removal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "seq"),
    )
    op.create_index("feed_owner", "feed", ["org_id", "owner", "seq"], unique=False)
    op.create_index("feed_unit", "feed", ["org_id", "unit", "seq"], unique=False)

    op.create_table(
        "history",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_type", sa.String(length=20), nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("device", IDENTIFIER, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "record_type", "id", "device", "seq"),
    )
    op.create_table(
        "holiday",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "day"),
    )
    op.create_table(
        "org",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uid", IDENTIFIER, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("last_seq", NUMBER, nullable=False),
        sa.Column("feed_head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org_id"),
    )
    op.create_table(
        "org_unit",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", IDENTIFIER, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_table(
        "origin",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", IDENTIFIER, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("by_device", IDENTIFIER, nullable=False),
        sa.Column("by_seq", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "device", "seq", "hash"),
    )
    op.create_table(
        "period",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("locked_at", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("period_month", "period", ["org_id", "month"], unique=True)

    op.create_table(
        "quarantine",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("device", IDENTIFIER, nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("first", NUMBER, nullable=False),
        sa.Column("last", NUMBER, nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("received_at", NUMBER, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_table(
        "request_once",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", IDENTIFIER, nullable=False),
        sa.Column("request", IDENTIFIER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "device", "request"),
    )
    op.create_table(
        "review",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("entry_id", IDENTIFIER, nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("judged_revision", NUMBER, nullable=False),
        sa.Column("judged_hash", sa.String(length=64), nullable=False),
        sa.Column("reviewer", IDENTIFIER, nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("review_entry", "review", ["org_id", "entry_id"], unique=False)

    op.create_table(
        "score",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("value", sa.String(length=12), nullable=True),
        sa.Column("rating", sa.String(length=20), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("policy_id", sa.String(length=60), nullable=False),
        sa.Column("policy_version", NUMBER, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("computed_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "period"),
    )
    op.create_table(
        "server_identity",
        sa.Column("server_id", IDENTIFIER, nullable=False),
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("server_id"),
    )
    op.create_table(
        "user_account",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("employee_id", IDENTIFIER, nullable=True),
        sa.Column("org_unit", IDENTIFIER, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "login"),
    )
    op.create_table(
        "web_session",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", NUMBER, nullable=False),
        sa.Column("seen_at", NUMBER, nullable=False),
        sa.Column("expires_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "token_hash"),
    )
    op.create_table(
        "work_result_plan",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=False),
        sa.Column("year", NUMBER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )

"""What a score rests on beside entries: plans, calendars, attendance, ratings, policies of an org; objections and jobs.

Why: performance is computed from more than entries. Safe on what: a running database; the tables are new and empty,
the columns empty. Older code on this schema: works, and scores from entries alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

IDENTIFIER = sa.LargeBinary(16).with_variant(sa.Uuid(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "action_plan",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=False),
        sa.Column("work_result", IDENTIFIER, nullable=False),
        sa.Column("quarter", NUMBER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("action_plan_owner", "action_plan", ["org_id", "owner"], unique=False)
    op.create_table(
        "allowance_base",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "valid_from"),
    )
    op.create_table(
        "attendance_day",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("first_in", sa.String(length=19), nullable=True),
        sa.Column("last_out", sa.String(length=19), nullable=True),
        sa.Column("late_minutes", NUMBER, nullable=False),
        sa.Column("early_leave_minutes", NUMBER, nullable=False),
        sa.Column("has_check_in", sa.Boolean(), nullable=False),
        sa.Column("has_check_out", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "day"),
    )
    op.create_index("attendance_day_day", "attendance_day", ["org_id", "day"], unique=False)
    op.create_table(
        "attendance_given",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("late_minutes", NUMBER, nullable=True),
        sa.Column("early_leave_minutes", NUMBER, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "day"),
    )
    op.create_table(
        "attendance_machine",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("last_seen_at", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "serial"),
    )
    op.create_table(
        "attendance_pin",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pin", sa.String(length=24), nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "pin"),
    )
    op.create_index("attendance_pin_employee", "attendance_pin", ["org_id", "employee"], unique=False)
    op.create_table(
        "attendance_punch",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pin", sa.String(length=24), nullable=False),
        sa.Column("at", sa.String(length=19), nullable=False),
        sa.Column("status", NUMBER, autoincrement=False, nullable=False),
        sa.Column("machine", sa.String(length=40), nullable=True),
        sa.Column("verify", sa.String(length=12), nullable=True),
        sa.Column("work_code", sa.String(length=12), nullable=True),
        sa.Column("received_at", NUMBER, nullable=False),
        sa.Column("import_run", IDENTIFIER, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "pin", "at", "status"),
    )
    op.create_index("attendance_punch_machine", "attendance_punch", ["org_id", "machine", "at"], unique=False)
    op.create_table(
        "attendance_recap",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("totals", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("import_run", IDENTIFIER, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "employee", "period"),
    )
    op.create_table(
        "behaviour_rating",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.Column("rating", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "period", "value"),
    )
    op.create_table(
        "budget_absorption",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("org_unit", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("percent", sa.String(length=12), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "org_unit", "period"),
    )
    op.create_table(
        "import_run",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("import_run_kind", "import_run", ["org_id", "kind", "sha256"], unique=False)
    op.create_table(
        "import_upload",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_table(
        "indicator",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=False),
        sa.Column("work_result", IDENTIFIER, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("aspect", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("cap", sa.String(length=20), nullable=True),
        sa.Column("realisation", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("indicator_owner", "indicator", ["org_id", "owner"], unique=False)
    op.create_table(
        "job_run",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=24), nullable=False),
        sa.Column("started_at", NUMBER, nullable=False),
        sa.Column("finished_at", NUMBER, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "job", "slot"),
    )
    op.create_table(
        "mapping_preset",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "kind", "name"),
    )
    op.create_table(
        "objection",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("value_before", sa.String(length=12), nullable=True),
        sa.Column("value_after", sa.String(length=12), nullable=True),
        sa.Column("correction", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("comments", sa.Text(), nullable=True),
        sa.Column("opened_at", NUMBER, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("decided_at", NUMBER, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("objection_owner", "objection", ["org_id", "owner", "period"], unique=False)
    op.create_index("objection_state", "objection", ["org_id", "state"], unique=False)
    op.create_table(
        "performance_plan",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", IDENTIFIER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("owner", IDENTIFIER, nullable=False),
        sa.Column("year", NUMBER, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("assessor", IDENTIFIER, nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id"),
    )
    op.create_index("performance_plan_owner", "performance_plan", ["org_id", "owner", "year"], unique=False)
    op.create_table(
        "person_mark",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "period", "kind"),
    )
    op.create_table(
        "policy_activation",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rates", sa.String(length=8), nullable=False),
        sa.Column("valid_from", sa.String(length=7), nullable=False),
        sa.Column("policy_id", sa.String(length=60), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "rates", "valid_from"),
    )
    op.create_table(
        "policy_version",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy_id", sa.String(length=60), nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "policy_id", "version"),
    )
    op.create_table(
        "score_history",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("revision", NUMBER, autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=12), nullable=True),
        sa.Column("rating", sa.String(length=20), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("computed_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "period", "revision"),
    )
    op.create_table(
        "working_calendar",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=36), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("workdays_per_week", NUMBER, nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("grace_minutes", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "scope", "valid_from"),
    )
    op.create_table(
        "year_rating",
        sa.Column("org_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("employee", IDENTIFIER, nullable=False),
        sa.Column("year", NUMBER, autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=12), nullable=True),
        sa.Column("rating", sa.String(length=20), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("policy_id", sa.String(length=60), nullable=False),
        sa.Column("policy_version", NUMBER, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("computed_at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "employee", "year"),
    )
    op.add_column("employee", sa.Column("grade", sa.Text(), nullable=True))
    op.add_column("employee", sa.Column("grade_since", sa.Date(), nullable=True))
    op.add_column("employee", sa.Column("echelon", sa.Text(), nullable=True))
    op.add_column("holiday", sa.Column("kind", sa.String(length=20), server_default="national", nullable=False))
    op.add_column("score", sa.Column("summary", sa.Text(), nullable=True))
    _compress_documents()
    op.add_column("work_result_plan", sa.Column("plan", IDENTIFIER, nullable=True))
    op.add_column("work_result_plan", sa.Column("supports", IDENTIFIER, nullable=True))
    op.create_index("audit_subject", "audit", ["org_id", "subject"], unique=False)
    op.create_index("work_result_plan_owner", "work_result_plan", ["org_id", "owner", "year"], unique=False)


def _compress_documents() -> None:
    """Explanations are long and alike: lz4, where the server has it, takes a fraction of the default's time."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    known = connection.execute(
        sa.text("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
    ).scalar()
    if known:
        for table in ("score", "score_history", "year_rating"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN document SET COMPRESSION lz4")

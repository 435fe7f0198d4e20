"""Let jobs be cancelled and retried, see workers, and state which releases suit the database."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

FORMER = "'queued', 'running', 'succeeded', 'failed'"
STATES = f"{FORMER}, 'cancelled'"
CONSTRAINT = "ck_job_job_status"


def upgrade() -> None:
    op.execute("ALTER TABLE job ADD COLUMN attempts_allowed INTEGER DEFAULT 3 NOT NULL")
    allow(STATES)
    op.create_table(
        "job_worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_worker")),
    )
    requirement = op.create_table(
        "release_requirement",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("oldest_migration", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_release_requirement_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_requirement")),
    )
    # Releases before this migration compare only the newest number, and refuse this database.
    op.bulk_insert(requirement, [{"id": 1, "oldest_migration": revision}])


def downgrade() -> None:
    op.drop_table("release_requirement")
    op.drop_table("job_worker")
    op.execute("UPDATE job SET status = 'failed' WHERE status = 'cancelled'")
    allow(FORMER)
    op.drop_column("job", "attempts_allowed")


def allow(states: str) -> None:
    """Let the column hold these states. SQLite changes a CHECK only with its table."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE job DROP CONSTRAINT {CONSTRAINT}")
        op.execute(f"ALTER TABLE job ADD CONSTRAINT {CONSTRAINT} CHECK (status IN ({states}))")
        return
    # The environment has turned references off, so the copy keeps the imports of the jobs.
    with op.batch_alter_table("job", recreate="always") as table:
        table.create_check_constraint(op.f(CONSTRAINT), f"status IN ({states})")

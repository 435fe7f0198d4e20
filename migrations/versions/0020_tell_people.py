"""Create the table of notices to people about migrations."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "migration_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("migration_id", sa.Uuid(), nullable=False),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=100), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("planned_date", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('users', 'public', 'agency', 'supplier', 'staff_side', 'other')",
            name=op.f("ck_migration_notice_notice_audience"),
        ),
        sa.CheckConstraint(
            "audience <> 'agency' OR agency_id IS NOT NULL", name=op.f("ck_migration_notice_agency")
        ),
        sa.ForeignKeyConstraint(
            ["migration_id"],
            ["migration.id"],
            name=op.f("fk_migration_notice_migration_id_migration"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_migration_notice_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_notice")),
    )
    op.create_index(
        op.f("ix_migration_notice_migration_id"), "migration_notice", ["migration_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("migration_notice")

"""Create the table of the records that replaced merged duplicates."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merged_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=40), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("disclosure", sa.String(length=40), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_record")),
    )
    op.create_index(
        op.f("ix_merged_record_survivor_id"), "merged_record", ["survivor_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("merged_record")

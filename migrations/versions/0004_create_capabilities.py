"""Create the table of business capabilities, which form a tree."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capability",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("tier", sa.String(40), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["capability.id"], name=op.f("fk_capability_parent_id_capability")
        ),
        sa.CheckConstraint(
            "tier IN ('strategic', 'core', 'enabling')", name=op.f("ck_capability_capability_tier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capability")),
        sa.UniqueConstraint("code", name=op.f("uq_capability_code")),
    )
    op.create_index(op.f("ix_capability_parent_id"), "capability", ["parent_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_capability_parent_id"), table_name="capability")
    op.drop_table("capability")

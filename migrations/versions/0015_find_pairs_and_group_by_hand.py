"""Create the tables of similar pairs and groupings, and add the former names of suppliers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("supplier", sa.Column("former_names", JSON, server_default="[]", nullable=False))
    op.add_column("overlap_member", sa.Column("maker", sa.String(length=400), nullable=True))
    op.create_table(
        "overlap_pair",
        sa.Column("overlap_id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("first_agency_id", sa.Uuid(), nullable=False),
        sa.Column("second_agency_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("is_rival", sa.Boolean(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_overlap_pair_score")),
        sa.CheckConstraint(
            "profile IN ('summary', 'standard', 'full')", name=op.f("ck_overlap_pair_field_profile")
        ),
        sa.ForeignKeyConstraint(
            ["overlap_id"],
            ["overlap.id"],
            name=op.f("fk_overlap_pair_overlap_id_overlap"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["system.id"], name=op.f("fk_overlap_pair_first_id_system")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["system.id"], name=op.f("fk_overlap_pair_second_id_system")
        ),
        sa.ForeignKeyConstraint(
            ["first_agency_id"], ["agency.id"], name=op.f("fk_overlap_pair_first_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["second_agency_id"],
            ["agency.id"],
            name=op.f("fk_overlap_pair_second_agency_id_agency"),
        ),
        sa.PrimaryKeyConstraint("overlap_id", name=op.f("pk_overlap_pair")),
    )
    op.create_index(op.f("ix_overlap_pair_first_id"), "overlap_pair", ["first_id"])
    op.create_index(op.f("ix_overlap_pair_second_id"), "overlap_pair", ["second_id"])
    op.create_table(
        "overlap_grouping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("overlap_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("making", sa.String(40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("origin_ids", JSON, nullable=False),
        sa.Column("system_ids", JSON, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "making IN ('split', 'merge')", name=op.f("ck_overlap_grouping_group_making")
        ),
        sa.ForeignKeyConstraint(
            ["overlap_id"], ["overlap.id"], name=op.f("fk_overlap_grouping_overlap_id_overlap")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_overlap_grouping_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overlap_grouping")),
        sa.UniqueConstraint("overlap_id", name=op.f("uq_overlap_grouping_overlap_id")),
    )
    op.create_index(op.f("ix_overlap_grouping_agency_id"), "overlap_grouping", ["agency_id"])
    op.create_table(
        "overlap_origin",
        sa.Column("overlap_id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["overlap_id"],
            ["overlap.id"],
            name=op.f("fk_overlap_origin_overlap_id_overlap"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["origin_id"], ["overlap.id"], name=op.f("fk_overlap_origin_origin_id_overlap")
        ),
        sa.PrimaryKeyConstraint("overlap_id", "origin_id", name=op.f("pk_overlap_origin")),
    )
    op.create_index(op.f("ix_overlap_origin_origin_id"), "overlap_origin", ["origin_id"])


def downgrade() -> None:
    op.drop_table("overlap_origin")
    op.drop_table("overlap_grouping")
    op.drop_table("overlap_pair")
    op.drop_column("overlap_member", "maker")
    op.drop_column("supplier", "former_names")

"""Create the tables of agencies and their successions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("nation", sa.String(length=40), nullable=True),
        sa.Column("identifiers", JSON, nullable=False),
        sa.Column("governed_by_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from",
            name=op.f("ck_agency_valid_period"),
        ),
        sa.ForeignKeyConstraint(
            ["governed_by_id"], ["agency.id"], name=op.f("fk_agency_governed_by_id_agency")
        ),
        sa.CheckConstraint(
            "kind IN ('police', 'fire', 'ambulance', 'pcc', 'pfcc', 'mayor', 'shared_service', 'other')",
            name=op.f("ck_agency_agency_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_agency_code")),
    )
    op.create_index(op.f("ix_agency_governed_by_id"), "agency", ["governed_by_id"], unique=False)
    op.create_table(
        "agency_succession",
        sa.Column("predecessor_id", sa.Uuid(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["agency.id"],
            name=op.f("fk_agency_succession_predecessor_id_agency"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["agency.id"], name=op.f("fk_agency_succession_successor_id_agency")
        ),
        sa.PrimaryKeyConstraint(
            "predecessor_id", "successor_id", name=op.f("pk_agency_succession")
        ),
    )
    op.create_index(
        op.f("ix_agency_succession_successor_id"),
        "agency_succession",
        ["successor_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_agency_succession_successor_id"), table_name="agency_succession")
    op.drop_table("agency_succession")
    op.drop_index(op.f("ix_agency_governed_by_id"), table_name="agency")
    op.drop_table("agency")

"""Create the table of custom fields."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
KEY = sa.String(50).with_variant(sa.String(50, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("record", sa.String(length=40), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "record IN ('system')", name=op.f("ck_custom_field_custom_field_record")
        ),
        sa.CheckConstraint(
            "type IN ('text', 'integer', 'decimal', 'date', 'boolean', 'choice')",
            name=op.f("ck_custom_field_custom_field_type"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_custom_field_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sa.UniqueConstraint(
            "agency_id", "record", "key", name=op.f("uq_custom_field_agency_id_record_key")
        ),
    )
    op.create_index(
        "uq_custom_field_record_key_for_all",
        "custom_field",
        ["record", "key"],
        unique=True,
        sqlite_where=sa.text("agency_id IS NULL"),
        postgresql_where=sa.text("agency_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_custom_field_record_key_for_all", table_name="custom_field")
    op.drop_table("custom_field")

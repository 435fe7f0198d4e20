"""Create the table of import mappings, and add held-back rows and unknown words to imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
KEY = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("source", sa.String(length=50), nullable=True),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("skipped_columns", JSON, nullable=False),
        sa.Column("heading_row", sa.Integer(), nullable=True),
        sa.Column("sheet", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_import_mapping_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint(
            "agency_id", "name_key", name=op.f("uq_import_mapping_agency_id_name_key")
        ),
    )
    op.create_index(op.f("ix_import_mapping_agency_id"), "import_mapping", ["agency_id"])
    op.add_column("spreadsheet_import", sa.Column("held_back", sa.Integer(), nullable=True))
    op.add_column(
        "spreadsheet_import", sa.Column("unknown_word_count", sa.Integer(), nullable=True)
    )
    op.add_column("spreadsheet_import", sa.Column("unknown_words", JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("spreadsheet_import", "unknown_words")
    op.drop_column("spreadsheet_import", "unknown_word_count")
    op.drop_column("spreadsheet_import", "held_back")
    op.drop_index(op.f("ix_import_mapping_agency_id"), table_name="import_mapping")
    op.drop_table("import_mapping")

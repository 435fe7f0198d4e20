"""Create the table of spreadsheet imports.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "spreadsheet_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(100), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("source", sa.String(50), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("created", sa.Integer(), nullable=True),
        sa.Column("updated", sa.Integer(), nullable=True),
        sa.Column("unchanged", sa.Integer(), nullable=True),
        sa.Column("rejected", sa.Integer(), nullable=True),
        sa.Column("existing", sa.Integer(), nullable=True),
        sa.Column("not_seen", sa.Integer(), nullable=True),
        sa.Column("problem_count", sa.Integer(), nullable=True),
        sa.Column("notice_count", sa.Integer(), nullable=True),
        sa.Column("read_as", JSON, nullable=True),
        sa.Column("mapping", JSON, nullable=True),
        sa.Column("problems", JSON, nullable=True),
        sa.Column("notices", JSON, nullable=True),
        sa.Column("created_records", JSON, nullable=True),
        sa.Column("updated_records", JSON, nullable=True),
        sa.Column("not_seen_records", JSON, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spreadsheet_import"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name="fk_spreadsheet_import_agency_id_agency"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_spreadsheet_import_job_id_job"),
        sa.CheckConstraint(
            "mode IN ('atomic', 'partial')", name=op.f("ck_spreadsheet_import_bulk_mode")
        ),
    )
    op.create_index("ix_spreadsheet_import_agency_id", "spreadsheet_import", ["agency_id"])
    op.create_index("ix_spreadsheet_import_job_id", "spreadsheet_import", ["job_id"])


def downgrade() -> None:
    op.drop_table("spreadsheet_import")

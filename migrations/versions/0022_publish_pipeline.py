"""Create the table of pipeline entries, and allow imports of contracts."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pipeline_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("category", sa.String(40), nullable=True),
        sa.Column("cpv", sa.String(length=8), nullable=True),
        sa.Column("estimated_value", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("contract_start", sa.Date(), nullable=True),
        sa.Column("contract_end", sa.Date(), nullable=True),
        sa.Column("max_extent_date", sa.Date(), nullable=True),
        sa.Column("procurement_route", sa.String(40), nullable=True),
        sa.Column("regime", sa.String(40), nullable=True),
        sa.Column("planned_notice_date", sa.Date(), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=True),
        sa.Column("supplier", sa.String(length=200), nullable=True),
        sa.Column("supplier_shown", sa.Boolean(), nullable=False),
        sa.Column("ocid", sa.String(length=100), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("estimated_value >= 0", name=op.f("ck_pipeline_entry_estimated_value")),
        sa.CheckConstraint("contract_end >= contract_start", name=op.f("ck_pipeline_entry_period")),
        sa.CheckConstraint(
            "max_extent_date >= contract_end", name=op.f("ck_pipeline_entry_max_extent_date")
        ),
        sa.CheckConstraint(
            "kind IN ('contract_ending', 'planned_procurement')",
            name=op.f("ck_pipeline_entry_pipeline_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'withdrawn')",
            name=op.f("ck_pipeline_entry_pipeline_status"),
        ),
        sa.CheckConstraint(
            "category IN ('goods', 'works', 'services')",
            name=op.f("ck_pipeline_entry_procurement_category"),
        ),
        sa.CheckConstraint(
            "procurement_route IN ('framework_call_off', 'framework_direct_award', 'open', 'competitive_flexible', 'direct_award', 'below_threshold', 'collaborative_lead_force')",
            name=op.f("ck_pipeline_entry_procurement_route"),
        ),
        sa.CheckConstraint(
            "regime IN ('pcr_2015', 'procurement_act_2023')",
            name=op.f("ck_pipeline_entry_procurement_regime"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_pipeline_entry_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pipeline_entry_public_id")),
    )
    op.create_index(
        op.f("ix_pipeline_entry_agency_id"), "pipeline_entry", ["agency_id"], unique=False
    )
    op.create_index(
        op.f("ix_pipeline_entry_contract_id"), "pipeline_entry", ["contract_id"], unique=False
    )
    # Written out, because SQLite can add only the constraint of a column.
    op.execute(
        "ALTER TABLE spreadsheet_import ADD COLUMN kind VARCHAR(40) DEFAULT 'systems' NOT NULL "
        "CONSTRAINT ck_spreadsheet_import_import_kind CHECK (kind IN ('systems', 'contracts'))"
    )


def downgrade() -> None:
    op.drop_column("spreadsheet_import", "kind")
    op.drop_index(op.f("ix_pipeline_entry_contract_id"), table_name="pipeline_entry")
    op.drop_index(op.f("ix_pipeline_entry_agency_id"), table_name="pipeline_entry")
    op.drop_table("pipeline_entry")

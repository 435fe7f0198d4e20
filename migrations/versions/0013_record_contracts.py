"""Create the tables of contracts and of the costs of systems."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("reference_key", KEY, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("annual_value", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("total_value", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("exit_cost", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("max_extent_date", sa.Date(), nullable=True),
        sa.Column("notice_period_days", sa.Integer(), nullable=True),
        sa.Column("last_notice_date", sa.Date(), nullable=True),
        sa.Column("procurement_route", sa.String(40), nullable=True),
        sa.Column("regime", sa.String(40), nullable=True),
        sa.Column("ocid", sa.String(length=100), nullable=True),
        sa.Column("disclosure", sa.String(40), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("summary_search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("annual_value >= 0", name=op.f("ck_contract_annual_value")),
        sa.CheckConstraint("total_value >= 0", name=op.f("ck_contract_total_value")),
        sa.CheckConstraint("exit_cost >= 0", name=op.f("ck_contract_exit_cost")),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_contract_period")),
        sa.CheckConstraint("max_extent_date >= end_date", name=op.f("ck_contract_max_extent_date")),
        sa.CheckConstraint(
            "notice_period_days BETWEEN 0 AND 1095", name=op.f("ck_contract_notice_period_days")
        ),
        sa.CheckConstraint(
            "procurement_route IN ('framework_call_off', 'framework_direct_award', 'open', 'competitive_flexible', 'direct_award', 'below_threshold', 'collaborative_lead_force')",
            name=op.f("ck_contract_procurement_route"),
        ),
        sa.CheckConstraint(
            "regime IN ('pcr_2015', 'procurement_act_2023')",
            name=op.f("ck_contract_procurement_regime"),
        ),
        sa.CheckConstraint(
            "disclosure IN ('owner_only', 'agreement', 'all_agencies')",
            name=op.f("ck_contract_disclosure"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_contract_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_contract_supplier_id_supplier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint(
            "agency_id", "reference_key", name=op.f("uq_contract_agency_id_reference_key")
        ),
    )
    op.create_index(op.f("ix_contract_supplier_id"), "contract", ["supplier_id"], unique=False)
    op.create_table(
        "contract_party",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_contract_party_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_party_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contract_id", "agency_id", name=op.f("pk_contract_party")),
    )
    op.create_index(
        op.f("ix_contract_party_agency_id"), "contract_party", ["agency_id"], unique=False
    )
    op.create_table(
        "contract_system",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_system_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_contract_system_system_id_system")
        ),
        sa.PrimaryKeyConstraint("contract_id", "system_id", name=op.f("pk_contract_system")),
    )
    op.create_index(
        op.f("ix_contract_system_system_id"), "contract_system", ["system_id"], unique=False
    )
    op.create_table(
        "cost_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("financial_year", sa.String(length=7), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("description_key", KEY, nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_cost_line_amount")),
        sa.CheckConstraint("currency = 'GBP'", name=op.f("ck_cost_line_currency")),
        sa.CheckConstraint(
            "category IN ('one_off_capital', 'one_off_revenue', 'recurring_revenue', 'exit_cost', 'decommissioning', 'dual_running')",
            name=op.f("ck_cost_line_cost_category"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_cost_line_system_id_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_line")),
        sa.UniqueConstraint(
            "system_id",
            "financial_year",
            "category",
            "description_key",
            name=op.f("uq_cost_line_system_id_financial_year_category_description_key"),
        ),
    )


def downgrade() -> None:
    op.drop_table("cost_line")
    op.drop_index(op.f("ix_contract_system_system_id"), table_name="contract_system")
    op.drop_table("contract_system")
    op.drop_index(op.f("ix_contract_party_agency_id"), table_name="contract_party")
    op.drop_table("contract_party")
    op.drop_index(op.f("ix_contract_supplier_id"), table_name="contract")
    op.drop_table("contract")

"""Create the tables of baselines and savings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
KEY = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "baseline",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("financial_years", JSON, nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'approved', 'superseded')",
            name=op.f("ck_baseline_baseline_status"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_baseline_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["baseline.id"], name=op.f("fk_baseline_supersedes_id_baseline")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
    )
    op.create_index(op.f("ix_baseline_programme_id"), "baseline", ["programme_id"], unique=False)
    op.create_index(
        "uq_baseline_approved",
        "baseline",
        ["programme_id"],
        unique=True,
        sqlite_where=sa.text("status = 'approved'"),
        postgresql_where=sa.text("status = 'approved'"),
    )
    op.create_table(
        "baseline_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("baseline_id", sa.Uuid(), nullable=False),
        sa.Column("cost_line_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("financial_year", sa.String(length=7), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("description_key", KEY, nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_baseline_line_amount")),
        sa.CheckConstraint(
            "category IN ('one_off_capital', 'one_off_revenue', 'recurring_revenue', 'exit_cost', 'decommissioning', 'dual_running')",
            name=op.f("ck_baseline_line_cost_category"),
        ),
        sa.ForeignKeyConstraint(
            ["baseline_id"],
            ["baseline.id"],
            name=op.f("fk_baseline_line_baseline_id_baseline"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_baseline_line_system_id_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline_line")),
        sa.UniqueConstraint(
            "baseline_id", "cost_line_id", name=op.f("uq_baseline_line_baseline_id_cost_line_id")
        ),
    )
    op.create_index(
        op.f("ix_baseline_line_cost_line_id"), "baseline_line", ["cost_line_id"], unique=False
    )
    op.create_index(
        op.f("ix_baseline_line_system_id"), "baseline_line", ["system_id"], unique=False
    )
    op.create_table(
        "saving",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("baseline_line_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("cost_to_achieve", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("claimants", JSON, nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("cost_to_achieve >= 0", name=op.f("ck_saving_cost_to_achieve")),
        sa.CheckConstraint(
            "kind IN ('cash_releasing', 'non_cash_releasing', 'non_efficiency_saving')",
            name=op.f("ck_saving_saving_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('identified', 'validated', 'in_delivery', 'realised', 'missed', 'withdrawn')",
            name=op.f("ck_saving_saving_status"),
        ),
        sa.ForeignKeyConstraint(
            ["baseline_line_id"],
            ["baseline_line.id"],
            name=op.f("fk_saving_baseline_line_id_baseline_line"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_saving_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saving")),
    )
    op.create_index(
        op.f("ix_saving_baseline_line_id"), "saving", ["baseline_line_id"], unique=False
    )
    op.create_index(op.f("ix_saving_programme_id"), "saving", ["programme_id"], unique=False)
    op.create_table(
        "saving_year",
        sa.Column("saving_id", sa.Uuid(), nullable=False),
        sa.Column("financial_year", sa.String(length=7), nullable=False),
        sa.Column("cost_line_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("description_key", KEY, nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_saving_year_amount")),
        sa.CheckConstraint(
            "category IN ('one_off_capital', 'one_off_revenue', 'recurring_revenue', 'exit_cost', 'decommissioning', 'dual_running')",
            name=op.f("ck_saving_year_cost_category"),
        ),
        sa.ForeignKeyConstraint(
            ["saving_id"],
            ["saving.id"],
            name=op.f("fk_saving_year_saving_id_saving"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_saving_year_system_id_system")
        ),
        sa.PrimaryKeyConstraint("saving_id", "financial_year", name=op.f("pk_saving_year")),
    )
    op.create_index(
        "uq_saving_year_cost",
        "saving_year",
        ["system_id", "category", "description_key", "financial_year"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.create_index(
        "uq_saving_year_cost_line",
        "saving_year",
        ["cost_line_id", "financial_year"],
        unique=True,
        sqlite_where=sa.text("is_live"),
        postgresql_where=sa.text("is_live"),
    )
    op.create_table(
        "saving_share",
        sa.Column("saving_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.CheckConstraint("percent > 0 AND percent <= 100", name=op.f("ck_saving_share_percent")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_saving_share_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["saving_id"],
            ["saving.id"],
            name=op.f("fk_saving_share_saving_id_saving"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("saving_id", "agency_id", name=op.f("pk_saving_share")),
    )
    op.create_index(op.f("ix_saving_share_agency_id"), "saving_share", ["agency_id"], unique=False)
    op.create_table(
        "saving_part",
        sa.Column("saving_id", sa.Uuid(), nullable=False),
        sa.Column("financial_year", sa.String(length=7), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_saving_part_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["saving_id"],
            ["saving.id"],
            name=op.f("fk_saving_part_saving_id_saving"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "saving_id", "financial_year", "agency_id", name=op.f("pk_saving_part")
        ),
    )
    op.create_index(op.f("ix_saving_part_agency_id"), "saving_part", ["agency_id"], unique=False)
    op.create_table(
        "saving_validation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("saving_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('validated', 'returned')",
            name=op.f("ck_saving_validation_validation_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_saving_validation_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["saving_id"],
            ["saving.id"],
            name=op.f("fk_saving_validation_saving_id_saving"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saving_validation")),
    )
    op.create_index(
        op.f("ix_saving_validation_saving_id"), "saving_validation", ["saving_id"], unique=False
    )
    op.create_table(
        "saving_realisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("saving_id", sa.Uuid(), nullable=False),
        sa.Column("financial_year", sa.String(length=7), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("went_to", sa.String(40), nullable=False),
        sa.Column("reinvested_in", sa.Text(), nullable=True),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "went_to <> 'reinvested' OR reinvested_in IS NOT NULL",
            name=op.f("ck_saving_realisation_reinvested_in"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_saving_realisation_amount")),
        sa.CheckConstraint(
            "went_to IN ('returned', 'reinvested')", name=op.f("ck_saving_realisation_went_to")
        ),
        sa.ForeignKeyConstraint(
            ["saving_id"],
            ["saving.id"],
            name=op.f("fk_saving_realisation_saving_id_saving"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saving_realisation")),
    )
    op.create_index(
        op.f("ix_saving_realisation_saving_id"), "saving_realisation", ["saving_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("saving_realisation")
    op.drop_table("saving_validation")
    op.drop_table("saving_part")
    op.drop_table("saving_share")
    op.drop_table("saving_year")
    op.drop_table("saving")
    op.drop_table("baseline_line")
    op.drop_table("baseline")

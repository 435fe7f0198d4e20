"""Create the tables of highlight reports, their readers and their documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "highlight_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("asked_for", sa.String(40), nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("achievability", sa.Text(), nullable=True),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("costs", sa.Text(), nullable=True),
        sa.Column("resources_and_vacancies", sa.Text(), nullable=True),
        sa.Column("risks_and_issues", sa.Text(), nullable=True),
        sa.Column("tolerances_and_changes", sa.Text(), nullable=True),
        sa.Column("this_period", sa.Text(), nullable=True),
        sa.Column("next_period", sa.Text(), nullable=True),
        sa.Column("lessons", sa.Text(), nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("needed_scopes", JSON, nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("json_sha256", sa.String(length=64), nullable=True),
        sa.Column("html_sha256", sa.String(length=64), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("period_end >= period_start", name=op.f("ck_highlight_report_period")),
        sa.CheckConstraint(
            "(status = 'approved') = (approved_at IS NOT NULL)",
            name=op.f("ck_highlight_report_approved_at"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'approved')", name=op.f("ck_highlight_report_report_status")
        ),
        sa.CheckConstraint(
            "asked_for IN ('information', 'decision', 'direction')",
            name=op.f("ck_highlight_report_asked_for"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_highlight_report_programme_id_programme"),
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["highlight_report.id"],
            name=op.f("fk_highlight_report_previous_id_highlight_report"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_highlight_report")),
    )
    op.create_index(
        op.f("ix_highlight_report_programme_id"), "highlight_report", ["programme_id"], unique=False
    )
    op.create_table(
        "highlight_reader",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["highlight_report.id"],
            name=op.f("fk_highlight_reader_report_id_highlight_report"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_highlight_reader_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("report_id", "agency_id", name=op.f("pk_highlight_reader")),
    )
    op.create_index(
        op.f("ix_highlight_reader_agency_id"), "highlight_reader", ["agency_id"], unique=False
    )
    op.create_table(
        "highlight_document",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "form IN ('json', 'html', 'pdf')", name=op.f("ck_highlight_document_document_form")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["highlight_report.id"],
            name=op.f("fk_highlight_document_report_id_highlight_report"),
        ),
        sa.PrimaryKeyConstraint("report_id", "form", name=op.f("pk_highlight_document")),
    )


def downgrade() -> None:
    op.drop_table("highlight_document")
    op.drop_table("highlight_reader")
    op.drop_table("highlight_report")

"""Create the tables of overlaps, their reviews, decisions and sign-offs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
KEY = sa.String(500).with_variant(sa.String(500, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "overlap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("capability_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("first_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('same_instance', 'same_product', 'same_function', 'renamed_supplier')",
            name=op.f("ck_overlap_overlap_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["capability.id"], name=op.f("fk_overlap_capability_id_capability")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_overlap_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overlap")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_overlap_kind_key")),
    )
    op.create_index(op.f("ix_overlap_capability_id"), "overlap", ["capability_id"], unique=False)
    op.create_index(op.f("ix_overlap_product_id"), "overlap", ["product_id"], unique=False)
    op.create_table(
        "overlap_member",
        sa.Column("overlap_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_overlap_member_score")),
        sa.ForeignKeyConstraint(
            ["overlap_id"],
            ["overlap.id"],
            name=op.f("fk_overlap_member_overlap_id_overlap"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["system_id"],
            ["system.id"],
            name=op.f("fk_overlap_member_system_id_system"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("overlap_id", "system_id", name=op.f("pk_overlap_member")),
    )
    op.create_index(
        op.f("ix_overlap_member_system_id"), "overlap_member", ["system_id"], unique=False
    )
    op.create_table(
        "overlap_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("overlap_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('confirmed', 'rejected')",
            name=op.f("ck_overlap_review_overlap_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_overlap_review_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["overlap_id"], ["overlap.id"], name=op.f("fk_overlap_review_overlap_id_overlap")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overlap_review")),
    )
    op.create_index(
        op.f("ix_overlap_review_overlap_id"), "overlap_review", ["overlap_id"], unique=False
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("overlap_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'proposed', 'agreed', 'refused', 'withdrawn', 'superseded')",
            name=op.f("ck_decision_decision_status"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_decision_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["overlap_id"], ["overlap.id"], name=op.f("fk_decision_overlap_id_overlap")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_agency_id"), "decision", ["agency_id"], unique=False)
    op.create_index(op.f("ix_decision_overlap_id"), "decision", ["overlap_id"], unique=False)
    op.create_table(
        "decision_member",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("disposition", sa.String(40), nullable=False),
        sa.Column("strategy", sa.String(40), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "disposition IN ('tolerate', 'invest', 'migrate', 'eliminate')",
            name=op.f("ck_decision_member_disposition"),
        ),
        sa.CheckConstraint("successor_id <> system_id", name=op.f("ck_decision_member_successor")),
        sa.CheckConstraint(
            "strategy IN ('retain', 'retire', 'rehost', 'relocate', 'repurchase', 'replatform', 'refactor')",
            name=op.f("ck_decision_member_migration_strategy"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
            name=op.f("fk_decision_member_decision_id_decision"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["system.id"], name=op.f("fk_decision_member_successor_id_system")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_decision_member_system_id_system")
        ),
        sa.PrimaryKeyConstraint("decision_id", "system_id", name=op.f("pk_decision_member")),
    )
    op.create_index(
        op.f("ix_decision_member_system_id"), "decision_member", ["system_id"], unique=False
    )
    op.create_index(
        op.f("uq_decision_member_system_id"),
        "decision_member",
        ["system_id"],
        unique=True,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('agreed', 'refused')", name=op.f("ck_sign_off_sign_off_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_sign_off_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
            name=op.f("fk_sign_off_decision_id_decision"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint(
            "decision_id", "agency_id", name=op.f("uq_sign_off_decision_id_agency_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("sign_off")
    op.drop_index(op.f("uq_decision_member_system_id"), table_name="decision_member")
    op.drop_index(op.f("ix_decision_member_system_id"), table_name="decision_member")
    op.drop_table("decision_member")
    op.drop_index(op.f("ix_decision_overlap_id"), table_name="decision")
    op.drop_index(op.f("ix_decision_agency_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_overlap_review_overlap_id"), table_name="overlap_review")
    op.drop_table("overlap_review")
    op.drop_index(op.f("ix_overlap_member_system_id"), table_name="overlap_member")
    op.drop_table("overlap_member")
    op.drop_index(op.f("ix_overlap_product_id"), table_name="overlap")
    op.drop_index(op.f("ix_overlap_capability_id"), table_name="overlap")
    op.drop_table("overlap")

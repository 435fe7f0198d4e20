"""Create the tables of agreements and access grants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
PROFILES = "field_profile IN ('summary', 'standard', 'full')"


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("instrument", sa.String(40), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("decision_notice_url", sa.String(length=500), nullable=True),
        sa.Column("field_profile", sa.String(40), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("terminated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "instrument IN ('police_act_1996_s22a', 'policing_and_crime_act_2017_s1', 'other')",
            name=op.f("ck_agreement_agreement_instrument"),
        ),
        sa.CheckConstraint(PROFILES, name=op.f("ck_agreement_field_profile")),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_agreement_period")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_agreement_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_agency_id"), "agreement", ["agency_id"], unique=False)
    op.create_table(
        "agreement_party",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        *_of_agreement("agreement_party"),
    )
    op.create_index(
        op.f("ix_agreement_party_agency_id"), "agreement_party", ["agency_id"], unique=False
    )
    op.create_table(
        "agreement_acceptance",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        *_of_agreement("agreement_acceptance"),
    )
    op.create_table(
        "agreement_withdrawal",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        *_of_agreement("agreement_withdrawal"),
    )
    op.create_table(
        "access_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("grantee_id", sa.Uuid(), nullable=False),
        sa.Column("resource_types", JSON, nullable=False),
        sa.Column("field_profile", sa.String(40), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(PROFILES, name=op.f("ck_access_grant_field_profile")),
        sa.CheckConstraint("grantee_id <> agency_id", name=op.f("ck_access_grant_grantee")),
        sa.CheckConstraint(
            "revoked_at IS NULL AND revoked_reason IS NULL"
            " OR revoked_at IS NOT NULL AND revoked_reason IS NOT NULL",
            name=op.f("ck_access_grant_revocation"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_access_grant_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["grantee_id"], ["agency.id"], name=op.f("fk_access_grant_grantee_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
    )
    op.create_index(op.f("ix_access_grant_agency_id"), "access_grant", ["agency_id"], unique=False)
    op.create_index(
        op.f("ix_access_grant_grantee_id"), "access_grant", ["grantee_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_access_grant_grantee_id"), table_name="access_grant")
    op.drop_index(op.f("ix_access_grant_agency_id"), table_name="access_grant")
    op.drop_table("access_grant")
    op.drop_table("agreement_withdrawal")
    op.drop_table("agreement_acceptance")
    op.drop_index(op.f("ix_agreement_party_agency_id"), table_name="agreement_party")
    op.drop_table("agreement_party")
    op.drop_index(op.f("ix_agreement_agency_id"), table_name="agreement")
    op.drop_table("agreement")


def _of_agreement(table: str) -> list[sa.schema.SchemaItem]:
    """Return the key columns of a table with a row for each agreement and agency."""
    return [
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f(f"fk_{table}_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f(f"fk_{table}_agreement_id_agreement"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("agreement_id", "agency_id", name=op.f(f"pk_{table}")),
    ]

"""Create the table of identity providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
KEY = sa.String(30).with_variant(sa.String(30, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "identity_provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("jwks_url", sa.String(length=500), nullable=True),
        sa.Column("audiences", JSON, nullable=False),
        sa.Column("algorithms", JSON, nullable=False),
        sa.Column("token_types", JSON, nullable=False),
        sa.Column("agencies", JSON, nullable=False),
        sa.Column("agency_claims", JSON, nullable=False),
        sa.Column("agency_values", JSON, nullable=False),
        sa.Column("scope_claims", JSON, nullable=False),
        sa.Column("role_claims", JSON, nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("person_claims", JSON, nullable=False),
        sa.Column("client_claims", JSON, nullable=False),
        sa.Column("max_lifetime_seconds", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("blocked_subjects", JSON, nullable=False),
        sa.Column("blocked_clients", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_provider")),
        sa.UniqueConstraint("issuer", name=op.f("uq_identity_provider_issuer")),
        sa.UniqueConstraint("key", name=op.f("uq_identity_provider_key")),
    )


def downgrade() -> None:
    op.drop_table("identity_provider")

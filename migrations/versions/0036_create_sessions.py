"""Create the table of sessions, and let identity providers sign people in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "web_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("provider_key", sa.String(length=30), nullable=True),
        sa.Column("issuer_subject", sa.String(length=255), nullable=True),
        sa.Column("issuer_session", sa.String(length=255), nullable=True),
        sa.Column("provider_token", JSON, nullable=True),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_web_session_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_web_session")),
        sa.UniqueConstraint("id", name=op.f("uq_web_session_id")),
    )
    op.create_index(op.f("ix_web_session_agency_id"), "web_session", ["agency_id"])
    op.create_index(op.f("ix_web_session_begun_at"), "web_session", ["begun_at"])
    op.create_index(
        "ix_web_session_provider_key_issuer_subject",
        "web_session",
        ["provider_key", "issuer_subject"],
    )
    op.create_index(
        "ix_web_session_provider_key_issuer_session",
        "web_session",
        ["provider_key", "issuer_session"],
    )
    op.add_column(
        "identity_provider",
        sa.Column("sign_in_client_id", sa.String(length=200), nullable=True),
    )
    op.add_column(
        "identity_provider",
        sa.Column("email_domains", JSON, server_default="[]", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("identity_provider", "email_domains")
    op.drop_column("identity_provider", "sign_in_client_id")
    op.drop_table("web_session")

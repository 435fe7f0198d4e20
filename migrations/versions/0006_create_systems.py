"""Create the tables of systems, their capabilities and their external ids."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
KEY = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "system",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("aliases", JSON, nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("product_name", sa.String(length=200), nullable=True),
        sa.Column("supplier_name", sa.String(length=200), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("product_version", sa.String(length=100), nullable=True),
        sa.Column("lifecycle", sa.String(40), nullable=False),
        sa.Column("live_from", sa.Date(), nullable=True),
        sa.Column("end_of_support", sa.Date(), nullable=True),
        sa.Column("hosting", sa.String(40), nullable=True),
        sa.Column("criticality", sa.String(40), nullable=True),
        sa.Column("functional_fit", sa.Integer(), nullable=True),
        sa.Column("technical_fit", sa.Integer(), nullable=True),
        sa.Column("disposition", sa.String(40), nullable=True),
        sa.Column("user_count", sa.Integer(), nullable=True),
        sa.Column("rto_hours", sa.Integer(), nullable=True),
        sa.Column("rpo_hours", sa.Integer(), nullable=True),
        sa.Column("classification", sa.String(40), nullable=True),
        sa.Column("personal_data", sa.String(40), nullable=True),
        sa.Column("dpia_status", sa.String(40), nullable=True),
        sa.Column("retention_hold", sa.Boolean(), nullable=False),
        sa.Column("legacy_risk", sa.Integer(), nullable=True),
        sa.Column("business_owner", sa.String(length=200), nullable=True),
        sa.Column("technical_owner", sa.String(length=200), nullable=True),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("disclosure", sa.String(40), nullable=False),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("functional_fit BETWEEN 1 AND 4", name=op.f("ck_system_functional_fit")),
        sa.CheckConstraint("legacy_risk BETWEEN 0 AND 30", name=op.f("ck_system_legacy_risk")),
        sa.CheckConstraint("technical_fit BETWEEN 1 AND 4", name=op.f("ck_system_technical_fit")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_system_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_system_product_id_product")
        ),
        sa.CheckConstraint(
            "lifecycle IN ('planned', 'in_procurement', 'implementing', 'live', 'sunsetting', 'read_only_archive', 'decommissioned', 'cancelled')",
            name=op.f("ck_system_lifecycle"),
        ),
        sa.CheckConstraint(
            "hosting IN ('on_premise', 'private_cloud', 'public_cloud_iaas', 'paas', 'saas', 'managed_service', 'shared_service', 'national_system', 'hybrid')",
            name=op.f("ck_system_hosting"),
        ),
        sa.CheckConstraint(
            "criticality IN ('mission_critical', 'business_critical', 'business_operational', 'administrative')",
            name=op.f("ck_system_criticality"),
        ),
        sa.CheckConstraint(
            "disposition IN ('tolerate', 'invest', 'migrate', 'eliminate')",
            name=op.f("ck_system_disposition"),
        ),
        sa.CheckConstraint(
            "classification IN ('official', 'official_sensitive', 'secret', 'top_secret')",
            name=op.f("ck_system_classification"),
        ),
        sa.CheckConstraint(
            "personal_data IN ('none', 'personal', 'special_category', 'criminal_offence')",
            name=op.f("ck_system_personal_data"),
        ),
        sa.CheckConstraint(
            "dpia_status IN ('none', 'screening', 'draft', 'approved', 'review_due')",
            name=op.f("ck_system_dpia_status"),
        ),
        sa.CheckConstraint(
            "disclosure IN ('owner_only', 'agreement', 'all_agencies')",
            name=op.f("ck_system_disclosure"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system")),
        sa.UniqueConstraint("agency_id", "name_key", name=op.f("uq_system_agency_id_name_key")),
    )
    op.create_index("ix_system_name_key_id", "system", ["name_key", "id"], unique=False)
    op.create_index(op.f("ix_system_product_id"), "system", ["product_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        # A trusted extension, which the owner of the database can create.
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.create_index(
            "ix_system_search_text",
            "system",
            ["search_text"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        )
    op.create_index("ix_system_updated_at_id", "system", ["updated_at", "id"], unique=False)
    op.create_table(
        "system_capability",
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("capability_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capability_id"],
            ["capability.id"],
            name=op.f("fk_system_capability_capability_id_capability"),
        ),
        sa.ForeignKeyConstraint(
            ["system_id"],
            ["system.id"],
            name=op.f("fk_system_capability_system_id_system"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("system_id", "capability_id", name=op.f("pk_system_capability")),
    )
    op.create_index(
        op.f("ix_system_capability_capability_id"),
        "system_capability",
        ["capability_id"],
        unique=False,
    )
    op.create_table(
        "system_external_id",
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=50), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_system_external_id_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"],
            ["system.id"],
            name=op.f("fk_system_external_id_system_id_system"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("system_id", "source", name=op.f("pk_system_external_id")),
        sa.UniqueConstraint(
            "agency_id",
            "source",
            "external_id",
            name=op.f("uq_system_external_id_agency_id_source_external_id"),
        ),
    )


def downgrade() -> None:
    op.drop_table("system_external_id")
    op.drop_index(op.f("ix_system_capability_capability_id"), table_name="system_capability")
    op.drop_table("system_capability")
    op.drop_index("ix_system_updated_at_id", table_name="system")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_system_search_text", table_name="system")
    op.drop_index(op.f("ix_system_product_id"), table_name="system")
    op.drop_index("ix_system_name_key_id", table_name="system")
    op.drop_table("system")

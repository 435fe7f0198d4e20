"""Create the tables of uses, interfaces and attestations of systems."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    # A CHECK of one column, which SQLite adds and drops together with the column. Other changes
    # need a rebuilt table, which the references to systems prevent.
    op.execute(
        "ALTER TABLE system ADD COLUMN attestation_verdict VARCHAR(40) "
        "CONSTRAINT ck_system_attestation_verdict CHECK "
        "(attestation_verdict IN ('confirmed', 'not_ours', 'no_longer_used'))"
    )
    op.create_table(
        "system_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("using_agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_count", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_system_use_period")),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_system_use_system_id_system")
        ),
        sa.ForeignKeyConstraint(
            ["using_agency_id"], ["agency.id"], name=op.f("fk_system_use_using_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_use")),
    )
    op.create_index(op.f("ix_system_use_system_id"), "system_use", ["system_id"], unique=False)
    op.create_index(
        "uq_system_use_open",
        "system_use",
        ["system_id", "using_agency_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "interface",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("from_system_id", sa.Uuid(), nullable=False),
        sa.Column("to_system_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.String(40), nullable=False),
        sa.Column("standard", sa.String(40), nullable=False),
        sa.Column("data_categories", JSON, nullable=False),
        sa.Column("criticality", sa.String(40), nullable=True),
        sa.Column("fallback", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("from_system_id <> to_system_id", name=op.f("ck_interface_ends")),
        sa.CheckConstraint(
            "direction IN ('from_to', 'both')", name=op.f("ck_interface_interface_direction")
        ),
        sa.CheckConstraint(
            "standard IN ('mait', 'deit', 'pnd', 'pnc', 'airwave_sds', 'esn_iccs', 'pole', 'rest', 'soap', 'message_queue', 'database_link', 'etl', 'sftp', 'email', 'manual_rekey', 'other')",
            name=op.f("ck_interface_interface_standard"),
        ),
        sa.CheckConstraint(
            "criticality IN ('mission_critical', 'business_critical', 'business_operational', 'administrative')",
            name=op.f("ck_interface_criticality"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_interface_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["from_system_id"], ["system.id"], name=op.f("fk_interface_from_system_id_system")
        ),
        sa.ForeignKeyConstraint(
            ["to_system_id"], ["system.id"], name=op.f("fk_interface_to_system_id_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interface")),
        sa.UniqueConstraint(
            "agency_id",
            "from_system_id",
            "to_system_id",
            "standard",
            name=op.f("uq_interface_agency_id_from_system_id_to_system_id_standard"),
        ),
    )
    op.create_index(
        op.f("ix_interface_from_system_id"), "interface", ["from_system_id"], unique=False
    )
    op.create_index(op.f("ix_interface_to_system_id"), "interface", ["to_system_id"], unique=False)
    op.create_table(
        "attestation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('confirmed', 'not_ours', 'no_longer_used')",
            name=op.f("ck_attestation_attestation_verdict"),
        ),
        sa.CheckConstraint(
            "verdict = 'confirmed' OR comment IS NOT NULL", name=op.f("ck_attestation_comment")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_attestation_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_attestation_system_id_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
    )
    op.create_index(op.f("ix_attestation_system_id"), "attestation", ["system_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_attestation_system_id"), table_name="attestation")
    op.drop_table("attestation")
    op.drop_index(op.f("ix_interface_to_system_id"), table_name="interface")
    op.drop_index(op.f("ix_interface_from_system_id"), table_name="interface")
    op.drop_table("interface")
    op.drop_index("uq_system_use_open", table_name="system_use")
    op.drop_index(op.f("ix_system_use_system_id"), table_name="system_use")
    op.drop_table("system_use")
    op.drop_column("system", "attestation_verdict")

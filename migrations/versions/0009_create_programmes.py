"""Create the tables of programmes, waves and migrations."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("target_agency_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('planned', 'active', 'on_hold', 'closed', 'cancelled')",
            name=op.f("ck_programme_programme_status"),
        ),
        sa.CheckConstraint(
            "end_date IS NULL OR end_date >= start_date", name=op.f("ck_programme_period")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_programme_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["target_agency_id"], ["agency.id"], name=op.f("fk_programme_target_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_index(op.f("ix_programme_agency_id"), "programme", ["agency_id"], unique=False)
    op.create_index(
        op.f("ix_programme_target_agency_id"), "programme", ["target_agency_id"], unique=False
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_wave_position")),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_wave_period")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_wave_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
        sa.UniqueConstraint("programme_id", "name_key", name=op.f("uq_wave_programme_id_name_key")),
    )
    op.create_table(
        "migration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("target_system_id", sa.Uuid(), nullable=True),
        sa.Column("wave_id", sa.Uuid(), nullable=True),
        sa.Column("strategy", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("cutover_style", sa.String(40), nullable=True),
        sa.Column("planned_date", sa.Date(), nullable=True),
        sa.Column("forecast_date", sa.Date(), nullable=True),
        sa.Column("actual_date", sa.Date(), nullable=True),
        sa.Column("next_update_due", sa.Date(), nullable=True),
        sa.Column("rag", sa.String(40), nullable=True),
        sa.Column("previous_rag", sa.String(40), nullable=True),
        sa.Column("rag_narrative", sa.Text(), nullable=True),
        sa.Column("path_to_green", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("rag IN ('green', 'amber', 'red')", name=op.f("ck_migration_rag")),
        sa.CheckConstraint(
            "strategy IN ('retain', 'retire', 'rehost', 'relocate', 'repurchase', 'replatform', 'refactor')",
            name=op.f("ck_migration_migration_strategy"),
        ),
        sa.CheckConstraint(
            "cutover_style IN ('phased', 'big_bang', 'parallel_run', 'pilot_then_roll_out')",
            name=op.f("ck_migration_cutover_style"),
        ),
        sa.CheckConstraint(
            "stage IN ('identified', 'assessed', 'planned', 'ready', 'in_progress', 'cutover', 'early_life_support', 'complete', 'rolled_back', 'on_hold', 'cancelled')",
            name=op.f("ck_migration_migration_stage"),
        ),
        sa.CheckConstraint(
            "previous_rag IN ('green', 'amber', 'red')",
            name=op.f("ck_migration_previous_rag"),
        ),
        sa.CheckConstraint(
            "rag IS NULL OR rag_narrative IS NOT NULL", name=op.f("ck_migration_rag_narrative")
        ),
        sa.CheckConstraint(
            "target_system_id <> system_id", name=op.f("ck_migration_target_system")
        ),
        sa.CheckConstraint(
            "rag IS NULL OR rag = 'green' OR path_to_green IS NOT NULL",
            name=op.f("ck_migration_path_to_green"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_migration_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["system.id"], name=op.f("fk_migration_system_id_system")
        ),
        sa.ForeignKeyConstraint(
            ["target_system_id"], ["system.id"], name=op.f("fk_migration_target_system_id_system")
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_migration_wave_id_wave")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
        sa.UniqueConstraint(
            "programme_id", "system_id", name=op.f("uq_migration_programme_id_system_id")
        ),
    )
    op.create_index(op.f("ix_migration_system_id"), "migration", ["system_id"], unique=False)
    op.create_index(
        op.f("ix_migration_target_system_id"), "migration", ["target_system_id"], unique=False
    )
    op.create_index(op.f("ix_migration_wave_id"), "migration", ["wave_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_migration_wave_id"), table_name="migration")
    op.drop_index(op.f("ix_migration_target_system_id"), table_name="migration")
    op.drop_index(op.f("ix_migration_system_id"), table_name="migration")
    op.drop_table("migration")
    op.drop_table("wave")
    op.drop_index(op.f("ix_programme_target_agency_id"), table_name="programme")
    op.drop_index(op.f("ix_programme_agency_id"), table_name="programme")
    op.drop_table("programme")

"""Add baselined dates, and create the tables of gates and of the stages of migrations.

The previous release writes none of the new columns, so required ones have defaults.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

RATING = (
    "rag VARCHAR(40) CONSTRAINT ck_{0}_rag CHECK (rag IN ('green', 'amber', 'red'))",
    (
        "previous_rag VARCHAR(40) CONSTRAINT ck_{0}_previous_rag "
        "CHECK (previous_rag IN ('green', 'amber', 'red'))"
    ),
    (
        "rag_narrative TEXT CONSTRAINT ck_{0}_rag_narrative "
        "CHECK (rag IS NULL OR rag_narrative IS NOT NULL)"
    ),
    (
        "path_to_green TEXT CONSTRAINT ck_{0}_path_to_green "
        "CHECK (rag IS NULL OR rag = 'green' OR path_to_green IS NOT NULL)"
    ),
)
RATED = ("programme", "wave")
RATING_COLUMNS = ("path_to_green", "rag_narrative", "previous_rag", "rag")
STAGES = (
    "'identified', 'assessed', 'planned', 'ready', 'in_progress', 'cutover', "
    "'early_life_support', 'complete', 'rolled_back', 'on_hold', 'cancelled'"
)
ITEMS = (
    "'dpia_approved', 'notices_planned', 'data_migrated', 'users_trained', 'fallback_tested', "
    "'go_no_go_signed', 'data_reconciled', 'interfaces_repointed', 'support_handed_over'"
)
GATES = "'ready', 'cutover', 'early_life_support', 'complete'"
ADDED = (
    (
        "kind VARCHAR(40) DEFAULT 'consolidation' NOT NULL CONSTRAINT ck_migration_migration_kind "
        "CHECK (kind IN ('consolidation', 'separation'))"
    ),
    "attempt INTEGER DEFAULT '1' NOT NULL CONSTRAINT ck_migration_attempt CHECK (attempt >= 1)",
    "stage_reason TEXT",
    "first_planned_date DATE",
    "rebaseline_reason TEXT",
    "change_for_users TEXT",
    "change_for_public TEXT",
    "public_statement TEXT",
)
ADDED_NAMES = tuple(each.split()[0] for each in ADDED)
BEFORE = (
    "id",
    "programme_id",
    "system_id",
    "target_system_id",
    "wave_id",
    "strategy",
    "stage",
    "cutover_style",
    "planned_date",
    "forecast_date",
    "actual_date",
    "next_update_due",
    "rag",
    "previous_rag",
    "rag_narrative",
    "path_to_green",
    "created_at",
    "updated_at",
    "revision",
)
ONE_EACH = "uq_migration_programme_id_system_id"
CONSOLIDATION, SEPARATION = "uq_migration_consolidation", "uq_migration_separation"


def upgrade() -> None:
    # Without a foreign key, because SQLite adds none that has a name. Agreements are never deleted.
    op.add_column("programme", sa.Column("agreement_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_programme_agreement_id"), "programme", ["agreement_id"], unique=False)
    op.add_column("wave", sa.Column("freeze_start", sa.Date(), nullable=True))
    op.execute(
        "ALTER TABLE wave ADD COLUMN freeze_end DATE "
        "CONSTRAINT ck_wave_freeze CHECK (freeze_end >= freeze_start)"
    )
    for table in RATED:
        for column in RATING:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(table)}")
    if _on_sqlite():
        # SQLite drops no constraint, so rebuild the table. Nothing refers to it yet.
        _rebuild(one_each=False)
    else:
        op.drop_constraint(ONE_EACH, "migration", type_="unique")
    for column in ADDED:
        op.execute(f"ALTER TABLE migration ADD COLUMN {column}")
    op.add_column(
        "migration", sa.Column("rebaselined_at", sa.DateTime(timezone=True), nullable=True)
    )
    # Without a foreign key, as above. Agencies are never deleted.
    op.add_column("migration", sa.Column("leaving_agency_id", sa.Uuid(), nullable=True))
    op.create_index(
        op.f("ix_migration_leaving_agency_id"), "migration", ["leaving_agency_id"], unique=False
    )
    together = sa.text("leaving_agency_id IS NULL")
    apart = sa.text("leaving_agency_id IS NOT NULL")
    op.create_index(
        CONSOLIDATION,
        "migration",
        ["programme_id", "system_id"],
        unique=True,
        sqlite_where=together,
        postgresql_where=together,
    )
    op.create_index(
        SEPARATION,
        "migration",
        ["programme_id", "system_id", "leaving_agency_id"],
        unique=True,
        sqlite_where=apart,
        postgresql_where=apart,
    )
    # The dates planned so far become the baseline.
    op.execute(
        "UPDATE migration SET first_planned_date = planned_date WHERE stage IN ('planned', "
        "'ready', 'in_progress', 'cutover', 'early_life_support', 'complete', 'rolled_back')"
    )
    _create_checks()
    _create_waivers()
    _create_stage_entries()


def _own(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table of records that belong to a migration."""
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("migration_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *columns,
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["migration.id"], name=op.f(f"fk_{table}_migration_id_migration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_migration_id"), table, ["migration_id"], unique=False)


def _create_checks() -> None:
    _own(
        "migration_check",
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence", sa.String(length=500), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(f"item IN ({ITEMS})", name=op.f("ck_migration_check_check_item")),
        sa.CheckConstraint(
            "state IN ('done', 'not_applicable')", name=op.f("ck_migration_check_check_state")
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL AND withdrawal_reason IS NULL"
            " OR withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL",
            name=op.f("ck_migration_check_withdrawal"),
        ),
    )
    standing = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "uq_migration_check_standing",
        "migration_check",
        ["migration_id", "attempt", "item"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def _create_waivers() -> None:
    _own(
        "migration_waiver",
        sa.Column("gate", sa.String(40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "migration_id",
            "attempt",
            "gate",
            name=op.f("uq_migration_waiver_migration_id_attempt_gate"),
        ),
        sa.CheckConstraint(f"gate IN ({GATES})", name=op.f("ck_migration_waiver_gate")),
    )


def _create_stage_entries() -> None:
    _own(
        "migration_stage_entry",
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("planned_date", sa.Date(), nullable=True),
        sa.Column("forecast_date", sa.Date(), nullable=True),
        sa.Column("actual_date", sa.Date(), nullable=True),
        sa.UniqueConstraint(
            "migration_id", "ordinal", name=op.f("uq_migration_stage_entry_migration_id_ordinal")
        ),
        sa.CheckConstraint(
            f"stage IN ({STAGES})", name=op.f("ck_migration_stage_entry_migration_stage")
        ),
    )


def downgrade() -> None:
    for table in ("migration_stage_entry", "migration_waiver", "migration_check"):
        op.drop_table(table)
    # The previous release allows one migration of a system in a programme, and no leaving agency.
    op.execute("DELETE FROM migration WHERE leaving_agency_id IS NOT NULL")
    op.drop_index(SEPARATION, table_name="migration")
    op.drop_index(CONSOLIDATION, table_name="migration")
    op.drop_index(op.f("ix_migration_leaving_agency_id"), table_name="migration")
    for name in ("leaving_agency_id", "rebaselined_at", *reversed(ADDED_NAMES)):
        op.drop_column("migration", name)
    if _on_sqlite():
        _rebuild(one_each=True)
    else:
        op.create_unique_constraint(ONE_EACH, "migration", ["programme_id", "system_id"])
    for table in RATED:
        for name in RATING_COLUMNS:
            op.drop_column(table, name)
    op.drop_column("wave", "freeze_end")
    op.drop_column("wave", "freeze_start")
    op.drop_index(op.f("ix_programme_agreement_id"), table_name="programme")
    op.drop_column("programme", "agreement_id")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _rebuild(*, one_each: bool) -> None:
    """Rebuild the table of migrations, with or without the limit of one for each system."""
    only = [sa.UniqueConstraint("programme_id", "system_id", name=op.f(ONE_EACH))]
    op.create_table(
        "migration_anew",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("system_id", sa.Uuid(), nullable=False),
        sa.Column("target_system_id", sa.Uuid(), nullable=True),
        sa.Column("wave_id", sa.Uuid(), nullable=True),
        sa.Column("strategy", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("cutover_style", sa.String(40), nullable=True),
        *(
            sa.Column(name, sa.Date(), nullable=True)
            for name in ("planned_date", "forecast_date", "actual_date", "next_update_due")
        ),
        sa.Column("rag", sa.String(40), nullable=True),
        sa.Column("previous_rag", sa.String(40), nullable=True),
        sa.Column("rag_narrative", sa.Text(), nullable=True),
        sa.Column("path_to_green", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("rag IN ('green', 'amber', 'red')", name=op.f("ck_migration_rag")),
        sa.CheckConstraint(
            "strategy IN ('retain', 'retire', 'rehost', 'relocate', 'repurchase', 'replatform', "
            "'refactor')",
            name=op.f("ck_migration_migration_strategy"),
        ),
        sa.CheckConstraint(
            "cutover_style IN ('phased', 'big_bang', 'parallel_run', 'pilot_then_roll_out')",
            name=op.f("ck_migration_cutover_style"),
        ),
        sa.CheckConstraint(f"stage IN ({STAGES})", name=op.f("ck_migration_migration_stage")),
        sa.CheckConstraint(
            "previous_rag IN ('green', 'amber', 'red')", name=op.f("ck_migration_previous_rag")
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
        *(only if one_each else []),
    )
    names = ", ".join(BEFORE)
    op.execute(f"INSERT INTO migration_anew ({names}) SELECT {names} FROM migration")  # noqa: S608
    op.drop_table("migration")
    op.rename_table("migration_anew", "migration")
    for name in ("system_id", "target_system_id", "wave_id"):
        op.create_index(op.f(f"ix_migration_{name}"), "migration", [name], unique=False)

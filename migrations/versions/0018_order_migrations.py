"""Create the table of dependencies between migrations, with their waivers."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE migration ADD COLUMN dependency_waived_by VARCHAR(200)")
    op.execute(
        "ALTER TABLE migration ADD COLUMN dependency_waived_reason TEXT "
        "CONSTRAINT ck_migration_dependency_waiver "
        "CHECK ((dependency_waived_by IS NULL) = (dependency_waived_reason IS NULL))"
    )
    op.create_table(
        "migration_dependency",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("migration_id", sa.Uuid(), nullable=False),
        sa.Column("depends_on_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waived_by", sa.String(length=200), nullable=True),
        sa.Column("waived_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "depends_on_id <> migration_id", name=op.f("ck_migration_dependency_depends_on")
        ),
        sa.CheckConstraint(
            "(waived_by IS NULL) = (waived_reason IS NULL)",
            name=op.f("ck_migration_dependency_waiver"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_migration_dependency_programme_id_programme"),
        ),
        sa.ForeignKeyConstraint(
            ["migration_id"],
            ["migration.id"],
            name=op.f("fk_migration_dependency_migration_id_migration"),
        ),
        sa.ForeignKeyConstraint(
            ["depends_on_id"],
            ["migration.id"],
            name=op.f("fk_migration_dependency_depends_on_id_migration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_dependency")),
        sa.UniqueConstraint(
            "migration_id",
            "depends_on_id",
            name=op.f("uq_migration_dependency_migration_id_depends_on_id"),
        ),
    )
    for name in ("programme_id", "depends_on_id"):
        op.create_index(
            op.f(f"ix_migration_dependency_{name}"), "migration_dependency", [name], unique=False
        )


def downgrade() -> None:
    op.drop_table("migration_dependency")
    op.drop_column("migration", "dependency_waived_reason")
    op.drop_column("migration", "dependency_waived_by")

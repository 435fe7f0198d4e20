"""Let imports and saved mappings be of more kinds of record."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLE = "spreadsheet_import"
CONSTRAINT = "ck_spreadsheet_import_import_kind"
FORMER = "'systems', 'contracts'"
KINDS = f"{FORMER}, 'costs', 'interfaces', 'uses', 'suppliers', 'products'"


def upgrade() -> None:
    allow(KINDS)
    op.execute(
        "ALTER TABLE import_mapping ADD COLUMN kind VARCHAR(40) DEFAULT 'systems' NOT NULL "
        f"CONSTRAINT ck_import_mapping_import_kind CHECK (kind IN ({KINDS}))"
    )


def downgrade() -> None:
    op.drop_column("import_mapping", "kind")
    op.execute("DELETE FROM spreadsheet_import WHERE kind NOT IN ('systems', 'contracts')")
    allow(FORMER)


def allow(kinds: str) -> None:
    """Let the column hold these kinds. SQLite changes a CHECK only with its column."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {CONSTRAINT}")
        op.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT {CONSTRAINT} CHECK (kind IN ({kinds}))")
        return
    op.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN new_kind VARCHAR(40) DEFAULT 'systems' NOT NULL "
        f"CONSTRAINT {CONSTRAINT} CHECK (new_kind IN ({kinds}))"
    )
    op.execute("UPDATE spreadsheet_import SET new_kind = kind")
    op.execute(f"ALTER TABLE {TABLE} DROP COLUMN kind")
    op.execute(f"ALTER TABLE {TABLE} RENAME COLUMN new_kind TO kind")

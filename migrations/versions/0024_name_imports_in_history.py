"""Add the import to change sets, and the reason to imports."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change_set", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.create_index("ix_change_set_import_id", "change_set", ["import_id"])
    op.add_column("spreadsheet_import", sa.Column("reason", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("spreadsheet_import", "reason")
    op.drop_index("ix_change_set_import_id", table_name="change_set")
    op.drop_column("change_set", "import_id")

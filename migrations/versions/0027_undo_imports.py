"""Add the reversal of imports, and the files of dry runs that can still be loaded."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLE = "spreadsheet_import"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("loadable_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(TABLE, sa.Column("outcome_digest", sa.String(length=64), nullable=True))
    op.add_column(TABLE, sa.Column("dry_run_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column(TABLE, "dry_run_id")
    op.drop_column(TABLE, "outcome_digest")
    op.drop_column(TABLE, "loadable_until")
    op.drop_column(TABLE, "undone_at")

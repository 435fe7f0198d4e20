"""Add the rejected rows of an import, so that people can correct and send them again."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spreadsheet_import", sa.Column("rejected_rows", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("spreadsheet_import", "rejected_rows")

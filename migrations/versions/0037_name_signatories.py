"""Name the person and the role of sign-offs and of acceptances of agreements."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = ("sign_off", "agreement_acceptance")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("person_id", sa.Uuid(), nullable=True))
        op.add_column(table, sa.Column("role", sa.String(length=200), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "role")
        op.drop_column(table, "person_id")

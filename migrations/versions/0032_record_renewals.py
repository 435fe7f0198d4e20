"""Record how contracts renew, notice periods in months, and notice that was given."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

CHECKED = {
    "renewal": ("VARCHAR(40)", "renewal IN ('none', 'option', 'automatic')"),
    "renewal_period_months": ("INTEGER", "renewal_period_months BETWEEN 1 AND 120"),
    "notice_period_months": ("INTEGER", "notice_period_months BETWEEN 0 AND 36"),
}
DAYS = ("notice_given_on", "ends_on")


def upgrade() -> None:
    # The recorded contracts have none of these values, so their stored last notice date stays right.
    for name, (kind, check) in CHECKED.items():
        op.execute(
            f"ALTER TABLE contract ADD COLUMN {name} {kind} "
            f"CONSTRAINT ck_contract_{name} CHECK ({check})"
        )
    for name in DAYS:
        op.add_column("contract", sa.Column(name, sa.Date(), nullable=True))


def downgrade() -> None:
    for name in (*CHECKED, *DAYS):
        op.drop_column("contract", name)

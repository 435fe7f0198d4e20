"""Create the tables of the access that agencies gain and lose, for the change feed."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_event",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resource", sa.String(length=40), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "number", "ordinal", name=op.f("pk_access_event")),
        sa.UniqueConstraint("id", name=op.f("uq_access_event_id")),
    )
    op.create_index(
        "ix_access_event_agency_id_resource_id", "access_event", ["agency_id", "resource_id"]
    )
    op.create_table(
        "event_sight",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("is_end", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_before", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "number", "ordinal", name=op.f("pk_event_sight")),
    )
    op.create_index(
        "ix_event_sight_agency_id_resource_id", "event_sight", ["agency_id", "resource_id"]
    )
    op.create_table(
        "feed_reader",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_feed_reader_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_feed_reader")),
    )
    settlement = op.create_table(
        "sharing_settlement",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_settlement")),
    )
    op.bulk_insert(settlement, [{"id": 1, "until": datetime.now(UTC)}])


def downgrade() -> None:
    op.drop_table("sharing_settlement")
    op.drop_table("feed_reader")
    op.drop_table("event_sight")
    op.drop_table("access_event")

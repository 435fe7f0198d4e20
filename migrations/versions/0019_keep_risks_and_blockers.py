"""Create the tables of milestones, risks, blockers and required decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("milestone", "risk", "blocker", "required_decision")


def upgrade() -> None:
    op.create_table(
        "milestone",
        *_concerning("milestone"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("planned_date", sa.Date(), nullable=False),
        sa.Column("forecast_date", sa.Date(), nullable=True),
        sa.Column("actual_date", sa.Date(), nullable=True),
        *_rating("milestone"),
    )
    op.create_index(op.f("ix_milestone_programme_id"), "milestone", ["programme_id"], unique=False)
    op.create_index(op.f("ix_milestone_migration_id"), "milestone", ["migration_id"], unique=False)
    op.create_table(
        "risk",
        *_concerning("risk"),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("previous_score", sa.Integer(), nullable=True),
        sa.Column("mitigation", sa.Text(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("status_since", sa.Date(), nullable=False),
        *_rating("risk"),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'materialised', 'closed')",
            name=op.f("ck_risk_risk_status"),
        ),
        sa.CheckConstraint("probability BETWEEN 1 AND 5", name=op.f("ck_risk_probability")),
        sa.CheckConstraint("impact BETWEEN 1 AND 5", name=op.f("ck_risk_impact")),
        sa.CheckConstraint(
            "status = 'open' OR status_reason IS NOT NULL", name=op.f("ck_risk_status_reason")
        ),
    )
    op.create_index(op.f("ix_risk_programme_id"), "risk", ["programme_id"], unique=False)
    op.create_index(op.f("ix_risk_migration_id"), "risk", ["migration_id"], unique=False)
    op.create_table(
        "blocker",
        *_concerning("blocker"),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        *_rating("blocker"),
        sa.CheckConstraint(
            "(resolved_on IS NULL) = (resolution IS NULL)", name=op.f("ck_blocker_resolution")
        ),
        sa.CheckConstraint("resolved_on >= raised_on", name=op.f("ck_blocker_period")),
    )
    op.create_index(op.f("ix_blocker_programme_id"), "blocker", ["programme_id"], unique=False)
    op.create_index(op.f("ix_blocker_migration_id"), "blocker", ["migration_id"], unique=False)
    op.create_table(
        "required_decision",
        *_concerning("required_decision"),
        sa.Column("question", sa.String(length=500), nullable=False),
        sa.Column("options", sa.Text(), nullable=True),
        sa.Column("recommendation", sa.Text(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        *_rating("required_decision"),
        sa.CheckConstraint(
            "status IN ('open', 'decided', 'withdrawn')",
            name=op.f("ck_required_decision_required_decision_status"),
        ),
        sa.CheckConstraint(
            "(status = 'decided') = (decided_on IS NOT NULL)",
            name=op.f("ck_required_decision_decided_on"),
        ),
        sa.CheckConstraint(
            "status = 'open' OR outcome IS NOT NULL", name=op.f("ck_required_decision_outcome")
        ),
    )
    op.create_index(
        op.f("ix_required_decision_programme_id"),
        "required_decision",
        ["programme_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_required_decision_migration_id"),
        "required_decision",
        ["migration_id"],
        unique=False,
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_index(op.f(f"ix_{name}_migration_id"), table_name=name)
        op.drop_index(op.f(f"ix_{name}_programme_id"), table_name=name)
        op.drop_table(name)


def _concerning(name: str) -> list[sa.schema.SchemaItem]:
    """Return the first columns and the keys of each of these tables."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("migration_id", sa.Uuid(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f(f"fk_{name}_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["migration.id"], name=op.f(f"fk_{name}_migration_id_migration")
        ),
    ]


def _rating(name: str) -> list[sa.schema.SchemaItem]:
    """Return the last columns of each of these tables: the rating and the times."""
    return [
        sa.Column("rag", sa.String(40), nullable=True),
        sa.Column("previous_rag", sa.String(40), nullable=True),
        sa.Column("rag_narrative", sa.Text(), nullable=True),
        sa.Column("path_to_green", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("rag IN ('green', 'amber', 'red')", name=op.f(f"ck_{name}_rag")),
        sa.CheckConstraint(
            "previous_rag IN ('green', 'amber', 'red')", name=op.f(f"ck_{name}_previous_rag")
        ),
        sa.CheckConstraint(
            "rag IS NULL OR rag_narrative IS NOT NULL", name=op.f(f"ck_{name}_rag_narrative")
        ),
        sa.CheckConstraint(
            "rag IS NULL OR rag = 'green' OR path_to_green IS NOT NULL",
            name=op.f(f"ck_{name}_path_to_green"),
        ),
    ]

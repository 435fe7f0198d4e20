"""Add a deadline for signing decisions, and sign-offs that no longer count.

The previous release writes none of the new columns, so required ones have defaults.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMNS = (
    "id",
    "decision_id",
    "agency_id",
    "verdict",
    "comment",
    "content_hash",
    "client_id",
    "signed_at",
    "created_at",
    "updated_at",
    "revision",
)
ONE_EACH = "uq_sign_off_decision_id_agency_id"


def upgrade() -> None:
    # By plain ALTER TABLE. A batch on SQLite would rebuild the table, which affects every table
    # that refers to decisions.
    op.add_column(
        "decision",
        sa.Column("working_days_to_sign", sa.Integer(), nullable=False, server_default="10"),
    )
    op.add_column("decision", sa.Column("sign_by", sa.Date(), nullable=True))
    op.add_column("decision", sa.Column("withdrawal_reason", sa.Text(), nullable=True))
    # Without a foreign key, because SQLite adds none that has a name. Decisions are never deleted.
    op.add_column("decision", sa.Column("superseded_by_id", sa.Uuid(), nullable=True))
    if _on_sqlite():
        _rebuild(one_each=False)
    else:
        op.drop_constraint(ONE_EACH, "sign_off", type_="unique")
        op.add_column("sign_off", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_sign_off_decision_id"), "sign_off", ["decision_id"], unique=False)
    op.create_index(
        "uq_sign_off_counted",
        "sign_off",
        ["decision_id", "agency_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_sign_off_counted", table_name="sign_off")
    op.drop_index(op.f("ix_sign_off_decision_id"), table_name="sign_off")
    # The previous release would count these sign-offs. The audit log keeps them.
    op.execute("DELETE FROM sign_off WHERE voided_at IS NOT NULL")
    if _on_sqlite():
        _rebuild(one_each=True)
    else:
        op.drop_column("sign_off", "voided_at")
        op.create_unique_constraint(ONE_EACH, "sign_off", ["decision_id", "agency_id"])
    for name in ("superseded_by_id", "withdrawal_reason", "sign_by", "working_days_to_sign"):
        op.drop_column("decision", name)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _rebuild(*, one_each: bool) -> None:
    """Rebuild the table, because SQLite drops no constraint. Nothing refers to the table."""
    last: sa.schema.SchemaItem = sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True)
    if one_each:
        last = sa.UniqueConstraint("decision_id", "agency_id", name=op.f(ONE_EACH))
    op.create_table(
        "sign_off_anew",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('agreed', 'refused')", name=op.f("ck_sign_off_sign_off_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_sign_off_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
            name=op.f("fk_sign_off_decision_id_decision"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        last,
    )
    names = ", ".join(COLUMNS)
    op.execute(f"INSERT INTO sign_off_anew ({names}) SELECT {names} FROM sign_off")  # noqa: S608
    op.drop_table("sign_off")
    op.rename_table("sign_off_anew", "sign_off")

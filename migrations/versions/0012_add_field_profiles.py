"""What a partner sees of a record, and when that last changed.

The release before this one writes neither column, so both have a default until a later release:
the moment and the text are then those of the record's next change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("system") as table:
        table.add_column(
            sa.Column(
                "shared_updated_at",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.text("'1970-01-01 00:00:00+00:00'"),
            )
        )
        table.add_column(
            sa.Column("summary_search_text", sa.Text(), nullable=False, server_default="")
        )
    system = sa.table(
        "system",
        sa.column("updated_at"),
        sa.column("shared_updated_at"),
        sa.column("name_key", sa.String()),
        sa.column("product_name", sa.String()),
        sa.column("supplier_name", sa.String()),
        sa.column("summary_search_text"),
    )
    op.execute(
        system.update().values(
            shared_updated_at=system.c.updated_at,
            summary_search_text=system.c.name_key
            + sa.func.lower("\n" + sa.func.coalesce(system.c.product_name, ""))
            + sa.func.lower("\n" + sa.func.coalesce(system.c.supplier_name, "")),
        )
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_system_summary_search_text",
            "system",
            ["summary_search_text"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"summary_search_text": "gin_trgm_ops"},
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_system_summary_search_text", table_name="system")
    with op.batch_alter_table("system") as table:
        table.drop_column("summary_search_text")
        table.drop_column("shared_updated_at")

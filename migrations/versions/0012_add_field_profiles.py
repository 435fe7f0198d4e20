"""Add the time of the last shared change of a system, and its missing fields.

The previous release writes none of these columns, so they have defaults until a later migration.
The next change of a record corrects what that release wrote.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

# A copy of the rule as it was when the column was added.
CHOSEN = {"planned", "in_procurement"}
BUILT = {"implementing"}
WORKED_WITH = {"live", "sunsetting"}
IN_USE = WORKED_WITH | {"read_only_archive"}
OWN_HOSTING = {"on_premise", "private_cloud", "public_cloud_iaas", "hybrid"}
ASKED = (
    ("description", CHOSEN | BUILT | IN_USE),
    ("product_name", BUILT | IN_USE),
    ("capabilities", CHOSEN | BUILT | IN_USE),
    ("live_from", IN_USE),
    ("end_of_support", IN_USE),
    ("hosting", BUILT | IN_USE),
    ("criticality", BUILT | IN_USE),
    ("user_count", WORKED_WITH),
    ("classification", BUILT | IN_USE),
    ("personal_data", BUILT | IN_USE),
    ("dpia_status", BUILT | IN_USE),
    ("business_owner", CHOSEN | BUILT | IN_USE),
    ("technical_owner", BUILT | IN_USE),
)

NAMES = ("shared_updated_at", "summary_search_text", "completeness", "missing")


def upgrade() -> None:
    # By plain ALTER TABLE. A batch on SQLite would rebuild the table, which affects every table
    # that refers to systems.
    columns = (
        sa.Column(
            "shared_updated_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("'1970-01-01 00:00:00+00:00'"),
        ),
        sa.Column("summary_search_text", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("completeness", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("missing", JSON, nullable=False, server_default="[]"),
    )
    for column in columns:
        op.add_column("system", column)
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    names = {name for name, _ in ASKED} - {"capabilities"}
    texts = ("name_key", "lifecycle", "supplier_name", *names)
    system = sa.table(
        "system",
        sa.column("id", sa.Uuid()),
        sa.column("product_id"),
        sa.column("updated_at"),
        sa.column("shared_updated_at"),
        sa.column("summary_search_text"),
        sa.column("completeness"),
        sa.column("missing", JSON),
        *[sa.column(name) for name in texts],
    )
    link = sa.table("system_capability", sa.column("system_id", sa.Uuid()))
    serving = set(connection.scalars(sa.select(link.c.system_id)))
    for row in connection.execute(sa.select(system)).mappings().all():
        asked = [
            name for name, during in ASKED if row["lifecycle"] in during and _applies(name, row)
        ]
        missing = [name for name in asked if not _filled(name, row, serving)]
        texts_shown = (row["name_key"], row["product_name"], row["supplier_name"])
        connection.execute(
            system.update()
            .where(system.c.id == row["id"])
            .values(
                shared_updated_at=row["updated_at"],
                summary_search_text="\n".join(t.lower() for t in texts_shown if t),
                missing=missing,
                completeness=100 * (len(asked) - len(missing)) // len(asked) if asked else 100,
            )
        )


def _applies(name: str, row: sa.RowMapping) -> bool:
    if name == "end_of_support":
        return row["hosting"] in OWN_HOSTING
    return name != "dpia_status" or row["personal_data"] not in {None, "none"}


def _filled(name: str, row: sa.RowMapping, serving: set[object]) -> bool:
    if name == "capabilities":
        return row["id"] in serving
    if name == "product_name" and row["product_id"] is not None:
        return True
    return row[name] is not None


def downgrade() -> None:
    for name in reversed(NAMES):
        op.drop_column("system", name)

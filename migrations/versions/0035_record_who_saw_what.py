"""Create the tables of the access that agencies gain and lose, and the sort keys of names."""

import re
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KEY = sa.String(400).with_variant(sa.String(400, collation="C"), "postgresql")
NAMES = (
    ("agency", "name"),
    ("agreement", "title"),
    ("capability", "name"),
    ("supplier", "name"),
    ("product", "name"),
    ("system", "name"),
    ("contract", "reference"),
    ("contract", "title"),
    ("programme", "title"),
    ("wave", "name"),
    ("milestone", "name"),
    ("risk", "title"),
    ("blocker", "title"),
    ("required_decision", "question"),
    ("baseline", "title"),
    ("saving", "title"),
    ("decision", "title"),
    ("highlight_report", "title"),
)
SEARCHED = (
    ("agency", "search_text"),
    ("agreement", "search_text"),
    ("capability", "search_text"),
    ("supplier", "search_text"),
    ("product", "search_text"),
    ("system", "search_text"),
    ("system", "summary_search_text"),
    ("contract", "search_text"),
    ("contract", "summary_search_text"),
    ("programme", "search_text"),
    ("decision", "search_text"),
    ("overlap", "search_text"),
    ("saving", "search_text"),
    ("pipeline_entry", "public_search_text"),
)
LETTERS: dict[str, str | int | None] = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}


def upgrade() -> None:
    _create_tables()
    connection = op.get_bind()
    for table, name in NAMES:
        key = sa.Column(f"{name}_sort", KEY, server_default=sa.text("''"), nullable=False)
        op.add_column(table, key)
        _fill(connection, table, name)
    op.create_index("ix_system_name_sort_id", "system", ["name_sort", "id"])
    for table, text in SEARCHED:
        for letter, plain in LETTERS.items():
            searched = sa.table(table, sa.column(text))
            column = searched.c[text]
            connection.execute(
                sa.update(searched)
                .where(column.contains(letter))
                .values({text: sa.func.replace(column, letter, plain)})
            )


def _fill(connection: sa.Connection, table: str, name: str) -> None:
    named = sa.table(table, sa.column("id", sa.Uuid()), sa.column(name), sa.column(f"{name}_sort"))
    rows = connection.execute(sa.select(named.c.id, named.c[name])).all()
    if rows:
        connection.execute(
            sa.update(named)
            .where(named.c.id == sa.bindparam("identity"))
            .values({f"{name}_sort": sa.bindparam("made")}),
            [{"identity": identity, "made": _sort_key(text or "")} for identity, text in rows],
        )


def _sort_key(text: str) -> str:
    folded = " ".join(_bare(_bare(text).casefold()).split()).translate(str.maketrans(LETTERS))
    return re.sub("[0-9]+", _counted, folded)[:400]


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(
        c for c in decomposed if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


def _counted(match: re.Match[str]) -> str:
    digits = match[0].lstrip("0") or "0"
    return f"{min(len(digits), 99):02d}{digits}"


def _create_tables() -> None:
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
        "event_visibility",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("is_end", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("level_before", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "number", "ordinal", name=op.f("pk_event_visibility")),
    )
    op.create_index(
        "ix_event_visibility_agency_id_resource_id",
        "event_visibility",
        ["agency_id", "resource_id"],
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
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_settlement")),
    )
    now = datetime.now(UTC)
    day = now.astimezone(ZoneInfo("Europe/London")).date()
    op.bulk_insert(settlement, [{"id": 1, "until": now, "day": day}])
    # The place after a change set was the beginning of the next, which now has rows before it.
    progress = sa.table("webhook_progress", sa.column("number"), sa.column("ordinal"))
    op.execute(
        sa.update(progress)
        .where(progress.c.number > 0, progress.c.ordinal == 0)
        .values(number=progress.c.number - 1, ordinal=2**30)
    )


def downgrade() -> None:
    op.drop_index("ix_system_name_sort_id", table_name="system")
    for table, name in NAMES:
        op.drop_column(table, f"{name}_sort")
    op.drop_table("sharing_settlement")
    op.drop_table("feed_reader")
    op.drop_table("event_visibility")
    op.drop_table("access_event")

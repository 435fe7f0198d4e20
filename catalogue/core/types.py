"""Column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from catalogue.core.canonical import canonical


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. A naive value is refused: guessing a zone moves deadlines."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A moment needs a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        # SQLite gives the zone back naive, although it was written in UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def same_json(before: Any, after: Any) -> bool:
    """Whether two JSON values are the same. Python by itself takes 1 and true for equal."""
    if not isinstance(after, dict | list):
        return bool(before == after)
    return bool(before == after) and canonical(before) == canonical(after)


class _ExactJson(sa.JSON):
    """JSON whose changes are noticed by what is said, not by what Python holds to be equal."""

    def compare_values(self, x: Any, y: Any) -> bool:
        return same_json(x, y)


Json = _ExactJson(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""Lists and objects. JSON null is never stored: absent is SQL's NULL."""

Money = sa.Numeric(14, 2, asdecimal=True)
"""Pounds and pence; shown as a string, so that no client rounds it."""


def enumeration(choices: type[StrEnum], *, name: str | None = None) -> sa.Enum:
    """A column that holds one of an enumeration's values, kept so by a CHECK.

    `name` is the constraint's, where a table has several columns of one enumeration.
    """
    named = "".join(f"_{c.lower()}" if c.isupper() else c for c in choices.__name__).lstrip("_")
    return sa.Enum(
        choices,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or named,
        values_callable=lambda members: [member.value for member in members],
    )


def Key(length: int) -> sa.types.TypeEngine[str]:  # noqa: N802 - it stands where a type does
    """A folded name, compared and sorted by its characters alone on both stores."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def trigram_index(name: str, column: str) -> sa.Index:
    """An index that PostgreSQL answers searches within a text by. SQLite reads the table."""
    return sa.Index(
        name,
        column,
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
        info={"only_on": "postgresql"},
    ).ddl_if(dialect="postgresql")

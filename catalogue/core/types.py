"""Column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from catalogue.core.canonical import canonical


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. A naive value is refused, because a guessed zone moves deadlines."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A moment must have a time zone, and {value!r} has none.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        # SQLite returns the moment without its zone, which is UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def same_json(before: Any, after: Any) -> bool:
    """Return whether two JSON values are the same. To Python alone, 1 and true are equal."""
    if not isinstance(after, dict | list):
        return bool(before == after)
    return bool(before == after) and canonical(before) == canonical(after)


class _ExactJson(sa.JSON):
    """JSON whose values compare as in JSON, so that 1 differs from true."""

    def compare_values(self, x: Any, y: Any) -> bool:
        return same_json(x, y)


Json = _ExactJson(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""Lists and objects. JSON null is never stored, because SQL's NULL stands for absent values."""

Money = sa.Numeric(14, 2, asdecimal=True)
"""Pounds and pence. The API shows a string, so that no client rounds it."""


def enumeration(choices: type[StrEnum], *, name: str | None = None) -> sa.Enum:
    """Make the type of a column with the values of an enumeration, which a CHECK enforces.

    `name` is the name of the constraint, if a table has several columns of one enumeration.
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


def Key(length: int) -> sa.types.TypeEngine[str]:  # noqa: N802 - used like a type
    """Make the type of a folded name, which both stores compare and sort by character codes."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def trigram_index(name: str, column: str) -> sa.Index:
    """Make an index for searches within text on PostgreSQL. SQLite reads the whole table."""
    return sa.Index(
        name,
        column,
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
        info={"only_on": "postgresql"},
    ).ddl_if(dialect="postgresql")

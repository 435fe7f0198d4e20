"""Parties of a record at the time of an event, from the state that the event recorded.

Some records are visible to the agencies that they name, such as the parties of an agreement or the
owners of the systems in a decision. An agency that is named later sees no earlier event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class mentions(FunctionElement[bool]):  # noqa: N801 - it reads as an SQL function
    """The condition that a field of a recorded state names an id or a code."""

    type = sa.Boolean()
    name = "mentions"
    inherit_cache = True


@compiles(mentions, "postgresql")
def _mentions_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    state, key, named = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"coalesce(strpos(({state} -> {key})::text, ({named})::text) > 0, false)"


@compiles(mentions, "sqlite")
def _mentions_on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    state, key, named = (compiler.process(clause, **kw) for clause in element.clauses)
    # Columns hold ids without hyphens, and recorded states hold them with hyphens.
    text = f"replace(json_extract({state}, '$.' || {key}), '-', '')"
    return f"coalesce(instr({text}, replace({named}, '-', '')) > 0, 0)"


class has_key(FunctionElement[bool]):  # noqa: N801 - it reads as an SQL function
    """The condition that a recorded state has a field."""

    type = sa.Boolean()
    name = "has_key"
    inherit_cache = True


@compiles(has_key, "postgresql")
def _has_key_on_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    state, key = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"coalesce(jsonb_exists({state}, {key}), false)"


@compiles(has_key, "sqlite")
def _has_key_on_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    state, key = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_type({state}, '$.' || {key}) IS NOT NULL"


@dataclass(frozen=True)
class Parties:
    """The field that names the parties of a record, and the actor's ids or codes in it.

    `for_actor` makes the condition that the field names any of the actor's ids or codes. Its
    argument is a function that makes this condition for a single id or code.
    """

    key: str
    for_actor: Callable[[Callable[[Any], ColumnElement[bool]]], ColumnElement[bool]]

    def names_actor(self, state: Any) -> ColumnElement[bool]:
        """Make the condition that a recorded state names the actor."""
        return self.for_actor(lambda name: mentions(state, self._key, name))

    def replaced_in(self, before: Any) -> ColumnElement[bool]:
        """Make the condition that a change replaced the field."""
        return has_key(before, self._key)

    @property
    def _key(self) -> ColumnElement[str]:
        return sa.literal_column(f"'{self.key}'", sa.String())

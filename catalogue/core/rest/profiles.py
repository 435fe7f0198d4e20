"""Field mask: the fields that an actor sees. Shown values, filters and sorts pass it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam

from catalogue.core.actor import Actor, Scope
from catalogue.core.rest.columns import DialectExpression, for_dialect
from catalogue.core.sharing import ACTOR_AGENCY, Profile

WITHHELD = "withheld"
ACCESS = "access"
"""The label of each row's profile within a statement."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Profiles:
    """How a resource's fields are divided among the profiles. What is not named is standard."""

    level: ColumnElement[int]
    """How much the actor sees of a row."""
    seen: Callable[..., ColumnElement[bool]]
    """`seen(at=profile)`: whether it sees so much or more."""
    owner: Any
    """The column with the owning agency's id."""
    summary: frozenset[str]
    full: frozenset[str] = frozenset()
    shown_beyond_shares: bool = False
    """Whether a row's own contents may let another agency see all of it, as a contract's parties
    see the contract."""
    full_scope: Scope | None = None
    """What a token needs besides, to be shown the fields of the full profile."""

    def profile_of(self, name: str) -> Profile:
        """The least profile that shows a field."""
        if name in self.summary or name in {"id", WITHHELD}:
            return Profile.SUMMARY
        return Profile.FULL if name in self.full else Profile.STANDARD

    def shown_where(self, name: str) -> ColumnElement[bool] | None:
        """The rows that show a field, if not all do."""
        profile = self.profile_of(name)
        return None if profile is Profile.SUMMARY else self.shows(profile)

    def masked(self, name: str, expression: Any) -> Any:
        """A field's expression to sort by: null in rows that do not show it."""
        shows = self.shown_where(name)
        if shows is None:
            return expression
        if isinstance(expression, DialectExpression):
            return DialectExpression(
                *(_when(shows, for_dialect(d, expression)) for d in ("postgresql", "sqlite"))
            )
        return _when(shows, for_dialect("postgresql", expression))

    def shows(self, profile: Profile) -> ColumnElement[bool]:
        """The rows of which the actor sees this profile."""
        return sa.and_(self.seen(at=profile), *self._scoped(profile))

    def column(self, name: str, record: Any) -> ColumnElement[Any]:
        """The field of a row that was read together with its profile, as it is shown."""
        column: ColumnElement[Any] = record.c[name]
        profile = self.profile_of(name)
        return (
            column
            if profile is Profile.SUMMARY
            else _when(self._shows_profile(record, profile), column)
        )

    def withheld(self, names: tuple[str, ...], record: Any, dialect: str) -> ColumnElement[Any]:
        """Which of the fields are not shown."""
        full = [n for n in names if self.profile_of(n) is Profile.FULL]
        listed = [n for n in names if self.profile_of(n) is not Profile.SUMMARY]
        cast = "::json" if dialect == "postgresql" else ""

        def json_names(fields: list[str]) -> ColumnElement[Any]:
            return sa.literal_column(f"'{orjson.dumps(fields).decode()}'{cast}", sa.JSON())

        return sa.case(
            (self._shows_profile(record, Profile.FULL), json_names([])),
            (self._shows_profile(record, Profile.STANDARD), json_names(full)),
            else_=json_names(listed),
        )

    def foreign_owner(self, record: Any) -> ColumnElement[Any]:
        """The owner of a row whose sensitive fields another agency is shown; else null."""
        foreign = record.c.owner != ACTOR_AGENCY
        return _when(sa.and_(self._shows_profile(record, Profile.FULL), foreign), record.c.owner)

    def shows_full(self, actor: Actor) -> bool:
        """Whether the actor's token may be shown the fields of the full profile at all."""
        return bool(self.full) and (self.full_scope is None or actor.has(self.full_scope))

    def _shows_profile(self, record: Any, profile: Profile) -> ColumnElement[bool]:
        reached = record.c[ACCESS] >= sa.literal_column(str(profile.value), sa.Integer())
        return sa.and_(reached, *self._scoped(profile))

    def _scoped(self, profile: Profile) -> list[ColumnElement[bool]]:
        if profile is not Profile.FULL or self.full_scope is None:
            return []
        return [token_has(self.full_scope)]


def token_has(scope: Scope) -> ColumnElement[bool]:
    """Stands for whether the actor's token was given a scope."""
    return bindparam(scope_parameter(scope), type_=sa.Boolean(), required=True)


def scope_parameter(scope: Scope) -> str:
    """The name of that parameter."""
    return "has_" + scope.value.replace(":", "_")


def _when(shows: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.case((shows, value), else_=sa.null())

"""Field mask: the fields of each row that an actor can see, filter by and sort by."""

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
    """The division of a resource's fields among the profiles. Fields in no set are standard."""

    level: ColumnElement[int]
    """The profile at which the actor sees a row, as a number."""
    seen: Callable[..., ColumnElement[bool]]
    """`seen(at=profile)`:

    the condition that the actor sees a row at that profile or a larger one.
    """
    owner: Any
    """The column with the owning agency's id."""
    summary: frozenset[str]
    full: frozenset[str] = frozenset()
    shown_beyond_shares: bool = False
    """True if a row can be visible without a share, as a contract is to its parties."""
    full_scope: Scope | None = None
    """The scope that a token also needs for the fields of the full profile."""

    def profile_of(self, name: str) -> Profile:
        """Return the smallest profile that shows a field."""
        if name in self.summary or name in {"id", WITHHELD}:
            return Profile.SUMMARY
        return Profile.FULL if name in self.full else Profile.STANDARD

    def shown_where(self, name: str) -> ColumnElement[bool] | None:
        """Make the condition of the rows that show a field, or None if all rows do."""
        profile = self.profile_of(name)
        return None if profile is Profile.SUMMARY else self.shows(profile)

    def masked(self, name: str, expression: Any) -> Any:
        """Make the sort key of a field, which is null in rows that withhold the field."""
        shows = self.shown_where(name)
        if shows is None:
            return expression
        if isinstance(expression, DialectExpression):
            return DialectExpression(
                *(_when(shows, for_dialect(d, expression)) for d in ("postgresql", "sqlite"))
            )
        return _when(shows, for_dialect("postgresql", expression))

    def shows(self, profile: Profile) -> ColumnElement[bool]:
        """Make the condition of the rows that the actor sees at this profile."""
        return sa.and_(self.seen(at=profile), *self._scoped(profile))

    def column(self, name: str, record: Any) -> ColumnElement[Any]:
        """Return a field of a row that was read with its profile. A hidden field is null."""
        column: ColumnElement[Any] = record.c[name]
        profile = self.profile_of(name)
        return (
            column
            if profile is Profile.SUMMARY
            else _when(self._shows_profile(record, profile), column)
        )

    def withheld(self, names: tuple[str, ...], record: Any, dialect: str) -> ColumnElement[Any]:
        """Make the list of the fields that a row withholds."""
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
        """Return the owner of a row that shows another agency's sensitive fields, else null."""
        foreign = record.c.owner != ACTOR_AGENCY
        return _when(sa.and_(self._shows_profile(record, Profile.FULL), foreign), record.c.owner)

    def shows_full(self, actor: Actor) -> bool:
        """Return whether the actor's token permits the fields of the full profile."""
        return bool(self.full) and (self.full_scope is None or actor.has(self.full_scope))

    def _shows_profile(self, record: Any, profile: Profile) -> ColumnElement[bool]:
        reached = record.c[ACCESS] >= sa.literal_column(str(profile.value), sa.Integer())
        return sa.and_(reached, *self._scoped(profile))

    def _scoped(self, profile: Profile) -> list[ColumnElement[bool]]:
        if profile is not Profile.FULL or self.full_scope is None:
            return []
        return [token_has(self.full_scope)]


def token_has(scope: Scope) -> ColumnElement[bool]:
    """Make the bind parameter that is true if the actor's token has a scope."""
    return bindparam(scope_parameter(scope), type_=sa.Boolean(), required=True)


def scope_parameter(scope: Scope) -> str:
    """Return the name of the bind parameter for a scope."""
    return "has_" + scope.value.replace(":", "_")


def _when(shows: ColumnElement[bool], value: ColumnElement[Any]) -> ColumnElement[Any]:
    return sa.case((shows, value), else_=sa.null())

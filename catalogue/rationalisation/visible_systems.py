"""Systems with the fields that an actor can see, as input for further rules."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.core.actor import Actor, Scope
from catalogue.core.context import Context
from catalogue.core.rest.columns import for_dialect
from catalogue.core.rest.reader import only_visible
from catalogue.core.sharing import Profile
from catalogue.systems.models import System
from catalogue.systems.resources import PROFILES, SYSTEMS


def read_visible_systems(
    context: Context,
    names: Iterable[str],
    *,
    where: ColumnElement[bool],
    order_by: Iterable[Any] = (System.id,),
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Read fields of systems by their names in the API, and `agency_id`. Withheld fields are None.

    Only systems that the actor can see are returned and count towards the limit. Without the scope
    `systems:read` the actor gets the summary fields alone, which overlaps show in any case.
    """
    dialect = context.session.get_bind().dialect.name
    columns = [_column(name, dialect, context.actor).label(name) for name in names]
    statement: Any = (
        sa.select(System.agency_id.label("agency_id"), *columns)
        .select_from(SYSTEMS.source)
        .where(where)
        .order_by(*order_by)
        .limit(limit)
    )
    return [
        dict(row)
        for row in context.session.execute(only_visible(context, SYSTEMS, statement)).mappings()
    ]


def sees_more_than_summaries(by: Actor) -> bool:
    """Return whether the token allows the standard profile, if a system's owner shares it."""
    return by.has(Scope.SYSTEMS_READ)


def _column(name: str, dialect: str, by: Actor) -> ColumnElement[Any]:
    if PROFILES.profile_of(name) is not Profile.SUMMARY and not sees_more_than_summaries(by):
        return sa.null()
    return for_dialect(dialect, PROFILES.masked(name, SYSTEMS.columns[name]))

"""Viewers: the row rules of records, evaluated for many agencies in one query.

A row rule refers to its reader by parameters: the reader's agency, and the agencies that share with
it. Here the parameters become columns of a list of viewers, so that one statement finds everyone
who sees a record. The rule itself is the one that every list applies.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from catalogue.core import clock
from catalogue.core.rest.resource import EVERYONE, Resource
from catalogue.core.sharing import (
    ACTOR_AGENCY,
    NOTHING_SHARED,
    Basis,
    Profile,
    ResourceType,
    SharedWith,
)
from catalogue.history.feed_fields import KINDS, feed_spec

Record = tuple[str, UUID]
"""A record by its kind in the feed and its id."""

Levels = dict[Record, dict[UUID, int]]
"""The level at which each agency sees each record, by record and agency. Hidden ones are absent."""

_AT_ONCE = 500
_SHARES = tuple(
    f"shared_{basis.value}_{profile.value}"
    for basis in (Basis.AGREEMENT, *ResourceType)
    for profile in Profile
)


def kinds_with_audience() -> list[str]:
    """Return the kinds of records that not every agency sees."""
    return [kind for kind in KINDS if feed_spec(kind).resource.visible is not EVERYONE]


class Viewers:
    """Agencies with what is shared with each, at a moment."""

    def __init__(
        self,
        session: Session,
        agencies: Iterable[UUID],
        shares: Mapping[UUID, SharedWith],
        moment: datetime,
    ) -> None:
        self.agencies = sorted(set(agencies))
        self._session = session
        self._dialect = session.get_bind().dialect.name
        self._moment = moment
        self._listed = orjson.dumps(
            [self._row(each, shares.get(each, NOTHING_SHARED)) for each in self.agencies]
        ).decode()

    def levels(self, kind: str, ids: Collection[UUID] | None = None) -> Levels:
        """Find the levels of some records of a kind, or of all of them."""
        found: Levels = defaultdict(dict)
        statement = _levels(self._dialect, feed_spec(kind).resource, ids is not None)
        for some in [None] if ids is None else _portions(sorted(ids)):
            for agency, identity, level in self._session.connection().execute(
                statement, self._values | ({} if some is None else {"ids": some})
            ):
                found[kind, identity][agency] = level
        return found

    @property
    def _values(self) -> dict[str, Any]:
        day = self._moment.astimezone(clock.UK).date()
        return {
            "viewers": self._listed,
            "now": self._moment,
            "today": day,
            "a_year_ago": clock.a_year_before(day),
        }

    def _row(self, agency: UUID, shared: SharedWith) -> dict[str, Any]:
        values = shared.parameters(self._moment)
        if self._dialect == "postgresql":
            shares = {k: [x for x in v.strip("{}").split(",") if x] for k, v in values.items()}
            return {"agency_id": str(agency), **shares}
        return {"agency_id": agency.hex, **values}


def _portions(ids: list[UUID]) -> list[list[UUID]]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]


@lru_cache(maxsize=256)
def _levels(dialect: str, resource: Resource, by_ids: bool) -> sa.Select[Any]:
    viewer = _viewers(dialect)
    model: Any = resource.model
    level: Any = (
        resource.profiles.level if resource.profiles else sa.literal_column("3", sa.Integer())
    )
    statement = (
        sa.select(viewer.c.agency_id, model.id, for_each_viewer(level))
        .select_from(sa.join(viewer, model.__table__, sa.true()))
        .where(for_each_viewer(resource.visible))
    )
    if by_ids:
        statement = statement.where(model.id.in_(bindparam("ids", expanding=True, type_=sa.Uuid())))
    return statement


def _viewers(dialect: str) -> Any:
    if dialect == "postgresql":
        types = ", ".join(f"{name} uuid[]" for name in _SHARES)
        text = (
            "SELECT * FROM jsonb_to_recordset(CAST(:viewers AS jsonb))"  # noqa: S608 - constants
            f" AS listed(agency_id uuid, {types})"
        )
    else:
        columns = ", ".join(
            f"json_extract(value, '$.{name}') AS {name}" for name in ("agency_id", *_SHARES)
        )
        text = f"SELECT {columns} FROM json_each(:viewers)"  # noqa: S608 - only constants
    listed = sa.text(text).columns(sa.column("agency_id", sa.Uuid()))
    # Read once, not again for each mention of a column.
    return listed.cte("viewer").prefix_with("MATERIALIZED")


def for_each_viewer(rule: ColumnElement[Any]) -> Any:
    """Replace a rule's parameters of the reader by the columns of the viewers."""
    return visitors.replacement_traverse(rule, {}, _as_column)


def _as_column(element: Any, **_options: Any) -> Any:
    if isinstance(element, sa.BindParameter):
        if element.key == ACTOR_AGENCY.key:
            # Text, because a column would add its table to each subquery that mentions it.
            return sa.literal_column("viewer.agency_id", sa.Uuid())
        if element.key in _SHARES:
            return sa.literal_column(f"viewer.{element.key}")
    return None

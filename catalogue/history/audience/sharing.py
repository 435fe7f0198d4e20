"""Sharing as the audiences need it: the shares of many agencies, from the package of agencies.

The package of agencies is above this one, so it declares its functions here when it is imported.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalogue.core.sharing import SharedWith
from catalogue.history.audience.models import FeedReader

_CLIENTS = sa.table("oauth_client", sa.column("agency_id", sa.Uuid()))


@dataclass(frozen=True)
class Sharing:
    """The functions of the package of agencies."""

    find_shares: Callable[[Session, datetime], Mapping[UUID, SharedWith]]
    """Find what is shared with each agency, with all that ends after a moment."""
    select_boundaries: Callable[[Any, Any], tuple[Any, ...]]
    """Make columns for the first beginning and ends after a moment and its day."""
    find_first_boundary: Callable[..., datetime | None]
    """Return the first moment among the values of these columns."""
    readers_of: Mapping[type[Any], Callable[[Session, Any], Iterable[UUID]]]
    """By model, finds the agencies that can see more or less after a change to an entity."""


_declared: list[Sharing] = []


def declare_sharing(sharing: Sharing) -> None:
    """Declare the functions of the package of agencies."""
    _declared[:] = [sharing]


def sharing() -> Sharing:
    """Return the functions of the package of agencies."""
    return _declared[0]


def following_agencies(session: Session) -> set[UUID]:
    """Return the agencies that can have a copy: those with a client, and readers of the feed.

    An agency whose tokens come from another issuer has no client here, until it reads the feed.
    """
    statement = sa.union(
        sa.select(_CLIENTS.c.agency_id).where(_CLIENTS.c.agency_id.is_not(None)),
        sa.select(FeedReader.agency_id),
    )
    return set(session.connection().scalars(statement))

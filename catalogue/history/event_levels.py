"""Change feed: the SQL for the part of a record that an actor sees in an event.

The part of a record that an actor sees is a level: 0 for nothing, 1 for the summary profile, 2 for
the standard profile, and 3 for everything. An event has three levels:

- *now*: the actor's level today. For a deleted record, 3 for its owner and 0 for others. The feed
  shows the deletion itself at level 1 to others who saw the record (`event_visibility`), and for kinds
  with `shows_deletion` by `Resource.was_visible`.
- *then*: the level by the disclosure and the parties that the record had after the event, or the
  level that was recorded for the actor in `event_visibility`, if that is higher.
- *before*: the level by those that it had until the event. 3 if the event created it.

The event is shown at the lower of now and then, and at 2 at most without the scope for sensitive
fields. A field that the actor saw before shows its change, and any other appears as new. An event
is left out if it changed nothing that the actor sees.

In this example Kent owns a system, and Surrey is a partner by an agreement at the standard
profile. A disclosure is `partners` (agreement) or `owner` (owner_only).

    event                  disclosed before,     now  then  before   Surrey sees
                           after, and today
    created                -, partners, partners       2    2    3   every standard field
    name changed           partners throughout         2    2    2   name, before and after
    legacy_risk changed    partners throughout         2    2    2   nothing: it takes level 3
    name changed           owner, owner, partners      2    0    0   nothing: it was closed then
    opened to partners     owner, partners, partners   2    2    0   every standard field, as new
    name changed           partners, partners, owner   0    2    2   nothing: it is closed today
    closed                 partners, owner, owner      0    0    2   nothing
    deleted                partners, partners, gone    1    2    2   the deletion and the summary
    read by an agency      partners throughout         2    0    3   nothing: for Kent alone

Kent sees all nine events at level 3, if its token has that scope. After the deletion, Surrey sees
the deletion alone, and no earlier event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from catalogue.core.rest.profiles import token_has
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.audience.models import EventVisibility
from catalogue.history.feed_fields import FeedSpec
from catalogue.history.models import ChangeSet, Event

EVENT: Any = Event.__table__.c
SET: Any = ChangeSet.__table__.c
VISIBILITY: Any = EventVisibility.__table__.c
ALL, SOME, LITTLE, NONE = (sa.literal_column(text, sa.Integer()) for text in ("3", "2", "1", "0"))

OWN: ColumnElement[bool] = EVENT.agency_id == ACTOR_AGENCY
IS_DELETION: ColumnElement[bool] = sa.and_(EVENT.state.is_(None), EVENT.before.is_not(None))
SAW_END: ColumnElement[bool] = sa.and_(VISIBILITY.level.is_not(None), VISIBILITY.is_end)
"""The condition that the actor saw the record until the deletion."""


class standalone(FunctionElement[Any]):  # noqa: N801 - it reads as an SQL function
    """A subquery that SQLAlchemy checks alone, because it miscounts the joins in a LATERAL."""

    name = "standalone"
    inherit_cache = True

    def __init__(self, subquery: ColumnElement[Any]) -> None:
        super().__init__(subquery)
        self.type = subquery.type


@compiles(standalone)
def _standalone(element: standalone, compiler: Any, **kw: Any) -> str:
    kw.pop("lateral_from_linter", None)
    (subquery,) = element.clauses
    return str(compiler.process(subquery, **kw))


@dataclass(frozen=True)
class QueryKey:
    """All parts of a request that decide the SQL of a page of events."""

    dialect: str
    kinds: tuple[str, ...]
    of_record: bool = False
    single: bool = False
    """True if the query finds one event by its id, rather than those that follow a place."""
    of_one: bool = False
    """True if only the events of one record are read, as the feed shows them."""
    newest_first: bool = False


def by_kind(specs: Sequence[FeedSpec], expression_for: Any) -> ColumnElement[int]:
    """Make an expression that differs by kind. Only the part for the event's kind is computed."""
    cases = [
        (EVENT.resource == sa.literal_column(f"'{spec.kind}'"), expression_for(spec))
        for spec in specs
    ]
    return sa.case(*cases, else_=NONE)


def level(spec: FeedSpec, key: QueryKey) -> ColumnElement[Any]:
    """Make the level of an event: the lower of now and then, and of what the scopes permit."""
    shows_deletion = spec.shows_deletion and not key.of_record
    now = _level_now(spec, shows_deletion=shows_deletion, of_record=key.of_record)
    parts = [now, *_scope_caps(spec)]
    if spec.disclosure_rule is not None or spec.parties is not None:
        names_actor = (
            None if spec.parties is None else standalone(spec.parties.names_actor(EVENT.state))
        )
        parts.append(_at_least_seen(_level_at_event(spec, EVENT.disclosure, names_actor), "level"))
    return _least(key.dialect, parts)


def level_before(spec: FeedSpec, dialect: str) -> ColumnElement[Any]:
    """Make the level before the change, which is 3 for a new record.

    The level is also 3 for a kind whose visibility depends on neither a disclosure nor parties.
    `before` holds only changed fields. If it has no disclosure, the disclosure did not change.
    """
    if spec.disclosure_rule is None and spec.parties is None:
        return ALL
    before = (
        sa.type_coerce(EVENT.before, postgresql.JSONB)["disclosure"].astext
        if dialect == "postgresql"
        else sa.func.json_extract(EVENT.before, sa.literal_column("'$.disclosure'"))
    )
    disclosure = sa.func.coalesce(sa.type_coerce(before, sa.String), EVENT.disclosure)
    names_actor = None
    if spec.parties is not None:
        names_actor = sa.case(
            (
                spec.parties.replaced_in(EVENT.before),
                standalone(spec.parties.names_actor(EVENT.before)),
            ),
            else_=standalone(spec.parties.names_actor(EVENT.state)),
        )
    at_event = _level_at_event(spec, disclosure, names_actor)
    return sa.case((EVENT.before.is_(None), ALL), else_=_at_least_seen(at_event, "level_before"))


def _at_least_seen(level: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """Raise a level to the one that was recorded for the actor when the event happened."""
    recorded = sa.func.coalesce(VISIBILITY[name], NONE)
    return sa.case((recorded > level, recorded), else_=level)


def _level_at_event(
    spec: FeedSpec, disclosure: ColumnElement[Any], names_actor: ColumnElement[bool] | None
) -> ColumnElement[int]:
    """Make the level for a record with this disclosure, or for one that names the actor."""
    by_disclosure = (
        sa.case((OWN, ALL), else_=NONE)
        if spec.disclosure_rule is None
        else _level_by_disclosure(spec, disclosure)
    )
    return (
        by_disclosure if names_actor is None else sa.case((names_actor, ALL), else_=by_disclosure)
    )


def _level_now(spec: FeedSpec, *, shows_deletion: bool, of_record: bool) -> ColumnElement[Any]:
    """Make today's level, which is 3 for the owner of a deleted record.

    For other agencies, the deletion itself has level 1 if the feed shows it.
    """
    model, profiles = spec.resource.model, spec.resource.profiles
    identified = model.id == EVENT.resource_id
    level = (
        sa.select(profiles.level if profiles else ALL)
        .select_from(model)
        .where(identified, spec.resource.visible)
        .correlate(Event.__table__)
        .scalar_subquery()
    )
    present = sa.exists(
        sa.select(sa.literal_column("1"))
        .select_from(model)
        .where(identified)
        .correlate(Event.__table__)
    )
    cases = [(sa.and_(OWN, ~standalone(present)), ALL)]
    if shows_deletion:
        cases.append((sa.and_(IS_DELETION, ~standalone(present)), LITTLE))
    elif not of_record:
        cases.append((SAW_END, LITTLE))
    kept = sa.case(*cases, else_=NONE)
    return sa.func.coalesce(standalone(level), kept)


def _scope_caps(spec: FeedSpec) -> list[ColumnElement[int]]:
    """Limit the level to 2 if the token lacks the scope for the kind's sensitive fields."""
    profiles = spec.resource.profiles
    if profiles is None or profiles.full_scope is None:
        return []
    return [sa.case((token_has(profiles.full_scope), ALL), else_=SOME)]


def _level_by_disclosure(spec: FeedSpec, disclosure: ColumnElement[Any]) -> ColumnElement[int]:
    assert spec.disclosure_rule is not None  # noqa: S101 - narrows the type for mypy
    record = SimpleNamespace(agency_id=EVENT.agency_id, disclosure=disclosure)
    return sa.case(
        *[
            (
                spec.disclosure_rule(record, at=profile),
                sa.literal_column(str(profile.value), sa.Integer()),
            )
            for profile in sorted(Profile, reverse=True)
        ],
        else_=NONE,
    )


def _least(dialect: str, parts: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    if len(parts) == 1:
        return parts[0]
    return sa.func.least(*parts) if dialect == "postgresql" else sa.func.min(*parts)

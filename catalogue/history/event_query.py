"""Change feed: the SQL for the events that an actor can see.

The part of a record that an actor sees is a level: 0 for nothing, 1 for the summary profile, 2 for
the standard profile, and 3 for everything. An event has three levels:

- *now*: the actor's level today. For a deleted record, 3 for its owner and 0 for others. The feed
  shows the deletion itself at level 1 to others, for kinds with `shows_deletion`. The feed
  then leaves out deletions from before the actor gained access (`Resource.was_visible`).
- *then*: the level by the disclosure and the parties that the record had after the event.
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
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from catalogue.core.rest.profiles import token_has
from catalogue.core.rest.resource import Resource
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.feed_fields import FeedSpec, feed_spec
from catalogue.history.models import ChangeSet, Event, Person

EVENT: Any = Event.__table__.c
SET: Any = ChangeSet.__table__.c
ALL, SOME, LITTLE, NONE = (sa.literal_column(text, sa.Integer()) for text in ("3", "2", "1", "0"))


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


@lru_cache(maxsize=256)
def events(key: QueryKey) -> sa.Select[Any]:
    """Select the visible events in the order of their commits, each with its levels.

    The parameters are those of `rule_parameters`, `limit`, and the `number` and `ordinal` of the
    place to begin after, or an `event_id`. A query about one record also takes `record_id`.
    """
    specs = [feed_spec(kind) for kind in key.kinds]
    levels = {
        "level": _by_kind(specs, lambda spec: _level(spec, key)),
        "level_before": _by_kind(specs, lambda spec: _level_before(spec, key.dialect)),
    }
    source = sa.join(ChangeSet, Event, SET.id == EVENT.change_set_id).outerjoin(
        Person, Person.id == SET.person_id
    )
    columns: dict[str, Any] = levels
    if key.dialect == "postgresql":
        # OFFSET stops PostgreSQL from computing the levels at each place that mentions them.
        once = (
            sa.select(*[expression.label(name) for name, expression in levels.items()])
            .correlate(Event.__table__)
            .offset(sa.literal_column("0"))
            .lateral("once")
        )
        source = source.join(once, sa.true())
        columns = {name: once.c[name] for name in levels}
    statement = (
        sa.select(
            SET.number,
            SET.event_count,
            EVENT.ordinal,
            EVENT.id,
            SET.at,
            EVENT.kind,
            EVENT.resource,
            EVENT.resource_id,
            EVENT.agency_id,
            EVENT.disclosure,
            SET.agency_id.label("acting_id"),
            SET.client_id,
            Person.name.label("person"),
            SET.reason,
            SET.import_id,
            EVENT.before,
            EVENT.state,
            *[expression.label(name) for name, expression in columns.items()],
        )
        .select_from(source)
        .where(
            _prefilter(specs),
            columns["level"] > NONE,
            _has_visible_change(specs, columns["level"], columns["level_before"], key),
        )
        .order_by(SET.number, EVENT.ordinal)
        .limit(bindparam("limit", type_=sa.Integer()))
    )
    if key.of_record:
        statement = statement.where(EVENT.resource_id == bindparam("record_id", type_=sa.Uuid()))
    if key.single:
        return statement.where(EVENT.id == bindparam("event_id", type_=sa.Uuid()))
    number = bindparam("number", type_=sa.BigInteger())
    return statement.where(
        SET.number >= number,
        sa.or_(SET.number > number, EVENT.ordinal > bindparam("ordinal", type_=sa.Integer())),
    )


@lru_cache(maxsize=64)
def visible_ids(resource: Resource) -> sa.Select[Any]:
    """Select which of the records in the list `ids` the actor sees now.

    The other parameters are those of `rule_parameters`.
    """
    return sa.select(resource.model.id).where(
        resource.model.id.in_(bindparam("ids", expanding=True, type_=sa.Uuid())), resource.visible
    )


def kind_of(event_id: UUID) -> sa.Select[Any]:
    """Select the kind of record that an event is about."""
    return sa.select(EVENT.resource).where(EVENT.id == event_id)


def _prefilter(specs: Sequence[FeedSpec]) -> ColumnElement[bool]:
    """Make the condition of events that the actor might see, from the events' own columns.

    This filter only saves look-ups of most records. The levels decide about the events that pass.
    For example, Kent discloses a system to its partners, changes its name, and closes it to
    owner_only a day later. The change of name passes this filter for Surrey, a partner, since its
    row has `agreement`. Its level is 0, since the record is closed today. Later changes do not even
    pass the filter.
    """
    open_to_all = [
        spec.kind for spec in specs if spec.disclosure_rule is None and spec.parties is None
    ]
    conditions_by_kind = []
    for spec in specs:
        conditions = [_OWN]
        if spec.disclosure_rule is not None:
            conditions.append(spec.disclosure_rule(Event, at=Profile.SUMMARY))
        if spec.parties is not None:
            conditions.append(standalone(spec.parties.names_actor(EVENT.state)))
        if len(conditions) > 1:
            of_kind = EVENT.resource == sa.literal_column(f"'{spec.kind}'")
            conditions_by_kind.append(sa.and_(of_kind, sa.or_(*conditions)))
    if open_to_all:
        listed = [sa.literal_column(f"'{kind}'", sa.String) for kind in open_to_all]
        conditions_by_kind.append(EVENT.resource.in_(listed))
    return sa.or_(*conditions_by_kind)


def _by_kind(specs: Sequence[FeedSpec], expression_for: Any) -> ColumnElement[int]:
    """Make an expression that differs by kind. Only the part for the event's kind is computed."""
    cases = [
        (EVENT.resource == sa.literal_column(f"'{spec.kind}'"), expression_for(spec))
        for spec in specs
    ]
    return sa.case(*cases, else_=NONE)


def _level(spec: FeedSpec, key: QueryKey) -> ColumnElement[Any]:
    shows_deletion = spec.shows_deletion and not key.of_record
    parts = [_level_now(spec, shows_deletion=shows_deletion), *_scope_caps(spec)]
    if spec.disclosure_rule is not None or spec.parties is not None:
        names_actor = (
            None if spec.parties is None else standalone(spec.parties.names_actor(EVENT.state))
        )
        parts.append(_level_at_event(spec, EVENT.disclosure, names_actor))
    return _least(key.dialect, parts)


def _level_before(spec: FeedSpec, dialect: str) -> ColumnElement[Any]:
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
    return sa.case(
        (EVENT.before.is_(None), ALL), else_=_level_at_event(spec, disclosure, names_actor)
    )


def _level_at_event(
    spec: FeedSpec, disclosure: ColumnElement[Any], names_actor: ColumnElement[bool] | None
) -> ColumnElement[int]:
    """Make the level for a record with this disclosure, or for one that names the actor."""
    by_disclosure = (
        sa.case((_OWN, ALL), else_=NONE)
        if spec.disclosure_rule is None
        else _level_by_disclosure(spec, disclosure)
    )
    return (
        by_disclosure if names_actor is None else sa.case((names_actor, ALL), else_=by_disclosure)
    )


def _level_now(spec: FeedSpec, *, shows_deletion: bool) -> ColumnElement[Any]:
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
    cases = [(sa.and_(_OWN, ~standalone(present)), ALL)]
    if shows_deletion:
        cases.append((sa.and_(_IS_DELETION, ~standalone(present)), LITTLE))
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


_OWN: ColumnElement[bool] = EVENT.agency_id == ACTOR_AGENCY
_IS_DELETION: ColumnElement[bool] = sa.and_(EVENT.state.is_(None), EVENT.before.is_not(None))


def _has_visible_change(
    specs: Sequence[FeedSpec], level: Any, level_before: Any, key: QueryKey
) -> ColumnElement[bool]:
    """Make the condition that the event changed a field that the actor sees.

    If the actor saw less before, the record appears as new. Only the owner sees events that record
    a read or no change of a field. The same holds for deletions that the feed does not show.
    """
    changed = sa.case(
        *[
            (
                EVENT.resource == sa.literal_column(f"'{spec.kind}'"),
                _changes_visible_field(spec, level, key.dialect),
            )
            for spec in specs
        ],
        else_=sa.false(),
    )
    return sa.case(
        (EVENT.state.is_(None), _shows_end(specs, key)),
        (EVENT.before.is_(None), sa.true()),
        (_nothing_changed(key.dialect), _OWN),
        (level_before < level, sa.true()),
        else_=changed,
    )


def _shows_end(specs: Sequence[FeedSpec], key: QueryKey) -> ColumnElement[bool]:
    """Make the condition for events without a state: reads and deletions."""
    shown = [
        sa.literal_column(f"'{spec.kind}'", sa.String) for spec in specs if spec.shows_deletion
    ]
    if not shown or key.of_record:
        return _OWN
    return sa.or_(_OWN, sa.and_(_IS_DELETION, EVENT.resource.in_(shown)))


def _nothing_changed(dialect: str) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return sa.type_coerce(EVENT.before, sa.Text) == sa.literal_column("'{}'::jsonb", sa.Text)
    return sa.type_coerce(EVENT.before, sa.Text) == sa.literal_column("'{}'", sa.Text)


def _changes_visible_field(spec: FeedSpec, level: Any, dialect: str) -> ColumnElement[bool]:
    ranks = sorted(set(spec.profiles.values()) | {Profile.SUMMARY}, reverse=True)
    *higher, lowest = [(rank, _has_any(spec.keys(rank), dialect)) for rank in ranks]
    cases = [
        (level >= sa.literal_column(str(rank.value), sa.Integer()), has) for rank, has in higher
    ]
    return sa.case(*cases, else_=lowest[1]) if cases else lowest[1]


def _has_any(keys: list[str], dialect: str) -> ColumnElement[bool]:
    """Make the condition that the event changed one of these keys."""
    if not keys:
        return sa.false()
    if dialect == "postgresql":
        listed = ",".join(sorted(keys))
        texts = sa.literal_column(f"'{{{listed}}}'::text[]", postgresql.ARRAY(sa.Text()))
        return EVENT.before.op("?|", return_type=sa.Boolean())(texts)  # type: ignore[no-any-return]
    changed = sa.func.json_each(EVENT.before).table_valued("key", name="changed")
    return sa.exists(
        sa.select(sa.literal_column("1"))
        .select_from(changed)
        .where(changed.c.key.in_([sa.literal_column(f"'{key}'", sa.String) for key in keys]))
        .correlate(Event.__table__)
    )

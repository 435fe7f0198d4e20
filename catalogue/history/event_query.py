"""Change feed: the SQL for the events that an actor can see. `event_levels` explains the levels."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.dialects import postgresql

from catalogue.core.rest.resource import Resource
from catalogue.core.rest.statements import without_orm
from catalogue.core.sharing import ACTOR_AGENCY, Profile
from catalogue.history.audience.models import EventVisibility
from catalogue.history.event_levels import (
    EVENT,
    IS_DELETION,
    NONE,
    OWN,
    SAW_END,
    SET,
    VISIBILITY,
    QueryKey,
    by_kind,
    level,
    level_before,
    standalone,
)
from catalogue.history.feed_fields import FeedSpec, feed_spec
from catalogue.history.models import ChangeSet, Event, Person


@lru_cache(maxsize=256)
def events(key: QueryKey) -> sa.Select[Any]:
    """Select the visible events in the order of their commits, each with its levels.

    The parameters are those of `rule_parameters`, `limit`, and the `number` and `ordinal` of the
    place to begin after, or an `event_id`. A query about one record also takes `record_id`.
    """
    specs = [feed_spec(kind) for kind in key.kinds]
    levels = {
        "level": by_kind(specs, lambda spec: level(spec, key)),
        "level_before": by_kind(specs, lambda spec: level_before(spec, key.dialect)),
    }
    source = (
        sa.join(ChangeSet, Event, SET.id == EVENT.change_set_id)
        .outerjoin(Person, Person.id == SET.person_id)
        .outerjoin(
            EventVisibility,
            sa.and_(
                VISIBILITY.agency_id == ACTOR_AGENCY,
                VISIBILITY.number == SET.number,
                VISIBILITY.ordinal == EVENT.ordinal,
            ),
        )
    )
    columns: dict[str, Any] = levels
    if key.dialect == "postgresql":
        # OFFSET stops PostgreSQL from computing the levels at each place that mentions them.
        once = (
            sa.select(*[expression.label(name) for name, expression in levels.items()])
            .correlate(Event.__table__, EventVisibility.__table__)
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
            SAW_END.label("saw_end"),
            *[expression.label(name) for name, expression in columns.items()],
        )
        .select_from(source)
        .where(
            sa.or_(_prefilter(specs), VISIBILITY.level.is_not(None)),
            columns["level"] > NONE,
            _has_visible_change(specs, columns["level"], columns["level_before"], key),
        )
        .order_by(*_ORDER[key.newest_first])
        .limit(bindparam("limit", type_=sa.Integer()))
    )
    if key.of_record or key.of_one:
        statement = statement.where(EVENT.resource_id == bindparam("record_id", type_=sa.Uuid()))
    if key.single:
        place = EVENT.id == bindparam("event_id", type_=sa.Uuid())
    else:
        place = is_beyond(SET.number, EVENT.ordinal, newest_first=key.newest_first)
    return without_orm(statement.where(place))


_ORDER = {
    False: (SET.number, EVENT.ordinal),
    True: (SET.number.desc(), EVENT.ordinal.desc()),
}


def is_beyond(number: Any, ordinal: Any, *, newest_first: bool) -> ColumnElement[bool]:
    """Make the condition of the rows beyond the place in the parameters `number` and `ordinal`.

    None is in a change set after that of the parameter `last`.
    """
    start, place, last = (
        bindparam("number", type_=sa.BigInteger()),
        bindparam("ordinal", type_=sa.Integer()),
        bindparam("last", type_=sa.BigInteger()),
    )
    if newest_first:
        beyond = sa.and_(number <= start, sa.or_(number < start, ordinal < place))
    else:
        beyond = sa.and_(number >= start, sa.or_(number > start, ordinal > place))
    return sa.and_(beyond, number <= last)


@lru_cache(maxsize=64)
def visible_ids(resource: Resource) -> sa.Select[Any]:
    """Select which of the records in the list `ids` the actor sees now.

    The other parameters are those of `rule_parameters`.
    """
    return sa.select(resource.model.id).where(
        resource.model.id.in_(bindparam("ids", expanding=True, type_=sa.Uuid())), resource.visible
    )


@lru_cache(maxsize=64)
def visible_keys(kind: str) -> sa.Select[Any]:
    """Select the ids of visible records like `visible_ids`, with the keys in their addresses."""
    spec = feed_spec(kind)
    model = spec.resource.model
    return visible_ids(spec.resource).add_columns(*[getattr(model, key) for key in spec.path_keys])


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
        conditions = [OWN]
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
        (_nothing_changed(key.dialect), OWN),
        (level_before < level, sa.true()),
        else_=changed,
    )


def _shows_end(specs: Sequence[FeedSpec], key: QueryKey) -> ColumnElement[bool]:
    """Make the condition for events without a state: reads and deletions."""
    shown = [
        sa.literal_column(f"'{spec.kind}'", sa.String) for spec in specs if spec.shows_deletion
    ]
    if key.of_record:
        return OWN
    listed = [sa.and_(IS_DELETION, EVENT.resource.in_(shown))] if shown else []
    return sa.or_(OWN, SAW_END, *listed)


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

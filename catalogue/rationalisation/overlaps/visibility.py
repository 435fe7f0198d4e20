"""Visibility of overlaps and of their members to an actor.

Every rule in this module counts only what the actor can see. A manual group is made from overlaps,
which are its origins. The group is in effect for an actor under two conditions. The actor can see
that the group joins or separates systems, and that the agency that made the group takes part. For
all other actors the group does not exist, and its origins are unchanged. The group holds the
systems of those origins that are overlaps for the actor.

An example: k1, k2 and k3 are Kent's systems, s1 and s2 Surrey's, x1 and x3 those of Sussex. Runs
found three overlaps. Kent merges them into the manual group G, so they become the origins of G.

    O1 = {k1, s1, x1}      O2 = {k2, s2}      O3 = {k3, x3}

              can see                 visible origins   overlaps
    Kent      all                     O1, O2, O3        G = {k1, k2, k3, s1, s2, x1, x3}
    Surrey    s1, s2, k1, k2, k3      O1, O2            G = {k1, k2, s1, s2}
    Sussex    x1, x3, k1, k2          O1                O1 = {k1, x1}, and no G

- An origin is visible if it is an overlap for the actor: the actor sees systems of two agencies.
- For Surrey, O3 is k3 alone. So k3 is not in G, although Surrey can see k3. Its presence in G would
  reveal that O3 holds another agency's system that Surrey cannot see.
- For Sussex, O2 is k2 alone and O3 is x3 alone. Sussex sees only one origin, so G joins nothing and
  is not in effect. Sussex does not learn that k2 is in an overlap.
- For Kent and Surrey, G takes the members of its origins, so the origins disappear.
- Suppose that Kent splits x1 off from O1 instead. This group is in effect for an actor who can see
  x1, which leaves, and k1, which stays and belongs to Kent. Other actors see O1 unchanged.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.visibility import FieldProfile, seen
from catalogue.core.context import Context
from catalogue.core.rest.reader import rule_parameters
from catalogue.core.sharing import ACTOR_AGENCY, Profile, id_in, ids_parameter, ids_value
from catalogue.rationalisation.matching.grouping import FEWEST_AGENCIES
from catalogue.rationalisation.overlaps.models import (
    Overlap,
    OverlapGrouping,
    OverlapMember,
    OverlapOrigin,
    OverlapPair,
)
from catalogue.rationalisation.vocabulary import GroupingAction
from catalogue.systems.models import System

ONE: ColumnElement[int] = sa.literal_column("1")
MANUAL_KEY_PREFIX = "made:"
"""The prefix of the keys of manual groups."""

_GROUP_IDS: Any = ids_parameter("groups_in_effect")
_ORIGIN_IDS: Any = ids_parameter("origins_seen")
_FEWEST: ColumnElement[int] = sa.literal_column(str(FEWEST_AGENCIES))
_ORIGINS_AT_LEAST: ColumnElement[int] = sa.literal_column("2")


def _literal(value: str) -> ColumnElement[str]:
    return sa.literal_column(f"'{value}'", sa.String())


def is_pair_visible(overlap_id: Any) -> ColumnElement[bool]:
    """Return the condition that an overlap is not a pair, or is a pair that the actor can see.

    The actor cannot see a pair that was found by fields that the actor cannot see. A pair of one
    installation is hidden from an actor who can see that the versions differ. Any other pair is
    hidden by a likelier visible pair of the same two agencies that shares a system with it.
    """
    pair = sa.orm.aliased(OverlapPair, name="visible_pair")
    rival = sa.orm.aliased(OverlapPair, name="rival_pair")
    rival_end = sa.orm.aliased(System, name="rival_end")
    likelier = sa.or_(
        rival.score > pair.score,
        sa.and_(rival.score == pair.score, rival.overlap_id < pair.overlap_id),
    )
    shares_an_end = sa.or_(
        sa.and_(rival.first_id == pair.first_id, rival_end.id == rival.second_id),
        sa.and_(rival.second_id == pair.second_id, rival_end.id == rival.first_id),
    )
    beaten = sa.exists(
        sa.select(ONE)
        .where(
            shares_an_end,
            rival.first_agency_id == pair.first_agency_id,
            rival.second_agency_id == pair.second_agency_id,
            rival.is_rival,
            likelier,
            seen(rival_end),
            sa.not_(_uses_hidden_fields(rival)),
        )
        .correlate(pair)
    )
    return sa.not_(
        sa.exists(
            sa.select(ONE)
            .where(pair.overlap_id == overlap_id)
            .where(
                sa.or_(
                    _uses_hidden_fields(pair),
                    sa.case((pair.is_rival, beaten), else_=_differs_in_version(pair)),
                )
            )
            .correlate_except(pair)
        )
    )


def _uses_hidden_fields(pair: Any) -> ColumnElement[bool]:
    """Return the condition that a pair was found by fields that the actor cannot see."""
    end = sa.orm.aliased(System, name="pair_end")
    is_hidden = sa.exists(
        sa.select(ONE)
        .where(end.id.in_((pair.first_id, pair.second_id)))
        .where(sa.not_(seen(end, at=Profile.STANDARD)))
        .correlate(pair)
    )
    return sa.and_(pair.profile != _literal(FieldProfile.SUMMARY), is_hidden)


def _differs_in_version(pair: Any) -> ColumnElement[bool]:
    """Return the condition that the two systems' versions differ and the actor sees both.

    One installation has one version. An actor who cannot see both versions must not learn that they
    differ, so for this actor the pair remains.
    """
    one, other = (sa.orm.aliased(System, name=f"{place}_end") for place in ("first", "second"))
    return sa.exists(
        sa.select(ONE)
        .where(
            one.id == pair.first_id,
            other.id == pair.second_id,
            sa.func.lower(one.product_version) != sa.func.lower(other.product_version),
            seen(one, at=Profile.STANDARD),
            seen(other, at=Profile.STANDARD),
        )
        .correlate(pair)
    )


def _is_visible_origin(origin_id: Any) -> ColumnElement[bool]:
    """Return the condition that an origin of a manual group is an overlap for the actor.

    Otherwise its systems in the group would reveal members that the actor cannot see.
    """
    member = sa.orm.aliased(OverlapMember, name="origin_member")
    system = sa.orm.aliased(System, name="origin_system")
    agencies: Any = (
        sa.select(sa.func.count(sa.distinct(system.agency_id)))
        .where(member.overlap_id == origin_id, system.id == member.system_id, seen(system))
        .correlate(OverlapOrigin)
        .scalar_subquery()
    )
    return sa.and_(agencies >= _FEWEST, is_pair_visible(origin_id))


def _in_effect(grouping: Any) -> ColumnElement[bool]:
    """Return the condition that a manual group is in effect for the actor.

    The agency that made the group must be the actor's, or own a system that the actor sees in the
    visible origins. A merger must join two visible origins. A split must separate a visible system
    that was chosen from a visible system that was not.
    """
    origin = sa.orm.aliased(OverlapOrigin, name="origin_of_group")
    member = sa.orm.aliased(OverlapMember, name="origin_member")
    system = sa.orm.aliased(System, name="origin_system")
    chosen = sa.orm.aliased(OverlapMember, name="chosen_member")
    in_visible_origins = (
        origin.overlap_id == grouping.overlap_id,
        id_in(origin.origin_id, _ORIGIN_IDS),
        member.overlap_id == origin.origin_id,
        system.id == member.system_id,
        seen(system),
    )
    origins: Any = (
        sa.select(sa.func.count(sa.distinct(origin.origin_id)))
        .where(*in_visible_origins)
        .correlate(grouping)
        .scalar_subquery()
    )
    is_chosen = sa.exists(
        sa.select(ONE)
        .where(chosen.overlap_id == grouping.overlap_id, chosen.system_id == member.system_id)
        .correlate(grouping, member)
    )

    def some(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return sa.exists(sa.select(ONE).where(*in_visible_origins, *conditions).correlate(grouping))

    return sa.and_(
        grouping.withdrawn_at.is_(None),
        sa.or_(grouping.agency_id == ACTOR_AGENCY, some(system.agency_id == grouping.agency_id)),
        sa.case(
            (grouping.action == _literal(GroupingAction.MERGE), origins >= _ORIGINS_AT_LEAST),
            else_=sa.and_(some(is_chosen), some(sa.not_(is_chosen))),
        ),
    )


def is_in_visible_origin(grouped: Any) -> ColumnElement[bool]:
    """Return the condition that a member of a manual group is in a visible origin of the group."""
    origin = sa.orm.aliased(OverlapOrigin, name="came_from")
    member = sa.orm.aliased(OverlapMember, name="member_there")
    return sa.exists(
        sa.select(ONE)
        .where(
            origin.overlap_id == grouped.overlap_id,
            id_in(origin.origin_id, _ORIGIN_IDS),
            member.overlap_id == origin.origin_id,
            member.system_id == grouped.system_id,
        )
        .correlate(grouped)
    )


def first_visible_origin(value: ColumnElement[Any], source: Any) -> ColumnElement[Any]:
    """Return a value of the first visible origin of a group.

    `source` is the join of the origins with the table of the value.
    """
    return (
        sa.select(value)
        .select_from(source)
        .where(OverlapOrigin.overlap_id == Overlap.id, id_in(OverlapOrigin.origin_id, _ORIGIN_IDS))
        .order_by(OverlapOrigin.origin_id)
        .limit(ONE)
        .correlate(Overlap)
        .scalar_subquery()
    )


def _is_taken() -> ColumnElement[bool]:
    """Return the condition that a manual group in effect has taken a member from its overlap."""
    origin = sa.orm.aliased(OverlapOrigin, name="taken_from")
    member = sa.orm.aliased(OverlapMember, name="taken_member")
    return sa.exists(
        sa.select(ONE)
        .where(
            origin.origin_id == OverlapMember.overlap_id,
            member.overlap_id == origin.overlap_id,
            member.system_id == OverlapMember.system_id,
            id_in(origin.overlap_id, _GROUP_IDS),
        )
        .correlate(OverlapMember)
    )


MEMBER_SEEN: ColumnElement[bool] = sa.and_(
    OverlapMember.overlap_id == Overlap.id,
    OverlapMember.system_id == System.id,
    seen(System),
    sa.not_(_is_taken()),
    sa.or_(
        sa.not_(id_in(OverlapMember.overlap_id, _GROUP_IDS)), is_in_visible_origin(OverlapMember)
    ),
)
"""Joins the visible members and their systems to an overlap, by the row rule of systems."""


def over_members(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a subquery for a value, such as a sum, of the visible members."""
    return sa.select(value).where(MEMBER_SEEN).correlate(Overlap).scalar_subquery()


_ANY_GROUP = sa.select(sa.exists().where(OverlapGrouping.withdrawn_at.is_(None)))
_VISIBLE_ORIGINS: Any = (
    sa.select(OverlapOrigin.origin_id).distinct().where(_is_visible_origin(OverlapOrigin.origin_id))
)
_GROUPS_IN_EFFECT: Any = sa.select(OverlapGrouping.overlap_id).where(_in_effect(OverlapGrouping))


def groups_in_effect(context: Context) -> dict[str, Any]:
    """Return the manual groups in effect and their visible origins, as values of parameters.

    Separate queries find the groups before the row rules run. Nested in the row rules, these
    queries exceeded the limits of SQLite's parser and were slower on both databases.
    """
    connection = context.connection
    # Most installations have no manual groups, and stop after this cheap check.
    if not connection.scalar(_ANY_GROUP):
        return _values([], [])
    known = rule_parameters(context)
    # A manual group is never the origin of another, so the origins do not depend on the groups.
    origins = list(connection.scalars(_VISIBLE_ORIGINS, known))
    groups = connection.scalars(_GROUPS_IN_EFFECT, known | _values([], origins))
    return _values(groups, origins)


def _values(groups: Iterable[UUID], origins: Iterable[UUID]) -> dict[str, Any]:
    return {_GROUP_IDS.key: ids_value(groups), _ORIGIN_IDS.key: ids_value(origins)}


GROUP_SEEN: ColumnElement[bool] = id_in(OverlapGrouping.overlap_id, _GROUP_IDS)
"""The condition that a manual group is in effect for the actor."""

OVERLAP_SEEN: ColumnElement[bool] = sa.and_(
    over_members(sa.func.count(sa.distinct(System.agency_id))) >= _FEWEST,
    is_pair_visible(Overlap.id),
    sa.or_(sa.not_(Overlap.key.startswith(MANUAL_KEY_PREFIX)), id_in(Overlap.id, _GROUP_IDS)),
)
"""The row rule of overlaps: visible systems of two agencies, a visible pair, a group in effect."""

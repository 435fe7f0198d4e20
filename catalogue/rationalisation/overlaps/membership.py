"""Which systems an actor finds in an overlap, and which overlaps there are for it.

Everything here is asked of what the actor may see. A group that was made by hand is one for those
who see that its systems are united or parted by it, and who of their partners did so; to others it
is not there, and the overlaps that it was made from are as they were.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from catalogue.agencies.visibility import FieldProfile, seen
from catalogue.core.actor import Actor
from catalogue.core.database import work
from catalogue.core.reach import ACTOR_AGENCY, Profile, among, ids_parameter, ids_value
from catalogue.core.rest.resource import actor_parameters
from catalogue.rationalisation.matching.grouping import FEWEST_AGENCIES
from catalogue.rationalisation.overlaps.models import (
    Overlap,
    OverlapGrouping,
    OverlapMember,
    OverlapOrigin,
    OverlapPair,
)
from catalogue.rationalisation.vocabulary import GroupMaking
from catalogue.systems.models import System

ONE: ColumnElement[int] = sa.literal_column("1")
MADE_BY_HAND = "made:"
"""How the keys of groups begin that were made by hand."""

_IN_EFFECT: Any = ids_parameter("groups_in_effect")
_ORIGINS_AT_LEAST: ColumnElement[int] = sa.literal_column("2")


def _said(value: str) -> ColumnElement[str]:
    return sa.literal_column(f"'{value}'", sa.String())


def pair_shown(overlap_id: Any) -> ColumnElement[bool]:
    """Whether an overlap is no pair, or one that the actor may know of.

    It sees as much of both systems as was looked at; and of several pairs of the same two
    agencies with the same system, it is shown the likeliest of those that it sees.
    """
    pair = sa.orm.aliased(OverlapPair, name="pair_shown")
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
            sa.not_(_looked_at_more(rival)),
        )
        .correlate(pair)
    )
    return sa.not_(
        sa.exists(
            sa.select(ONE)
            .where(pair.overlap_id == overlap_id)
            .where(sa.or_(_looked_at_more(pair), sa.and_(pair.is_rival, beaten)))
            .correlate_except(pair)
        )
    )


def _looked_at_more(pair: Any) -> ColumnElement[bool]:
    """Whether a pair was found by what the actor does not see of one of its systems."""
    end = sa.orm.aliased(System, name="pair_end")
    too_little = sa.exists(
        sa.select(ONE)
        .where(end.id.in_((pair.first_id, pair.second_id)))
        .where(sa.not_(seen(end, at=Profile.STANDARD)))
        .correlate(pair)
    )
    return sa.and_(pair.profile != _said(FieldProfile.SUMMARY), too_little)


def _in_effect(grouping: Any) -> ColumnElement[bool]:
    """Whether a group that was made by hand is one for the actor."""
    origin = sa.orm.aliased(OverlapOrigin, name="origin_of_group")
    member = sa.orm.aliased(OverlapMember, name="origin_member")
    system = sa.orm.aliased(System, name="origin_system")
    chosen = sa.orm.aliased(OverlapMember, name="chosen_member")
    seen_in_origins = (
        origin.overlap_id == grouping.overlap_id,
        member.overlap_id == origin.origin_id,
        system.id == member.system_id,
        seen(system),
        pair_shown(origin.origin_id),
    )
    origins: Any = (
        sa.select(sa.func.count(sa.distinct(origin.origin_id)))
        .where(*seen_in_origins)
        .correlate(grouping)
        .scalar_subquery()
    )
    is_chosen = sa.exists(
        sa.select(ONE)
        .where(chosen.overlap_id == grouping.overlap_id, chosen.system_id == member.system_id)
        .correlate(grouping, member)
    )

    def some(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return sa.exists(sa.select(ONE).where(*seen_in_origins, *conditions).correlate(grouping))

    return sa.and_(
        grouping.withdrawn_at.is_(None),
        sa.or_(grouping.agency_id == ACTOR_AGENCY, some(system.agency_id == grouping.agency_id)),
        sa.case(
            (grouping.making == _said(GroupMaking.MERGE), origins >= _ORIGINS_AT_LEAST),
            else_=sa.and_(some(is_chosen), some(sa.not_(is_chosen))),
        ),
    )


def _taken() -> ColumnElement[bool]:
    """Whether a group that was made by hand has taken a member from its overlap."""
    origin = sa.orm.aliased(OverlapOrigin, name="taken_from")
    member = sa.orm.aliased(OverlapMember, name="taken_member")
    return sa.exists(
        sa.select(ONE)
        .where(
            origin.origin_id == OverlapMember.overlap_id,
            member.overlap_id == origin.overlap_id,
            member.system_id == OverlapMember.system_id,
            among(origin.overlap_id, _IN_EFFECT),
        )
        .correlate(OverlapMember)
    )


MEMBER_SEEN: ColumnElement[bool] = sa.and_(
    OverlapMember.overlap_id == Overlap.id,
    OverlapMember.system_id == System.id,
    seen(System),
    sa.not_(_taken()),
)
"""Ties members and their systems to an overlap, by the row rule of systems."""


def of_members(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A value, such as a sum, of the members that the actor sees."""
    return sa.select(value).where(MEMBER_SEEN).correlate(Overlap).scalar_subquery()


_ANY_GROUP = sa.select(sa.exists().where(OverlapGrouping.withdrawn_at.is_(None)))
_GROUPS_IN_EFFECT: Any = sa.select(OverlapGrouping.overlap_id).where(_in_effect(OverlapGrouping))


def groups_in_effect(actor: Actor) -> dict[str, Any]:
    """The groups made by hand that are groups for the actor, as a parameter of the rules here."""
    connection = work().connection
    found: list[UUID] = []
    # There are few, and mostly none: then the question itself would take longer than the answer.
    if connection.scalar(_ANY_GROUP):
        found = list(connection.scalars(_GROUPS_IN_EFFECT, actor_parameters(actor)))
    return {_IN_EFFECT.key: ids_value(found)}


GROUP_SEEN: ColumnElement[bool] = among(OverlapGrouping.overlap_id, _IN_EFFECT)
"""Whether the actor sees that its systems are united or parted by a group made by hand."""

OVERLAP_SEEN: ColumnElement[bool] = sa.and_(
    of_members(sa.func.count(sa.distinct(System.agency_id)))
    >= sa.literal_column(str(FEWEST_AGENCIES)),
    pair_shown(Overlap.id),
    sa.or_(sa.not_(Overlap.key.startswith(MADE_BY_HAND)), among(Overlap.id, _IN_EFFECT)),
)
"""The row rule of overlaps: systems of several agencies, and a reason to see them together."""

"""Rules of overlaps, decisions, readiness and reports that are broken one by one."""

import dataclasses
from typing import Any
from unittest import mock

import sqlalchemy as sa

from catalogue.contracts import operations as contracts
from catalogue.contracts.models import Contract
from catalogue.contracts.resources import CONTRACTS, COSTS
from catalogue.core.context import Context
from catalogue.core.rest.reader import rule_parameters
from catalogue.core.rest.resource import TODAY, Resource
from catalogue.rationalisation import shown
from catalogue.rationalisation.decisions import operations as decisions
from catalogue.rationalisation.decisions import paper
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.overlaps import by_hand, loading, membership, pairs
from catalogue.rationalisation.overlaps import operations as overlap_operations
from catalogue.rationalisation.overlaps.models import (
    Overlap,
    OverlapGrouping,
    OverlapMember,
    OverlapOrigin,
)
from catalogue.rationalisation.overlaps.resources import OVERLAPS
from catalogue.rationalisation.readiness import operations as readiness
from catalogue.reports.resources import NOTICE_DATES
from catalogue.systems import dependencies
from catalogue.systems.models import System
from catalogue.systems.resources import SYSTEMS
from catalogue.systems.uses.resources import USES
from tests.noninterference import attempts
from tests.noninterference.broken_rules import changed
from tests.noninterference.mutations import both, breaks, breaks_writing, patched

OF_A_GROUP = ("list_overlaps", "list_overlap_groupings")


def loose(resource: Resource) -> Resource:
    """A resource whose rows everybody may see."""
    return dataclasses.replace(resource, visible=sa.true())


EVERY_MEMBER = sa.and_(OverlapMember.overlap_id == Overlap.id, OverlapMember.system_id == System.id)


# ---- Pairs

membership_seen = membership.seen


def _pairs_shown(seen: Any) -> Any:
    """Overlaps, with other answers to what is seen of a pair's systems."""
    counted, _, by_hand_or_seen = OVERLAPS.visible.clauses  # type: ignore[attr-defined]
    with mock.patch.object(membership, "seen", seen):
        rule = membership.pair_shown(Overlap.id)
    return changed(OVERLAPS, visible=sa.and_(counted, rule, by_hand_or_seen))


@breaks("a pair is shown that was found by what is withheld", "list_overlaps")
def _looked_at_more() -> Any:
    return _pairs_shown(lambda model, **_how: membership_seen(model))


@breaks("a hidden pair takes the place of one that is seen", "list_overlaps")
def _rivals() -> Any:
    def seen(model: Any, **how: Any) -> Any:
        return membership_seen(model, **how) if how.get("at") else sa.true()

    return _pairs_shown(seen)


@breaks("pairs are compared of members that may not be seen", "list_overlap_pairs")
def _pair_members() -> Any:
    return both(
        patched(pairs, "MEMBER_SEEN", EVERY_MEMBER),
        patched(loading, "SYSTEMS", loose(SYSTEMS)),
    )


@breaks("pairs are compared by what is withheld", "list_overlap_pairs")
def _pair_fields() -> Any:
    return patched(loading, "_STANDARD", sa.true())


# ---- Groups by hand


@breaks("a group made by hand is one for everybody", *OF_A_GROUP)
def _every_group() -> Any:
    found = sa.select(OverlapGrouping.overlap_id, sa.false().label("is_origin"))
    every = found.where(OverlapGrouping.withdrawn_at.is_(None))
    return patched(membership, "_GROUPS_IN_EFFECT", every)


@breaks("a merger brings along what is in hidden origins", *OF_A_GROUP)
def _every_origin() -> Any:
    return patched(membership, "_FOUND_ORIGINS", sa.select(OverlapOrigin.origin_id).distinct())


@breaks("the maker of a group may be unknown", *OF_A_GROUP)
def _any_maker() -> Any:
    with mock.patch.object(membership, "ACTOR_AGENCY", OverlapGrouping.agency_id):
        rule = membership._in_effect(OverlapGrouping)
    found = sa.select(OverlapGrouping.overlap_id, sa.false().label("is_origin")).where(rule)
    return patched(membership, "_GROUPS_IN_EFFECT", found)


@breaks_writing("a split takes members that may not be seen", attempts.group_what_may_not_be_seen)
def _any_split() -> Any:
    return patched(by_hand, "MEMBER_SEEN", EVERY_MEMBER)


@breaks_writing("a merger takes overlaps that may not be seen", attempts.group_what_may_not_be_seen)
def _any_merger() -> Any:
    return patched(by_hand, "OVERLAPS", loose(OVERLAPS))


@breaks_writing("a run counts the overlaps of all", attempts.become_like_hidden_systems)
def _run_counts() -> Any:
    def counted(context: Context, resource: Resource, statement: Any) -> Any:
        return statement.params(rule_parameters(context) | resource.rule_values(context))

    return patched(overlap_operations, "only_visible", counted)


# ---- Decisions


@breaks("a paper tells what is withheld of a system", "get_decision_paper")
def _paper_fields() -> Any:
    return changed(SYSTEMS.profiles, column=lambda name, record: record.c[name])


@breaks("a paper tells of decisions that may not be seen", "get_decision_paper")
def _paper_decisions() -> Any:
    return patched(paper, "DECISIONS", loose(DECISIONS))


@breaks("a paper adds up costs that may not be seen", "get_decision_paper")
def _paper_costs() -> Any:
    return patched(contracts, "COSTS", loose(COSTS))


@breaks_writing(
    "a successor may be one that is not seen", attempts.name_successors_that_may_not_be_seen
)
def _any_successor() -> Any:
    def there(context: Context, wanted: Any, **_how: Any) -> Any:
        return set(context.session.scalars(sa.select(System.id).where(System.id.in_(wanted))))

    return patched(decisions, "_seen_among", there)


@breaks_writing(
    "a decision may be about members that are not seen",
    attempts.name_successors_that_may_not_be_seen,
)
def _any_member() -> Any:
    return patched(decisions, "MEMBER_SEEN", EVERY_MEMBER)


# ---- What stands in the way


@breaks("readiness tells of uses that may not be seen", "get_system_readiness")
def _uses() -> Any:
    return patched(readiness, "USES", loose(USES))


@breaks(
    "readiness tells of decisions that may not be seen",
    "get_system_readiness",
    "get_group_readiness",
)
def _decisions() -> Any:
    return both(
        patched(readiness, "DECISIONS", loose(DECISIONS)),
        patched(decisions, "DECISIONS", loose(DECISIONS)),
    )


@breaks("readiness tells of a group's hidden members", "get_group_readiness")
def _group() -> Any:
    return both(
        patched(readiness, "MEMBER_SEEN", EVERY_MEMBER),
        patched(shown, "SYSTEMS", loose(SYSTEMS)),
    )


@breaks("readiness tells what is withheld of a system", "get_system_readiness")
def _fields() -> Any:
    return patched(shown.PROFILES, "masked", lambda _name, expression: expression)


@breaks_writing(
    "a system may not go for what runs out of sight", attempts.retire_what_hidden_systems_rely_on
)
def _relied_on() -> Any:
    return patched(dependencies, "SYSTEMS", loose(SYSTEMS))


# ---- Reports


@breaks("a withheld date puts a contract in the report", "list_notice_dates")
def _notice_dates() -> Any:
    rule = sa.and_(CONTRACTS.visible, Contract.last_notice_date >= TODAY)
    return changed(NOTICE_DATES, visible=rule)

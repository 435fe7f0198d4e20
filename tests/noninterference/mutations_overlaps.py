"""Mutations of rules for overlaps, decisions, readiness and reports."""

from dataclasses import replace
from typing import Any
from unittest import mock

import sqlalchemy as sa

from catalogue.contracts import operations as contracts
from catalogue.contracts.resources import CONTRACTS, COSTS
from catalogue.core.context import Context
from catalogue.core.rest.reader import rule_parameters
from catalogue.core.rest.resource import Resource
from catalogue.rationalisation import visible_systems
from catalogue.rationalisation.decisions import briefing
from catalogue.rationalisation.decisions import operations as decisions
from catalogue.rationalisation.decisions.resources import DECISIONS
from catalogue.rationalisation.overlaps import manual_groups, pairs, record_reader, visibility
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
from tests.noninterference.mutations import both, breaks, breaks_writing, loose, patched

OF_A_GROUP = ("list_overlaps", "list_overlap_groupings")


EVERY_MEMBER = sa.and_(OverlapMember.overlap_id == Overlap.id, OverlapMember.system_id == System.id)


# ---- Counts and overlaps of systems


@breaks("systems count by withheld values", "count_systems")
def _counted_values() -> Any:
    return changed(SYSTEMS.profiles, shown_where=lambda _name: None)


@breaks("overlaps are found by hidden members", "list_overlaps")
def _overlaps_of_a_system() -> Any:
    def has_member(system_id: Any) -> Any:
        named = sa.select(1).where(EVERY_MEMBER, System.id == system_id)
        return sa.exists(named.correlate(Overlap))

    by_system = replace(OVERLAPS.part_filters["system_id"], contains=has_member)
    return changed(OVERLAPS, part_filters={"system_id": by_system})


# ---- Pairs

visibility_seen = visibility.seen


def _pairs_shown(seen: Any) -> Any:
    """Change the row rule of overlaps, with another rule for the systems of a pair."""
    counted, _, by_hand_or_seen = OVERLAPS.visible.clauses  # type: ignore[attr-defined]
    with mock.patch.object(visibility, "seen", seen):
        rule = visibility.is_pair_visible(Overlap.id)
    return changed(OVERLAPS, visible=sa.and_(counted, rule, by_hand_or_seen))


@breaks("a pair that matches by withheld fields is visible", "list_overlaps")
def _looked_at_more() -> Any:
    return _pairs_shown(lambda model, **_how: visibility_seen(model))


@breaks("a hidden pair replaces a visible one", "list_overlaps")
def _rivals() -> Any:
    def seen(model: Any, **how: Any) -> Any:
        return visibility_seen(model, **how) if how.get("at") else sa.true()

    return _pairs_shown(seen)


@breaks("pairs compare hidden members", "list_overlap_pairs")
def _pair_members() -> Any:
    return both(
        patched(pairs, "MEMBER_SEEN", EVERY_MEMBER),
        patched(record_reader, "SYSTEMS", loose(SYSTEMS)),
    )


@breaks("pairs compare withheld fields", "list_overlap_pairs")
def _pair_fields() -> Any:
    return patched(record_reader, "_STANDARD", sa.true())


# ---- Manual groups


@breaks("every agency sees a manual group", *OF_A_GROUP)
def _every_group() -> Any:
    found = sa.select(OverlapGrouping.overlap_id, sa.false().label("is_origin"))
    every = found.where(OverlapGrouping.withdrawn_at.is_(None))
    return patched(visibility, "_GROUPS_IN_EFFECT", every)


@breaks("a merger includes hidden origins", *OF_A_GROUP)
def _every_origin() -> Any:
    return patched(visibility, "_VISIBLE_ORIGINS", sa.select(OverlapOrigin.origin_id).distinct())


@breaks("the agency behind a group can be hidden", *OF_A_GROUP)
def _any_maker() -> Any:
    with mock.patch.object(visibility, "ACTOR_AGENCY", OverlapGrouping.agency_id):
        rule = visibility._in_effect(OverlapGrouping)
    found = sa.select(OverlapGrouping.overlap_id, sa.false().label("is_origin")).where(rule)
    return patched(visibility, "_GROUPS_IN_EFFECT", found)


@breaks_writing("a split accepts hidden members", attempts.group_hidden_systems)
def _any_split() -> Any:
    return patched(manual_groups, "MEMBER_SEEN", EVERY_MEMBER)


@breaks_writing("a merger accepts hidden overlaps", attempts.group_hidden_systems)
def _any_merger() -> Any:
    return patched(manual_groups, "OVERLAPS", loose(OVERLAPS))


@breaks_writing("a run counts hidden overlaps", attempts.become_like_hidden_systems)
def _run_counts() -> Any:
    def counted(context: Context, resource: Resource, statement: Any) -> Any:
        return statement.params(rule_parameters(context) | resource.rule_values(context))

    return patched(overlap_operations, "only_visible", counted)


# ---- Decisions


@breaks("a briefing shows withheld fields", "get_decision_briefing")
def _briefing_fields() -> Any:
    return changed(SYSTEMS.profiles, column=lambda name, record: record.c[name])


@breaks("a briefing shows hidden decisions", "get_decision_briefing")
def _briefing_decisions() -> Any:
    return patched(briefing, "DECISIONS", loose(DECISIONS))


@breaks("a briefing adds up hidden costs", "get_decision_briefing")
def _briefing_costs() -> Any:
    return patched(contracts, "COSTS", loose(COSTS))


@breaks_writing("a successor can be hidden", attempts.name_hidden_successors)
def _any_successor() -> Any:
    def there(context: Context, wanted: Any, **_how: Any) -> Any:
        return set(context.session.scalars(sa.select(System.id).where(System.id.in_(wanted))))

    return patched(decisions, "_visible_among", there)


@breaks_writing(
    "a decision accepts hidden members",
    attempts.name_hidden_successors,
)
def _any_member() -> Any:
    return patched(decisions, "MEMBER_SEEN", EVERY_MEMBER)


# ---- Readiness


@breaks("readiness shows hidden uses", "get_system_readiness")
def _uses() -> Any:
    return patched(readiness, "USES", loose(USES))


@breaks(
    "readiness shows hidden decisions",
    "get_system_readiness",
    "get_group_readiness",
)
def _decisions() -> Any:
    return both(
        patched(readiness, "DECISIONS", loose(DECISIONS)),
        patched(decisions, "DECISIONS", loose(DECISIONS)),
    )


@breaks("readiness shows hidden members of a group", "get_group_readiness")
def _group() -> Any:
    return both(
        patched(readiness, "MEMBER_SEEN", EVERY_MEMBER),
        patched(visible_systems, "SYSTEMS", loose(SYSTEMS)),
    )


@breaks("readiness shows withheld fields", "get_system_readiness")
def _fields() -> Any:
    return patched(visible_systems.PROFILES, "masked", lambda _name, expression: expression)


@breaks_writing(
    "a hidden dependant decides if a system can retire",
    attempts.retire_a_system_that_hidden_ones_rely_on,
)
def _relied_on() -> Any:
    return patched(dependencies, "SYSTEMS", loose(SYSTEMS))


# ---- Reports


@breaks("a withheld date puts a contract in the report", "list_notice_dates")
def _notice_dates() -> Any:
    return changed(NOTICE_DATES, visible=CONTRACTS.visible)

"""Options for a group of systems, ranked by plain rules over its visible records.

These are pure functions. There is one option for each system that could stay, and one in which all
systems stay as they are. Each option lists its reasons and cautions. The questions in `RANKING`
decide the order, and options have no score.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalogue.contracts.operations import VisibleCostLine
from catalogue.core.money import pounds
from catalogue.core.text import fold, format_date
from catalogue.rationalisation.decisions.annual_costs import AnnualCosts, total_costs
from catalogue.rationalisation.options.reasons import (
    COULD_STAY,
    NOT_YET_LIVE,
    RETIRING,
    GroupMember,
    explain_cautions,
    explain_reasons,
    explain_retirement,
    explain_unknown_users,
)
from catalogue.rationalisation.vocabulary import MigrationStrategy, OverlapKind
from catalogue.systems.vocabulary import Disposition, Hosting, Lifecycle

SOON = timedelta(days=3 * 365)
"""Roughly the time to procure and move to another system."""
UNKNOWN_FIT = 2
BEST_FIT = 8

RANKING = (
    "Is the retained system in use, and does its owner plan to keep it? Yes ranks first.",
    "Is support for the retained system known to end within three years? No ranks first.",
    (
        "What is the fit of the retained system, functional and technical together, out of 8? The "
        "highest ranks first. "
        f"An unknown fit counts as {UNKNOWN_FIT} of 4."
    ),
    (
        "What do the remaining systems cost a year? The lowest ranks first. Costs count only if they "
        "are known for all systems."
    ),
    (
        "How many people have to move? The fewest rank first. Users count only if they are known for "
        "all systems."
    ),
    "How many agencies already use the retained system? The most rank first.",
)
"""The questions that rank options. A question counts only if all earlier answers are equal. Names
of systems break the last ties."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The planned outcome for one system, in the form of a decision's member."""

    system_id: UUID
    disposition: Disposition
    strategy: MigrationStrategy
    successor_id: UUID | None = None


@dataclass(frozen=True)
class Option:
    """A possible plan for the group: one system is retained, or all stay as they are."""

    retained: GroupMember | None
    """The system that replaces the others. None if all stay as they are."""
    outcomes: tuple[Outcome, ...]
    costs: AnnualCosts
    users_to_move: int | None
    """The known users of systems that retire. None if no number is known."""
    users_unknown: int
    """The number of retiring systems whose users are not known."""
    reasons: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    """The answers to the questions of `RANKING`, in their order."""
    rank: int | None = None


@dataclass(frozen=True)
class SystemGroup:
    """The visible systems of an overlap, except decommissioned and cancelled ones, with costs."""

    kind: OverlapKind
    members: tuple[GroupMember, ...]
    lines: tuple[VisibleCostLine, ...] = ()
    """The cost lines of one year, chosen by `latest_recurring`."""
    withheld: frozenset[UUID] = frozenset()
    """The systems whose costs the actor cannot see."""


def rank_options(group: SystemGroup, *, today: date, most: int | None = None) -> list[Option]:
    """Return the options by rank, followed by the option in which all systems stay.

    `most` limits the ranked options only.
    """
    options = [_build_option(group, retained) for retained in find_candidates(group)]
    comparable = (
        all(option.costs.complete for option in options),
        all(not option.users_unknown for option in options),
    )
    ordered = sorted(options, key=lambda option: _rank_key(option, today, comparable))
    ranked = [
        replace(
            _explain(group, option, today),
            rank=rank,
            answers=_answer_ranking(option, today, comparable),
        )
        for rank, option in enumerate(ordered[:most], 1)
    ]
    return [*ranked, _build_unchanged(group)] if group.members else []


def find_candidates(group: SystemGroup) -> list[GroupMember]:
    """Return the systems that others could move to. A group of one system has none."""
    several = len(group.members) > 1
    return [each for each in group.members if could_stay(each)] if several else []


def could_stay(member: GroupMember) -> bool:
    """Return true if the system is live or will be, so that users of others could move to it."""
    return member.lifecycle in COULD_STAY


def _build_option(group: SystemGroup, retained: GroupMember) -> Option:
    outcomes = tuple(plan_outcome(each, retained, group.kind) for each in group.members)
    retiring = _retiring(group, outcomes)
    moving = [each for each in retiring if _people_move(each, group.kind)]
    known = [each.users for each in moving if each.users is not None]
    return Option(
        retained,
        outcomes,
        _costs(group, {each.system_id for each in retiring}),
        users_to_move=sum(known) if known or not moving else None,
        users_unknown=len(moving) - len(known),
    )


def _retiring(group: SystemGroup, outcomes: Sequence[Outcome]) -> list[GroupMember]:
    return [
        member
        for member, outcome in zip(group.members, outcomes, strict=True)
        if outcome.disposition in RETIRING
    ]


def _explain(group: SystemGroup, option: Option, today: date) -> Option:
    retained = _require_retained(option)
    others = [each for each in group.members if each is not retained]
    retiring = _retiring(group, option.outcomes)
    moving = [each for each in retiring if _people_move(each, group.kind)]
    return replace(
        option,
        reasons=tuple(explain_reasons(retained, others, option.costs, today, soon=SOON)),
        cautions=(
            *explain_cautions(retained, option.costs, today, soon=SOON),
            *(caution for each in retiring for caution in explain_retirement(each, today)),
            *(explain_unknown_users(each) for each in moving if each.users is None),
            *_explain_national_systems(others),
        ),
    )


def plan_outcome(member: GroupMember, retained: GroupMember, kind: OverlapKind) -> Outcome:
    """Return the outcome for `member` if `retained` is kept. The two can be the same system.

    A system without users to move is retired. Users of the same product relocate to the retained
    installation. Users of another product repurchase: they move to the successor's product. No
    agency can retire a national system, so it is tolerated.
    """
    system_id = member.system_id
    if member is retained:
        return Outcome(system_id, Disposition.INVEST, MigrationStrategy.RETAIN)
    if _is_national(member):
        return Outcome(system_id, Disposition.TOLERATE, MigrationStrategy.RETAIN)
    if not _people_move(member, kind):
        return Outcome(
            system_id, Disposition.ELIMINATE, MigrationStrategy.RETIRE, retained.system_id
        )
    same = member.product_id is not None and member.product_id == retained.product_id
    strategy = MigrationStrategy.RELOCATE if same else MigrationStrategy.REPURCHASE
    return Outcome(system_id, Disposition.MIGRATE, strategy, retained.system_id)


def _is_national(member: GroupMember) -> bool:
    return member.hosting is Hosting.NATIONAL_SYSTEM


def _people_move(member: GroupMember, kind: OverlapKind) -> bool:
    """Return true if people have to move when the system retires."""
    if kind is OverlapKind.SAME_INSTANCE or member.users == 0:
        return False
    return member.lifecycle in {Lifecycle.LIVE, Lifecycle.SUNSETTING}


def _explain_national_systems(others: Sequence[GroupMember]) -> list[str]:
    return [
        f"{each.title} stays too. It is a national system, which no agency can retire."
        for each in others
        if _is_national(each)
    ]


def _build_unchanged(group: SystemGroup) -> Option:
    outcomes = tuple(
        Outcome(each.system_id, Disposition.TOLERATE, MigrationStrategy.RETAIN)
        for each in group.members
    )
    costs = _costs(group, set())
    reasons = ["Nobody has to move."]
    cautions = (
        []
        if costs.before is None
        else [f"The systems continue to cost {pounds(costs.before)} a year."]
    )
    return Option(None, outcomes, costs, 0, 0, tuple(reasons), tuple(cautions))


def _costs(group: SystemGroup, going: set[UUID]) -> AnnualCosts:
    staying = {each.system_id for each in group.members} - going
    return total_costs(group.lines, staying=staying, going=going, withheld=group.withheld)


# ---- Ranking


def _rank_key(option: Option, today: date, comparable: tuple[bool, bool]) -> tuple[Any, ...]:
    retained = _require_retained(option)
    costs, users = comparable
    return (
        not _is_to_stay(retained),
        _support_ends_soon(retained, today),
        -_fit(retained),
        option.costs.after if costs and option.costs.after is not None else Decimal(),
        option.users_to_move or 0 if users else 0,
        -len(retained.agencies),
        fold(retained.name),
        retained.system_id,
    )


def _answer_ranking(option: Option, today: date, comparable: tuple[bool, bool]) -> tuple[str, ...]:
    retained = _require_retained(option)
    costs, users = comparable
    ends = retained.end_of_support
    support = ""
    if ends is not None:
        support = f" Support {'ends' if ends >= today else 'ended'} on {format_date(ends)}."
    fits = (retained.functional_fit, retained.technical_fit)
    unknown = " One fit is not known." if fits.count(None) == 1 else " Neither fit is known."
    after, moving = option.costs.after, option.users_to_move
    return (
        "Yes." if _is_to_stay(retained) else "No.",
        ("Yes." if _support_ends_soon(retained, today) else "No.") + support,
        f"{_fit(retained)} of {BEST_FIT}." + (unknown if None in fits else ""),
        f"{pounds(after)}." if costs and after is not None else "Not known for all systems.",
        f"{moving or 0:,}." if users else "Not known for all systems.",
        f"{len(retained.agencies)}.",
    )


def _require_retained(option: Option) -> GroupMember:
    if option.retained is None:
        raise ValueError("An option that retains all systems has no rank.")
    return option.retained


def _is_to_stay(retained: GroupMember) -> bool:
    return retained.lifecycle not in NOT_YET_LIVE and retained.disposition not in RETIRING


def _support_ends_soon(retained: GroupMember, today: date) -> bool:
    return retained.end_of_support is not None and retained.end_of_support < today + SOON


def _fit(retained: GroupMember) -> int:
    fits = (retained.functional_fit, retained.technical_fit)
    return sum(UNKNOWN_FIT if fit is None else fit for fit in fits)

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
from catalogue.core.sums import Sum
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
BEST_FIT = 8
_NOT_KNOWN = "Not known."

RANKING = (
    (
        "Has the owner assessed the retained system, so that its plan or a fit is known? Yes ranks "
        "first, because nothing speaks for a system that nobody assessed."
    ),
    (
        "Is the retained system in use, and does its owner plan to keep it? Yes ranks first, and No "
        "last. An unknown plan ranks between them."
    ),
    (
        "Is support for the retained system known to end within three years? No ranks first, and Yes "
        "last. An unknown end ranks between them."
    ),
    (
        "What is the fit of the retained system, functional and technical together, out of 8? The "
        "highest ranks first. A system with an unknown fit ranks after those with known fits."
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
    users_to_move: Sum
    """The users of systems that retire."""
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
        all(option.users_to_move.complete for option in options),
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
    return Option(
        retained,
        outcomes,
        _costs(group, {each.system_id for each in retiring}),
        users_to_move=_add_up_users(moving),
    )


def _add_up_users(members: Sequence[GroupMember]) -> Sum:
    """Add up the users of systems. A number that the owner does not share counts as withheld."""
    shown = [member for member in members if not member.users_withheld]
    return Sum.of((member.users for member in shown), withheld=len(members) - len(shown))


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
    cautions = []
    if costs.before.value:
        scope = "" if costs.before.complete else ", counting only the known costs"
        cost = pounds(Decimal(costs.before.value))
        cautions = [f"The systems continue to cost {cost} a year{scope}."]
    return Option(None, outcomes, costs, Sum(), tuple(reasons), tuple(cautions))


def _costs(group: SystemGroup, going: set[UUID]) -> AnnualCosts:
    staying = {each.system_id for each in group.members} - going
    return total_costs(group.lines, staying=staying, going=going, withheld=group.withheld)


# ---- Ranking


def _rank_key(option: Option, today: date, comparable: tuple[bool, bool]) -> tuple[Any, ...]:
    retained = _require_retained(option)
    costs, users = comparable
    return (
        not _is_assessed(retained),
        _ORDER[_is_to_stay(retained)],
        _ORDER[_support_lasts(retained, today)],
        _fits(retained).count(None),
        -_fit(retained),
        option.costs.after.known if costs else 0,
        option.users_to_move.known if users else 0,
        -len(retained.agencies),
        fold(retained.name),
        retained.system_id,
    )


def _answer_ranking(option: Option, today: date, comparable: tuple[bool, bool]) -> tuple[str, ...]:
    retained = _require_retained(option)
    costs, users = comparable
    lasts = _support_lasts(retained, today)
    ends = retained.end_of_support
    support = ""
    if ends is not None:
        support = f" Support {'ends' if ends >= today else 'ended'} on {format_date(ends)}."
    return (
        _say(_is_assessed(retained)),
        _say(_is_to_stay(retained)),
        _say(None if lasts is None else not lasts) + support,
        _describe_fit(retained),
        f"{pounds(Decimal(option.costs.after.known))}." if costs else "Not known for all systems.",
        f"{option.users_to_move.known:,}." if users else "Not known for all systems.",
        f"{len(retained.agencies)}.",
    )


_ORDER = {True: 0, None: 1, False: 2}
"""The places of answers. None stands for an unknown answer."""


def _say(answer: bool | None) -> str:
    return _NOT_KNOWN if answer is None else "Yes." if answer else "No."


def _describe_fit(retained: GroupMember) -> str:
    unknown = _fits(retained).count(None)
    if not unknown:
        return f"{_fit(retained)} of {BEST_FIT}."
    return f"{_fit(retained)} of 4. The other fit is not known." if unknown == 1 else _NOT_KNOWN


def _require_retained(option: Option) -> GroupMember:
    if option.retained is None:
        raise ValueError("An option that retains all systems has no rank.")
    return option.retained


def _is_assessed(retained: GroupMember) -> bool:
    return any(each is not None for each in (retained.disposition, *_fits(retained)))


def _is_to_stay(retained: GroupMember) -> bool | None:
    """Return true if the system is in use and its owner plans to keep it. None if not known."""
    if retained.lifecycle in NOT_YET_LIVE or retained.disposition in RETIRING:
        return False
    return None if retained.disposition is None else True


def _support_lasts(retained: GroupMember, today: date) -> bool | None:
    """Return true if support lasts for three years. None if its end is not known."""
    return None if retained.end_of_support is None else retained.end_of_support >= today + SOON


def _fits(retained: GroupMember) -> tuple[int | None, ...]:
    return (retained.functional_fit, retained.technical_fit)


def _fit(retained: GroupMember) -> int:
    """Return the sum of the known fits."""
    return sum(fit for fit in _fits(retained) if fit is not None)

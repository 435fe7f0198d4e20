"""The options of a group of systems, worked out by plain rules from what one may see of them.

Pure functions. There is one option for each system that could stay, and one in which all stay as
they are. Whoever decides is told what speaks for each and what against; the order is that of the
questions in `RANKING`, and no number is made of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalogue.contracts.operations import VisibleCostLine
from catalogue.core.money import pounds
from catalogue.core.text import fold
from catalogue.rationalisation.decisions.costs import CostAYear, sums_of
from catalogue.rationalisation.options.reasons import (
    COULD_STAY,
    GIVEN_UP,
    NOT_YET,
    Member,
    against,
    day,
    for_it,
    on_leaving,
    unknown_users,
)
from catalogue.rationalisation.vocabulary import MigrationStrategy, OverlapKind
from catalogue.systems.vocabulary import Disposition, Hosting, Lifecycle

SOON = timedelta(days=3 * 365)
"""About as long as it takes to procure and move to something else."""
UNKNOWN_FIT = 2
BEST_FIT = 8

RANKING = (
    "Is the system that stays in use, and does its owner mean to keep it? Yes comes first.",
    "Is its support known to end within three years? No comes first.",
    (
        "How well does it fit: functional and technical fit together, 8 at best? The most comes "
        f"first; a fit that is not known counts as {UNKNOWN_FIT} of 4."
    ),
    (
        "What do the systems cost a year afterwards? The least comes first, where the costs of all of "
        "them are known; else it does not count."
    ),
    (
        "How many people have to move? The fewest come first, where the users of all systems are "
        "known; else it does not count."
    ),
    "How many agencies are on it already? The most come first.",
)
"""What options are put in order by: each question only where those before it are answered alike,
and at last the names."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What is to become of one system, as a decision takes it."""

    system_id: UUID
    disposition: Disposition
    strategy: MigrationStrategy
    successor_id: UUID | None = None


@dataclass(frozen=True)
class Option:
    """One thing that could be done."""

    stays: Member | None
    """The system that the others give way to; None where all stay as they are."""
    fates: tuple[Fate, ...]
    costs: CostAYear
    users_to_move: int | None
    """People who use a system that goes, as far as known; None where it is known of none."""
    users_unknown: int
    """Of how many systems that go it is not known how many people use them."""
    reasons: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    """To each question of `RANKING`."""
    rank: int | None = None


@dataclass(frozen=True)
class Group:
    """The systems of a group that one sees and that are still there, and their costs."""

    kind: OverlapKind
    members: tuple[Member, ...]
    lines: tuple[VisibleCostLine, ...] = ()
    """The lines of cost of one year, as `latest_recurring` chose them."""
    withheld: frozenset[UUID] = frozenset()
    """The systems whose costs one may not see."""


def options_of(group: Group, *, today: date, most: int | None = None) -> list[Option]:
    """The options, the first in rank first, and at the end the one in which nothing changes.

    No more than `most` besides that one: those that come first of all.
    """
    found = [_option(group, stays) for stays in candidates_of(group)]
    comparable = (
        all(option.costs.complete for option in found),
        all(not option.users_unknown for option in found),
    )
    ordered = sorted(found, key=lambda option: _key(option, today, comparable))
    ranked = [
        replace(
            _explained(group, option, today),
            rank=place,
            answers=_answers(option, today, comparable),
        )
        for place, option in enumerate(ordered[:most], 1)
    ]
    return [*ranked, _nothing_changes(group)] if group.members else []


def candidates_of(group: Group) -> list[Member]:
    """The systems that others could move to, if there are others."""
    several = len(group.members) > 1
    return [each for each in group.members if could_stay(each)] if several else []


def could_stay(member: Member) -> bool:
    """Whether others could move to a system: it is not on its way out."""
    return member.lifecycle in COULD_STAY


def _option(group: Group, stays: Member) -> Option:
    fates = tuple(fate_of(each, stays, group.kind) for each in group.members)
    moving = [each for each in _leaving(group, fates) if _people_move(each, group.kind)]
    known = [each.users for each in moving if each.users is not None]
    return Option(
        stays,
        fates,
        _costs(group, {each.system_id for each in _leaving(group, fates)}),
        users_to_move=sum(known) if known or not moving else None,
        users_unknown=len(moving) - len(known),
    )


def _leaving(group: Group, fates: Sequence[Fate]) -> list[Member]:
    return [m for m, f in zip(group.members, fates, strict=True) if f.disposition in GIVEN_UP]


def _explained(group: Group, option: Option, today: date) -> Option:
    stays = _successor(option)
    others = [each for each in group.members if each is not stays]
    leaving = _leaving(group, option.fates)
    moving = [each for each in leaving if _people_move(each, group.kind)]
    return replace(
        option,
        reasons=tuple(for_it(stays, others, option.costs, today, soon=SOON)),
        cautions=(
            *against(stays, option.costs, today, soon=SOON),
            *(said for each in leaving for said in on_leaving(each, today)),
            *(unknown_users(each) for each in moving if each.users is None),
            *_kept_as_well(others),
        ),
    )


def fate_of(member: Member, stays: Member, kind: OverlapKind) -> Fate:
    """What becomes of a system where another, or itself, stays.

    One that nobody has to move from is retired. Users of the same product are relocated to the
    other installation; users of another product are moved to what is, for them, a purchase of the
    successor's (repurchase). A national system is no agency's to retire, and is tolerated.
    """
    identity = member.system_id
    if member is stays:
        return Fate(identity, Disposition.INVEST, MigrationStrategy.RETAIN)
    if _is_national(member):
        return Fate(identity, Disposition.TOLERATE, MigrationStrategy.RETAIN)
    if not _people_move(member, kind):
        return Fate(identity, Disposition.ELIMINATE, MigrationStrategy.RETIRE, stays.system_id)
    same = member.product_id is not None and member.product_id == stays.product_id
    strategy = MigrationStrategy.RELOCATE if same else MigrationStrategy.REPURCHASE
    return Fate(identity, Disposition.MIGRATE, strategy, stays.system_id)


def _is_national(member: Member) -> bool:
    return member.hosting is Hosting.NATIONAL_SYSTEM


def _people_move(member: Member, kind: OverlapKind) -> bool:
    """Whether anybody has to move when a system goes."""
    if kind is OverlapKind.SAME_INSTANCE or member.users == 0:
        return False
    return member.lifecycle in {Lifecycle.LIVE, Lifecycle.SUNSETTING}


def _kept_as_well(others: Sequence[Member]) -> list[str]:
    return [
        f"{each.title} stays as well: it is a national system, which no agency can retire."
        for each in others
        if _is_national(each)
    ]


def _nothing_changes(group: Group) -> Option:
    fates = tuple(
        Fate(each.system_id, Disposition.TOLERATE, MigrationStrategy.RETAIN)
        for each in group.members
    )
    costs = _costs(group, set())
    reasons = ["Nobody has to move."]
    cautions = (
        [] if costs.before is None else [f"It goes on costing {pounds(costs.before)} a year."]
    )
    return Option(None, fates, costs, 0, 0, tuple(reasons), tuple(cautions))


def _costs(group: Group, going: set[UUID]) -> CostAYear:
    staying = {each.system_id for each in group.members} - going
    return sums_of(group.lines, staying=staying, going=going, withheld=group.withheld)


# ---- The order


def _key(option: Option, today: date, comparable: tuple[bool, bool]) -> tuple[Any, ...]:
    stays = _successor(option)
    costs, users = comparable
    return (
        not _is_kept(stays),
        _support_ends_soon(stays, today),
        -_fit(stays),
        option.costs.after if costs and option.costs.after is not None else Decimal(),
        option.users_to_move or 0 if users else 0,
        -len(stays.agencies),
        fold(stays.name),
        stays.system_id,
    )


def _answers(option: Option, today: date, comparable: tuple[bool, bool]) -> tuple[str, ...]:
    stays = _successor(option)
    costs, users = comparable
    ends = stays.end_of_support
    until = ""
    if ends is not None:
        until = f" It {'is' if ends >= today else 'was'} supported until {day(ends)}."
    fits = (stays.functional_fit, stays.technical_fit)
    guessed = " One is not known." if fits.count(None) == 1 else " Neither is known."
    after, moved = option.costs.after, option.users_to_move
    return (
        "Yes." if _is_kept(stays) else "No.",
        ("Yes." if _support_ends_soon(stays, today) else "No.") + until,
        f"{_fit(stays)} of {BEST_FIT}." + (guessed if None in fits else ""),
        f"{pounds(after)}." if costs and after is not None else "Not known of all systems.",
        f"{moved or 0:,}." if users else "Not known of all systems.",
        f"{len(stays.agencies)}.",
    )


def _successor(option: Option) -> Member:
    if option.stays is None:
        raise ValueError("Where nothing changes there is nothing to put in order.")
    return option.stays


def _is_kept(stays: Member) -> bool:
    return stays.lifecycle not in NOT_YET and stays.disposition not in GIVEN_UP


def _support_ends_soon(stays: Member, today: date) -> bool:
    return stays.end_of_support is not None and stays.end_of_support < today + SOON


def _fit(stays: Member) -> int:
    fits = (stays.functional_fit, stays.technical_fit)
    return sum(UNKNOWN_FIT if fit is None else fit for fit in fits)

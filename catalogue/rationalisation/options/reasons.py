"""Reasons for an option and cautions about it, as sentences that a person can check."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from catalogue.core.money import pounds
from catalogue.core.text import format_date
from catalogue.rationalisation.decisions.annual_costs import AnnualCosts
from catalogue.systems.vocabulary import Disposition, Hosting, Lifecycle

NOT_YET_LIVE = frozenset({Lifecycle.PLANNED, Lifecycle.IN_PROCUREMENT, Lifecycle.IMPLEMENTING})
COULD_STAY = NOT_YET_LIVE | {Lifecycle.LIVE}
RETIRING = frozenset({Disposition.MIGRATE, Disposition.ELIMINATE})
GOOD_FIT = 3
MOST_NAMED = 5
"""The largest number of agencies that a sentence names."""


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """A contract that covers a system. Terms that the actor cannot see are None."""

    title: str
    end_date: date | None
    """The end of the present term."""
    last_notice_date: date | None
    """The last day for notice in the present term."""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A system of a group. A field is None if it is withheld or was never recorded."""

    system_id: UUID
    name: str
    agency_name: str
    lifecycle: Lifecycle
    product_id: UUID | None = None
    hosting: Hosting | None = None
    end_of_support: date | None = None
    """The end of support of the system or its product, whichever is earlier."""
    functional_fit: int | None = None
    technical_fit: int | None = None
    disposition: Disposition | None = None
    """The owner's current plan for the system."""
    retention_hold: bool | None = None
    users: int | None = None
    users_withheld: bool = False
    """True if the owner does not share the number of users with the actor."""
    used_by: tuple[str, ...] = ()
    """The names of other agencies that use the system."""
    contracts: tuple[ContractTerms, ...] = ()

    @property
    def title(self) -> str:
        """The name of the system and its owner, for a sentence."""
        return f'"{self.name}" of {self.agency_name}'

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agencies that use the system: its owner once it is live, and the recorded users."""
        own = () if self.lifecycle in NOT_YET_LIVE else (self.agency_name,)
        return (*own, *(name for name in self.used_by if name not in own))


def explain_reasons(
    retained: GroupMember,
    others: Sequence[GroupMember],
    costs: AnnualCosts,
    today: date,
    *,
    soon: timedelta,
) -> Iterator[str]:
    """Yield the reasons to retain a system."""
    if len(retained.agencies) > 1:
        yield f"{_join(retained.agencies)} already use this system."
    if retained.hosting is Hosting.SHARED_SERVICE:
        yield "This system is hosted as a shared service."
    for kind, fit in _fits(retained):
        if fit >= GOOD_FIT:
            yield f"The {kind} fit is {fit} of 4."
    if retained.end_of_support and retained.end_of_support >= today + soon:
        yield f"This system is supported until {format_date(retained.end_of_support)}."
    if retained.disposition is Disposition.INVEST:
        yield "The owner plans to invest in this system."
    alike = sum(
        1 for each in others if retained.product_id and each.product_id == retained.product_id
    )
    if alike:
        run = "other system already runs" if alike == 1 else "other systems already run"
        yield f"{alike} {run} the same product."
    if retained.users and all(each.users is not None for each in others):
        everybody = retained.users + sum(each.users or 0 for each in others)
        if 2 * retained.users > everybody:
            yield f"Most people already use this system: {retained.users:,} of {everybody:,}."
    if costs.saved.value:
        scope = "" if costs.saved.complete else ", counting only the known costs"
        yield f"Annual costs fall by {pounds(Decimal(costs.saved.value))}{scope}."


def explain_cautions(
    retained: GroupMember, costs: AnnualCosts, today: date, *, soon: timedelta
) -> Iterator[str]:
    """Yield the cautions about retaining a system."""
    if retained.lifecycle in NOT_YET_LIVE:
        yield f"This system is not in use yet. Its lifecycle is `{retained.lifecycle}`."
    if retained.disposition is None:
        yield "The owner's plan for this system is not known."
    if retained.disposition in RETIRING:
        yield f"The owner plans to retire this system. Its disposition is `{retained.disposition}`."
    for kind, fit in _fits(retained):
        if fit < GOOD_FIT:
            yield f"The {kind} fit is only {fit} of 4."
    unknown_fits = [
        kind
        for kind, fit in (
            ("functional", retained.functional_fit),
            ("technical", retained.technical_fit),
        )
        if fit is None
    ]
    if unknown_fits:
        yield f"The {' and the '.join(unknown_fits)} fit of this system {_is_or_are(unknown_fits)}."
    if retained.end_of_support is None:
        yield "The end of support for this system is not known."
    if retained.end_of_support and retained.end_of_support < today + soon:
        ends = "ended" if retained.end_of_support < today else "ends"
        yield f"Support for this system {ends} on {format_date(retained.end_of_support)}."
    for terms in _dated_contracts(retained):
        yield f'The contract "{terms.title}" {_state_end(terms, today)}.'
    if costs.withheld:
        yield f"You cannot see the costs of {_count_systems(len(costs.withheld))}."
    if costs.unknown and (costs.systems or not costs.withheld):
        yield f"No costs are recorded for {_count_systems(len(costs.unknown))}."


def explain_retirement(retiring: GroupMember, today: date) -> Iterator[str]:
    """Yield the cautions about retiring a system."""
    for terms in _dated_contracts(retiring):
        sentence = f'The contract "{terms.title}" for {retiring.title} {_state_end(terms, today)}.'
        if terms.last_notice_date is None:
            yield sentence
        elif terms.last_notice_date < today:
            yield f"{sentence} The last day to give notice was {format_date(terms.last_notice_date)}."
        else:
            yield f"{sentence} Give notice by {format_date(terms.last_notice_date)}."
    if retiring.retention_hold:
        yield (
            f"{retiring.title} is under a retention hold, and cannot be decommissioned while the "
            "hold lasts."
        )
    if retiring.lifecycle in NOT_YET_LIVE:
        yield (
            f"{retiring.title} is not live yet, and the work on it would stop. Its lifecycle is "
            f"`{retiring.lifecycle}`."
        )


def explain_unknown_users(member: GroupMember) -> str:
    """Return the caution that the number of people who must move is not known."""
    return f"The number of people who use {member.title} is not known."


def _dated_contracts(member: GroupMember) -> list[ContractTerms]:
    dated = [terms for terms in member.contracts if terms.end_date is not None]
    return sorted(dated, key=lambda terms: (terms.end_date or date.max, terms.title))


def _state_end(terms: ContractTerms, today: date) -> str:
    end = terms.end_date or date.max
    return f"{'ended' if end < today else 'ends'} on {format_date(end)}"


def _fits(retained: GroupMember) -> Iterator[tuple[str, int]]:
    if retained.functional_fit is not None:
        yield "functional", retained.functional_fit
    if retained.technical_fit is not None:
        yield "technical", retained.technical_fit


def _is_or_are(fits: Sequence[str]) -> str:
    return "is not known" if len(fits) == 1 else "are not known"


def _join(names: Sequence[str]) -> str:
    shown = list(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        shown[-1:] = [f"{len(names) - MOST_NAMED + 1} other agencies"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _count_systems(number: int) -> str:
    return "1 system" if number == 1 else f"{number:,} systems"

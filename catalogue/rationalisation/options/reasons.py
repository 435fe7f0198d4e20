"""What speaks for an option and what against it, in sentences that a person can check."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from catalogue.core.money import pounds
from catalogue.rationalisation.decisions.costs import CostAYear
from catalogue.systems.vocabulary import Disposition, Hosting, Lifecycle

NOT_YET = frozenset({Lifecycle.PLANNED, Lifecycle.IN_PROCUREMENT, Lifecycle.IMPLEMENTING})
COULD_STAY = NOT_YET | {Lifecycle.LIVE}
GIVEN_UP = frozenset({Disposition.MIGRATE, Disposition.ELIMINATE})
GOOD_FIT = 3
MOST_NAMED = 5
"""How many agencies a sentence names."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A contract that a system is under, as far as one may see it."""

    title: str
    end_date: date | None
    last_notice_date: date | None


@dataclass(frozen=True, slots=True)
class Member:
    """A system of a group. What one may not see is None, like what nobody recorded."""

    system_id: UUID
    name: str
    agency_name: str
    lifecycle: Lifecycle
    product_id: UUID | None = None
    hosting: Hosting | None = None
    end_of_support: date | None = None
    """The earlier of the system's own and its product's."""
    functional_fit: int | None = None
    technical_fit: int | None = None
    disposition: Disposition | None = None
    """What its owner means to do with it."""
    retention_hold: bool | None = None
    users: int | None = None
    used_by: tuple[str, ...] = ()
    """The names of agencies that use it besides its own."""
    contracts: tuple[Cover, ...] = ()

    @property
    def title(self) -> str:
        """By what a sentence names it."""
        return f'"{self.name}" of {self.agency_name}'

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agencies that are on it: its own, once it is in use, and those recorded as users."""
        own = () if self.lifecycle in NOT_YET else (self.agency_name,)
        return (*own, *(name for name in self.used_by if name not in own))


def day(of: date) -> str:
    """A date as people write it."""
    return f"{of.day} {of:%B} {of.year}"


def for_it(
    stays: Member, others: Sequence[Member], costs: CostAYear, today: date, *, soon: timedelta
) -> Iterator[str]:
    """What speaks for a system to stay."""
    if len(stays.agencies) > 1:
        yield f"{_named(stays.agencies)} are on it already."
    if stays.hosting is Hosting.SHARED_SERVICE:
        yield "It is hosted as a shared service."
    for what, fit in _fits(stays):
        if fit >= GOOD_FIT:
            yield f"Its {what} fit is {fit} of 4."
    if stays.end_of_support and stays.end_of_support >= today + soon:
        yield f"It is supported until {day(stays.end_of_support)}."
    if stays.disposition is Disposition.INVEST:
        yield "Its owner means to invest in it."
    alike = sum(1 for each in others if stays.product_id and each.product_id == stays.product_id)
    if alike:
        runs = "other system runs" if alike == 1 else "other systems run"
        yield f"{alike} {runs} the same product."
    if stays.users and all(each.users is not None for each in others):
        everybody = stays.users + sum(each.users or 0 for each in others)
        if 2 * stays.users > everybody:
            yield f"Most people use it already: {stays.users:,} of {everybody:,}."
    if costs.before is not None and costs.after is not None and costs.after < costs.before:
        known = "" if costs.complete else ", as far as the costs are known"
        yield f"A year costs {pounds(costs.before - costs.after)} less{known}."


def against(stays: Member, costs: CostAYear, today: date, *, soon: timedelta) -> Iterator[str]:
    """What speaks against it."""
    if stays.lifecycle in NOT_YET:
        yield f"It is not in use yet: {stays.lifecycle.replace('_', ' ')}."
    if stays.disposition in GIVEN_UP:
        yield f"Its owner means to {stays.disposition} it."
    for what, fit in _fits(stays):
        if fit < GOOD_FIT:
            yield f"Its {what} fit is {fit} of 4."
    if stays.end_of_support and stays.end_of_support < today + soon:
        ends = "ended" if stays.end_of_support < today else "ends"
        yield f"Its support {ends} on {day(stays.end_of_support)}."
    for cover in _in_order(stays):
        yield f'Its contract "{cover.title}" {_ends(cover, today)}.'
    if costs.withheld:
        yield _of_how_many(len(costs.withheld), "One may not see what {} cost.")
    if costs.unknown and (costs.systems or not costs.withheld):
        yield _of_how_many(len(costs.unknown), "It is not recorded what {} cost.")


def on_leaving(each: Member, today: date) -> Iterator[str]:
    """What is to be heeded when a system goes."""
    for cover in _in_order(each):
        said = f'The contract "{cover.title}" for {each.title} {_ends(cover, today)}'
        if cover.last_notice_date is None:
            yield f"{said}."
        elif cover.last_notice_date < today:
            yield f"{said}; notice was to be given by {day(cover.last_notice_date)}."
        else:
            yield f"{said}; notice is to be given by {day(cover.last_notice_date)}."
    if each.retention_hold:
        yield f"{each.title} is under a retention hold, and cannot be decommissioned until it ends."
    if each.lifecycle in NOT_YET:
        yield f"{each.title} is {each.lifecycle.replace('_', ' ')}; that would stop."


def unknown_users(each: Member) -> str:
    """That people have to move, and how many is not known."""
    return f"It is not known how many people use {each.title}."


def _in_order(member: Member) -> list[Cover]:
    dated = [cover for cover in member.contracts if cover.end_date is not None]
    return sorted(dated, key=lambda cover: (cover.end_date or date.max, cover.title))


def _ends(cover: Cover, today: date) -> str:
    end = cover.end_date or date.max
    return f"{'ended' if end < today else 'ends'} on {day(end)}"


def _fits(stays: Member) -> Iterator[tuple[str, int]]:
    if stays.functional_fit is not None:
        yield "functional", stays.functional_fit
    if stays.technical_fit is not None:
        yield "technical", stays.technical_fit


def _named(names: Sequence[str]) -> str:
    shown = list(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        shown[-1:] = [f"{len(names) - MOST_NAMED + 1} other agencies"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _of_how_many(number: int, sentence: str) -> str:
    said = sentence.format("one system" if number == 1 else f"{number} systems")
    return said.replace(" cost.", " costs.") if number == 1 else said

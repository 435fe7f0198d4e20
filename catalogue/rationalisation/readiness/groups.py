"""Readiness of a group of systems, and the notices that its contracts need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from catalogue.contracts.visible_contracts import VisibleContract
from catalogue.core.sums import Sum
from catalogue.rationalisation.readiness.blockers import Blocker, Readiness, find_earliest_date
from catalogue.rationalisation.vocabulary import BlockerKind

MONTHS_OF_A_YEAR = 12
PENNY = Decimal("0.01")


@dataclass(frozen=True)
class Notice:
    """A contract that keeps systems of a group from retiring, and its last day for notice."""

    contract: VisibleContract
    end_of_term: date | None
    last_notice_date: date
    earliest_end_date: date | None
    """The earliest day on which the contract can end. None if that is not known."""
    missed: bool
    extends: bool
    """True if the contract runs on after the term unless notice is given."""
    system_ids: tuple[UUID, ...]
    """The systems of the group that the contract covers."""

    @property
    def cost_of_missing_notice(self) -> Decimal | None:
        """The cost of a further term. None if the cost is withheld or was never recorded.

        The cost is 0 for a contract that cannot be extended, because it ends without notice.
        """
        if "annual_value" in self.contract.withheld or self.contract.annual_value is None:
            return None
        if not self.extends:
            return Decimal(0)
        months = self.contract.term.months_of_renewal
        return (self.contract.annual_value * months / MONTHS_OF_A_YEAR).quantize(PENNY)


@dataclass(frozen=True)
class GroupReadiness:
    """The readiness of the retiring systems of a group, as an actor can see it."""

    decision_ids: tuple[UUID, ...]
    """The agreed decisions that retire them. Empty if all members are only candidates."""
    systems: tuple[Readiness, ...]
    today: date

    @property
    def in_use(self) -> list[Readiness]:
        """The systems in use. Systems that are not in use need no retirement."""
        return [system for system in self.systems if system.in_use]

    @property
    def ready(self) -> bool | None:
        """False if a system is blocked. None if that is unknown, or if no system is in use."""
        states = {system.ready for system in self.in_use}
        if False in states:
            return False
        return None if None in states or not states else True

    @property
    def withheld(self) -> list[BlockerKind]:
        """The kinds of blockers that the actor cannot fully see for at least one system."""
        return [kind for kind in BlockerKind if any(kind in each.withheld for each in self.in_use)]

    @property
    def earliest_date(self) -> date | None:
        """The first day on which no known blocker is left.

        None if a blocker has no known date, or if no system is in use.
        """
        dates = [system.earliest_date for system in self.in_use]
        return find_earliest_date(dates, self.today) if dates else None

    @property
    def not_before(self) -> date | None:
        """The latest known date on which a blocker clears, or None if no date is known."""
        dates = [system.not_before for system in self.in_use if system.not_before is not None]
        return max(dates, default=None)

    @property
    def notices(self) -> list[Notice]:
        """The notice of each blocking contract, missed or not, in order of its last day."""
        return find_notices(self.in_use, self.today)

    @property
    def next_notices(self) -> list[Notice]:
        """The notices that share the earliest last day that has not passed."""
        ahead = [notice for notice in self.notices if not notice.missed]
        return [notice for notice in ahead if notice.last_notice_date == ahead[0].last_notice_date]


def find_notices(systems: Sequence[Readiness], today: date) -> list[Notice]:
    """Return one notice for each blocking contract, in order of notice date."""
    blockers: dict[UUID, Blocker] = {}
    covered: dict[UUID, list[UUID]] = {}
    for system in systems:
        for blocker in system.blockers:
            if blocker.contract is not None:
                blockers[blocker.contract.id] = blocker
                covered.setdefault(blocker.contract.id, []).append(system.facts.system.id)
    notices = [
        _notice(blocker, tuple(covered[contract_id]), today)
        for contract_id, blocker in blockers.items()
    ]
    known = [notice for notice in notices if notice is not None]
    return sorted(known, key=lambda notice: (notice.last_notice_date, notice.contract.id))


def _notice(blocker: Blocker, system_ids: tuple[UUID, ...], today: date) -> Notice | None:
    contract, last = blocker.contract, blocker.last_notice_date
    if contract is None or last is None:
        return None
    return Notice(
        contract=contract,
        end_of_term=blocker.end_of_term,
        last_notice_date=last,
        earliest_end_date=blocker.clear_date,
        missed=contract.term.notice_missed(today),
        extends=contract.term.can_be_extended(today),
        system_ids=system_ids,
    )


def total_cost_of_missing(notices: Sequence[Notice]) -> tuple[Sum, str | None]:
    """Return the cost of a further term of these contracts, with its currency.

    Costs in several currencies have no sum, so each of them counts as unknown.
    """
    withheld = sum("annual_value" in notice.contract.withheld for notice in notices)
    costs = [
        notice.cost_of_missing_notice
        for notice in notices
        if "annual_value" not in notice.contract.withheld
    ]
    currencies = {notice.contract.currency for notice in notices} - {None}
    if len(currencies) > 1:
        return Sum(unknown=len(costs), withheld=withheld), None
    return Sum.of(costs, withheld=withheld), next(iter(currencies), None)

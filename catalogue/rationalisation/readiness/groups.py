"""When a whole group of systems can go, and until when notice has to be given for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from catalogue.contracts.visible_contracts import VisibleContract
from catalogue.rationalisation.readiness.blockers import Readiness, earliest
from catalogue.rationalisation.vocabulary import BlockerKind


@dataclass(frozen=True)
class Notice:
    """A contract that is in the way of a group, and until when notice has to be given."""

    contract: VisibleContract
    last_notice_date: date
    ends_on: date | None
    """When it can be over now."""
    missed: bool
    systems: tuple[UUID, ...]
    """Those of the group that it includes."""

    @property
    def cost_of_missing(self) -> Decimal | None:
        """What another year of it costs; None where that is not shown or not recorded.

        Nothing, where it cannot be extended: it ends without notice as well.
        """
        if "annual_value" in self.contract.withheld or self.contract.annual_value is None:
            return None
        return self.contract.annual_value if self.contract.term.can_be_extended() else Decimal(0)


@dataclass(frozen=True)
class GroupReadiness:
    """How far the systems of a group are from being turned off, as far as somebody may know."""

    decision_ids: tuple[UUID, ...]
    """The agreed decisions by which they go; none where all members are but candidates."""
    systems: tuple[Readiness, ...]
    today: date

    @property
    def in_use(self) -> list[Readiness]:
        """Those of them that there is something of to retire."""
        return [each for each in self.systems if not each.nothing_to_retire]

    @property
    def ready(self) -> bool | None:
        """False if any is not ready; None if one cannot be sure of any, or there is none."""
        states = {each.ready for each in self.in_use}
        if False in states:
            return False
        return None if None in states or not states else True

    @property
    def withheld(self) -> list[BlockerKind]:
        """Kinds that one cannot be sure of, for one system or more."""
        return [kind for kind in BlockerKind if any(kind in each.withheld for each in self.in_use)]

    @property
    def earliest_date(self) -> date | None:
        """The first day on which all of them can go, as far as is known; None where something is
        in the way that no date is known for, and where there is nothing to retire."""
        dates = [each.earliest_date for each in self.in_use]
        return earliest(dates, self.today) if dates else None

    @property
    def not_before(self) -> date | None:
        """The last of the dates that are known."""
        dates = [each.not_before for each in self.in_use if each.not_before is not None]
        return max(dates, default=None)

    @property
    def notices(self) -> list[Notice]:
        """For each contract that is in the way, until when notice has to be given, or had to."""
        return notices(self.in_use, self.today)

    @property
    def next_notices(self) -> list[Notice]:
        """Those whose last day comes first of all that are still ahead."""
        ahead = [each for each in self.notices if not each.missed]
        return [each for each in ahead if each.last_notice_date == ahead[0].last_notice_date]


def notices(systems: Sequence[Readiness], today: date) -> list[Notice]:
    """The notices for the contracts that are in the way, each once; the soonest first."""
    contracts: dict[UUID, VisibleContract] = {}
    bound: dict[UUID, list[UUID]] = {}
    for each in systems:
        for blocker in each.blockers:
            if blocker.contract is not None:
                contracts[blocker.contract.id] = blocker.contract
                bound.setdefault(blocker.contract.id, []).append(each.facts.system.id)
    found = [
        Notice(
            contract,
            contract.term.last_notice_date,
            contract.term.earliest_end(today),
            contract.term.notice_missed(today),
            tuple(bound[identity]),
        )
        for identity, contract in contracts.items()
        if contract.term.last_notice_date is not None
    ]
    return sorted(found, key=lambda each: (each.last_notice_date, each.contract.id))


def cost_of_missing(due: Sequence[Notice]) -> tuple[Decimal, str] | None:
    """What another year of all of these costs, and in which currency; None where that is not
    known of one of them, or where they are paid in several currencies."""
    costs = [each.cost_of_missing for each in due]
    known = [cost for cost in costs if cost is not None]
    currencies = {each.contract.currency for each in due}
    if not due or len(known) < len(costs) or len(currencies) > 1:
        return None
    (currency,) = currencies
    return None if currency is None else (sum(known, Decimal(0)), currency)

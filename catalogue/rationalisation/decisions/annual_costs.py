"""Annual recurring costs of systems, before and after some of them retire."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalogue.contracts.financial_years import financial_year_of
from catalogue.contracts.operations import VisibleCostLine, get_visible_costs, note_costs_read
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core import clock
from catalogue.core.context import Context
from catalogue.core.sums import Sum

RECURRING = frozenset({CostCategory.RECURRING_REVENUE})
"""Categories of cost that recur each year. One-off costs of moving are not compared."""


@dataclass(frozen=True)
class AnnualCosts:
    """Recurring costs of one financial year that an actor can see, in pounds.

    Each sum counts its systems whose costs are withheld or unknown.
    """

    financial_year: str | None
    """The year of all the costs. None if no costs are known."""
    before: Sum
    """The cost of all systems."""
    after: Sum
    """The cost of the systems that stay."""
    saved: Sum
    """The cost of the systems that retire."""
    systems: dict[UUID, Decimal]
    withheld: frozenset[UUID]
    """The systems whose costs the actor cannot see, even if no costs are recorded."""
    unknown: frozenset[UUID]
    """The systems whose costs the actor could see, but which have none in that year."""

    @property
    def complete(self) -> bool:
        """True if the sums include the costs of every system."""
        return self.before.complete


def compare_annual_costs(context: Context, *, staying: set[UUID], going: set[UUID]) -> AnnualCosts:
    """Compare the annual cost of systems with the cost of those that stay.

    The year is the latest financial year, up to the current one, with recurring costs of any of the
    systems. Costs that the actor cannot see affect neither the totals nor the choice of the year.
    The access log records which costs of other agencies the actor was shown.
    """
    visible_costs = get_visible_costs(context, staying | going)
    lines = latest_recurring(visible_costs.lines, until=financial_year_of(clock.today()))
    note_costs_read(context, lines)
    return total_costs(lines, staying=staying, going=going, withheld=visible_costs.withheld)


def serialise_costs(costs: AnnualCosts, *, hidden: int = 0) -> dict[str, Any]:
    """Return the sums as `AnnualCostsSchema`.

    `hidden` is the number of further systems that the actor knows of and cannot see. Each of them
    can stay or retire.
    """
    return {
        "financial_year": costs.financial_year,
        "before": costs.before.missing(withheld=hidden).in_pounds(),
        "after": costs.after.missing(withheld=hidden).in_pounds(),
    }


def latest_recurring(lines: Iterable[VisibleCostLine], *, until: str) -> list[VisibleCostLine]:
    """Return the recurring cost lines of the latest financial year that is not after `until`."""
    # Financial years sort by time as strings: 1999-00, 2000-01.
    recurring = [line for line in lines if line.category in RECURRING]
    past = [line for line in recurring if line.financial_year <= until]
    latest = max((line.financial_year for line in past), default=None)
    return [line for line in past if line.financial_year == latest]


def total_costs(
    lines: Iterable[VisibleCostLine],
    *,
    staying: set[UUID],
    going: set[UUID],
    withheld: frozenset[UUID],
) -> AnnualCosts:
    """Add up the cost lines of one year, for each system and in total.

    `withheld` holds systems whose costs the actor cannot see, which can include other systems.
    """
    systems: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    year = None
    for line in lines:
        year = line.financial_year
        systems[line.system_id] += line.amount
    known = {identity: systems[identity] for identity in sorted(systems)}
    unknown = frozenset((staying | going) - withheld - set(known))

    def add_up(identities: set[UUID]) -> Sum:
        shown = (known.get(identity) for identity in identities - withheld)
        return Sum.of(shown, withheld=len(identities & withheld))

    before, after, saved = add_up(staying | going), add_up(staying - going), add_up(going)
    return AnnualCosts(year, before, after, saved, known, withheld & (staying | going), unknown)

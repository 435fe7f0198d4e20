"""What systems cost a year, now and once some of them are gone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from catalogue.contracts.financial_years import financial_year_of
from catalogue.contracts.operations import VisibleCostLine, get_visible_costs, note_costs_read
from catalogue.contracts.vocabulary import CostCategory
from catalogue.core import clock
from catalogue.core.context import Context

RECURRING = frozenset({CostCategory.RECURRING_REVENUE})
"""What comes back each year. What a move costs comes once, and is no part of the comparison."""


@dataclass(frozen=True)
class CostAYear:
    """Recurring costs of one financial year, in pounds, as far as somebody may know of them.

    Both sums are of `systems` alone. A system that is withheld or unknown is in neither, so it
    makes no difference between the two.
    """

    financial_year: str | None
    """The same for all; None, with both sums, where no costs are known."""
    before: Decimal | None
    """What all of them cost."""
    after: Decimal | None
    """What those that stay cost."""
    systems: dict[UUID, Decimal]
    withheld: frozenset[UUID]
    """The systems whose costs one may not see, whether there are any or not."""
    unknown: frozenset[UUID]
    """Those whose costs one may see, and nobody has recorded for that year."""

    @property
    def complete(self) -> bool:
        """Whether the costs of every system are in the sums."""
        return not self.withheld and not self.unknown


def cost_a_year(context: Context, *, staying: set[UUID], going: set[UUID]) -> CostAYear:
    """What systems cost a year, and what is left of that without those that go.

    Of the latest financial year, up to the current one, in which recurring costs of any of them are
    recorded. Costs that the actor may not see have no part in it: neither in the sums nor in the
    choice of the year. Those of other agencies that it is shown are noted as read.
    """
    seen = get_visible_costs(context, staying | going)
    lines = latest_recurring(seen.lines, until=financial_year_of(clock.today()))
    note_costs_read(context, lines)
    return sums_of(lines, staying=staying, going=going, withheld=seen.withheld)


def latest_recurring(lines: Iterable[VisibleCostLine], *, until: str) -> list[VisibleCostLine]:
    """The recurring lines of the latest financial year that has any, and is not after another."""
    # As texts, financial years are in the order of time: 1999-00, 2000-01.
    recurring = [line for line in lines if line.category in RECURRING]
    kept = [line for line in recurring if line.financial_year <= until]
    latest = max((line.financial_year for line in kept), default=None)
    return [line for line in kept if line.financial_year == latest]


def sums_of(
    lines: Iterable[VisibleCostLine],
    *,
    staying: set[UUID],
    going: set[UUID],
    withheld: frozenset[UUID],
) -> CostAYear:
    """Add up the lines of one year."""
    systems: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    year = None
    for line in lines:
        year = line.financial_year
        systems[line.system_id] += line.amount
    known = {identity: systems[identity] for identity in sorted(systems)}
    unknown = frozenset((staying | going) - withheld - set(known))
    if not known:
        return CostAYear(None, None, None, {}, withheld, unknown)
    before = sum(known.values(), Decimal())
    after = sum((cost for identity, cost in known.items() if identity not in going), Decimal())
    return CostAYear(year, before, after, known, withheld, unknown)

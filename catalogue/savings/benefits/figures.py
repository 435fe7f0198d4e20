"""Figures of a programme's benefits by agency and financial year, and their totals.

All totals add up the same cells, so that those by year and by agency agree to the penny.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from catalogue.core.money import amount_text
from catalogue.savings.benefits.discounting import discount_factor, present_value, years_between

BASELINE, FORECAST, VALIDATED, REALISED = "baseline", "forecast", "validated", "realised"
COST_TO_ACHIEVE = "cost_to_achieve"
DUAL_RUNNING, EXIT_COSTS, DECOMMISSIONING = "dual_running", "exit_costs", "decommissioning"

SAVED = (FORECAST, VALIDATED, REALISED)
COSTS = (COST_TO_ACHIEVE, DUAL_RUNNING, EXIT_COSTS, DECOMMISSIONING)
FIGURES = (BASELINE, *SAVED, *COSTS)

Totals = dict[str, Decimal]


class Figures:
    """Amounts in pounds, by agency, financial year and figure."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.years: set[str] = set()

    def add(self, agency: str, year: str, figure: str, amount: Decimal) -> None:
        self._cells[agency, year, figure] += amount
        self.years.add(year)

    @property
    def base(self) -> str | None:
        """The first year, to which amounts are discounted. None if there are no years."""
        return min(self.years, default=None)

    @property
    def agencies(self) -> list[str]:
        """The codes of the agencies that have an amount."""
        return sorted({agency for agency, _, _ in self._cells})

    def add_up(self, *, agency: str | None = None, year: str | None = None) -> Totals:
        """Add up each figure, for one agency, one year or all.

        The net figures are the savings less all costs to achieve them.
        """
        totals = dict.fromkeys(FIGURES, Decimal(0))
        for (of_agency, of_year, figure), amount in self._cells.items():
            if agency in {None, of_agency} and year in {None, of_year}:
                totals[figure] += amount
        costs = sum((totals[each] for each in COSTS), Decimal(0))
        return totals | {f"net_{saved}": totals[saved] - costs for saved in SAVED}

    def present_values(self, *, agency: str | None = None) -> Totals:
        """Return the net present value of each saving figure."""
        by_year = {year: self.add_up(agency=agency, year=year) for year in self.years}
        return {
            f"npv_{saved}": present_value(
                {year: totals[f"net_{saved}"] for year, totals in by_year.items()}, self.base or ""
            )
            for saved in SAVED
        }

    def by_year(self, *, agency: str | None = None) -> list[dict[str, Any]]:
        """Return the figures of each year with its discount factor, in order of years."""
        base = self.base
        return [
            {
                "financial_year": year,
                "discount_factor": f"{discount_factor(years_between(base or year, year)):.6f}",
                **amounts_as_text(self.add_up(agency=agency, year=year)),
            }
            for year in sorted(self.years)
        ]

    def total(self, *, agency: str | None = None) -> dict[str, str]:
        """Return the totals over all years, with the net present values."""
        return amounts_as_text(self.add_up(agency=agency) | self.present_values(agency=agency))


def amounts_as_text(totals: Totals) -> dict[str, str]:
    """Format amounts as pounds and pence, such as "1250.00"."""
    return {name: amount_text(amount) for name, amount in totals.items()}

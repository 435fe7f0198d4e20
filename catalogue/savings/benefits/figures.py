"""Figures of a programme's benefits by agency and year, and their sums. All sums are of the same
cells, so they agree to the penny whichever way they are read.
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
AGAINST = (COST_TO_ACHIEVE, DUAL_RUNNING, EXIT_COSTS, DECOMMISSIONING)
FIGURES = (BASELINE, *SAVED, *AGAINST)

Sums = dict[str, Decimal]


class Figures:
    """Amounts in pounds, by agency, financial year and what they are."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        self.years: set[str] = set()

    def add(self, agency: str, year: str, figure: str, amount: Decimal) -> None:
        self._cells[agency, year, figure] += amount
        self.years.add(year)

    @property
    def base(self) -> str | None:
        """The year that values are discounted to: the first."""
        return min(self.years, default=None)

    @property
    def agencies(self) -> list[str]:
        """The agencies that something is counted of."""
        return sorted({agency for agency, _, _ in self._cells})

    def sums(self, *, agency: str | None = None, year: str | None = None) -> Sums:
        """All figures, of one agency or year or of all; and what is left of each kind of saving
        once all costs are taken from it.
        """
        sums = dict.fromkeys(FIGURES, Decimal(0))
        for (of_agency, of_year, figure), amount in self._cells.items():
            if agency in {None, of_agency} and year in {None, of_year}:
                sums[figure] += amount
        costs = sum((sums[each] for each in AGAINST), Decimal(0))
        return sums | {f"net_{saved}": sums[saved] - costs for saved in SAVED}

    def present_values(self, *, agency: str | None = None) -> Sums:
        """What is left of each kind of saving, at present value."""
        by_year = {year: self.sums(agency=agency, year=year) for year in self.years}
        return {
            f"npv_{saved}": present_value(
                {year: sums[f"net_{saved}"] for year, sums in by_year.items()}, self.base or ""
            )
            for saved in SAVED
        }

    def by_year(self, *, agency: str | None = None) -> list[dict[str, Any]]:
        """The figures of each year, in order."""
        base = self.base
        return [
            {
                "financial_year": year,
                "discount_factor": f"{discount_factor(years_between(base or year, year)):.6f}",
                **amounts_as_text(self.sums(agency=agency, year=year)),
            }
            for year in sorted(self.years)
        ]

    def total(self, *, agency: str | None = None) -> dict[str, str]:
        """The figures of all years, and the present values."""
        return amounts_as_text(self.sums(agency=agency) | self.present_values(agency=agency))


def amounts_as_text(sums: Sums) -> dict[str, str]:
    """Amounts as answers show them."""
    return {name: amount_text(amount) for name, amount in sums.items()}

"""Figures of a programme's benefits by agency and financial year, and their totals.

All totals add up the same cells, so that those by year and by agency agree to the penny.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalogue.core.sums import Sum
from catalogue.savings.benefits.discounting import discount_factor, present_value, years_between

BASELINE, FORECAST, VALIDATED, REALISED = "baseline", "forecast", "validated", "realised"
COST_TO_ACHIEVE = "cost_to_achieve"
DUAL_RUNNING, EXIT_COSTS, DECOMMISSIONING = "dual_running", "exit_costs", "decommissioning"

SAVED = (FORECAST, VALIDATED, REALISED)
MOVING_COSTS = (DUAL_RUNNING, EXIT_COSTS, DECOMMISSIONING)
COSTS = (COST_TO_ACHIEVE, *MOVING_COSTS)
FIGURES = (BASELINE, *SAVED, *COSTS)

Sums = dict[str, Sum]


class Figures:
    """Amounts in pounds, by agency, financial year and figure, with the parts that are missing."""

    def __init__(self) -> None:
        self._cells: defaultdict[tuple[str, str, str], Sum] = defaultdict(Sum)
        self._unknown: defaultdict[tuple[str, str], set[UUID]] = defaultdict(set)
        self._withheld: defaultdict[str, int] = defaultdict(int)
        self.years: set[str] = set()
        self.baseline_years: frozenset[str] = frozenset()
        """The years of the approved baseline. In other years, its sum is unknown."""

    def add(self, agency: str, year: str, figure: str, amount: Decimal) -> None:
        self._cells[agency, year, figure] += Sum(amount, 1)
        self.years.add(year)

    def leave_out(self, figure: str, withheld: int) -> None:
        """Count withheld parts of a figure. Each can belong to any agency and year."""
        self._withheld[figure] += withheld

    def miss(self, agency: str, figure: str, system_id: UUID) -> None:
        """Note a system of an agency that has no recorded amount of a figure in any year."""
        self._unknown[agency, figure].add(system_id)

    @property
    def base(self) -> str | None:
        """The first year, to which amounts are discounted. None if there are no years."""
        return min(self.years, default=None)

    @property
    def agencies(self) -> list[str]:
        """The codes of the agencies that have an amount."""
        return sorted({agency for agency, _, _ in self._cells})

    def add_up(self, *, agency: str | None = None, year: str | None = None) -> Sums:
        """Add up each figure, for one agency, one year or all.

        The net figures are the savings less all costs to achieve them.
        """
        sums = {name: self._missing(name, agency, year) for name in FIGURES}
        for (of_agency, of_year, figure), amount in self._cells.items():
            if agency in {None, of_agency} and year in {None, of_year}:
                sums[figure] += amount
            elif agency in {None, of_agency} and figure in COSTS:
                # The system has a cost in another year, so its cost in this year is known to be 0.
                sums[figure] += Sum(0, 1)
        # A system counts once among the missing parts of all costs, and a saving only as a saving.
        costs = replace(
            sum((sums[each] for each in COSTS), Sum()),
            unknown=self._count_unknown(agency, MOVING_COSTS),
            withheld=self._withheld[DUAL_RUNNING],
        )
        return sums | {f"net_{saved}": sums[saved] - costs for saved in SAVED}

    def _missing(self, figure: str, agency: str | None, year: str | None) -> Sum:
        if figure == BASELINE:
            covered = bool(self.baseline_years) if year is None else year in self.baseline_years
            return Sum(unknown=int(not covered), withheld=self._withheld[figure] if covered else 0)
        unknown = self._count_unknown(agency, (figure,))
        return Sum(unknown=unknown, withheld=self._withheld[figure])

    def _count_unknown(self, agency: str | None, figures: Sequence[str]) -> int:
        parts = (
            systems
            for (of_agency, figure), systems in self._unknown.items()
            if figure in figures and agency in {None, of_agency}
        )
        return len(set().union(*parts))

    def present_values(self, *, agency: str | None = None) -> Sums:
        """Return the net present value of each saving figure."""
        by_year = {year: self.add_up(agency=agency, year=year) for year in self.years}
        whole = self.add_up(agency=agency)
        return {
            f"npv_{saved}": replace(
                whole[f"net_{saved}"],
                known=present_value(
                    {year: Decimal(sums[f"net_{saved}"].known) for year, sums in by_year.items()},
                    self.base or "",
                ),
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
                **sums_in_pounds(self.add_up(agency=agency, year=year)),
            }
            for year in sorted(self.years)
        ]

    def total(self, *, agency: str | None = None) -> dict[str, Any]:
        """Return the totals over all years, with the net present values."""
        return sums_in_pounds(self.add_up(agency=agency) | self.present_values(agency=agency))


def sums_in_pounds(sums: Sums) -> dict[str, Any]:
    """Return sums in the form of `MoneySumSchema`."""
    return {name: each.in_pounds() for name, each in sums.items()}

"""The costs and benefits section of a highlight report."""

from collections.abc import Callable, Iterator
from typing import Any

from catalogue.reports.highlights.blocks import Block, Chart, Heading, Paragraph, Table
from catalogue.reports.highlights.charts import Bar
from catalogue.reports.highlights.narrative import written
from catalogue.reports.highlights.withheld import every_amount_is_withheld, visible_amount
from catalogue.reports.highlights.wording import NOTHING, WITHHELD, in_pounds, label

Document = dict[str, Any]
ShowAmount = Callable[[str, str | None], str]
"""A function that takes a figure's name and amount, and returns the amount in words."""

_SAVINGS = ("forecast", "validated", "realised")
_KEPT_BY_YEAR = ("baseline", *_SAVINGS)
_AGAINST = ("cost_to_achieve", "dual_running", "exit_costs", "decommissioning")
_NETS = ("net_forecast", "net_validated", "net_realised")
_COLUMNS = ("Baseline", "Forecast", "Validated", "Realised", "Net forecast")


def costs_blocks(document: Document) -> Iterator[Block]:
    """Yield the costs and benefits section, or the reason why its figures are missing."""
    content = document["content"]
    costs = content["costs"]
    yield Heading("Costs and benefits")
    yield from written(document, "costs")
    if costs is None:
        yield Paragraph("This report was drafted without figures for costs and savings.")
    elif every_amount_is_withheld(content):
        yield Paragraph(
            "All amounts are withheld, because not every agency that receives this report "
            "can see them."
        )
    else:
        yield from _figures(content, costs)


def _figures(content: Document, costs: Document) -> Iterator[Block]:
    def show(figure: str, amount: str | None) -> str:
        if amount is None:
            return NOTHING
        visible = visible_amount(content, figure, amount)
        return WITHHELD if visible is None else in_pounds(visible)

    total = costs["total"]
    if any(content["withheld"]["benefits"].values()):
        yield Paragraph(
            "The totals include only the amounts that every agency receiving this report can see. "
            f"A total without any such amount is shown as “{WITHHELD}”."
        )
    yield _this_year(costs, show)
    yield Paragraph(
        f"At a discount rate of {float(costs['discount_rate']) * 100:g}% a year, the net present "
        f"value of forecast savings is {show('npv_forecast', total['npv_forecast'])}. "
        f"For realised savings it is {show('npv_realised', total['npv_realised'])}."
    )
    yield Paragraph("Costs are recorded by financial year, so there are no monthly figures.")
    yield from _by_year(costs["by_year"], show)
    if costs["by_agency"]:
        rows = [(content["agencies"][each["agency"]], each) for each in costs["by_agency"]]
        yield _sums("By agency, all years", "Agency", rows, show)
    yield _by_kind(costs["by_kind"], show)
    used = costs["use_of_saving"]
    yield Paragraph(
        f"Of the realised savings, {show('realised', used['returned'])} was returned to budgets "
        f"and {show('realised', used['reinvested'])} was reinvested."
    )


def _this_year(costs: Document, show: ShowAmount) -> Table:
    year = costs["this_year"]
    return Table(
        "This financial year and all years",
        ("Figure", costs["financial_year"], "All years"),
        [
            (label(name), show(name, year and year[name]), show(name, costs["total"][name]))
            for name in (*_KEPT_BY_YEAR, *_AGAINST, *_NETS)
        ],
        frozenset({1, 2}),
    )


def _by_year(years: list[Document], show: ShowAmount) -> Iterator[Block]:
    amounts = [(each["financial_year"], name, each[name]) for each in years for name in _SAVINGS]
    if any(float(amount) for _, _, amount in amounts):
        figures = ", ".join(f"{y} {name} {show(name, amount)}" for y, name, amount in amounts)
        yield Chart(
            "Savings by year",
            f"Forecast, validated and realised savings in each year: {figures}.",
            [Bar(f"{y} {name}", float(a), show(name, a)) for y, name, a in amounts],
            ("Year and saving", "Amount"),
        )
    if years:
        rows = [(each["financial_year"], each) for each in years]
        yield _sums("Savings by year, and the net value after all costs", "Year", rows, show)


def _sums(caption: str, first: str, rows: list[tuple[str, Document]], show: ShowAmount) -> Table:
    names = (*_KEPT_BY_YEAR, "net_forecast")
    return Table(
        caption,
        (first, *_COLUMNS),
        [(name, *(show(each, sums[each]) for each in names)) for name, sums in rows],
        frozenset(range(1, 6)),
    )


def _by_kind(kinds: list[Document], show: ShowAmount) -> Table:
    return Table(
        "Savings by kind, all years",
        ("Kind", "Forecast", "Validated", "Realised"),
        [(label(each["kind"]), *(show(name, each[name]) for name in _SAVINGS)) for each in kinds],
        frozenset({1, 2, 3}),
    )

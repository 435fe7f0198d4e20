"""Costs and benefits, in words, tables and a chart."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalogue.reports.highlights.blocks import Block, Chart, Heading, Paragraph, Table
from catalogue.reports.highlights.charts import Bar
from catalogue.reports.highlights.wording import in_pounds, said

Document = dict[str, Any]


_SAVINGS = ("forecast", "validated", "realised")
_KEPT_BY_YEAR = ("baseline", *_SAVINGS)
_AGAINST = ("cost_to_achieve", "dual_running", "exit_costs", "decommissioning")
_NETS = ("net_forecast", "net_validated", "net_realised")
_COLUMNS = ("Baseline", "Forecast", "Validated", "Realised", "Net forecast")


def costs_said(document: Document) -> Iterator[Block]:
    """The section of a report about costs and benefits."""
    costs, agencies = document["content"]["costs"], document["content"]["agencies"]
    yield Heading("Costs and benefits")
    if document["narrative"]["costs"]:
        yield Paragraph(document["narrative"]["costs"])
    if costs is None:
        yield Paragraph("This report was drafted without figures of costs and savings.")
        return
    yield _this_year(costs)
    yield Paragraph(
        "The net present value of the forecast, at 3.5% a year, is "
        f"{in_pounds(costs['total']['npv_forecast'])}; of what is realised, "
        f"{in_pounds(costs['total']['npv_realised'])}."
    )
    yield Paragraph("Costs are kept by financial year, so there is no figure for the month.")
    yield from _by_year(costs["by_year"])
    if costs["by_agency"]:
        rows = [(agencies[each["agency"]], each) for each in costs["by_agency"]]
        yield _figures("By agency, all years", "Agency", rows)
    yield _by_kind(costs["by_kind"])
    went = costs["went_to"]
    yield Paragraph(
        f"Of what is realised, {in_pounds(went['returned'])} went back to budgets and "
        f"{in_pounds(went['reinvested'])} was reinvested."
    )


def _this_year(costs: Document) -> Table:
    year = costs["this_year"]
    return Table(
        "This financial year and all years",
        ("Figure", f"{costs['financial_year']}", "All years"),
        [
            (
                said(name).removesuffix(" (£)"),
                in_pounds(year and year[name]),
                in_pounds(costs["total"][name]),
            )
            for name in (*_KEPT_BY_YEAR, *_AGAINST, *_NETS)
        ],
        frozenset({1, 2}),
    )


def _by_year(years: list[Document]) -> Iterator[Block]:
    shown = [(each["financial_year"], name, each[name]) for each in years for name in _SAVINGS]
    if any(Decimal(amount) for _, _, amount in shown):
        said_all = ", ".join(f"{y} {n} {in_pounds(amount)}" for y, n, amount in shown)
        yield Chart(
            "Savings by year",
            f"What is forecast, validated and realised in each year: {said_all}.",
            [Bar(f"{y} {n}", float(amount), in_pounds(amount)) for y, n, amount in shown],
        )
    if years:
        rows = [(each["financial_year"], each) for each in years]
        yield _figures("Savings by year, and what is left after all costs", "Year", rows)


def _figures(caption: str, what: str, rows: list[tuple[str, Document]]) -> Table:
    names = (*_KEPT_BY_YEAR, "net_forecast")
    return Table(
        caption,
        (what, *_COLUMNS),
        [(name, *(in_pounds(sums[each]) for each in names)) for name, sums in rows],
        frozenset(range(1, 6)),
    )


def _by_kind(kinds: list[Document]) -> Table:
    return Table(
        "Savings by kind, all years",
        ("Kind", "Forecast", "Validated", "Realised"),
        [(said(each["kind"]), *(in_pounds(each[name]) for name in _SAVINGS)) for each in kinds],
        frozenset({1, 2, 3}),
    )

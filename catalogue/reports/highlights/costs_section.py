"""The costs and benefits section of a highlight report."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalogue.core.wording import NOT_KNOWN, NOTHING, sum_in_pounds
from catalogue.reports.highlights.blocks import Block, Chart, Heading, Paragraph, Table
from catalogue.reports.highlights.charts import Bar
from catalogue.reports.highlights.narrative import written
from catalogue.reports.highlights.wording import WITHHELD_MEANS, label

Document = dict[str, Any]

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
    elif _every_sum_is_withheld(costs):
        yield Paragraph(
            "The baseline, the savings, the costs, the net values and the net present values are each "
            f"{WITHHELD_MEANS}."
        )
    else:
        yield from _figures(content, costs)


def _every_sum_is_withheld(costs: Document) -> bool:
    return all(total["withheld"] and total["value"] is None for total in costs["total"].values())


def _figures(content: Document, costs: Document) -> Iterator[Block]:
    total = costs["total"]
    yield from _explanations(costs)
    yield _this_year(costs)
    yield Paragraph(
        f"At a discount rate of {float(costs['discount_rate']) * 100:g}% a year, the net present "
        f"value of forecast savings is {sum_in_pounds(total['npv_forecast'])}. "
        f"For realised savings it is {sum_in_pounds(total['npv_realised'])}."
    )
    yield Paragraph("Costs are recorded by financial year, so there are no monthly figures.")
    yield from _by_year(costs["by_year"])
    if costs["by_agency"]:
        rows = [(content["agencies"][each["agency"]], each) for each in costs["by_agency"]]
        yield _sums("By agency, all years", "Agency", rows)
    yield _by_kind(costs["by_kind"])
    used = costs["use_of_saving"]
    yield Paragraph(
        f"Of the realised savings, {sum_in_pounds(used['returned'])} was returned to budgets "
        f"and {sum_in_pounds(used['reinvested'])} was reinvested."
    )


def _explanations(costs: Document) -> Iterator[Block]:
    totals = costs["total"].values()
    yield Paragraph("Amounts are rounded to the nearest pound.")
    if any(total["withheld"] for total in totals):
        yield Paragraph(
            f"{WITHHELD_MEANS.capitalize()}. Part withheld: the amount includes only the parts that "
            "every reader may see."
        )
    if any(total["unknown"] for total in totals):
        yield Paragraph(
            f"{NOT_KNOWN.capitalize()}: nobody recorded the amount. Part not known: the amount "
            "includes only recorded parts. If a system has no dual-running, exit or decommissioning "
            "cost, a cost line of £0 makes that known."
        )


def _this_year(costs: Document) -> Table:
    year = costs["this_year"]
    return Table(
        "This financial year and all years",
        ("Figure", costs["financial_year"], "All years"),
        [
            (
                label(name),
                sum_in_pounds(year[name]) if year else NOTHING,
                sum_in_pounds(costs["total"][name]),
            )
            for name in (*_KEPT_BY_YEAR, *_AGAINST, *_NETS)
        ],
        frozenset({1, 2}),
    )


def _by_year(years: list[Document]) -> Iterator[Block]:
    if not years:
        return
    rows = [(each["financial_year"], each) for each in years]
    table = _sums("Savings by year, and the net value after all costs", "Year", rows)
    amounts = [(year, name, each[name]) for year, each in rows for name in _SAVINGS]
    if not any(Decimal(amount["value"] or 0) for _, _, amount in amounts):
        yield table
        return
    figures = ", ".join(f"{year} {name} {sum_in_pounds(total)}" for year, name, total in amounts)
    yield Chart(
        "Savings by year",
        f"Forecast, validated and realised savings in each year: {figures}.",
        [
            Bar(
                f"{year} {name}",
                float(total["value"] or 0),
                _for_a_bar(total),
                complete=not (total["withheld"] or total["unknown"]),
                shade=_SAVINGS.index(name),
            )
            for year, name, total in amounts
        ],
        table=table,
    )


def _for_a_bar(total: Document) -> str:
    """Return a sum in few words. The frame of its bar and the table show that parts are missing."""
    words = sum_in_pounds(total)
    return f"{words.partition(' (')[0]} (in part)" if "(" in words else words


def _sums(caption: str, first: str, rows: list[tuple[str, Document]]) -> Table:
    names = (*_KEPT_BY_YEAR, "net_forecast")
    return Table(
        caption,
        (first, *_COLUMNS),
        [(name, *(sum_in_pounds(sums[each]) for each in names)) for name, sums in rows],
        frozenset(range(1, 6)),
    )


def _by_kind(kinds: list[Document]) -> Table:
    return Table(
        "Savings by kind, all years",
        ("Kind", "Forecast", "Validated", "Realised"),
        [
            (label(each["kind"]), *(sum_in_pounds(each[name]) for name in _SAVINGS))
            for each in kinds
        ],
        frozenset({1, 2, 3}),
    )

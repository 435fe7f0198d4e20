"""Costs and benefits, in words, tables and a chart."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalogue.reports.highlights.blocks import Block, Chart, Heading, Paragraph, Table
from catalogue.reports.highlights.charts import Bar
from catalogue.reports.highlights.words import pounds, said

Document = dict[str, Any]


def costs_said(document: Document) -> Iterator[Block]:
    """The section of a report about costs and benefits."""
    named = document["content"]["agencies"]
    costs = document["content"]["costs"]
    yield Heading("Costs and benefits")
    if document["narrative"]["costs"]:
        yield Paragraph(document["narrative"]["costs"])
    if costs is None:
        yield Paragraph("This report was drafted without figures of costs and savings.")
        return
    names = ("baseline", "forecast", "validated", "realised")
    against = ("cost_to_achieve", "dual_running", "exit_costs", "decommissioning")
    nets = ("net_forecast", "net_validated", "net_realised")
    year = costs["this_year"]
    yield Table(
        "This financial year and all years",
        ("Figure", f"{costs['financial_year']}", "All years"),
        [
            (
                said(name).removesuffix(" (£)"),
                pounds(year and year[name]),
                pounds(costs["total"][name]),
            )
            for name in (*names, *against, *nets)
        ],
        frozenset({1, 2}),
    )
    yield Paragraph(
        "The net present value of the forecast, at 3.5% a year, is "
        f"{pounds(costs['total']['npv_forecast'])}; of what is realised, "
        f"{pounds(costs['total']['npv_realised'])}."
    )
    yield Paragraph("Costs are kept by financial year, so there is no figure for the month.")
    shown = [
        (each["financial_year"], name, each[name])
        for each in costs["by_year"]
        for name in ("forecast", "validated", "realised")
    ]
    if any(Decimal(amount) for _, _, amount in shown):
        said_all = ", ".join(f"{y} {n} {pounds(amount)}" for y, n, amount in shown)
        yield Chart(
            "Savings by year",
            f"What is forecast, validated and realised in each year: {said_all}.",
            [Bar(f"{y} {n}", float(amount), pounds(amount)) for y, n, amount in shown],
        )
    if costs["by_year"]:
        yield Table(
            "Savings by year, and what is left after all costs",
            ("Year", "Baseline", "Forecast", "Validated", "Realised", "Net forecast"),
            [
                (e["financial_year"], *(pounds(e[n]) for n in (*names, "net_forecast")))
                for e in costs["by_year"]
            ],
            frozenset(range(1, 6)),
        )
    if costs["by_agency"]:
        yield Table(
            "By agency, all years",
            ("Agency", "Baseline", "Forecast", "Validated", "Realised", "Net forecast"),
            [
                (named[e["agency"]], *(pounds(e[n]) for n in (*names, "net_forecast")))
                for e in costs["by_agency"]
            ],
            frozenset(range(1, 6)),
        )
    yield Table(
        "Savings by kind, all years",
        ("Kind", "Forecast", "Validated", "Realised"),
        [
            (said(e["kind"]), *(pounds(e[n]) for n in ("forecast", "validated", "realised")))
            for e in costs["by_kind"]
        ],
        frozenset({1, 2, 3}),
    )
    went = costs["went_to"]
    yield Paragraph(
        f"Of what is realised, {pounds(went['returned'])} went back to budgets and "
        f"{pounds(went['reinvested'])} was reinvested."
    )

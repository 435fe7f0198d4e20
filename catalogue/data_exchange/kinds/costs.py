"""Cost lines of systems as a kind of record that a spreadsheet can fill, also with years as columns."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from catalogue.contracts.models import CostLine
from catalogue.contracts.operations import create_cost_line, update_cost_line
from catalogue.contracts.schemas import CostLineCreate, CostLineSchema
from catalogue.core.text import name_key
from catalogue.data_exchange.amounts import financial_year_in
from catalogue.data_exchange.fields import (
    DERIVED,
    LEFT_OUT_OF_EVERY_KIND,
    ImportField,
    Kind,
    RecordFields,
)
from catalogue.data_exchange.kinds.named_records import NamedSystems
from catalogue.data_exchange.kinds.record_kind import RecordKind
from catalogue.data_exchange.kinds.record_rows import RecordRows
from catalogue.data_exchange.kinds.uses import OWN_SYSTEM
from catalogue.data_exchange.models import ImportKind
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.records import Record
from catalogue.data_exchange.spreadsheets.table import Cell, Column, Limits, Row, Table
from catalogue.data_exchange.synonyms import find_value
from catalogue.data_exchange.values import Noted, ValueProblem, read_value
from catalogue.systems.models import System

_AMOUNT = ImportField("amount", Kind.AMOUNT, (
    "cost", "annual cost", "price", "total", "total cost", "value", "spend", "budget",
    "annual spend", "annual value", "actual", "expenditure", "cost per annum", "charge",
    "annual charge", "yearly cost", "amount per annum", "cost pa", "cost annual",
))  # fmt: skip

COST_FIELDS = RecordFields(
    noun="cost line",
    fields=(
        ImportField("system", Kind.TEXT, (
            "system name", "application", "application name", "system id", "service", "software",
            "asset", "asset name", "app", "app name", "name",
        )),
        ImportField("financial_year", Kind.FINANCIAL_YEAR, (
            "year", "fy", "budget year", "fiscal year", "financial years",
        ), unclear=("period",)),
        ImportField("category", Kind.CHOICE, (
            "cost category", "cost type", "type of cost", "type", "kind", "kind of cost",
            "spend type", "expenditure type", "capital or revenue", "capex or opex",
            "revenue or capital",
        )),
        ImportField("description", Kind.TEXT, (
            "cost description", "item", "details", "detail", "cost line", "line", "line item",
            "element", "cost element",
        )),
        _AMOUNT,
        ImportField("note", Kind.TEXT, ("notes", "comment", "comments", "source", "assumptions")),
    ),
    needed=("system", "financial_year", "category", "amount"),
    not_fields={
        **dict.fromkeys(
            ("agency", "agency name", "force", "organisation"),
            "The agency that imports the file owns every row.",
        ),
        **dict.fromkeys(
            ("created at", "updated at", "withheld"), DERIVED
        ),
        "currency": "Every cost line is in pounds.",
        **LEFT_OUT_OF_EVERY_KIND,
    },
    subjects=("cost",),
)  # fmt: skip

COST_SCHEMAS = {
    **CostLineCreate().fields,
    "id": CostLineSchema().fields["id"],
    "system": OWN_SYSTEM,
}


def rows_by_year(table: Table) -> Table:
    """Return a table with a row for each amount, if its columns are financial years.

    A heading can also name the cost: “Licences 2025/26”. Its words give the category, and the
    description if a year has several columns. Empty amounts have no row. Neither have words such as
    TBC, but a notice names each. Raises TableProblem if the table has too many amounts.
    """
    years = {
        column.index: found
        for column in table.columns
        if column.heading and (found := financial_year_in(column.heading))
    }
    if not years:
        return table
    categories = {
        index: find_value("category", rest) if rest else None for index, (_, rest) in years.items()
    }
    repeats = len({year for year, _ in years.values()}) < len(years)
    kept = [column for column in table.columns if column.index not in years]
    added = ["Financial year", "Amount"]
    added += ["Category"] if any(categories.values()) else []
    added += ["Description"] if repeats else []
    columns = [
        *(replace(column, index=place) for place, column in enumerate(kept)),
        *(
            Column(len(kept) + place, heading, is_gathered=True)
            for place, heading in enumerate(added)
        ),
    ]
    rows, notices = [], list(table.notices)
    for row in table.rows:
        cells = tuple(row.cells[column.index] for column in kept)
        for index, (year, rest) in years.items():
            amount = row.cells[index]
            if (nothing := _no_amount(amount)) is not None:
                if nothing:
                    detail = f"{nothing} The year {year} gets no cost line."
                    notices.append(
                        TableProblem("no_value", detail, row.number, value=quoted(amount))
                    )
                continue
            values = {"Financial year": year, "Amount": amount}
            values |= {"Category": categories[index], "Description": rest or None}
            rows.append(Row(row.number, (*cells, *(values[name] for name in added))))
            if len(rows) > MOST_AMOUNTS:
                detail = f"The table has more than {MOST_AMOUNTS:,} amounts. Split the file."
                raise TableProblem("too_many_rows", detail)
    return replace(table, columns=tuple(columns), rows=tuple(rows), notices=tuple(notices))


def _no_amount(cell: Cell) -> str | None:
    """Return the notice of a cell without an amount, or None for any other cell.

    The notice of an empty cell or a dash is empty.
    """
    try:
        read = read_value(_AMOUNT, cell)
    except ValueProblem:
        return None
    if isinstance(read, Noted) and read.value is None:
        return read.detail
    return "" if read is None else None


MOST_AMOUNTS = Limits().rows


class CostRows(RecordRows):
    """A running import of cost lines of an agency's systems."""

    fields = COST_FIELDS
    key_fields = ("system", "financial_year", "category", "description")
    repeat_advice = "Or give each its own description."

    def prepare(self) -> None:
        self.systems = NamedSystems(self.context, self.run)

    def load(self) -> Iterable[CostLine]:
        owned = sa.select(System.id).where(System.agency_id == self.run.agency.id)
        statement = (
            sa.select(CostLine)
            .where(CostLine.system_id.in_(owned))
            .order_by(CostLine.id)
            .with_for_update(of=CostLine)
        )
        return self.session.scalars(statement).all()

    def write(self, record: Record) -> None:
        amounts = self.columns.get("amount")
        if amounts and amounts.is_gathered:
            for each in (*record.problems, *record.notices):
                if each.field == "amount":
                    each.column = self._heading_of(record)
        super().write(record)

    def _heading_of(self, record: Record) -> str:
        """Return the heading of the column that an amount came from, with its year in full."""
        columns = (self.columns.get(name) for name in ("description", "financial_year"))
        cells = (record.cells[column.index] for column in columns if column)
        return " ".join(str(cell) for cell in cells if cell is not None)

    def resolve(self, record: Record) -> None:
        self.replace_name(record, "system", self.systems.find_own)

    def key_of(self, record: CostLine) -> Hashable:
        return record.system_id, record.financial_year, record.category, record.description_key

    def key_in(self, values: dict[str, Any]) -> Hashable:
        description = name_key(values.get("description") or "")
        return values["system"], values["financial_year"], values["category"], description

    def name_of(self, record: CostLine) -> str:
        parts = [self.systems.names[record.system_id], record.financial_year, record.category.value]
        return ", ".join([*parts, *([record.description] if record.description else [])])

    def create(self, values: dict[str, Any]) -> CostLine:
        system = self.session.get_one(System, values["system"])
        fields = {name: value for name, value in values.items() if name != "system"}
        line = create_cost_line(self.session, system, fields)
        line.system_id = system.id
        return line

    def change(self, record: CostLine, changes: dict[str, Any]) -> None:
        if "system" in changes:
            changes["system_id"] = changes.pop("system")
        update_cost_line(record, changes)

    def present(self, record: CostLine, name: str) -> Any:
        return record.system_id if name == "system" else getattr(record, name)


def _is_year(heading: str) -> bool:
    return financial_year_in(heading) is not None


COSTS = RecordKind(
    ImportKind.COSTS,
    COST_FIELDS,
    COST_SCHEMAS,
    CostRows,
    tables=(CostLine,),
    prepare=rows_by_year,
    knows_heading=_is_year,
)

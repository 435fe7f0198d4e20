"""Questions about a file as a whole, which a person must answer before anything is written."""

from catalogue.data_exchange.column_mapping import ColumnMapping
from catalogue.data_exchange.fields import ImportField
from catalogue.data_exchange.front_doors import FrontDoor
from catalogue.data_exchange.identity import Confirmed, count_rows
from catalogue.data_exchange.problems import TableProblem, quoted
from catalogue.data_exchange.report import ImportReport
from catalogue.data_exchange.spreadsheets.table import Column, Table
from catalogue.data_exchange.values import ValueProblem, read_value, without_notice


def add_column_notices(mapping: ColumnMapping, report: ImportReport) -> None:
    """Record a notice for each column that has values and fills no field.

    A column that the user chose to leave out gets no notice.
    """
    for left in mapping.unmatched:
        if left.samples and not left.is_chosen:
            value = " | ".join(left.samples)
            report.notice(
                TableProblem(
                    "column_not_imported",
                    f"{left.reason} The column was left out.",
                    column=left.column.label,
                    value=quoted(value),
                )
            )


def add_questions(
    table: Table,
    mapping: ColumnMapping,
    report: ImportReport,
    confirmed: Confirmed,
    *,
    has_ids: bool,
) -> None:
    """Add the open questions about the lifecycle and the ids of a file.

    `has_ids` states that systems of the agency already have ids from this source. The user then
    confirmed row numbers in an earlier import, and each row is compared with its record.
    """
    if report.created:
        for possible in mapping.possible_lifecycles:
            report.ask(_lifecycle_question(possible, report.front_door))
    column = mapping.column_of("external_id")
    if column is None:
        return
    door = report.front_door
    skip = door.map("external_id", None)
    identity = mapping.fields.by_name["external_id"]
    if not confirmed.ids and not has_ids and _counts_rows(table, column, identity):
        detail = (
            f"The ids in the column “{quoted(column.label)}” count the rows: 1, 2, 3 and so on. "
            "Row numbers change with the next file. Skip the field `external_id` with "
            f"{skip}. If the ids never change, confirm them with {door.confirm('ids')}."
        )
        report.ask(TableProblem("row_numbers", detail, column=column.label, field="external_id"))
    if report.source is None:
        detail = (
            f"The column “{quoted(column.label)}” holds ids, which mean something only within a "
            f"named register. Name the register with {door.source()}, or skip the field "
            f"`external_id` with {skip}."
        )
        report.ask(
            TableProblem("source_required", detail, column=column.label, field="external_id")
        )


def _lifecycle_question(column: Column, door: FrontDoor) -> TableProblem:
    label = column.label
    detail = (
        f"The column “{quoted(label)}” holds lifecycle words, but no column fills the "
        f"lifecycle. Map the field with {door.map('lifecycle', label)}, or skip it with "
        f"{door.map('lifecycle', None)}. New systems are live if you skip it."
    )
    return TableProblem("possible_lifecycle", detail, column=label, field="lifecycle")


def _counts_rows(table: Table, column: Column, field: ImportField) -> bool:
    cells = (row.cells[column.index] for row in table.rows)
    try:
        values = [without_notice(read_value(field, cell)) for cell in cells]
    except ValueProblem:
        return False
    return count_rows(str(value) for value in values if value is not None)

"""XLSX and ODS workbooks as people fill them in."""

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS
from catalogue.data_exchange.mapping import match_columns
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.table import Limits, Table
from catalogue.data_exchange.spreadsheets.tables import read_table
from tests.data_exchange.spreadsheets import ods, ods_rows, text_cell, with_part, xlsx

ROWS = [["Name", "Supplier", "Users"], ["Rota", "Acme", "12"], ["Fleet", "Bell", "7"]]

LEAP_DAY = date(2024, 2, 29)
HALF_PAST_NINE = datetime.combine(LEAP_DAY, time(9, 30))


def headings(table: Table) -> list[str]:
    return [column.label for column in table.columns]


def problem(data: bytes, **options: Any) -> TableProblem:
    with pytest.raises(TableProblem) as caught:
        read_table(data, **options)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        pytest.param("xlsx", xlsx(("Register", ROWS)), id="xlsx"),
        pytest.param("ods", ods(("Register", ods_rows(ROWS))), id="ods"),
    ],
)
def test_workbook_kind_is_recognised_by_content(kind: str, data: bytes) -> None:
    table = read_table(data)
    assert (table.kind, table.sheet, table.heading_row) == (kind, "Register", 1)
    assert headings(table) == ROWS[0]
    assert [list(row.cells) for row in table.rows] == ROWS[1:]


CELL = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=12)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_any_text_in_a_sheet_reads_back_the_same(rows: list[tuple[str, str]]) -> None:
    table = read_table(xlsx(("S", [("Name", "Note"), *rows])))
    assert [row.cells for row in table.rows] == rows


def test_numbers_dates_and_booleans_keep_their_type() -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, ["Name", "Users", "Version", "Live", "At", "Personal", "Id", "Sum"])
        sheet.write_string(1, 0, " Rota ")
        sheet.write_number(1, 1, 12)
        sheet.write_number(1, 2, 1.5)
        sheet.write_datetime(1, 3, LEAP_DAY, book.add_format({"num_format": 14}))
        sheet.write_datetime(1, 4, HALF_PAST_NINE, book.add_format({"num_format": 22}))
        sheet.write_boolean(1, 5, True)
        sheet.write_string(1, 6, "00017")
        sheet.write_formula(1, 7, "=6*7", None, 42)

    (row,) = read_table(xlsx(("S", fill))).rows
    assert row.cells == (
        " Rota ", 12, 1.5, LEAP_DAY, HALF_PAST_NINE, True, "00017", 42,
    )  # fmt: skip
    assert isinstance(row.cells[1], int)


def test_formulas_without_a_result_are_reported_by_row() -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, ["Name", "Users"])
        sheet.write_row(1, 0, ["Rota"])
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["Fleet"])
        sheet.write_formula(2, 1, "=NA()", None, "#N/A")
        sheet.write_row(3, 0, ["Till"])
        sheet.write_formula(3, 1, "=2+2", None, 987654)

    data = with_part(
        xlsx(("S", fill)),
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"<v>987654</v>", b""),
    )
    table = read_table(data)
    assert [(p.code, p.row, p.column) for p in table.problems] == [
        ("formula_error", 2, "Users"),
        ("formula_not_calculated", 4, "Users"),
    ]
    assert table.problems[0].value == "#DIV/0!"
    assert [row.cells[1] for row in table.rows] == [None, None, None]


def test_text_that_looks_like_a_formula_is_read_as_text() -> None:
    (row,) = read_table(xlsx(("S", [["Name", "Note"], ["=cmd|x", "@a"]]))).rows
    assert row.cells == ("=cmd|x", "@a")


def test_first_visible_sheet_with_content_is_read() -> None:
    def hidden(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, ["List", "Values"])
        sheet.write_row(1, 0, ["a", "b"])
        sheet.hide()

    data = xlsx(("Cover", []), ("Lists", hidden), ("Systems", ROWS), ("Old", ROWS))
    table = read_table(data)
    assert table.sheet == "Systems"
    assert table.other_sheets == ("Lists", "Old")
    assert read_table(data, sheet="old").sheet == "Old"
    assert read_table(data, sheet="2").sheet == "Lists"
    found = problem(data, sheet="Nope")
    assert found.code == "sheet_not_found"
    assert "Cover, Lists, Systems, Old" in found.detail
    assert problem(data, sheet="Cover").code == "empty_file"
    assert problem(xlsx(("A", []), ("B", []))).code == "empty_file"


def test_cells_merged_downwards_fill_each_row() -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.merge_range("A1:C1", "Register of systems")
        sheet.write_row(2, 0, ["Name", "Supplier", "Users"])
        sheet.write_row(3, 0, ["Rota", None, 3])
        sheet.write_row(4, 0, ["Fleet", None, 4])
        sheet.write_row(5, 0, ["Till", "Bell", 5])
        sheet.merge_range("B4:B5", "Acme")

    table = read_table(xlsx(("S", fill)))
    assert table.heading_row == 3
    assert [row.cells[:2] for row in table.rows] == [
        ("Rota", "Acme"), ("Fleet", "Acme"), ("Till", "Bell"),
    ]  # fmt: skip


def test_two_heading_rows_are_joined() -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.merge_range("A1:A2", "Name")
        sheet.merge_range("B1:C1", "Owner")
        sheet.write_row(1, 1, ["Business", "Technical"])
        sheet.write_row(2, 0, ["Rota", "HR", "ICT"])

    table = read_table(xlsx(("S", fill)))
    assert headings(table) == ["Name", "Owner Business", "Owner Technical"]
    assert [(row.number, row.cells) for row in table.rows] == [(3, ("Rota", "HR", "ICT"))]


def test_ods_merges_repeats_and_types_are_read() -> None:
    body = (
        '<table:table-row table:number-rows-repeated="2">'
        '<table:table-cell table:number-columns-repeated="5"/></table:table-row>'
        + ods_rows([["Name", "Supplier", "Users", "Live", "Sum"]])
        + "<table:table-row>" + text_cell("Rota")
        + text_cell("Acme", 'table:number-rows-spanned="2"')
        + '<table:table-cell office:value-type="float" office:value="12"><text:p>12</text:p>'
        '</table:table-cell><table:table-cell office:value-type="date" '
        'office:date-value="2024-02-29"><text:p>29/02/24</text:p></table:table-cell>'
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
        "</table:table-cell></table:table-row>"
        "<table:table-row>" + text_cell("Fleet") + "<table:covered-table-cell/>"
        "</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )  # fmt: skip
    table = read_table(ods(("S", body)))
    assert table.heading_row == 3
    assert table.rows[0].cells == ("Rota", "Acme", 12, LEAP_DAY, None)
    assert table.rows[1].cells[:2] == ("Fleet", "Acme")
    assert [(p.code, p.row, p.column) for p in table.problems] == [("formula_error", 4, "Sum")]


def test_value_without_heading_makes_an_unnamed_column() -> None:
    table = read_table(xlsx(("S", [["Name", "Users"], ["Rota", 1, None, "see HR"]])))
    assert headings(table) == ["Name", "Users", "column D"]
    assert not table.problems


def test_row_numbers_match_the_spreadsheet() -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(4, 2, ["Name", "Users"])
        sheet.write_row(9, 2, ["Rota", 1])

    table = read_table(xlsx(("S", fill)))
    assert (table.heading_row, table.rows[0].number) == (5, 10)
    assert table.columns[0].letter == "C"


def test_workbook_with_headings_only_is_refused() -> None:
    assert problem(xlsx(("S", [["Name", "Users"]]))).code == "no_rows"


def test_workbook_with_duplicate_columns_is_refused() -> None:
    table = read_table(xlsx(("S", [["Name", "Users", "name"], ["a", 1, "b"]])))
    with pytest.raises(TableProblem, match="Columns A and C"):
        match_columns(table, fields=SYSTEM_FIELDS)


def test_workbook_with_200_columns_is_read_and_with_1001_refused() -> None:
    wide = [[f"c{i}" for i in range(200)], list(range(200))]
    assert len(read_table(xlsx(("S", wide))).columns) == 200
    wide = [[f"c{i}" for i in range(1_001)], list(range(1_001))]
    assert problem(xlsx(("S", wide))).code == "too_many_columns"


def test_workbook_with_too_many_rows_is_refused() -> None:
    long = [["Name", "Users"], *([f"s{i}", i] for i in range(50))]
    assert problem(xlsx(("S", long)), limits=Limits(rows=10)).code == "too_many_rows"

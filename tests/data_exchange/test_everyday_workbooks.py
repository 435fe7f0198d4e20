"""Workbooks and texts as people keep them: hidden and merged cells, formats and damaged texts.

Each test sends a file by the command line, as an IT manager would, and reads the report.
"""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.data_exchange.conftest import Report
from tests.data_exchange.spreadsheets import ods, ods_rows, text_cell, with_part, xlsx, zipped

Run = Callable[..., Report]
Systems = Callable[[], dict[str, Any]]
TABLE = [["System name", "Supplier", "Users"], ["Rota", "Acme", 5]]


# Hidden and merged ------------------------------------------------------------------------------


def test_hidden_rows_and_columns_get_a_notice(load_file: Run) -> None:
    def fill(page: Any, _book: Any) -> None:
        for number, row in enumerate([["Name", "Owner"], *[[f"S{i}", "HR"] for i in range(9)]]):
            page.write_row(number, 0, row)
        page.set_row(3, None, None, {"hidden": True})
        page.set_row(6, None, None, {"level": 1, "hidden": True})
        page.set_column("B:B", None, None, {"hidden": True})

    details = [n["detail"] for n in load_file(xlsx(("S", fill)))["notices"]]
    assert details == [
        "2 rows are hidden, and read like any other: 4, 7. Delete the rows that you do not want.",
        (
            "Column B (“Owner”) is hidden, and read like any other. "
            "Delete the column if you do not want it."
        ),
    ]


def test_rows_hidden_by_a_filter_get_a_notice(load_file: Run) -> None:
    def fill(page: Any, _book: Any) -> None:
        page.write_column(0, 0, ["Name", "Rota", "Till"])
        page.autofilter("A1:A3")
        page.filter_column("A", "x == Rota")
        page.set_row(2, None, None, {"hidden": True})

    hidden = "".join(
        f'<table:table-row table:visibility="filter">{text_cell(name)}</table:table-row>'
        for name in ("Fleet",)
    )
    for data in (xlsx(("S", fill)), ods(("S", ods_rows([["Name"], ["Desk"]]) + hidden))):
        (notice,) = load_file(data)["notices"]
        assert notice["code"] == "hidden_rows"
        assert "1 row is hidden by a filter" in notice["detail"]


def test_rows_of_one_merged_name_are_one_system(load_file: Run, systems: Systems) -> None:
    def fill(page: Any, _book: Any) -> None:
        page.write_row(0, 0, ["System name", "Module", "Users"])
        page.write_row(1, 0, ["", "Crime", 900])
        page.write_row(2, 0, ["", "Custody", 120])
        page.merge_range("A2:A3", "Suite")
        page.write_row(3, 0, ["Rota", "Shifts", 8])

    report = load_file(xlsx(("S", fill)))
    assert {name: each.user_count for name, each in systems().items()} == {"Suite": 900, "Rota": 8}
    (notice,) = [n for n in report["notices"] if n["code"] == "row_left_out"]
    assert notice["row"] == 3
    assert "merged with row 2" in notice["detail"]
    assert "“Custody; 120”" in notice["detail"]


def test_merged_cells_of_other_columns_get_a_notice(load_file: Run, systems: Systems) -> None:
    def fill(page: Any, _book: Any) -> None:
        page.write_column(0, 0, ["System name", "Rota", "Till"])
        page.write(0, 1, "Supplier")
        page.merge_range("B2:B3", "Acme")

    report = load_file(xlsx(("S", fill)))
    assert [n["code"] for n in report["notices"]] == ["merged_cells"]
    assert {each.supplier_name for each in systems().values()} == {"Acme"}


# Workbooks that Excel opens ---------------------------------------------------------------------

BOOK = xlsx(("S", TABLE))


def test_parts_with_backslashes_or_another_main_part_are_read(
    load_file: Run, systems: Systems
) -> None:
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    slashes = {name.replace("/", "\\"): content for name, content in parts.items()}
    assert load_file(zipped(slashes))["created"] == 1
    renamed = {
        name.replace("xl/workbook.xml", "xl/workbook22.xml").replace(
            "xl/_rels/workbook.xml", "xl/_rels/workbook22.xml"
        ): content.replace(b"xl/workbook.xml", b"xl/workbook22.xml")
        for name, content in parts.items()
    }
    assert load_file(zipped(renamed))["unchanged"] == 1
    assert list(systems()) == ["Rota"]


def test_ids_are_read_as_their_format_shows_them(load_file: Run, systems: Systems) -> None:
    def fill(page: Any, book: Any) -> None:
        page.write_row(0, 0, ["Asset ID", "System name", "Users"])
        for row, code in enumerate(("00000", '"APP-"0000', "General"), 1):
            page.write(row, 0, 17, book.add_format({"num_format": code}))
            page.write(row, 1, f"S{row}")
            page.write(row, 2, 5, book.add_format({"num_format": "000"}))

    load_file(xlsx(("S", fill)), "--source", "cmdb")
    ids = [each.external_id_links[0].external_id for each in systems().values()]
    assert ids == ["00017", "APP-0017", "17"]
    assert {each.user_count for each in systems().values()} == {5}
    number = (
        '<table:table-cell office:value-type="float" office:value="18"><text:p>00018</text:p>'
        "</table:table-cell>"
    )
    row = f"<table:table-row>{number}{text_cell('S4')}</table:table-row>"
    load_file(ods(("S", ods_rows([["Asset ID", "System name"]]) + row)), "--source", "cmdb")
    assert systems()["S4"].external_id_links[0].external_id == "00018"


def test_line_break_in_ods_separates_words(load_file: Run, systems: Systems) -> None:
    rows = ods_rows([["System name", "Description"], ["Rota", "one<text:line-break/>two"]])
    load_file(ods(("S", rows)))
    assert systems()["Rota"].description == "one\ntwo"


def test_dates_without_format_follow_the_calendar_of_the_workbook(
    load_file: Run, systems: Systems
) -> None:
    book = xlsx(("S", [["System name", "Go live date"], ["Rota", 44286]]))
    load_file(book)
    assert systems()["Rota"].live_from.isoformat() == "2021-03-31"
    load_file(
        with_part(
            book,
            "xl/workbook.xml",
            lambda part: part.replace(b"<workbookPr ", b'<workbookPr date1904="1" '),
        )
    )
    assert systems()["Rota"].live_from.isoformat() == "2025-04-01"


def test_lengths_of_time_are_hours(load_file: Run, systems: Systems) -> None:
    def fill(page: Any, book: Any) -> None:
        page.write_row(0, 0, ["System name", "RTO", "RPO"])
        page.write(1, 0, "Rota")
        page.write_number(1, 1, 4 / 24, book.add_format({"num_format": "hh:mm"}))
        page.write_number(1, 2, 3, book.add_format({"num_format": "[h]:mm"}))

    load_file(xlsx(("S", fill)))
    assert (systems()["Rota"].rto_hours, systems()["Rota"].rpo_hours) == (4, 72)


# Texts ------------------------------------------------------------------------------------------


def test_text_called_xlsx_is_read_with_notice(load_file: Run) -> None:
    report = load_file("System name\tOwner\nRota\tHR\n", name="systems.xlsx")
    (notice,) = report["notices"]
    assert notice["code"] == "named_otherwise"
    assert "It was read as CSV in UTF-8 with the delimiter tab." in notice["detail"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<html><table><tr><td>Name</td></tr></table></html>", "a web page (HTML)"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b'[{"name": "Rota"}]', "JSON"),
    ],
)
def test_other_kinds_of_text_are_named(load_file: Run, data: bytes, text: str) -> None:
    problem = load_file(data, name="systems.xls")["problem"]
    assert problem["code"] == "unknown_kind"
    assert f"The file is {text}" in problem["detail"]


def test_mac_roman_is_told_from_windows_by_its_words(load_file: Run, systems: Systems) -> None:
    text = "System name,Owner\nCafé till,Zoë’s team\nWomen’s canteen,HR\n"
    report = load_file(text.encode("mac-roman"))
    assert report["read_as"]["encoding"] == "mac-roman"
    assert [n["code"] for n in report["notices"]] == ["mac_roman"]
    assert load_file(text.encode("cp1252"))["read_as"]["encoding"] == "cp1252"
    assert load_file(text.encode("mac-roman"), "--encoding", "mac-roman")["notices"] == []
    assert list(systems()) == ["Café till", "Women’s canteen"]


def test_damaged_texts_get_a_notice(load_file: Run, systems: Systems) -> None:
    report = load_file("System name\nCafÃ© till\nCust\u200body\nRota \ufffd\n")
    assert [(n["row"], n["code"]) for n in report["notices"]] == [
        (2, "garbled_text"),
        (3, "cleaned"),
        (4, "lost_characters"),
    ]
    assert "“Café till”" in report["notices"][0]["detail"]
    assert sorted(systems()) == ["CafÃ© till", "Custody", "Rota \ufffd"]


def test_every_value_that_is_left_out_or_changed_gets_a_notice(
    load_file: Run, systems: Systems
) -> None:
    report = load_file(
        "System name,Supplier,Owner,Users,RTO\n"
        '"Command and\ncontrol",#REF!,Vacant,approx 600,72:00\n'
        "Rota,Acme,########,Unlimited,8\n"
    )
    assert [(n["row"], n["column"], n["code"]) for n in report["notices"]] == [
        (2, "System name", "line_breaks"),
        (2, "Supplier", "error_text"),
        (2, "Users", "approximate_number"),
        (2, "Owner", "no_value"),
        (3, "Users", "no_value"),
        (3, "Owner", "error_text"),
    ]
    system = systems()["Command and control"]
    assert (system.supplier_name, system.business_owner) == (None, None)
    assert (system.user_count, system.rto_hours) == (600, 72)


def test_error_instead_of_a_name_rejects_the_row(load_file: Run) -> None:
    report = load_file(
        "System name,Owner\nRota,HR\n#REF!,HR\nTBC,HR\nTill,HR\n", "--mode", "partial"
    )
    assert [(p["row"], p["code"]) for p in report["problems"]] == [
        (3, "error_text"),
        (4, "required"),
    ]


def test_shortened_ids_are_refused_and_are_no_row_numbers(load_file: Run) -> None:
    rows = [["Asset ID", "Name"], [1, "Rota"], [10**15, "Fleet"], ["1.2E+12", "Crime"]]
    report = load_file(xlsx(("Systems", rows)), "--source", "cmdb", name="systems.xlsx")
    assert [(p["row"], p["code"]) for p in report["problems"]] == [
        (3, "shortened_id"),
        (4, "shortened_id"),
    ]

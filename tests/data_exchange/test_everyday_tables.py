"""Tables as people keep them: their headings, their sheets and the rows that are no systems.

Each test sends a file by the command line, as an IT manager would, and reads the report.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.data_exchange.conftest import Report, notices, sheet
from tests.data_exchange.spreadsheets import xlsx

Run = Callable[..., Report]
Systems = Callable[[], dict[str, Any]]


def columns(report: Report) -> dict[str, str]:
    return {match["field"]: match["column"] for match in report["mapping"]["mapped"]}


# Headings ---------------------------------------------------------------------------------------

METADATA = (
    "Title,Register of systems,Prepared by,ICT,Date\n"
    "Version,1.2,Status,Draft,01/04/2025\n"
    "System name,Supplier,Status,Users,Owner\n"
    "Custody,Acme,Live,120,Head of custody\n"
)


def test_known_headings_win_over_the_first_wide_row(load_file: Run, systems: Systems) -> None:
    report = load_file(METADATA)
    assert report["read_as"]["heading_row"] == 3
    assert notices(report, "row_left_out") == [(1, "Title"), (2, "Version")]
    assert list(systems()) == ["Custody"]


def test_heading_row_can_be_chosen(load_file: Run, systems: Systems) -> None:
    data = sheet(["Name", "Users"], ["Old name", "Old users"], ["Name", "Users"], ["Rota", 5])
    report = load_file(data, "--heading-row", "3")
    assert (report["read_as"]["heading_row"], list(systems())) == (3, ["Rota"])


@pytest.mark.parametrize("row", ["2", "9"])
def test_chosen_heading_row_must_have_values(load_file: Run, row: str) -> None:
    problem = load_file("Name,Users\n,\nRota,5\n", "--heading-row", row)["problem"]
    assert problem["code"] == "heading_row_not_found"
    assert f"Row {row} has no cell with a value" in problem["detail"]


def test_requested_heading_is_known(load_file: Run, systems: Systems) -> None:
    data = "Our list,of,everything\nVersion,1,Draft\nThing,Maker,Level\nRota,Acme,3\n"
    report = load_file(data, "--map", "name=Thing", "--map", "supplier_name=Maker")
    assert (report["read_as"]["heading_row"], list(systems())) == (3, ["Rota"])


@pytest.mark.parametrize(
    ("data", "delimiter", "headings"),
    [
        pytest.param(
            "Applications, as at 1 March\nSystem name\tSupplier\tDescription\n"
            "Custody\tAcme\tCells, and detention\nStores\tBell\tKit, issue\n",
            "\t",
            2,
            id="tabs-below-a-title-with-a-comma",
        ),
        pytest.param(
            "Register of systems, March 2025\nSystem name;Supplier;Users\n"
            "Custody;Acme;1,5\nStores;Bell;2,5\n",
            ";",
            2,
            id="semicolons-with-decimal-commas",
        ),
        pytest.param(
            "Thing, we use;Maker;Level\nCustody, cells;Acme;1\nStores, kit;Bell;2\n",
            ";",
            1,
            id="unknown-headings",
        ),
        pytest.param("Register | ICT\nName,Owner\nRota|A,HR\n", ",", 2, id="pipe-in-a-title"),
    ],
)
def test_delimiter_of_the_table_is_found(
    load_file: Run, data: str, delimiter: str, headings: int
) -> None:
    report = load_file(data, "--map", "name=A", "--dry-run")
    assert (report["read_as"]["delimiter"], report["read_as"]["heading_row"]) == (
        delimiter,
        headings,
    )


def test_error_names_delimiter_row_and_what_to_do(load_file: Run) -> None:
    detail = load_file("Thing;Maker\nRota;Acme\n")["problem"]["detail"]
    assert "with the delimiter semicolon and the headings in row 1" in detail
    assert "Choose others with `--delimiter` and `--heading-row`." in detail
    detail = load_file(xlsx(("One", [["Thing", "Maker"], ["a", "b"]]), ("Two", [["x"]])))["problem"]
    assert "row 1 of the sheet “One”. Not read: “Two”." in detail["detail"]


@pytest.mark.parametrize("groups", ["System,System,Contract,Contract", "System,,Contract,"])
def test_groups_above_headings_are_no_headings(
    load_file: Run, systems: Systems, groups: str
) -> None:
    report = load_file(f"{groups}\nName,Users,Supplier,Status\nRota,5,Acme,Expired\n")
    assert columns(report) == {"name": "Name", "user_count": "Users", "supplier_name": "Supplier"}
    assert report["mapping"]["unmapped"][0]["column"] == "Contract Status"
    assert systems()["Rota"].supplier_name == "Acme"


def test_same_heading_in_two_groups_takes_the_name_of_its_group(
    load_file: Run, systems: Systems
) -> None:
    def fill(page: Any, _book: Any) -> None:
        page.merge_range("A1:B1", "System")
        page.merge_range("C1:D1", "Supplier")
        page.write_row(1, 0, ["Name", "Owner", "Name", "Contact"])
        page.write_row(2, 0, ["Rota", "HR", "Acme", "Jo"])

    report = load_file(xlsx(("S", fill)), name="x.xlsx")
    assert columns(report)["supplier_name"] == "Supplier Name"
    assert systems()["Rota"].business_owner == "HR"


def test_rows_may_have_more_cells_than_headings(load_file: Run, systems: Systems) -> None:
    data = "System name,Supplier\nCustody,Acme,a,b\nStores,Bell,c,d\n"
    report = load_file(data)
    assert report["read_as"]["heading_row"] == 1
    assert "(C to D)" in next(n for n in report["notices"] if n["code"] == "no_heading")["detail"]
    assert list(systems()) == ["Custody", "Stores"]
    page = [["System name", "Supplier"], ["Custody", "Acme", "a"], ["Stores", "Bell", "b"]]
    assert load_file(xlsx(("S", page)))["unchanged"] == 2


def test_comma_without_quotes_still_rejects_its_row(load_file: Run) -> None:
    report = load_file("System name,Owner\nRota,Smith, Jo\nTill,Doe, Al\n")
    assert [p["code"] for p in report["problems"]] == ["too_many_cells", "too_many_cells"]


def test_headings_that_no_field_needs_may_repeat(load_file: Run, systems: Systems) -> None:
    report = load_file("System name,Colour,Owner,Colour\nRota,red,HR,blue\n")
    assert len(notices(report, "same_heading")) == 1
    assert list(systems()) == ["Rota"]
    for data in ("System name,Owner,Owner\nTill,HR,HR\n", "System name,Owner,Owner\nTill,,HR\n"):
        assert load_file(data)["problem_count"] == 0
    assert systems()["Till"].business_owner == "HR"
    data = "System name,Owner,Owner\nFleet,HR,ICT\n"
    assert load_file(data)["problem"]["code"] == "duplicate_columns"
    assert (
        load_file(data, "--map", "business_owner=Owner")["problem"]["code"] == "duplicate_columns"
    )
    assert load_file(data, "--map", "business_owner=C")["created"] == 1
    assert systems()["Fleet"].business_owner == "ICT"


# Sheets -----------------------------------------------------------------------------------------

COVER = [["Register of systems"], ["Published by ICT"], ["Contents", "Sheet"], ["Systems", "1"]]
TABLE = [["System name", "Supplier", "Users"], ["Rota", "Acme", 5]]


def test_sheet_with_known_headings_is_read_instead_of_a_cover(
    load_file: Run, systems: Systems
) -> None:
    report = load_file(xlsx(("Cover", COVER), ("Lists", [["Live"], ["Retired"]]), ("All", TABLE)))
    assert report["read_as"]["sheet"] == "All"
    (notice,) = [n for n in report["notices"] if n["code"] == "sheets_not_read"]
    assert "“Cover”, “Lists”" in notice["detail"]
    assert list(systems()) == ["Rota"]


def test_unclear_sheet_is_refused_with_the_names_of_all(load_file: Run) -> None:
    unknown = [["Thing", "Maker", "Level"], *[[f"t{i}", "Acme", i] for i in range(9)]]
    for first in (unknown, [["Name", "Owner"], ["a", "b"]]):
        more = [["System name", "Supplier", "Users", "Owner"], ["Rota", "Acme", 5, "HR"]]
        book = xlsx(("First", first), ("Second", more))
        problem = load_file(book)["problem"]
        assert problem["code"] == "sheet_unclear"
        assert "“First”, “Second”" in problem["detail"]
        assert load_file(book, "--sheet", "Second", "--dry-run")["created"] == 1


# Rows that are no systems -----------------------------------------------------------------------


def test_totals_sources_and_notes_are_left_out_with_notice(
    load_file: Run, systems: Systems
) -> None:
    report = load_file(
        "System name,Supplier,Status,Users\nCustody,Acme,Live,120\nSub-total,,,120\n"
        "Stores,Bell,Live,8\nTotal,,,128\nMax,,,120\nSource: ICT, March 2025\n"
        '"* Figures are as at 31 March.",,,\nPage 1 of 2\n,,,256\n'
    )
    assert list(systems()) == ["Custody", "Stores"]
    assert [row for row, _ in notices(report, "row_left_out")] == [3, 5, 6, 7, 8, 9, 10]
    details = [n["detail"] for n in report["notices"]]
    assert details[1] == "Row 5 is left out: it is a total (“Total”)."
    assert report["rows"] == 2


def test_row_with_only_a_name_between_records_is_a_record(load_file: Run, systems: Systems) -> None:
    table = "System name,Supplier,Owner,Tags\nRota,Acme,Ann,a\nStores,,,\nFleet,Bell,Bob,b\n"
    report = load_file(table)
    assert notices(report, "only_a_name") == [(3, "Stores")]
    assert set(systems()) == {"Rota", "Stores", "Fleet"}


def test_headings_of_sections_are_left_out_with_notice(load_file: Run, systems: Systems) -> None:
    report = load_file(
        "System name,Supplier,Status\nOPERATIONS,,\nCustody,Acme,Live\n"
        "Corporate services,,\nStores,Bell,Live\n"
    )
    assert list(systems()) == ["Custody", "Stores"]
    assert [n["detail"] for n in report["notices"]] == [
        "Row 2 is left out: only its first cell has a value (“OPERATIONS”).",
        "Row 4 is left out: only its first cell has a value (“Corporate services”).",
    ]


def test_comments_and_repeated_headings_are_left_out(load_file: Run, systems: Systems) -> None:
    report = load_file(
        "# exported on 1 April\nSystem name,Supplier\nCustody,Acme\nSystem name,Supplier\n"
        "Stores,Bell\n# end of export, 2 rows\n// done\n"
    )
    assert list(systems()) == ["Custody", "Stores"]
    assert [row for row, _ in notices(report, "row_left_out")] == [4, 6, 7]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("System name\nRota\nTill\n", id="single-column"),
        pytest.param("System name,Supplier,Users\nRota,,\nTill,,\nFleet,Acme,5\n", id="most-bare"),
        pytest.param(
            "System name,Supplier,Users\nTotalmobile,Acme,5\n#1 Dispatch,Acme,5\n"
            "Total Repairs,Bell,6\nC# Studio,Acme,1\n",
            id="names-like-totals",
        ),
        pytest.param("Ref,System name,Users\nA17,Rota,\nB2,Till,\nC9,Fleet,4\n", id="id-and-name"),
    ],
)
def test_real_systems_are_never_left_out(load_file: Run, systems: Systems, data: str) -> None:
    report = load_file(data, "--source", "cmdb")
    assert notices(report, "row_left_out") == []
    assert len(systems()) == report["created"] == data.count("\n") - 1


def test_name_alone_beside_a_supplier_column_is_read_with_notice(
    load_file: Run, systems: Systems
) -> None:
    report = load_file("System name,Supplier\nRota,Acme\nTill,\nFleet,Bell\n")
    assert notices(report, "only_a_name") == [(3, "Till")]
    assert list(systems()) == ["Fleet", "Rota", "Till"]


def test_file_of_totals_alone_is_refused(load_file: Run) -> None:
    problem = load_file("System name,Supplier\nTotal,\n")["problem"]
    assert problem["code"] == "no_rows"
    assert "Row 2 is left out: it is a total" in problem["detail"]


def test_value_outside_the_limits_of_its_field_names_the_field(load_file: Run) -> None:
    report = load_file(sheet(["Name", "Business fit", "Tags"], ["Rota", 9, f"a; {'b' * 60}"]))
    assert [problem["detail"] for problem in report["problems"]] == [
        "`functional_fit` must be from 1 to 4.",
        "Entry 2 of `tags` is longer than 50 characters. Shorten it.",
    ]


def test_words_for_no_value_are_no_row_numbers(load_file: Run) -> None:
    data = sheet(["Ref", "Name"], ["1", "Rota"], ["N/A", "Fleet"], ["2", "Crime"], ["3", "Case"])
    report = load_file(data, "--source", "cmdb")
    assert [problem["code"] for problem in report["problems"]] == ["row_numbers"]

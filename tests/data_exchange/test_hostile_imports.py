"""Hostile files and forms, which are refused or read within fixed limits."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from catalogue.agencies.models import Agency
from catalogue.data_exchange import sandbox
from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS
from catalogue.data_exchange.mapping import match_columns
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.tables import read_table
from tests.data_exchange.conftest import sheet
from tests.data_exchange.spreadsheets import ods, ods_rows, text_cell, with_part, xlsx

Post = Callable[..., Any]
SHEET = "xl/worksheets/sheet1.xml"
GOOD = xlsx(("S", [["Name", "Users"], ["Rota", 1]]))


@pytest.fixture
def api(sign_in: Any, agency: Agency) -> Any:
    return sign_in(agency.code, "imports:write systems:read")


@pytest.fixture
def post(api: Any) -> Post:
    """`post(data)` sends a form with a file and returns the response."""

    def posted(data: bytes, **fields: str) -> Any:
        form = {"file": (io.BytesIO(data), "systems.csv"), **fields}
        return api.post("/v1/imports", data=form, content_type="multipart/form-data")

    return posted


def refusal(data: bytes) -> str:
    with pytest.raises(TableProblem) as caught:
        read_table(data)
    return caught.value.code


def errors(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.data
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]


def rows_of(data: bytes, rows: str, after: str = "") -> bytes:
    def change(part: bytes) -> bytes:
        content = f"<sheetData>{rows}</sheetData>{after}"
        return part.split(b"<sheetData>")[0] + content.encode() + part.split(b"</sheetData>")[1]

    return with_part(data, SHEET, change)


def shared_text_bomb(size: int, rows: int) -> bytes:
    """One long text that many cells refer to."""
    cells = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, rows))
    long = b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006'
    long += b'/main"><si><t>' + b"a" * size + b"</t></si></sst>"
    return with_part(rows_of(GOOD, cells), "xl/sharedStrings.xml", lambda _: long)


def repeat_cell(cell: str, rows: int) -> bytes:
    body = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return ods(("S", ods_rows([["Name", "Users"], ["Rota", "1"]]) + body))


def test_long_text_in_many_cells_is_refused_and_server_keeps_working(post: Post) -> None:
    assert errors(post(shared_text_bomb(1_000_000, 20_000))) == [("/file", "too_large")]
    assert post(GOOD).status_code == 202


def test_repeated_long_text_is_refused() -> None:
    cell = text_cell("a" * 100_000, 'table:number-columns-repeated="100"')
    assert refusal(repeat_cell(cell, 100_000)) == "too_large"


def test_too_much_text_is_refused_even_when_memory_suffices() -> None:
    assert refusal(shared_text_bomb(1_000_000, 80)) == "too_large"


def test_archive_parts_that_differ_only_in_case_are_refused() -> None:
    """The reader ignores case when it looks for a part, and can read the other one."""
    target = io.BytesIO(GOOD)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(SHEET.upper(), archive.read(SHEET))
    assert refusal(target.getvalue()) == "damaged"


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param('office:value="1"', id="without-type"),
        pytest.param(
            'x:number-columns-repeated="1" office:value-type="float" office:value="1"',
            id="foreign-repeat-attribute",
        ),
    ],
)
def test_repeated_cells_are_counted_whatever_their_attributes(attributes: str) -> None:
    cell = f'<table:table-cell {attributes} table:number-columns-repeated="900"/>'
    data = with_part(
        repeat_cell(cell, 100_000),
        "content.xml",
        lambda part: part.replace(b"<office:body>", b'<office:body xmlns:x="urn:x">'),
    )
    assert refusal(data) == "too_large"


def test_repeated_rows_are_counted_despite_foreign_attribute() -> None:
    cell = '<table:table-cell office:value-type="float" office:value="1"/>'
    data = with_part(
        repeat_cell(cell, 900_000),
        "content.xml",
        lambda part: part.replace(
            b"table:number-rows-repeated",
            b'xmlns:x="urn:x" x:number-rows-repeated="1" table:number-rows-repeated',
        ),
    )
    assert refusal(data) == "too_many_rows"


@pytest.mark.parametrize(
    "heading",
    [
        pytest.param("(" * 60_000, id="round-brackets"),
        pytest.param("[" * 60_000, id="square-brackets"),
        pytest.param("( " * 30_000, id="brackets-and-spaces"),
    ],
)
def test_file_with_very_long_heading_is_accepted(post: Post, heading: str) -> None:
    assert post(sheet(["Name", heading], ["Rota", "x"])).status_code == 202


def test_file_with_many_very_long_headings_is_accepted(api: Any) -> None:
    headings = [f"{i} " + "word " * 2_800 for i in range(900)]
    # As bytes: the test client leaves the temporary file open that it makes of a large form.
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n%b\r\n--x--\r\n'
    )
    answer = api.post(
        "/v1/imports",
        data=form % sheet(["Name", *headings], ["Rota", *["x"] * 900]),
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 202


def test_long_heading_can_be_chosen_by_its_full_text() -> None:
    long = "Which system is it? " * 20
    table = read_table(sheet([long, "Users"], ["Rota", 1]))
    assert len(table.columns[0].heading) == 200
    assert (
        match_columns(table, {"name": long}, fields=SYSTEM_FIELDS).column_of("name")
        == table.columns[0]
    )


def test_cells_merged_beyond_the_sheet_fill_existing_rows_only() -> None:
    row = "<table:table-row>{}{}</table:table-row>"
    span = text_cell("Rota", 'table:number-rows-spanned="1000000000"')
    body = ods_rows([["Name", "Users"]]) + row.format(span, text_cell("1"))
    body += row.format("<table:covered-table-cell/>", text_cell("2"))
    assert [r.cells[0] for r in read_table(ods(("S", body))).rows] == ["Rota", "Rota"]


def test_cells_merged_many_times_are_filled_once() -> None:
    rows = "".join(
        f'<row r="{i}"><c r="A{i}"><v>{i}</v></c><c r="B{i}"><v>1</v></c></row>'
        for i in range(2, 10_000)
    )
    names = '<c r="{}1" t="inlineStr"><is><t>{}</t></is></c>'
    head = f'<row r="1">{names.format("A", "Name")}{names.format("B", "Users")}</row>'
    merges = "".join(f'<mergeCell ref="A{2 + i}:A1048576"/>' for i in range(400))
    data = rows_of(GOOD, head + rows, f"<mergeCells>{merges}</mergeCells>")
    assert {row.cells[0] for row in read_table(data).rows} == {2}


def test_impossible_date_rejects_its_own_row_only(
    api: Any, post: Post, run_jobs: Callable[[], None]
) -> None:
    rows = [[f"s{i}", "1 May 2020"] for i in range(3)]
    data = sheet(["Name", "Go-live date"], *rows, ["Rota", "99999999999 January 2020"])
    answer = post(data, mode="partial")
    assert answer.status_code == 202, answer.json
    run_jobs()
    report = api.get(answer.headers["Location"]).json
    assert [(p["row"], p["code"]) for p in report["notices"]] == [(5, "not_a_date")]
    assert report["created"] == 4


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        pytest.param({"file": "name\nRota\n"}, "/file", id="file-as-text"),
        pytest.param(
            {"file": [(io.BytesIO(b"Name\na\n"), "a"), (io.BytesIO(b"Name\na\n"), "b")]},
            "/file",
            id="two-files",
        ),
        pytest.param(
            {"file": (io.BytesIO(b"Name\na\n"), "a"), "mode": ["atomic", "partial"]},
            "/mode",
            id="two-modes",
        ),
        pytest.param(
            {"file": (io.BytesIO(b"Name\na\n"), "a"), "mode": (io.BytesIO(b"x"), "b")},
            "/mode",
            id="mode-as-file",
        ),
    ],
)
def test_import_rejects_malformed_form(api: Any, form: dict[str, Any], pointer: str) -> None:
    sent = {
        name: [_reopen(each) for each in value] if isinstance(value, list) else _reopen(value)
        for name, value in form.items()
    }
    answer = api.post("/v1/imports", data=sent, content_type="multipart/form-data")
    assert [found[0] for found in errors(answer)] == [pointer]


def _reopen(value: Any) -> Any:
    """The client closes the files that it sends, so each store receives its own."""
    return (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value


@pytest.mark.parametrize("field", ["Tags", "Aliases"])
def test_import_rejects_row_that_would_exceed_the_list_limit(
    load: Any, systems: Any, field: str
) -> None:
    def values(start: int) -> str:
        return ";".join(f"v{i}" for i in range(start, start + 30))

    load(sheet(["Name", field], ["Rota", values(0)]))
    report = load(sheet(["Name", field], ["Rota", values(30)], ["Fleet", "a"]), mode="partial")
    assert [(p.row, p.code, p.field) for p in report.problems] == [(2, "too_many", field.lower())]
    assert (report.created, report.rejected) == (1, 1)
    assert len(getattr(systems()["Rota"], field.lower())) == 30


def test_workbook_reader_is_stopped_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "LONGEST_SECONDS", 0)
    assert refusal(GOOD) == "too_large"


def test_workbook_is_reported_as_damaged_when_its_reader_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "_MODULE", "catalogue.data_exchange.no_such_reader")
    assert refusal(GOOD) == "damaged"


def test_large_workbook_is_read_within_the_limits() -> None:
    rows = [[f"system {i}", *(f"value {i} {j}" for j in range(14))] for i in range(10_000)]
    data = xlsx(("S", [["Name", *(f"h{j}" for j in range(14))], *rows]))
    assert len(read_table(data).rows) == 10_000

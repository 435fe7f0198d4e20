"""Tables in CSV, XLSX and ODS hold every value as it is, and never a formula."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from catalogue.core.tables import ods_table, xlsx_table
from catalogue.core.tables.cells import Cell, TooManyRows
from catalogue.core.tables.csv_table import disarm, rearm
from catalogue.core.tables.formats import TableFormat, write_table
from catalogue.core.tables.lists import join_list, split_list

WORKBOOKS = (TableFormat.XLSX, TableFormat.ODS)
TEXTS = (
    "=1+1",
    "-5",
    "+44 1234",
    "@SUM(A1)",
    "0012345678901234567890",
    "1.2E+12",
    "2026-04-01",
    "TRUE",
    "two\nlines",
    "  led and trailed  ",
    "a  b\tc",
    '<b>&"quotes"\'</b>',
    "https://example.org/?a=1&b=2",
    "Café \U0001f692",
    "_x0041_",
)


def table(table_format: TableFormat, *rows: Sequence[Cell], columns: int = 1) -> bytes:
    """Return a table with these rows."""
    target = io.BytesIO()
    headings = [f"column {number}" for number in range(columns)]
    write_table(target, table_format, sheet_name="systems", headings=headings, rows=rows)
    return target.getvalue()


def read(data: bytes) -> list[list[object]]:
    """Return the rows of a workbook below the headings, as another program reads them."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["systems"]
    return book.get_sheet_by_index(0).to_python(skip_empty_area=False)[1:]


@pytest.mark.parametrize("table_format", WORKBOOKS)
def test_workbook_keeps_every_text(table_format: TableFormat) -> None:
    assert read(table(table_format, *[[text] for text in TEXTS])) == [[text] for text in TEXTS]


@pytest.mark.parametrize("table_format", WORKBOOKS)
def test_workbook_has_cells_of_each_type(table_format: TableFormat) -> None:
    row: list[Cell] = [
        7,
        -2.5,
        Decimal("1234567890.12"),
        True,
        False,
        None,
        date(2026, 4, 1),
        datetime(2026, 4, 1, 9, 30, 15, tzinfo=UTC),
        "end",
    ]
    (found,) = read(table(table_format, row, columns=len(row)))
    assert found == [
        7,
        -2.5,
        1234567890.12,
        True,
        False,
        "",
        date(2026, 4, 1),
        datetime(2026, 4, 1, 9, 30, 15),  # noqa: DTZ001 - as the file holds it
        "end",
    ]


def test_csv_has_a_byte_order_mark_and_values_in_their_usual_form() -> None:
    row: list[Cell] = [
        None,
        True,
        -7,
        Decimal("-1250.00"),
        date(2026, 4, 1),
        datetime(2026, 4, 1, 9, 30, tzinfo=UTC),
        'two\n"lines"',
    ]
    text = table(TableFormat.CSV, row, columns=7).decode()
    assert text.startswith('\ufeff"column 0","column 1"')
    assert text.splitlines()[1:] == [
        '"","true",-7,-1250.00,"2026-04-01","2026-04-01T09:30:00Z","two',
        '""lines"""',
    ]
    assert text.count("\r\n") == 2


@pytest.mark.parametrize("table_format", list(TableFormat))
def test_same_rows_give_the_same_bytes(table_format: TableFormat) -> None:
    assert table(table_format, ["a"], [None]) == table(table_format, ["a"], [None])


@pytest.mark.parametrize(
    "lead",
    ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d", "\u200b@", "'=", "\t"],
)
def test_csv_cell_is_disarmed_when_it_looks_like_a_formula(lead: str) -> None:
    text = f'{lead}HYPERLINK("x")'
    assert disarm(text)[0] == "'"
    assert disarm(text).replace("'", "") == text.replace("'", "")
    printable = lead if lead.isprintable() else "="
    assert disarm(f"a{printable}b") == f"a{printable}b"


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r"])
@pytest.mark.parametrize("lead", ["=", " +", "\u200b@", '"=', "\t-", "'="])
def test_csv_text_begins_no_formula_in_a_program_with_another_separator(
    separator: str, lead: str
) -> None:
    text = f"a{separator}{lead}1+1"
    data = table(TableFormat.CSV, ["first", text], columns=2).decode("utf-8-sig")
    for divider in (";", "\t", ","):
        for line in csv.reader(io.StringIO(data, newline=""), delimiter=divider):
            assert not [cell for cell in line if cell.strip('"\t \u200b')[:1] in set("=+-@")]
    assert rearm(disarm(text)) == text


@given(st.text(st.sampled_from("'\"=-@; \t\nab"), max_size=8) | st.text())
def test_disarmed_text_is_read_back(text: str) -> None:
    assert rearm(disarm(text)) == text


def test_apostrophe_of_a_word_stays() -> None:
    assert rearm("'Allo") == "'Allo"


@given(st.lists(st.text(st.sampled_from('a;|, "\n'), min_size=1), max_size=4, unique=True))
def test_list_in_a_cell_is_read_back(texts: list[str]) -> None:
    joined = join_list(texts)
    for separators in (";|\n", ",;"):
        assert split_list(joined, separators) == texts


def test_list_of_a_person_is_divided_as_before() -> None:
    assert split_list(' DMS ; "Rota" and more;; DMS', ";|\n") == ["DMS", '"Rota" and more']


def test_xlsx_cell_is_cut_at_the_limit_of_excel() -> None:
    ((cell,),) = read(table(TableFormat.XLSX, ["x" * 40_000]))
    assert isinstance(cell, str)
    assert len(cell) == xlsx_table.LONGEST_TEXT
    assert cell.endswith("holds no more)")


def test_ods_leaves_out_characters_that_xml_cannot_hold() -> None:
    assert read(table(TableFormat.ODS, ["a\x00\x1bb\ufffec"])) == [["abc"]]


def test_ods_is_named_by_its_first_part() -> None:
    data = table(TableFormat.ODS, ["a"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["mimetype", "META-INF/manifest.xml", "content.xml"]
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize("module", [xlsx_table, ods_table])
def test_more_rows_than_a_sheet_holds_are_refused(
    module: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    table_format = TableFormat.XLSX if module is xlsx_table else TableFormat.ODS
    assert table(table_format, ["a"], ["b"])
    with pytest.raises(TooManyRows):
        table(table_format, ["a"], ["b"], ["c"])

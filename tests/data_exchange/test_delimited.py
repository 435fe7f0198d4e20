"""CSV in every usual encoding and delimiter."""

import csv
import io
import random
from contextlib import suppress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalogue.data_exchange.kinds.system_fields import SYSTEM_FIELDS
from catalogue.data_exchange.known_headings import known_headings
from catalogue.data_exchange.mapping import match_columns
from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.delimited import DELIMITERS
from catalogue.data_exchange.spreadsheets.table import Limits, Table
from catalogue.data_exchange.spreadsheets.tables import read_table

ROWS = [
    ["Name", "Supplier", "Purpose"],
    ["Rota", "Müller & Söhne", "Who is on duty, when; and where"],
    ["Café till", "Ångström", 'Sells "tea"\nand cake'],
    ["Fleet", "O’Neill – Partners", "€ and £ accounts | vehicles"],
]
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32": "utf-32",
    "cp1252": "cp1252",
}


def write_csv(
    rows: list[list[str]], delimiter: str = ",", end: str = "\r\n", quote: int = 0
) -> str:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, lineterminator=end, quoting=quote).writerows(rows)
    return target.getvalue()


def rows_of(table: Table) -> list[list[str]]:
    headings = [column.heading for column in table.columns]
    return [headings, *([str(cell or "") for cell in row.cells] for row in table.rows)]


def problem(data: bytes, **options: str) -> TableProblem:
    with pytest.raises(TableProblem) as caught:
        read_table(data, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
@pytest.mark.parametrize("delimiter", DELIMITERS, ids=["comma", "semicolon", "tab", "pipe"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_csv_is_read_in_every_encoding_delimiter_and_line_end(
    encoding: str, delimiter: str, end: str
) -> None:
    table = read_table(write_csv(ROWS, delimiter, end).encode(encoding))
    assert rows_of(table) == ROWS
    assert table.encoding == ENCODINGS[encoding]
    assert table.delimiter == delimiter
    assert [row.number for row in table.rows] == [2, 3, 4]


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\ufeff", exclude_categories=("Cs",)),
    max_size=20,
)
HEADING = st.text("abcdefghijklmnopqrstuvwxyzäöü", min_size=1, max_size=8)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    headings = draw(st.lists(HEADING, min_size=1, max_size=5, unique_by=str.casefold))
    row = st.lists(CELL, min_size=len(headings), max_size=len(headings)).filter(
        lambda cells: any(cell.strip() for cell in cells)
    )
    return [headings, *draw(st.lists(row, min_size=1, max_size=6))]


@given(tables(), st.sampled_from(list(DELIMITERS)), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_any_quoted_table_reads_back_the_same(
    rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    data = write_csv(rows, delimiter, quote=csv.QUOTE_ALL).encode(encoding)
    assert rows_of(read_table(data, encoding=encoding, delimiter=delimiter)) == rows


@given(tables(), st.sampled_from(list(DELIMITERS)))
def test_delimiter_of_any_quoted_table_is_detected(rows: list[list[str]], delimiter: str) -> None:
    assume(len(rows[0]) > 1)
    data = write_csv(rows, delimiter, quote=csv.QUOTE_ALL).encode("utf-8-sig")
    assert read_table(data).delimiter == delimiter


@given(st.binary(max_size=300), st.sampled_from([None, *ENCODINGS, "latin-1"]))
def test_any_bytes_are_read_or_refused(data: bytes, encoding: str | None) -> None:
    with suppress(TableProblem):
        read_table(data, encoding=encoding)


def test_broken_utf_8_is_refused_with_its_place() -> None:
    found = problem("Name,Place\nCafé,Zürich\n".encode() + b"Caf\xe9,York\n")
    assert found.code == "broken_encoding"
    assert found.row == 3
    assert "0xE9 at offset 28, line 3" in found.detail


def test_text_cut_within_a_character_is_refused() -> None:
    assert problem("Name\nCafé".encode("utf-16")[:-1]).code == "broken_encoding"
    assert problem(b"\xef\xbb\xbfName\nCaf\xc3").code == "broken_encoding"


def test_undefined_byte_is_refused_unless_an_encoding_is_named() -> None:
    data = b"Name,Place\nCaf\x81,York\n"
    assert problem(data).code == "broken_encoding"
    assert read_table(data, encoding="latin-1").rows[0].cells[0] == "Caf\x81"
    assert read_table(data, encoding="CP850").rows[0].cells[0] == "Cafü"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("utf-9", id="utf-9"),
        pytest.param("idna", id="idna"),
        pytest.param("zlib", id="zlib"),
        pytest.param("unicode_escape", id="unicode_escape"),
        pytest.param("x" * 200, id="200-characters"),
    ],
)
def test_unknown_encoding_is_refused(name: str) -> None:
    assert problem(b"Name\nx\n", encoding=name).code == "unknown_encoding"


def test_excel_delimiter_hint_counts_as_a_row() -> None:
    table = read_table(b"sep=|\r\nName|Purpose\r\nRota|Duty, and leave\r\n")
    assert table.delimiter == "|"
    assert table.rows[0].number == 3
    assert table.rows[0].cells == ("Rota", "Duty, and leave")


def test_delimiter_is_taken_from_headings_despite_commas_in_values() -> None:
    data = "Name;Purpose\n" + "".join(f"S{i};one, two, three\n" for i in range(9))
    assert read_table(data.encode()).delimiter == ";"


def test_title_above_headings_is_skipped() -> None:
    table = read_table(b"Systems register\n\nName,Supplier,Users\nRota,Acme,12\n")
    assert table.heading_row == 3
    assert [column.heading for column in table.columns] == ["Name", "Supplier", "Users"]
    assert table.rows[0].number == 4


def test_row_with_too_many_cells_is_reported_and_short_row_is_not() -> None:
    table = read_table(b"Name,Supplier\nRota,Acme,Ltd\nFleet\n\nTill,Bell\n")
    (found,) = table.problems
    assert (found.code, found.row) == ("too_many_cells", 2)
    assert [row.number for row in table.rows] == [2, 3, 5]
    assert table.rows[1].cells == ("Fleet", None)


def test_trailing_delimiter_is_not_an_extra_cell() -> None:
    assert not read_table(b"Name,Supplier,\nRota,Acme,\n").problems


def test_duplicate_columns_are_both_named() -> None:
    table = read_table(b"Name,Owner,Users,owner \nRota,a,1,b\n")
    with pytest.raises(TableProblem, match="Columns B and D") as caught:
        match_columns(table, fields=SYSTEM_FIELDS)
    assert caught.value.code == "duplicate_columns"
    assert (
        match_columns(table, {"business_owner": "D"}, fields=SYSTEM_FIELDS)
        .column_of("business_owner")
        .index
        == 3
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "empty_file", id="nothing"),
        pytest.param(b"\xef\xbb\xbf", "empty_file", id="only-byte-order-mark"),
        pytest.param(b"\r\n \r\n", "empty_file", id="only-blank-lines"),
        pytest.param(b",,\n,,\n", "empty_file", id="only-delimiters"),
        pytest.param(b"Name,Supplier\n", "no_rows", id="only-headings"),
        pytest.param(b"Name,Supplier\n,\n", "no_rows", id="headings-and-empty-row"),
        pytest.param(
            b'Name,Supplier\n"Rota,Acme\nFleet,Bell\n', "bad_quoting", id="unclosed-quote"
        ),
        pytest.param(b'Name,Supplier\n"Rota" x,Acme\n', "bad_quoting", id="text-after-quote"),
        pytest.param(
            b'Name,Note\nRota,"' + b"x" * 140_000 + b'"\n',
            "cell_too_long",
            id="cell-of-140000-characters",
        ),
        pytest.param(bytes(random.Random(1).randbytes(4000)), "unknown_kind", id="random-bytes"),
        pytest.param(b"%PDF-1.7\n1 0 obj", "unknown_kind", id="pdf"),
        pytest.param(b"<!DOCTYPE html><table><tr><td>Name", "unknown_kind", id="html"),
        pytest.param(b'<?xml version="1.0"?><Workbook>', "unknown_kind", id="xml-spreadsheet"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old_excel_format", id="old-excel"
        ),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
            id="encrypted-workbook",
        ),
    ],
)
def test_file_that_is_no_table_is_refused(data: bytes, code: str) -> None:
    assert problem(data).code == code


def test_unclosed_quote_is_refused_with_its_row() -> None:
    found = problem(b'Name,Supplier\nRota,"a\nb"\n"Fleet,Bell\nTill,Acme\n')
    assert found.row == 3
    assert "line 4" in found.detail


@pytest.mark.parametrize(
    ("cell", "clean"),
    [
        pytest.param("Ro\x00ta", "Rota", id="nul"),
        pytest.param("Rota\x07", "Rota", id="bell"),
        pytest.param("Ro\u200bta\ufeff", "Rota", id="zero-width"),
        pytest.param("Ro\xadta", "Rota", id="soft-hyphen"),
        pytest.param("\u202eRota\u202c", "Rota", id="direction"),
        pytest.param("Women\x92s rota", "Women’s rota", id="apostrophe-of-windows"),
    ],
)
def test_characters_that_nobody_sees_are_removed_with_notice(cell: str, clean: str) -> None:
    data = f"Name,Supplier\n{cell},Acme\nFleet,Bell\n".encode()
    table = read_table(data, field_of=known_headings(SYSTEM_FIELDS))
    assert table.rows[0].cells == (clean, "Acme")
    assert [(n.code, n.row, n.column) for n in table.notices] == [("cleaned", 2, "Name")]
    assert not table.problems


def test_formula_in_csv_is_read_as_text() -> None:
    table = read_table(b'Name,Note\n=1+1,"=HYPERLINK(""x"")"\n@sum,-3\n')
    assert [row.cells for row in table.rows] == [("=1+1", '=HYPERLINK("x")'), ("@sum", "-3")]


def test_csv_with_200_columns_is_read_and_with_1001_refused() -> None:
    def wide(count: int) -> bytes:
        return write_csv([[f"c{i}" for i in range(count)], ["x"] * count]).encode()

    assert len(read_table(wide(200)).columns) == 200
    assert problem(wide(1_001)).code == "too_many_columns"


def test_csv_with_too_many_rows_is_refused() -> None:
    data = b"Name\n" + b"x\n" * 41
    assert len(read_table(data, limits=Limits(rows=41)).rows) == 41
    with pytest.raises(TableProblem) as caught:
        read_table(data, limits=Limits(rows=40))
    assert caught.value.code == "too_many_rows"
    with pytest.raises(TableProblem) as caught:
        read_table(data, limits=Limits(rows=3))
    assert caught.value.code == "too_many_rows"


def test_unsuitable_sheet_or_delimiter_is_refused() -> None:
    assert problem(b"Name\nx\n", sheet="Systems").code == "sheet_not_found"
    assert read_table(b"Name\nx\n", sheet="1").kind == "csv"
    assert problem(b"Name\nx\n", delimiter="~").code == "unknown_delimiter"
    assert read_table(b"Name:a\tx\nb\tc\n", delimiter="tab").delimiter == "\t"

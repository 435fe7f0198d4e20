"""Hostile archives, which are refused before any sheet is laid out in memory."""

import io
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest

from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.archives import ArchiveLimits
from catalogue.data_exchange.spreadsheets.table import Limits
from catalogue.data_exchange.spreadsheets.tables import read_table
from tests.data_exchange.spreadsheets import ods, ods_rows, text_cell, with_part, xlsx, zipped

GOOD = xlsx(("S", [["Name", "Users"], ["Rota", 1]]))
SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes, limits: Limits | None = None) -> TableProblem:
    with pytest.raises(TableProblem) as caught:
        read_table(data, limits=limits)
    return caught.value


def cell(reference: str) -> bytes:
    return f'<c r="{reference}" t="inlineStr"><is><t>x</t></is></c>'.encode()


def rows_xml(*rows: bytes) -> bytes:
    return b"<sheetData>" + b"".join(rows) + b"</sheetData>"


def sheet_with(rows: bytes) -> bytes:
    def change(part: bytes) -> bytes:
        return part.split(b"<sheetData>")[0] + rows + part.split(b"</sheetData>")[1]

    return with_part(GOOD, SHEET, change)


def test_archive_part_with_extreme_compression_is_refused() -> None:
    bomb = with_part(GOOD, "xl/theme/theme1.xml", lambda _: b" " * (30 << 20))
    assert len(bomb) < 100_000
    found = refusal(bomb)
    assert found.code == "unsafe_archive"
    assert "200 times" in found.detail


def test_archive_is_refused_when_its_declared_size_is_too_large() -> None:
    limits = Limits(archive=ArchiveLimits(bytes_unpacked=1000))
    assert "declares a size" in refusal(GOOD, limits).detail


def test_archive_is_refused_when_it_declares_less_than_it_holds() -> None:
    bomb = bytearray(with_part(GOOD, "xl/theme/theme1.xml", lambda _: b" " * (30 << 20)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = bomb.find(signature)
        while place >= 0:
            struct.pack_into("<I", bomb, place + offset, 100)
            place = bomb.find(signature, place + 4)
    assert refusal(bytes(bomb)).code == "unsafe_archive"


def test_archive_with_overlapping_parts_is_refused() -> None:
    """The directory of the archive names one compressed part many times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = packer.compress(b" " * (1 << 20)) + packer.flush()
    header = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(kernel), 1 << 20, 0, 0)
    body = header + kernel
    central = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(kernel), 64, len(name),
            0, 0, 0, 0, 0, 0,
        )
        + name
        for name in (b"xl/workbook.xml", *(f"p{i}".encode() for i in range(500)))
    )  # fmt: skip
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 501, 501, len(central), len(body), 0)
    assert refusal(body + central + end).code == "unsafe_archive"


def test_archive_with_too_many_parts_is_refused() -> None:
    parts: dict[str, str | bytes] = {f"p{i}": b"" for i in range(2_001)}
    assert "2,002 parts" in refusal(zipped({"xl/workbook.xml": b"", **parts})).detail


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(rows_xml(
            b'<row r="1">' + cell("A1") + b'</row><row r="1048576">' + cell("XFD1048576") + b"</row>"
        ), id="first-and-last-cell"),
        pytest.param(rows_xml(b'<row r="1">' + cell("A1") + cell("XFD1") + b"</row>"), id="first-and-last-column"),
        pytest.param(rows_xml(b'<row r="1">' + cell("A1") + b'</row><row r="99999999">' + cell("A99999999")
                 + b"</row>"), id="row-beyond-the-sheet"),
        pytest.param(rows_xml(b"<row>" + cell("A1") + b'</row><row r="900000"><c><v>1</v></c></row>'), id="far-row-without-references"),
    ],
)  # fmt: skip
def test_sheet_with_cells_at_far_corners_is_refused(rows: bytes) -> None:
    """The reader would lay out the whole block between the cells, and run out of memory."""
    data = sheet_with(rows)
    assert len(data) < 20_000
    assert refusal(data).code in {"too_many_rows", "too_many_columns", "too_large"}


def test_sheet_with_too_many_cells_is_refused() -> None:
    rows = rows_xml(b'<row r="1">' + cell("ALA1") + b'</row><row r="190000">' + cell("A190000")
                    + b"</row>")  # fmt: skip
    assert refusal(sheet_with(rows)).code == "too_large"


def test_formatted_empty_cells_do_not_count_as_rows() -> None:
    rows = rows_xml(
        b'<row r="1">' + cell("A1") + b'</row><row r="2">' + cell("A2") + b"</row>"
        b'<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    assert len(read_table(sheet_with(rows)).rows) == 1


def test_sheet_part_that_is_no_worksheet_is_refused() -> None:
    """The reader follows every part that the workbook names."""
    hidden = b"junk <worksheet><sheetData>" + cell("XFD1048576")
    data = with_part(GOOD, SHEET, lambda _: hidden)
    assert refusal(data).code == "damaged"
    data = with_part(GOOD, SHEET, lambda _: b"<x>" + rows_xml(cell("XFD1048576")) + b"</x>")
    assert refusal(data).code == "damaged"


def test_ods_with_too_many_repeats_is_refused() -> None:
    row = f'<table:table-row table:number-rows-repeated="900000">{text_cell("x")}</table:table-row>'
    assert refusal(ods(("S", ods_rows([["Name"]]) + row))).code == "too_many_rows"
    wide = text_cell("x", 'table:number-columns-repeated="16000"')
    body = f"<table:table-row>{wide}</table:table-row>"
    assert refusal(ods(("S", body))).code == "too_many_columns"


def test_sheet_with_document_type_is_refused() -> None:
    """Entities that expand to other entities need a document type."""

    def change(part: bytes) -> bytes:
        entities = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        return part.replace(b"<worksheet", entities + b"<worksheet", 1)

    assert refusal(with_part(GOOD, SHEET, change)).code == "damaged"


def test_encrypted_archive_is_reported_as_encrypted() -> None:
    locked = bytearray(GOOD)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = locked.find(signature)
        while place >= 0:
            locked[place + offset] |= 1
            place = locked.find(signature, place + 4)
    assert refusal(bytes(locked)).code == "encrypted"


def test_refusal_names_the_kind_of_archive() -> None:
    assert "archive of other files" in refusal(zipped({"a.txt": b"", "systems.xlsx": GOOD})).detail
    assert "neither XLSX nor ODS" in refusal(zipped({"a.txt": b"hello"})).detail
    assert ".xlsb" in refusal(zipped({"a": b"", "xl/workbook.bin": b""})).detail
    assert "Numbers" in refusal(zipped({"a": b"", "Index/Document.iwa": b""})).detail


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(4, id="first-4-bytes"),
        pytest.param(30, id="first-30-bytes"),
        pytest.param(200, id="first-200-bytes"),
        pytest.param(0.5, id="first-half"),
        pytest.param(-1, id="all-but-the-last-byte"),
    ],
)
def test_truncated_workbook_is_reported_as_damaged(kept: float) -> None:
    size = int(len(GOOD) * kept) if 0 < kept < 1 else int(kept)
    assert refusal(GOOD[:size]).code == "damaged"


def test_workbook_with_any_byte_changed_is_read_or_refused() -> None:
    for place in range(0, len(GOOD), 211):
        spoilt = bytearray(GOOD)
        spoilt[place] ^= 0x55
        with suppress(TableProblem):
            read_table(bytes(spoilt))


def test_archive_with_unusual_compression_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "unsupported compression method" in refusal(target.getvalue()).detail

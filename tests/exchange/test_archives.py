"""Files made to harm: refused before anything is laid out in memory."""

import io
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest

from catalogue.exchange.problems import TableProblem
from catalogue.exchange.spreadsheets.archives import ArchiveLimits
from catalogue.exchange.spreadsheets.tables import Limits, read_table
from tests.exchange.spreadsheets import ods, ods_rows, text_cell, with_part, xlsx, zipped

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


def test_a_part_that_unpacks_to_far_too_much_is_refused() -> None:
    bomb = with_part(GOOD, "xl/theme/theme1.xml", lambda _: b" " * (30 << 20))
    assert len(bomb) < 100_000
    found = refusal(bomb)
    assert found.code == "unsafe_archive"
    assert "200 times" in found.detail


def test_the_declared_size_is_looked_at_first() -> None:
    limits = Limits(archive=ArchiveLimits(bytes_unpacked=1000))
    assert "says it unpacks" in refusal(GOOD, limits).detail


def test_the_declared_size_is_not_believed() -> None:
    bomb = bytearray(with_part(GOOD, "xl/theme/theme1.xml", lambda _: b" " * (30 << 20)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = bomb.find(signature)
        while place >= 0:
            struct.pack_into("<I", bomb, place + offset, 100)
            place = bomb.find(signature, place + 4)
    assert refusal(bytes(bomb)).code == "unsafe_archive"


def test_parts_that_overlap_are_counted_each_time() -> None:
    """The directory names one compressed part very many times."""
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


def test_too_many_parts_are_refused() -> None:
    parts: dict[str, str | bytes] = {f"p{i}": b"" for i in range(2_001)}
    assert "2,002 parts" in refusal(zipped({"xl/workbook.xml": b"", **parts})).detail


@pytest.mark.parametrize(
    "rows",
    [
        rows_xml(
            b'<row r="1">' + cell("A1") + b'</row><row r="1048576">' + cell("XFD1048576") + b"</row>"
        ),
        rows_xml(b'<row r="1">' + cell("A1") + cell("XFD1") + b"</row>"),
        rows_xml(b'<row r="1">' + cell("A1") + b'</row><row r="99999999">' + cell("A99999999")
                 + b"</row>"),
        rows_xml(b"<row>" + cell("A1") + b'</row><row r="900000"><c><v>1</v></c></row>'),
    ],
)  # fmt: skip
def test_cells_at_the_far_corners_are_refused_before_they_are_laid_out(rows: bytes) -> None:
    """The reader would ask for the whole block between them, and the process would die."""
    data = sheet_with(rows)
    assert len(data) < 20_000
    assert refusal(data).code in {"too_many_rows", "too_many_columns", "too_large"}


def test_a_block_of_too_many_cells_is_refused() -> None:
    rows = rows_xml(b'<row r="1">' + cell("ALA1") + b'</row><row r="190000">' + cell("A190000")
                    + b"</row>")  # fmt: skip
    assert refusal(sheet_with(rows)).code == "too_large"


def test_formatted_but_empty_cells_are_no_rows() -> None:
    rows = rows_xml(
        b'<row r="1">' + cell("A1") + b'</row><row r="2">' + cell("A2") + b"</row>"
        b'<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    )
    assert len(read_table(sheet_with(rows)).rows) == 1


def test_cells_hidden_in_another_part_are_refused() -> None:
    """The reader follows whatever part the workbook names."""
    hidden = b"junk <worksheet><sheetData>" + cell("XFD1048576")
    data = with_part(GOOD, SHEET, lambda _: hidden)
    assert refusal(data).code == "damaged"
    data = with_part(GOOD, SHEET, lambda _: b"<x>" + rows_xml(cell("XFD1048576")) + b"</x>")
    assert refusal(data).code == "damaged"


def test_repeats_without_end_are_refused() -> None:
    row = f'<table:table-row table:number-rows-repeated="900000">{text_cell("x")}</table:table-row>'
    assert refusal(ods(("S", ods_rows([["Name"]]) + row))).code == "too_many_rows"
    wide = text_cell("x", 'table:number-columns-repeated="16000"')
    body = f"<table:table-row>{wide}</table:table-row>"
    assert refusal(ods(("S", body))).code == "too_many_columns"


def test_a_document_type_is_refused() -> None:
    """Entities that expand to other entities need one."""

    def change(part: bytes) -> bytes:
        entities = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        return part.replace(b"<worksheet", entities + b"<worksheet", 1)

    assert refusal(with_part(GOOD, SHEET, change)).code == "damaged"


def test_a_protected_archive_is_named_so() -> None:
    locked = bytearray(GOOD)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = locked.find(signature)
        while place >= 0:
            locked[place + offset] |= 1
            place = locked.find(signature, place + 4)
    assert refusal(bytes(locked)).code == "encrypted"


def test_other_archives_are_told_apart() -> None:
    assert "files in it" in refusal(zipped({"a.txt": b"", "systems.xlsx": GOOD})).detail
    assert "neither XLSX nor ODS" in refusal(zipped({"a.txt": b"hello"})).detail
    assert ".xlsb" in refusal(zipped({"a": b"", "xl/workbook.bin": b""})).detail
    assert "Numbers" in refusal(zipped({"a": b"", "Index/Document.iwa": b""})).detail


@pytest.mark.parametrize("kept", [4, 30, 200, 0.5, -1])
def test_a_file_cut_short_is_damaged(kept: float) -> None:
    # Not by its length, which differs from process to process: a workbook tells when it was made.
    size = int(len(GOOD) * kept) if 0 < kept < 1 else int(kept)
    assert refusal(GOOD[:size]).code == "damaged"


def test_a_byte_changed_anywhere_is_read_or_refused() -> None:
    for place in range(0, len(GOOD), 211):
        spoilt = bytearray(GOOD)
        spoilt[place] ^= 0x55
        with suppress(TableProblem):
            read_table(bytes(spoilt))


def test_an_unusual_compression_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "unusual way" in refusal(target.getvalue()).detail

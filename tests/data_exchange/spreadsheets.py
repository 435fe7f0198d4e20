"""Spreadsheets for tests, built in code so that each test shows their content."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

EXCERPTS = Path(__file__).parent / "data"
REAL_FILES = Path(__file__).parents[3] / "shared" / "data" / "inventories"
"""The complete files that the excerpts come from, if they are available."""
with_real_files = pytest.mark.skipif(
    not REAL_FILES.is_dir(), reason=f"There are no inventories in {REAL_FILES.parent}"
)

Fill = Callable[[Any, Any], None]


def xlsx(*sheets: tuple[str, Sequence[Sequence[Any]] | Fill]) -> bytes:
    """Build a workbook from rows of values, or from a function of the sheet and workbook."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        # The bytes are the same on every day, so that a test which changes some is repeatable.
        book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001 - it has no zone
        for name, content in sheets:
            sheet = book.add_worksheet(name)
            if callable(content):
                content(sheet, book)
            else:
                for number, row in enumerate(content):
                    sheet.write_row(number, 0, row)
    return target.getvalue()


def text_cell(text: str, attributes: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string" {attributes}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def ods(*tables: tuple[str, str]) -> bytes:
    """Build an OpenDocument spreadsheet from tables, each with a name and rows in XML."""
    body = "".join(
        f'<table:table table:name="{name}">{rows}</table:table>' for name, rows in tables
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": (
                f'<?xml version="1.0"?><m:manifest xmlns:m="{space}:manifest:1.0">'
                '<m:file-entry m:full-path="/" '
                'm:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
                '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>'
            ),
            "content.xml": (
                '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
                f'xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
                f'xmlns:text="{space}:text:1.0" '
                'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
                f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
                "</office:document-content>"
            ),
        }
    )


def ods_rows(rows: Sequence[Sequence[str]]) -> str:
    return "".join(
        f"<table:table-row>{''.join(map(text_cell, row))}</table:table-row>" for row in rows
    )


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Build an archive whose first part is not compressed, as OpenDocument requires."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, (name, content) in enumerate(parts.items()):
            kind = zipfile.ZIP_DEFLATED if place else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(name), content, kind)
    return target.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return an archive with one part replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {
            found: change(archive.read(found)) if found == name else archive.read(found)
            for found in archive.namelist()
        }
    return zipped(parts)

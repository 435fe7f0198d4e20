"""ODS files (OpenDocument 1.3), whose XML is written to the archive row by row."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from catalogue.core.tables.cells import MOST_ROWS, Cell, TooManyRows

ODS_MEDIA = "application/vnd.oasis.opendocument.spreadsheet"
_SPACE = "urn:oasis:names:tc:opendocument:xmlns"
_START = "<?xml version='1.0' encoding='UTF-8'?>\n"
_MANIFEST = (
    f"{_START}<manifest:manifest xmlns:manifest='{_SPACE}:manifest:1.0' manifest:version='1.3'>"
    f"<manifest:file-entry manifest:full-path='/' manifest:media-type='{ODS_MEDIA}'/>"
    "<manifest:file-entry manifest:full-path='content.xml' manifest:media-type='text/xml'/>"
    "</manifest:manifest>"
)
_NUMBER_PART = "<number:{0} number:style='long'/>"
_DAY = "<number:text>-</number:text>".join(
    _NUMBER_PART.format(part) for part in ("year", "month", "day")
)
_TIME = "<number:text>:</number:text>".join(
    _NUMBER_PART.format(part) for part in ("hours", "minutes", "seconds")
)
_STYLES = (
    f"<number:date-style style:name='N1'>{_DAY}</number:date-style>"
    f"<number:date-style style:name='N2'>{_DAY}<number:text> </number:text>{_TIME}"
    "</number:date-style>"
    "<number:number-style style:name='N3'><number:number number:decimal-places='2' "
    "number:min-integer-digits='1' number:grouping='true'/></number:number-style>"
    + "".join(
        f"<style:style style:name='{name}' style:family='table-cell' "
        f"style:data-style-name='{data}'/>"
        for name, data in (("day", "N1"), ("moment", "N2"), ("amount", "N3"))
    )
    + "<style:style style:name='heading' style:family='table-cell'>"
    "<style:text-properties fo:font-weight='bold'/></style:style>"
)
_NAMES = " ".join(
    f"xmlns:{prefix}='{space}'"
    for prefix, space in {
        "office": f"{_SPACE}:office:1.0",
        "table": f"{_SPACE}:table:1.0",
        "text": f"{_SPACE}:text:1.0",
        "style": f"{_SPACE}:style:1.0",
        "number": f"{_SPACE}:datastyle:1.0",
        "fo": f"{_SPACE}:xsl-fo-compatible:1.0",
    }.items()
)
_BEGIN = (
    f"{_START}<office:document-content {_NAMES} office:version='1.3'>"
    f"<office:automatic-styles>{_STYLES}</office:automatic-styles>"
    "<office:body><office:spreadsheet><table:table table:name={name}>"
)
_END = "</table:table></office:spreadsheet></office:body></office:document-content>"
_EMPTY = "<table:table-cell/>"
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold."""
_UNUSUAL_SPACE = re.compile(" {2,}|^ | $")
# A tab stays a character, which LibreOffice shows as a space. An import would lose an element.
_LINE_END = re.compile(r"\r\n|\r|\n")
_BATCH = 500


def write_ods(
    target: IO[bytes], sheet_name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write headings and rows as one sheet. Moments are in UTC. Raises TooManyRows."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        # Programs recognise the format by this first part, which must not be compressed.
        archive.writestr(_part("mimetype", zipfile.ZIP_STORED), ODS_MEDIA)
        archive.writestr(_part("META-INF/manifest.xml"), _MANIFEST)
        with archive.open(_part("content.xml"), "w") as content:
            content.write(_BEGIN.format(name=quoteattr(sheet_name)).encode())
            top = "".join(_text_cell(heading, "heading") for heading in headings)
            content.write(f"<table:table-row>{top}</table:table-row>".encode())
            pieces: list[str] = []
            for number, row in enumerate(rows, 1):
                if number > MOST_ROWS:
                    raise TooManyRows
                pieces.append(_row(row))
                if len(pieces) == _BATCH:
                    content.write("".join(pieces).encode())
                    pieces.clear()
            content.write("".join([*pieces, _END]).encode())


def _part(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """Make an entry with a constant time, so that the same records give the same bytes."""
    part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    part.compress_type = compression
    return part


def _row(row: Sequence[Cell]) -> str:
    return f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>"


def _cell(cell: Cell) -> str:
    if cell is None:
        return _EMPTY
    if isinstance(cell, str):
        return _text_cell(cell)
    if isinstance(cell, bool):
        return _value("boolean", "boolean-value", "true" if cell else "false")
    if isinstance(cell, datetime):
        moment = cell.astimezone(UTC).replace(tzinfo=None).isoformat()
        return _value("date", "date-value", moment, "moment")
    if isinstance(cell, date):
        return _value("date", "date-value", cell.isoformat(), "day")
    return _value("float", "value", str(cell), "amount" if isinstance(cell, Decimal) else None)


def _value(kind: str, attribute: str, text: str, style: str | None = None) -> str:
    styled = f" table:style-name='{style}'" if style else ""
    return (
        f"<table:table-cell{styled} office:value-type='{kind}' office:{attribute}='{text}'>"
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def _text_cell(text: str, style: str | None = None) -> str:
    styled = f" table:style-name='{style}'" if style else ""
    lines = _LINE_END.split(_INVALID.sub("", text)) if not text.isprintable() else [text]
    paragraphs = "".join(
        f"<text:p>{_UNUSUAL_SPACE.sub(_space, escape(line))}</text:p>" for line in lines
    )
    return f"<table:table-cell{styled} office:value-type='string'>{paragraphs}</table:table-cell>"


def _space(match: re.Match[str]) -> str:
    """Return the element for spaces that a reader of XML would merge."""
    return f"<text:s text:c='{len(match[0])}'/>"

"""JSON documents in a file, in the forms that publishers use, with the place of every error.

A file holds a single document, a document on each line, or several documents one after another. It
can be compressed with gzip, as registries of OCDS data offer it.
"""

import json
import re
import zlib
from dataclasses import dataclass, field
from typing import Any

import orjson

from catalogue.data_exchange.problems import TableProblem, quoted

MOST_UNPACKED = 100 * 1024 * 1024
"""The largest size in bytes to which a compressed file can unpack."""

_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_NOT_NUMBERS = ("NaN", "Infinity", "undefined")
_SHOWN = 40
_SPACE = re.compile(r"[\s,]*")


@dataclass
class Documents:
    """The documents of a file, each with the number of its first line, and the faulty lines."""

    kind: str
    """`json`, `json_lines` or `json_sequence`."""
    found: list[tuple[int, Any]] = field(default_factory=list)
    problems: list[TableProblem] = field(default_factory=list)


def read_documents(content: bytes) -> Documents:
    """Return the documents of a file. Raises TableProblem if the file is not JSON."""
    text = _text(_unpacked(content).removeprefix(_MARK))
    begin = text.lstrip()[:1]
    if not begin:
        raise TableProblem("empty_file", "The file is empty. Send a file with OCDS releases.")
    if begin not in "{[":
        raise TableProblem(
            "not_json",
            f"The file is not JSON, because it begins with “{quoted(text.lstrip()[:_SHOWN])}”. "
            "Download the OCDS releases as JSON, and send that file.",
        )
    try:
        return Documents("json", [(1, orjson.loads(text))])
    except orjson.JSONDecodeError as error:
        return _lines(text) or _sequence(text) or _refuse(text, error)


def _unpacked(content: bytes) -> bytes:
    if content.startswith(b"PK\x03\x04"):
        raise TableProblem(
            "unknown_kind",
            "The file is a ZIP archive or a workbook. Send the OCDS releases as JSON, unpacked.",
        )
    if not content.startswith(_GZIP):
        return content
    unpacked = bytearray()
    waiting = content
    while waiting.startswith(_GZIP):  # a file can have several members
        inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            unpacked += inflater.decompress(waiting, MOST_UNPACKED + 1 - len(unpacked))
        except zlib.error:
            raise TableProblem(
                "damaged", "The gzip file cannot be unpacked. Download it again."
            ) from None
        if len(unpacked) > MOST_UNPACKED:
            raise TableProblem(
                "too_large",
                f"The gzip file unpacks to more than {MOST_UNPACKED >> 20} MiB. Split the file, "
                "and send the parts.",
            )
        if not inflater.eof:
            raise TableProblem("damaged", "The gzip file is cut short. Download it again.")
        waiting = inflater.unused_data
    return bytes(unpacked)


def _text(data: bytes) -> str:
    if data.startswith(_WIDE_MARKS) or b"\x00" in data[:4]:
        raise TableProblem(
            "broken_encoding",
            "The file is UTF-16 or UTF-32, but OCDS requires UTF-8. Save the file as UTF-8.",
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        byte = data[error.start : error.start + 1].hex().upper()
        raise TableProblem(
            "broken_encoding",
            f"The file is not valid UTF-8: byte 0x{byte} in line {line}, column {column}. It is "
            "probably Latin-1 or Windows-1252. Save the file as UTF-8.",
        ) from None


def _lines(text: str) -> Documents | None:
    """Return the document on each line, or None if the text is not JSON Lines."""
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if sum(line.startswith(("{", "[")) for _, line in lines) * 2 < len(lines):
        return None
    documents = Documents("json_lines")
    for number, line in lines:
        try:
            documents.found.append((number, orjson.loads(line)))
        except orjson.JSONDecodeError as error:
            reason, action = _fault(line, error)
            detail = f"The line is not valid JSON: {reason} in column {error.colno}. {action}."
            documents.problems.append(
                TableProblem("malformed_json", detail, number, value=quoted(line[:200]))
            )
    return documents if any(isinstance(each, dict) for _, each in documents.found) else None


def _sequence(text: str) -> Documents | None:
    """Return the documents that follow one another, or None if the first one is faulty."""
    documents = Documents("json_sequence")
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    position, line = 0, 1
    while True:
        start = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        line += text.count("\n", position, start)
        if start == len(text):
            return documents
        try:
            _, position = decoder.raw_decode(text, start)
            documents.found.append((line, orjson.loads(text[start:position])))
        except (ValueError, RecursionError) as error:
            if not documents.found:
                return None
            place = error.lineno if isinstance(error, json.JSONDecodeError) else line
            detail = (
                f"The document that begins in line {line} is not valid JSON near line {place}. "
                "Correct the document."
            )
            documents.problems.append(TableProblem("malformed_json", detail, line))
            return documents
        line += text.count("\n", start, position)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _refuse(text: str, error: orjson.JSONDecodeError) -> Documents:
    reason, action = _fault(text, error)
    raise TableProblem(
        "malformed_json",
        f"The file is not valid JSON: {reason} in line {error.lineno}, column {error.colno}. "
        f"{action}.",
    )


def _fault(text: str, error: orjson.JSONDecodeError) -> tuple[str, str]:
    """Return the fault at the place of an error, and what to do about it."""
    # If the name has a sign, such as -Infinity, the place of the error is after the sign.
    after = text[max(error.pos - 1, 0) :][:_SHOWN].lstrip("-+ :[,")
    name = next((each for each in _NOT_NUMBERS if after.startswith(each)), None)
    if name:
        return f"“{name}” is not a JSON value", "Replace it with a number or null"
    if error.pos >= len(text.rstrip()) - 1 and "end of data" in error.msg:
        return "the text is cut short", "Download the file again"
    if "trailing comma" in error.msg:
        return "a comma stands before a closing bracket", "Remove the comma"
    return error.msg, "Correct the place, or download the file again"

"""CSV and similar files: the delimiter and the cells."""

import csv
import io
from collections import Counter

from catalogue.data_exchange.problems import TableProblem
from catalogue.data_exchange.spreadsheets.headings import SEARCHED_ROWS, FieldOf

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_RECORDS = 200
_LONGEST_HEADING = 100
_TITLE, _MOST_TITLES = 0.06, 3
"""The evenness that a delimiter loses for each row above the table, and the most such rows."""


def known_delimiter(name: str) -> str:
    """Return the delimiter for its name or character. Raises TableProblem if it is unknown."""
    for character, word in DELIMITERS.items():
        if name in {character, word} or (character == "\t" and name == "\\t"):
            return character
    raise TableProblem(
        "unknown_delimiter",
        f"The delimiter is unknown. Use one of {', '.join(DELIMITERS.values())}.",
    )


def read_delimited(
    text: str, *, delimiter: str | None, most_rows: int, field_of: FieldOf | None = None
) -> tuple[list[list[str]], str]:
    """Return the records and the delimiter. Blank records stay, so that indexes give row numbers.

    Quotes are read strictly. Otherwise an open quote would turn the rest of the file into one cell,
    and nobody would notice.
    """
    blank_records = 0
    if delimiter is None and (named := _named_in_first_line(text)):
        delimiter, text = named, text.partition("\n")[2]
        blank_records = 1  # the line that names the delimiter is a row of the sheet
    delimiter = delimiter or _guess(text, field_of)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = [[]] * blank_records
    line = 1
    try:
        for record in reader:
            records.append(record)
            line = reader.line_num + 1
            if len(records) > most_rows:
                raise TableProblem(
                    "too_many_rows",
                    f"The file has more than {most_rows:,} rows. Split the file, and send the "
                    "parts.",
                )
    except csv.Error as error:
        raise _unreadable(error, row=len(records) + 1, line=line + blank_records) from None
    return records, delimiter


def _unreadable(error: csv.Error, *, row: int, line: int) -> TableProblem:
    if "field limit" in str(error):
        return TableProblem(
            "cell_too_long",
            f"A cell of the record that starts on line {line} is longer than "
            f"{csv.field_size_limit():,} characters. Check that every quote is closed.",
            row=row,
        )
    return TableProblem(
        "bad_quoting",
        f"The quotes of the record that starts on line {line} do not match. Write a quote "
        "inside a quoted cell twice.",
        row=row,
    )


def _named_in_first_line(text: str) -> str | None:
    """Return the delimiter that Excel names in a first line such as `sep=;`."""
    first = text[:16].split("\n", 1)[0].strip().strip('"')
    named = first[4:] or "\t" if first.lower().startswith("sep=") else ""
    return named if named in DELIMITERS else None


def _guess(text: str, field_of: FieldOf | None) -> str:
    """Return the delimiter that gives known headings, or else the most even and widest rows.

    Titles above a table can hold other delimiters, and so can numbers and descriptions in it. So
    the evenness is measured from the first row of the usual width.
    """
    best, best_score = ",", (0, 0.0, 0)
    for delimiter in DELIMITERS:
        records = _sample(text, delimiter)
        widths = [len(record) for record in records]
        if not widths:
            continue
        width = Counter(widths).most_common(1)[0][0]
        if width == 1:
            continue
        known = _known(records, field_of) if field_of else 0
        first = widths.index(width)
        table = widths[first:]
        even = table.count(width) / len(table) - _TITLE * min(first, _MOST_TITLES)
        score = (known if known > 1 else 0, even, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _known(records: list[list[str]], field_of: FieldOf) -> int:
    """Return the largest number of different known headings in a row."""
    return max(
        len({field_of(cell) for cell in record if len(cell) <= _LONGEST_HEADING} - {None})
        for record in records[:SEARCHED_ROWS]
    )


def _sample(text: str, delimiter: str) -> list[list[str]]:
    """Return the first records that are not blank, or none if the quotes fit another delimiter."""
    whole = len(text) <= _SAMPLE_CHARACTERS
    sample = text[:_SAMPLE_CHARACTERS]
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            if record and any(cell.strip() for cell in record):
                records.append(record)
            if len(records) == _SAMPLE_RECORDS:
                return records
    except csv.Error as error:
        # Quotes that fit another delimiter do not fit this one. A sample cut off inside a quote
        # is no sign of that.
        if whole or "unexpected end" not in str(error):
            return []
    return records if whole else records[:-1]

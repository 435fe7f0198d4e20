"""CSV and similar files: the delimiter and the cells."""

import csv
import io
from collections import Counter

from catalogue.data_exchange.problems import TableProblem

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_RECORDS = 200


def known_delimiter(name: str) -> str:
    """Return the delimiter for its name or character."""
    for character, word in DELIMITERS.items():
        if name in {character, word} or (character == "\t" and name == "\\t"):
            return character
    raise TableProblem(
        "unknown_delimiter",
        f"The delimiter is unknown. Use one of {', '.join(DELIMITERS.values())}.",
    )


def read_delimited(
    text: str, *, delimiter: str | None, most_rows: int
) -> tuple[list[list[str]], str]:
    """Return every record, including blank ones, so that an index gives the row number.

    Quotes are read strictly. Otherwise an open quote would turn the rest of the file into one cell,
    and nobody would notice.
    """
    blank_records = 0
    if delimiter is None and (named := _named_in_first_line(text)):
        delimiter, text = named, text.partition("\n")[2]
        blank_records = 1  # the line that names it is a row of the sheet
    delimiter = delimiter or _guess(text)
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
                    f"The file has more than {most_rows:,} rows. Split the file and send the parts.",
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


def _guess(text: str) -> str:
    """Return the delimiter that gives most records the same, and largest, number of cells."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter)
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        # The heading counts most: descriptions may be full of commas, headings are not.
        score = (count / len(widths) + (widths[0] == width), width) if width > 1 else (0.0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    whole = len(text) <= _SAMPLE_CHARACTERS
    sample = text[:_SAMPLE_CHARACTERS]
    widths: list[int] = []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            if record and any(cell.strip() for cell in record):
                widths.append(len(record))
            if len(widths) == _SAMPLE_RECORDS:
                return widths
    except csv.Error as error:
        # Quotes that fit another delimiter do not fit this one. A sample cut off inside a quote
        # is no sign of that.
        if whole or "unexpected end" not in str(error):
            return []
    return widths if whole else widths[:-1]

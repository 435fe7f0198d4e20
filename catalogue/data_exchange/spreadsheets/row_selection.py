"""The rows below the headings that are not records, such as totals, sources and notes.

A row is left out only for a reason that its own cells and the other rows show, and a notice names
the row. A row with only a name stays between full rows, or where most rows have only a name.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from catalogue.data_exchange.problems import TableProblem, column_letter, quoted
from catalogue.data_exchange.spreadsheets.headings import Merges, is_blank

_TOTALS = frozenset({
    "total", "totals", "grand total", "sub total", "subtotal", "sub totals", "subtotals",
    "overall total", "sum", "average", "total number of systems", "number of systems",
})  # fmt: skip
_FIGURES = frozenset({"count", "max", "maximum", "min", "minimum", "mean", "median", "all"})
"""Words before figures of a whole column, which can also be names of systems."""
_TOTAL_OF = re.compile(r"(?:(?:grand|sub|overall) ?)?totals?\b.*|.*\btotals?", re.DOTALL)
_COMMENT = re.compile(r"#+\s+[^\W\d]|//\s")
_NOTE = re.compile(
    r"(?:sources?|notes?|footnotes?|key|legend|caveats?|disclaimer|n\.?b\.?)\s*:"
    r"|n\.?b\.?\s|©|copyright\b|end of (?:export|report|file|list|table|sheet|data|register)\b"
    r"|page \d+\b|contains public sector information|licen[cs]ed under "
    r"|(?:printed|exported|generated|extracted|downloaded|produced|prepared|compiled"
    r"|last updated|updated|last reviewed|data correct|correct)(?:\s*:| (?:on|by|at|as at|from) )"
    r"|(?:figures|data) (?:is|are|as|correct)\b"
    r"|\d+ (?:rows?|records?|systems|applications|items|entries)\b[^,;]{0,20}$",
    re.IGNORECASE,
)
_SUSPECT = re.compile(
    r"\s*(?:#|//|(?:(?:sub|grand|overall)[ -]?)?totals?\b|sum\b|average\b|(?:total )?number of\b)"
    r"|.{0,60}\btotals?\s*$",
    re.IGNORECASE,
)
"""The first cells of rows that are checked even if they are full."""
_MARKED = re.compile(r"(?:\*{1,3}|[†‡§]|\[\d+\]|\(\d+\))\s*\S")
_NUMBER = re.compile(r"[£$€]?\s*[+-]?[\d,. ]*\d\s*%?")
_SENTENCE = 60
_FULL_ROW = 3
_SHORT = 2


@dataclass(frozen=True, slots=True)
class Selection:
    """The numbers of the rows that are left out, and the notices about rows."""

    left_out: frozenset[int] = frozenset()
    notices: list[TableProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    filled: tuple[tuple[int, Any], ...]

    @property
    def text(self) -> str:
        return " ".join(str(self.filled[0][1]).split())


def select_rows(
    rows: Iterable[tuple[int, Sequence[Any]]],
    headings: Sequence[str],
    *,
    identity: int,
    merges: Merges = (),
) -> Selection:
    """Return the rows that are not records. `identity` is the index of the column of names."""
    table = [(number, cells, len(cells) - cells.count(None)) for number, cells in rows]
    names = {heading.casefold() for heading in headings if heading}
    reasons: dict[int, str] = {}
    usual = _usual([count for _, _, count in table if count > 1])
    merged = _merged_rows(merges)
    lines = [
        line
        for number, cells, count in table
        if (count < usual or count <= _SHORT or number in merged or _is_suspect(cells, names))
        and (line := _line(number, cells)).filled
    ]
    for line in lines:
        if reason := _marked_reason(line, headings, names, identity, usual):
            reasons[line.number] = reason
    single = [line for line in lines if len(line.filled) == 1 and line.number not in reasons]
    notices: list[TableProblem] = []
    rest = [cells for number, cells, _ in table if number not in reasons]
    if single and len(single) * 2 <= len(rest):
        first = min(_line(0, cells).filled[0][0] for cells in rest if not all(map(is_blank, cells)))
        bare = {line.number for line in single}
        full = [number for number, _, _ in table if number not in reasons and number not in bare]
        for line in single:
            # Sections begin at the top of a table, and notes stand below its last record.
            apart = min(bare) < full[0] or line.number > full[-1]
            _single(
                line,
                first,
                rest,
                headings,
                identity,
                apart and usual >= _FULL_ROW,
                reasons,
                notices,
            )
    reasons |= _continuations(lines, identity, merges, reasons)
    notices += [
        TableProblem(
            "row_left_out",
            f"Row {line.number} is left out: {reasons[line.number]}.",
            line.number,
            value=quoted("; ".join(str(cell) for _, cell in line.filled)),
        )
        for line in lines
        if line.number in reasons
    ]
    return Selection(frozenset(reasons), sorted(notices, key=lambda each: each.row or 0))


def _usual(counts: list[int]) -> int:
    """Return the number of cells that a quarter of the rows reach. Footers have fewer."""
    return sorted(counts)[len(counts) * 3 // 4] if counts else 1


def _line(number: int, cells: Sequence[Any]) -> _Line:
    return _Line(number, tuple((i, cell) for i, cell in enumerate(cells) if not is_blank(cell)))


def _is_suspect(cells: Sequence[Any], names: set[str]) -> bool:
    """Return whether a full row can be a total, a comment or a repetition of the headings."""
    first = next((cell for cell in cells if cell is not None), None)
    if not isinstance(first, str):
        return first is None
    return bool(_SUSPECT.match(first)) or " ".join(first.split()).casefold() in names


def _marked_reason(
    line: _Line, headings: Sequence[str], names: set[str], identity: int, usual: int
) -> str | None:
    """Return the reason to leave out a row, if its words alone show that it is not a record."""
    text, cells = line.text, line.filled
    shown = quoted(text)
    if _repeats_headings(cells, headings, names):
        return "it repeats the headings"
    if _COMMENT.match(text) or (text.startswith("#") and text[1:2].isalpha() and _is_comment(line)):
        return f"it is a comment (“{shown}”)"
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    others = cells[1:]
    if words in _TOTALS or (
        others
        and (_TOTAL_OF.fullmatch(words) or (words in _FIGURES and len(cells) < usual))
        and all(_is_number(cell) for _, cell in others)
    ):
        return f"it is a total (“{shown}”)"
    is_short = len(cells) < usual or len(cells) <= 2
    if is_short and cells[0][0] <= identity and _NOTE.match(text):
        return f"it is a note or a source (“{shown}”)"
    if len(cells) == 1 and _MARKED.match(text) and (usual > 1 or len(text) > _SENTENCE):
        return f"it is a footnote (“{shown}”)"
    if all(index != identity and _is_number(cell) for index, cell in cells) and (
        len(cells) < usual
    ):
        return f"it has only numbers and no name (“{shown}”)"
    return None


def _repeats_headings(
    cells: tuple[tuple[int, Any], ...], headings: Sequence[str], names: set[str]
) -> bool:
    if len(cells) == 1 < len(names):
        return False
    return all(
        isinstance(cell, str)
        and index < len(headings)
        and " ".join(cell.split()).casefold() == headings[index].casefold()
        for index, cell in cells
    )


def _is_comment(line: _Line) -> bool:
    return len(line.filled) == 1 and " " in line.text


def _is_number(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(_NUMBER.fullmatch(cell.strip()))
    return not isinstance(cell, bool | date | time)


def _single(
    line: _Line,
    first: int,
    rest: list[Sequence[Any]],
    headings: Sequence[str],
    identity: int,
    is_apart: bool,
    reasons: dict[int, str],
    notices: list[TableProblem],
) -> None:
    """Decide whether a row with one value is a record, in a table whose rows have more values."""
    index, text = line.filled[0][0], line.text
    if index not in {first, identity}:
        return
    place = "its first cell" if index == first else f"its cell in column {column_letter(index)}"
    if index != identity or is_apart or _looks_like_heading(text, rest, identity):
        reasons[line.number] = f"only {place} has a value (“{quoted(text)}”)"
        return
    label = headings[index] if index < len(headings) else None
    notices.append(
        TableProblem(
            "only_a_name",
            f"Row {line.number} has only a name (“{quoted(text)}”), and is read as a record. "
            "Delete the row if it is a heading or a note.",
            line.number,
            label,
            quoted(text),
        )
    )


def _looks_like_heading(text: str, rest: list[Sequence[Any]], identity: int) -> bool:
    if text.endswith((":", ".")) or len(text) > _SENTENCE:
        return True
    full = [str(cells[identity]) for cells in rest if not is_blank(cells[identity])]
    return text.isupper() and " " in text and sum(map(str.isupper, full)) * 2 < len(full)


def _continuations(
    lines: list[_Line], identity: int, merges: Merges, reasons: dict[int, str]
) -> dict[int, str]:
    """Return the reasons to leave out rows whose name is merged with that of the row above."""
    by_number = {line.number: line for line in lines}
    continued: dict[int, str] = {}
    reached = 0
    for (top, left), (bottom, right) in sorted(merges):
        source = by_number.get(top + 1)
        if source is None or not left <= identity <= right or source.number in reasons:
            continue
        # No spreadsheet program makes overlapping ranges, but a file can hold them.
        for number in range(max(top + 2, reached), bottom + 2):
            line = by_number.get(number)
            if line is None or number in reasons:
                continue
            values = "; ".join(str(cell) for index, cell in line.filled if index != identity)
            continued[number] = (
                f"its name is merged with row {source.number}, so that both are about one record. "
                f"Its other values are “{quoted(values)}”"
            )
        reached = max(reached, bottom + 2)
    return continued


def _merged_rows(merges: Merges) -> set[int]:
    """Return the numbers of the rows that cells merged downwards cover."""
    numbers: set[int] = set()
    reached = 0
    for top, bottom in sorted({(first[0], last[0]) for first, last in merges}):
        if bottom > top:
            numbers.update(range(max(top + 1, reached), bottom + 2))
            reached = max(reached, bottom + 2)
    return numbers

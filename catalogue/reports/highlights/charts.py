"""Charts as SVG: horizontal bars, each with its name and its figure beside it.

They are drawn here, since no library draws the same bytes from one release to the next. A chart
has a title and a description for those who do not see it, and its figures follow as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_INK, _BAR, _PART, _TRACK = "#1b1f24", "#1d4f91", "#8fb4dc", "#e3e8ee"
_WIDTH, _NAMES, _FIGURES, _ROW = 720, 220, 130, 30


@dataclass(frozen=True)
class Bar:
    """A bar: what it is called, how long it is, how much of it is filled, and its figure."""

    name: str
    length: float
    figure: str
    filled: float | None = None


def bars(
    title: str, description: str, rows: Sequence[Bar], *, key: str, font: str = "sans-serif"
) -> str:
    """The chart. `key` makes the ids of its title and description its own in the page."""
    longest = max((row.length for row in rows), default=0) or 1
    height = _ROW * len(rows) + 8
    room = _WIDTH - _NAMES - _FIGURES
    drawn = []
    for place, row in enumerate(rows):
        top = 4 + place * _ROW
        width = round(room * max(row.length, 0) / longest, 1)
        filled = width if row.filled is None else round(room * max(row.filled, 0) / longest, 1)
        drawn.append(
            f'<text x="{_NAMES - 10}" y="{top + 19}" text-anchor="end">{_short(row.name)}</text>'
            f'<rect x="{_NAMES}" y="{top + 4}" width="{room}" height="20" fill="{_TRACK}"/>'
        )
        if row.filled is not None:
            drawn.append(_rect(top, width, _PART))
        drawn.append(_rect(top, filled, _BAR))
        drawn.append(f'<text x="{_NAMES + room + 10}" y="{top + 19}">{escape(row.figure)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="{key}-title {key}-description" font-family="{font}" font-size="15" '
        f'fill="{_INK}">'
        f'<title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-description">{escape(description)}</desc>{"".join(drawn)}</svg>'
    )


def _rect(top: int, width: float, colour: str) -> str:
    return f'<rect x="{_NAMES}" y="{top + 4}" width="{width}" height="20" fill="{colour}"/>'


def _short(name: str) -> str:
    # The whole name stands in the table.
    return escape(name if len(name) <= 28 else f"{name[:27]}…")

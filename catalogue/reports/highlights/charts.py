"""Charts as SVG: horizontal bars, each with its name and its figure beside it.

They are drawn here, since no library draws the same bytes from one release to the next. A chart
has a title and a description for those who do not see it, and its figures follow as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.reports.highlights.markup import filled_in

_NAMES, _ROOM, _FIGURES, _ROW = 220, 370, 130, 30


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

    def width(length: float) -> float:
        return round(_ROOM * max(length, 0) / longest, 1)

    drawn = [
        {
            "top": 4 + place * _ROW,
            # The whole name stands in the table.
            "name": row.name if len(row.name) <= 28 else f"{row.name[:27]}…",
            "figure": row.figure,
            "width": width(row.length),
            "filled": width(row.length if row.filled is None else row.filled),
            "is_divided": row.filled is not None,
        }
        for place, row in enumerate(rows)
    ]
    return filled_in(
        "chart.svg",
        title=title,
        description=description,
        rows=drawn,
        names=_NAMES,
        room=_ROOM,
        figures=_FIGURES,
        height=_ROW * len(rows) + 8,
        key=key,
        font=font,
    )
